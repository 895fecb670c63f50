/* Handshakes as a session sees them: starttls, tls, implicit TLS. */
#include "flows.h"

#define HI "220 hi\r\n"
#define GO "220 go\r\n"

static const struct flow starts[] = {
	{ "starttls", "steps:\n- connect:\n- starttls:\n- send: EHLO me\n",
	    { HI, GO, "250 me\r\n" },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 pass / >EHLO me$ / "
	    "3 pass / end pass" },
	{ "refused", "steps:\n- connect:\n- starttls:\n- send: X\n",
	    { HI, "454 no\r\n" },
	    "connect / 1 pass / >STARTTLS$ / 2 fail code / 3 not-run / "
	    "end fail code 454" },
	{ "refused as expected: no handshake", "steps:\n- connect:\n"
	    "- starttls:\n  expect: 454\n- send: X\n",
	    { HI, "454 no\r\n", "250 x\r\n" },
	    "connect / 1 pass / >STARTTLS$ / 2 pass / >X$ / 3 pass / end pass" },
	{ "refused, and no handshake to fail", "steps:\n- connect:\n"
	    "- starttls:\n  expect: { code: 454, tls: failed }\n",
	    { HI, "454 no\r\n" },
	    "connect / 1 pass / >STARTTLS$ / 2 fail tls / end fail tls 454",
	    "no TLS handshake" },
	{ "refused, and nothing to look at", "steps:\n- connect:\n"
	    "- starttls:\n  expect: { code: 454, tls: { verified: true } }\n",
	    { HI, "454 no\r\n" },
	    "connect / 1 pass / >STARTTLS$ / 2 fail match / "
	    "end fail match 454", "has no TLS" },
	{ "a 3yz is no go-ahead", "steps:\n- connect:\n- starttls:\n",
	    { HI, "354 go\r\n" },
	    "connect / 1 pass / >STARTTLS$ / 2 fail code / end fail code 354",
	    "asks for more" },
	{ "a yes that was not wanted: it awaits a handshake now",
	    "steps:\n- connect:\n- starttls:\n  expect: 454\n"
	    "always:\n- send: QUIT\n", { HI, "220 go\r\n", "221 x\r\n" },
	    "connect / 1 pass / >STARTTLS$ / 2 fail code / 3 not-run / "
	    "end fail code 220", "another reply" },
	{ "nor where it is expected", "steps:\n- connect:\n"
	    "- starttls:\n  expect: 354\n", { HI, "354 go\r\n" },
	    "connect / 1 pass / >STARTTLS$ / 2 error plan / end error plan",
	    "no go-ahead" },
	{ "the handshake fails", "steps:\n- connect:\n- starttls:\n- send: X\n"
	    "always:\n- send: QUIT\n", { HI, GO, "@tls:!fail self-signed" },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 fail tls / 3 not-run / "
	    "4 not-run / end fail tls 220", "self-signed" },
	{ "and goes on by no means", "on_fail: continue\nsteps:\n- connect:\n"
	    "- starttls:\n  level: should\n- send: X\n",
	    { HI, GO, "@tls:!fail self-signed" },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 fail tls / 3 not-run / "
	    "end fail tls 220" },
	{ "none was begun", "steps:\n- connect:\n- starttls:\n",
	    { HI, GO, "@tls:!fail none begun" },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 error tls / "
	    "end error tls 220", "none begun" },
	{ "none that could have failed was begun", "steps:\n- connect:\n"
	    "- starttls:\n  expect: { code: 220, tls: failed }\n",
	    { HI, GO, "@tls:!fail none begun" },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 error tls / "
	    "end error tls 220", "none begun" },
	{ "it may fail", "steps:\n- connect:\n- starttls:\n"
	    "  expect: { code: 220, tls: failed }\n",
	    { HI, GO, "@tls:!fail expired" },
	    "connect / 1 pass / >STARTTLS$ / tls / note / 2 pass / end pass",
	    "expired" },
	{ "after that there is no connection", "steps:\n- connect:\n"
	    "- starttls:\n  expect: { tls: failed }\n- send: X\n",
	    { HI, GO, "@tls:!fail expired" },
	    "connect / 1 pass / >STARTTLS$ / tls / note / 2 pass / "
	    "3 error plan / end error plan", "not open" },
	{ "but there may be another", "steps:\n- connect:\n- starttls:\n"
	    "  expect: { tls: failed }\n- connect:\n",
	    { HI, GO, "@tls:!fail expired", HI },
	    "connect / 1 pass / >STARTTLS$ / tls / note / 2 pass / connect / "
	    "3 pass / end pass" },
	{ "it should have failed", "steps:\n- connect:\n- starttls:\n"
	    "  expect: { tls: failed }\n", { HI, GO },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 fail tls / "
	    "end fail tls 220", "did not fail: TLSv1.3" },
	{ "it stalls", "steps:\n- connect:\n- starttls:\n"
	    "  expect: { tls: failed }\n", { HI, GO, "@tls:!timeout" },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 fail timeout / "
	    "end fail timeout", "not over within 10 s" },
	{ "what it has to be", "steps:\n- connect:\n- starttls:\n  expect:\n"
	    "    code: 220\n    text: go\n    tls: { version: [TLSv1.2, "
	    "TLSv1.3], cipher: AES, verified: true, days_left: 30, name: "
	    "mx.test, issuer: '/CN=Test/', resumed: false }\n", { HI, GO },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 pass / end pass" },
	{ "and is not", "steps:\n- connect:\n- starttls:\n  expect:\n"
	    "    tls: { version: TLSv1.2 }\n- send: X\n", { HI, GO },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 fail match / 3 not-run / "
	    "end fail match 220", "the version is TLSv1.3" },
	{ "a mismatch leaves a connection", "on_fail: continue\nsteps:\n"
	    "- connect:\n- starttls:\n  expect: { tls: { days_left: 31 } }\n"
	    "- send: X\n", { HI, GO, "250 x\r\n" },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 fail match / >X$ / "
	    "3 pass / end fail match 220", "has 30 days left" },
	{ "the text is judged first", "steps:\n- connect:\n- starttls:\n"
	    "  expect: { text: ready, tls: failed }\n", { HI, GO },
	    "connect / 1 pass / >STARTTLS$ / 2 fail match / "
	    "end fail match 220" },
	{ "last of a pipeline", "steps:\n- connect:\n- pipeline:\n  - send: A\n"
	    "  - starttls:\n- send: B\n", { HI, "250 a\r\n" GO, "250 b\r\n" },
	    "connect / 1 pass / >A$STARTTLS$ / 2 pass / tls / 3 pass / >B$ / "
	    "4 pass / end pass" },
	{ "failed in a pipeline", "steps:\n- connect:\n- pipeline:\n"
	    "  - send: A\n  - starttls:\n- send: B\n",
	    { HI, "250 a\r\n" GO, "@tls:!fail no" },
	    "connect / 1 pass / >A$STARTTLS$ / 2 pass / tls / 3 fail tls / "
	    "4 not-run / end fail tls 220" },
};

static const struct flow injections[] = {
	{ "behind the 220", "steps:\n- connect:\n- starttls:\n- send: X\n",
	    { HI, GO "250 injected\r\n" },
	    "connect / 1 pass / >STARTTLS$ / 2 fail flaw / 3 not-run / "
	    "end fail flaw", "14 octets came in plaintext before TLS",
	    .split = true },
	{ "a moment later", "steps:\n- connect:\n- starttls:\n",
	    { HI, GO, "@look:2" },
	    "connect / 1 pass / >STARTTLS$ / 2 fail flaw / end fail flaw" },
	{ "tolerated, and dropped", "steps:\n- connect:\n- starttls:\n"
	    "  expect: { flaws: [injection] }\n- send: X\n",
	    { HI, GO "250 injected\r\n", "250 x\r\n" },
	    "connect / 1 pass / >STARTTLS$ / note / tls / 2 pass / >X$ / "
	    "3 pass / end pass", "were dropped", .split = true },
	{ "before tls", "steps:\n- connect:\n- tls:\n", { HI, "@look:x" },
	    "connect / 1 pass / 2 fail flaw / end fail flaw" },
	{ "a close", "steps:\n- connect:\n- starttls:\n",
	    { HI, GO, "@look:!close" },
	    "connect / 1 pass / >STARTTLS$ / 2 fail tls / end fail tls 220",
	    "closed the connection before the TLS handshake" },
	{ "in load nobody looks, but what came counts", "steps:\n- connect:\n"
	    "- starttls:\n", { HI, GO "x" },
	    "connect / 1 pass / >STARTTLS$ / 2 fail flaw / "
	    "end fail flaw", .load = true, .split = true },
};

static const struct flow others[] = {
	{ "smtps", "steps:\n- connect: smtps://192.0.2.1\n- send: X\n",
	    { HI, "250 x\r\n" },
	    "connect / tls / 1 pass / >X$ / 2 pass / end pass" },
	{ "smtps fails: no test yet", "steps:\n- connect: smtps://192.0.2.1\n",
	    { "@tls:!fail expired" },
	    "connect / tls / 1 error tls / end error tls", "expired" },
	{ "smtps fails where TLS is tested", "steps:\n"
	    "- connect: smtps://192.0.2.1\n"
	    "  expect: { tls: { verified: true } }\n",
	    { "@tls:!fail expired" },
	    "connect / tls / 1 fail tls / end fail tls" },
	{ "smtps has to fail", "steps:\n- connect: smtps://192.0.2.1\n"
	    "  expect: { tls: failed }\n", { "@tls:!fail expired" },
	    "connect / tls / note / 1 pass / end pass" },
	{ "there was none to fail", "steps:\n- connect:\n"
	    "  expect: { tls: failed }\n", { HI },
	    "connect / 1 fail tls / end fail tls 220", "no TLS handshake" },
	{ "none to look at", "steps:\n- connect:\n"
	    "  expect: { code: 220, tls: { verified: true } }\n", { HI },
	    "connect / 1 fail match / end fail match 220", "has no TLS" },
	{ "smtps, judged before the greeting", "steps:\n"
	    "- connect: smtps://192.0.2.1\n"
	    "  expect: { code: 220, tls: { version: TLSv1.2 } }\n", { HI },
	    "connect / tls / 1 fail match / end fail match" },
	{ "smtps opens a pipeline", "steps:\n- pipeline:\n"
	    "  - connect: smtps://192.0.2.1\n  - send: X\n",
	    { HI "250 x\r\n" },
	    "connect / tls / >X$ / 1 pass / 2 pass / end pass" },
	{ "tls over tcp", "protocol: tcp\nsteps:\n"
	    "- connect: tls://192.0.2.1:1\n"
	    "  expect: { tls: { version: TLSv1.3 } }\n"
	    "- write: 'a\\n'\n  expect: any\n", { "b\n" },
	    "connect / tls / 1 pass / >a$ / 2 pass / end pass" },
	{ "the handshake alone", "steps:\n- connect:\n- tls:\n- send: X\n",
	    { HI, "250 x\r\n" },
	    "connect / 1 pass / tls / 2 pass / >X$ / 3 pass / end pass" },
	{ "the handshake alone, then a greeting", "steps:\n- connect:\n"
	    "- tls:\n  expect: { code: 220, tls: { version: TLSv1.3 } }\n"
	    "- send: X\n", { HI, HI, "250 x\r\n" },
	    "connect / 1 pass / tls / 2 pass / >X$ / 3 pass / end pass" },
	{ "none inside of TLS", "steps:\n- connect:\n- tls:\n- tls:\n"
	    "  expect: { tls: { version: TLSv1.3 } }\n- send: X\n", { HI },
	    "connect / 1 pass / tls / 2 pass / 3 error plan / 4 not-run / "
	    "end error plan", "has TLS already" },
	{ "none to fail inside of TLS", "steps:\n- connect:\n- starttls:\n"
	    "- starttls:\n  expect: { tls: failed }\n", { HI, GO, GO },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 pass / >STARTTLS$ / "
	    "3 error plan / end error plan", "has TLS already" },
	{ "only the handshake is judged", "steps:\n- connect:\n- tls:\n"
	    "  expect: { tls: { version: TLSv1.3 } }\n- send: X\n",
	    { HI, "250 x\r\n" },
	    "connect / 1 pass / tls / 2 pass / >X$ / 3 pass / end pass" },
	{ "tls has to fail", "steps:\n- connect:\n- tls:\n"
	    "  expect: { tls: failed }\n", { HI, "@tls:!fail x" },
	    "connect / 1 pass / tls / note / 2 pass / end pass" },
	{ "close_notify", "steps:\n- connect: smtps://192.0.2.1\n- send: QUIT\n"
	    "- expect: { code: closed, tls: { close_notify: true } }\n",
	    { HI, "221 bye\r\n", "!notify" },
	    "connect / tls / 1 pass / >QUIT$ / 2 pass / 3 pass / end pass" },
	{ "none of it", "steps:\n- connect: smtps://192.0.2.1\n- send: QUIT\n"
	    "- expect: { code: closed, tls: { close_notify: true } }\n",
	    { HI, "221 bye\r\n", "!cut" },
	    "connect / tls / 1 pass / >QUIT$ / 2 pass / note / 3 fail match / "
	    "end fail match", "without close_notify" },
	{ "a cut is a close", "steps:\n- connect: smtps://192.0.2.1\n"
	    "- send: QUIT\n- expect: closed\n",
	    { HI, "221 bye\r\n", "!cut" },
	    "connect / tls / 1 pass / >QUIT$ / 2 pass / note / 3 pass / "
	    "end pass", "without close_notify" },
	{ "what comes before the close is no pass", "steps:\n"
	    "- connect: smtps://192.0.2.1\n- send: QUIT\n"
	    "- expect: { code: closed, tls: { close_notify: true } }\n",
	    { HI, "221 bye\r\n250", "!notify" },
	    "connect / tls / 1 pass / >QUIT$ / 2 pass / 3 fail closed / "
	    "end fail closed", NULL, .split = true },
	{ "nobody can tell before", "steps:\n- connect: smtps://192.0.2.1\n"
	    "- send: X\n  expect: { tls: { close_notify: true } }\n",
	    { HI, "250 x\r\n" },
	    "connect / tls / 1 pass / >X$ / 2 error match / "
	    "end error match 250" },
};

/* RFC 3207 4.2: nothing that was known before counts. */
static const struct flow memories[] = {
	{ "AUTH is forgotten", "steps:\n- connect:\n- starttls:\n"
	    "- send: EHLO me\n  expect: { lacks: STARTTLS }\n"
	    "- send: MAIL FROM:<a@b>\n", { HI, GO, "250 me\r\n", "250 ok\r\n" },
	    "connect / 1 pass / >STARTTLS$ / tls / 2 pass / >EHLO me$ / "
	    "3 pass / >MAIL FROM:<a@b>$ / 4 pass / end pass" },
	{ "needs are judged once", "needs: [STARTTLS]\nsteps:\n- connect:\n"
	    "- send: EHLO me\n- starttls:\n- send: EHLO me\n",
	    { HI, "250-me\r\n250 STARTTLS\r\n", GO, "250 me\r\n" },
	    "connect / 1 pass / >EHLO me$ / 2 pass / >STARTTLS$ / tls / "
	    "3 pass / >EHLO me$ / 4 pass / end pass" },
};

static void
test_starts(void **state)
{
	(void)state;
	FLOWS_RUN(starts);
}

static void
test_injections(void **state)
{
	(void)state;
	FLOWS_RUN(injections);
}

static void
test_others(void **state)
{
	(void)state;
	FLOWS_RUN(others);
}

static void
test_memories(void **state)
{
	(void)state;
	FLOWS_RUN(memories);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_injections),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_memories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
