/*
 * serve: AUTH (RFC 4954), each dialogue in one piece, octet by octet and in
 * pieces of seven. What a mechanism computes is in test_sasl.c.
 */
#include "serve_talk.h"

#include "base/limits.h"
#include "base/mem.h"
#include "model/digest.h"
#include "model/filter.h"
#include "sasl/sasl.h"

#define S(literal) { (literal), sizeof(literal) - 1 }
#define HELLO "EHLO a.test\r\n"
#define GOOD "235 2.7.0 Authentication successful\r\n"
#define WRONG "535 5.7.8 Authentication credentials invalid\r\n"
#define NOT_BASE64 "501 5.5.2 Not base64\r\n"
#define CANCELLED "501 5.7.0 Authentication cancelled\r\n"
#define NO_RESPONSE "501 5.5.2 Not a response of this mechanism\r\n"
#define SYNTAX "501 5.5.4 Syntax: AUTH mechanism [initial-response]\r\n"
#define NEEDED "530 5.7.0 Authentication required\r\n"
#define BAD_PARAM "501 5.5.4 AUTH is <> or a mailbox, as xtext\r\n"
#define ALICE "AUTH PLAIN AGFsaWNlAHNlY3JldC1h\r\n"
#define BOB "AUTH PLAIN AGJvYgBzZWNyZXQtYg==\r\n"
#define MALLORY "AUTH PLAIN AGFsaWNlAHNlY3JldC1i\r\n" /* alice secret-b */

enum { AS_IS = 0, LMTP = 1, ONLY = 2, TLS = 4 };

/* `out` begins behind the reply to the first EHLO. */
static const struct row {
	unsigned    how;
	struct span in, out;
} rows[] = {
	{ AS_IS, S(ALICE), S(GOOD) }, { AS_IS, S(BOB), S(GOOD) },
	{ AS_IS, S(MALLORY), S(WRONG) },
	{ AS_IS, S("auth plain AGFsaWNlAHNlY3JldC1h\r\n"), S(GOOD) },
	{ AS_IS, S("AUTH  PLAIN  AGFsaWNlAHNlY3JldC1h \r\n"), S(GOOD) },
	{ AS_IS, S("AUTH PLAIN\r\nAGFsaWNlAHNlY3JldC1h\r\nNOOP\r\n"),
	    S("334 \r\n" GOOD "250 2.0.0 OK\r\n") },
	/* alice@example.test; alice may not act for bob */
	{ AS_IS, S("AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQtYQ==\r\n"),
	    S(GOOD) },
	{ AS_IS, S("AUTH PLAIN Ym9iAGFsaWNlAHNlY3JldC1h\r\n"), S(WRONG) },
	{ AS_IS, S("AUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0LWE=\r\n"),
	    S("334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n" GOOD) },
	{ AS_IS, S("AUTH LOGIN YWxpY2U=\r\nc2VjcmV0LWI=\r\n"),
	    S("334 UGFzc3dvcmQ6\r\n" WRONG) },
	{ AS_IS, S("AUTH LOGIN =\r\nAUTH LOGIN\r\n\r\n"),
	    S(WRONG "334 VXNlcm5hbWU6\r\n" WRONG) },
	/* Cancelled, at every place. */
	{ AS_IS, S("AUTH PLAIN\r\n*\r\nAUTH LOGIN\r\n*\r\nAUTH LOGIN\r\nYQ==\r\n"
	    "*\r\nAUTH PLAIN *\r\n"),
	    S("334 \r\n" CANCELLED "334 VXNlcm5hbWU6\r\n" CANCELLED
	    "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n" CANCELLED NOT_BASE64) },
	/* No responses. */
	{ AS_IS, S("AUTH PLAIN A\r\nAUTH PLAIN AA=\r\nAUTH PLAIN\r\n=\r\n"
	    "AUTH PLAIN\r\nA A=\r\nAUTH PLAIN\r\n**\r\n"),
	    S(NOT_BASE64 NOT_BASE64 "334 \r\n" NOT_BASE64 "334 \r\n"
	    NOT_BASE64 "334 \r\n" NOT_BASE64) },
	{ AS_IS, S("AUTH PLAIN =\r\nAUTH PLAIN\r\n\r\nAUTH PLAIN YWxpY2U=\r\n"
	    "AUTH SCRAM-SHA-256 YWxpY2U=\r\n"),
	    S(NO_RESPONSE "334 \r\n" NO_RESPONSE NO_RESPONSE NO_RESPONSE) },
	{ AS_IS, S("AUTH PLAIN\r\n\0\r\n"), S("334 \r\n" NOT_BASE64) },
	/* The command. */
	{ AS_IS, S("AUTH\r\nAUTH \r\nAUTH PLAIN a b\r\n"),
	    S(SYNTAX SYNTAX SYNTAX) },
	{ AS_IS, S("AUTH NTLM\r\nAUTH PLAI\r\nAUTH PLAINX\r\nAUTH *\r\n"
	    "AUTH SCRAM-SHA-256-PLUS\r\nAUTH EXTERNAL =\r\nAUTH DIGEST-MD5\r\n"),
	    S("504 5.5.4 No such authentication mechanism\r\n"
	    "504 5.5.4 No such authentication mechanism\r\n"
	    "504 5.5.4 No such authentication mechanism\r\n"
	    "504 5.5.4 No such authentication mechanism\r\n"
	    "504 5.5.4 No such authentication mechanism\r\n"
	    "504 5.5.4 No such authentication mechanism\r\n"
	    "504 5.5.4 No such authentication mechanism\r\n") },
	{ AS_IS, S("AUTH CRAM-MD5 =\r\nAUTH CRAM-MD5 YQ==\r\n"),
	    S("501 5.7.0 The server speaks first in this mechanism\r\n"
	    "501 5.7.0 The server speaks first in this mechanism\r\n") },
	{ AS_IS, S("HELP AUTH\r\n"),
	    S("214 2.0.0 AUTH mechanism [initial-response]\r\n") },
	/* Its place. */
	{ AS_IS, S(ALICE BOB), S(GOOD "503 5.5.1 Authenticated already\r\n") },
	{ AS_IS, S("MAIL FROM:<>\r\n" ALICE "RSET\r\n" ALICE),
	    S("250 2.1.0 OK\r\n503 5.5.1 No AUTH in a mail transaction\r\n"
	    "250 2.0.0 OK\r\n" GOOD) },
	{ AS_IS, S("HELO a\r\n" ALICE), S("250 embedded.quoth.test\r\n"
	    "503 5.5.1 Send EHLO first\r\n") },
	/* What one may then. */
	{ AS_IS, S("MAIL FROM:<>\r\nRCPT TO:<x@y.test>\r\nRSET\r\n" ALICE
	    "MAIL FROM:<>\r\nRCPT TO:<x@y.test>\r\nRCPT TO:<eve@example.test>"
	    "\r\nDATA\r\n.\r\n"),
	    S("250 2.1.0 OK\r\n550 5.7.1 Relaying is not permitted\r\n"
	    "250 2.0.0 OK\r\n" GOOD "250 2.1.0 OK\r\n250 2.1.5 OK\r\n"
	    "550 5.1.1 No such mailbox\r\n354 End with <CR><LF>.<CR><LF>\r\n"
	    "250 2.0.0 queued as 000000000000\r\n") },
	/* RFC 4954 5, and its own example. */
	{ AS_IS, S("MAIL FROM:<e=mc2@example.com> AUTH=e+3Dmc2@example.com\r\n"
	    "RSET\r\nMAIL FROM:<> AUTH=<>\r\nRSET\r\n"
	    "MAIL FROM:<> AUTH=+3C+3E\r\n"),
	    S("250 2.1.0 OK\r\n250 2.0.0 OK\r\n250 2.1.0 OK\r\n"
	    "250 2.0.0 OK\r\n250 2.1.0 OK\r\n") },
	{ AS_IS, S("MAIL FROM:<> AUTH\r\nMAIL FROM:<> AUTH=\r\n"
	    "MAIL FROM:<> AUTH=e=mc2@example.com\r\nMAIL FROM:<> AUTH=bob\r\n"
	    "MAIL FROM:<> AUTH=<b@c.test>\r\nMAIL FROM:<> AUTH=b+4@c.test\r\n"
	    "MAIL FROM:<> AUTH=b+\r\nMAIL FROM:<> AUTH=<> AUTH=<>\r\n"),
	    S(BAD_PARAM BAD_PARAM BAD_PARAM BAD_PARAM BAD_PARAM BAD_PARAM
	    BAD_PARAM "501 5.5.4 Parameter given twice\r\n") },
	/* XCLIENT begins anew. */
	{ AS_IS, S(ALICE "XCLIENT ADDR=192.0.2.1\r\n" HELLO BOB),
	    S(GOOD "220 embedded.quoth.test ESMTP quoth\r\n...\r\n" GOOD) },
	{ LMTP, S(ALICE), S(GOOD) },
	{ ONLY, S("MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n"
	    "BDAT 0 LAST\r\nVRFY bob\r\nEXPN team\r\nETRN a.test\r\nNOOP\r\n"
	    "RSET\r\nHELP AUTH\r\nAUTH PLAIN =\r\n" ALICE "MAIL FROM:<>\r\n"),
	    S(NEEDED NEEDED NEEDED NEEDED NEEDED NEEDED NEEDED
	    "250 2.0.0 OK\r\n250 2.0.0 OK\r\n"
	    "214 2.0.0 AUTH mechanism [initial-response]\r\n"
	    NO_RESPONSE GOOD "250 2.1.0 OK\r\n") },
	/* A chunk is read to its end before it is refused (RFC 3030 2). */
	{ ONLY, S("BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"),
	    S(NEEDED NEEDED "250 2.0.0 OK\r\n") },
	{ ONLY | LMTP, S("MAIL FROM:<>\r\n"), S(NEEDED) },
	{ TLS, S(ALICE "AUTH NTLM\r\nMAIL FROM:<>\r\n"),
	    S("538 5.7.11 Encryption is required first\r\n"
	    "538 5.7.11 Encryption is required first\r\n250 2.1.0 OK\r\n") },
	/* A parameter of what is not offered here. */
	{ TLS, S("MAIL FROM:<> AUTH=<>\r\n"),
	    S("555 5.5.4 Parameter not recognized\r\n") },
};

static struct serve_options
options_of(unsigned how)
{
	return (struct serve_options){ .sasl = &sasl_gsasl, .tls = true,
	    .lmtp = (how & LMTP) != 0, .auth_only = (how & ONLY) != 0,
	    .auth_tls = (how & TLS) != 0 };
}

/* Replies of several lines are "...". */
static struct buf
shortened(struct span in)
{
	struct buf  out = buf_new(64 * KIB);
	struct span line;

	while (span_word(&in, "\n", &line)) {
		if (line.len > 3 && line.ptr[3] == '-')
			continue;
		if (span_is(line, "250 HELP\r"))
			line = SPAN("...\r");
		buf_add(&out, line);
		if (line.len > 0)
			buf_add_octet(&out, '\n');
	}
	return out;
}

static void
check_row(const struct row *row, size_t size)
{
	struct serve_options options = options_of(row->how);
	struct serve_talk    talk;
	struct buf           out;

	serve_talk_begin(&talk, &options);
	(void)serve_talk_send(&talk, (row->how & LMTP) != 0 ? "LHLO a\r\n" :
	    HELLO);
	out = shortened(serve_talk_say(&talk, row->in, size));
	if (!span_eq(buf_span(&out), row->out))
		fail_msg("%.*s\n-> %.*s", SPAN_ARG(row->in),
		    SPAN_ARG(buf_span(&out)));
	buf_free(&out);
	serve_talk_end(&talk);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_row(&rows[i], SIZE_MAX / 2);
		check_row(&rows[i], 1);
		check_row(&rows[i], 7);
	}
}

static bool
says(struct serve_talk *talk, const char *line, const char *part)
{
	return span_find(serve_talk_send(talk, line), span_of(part)) !=
	    SIZE_MAX;
}

/* What EHLO lists, in the clear and under TLS. */
static void
test_listed(void **state)
{
	static const struct {
		unsigned    how;
		const char *clear, *tls;
	} cases[] = {
		{ AS_IS, "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256\r\n",
		    "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 "
		    "SCRAM-SHA-256-PLUS\r\n" },
		{ TLS, NULL, "AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 "
		    "SCRAM-SHA-256-PLUS\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct serve_options options = options_of(cases[i].how);
		struct serve_talk    talk;
		struct service      *service;

		serve_talk_begin(&talk, &options);
		service = talk.service;
		if (cases[i].clear == NULL)
			assert_false(says(&talk, HELLO, "AUTH"));
		else
			assert_true(says(&talk, HELLO, cases[i].clear));
		assert_true(says(&talk, "STARTTLS\r\n", "220"));
		service->secured(service, talk.client, SPAN("tls-exporter"),
		    SPAN("0123456789"));
		assert_true(says(&talk, HELLO, cases[i].tls));
		/* TLS forgets who it was. */
		assert_true(says(&talk, ALICE, GOOD));
		service->secured(service, talk.client, SPAN(""), SPAN(""));
		assert_false(says(&talk, HELLO, "-PLUS"));
		assert_true(says(&talk, ALICE, GOOD));
		serve_talk_end(&talk);
	}
}

static void
test_none(void **state)
{
	const struct serve_options options = { 0 };
	struct serve_talk talk;

	(void)state;
	serve_talk_begin(&talk, &options);
	assert_false(says(&talk, HELLO, "AUTH"));
	assert_true(says(&talk, ALICE, "502 5.5.1"));
	assert_true(says(&talk, "MAIL FROM:<> AUTH=<>\r\n", "555 5.5.4"));
	serve_talk_end(&talk);
}

static void
respond(struct serve_talk *talk, struct span text)
{
	struct buf line = buf_new(64 * KIB);

	assert_true(base64_encode(text, &line));
	buf_add(&line, SPAN("\r\n"));
	(void)serve_talk_say(talk, buf_span(&line), 5);
	buf_free(&line);
}

/* Without its code; the caller frees. */
static struct buf
challenge(const struct serve_talk *talk)
{
	struct buf  text = buf_new(64 * KIB);
	struct span line = buf_span(&talk->out);

	assert_true(span_starts(line, SPAN("334 ")));
	assert_true(base64_decode(span_sub(line, 4, line.len - 6), &text));
	return text;
}

static void
test_cram(void **state)
{
	const struct serve_options options = options_of(AS_IS);
	struct serve_talk talk;
	struct buf        text, digest = buf_new(DIGEST_MAX),
	    hex = buf_new(100);

	(void)state;
	serve_talk_begin(&talk, &options);
	(void)serve_talk_send(&talk, HELLO "AUTH CRAM-MD5\r\n");
	(void)serve_talk_send(&talk, "*\r\nAUTH CRAM-MD5\r\n");
	buf_eat(&talk.out, sizeof CANCELLED - 1);
	text = challenge(&talk);
	assert_true(digest_hmac(SPAN("md5"), SPAN("secret-b"), buf_span(&text),
	    &digest));
	buf_add(&hex, SPAN("bob "));
	assert_true(digest_hex(buf_span(&digest), &hex));
	respond(&talk, buf_span(&hex));
	assert_true(span_is(buf_span(&talk.out), GOOD));
	buf_free(&text);
	buf_free(&digest);
	buf_free(&hex);
	serve_talk_end(&talk);
}

/* SCRAM with the engine's own client; the last challenge is `ends` by the
 * client. */
static void
scram(struct serve_talk *talk, const char *password, const char *ends,
    const char *reply)
{
	struct sasl_ask ask = { .mechanism = sasl_find(SPAN("SCRAM-SHA-256")),
	    .first = true, .user = SPAN("alice"),
	    .password = span_of(password) };
	struct fault    fault;
	struct sasl    *client = sasl_gsasl.client(&ask, &fault);
	struct buf      said = buf_new(4096), heard;

	(void)sasl_gsasl.step(client, (struct span){ NULL, 0 }, &said, &fault);
	(void)serve_talk_send(talk, "AUTH SCRAM-SHA-256\r\n");
	respond(talk, buf_span(&said));
	heard = challenge(talk);
	buf_clear(&said);
	(void)sasl_gsasl.step(client, buf_span(&heard), &said, &fault);
	respond(talk, buf_span(&said));
	if (ends != NULL) {
		buf_free(&heard);
		heard = challenge(talk);
		assert_int_equal(sasl_gsasl.step(client, buf_span(&heard),
		    &said, &fault), SASL_STEP_SEND);
		assert_true(sasl_gsasl.proven(client, &fault));
		(void)serve_talk_send(talk, ends);
	}
	assert_true(span_is(buf_span(&talk->out), reply));
	buf_free(&heard);
	buf_free(&said);
	sasl_gsasl.end(client);
}

static void
test_scram(void **state)
{
	const struct serve_options options = options_of(AS_IS);
	struct serve_talk talk;

	(void)state;
	serve_talk_begin(&talk, &options);
	(void)serve_talk_send(&talk, HELLO);
	scram(&talk, "secret-b", NULL, WRONG);
	scram(&talk, "secret-a", "*\r\n", CANCELLED);
	scram(&talk, "secret-a", "YQ==\r\n",
	    "501 5.5.2 Nothing more was to be said\r\n");
	scram(&talk, "secret-a", "\r\n", GOOD);
	serve_talk_end(&talk);
}

/* Lines of RFC 4954's 12288 octets, and one more. */
static void
test_long(void **state)
{
	static const char *const heads[] = { "AUTH PLAIN ", "" };
	static const size_t sizes[] = { SIZE_MAX / 2, 100 };

	(void)state;
	for (size_t i = 0; i < 2 * 2 * 2; i++) {
		const struct serve_options options = options_of(AS_IS);
		const char       *head = heads[i & 1];
		bool              above = (i & 2) != 0;
		struct serve_talk talk;
		struct buf        line = buf_new(2 * LIMIT_SASL);

		serve_talk_begin(&talk, &options);
		(void)serve_talk_send(&talk, HELLO);
		if (head[0] == '\0')
			(void)serve_talk_send(&talk, "AUTH PLAIN\r\n");
		buf_add_text(&line, head);
		buf_add_fill(&line, 'A', LIMIT_SASL - 2 - line.len + above);
		buf_add(&line, SPAN("\r\nNOOP\r\n"));
		(void)serve_talk_say(&talk, buf_span(&line), sizes[i / 4]);
		/* 'A's are not base64 of any length, but never too long. */
		assert_int_equal(span_find(buf_span(&talk.out),
		    SPAN("500 5.5.6")) == SIZE_MAX, !above);
		assert_true(span_ends(buf_span(&talk.out),
		    SPAN("250 2.0.0 OK\r\n")));
		buf_free(&line);
		serve_talk_end(&talk);
	}
}

static void
test_failures(void **state)
{
	const struct serve_options options = options_of(AS_IS);
	struct serve_talk talk;

	(void)state;
	serve_talk_begin(&talk, &options);
	(void)serve_talk_send(&talk, HELLO);
	for (int i = 1; i < LIMIT_SERVE_FAILURES; i++)
		assert_true(says(&talk, MALLORY, WRONG));
	assert_true(says(&talk, MALLORY, "421 4.7.0 embedded.quoth.test Too "
	    "many failed authentications\r\n"));
	assert_int_equal(talk.next, SERVICE_CLOSE);
	serve_talk_end(&talk);
}

/* Faults on request: each answer of an exchange is one of AUTH. */
static void
test_faults(void **state)
{
	static const struct {
		const char *fault, *in, *out;
	} cases[] = {
		{ "454@AUTH", ALICE ALICE, "454 " },
		{ "454@AUTH#2", "AUTH PLAIN\r\nAGFsaWNlAHNlY3JldC1h\r\nNOOP\r\n",
		    "334 \r\n454 " },
		{ "454@AUTH#2", ALICE "NOOP\r\n", GOOD "250 2.0.0 OK\r\n" },
		{ "454@AUTH#3", "AUTH LOGIN YWxpY2U=\r\nc2VjcmV0LWE=\r\nNOOP\r\n",
		    "334 UGFzc3dvcmQ6\r\n" GOOD "250 2.0.0 OK\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct serve_options options = options_of(AS_IS);
		struct serve_talk    talk;

		options.faults = &cases[i].fault;
		options.fault_count = 1;
		serve_talk_begin(&talk, &options);
		(void)serve_talk_send(&talk, HELLO);
		(void)serve_talk_send(&talk, cases[i].in);
		if (!span_starts(buf_span(&talk.out), span_of(cases[i].out)))
			fail_msg("%zu: %.*s", i, SPAN_ARG(buf_span(&talk.out)));
		serve_talk_end(&talk);
	}
}

/* Clients that leave in the middle. */
static void
test_left(void **state)
{
	static const char *const lines[] = { "AUTH PLAIN\r\n",
	    "AUTH LOGIN\r\nYQ==\r\n", "AUTH SCRAM-SHA-256\r\n",
	    "AUTH CRAM-MD5\r\nYWxp" };
	const struct serve_options options = options_of(AS_IS);

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct serve_talk talk;

		serve_talk_begin(&talk, &options);
		(void)serve_talk_send(&talk, HELLO);
		(void)serve_talk_send(&talk, lines[i]);
		serve_talk_end(&talk);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows), cmocka_unit_test(test_listed),
		cmocka_unit_test(test_none), cmocka_unit_test(test_cram),
		cmocka_unit_test(test_scram), cmocka_unit_test(test_long),
		cmocka_unit_test(test_failures), cmocka_unit_test(test_faults),
		cmocka_unit_test(test_left)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
