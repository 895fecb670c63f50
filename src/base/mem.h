/*
 * The only place that calls malloc. A failed allocation does not return: it
 * calls the handler that main() installed (which says so and ends the process
 * with exit code 70), because no caller could do better and the reports on
 * disk already read "not run".
 */
#ifndef QUOTH_BASE_MEM_H
#define QUOTH_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                   /* zeroed; mem_free() it */
void *mem_resize(void *old, size_t size);       /* new octets are not zeroed */
void mem_free(void *ptr);

/* For who can do better than end: NULL when there is no memory. */
void *mem_try_resize(void *old, size_t size);

/* `handler` must not return. Without one: abort(). */
void mem_on_failure(void (*handler)(void));

#endif
