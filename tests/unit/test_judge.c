/* Replies, closes, silences and timeouts, held against what was expected. */
#include "flows.h"

#define HELLO "steps:\n- connect:\n- send: NOOP\n"
#define GREETED "steps:\n- connect:\n- send: X\n  expect: "
#define HI "220 hi\r\n"

static const struct flow greetings[] = {
	{ "greeting and a command", HELLO, { HI, "250 ok\r\n" },
	    "connect / 1 pass / >NOOP$ / 2 pass / end pass" },
	{ "wrong greeting", HELLO, { "554 no\r\n" },
	    "connect / 1 fail code / 2 not-run / end fail code 554",
	    "the greeting is not positive" },
	{ "greeting of many lines", HELLO,
	    { "220-hi\r\n220-there\r\n220 now\r\n", "250 ok\r\n" },
	    "connect / 1 pass / >NOOP$ / 2 pass / end pass" },
	{ "no greeting", HELLO, { NULL },
	    "connect / 1 fail timeout / 2 not-run / end fail timeout",
	    "connected, but no greeting within 10 s; a port where TLS begins "
	    "at once (smtps://) waits for ours" },
	{ "half a greeting", HELLO, { "220 h" },
	    "connect / 1 fail timeout / 2 not-run / end fail timeout",
	    "no whole reply within 10 s: 5 octets came" },
	{ "closed without a greeting", HELLO, { "!close" },
	    "connect / 1 fail closed / 2 not-run / end fail closed",
	    "closed the connection without a reply" },
	{ "reset", HELLO, { HI, "!rst" },
	    "connect / 1 pass / >NOOP$ / 2 fail closed / end fail closed",
	    "the server reset the connection without a reply" },
	{ "half a reply, then closed", HELLO, { HI, "250-o\r\n25", "!close" },
	    "connect / 1 pass / >NOOP$ / 2 fail closed / end fail closed",
	    "in the middle of a reply, after 9 octets" },
	{ "refused", HELLO, { "@connect:!fail connection refused" },
	    "connect / 1 error connect / 2 not-run / end error connect",
	    "connection refused" },
	{ "refused as expected", "steps:\n- connect:\n  expect: refused\n",
	    { "@connect:!fail connection refused" },
	    "connect / 1 pass / end pass" },
	{ "refused, and that ends it", "steps:\n- connect:\n"
	    "  expect: { ends: [refused] }\n- send: NOOP\n",
	    { "@connect:!fail connection refused" },
	    "connect / 1 pass / 2 not-run / end pass" },
	{ "connected where it should be refused",
	    "steps:\n- connect:\n  expect: refused\n", { HI },
	    "connect / 1 fail code / end fail code 220",
	    "accepted the connection" },
	{ "greeting with the command's reply in one segment", HELLO,
	    { "220 hi\r\n250 early\r\n" },
	    "connect / 1 pass / 2 fail noise / end fail noise 250",
	    "not sent: 11 octets came that nobody had asked for" },
	{ "unasked octets before an act", HELLO, { HI, "@look:250 x\r\n" },
	    "connect / 1 pass / 2 fail noise / end fail noise 250" },
	{ "half a line before an act", HELLO, { HI, "@look:250 x" },
	    "connect / 1 pass / 2 fail noise / end fail noise",
	    "not sent: 5 octets" },
	{ "unasked octets, tolerated", "flaws: [unsolicited]\n" HELLO,
	    { HI, "@look:250 x\r\n", "250 ok\r\n" },
	    "connect / 1 pass / >NOOP$ / 2 pass / end pass" },
	{ "421 before an act answers it", HELLO, { HI, "@look:421 bye\r\n" },
	    "connect / 1 pass / note / 2 fail code / end fail code 421",
	    "not sent" },
	{ "421 in pieces before an act", HELLO,
	    { HI, "@look:421 b", "ye\r\n" },
	    "connect / 1 pass / note / 2 fail code / end fail code 421" },
	{ "421 before an act, expected", "steps:\n- connect:\n- send: NOOP\n"
	    "  expect: { code: 250, ends: [421] }\n- send: QUIT\n",
	    { HI, "@look:421 bye\r\n" },
	    "connect / 1 pass / note / 2 pass / 3 not-run / end pass" },
	{ "421 and closed before an act, both expected",
	    "steps:\n- connect:\n- send: NOOP\n  expect: 421\n"
	    "- expect: closed\n", { HI, "@look:421 bye\r\n", "!close" },
	    "connect / 1 pass / note / 2 pass / 3 pass / end pass" },
	{ "421 instead of a reply", HELLO, { HI, "421 bye\r\n", "!close" },
	    "connect / 1 pass / >NOOP$ / 2 fail code / end fail code 421" },
	{ "closed before an act", HELLO, { HI, "@look:!close" },
	    "connect / 1 pass / 2 fail closed / end fail closed",
	    "without a reply; this was not sent" },
	{ "closed before an act, expected", GREETED "closed\n",
	    { HI, "@look:!close" }, "connect / 1 pass / 2 pass / end pass" },
	{ "closed between acts", "steps:\n- connect:\n- wait: 1s\n"
	    "- send: X\n  expect: [500, closed]\n", { HI, "@timer:!close" },
	    "connect / 1 pass / timer 1000 / 2 pass / 3 pass / end pass" },
	{ "octets and a close before an act", HELLO,
	    { HI, "@look:250 x\r\n", "@look:!close" },
	    "connect / 1 pass / 2 fail noise / end fail noise 250" },
	{ "leftovers at the end", HELLO,
	    { HI, "250 ok\r\n250 more\r\n" }, "connect / 1 pass / >NOOP$ / "
	    "2 pass / note / end fail noise",
	    "10 octets that no step had awaited" },
	{ "an expect alone", "steps:\n- connect:\n- send: X\n- expect: 250\n",
	    { HI, "250 a\r\n250 b\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / 3 pass / end pass" },
};

static const struct flow closes[] = {
	{ "closed", GREETED "closed\n", { HI, "!close" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "reset is closed", GREETED "closed\n", { HI, "!rst" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "a reply, then closed", GREETED "closed\n",
	    { HI, "250 x\r\n", "!close" },
	    "connect / 1 pass / >X$ / 2 fail code / end fail code 250" },
	{ "half a reply is no close", GREETED "closed\n",
	    { HI, "250 x", "!close" },
	    "connect / 1 pass / >X$ / 2 fail closed / end fail closed" },
	{ "half a reply tolerated",
	    GREETED "{ code: closed, flaws: [cut] }\n",
	    { HI, "250 x", "!close" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "closed with its text", GREETED "{ code: closed, text: bye }\n",
	    { HI, "say bye\r\n", "!close" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "closed with half a line of text",
	    GREETED "{ code: closed, text: bye }\n",
	    { HI, "bye", "!close" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "closed with another text", GREETED "{ code: closed, text: bye }\n",
	    { HI, "hello\r\n", "!close" },
	    "connect / 1 pass / >X$ / 2 fail match / end fail match" },
	{ "closed without its text", GREETED "{ code: closed, text: bye }\n",
	    { HI, "!close" },
	    "connect / 1 pass / >X$ / 2 fail match / end fail match" },
	{ "text, but no close", GREETED "{ code: closed, text: bye }\n",
	    { HI, "bye\r\n" },
	    "connect / 1 pass / >X$ / 2 fail timeout / end fail timeout",
	    "did not close the connection within 10 s" },
	{ "never closed", GREETED "closed\n", { HI },
	    "connect / 1 pass / >X$ / 2 fail timeout / end fail timeout",
	    "the server did not close the connection within 10 s" },
	{ "a code or closed", GREETED "[250, closed]\n", { HI, "!close" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "ends with a close", GREETED "{ code: 250, ends: [closed] }\n"
	    "- send: Y\n", { HI, "!close" },
	    "connect / 1 pass / >X$ / 2 pass / 3 not-run / end pass" },
	{ "closed too soon", GREETED "{ code: closed, after: 2s }\n",
	    { HI, "!wait 1000", "!close" },
	    "connect / 1 pass / >X$ / 2 fail early / end fail early",
	    "after 1000 ms, sooner than 2000 ms" },
	{ "closed too late", GREETED "{ code: closed, within: 2s }\n",
	    { HI, "!wait 3000", "!close" },
	    "connect / 1 pass / >X$ / 2 fail late / end fail late" },
	{ "silence", GREETED "silence\n", { HI },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "silence broken by a reply", GREETED "silence\n", { HI, "250 x\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / end fail code 250",
	    "where there should be silence" },
	{ "silence broken by a few octets", GREETED "silence\n", { HI, "25" },
	    "connect / 1 pass / >X$ / 2 fail code / end fail code",
	    "2 octets came where there should be silence" },
	{ "silence broken by a close", GREETED "silence\n", { HI, "!close" },
	    "connect / 1 pass / >X$ / 2 fail closed / end fail closed" },
	{ "silence, then a reply that is late",
	    GREETED "{ code: silence, within: 3s }\n- expect: 250\n",
	    { HI, "!timeout", "250 x\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / 3 pass / end pass" },
	{ "silence after a pause", "steps:\n- connect:\n- wait: 1s\n"
	    "  expect: silence\n", { HI },
	    "connect / 1 pass / timer 1000 / 2 pass / end pass" },
	{ "a pause without a connection", "steps:\n- wait: 1s\n"
	    "  expect: silence\n- connect:\n", { NULL },
	    "1 error plan / 2 not-run / end error plan", "not open" },
	{ "set cannot hide an expectation", "steps:\n- connect:\n"
	    "- set: { a: b }\n  expect: 250\n", { HI, "250 x\r\n" },
	    "connect / 1 pass / 2 pass / end pass" },
	{ "set with an expectation that fails", "steps:\n- connect:\n"
	    "- set: { a: b }\n  expect: 250\n", { HI, "550 x\r\n" },
	    "connect / 1 pass / 2 fail code / end fail code 550" },
};

static const struct flow codes[] = {
	{ "never", GREETED "{ never: [250, 5xx] }\n", { HI, "450 x\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "never came", GREETED "{ never: [250, 5xx] }\n", { HI, "554 x\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / end fail code 554",
	    "must not come here" },
	{ "ends", GREETED "{ ends: [421] }\n- send: Y\n", { HI, "421 x\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / 3 not-run / end pass" },
	{ "ends keeps the default", GREETED "{ ends: [421] }\n",
	    { HI, "550 x\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / end fail code 550" },
	{ "text keeps the default", GREETED "{ text: foo }\n",
	    { HI, "550 foo\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / end fail code 550" },
	{ "text", GREETED "{ text: foo }\n", { HI, "250-a\r\n250 foo\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "any", GREETED "any\n", { HI, "599 foo\r\n" },
	    "connect / 1 pass / >X$ / 2 warn flaw / end warn flaw" },
	{ "within", GREETED "{ code: 250, within: 1s }\n",
	    { HI, "!wait 1000", "250 x\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "not within", GREETED "{ code: 250, within: 1s }\n",
	    { HI, "!wait 1001", "250 x\r\n" },
	    "connect / 1 pass / >X$ / 2 fail late / end fail late 250",
	    "the reply came after 1001 ms, later than 1000 ms" },
	{ "within beyond the timeout", GREETED "{ code: 250, within: 20s }\n",
	    { HI, "!wait 19000", "250 x\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "after", GREETED "{ code: 250, after: 1s }\n",
	    { HI, "!wait 1000", "250 x\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "not after", GREETED "{ code: 250, after: 1s }\n",
	    { HI, "!wait 999", "250 x\r\n" },
	    "connect / 1 pass / >X$ / 2 fail early / end fail early 250" },
	{ "a step's own timeout", "steps:\n- connect:\n- send: X\n"
	    "  timeout: 500ms\n", { HI },
	    "connect / 1 pass / >X$ / 2 fail timeout / end fail timeout",
	    "no reply within 500 ms" },
	{ "a timeout longer than a scenario may take", "steps:\n- connect:\n"
	    "- send: X\n  timeout: 10m\n",
	    { HI, "!wait 540000", "250 x\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "bare LF", HELLO, { HI, "250 x\n" },
	    "connect / 1 pass / >NOOP$ / 2 fail flaw / end fail flaw 250" },
	{ "bare LF tolerated", GREETED "{ flaws: [bare-lf] }\n- send: Y\n",
	    { HI, "250 x\n", "250 y\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / >Y$ / 3 pass / end pass" },
	{ "bare LF tolerated in the whole scenario",
	    "flaws: [bare-lf]\n" HELLO, { "220 hi\n", "250 x\n" },
	    "connect / 1 pass / >NOOP$ / 2 pass / end pass" },
	{ "a mild flaw warns", HELLO, { HI, "250 \303\244\r\n" },
	    "connect / 1 pass / >NOOP$ / 2 warn flaw / end warn flaw" },
	{ "a mild flaw, strict", GREETED "{ flaws: [] }\n",
	    { HI, "250 \303\244\r\n" },
	    "connect / 1 pass / >X$ / 2 fail flaw / end fail flaw 250" },
	{ "a mild flaw, strict everywhere", "flaws: []\n" HELLO,
	    { HI, "250 \303\244\r\n" },
	    "connect / 1 pass / >NOOP$ / 2 fail flaw / end fail flaw 250" },
	{ "a mild flaw and another code", GREETED "251\n",
	    { HI, "250 \303\244\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / end fail code 250" },
	{ "no code at all", HELLO, { HI, "hello\r\n" },
	    "connect / 1 pass / >NOOP$ / 2 fail flaw / end fail flaw" },
	{ "a fatal flaw stops what would go on", "on_fail: continue\n"
	    HELLO "- send: Y\n", { HI, "250 x\n" },
	    "connect / 1 pass / >NOOP$ / 2 fail flaw / 3 not-run / "
	    "end fail flaw 250" },
	{ "a failure goes on", "on_fail: continue\n" HELLO "- send: Y\n",
	    { HI, "550 x\r\n", "250 y\r\n" },
	    "connect / 1 pass / >NOOP$ / 2 fail code / >Y$ / 3 pass / "
	    "end fail code 550" },
	{ "should", "steps:\n- connect:\n- send: X\n  level: should\n"
	    "- send: Y\n", { HI, "550 x\r\n", "250 y\r\n" },
	    "connect / 1 pass / >X$ / 2 warn code / >Y$ / 3 pass / "
	    "end warn code" },
	{ "should cannot go on after a timeout", "steps:\n- connect:\n"
	    "- send: X\n  level: should\n- send: Y\n", { HI },
	    "connect / 1 pass / >X$ / 2 fail timeout / 3 not-run / "
	    "end fail timeout" },
};

static const struct flow eaches[] = {
	{ "each", "steps:\n- connect:\n- send: X\n  expect_each: [250, 452]\n",
	    { HI, "250 a\r\n452 b\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "each, the first fails: the others are read", "on_fail: continue\n"
	    "steps:\n- connect:\n- send: X\n  expect_each: [250, 452, 250]\n"
	    "- send: Y\n",
	    { HI, "550 a\r\n", "452 b\r\n250 c\r\n", "250 y\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / >Y$ / 3 pass / "
	    "end fail code 550" },
	{ "each, the last fails", "steps:\n- connect:\n- send: X\n"
	    "  expect_each: [250, 452]\n", { HI, "250 a\r\n250 b\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / end fail code 250",
	    "reply 2 of 2" },
	{ "each, one is missing", "steps:\n- connect:\n- send: X\n"
	    "  expect_each: [250, 452]\n", { HI, "250 a\r\n" },
	    "connect / 1 pass / >X$ / 2 fail timeout / end fail timeout",
	    "reply 2 of 2" },
	{ "each, closed in between", "steps:\n- connect:\n- send: X\n"
	    "  expect_each: [250, 452]\n", { HI, "250 a\r\n", "!close" },
	    "connect / 1 pass / >X$ / 2 fail closed / end fail closed" },
	{ "each, closed as expected", "steps:\n- connect:\n- send: X\n"
	    "  expect_each: [221, closed]\n", { HI, "221 a\r\n", "!close" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "each, failed and the rest never comes", "on_fail: continue\n"
	    "steps:\n- connect:\n- send: X\n  expect_each: [250, 250]\n"
	    "- send: Y\n", { HI, "550 a\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / note / 3 not-run / "
	    "end fail code 550" },
	{ "each, should failed and the rest never comes",
	    "steps:\n- connect:\n- send: X\n  expect_each: [250, 250]\n"
	    "  level: should\n- send: Y\n", { HI, "550 a\r\n" },
	    "connect / 1 pass / >X$ / 2 warn code / note / 3 not-run / "
	    "end fail timeout" },
	{ "each, failed and closed", "on_fail: continue\n"
	    "steps:\n- connect:\n- send: X\n  expect_each: [250, 250]\n"
	    "- send: Y\n", { HI, "550 a\r\n", "!close" },
	    "connect / 1 pass / >X$ / 2 fail code / note / 3 not-run / "
	    "end fail code 550" },
	{ "each, ends", "steps:\n- connect:\n- send: X\n  expect_each:\n"
	    "  - { code: 250, ends: [421] }\n  - 250\n- send: Y\n",
	    { HI, "421 a\r\n", "!close" },
	    "connect / 1 pass / >X$ / 2 pass / 3 not-run / end pass" },
	{ "each with silence at its end", "steps:\n- connect:\n- send: X\n"
	    "  expect_each: [250, silence]\n", { HI, "250 a\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "each with a warning in it", "steps:\n- connect:\n- send: X\n"
	    "  expect_each: [250, 250]\n", { HI, "250 \303\244\r\n250 a\r\n" },
	    "connect / 1 pass / >X$ / 2 warn flaw / end warn flaw" },
};

static void
test_greetings(void **state)
{
	(void)state;
	FLOWS_RUN(greetings);
}

static void
test_closes(void **state)
{
	(void)state;
	FLOWS_RUN(closes);
}

static void
test_codes(void **state)
{
	(void)state;
	FLOWS_RUN(codes);
}

static void
test_eaches(void **state)
{
	(void)state;
	FLOWS_RUN(eaches);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greetings),
		cmocka_unit_test(test_closes),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_eaches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
