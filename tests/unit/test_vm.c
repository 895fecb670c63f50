/* The state itself: compiling, what errors say, modules. */
#include "check.h"
#include "vm_run.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static void
test_compile(void **state)
{
	static const struct vm_case cases[] = {
		{ "return 1 + 1", "ok 2" },
		{ "", "ok " },
		{ "#!/usr/bin/quoth run\nreturn 7", "ok 7" },
		{ "#!x\nerror 'here'", "error x.lua:2: here" },
		{ "#!no end", "ok " },
		{ "# no shebang", "syntax x.lua:1:" },
		{ "\xef\xbb\xbfreturn 1", "syntax x.lua:1: begins with a byte "
		    "order mark" },
		{ "\x1bLua\x54", "syntax attempt to load a binary chunk" },
		{ "#!x\n\x1bLua\x54", "syntax x.lua:2:" },
		{ "return +", "syntax x.lua:1: unexpected symbol near '+'" },
		{ "goto nowhere", "syntax x.lua:1: no visible label" },
		{ "local x <const> = 1 x = 2", "syntax x.lua:1: attempt to "
		    "assign to const variable 'x'" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

static void
test_error_text(void **state)
{
	static const struct vm_case cases[] = {
		{ "error('plain', 0)", "error plain" },
		{ "error('placed')", "error x.lua:1: placed" },
		{ "error(12, 0)", "error 12" },
		{ "error(1.5, 0)", "error 1.5" },
		{ "error(true)", "error true" },
		{ "error()", "error (error object is a nil value)" },
		{ "error(print)", "error (error object is a function value)" },
		{ "error({})", "error (error object is a table value)" },
		{ "error(setmetatable({}, {__name = 'thing'}))",
		    "error thing" },
		{ "error(setmetatable({}, {__tostring = function() return "
		    "'mine' end}))", "error mine" },
		{ "error(setmetatable({}, {__tostring = error}))",
		    "error (error object is a table value)" },
		{ "error(setmetatable({}, {__tostring = function() return {} "
		    "end}))", "error (error object is a table value)" },
		{ "error(setmetatable({}, {__tostring = coroutine.yield}))",
		    "error (error object is a table value)" },
		{ "error(setmetatable({}, {__tostring = act}))",
		    "error (error object is a table value)" },
		{ "local t = nil; return t.x", "error x.lua:1: attempt to "
		    "index a nil value (local 't')" },
		{ "return {} .. 'x'", "error x.lua:1: attempt to concatenate "
		    "a table value" },
		{ "coroutine.wrap(function() error('in') end)()",
		    "error x.lua:1: in" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

static void
test_require(void **state)
{
	static const struct vm_case cases[] = {
		{ "return require 'there' == require 'there'", "ok true" },
		{ "require 'nowhere'", "error no file 'nowhere'" },
		{ "pcall(require, 'nowhere') require 'nowhere'",
		    "error no file 'nowhere'" },
		{ "require 'again'", "error [string \"return require "
		    "'again'\"]:1: module 'again' is loading already" },
		{ "pcall(require, 'again') require 'again'",
		    "error [string \"return require 'again'\"]:1: module "
		    "'again' is loading already" },
		{ "require()", "error x.lua:1: bad argument #1 to 'require'" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

/* Nothing stays behind but the vm itself, and a refused birth is told. */
static void
test_no_memory(void **state)
{
	(void)state;
	for (size_t kib = 1; kib < 64; kib++) {
		struct vm vm = { .soft = kib * 1024, .hard = kib * 1024 };

		if (vm_open(&vm))
			vm_close(&vm);
		assert_int_equal(vm.used, 0);
		assert_null(vm.state);
	}
}

/* An object's text is not computed by a script that is out of bounds. */
static void
test_error_text_after_limit(void **state)
{
	struct vm_run run = { .vm.steps_max = 100000 };
	char          room[100];
	struct span   text;

	(void)state;
	vm_run_open(&run);
	assert_string_equal(vm_run(&run, "error(setmetatable({}, { "
	    "__tostring = function() while true do end end }))"),
	    "error (error object is a table value)");
	assert_int_equal(run.slice.hit, VM_STEPS);
	lua_settop(run.vm.state, 0);
	lua_newtable(run.vm.state);
	text = vm_error_text(&run.vm, run.vm.state, -1, room, sizeof room);
	assert_true(span_is(text, "(error object is a table value)"));
	vm_run_close(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compile),
		cmocka_unit_test(test_error_text),
		cmocka_unit_test(test_require),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_error_text_after_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
