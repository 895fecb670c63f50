/*
 * One lifetime, one arena: everything allocated here dies together. Memory is
 * zeroed and aligned for any object.
 */
#ifndef QUOTH_BASE_ARENA_H
#define QUOTH_BASE_ARENA_H

#include "base/span.h"

#include <stdarg.h>

struct arena_block;
struct arena {
	struct arena_block *top;
	size_t              used;       /* octets handed out, for limits */
};

void *arena_alloc(struct arena *arena, size_t size);
struct span arena_copy(struct arena *arena, struct span bytes);
const char *arena_cstr(struct arena *arena, struct span bytes); /* + NUL */
const char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *arena_vprintf(struct arena *arena, const char *format,
    va_list args);
void arena_free(struct arena *arena);           /* may be used again */

#endif
