/*
 * One fixed set of records, hostile ones among them, and the goldens that each
 * reporter makes of it. QUOTH_UPDATE_GOLDEN=1 writes them anew.
 *
 * Paths: tests run in the build folder, where the compiler ran too, so
 * __FILE__ leads to the sources from there.
 */
#ifndef QUOTH_TESTS_GOLDEN_H
#define QUOTH_TESTS_GOLDEN_H

#include "check.h"

#include "hostile.h"
#include "model/report.h"

#define LIT(text) { text, sizeof(text) - 1 }

static const struct span golden_tags[] = { LIT("smoke"), LIT("relay") };

static const struct wire_record golden_sent = {
	.kind = WIRE_SENT, .conn = "main", .at_us = 40100,
	.bytes = LIT("RCPT TO:<b@example.net>\r\n"),
	.next = &(const struct wire_record){
		.kind = WIRE_RECEIVED, .conn = "main", .at_us = 42000,
		.bytes = LIT("250 2.1.5 Ok\r\n") },
};
static const struct step_record golden_relay[] = {
	{ .number = 1, .attempt = 1, .act = "connect", .conn = "main",
	    .label = LIT("connect"), .took_us = 1210, .began_us = 100,
	    .reply = LIT("220 mx.example.test ESMTP"),
	    .got = LIT("220 mx.example.test ESMTP\r\n"),
	    .next = &golden_relay[1] },
	{ .number = 2, .attempt = 1, .act = "send", .conn = "main",
	    .label = LIT("EHLO tester.example"), .took_us = 980,
	    .sent = LIT("EHLO tester.example\r\n"),
	    .reply = LIT("250-mx.example.test"),
	    .got = LIT("250-mx.example.test\r\n250 SIZE\r\n"),
	    .next = &golden_relay[2] },
	{ .number = 3, .attempt = 1, .act = "send", .conn = "main",
	    .label = LIT("MAIL FROM:<a@example.org>"), .took_us = 430,
	    .sent = LIT("MAIL FROM:<a@example.org>\r\n"),
	    .reply = LIT("250 2.1.0 Ok"), .got = LIT("250 2.1.0 Ok\r\n"),
	    .result = RESULT_WARN, .cause = CAUSE_LATE,
	    .message = LIT("the reply took 430 ms, over `within` 400ms"),
	    .want = LIT("250; within 400ms"),
	    .place = { .file = "relay.yaml", .line = 11, .column = 32,
		.width = 5, .source = LIT("    expect: { code: 250, within: "
		"400ms }"), .remark = LIT("later than this") },
	    .next = &golden_relay[3] },
	{ .number = 4, .attempt = 1, .act = "send", .conn = "main",
	    .label = LIT("RCPT TO:<b@example.net>"), .took_us = 2000,
	    .began_us = 40000, .result = RESULT_FAIL, .cause = CAUSE_CODE,
	    .sent = LIT("RCPT TO:<b@example.net>\r\n"),
	    .reply = LIT("250 2.1.5 Ok"), .got = LIT("250 2.1.5 Ok\r\n"),
	    .want = LIT("550..554"),
	    .message = LIT("wanted 550..554, got 250 2.1.5 Ok"),
	    .note = LIT("250: action completed (RFC 5321 4.2.3). The server "
	    "accepted a recipient of another domain from a stranger."),
	    .place = { .file = "relay.yaml", .line = 14, .column = 13,
		.width = 8, .source = LIT("    expect: 550..554"),
		.remark = LIT("accepted here: 550..554") },
	    .wires = &golden_sent, .next = &golden_relay[4] },
	{ .number = 5, .attempt = 1, .act = "send", .conn = "main",
	    .label = LIT("DATA"), .result = RESULT_NOT_RUN },
};
static const struct step_record golden_refused = {
	.number = 1, .attempt = 1, .act = "connect", .conn = "main",
	.label = LIT("connect"), .took_us = 60, .result = RESULT_ERROR,
	.cause = CAUSE_CONNECT,
	.message = LIT("connect to 127.0.0.1:2599: Connection refused"),
	.place = { .file = "telnet.yaml", .line = 4, .column = 5, .width = 7,
	    .source = LIT("  - connect:"),
	    .remark = LIT("connect to 127.0.0.1:2599: Connection refused") },
};
static const struct step_record golden_retry[] = {
	{ .number = 1, .attempt = 1, .act = "send", .conn = "main",
	    .label = LIT("greylisted"), .titled = true, .took_us = 1500000,
	    .sent = LIT("RCPT TO:<alice@example.test>\r\n"),
	    .reply = LIT("450 4.2.0 later"), .got = LIT("450 4.2.0 later\r\n"),
	    .want = LIT("250"), .result = RESULT_FAIL, .cause = CAUSE_CODE,
	    .message = LIT("wanted 250, got 450 4.2.0 later"),
	    .next = &golden_retry[1] },
	{ .number = 1, .attempt = 2, .act = "send", .conn = "main",
	    .label = LIT("greylisted"), .titled = true, .took_us = 900,
	    .sent = LIT("RCPT TO:<alice@example.test>\r\n"),
	    .reply = LIT("250 2.1.5 Ok"), .got = LIT("250 2.1.5 Ok\r\n"),
	    .want = LIT("250") },
};
static const struct step_record golden_expected = {
	.number = 1, .attempt = 1, .act = "expect", .conn = "second",
	.label = LIT("expect"), .took_us = 12, .result = RESULT_FAIL,
	.cause = CAUSE_CLOSED, .want = LIT("250"),
	.message = LIT("the server closed the connection"),
	.place = { .file = "caf\xc3\xa9/\xe6\x97\xa5\xe6\x9c\xac.yaml",
	    .line = 1234567, .column = 150, .width = 3,
	    .source = LIT("\t- expect: { text: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxx', code: 250, never: 421 }") },
};

static struct step_record golden_hostile_steps[HOSTILE_COUNT];
static char golden_labels[HOSTILE_COUNT][16];

#define GOLDEN_NAME "::error::x ##[error]<b> \"q\" # SKIP \x1b[31m\xff\n1..0"

static struct scenario_record golden_scenarios[] = {
	{ .number = 1, .attempts = 1, .id = LIT("relay.yaml#A stranger"),
	    .name = LIT("A stranger must not relay"), .file = "relay.yaml",
	    .line = 3, .tags = golden_tags, .tag_count = 2,
	    .result = RESULT_FAIL, .cause = CAUSE_CODE, .took_us = 41230,
	    .steps = golden_relay, .step_count = 5,
	    .target = LIT("smtp://127.0.0.1:2525"),
	    .again = LIT("quoth run relay.yaml --only 'A stranger must not "
	    "relay' -t smtp://127.0.0.1:2525") },
	{ .number = 2, .attempts = 1, .id = LIT("telnet.yaml#Refused"),
	    .name = LIT("Refused"), .file = "telnet.yaml", .line = 1,
	    .result = RESULT_ERROR, .cause = CAUSE_CONNECT, .took_us = 350,
	    .steps = &golden_refused, .step_count = 1,
	    .again = LIT("quoth run telnet.yaml") },
	{ .number = 3, .attempts = 2, .id = LIT("grey.yaml#Greylisting"),
	    .name = LIT("Greylisting"), .file = "grey.yaml", .line = 1,
	    .took_us = 12345678, .steps = golden_retry, .step_count = 2,
	    .about = LIT("Tries again \xe2\x80\x94 as mailers do.") },
	{ .number = 4, .attempts = 1, .id = LIT("tls.yaml#STARTTLS"),
	    .name = LIT("STARTTLS"), .file = "tls.yaml", .line = 1,
	    .result = RESULT_SKIP, .cause = CAUSE_NEEDS, .took_us = 1000,
	    .reason = LIT("the server does not offer STARTTLS") },
	{ .number = 5, .attempts = 1, .id = LIT("xfail.yaml#Known"),
	    .name = LIT("Known"),
	    .file = "caf\xc3\xa9/\xe6\x97\xa5\xe6\x9c\xac.yaml", .line = 1,
	    .took_us = 65432100, .xfail = true, .steps = &golden_expected,
	    .step_count = 1, .reason = LIT("ticket 17") },
	{ .number = 6, .attempts = 1, .id = LIT("h.yaml#" GOLDEN_NAME),
	    .name = LIT(GOLDEN_NAME), .file = "::warning::h.yaml", .line = 1,
	    .result = RESULT_FAIL, .cause = CAUSE_CODE, .took_us = 900000,
	    .steps = golden_hostile_steps, .step_count = HOSTILE_COUNT,
	    .again = LIT("quoth run '$(touch x)' --only '\x1b[31m'") },
	{ .number = 7, .id = LIT("late.yaml#Late"), .name = LIT("Late"),
	    .file = "late.yaml", .line = 1, .result = RESULT_ERROR,
	    .cause = CAUSE_CANCEL, .reason = LIT("not run: interrupted") },
};
enum { GOLDEN_COUNT = sizeof golden_scenarios / sizeof *golden_scenarios };

static struct run_record golden_run = {
	.version = "0.1.0", .target = LIT("smtp://127.0.0.1:2525"),
	.seed = 42, .jobs = 8, .selected = GOLDEN_COUNT, .shard = 1,
	.shards = 2, .began_unix_us = UINT64_C(1795301098123456),
	.digest = LIT("0123abcd"),
	.command = LIT("quoth run . -t smtp://127.0.0.1:2525"),
};
static const struct totals golden_totals = {
	.scenarios = GOLDEN_COUNT, .passed = 2, .xfailed = 1, .failed = 2,
	.errors = 1, .skipped = 1, .not_run = 1, .steps = 50,
	.steps_failed = 45, .took_us = 78901234, .interrupted = true,
};

static inline void
golden_setup(void)
{
	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		(void)snprintf(golden_labels[i], 16, "send %s",
		    hostile_rows[i].id);
		golden_hostile_steps[i] = (struct step_record){
			.number = (uint32_t)i + 1, .attempt = 1, .act = "send",
			.conn = "main", .result = RESULT_FAIL,
			.cause = CAUSE_CODE, .label = { golden_labels[i], 8 },
			.sent = hostile_rows[i].reply,
			.reply = hostile_rows[i].reply,
			.got = hostile_rows[i].reply,
			.want = hostile_rows[i].reply,
			.message = hostile_rows[i].reply,
			.note = hostile_rows[i].reply,
			.took_us = 10, .next = i + 1 < HOSTILE_COUNT ?
			    &golden_hostile_steps[i + 1] : NULL,
		};
	}
}

/* The whole document. */
static inline void
golden_render(const struct reporter *reporter, struct buf *out)
{
	void *state = calloc(1, reporter->state_size + 1);

	golden_setup();
	reporter->begin(state, &golden_run, &golden_totals, out);
	for (size_t i = 0; i < GOLDEN_COUNT; i++)
		reporter->scenario(state, &golden_run, &golden_scenarios[i],
		    out);
	reporter->end(state, &golden_run, &golden_totals, out);
	assert_false(out->full);
	free(state);
}

static inline void
golden_check(const char *name, struct span out)
{
	const char *here = strrchr(__FILE__, '/');
	char   path[4096], *want;
	FILE  *file;
	size_t len;

	(void)snprintf(path, sizeof path, "%.*s/../golden/report/%s",
	    (int)(here - __FILE__), __FILE__, name);
	if (getenv("QUOTH_UPDATE_GOLDEN") != NULL) {
		file = fopen(path, "wb");
		assert_non_null(file);
		assert_int_equal(fwrite(out.ptr, 1, out.len, file), out.len);
		assert_int_equal(fclose(file), 0);
		return;
	}
	file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("no golden %s", path);
	want = malloc(out.len + 1);
	assert_non_null(want);
	len = fread(want, 1, out.len + 1, file);
	(void)fclose(file);
	if (len != out.len || memcmp(want, out.ptr, len) != 0)
		fail_msg("%s differs:\n%.*s", path, SPAN_ARG(out));
	free(want);
}

/* No octet that a terminal would act on, but LF (and TAB, where the format
 * itself indents with it); colours only when asked. */
static inline void
golden_clean(struct span out, bool tabs)
{
	for (size_t i = 0; i < out.len; i++) {
		unsigned char c = (unsigned char)out.ptr[i];

		if ((c < 0x20 && c != '\n' && !(tabs && c == '\t')) ||
		    c == 0x7f || span_utf8(span_from(out, i), NULL) == 0)
			if (c < 0x80 || c >= 0xc0)
				fail_msg("octet %zu is %02x", i, c);
	}
}

#endif
