/*
 * Any server against a fixed set of scenarios that use every feature: the
 * input chooses the scenario, the octets, where they are cut, and when
 * connections fail, close, stall or the run is cancelled. play.c holds the
 * invariants: it ends, one want at a time, nothing after the end, no failure
 * without a reason. Here: what passed had no failed step.
 */
#include "../unit/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const scenarios[] = {
	"steps:\n- connect:\n- send: EHLO me\n  expect: { code: 250, offers: "
	"[SIZE], needs: [no X] }\n- send: MAIL FROM:<a@b.test>\n"
	"- send: DATA\n  expect: 354\n- body: |\n    .x\n  expect: { code: "
	"250, capture: { id: '/as (\\S+)/' } }\n- send: NOOP ${id}\n"
	"  expect: { text: '${id}' }\n- send: QUIT\n- expect: closed\n"
	"always:\n- send: QUIT\n",
	"needs: [SIZE]\non_fail: continue\nsteps:\n- pipeline:\n  - connect:\n"
	"  - send: EHLO me\n  - { send: A, expect_each: [250, 5xx] }\n"
	"  - write: 'B\\r\\n'\n  - { send: C, expect: { ends: [421, closed] } }"
	"\n- send: D\n  level: should\n- close: { half: true }\n"
	"  expect: [closed, 221]\nalways:\n- eventually:\n    within: 5s\n"
	"    steps:\n    - send: QUIT\n",
	"flaws: [unsolicited, bare-lf]\nsteps:\n- eventually:\n    within: 9s\n"
	"    every: 2s\n    steps:\n    - connect:\n    - pipeline:\n"
	"      - send: A\n      - { send: B, expect: { never: [5xx] } }\n"
	"- connect:\n  on: b\n- send: X\n  on: b\n  expect: { code: any, "
	"within: 20s, after: 1ms, lines: { count: 2 } }\n"
	"- send: '${reply.code} ${reply.enhanced}'\n- close:\n- connect:\n"
	"  expect: [220, refused]\n- abort:\n",
	"steps:\n- connect:\n  expect: { ends: [refused] }\n"
	"- write: { text: 'NOOP\\r\\n', chunks: [1, 2], every: 1ms }\n"
	"  expect: { code: silence, within: 2s }\n- expect_each: [any, "
	"silence]\n- body: { size: 130KiB }\n- wait: 1s\n  expect: any\n"
	"- send: Z\n  expect: { code: [closed], text: '/b.e/s' }\n"
	"- set: { a: '${reply.text}' }\n- send: '${a}'\nalways:\n"
	"- send: QUIT\n",
	"protocol: tcp\nsteps:\n- connect:\n  expect: { text: a }\n- send: A\n"
	"- expect: { text: '/b/i', flaws: [] }\n- write: 'x'\n  expect: "
	"closed\n",
	"on_fail: continue\nsteps:\n- connect:\n- send: EHLO me\n- auth: { "
	"mechanism: SCRAM-SHA-1, user: u, password: pass }\n  expect: { code: "
	"[235, closed], within: 5s, text: ok }\n- auth: { mechanism: LOGIN, "
	"user: u, password: pass, initial: false }\n  expect: 535\n"
	"- auth: { mechanism: XOAUTH2, user: u, token: tttt }\n  level: should\n"
	"- auth: { mechanism: CRAM-MD5, user: u, password: pass }\n  expect: "
	"{ ends: [235, 421] }\n- send: QUIT\nalways:\n- send: QUIT\n",
};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios, ITEM = 200 };

static const char *const wheres[] = { "", "@look:", "@write:", "@timer:",
	"@connect:", "1>", "@half:", "1>@look:", "@sasl:" };
enum { WHERES = sizeof wheres / sizeof *wheres };
static const char *const whats[] = { "!close", "!rst", "!timeout",
	"!fail it is gone", "!wait 1500", "!cancel", "250 ok\r\n",
	"250-SIZE\r\n250 as 7\r\n", "421 bye\r\n", "354 go\r\n", "220 hi\r\n",
	"550 5.1.1 no\r\n", "25", "250 \303\244\n", "334 YWJj\r\n",
	"334 \r\n", "235 ok\r\n", "!done response" };
enum { WHATS = sizeof whats / sizeof *whats };

/* A timeout needs a deadline: only replies and writes have one for sure. */
static bool
possible(const char *where, const char *what)
{
	bool at_write = strcmp(where, "@write:") == 0;
	bool at_sasl = strcmp(where, "@sasl:") == 0;

	if (strcmp(what, "!timeout") == 0)
		return *where == '\0' || at_write || at_sasl;
	if (strncmp(what, "!done", 5) == 0)
		return at_sasl;
	if (strncmp(what, "!fail", 5) == 0)
		return at_write || at_sasl || strcmp(where, "@connect:") == 0 ||
		    strcmp(where, "@half:") == 0;
	/* Nothing comes of a connection that is not open yet. */
	return strcmp(where, "@connect:") != 0;
}

/* One item of at most ITEM octets off the input. */
static size_t
item_make(const uint8_t *data, size_t size, char *out)
{
	const char *where = wheres[data[0] % WHERES];
	size_t      used = 2, len = 0;

	if (data[1] < 0xc0) {
		const char *what = whats[data[1] % WHATS];

		if (!possible(where, what))
			where = "";
		(void)snprintf(out, ITEM, "%s%s", where,
		    possible(where, what) ? what : "x");
		return used;
	}
	if (strcmp(where, "@connect:") == 0)
		where = "";
	len = (size_t)snprintf(out, ITEM, "%s", where);
	for (size_t left = data[1] & 0x3f; left > 0 && used < size; left--) {
		char octet = (char)data[used++];

		/* What the script means by itself is no octet of a server. */
		if (octet == '\0' || octet == '!' || octet == '@' ||
		    octet == '>')
			octet = '5';
		out[len++] = octet;
	}
	out[len] = '\0';
	return used;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char items[PLAY_ITEMS][ITEM];
	struct flow flow = { .name = "fuzz" };
	struct play play = { 0 };
	size_t      count = 0, at = 2;

	if (size < 2)
		return 0;
	flow.yaml = scenarios[data[0] % SCENARIOS];
	flow.load = (data[0] & 0x80) != 0;
	play.octets = (data[0] & 0x40) != 0;
	play.cancel_at = data[1] < 0x40 ? data[1] : 0;
	while (at + 2 <= size && count < PLAY_ITEMS - 1) {
		at += item_make(data + at, size - at, items[count]);
		flow.script[count] = items[count];
		if (items[count][0] != '\0')
			count++;
	}
	flow.script[count] = NULL;
	play_run(&play, &flow);
	if (play.result == RESULT_PASS && play.log.len > 0) {
		(void)buf_add_octet(&play.log, '\0');
		if (strstr(play.log.ptr, " fail ") != NULL ||
		    strstr(play.log.ptr, " error ") != NULL)
			abort();
	}
	play_free(&play);
	return 0;
}
