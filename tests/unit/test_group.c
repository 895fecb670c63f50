/* Pipelines: all acts leave in one write, then each step is judged. */
#include "flows.h"

#define HI "220 hi\r\n"
#define THREE "steps:\n- connect:\n- pipeline:\n  - send: A\n  - send: B\n" \
	"  - send: C\n- send: D\n"
#define SENT "connect / 1 pass / >A$B$C$ / "

static const struct flow groups[] = {
	{ "all pass", THREE,
	    { HI, "250 a\r\n250 b\r\n250 c\r\n", "250 d\r\n" },
	    "connect / 1 pass / >A$B$C$ / 2 pass / 3 pass / 4 pass / "
	    ">D$ / 5 pass / end pass" },
	{ "a mismatch: it reads on, then stops", THREE,
	    { HI, "250 a\r\n550 b\r\n", "250 c\r\n" },
	    "connect / 1 pass / >A$B$C$ / 2 pass / 3 fail code / 4 pass "
	    "/ 5 not-run / end fail code 550" },
	{ "a mismatch that goes on", "on_fail: continue\n" THREE,
	    { HI, "250 a\r\n550 b\r\n", "250 c\r\n", "250 d\r\n" },
	    "connect / 1 pass / >A$B$C$ / 2 pass / 3 fail code / 4 pass "
	    "/ >D$ / 5 pass / end fail code 550" },
	{ "a timeout in the middle", THREE, { HI, "250 a\r\n" },
	    "connect / 1 pass / >A$B$C$ / 2 pass / 3 fail timeout / 4 "
	    "not-run / 5 not-run / end fail timeout" },
	{ "a close in the middle", THREE, { HI, "250 a\r\n", "!close" },
	    "connect / 1 pass / >A$B$C$ / 2 pass / 3 fail closed / 4 "
	    "not-run / 5 not-run / end fail closed" },
	{ "a fatal flaw in the middle", THREE, { HI, "250 a\r\n250 b\n" },
	    "connect / 1 pass / >A$B$C$ / 2 pass / 3 fail flaw / 4 "
	    "not-run / 5 not-run / end fail flaw 250" },
	{ "421 in the middle", THREE, { HI, "250 a\r\n421 b\r\n", "!close" },
	    "connect / 1 pass / >A$B$C$ / 2 pass / 3 fail code / 4 fail "
	    "closed / 5 not-run / end fail code 421" },
	{ "one reply too many", THREE,
	    { HI, "250 a\r\n250 b\r\n250 c\r\n250 x\r\n" },
	    "connect / 1 pass / >A$B$C$ / 2 pass / 3 pass / 4 pass / 5 "
	    "fail noise / end fail noise 250" },
	{ "closed answers several", "steps:\n- connect:\n- pipeline:\n"
	    "  - { send: A, expect: [250, closed] }\n"
	    "  - { send: B, expect: closed }\n", { HI, "!close" },
	    "connect / 1 pass / >A$B$ / 2 pass / 3 pass / end pass" },
	{ "ends in the middle", "steps:\n- connect:\n- pipeline:\n"
	    "  - { send: A, expect: { ends: [421] } }\n  - send: B\n"
	    "- send: C\n", { HI, "421 a\r\n421 b\r\n" },
	    "connect / 1 pass / >A$B$ / 2 pass / 3 not-run / 4 not-run "
	    "/ end pass" },
	{ "connect opens it", "steps:\n- pipeline:\n  - connect:\n"
	    "  - send: A\n", { HI, "250 a\r\n" },
	    "connect / >A$ / 1 pass / 2 pass / end pass" },
	{ "connect opens it and is refused", "steps:\n- pipeline:\n"
	    "  - connect:\n  - send: A\n- send: B\n",
	    { "@connect:!fail refused" }, "connect / 1 error connect / 2 not-run / 3 not-run / end "
	    "error connect" },
	{ "connect opens it and is expected to fail", "steps:\n- pipeline:\n"
	    "  - { connect: , expect: { ends: [refused] } }\n  - send: A\n",
	    { "@connect:!fail refused" },
	    "connect / 1 pass / 2 not-run / end pass" },
	{ "a write awaits nothing", "steps:\n- connect:\n- pipeline:\n"
	    "  - write: 'A\\r\\n'\n  - send: B\n  - write: 'C\\r\\n'\n",
	    { HI, "250 b\r\n" }, "connect / 1 pass / >A$B$C$ / 2 pass / "
	    "3 pass / 4 pass / end pass" },
	{ "a write with its reply", "steps:\n- connect:\n- pipeline:\n"
	    "  - { write: 'A\\r\\n', expect: 250 }\n  - send: B\n",
	    { HI, "250 a\r\n250 b\r\n" },
	    "connect / 1 pass / >A$B$ / 2 pass / 3 pass / end pass" },
	{ "only writes", "steps:\n- connect:\n- pipeline:\n"
	    "  - write: 'A\\r\\n'\n  - write: 'B\\r\\n'\n- expect: 250\n",
	    { HI, "250 a\r\n" }, "connect / 1 pass / >A$B$ / 2 pass / 3 pass / 4 pass / end "
	    "pass" },
	{ "a body in it", "steps:\n- connect:\n- pipeline:\n"
	    "  - { send: DATA, expect: 354 }\n  - body: |\n      .x\n",
	    { HI, "354 go\r\n250 ok\r\n" }, "connect / 1 pass / "
	    ">DATA$..x$.$ / 2 pass / 3 pass / end pass" },
	{ "an expect in it", "steps:\n- connect:\n- pipeline:\n  - send: A\n"
	    "  - expect: 250\n", { HI, "250 a\r\n250 b\r\n" },
	    "connect / 1 pass / >A$ / 2 pass / 3 pass / end pass" },
	{ "each in it", "steps:\n- connect:\n- pipeline:\n"
	    "  - { send: A, expect_each: [250, 251] }\n  - send: B\n",
	    { HI, "550 a\r\n251 a\r\n", "250 b\r\n" },
	    "connect / 1 pass / >A$B$ / 2 fail code / 3 pass / "
	    "end fail code 550" },
	{ "unasked octets before it", THREE, { HI, "@look:250 x\r\n" },
	    "connect / 1 pass / 2 fail noise / 3 not-run / 4 not-run / "
	    "5 not-run / end fail noise 250" },
	{ "unasked octets before it, tolerated", "flaws: [unsolicited]\n"
	    THREE, { HI, "@look:250 x\r\n", "250 a\r\n250 b\r\n250 c\r\n",
	    "250 d\r\n" },
	    "connect / 1 pass / >A$B$C$ / 2 pass / 3 pass / 4 pass / "
	    ">D$ / 5 pass / end pass" },
	{ "421 before it", THREE, { HI, "@look:421 x\r\n" },
	    "connect / 1 pass / note / 2 fail code / 3 not-run / 4 "
	    "not-run / 5 not-run / end fail code 421" },
	{ "421 before it, and that ends it", "steps:\n- connect:\n"
	    "- pipeline:\n  - { send: A, expect: { ends: [421] } }\n"
	    "  - send: B\n", { HI, "@look:421 x\r\n" },
	    "connect / 1 pass / note / 2 pass / 3 not-run / end pass" },
	{ "421 before it is what is expected", "steps:\n- connect:\n"
	    "- pipeline:\n  - { send: A, expect: 421 }\n  - send: B\n"
	    "  - send: C\n", { HI, "@look:421 x\r\n" },
	    "connect / 1 pass / note / 2 pass / 3 fail closed / 4 not-run / "
	    "end fail closed", "not sent" },
	{ "421 before it, a write first", "steps:\n- connect:\n- pipeline:\n"
	    "  - write: 'A\\r\\n'\n  - { send: B, expect: 421 }\n",
	    { HI, "@look:421 x\r\n" },
	    "connect / 1 pass / 2 not-run / note / 3 pass / end pass",
	    NULL, .split = true },
	{ "closed before it", THREE, { HI, "@look:!close" },
	    "connect / 1 pass / 2 fail closed / 3 not-run / 4 not-run / "
	    "5 not-run / end fail closed" },
	{ "the write fails", THREE, { HI, "@write:!fail broken pipe" },
	    "connect / 1 pass / >A$B$C$ / 2 fail closed / 3 not-run / 4 "
	    "not-run / 5 not-run / end fail closed", "broken pipe" },
	{ "the write fails behind a reply", THREE,
	    { HI, "@write:554 no\r\n", "@write:!fail broken pipe" },
	    "connect / 1 pass / >A$B$C$ / 2 fail code / 3 fail closed / "
	    "4 not-run / 5 not-run / end fail code 554" },
	{ "the write stalls", THREE, { HI, "@write:!timeout" },
	    "connect / 1 pass / >A$B$C$ / 2 fail timeout / 3 not-run / "
	    "4 not-run / 5 not-run / end fail timeout", "did not take the octets within 10 s" },
	{ "a line that cannot be made", "steps:\n- connect:\n"
	    "- send: X\n  expect: { capture: { a: '/(.*)/' } }\n"
	    "- set: { b: \"x\\ny\" }\n- pipeline:\n  - send: A\n"
	    "  - send: B ${b}\n  - send: C\nalways:\n- send: QUIT\n",
	    { HI, "250 x\r\n", "221 q\r\n" }, "connect / 1 pass / >X$ / 2 pass / 3 pass / 4 not-run / 5 "
	    "error plan / 6 not-run / >QUIT$ / 7 pass / end error plan" },
	{ "its own modifiers", "steps:\n- connect:\n- pipeline:\n  - send: A\n"
	    "  - send: B\n  level: should\n  timeout: 2s\n- send: D\n",
	    { HI, "550 a\r\n250 b\r\n", "250 d\r\n" },
	    "connect / 1 pass / >A$B$ / 2 warn code / 3 pass / >D$ / 4 "
	    "pass / end warn code" },
	{ "its own timeout", "steps:\n- connect:\n- pipeline:\n  - send: A\n"
	    "  timeout: 2s\n", { HI },
	    "connect / 1 pass / >A$ / 2 fail timeout / end fail timeout",
	    "no reply within 2 s" },
	{ "two of them, the first fails", "steps:\n- connect:\n- pipeline:\n"
	    "  - send: A\n  - send: B\n- pipeline:\n  - send: C\n  - send: D\n"
	    "- send: E\n", { HI, "550 a\r\n250 b\r\n" },
	    "connect / 1 pass / >A$B$ / 2 fail code / 3 pass / 4 "
	    "not-run / 5 not-run / 6 not-run / end fail code 550" },
	{ "captured before, used in it", "steps:\n- connect:\n- send: X\n"
	    "  expect: { capture: { a: '/id (\\S+)/' } }\n- pipeline:\n"
	    "  - send: A ${a}\n  - send: B\n    expect: { text: '${a}' }\n",
	    { HI, "250 id 77\r\n", "250 a\r\n250 77\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / >A 77$B$ / 3 pass / 4 pass / "
	    "end pass" },
	{ "needs unmet in it", "needs: [SIZE]\nsteps:\n- connect:\n"
	    "- pipeline:\n  - send: EHLO me\n  - send: B\nalways:\n"
	    "- send: QUIT\n", { HI, "250 me\r\n250 b\r\n" },
	    "connect / 1 pass / >EHLO me$B$ / 2 skip needs / 3 not-run "
	    "/ 4 not-run / end skip needs" },
	{ "in eventually", "steps:\n- connect:\n- eventually:\n"
	    "    within: 5s\n    every: 1s\n    steps:\n    - pipeline:\n"
	    "      - send: A\n      - send: B\n- send: D\n",
	    { HI, "450 a\r\n250 b\r\n", "250 a\r\n250 b\r\n", "250 d\r\n" },
	    "connect / 1 pass / >A$B$ / 2 again code / 3 pass / timer "
	    "1000 / >A$B$ / 2 pass / 3 pass / >D$ / 4 pass / end pass" },
};

static void
test_groups(void **state)
{
	(void)state;
	FLOWS_RUN(groups);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
