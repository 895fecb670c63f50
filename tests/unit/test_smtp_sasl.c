/* AUTH of SMTP: its lines, and what an EHLO reply says of mechanisms. */
#include "proto/smtp.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_sasl_read(void **state)
{
	static const struct { const char *reply, *challenge, *fault; } rows[] = {
		{ "334 YWJj\r\n", "abc", NULL }, { "334 \r\n", "", NULL },
		{ "334\r\n", "", NULL }, { "334  \r\n", "", NULL },
		{ "334 YQ==\r\n", "a", NULL }, { "334 YWI=\r\n", "ab", NULL },
		{ "334 YWJj \r\n", NULL, "octet 5 of 5 is 0x20" },
		{ "334  YWJj\r\n", NULL, "octet 1 of 5 is 0x20" },
		{ "334 YW-j\r\n", NULL, "octet 3 of 4 is 0x2d" },
		{ "334 Y\xff\x1b[j\r\n", NULL, "octet 2 of 5 is 0xff" },
		{ "334 YWJ\r\n", NULL, "3 octets are no whole number" },
		{ "334 =\r\n", NULL, "no whole number" },
		{ "334 ====\r\n", NULL, "octet 1 of 4 is 0x3d" },
		{ "334 YW=j\r\n", NULL, "octet 3 of 4 is 0x3d" },
		{ "334 secret!!\r\n", NULL, "octet 7 of 8 is 0x21" },
		{ "334-YWJj\r\n334 YWJj\r\n", NULL, "has 2 lines" },
		{ "354 YWJj\r\n", NULL, "only 334 does" },
		{ "300 x\r\n", NULL, "a 300 reply" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = reply_new();
		struct buf   out = buf_new(KIB);
		struct fault fault = { .text = "" };
		bool         fine;

		assert_true(smtp_reply_parse(span_of(rows[i].reply), NULL,
		    &reply) > 0);
		fine = smtp_sasl_read(&reply, &out, &fault);
		assert_int_equal(fine, rows[i].challenge != NULL);
		if (fine)
			assert_true(span_is(buf_span(&out),
			    rows[i].challenge));
		else
			assert_non_null(strstr(fault.text, rows[i].fault));
		assert_null(strstr(fault.text, "secret"));
		buf_free(&out);
	}
}

static void
test_sasl_write(void **state)
{
	static const struct { const char *mechanism, *response, *line; } rows[] =
	{
		{ "PLAIN", "abc", "AUTH PLAIN YWJj\r\n" },
		{ "PLAIN", NULL, "AUTH PLAIN\r\n" },
		{ "EXTERNAL", "", "AUTH EXTERNAL =\r\n" },
		{ "", "abc", "YWJj\r\n" }, { "", "", "\r\n" },
	};
	struct buf small = buf_new(8);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = buf_new(KIB);

		assert_true(smtp_sasl_write(span_of(rows[i].mechanism),
		    span_of(rows[i].response), &out));
		assert_true(span_is(buf_span(&out), rows[i].line));
		buf_free(&out);
	}
	assert_false(smtp_sasl_write(SPAN("PLAIN"), SPAN("abc"), &small));
	buf_free(&small);
}

static void
test_sasl_list(void **state)
{
	static const struct { const char *reply, *list; } rows[] = {
		{ "250-mx\r\n250-AUTH PLAIN LOGIN\r\n250 HELP\r\n",
		    "PLAIN LOGIN" },
		{ "250-mx\r\n250-AUTH=PLAIN\r\n250 AUTH PLAIN XOAUTH2\r\n",
		    "PLAIN XOAUTH2" },
		{ "250-mx\r\n250 auth  plain \r\n", "plain" },
		{ "250-mx\r\n250 AUTHX PLAIN\r\n", "" },
		{ "250-mx\r\n250 AUTH\r\n", "" }, { "250 mx\r\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = reply_new();
		struct buf   out = buf_new(KIB);

		assert_true(smtp_reply_parse(span_of(rows[i].reply), NULL,
		    &reply) > 0);
		smtp_sasl_list(&reply, &out);
		assert_true(span_is(buf_span(&out), rows[i].list));
		buf_free(&out);
	}
}

static void
test_shown(void **state)
{
	static const struct { const char *line; enum mask mask; size_t shown; }
	rows[] = {
		{ "AUTH PLAIN AGEAYg==", MASK_SENT, 11 },
		{ "auth login", MASK_SENT, 5 }, { "AUTH ", MASK_SENT, 5 },
		{ "AUTH pl/ain AGEAYg==", MASK_SENT, 5 },
		{ "AUTH ABCDEFGHIJKLMNOPQRSTU x", MASK_SENT, 5 },
		{ "AGEAYg==", MASK_SENT, 0 }, { "", MASK_SENT, 0 },
		{ "334 AGEAYg==", MASK_RECEIVED, 4 },
		{ "334", MASK_RECEIVED, 3 }, { "33", MASK_RECEIVED, 0 },
		{ "535-no", MASK_RECEIVED, 4 }, { "3345 x", MASK_RECEIVED, 0 },
		{ "535 no", MASK_CHALLENGES, 6 },
		{ "334 AGEAYg==", MASK_CHALLENGES, 4 },
		{ "AGEAYg==", MASK_CHALLENGES, 0 }, { "", MASK_RECEIVED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(smtp_shown(span_of(rows[i].line),
		    rows[i].mask), rows[i].shown);
}

/* A challenge is as long as the mechanism makes it, another reply is not. */
static void
test_sasl_long(void **state)
{
	static const struct { const char *code; bool secret, flawed; } rows[] =
	{ { "334 ", true, false }, { "334 ", false, true },
		{ "250 ", true, true } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct reply reply = reply_new();
		struct ask   ask = { .secret = rows[i].secret };
		struct buf   text = buf_new(4 * KIB);

		(void)buf_add_text(&text, rows[i].code);
		(void)buf_add_fill(&text, 'A', 1024);
		(void)buf_add_text(&text, "\r\n");
		assert_true(smtp_reply_parse(buf_span(&text), &ask,
		    &reply) > 0);
		assert_int_equal((reply.flaws & FLAW_BIT(FLAW_LONG_LINE)) != 0,
		    rows[i].flawed);
		buf_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sasl_read),
		cmocka_unit_test(test_sasl_write),
		cmocka_unit_test(test_sasl_list),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_sasl_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
