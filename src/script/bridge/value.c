/*
 * Lua values to octets, by raw access alone: a metatable of the author's has
 * no say in what is sent. Tables are trees of bounded depth and size; what is
 * no value of a scenario is refused with a sentence that names its key.
 */
#include "script/bridge/bridge_own.h"

#include "base/limits.h"
#include "base/sort.h"

#include <math.h>
#include <stdio.h>

struct keyed { struct span key; int at; };

static bool put(struct encoder *e, lua_State *L, int at);

/* "steps[3].expect" into `out`. */
static void
path_text(const struct encoder *e, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < e->steps && len < size; i++) {
		struct span key = e->path[i].key;
		int more;

		if (key.ptr == NULL)
			more = snprintf(out + len, size - len, "[%llu]",
			    (unsigned long long)e->path[i].index);
		else
			more = snprintf(out + len, size - len, "%s%.*s",
			    i == 0 ? "" : ".",
			    key.len > 30 ? 30 : (int)key.len, key.ptr);
		len += more < 0 ? 0 : (size_t)more;
	}
}

/* False, with "PATH WORDS" or "WORDS" (for the value itself) in why. */
static bool
refuse(struct encoder *e, const char *words)
{
	char path[120];

	path_text(e, path, sizeof path);
	if (path[0] == '\0')
		(void)snprintf(e->why, sizeof e->why, "the value %s", words);
	else
		(void)snprintf(e->why, sizeof e->why, "'%s' %s", path, words);
	return false;
}

void
value_put_text(struct buf *out, struct span text)
{
	(void)buf_add_octet(out, VALUE_TEXT);
	put_bytes(out, text);
}

void
value_put_none(struct buf *out)
{
	(void)buf_add_octet(out, VALUE_NONE);
}

static bool
put_float(struct encoder *e, double number)
{
	char text[48];

	if (isnan(number) || isinf(number))
		return refuse(e, "is no number (NaN or infinite)");
	(void)snprintf(text, sizeof text, "%.14g", number);
	/* As Lua: 3.0 does not look like an integer. */
	if (strspn(text, "-0123456789") == strlen(text))
		(void)snprintf(text, sizeof text, "%.14g.0", number);
	put_bytes(e->out, span_of(text));
	return true;
}

static bool
put_lua_number(struct encoder *e, lua_State *L, int at)
{
	char        text[32], *first = text + sizeof text;
	lua_Integer number;
	uint64_t    rest;

	(void)buf_add_octet(e->out, VALUE_NUMBER);
	if (!lua_isinteger(L, at))
		return put_float(e, lua_tonumber(L, at));
	number = lua_tointeger(L, at);
	rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	for (; first == text + sizeof text || rest > 0; rest /= 10)
		*--first = (char)('0' + rest % 10);
	if (number < 0)
		*--first = '-';
	put_bytes(e->out, (struct span){ first,
	    (size_t)(text + sizeof text - first) });
	return true;
}

static bool
put_secret(struct encoder *e, lua_State *L, int at)
{
	const struct secret_box *secret;

	if (!bridge_is(L, at, BOX_SECRET))
		return refuse(e, "is an object of quoth, not a value");
	secret = lua_touserdata(L, at);
	if (e->depth + secret->depth >= MESSAGE_DEPTH)
		return refuse(e, "is nested too deeply");
	(void)buf_add_octet(e->out, VALUE_PARTS);
	put_number(e->out, secret->count);
	(void)buf_add(e->out, (struct span){ secret->parts, secret->len });
	return true;
}

static bool
put_function(struct encoder *e, int at)
{
	bool here = e->run && e->steps == 1 && e->path[0].key.ptr != NULL &&
	    span_is(e->path[0].key, "run");

	if (!here)
		return refuse(e, "is a function; only 'run' may be one");
	e->function = at;
	(void)buf_add_octet(e->out, VALUE_FUNCTION);
	put_number(e->out, (uint64_t)e->b->function_count + 1);
	return true;
}

/* { connect = true }, a step in a list: as "connect:" in YAML. */
static bool
is_bare_act(const struct encoder *e)
{
	return e->steps >= 2 && e->path[e->steps - 2].key.ptr == NULL &&
	    e->path[e->steps - 1].key.ptr != NULL &&
	    verb_find(e->path[e->steps - 1].key) != NULL;
}

static bool
put_bool(struct encoder *e, bool value)
{
	if (value && is_bare_act(e)) {
		value_put_none(e->out);
		return true;
	}
	(void)buf_add_octet(e->out, VALUE_BOOL);
	(void)buf_add_octet(e->out, (char)value);
	return true;
}

/* What the keys of a table are. */
struct shape { uint64_t items, names, high; bool odd; };

static struct shape
shape_of(lua_State *L, int table)
{
	struct shape shape = { 0 };

	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING) {
			shape.names++;
		} else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > 0) {
			uint64_t key = (uint64_t)lua_tointeger(L, -1);

			shape.items++;
			if (key > shape.high)
				shape.high = key;
		} else {
			shape.odd = true;
		}
	}
	return shape;
}

static bool
put_list(struct encoder *e, lua_State *L, int table, uint64_t count)
{
	(void)buf_add_octet(e->out, VALUE_LIST);
	put_number(e->out, count);
	for (uint64_t i = 1; i <= count; i++) {
		e->path[e->steps].key = (struct span){ NULL, 0 };
		e->path[e->steps++].index = i;
		(void)lua_rawgeti(L, table, (lua_Integer)i);
		if (!put(e, L, lua_gettop(L)))
			return false;
		lua_pop(L, 1);
		e->steps--;
	}
	return true;
}

static int
keyed_order(const void *left, const void *right)
{
	const struct keyed *a = left, *b = right;
	size_t len = a->key.len < b->key.len ? a->key.len : b->key.len;
	int    order = len == 0 ? 0 : memcmp(a->key.ptr, b->key.ptr, len);

	if (order == 0)
		order = a->key.len < b->key.len ? -1 : a->key.len > b->key.len;
	return order;
}

/* Pushes every key, and notes them in order behind those of the maps around.
 * `extra` stands for a key that is no value of the stack. */
static size_t
keys_sort(struct encoder *e, lua_State *L, int table, const char *extra)
{
	struct buf  *keys = &e->b->keys;
	size_t       mark = keys->len;
	struct keyed keyed = { span_of(extra), 0 };

	if (extra != NULL)
		(void)buf_add(keys, (struct span){ (char *)&keyed,
		    sizeof keyed });
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		lua_pop(L, 1);
		keyed = (struct keyed){ bridge_span(L, -1), lua_gettop(L) };
		(void)buf_add(keys, (struct span){ (char *)&keyed,
		    sizeof keyed });
		lua_pushvalue(L, -1);
	}
	if (keys->len > mark)
		sort_heap(keys->ptr + mark, (keys->len - mark) / sizeof keyed,
		    sizeof keyed, keyed_order);
	return mark;
}

static bool
put_map(struct encoder *e, lua_State *L, int table, uint64_t count,
    const char *extra, struct span extra_value)
{
	struct buf *keys = &e->b->keys;
	int         top = lua_gettop(L);
	size_t      mark;
	bool        fine = true;

	if (count > LIMIT_YAML_KEYS)
		return refuse(e, "has more than 1,000 keys");
	if (!lua_checkstack(L, (int)count + 8))
		return refuse(e, "is nested too deeply");
	mark = keys_sort(e, L, table, extra);
	(void)buf_add_octet(e->out, VALUE_MAP);
	put_number(e->out, count + (extra != NULL));
	for (size_t i = mark; fine && i < keys->len;
	    i += sizeof(struct keyed)) {
		struct keyed keyed;

		memcpy(&keyed, keys->ptr + i, sizeof keyed);
		put_bytes(e->out, keyed.key);
		if (keyed.at == 0) {
			(void)buf_add(e->out, extra_value);
			continue;
		}
		e->path[e->steps++].key = keyed.key;
		lua_pushvalue(L, keyed.at);
		(void)lua_rawget(L, table);
		fine = put(e, L, lua_gettop(L));
		if (fine && e->function == lua_gettop(L)) {
			/* Kept where the caller finds it. */
			lua_replace(L, 1);
			e->function = 1;
		} else if (fine) {
			lua_pop(L, 1);
		}
		if (fine)
			e->steps--;
	}
	keys->len = mark;
	lua_settop(L, top);
	return fine;
}

static bool
put_shape(struct encoder *e, lua_State *L, int at, const char *extra,
    struct span extra_value)
{
	struct shape shape = shape_of(L, at);
	bool         clash = false;

	if (extra != NULL) {
		(void)lua_pushstring(L, extra);
		clash = lua_rawget(L, at) != LUA_TNIL;
		lua_pop(L, 1);
	}
	if (clash)
		return refuse(e, "has a 'name', and was named before");
	if (shape.odd)
		return refuse(e, "has a key that is neither a name nor a "
		    "place in a list");
	if (shape.items > 0 && (shape.names > 0 || extra != NULL))
		return refuse(e, "is half a list and half a map: it has keys "
		    "and items without one");
	if (shape.items != shape.high)
		return refuse(e, "is a list with a hole (nil) in it");
	if (shape.items > 0 || (shape.names == 0 && extra == NULL))
		return put_list(e, L, at, shape.items);
	return put_map(e, L, at, shape.names, extra, extra_value);
}

static bool
put_table(struct encoder *e, lua_State *L, int at, const char *extra,
    struct span extra_value)
{
	const void *self = lua_topointer(L, at);
	bool        fine;

	for (uint32_t i = 0; i < e->depth; i++)
		if (e->above[i] == self)
			return refuse(e, "holds itself");
	if (e->depth >= MESSAGE_DEPTH - 1 || e->steps >= MESSAGE_DEPTH - 1 ||
	    !lua_checkstack(L, 8))
		return refuse(e, "is nested too deeply");
	e->above[e->depth++] = self;
	fine = put_shape(e, L, at, extra, extra_value);
	e->depth--;
	return fine;
}

static bool
put(struct encoder *e, lua_State *L, int at)
{
	if (e->nodes++ >= LIMIT_YAML_NODES)
		return refuse(e, "is too much: a table holds at most 100,000 "
		    "values");
	if (e->out->full)
		return refuse(e, "is too long: at most 16 MiB in one step");
	switch (lua_type(L, at)) {
	case LUA_TSTRING:
		value_put_text(e->out, bridge_span(L, at));
		return true;
	case LUA_TNUMBER:
		return put_lua_number(e, L, at);
	case LUA_TBOOLEAN:
		return put_bool(e, lua_toboolean(L, at) != 0);
	case LUA_TTABLE:
		return put_table(e, L, at, NULL, (struct span){ NULL, 0 });
	case LUA_TUSERDATA:
		return put_secret(e, L, at);
	case LUA_TFUNCTION:
		return put_function(e, at);
	case LUA_TTHREAD:
		return refuse(e, "is a coroutine, not a value");
	}
	return refuse(e, "is nothing (nil)");
}

bool
value_put(struct encoder *e, lua_State *L, int at)
{
	int top = lua_gettop(L);
	bool fine = put(e, L, lua_absindex(L, at));

	lua_settop(L, top);
	return fine && (!e->out->full ||
	    refuse(e, "is too long: at most 16 MiB in one step"));
}

bool
value_put_map(struct encoder *e, lua_State *L, int at, const char *extra,
    struct span extra_value)
{
	int top = lua_gettop(L);
	bool fine = put_table(e, L, lua_absindex(L, at), extra, extra_value);

	lua_settop(L, top);
	return fine && (!e->out->full ||
	    refuse(e, "is too long: at most 16 MiB"));
}
