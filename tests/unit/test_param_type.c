/* Types of parameters: what each takes. */
#include "build_fake.h"

#include "model/param_type.h"

static const struct type_case { const char *type, *good, *bad; } rows[] = {
	{ "string", "|a b|\xff", NULL },
	{ "int", "0|7|-3|9223372036854775807", "|1.0|+1|0x1|1e3|a|--1|"
	    "9223372036854775808" },
	{ "bool", "true|false", "|yes|1|True" },
	{ "duration", "0s|250ms|1.5h", "|10|1d|-1s" },
	{ "bytes", "0|512|10KiB", "|-1|1kb|1.5" },
	{ "endpoint", "smtp://h|h:25|embedded|[::1]:25", "|h|smpt://h|h:0" },
	{ "host", "a|a.b|a.b.|1.2.3.4|::1|a_b-c", "|a..b|-a|a b|.a|"
	    "exa\xe2\x80\x8bmple|\xd0\xb0.test" },
	{ "ip", "1.2.3.4|::1|fe80::1", "|1.2.3|a|1.2.3.4.5|[::1]|1.2.3.4 " },
	{ "email", "a@b|a.b+c@d.e|\"q\"@x|a@[1.2.3.4]|\xc3\xa4@\xc3\xb6.test|"
	    "a@b@c", "|a|@b|a@|a b@c|<a@b>|a@b..c|a@exa\xe2\x80\x8bmple" },
	{ "path", "a|/a/b|.", "" },
};

static bool
fits(const char *type, struct span text)
{
	struct fake  fake;
	struct fault fault;
	const struct param_type *row = param_types;
	bool         fine;

	fake_open(&fake);
	while (strcmp(row->name, type) != 0)
		row++;
	fine = param_check(row, fake_node(&fake, "{}"), text,
	    fake.build.regexes, &fake.arena, &fault);
	fake_close(&fake);
	return fine;
}

static void
test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct span good = span_of(rows[i].good), word;
		struct span bad = span_of(rows[i].bad);

		while (span_word(&good, "|", &word))
			if (!fits(rows[i].type, word))
				fail_msg("%s: '%.*s' is none", rows[i].type,
				    SPAN_ARG(word));
		while (rows[i].bad != NULL && span_word(&bad, "|", &word))
			if (fits(rows[i].type, word))
				fail_msg("%s: '%.*s' is one", rows[i].type,
				    SPAN_ARG(word));
	}
}

static const struct bound_case { const char *map, *text; bool fine; }
bounds[] = {
	{ "{ type: int, min: 1, max: 5 }", "1", true },
	{ "{ type: int, min: 1, max: 5 }", "5", true },
	{ "{ type: int, min: 1, max: 5 }", "0", false },
	{ "{ type: int, min: 1, max: 5 }", "6", false },
	{ "{ type: int, min: -5 }", "-5", true },
	{ "{ type: int, min: -5 }", "-6", false },
	{ "{ type: int, max: -5 }", "-4", false },
	{ "{ type: duration, max: 1m }", "59s", true },
	{ "{ type: duration, max: 1m }", "61s", false },
	{ "{ type: bytes, min: 1KiB }", "1023", false },
	{ "{ type: enum, choices: [a, b] }", "b", true },
	{ "{ type: enum, choices: [a, b] }", "B", false },
	{ "{ type: int, choices: [1, 2] }", "3", false },
	{ "{ pattern: /^a+$/ }", "aaa", true },
	{ "{ pattern: /^a+$/ }", "ab", false },
	{ "{ pattern: ^a+$ }", "aa", true },
};

static void
test_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		struct fake  fake;
		struct fault fault;
		const struct node *map;
		const struct param_type *type;

		fake_open(&fake);
		map = fake_node(&fake, bounds[i].map);
		type = param_type_find(node_get(map, "type"), &fake.diags);
		assert_non_null(type);
		assert_true(param_sound(type, map, fake.build.regexes,
		    &fake.diags));
		if (param_check(type, map, span_of(bounds[i].text),
		    fake.build.regexes, &fake.arena, &fault) != bounds[i].fine)
			fail_msg("%s: %s", bounds[i].map, bounds[i].text);
		fake_close(&fake);
	}
}

static void
test_list(void **state)
{
	struct fake fake;
	const struct node *list;

	(void)state;
	fake_open(&fake);
	list = param_list(fake_node(&fake, "{}"), SPAN("a, b c ,d"),
	    &fake.arena);
	assert_int_equal(list->kind, NODE_LIST);
	assert_int_equal(list->count, 3);
	assert_true(span_is(list->first->next->text, "b c"));
	fake_close(&fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types), cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
