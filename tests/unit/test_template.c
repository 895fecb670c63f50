/* Templates: what is known while loading, what waits, and every slip. */
#include "build_fake.h"

static const struct good_case {
	const char *yaml;
	enum template_mode mode;
	const char *want;       /* expanded with the slots */
	bool        constant;
} good[] = {
	{ "abc", TEMPLATE_TEXT, "abc", true },
	{ "''", TEMPLATE_TEXT, "", true },
	{ "a${text}b", TEMPLATE_TEXT, "atb", true },
	{ "${ text }", TEMPLATE_TEXT, "t", true },
	{ "${text}${text}", TEMPLATE_TEXT, "tt", true },
	{ "$ $5 $$ $$$ $${text} $", TEMPLATE_TEXT, "$ $5 $ $$ ${text} $", true },
	{ "${text|upper|repeat 3}", TEMPLATE_TEXT, "TTT", true },
	{ "'${''}x''}'", TEMPLATE_TEXT, "}x", true },
	{ "'${''a|b''|upper}'", TEMPLATE_TEXT, "A|B", true },
	{ "'${''ab'' | upper | repeat 2 }'", TEMPLATE_TEXT, "ABAB", true },
	{ "x${slot}", TEMPLATE_TEXT, "xv.1", false },
	{ "${slot|upper}${text}", TEMPLATE_TEXT, "V.1t", false },
	{ "'a\\r\\n${slot}\\x41'", TEMPLATE_ESCAPES, "a\r\nv.1A", false },
	{ "'${text}\\\\'", TEMPLATE_ESCAPES, "t\\", true },
	{ "'${''\\x42''|repeat 2}'", TEMPLATE_ESCAPES, "BB", true },
	{ "/${odd}/", TEMPLATE_REGEX, "/a\\.b\\|\\$\\\n\\\\/", true },
	{ "'/^\\S+${text}$/'", TEMPLATE_REGEX, "/^\\S+t$/", true },
};

static const struct bad_case {
	const char *yaml;
	enum template_mode mode;
	enum diag_id id;
	uint32_t     column, width;
} bad[] = {
	{ "a${", 0, DIAG_ID_template, 5, 2 }, { "${x", 0, DIAG_ID_template, 4, 2 },
	{ "a${}", 0, DIAG_ID_template, 5, 3 },
	{ "'${ }'", 0, DIAG_ID_template, 4, 5 },
	{ "a${b${c}}", 0, DIAG_ID_template, 9, 1 },
	{ "a${txt}", 0, DIAG_ID_unknown_variable, 7, 3 },
	{ "ä${ txt }", 0, DIAG_ID_unknown_variable, 8, 3 },
	{ "a${text|}", 0, DIAG_ID_unknown_filter, 12, 0 },
	{ "a${text|uper}", 0, DIAG_ID_unknown_filter, 12, 4 },
	{ "a${text|lower|uper}", 0, DIAG_ID_unknown_filter, 18, 4 },
	{ "a${text|repeat}", 0, DIAG_ID_template, 12, 6 },
	{ "a${text|repeat x}", 0, DIAG_ID_template, 12, 8 },
	{ "a${text|repeat 65537}", 0, DIAG_ID_template, 12, 12 },
	{ "a${text|upper 1}", 0, DIAG_ID_template, 12, 7 },
	{ "a${text|unbase64}", 0, DIAG_ID_template, 7, 4 },
	{ "a${words|split}", 0, DIAG_ID_template, 7, 5 },
	{ "a${text|repeat 65536|repeat 2}", 0, DIAG_ID_limit, 7, 4 },
	{ "'a\\q'", TEMPLATE_ESCAPES, DIAG_ID_bad_escape, 6, 2 },
	{ "'a\\x4'", TEMPLATE_ESCAPES, DIAG_ID_bad_escape, 6, 2 },
	{ "'${text}\\'", TEMPLATE_ESCAPES, DIAG_ID_bad_escape, 12, 2 },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct fake     fake;
		struct template template;
		struct buf      out = buf_new(LIMIT_SCALAR);
		struct fault    fault;

		fake_open(&fake);
		print_message("%s\n", good[i].yaml);
		assert_true(template_parse(&fake.build, fake_node(&fake,
		    good[i].yaml), good[i].mode, &template));
		assert_int_equal(template_constant(&template),
		    good[i].constant);
		assert_true(template_expand(&template, &fake.vars, &out,
		    &fault));
		if (!span_is(buf_span(&out), good[i].want))
			fail_msg("%.*s", SPAN_ARG(buf_span(&out)));
		buf_free(&out);
		fake_close(&fake);
	}
}

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct fake     fake;
		struct template template;
		const struct diag *diag;

		fake_open(&fake);
		print_message("%s\n", bad[i].yaml);
		assert_false(template_parse(&fake.build, fake_node(&fake,
		    bad[i].yaml), bad[i].mode, &template));
		diag = fake.diags.first;
		assert_non_null(diag);
		assert_int_equal(diag->id, bad[i].id);
		assert_int_equal(diag->loc.column, bad[i].column);
		assert_int_equal(diag->loc.width, bad[i].width);
		assert_int_equal(fake.diags.errors, 1);
		fake_close(&fake);
	}
}

static void
test_waiting(void **state)
{
	struct fake     fake;
	struct template template;
	struct buf      out = buf_new(100);
	struct fault    fault;

	(void)state;
	fake_open(&fake);
	assert_true(template_parse(&fake.build, fake_node(&fake, "${none}"),
	    TEMPLATE_TEXT, &template));
	assert_true(template.pending && !template_constant(&template));
	assert_true(template_parse(&fake.build, fake_node(&fake, "x${slot}"),
	    TEMPLATE_TEXT, &template));
	vars_unset(&fake.vars, SLOT_OWN);
	assert_false(template_expand(&template, &fake.vars, &out, &fault));
	assert_string_equal(fault.text, "'slot' has no value yet");
	assert_true(vars_set(&fake.vars, SLOT_OWN, SPAN("x!")));
	assert_true(template_parse(&fake.build, fake_node(&fake,
	    "${slot|unbase64}"), TEMPLATE_TEXT, &template));
	assert_false(template_expand(&template, &fake.vars, &out, &fault));
	assert_string_equal(fault.text,
	    "the filter 'unbase64' on 'slot' gets what is no base64");
	buf_free(&out);
	fake_close(&fake);
}

/* 256 references are too many, and their places cost nothing. */
static void
test_many(void **state)
{
	struct fake     fake;
	struct template template;
	struct buf      text = buf_new(LIMIT_SCALAR);

	(void)state;
	fake_open(&fake);
	for (int i = 0; i < 300; i++)
		assert_true(buf_add_text(&text, "${slot},"));
	assert_true(buf_add_octet(&text, '\0'));
	assert_false(template_parse(&fake.build, fake_node(&fake, text.ptr),
	    TEMPLATE_TEXT, &template));
	assert_int_equal(fake.diags.first->id, DIAG_ID_limit);
	buf_free(&text);
	fake_close(&fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_waiting), cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
