/* Coroutines of the author's, pcall and acts that pass through both. */
#include "check.h"
#include "vm_run.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static void
test_plain(void **state)
{
	static const struct vm_case cases[] = {
		{ "local co = coroutine.create(function(a, b) local c = "
		    "coroutine.yield(a + b) return c * 2 end) local _, s = "
		    "coroutine.resume(co, 1, 2) local _, r = coroutine.resume("
		    "co, 21) return s .. ' ' .. r .. ' ' .. "
		    "coroutine.status(co)", "ok 3 42 dead" },
		{ "local n = 0 for v in coroutine.wrap(function() for i = 1, "
		    "4 do coroutine.yield(i) end end) do n = n + v end "
		    "return n", "ok 10" },
		{ "local co = coroutine.create(function() end) "
		    "return coroutine.status(co)", "ok suspended" },
		{ "local co co = coroutine.create(function() return "
		    "coroutine.status(co) end) return (select(2, "
		    "coroutine.resume(co)))", "ok running" },
		{ "local co co = coroutine.wrap(function() return co() end) "
		    "return co()", "error cannot resume non-suspended" },
		{ "local co = coroutine.wrap(function() end) co() co()",
		    "error cannot resume dead coroutine" },
		{ "return select('#', coroutine.resume(coroutine.create("
		    "function(...) return ... end), nil, nil))", "ok 3" },
		{ "local co, main = coroutine.running() return main",
		    "ok true" },
		{ "return coroutine.wrap(function() return select(2, "
		    "coroutine.running()) end)()", "ok false" },
		{ "return coroutine.isyieldable()", "ok false" },
		{ "return coroutine.wrap(coroutine.isyieldable)()",
		    "ok true" },
		{ "coroutine.yield(1)", "error x.lua:1: attempt to yield from outside" },
		{ "return coroutine.close", "ok (error object is a nil" },
		{ "coroutine.create(1)", "error x.lua:1: bad argument #1" },
		{ "coroutine.resume(coroutine.create(print), table.unpack({}, "
		    "1, 500000)) return 1", "ok 1" },
		{ "local log = '' local co = coroutine.create(function() "
		    "local x <close> = setmetatable({}, {__close = function() "
		    "log = log .. 'closed' end}) error 'bad' end) "
		    "local _, e = coroutine.resume(co) return log .. ' ' .. e",
		    "ok closed x.lua:1: bad" },
		/* More than the C stack takes: an error, once, and dead. */
		{ "local function f() return coroutine.resume("
		    "coroutine.create(f)) end local t = {f()} "
		    "return t[#t]", "ok C stack overflow" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

static void
test_acts(void **state)
{
	static const struct vm_case cases[] = {
		{ "return act()", "ok reply 1" },
		{ "act() return (select(2, pcall(act)))", "ok reply 2" },
		{ "return coroutine.wrap(function() return act() end)()",
		    "ok reply 1" },
		/* An act and an author's yield are told apart. */
		{ "local co = coroutine.wrap(function() local a = act() "
		    "local b = coroutine.yield(a) return b .. act() end) "
		    "local first = co() act() return first .. co('+')",
		    "ok reply 1+reply 3" },
		{ "local function nest(n) if n == 0 then return act() .. act() "
		    "end return coroutine.wrap(nest)(n - 1) end "
		    "return nest(20)", "ok reply 1reply 2" },
		{ "local function nest(n) if n == 0 then return act() end "
		    "return select(2, pcall(coroutine.wrap(function() "
		    "return select(2, pcall(nest, n - 1)) end))) end "
		    "return nest(10)", "ok reply 1" },
		{ "return select(2, xpcall(error, function(e) return act() .. "
		    "e end, '!'))", "ok reply 1!" },
		{ "local r do local x <close> = setmetatable({}, {__close = "
		    "function() r = act() end}) end return r",
		    "ok reply 1" },
		/* ... also while an error unwinds, in a coroutine too. */
		{ "local r pcall(function() local x <close> = setmetatable("
		    "{}, {__close = function() r = act() end}) error 'x' end) "
		    "return r .. act()", "ok reply 1reply 2" },
		{ "local r local co = coroutine.create(function() local x "
		    "<close> = setmetatable({}, {__close = function() r = "
		    "act() end}) error('bad', 0) end) local _, e = "
		    "coroutine.resume(co) return r .. e", "ok reply 1bad" },
		{ "return setmetatable({}, {__index = function() return "
		    "act() end}).x", "ok reply 1" },
		{ "for _ in function(_, n) return not n and act() or nil end "
		    "do return act() end", "ok reply 2" },
		/* Where C stands between, an act says so. */
		{ "('x'):gsub('x', act)", "error no act can be here" },
		{ "('x'):gsub('x', coroutine.wrap(function() act() end))",
		    "error x.lua:1: no act can be here" },
		{ "table.sort({2, 1}, function() act() end)",
		    "error x.lua:1: no act can be here" },
		{ "local co = coroutine.wrap(function() act() act() end) "
		    "pcall(string.gsub, 'x', 'x', co) return act()",
		    "ok reply 1" },
		{ "local co = coroutine.create(function() act() end) "
		    "coroutine.resume(coroutine.create(function() "
		    "coroutine.resume(co) end)) return coroutine.status(co)",
		    "ok dead" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

/* What the bridge raises where the act stands goes through everything. */
static void
test_act_fails(void **state)
{
	static const struct vm_case cases[] = {
		{ "act()", "error x.lua:1: act 1 failed" },
		{ "return (select(2, pcall(act)))", "ok act 1 failed" },
		{ "coroutine.wrap(function() act() end)()",
		    "error x.lua:1: act 1 failed" },
		{ "return (select(2, coroutine.resume(coroutine.create("
		    "function() act() end))))", "ok x.lua:1: act 1 failed" },
		{ "local co = coroutine.create(function() act() end) "
		    "coroutine.resume(co) return coroutine.status(co)",
		    "ok dead" },
		{ "local r pcall(function() local x <close> = setmetatable("
		    "{}, {__close = function() r = act() end}) act() end) "
		    "return r", "ok reply 2" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vm_run run = { .act_fails = 1 };

		vm_run_open(&run);
		assert_string_equal(vm_run(&run, cases[i].source),
		    cases[i].want);
		vm_run_close(&run);
	}
}

/* pcall waits for what is under way before it begins, and is counted. */
static void
test_unsettled(void **state)
{
	static const struct vm_case cases[] = {
		{ "return (select(2, pcall(act)))", "ok reply 4" },
		{ "return (select(2, xpcall(act, error)))", "ok reply 4" },
		{ "return select('#', pcall(error, 1, 2))", "ok 2" },
		{ "return coroutine.wrap(function() return select(2, pcall("
		    "act)) end)()", "ok reply 4" },
		{ "return ('x'):gsub('x', function() pcall(print) end)",
		    "ok 1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vm_run run = { .unsettled = 3 };

		vm_run_open(&run);
		assert_string_equal(vm_run(&run, cases[i].source),
		    cases[i].want);
		assert_int_equal(run.slice.guards, 0);
		vm_run_close(&run);
	}
}

static void
test_calls(void **state)
{
	static const struct vm_case cases[] = {
		{ "return select('#', pcall(print))", "ok 1" },
		{ "return (select(2, pcall(error, 'x', 0)))", "ok x" },
		{ "return (select(2, xpcall(error, function(e) return e .. "
		    "'!' end, 'x', 0)))", "ok x!" },
		{ "return (select(3, xpcall(function(...) return ... end, "
		    "print, 1, 2)))", "ok 2" },
		{ "return (select(2, xpcall(error, error, 'x', 0)))",
		    "ok x" },
		{ "pcall()", "error x.lua:1: bad argument #1 to 'pcall'" },
		{ "xpcall(print)", "error x.lua:1: bad argument #2" },
		{ "xpcall(print, 1)", "error x.lua:1: bad argument #2" },
		/* The handler runs after unwinding. */
		{ "local log = '' xpcall(function() local x <close> = "
		    "setmetatable({}, {__close = function() log = log .. "
		    "'close ' end}) error 'x' end, function() log = log .. "
		    "'handler' end) return log", "ok close handler" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_acts),
		cmocka_unit_test(test_act_fails),
		cmocka_unit_test(test_unsettled),
		cmocka_unit_test(test_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
