/*
 * The basic functions, where Lua's own would show too much or allow too much:
 * texts without addresses, metatables without __gc and __mode, raw access that
 * respects what is frozen.
 */
#include "script/vm/env.h"
#include "script/vm/vm_own.h"

#include <stdarg.h>

enum { WHERE_LEVELS = 20 };

static const char loaded_key;

struct span
vm_tostring(lua_State *L, int at)
{
	struct span text;
	int         name, type = lua_type(L, at);

	at = lua_absindex(L, at);
	if (type == LUA_TSTRING) {
		lua_pushvalue(L, at);
	} else if (type == LUA_TNUMBER || type == LUA_TBOOLEAN ||
	    type == LUA_TNIL) {
		(void)luaL_tolstring(L, at, NULL);
	} else if (luaL_callmeta(L, at, "__tostring")) {
		if (!lua_isstring(L, -1))
			luaL_error(L, "'__tostring' must return a string");
	} else {
		name = luaL_getmetafield(L, at, "__name");
		if (name != LUA_TSTRING) {
			lua_pop(L, name != LUA_TNIL);
			lua_pushstring(L, luaL_typename(L, at));
		}
	}
	text.ptr = lua_tolstring(L, -1, &text.len);
	return text;
}

static int
base_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	(void)vm_tostring(L, 1);
	return 1;
}

static int
base_print(lua_State *L)
{
	struct vm  *vm = vm_of(L);
	int         count = lua_gettop(L);
	luaL_Buffer buffer;
	struct span text;

	for (int at = 1; at <= count; at++) {
		(void)vm_tostring(L, at);
		lua_replace(L, at);
	}
	luaL_buffinit(L, &buffer);
	for (int at = 1; at <= count; at++) {
		if (at > 1)
			luaL_addchar(&buffer, '\t');
		lua_pushvalue(L, at);
		luaL_addvalue(&buffer);
	}
	luaL_pushresult(&buffer);
	text.ptr = lua_tolstring(L, -1, &text.len);
	vm_spend(L, 10 + text.len / 64);
	if (vm->print != NULL)
		vm->print(vm, text);
	return 0;
}

/* Behind an environment stand the author's globals and, where those have no
 * such name, the standard ones. */
static int
base_rawget(lua_State *L)
{
	bool env = vm_env_globals(L, 1);

	lua_settop(L, 2);
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	(void)env_behind(L, 1);
	lua_pushvalue(L, 2);
	if (lua_rawget(L, 1) != LUA_TNIL || !env)
		return 1;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &env_standard_key);
	lua_pushvalue(L, 2);
	lua_rawget(L, -2);
	return 1;
}

static int
base_rawset(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	luaL_checkany(L, 3);
	lua_settop(L, 3);
	if (vm_env_globals(L, 1)) {
		lua_pop(L, 1);
		env_set(L, 1);
		return 1;
	}
	if (vm_frozen(L, 1))
		return luaL_error(L, "the table is read-only");
	lua_rawset(L, 1);
	return 1;
}

static int
base_rawlen(lua_State *L)
{
	int type = lua_type(L, 1);

	luaL_argcheck(L, type == LUA_TTABLE || type == LUA_TSTRING, 1,
	    "table or string expected");
	(void)env_behind(L, 1);
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
	return 1;
}

/* Only tables show theirs; what quoth's objects have is nobody's business. */
static int
base_getmetatable(lua_State *L)
{
	luaL_checkany(L, 1);
	if (!lua_getmetatable(L, 1)) {
		lua_pushnil(L);
		return 1;
	}
	if (luaL_getmetafield(L, 1, "__metatable") == LUA_TNIL &&
	    !lua_istable(L, 1))
		lua_pushboolean(L, 0);
	return 1;
}

static void
field_refuse(lua_State *L, const char *field, const char *why)
{
	lua_pushstring(L, field);
	if (lua_rawget(L, 2) != LUA_TNIL)
		luaL_error(L, "'%s' is not available: %s", field, why);
	lua_pop(L, 1);
}

static int
base_setmetatable(lua_State *L)
{
	int type = lua_type(L, 2);

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2,
	    "nil or table");
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return luaL_error(L, "cannot change a protected metatable");
	lua_settop(L, 2);
	if (type == LUA_TTABLE) {
		field_refuse(L, "__gc", "use <close>");
		field_refuse(L, "__mode", "tables hold their values");
	}
	lua_setmetatable(L, 1);
	return 1;
}

static int
base_collectgarbage(lua_State *L)
{
	const char *what = luaL_optstring(L, 1, "collect");

	if (strcmp(what, "count") != 0)
		return luaL_error(L, "collectgarbage takes \"count\" only; "
		    "memory is looked after");
	lua_pushnumber(L, (lua_Number)vm_of(L)->used / 1024);
	return 1;
}

/* The values of modules by name; true while one is loading. */
static void
loaded_push(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &loaded_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &loaded_key);
}

int
env_raise(lua_State *L, const char *format, ...)
{
	lua_Debug ar;
	va_list   args;

	(void)lua_pushliteral(L, "");
	for (int level = 1; level < WHERE_LEVELS &&
	    lua_getstack(L, level, &ar) != 0; level++) {
		(void)lua_getinfo(L, "Sl", &ar);
		if (ar.currentline <= 0 || *ar.source == '=')
			continue;
		(void)lua_pushfstring(L, "%s:%d: ", ar.short_src,
		    ar.currentline);
		break;
	}
	va_start(args, format);
	(void)lua_pushvfstring(L, format, args);
	va_end(args);
	lua_concat(L, 2);
	return lua_error(L);
}

/* name */
static int
require_call(lua_State *L)
{
	struct vm  *vm = vm_of(L);
	struct span name;

	name.ptr = lua_tolstring(L, 1, &name.len);
	(void)vm->require(vm, L, name);
	if (lua_gettop(L) == 1 || lua_isnil(L, -1))
		lua_pushboolean(L, 1);
	return 1;
}

static void
loaded_set(lua_State *L, int value)
{
	value = lua_absindex(L, value);
	lua_pushvalue(L, 1);
	lua_pushvalue(L, value);
	lua_rawset(L, 2);
}

/* name, the table of values */
static int
module_load(lua_State *L, struct vm *vm)
{
	int status;

	lua_pushlightuserdata(L, vm);
	loaded_set(L, -1);
	lua_pushcfunction(L, require_call);
	lua_pushvalue(L, 1);
	status = lua_pcall(L, 1, 1, 0);
	if (status == LUA_OK) {
		loaded_set(L, -1);
		return 1;
	}
	vm_heard(vm, status);
	lua_pushnil(L);
	loaded_set(L, -1);
	lua_pop(L, 1);
	vm_check(L);
	return lua_error(L);
}

static int
base_require(lua_State *L)
{
	struct vm  *vm = vm_of(L);
	const char *name = luaL_checkstring(L, 1);

	vm_check(L);
	lua_settop(L, 1);
	loaded_push(L);
	lua_pushvalue(L, 1);
	switch (lua_rawget(L, 2)) {
	case LUA_TNIL:
		break;
	case LUA_TLIGHTUSERDATA:
		return env_raise(L, "module '%s' is loading already: "
		    "modules require each other", name);
	default:
		return 1;
	}
	if (vm->require == NULL)
		return env_raise(L, "there is no module '%s'", name);
	return module_load(L, vm);
}

const luaL_Reg env_base_functions[] = {
	{ "collectgarbage", base_collectgarbage },
	{ "getmetatable", base_getmetatable },
	{ "print", base_print },
	{ "rawget", base_rawget },
	{ "rawlen", base_rawlen },
	{ "rawset", base_rawset },
	{ "require", base_require },
	{ "setmetatable", base_setmetatable },
	{ "tostring", base_tostring },
	{ NULL, NULL },
};
