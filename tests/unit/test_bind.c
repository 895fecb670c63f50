/* The readers of fields: durations, sizes, numbers, booleans, late fields. */
#include "build_fake.h"

static const struct number_case { const char *text; uint64_t want; }
durations[] = { { "0s", 0 }, { "250ms", 250 }, { "10s", 10000 },
	{ "1.5s", 1500 }, { "0.001s", 1 }, { "2m", 120000 }, { "1h", 3600000 },
	{ "24h", 86400000 }, { "0.5m", 30000 }, { "596h", 2145600000 } },
sizes[] = { { "0", 0 }, { "512", 512 }, { "1B", 1 }, { "10KiB", 10240 },
	{ "1MiB", 1048576 }, { "1KB", 1000 }, { "1.5KiB", 1536 },
	{ "1.5MB", 1500000 }, { "1GiB", 1073741824 }, { "1024GiB",
	UINT64_C(1) << 40 } };
static const char *const bad_durations[] = { "", "s", "1", "-1s", "+1s", "1 s",
	" 1s", "1S", "1.s", ".5s", "1.0001s", "1..5s", "1.5ms", "0.0001s", "597h",
	"1e3s", ".inf", "99999999999999999999s", "0x10s", "1d", "1s1ms" };
static const char *const bad_sizes[] = { "", "B", "-1", "1 KiB", "1kib", "1.5",
	"0.3KiB", "1TiB", "1025GiB", "18446744073709551616", "1.5B", "1,5KiB" };

static void
test_values(void **state)
{
	uint64_t octets;
	uint32_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
		if (!duration_parse(span_of(durations[i].text), &ms))
			fail_msg("%s", durations[i].text);
		assert_int_equal(ms, durations[i].want);
	}
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		if (!size_parse(span_of(sizes[i].text), &octets))
			fail_msg("%s", sizes[i].text);
		assert_true(octets == sizes[i].want);
	}
	for (size_t i = 0; i < sizeof bad_durations / sizeof *bad_durations; i++)
		if (duration_parse(span_of(bad_durations[i]), &ms))
			fail_msg("'%s' is a duration", bad_durations[i]);
	for (size_t i = 0; i < sizeof bad_sizes / sizeof *bad_sizes; i++)
		if (size_parse(span_of(bad_sizes[i]), &octets))
			fail_msg("'%s' is a size", bad_sizes[i]);
}

static void
test_u32(void **state)
{
	static const struct { const char *text; bool fine; } rows[] = {
		{ "0", true }, { "'7'", true }, { "10", true }, { "11", false },
		{ "-1", false }, { "+1", false }, { "01", false }, { "1.0", false },
		{ "0x1", false }, { "1e1", false }, { "４", false },
		{ "18446744073709551866", false }, { "4294967296", false },
		{ "''", false }, { "", false }, { "[1]", false },
		{ "{ a: 1 }", false }, { "${text}", false } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fake fake;
		uint32_t    value;

		fake_open(&fake);
		if (build_u32(&fake.build, fake_node(&fake, rows[i].text), 0,
		    10, &value) != rows[i].fine)
			fail_msg("%s", rows[i].text);
		assert_int_equal(fake.diags.errors, !rows[i].fine);
		fake_close(&fake);
	}
}

static void
test_bool(void **state)
{
	static const char *const bad[] = { "yes", "no", "on", "True", "TRUE", "1",
		"0", "~", "''", "[true]", "truee" };
	struct fake fake;
	bool        value;

	(void)state;
	fake_open(&fake);
	assert_true(build_bool(&fake.build, fake_node(&fake, "true"), &value));
	assert_true(value);
	assert_true(build_bool(&fake.build, fake_node(&fake, "'false'"),
	    &value));
	assert_false(value);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (build_bool(&fake.build, fake_node(&fake, bad[i]), &value))
			fail_msg("'%s' is a boolean", bad[i]);
	fake_close(&fake);
}

/* A value of the run: late while loading, read when the step is reached. */
static void
test_late(void **state)
{
	struct fake fake;
	const struct node *node;
	struct span text;
	bool        late;

	(void)state;
	fake_open(&fake);
	node = fake_node(&fake, "<${slot}>");
	assert_true(build_text(&fake.build, node, &text, &late));
	assert_true(late && fake.build.late && text.len == 0);
	assert_false(build_word(&fake.build, node, "it", &text));
	fake.build.vars = &fake.vars;
	fake.build.late = false;
	assert_true(build_text(&fake.build, node, &text, &late));
	assert_true(!late && !fake.build.late && span_is(text, "<v.1>"));
	/* No value at all: neither late nor an error, and a word as written. */
	fake.build.vars = NULL;
	node = fake_node(&fake, "<${none}>");
	assert_true(build_text(&fake.build, node, &text, &late));
	assert_true(late && !fake.build.late && fake.build.pending);
	assert_true(build_word(&fake.build, node, "it", &text));
	assert_true(span_is(text, "<${none}>"));
	fake_close(&fake);
}

static void
test_resolve(void **state)
{
	struct fake fake;
	const struct node *node, *list;

	(void)state;
	fake_open(&fake);
	scope_add(&fake.scope, &fake.arena, SPAN("list"), NAME_STATIC)->list =
	    fake_node(&fake, "[x, y]");
	list = build_resolve(&fake.build, fake_node(&fake, "${list}"));
	assert_int_equal(list->kind, NODE_LIST);
	list = build_resolve(&fake.build, fake_node(&fake, "${words|split}"));
	assert_int_equal(list->kind, NODE_LIST);
	assert_int_equal(list->count, 2);
	list = build_resolve(&fake.build,
	    fake_node(&fake, "${ words | upper | split }"));
	assert_int_equal(list->count, 2);
	assert_true(span_is(list->first->next->text, "B"));
	node = fake_node(&fake, "${words|split}x");
	assert_ptr_equal(build_resolve(&fake.build, node), node);
	node = fake_node(&fake, "${slot|split}");
	assert_ptr_equal(build_resolve(&fake.build, node), node);
	assert_true(fake.build.late);
	fake.build.vars = &fake.vars;
	assert_int_equal(build_resolve(&fake.build, node)->count, 1);
	fake_close(&fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values), cmocka_unit_test(test_u32),
		cmocka_unit_test(test_bool), cmocka_unit_test(test_late),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
