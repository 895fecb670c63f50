/*
 * require: quoth itself, what ships with it, and files of the pack, which only
 * the parent can read. It is asked and waited for right here; other frames
 * that come meanwhile stay in the buffer.
 */
#include "script/bridge/bridge_own.h"

#include "base/mem.h"
#include "script/vm/clone.h"
#include "script/vm/env.h"
#include "script/bridge/modules.h"

enum { NAME_LEN_MAX = 200 };

/* Takes the answer out of the buffer; false: not there yet. */
static bool
answer_cut(struct bridge *b, char **body, size_t *len)
{
	size_t       at = b->at, used;
	struct frame frame;

	while ((used = frame_cut(span_from(buf_span(&b->in), at), &frame)) >
	    0 && used != SIZE_MAX) {
		if (frame.kind != FRAME_MODULE) {
			at += used;
			continue;
		}
		*body = place_keep(frame.body);
		*len = frame.body.len;
		memmove(b->in.ptr + at, b->in.ptr + at + used,
		    b->in.len - at - used);
		b->in.len -= used;
		return true;
	}
	b->broken |= used == SIZE_MAX;
	return false;
}

/* Compiles, and calls it with its name: one value is on top. `file` 0: ours,
 * which needs no looking at. */
static void
module_run(struct bridge *b, lua_State *L, struct span source,
    const char *chunk, struct span name, uint32_t file)
{
	const char *words;
	uint32_t    line;

	if (!vm_compile(&b->vm, L, source, chunk))
		(void)lua_error(L);
	words = file == 0 ? NULL : check_compiled(L, source, &line);
	if (words != NULL)
		(void)luaL_error(L, "%s:%d: %s", chunk + 1, (int)line, words);
	if (file != 0 && !b->loaded)
		check_globals(b, L, file);
	(void)lua_pushlstring(L, name.ptr, name.len);
	lua_call(L, 1, 1);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		lua_pushboolean(L, 1);
	}
}

/* A module of quoth's: its table is everybody's, so nobody may change it. */
static bool
shipped_push(struct bridge *b, lua_State *L, struct span name)
{
	for (const struct lua_module *row = lua_modules; row->name != NULL;
	    row++) {
		char chunk[NAME_LEN_MAX + 2] = "=";

		if (!span_is(name, row->name))
			continue;
		memcpy(chunk + 1, name.ptr, name.len);
		module_run(b, L, row->text, chunk, name, 0);
		if (lua_istable(L, -1))
			vm_freeze(L, row->name);
		clone_share(&b->vm, L, lua_gettop(L));
		return true;
	}
	return false;
}

static void
ask(struct bridge *b, struct span name)
{
	size_t mark = frame_begin(&b->out, FRAME_REQUIRE,
	    b->current == NULL ? 0 : b->current->id);

	put_bytes(&b->out, name);
	bridge_sent(b, mark);
}

/* The answer's parts, as strings of Lua: name and source; its file. */
static uint32_t
answer_push(struct bridge *b, lua_State *L)
{
	char    *body = NULL;
	size_t   len = 0;
	uint64_t file = 0;
	struct span in, name, text;
	bool     fine;

	while (!b->broken && !answer_cut(b, &body, &len))
		if (!b->broken && !b->pipes->more(b->pipes, &b->out, &b->in))
			b->broken = true;
	in = (struct span){ body, len };
	fine = !b->broken && take_number(&in, UINT32_MAX, &file) &&
	    take_bytes(&in, &name) && take_bytes(&in, &text) && in.len == 0;
	if (fine) {
		(void)lua_pushlstring(L, name.ptr, name.len);
		(void)lua_pushlstring(L, text.ptr, text.len);
	}
	mem_free(body);
	if (!fine) {
		b->broken = true;
		(void)luaL_error(L, "the module did not come");
	}
	return (uint32_t)file;
}

static int
module_missing(lua_State *L, struct span name, const char *why)
{
	static const char *const words[] = { "quoth", "quoth.smtp",
		"quoth.gen" };
	const char *near = span_nearest(name, words, 3);

	return env_raise(L, "%s%s%s%s", why,
	    near == NULL ? "" : "; did you mean '",
	    near == NULL ? "" : near, near == NULL ? "" : "'?");
}

int
load_require(struct vm *vm, lua_State *L, struct span name)
{
	struct bridge *b = vm->who;
	uint32_t       file;
	int            top = lua_gettop(L);

	if (span_is(name, "quoth")) {
		(void)lua_rawgeti(L, LUA_REGISTRYINDEX, b->quoth);
		return 1;
	}
	if (name.len > NAME_LEN_MAX)
		return env_raise(L, "require: the name is too long");
	if (shipped_push(b, L, name))
		return 1;
	ask(b, name);
	file = answer_push(b, L);
	if (file == 0)
		return module_missing(L, name, lua_tostring(L, top + 2));
	place_add_file(b, file, bridge_span(L, top + 1));
	/* The chunk's name stays: files are never forgotten, but the table of
	 * them may move. */
	module_run(b, L, bridge_span(L, top + 2),
	    b->files[b->file_count - 1].chunk.ptr, name, file);
	return 1;
}

/* What a run gets of a module is its own: one that changes it changes nothing
 * for another. Upvalue 2: the environment's. */
static int
require_own(lua_State *L)
{
	struct bridge *b = bridge_of(L);

	lua_settop(L, 1);
	lua_pushvalue(L, lua_upvalueindex(2));
	lua_insert(L, 1);
	lua_call(L, 1, 1);
	if (b->current == NULL || !clone_needed(&b->vm, L, 1))
		return 1;
	run_own(b, L, b->current, 1);
	return 1;
}

void
load_require_guard(struct bridge *b, lua_State *L)
{
	(void)lua_rawgetp(L, LUA_REGISTRYINDEX, &env_standard_key);
	lua_pushlightuserdata(L, b);
	(void)lua_pushliteral(L, "require");
	(void)lua_rawget(L, -3);
	lua_pushcclosure(L, require_own, 2);
	(void)lua_rawgetp(L, LUA_REGISTRYINDEX, &env_shared_key);
	lua_pushvalue(L, -2);
	lua_pushboolean(L, 1);
	lua_rawset(L, -3);
	lua_pop(L, 1);
	lua_setfield(L, -2, "require");
	lua_pop(L, 1);
}
