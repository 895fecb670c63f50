/* Limits that nothing swallows. */
#include "base/limits.h"
#include "check.h"
#include "vm_run.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

/* Every way to catch an error, around work that never ends; afterwards a mark
 * that must not be reached. */
static const char *const catchers[] = {
	"%s",
	"pcall(function() %s end)",
	"xpcall(function() %s end, function() end)",
	"xpcall(error, function() %s end)",
	"pcall(pcall, pcall, function() %s end)",
	"coroutine.wrap(function() %s end)()",
	"coroutine.resume(coroutine.create(function() %s end))",
	"pcall(coroutine.wrap(function() pcall(coroutine.wrap(function() %s "
	    "end)) end))",
	"local x <close> = setmetatable({}, {__close = function() "
	    "print 'mark' end}) %s",
	"pcall(function() local x <close> = setmetatable({}, {__close = "
	    "function() %s end}) error() end)",
	"pcall(string.gsub, 'x', 'x', function() %s end)",
	"pcall(table.sort, {2, 1}, function() %s end)",
	"pcall(tostring, setmetatable({}, {__tostring = function() %s end}))",
	"for _ in pairs(setmetatable({}, {__pairs = function() %s end})) do "
	    "end",
};

static void
try(const char *work, struct vm limits, enum vm_limit want)
{
	for (size_t i = 0; i < COUNT(catchers); i++) {
		struct vm_run run = { .vm = limits };
		char          source[1024], inner[512];

		(void)snprintf(inner, sizeof inner, catchers[i], work);
		(void)snprintf(source, sizeof source, "%s print 'mark'",
		    inner);
		vm_run_open(&run);
		(void)vm_run(&run, source);
		if (run.slice.hit != want)
			print_message("%s\n", source);
		assert_int_equal(run.slice.hit, want);
		assert_string_equal(run.said, "");
		vm_run_close(&run);
	}
}

static void
test_steps(void **state)
{
	(void)state;
	try("while true do end", (struct vm){ .steps_max = 50000 },
	    VM_STEPS);
	try("while true do pcall(error) end", (struct vm){ .steps_max =
	    50000 }, VM_STEPS);
	try("while true do coroutine.wrap(function() end)() end",
	    (struct vm){ .steps_max = 50000 }, VM_STEPS);
	try("local co = coroutine.wrap(function() while true do "
	    "coroutine.yield() end end) while true do co() end",
	    (struct vm){ .steps_max = 50000 }, VM_STEPS);
	try("table.move({}, 1, 1 << 60, 2)", (struct vm){ .steps_max =
	    50000 }, VM_STEPS);
}

static void
test_cpu(void **state)
{
	(void)state;
	try("while true do end", (struct vm){ .cpu_ms = 20 }, VM_CPU);
}

static void
test_memory(void **state)
{
	(void)state;
	try("local t = {} while true do t[#t + 1] = {} end",
	    (struct vm){ .soft = MIB, .hard = 2 * MIB }, VM_MEMORY);
	try("local s = 'x' while true do s = s .. s end",
	    (struct vm){ .soft = MIB, .hard = 2 * MIB }, VM_MEMORY);
	try("local s = ('x'):rep(3000000)",
	    (struct vm){ .soft = MIB, .hard = 2 * MIB }, VM_MEMORY);
}

static void
test_depth(void **state)
{
	struct vm_run run = { 0 };

	(void)state;
	vm_run_open(&run);
	assert_string_equal(vm_run(&run, "local function f() return 1 + f() "
	    "end f()"), "limit calls nested more than 100,000 deep, the "
	    "limit");
	vm_run_close(&run);
}

/* Garbage is no use of memory, and each act begins a new count. */
static void
test_fine(void **state)
{
	static const char *const good[] = {
		"for i = 1, 2000 do local s = ('x'):rep(10000) .. i end "
		    "print 'mark'",
		"for i = 1, 100 do for j = 1, 100 do end act() end "
		    "print 'mark'",
		"coroutine.wrap(function() for i = 1, 100 do for j = 1, 100 do "
		    "end act() end end)() print 'mark'",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct vm_run run = { .vm.soft = MIB, .vm.hard = 2 * MIB,
			.vm.steps_max = 100000 };

		vm_run_open(&run);
		assert_string_equal(vm_run(&run, good[i]), "ok ");
		assert_string_equal(run.said, "mark\n");
		vm_run_close(&run);
	}
}

/* A limit is one run's: the next one in the same state is well. */
static void
test_neighbours(void **state)
{
	struct vm_run run = { .vm.soft = 4 * MIB, .vm.hard = 6 * MIB,
		.vm.steps_max = 100000 };

	(void)state;
	vm_run_open(&run);
	for (int i = 0; i < 20; i++) {
		assert_string_equal(vm_run(&run, "while true do end"),
		    "limit more than 100,000 instructions without an act, "
		    "the limit");
		assert_string_equal(vm_run(&run, "return act()"),
		    "ok reply 1");
		assert_string_equal(vm_run(&run, "local t = {} while true do "
		    "t = {('x'):rep(100000), t} end"), "limit more than 4 "
		    "MiB of memory in use, the limit of a Lua file");
	}
	vm_run_close(&run);
}

static void
test_words(void **state)
{
	struct vm vm = { .soft = 64 * MIB, .steps_max = 100000000,
		.cpu_ms = 2000 };
	static const char *const want[] = {
		[VM_FINE] = "",
		[VM_MEMORY] = "more than 64 MiB of memory in use, the limit of "
		    "a Lua file",
		[VM_STEPS] = "more than 100,000,000 instructions without an "
		    "act, the limit",
		[VM_CPU] = "more than 2,000 ms of computing without an act, "
		    "the limit",
		[VM_DEPTH] = "calls nested more than 100,000 deep, the limit",
	};
	char words[160];

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		vm_limit_words(&vm, (enum vm_limit)i, words);
		assert_string_equal(words, want[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
