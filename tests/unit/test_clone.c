/* Copies for each run: what one run does, the next does not see. */
#include "script/vm/clone.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <lauxlib.h>

/*
 * Each source returns its run functions, or one of them. They are called in
 * their order, twice, each time as a copy of its own, and say a text; `needed`
 * says for each whether it is copied (y) or shared (n).
 */
static const struct clone_case {
	const char *source, *needed, *said;
} cases[] = {
	/* Nothing mutable. */
	{ "return function() return 1 end", "n", "1 1" },
	{ "local s, n, b = 'a', 2, true\n"
	    "return function() return s .. n .. tostring(b) end", "n",
	    "a2true a2true" },
	{ "local function f(x) return x + 1 end\n"
	    "local function g(x) return f(x) * 2 end\n"
	    "return function() return g(1) end", "n", "4 4" },
	{ "function double(x) return x * 2 end\n"
	    "return function() return double(2) end", "n", "4 4" },
	{ "name = 'x'\nreturn function() return name end", "n", "x x" },
	{ "local f = string.upper\nreturn function() return f('a') end", "n",
	    "A A" },
	{ "local s = string\nreturn function() return s.upper('a') end", "n",
	    "A A" },
	{ "return function() local n = 0\n"
	    "  local function inc() n = n + 1 end\n"
	    "  inc() inc() return n end", "n", "2 2" },
	{ "return function() local t = {} t[1] = 5 return #t end", "n",
	    "1 1" },

	/* Upvalues that are set. */
	{ "local n = 0\nreturn function() n = n + 1 return n end", "y",
	    "1 1" },
	{ "local n = 0\nlocal function inc() n = n + 1 end\n"
	    "return function() inc() inc() return n end", "y", "2 2" },
	{ "local n = 0\n"
	    "local function inc() n = n + 1 end\n"
	    "local function get() return n end\n"
	    "return function() inc() return get() .. n end", "y", "11 11" },
	{ "local n = 0\n"
	    "return function() local function a() n = n + 1 end\n"
	    "  a() a() return n end", "y", "2 2" },
	/* Whoever only reads shares it with nobody that writes. */
	{ "local n = 5\n"
	    "return function() n = n + 1 return n end,\n"
	    "  function() return n end", "yy", "6 5 6 5" },
	{ "local n = 5\n"
	    "return function() return n end,\n"
	    "  function() n = n + 1 return n end", "yy", "5 6 5 6" },
	{ "local function make() local n = 0\n"
	    "  return function() n = n + 1 return n end end\n"
	    "local a, b = make(), make()\n"
	    "a() a() b()\n"
	    "return function() return a() .. b() end", "y", "32 32" },

	/* Tables. */
	{ "local t = { 1, 2 }\n"
	    "return function() t[#t + 1] = 3 return #t end", "y", "3 3" },
	{ "local t = { a = { b = { c = 1 } } }\n"
	    "return function() local b = t.a.b b.c = b.c + 1 return b.c end",
	    "y", "2 2" },
	{ "local t = {} t.self, t[t] = t, t\n"
	    "return function() t.x = (t.x or 0) + 1\n"
	    "  return tostring(t.self == t and t[t] == t) .. t.self.x end",
	    "y", "true1 true1" },
	{ "local t = {} local u = { t, t }\n"
	    "return function() u[1].n = (u[2].n or 0) + 1\n"
	    "  return tostring(u[1] == t) .. t.n end", "y", "true1 true1" },
	{ "local t = { n = 1 }\nlocal function f() t.n = t.n + 1 end\n"
	    "return function() f() return t.n end", "y", "2 2" },
	{ "local t = {} t.f = function() t.n = (t.n or 0) + 1 return t.n end\n"
	    "return function() return t.f() .. t.f() end", "y", "12 12" },
	{ "local k = {} local t = { [k] = 'v' }\n"
	    "return function() return t[k] end", "y", "v v" },
	{ "local f = function() end local t = { [f] = 1 }\n"
	    "return function() t[f] = t[f] + 1 return t[f] end", "y",
	    "2 2" },
	{ "local t = { false, nil, 1.5, 'x' }\n"
	    "return function() return tostring(t[1]) .. tostring(t[2]) ..\n"
	    "  t[3] .. t[4] end", "y", "falsenil1.5x falsenil1.5x" },

	/* Recursion. */
	{ "local function f(n) return n < 2 and 1 or n * f(n - 1) end\n"
	    "return function() return f(5) end", "n", "120 120" },
	{ "local even, odd\n"
	    "function even(n) if n == 0 then return true end\n"
	    "  return odd(n - 1) end\n"
	    "function odd(n) if n == 0 then return false end\n"
	    "  return even(n - 1) end\n"
	    "return function() return tostring(even(10)) end", "n",
	    "true true" },
	{ "local calls = 0\nlocal function f(n) calls = calls + 1\n"
	    "  return n < 2 and 1 or n * f(n - 1) end\n"
	    "return function() f(5) return calls end", "y", "5 5" },
	{ "local run\nrun = function(again) if again then return 'x' end\n"
	    "  return run(true) end\nreturn run", "n", "x x" },

	/* Metatables and classes. */
	{ "local C = {} C.__index = C\n"
	    "function C.new(n) return setmetatable({ n = n }, C) end\n"
	    "function C:inc() self.n = self.n + 1 return self.n end\n"
	    "local shared = C.new(1)\n"
	    "return function() local own = C.new(9)\n"
	    "  return shared:inc() .. own:inc() ..\n"
	    "  tostring(getmetatable(shared) == C) end", "y",
	    "210true 210true" },
	{ "local C = { count = 0 } C.__index = C\n"
	    "local D = setmetatable({}, C) D.__index = D\n"
	    "return function() C.count = C.count + 1 C.f = C.count\n"
	    "  return setmetatable({}, D).f end", "y", "1 1" },
	{ "local t = setmetatable({}, { __index = function(t, k)\n"
	    "  return k .. '!' end, __newindex = function() error('no') end })\n"
	    "return function() return t.x end", "y", "x! x!" },
	{ "local t = setmetatable({ 1 }, { __metatable = 'locked',\n"
	    "  __len = function() return 7 end })\n"
	    "return function() t[1] = t[1] + 1\n"
	    "  return t[1] .. #t .. getmetatable(t) end", "y",
	    "27locked 27locked" },

	/* Globals of the file. */
	{ "count = { 0 }\n"
	    "return function() count[1] = count[1] + 1 return count[1] end",
	    "y", "1 1" },
	{ "count = { 0 }\nfunction inc() count[1] = count[1] + 1 end\n"
	    "return function() inc() return _G.count[1] end", "y", "1 1" },
	{ "local n = 0\nfunction inc() n = n + 1 return n end\n"
	    "return function() return inc() .. inc() end", "y", "12 12" },
	{ "count = { 0 }\nlocal g = _G\n"
	    "return function() g.count[1] = 7 return count[1] end", "y",
	    "7 7" },

	/* Another environment: of that run alone. */
	{ "local function show() return type(tostring) end\n"
	    "return function() local a = show()\n"
	    "  _ENV = {} return a end", "y", "function function" },

	/* Functions in functions, with more than one level of upvalues. */
	{ "local a = { 0 }\n"
	    "return function() local function x()\n"
	    "  local function y() a[1] = a[1] + 1 end y() y() end\n"
	    "  x() return a[1] end", "y", "2 2" },
	{ "local fs = {}\n"
	    "for i = 1, 3 do fs[i] = function() i = i + 1 return i end end\n"
	    "return function() return fs[1]() .. fs[2]() .. fs[3]() .. fs[1]()\n"
	    "end", "y", "2343 2343" },
	{ "local f = setmetatable({}, { __call = function(self)\n"
	    "  self.n = (self.n or 0) + 1 return self.n end })\n"
	    "return function() return f() end", "y", "1 1" },
	{ "local function va(...) return select('#', ...) end\n"
	    "local t = {}\n"
	    "return function() t[1] = va(1, 2) return t[1] end", "y",
	    "2 2" },
};

struct bench { struct vm vm; lua_State *L; };

static void
open(struct bench *b)
{
	b->vm = (struct vm){ 0 };
	assert_true(vm_open(&b->vm));
	b->L = b->vm.state;
}

/* Runs the file; its results stay on the stack. Their number. */
static int
load(struct bench *b, const char *source)
{
	lua_State *L = b->L;
	int        top = lua_gettop(L);

	b->vm.running = false;
	if (!vm_compile(&b->vm, L, span_of(source), "@x.lua") ||
	    lua_pcall(L, 0, LUA_MULTRET, 0) != LUA_OK)
		fail_msg("%s\n%s", source, lua_tostring(L, -1));
	b->vm.running = true;
	return lua_gettop(L) - top;
}

static int
push_copy(lua_State *L)
{
	clone_push(vm_of(L), L, 1);
	return 1;
}

/* Pushes a copy of the function at `at`. */
static void
copy(struct bench *b, int at)
{
	lua_State *L = b->L;

	at = lua_absindex(L, at);
	lua_pushcfunction(L, push_copy);
	lua_pushvalue(L, at);
	if (lua_pcall(L, 1, 1, 0) != LUA_OK)
		fail_msg("%s", lua_tostring(L, -1));
}

static void
say(struct bench *b, const char *source, struct buf *out)
{
	if (lua_pcall(b->L, 0, 1, 0) != LUA_OK)
		fail_msg("%s\n%s", source, lua_tostring(b->L, -1));
	(void)buf_addf(out, "%s%s", out->len == 0 ? "" : " ",
	    luaL_tolstring(b->L, -1, NULL));
	lua_pop(b->L, 2);
}

static void
case_run(const struct clone_case *row)
{
	struct bench b;
	struct buf   said = buf_new(256), needed = buf_new(16);
	int          count;

	open(&b);
	count = load(&b, row->source);
	/* What is asked about later may change what was said before. */
	for (int i = 0; i < count; i++)
		(void)clone_needed(&b.vm, b.L, 1 + i);
	for (int i = 0; i < count; i++)
		(void)buf_add_octet(&needed, clone_needed(&b.vm, b.L, 1 + i) ?
		    'y' : 'n');
	for (int i = 0; i < 2 * count; i++) {
		copy(&b, 1 + i % count);
		assert_int_equal(lua_rawequal(b.L, -1, 1 + i % count),
		    needed.ptr[i % count] == 'n');
		say(&b, row->source, &said);
	}
	assert_int_equal(lua_gettop(b.L), count);
	if (!span_is(buf_span(&said), row->said) ||
	    !span_is(buf_span(&needed), row->needed))
		fail_msg("%s\n%.*s: %.*s", row->source, SPAN_ARG(needed),
		    SPAN_ARG(said));
	vm_close(&b.vm);
	buf_free(&said);
	buf_free(&needed);
}

static void
copies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		case_run(&cases[i]);
}

static const struct { const char *source, *words; } refused[] = {
	{ "local co = coroutine.create(function() end)\n"
	    "return function() return co end", "a coroutine that is made" },
	{ "local t = { coroutine.create(function() end) }\n"
	    "return function() return t end", "a coroutine that is made" },
	{ "local next = string.gmatch('a b', '%a')\n"
	    "return function() return next() end", "an iterator that is made" },
};

static void
copies_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct bench b;

		open(&b);
		assert_int_equal(load(&b, refused[i].source), 1);
		lua_pushcfunction(b.L, push_copy);
		lua_pushvalue(b.L, 1);
		assert_int_equal(lua_pcall(b.L, 1, 1, 0), LUA_ERRRUN);
		if (strstr(lua_tostring(b.L, -1), refused[i].words) == NULL)
			fail_msg("%s", lua_tostring(b.L, -1));
		vm_close(&b.vm);
	}
}

/* What a run needs besides its function is of the same copy. */
static void
copies_of_one_run(void **state)
{
	struct bench b;
	lua_State   *L;

	(void)state;
	open(&b);
	L = b.L;
	/* A module's value, and a function that uses it. */
	assert_int_equal(load(&b, "local m = { n = 0 }\n"
	    "function m.inc() m.n = m.n + 1 return m.n end\n"
	    "return function() return m.inc() end, m"), 2);
	for (int run = 0; run < 2; run++) {
		lua_newtable(L);
		clone_push_for(&b.vm, L, 1, -1);
		clone_push_for(&b.vm, L, 2, -2);
		assert_false(lua_rawequal(L, -1, 2));
		lua_pushvalue(L, -2);
		lua_call(L, 0, 1);
		assert_int_equal(lua_tointeger(L, -1), 1);
		lua_pop(L, 1);
		lua_getfield(L, -1, "n");
		assert_int_equal(lua_tointeger(L, -1), 1);
		lua_pop(L, 1);
		clone_push_for(&b.vm, L, 2, -3);
		assert_true(lua_rawequal(L, -1, -2));
		lua_settop(L, 2);
	}
	lua_getfield(L, 2, "n");
	assert_int_equal(lua_tointeger(L, -1), 0);
	vm_close(&b.vm);
}

/* A shipped module is one for all, and does not keep globals from being
 * copied. */
static void
shared(void **state)
{
	struct bench b;
	lua_State   *L;

	(void)state;
	open(&b);
	L = b.L;
	assert_int_equal(load(&b, "local n = 0\n"
	    "return { inc = function() n = n + 1 return n, _G end }"), 1);
	clone_share(&b.vm, L, 1);
	lua_getglobal(L, "_G");
	(void)vm_env_globals(L, -1);
	lua_pushvalue(L, 1);
	lua_setfield(L, -2, "shipped");
	lua_settop(L, 1);
	assert_int_equal(load(&b, "local m = shipped\n"
	    "return function() return m.inc() end"), 1);
	assert_false(clone_needed(&b.vm, L, 2));
	assert_int_equal(load(&b, "mine = { 0 }\n"
	    "return function() mine[1] = mine[1] + 1 return mine[1] end"), 1);
	assert_true(clone_needed(&b.vm, L, 3));
	for (int i = 0; i < 2; i++) {
		copy(&b, 3);
		lua_call(L, 0, 1);
		assert_int_equal(lua_tointeger(L, -1), 1);
		lua_pop(L, 1);
	}
	vm_close(&b.vm);
}

/* Errors of a copy name the author's file and line, and its variables. */
static void
places_kept(void **state)
{
	struct bench b;

	(void)state;
	open(&b);
	assert_int_equal(load(&b, "local t = {}\n"
	    "return function()\n  t.x = 1\n  return t.y.z\nend"), 1);
	copy(&b, 1);
	assert_int_equal(lua_pcall(b.L, 0, 1, 0), LUA_ERRRUN);
	assert_string_equal(lua_tostring(b.L, -1),
	    "x.lua:4: attempt to index a nil value (field 'y')");
	vm_close(&b.vm);
}

/* A run's globals stay read-only, and unknown names an error. */
static void
environment_kept(void **state)
{
	struct bench b;

	(void)state;
	open(&b);
	assert_int_equal(load(&b, "t = {}\n"
	    "return function() t.x = 1 u = 2 end,\n"
	    "  function() return #t .. nowhere end"), 2);
	copy(&b, 1);
	assert_int_equal(lua_pcall(b.L, 0, 1, 0), LUA_ERRRUN);
	assert_non_null(strstr(lua_tostring(b.L, -1), "global 'u'"));
	copy(&b, 2);
	assert_int_equal(lua_pcall(b.L, 0, 1, 0), LUA_ERRRUN);
	assert_non_null(strstr(lua_tostring(b.L, -1), "'nowhere'"));
	vm_close(&b.vm);
}

/* However deep and long: no recursion in C. */
static void
deep(void **state)
{
	static const char source[] =
	    "local list\n"
	    "for i = 1, 100000 do list = { list, i } end\n"
	    "local f = function() return 0 end\n"
	    "local x = 0\n"
	    "for i = 1, 20000 do local g = f\n"
	    "  f = function() if i < 3 then x = x + 1 end return g end end\n"
	    "return function() local n, at = 0, list\n"
	    "  while at do n, at = n + 1, at[1] end\n"
	    "  list = nil x = x + 1 f() return n + x end";
	const struct clone_case row = { source, "y", "100001 100001" };

	(void)state;
	case_run(&row);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies),
		cmocka_unit_test(copies_refused),
		cmocka_unit_test(copies_of_one_run),
		cmocka_unit_test(shared),
		cmocka_unit_test(places_kept),
		cmocka_unit_test(environment_kept),
		cmocka_unit_test(deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
