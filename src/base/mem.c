/* malloc with one answer to "no memory": the handler of main(). */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL = 1024 };

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

/* What is small comes from malloc's cache of freed blocks, which calloc of
 * glibc passes by; what is large may be zero already. */
void *
mem_alloc(size_t size)
{
	if (size == 0 || size > SMALL)
		return checked(calloc(1, size == 0 ? 1 : size));
	return memset(checked(malloc(size)), 0, size);
}

void *
mem_resize(void *old, size_t size)
{
	return checked(realloc(old, size == 0 ? 1 : size));
}

void *
mem_try_resize(void *old, size_t size)
{
	return realloc(old, size == 0 ? 1 : size);
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
