/* Filters: what each makes of a value, and what it refuses. */
#include "check.h"

#include "base/limits.h"
#include "model/filter.h"

#define S(text) { text, sizeof(text) - 1 }

static const struct filter_case {
	const char *name;
	uint32_t    count;
	struct span in, want;
} good[] = {
	{ "base64", 0, S(""), S("") }, { "base64", 0, S("f"), S("Zg==") },
	{ "base64", 0, S("fo"), S("Zm8=") }, { "base64", 0, S("foo"), S("Zm9v") },
	{ "base64", 0, S("foob"), S("Zm9vYg==") },
	{ "base64", 0, S("\0u\0p"), S("AHUAcA==") },
	{ "base64", 0, S("\xff\xfe\xfd"), S("//79") },
	{ "unbase64", 0, S("Zm9vYg=="), S("foob") }, { "unbase64", 0, S(""), S("") },
	{ "unbase64", 0, S("AHUAcA=="), S("\0u\0p") },
	{ "hex", 0, S("\0\xff" "a"), S("00ff61") },
	{ "upper", 0, S("aZ\xc3\xa4-1"), S("AZ\xc3\xa4-1") },
	{ "lower", 0, S("aZ\xc3\x84-1"), S("az\xc3\x84-1") },
	{ "repeat", 3, S("ab"), S("ababab") }, { "repeat", 0, S("ab"), S("") },
	{ "repeat", 65536, S(""), S("") },
	{ "length", 0, S("\xc3\xa4\0"), S("3") }, { "length", 0, S(""), S("0") },
	{ "sha256", 0, S("abc"), S("ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad") },
	{ "md5", 0, S(""), S("d41d8cd98f00b204e9800998ecf8427e") },
	{ "trim", 0, S(" \t\r\nx y\n"), S("x y") }, { "trim", 0, S("  "), S("") },
	{ "unescape", 0, S("\\r\\n\\t\\0\\\\\\x41\\xfF"), S("\r\n\t\0\\A\xff") },
};

static const struct filter_case bad[] = {
	{ "unbase64", 0, S("Zg="), S("") }, { "unbase64", 0, S("Z==="), S("") },
	{ "unbase64", 0, S("Zm 9"), S("") }, { "unbase64", 0, S("===="), S("") },
	{ "unbase64", 0, S("Zg==Zg=="), S("") }, { "unbase64", 0, S("-_-_"), S("") },
	{ "unescape", 0, S("\\"), S("") }, { "unescape", 0, S("\\q"), S("") },
	{ "unescape", 0, S("\\x4"), S("") }, { "unescape", 0, S("\\xg0"), S("") },
	{ "unescape", 0, S("\\\0"), S("") },
	{ "split", 0, S("a b"), S("") },
	{ "repeat", 65536, S("ab"), S("") },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct buf  out = buf_new(LIMIT_EXPANDED);
		const char *why;
		const struct filter *row = filter_find(span_of(good[i].name));

		assert_non_null(row);
		assert_true(row->apply(good[i].in, good[i].count, &out, &why));
		if (!span_eq(buf_span(&out), good[i].want))
			fail_msg("%zu %s: %.*s", i, row->name,
			    SPAN_ARG(buf_span(&out)));
		buf_free(&out);
	}
}

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct buf  out = buf_new(LIMIT_EXPANDED);
		const char *why = NULL;
		const struct filter *row = filter_find(span_of(bad[i].name));

		if (row->apply(bad[i].in, bad[i].count, &out, &why))
			fail_msg("%zu %s is fine", i, row->name);
		assert_non_null(why);
		buf_free(&out);
	}
	assert_null(filter_find(SPAN("Base64")));
	assert_null(filter_find(SPAN("")));
}

static void
test_rows(void **state)
{
	(void)state;
	for (const struct filter *row = filter_rows; row->name != NULL; row++) {
		assert_non_null(row->usage);
		assert_ptr_equal(filter_find(span_of(row->name)), row);
		assert_true(row->counts == (strcmp(row->name, "repeat") == 0));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
