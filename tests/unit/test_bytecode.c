/*
 * What a dump tells: globals with their lines, assignments to the outside, and
 * code that this Lua compiled wrongly. The last is held against what the code
 * does: random expressions, compiled with few constants (right) and with many.
 */
#include "check.h"

#include "script/vm/bytecode.h"
#include "script/vm/bytecode_own.h"

#include <lauxlib.h>
#include <lualib.h>

struct found {
	char text[4096];
	int  wrong;
	uint32_t wrong_line;
};

static void
global_add(void *who, const struct global_use *use)
{
	struct found *found = who;
	size_t len = strlen(found->text);

	snprintf(found->text + len, sizeof found->text - len, "%s%.*s%s:%u",
	    len == 0 ? "" : " ", SPAN_ARG(use->name), use->sets ? "=" : "",
	    use->line);
}

static void
wrong_add(void *who, uint32_t line, const char *words)
{
	struct found *found = who;

	assert_non_null(strstr(words, "write"));
	if (found->wrong++ == 0)
		found->wrong_line = line;
}

static void
compile(lua_State *L, const char *text)
{
	if (luaL_loadbufferx(L, text, strlen(text), "=test", "t") != LUA_OK)
		fail_msg("%s: %s", text, lua_tostring(L, -1));
}

/* Of the function on top, which goes. */
static bool
read_top(lua_State *L, struct found *found)
{
	struct bytecode_findings findings = { .global = global_add,
		.miscompiled = wrong_add, .who = found };

	memset(found, 0, sizeof *found);
	assert_true(bytecode_read(L, &findings));
	lua_pop(L, 1);
	return findings.assigns;
}

/* A text, `count` floats in a table, a text. */
static char *
with_constants(const char *before, int count, const char *after)
{
	size_t room = strlen(before) + strlen(after) + (size_t)count * 12 + 64;
	char  *text = malloc(room);
	size_t len = (size_t)snprintf(text, room, "%s local pad = {", before);

	for (int i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, room - len, "%d.25,", i);
	snprintf(text + len, room - len, "} %s", after);
	return text;
}

static void
test_globals(void **state)
{
	static const struct { const char *text, *found; } rows[] = {
		{ "", "" },
		{ "x = y", "y:1 x=:1" },
		{ "local x\nx = x", "" },
		{ "print(a.b.c)\n\n\nq()", "print:1 a:1 q:4" },
		{ "function f()\n return g, function()\n h = 1 end end\n"
		    "return f", "g:2 h=:3 f=:1 f:4" },
		{ "local function f() return one end\nlocal y = two\n"
		    "local function g() three = f end", "one:1 two:2 three=:3" },
		{ "_ENV.x = _ENV.y", "y:1 x=:1" },
		{ "_ENV:m()", "m:1" },
		{ "return _G.x, _G.f(1)", "_G:1 x:1 _G:1 f:1" },
		{ "_G.x = 1", "_G:1 x=:1" },
		{ "local _ENV = {} x = y", "" },
		{ "local function f() local _ENV = {}\n"
		    "return function() return x end end\nreturn z", "z:3" },
		{ "local function f(_ENV) return x end return y", "y:1" },
		{ "local e = _ENV return e.x", "" },
		{ "local e = _G e.x = 1", "_G:1" },
		{ "local t = {} t.x = t.y return t:z()", "" },
		{ "a, b = b, a", "b:1 a:1 b=:1 a=:1" },
		{ "for k in p do q(k) end", "p:1 q:1" },
		{ "goto l; x = 1; ::l:: return [[y]]", "x=:1" },
	};
	lua_State *L = luaL_newstate();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct found found;

		compile(L, rows[i].text);
		(void)read_top(L, &found);
		if (strcmp(found.text, rows[i].found) != 0)
			fail_msg("%s: %s", rows[i].text, found.text);
		assert_int_equal(found.wrong, 0);
	}
	lua_close(L);
}

/* Names that no instruction can hold come through registers. */
static void
test_globals_far(void **state)
{
	static const struct { const char *text, *found; } rows[] = {
		{ "return x", "x:1" },
		{ "x = y", "y:1 x=:1" },
		{ "x = y and z or function() return w, pad end",
		    "y:1 z:1 w:1 x=:1" },
		{ "local v\nx, v, y = f(), nil, 2", "f:2 y=:2 x=:2" },
		{ "x(y, z(1))", "x:1 y:1 z:1" },
		{ "pad.x = pad.y", "" },
		{ "local e = _ENV e.x = e.y", "" },
		{ "return _ENV:m(pad:n())", "m:1" },
		{ "for i = 1, n do x = i end", "n:1 x=:1" },
	};
	lua_State *L = luaL_newstate();

	(void)state;
	for (int count = 300; count <= 140000; count += 139700)
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
			char *text = with_constants("", count, rows[i].text);
			struct found found;

			compile(L, text);
			(void)read_top(L, &found);
			if (strcmp(found.text, rows[i].found) != 0)
				fail_msg("%d, %s: %s", count, rows[i].text,
				    found.text);
			assert_int_equal(found.wrong, 0);
			free(text);
		}
	lua_close(L);
}

/* Lines of a long way from the last one, and many instructions. */
static void
test_lines(void **state)
{
	lua_State *L = luaL_newstate();
	struct found found;
	char  *text = calloc(1, 10000);

	(void)state;
	strcpy(text, "local a = 1 ");
	for (int i = 0; i < 400; i++)
		strcat(text, "a = a + a ");
	memset(text + strlen(text), '\n', 300);
	strcat(text, "x = a\ny = a ");
	for (int i = 0; i < 300; i++)
		strcat(text, "a = a + a ");
	strcat(text, "\nz = a");
	compile(L, text);
	(void)read_top(L, &found);
	assert_string_equal(found.text, "x=:301 y=:302 z=:303");
	free(text);
	lua_close(L);
}

static void
test_assigns(void **state)
{
	static const struct { const char *text; bool assigns; } rows[] = {
		{ "return function() up = 1 end", false },
		{ "local u return function() u = 1 end", true },
		{ "local u return function() return u end", false },
		{ "local u return function() u.x = 1 end", false },
		{ "local u return function() local function g() u = 1 end end",
		    true },
		{ "return function() local v local function g() v = 1 end "
		    "return g end", false },
		{ "local u return function() local u return function() "
		    "u = 2 end end", false },
		{ "return function() _ENV = {} end", true },
		{ "local u return function(...) for i = 1, 2 do "
		    "local f = function() u = i end end end", true },
	};
	lua_State *L = luaL_newstate();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct found found;

		compile(L, rows[i].text);
		assert_int_equal(lua_pcall(L, 0, 1, 0), LUA_OK);
		if (read_top(L, &found) != rows[i].assigns)
			fail_msg("%s", rows[i].text);
	}
	lua_close(L);
}

/* Does this Lua have the errors at all? */
static bool
lua_wrong(lua_State *L, const char *text)
{
	bool wrong;

	luaL_requiref(L, "_G", luaopen_base, 1);
	lua_pop(L, 1);
	compile(L, text);
	assert_int_equal(lua_pcall(L, 0, 1, 0), LUA_OK);
	wrong = !lua_toboolean(L, -1);
	lua_pop(L, 1);
	return wrong;
}

static void
test_index(void **state)
{
	static const struct { const char *text; int wrong; } rows[] = {
		{ "return function() return t[a < b] end", 1 },
		{ "return function(x)\nt[x == 1] = 2 end", 1 },
		{ "return function(x) t[not (x == y)] = t[x ~= y] end", 2 },
		{ "return _ENV[1 < 2]", 1 },
		{ "return function() return function() return t[a >= 2] end "
		    "end", 1 },
		{ "return t[a < b]", 0 },
		{ "return function() return t[a < b and 1] end", 0 },
		{ "return function() return t[(a < b) or nil] end", 0 },
		{ "return function() return t[not a] end", 0 },
		{ "return function() local k = a < b return t[k] end", 0 },
		{ "return function() return u[a < b] end", 0 },
		{ "return function() return t.x[a < b] end", 0 },
		{ "return function() return { [a < b] = t } end", 0 },
		{ "return function() return a < b or t end", 0 },
		{ "return function() return (a < b) == t end", 0 },
		{ "return function() if a < b then return t end end", 0 },
		{ "return function() return f(a < b, t, t == a) end", 0 },
	};
	lua_State *L = luaL_newstate();
	bool broken = lua_wrong(L, "local t = { [true] = 1, [false] = 1 } "
	    "local function f(a, b) return t[a < b] end "
	    "local ok, v = pcall(f, 1, 2) return ok and v == 1");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct found found;
		char text[256];

		snprintf(text, sizeof text, "local t, a, b = {}, 1, 2 %s",
		    rows[i].text);
		compile(L, text);
		(void)read_top(L, &found);
		if (found.wrong != (broken ? rows[i].wrong : 0))
			fail_msg("%s: %d", text, found.wrong);
	}
	lua_close(L);
}

/* xorshift: the same numbers everywhere. */
static uint32_t
roll(uint32_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

static void
expression(uint32_t *seed, int depth, struct buf *out)
{
	static const char *const leaves[] = { "a", "b", "c", "5", "77", "u",
		"t.k", "f(a)", "1000000", "C", "nil", "2.0", "~b", "t[a]",
		"(f(b))" };
	static const char *const ops[] = { "&", "|", "~", "&", "|", "~", "and",
		"or", "and", "or", "+", "<<", ">>" };
	bool test = roll(seed, 6) == 0;

	if (depth == 0 || roll(seed, 5) == 0) {
		buf_add_text(out, leaves[roll(seed,
		    sizeof leaves / sizeof *leaves)]);
		return;
	}
	buf_add_text(out, roll(seed, 8) == 0 ? "not not (" : "(");
	expression(seed, depth - 1, out);
	if (test)
		buf_addf(out, " %s %s and ", roll(seed, 2) ? "==" : "~=",
		    leaves[roll(seed, 4)]);
	else
		buf_addf(out, " %s ", ops[roll(seed,
		    sizeof ops / sizeof *ops)]);
	expression(seed, depth - 1, out);
	buf_add_octet(out, ')');
}

/* What the function on top (which goes) returns for values of a, b and c. */
static void
results(lua_State *L, char *out, size_t size)
{
	static const char *const values[] = { "nil", "false", "3", "12" };
	size_t len = 0;

	for (int i = 0; i < 64; i++) {
		lua_pushvalue(L, -1);
		for (int k = 0, n = i; k < 3; k++, n /= 4) {
			if (n % 4 == 0)
				lua_pushnil(L);
			else if (n % 4 == 1)
				lua_pushboolean(L, false);
			else
				lua_pushinteger(L, atoi(values[n % 4]));
		}
		if (lua_pcall(L, 3, 1, 0) != LUA_OK) {
			lua_pop(L, 1);
			lua_pushstring(L, "raised");
		}
		len += (size_t)snprintf(out + len, size - len, "%s ",
		    luaL_tolstring(L, -1, NULL));
		lua_pop(L, 2);
	}
	lua_pop(L, 1);
}

/* Compiled, read, and the function itself left on the stack. */
static struct found
expression_push(lua_State *L, const char *text, int constants)
{
	static const char head[] = "local u, C <const> = 9, 6 "
	    "local t = { k = 21, [3] = 1, [12] = 2 } "
	    "local function f(x) return x end "
	    "return function(a, b, c) ";
	char  *whole = with_constants(head, constants, text);
	struct found found;

	compile(L, whole);
	lua_pushvalue(L, -1);
	(void)read_top(L, &found);
	assert_int_equal(lua_pcall(L, 0, 1, 0), LUA_OK);
	free(whole);
	return found;
}

static bool
one_bitwise(lua_State *L, const char *expr, bool *changes)
{
	char right[64 * 24], many[64 * 24], text[4200];
	struct found few, found;

	snprintf(text, sizeof text, "return %s end", expr);
	few = expression_push(L, text, 3);
	results(L, right, sizeof right);
	found = expression_push(L, text, 300);
	results(L, many, sizeof many);
	assert_int_equal(few.wrong, 0);
	*changes = strcmp(right, many) != 0;
	return found.wrong > 0;
}

static void
test_bitwise_rows(void **state)
{
	static const struct { const char *expr; bool wrong; } rows[] = {
		{ "5 | (a or 3)", true }, { "1 ~ (f(a) or 3)", true },
		{ "7 & (f(a) or f(b))", true }, { "C & (a and b)", true },
		{ "1000000 ~ (a or b)", true },
		{ "1 ~ (not f(a) and b or c)", true },
		{ "1 | (a or t.k)", true }, { "t.k + (5 | (a or 3))", true },
		{ "5 | a", false }, { "5 | t.k", false }, { "5 | f(a)", false },
		{ "(a or 3) | 5", false }, { "(a or 5) | t.k", false },
		{ "(a and 5) | (b or 7)", false },
		{ "(f(a) == 3 and 5) ~ b", false },
		{ "a | (b or 5)", false }, { "5.0 | (a or 3)", false },
		{ "5 + (a or 3)", false }, { "5 << (a or 3)", false },
		{ "(5) & 7 & (~a)", false },
	};
	lua_State *L = luaL_newstate();
	bool ignored, broken = one_bitwise(L, rows[0].expr, &ignored);

	(void)state;
	assert_int_equal(broken, ignored);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (one_bitwise(L, rows[i].expr, &ignored) !=
		    (broken && rows[i].wrong))
			fail_msg("%s", rows[i].expr);
	lua_close(L);
}

static void
test_bitwise_random(void **state)
{
	lua_State *L = luaL_newstate();
	uint32_t seed = 2463534242, wrong = 0;
	struct buf text = buf_new(4096);

	(void)state;
	for (int i = 0; i < 4000; i++) {
		bool found, changes;
		const char *expr;

		buf_clear(&text);
		expression(&seed, 4, &text);
		buf_add_octet(&text, '\0');
		expr = text.ptr;
		found = one_bitwise(L, expr, &changes);
		wrong += found;
		if (changes && !found)
			fail_msg("missed: %s", expr);
		if (getenv("SHOW") != NULL && found && !changes)
			print_message("harmless: %s\n", expr);
	}
	if (getenv("SHOW") != NULL)
		print_message("%u wrong\n", wrong);
	buf_free(&text);
	lua_close(L);
}

static bool
known(void *who, struct span name)
{
	(void)who;
	return span_is(name, "print");
}

static void
test_unknown(void **state)
{
	lua_State *L = luaL_newstate();
	struct found found = { .wrong = 0 };
	struct global_check check = { known, global_add, &found };

	(void)state;
	compile(L, "local function f() return later, typo end\n"
	    "print(f(), prnit)\nlater = 1\n_G.table2 = 1 return table2\n, typo");
	lua_pushvalue(L, -1);
	assert_true(bytecode_globals(L, &check));
	assert_string_equal(found.text, "typo:1 prnit:2 _G:4 typo:5");
	assert_int_equal(lua_gettop(L), 2);
	lua_close(L);
}

static void
test_no_dump(void **state)
{
	struct bytecode_findings findings = { .global = global_add };
	lua_State *L = luaL_newstate();
	struct arena arena = { 0 };
	struct buf dump;

	(void)state;
	lua_pushcfunction(L, luaopen_base);
	assert_false(bytecode_read(L, &findings));
	compile(L, "local a = { 1, 2.5, 'x' } return function() return a, b "
	    "end");
	assert_true(bytecode_dump(L, &dump));
	assert_non_null(bytecode_parse(buf_span(&dump), &arena));
	for (size_t len = 0; len < dump.len; len++)     /* cut anywhere */
		assert_null(bytecode_parse((struct span){ dump.ptr, len },
		    &arena));
	for (size_t at = 0; at < 31; at++) {            /* another header */
		dump.ptr[at] ^= 1;
		assert_null(bytecode_parse(buf_span(&dump), &arena));
		dump.ptr[at] ^= 1;
	}
	for (size_t at = 0; at < dump.len; at++) {      /* anything at all */
		dump.ptr[at] = (char)~dump.ptr[at];
		(void)bytecode_parse(buf_span(&dump), &arena);
		dump.ptr[at] = (char)~dump.ptr[at];
	}
	buf_free(&dump);
	arena_free(&arena);
	lua_close(L);
}

static void
test_env_const(void **state)
{
	static const struct { const char *text; uint32_t line; } rows[] = {
		{ "local _ENV <const> = 1 x()", 1 },
		{ "--[[\n]] local a,\n _ENV\n< const > = 1", 3 },
		{ "local _ENV = 1 local x <const> = 2", 0 },
		{ "local s = '_ENV <const>' -- _ENV <const>", 0 },
		{ "local _ENV, _ENV <const> = 1", 1 },
	};
	lua_State *L = luaL_newstate();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct span text = span_of(rows[i].text);
		uint32_t line = 0;

		if (bytecode_env_const_find(text, &line) != (rows[i].line > 0)
		    || (rows[i].line > 0 && line != rows[i].line))
			fail_msg("%s: %u", rows[i].text, line);
		/* Debian's 5.4.4 and every later one is mended. */
		assert_false(bytecode_env_const(L, text, &line));
	}
	lua_close(L);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_globals),
		cmocka_unit_test(test_globals_far),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_assigns),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_bitwise_rows),
		cmocka_unit_test(test_bitwise_random),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_no_dump),
		cmocka_unit_test(test_env_const),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
