/*
 * SASL exchanges as a session sees them: a sum, a line, its reply. What is
 * computed is the script's ("@sasl:!done RESPONSE"); without one there is no
 * response.
 */
#include "flows.h"

#define HI "220 hi\r\n"
#define EHLO "250-mx\r\n250-AUTH PLAIN LOGIN\r\n250 HELP\r\n"
#define PLAIN "- auth: { mechanism: PLAIN, user: u, password: pass }\n"
#define CRAM "- auth: { mechanism: CRAM-MD5, user: u, password: pass }\n"
#define SCRAM "- auth: { mechanism: scram-sha-1, user: u, password: pass }\n"

static const struct flow good[] = {
	{ "plain", "steps:\n- connect:\n" PLAIN,
	    { HI, "@sasl:!done xyz", "235 ok\r\n" },
	    "connect / 1 pass / sasl PLAIN / >AUTH PLAIN eHl6$ / sasl proof / "
	    "2 pass / end pass" },
	{ "an empty initial response", "steps:\n- connect:\n"
	    "- auth: { mechanism: EXTERNAL }\n",
	    { HI, "@sasl:!done ", "235 ok\r\n" },
	    "connect / 1 pass / sasl EXTERNAL / >AUTH EXTERNAL =$ / "
	    "sasl proof / 2 pass / end pass" },
	{ "none yet", "steps:\n- connect:\n- auth: { mechanism: PLAIN, "
	    "user: u, password: pass, initial: false }\n",
	    { HI, "334 \r\n", "@sasl:!done xyz", "235 ok\r\n" },
	    "connect / 1 pass / sasl mute PLAIN / >AUTH PLAIN$ / sasl < / "
	    ">eHl6$ / sasl proof / 2 pass / end pass" },
	{ "an empty answer", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJj\r\n", "@sasl:!done ", "235 ok\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / >$ / sasl proof / 2 pass / end pass" },
	{ "334 without a blank", "steps:\n- connect:\n" CRAM,
	    { HI, "334\r\n", "@sasl:!done r", "235 ok\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl < / >cg==$ / sasl proof / 2 pass / end pass" },
	{ "rounds", "steps:\n- connect:\n" SCRAM "- send: NOOP\n",
	    { HI, "@sasl:!done a", "334 Yg==\r\n", "@sasl:!done c",
	    "334 ZA==\r\n", "@sasl:!done ", "235 2.7.0 ok\r\n", "250 x\r\n" },
	    "connect / 1 pass / sasl SCRAM-SHA-1 / >AUTH SCRAM-SHA-1 YQ==$ / "
	    "sasl <b / >Yw==$ / sasl <d / >$ / sasl proof / 2 pass / >NOOP$ / "
	    "3 pass / end pass" },
	{ "a refusal that is expected", "steps:\n- connect:\n" PLAIN
	    "  expect: { code: 535, enhanced: 5.7.8, text: no }\n"
	    "- send: NOOP\n",
	    { HI, "@sasl:!done xyz", "535 5.7.8 no\r\n", "250 x\r\n" },
	    "connect / 1 pass / sasl PLAIN / >AUTH PLAIN eHl6$ / 2 pass / "
	    ">NOOP$ / 3 pass / end pass" },
	{ "the last reply is judged", "steps:\n- connect:\n" CRAM
	    "  expect: { code: 235, text: fine, within: 5s }\n",
	    { HI, "334 YWJj\r\n", "@sasl:!done r", "235 fine\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / >cg==$ / sasl proof / 2 pass / end pass" },
	{ "a close that is expected", "steps:\n- connect:\n" CRAM
	    "  expect: closed\n", { HI, "334 YWJj\r\n", "@sasl:!done r",
	    "!close" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / >cg==$ / 2 pass / end pass" },
	{ "a yes that ends the dialogue", "steps:\n- connect:\n" SCRAM
	    "  expect: { ends: 235 }\n- send: X\n",
	    { HI, "@sasl:!done a", "235 ok\r\n" },
	    "connect / 1 pass / sasl SCRAM-SHA-1 / >AUTH SCRAM-SHA-1 YQ==$ / "
	    "sasl proof / 2 pass / 3 not-run / end pass" },
	{ "a long challenge is no flaw", "steps:\n- connect:\n" CRAM,
	    { HI, "334 "
#define A64 "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
	    A64 A64 A64 A64 A64 A64 A64 A64 A64 "\r\n", "@sasl:!done r",
	    "235 ok\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <AAAAAAAAAAAA / >cg==$ / sasl proof / 2 pass / end pass" },
	{ "a flaw that is mild waits", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJj\r\n", "@sasl:!done r", "235 \xc3\xa4\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / >cg==$ / sasl proof / 2 warn flaw / end warn flaw" },
	{ "in LMTP", "protocol: lmtp\nsteps:\n- connect:\n" PLAIN,
	    { HI, "@sasl:!done xyz", "235 ok\r\n" },
	    "connect / 1 pass / sasl PLAIN / >AUTH PLAIN eHl6$ / sasl proof / "
	    "2 pass / end pass" },
};

/* 600 octets of base64. */
#define LONG "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct flow initial[] = {
	{ "too long for a command", "steps:\n- connect:\n"
	    "- auth: { mechanism: OAUTHBEARER, token: tttt }\n",
	    { HI, "@sasl:!done " LONG, "334 \r\n", "@sasl:!done x",
	    "235 ok\r\n" },
	    "connect / 1 pass / sasl OAUTHBEARER / sasl mute OAUTHBEARER / "
	    ">AUTH OAUTHBEARER$ / sasl < / >eA==$ / sasl proof / 2 pass / "
	    "end pass" },
	{ "sent all the same", "steps:\n- connect:\n"
	    "- auth: { mechanism: OAUTHBEARER, token: tttt, initial: true }\n",
	    { HI, "@sasl:!done " LONG, "235 ok\r\n" },
	    "connect / 1 pass / sasl OAUTHBEARER / "
	    ">AUTH OAUTHBEARER QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF / "
	    "sasl proof / 2 pass / end pass" },
	{ "LOGIN has none", "steps:\n- connect:\n"
	    "- auth: { mechanism: LOGIN, user: u, password: pass }\n",
	    { HI, "535 no\r\n" },
	    "connect / 1 pass / sasl mute LOGIN / >AUTH LOGIN$ / "
	    "2 fail code / end fail code 535" },
	{ "but may", "steps:\n- connect:\n- auth: { mechanism: LOGIN, "
	    "user: u, password: pass, initial: true }\n",
	    { HI, "@sasl:!done u", "334 UGFzc3dvcmQ6\r\n", "@sasl:!done p",
	    "235 ok\r\n" },
	    "connect / 1 pass / sasl LOGIN / >AUTH LOGIN dQ==$ / "
	    "sasl <Password: / >cA==$ / sasl proof / 2 pass / end pass" },
};

static const struct flow bad[] = {
	{ "refused", "steps:\n- connect:\n" PLAIN "- send: NOOP\n",
	    { HI, "@sasl:!done xyz", "535 no\r\n" },
	    "connect / 1 pass / sasl PLAIN / >AUTH PLAIN eHl6$ / 2 fail code / "
	    "3 not-run / end fail code 535" },
	{ "and goes on", "on_fail: continue\nsteps:\n- connect:\n" PLAIN
	    "- send: NOOP\n",
	    { HI, "@sasl:!done xyz", "535 no\r\n", "250 x\r\n" },
	    "connect / 1 pass / sasl PLAIN / >AUTH PLAIN eHl6$ / 2 fail code / "
	    ">NOOP$ / 3 pass / end fail code 535" },
	{ "no base64", "on_fail: continue\nsteps:\n- connect:\n" CRAM
	    "- send: X\n", { HI, "334 ab!c\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "2 fail sasl / 3 not-run / end fail sasl 334",
	    "is no base64: octet 3 of 4 is 0x21" },
	{ "no whole base64", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJjZ\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "2 fail sasl / end fail sasl 334", "no whole number of fours" },
	{ "several lines", "steps:\n- connect:\n" CRAM,
	    { HI, "334-YWJj\r\n334 YWJj\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "2 fail sasl / end fail sasl 334", "has 2 lines" },
	{ "another code that asks", "steps:\n- connect:\n" CRAM,
	    { HI, "354 go\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "2 fail sasl / end fail sasl 354", "only 334 does" },
	{ "a challenge that is none", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJj\r\n", "@sasl:!fail the nonce is not ours" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / 2 fail sasl / end fail sasl 334", "nonce is not" },
	{ "no proof", "steps:\n- connect:\n" SCRAM "- send: X\n",
	    { HI, "@sasl:!done a", "235 ok\r\n", "@sasl:!fail no signature" },
	    "connect / 1 pass / sasl SCRAM-SHA-1 / >AUTH SCRAM-SHA-1 YQ==$ / "
	    "sasl proof / 2 fail sasl / 3 not-run / end fail sasl 235",
	    "no signature" },
	{ "and none where the dialogue ends", "steps:\n- connect:\n" SCRAM
	    "  expect: { ends: 235 }\n- send: X\n",
	    { HI, "@sasl:!done a", "235 ok\r\n", "@sasl:!fail no signature" },
	    "connect / 1 pass / sasl SCRAM-SHA-1 / >AUTH SCRAM-SHA-1 YQ==$ / "
	    "sasl proof / 2 fail sasl / 3 not-run / end fail sasl 235" },
	{ "yes before anything", "steps:\n- connect:\n" CRAM,
	    { HI, "235 ok\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "2 fail sasl / end fail sasl 235", "before it had heard" },
	{ "a bare LF in a challenge", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJj\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "2 fail flaw / end fail flaw 334" },
	{ "two at once", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJj\r\n334 YWJj\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "2 fail noise / end fail noise 334", "nobody had asked for",
	    .split = true },
	{ "a moment later", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJj\r\n", "@sasl:235 ok\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / 2 fail noise / end fail noise 235",
	    "nobody had asked for", .split = true },
	{ "a close in between", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJj\r\n", "@sasl:!close" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / 2 fail closed / end fail closed", "not sent" },
	{ "a close behind the answer", "on_fail: continue\nsteps:\n"
	    "- connect:\n" CRAM "- send: X\n",
	    { HI, "334 YWJj\r\n", "@sasl:!done r", "!close" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / >cg==$ / 2 fail closed / 3 not-run / "
	    "end fail closed" },
	{ "silence", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJj\r\n", "@sasl:!done r", "!timeout" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / >cg==$ / 2 fail timeout / end fail timeout",
	    "no reply within 10 s" },
	{ "too much to compute", "steps:\n- connect:\n" SCRAM,
	    { HI, "@sasl:!done a", "334 Yg==\r\n", "@sasl:!timeout" },
	    "connect / 1 pass / sasl SCRAM-SHA-1 / >AUTH SCRAM-SHA-1 YQ==$ / "
	    "sasl <b / 2 fail timeout / end fail timeout",
	    "not computed within 10 s" },
	{ "a 421 in between", "steps:\n- connect:\n" CRAM,
	    { HI, "334 YWJj\r\n", "@sasl:!done r", "421 bye\r\n" },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$ / "
	    "sasl <abc / >cg==$ / 2 fail code / end fail code 421" },
	{ "it cannot begin", "steps:\n- connect:\n" PLAIN,
	    { HI, "@sasl:!fail it is not here" },
	    "connect / 1 pass / sasl PLAIN / 2 error sasl / end error sasl",
	    "is not here" },
	{ "a should", "steps:\n- connect:\n" PLAIN "  level: should\n"
	    "- send: X\n", { HI, "@sasl:!done xyz", "535 no\r\n",
	    "250 x\r\n" },
	    "connect / 1 pass / sasl PLAIN / >AUTH PLAIN eHl6$ / 2 warn code / "
	    ">X$ / 3 pass / end warn code" },
};

#define MORE "334 \r\n"
static const struct flow endless[] = {
	{ "endless", "steps:\n- connect:\n" CRAM,
	    { HI, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE,
	    MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE, MORE },
	    "connect / 1 pass / sasl mute CRAM-MD5 / >AUTH CRAM-MD5$"
#define ROUND " / sasl < / >$"
	    ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND ROUND
	    ROUND ROUND ROUND ROUND ROUND " / 2 fail sasl / end fail sasl 334",
	    "still asks for more after 16 answers" },
};

static void
goes_well(void **state)
{
	(void)state;
	FLOWS_RUN(good);
}

static void
initial_response(void **state)
{
	(void)state;
	FLOWS_RUN(initial);
}

static void
goes_wrong(void **state)
{
	(void)state;
	FLOWS_RUN(bad);
}

static void
never_ends(void **state)
{
	(void)state;
	FLOWS_RUN(endless);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_well),
		cmocka_unit_test(initial_response),
		cmocka_unit_test(goes_wrong),
		cmocka_unit_test(never_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
