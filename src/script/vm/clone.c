/*
 * Copies, for a run, what it could change. Values are copied as empty shells
 * when they are met and filled from a list later, so that nothing recurses,
 * cycles close, and what was one value stays one. Functions come back from a
 * dump, made once of each; functions that shared an upvalue share it again.
 *
 * Nothing that the author wrote is called: no metamethod, no finalizer.
 */
#include "script/vm/clone.h"

#include "script/vm/reach.h"

#include <lauxlib.h>

struct copier {
	lua_State          *L;
	const struct reach *reach;
	int                 numbers;    /* places on the stack: of reach, */
	int                 made;       /* value -> its copy, */
	int                 work;       /* what is to be filled, */
	int                 dumps;      /* function -> its dump */
	lua_Integer         waiting;
};

static const char dumps_key;

/* The table of the registry at `key`, made when it is not there. */
static void
table_push(lua_State *L, const char *key)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

/* ---- functions ---------------------------------------------------------- */

struct dump { luaL_Buffer out; bool open; };

static int
dump_write(lua_State *L, const void *bytes, size_t len, void *who)
{
	struct dump *dump = who;

	/* Not before lua_dump() has seen the function on top. */
	if (!dump->open)
		luaL_buffinit(L, &dump->out);
	dump->open = true;
	luaL_addlstring(&dump->out, bytes, len);
	return 0;
}

/* Pushes the dump of the function on top. */
static void
dump_push(struct copier *c)
{
	lua_State  *L = c->L;
	struct dump dump = { .open = false };
	int         function = lua_gettop(L);

	lua_pushvalue(L, function);
	if (lua_rawget(L, c->dumps) == LUA_TSTRING)
		return;
	lua_pop(L, 1);
	(void)lua_dump(L, dump_write, &dump, 0);
	luaL_pushresult(&dump.out);
	lua_pushvalue(L, function);
	lua_pushvalue(L, -2);
	lua_rawset(L, c->dumps);
}

static const char *
dump_read(lua_State *L, void *who, size_t *size)
{
	struct span *rest = who, all = *rest;

	(void)L;
	rest->len = 0;
	*size = all.len;
	return all.len == 0 ? NULL : all.ptr;
}

/* Pushes a function of the same code as the one on top. */
static void
function_new(struct copier *c)
{
	lua_State  *L = c->L;
	struct span dump;

	if (lua_iscfunction(L, -1)) {
		int count = 0;

		while (lua_getupvalue(L, -1 - count, count + 1) != NULL) {
			luaL_checkstack(L, 8, "clone");
			count++;
		}
		lua_pushcclosure(L, lua_tocfunction(L, -1 - count), count);
		return;
	}
	dump_push(c);
	dump.ptr = lua_tolstring(L, -1, &dump.len);
	if (lua_load(L, dump_read, &dump, "=clone", "b") != LUA_OK)
		lua_error(L);
	lua_remove(L, -2);
}

/* ---- shells ------------------------------------------------------------- */

static void
refuse(lua_State *L)
{
	if (lua_isthread(L, -1))
		luaL_error(L, "a coroutine that is made while the file loads "
		    "cannot be copied for each run; make it inside of run");
	luaL_error(L, "an iterator that is made while the file loads cannot "
	    "be copied for each run; make it inside of run");
}

/* Pushes an empty copy of the value on top, to be filled later. */
static void
shell_new(struct copier *c)
{
	lua_State *L = c->L;

	if (lua_isfunction(L, -1)) {
		function_new(c);
	} else if (!lua_istable(L, -1)) {
		refuse(L);
	} else if (vm_env_globals(L, -1)) {
		lua_pop(L, 1);
		vm_env_new(vm_of(L), L);
	} else {
		lua_Unsigned len = lua_rawlen(L, -1);

		lua_createtable(L, len > 1000000 ? 0 : (int)len, 0);
	}
	lua_pushvalue(L, -2);
	lua_rawseti(L, c->work, ++c->waiting);
	lua_pushvalue(L, -2);
	lua_pushvalue(L, -2);
	lua_rawset(L, c->made);
}

/* The value on top becomes what the run has in its place. */
static void
replace(struct copier *c)
{
	lua_State *L = c->L;
	int        type = lua_type(L, -1);

	if (type != LUA_TTABLE && type != LUA_TFUNCTION &&
	    type != LUA_TTHREAD && type != LUA_TUSERDATA)
		return;
	if (!reach_is_dirty(c->reach, L, c->numbers))
		return;
	lua_pushvalue(L, -1);
	if (lua_rawget(L, c->made) == LUA_TNIL) {
		lua_pop(L, 1);
		shell_new(c);
	}
	lua_remove(L, -2);
}

/* ---- filling ------------------------------------------------------------ */

/* From the table at `from` into the one at `to`. */
static void
pairs_fill(struct copier *c, int from, int to)
{
	lua_State *L = c->L;

	lua_pushnil(L);
	while (lua_next(L, from) != 0) {
		lua_pushvalue(L, -2);
		replace(c);
		lua_insert(L, -2);
		replace(c);
		lua_rawset(L, to);
	}
}

static void
table_fill(struct copier *c, int from, int to)
{
	lua_State *L = c->L;

	if (vm_env_globals(L, from)) {
		(void)vm_env_globals(L, to);
		pairs_fill(c, to + 1, to + 2);
		return;
	}
	pairs_fill(c, from, to);
	if (!lua_getmetatable(L, from))
		return;
	replace(c);
	lua_setmetatable(L, to);
}

/* The cell of upvalue `n` of `from` is known: `to` shares it. Else its own
 * becomes the one that others share. */
static bool
cell_join(struct copier *c, void *cell, int to, int n)
{
	lua_State *L = c->L;

	lua_pushlightuserdata(L, cell);
	if (lua_rawget(L, c->made) == LUA_TNIL) {
		/* A function that has it, and which of its upvalues it is. */
		lua_pop(L, 1);
		lua_pushlightuserdata(L, cell);
		lua_createtable(L, 2, 0);
		lua_pushvalue(L, to);
		lua_rawseti(L, -2, 1);
		lua_pushinteger(L, n);
		lua_rawseti(L, -2, 2);
		lua_rawset(L, c->made);
		return false;
	}
	lua_rawgeti(L, -1, 1);
	lua_rawgeti(L, -2, 2);
	lua_upvaluejoin(L, to, n, lua_gettop(L) - 1,
	    (int)lua_tointeger(L, -1));
	lua_pop(L, 3);
	return true;
}

/* Upvalue `n`, whose value is on top and is popped. */
static void
cell_fill(struct copier *c, int from, int to, int n)
{
	lua_State *L = c->L;
	void      *cell = lua_upvalueid(L, from, n);
	bool       own, env = vm_env_globals(L, -1);

	if (env)
		lua_pop(L, 1);
	lua_pushlightuserdata(L, cell);
	own = env || reach_is_dirty(c->reach, L, c->numbers);
	lua_pop(L, 1);
	if (!own) {
		lua_upvaluejoin(L, to, n, from, n);
	} else if (!cell_join(c, cell, to, n)) {
		replace(c);
		(void)lua_setupvalue(L, to, n);
		return;
	}
	lua_pop(L, 1);
}

static void
function_fill(struct copier *c, int from, int to)
{
	lua_State *L = c->L;
	bool       native = lua_iscfunction(L, from);

	for (int n = 1; lua_getupvalue(L, from, n) != NULL; n++) {
		if (!native) {
			cell_fill(c, from, to, n);
			continue;
		}
		replace(c);
		(void)lua_setupvalue(L, to, n);
	}
}

static void
fill_all(struct copier *c)
{
	lua_State *L = c->L;
	int        from = lua_gettop(L) + 1, to = from + 1;

	while (c->waiting > 0) {
		(void)lua_rawgeti(L, c->work, c->waiting);
		lua_pushnil(L);
		lua_rawseti(L, c->work, c->waiting--);
		lua_pushvalue(L, from);
		(void)lua_rawget(L, c->made);
		if (lua_istable(L, from))
			table_fill(c, from, to);
		else
			function_fill(c, from, to);
		lua_settop(L, from - 1);
	}
}

/* ---- what the bridge asks ----------------------------------------------- */

bool
clone_needed(struct vm *vm, lua_State *L, int at)
{
	const struct reach *reach;
	bool needed;

	(void)vm;
	at = lua_absindex(L, at);
	reach_look(L, at);
	reach = reach_open(L);
	lua_pushvalue(L, at);
	needed = reach_is_dirty(reach, L, lua_gettop(L) - 1);
	lua_pop(L, 2);
	return needed;
}

void
clone_push_for(struct vm *vm, lua_State *L, int at, int run)
{
	struct copier c = { .L = L };

	at = lua_absindex(L, at);
	run = lua_absindex(L, run);
	if (!clone_needed(vm, L, at)) {
		lua_pushvalue(L, at);
		return;
	}
	luaL_checkstack(L, 32, "clone");
	c.made = run;
	c.reach = reach_open(L);
	c.numbers = lua_gettop(L);
	lua_newtable(L);
	c.work = lua_gettop(L);
	table_push(L, &dumps_key);
	c.dumps = lua_gettop(L);
	lua_pushvalue(L, at);
	replace(&c);
	fill_all(&c);
	lua_replace(L, c.numbers);
	lua_settop(L, c.numbers);
}

void
clone_push(struct vm *vm, lua_State *L, int at)
{
	at = lua_absindex(L, at);
	lua_newtable(L);
	clone_push_for(vm, L, at, -1);
	lua_remove(L, -2);
}

void
clone_share(struct vm *vm, lua_State *L, int at)
{
	(void)vm;
	reach_freeze(L, lua_absindex(L, at));
}
