/* A chain of blocks; big objects get a block of their own. */
#include "base/arena.h"

#include "base/mem.h"

#include <stdalign.h>
#include <stdio.h>

enum { BLOCK_FIRST = 1024, BLOCK_MAX = 64 * 1024 };

struct arena_block {
	struct arena_block *below;
	size_t              used, size;
	alignas(max_align_t) char bytes[];
};

static struct arena_block *
block_push(struct arena *arena, size_t need)
{
	size_t size = arena->top == NULL ? BLOCK_FIRST : arena->top->size * 2;
	struct arena_block *block;

	size = size > BLOCK_MAX ? BLOCK_MAX : size;
	size = size < need ? need : size;
	block = mem_alloc(sizeof *block + size);
	block->size = size;
	block->below = arena->top;
	arena->top = block;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t unit = alignof(max_align_t);
	struct arena_block *block = arena->top;
	void *at;

	size = (size + unit - 1) / unit * unit;
	if (block == NULL || block->size - block->used < size)
		block = block_push(arena, size);
	at = block->bytes + block->used;
	block->used += size;
	arena->used += size;
	return at;
}

struct span
arena_copy(struct arena *arena, struct span bytes)
{
	return (struct span){ arena_cstr(arena, bytes), bytes.len };
}

const char *
arena_cstr(struct arena *arena, struct span bytes)
{
	char *copy = arena_alloc(arena, bytes.len + 1);

	if (bytes.len > 0)
		memcpy(copy, bytes.ptr, bytes.len);
	return copy;
}

const char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char   *text;
	int     len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	text = arena_alloc(arena, len < 0 ? 1 : (size_t)len + 1);
	if (len >= 0)
		(void)vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

const char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list     args;
	const char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

void
arena_free(struct arena *arena)
{
	while (arena->top != NULL) {
		struct arena_block *below = arena->top->below;

		mem_free(arena->top);
		arena->top = below;
	}
	arena->used = 0;
}
