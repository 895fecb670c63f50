/* Regular expressions, and the text matchers that are made of them. */
#include "build_fake.h"

#include "model/pattern.h"

static void
test_compile(void **state)
{
	static const struct { const char *pattern, *flags; size_t at; } bad[] = {
		{ "(", "", 1 }, { "a)", "", 1 }, { "[a-", "", 3 }, { "*a", "", 0 },
		{ "a", "m", SIZE_MAX }, { "a", "ig", SIZE_MAX },
		{ "a\\", "", 2 }, { "\\C", "", 2 } };
	struct regex_set *set = regex_set_new();
	char   why[128];
	size_t at;

	(void)state;
	assert_non_null(regex_compile(set, SPAN("a(b)"), SPAN("isxu"), why,
	    &at));
	assert_ptr_equal(regex_compile(set, SPAN("a"), SPAN(""), why, &at),
	    regex_compile(set, SPAN("a"), SPAN(""), why, &at));
	assert_ptr_not_equal(regex_compile(set, SPAN("a"), SPAN(""), why, &at),
	    regex_compile(set, SPAN("a"), SPAN("i"), why, &at));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (regex_compile(set, span_of(bad[i].pattern),
		    span_of(bad[i].flags), why, &at) != NULL)
			fail_msg("%s compiles", bad[i].pattern);
		assert_true(strlen(why) > 5);
		if (at != bad[i].at)
			fail_msg("%s: at %zu", bad[i].pattern, at);
	}
	regex_set_free(set);
	regex_set_free(NULL);
}

static void
test_match(void **state)
{
	struct regex_set *set = regex_set_new();
	const struct regex *regex;
	struct span group;
	char   why[128];
	size_t at;

	(void)state;
	regex = regex_compile(set, SPAN("\\x00(.)"), SPAN(""), why, &at);
	assert_int_equal(regex_match(regex, SPAN("a\0b"), &group), VERDICT_YES);
	assert_true(span_is(group, "b"));
	assert_int_equal(regex_match(regex, SPAN(""), &group), VERDICT_NO);
	/* Octets that are no UTF-8 never end the program. */
	regex = regex_compile(set, SPAN("^.$"), SPAN("u"), why, &at);
	assert_int_not_equal(regex_match(regex, SPAN("\xff\xfe"), &group),
	    VERDICT_YES);
	regex_set_free(set);
}

static void
test_pattern(void **state)
{
	static const struct { const char *yaml, *in; enum verdict want; }
	rows[] = {
		{ "ok", "is ok!", VERDICT_YES }, { "OK", "ok", VERDICT_NO },
		{ "/o./", "ok", VERDICT_YES }, { "'/^${odd}$/'", "a.b|$\n\\",
		    VERDICT_YES },
		{ "'/^${odd}$/'", "axb|$\n\\", VERDICT_NO },
		{ "${odd}", "-a.b|$\n\\-", VERDICT_YES },
		{ "'/a\\/b/'", "a/b", VERDICT_YES },
		{ "'/a/b/'", "a/b", VERDICT_YES },
	};
	static const char *const bad[] = { "/a", "/", "/a/m", "/(/", "''", "[a]",
		"{ a: b }", "/a${txt}/", "/usr/share" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fake    fake;
		struct pattern pattern = { 0 };
		struct span    group;

		fake_open(&fake);
		assert_true(pattern_parse(&fake.build, fake_node(&fake,
		    rows[i].yaml), &pattern));
		if (pattern_match(&pattern, span_of(rows[i].in), &group) !=
		    rows[i].want)
			fail_msg("%s on %s", rows[i].yaml, rows[i].in);
		fake_close(&fake);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct fake    fake;
		struct pattern pattern = { 0 };

		fake_open(&fake);
		if (pattern_parse(&fake.build, fake_node(&fake, bad[i]),
		    &pattern))
			fail_msg("%s is a pattern", bad[i]);
		assert_int_equal(fake.diags.errors, 1);
		fake_close(&fake);
	}
}

/* Values of the run are quoted too, also those that are new at each use. */
static void
test_late(void **state)
{
	struct fake    fake;
	struct pattern pattern = { 0 };
	struct span    group;
	const struct node *node;

	(void)state;
	fake_open(&fake);
	node = fake_node(&fake, "'/^${slot}$/'");
	assert_true(pattern_parse(&fake.build, node, &pattern));
	assert_true(fake.build.late && pattern.regex == NULL);
	fake.build.vars = &fake.vars;
	assert_true(pattern_parse(&fake.build, node, &pattern));
	assert_int_equal(pattern_match(&pattern, SPAN("v.1"), &group),
	    VERDICT_YES);
	assert_int_equal(pattern_match(&pattern, SPAN("vx1"), &group),
	    VERDICT_NO);
	assert_true(pattern_parse(&fake.build, fake_node(&fake,
	    "'/^${fresh}$/'"), &pattern));
	fake_close(&fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compile), cmocka_unit_test(test_match),
		cmocka_unit_test(test_pattern), cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
