/*
 * The environment of author's code and frozen tables. Three tables stand
 * behind each other, each reached by __index where the one before it has no
 * such name:
 *
 *   the environment (always empty, so that every assignment is seen)
 *   -> the author's globals -> the standard names -> an error with a hint
 *
 * The standard tables are views as well: empty, frozen, with the real table
 * behind. A view is known by its metatable, which holds the table behind it at
 * a key that only we have; metatables of views are out of the author's reach.
 */
#include "script/vm/env.h"

const char vm_env_key, env_mark_key, env_standard_key, env_shared_key;
static const char behind_key;

bool
env_behind(lua_State *L, int at)
{
	at = lua_absindex(L, at);
	if (!lua_istable(L, at) || !lua_getmetatable(L, at))
		return false;
	if (lua_rawgetp(L, -1, &behind_key) != LUA_TTABLE) {
		lua_pop(L, 2);
		return false;
	}
	lua_replace(L, at);
	lua_pop(L, 1);
	return true;
}

static int
view_refuse(lua_State *L)
{
	return luaL_error(L, "table '%s' is read-only",
	    lua_tostring(L, lua_upvalueindex(1)));
}

int
env_next(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 2);
	(void)env_behind(L, 1);
	if (lua_next(L, 1))
		return 2;
	lua_pushnil(L);
	return 1;
}

static int
view_pairs(lua_State *L)
{
	lua_pushcfunction(L, env_next);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

static int
view_length(lua_State *L)
{
	(void)env_behind(L, 1);
	lua_pushinteger(L, luaL_len(L, 1));
	return 1;
}

void
vm_freeze(lua_State *L, const char *name)
{
	lua_newtable(L);                        /* real view */
	lua_createtable(L, 0, 7);               /* real view meta */
	lua_pushvalue(L, -3);
	lua_rawsetp(L, -2, &behind_key);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushstring(L, name);
	lua_pushcclosure(L, view_refuse, 1);
	lua_setfield(L, -2, "__newindex");
	lua_pushcfunction(L, view_pairs);
	lua_setfield(L, -2, "__pairs");
	lua_pushcfunction(L, view_length);
	lua_setfield(L, -2, "__len");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_replace(L, -2);
}

/* Is it a view with that mark in its metatable; else nothing is pushed. */
static bool
view_marked(lua_State *L, int at, const char *key)
{
	bool marked;

	if (!lua_istable(L, at) || !lua_getmetatable(L, at))
		return false;
	marked = lua_rawgetp(L, -1, key) != LUA_TNIL;
	lua_pop(L, 2);
	return marked;
}

bool
vm_frozen(lua_State *L, int at)
{
	bool frozen;

	if (lua_iscfunction(L, at)) {
		if (lua_getupvalue(L, at, 1) == NULL)
			return true;
		lua_pop(L, 1);
		at = lua_absindex(L, at);
		lua_rawgetp(L, LUA_REGISTRYINDEX, &env_shared_key);
		lua_pushvalue(L, at);
		frozen = lua_rawget(L, -2) != LUA_TNIL;
		lua_pop(L, 2);
		return frozen;
	}
	return view_marked(L, at, &behind_key) &&
	    !view_marked(L, at, &env_mark_key);
}

bool
vm_env_globals(lua_State *L, int at)
{
	if (!view_marked(L, at, &env_mark_key))
		return false;
	lua_pushvalue(L, at);
	return env_behind(L, -1);
}

/* Key and value on top go into environment `at`, which may not be the same
 * table as its globals. */
void
env_set(lua_State *L, int at)
{
	struct vm *vm = vm_of(L);

	if (vm->running)
		luaL_error(L, "sets the global '%s' while a scenario runs; "
		    "use a local variable", lua_type(L, -2) == LUA_TSTRING ?
		    lua_tostring(L, -2) : luaL_typename(L, -2));
	lua_pushvalue(L, at);
	(void)env_behind(L, -1);
	lua_insert(L, -3);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

static int
env_newindex(lua_State *L)
{
	lua_settop(L, 3);
	env_set(L, 1);
	return 0;
}

/* What pairs(_G) shows: a copy, the author's over the standard names. */
static int
env_pairs(lua_State *L)
{
	lua_settop(L, 1);
	if (!env_behind(L, 1))
		return luaL_argerror(L, 1, "environment expected");
	lua_newtable(L);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &env_standard_key);
	for (int i = 0; i < 2; i++) {
		lua_pushvalue(L, i == 0 ? 3 : 1);
		lua_pushnil(L);
		while (lua_next(L, -2)) {
			lua_pushvalue(L, -2);
			lua_insert(L, -2);
			lua_rawset(L, 2);
		}
		lua_pop(L, 1);
	}
	lua_pushcfunction(L, env_next);
	lua_pushvalue(L, 2);
	lua_pushnil(L);
	return 3;
}

static bool
listed(const char *const *names, const char *name)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* The standard names and the author's, as far as there is room. */
static size_t
names_gather(lua_State *L, const char *names[], size_t most)
{
	size_t count = 0;

	while (vm_names[count] != NULL && count < most) {
		names[count] = vm_names[count];
		count++;
	}
	lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_env_key);
	(void)env_behind(L, -1);
	lua_pushnil(L);
	while (count < most && lua_next(L, -2)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) < 64)
			names[count++] = lua_tostring(L, -1);
	}
	return count;
}

int
env_unknown(lua_State *L)
{
	const char *names[128], *nearest = NULL;
	struct span name;

	if (lua_type(L, 2) != LUA_TSTRING)
		return 0;
	name.ptr = lua_tolstring(L, 2, &name.len);
	if (listed(vm_absent, name.ptr))
		return 0;
	vm_spend(L, 1000);
	if (name.len < 64)
		nearest = span_nearest(name, names,
		    names_gather(L, names, 128));
	if (nearest == NULL)
		return luaL_error(L, "unknown global '%s'", name.ptr);
	return luaL_error(L, "unknown global '%s'; did you mean '%s'?",
	    name.ptr, nearest);
}

void
vm_env_new(struct vm *vm, lua_State *L)
{
	(void)vm;
	lua_newtable(L);                        /* env */
	lua_createtable(L, 0, 1);               /* env globals */
	lua_pushvalue(L, -2);
	lua_setfield(L, -2, "_G");
	lua_rawgetp(L, LUA_REGISTRYINDEX, &env_mark_key);
	lua_setmetatable(L, -2);
	lua_createtable(L, 0, 6);               /* env globals meta */
	lua_pushvalue(L, -2);
	lua_rawsetp(L, -2, &behind_key);
	lua_pushboolean(L, 1);
	lua_rawsetp(L, -2, &env_mark_key);
	lua_insert(L, -2);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, env_newindex);
	lua_setfield(L, -2, "__newindex");
	lua_pushcfunction(L, env_pairs);
	lua_setfield(L, -2, "__pairs");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
}
