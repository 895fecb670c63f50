/* Names: short lists, searched from the inside out. */
#include "model/scope.h"

enum { NEAREST_MAX = 256 };

struct name *
scope_add(struct scope *scope, struct arena *arena, struct span name,
    enum name_kind kind)
{
	struct name *added = arena_alloc(arena, sizeof *added);

	added->name = name;
	added->kind = kind;
	added->next = scope->first;
	scope->first = added;
	return added;
}

void
scope_add_text(struct scope *scope, struct arena *arena, const char *name,
    struct span text)
{
	scope_add(scope, arena, span_of(name), NAME_STATIC)->text = text;
}

const struct name *
scope_find(const struct scope *scope, struct span name)
{
	for (; scope != NULL; scope = scope->up)
		for (const struct name *n = scope->first; n != NULL; n = n->next)
			if (span_eq(n->name, name))
				return n;
	return NULL;
}

const char *
scope_nearest(const struct scope *scope, struct arena *arena,
    struct span name)
{
	const char *words[NEAREST_MAX];
	size_t      count = 0;

	for (; scope != NULL; scope = scope->up)
		for (const struct name *n = scope->first; n != NULL; n = n->next)
			if (count < NEAREST_MAX)
				words[count++] = arena_cstr(arena, n->name);
	return span_nearest(name, words, count);
}
