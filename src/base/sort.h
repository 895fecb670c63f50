/* Sorting without a system call. */
#ifndef QUOTH_BASE_SORT_H
#define QUOTH_BASE_SORT_H

#include <stddef.h>

/* As qsort(3), in place. */
void sort_heap(void *items, size_t count, size_t size,
    int (*order)(const void *, const void *));

#endif
