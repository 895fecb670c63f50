/* What author's code finds, what it cannot change and what it is not told. */
#include "check.h"
#include "vm_run.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static void
test_names(void **state)
{
	static const struct vm_case cases[] = {
#define NAMES(table) "local t = {} for k in pairs(" table ") do t[#t + 1] " \
	"= k end table.sort(t) return table.concat(t, ' ')"
		{ NAMES("_G"), "ok _G _VERSION act assert collectgarbage "
		    "coroutine error getmetatable ipairs math next os pairs "
		    "pcall print rawequal rawget rawlen rawset require select "
		    "setmetatable string table tonumber tostring type utf8 "
		    "xpcall" },
		{ NAMES("string"), "ok byte char find format gmatch gsub len "
		    "lower match pack packsize rep reverse sub unpack upper" },
		{ NAMES("table"), "ok concat insert move pack remove sort "
		    "unpack" },
		{ NAMES("math"), "ok abs acos asin atan ceil cos deg exp "
		    "floor fmod huge log max maxinteger min mininteger modf "
		    "pi rad random randomseed sin sqrt tan tointeger type "
		    "ult" },
		{ NAMES("os"), "ok clock date difftime time" },
		{ NAMES("coroutine"), "ok create isyieldable resume running "
		    "status wrap yield" },
		{ NAMES("utf8"), "ok char charpattern codepoint codes len "
		    "offset" },
		{ "return ('').dump", "ok (error object is a nil value)" },
		{ "return _VERSION", "ok Lua 5.4" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

/* The list that `check` goes by is the environment. */
static void
test_lists(void **state)
{
	struct vm_run run = { 0 };
	char          source[100];

	(void)state;
	vm_run_open(&run);
	for (size_t i = 0; vm_names[i] != NULL; i++) {
		(void)snprintf(source, sizeof source, "return %s ~= nil",
		    vm_names[i]);
		assert_string_equal(vm_run(&run, source), "ok true");
	}
	for (size_t i = 0; vm_absent[i] != NULL; i++) {
		(void)snprintf(source, sizeof source, "return %s == nil",
		    vm_absent[i]);
		assert_string_equal(vm_run(&run, source), "ok true");
	}
	vm_run_close(&run);
}

static void
test_globals(void **state)
{
	static const struct vm_case cases[] = {
		{ "pritn 'x'", "error x.lua:1: unknown global 'pritn'; did "
		    "you mean 'print'?" },
		{ "return quuxxyz", "error x.lua:1: unknown global 'quuxxyz'" },
		{ "counter = 1 return conter", "error x.lua:1: unknown global "
		    "'conter'; did you mean 'counter'?" },
		{ "x = 1 x = x + 1 return x .. _G.x", "ok 22" },
		{ "x = 1 x = nil return x", "error x.lua:1: unknown" },
		{ "print = tostring return print(12)", "ok 12" },
		{ "return rawget(_G, 'nosuch') == nil", "ok true" },
		{ "return rawget(_G, 'print') == print", "ok true" },
		{ "return _G == _ENV and _G._G == _G", "ok true" },
		{ "rawset(_G, 'y', 3) return y", "ok 3" },
		{ "return _G[1] == nil", "ok true" },
		{ "load('return 1')", "error x.lua:1: attempt to call a nil "
		    "value (global 'load')" },
		{ "return getmetatable(_G)", "ok false" },
		{ "setmetatable(_G, {})", "error x.lua:1: cannot change a protected" },
		{ "local _ENV = {} x = 1 return x", "ok 1" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

static void
test_globals_running(void **state)
{
	struct vm_run run = { 0 };

	(void)state;
	vm_run_open(&run);
	assert_string_equal(vm_run(&run, "x = 1"), "ok ");
	run.vm.running = true;
	assert_string_equal(vm_run(&run, "x = 2"), "error x.lua:1: sets the "
	    "global 'x' while a scenario runs; use a local variable");
	assert_string_equal(vm_run(&run, "y = 2"), "error x.lua:1: sets the "
	    "global 'y' while a scenario runs; use a local variable");
	assert_string_equal(vm_run(&run, "rawset(_G, 'x', 2)"), "error "
	    "x.lua:1: sets the global 'x' while a scenario runs; use a local "
	    "variable");
	assert_string_equal(vm_run(&run, "return x"), "ok 1");
	vm_run_close(&run);
}

static void
test_frozen(void **state)
{
	static const struct vm_case cases[] = {
		{ "string.rep = 1", "error x.lua:1: table 'string' is "
		    "read-only" },
		{ "string.new = 1", "error x.lua:1: table 'string' is "
		    "read-only" },
		{ "rawset(math, 'pi', 3)", "error" },
		{ "setmetatable(table, nil)", "error x.lua:1: cannot change" },
		{ "table.insert(os, 1)", "error table 'os' is read-only" },
		{ "return getmetatable(string)", "ok false" },
		{ "return getmetatable('')", "ok false" },
		{ "return ('x'):rep(3)", "ok xxx" },
		{ "return '10' + 1", "ok 11" },
		{ "return next(os) ~= nil", "ok true" },
		{ "return rawget(math, 'pi') == math.pi", "ok true" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

static void
test_metatables(void **state)
{
	static const struct vm_case cases[] = {
		{ "setmetatable({}, {__gc = print})", "error x.lua:1: '__gc' "
		    "is not available: use <close>" },
		{ "setmetatable({}, {__mode = 'k'})", "error x.lua:1: "
		    "'__mode' is not available" },
		{ "local mt = {} return getmetatable(setmetatable({}, mt)) "
		    "== mt", "ok true" },
		{ "return getmetatable(setmetatable({}, {__metatable = 5}))",
		    "ok 5" },
		{ "setmetatable(setmetatable({}, {__metatable = 5}), {})",
		    "error x.lua:1: cannot change a protected metatable" },
		{ "return getmetatable({})", "ok (error object is a nil" },
		{ "setmetatable(1, {})", "error x.lua:1: bad argument #1" },
		{ "setmetatable({}, 1)", "error x.lua:1: bad argument #2 to "
		    "'setmetatable' (nil or table expected, got number)" },
		{ "setmetatable({})", "error x.lua:1: bad argument #2" },
		/* A __mode that comes later is a name like any other. */
		{ "local mt = {} local t = setmetatable({}, mt) mt.__mode = "
		    "'kv' for i = 1, 50 do t[i] = {} t[{}] = i end local s "
		    "for i = 1, 100000 do s = {} end local n = 0 for _ in "
		    "pairs(t) do n = n + 1 end return n", "ok 100" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

/* tests/unit/hostile-lua/012 looks for numbers; here is what there is. */
static void
test_texts(void **state)
{
	static const struct vm_case cases[] = {
		{ "return tostring({}) .. tostring(print) .. tostring("
		    "coroutine.create(print))", "ok tablefunctionthread" },
		{ "return ('%s %5s|%-6s|%.2s %q %d'):format({}, print, nil, "
		    "true, 'q', 7)", "ok table function|nil   |tr \"q\" 7" },
		{ "return ('%p'):format({})", "error x.lua:1: '%p' is not "
		    "available" },
		{ "return ('%%p %s'):format(1)", "ok %p 1" },
		{ "return ('%s'):format()", "error x.lua:1: bad argument #1 "
		    "to 'format' (no value)" },
		{ "return ('%y'):format(1)", "error x.lua:1: invalid "
		    "conversion '%y' to 'format'" },
		{ "return ('%'):format(1)", "error x.lua:1: invalid" },
		{ "return ('%s'):format(setmetatable({}, {__tostring = "
		    "function() return 'mine' end}))", "ok mine" },
		{ "return tostring(setmetatable({}, {__name = 'N'}))",
		    "ok N" },
		{ "return tostring(setmetatable({}, {__name = 5}))",
		    "ok table" },
		{ "return tostring(1e15) .. tostring(-0.0) .. tostring(2^53)",
		    "ok 1e+15-0.09.007199254741e+15" },
		{ "tostring()", "error x.lua:1: bad argument #1 to" },
		{ "return collectgarbage 'count' > 1", "ok true" },
		{ "collectgarbage()", "error x.lua:1: collectgarbage takes" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

static void
test_print(void **state)
{
	struct vm_run run = { 0 };

	(void)state;
	vm_run_open(&run);
	assert_string_equal(vm_run(&run, "print(1, 'x', nil, {}, print) "
	    "print() print(setmetatable({}, {__name = 5}), 2)"), "ok ");
	assert_string_equal(run.said, "1\tx\tnil\ttable\tfunction\n\n"
	    "table\t2\n");
	vm_run_close(&run);
}

static void
test_strings(void **state)
{
	static const struct vm_case cases[] = {
		{ "local a, b = ('hello'):find('l') return a .. b", "ok 33" },
		{ "local a, b = ('hello'):find('l+') return a .. b", "ok 34" },
		{ "local a, b = ('a.b'):find('.', 1, true) return a .. b",
		    "ok 22" },
		{ "local a, b = ('hello'):find('') return a .. b", "ok 10" },
		{ "local a, b = ('hello'):find('', 6) return a .. b",
		    "ok 65" },
		{ "return ('hello'):find('', 7)", "ok (error object is a nil" },
		{ "local a, b = ('hello'):find('l', -2) return a .. b",
		    "ok 44" },
		{ "local a, b = ('hello'):find('h', -99) return a .. b",
		    "ok 11" },
		{ "return (('a\\0b'):find('\\0'))", "ok 2" },
		{ "return (('a\\0b'):find('\\0b'))", "ok 2" },
		{ "return ('hello'):find('x')", "ok (error object is a nil" },
		{ "return ('hello'):find('l', math.mininteger)", "ok 3" },
		{ "return ('x'):find({})", "error x.lua:1: bad argument #1 "
		    "to 'find'" },
		{ "local n = 0 for w in ('a b c'):gmatch('%a') do n = n + 1 "
		    "end return n", "ok 3" },
		{ "return utf8.len('h\xc3\xa4')", "ok 2" },
		{ "return tonumber('ff', 16)", "ok 255" },
		{ "return tonumber(('1'):rep(500)) > 1", "ok true" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

static void
test_tables(void **state)
{
	static const struct vm_case cases[] = {
		{ "local t = {1, 2} table.insert(t, 3) table.insert(t, 1, 0) "
		    "return table.concat(t, ' ')", "ok 0 1 2 3" },
		{ "local t = {} table.insert(t, 2, 1)", "error x.lua:1: bad "
		    "argument #2 to 'insert' (position out of bounds)" },
		{ "table.insert({}, 1, 2, 3)", "error x.lua:1: wrong number" },
		{ "table.insert({})", "error x.lua:1: wrong number" },
		{ "local t = {1, 2, 3} local r = table.remove(t, 1) return r "
		    ".. table.concat(t) .. table.remove(t) .. #t", "ok 12331" },
		{ "return table.remove({})", "ok (error object is a nil" },
		{ "return table.remove({}, 0)", "ok (error object is a nil" },
		{ "local t = {1} return table.remove(t, 2) == nil and #t",
		    "ok 1" },
		{ "table.remove({}, 7)", "error x.lua:1: bad argument #2" },
		{ "local t = {1, 2, 3} table.move(t, 1, 3, 2) return "
		    "table.concat(t)", "ok 1123" },
		{ "local t = {1, 2, 3} table.move(t, 2, 3, 1) return "
		    "table.concat(t)", "ok 233" },
		{ "return table.concat(table.move({1, 2}, 1, 2, 3, {8, 9}))",
		    "ok 8912" },
		{ "table.move({}, 1, math.maxinteger, 2)", "error x.lua:1: bad "
		    "argument #4 to 'move' (destination wrap around)" },
		{ "table.move({}, -1, math.maxinteger, 2)", "error x.lua:1: "
		    "bad argument #3 to 'move' (too many" },
		{ "return table.move({}, 2, 1, 5) ~= nil", "ok true" },
		{ "return select('#', table.unpack({1, nil, 3}, 1, 3))",
		    "ok 3" },
		{ "table.unpack({}, 1, 1 << 40)", "error x.lua:1: too many "
		    "results to unpack" },
		{ "local t = {'b', 'a'} table.sort(t) return t[1]", "ok a" },
		{ "local t = {1, 2, 3} table.sort(t, function(a, b) return "
		    "a > b end) return t[1]", "ok 3" },
		{ "return table.concat({1, 2}, ',', 2, 2)", "ok 2" },
		{ "table.concat({{}})", "error x.lua:1: invalid value" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

static void
test_time(void **state)
{
	static const struct vm_case cases[] = {
		{ "return os.date('%Y-%m-%d %H:%M:%S', 0)",
		    "ok 1970-01-01 00:00:00" },
		{ "return os.date('!%c', 1000000000)",
		    "ok Sun Sep  9 01:46:40 2001" },
		{ "return os.date('%a %A %b %B %C %d %D %e %F %g %G %h %H %I "
		    "%j %m %M %p %r %R %S %T %u %U %V %w %W %x %X %y %Y %z %Z "
		    "%%', 1078056061)", "ok Sun Sunday Feb February 20 29 "
		    "02/29/04 29 2004-02-29 04 2004 Feb 12 12 060 02 01 PM "
		    "12:01:01 PM 12:01 01 12:01:01 7 09 09 0 08 02/29/04 "
		    "12:01:01 04 2004 +0000 UTC %" },
		{ "return os.date('%G-%V', 1104537600 + 86400)",
		    "ok 2004-53" },
		{ "return os.date('%G-%V', 1230681600)", "ok 2009-01" },
		{ "return os.date('%F', -86400 * 365 * 2000)", "ok -29-" },
		{ "return os.date('%Ey', 0)", "ok 70" },
		{ "os.date('%Q', 0)", "error x.lua:1: invalid conversion" },
		{ "os.date('%', 0)", "error x.lua:1: invalid conversion" },
		{ "os.date('%c', math.maxinteger)", "error x.lua:1: date "
		    "result cannot be represented" },
		{ "return os.time{year=1970, month=1, day=1, hour=0}",
		    "ok 0" },
		{ "return os.time{year=2024, month=14, day=-3, sec=70}",
		    "ok 1738065670" },
		{ "local t = {year=2023, month=2, day=29} os.time(t) return "
		    "t.month .. '/' .. t.day .. ' ' .. t.wday .. ' ' .. "
		    "t.yday", "ok 3/1 4 60" },
		{ "for _, s in ipairs{0, -1, 1e9 // 1, 951782400, "
		    "-62135596800, 253402300799} do s = s // 1 | 0 if "
		    "os.time(os.date('*t', s)) ~= s then return s end end "
		    "return 'same'", "ok same" },
		{ "os.time{year=2024}", "error x.lua:1: field 'month' "
		    "missing in date table" },
		{ "os.time{year=2024, month='x', day=1}", "error x.lua:1: "
		    "field 'month' is not an integer" },
		{ "os.time{year=1 << 60, month=1, day=1}", "error x.lua:1: "
		    "field 'year' is out-of-bound" },
		{ "return os.time() > 1700000000 and os.clock() >= 0 and "
		    "os.difftime(5, 3)", "ok 2" },
	};

	(void)state;
	vm_cases(cases, COUNT(cases));
}

/* The same seed, the same numbers; another run does not disturb them. */
static void
test_random(void **state)
{
	static const char draw[] = "local t = {} for i = 1, 5 do t[i] = "
	    "math.random(1000) end act() for i = 1, 5 do t[#t + 1] = "
	    "math.random(1000) end return table.concat(t, ' ')";
	struct vm_run run = { 0 };
	char          first[200];

	(void)state;
	vm_run_open(&run);
	(void)snprintf(first, sizeof first, "%s", vm_run(&run, draw));
	assert_int_equal(strncmp(first, "ok ", 3), 0);
	(void)vm_run(&run, "math.randomseed(5) math.random()");
	assert_string_equal(vm_run(&run, draw), first);
	assert_string_not_equal(vm_run(&run, "math.randomseed(1) return 1"),
	    first);
	vm_run_close(&run);
}

static void
test_random_ranges(void **state)
{
	static const struct vm_case cases[] = {
		{ "for i = 1, 1000 do local x = math.random() if x < 0 or x "
		    ">= 1 then return 'out' end x = math.random(7) if x < 1 "
		    "or x > 7 then return 'out' end x = math.random(-3, 3) if "
		    "x < -3 or x > 3 then return 'out' end end return 'in'",
		    "ok in" },
		{ "return math.type(math.random(0)) .. math.type(math.random("
		    "math.mininteger, math.maxinteger))", "ok integerinteger" },
		{ "local seen = {} for i = 1, 500 do seen[math.random(6)] = 1 "
		    "end return #seen", "ok 6" },
		{ "return math.random(3, 3)", "ok 3" },
		{ "math.random(2, 1)", "error x.lua:1: bad argument #2 to "
		    "'random' (interval is empty)" },
		{ "math.random(-1)", "error x.lua:1: bad argument #1" },
		{ "math.random(1, 2, 3)", "error x.lua:1: wrong number" },
		{ "math.randomseed(7) local a = math.random(0) "
		    "math.randomseed(7) return a == math.random(0)",
		    "ok true" },
		{ "math.randomseed(1.5) math.randomseed() return "
		    "math.random(100) > 0", "ok true" },
	};
	struct vm_slice a = { 0 }, b = { 0 };

	(void)state;
	vm_cases(cases, COUNT(cases));
	vm_seed(&a, 1);
	vm_seed(&b, 2);
	assert_int_not_equal(vm_random(&a), vm_random(&b));
}

/* What clone.c asks. */
static void
test_seams(void **state)
{
	struct vm_run run = { 0 };
	lua_State    *L;

	(void)state;
	vm_run_open(&run);
	L = run.vm.state;
	assert_string_equal(vm_run(&run, "mine = {}"), "ok ");
	lua_settop(L, 0);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_env_key);
	assert_false(vm_frozen(L, 1));
	lua_getfield(L, 1, "string");
	assert_true(vm_frozen(L, -1));
	assert_false(vm_env_globals(L, -1));
	lua_getfield(L, -1, "gsub");
	assert_true(vm_frozen(L, -1));
	lua_getfield(L, 1, "mine");
	assert_false(vm_frozen(L, -1));
	lua_settop(L, 1);
	vm_env_new(&run.vm, L);
	assert_true(vm_env_globals(L, 2));
	lua_pushinteger(L, 5);
	lua_setfield(L, 3, "mine");
	assert_int_equal(lua_getfield(L, 1, "mine"), LUA_TTABLE);
	assert_int_equal(lua_getfield(L, 2, "mine"), LUA_TNUMBER);
	assert_int_equal(lua_getfield(L, 2, "print"), LUA_TFUNCTION);
	lua_getfield(L, 2, "_G");
	assert_true(lua_rawequal(L, 2, -1));
	lua_newtable(L);
	vm_freeze(L, "mine");
	assert_true(vm_frozen(L, -1));
	lua_settop(L, 0);
	vm_run_close(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_globals),
		cmocka_unit_test(test_globals_running),
		cmocka_unit_test(test_frozen),
		cmocka_unit_test(test_metatables),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_random_ranges),
		cmocka_unit_test(test_seams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
