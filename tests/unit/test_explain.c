/* Every code is explained, every explanation is whole, and `explain` says it. */
#include "cmd/explain.h"
#include "model/proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "capture.h"

extern const struct proto proto_smtp;

static const int32_t codes[] = {
	200, 211, 214, 220, 221, 235, 250, 251, 252, 253, 334, 354, 421, 422,
	430, 432, 450, 451, 452, 453, 454, 455, 458, 459, 500, 501, 502, 503,
	504, 510, 511, 512, 513, 521, 523, 524, 525, 530, 533, 534, 535, 538,
	541, 550, 551, 552, 553, 554, 555, 556, 557, 571,
};

/* Details 0 to n of each subject: the IANA registry as of X.7.30. */
static const uint32_t registry[] = { 0, 10, 4, 6, 7, 6, 10, 30 };

/* What a text must be like to be shown: there, a sentence, plain ASCII. */
static void
assert_sentence(const char *text)
{
	size_t len = strlen(text);

	assert_true(len >= 4);
	assert_true(text[len - 1] == '.' || text[len - 1] == ')');
	assert_null(strstr(text, "  "));
	for (size_t i = 0; i < len; i++)
		assert_in_range(text[i], ' ', '~');
}

static void
assert_source(const char *source)
{
	assert_true(strncmp(source, "RFC ", 4) == 0 ||
	    strncmp(source, "Exchange", 8) == 0 ||
	    strncmp(source, "Postfix", 7) == 0);
}

static void
assert_row(const struct code_row *row)
{
	assert_non_null(row);
	assert_true(strlen(row->summary) > 3);
	assert_true(row->summary[strlen(row->summary) - 1] != '.');
	assert_source(row->source);
	assert_sentence(row->causes);
	assert_sentence(row->advice);
}

static void
every_reply_code_is_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		const struct code_row *row = proto_smtp.explain_code(codes[i]);
		uint64_t code;

		assert_row(row);
		assert_true(span_u64(span_of(row->code), &code));
		assert_int_equal(code, codes[i]);
	}
	assert_null(proto_smtp.explain_code(-1));
	assert_null(proto_smtp.explain_code(0));
	assert_null(proto_smtp.explain_code(999));
	assert_null(proto_smtp.explain_code(255));
	assert_null(proto_smtp.explain_code(1000));
}

static void
every_row_is_found_and_whole(void **state)
{
	size_t count = 0;

	(void)state;
	for (int32_t code = -1; code <= 1000; code++)
		if (proto_smtp.explain_code(code) != NULL) {
			assert_row(proto_smtp.explain_code(code));
			count++;
		}
	assert_true(count >= sizeof codes / sizeof codes[0]);
}

static void
the_registry_is_whole(void **state)
{
	char name[16];

	(void)state;
	for (uint32_t subject = 0; subject <= 7; subject++)
		for (uint32_t detail = 0; detail <= registry[subject];
		    detail++) {
			const struct code_row *row;

			row = proto_smtp.explain_enhanced(
			    ENHANCED(5, subject, detail));
			assert_row(row);
			(void)snprintf(name, sizeof name, "X.%u.%u", subject,
			    detail);
			assert_string_equal(row->code, name);
			assert_ptr_equal(row, proto_smtp.explain_enhanced(
			    ENHANCED(4, subject, detail)));
		}
}

static void
nothing_is_made_up(void **state)
{
	static const uint32_t cases[] = {
		0, ENHANCED(5, 7, 31), ENHANCED(5, 1, 11), ENHANCED(5, 8, 0),
		ENHANCED(5, 999, 999), ENHANCED(3, 1, 1), ENHANCED(6, 0, 0),
		ENHANCED(1, 7, 1), ENHANCED(5, 0, 1), ENHANCED(4, 7, 509),
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_null(proto_smtp.explain_enhanced(cases[i]));
	assert_string_equal(proto_smtp.explain_enhanced(
	    ENHANCED(5, 7, 509))->source, "Exchange Online");
	assert_row(proto_smtp.explain_enhanced(ENHANCED(4, 4, 316)));
}

static void
the_glossary_is_whole(void **state)
{
	static const char *const words[] = {
		"HELO", "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY",
		"EXPN", "HELP", "QUIT", "STARTTLS", "AUTH", "BDAT", "ETRN",
		"LHLO", "XCLIENT", "PIPELINING", "SIZE", "8BITMIME",
		"ENHANCEDSTATUSCODES", "SMTPUTF8", "DSN", "CHUNKING",
		"BINARYMIME", "DELIVERBY", "FUTURERELEASE", "MT-PRIORITY",
		"REQUIRETLS", "LIMITS",
	};
	const struct word_row *row;

	(void)state;
	for (row = proto_smtp.glossary; row->word != NULL; row++) {
		assert_true(strlen(row->kind) > 3);
		assert_true(strlen(row->syntax) > 0);
		assert_source(row->source);
		assert_sentence(row->about);
		assert_sentence(row->replies);
	}
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t count = 0;

		for (row = proto_smtp.glossary; row->word != NULL; row++)
			count += strcmp(row->word, words[i]) == 0;
		assert_int_equal(count, 1);
	}
}

static const struct {
	const char *words[4];
	int         status;
	const char *out, *err;          /* parts of it; NULL: empty */
} cases[] = {
	{ { "550" }, 0, "550 - mailbox unavailable", NULL },
	{ { "5.7.1" }, 0, "RFC 3463 3.8", NULL },
	{ { "421 4.7.0" }, 0, "4.7.0 - other or undefined security", NULL },
	{ { "550 5.7.1 Relay access denied, use AUTH" }, 0,
	    "5.7.1 - delivery not", NULL },
	{ { "550-5.1.1 any" }, 0, "5.1.1 - bad destination", NULL },
	{ { "250 SIZE" }, 0, "250 - requested", NULL },
	{ { "bare-lf timeout" }, 0, "\n\ntimeout - key", NULL },
	{ { "999 x" }, 2, NULL, "about '999'" },
	{ { "550", "bare-lf" }, 0, "\n\nbare-lf - a line ends in LF", NULL },
	{ { "ehlo" }, 0, "EHLO - SMTP command", NULL },
	{ { "mt-priority" }, 0, "RFC 6710", NULL },
	{ { "expect" }, 0, "key of a step", NULL },
	{ { "timeout" }, 0, "timeout: 10s", NULL },
	{ { "5xx" }, 0, "  571 ", NULL },
	{ { "45x" }, 0, "  450 ", NULL },
	{ { "5.7.x" }, 0, "  X.7.30 ", NULL },
	{ { "x.1.x" }, 0, "  X.1.10 ", NULL },
	{ { "4.x.x" }, 0, "may succeed later", NULL },
	{ { "X.7.26" }, 0, "multiple authentication checks", NULL },
	{ { "599" }, 0, "5yz: no.", NULL },
	{ { "5.7.99" }, 0, "not in the registry", NULL },
	{ { "5.7.509" }, 0, "Exchange Online", NULL },
	{ { NULL }, 0, "  X.7.30 ", NULL },
	{ { "--help" }, 0, "usage: quoth explain", NULL },
	{ { "tiemout" }, 2, NULL, "did you mean 'timeout'?" },
	{ { "EHL0" }, 2, NULL, "did you mean 'EHLO'?" },
	{ { "bare-fl" }, 2, NULL, "did you mean 'bare-lf'?" },
	{ { "550", "zzzzzzzz" }, 2, "550 - ", "about 'zzzzzzzz'\n" },
	{ { "999" }, 2, NULL, "about '999'" },
	{ { "199" }, 2, NULL, "about '199'" },
	{ { "5500" }, 2, NULL, "about '5500'" },
	{ { "5.8.x" }, 2, NULL, "about '5.8.x'" },
	{ { "3.1.1" }, 2, NULL, "about '3.1.1'" },
	{ { "5.1000.1" }, 2, NULL, "about '5.1000.1'" },
	{ { "5.07.1" }, 2, NULL, "about '5.07.1'" },
	{ { "1.x.x" }, 2, NULL, "about '1.x.x'" },
	{ { "x.x.x" }, 2, NULL, "about 'x.x.x'" },
	{ { "x.999.1" }, 2, NULL, "about 'x.999.1'" },
	{ { "6xx" }, 2, NULL, "about '6xx'" },
	{ { "" }, 2, NULL, "not an empty one" },
	{ { " " }, 2, NULL, "not an empty one" },
	{ { "\x1b[31m" }, 2, NULL, "about '\\x1b[31m'" },
	{ { "--hlep" }, 2, NULL, "did you mean '--help'?" },
};

static void
the_command_answers(void **state)
{
	static struct capture got;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *words[6] = { "explain" };

		memcpy(&words[1], cases[i].words, sizeof cases[i].words);
		capture_run(command_explain.main, words, &got);
		if (got.status != cases[i].status)
			print_message("explain %s\n", words[1]);
		assert_int_equal(got.status, cases[i].status);
		if (cases[i].out == NULL)
			assert_string_equal(got.out, "");
		else
			assert_non_null(strstr(got.out, cases[i].out));
		if (cases[i].err == NULL)
			assert_string_equal(got.err, "");
		else
			assert_non_null(strstr(got.err, cases[i].err));
	}
}

static void
every_page_is_eighty_columns_wide(void **state)
{
	static struct capture got;
	static const char *const pages[][3] = {
		{ "explain", NULL }, { "explain", "5xx", NULL },
		{ "explain", "--help", NULL }, { "explain", "5.7.x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		struct span rest, line;

		capture_run(command_explain.main, pages[i], &got);
		rest = span_of(got.out);
		assert_true(rest.len > 100 && rest.len < sizeof got.out - 1);
		while (span_word(&rest, "\n", &line))
			assert_true(line.len <= 80);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reply_code_is_explained),
		cmocka_unit_test(every_row_is_found_and_whole),
		cmocka_unit_test(the_registry_is_whole),
		cmocka_unit_test(nothing_is_made_up),
		cmocka_unit_test(the_glossary_is_whole),
		cmocka_unit_test(the_command_answers),
		cmocka_unit_test(every_page_is_eighty_columns_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
