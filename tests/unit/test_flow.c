/* What follows from a step: eventually, always, needs, variables, limits. */
#include "flows.h"

#define HI "220 hi\r\n"
#define POLL "- eventually:\n    within: 5s\n    every: 2s\n    steps:\n" \
	"    - send: A\n    - send: B\n"

static const struct flow rounds[] = {
	{ "it holds at the third round", "steps:\n- connect:\n" POLL
	    "- send: C\n", { HI, "450 a\r\n", "250 a\r\n", "450 b\r\n",
	    "250 a\r\n", "250 b\r\n", "250 c\r\n" },
	    "connect / 1 pass / >A$ / 2 again code / timer 2000 / >A$ / "
	    "2 pass / >B$ / 3 again code / timer 2000 / >A$ / 2 pass / >B$ / "
	    "3 pass / >C$ / 4 pass / end pass" },
	{ "it gives up", "steps:\n- connect:\n" POLL "- send: C\n",
	    { HI, "450 a\r\n", "450 a\r\n", "450 a\r\n" },
	    "connect / 1 pass / >A$ / 2 again code / timer 2000 / >A$ / "
	    "2 again code / timer 2000 / >A$ / 2 fail code / 3 not-run / "
	    "4 not-run / end fail code 450" },
	{ "a timeout ends it", "steps:\n- connect:\n" POLL, { HI },
	    "connect / 1 pass / >A$ / 2 fail timeout / 3 not-run / "
	    "end fail timeout" },
	{ "a close ends it", "steps:\n- connect:\n" POLL, { HI, "!close" },
	    "connect / 1 pass / >A$ / 2 fail closed / 3 not-run / "
	    "end fail closed" },
	{ "octets in the pause", "steps:\n- connect:\n" POLL,
	    { HI, "450 a\r\n", "@timer:250 x\r\n" },
	    "connect / 1 pass / >A$ / 2 again code / timer 2000 / "
	    "2 fail noise / 3 not-run / end fail noise 250" },
	{ "it comes first and connects", "steps:\n- eventually:\n"
	    "    within: 5s\n    every: 2s\n    steps:\n    - connect:\n"
	    "    - send: A\n    - close:\n", { "@connect:!fail refused",
	    HI, "250 a\r\n" },
	    "connect / 1 again connect / timer 2000 / connect / 1 pass / >A$ "
	    "/ 2 pass / close / 3 pass / end pass" },
	{ "a round connects again", "steps:\n- eventually:\n"
	    "    within: 5s\n    every: 2s\n    steps:\n    - connect:\n"
	    "    - send: A\n", { HI, "450 a\r\n", HI, "250 a\r\n" },
	    "connect / 1 pass / >A$ / 2 again code / timer 2000 / connect / "
	    "1 pass / >A$ / 2 pass / end pass" },
	{ "in always", "steps:\n- connect:\n- send: X\nalways:\n" POLL,
	    { HI, "550 x\r\n", "450 a\r\n", "250 a\r\n", "250 b\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / >A$ / 3 again code / "
	    "timer 2000 / >A$ / 3 pass / >B$ / 4 pass / end fail code 550" },
};

static const struct flow ends[] = {
	{ "always after a pass", "steps:\n- connect:\nalways:\n- send: QUIT\n",
	    { HI, "221 bye\r\n" },
	    "connect / 1 pass / >QUIT$ / 2 pass / end pass" },
	{ "always after a failure", "steps:\n- connect:\n- send: X\n- send: Y\n"
	    "always:\n- send: QUIT\n", { HI, "550 x\r\n", "221 bye\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / 3 not-run / >QUIT$ / "
	    "4 pass / end fail code 550" },
	{ "always after a close", "steps:\n- connect:\n- send: X\nalways:\n"
	    "- send: QUIT\n", { HI, "!close" },
	    "connect / 1 pass / >X$ / 2 fail closed / 3 not-run / "
	    "end fail closed" },
	{ "always after a timeout", "steps:\n- connect:\n- send: X\nalways:\n"
	    "- send: QUIT\n- wait: 1s\n", { HI },
	    "connect / 1 pass / >X$ / 2 fail timeout / 3 not-run / "
	    "timer 1000 / 4 pass / end fail timeout" },
	{ "always without a connection", "steps:\n- connect:\nalways:\n"
	    "- send: QUIT\n", { "@connect:!fail refused" },
	    "connect / 1 error connect / 2 not-run / end error connect" },
	{ "always fails a passed scenario", "steps:\n- connect:\nalways:\n"
	    "- send: QUIT\n", { HI, "500 no\r\n" },
	    "connect / 1 pass / >QUIT$ / 2 fail code / end fail code 500" },
	{ "always changes no failure", "steps:\n- connect:\n- send: X\n"
	    "always:\n- send: QUIT\n", { HI, "550 x\r\n", "500 no\r\n" },
	    "connect / 1 pass / >X$ / 2 fail code / >QUIT$ / 3 fail code / "
	    "end fail code 550" },
	{ "always after a failure inside DATA", "steps:\n- connect:\n"
	    "- send: DATA\n- set: { a: \"x\\ny\" }\n- send: A ${a}\nalways:\n"
	    "- send: QUIT\n", { HI, "354 go\r\n" },
	    "connect / 1 pass / >DATA$ / 2 pass / 3 pass / 4 error plan / "
	    "5 not-run / end error plan" },
	{ "a failure inside DATA of another connection", "steps:\n- connect:\n"
	    "- send: DATA\n- connect:\n  on: b\n- send: X\n  on: b\nalways:\n"
	    "- send: QUIT\n- send: QUIT\n  on: b\n",
	    { HI, "354 go\r\n", "1>220 b\r\n", "1>550 x\r\n", "1>221 b\r\n" },
	    "connect / 1 pass / >DATA$ / 2 pass / connect / 3 pass / >X$ / "
	    "4 fail code / 5 not-run / >QUIT$ / 6 pass / end fail code 550" },
	{ "DATA refused by a 354", "on_fail: continue\nsteps:\n- connect:\n"
	    "- send: DATA\n  expect: 554\n- send: X\n", { HI, "354 go\r\n" },
	    "connect / 1 pass / >DATA$ / 2 fail code / 3 not-run / "
	    "end fail code 354" },
	{ "a 354 to a body", "on_fail: continue\nsteps:\n- connect:\n"
	    "- send: DATA\n- body: x\n- send: X\n",
	    { HI, "354 go\r\n", "354 more\r\n" },
	    "connect / 1 pass / >DATA$ / 2 pass / >x$.$ / 3 fail code / "
	    "4 not-run / end fail code 354", "asks for more" },
	{ "a 354 to a body with a matcher", "steps:\n- connect:\n"
	    "- send: DATA\n- { body: x, expect: { text: more } }\n",
	    { HI, "354 go\r\n", "354 more\r\n" },
	    "connect / 1 pass / >DATA$ / 2 pass / >x$.$ / 3 fail code / "
	    "end fail code 354" },
	{ "a 354 to a body, expected", "steps:\n- connect:\n"
	    "- send: DATA\n- { body: x, expect: 354 }\n",
	    { HI, "354 go\r\n", "354 more\r\n" },
	    "connect / 1 pass / >DATA$ / 2 pass / >x$.$ / 3 pass / end pass" },
	{ "a 354 to a chunk", "steps:\n- connect:\n- bdat: { text: xy, "
	    "chunk: 2 }\n", { HI, "354 go\r\n" },
	    "connect / 1 pass / >BDAT 2$xy / 2 fail code / end fail code 354" },
	{ "a 354 as greeting", "steps:\n- connect:\n- send: X\n",
	    { "354 go\r\n" },
	    "connect / 1 fail code / 2 not-run / end fail code 354",
	    "greeting is not positive" },
	{ "a body refused goes on", "on_fail: continue\nsteps:\n- connect:\n"
	    "- send: DATA\n- body: x\n- send: X\n",
	    { HI, "354 go\r\n", "552 no\r\n", "250 x\r\n" },
	    "connect / 1 pass / >DATA$ / 2 pass / >x$.$ / 3 fail code / >X$ / "
	    "4 pass / end fail code 552" },
	{ "a scenario's limit", "steps:\n- connect:\n- send: X\n  expect: 250\n"
	    "always:\n- send: QUIT\n", { HI, "!wait 300001", "!timeout" },
	    "connect / 1 pass / >X$ / 2 fail timeout / 3 not-run / "
	    "end fail timeout" },
	{ "waits extend the limit", "steps:\n- connect:\n- wait: 4m\n"
	    "- wait: 4m\n- send: X\n", { HI, "250 x\r\n" },
	    "connect / 1 pass / timer 240000 / 2 pass / timer 240000 / "
	    "3 pass / >X$ / 4 pass / end pass" },
};

static const struct flow needs[] = {
	{ "met", "needs: [SIZE, 'no DSN']\nsteps:\n- connect:\n"
	    "- send: EHLO me\n", { HI, "250-me\r\n250 SIZE 10\r\n" },
	    "connect / 1 pass / >EHLO me$ / 2 pass / end pass" },
	{ "unmet", "needs: [SIZE]\nsteps:\n- connect:\n- send: EHLO me\n"
	    "- send: X\nalways:\n- send: QUIT\n",
	    { HI, "250 me\r\n", "500 no\r\n" },
	    "connect / 1 pass / >EHLO me$ / 2 skip needs / 3 not-run / "
	    ">QUIT$ / 4 fail code / end skip needs",
	    "the server does not offer SIZE" },
	{ "unmet absence", "needs: [no SIZE]\nsteps:\n- connect:\n"
	    "- send: EHLO me\n", { HI, "250-me\r\n250 SIZE\r\n" },
	    "connect / 1 pass / >EHLO me$ / 2 skip needs / end skip needs",
	    "the server offers SIZE" },
	{ "never judged", "needs: [SIZE]\nsteps:\n- connect:\n- send: HELO x\n",
	    { HI, "250 me\r\n" }, "connect / 1 pass / >HELO x$ / 2 pass / "
	    "end error needs", "could not be judged" },
	{ "never judged after a failure", "needs: [SIZE]\nsteps:\n- connect:\n"
	    "- send: HELO x\n", { HI, "550 me\r\n" },
	    "connect / 1 pass / >HELO x$ / 2 fail code / end fail code 550" },
	{ "a failed EHLO is no skip", "steps:\n- connect:\n- send: EHLO me\n"
	    "  expect: { code: 250, needs: [SIZE] }\n", { HI, "502 no\r\n" },
	    "connect / 1 pass / >EHLO me$ / 2 fail code / end fail code 502" },
	{ "of a step", "steps:\n- connect:\n- send: EHLO me\n"
	    "  expect: { needs: [SIZE] }\n- send: X\n", { HI, "250 me\r\n" },
	    "connect / 1 pass / >EHLO me$ / 2 skip needs / 3 not-run / "
	    "end skip needs" },
	{ "absence of a step", "steps:\n- connect:\n- send: EHLO me\n"
	    "  expect: { needs: [no SIZE] }\n", { HI, "250 me\r\n" },
	    "connect / 1 pass / >EHLO me$ / 2 pass / end pass" },
	{ "needs before what is checked", "needs: [SIZE]\nsteps:\n- connect:\n"
	    "- send: EHLO me\n  expect: { offers: [SIZE] }\n",
	    { HI, "250 me\r\n" },
	    "connect / 1 pass / >EHLO me$ / 2 skip needs / end skip needs" },
	{ "of a protocol without capabilities", "protocol: tcp\nsteps:\n"
	    "- connect:\n- write: 'X\\r\\n'\n  expect: { needs: [SIZE] }\n",
	    { "hi\r\n" }, "connect / 1 pass / >X$ / 2 error needs / "
	    "end error needs" },
};

/* What the log shows of 60 octets. */
#define CUT "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstu"
#define MORE "qrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx"
#define REST "qrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"
#define BDAT "steps:\n- connect:\n- bdat: { text: abcd, chunk: 3 }\n"
#define NEXT "- send: X\n"

static const struct flow chunks[] = {
	{ "each is awaited", BDAT "  expect: 250\n" NEXT,
	    { HI, "250 a\r\n", "250 b\r\n", "250 x\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 pass / >X$ / "
	    "3 pass / end pass" },
	{ "without an expectation", BDAT, { HI, "250 a\r\n", "250 b\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 pass / "
	    "end pass" },
	{ "a warning does not stop it", BDAT NEXT,
	    { HI, "250 \xc3\xa4\r\n", "250 b\r\n", "250 x\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 warn flaw / "
	    ">X$ / 3 pass / end warn flaw", "an octet above 127" },
	{ "a refused one is the last", BDAT NEXT, { HI, "552 a\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / 2 fail code / 3 not-run / "
	    "end fail code 552" },
	{ "after a refusal the dialogue may go on", "on_fail: continue\n" BDAT
	    NEXT, { HI, "552 a\r\n", "250 x\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / 2 fail code / >X$ / 3 pass / "
	    "end fail code 552" },
	{ "an expected refusal ends the act", BDAT "  expect: 552\n" NEXT,
	    { HI, "552 a\r\n", "250 x\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / 2 pass / >X$ / 3 pass / "
	    "end pass" },
	{ "the second one is refused", BDAT "  expect: 250\n" NEXT,
	    { HI, "250 a\r\n", "552 b\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 fail code / "
	    "3 not-run / end fail code 552" },
	/* The server waits for more of the message: nothing can follow. */
	{ "taken where it should be refused", "on_fail: continue\n" BDAT
	    "  expect: 552\n" NEXT, { HI, "250 a\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / 2 fail code / 3 not-run / "
	    "end fail code 250" },
	{ "one entry for each", BDAT "  expect_each: [250, 552]\n" NEXT,
	    { HI, "250 a\r\n", "552 b\r\n", "250 x\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 pass / >X$ / "
	    "3 pass / end pass" },
	{ "what comes after a refused one", BDAT "  expect_each: [552, 503]\n",
	    { HI, "552 a\r\n", "503 b\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 pass / "
	    "end pass" },
	{ "an entry does not fit", BDAT "  expect_each: [250, 552]\n",
	    { HI, "250 a\r\n", "250 b\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 fail code / "
	    "end fail code 250", "reply 2 of 2" },
	{ "too many entries", BDAT "  expect_each: [250, 250, 250]\n",
	    { HI, "250 a\r\n", "250 b\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 error plan / "
	    "end error plan 250", "expect_each lists 3 replies, and there were "
	    "only 2" },
	{ "too few entries", "steps:\n- connect:\n"
	    "- bdat: { text: abcd, chunk: 2 }\n  expect_each: [250, 250]\n",
	    { HI, "250 a\r\n", "250 b\r\n", "250 c\r\n" },
	    "connect / 1 pass / >BDAT 2$ab / >BDAT 2$cd / >BDAT 2 LAST$$ / "
	    "2 error plan / end error plan", "expect_each lists 2 replies, and "
	    "there are more" },
	{ "a close between two", BDAT NEXT, { HI, "250 a\r\n", "!close" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 fail closed "
	    "/ 3 not-run / end fail closed" },
	{ "it closes behind the first reply", BDAT NEXT,
	    { HI, "@write:250 a\r\n", "@write:!close" },
	    "connect / 1 pass / >BDAT 3$abc / 2 fail closed / 3 not-run / "
	    "end fail closed", "this was not sent", .split = true },
	{ "two replies to one", BDAT, { HI, "250 a\r\n250 b\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / 2 fail noise / end fail noise "
	    "250", "not sent: 7 octets", .split = true },
	{ "a farewell behind the first reply", BDAT "  expect_each: [250, 421]"
	    "\n", { HI, "250 a\r\n421 b\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / note / 2 pass / end pass", NULL,
	    .split = true },
	{ "no reply to the second", BDAT, { HI, "250 a\r\n" },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 fail timeout "
	    "/ end fail timeout" },
	{ "silence holds for each", BDAT "  expect: silence\n", { HI },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 pass / "
	    "end pass" },
	{ "ends", BDAT "  expect: { code: 250, ends: [421] }\n" NEXT,
	    { HI, "421 a\r\n" }, "connect / 1 pass / >BDAT 3$abc / 2 pass / "
	    "3 not-run / end pass" },
	{ "a pipeline sends all of them at once", "steps:\n- connect:\n"
	    "- pipeline:\n  - send: R\n  - bdat: { text: abcd, chunk: 3 }\n"
	    "  - send: Q\n", { HI, "250 r\r\n250 a\r\n250 b\r\n221 q\r\n" },
	    "connect / 1 pass / >R$BDAT 3$abcBDAT 3 LAST$d$Q$ / 2 pass / "
	    "3 pass / 4 pass / end pass" },
	{ "a pipeline reads them all", "steps:\n- connect:\n- pipeline:\n"
	    "  - bdat: { text: abcd, chunk: 2 }\n  - send: Q\n",
	    { HI, "552 a\r\n503 b\r\n503 c\r\n", "221 q\r\n" },
	    "connect / 1 pass / >BDAT 2$abBDAT 2$cdBDAT 2 LAST$$Q$ / "
	    "2 fail code / 3 pass / end fail code 552" },
	{ "a pipeline with one entry for each", "steps:\n- connect:\n"
	    "- pipeline:\n  - bdat: { text: abcd, chunk: 2 }\n"
	    "    expect_each: [250, 552, 503]\n", { HI, "250 a\r\n552 b\r\n"
	    "503 c\r\n" }, "connect / 1 pass / >BDAT 2$abBDAT 2$cdBDAT 2 "
	    "LAST$$ / 2 pass / end pass" },
	{ "a pipeline with too many", "steps:\n- connect:\n- pipeline:\n"
	    "  - bdat: { text: a, chunk: 2 }\n"
	    "    expect_each: [250, 552, 503]\n", { HI, "250 a\r\n552 b\r\n" },
	    "connect / 1 pass / >BDAT 2$aBDAT 1 LAST$$ / 2 error plan / "
	    "end error plan 552", "there were only 2" },
	{ "a pipeline with too few", "steps:\n- connect:\n- pipeline:\n"
	    "  - bdat: { text: abcd, chunk: 2 }\n"
	    "    expect_each: [250, 250]\n", { HI, "250 a\r\n" },
	    "connect / 1 pass / >BDAT 2$abBDAT 2$cdBDAT 2 LAST$$ / "
	    "2 error plan / end error plan", "and there are more" },
	{ "chunks of several writes", "steps:\n- connect:\n"
	    "- bdat: { size: 100KiB, chunk: 99KiB }\n  expect: 250\n",
	    { HI, "250 a\r\n", "250 b\r\n" },
	    "connect / 1 pass / >BDAT 101376$" CUT " / >" MORE " / "
	    ">BDAT 1024 LAST$" REST " / 2 pass / end pass" },
	{ "nothing awaits over tcp", "protocol: tcp\nsteps:\n- connect:\n"
	    "- bdat: { text: abcd, chunk: 3 }\n- close:\n", { NULL },
	    "connect / 1 pass / >BDAT 3$abc / >BDAT 3 LAST$d$ / 2 pass / "
	    "close / 3 pass / end pass" },
};

static const struct flow names[] = {
	{ "captured and sent", "steps:\n- connect:\n- send: X\n"
	    "  expect: { capture: { id: '/id (\\S+)/' } }\n- send: Y ${id}\n",
	    { HI, "250 id 42\r\n", "250 y\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / >Y 42$ / 3 pass / end pass" },
	{ "captured and expected", "steps:\n- connect:\n- send: X\n"
	    "  expect: { capture: { id: '/id (\\S+)/' } }\n- send: Y\n"
	    "  expect: { code: '${id}' }\n",
	    { HI, "250 id 451\r\n", "451 y\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / >Y$ / 3 pass / end pass" },
	{ "nothing to capture", "steps:\n- connect:\n- send: X\n"
	    "  expect: { capture: { id: '/id (\\S+)/' } }\n",
	    { HI, "250 nothing\r\n" }, "connect / 1 pass / >X$ / "
	    "2 fail match / end fail match 250", "nothing to capture" },
	{ "a captured value of the wrong type", "steps:\n- connect:\n"
	    "- send: X\n  expect: { capture: { id: '/id (\\S+)/' } }\n"
	    "- send: Y\n  timeout: '${id}'\nalways:\n- send: QUIT\n",
	    { HI, "250 id x\r\n", "221 q\r\n" }, "connect / 1 pass / >X$ / "
	    "2 pass / 3 error plan / >QUIT$ / 4 pass / end error plan" },
	{ "a bad late step goes on", "on_fail: continue\nsteps:\n- connect:\n"
	    "- send: X\n  expect: { capture: { id: '/id (\\S+)/' } }\n"
	    "- send: Y\n  timeout: '${id}'\n- send: Z\n",
	    { HI, "250 id x\r\n", "250 z\r\n" }, "connect / 1 pass / >X$ / "
	    "2 pass / 3 error plan / >Z$ / 4 pass / end error plan" },
	{ "a line break from the server", "steps:\n- connect:\n- send: X\n"
	    "  expect: { capture: { id: '/(a.b)/s' } }\n- send: Y ${id}\n",
	    { HI, "250-a\r\n250 b\r\n" }, "connect / 1 pass / >X$ / 2 pass / "
	    "3 error plan / end error plan" },
	{ "what the reply was", "steps:\n- connect:\n- send: X\n"
	    "  expect: any\n- send: '${reply.code}/${reply.enhanced}/"
	    "${reply.text}'\n  expect: any\n- set: { a: '${reply.enhanced}' }\n"
	    "- send: 'A${a}'\n", { HI, "550 5.1.1 no such user\r\n",
	    "250 ok\r\n", "250 ok\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / >550/5.1.1/5.1.1 no such user$ "
	    "/ 3 pass / 4 pass / >A$ / 5 pass / end pass" },
	{ "set", "steps:\n- set: { a: \"${'x'|repeat 3}\" }\n- connect:\n"
	    "- send: Y ${a}\n", { HI, "250 y\r\n" },
	    "1 pass / connect / 2 pass / >Y xxx$ / 3 pass / end pass" },
};

static void
test_rounds(void **state)
{
	(void)state;
	FLOWS_RUN(rounds);
}

static void
test_ends(void **state)
{
	(void)state;
	FLOWS_RUN(ends);
}

static void
test_chunks(void **state)
{
	(void)state;
	FLOWS_RUN(chunks);
}

static void
test_needs(void **state)
{
	(void)state;
	FLOWS_RUN(needs);
}

static void
test_names(void **state)
{
	(void)state;
	FLOWS_RUN(names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
