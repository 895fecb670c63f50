/*
 * Globals that are read and that nobody sets: mostly typing errors. Two
 * passes over one list of uses, as a function may read what is set below it.
 */
#include "script/vm/bytecode.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"

struct uses {
	struct arena       arena;       /* names */
	struct map         names;       /* each once; value: struct name */
	struct global_use *reads;
	size_t             count, cap;
};

struct name { struct span text; bool set; };

static struct name *
name_of(struct uses *uses, struct span text)
{
	struct name *name = map_get(&uses->names, text);

	if (name != NULL)
		return name;
	name = arena_alloc(&uses->arena, sizeof *name);
	name->text = arena_copy(&uses->arena, text);
	(void)map_add(&uses->names, name->text, name);
	return name;
}

static void
use_add(void *who, const struct global_use *use)
{
	struct uses *uses = who;
	struct name *name = name_of(uses, use->name);

	if (use->sets) {
		name->set = true;
		return;
	}
	if (uses->count == uses->cap) {
		uses->cap = uses->cap == 0 ? 64 : uses->cap * 2;
		uses->reads = mem_resize(uses->reads,
		    uses->cap * sizeof *uses->reads);
	}
	uses->reads[uses->count] = *use;
	uses->reads[uses->count++].name = name->text;
}

bool
bytecode_globals(lua_State *L, struct global_check *check)
{
	struct uses uses = { .count = 0 };
	struct bytecode_findings findings = { .global = use_add, .who = &uses };
	bool fine = bytecode_read(L, &findings);

	for (size_t i = 0; fine && i < uses.count; i++) {
		const struct name *name = map_get(&uses.names,
		    uses.reads[i].name);

		if (!name->set && !check->known(check->who, name->text))
			check->unknown(check->who, &uses.reads[i]);
	}
	mem_free(uses.reads);
	map_free(&uses.names);
	arena_free(&uses.arena);
	return fine;
}
