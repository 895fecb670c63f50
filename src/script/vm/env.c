/*
 * What author's code finds: an allow list, of Lua's own functions where they
 * are harmless and of ours in their place where not. Everything else that Lua
 * has stays in tables that no script can reach.
 */
#include "script/vm/env.h"

#include <assert.h>
#include <lualib.h>

const char *const vm_names[] = {
	"_G", "_VERSION", "assert", "collectgarbage", "coroutine", "error",
	"getmetatable", "ipairs", "math", "next", "os", "pairs", "pcall",
	"print", "rawequal", "rawget", "rawlen", "rawset", "require", "select",
	"setmetatable", "string", "table", "tonumber", "tostring", "type",
	"utf8", "xpcall", NULL
};
const char *const vm_absent[] = {
	"arg", "bit32", "debug", "dofile", "getfenv", "io", "jit", "load",
	"loadfile", "loadstring", "module", "newproxy", "package", "setfenv",
	"unpack", "warn", NULL
};
static const char *const base_kept[] = {
	"assert", "error", "ipairs", "pairs", "rawequal", "select", "type",
	NULL
};

/* One function of Lua's own that pays for its texts. */
static int
charged_call(lua_State *L)
{
	size_t octets = 0;
	int    price = (int)lua_tointeger(L, lua_upvalueindex(2));

	for (int at = 1; at <= 2; at++)
		if (lua_type(L, at) == LUA_TSTRING)
			octets += lua_rawlen(L, at);
	if (octets >= 256)
		vm_spend(L, octets / (size_t)price);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static void
keep(lua_State *L, int from, const char *const *names)
{
	for (; names != NULL && *names != NULL; names++) {
		lua_getfield(L, from, *names);
		lua_setfield(L, -2, *names);
	}
}

/* Lua's library is on top; what the author gets of it comes in its place. */
static void
library_make(lua_State *L, const struct library *library)
{
	int from = lua_gettop(L);

	lua_newtable(L);
	keep(L, from, library->kept);
	for (const struct charged *c = library->charged;
	    c != NULL && c->name != NULL; c++) {
		lua_getfield(L, from, c->name);
		lua_pushinteger(L, c->octets);
		lua_pushcclosure(L, charged_call, 2);
		lua_setfield(L, -2, c->name);
	}
	if (library->ours != NULL)
		luaL_setfuncs(L, library->ours, 0);
	lua_replace(L, from);
}

/* Functions of the environment may be shared by all runs. */
static void
share(lua_State *L, int table)
{
	table = lua_absindex(L, table);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &env_shared_key);
	lua_pushnil(L);
	while (lua_next(L, table)) {
		if (lua_isfunction(L, -1)) {
			lua_pushboolean(L, 1);
			lua_rawset(L, -4);
		} else {
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
}

static const struct { const char *library, *name; } lua_rows[] = {
	[VM_LUA_FIND] = { "string", "find" },
	[VM_LUA_FORMAT] = { "string", "format" },
	[VM_LUA_CONCAT] = { "table", "concat" },
	[VM_LUA_SORT] = { "table", "sort" },
	[VM_LUA_UNPACK] = { "table", "unpack" },
};
static_assert(sizeof lua_rows / sizeof *lua_rows == VM_LUA_COUNT, "rows");

static void
originals_take(struct vm *vm, lua_State *L, const char *library)
{
	for (int i = 0; i < VM_LUA_COUNT; i++) {
		if (strcmp(lua_rows[i].library, library) != 0)
			continue;
		lua_getfield(L, -1, lua_rows[i].name);
		vm->lua[i] = lua_tocfunction(L, -1);
		lua_pop(L, 1);
	}
}

/* The methods of strings come from the same table, which nobody can reach but
 * through its view; the metatable itself answers nothing. */
static void
string_methods(lua_State *L)
{
	lua_pushliteral(L, "");
	(void)lua_getmetatable(L, -1);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 2);
}

static void
libraries_open(struct vm *vm, lua_State *L)
{
	static const struct library *const all[] = { &env_string, &env_utf8,
		&env_table, &env_math, &env_os, &env_coroutine };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const char *name = all[i]->name;

		if (all[i]->open != NULL)
			luaL_requiref(L, name, all[i]->open, 0);
		else
			lua_newtable(L);
		originals_take(vm, L, name);
		library_make(L, all[i]);
		share(L, -1);
		if (all[i] == &env_string)
			string_methods(L);
		vm_freeze(L, name);
		lua_setfield(L, -2, name);
	}
}

static void
standard_open(struct vm *vm, lua_State *L)
{
	luaL_requiref(L, "_G", luaopen_base, 0);
	lua_getfield(L, -1, "tonumber");
	lua_pushinteger(L, 16);
	lua_pushcclosure(L, charged_call, 2);
	lua_newtable(L);                        /* base tonumber standard */
	lua_insert(L, -2);
	lua_setfield(L, -2, "tonumber");
	keep(L, lua_gettop(L) - 1, base_kept);
	lua_pushliteral(L, LUA_VERSION);
	lua_setfield(L, -2, "_VERSION");
	luaL_setfuncs(L, env_base_functions, 0);
	luaL_setfuncs(L, env_call_functions, 0);
	lua_pushcfunction(L, env_next);
	lua_setfield(L, -2, "next");
	share(L, -1);
	libraries_open(vm, L);
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, env_unknown);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &env_standard_key);
	lua_pop(L, 1);
}

void
env_open(struct vm *vm, lua_State *L)
{
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &env_shared_key);
	standard_open(vm, L);
	lua_createtable(L, 0, 1);               /* of all globals tables */
	lua_rawgetp(L, LUA_REGISTRYINDEX, &env_standard_key);
	lua_setfield(L, -2, "__index");
	lua_rawsetp(L, LUA_REGISTRYINDEX, &env_mark_key);
	vm_env_new(vm, L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &vm_env_key);
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}
