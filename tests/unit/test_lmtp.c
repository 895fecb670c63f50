/*
 * LMTP: what its commands call for, how many replies follow a message, and
 * dialogues with as many, too few, too many, and those that stop half-way.
 */
#include "flows.h"

#include "model/proto.h"

extern const struct proto proto_lmtp;

/* What was said, what it was answered, and how many replies come then. */
static const struct count_case {
	const char *what;
	const char *said[8];            /* "RCPT ...=250" */
	const char *act;                /* empty: octets of a message */
	int32_t     count;              /* -1: the protocol does not count */
} counts[] = {
	{ "a dot", { "MAIL x=250", "RCPT a=250", "DATA=354" }, "", 1 },
	{ "three, one refused", { "MAIL x=250", "RCPT a=250", "RCPT b=550",
	    "RCPT a=251", "data =354" }, "", 2 },
	{ "nobody", { "MAIL x=250", "RCPT a=550", "DATA=354" }, "", 0 },
	{ "DATA refused", { "MAIL x=250", "RCPT a=250", "DATA=451" }, "", -1 },
	{ "a 3yz to RCPT", { "MAIL x=250", "RCPT a=354" }, "", -1 },
	{ "RSET forgets", { "MAIL x=250", "RCPT a=250", "RSET=250",
	    "DATA=354" }, "", 0 },
	{ "a refused RSET does not", { "MAIL x=250", "RCPT a=250",
	    "RSET=500", "DATA=354" }, "", 1 },
	{ "LHLO forgets", { "RCPT a=250", "LHLO x=250", "DATA=354" }, "", 0 },
	{ "XCLIENT forgets", { "RCPT a=250", "XCLIENT NAME=x=220",
	    "DATA=354" }, "", 0 },
	{ "the next message", { "MAIL x=250", "RCPT a=250", "DATA=354", "=250",
	    "MAIL y=250", "RCPT b=250", "RCPT c=250", "DATA=354" }, "", 2 },
	{ "a message ends it", { "MAIL x=250", "RCPT a=250", "RCPT b=250",
	    "DATA=354", "=250", "DATA=354" }, "", 0 },
	{ "a command", { "MAIL x=250", "RCPT a=250", "RCPT b=250" },
	    "NOOP", -1 },
	{ "DATA itself", { "MAIL x=250", "RCPT a=250", "RCPT b=250" },
	    "DATA", -1 },
	{ "a chunk", { "MAIL x=250", "RCPT a=250", "RCPT b=250" },
	    "BDAT 10", -1 },
	{ "the last chunk", { "MAIL x=250", "RCPT a=250", "RCPT b=250",
	    "BDAT 7=250" }, "bdat 10 last", 2 },
	{ "the last chunk for nobody", { "MAIL x=250", "RCPT a=550" },
	    "BDAT 10 LAST", -1 },
	{ "behind the last chunk", { "MAIL x=250", "RCPT a=250",
	    "BDAT 1 LAST=250" }, "BDAT 1 LAST", -1 },
	{ "behind a refused chunk", { "MAIL x=250", "RCPT a=250", "RCPT b=250",
	    "BDAT 7=552" }, "BDAT 10 LAST", -1 },
	{ "behind one that went wrong", { "MAIL x=250", "RCPT a=250",
	    "BDAT 7=250", "bdat 7 =451" }, "BDAT 10 LAST", -1 },
	{ "a size that is none", { "RCPT a=250", "RCPT b=250" },
	    "BDAT many LAST", -1 },
	{ "no size", { "RCPT a=250", "RCPT b=250" }, "BDAT  LAST", -1 },
	{ "no chunk at all", { "RCPT a=250" }, "BDAT LAST", -1 },
	{ "too much of one", { "RCPT a=250" }, "BDAT 1 LAST x", -1 },
};

static void
said(struct talk *talk, const char *text)
{
	const char  *equals = strrchr(text, '=');
	struct span  line = { text, (size_t)(equals - text) };
	struct ask   ask = { 0 };
	struct reply reply = reply_new();

	if (line.len > 0)
		ask = proto_lmtp.ask(talk, line);
	reply.code = atoi(equals + 1);
	proto_lmtp.seen(talk, &ask, &reply);
}

static void
replies_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		struct talk talk = { 0 };
		struct ask  ask = { 0 };
		uint32_t    count = 77;
		bool        counted;

		for (int j = 0; j < 8 && counts[i].said[j] != NULL; j++)
			said(&talk, counts[i].said[j]);
		if (*counts[i].act != '\0')
			ask = proto_lmtp.ask(&talk, span_of(counts[i].act));
		counted = proto_lmtp.replies(&talk, &ask, &count);
		if (counted != (counts[i].count >= 0) || count !=
		    (counted ? (uint32_t)counts[i].count : 77))
			fail_msg("%s: %d of %u", counts[i].what, counted,
			    count);
	}
}

/* What was said, and whether its reply may be UTF-8 (RFC 6531). */
static void
replies_in_utf8(void **state)
{
	static const struct { const char *line; bool wide; } said[] = {
		{ "LHLO x", false }, { "MAIL FROM:<a> SIZE=1 smtputf8", true },
		{ "RCPT TO:<a>", true }, { "DATA", true },
		{ "MAIL FROM:<SMTPUTF8>", false }, { "RCPT TO:<a>", false },
		{ "VRFY a SMTPUTF8", true }, { "EXPN a", false },
		{ "MAIL FROM:<a> SMTPUTF8", true }, { "RSET", false },
		{ "NOOP SMTPUTF8", false },
	};
	struct talk talk = { 0 };
	struct ask  wide = { .wide = true };

	(void)state;
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (proto_lmtp.ask(&talk, span_of(said[i].line)).wide !=
		    said[i].wide)
			fail_msg("%s", said[i].line);
	for (int i = 0; i < 3; i++) {
		static const char *const lines[] = { ("250 gr\xc3\xbc\xc3\x9f"
		    "e\r\n"), "250 \xff\r\n", "250 \xc3\r\n" };
		struct reply reply = reply_new();

		assert_int_equal(proto_lmtp.parse(span_of(lines[i]), &wide,
		    &reply), strlen(lines[i]));
		assert_int_equal(reply.flaws, i == 0 ? 0 :
		    FLAW_BIT(FLAW_NON_ASCII));
	}
}

static void
only_lhlo_lists_capabilities(void **state)
{
	struct talk talk = { 0 };

	(void)state;
	assert_true(proto_lmtp.ask(&talk, SPAN("LHLO x")).offers);
	assert_true(proto_lmtp.ask(&talk, SPAN("lhlo")).offers);
	assert_false(proto_lmtp.ask(&talk, SPAN("EHLO x")).offers);
	assert_false(proto_lmtp.ask(&talk, SPAN("HELO x")).offers);
	assert_true(proto_lmtp.ask(&talk, SPAN("AUTH PLAIN x")).secret);
}

#define HI "220 hi\r\n"
#define HEAD "protocol: lmtp\nsteps:\n- connect:\n"
#define TWO "- pipeline:\n  - send: RCPT a\n  - send: RCPT b\n" \
	"  - { send: RCPT c, expect: 550 }\n  - send: DATA\n"
#define TWO_OK "250 a\r\n250 b\r\n550 c\r\n354 go\r\n"
#define BEGUN "connect / 1 pass / >RCPT a$RCPT b$RCPT c$DATA$ / 2 pass / " \
	"3 pass / 4 pass / 5 pass / >x$.$ / "
#define CHUNKS HEAD "- send: RCPT a\n- send: RCPT b\n" \
	"- bdat: { text: abcd, chunk: 3 }\n"
#define CHUNKED "connect / 1 pass / >RCPT a$ / 2 pass / >RCPT b$ / 3 pass / " \
	">BDAT 3$abc / >BDAT 3 LAST$d$ / "
#define PIPED HEAD "- pipeline:\n  - send: RCPT a\n  - send: RCPT b\n" \
	"  - bdat: { text: abc, chunk: 1, raw: true }\n"
#define PIPED_LOG "connect / 1 pass / >RCPT a$RCPT b$BDAT 1$aBDAT 1$b" \
	"BDAT 1 LAST$c"
#define BODY HEAD TWO "- body: x\n"

static const struct flow flows[] = {
	/* Whether its close is here by then, nobody knows. */
	{ "connect again after it said goodbye", HEAD "- send: QUIT\n"
	    "- connect:\n", { HI, "221 bye\r\n", HI },
	    "connect / 1 pass / >QUIT$ / 2 pass / connect / 3 pass / "
	    "end pass" },
	{ "one for each behind the last chunk", CHUNKS "- send: QUIT\n",
	    { HI, "250 a\r\n", "250 b\r\n", "250 1\r\n",
	    "250 a\r\n250 b\r\n", "221 bye\r\n" },
	    CHUNKED "4 pass / >QUIT$ / 5 pass / end pass" },
	{ "one of them is a refusal", CHUNKS, { HI, "250 a\r\n", "250 b\r\n",
	    "250 1\r\n", "250 a\r\n552 b\r\n" },
	    CHUNKED "4 fail code / end fail code 552", "reply 3 of 3" },
	{ "chunks in one write", PIPED "  - send: QUIT\n", { HI, "250 a\r\n"
	    "250 b\r\n250 1\r\n250 2\r\n250 a\r\n250 b\r\n221 x\r\n" },
	    PIPED_LOG "QUIT$ / 2 pass / 3 pass / 4 pass / 5 pass / end pass" },
	{ "the first is refused, and so are all", PIPED
	    "    expect_each: [552, 503, 503]\n  - send: QUIT\n",
	    { HI, "250 a\r\n250 b\r\n552 1\r\n503 2\r\n503 3\r\n"
	    "221 x\r\n" }, PIPED_LOG "QUIT$ / 2 pass / 3 pass / 4 pass / 5 pass / end pass" },
	{ "a refused one that nobody expected", PIPED "  - send: QUIT\n",
	    { HI, "250 a\r\n250 b\r\n552 1\r\n503 2\r\n503 3\r\n"
	    "221 x\r\n" }, PIPED_LOG "QUIT$ / 2 pass / 3 pass / 4 fail code / 5 pass / end fail code 552",
	    "reply 1 of 4: " },
	{ "a taken one that was to be refused", PIPED
	    "    expect_each: [552, 503, 503]\n  - send: QUIT\n",
	    { HI, "250 a\r\n250 b\r\n250 1\r\n250 2\r\n250 3\r\n250 4\r\n"
	    "221 x\r\n" }, PIPED_LOG "QUIT$ / 2 pass / 3 pass / 4 fail code / 5 pass / end fail code 250" },
	{ "an entry too few for the last chunk", PIPED
	    "    expect_each: [250, 250, 250]\n  - send: QUIT\n",
	    { HI, "250 a\r\n250 b\r\n250 1\r\n250 2\r\n250 3\r\n250 4\r\n"
	    "221 x\r\n" }, PIPED_LOG "QUIT$ / 2 pass / 3 pass / 4 error plan / 5 pass / end error plan 250",
	    "lists 3 replies, and there are more" },
	{ "steps of one chunk, the first refused", HEAD "- pipeline:\n"
	    "  - send: RCPT a\n  - send: RCPT b\n"
	    "  - { bdat: { text: ab, last: false, raw: true }, expect: 552 }\n"
	    "  - { bdat: '', expect: 503 }\n  - send: RSET\n",
	    { HI, "250 a\r\n250 b\r\n552 1\r\n503 2\r\n250 r\r\n" },
	    "connect / 1 pass / >RCPT a$RCPT b$BDAT 2$abBDAT 0 LAST$RSET$ / "
	    "2 pass / 3 pass / 4 pass / 5 pass / 6 pass / end pass" },
	{ "a refused chunk, and then the last", HEAD "- send: RCPT a\n"
	    "- send: RCPT b\n- { bdat: { text: ab, chunk: 1, raw: true }, "
	    "expect_each: [552, 503] }\n", { HI, "250 a\r\n", "250 b\r\n",
	    "552 1\r\n", "503 2\r\n" },
	    "connect / 1 pass / >RCPT a$ / 2 pass / >RCPT b$ / 3 pass / "
	    ">BDAT 1$a / >BDAT 1 LAST$b / 4 pass / end pass" },
	{ "BDAT is unknown", HEAD "- send: RCPT a\n- send: RCPT b\n"
	    "- { bdat: x, expect: 500 }\n- send: QUIT\n",
	    { HI, "250 a\r\n", "250 b\r\n", "500 no\r\n", "221 x\r\n" },
	    "connect / 1 pass / >RCPT a$ / 2 pass / >RCPT b$ / 3 pass / "
	    ">BDAT 3 LAST$x$ / 4 pass / >QUIT$ / 5 pass / end pass" },
	{ "an unexpected 503 to it", HEAD "- send: RCPT a\n- send: RCPT b\n"
	    "- { bdat: x, expect_each: [250, 250] }\n- send: QUIT\n",
	    { HI, "250 a\r\n", "250 b\r\n", "503 no\r\n" },
	    "connect / 1 pass / >RCPT a$ / 2 pass / >RCPT b$ / 3 pass / "
	    ">BDAT 3 LAST$x$ / 4 fail code / 5 not-run / end fail code 503",
	    NULL },
	{ "a bad chunk spoils those behind it", HEAD "- pipeline:\n"
	    "  - send: RCPT a\n  - send: RCPT b\n"
	    "  - { send: BDAT x, expect: 501 }\n"
	    "  - { bdat: '', expect: 503 }\n  - send: RSET\n",
	    { HI, "250 a\r\n250 b\r\n501 1\r\n503 2\r\n250 r\r\n" },
	    "connect / 1 pass / >RCPT a$RCPT b$BDAT x$BDAT 0 LAST$RSET$ / "
	    "2 pass / 3 pass / 4 pass / 5 pass / 6 pass / end pass" },
	{ "and the same where it does not", HEAD "- pipeline:\n"
	    "  - send: RCPT a\n  - send: RCPT b\n"
	    "  - { send: BDAT x, expect: 501 }\n  - bdat: ''\n  - send: RSET\n",
	    { HI, "250 a\r\n250 b\r\n501 1\r\n250 a\r\n250 b\r\n250 r\r\n" },
	    "connect / 1 pass / >RCPT a$RCPT b$BDAT x$BDAT 0 LAST$RSET$ / "
	    "2 pass / 3 pass / 4 pass / 5 pass / 6 pass / end pass" },
	{ "UTF-8 where it was asked for", HEAD "- send: MAIL a SMTPUTF8\n"
	    "- send: RCPT a\n- send: DATA\n- body: x\n- send: RSET\n",
	    { HI, "250 \xc3\xa4\r\n", "250 \xc3\xa4\r\n", "354 \xc3\xa4\r\n",
	    "250 \xc3\xa4\r\n", "250 \xc3\xa4\r\n" },
	    "connect / 1 pass / >MAIL a SMTPUTF8$ / 2 pass / >RCPT a$ / 3 pass "
	    "/ >DATA$ / 4 pass / >x$.$ / 5 pass / >RSET$ / 6 warn flaw / "
	    "end warn flaw" },
	{ "a reply for each", BODY "- send: QUIT\n",
	    { HI, TWO_OK, "250 a\r\n250-b\r\n250 b\r\n", "221 bye\r\n" },
	    BEGUN "6 pass / >QUIT$ / 7 pass / end pass" },
	{ "expect holds for the second", BODY "  expect: 250\n- send: QUIT\n",
	    { HI, TWO_OK, "250 a\r\n452 b\r\n" },
	    BEGUN "6 fail code / 7 not-run / end fail code 452",
	    "reply 2 of 2: " },
	{ "all are read behind the first that fails",
	    "on_fail: continue\n" BODY "- send: QUIT\n",
	    { HI, TWO_OK, "451 a\r\n250 b\r\n", "221 bye\r\n" },
	    BEGUN "6 fail code / >QUIT$ / 7 pass / end fail code 451",
	    "reply 1 of 2: " },
	{ "each its own", BODY "  expect_each: [250, 452]\n",
	    { HI, TWO_OK, "250 a\r\n452 b\r\n" }, BEGUN "6 pass / end pass" },
	{ "each in the wrong order", BODY "  expect_each: [452, 250]\n",
	    { HI, TWO_OK, "250 a\r\n452 b\r\n" },
	    BEGUN "6 fail code / end fail code 250" },
	{ "each has one too few", BODY "  expect_each: [250]\n- send: QUIT\n",
	    { HI, TWO_OK, "250 a\r\n250 b\r\n" },
	    BEGUN "6 fail match / 7 not-run / end fail match 250",
	    "2 replies are due, one for each accepted recipient, and "
	    "expect_each has 1" },
	{ "none of them is for the second, whatever it says", BODY
	    "  expect_each: [250]\n- send: QUIT\n",
	    { HI, TWO_OK, "250 a\r\n452 b\r\n" },
	    BEGUN "6 fail match / 7 not-run / end fail match 452",
	    "2 replies are due, one for each accepted recipient, and "
	    "expect_each has 1" },
	{ "each has one too many", "on_fail: continue\n" BODY
	    "  expect_each: [250, 250, 250]\n- send: QUIT\n",
	    { HI, TWO_OK, "250 a\r\n250 b\r\n", "221 bye\r\n" },
	    BEGUN "6 fail match / >QUIT$ / 7 pass / end fail match 250",
	    "and expect_each has 3" },
	{ "a mismatch is worse than a warning", BODY
	    "  expect_each: [250]\n",
	    { HI, TWO_OK, "250 \xc3\xa4\r\n250 \xc3\xa4\r\n" },
	    BEGUN "6 fail match / end fail match 250", "expect_each has 1" },
	{ "a warning does not hide what follows", BODY,
	    { HI, TWO_OK, "250 \xc3\xa4\r\n550 b\r\n" },
	    BEGUN "6 fail code / end fail code 550", "reply 2 of 2" },
	{ "a warning is told", BODY "- send: QUIT\n",
	    { HI, TWO_OK, "250 \xc3\xa4\r\n250 b\r\n", "221 x\r\n" },
	    BEGUN "6 warn flaw / >QUIT$ / 7 pass / end warn flaw",
	    "reply 1 of 2: flawed reply: an octet above 127" },
	{ "a warning before a close", BODY "- send: QUIT\n",
	    { HI, TWO_OK, "250 \xc3\xa4\r\n", "!close" },
	    BEGUN "6 fail closed / 7 not-run / end fail closed" },
	{ "a warning before a good close", BODY "  expect: [250, closed]\n"
	    "- connect:\n", { HI, TWO_OK, "250 \xc3\xa4\r\n", "!close", HI },
	    BEGUN "6 warn flaw / connect / 7 pass / end warn flaw" },
	{ "too few replies", BODY "- send: QUIT\n", { HI, TWO_OK,
	    "250 a\r\n", "!timeout" },
	    BEGUN "6 fail timeout / 7 not-run / end fail timeout",
	    "reply 2 of 2: no reply" },
	{ "too many replies", BODY "- send: QUIT\n", { HI, TWO_OK,
	    "250 a\r\n250 b\r\n250 c\r\n" },
	    BEGUN "6 pass / 7 fail noise / end fail noise 250",
	    "nobody had asked for" },
	{ "too many at the end", BODY, { HI, TWO_OK,
	    "250 a\r\n250 b\r\n250 c\r\n" },
	    BEGUN "6 pass / note / end fail noise",
	    "that no step had awaited" },
	{ "closed between two", BODY "- send: QUIT\n", { HI, TWO_OK,
	    "250 a\r\n", "!close" },
	    BEGUN "6 fail closed / 7 not-run / end fail closed",
	    "reply 2 of 2: the server closed the connection" },
	{ "closed inside the second", BODY, { HI, TWO_OK, "250 a\r\n250-",
	    "!rst" }, BEGUN "6 fail closed / end fail closed",
	    "in the middle of a reply" },
	{ "closed between two, as expected", BODY
	    "  expect: [250, closed]\n", { HI, TWO_OK, "250 a\r\n",
	    "!close" }, BEGUN "6 pass / end pass" },
	{ "421 ends it", BODY "  expect: { code: 250, ends: [421] }\n"
	    "- send: QUIT\n", { HI, TWO_OK, "250 a\r\n421 b\r\n" },
	    BEGUN "6 pass / 7 not-run / end pass" },
	{ "a flaw in the second", BODY, { HI, TWO_OK,
	    "250 a\r\n250 b\n" }, BEGUN "6 fail flaw / end fail flaw 250",
	    "reply 2 of 2: flawed reply" },
	{ "nobody accepted", HEAD "- { send: RCPT a, expect: 550 }\n"
	    "- { send: DATA, expect: 503 }\n- send: QUIT\n",
	    { HI, "550 a\r\n", "503 none\r\n", "221 bye\r\n" },
	    "connect / 1 pass / >RCPT a$ / 2 pass / >DATA$ / 3 pass / "
	    ">QUIT$ / 4 pass / end pass" },
	{ "a message for nobody", HEAD "- { send: RCPT a, expect: 550 }\n"
	    "- send: DATA\n- body: x\n- send: QUIT\n",
	    { HI, "550 a\r\n", "354 go\r\n" },
	    "connect / 1 pass / >RCPT a$ / 2 pass / >DATA$ / 3 pass / "
	    ">x$.$ / 4 fail match / 5 not-run / end fail match",
	    "one for each accepted recipient, and there is none" },
	{ "all in one write", HEAD "- pipeline:\n  - send: RCPT a\n"
	    "  - send: RCPT b\n  - send: DATA\n  - body: x\n"
	    "  - send: QUIT\n",
	    { HI, "250 a\r\n250 b\r\n354 go\r\n250 a\r\n250 b\r\n221 x\r\n" },
	    "connect / 1 pass / >RCPT a$RCPT b$DATA$x$.$QUIT$ / 2 pass / "
	    "3 pass / 4 pass / 5 pass / 6 pass / end pass" },
	{ "all in one write, one refused", HEAD "- pipeline:\n"
	    "  - send: RCPT a\n  - { send: RCPT b, expect: 550 }\n"
	    "  - send: DATA\n  - { body: x, expect_each: [452] }\n"
	    "  - send: QUIT\n",
	    { HI, "250 a\r\n550 b\r\n354 go\r\n452 a\r\n221 x\r\n" },
	    "connect / 1 pass / >RCPT a$RCPT b$DATA$x$.$QUIT$ / 2 pass / "
	    "3 pass / 4 pass / 5 pass / 6 pass / end pass" },
	{ "all in one write, and nobody accepted", HEAD "- pipeline:\n"
	    "  - { send: RCPT a, expect: 550 }\n"
	    "  - { send: DATA, expect: [354, 503] }\n  - body: x\n"
	    "  - send: QUIT\n",
	    { HI, "550 a\r\n354 go\r\n221 x\r\n" },
	    "connect / 1 pass / >RCPT a$DATA$x$.$QUIT$ / 2 pass / 3 pass / "
	    "4 fail match / 5 not-run / end fail match", "there is none" },
	{ "the dot in a write", HEAD "- send: RCPT a\n- send: RCPT b\n"
	    "- send: DATA\n- { write: '.\\r\\n', expect: 250 }\n",
	    { HI, "250 a\r\n", "250 b\r\n", "354 go\r\n",
	    "250 a\r\n250 b\r\n" },
	    "connect / 1 pass / >RCPT a$ / 2 pass / >RCPT b$ / 3 pass / "
	    ">DATA$ / 4 pass / >.$ / 5 pass / end pass" },
	{ "no dot yet", HEAD "- send: RCPT a\n- send: RCPT b\n- send: DATA\n"
	    "- { body: { text: x, dot: false } }\n"
	    "- { write: '.\\r\\n', expect_each: [250, 251] }\n",
	    { HI, "250 a\r\n", "250 b\r\n", "354 go\r\n",
	    "250 a\r\n251 b\r\n" },
	    "connect / 1 pass / >RCPT a$ / 2 pass / >RCPT b$ / 3 pass / "
	    ">DATA$ / 4 pass / >x$ / 5 pass / >.$ / 6 pass / end pass" },
	{ "silence is one", BODY "  expect: { code: silence, within: 1s }\n",
	    { HI, TWO_OK, "!timeout" }, BEGUN "6 pass / end pass" },
	{ "two of other commands", HEAD "- write: 'A\\r\\nB\\r\\n'\n"
	    "  expect_each: [250, 550]\n", { HI, "250 a\r\n550 b\r\n" },
	    "connect / 1 pass / >A$B$ / 2 pass / end pass" },
	{ "needs of LHLO", "needs: [XCLIENT]\n" HEAD "- send: LHLO x\n",
	    { HI, "250-h\r\n250 SIZE\r\n" },
	    "connect / 1 pass / >LHLO x$ / 2 skip needs / end skip needs" },
};

static void
dialogues(void **state)
{
	(void)state;
	FLOWS_RUN(flows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_counted),
		cmocka_unit_test(replies_in_utf8),
		cmocka_unit_test(only_lhlo_lists_capabilities),
		cmocka_unit_test(dialogues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
