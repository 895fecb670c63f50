/* malloc with one answer to "no memory": the handler of main(). */
#include "base/mem.h"

#include <stdlib.h>

static void (*failure_handler)(void);

static void *
checked(void *ptr)
{
	if (ptr == NULL) {
		if (failure_handler != NULL)
			failure_handler();
		abort();
	}
	return ptr;
}

void *
mem_alloc(size_t size)
{
	return checked(calloc(1, size == 0 ? 1 : size));
}

void *
mem_resize(void *old, size_t size)
{
	return checked(realloc(old, size == 0 ? 1 : size));
}

void
mem_free(void *ptr)
{
	free(ptr);
}

void
mem_on_failure(void (*handler)(void))
{
	failure_handler = handler;
}
