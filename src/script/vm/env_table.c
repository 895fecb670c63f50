/*
 * table: what moves many elements pays for them before it begins. insert,
 * remove and move are our own, since their number of elements may come from a
 * __len that answers differently each time; frozen tables refuse by their
 * __newindex.
 */
#include "script/vm/env.h"

#include <lualib.h>

static void
spend_range(lua_State *L, lua_Integer first, lua_Integer last)
{
	if (first <= last)
		vm_spend(L, (uint64_t)last - (uint64_t)first);
}

static int
table_insert(lua_State *L)
{
	lua_Integer at, end;
	int         count = lua_gettop(L);

	luaL_checktype(L, 1, LUA_TTABLE);
	end = (lua_Integer)((lua_Unsigned)luaL_len(L, 1) + 1);
	if (count != 2 && count != 3)
		return luaL_error(L, "wrong number of arguments to 'insert'");
	if (count == 2) {
		lua_seti(L, 1, end);
		return 0;
	}
	at = luaL_checkinteger(L, 2);
	luaL_argcheck(L, (lua_Unsigned)at - 1u < (lua_Unsigned)end, 2,
	    "position out of bounds");
	spend_range(L, at, end);
	for (; end > at; end--) {
		lua_geti(L, 1, end - 1);
		lua_seti(L, 1, end);
	}
	lua_seti(L, 1, at);
	return 0;
}

static int
table_remove(lua_State *L)
{
	lua_Integer len, at;

	luaL_checktype(L, 1, LUA_TTABLE);
	len = luaL_len(L, 1);
	at = luaL_optinteger(L, 2, len);
	if (at != len)
		luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)len,
		    2, "position out of bounds");
	spend_range(L, at, len);
	lua_geti(L, 1, at);
	for (; at < len; at++) {
		lua_geti(L, 1, at + 1);
		lua_seti(L, 1, at);
	}
	lua_pushnil(L);
	lua_seti(L, 1, at);
	return 1;
}

/* Upwards, where both ranges do not meet the wrong way; else downwards. */
static void
elements_move(lua_State *L, lua_Integer from, lua_Integer end, lua_Integer to,
    int target)
{
	if (to > end || to <= from || !lua_compare(L, 1, target, LUA_OPEQ)) {
		for (lua_Integer i = 0; i <= end - from; i++) {
			lua_geti(L, 1, from + i);
			lua_seti(L, target, to + i);
		}
		return;
	}
	for (lua_Integer i = end - from; i >= 0; i--) {
		lua_geti(L, 1, from + i);
		lua_seti(L, target, to + i);
	}
}

static int
table_move(lua_State *L)
{
	lua_Integer from = luaL_checkinteger(L, 2);
	lua_Integer end = luaL_checkinteger(L, 3);
	lua_Integer to = luaL_checkinteger(L, 4);
	int         target = lua_isnoneornil(L, 5) ? 1 : 5;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checktype(L, target, LUA_TTABLE);
	if (end >= from) {
		luaL_argcheck(L, from > 0 || end < LUA_MAXINTEGER + from, 3,
		    "too many elements to move");
		luaL_argcheck(L, to <= LUA_MAXINTEGER - (end - from), 4,
		    "destination wrap around");
		spend_range(L, from, end);
		elements_move(L, from, end, to, target);
	}
	lua_pushvalue(L, target);
	return 1;
}

static lua_Integer
length(lua_State *L)
{
	return lua_isstring(L, 1) ? 0 : luaL_len(L, 1);
}

static int
table_concat(lua_State *L)
{
	lua_Integer first = luaL_optinteger(L, 3, 1);

	luaL_checktype(L, 1, LUA_TTABLE);
	spend_range(L, first, luaL_opt(L, luaL_checkinteger, 4, length(L)));
	return vm_of(L)->lua[VM_LUA_CONCAT](L);
}

static int
table_unpack(lua_State *L)
{
	lua_Integer first = luaL_optinteger(L, 2, 1);
	lua_Integer last = luaL_opt(L, luaL_checkinteger, 3, luaL_len(L, 1));

	/* Beyond this it raises without looking at anything. */
	if (first <= last && (uint64_t)last - (uint64_t)first < 1000000)
		spend_range(L, first, last);
	return vm_of(L)->lua[VM_LUA_UNPACK](L);
}

/* Comparing two texts takes as long as they are alike. */
static uint64_t
texts_octets(lua_State *L, lua_Integer count)
{
	uint64_t octets = 0;

	for (lua_Integer i = 1; i <= count; i++) {
		if (lua_rawgeti(L, 1, i) == LUA_TSTRING)
			octets += lua_rawlen(L, -1);
		lua_pop(L, 1);
	}
	return octets;
}

static int
table_sort(lua_State *L)
{
	lua_Integer count;
	uint64_t    rounds = 1;

	luaL_checktype(L, 1, LUA_TTABLE);
	count = luaL_len(L, 1);
	if (count > 1 && count < INT32_MAX) {
		while (((uint64_t)count >> rounds) != 0)
			rounds++;
		vm_spend(L, (uint64_t)count * rounds);
		if (lua_isnoneornil(L, 2))
			vm_spend(L, texts_octets(L, count) / 64 * rounds);
	}
	return vm_of(L)->lua[VM_LUA_SORT](L);
}

static const luaL_Reg functions[] = {
	{ "concat", table_concat },
	{ "insert", table_insert },
	{ "move", table_move },
	{ "remove", table_remove },
	{ "sort", table_sort },
	{ "unpack", table_unpack },
	{ NULL, NULL },
};

const struct library env_table = {
	.name = "table", .open = luaopen_table,
	.kept = (const char *const[]){ "pack", NULL }, .ours = functions,
};
