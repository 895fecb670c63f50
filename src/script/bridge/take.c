/*
 * Values of START to Lua: what the parent says a parameter is. Octets that do
 * not parse end the worker, so they are told from errors of the script.
 */
#include "script/bridge/bridge_own.h"

#include "base/limits.h"

static bool
octet(struct span *in, unsigned *value)
{
	if (in->len == 0)
		return false;
	*value = (unsigned char)in->ptr[0];
	*in = span_from(*in, 1);
	return true;
}

static bool parts_skip(struct span *in, uint64_t *count, uint32_t depth);

static bool
part_skip(struct span *in, uint32_t depth)
{
	struct span bytes;
	uint64_t    count;
	unsigned    type;

	if (!octet(in, &type))
		return false;
	switch (type) {
	case PARTS_BYTES:
	case PARTS_SECRET:
		return take_bytes(in, &bytes);
	case PARTS_BASE64:
		return parts_skip(in, &count, depth + 1);
	case PARTS_HMAC:
		return take_bytes(in, &bytes) &&
		    parts_skip(in, &count, depth + 1) &&
		    parts_skip(in, &count, depth + 1);
	}
	return false;
}

static bool
parts_skip(struct span *in, uint64_t *count, uint32_t depth)
{
	if (depth >= MESSAGE_DEPTH || !take_number(in, in->len, count))
		return false;
	for (uint64_t i = 0; i < *count; i++)
		if (!part_skip(in, depth))
			return false;
	return true;
}

static bool
many_skip(struct span *in, bool keys, uint32_t depth)
{
	struct span key;
	uint64_t    count;

	if (!take_number(in, in->len, &count))
		return false;
	for (uint64_t i = 0; i < count; i++)
		if ((keys && !take_bytes(in, &key)) ||
		    !take_skip(in, depth + 1))
			return false;
	return true;
}

/* Over one value that a script can be given. */
bool
take_skip(struct span *in, uint32_t depth)
{
	struct span bytes;
	uint64_t    number;
	unsigned    type, flag;

	if (depth >= MESSAGE_DEPTH || !octet(in, &type))
		return false;
	switch (type) {
	case VALUE_TEXT:
	case VALUE_NUMBER:
		return take_bytes(in, &bytes);
	case VALUE_BOOL:
		return octet(in, &flag) && flag <= 1;
	case VALUE_LIST:
	case VALUE_MAP:
		return many_skip(in, type == VALUE_MAP, depth);
	case VALUE_PARTS:
		return parts_skip(in, &number, depth);
	case VALUE_NONE:
		return true;
	}
	return false;
}

static bool
values_sound(struct span rest)
{
	for (int i = 0; i < 3; i++)
		if (rest.len == 0 || rest.ptr[0] != VALUE_MAP ||
		    !take_skip(&rest, 0))
			return false;
	return rest.len == 0;
}

/* Most runs of a file are told the same. */
void
take_values(struct bridge *b, lua_State *L, struct span values)
{
	if (span_eq(buf_span(&b->values), values) && values.len > 0) {
		(void)lua_rawgeti(L, LUA_REGISTRYINDEX, b->values_ref);
		return;
	}
	if (!values_sound(values)) {
		lua_pushnil(L);
		return;
	}
	(void)lua_pushlstring(L, values.ptr, values.len);
	if (b->values_ref == 0) {
		lua_pushvalue(L, -1);
		b->values_ref = luaL_ref(L, LUA_REGISTRYINDEX);
	} else {
		lua_pushvalue(L, -1);
		lua_rawseti(L, LUA_REGISTRYINDEX, b->values_ref);
	}
	buf_clear(&b->values);
	(void)buf_add(&b->values, values);
}

static bool
number_push(lua_State *L, struct span text)
{
	(void)lua_pushlstring(L, text.ptr, text.len);
	if (lua_stringtonumber(L, lua_tostring(L, -1)) != text.len + 1) {
		lua_pop(L, 1);
		return false;
	}
	lua_remove(L, -2);
	return true;
}

static bool
many_push(struct bridge *b, lua_State *L, struct span *in, bool keys,
    uint32_t depth)
{
	struct span key;
	uint64_t    count;

	if (!take_number(in, in->len, &count))
		return false;
	lua_newtable(L);
	for (uint64_t i = 0; i < count; i++) {
		if (keys && !take_bytes(in, &key))
			return false;
		if (keys)
			(void)lua_pushlstring(L, key.ptr, key.len);
		if (!take_push(b, L, in, depth + 1))
			return false;
		if (keys)
			lua_rawset(L, -3);
		else
			lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return true;
}

static bool
parts_push(struct bridge *b, lua_State *L, struct span *in)
{
	struct span rest = *in, parts;
	uint64_t    count, same;

	if (!parts_skip(&rest, &count, 0) || count > UINT32_MAX ||
	    !take_number(in, UINT32_MAX, &same))
		return false;
	parts = (struct span){ in->ptr, in->len - rest.len };
	secret_push(b, L, (uint32_t)count, 1, parts);
	*in = rest;
	return true;
}

bool
take_push(struct bridge *b, lua_State *L, struct span *in, uint32_t depth)
{
	struct span bytes;
	unsigned    type, flag;

	if (depth >= MESSAGE_DEPTH || !lua_checkstack(L, 8) ||
	    !octet(in, &type))
		return false;
	switch (type) {
	case VALUE_TEXT:
		if (!take_bytes(in, &bytes))
			return false;
		(void)lua_pushlstring(L, bytes.ptr, bytes.len);
		return true;
	case VALUE_NUMBER:
		return take_bytes(in, &bytes) && number_push(L, bytes);
	case VALUE_BOOL:
		if (!octet(in, &flag))
			return false;
		lua_pushboolean(L, flag != 0);
		return true;
	case VALUE_LIST:
	case VALUE_MAP:
		return many_push(b, L, in, type == VALUE_MAP, depth);
	case VALUE_PARTS:
		return parts_push(b, L, in);
	case VALUE_NONE:
		lua_pushnil(L);
		return true;
	}
	return false;
}

/* A text of an encoded map, without Lua. */
bool
take_find(struct span map, const char *key, struct span *text)
{
	uint64_t count;
	unsigned type;

	if (!octet(&map, &type) || type != VALUE_MAP ||
	    !take_number(&map, map.len, &count))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		struct span name, value;

		if (!take_bytes(&map, &name))
			return false;
		value = map;
		if (!take_skip(&map, 1))
			return false;
		if (!span_is(name, key))
			continue;
		return octet(&value, &type) && type == VALUE_TEXT &&
		    take_bytes(&value, text);
	}
	return false;
}
