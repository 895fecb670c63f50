/* Flaw words, lines of a reply, enhanced codes. */
#include "model/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void
flaw_words_are_those_of_the_format(void **state)
{
	static const struct { const char *word; enum flaw flaw; } cases[] = {
		{ "bare-lf", FLAW_BARE_LF }, { "bare-cr", FLAW_BARE_CR },
		{ "bad-code", FLAW_BAD_CODE }, { "code-range", FLAW_CODE_RANGE },
		{ "mixed-codes", FLAW_MIXED_CODES },
		{ "bad-separator", FLAW_BAD_SEPARATOR },
		{ "long-line", FLAW_LONG_LINE }, { "nul", FLAW_NUL },
		{ "non-ascii", FLAW_NON_ASCII },
		{ "too-many-lines", FLAW_TOO_MANY_LINES },
		{ "unsolicited", FLAW_UNSOLICITED },
		{ "injection", FLAW_INJECTED },
		{ "enhanced-class", FLAW_ENHANCED_CLASS }, { "cut", FLAW_CUT },
		{ "too-long", FLAW_TOO_LONG },
		{ "none", FLAW_NONE }, { "", FLAW_NONE },
		{ "bare", FLAW_NONE }, { "Bare-LF", FLAW_NONE },
		{ "bare-lf ", FLAW_NONE }, { "bare_lf", FLAW_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(flaw_of(span_of(cases[i].word)),
		    cases[i].flaw);
}

static void
every_flaw_has_its_row(void **state)
{
	(void)state;
	for (enum flaw flaw = FLAW_NONE; flaw < FLAW_COUNT; flaw++) {
		assert_non_null(flaw_rows[flaw].word);
		assert_true(strlen(flaw_rows[flaw].text) > 5);
		assert_true(strlen(flaw_rows[flaw].source) > 5);
	}
}

static void
the_first_flaw_is_the_one_in_front(void **state)
{
	struct reply reply = reply_new();

	(void)state;
	reply_flaw(&reply, FLAW_NONE, 1);
	assert_int_equal(reply.flaws, 0);
	reply_flaw(&reply, FLAW_BARE_LF, 40);
	reply_flaw(&reply, FLAW_NUL, 17);
	reply_flaw(&reply, FLAW_NUL, 3);
	reply_flaw(&reply, FLAW_BARE_LF, 50);
	assert_int_equal(reply.flaw, FLAW_NUL);
	assert_int_equal(reply.flaw_at, 17);
	assert_int_equal(reply.flaw_ats[FLAW_BARE_LF], 40);
	assert_int_equal(reply.flaw_ats[FLAW_NUL], 17);
	assert_int_equal(reply.flaws,
	    FLAW_BIT(FLAW_NUL) | FLAW_BIT(FLAW_BARE_LF));
}

static void
lines_lose_their_end_only(void **state)
{
	static const struct {
		struct span raw;
		size_t      count;
		const char *lines[4];
	} cases[] = {
		{ { "", 0 }, 0, { NULL } },
		{ { "250 a\r\n", 7 }, 1, { "250 a" } },
		{ { "250 a\n", 6 }, 1, { "250 a" } },
		{ { "250 a", 5 }, 1, { "250 a" } },
		{ { "250 a\r", 6 }, 1, { "250 a\r" } },
		{ { "250-a\r\r\n\r\n250 b\nx", 17 }, 4,
			{ "250-a\r", "", "250 b", "x" } },
		{ { "\n\n", 2 }, 2, { "", "" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span line;
		size_t      at = 0, count = 0;

		while (reply_line(cases[i].raw, &at, &line)) {
			assert_true(count < cases[i].count);
			assert_true(span_is(line, cases[i].lines[count]));
			count++;
		}
		assert_int_equal(count, cases[i].count);
		assert_int_equal(at, cases[i].raw.len);
	}
}

static void
text_starts_behind_the_separator(void **state)
{
	static const char *const cases[][2] = {
		{ "250 ok", "ok" }, { "250-ok", "ok" }, { "250\tok", "ok" },
		{ "250", "" }, { "250 ", "" }, { "250-", "" }, { "", "" },
		{ "25", "25" }, { "250second", "second" },
		{ "250-234 text", "234 text" }, { "250  two", " two" },
		{ "2500 x", "2500 x" }, { "blah", "blah" },
		{ " 250 x", " 250 x" }, { "2a0 x", "2a0 x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_true(span_is(reply_line_text(span_of(cases[i][0])),
		    cases[i][1]));
}

static void
enhanced_codes_are_read_strictly(void **state)
{
	static const struct { const char *text; uint32_t packed; } cases[] = {
		{ "2.0.0", ENHANCED(2, 0, 0) }, { "5.1.1", ENHANCED(5, 1, 1) },
		{ "4.7.10", ENHANCED(4, 7, 10) },
		{ "5.999.999", ENHANCED(5, 999, 999) },
		{ "5.7.0", ENHANCED(5, 7, 0) },
		{ "", 0 }, { "5", 0 }, { "5.1", 0 }, { "5.1.", 0 },
		{ "5..1", 0 }, { ".1.1", 0 }, { "3.1.1", 0 }, { "1.1.1", 0 },
		{ "0.1.1", 0 }, { "6.0.0", 0 }, { "5.1.1 ", 0 }, { " 5.1.1", 0 },
		{ "5.1.1.1", 0 }, { "5.01.1", 0 }, { "5.1.00", 0 },
		{ "5.1000.1", 0 }, { "5.1.1000", 0 }, { "5.1.x", 0 },
		{ "5.1.1x", 0 }, { "5,1,1", 0 }, { "55.1.1", 0 }, { "5.-1.1", 0 },
		{ "X.1.1", 0 }, { "5.1.1\r", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(enhanced_parse(span_of(cases[i].text)),
		    cases[i].packed);
	assert_int_equal(ENHANCED_CLASS(ENHANCED(5, 7, 999)), 5);
	assert_int_equal(ENHANCED_SUBJECT(ENHANCED(5, 7, 999)), 7);
	assert_int_equal(ENHANCED_DETAIL(ENHANCED(5, 7, 999)), 999);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flaw_words_are_those_of_the_format),
		cmocka_unit_test(every_flaw_has_its_row),
		cmocka_unit_test(the_first_flaw_is_the_one_in_front),
		cmocka_unit_test(lines_lose_their_end_only),
		cmocka_unit_test(text_starts_behind_the_separator),
		cmocka_unit_test(enhanced_codes_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
