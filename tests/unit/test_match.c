/*
 * Expectations: what codes accept, and every matcher (enhanced, offers, lacks,
 * text, lines, capture) on replies as they come over the wire.
 */
#include "scenario_load.h"

extern const struct proto proto_smtp;

static struct reply
reply_read(struct span in, const struct ask *ask)
{
	struct reply reply = reply_new();

	assert_int_equal(proto_smtp.parse(in, ask, &reply), in.len);
	reply.raw = in;
	return reply;
}

/* The expectation of the first step. */
static const struct expect *
expect_of(struct loader *loader, struct source **source, struct vars *vars)
{
	const struct scenario *scenario = scenario_at(loader, 0);
	const struct step *step;
	struct fault fault;

	vars_init(vars, scenario->slot_count, 7, scenario->id);
	assert_true(scenario->open(scenario, vars, source, &fault));
	assert_int_equal((*source)->next(*source, NULL, &step, &fault),
	    NEXT_STEP);
	assert_int_equal(step->expect_count, 1);
	return step->expects;
}

static struct loader *
expect_loader(const char *expect)
{
	static char text[600];

	(void)snprintf(text, sizeof text, "steps:\n  - send: EHLO x\n"
	    "    expect: %s\n", expect);
	return loader_of(text);
}

static const struct code_case { const char *expect, *yes, *no; } codes[] = {
	{ "250", "250", "251 249 450" }, { "'250'", "250", "251" },
	{ "2xx", "200 299", "300 199" }, { "25x", "250 259", "249 260" },
	{ "250..252", "250 251 252", "249 253" },
	{ "[250, 251]", "250 251", "252" },
	{ "[25x, 550..552, 421]", "255 551 421", "420 553" },
	{ "any", "200 599 354", "" }, { "[250, closed]", "250", "421" },
	{ "{ code: 250 }", "250", "251" },
	{ "{ code: [250, 550] }", "250 550", "251" },
};

static void
test_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		struct loader *loader = expect_loader(codes[i].expect);
		struct source *source;
		struct vars    vars;
		const struct expect *expect = expect_of(loader, &source, &vars);

		for (int yes = 0; yes < 2; yes++) {
			struct span rest = span_of(yes ? codes[i].yes :
			    codes[i].no), word;

			while (span_word(&rest, " ", &word))
				if (word.len > 0 && accept_code(
				    expect->accepts, expect->accept_count,
				    atoi(word.ptr)) != (yes == 1))
					fail_msg("%s: %.*s", codes[i].expect,
					    SPAN_ARG(word));
		}
		source->close(source);
		vars_free(&vars);
		loader_free(loader);
	}
}

#define EHLO "250-mx.test hi\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n" \
	"250 8bitmime\r\n"
#define QUEUED "250-2.0.0 first\r\n250 2.0.0 Ok: queued as 4F2A.\r\n"

static const struct match_case {
	const char   *expect, *reply;
	enum verdict  want;
} match_cases[] = {
	{ "{ enhanced: 5.7.1 }", "550 5.7.1 no\r\n", VERDICT_YES },
	{ "{ enhanced: 5.7.x }", "550 5.7.25 no\r\n", VERDICT_YES },
	{ "{ enhanced: x.1.1 }", "450 4.1.1 no\r\n", VERDICT_YES },
	{ "{ enhanced: any }", "450 4.1.1 no\r\n", VERDICT_YES },
	{ "{ enhanced: any }", "450 no\r\n", VERDICT_NO },
	{ "{ enhanced: 5.7.1 }", "550 5.7.10 no\r\n", VERDICT_NO },
	{ "{ enhanced: 2.0.0 }", "250 fine\r\n", VERDICT_NO },
	{ "{ offers: SIZE }", EHLO, VERDICT_YES },
	{ "{ offers: [size, 8BITMIME, AUTH PLAIN] }", EHLO, VERDICT_YES },
	{ "{ offers: SIZ }", EHLO, VERDICT_NO },
	{ "{ offers: AUTH PLA }", EHLO, VERDICT_NO },
	{ "{ lacks: [STARTTLS, AUTH CRAM-MD5] }", EHLO, VERDICT_YES },
	{ "{ lacks: [STARTTLS, SIZE] }", EHLO, VERDICT_NO },
	{ "{ text: queued as }", QUEUED, VERDICT_YES },
	{ "{ text: Queued }", QUEUED, VERDICT_NO },
	{ "{ text: /QUEUED as \\w+\\.$/i }", QUEUED, VERDICT_YES },
	/* All lines without codes, joined by LF; ^ and $ are of lines. */
	{ "{ text: '/^2.0.0 Ok/' }", QUEUED, VERDICT_YES },
	{ "{ text: '/first\\n2/' }", QUEUED, VERDICT_YES },
	{ "{ text: '/first.2/' }", QUEUED, VERDICT_NO },
	{ "{ text: '/first.2/s' }", QUEUED, VERDICT_YES },
	{ "{ text: '/q u e u e d/x' }", QUEUED, VERDICT_YES },
	{ "{ text: 250 }", QUEUED, VERDICT_NO },
	{ "{ text: '/^(a+)+$/' }", "250 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaa!\r\n", VERDICT_UNKNOWN },
	{ "{ text: '/^\\x{e4}$/u' }", "250 \xc3\xa4\r\n", VERDICT_YES },
	{ "{ text: '/^.$/' }", "250 \xc3\xa4\r\n", VERDICT_NO },
	{ "{ lines: { count: 4 } }", EHLO, VERDICT_YES },
	{ "{ lines: { count: 3 } }", EHLO, VERDICT_NO },
	{ "{ lines: { has: [/^SIZE \\d+$/, PLAIN], lacks: [X] } }", EHLO,
	    VERDICT_YES },
	{ "{ lines: { has: [/^SIZE$/] } }", EHLO, VERDICT_NO },
	{ "{ lines: { lacks: PLAIN } }", EHLO, VERDICT_NO },
	{ "{ capture: { id: /queued as (\\w+)/ } }", QUEUED, VERDICT_YES },
	{ "{ capture: { id: /queued as (\\d+)Z/ } }", QUEUED, VERDICT_NO },
};

static void
test_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof match_cases / sizeof *match_cases; i++) {
		const struct match_case *row = &match_cases[i];
		struct loader *loader = expect_loader(row->expect);
		struct source *source;
		struct vars    vars;
		const struct expect *expect = expect_of(loader, &source, &vars);
		struct talk    talk = { 0 };
		struct ask     ask = proto_smtp.ask(&talk, SPAN("EHLO x"));
		struct reply   reply = reply_read(span_of(row->reply), &ask);
		struct seen    seen = { .reply = &reply, .ask = &ask,
			.proto = &proto_smtp, .bytes = reply.raw };
		struct fault   why = { 0 };
		struct buf     told = buf_new(400);

		assert_int_equal(expect->match_count, 1);
		if (expect->matches->row->test(expect->matches->args, &seen,
		    &vars, &why) != row->want)
			fail_msg("%s on %s: %s", row->expect, row->reply,
			    why.text);
		if (row->want != VERDICT_YES)
			assert_true(strlen(why.text) > 5);
		expect->matches->row->describe(expect->matches->args, &told);
		assert_true(told.len > 5);
		buf_free(&told);
		source->close(source);
		vars_free(&vars);
		loader_free(loader);
	}
}

static void
test_capture(void **state)
{
	struct loader *loader = expect_loader("{ capture: { a: /(x)|as (\\w+)/, "
	    "b: /queued/ } }");
	struct source *source;
	struct vars    vars;
	const struct expect *expect = expect_of(loader, &source, &vars);
	struct ask     ask = { 0 };
	struct reply   reply = reply_read(SPAN(QUEUED), &ask);
	struct seen    seen = { .reply = &reply, .ask = &ask,
		.proto = &proto_smtp, .bytes = reply.raw };
	struct fault   why;
	struct span    value;

	(void)state;
	assert_int_equal(expect->matches->row->test(expect->matches->args,
	    &seen, &vars, &why), VERDICT_YES);
	assert_true(vars_get(&vars, SLOT_OWN, &value));
	assert_true(span_is(value, "4F2A"));
	assert_true(vars_get(&vars, SLOT_OWN + 1, &value));
	assert_true(span_is(value, "queued"));
	source->close(source);
	vars_free(&vars);
	loader_free(loader);
}

static void
test_describe(void **state)
{
	static const struct { const char *expect, *want; } rows[] = {
		{ "250", "250" }, { "[250, closed]", "250, closed" },
		{ "{ code: 250, text: ok }", "250; text" },
		{ "{ text: ok }", "a positive reply (2xx or 3xx); text" },
		{ "{ never: [4xx, 5xx] }", "never 4xx, 5xx" },
		{ "{ code: 250, ends: [421, closed], within: 1s, after: 5ms }",
		    "250; or, as an end, 421, closed; within 1000 ms; not "
		    "before 5 ms" } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct loader *loader = expect_loader(rows[i].expect);
		struct source *source;
		struct vars    vars;
		struct buf     out = buf_new(400);

		expect_describe(expect_of(loader, &source, &vars),
		    &proto_smtp, &out);
		if (!span_starts(buf_span(&out), span_of(rows[i].want)))
			fail_msg("%.*s", SPAN_ARG(buf_span(&out)));
		buf_free(&out);
		source->close(source);
		vars_free(&vars);
		loader_free(loader);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes), cmocka_unit_test(test_matches),
		cmocka_unit_test(test_capture), cmocka_unit_test(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
