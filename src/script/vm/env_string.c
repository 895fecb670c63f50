/*
 * string and utf8: Lua's own, which pay for the length of their texts. What
 * takes longer than its texts say (a pattern that goes back and forth) is seen
 * by nobody in here: the watchdog of the parent ends it. Plain searches are
 * done by memmem(), in linear time; they still pay for what a naive one takes,
 * since texts that cost so much are no dialogue's. No address is shown.
 */
#include "script/vm/env.h"

#include <lualib.h>

enum { PLAIN_SHARE = 1024 };    /* comparisons for an instruction */

static bool
has_specials(struct span pattern)
{
	for (size_t i = 0; i < pattern.len; i++)
		if (strchr("^$*+?.([%-", pattern.ptr[i]) != NULL &&
		    pattern.ptr[i] != '\0')
			return true;
	return false;
}

/* Lua's start: 1-based, negative from the end; SIZE_MAX: behind the end. */
static size_t
start_of(lua_Integer from, size_t len)
{
	lua_Unsigned back;

	if (from > 0)
		return (lua_Unsigned)from - 1 > len ? SIZE_MAX :
		    (size_t)from - 1;
	back = 0 - (lua_Unsigned)from;
	return back == 0 || back > len ? 0 : len - (size_t)back;
}

static int
find_plain(lua_State *L, struct span text, struct span what)
{
	const char *hit;

	vm_spend(L, (text.len >= what.len ? text.len - what.len + 1 : 0) /
	    PLAIN_SHARE * (what.len + 1) + text.len / 64);
	hit = what.len == 0 ? text.ptr :
	    memmem(text.ptr, text.len, what.ptr, what.len);
	if (hit == NULL) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, hit - lua_tostring(L, 1) + 1);
	lua_pushinteger(L, hit - lua_tostring(L, 1) + (lua_Integer)what.len);
	return 2;
}

static int
string_find(lua_State *L)
{
	struct span text, pattern;
	size_t      at;

	text.ptr = luaL_checklstring(L, 1, &text.len);
	pattern.ptr = luaL_checklstring(L, 2, &pattern.len);
	at = start_of(luaL_optinteger(L, 3, 1), text.len);
	if (at == SIZE_MAX) {
		lua_pushnil(L);
		return 1;
	}
	if (lua_toboolean(L, 4) || !has_specials(pattern))
		return find_plain(L, span_from(text, at), pattern);
	vm_spend(L, (text.len + pattern.len) / 8);
	return vm_of(L)->lua[VM_LUA_FIND](L);
}

/* The letter of the conversion behind a '%' at `at`, which moves behind it. */
static char
conversion(struct span format, size_t *at)
{
	while (*at < format.len && format.ptr[*at] != '\0' &&
	    strchr("-+ #0123456789.", format.ptr[*at]) != NULL)
		++*at;
	return *at < format.len ? format.ptr[(*at)++] : '\0';
}

/* A handle whose text is not known here says so: its name would be put in its
 * place without a word. */
static void
format_refuse(lua_State *L, int arg)
{
	if (lua_type(L, arg) != LUA_TUSERDATA ||
	    luaL_getmetafield(L, arg, "__format") == LUA_TNIL)
		return;
	lua_pushvalue(L, arg);
	lua_call(L, 1, 0);
}

static int
string_format(lua_State *L)
{
	struct span format;
	int         top = lua_gettop(L), arg = 1;

	format.ptr = luaL_checklstring(L, 1, &format.len);
	for (size_t at = 0; at < format.len;) {
		char letter;

		if (format.ptr[at++] != '%')
			continue;
		letter = conversion(format, &at);
		if (letter == '%')
			continue;
		if (letter == 'p')
			return luaL_error(L, "'%%p' is not available: it "
			    "would show an address");
		arg++;
		if (letter == 's' && arg <= top && lua_type(L, arg) !=
		    LUA_TSTRING) {
			format_refuse(L, arg);
			(void)vm_tostring(L, arg);
			lua_replace(L, arg);
			lua_settop(L, top);
		}
	}
	vm_spend(L, format.len / 16);
	return vm_of(L)->lua[VM_LUA_FORMAT](L);
}

static const luaL_Reg functions[] = {
	{ "find", string_find },
	{ "format", string_format },
	{ NULL, NULL },
};

const struct library env_string = {
	.name = "string", .open = luaopen_string,
	.kept = (const char *const[]){ "byte", "char", "len", "rep", "sub",
		NULL },
	.charged = (const struct charged[]){ { "gmatch", 8 }, { "gsub", 8 },
		{ "lower", 16 }, { "match", 8 }, { "pack", 4 },
		{ "packsize", 4 }, { "reverse", 16 }, { "unpack", 4 },
		{ "upper", 16 }, { NULL, 0 } },
	.ours = functions,
};

const struct library env_utf8 = {
	.name = "utf8", .open = luaopen_utf8,
	.kept = (const char *const[]){ "char", "charpattern", "codes", NULL },
	.charged = (const struct charged[]){ { "codepoint", 16 },
		{ "len", 16 }, { "offset", 16 }, { NULL, 0 } },
};
