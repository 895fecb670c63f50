/*
 * The reply parser of SMTP: good and bad replies, each whole, octet by octet
 * and cut at every place, with one result. And what commands call for.
 */
#include "model/proto.h"

#include "base/limits.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

#define F(flaw) FLAW_BIT(FLAW_##flaw)

extern const struct proto proto_smtp, proto_tcp;

/* `used` 0: the whole input. `flaw_at` is of the first flaw. */
struct reply_case {
	const char *in;
	size_t      len, used;
	int32_t     code;
	uint32_t    lines, enhanced, flaws;
	enum flaw   first;
	uint32_t    flaw_at;
};
#define IN(text) text, sizeof(text) - 1

static const struct reply_case good[] = {
	{ IN("220 mx.example.test ESMTP\r\n"), 0, 220, 1, 0, 0, 0, 0 },
	{ IN("250 ok\r\n"), 0, 250, 1, 0, 0, 0, 0 },
	{ IN("250\r\n"), 0, 250, 1, 0, 0, 0, 0 },
	{ IN("250 \r\n"), 0, 250, 1, 0, 0, 0, 0 },
	{ IN("250-\r\n250\r\n"), 0, 250, 2, 0, 0, 0, 0 },
	{ IN("250-a\r\n250-b\r\n250 c\r\n"), 0, 250, 3, 0, 0, 0, 0 },
	/* RFC 5321 4.2.1: a number in the text is text. */
	{ IN("250-First line\r\n250-234 Text beginning with numbers\r\n"
	    "250 The last line\r\n"), 0, 250, 3, 0, 0, 0, 0 },
	{ IN("250-250-x\r\n250 250 y\r\n"), 0, 250, 2, 0, 0, 0, 0 },
	{ IN("250  two blanks\r\n"), 0, 250, 1, 0, 0, 0, 0 },
	{ IN("250 a\tb\r\n"), 0, 250, 1, 0, 0, 0, 0 },
	{ IN("334 \r\n"), 0, 334, 1, 0, 0, 0, 0 },
	{ IN("354 go\r\n"), 0, 354, 1, 0, 0, 0, 0 },
	{ IN("559 x\r\n"), 0, 559, 1, 0, 0, 0, 0 },
	{ IN("200 x\r\n"), 0, 200, 1, 0, 0, 0, 0 },
	/* Enhanced codes. */
	{ IN("250 2.1.5 Ok\r\n"), 0, 250, 1, ENHANCED(2, 1, 5), 0, 0, 0 },
	{ IN("250 2.0.0\r\n"), 0, 250, 1, ENHANCED(2, 0, 0), 0, 0, 0 },
	{ IN("550-5.7.1 no\r\n550 5.7.1 really\r\n"), 0, 550, 2,
	    ENHANCED(5, 7, 1), 0, 0, 0 },
	{ IN("550-no\r\n550 5.7.26 really\r\n"), 0, 550, 2,
	    ENHANCED(5, 7, 26), 0, 0, 0 },
	{ IN("550 5.7.999 x\r\n"), 0, 550, 1, ENHANCED(5, 7, 999), 0, 0, 0 },
	{ IN("550 5.7.1000 x\r\n"), 0, 550, 1, 0, 0, 0, 0 },
	{ IN("550 5.7.1: x\r\n"), 0, 550, 1, 0, 0, 0, 0 },
	{ IN("550 5.07.1 x\r\n"), 0, 550, 1, 0, 0, 0, 0 },
	{ IN("220 3.1.4 pi\r\n"), 0, 220, 1, 0, 0, 0, 0 },
	{ IN("250 10.0.0.1 hello\r\n"), 0, 250, 1, 0, 0, 0, 0 },
	{ IN("250  2.0.0 blank\r\n"), 0, 250, 1, 0, 0, 0, 0 },
	/* The next reply stays where it is. */
	{ IN("250 a\r\n550 b\r\n"), 7, 250, 1, 0, 0, 0, 0 },
	{ IN("250-a\r\n250 b\r\n354-c\r\n"), 14, 250, 2, 0, 0, 0, 0 },
	{ IN("220 ok\r\n250 unsolicited\r\n"), 8, 220, 1, 0, 0, 0, 0 },
	{ IN("220 go\r\n\x16\x03\x01"), 8, 220, 1, 0, 0, 0, 0 },
	{ IN("250\r\n250\r\n"), 5, 250, 1, 0, 0, 0, 0 },
};

static const struct reply_case bad[] = {
	/* Line ends. */
	{ IN("220 ok\n"), 0, 220, 1, 0, F(BARE_LF), FLAW_BARE_LF, 6 },
	{ IN("250\n"), 0, 250, 1, 0, F(BARE_LF), FLAW_BARE_LF, 3 },
	{ IN("250-a\r\n250 b\n"), 0, 250, 2, 0, F(BARE_LF), FLAW_BARE_LF, 12 },
	{ IN("250-a\n250 b\r\n"), 0, 250, 2, 0, F(BARE_LF), FLAW_BARE_LF, 5 },
	{ IN("220 visible\rhidden\r\n"), 0, 220, 1, 0, F(BARE_CR),
	    FLAW_BARE_CR, 11 },
	{ IN("250 a\r\r\n"), 0, 250, 1, 0, F(BARE_CR), FLAW_BARE_CR, 5 },
	{ IN("250 a\r250 b\r\n"), 0, 250, 1, 0, F(BARE_CR), FLAW_BARE_CR, 5 },
	{ IN("250 a\r250 b\n"), 0, 250, 1, 0, F(BARE_CR) | F(BARE_LF),
	    FLAW_BARE_CR, 5 },
	{ IN("\r250 a\r\n"), 0, -1, 1, 0, F(BARE_CR) | F(BAD_CODE),
	    FLAW_BARE_CR, 0 },
	{ IN("250\r\r\n"), 0, 250, 1, 0, F(BARE_CR) | F(BAD_SEPARATOR),
	    FLAW_BARE_CR, 3 },
	/* Codes. */
	{ IN("2500 x\r\n"), 0, -1, 1, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN("99 x\r\n"), 0, -1, 1, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN("-50 x\r\n"), 0, -1, 1, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN("2a0 x\r\n"), 0, -1, 1, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN("25\r\n"), 0, -1, 1, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN(" 250 x\r\n"), 0, -1, 1, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN("+OK\r\n"), 0, -1, 1, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN("0x1 x\r\n"), 0, -1, 1, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN("HTTP/1.1 400 Bad Request\r\n"), 0, -1, 1, 0, F(BAD_CODE),
	    FLAW_BAD_CODE, 0 },
	{ IN("\xef\xbb\xbf" "220 bom\r\n"), 0, -1, 1, 0,
	    F(BAD_CODE) | F(NON_ASCII), FLAW_BAD_CODE, 0 },
	{ IN("\xff\xfb\x01" "220 telnet\r\n"), 0, -1, 1, 0,
	    F(BAD_CODE) | F(NON_ASCII), FLAW_BAD_CODE, 0 },
	{ IN("blah\r\n220 x\r\n"), 6, -1, 1, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN("\r\n220 x\r\n"), 0, 220, 2, 0, F(BAD_CODE), FLAW_BAD_CODE, 0 },
	{ IN("\n\n220 x\r\n"), 0, 220, 3, 0, F(BAD_CODE) | F(BARE_LF),
	    FLAW_BARE_LF, 0 },
	{ IN("\r\nblah\r\n220 x\r\n"), 8, -1, 2, 0, F(BAD_CODE),
	    FLAW_BAD_CODE, 0 },
	{ IN("250-a\r\n\r\n250 b\r\n"), 0, 250, 3, 0, F(BAD_CODE),
	    FLAW_BAD_CODE, 7 },
	{ IN("250-a\r\nblah\r\n250 b\r\n"), 0, 250, 3, 0, F(BAD_CODE),
	    FLAW_BAD_CODE, 7 },
	{ IN("250-a\r\n2500 x\r\n250 b\r\n"), 0, 250, 3, 0, F(BAD_CODE),
	    FLAW_BAD_CODE, 7 },
	{ IN("150 x\r\n"), 0, 150, 1, 0, F(CODE_RANGE), FLAW_CODE_RANGE, 0 },
	{ IN("000 x\r\n"), 0, 0, 1, 0, F(CODE_RANGE), FLAW_CODE_RANGE, 0 },
	{ IN("199 x\r\n"), 0, 199, 1, 0, F(CODE_RANGE), FLAW_CODE_RANGE, 0 },
	{ IN("260 x\r\n"), 0, 260, 1, 0, F(CODE_RANGE), FLAW_CODE_RANGE, 0 },
	{ IN("571 x\r\n"), 0, 571, 1, 0, F(CODE_RANGE), FLAW_CODE_RANGE, 0 },
	{ IN("600 x\r\n"), 0, 600, 1, 0, F(CODE_RANGE), FLAW_CODE_RANGE, 0 },
	{ IN("999 x\r\n"), 0, 999, 1, 0, F(CODE_RANGE), FLAW_CODE_RANGE, 0 },
	{ IN("250-first\r\n550 second\r\n"), 0, 250, 2, 0, F(MIXED_CODES),
	    FLAW_MIXED_CODES, 11 },
	{ IN("250-a\r\n550 b\r\n250 c\r\n"), 14, 250, 2, 0, F(MIXED_CODES),
	    FLAW_MIXED_CODES, 7 },
	{ IN("250-a\r\n550-b\r\n250 c\r\n"), 0, 250, 3, 0, F(MIXED_CODES),
	    FLAW_MIXED_CODES, 7 },
	{ IN("250-a\r\n354\r\n"), 0, 250, 2, 0, F(MIXED_CODES),
	    FLAW_MIXED_CODES, 7 },
	/* Separators. */
	{ IN("250-first\r\n250second\r\n"), 0, 250, 2, 0, F(BAD_SEPARATOR),
	    FLAW_BAD_SEPARATOR, 14 },
	{ IN("250\tok\r\n"), 0, 250, 1, 0, F(BAD_SEPARATOR),
	    FLAW_BAD_SEPARATOR, 3 },
	{ IN("250.ok\r\n"), 0, 250, 1, 0, F(BAD_SEPARATOR),
	    FLAW_BAD_SEPARATOR, 3 },
	{ IN("250_a\r\n250 b\r\n"), 7, 250, 1, 0, F(BAD_SEPARATOR),
	    FLAW_BAD_SEPARATOR, 3 },
	/* Octets. */
	{ IN("250 a\0b\r\n"), 0, 250, 1, 0, F(NUL), FLAW_NUL, 5 },
	{ IN("250\0\r\n"), 0, 250, 1, 0, F(NUL) | F(BAD_SEPARATOR),
	    FLAW_NUL, 3 },
	{ IN("250 0123456789 \0\r\n"), 0, 250, 1, 0, F(NUL), FLAW_NUL, 15 },
	{ IN("250 gr\xc3\xbc\xc3\x9f" "e\r\n"), 0, 250, 1, 0, F(NON_ASCII),
	    FLAW_NON_ASCII, 6 },
	{ IN("220 \x9b" "31m red\r\n"), 0, 220, 1, 0, F(NON_ASCII),
	    FLAW_NON_ASCII, 4 },
	{ IN("250 \xff\0\rx\r\n"), 0, 250, 1, 0,
	    F(NON_ASCII) | F(NUL) | F(BARE_CR), FLAW_NON_ASCII, 4 },
	{ IN("\xef\xbc\x92\xef\xbc\x95\xef\xbc\x90 full width\r\n"), 0, -1, 1, 0,
	    F(BAD_CODE) | F(NON_ASCII), FLAW_BAD_CODE, 0 },
	{ IN("25\0" "0 hello\r\n"), 0, -1, 1, 0, F(BAD_CODE) | F(NUL),
	    FLAW_BAD_CODE, 0 },
	/* LF CR: the CR of each line end is the next line's. */
	{ IN("220 a\n\r250 b\n\r"), 6, 220, 1, 0, F(BARE_LF), FLAW_BARE_LF, 5 },
	/* Enhanced codes. */
	{ IN("550 4.1.1 x\r\n"), 0, 550, 1, ENHANCED(4, 1, 1),
	    F(ENHANCED_CLASS), FLAW_ENHANCED_CLASS, 4 },
	{ IN("354 2.0.0 x\r\n"), 0, 354, 1, ENHANCED(2, 0, 0),
	    F(ENHANCED_CLASS), FLAW_ENHANCED_CLASS, 4 },
	{ IN("550-5.1.1 x\r\n550 4.1.1 y\r\n"), 0, 550, 2, ENHANCED(5, 1, 1),
	    F(ENHANCED_CLASS), FLAW_ENHANCED_CLASS, 17 },
};

static const struct ask plain;

/* Feeds `in` as two pieces, cut at `cut`, then whole. */
static size_t
feed_split(struct span in, size_t cut, struct reply *reply)
{
	size_t used;

	*reply = reply_new();
	used = proto_smtp.parse(span_sub(in, 0, cut), &plain, reply);
	return used != 0 ? used : proto_smtp.parse(in, &plain, reply);
}

static size_t
feed_octets(struct span in, struct reply *reply)
{
	size_t used = 0;

	*reply = reply_new();
	for (size_t len = 0; len <= in.len && used == 0; len++)
		used = proto_smtp.parse(span_sub(in, 0, len), &plain, reply);
	return used;
}

static void
assert_same(const struct reply *a, const struct reply *b)
{
	assert_int_equal(a->code, b->code);
	assert_int_equal(a->len, b->len);
	assert_int_equal(a->lines, b->lines);
	assert_int_equal(a->last_at, b->last_at);
	assert_int_equal(a->enhanced, b->enhanced);
	assert_int_equal(a->flaws, b->flaws);
	assert_int_equal(a->flaw, b->flaw);
	assert_int_equal(a->flaw_at, b->flaw_at);
	assert_memory_equal(a->flaw_ats, b->flaw_ats, sizeof a->flaw_ats);
	assert_true(span_eq(a->raw, b->raw));
}

static void
check(const struct reply_case *row)
{
	struct span  in = { row->in, row->len };
	size_t       used = row->used == 0 ? row->len : row->used;
	struct reply whole = reply_new(), other;

	if (proto_smtp.parse(in, &plain, &whole) != used ||
	    whole.code != row->code || whole.flaws != row->flaws)
		printf("reply %s\n", row->in);
	assert_int_equal(whole.len, used);
	assert_int_equal(whole.raw.len, used);
	assert_ptr_equal(whole.raw.ptr, in.ptr);
	assert_int_equal(whole.code, row->code);
	assert_int_equal(whole.lines, row->lines);
	assert_int_equal(whole.enhanced, row->enhanced);
	assert_int_equal(whole.flaws, row->flaws);
	assert_int_equal(whole.flaw, row->first);
	assert_int_equal(whole.flaw_at, row->flaw_at);
	assert_int_equal(feed_octets(in, &other), used);
	assert_same(&whole, &other);
	for (size_t cut = 0; cut <= in.len; cut++) {
		assert_int_equal(feed_split(in, cut, &other), used);
		assert_same(&whole, &other);
	}
}

static void
good_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		check(&good[i]);
}

static void
bad_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check(&bad[i]);
}

static void
unfinished_replies_wait(void **state)
{
	static const char *const cases[] = {
		"", "2", "25", "250", "250 ", "250 ok", "250 ok\r", "250-a\r\n",
		"250-a\r\n250", "250-a\r\n250 b\r", "\r\n", "\n", "\r\n\r\n",
		"250-a\r\nblah\r\n", "250 a\rb\r", "250-a\r\n550-b\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reply reply = reply_new();

		assert_int_equal(proto_smtp.parse(span_of(cases[i]), &plain,
		    &reply), 0);
		assert_int_equal(feed_octets(span_of(cases[i]), &reply), 0);
	}
}

/* `unit` again and again, up to `len` octets behind `head`. */
static struct span
endless(const char *head, const char *unit, size_t len)
{
	size_t first = strlen(head), each = strlen(unit);
	char  *text = mem_alloc(len);

	memcpy(text, head, first);
	for (size_t at = first; at < len; at++)
		text[at] = unit[(at - first) % each];
	return (struct span){ text, len };
}

static void
limits_end_a_reply(void **state)
{
	static const struct {
		const char *head, *unit;
		size_t      len, used;
		uint32_t    lines;
		int32_t     code;
		uint32_t    flaws;
	} cases[] = {
		/* r43: an endless line; also one of CRs alone. */
		{ "220 ", "x", 10 * MIB, LIMIT_REPLY_LINE, 1, 220, F(TOO_LONG) },
		{ "220 a", "\r", MIB, LIMIT_REPLY_LINE, 1, 220,
		    F(TOO_LONG) | F(BARE_CR) },
		{ "", "x", MIB, LIMIT_REPLY_LINE, 1, -1,
		    F(TOO_LONG) | F(BAD_CODE) },
		{ "250-a\r\n250 ", "x", MIB, LIMIT_REPLY_LINE + 7, 2, 250,
		    F(TOO_LONG) },
		/* r42: endless continuation lines. */
		{ "", "250-x\r\n", 7 * MIB, 7 * LIMIT_REPLY_LINES,
		    LIMIT_REPLY_LINES, 250, F(TOO_MANY_LINES) },
		{ "", "\r\n", MIB, 2 * LIMIT_REPLY_LINES, LIMIT_REPLY_LINES,
		    -1, F(TOO_MANY_LINES) | F(BAD_CODE) },
		{ "", "250-0123456789 0123456789 0123456789 0123456789 "
		    "0123456789 0123456789 0123456789 0123456789 "
		    "0123456789 0123456789 0123456789 0123456789\r\n",
		    2 * MIB, LIMIT_REPLY, 7654, 250, F(TOO_LONG) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span in = endless(cases[i].head, cases[i].unit,
		    cases[i].len);
		struct reply whole = reply_new(), drip = reply_new();
		size_t       used = 0;

		assert_int_equal(proto_smtp.parse(in, &plain, &whole),
		    cases[i].used);
		assert_int_equal(whole.code, cases[i].code);
		assert_int_equal(whole.lines, cases[i].lines);
		assert_int_equal(whole.flaws, cases[i].flaws);
		assert_true(whole.flaw_at <= whole.len);
		for (size_t len = 0; used == 0; len += 997)
			used = proto_smtp.parse(span_sub(in, 0, len), &plain,
			    &drip);
		assert_int_equal(used, cases[i].used);
		assert_same(&whole, &drip);
		assert_int_equal(feed_octets(in, &drip), used);
		assert_same(&whole, &drip);
		mem_free((void *)(uintptr_t)in.ptr);
	}
}

static void
the_longest_good_reply_is_good(void **state)
{
	char         text[520];
	struct reply reply;

	(void)state;
	for (size_t len = 510; len <= 514; len++) {
		memset(text, 'x', sizeof text);
		memcpy(text, "250 ", 4);
		memcpy(text + len - 2, "\r\n", 2);
		reply = reply_new();
		assert_int_equal(proto_smtp.parse((struct span){ text, len },
		    &plain, &reply), len);
		assert_int_equal(reply.flaws,
		    len > 512 ? F(LONG_LINE) : 0);
		assert_int_equal(reply.flaw_at, len > 512 ? 512 : 0);
	}
}

static void
offers_compares_whole_keywords(void **state)
{
	static const char ehlo[] = "250-dsn.example.test PIPELINING hello\r\n"
	    "250-SIZE 10240000\r\n250-auth PLAIN Login\r\n"
	    "250-AUTH=CRAM-MD5 NTLM\r\n250-8BITMIME\r\n250-X-SIZES\r\n"
	    "250-LIMITS MAILMAX=5  RCPTMAX=20\r\n250 STARTTLS\r\n";
	static const struct { const char *word; bool yes; } cases[] = {
		{ "SIZE", true }, { "size", true }, { "Size", true },
		{ " SIZE ", true }, { "SIZE 10240000", true },
		{ "SIZE 1024", false }, { "SIZ", false }, { "SIZES", false },
		{ "X-SIZES", true }, { "8BITMIME", true }, { "8BIT", false },
		{ "STARTTLS", true }, { "PIPELINING", false },
		{ "DSN", false }, { "dsn.example.test", false },
		{ "hello", false }, { "AUTH", true }, { "AUTH PLAIN", true },
		{ "AUTH LOGIN", true }, { "AUTH  LOGIN", true },
		{ "AUTH CRAM-MD5", true }, { "AUTH NTLM", true },
		{ "AUTH XOAUTH2", false }, { "AUTH PLAI", false },
		{ "AUTH PLAIN LOGIN", false }, { "PLAIN", false },
		{ "AUTH=CRAM-MD5", false }, { "LIMITS RCPTMAX=20", true },
		{ "", false }, { " ", false }, { "10240000", false },
	};
	struct reply reply = reply_new();
	struct ask   ask = proto_smtp.ask(&(struct talk){ 0 },
	    SPAN("EHLO x"));

	(void)state;
	assert_true(proto_smtp.parse(SPAN(ehlo), &ask, &reply) > 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(proto_smtp.offers(&reply,
		    span_of(cases[i].word)), cases[i].yes);
}

static void
refusals_and_first_lines_offer_nothing(void **state)
{
	static const char *const replies[] = {
		"250 SIZE\r\n", "550-mx\r\n550 SIZE\r\n", "502 SIZE\r\n",
		"SIZE\r\n", "\r\n250 SIZE\r\n", "250-mx\r\n250 XSIZE SIZE\r\n",
		"250-mx\r\n250 SIZE=1\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
		struct reply reply = reply_new();

		assert_true(proto_smtp.parse(span_of(replies[i]), &plain,
		    &reply) > 0);
		assert_false(proto_smtp.offers(&reply, SPAN("SIZE")));
	}
}

static void
ehlo_lines_carry_no_enhanced_codes(void **state)
{
	struct ask   ask = proto_smtp.ask(&(struct talk){ 0 },
	    SPAN("ehlo x"));
	struct reply reply = reply_new();

	(void)state;
	assert_true(proto_smtp.parse(SPAN("250-2.1.5 x\r\n250 4.0.0\r\n"),
	    &ask, &reply) > 0);
	assert_int_equal(reply.enhanced, 0);
	assert_int_equal(reply.flaws, 0);
	reply = reply_new();
	assert_true(proto_smtp.parse(SPAN("550 5.7.1 no\r\n"), &ask, &reply) > 0);
	assert_int_equal(reply.enhanced, ENHANCED(5, 7, 1));
}

static void
commands_call_for_what_they_should(void **state)
{
	static const struct {
		const char *line;
		bool        offers, secret;
	} cases[] = {
		{ "EHLO x", true, false }, { "ehlo", true, false },
		{ "LHLO x", true, false }, { "HELO x", false, false },
		{ "HELP EHLO", false, false }, { "EHLOx", false, false },
		{ " EHLO x", false, false }, { "AUTH PLAIN AGE=", false, true },
		{ "auth login", false, true }, { "AUTH", false, true },
		{ "AUTHX", false, false }, { "NOOP AUTH", false, false },
		{ "EHLO\tx", false, false }, { "", false, false },
	};
	struct talk talk = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ask ask = proto_smtp.ask(&talk, span_of(cases[i].line));

		assert_int_equal(ask.offers, cases[i].offers);
		assert_int_equal(ask.secret, cases[i].secret);
	}
}

static void
talk_line(struct talk *talk, const char *line, int32_t code)
{
	struct ask   ask = proto_smtp.ask(talk, span_of(line));
	struct reply reply = reply_new();

	reply.code = code;
	proto_smtp.seen(talk, &ask, &reply);
}

static void
accepted_recipients_are_counted(void **state)
{
	struct talk talk = { 0 };

	(void)state;
	talk_line(&talk, "MAIL FROM:<>", 250);
	talk_line(&talk, "RCPT TO:<a@b>", 250);
	talk_line(&talk, "rcpt to:<a@b>", 251);
	talk_line(&talk, "RCPT TO:<c@b>", 550);
	talk_line(&talk, "RCPT TO:<d@b>", -1);
	talk_line(&talk, "MAIL FROM:<x>", 503);
	talk_line(&talk, "NOOP", 250);
	assert_int_equal(talk.accepted, 2);
	talk_line(&talk, "RSET", 250);
	assert_int_equal(talk.accepted, 0);
}

/* Between AUTH and its last reply; DATA is no such thing. */
static void
lines_of_auth_are_secret(void **state)
{
	struct talk talk = { 0 };

	(void)state;
	talk_line(&talk, "AUTH LOGIN", 334);
	assert_true(proto_smtp.ask(&talk, SPAN("dXNlcg==")).secret);
	talk_line(&talk, "dXNlcg==", 334);
	assert_true(proto_smtp.ask(&talk, SPAN("cGFzcw==")).secret);
	talk_line(&talk, "cGFzcw==", 535);
	assert_false(proto_smtp.ask(&talk, SPAN("NOOP")).secret);
	talk_line(&talk, "AUTH PLAIN", 504);
	assert_false(proto_smtp.ask(&talk, SPAN("NOOP")).secret);
	talk_line(&talk, "DATA", 354);
	assert_false(proto_smtp.ask(&talk, SPAN("NOOP")).secret);
}

static void
tones(void **state)
{
	static const struct { int32_t code; enum tone tone; } cases[] = {
		{ 200, TONE_POSITIVE }, { 250, TONE_POSITIVE },
		{ 299, TONE_POSITIVE }, { 334, TONE_CONTINUE },
		{ 354, TONE_CONTINUE }, { 421, TONE_NEGATIVE },
		{ 550, TONE_NEGATIVE }, { -1, TONE_NEGATIVE },
		{ 150, TONE_NEGATIVE }, { 0, TONE_NEGATIVE },
		{ 600, TONE_NEGATIVE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reply reply = { .code = cases[i].code };

		assert_int_equal(proto_smtp.tone(&reply), cases[i].tone);
		assert_int_equal(proto_smtp.any_time(&reply),
		    cases[i].code == 421);
	}
}

static void
protocols_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(proto_find(SPAN("smtp")), &proto_smtp);
	assert_ptr_equal(proto_find(SPAN("tcp")), &proto_tcp);
	assert_null(proto_find(SPAN("SMTP")));
	assert_null(proto_find(SPAN("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_replies),
		cmocka_unit_test(bad_replies),
		cmocka_unit_test(unfinished_replies_wait),
		cmocka_unit_test(limits_end_a_reply),
		cmocka_unit_test(the_longest_good_reply_is_good),
		cmocka_unit_test(offers_compares_whole_keywords),
		cmocka_unit_test(refusals_and_first_lines_offer_nothing),
		cmocka_unit_test(ehlo_lines_carry_no_enhanced_codes),
		cmocka_unit_test(commands_call_for_what_they_should),
		cmocka_unit_test(accepted_recipients_are_counted),
		cmocka_unit_test(lines_of_auth_are_secret),
		cmocka_unit_test(tones),
		cmocka_unit_test(protocols_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
