/*
 * Arguments of acts to octets: the value, and the table of modifiers behind
 * it. What cannot be a value raises with the name of the act in front.
 */
#include "script/bridge/bridge_own.h"

struct cut
value_encode(lua_State *L, struct bridge *b, struct buf *out, int at,
    const char *what, uint32_t depth)
{
	struct encoder e;
	size_t mark = out->len;

	if (lua_type(L, at) == LUA_TSTRING) {
		value_put_text(out, bridge_span(L, at));
	} else if (lua_isnoneornil(L, at)) {
		value_put_none(out);
	} else {
		e.b = b;
		e.out = out;
		e.depth = depth;
		e.nodes = e.steps = 0;
		e.run = false;
		e.function = 0;
		b->keys.len = 0;
		memset(e.above, 0, depth * sizeof *e.above);
		if (!value_put(&e, L, at)) {
			out->len = mark;
			out->full = false;
			(void)bridge_raise(L, "%s: %s", what, e.why);
		}
	}
	if (out->full) {
		out->len = mark;
		out->full = false;
		(void)bridge_raise(L, "%s: the value is too long: at most "
		    "16 MiB in one step", what);
	}
	return (struct cut){ (uint32_t)mark, (uint32_t)(out->len - mark) };
}

/* The keys that make a step are no modifiers of one. */
static bool
is_reserved(struct span key)
{
	static const char *const words[] = { "expect", "expect_each", "on",
		"pipeline", "use", "with", "loop", "eventually", NULL };

	for (size_t i = 0; words[i] != NULL; i++)
		if (span_is(key, words[i]))
			return true;
	return verb_find(key) != NULL;
}

static void
modifier_encode(lua_State *L, struct bridge *b, struct buf *out,
    const char *what, struct modifiers *modifiers)
{
	struct modifier *modifier = &modifiers->list[modifiers->count];
	struct span key;

	if (lua_type(L, -2) != LUA_TSTRING)
		(void)bridge_raise(L, "%s: the second argument holds title, "
		    "timeout, level, on_fail or secret by their names", what);
	key = bridge_span(L, -2);
	if (is_reserved(key))
		(void)bridge_raise(L, "%s: '%.30s' is no modifier; there are "
		    "title, timeout, level, on_fail and secret", what,
		    key.ptr);
	if (modifiers->count++ == MODIFIERS_MAX)
		(void)bridge_raise(L, "%s: too many modifiers; there are "
		    "title, timeout, level, on_fail and secret", what);
	if (span_is(key, "on_fail") && lua_type(L, -1) == LUA_TSTRING)
		modifiers->go_on = span_is(bridge_span(L, -1), "continue");
	modifier->key = (struct cut){ (uint32_t)out->len,
		(uint32_t)key.len };
	(void)buf_add(out, key);
	modifier->value = value_encode(L, b, out, lua_gettop(L), what, 4);
}

void
modifiers_encode(lua_State *L, struct bridge *b, struct buf *out, int at,
    const char *what, struct modifiers *modifiers)
{
	modifiers->count = 0;
	modifiers->go_on = false;
	if (lua_isnoneornil(L, at))
		return;
	if (!lua_istable(L, at))
		(void)bridge_raise(L, "%s: the second argument is a table of "
		    "modifiers, such as { title = \"...\" }, not a %s", what,
		    lua_typename(L, lua_type(L, at)));
	lua_pushnil(L);
	while (lua_next(L, at) != 0) {
		modifier_encode(L, b, out, what, modifiers);
		lua_pop(L, 1);
	}
}
