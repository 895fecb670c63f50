/*
 * The bus against lists of events: order, bounds, attempts, rounds, secrets,
 * and that nothing unfinished is green.
 */
#include "check.h"

#include "base/limits.h"
#include "model/verb.h"
#include "proto/smtp.h"
#include "run/bus.h"

/* What a step without an expectation of its own wants. */
#define POSITIVE "a positive reply (2xx or 3xx)"

/* ---- a reporter that writes down what it gets ------------------------------ */

static void
spy_begin(void *state, const struct run_record *run,
    const struct totals *totals, struct buf *out)
{
	(void)state;
	(void)buf_addf(out, "run %u/%u\n", (unsigned)totals->not_run,
	    (unsigned)run->selected);
}

static void
spy_step(const struct step_record *step, struct buf *out)
{
	(void)buf_addf(out, " %u.%u %s %.*s", (unsigned)step->attempt,
	    (unsigned)step->number, result_names[step->result],
	    SPAN_ARG(step->label));
	if (step->round > 0)
		(void)buf_addf(out, " round=%u", (unsigned)step->round);
	if (step->want.len > 0)
		(void)buf_addf(out, " want=%.*s", SPAN_ARG(step->want));
	if (step->reply.len > 0)
		(void)buf_addf(out, " reply=%.*s", SPAN_ARG(step->reply));
	if (step->message.len > 0)
		(void)buf_addf(out, " why=%.*s", SPAN_ARG(step->message));
	if (step->note.len > 0)
		(void)buf_addf(out, " note=%.*s", SPAN_ARG(step->note));
	if (step->place.source.len > 0)
		(void)buf_addf(out, " at=%u:%u:%.*s:%.*s",
		    (unsigned)step->place.line, (unsigned)step->place.column,
		    SPAN_ARG(step->place.source), SPAN_ARG(step->place.remark));
	for (const struct wire_record *wire = step->wires; wire != NULL;
	    wire = wire->next)
		(void)buf_addf(out, " %c[%.*s]%s", "CS-"[wire->kind],
		    SPAN_ARG(span_sub(wire->bytes, 0, 60)),
		    wire->cut ? "cut" : "");
	(void)buf_add_octet(out, '\n');
}

static void
spy_scenario(void *state, const struct run_record *run,
    const struct scenario_record *record, struct buf *out)
{
	unsigned *seen = state;

	(void)run;
	(void)buf_addf(out, "#%u seen=%u %.*s %s x%u %.*s\n",
	    (unsigned)record->number, ++*seen, SPAN_ARG(record->name),
	    result_names[record->result], (unsigned)record->attempts,
	    SPAN_ARG(record->reason));
	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next)
		spy_step(step, out);
}

static void
spy_end(void *state, const struct run_record *run,
    const struct totals *totals, struct buf *out)
{
	const unsigned *seen = state;

	(void)run;
	(void)buf_addf(out, "end %u: p%u w%u f%u e%u s%u n%u%s%s\n", *seen,
	    totals->passed, totals->warned, totals->failed, totals->errors,
	    totals->skipped, totals->not_run, totals->whole ? " whole" : "",
	    totals->interrupted ? " interrupted" : "");
}

static const struct reporter spy = {
	.name = "spy", .usage = "", .state_size = sizeof(unsigned),
	.begin = spy_begin, .scenario = spy_scenario, .end = spy_end,
	.streams = true,
};

static void
brief_scenario(void *state, const struct run_record *record_run,
    const struct scenario_record *record, struct buf *out)
{
	(void)state, (void)record_run;
	(void)buf_addf(out, "#%u %s of %u steps\n", (unsigned)record->number,
	    result_names[record->result], (unsigned)record->step_count);
	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next)
		if (step->result >= RESULT_FAIL)
			(void)buf_addf(out, " %u.%u %s %.*s why=%.*s\n",
			    (unsigned)step->attempt, (unsigned)step->number,
			    result_names[step->result], SPAN_ARG(step->label),
			    SPAN_ARG(step->message));
}

static void
brief_end(void *state, const struct run_record *record_run,
    const struct totals *totals, struct buf *out)
{
	(void)state, (void)record_run;
	(void)buf_addf(out, "%u of %u steps\n", totals->steps_failed,
	    totals->steps);
}

/* The same, told that it is and not told. */
static const struct reporter brief = {
	.name = "brief", .usage = "", .begin = spy_begin,
	.scenario = brief_scenario, .end = brief_end, .streams = true,
	.brief = true,
};
static const struct reporter unbrief = {
	.name = "unbrief", .usage = "", .begin = spy_begin,
	.scenario = brief_scenario, .end = brief_end, .streams = true,
};

static void
journal_entry(void *state, const struct journal_entry *entry, struct buf *out)
{
	static const char *const kinds[] = { "run", "scenario", "step", "wire",
		"step-end", "scenario-end", "run-end" };

	(void)state;
	(void)buf_addf(out, "%s", kinds[entry->kind]);
	if (entry->wire != NULL)
		(void)buf_addf(out, " %.*s", SPAN_ARG(entry->wire->bytes));
	(void)buf_add_octet(out, '\n');
}

static const struct reporter journal = {
	.name = "journal", .usage = "", .entry = journal_entry,
};

struct store {
	struct outlet outlet;
	struct buf    bytes;
};

static bool
store_put(struct outlet *outlet, struct span bytes)
{
	struct store *store = (struct store *)(void *)outlet;

	return buf_add(&store->bytes, bytes);
}

static struct store
store_new(void)
{
	return (struct store){ { store_put }, buf_new(1 << 26) };
}

/* ---- a run ------------------------------------------------------------------ */

static const struct code_row *
explain_code(int32_t code)
{
	static const struct code_row row = { "550", "mailbox unavailable",
		"RFC 5321 4.2.3", "No such user.", "" };

	return code == 550 ? &row : NULL;
}

static const struct code_row *
explain_enhanced(uint32_t enhanced)
{
	static const struct code_row row = { "X.1.1", "bad mailbox address",
		"RFC 3463 3.2", "", "" };

	return enhanced == ENHANCED(5, 1, 1) ? &row : NULL;
}

static const struct proto proto = {
	.name = "smtp", .explain_code = explain_code,
	.explain_enhanced = explain_enhanced, .shown = smtp_shown,
};
static const struct verb send_verb = { .name = "send", .speaks = true };
static const struct file file = { "a.yaml",
	{ "one\n  expect: 250\nthree\n", 24 } };
static const struct span conns[] = { { "main", 4 }, { "other", 5 } };
static struct scenario scenarios[] = {
	{ .id = { "a#A", 3 }, .title = { "A", 1 }, .path = "a.yaml",
	    .proto = &proto, .conns = conns, .conn_count = 2 },
	{ .id = { "a#B", 3 }, .title = { "B", 1 }, .path = "a.yaml",
	    .proto = &proto, .conns = conns, .conn_count = 2 },
	{ .id = { "a#C", 3 }, .title = { "C", 1 }, .path = "a.yaml",
	    .proto = &proto, .conns = conns, .conn_count = 2 },
};
static const struct scenario *const list[] = { &scenarios[0], &scenarios[1],
	&scenarios[2] };
static const struct run_record run = { .version = "t", .selected = 3 };
static const struct accept accept = { .kind = ACCEPT_CODES, .low = 250,
	.high = 250, .text = { "250", 3 } };
static const struct expect expect = { .accepts = &accept, .accept_count = 1 };

static struct run_bus *bus;
static uint64_t clock_us;

static void
start(const struct redactor *redactor)
{
	struct run_bus_options options = { .run = &run, .scenarios = list,
		.redactor = redactor, .began_us = 1000 };

	clock_us = 1000;
	bus = run_bus_new(&options);
}

static void
emit(uint8_t kind, uint32_t number, const struct step *step,
    struct event event)
{
	event.kind = kind;
	event.session = number;
	event.scenario = list[number - 1];
	event.step = step;
	event.at_us = clock_us += 10;
	if (event.attempt == 0)
		event.attempt = 1;
	run_bus_port(bus)->emit(run_bus_port(bus), &event);
}

static void
wire(uint8_t kind, uint32_t number, const struct step *step,
    const char *bytes)
{
	emit(kind, number, step, (struct event){ .bytes = span_of(bytes) });
}

static void
end_step(uint32_t number, const struct step *step, uint8_t result,
    uint8_t cause, const struct reply *reply)
{
	struct outcome outcome = { .step = step, .result = result,
		.cause = cause, .reply = reply, .expect = step->expects,
		.loc = { &file, 2, 11, 3 }, .took_us = 5 };

	emit(EVENT_STEP_END, number, step,
	    (struct event){ .outcome = &outcome });
}

static void
end_scenario(uint32_t number, uint8_t result, uint32_t attempts)
{
	struct scenario_end end = { .number = number, .result = result,
		.attempts = attempts, .at_us = clock_us += 10 };

	run_bus_scenario_end(bus, &end);
}

static void
expect_text(struct span got, const char *want)
{
	if (!span_is(got, want))
		fail_msg("got:\n%.*s\nwant:\n%s", SPAN_ARG(got), want);
}

static struct step
step_of(uint32_t number, const char *label)
{
	return (struct step){ .number = number, .label = span_of(label),
		.verb = &send_verb };
}

/* ---- tests ------------------------------------------------------------------ */

static void
test_order(void **unused)
{
	struct store store = store_new();
	struct step  step = step_of(1, "NOOP");
	struct buf   out = buf_new(1 << 20);
	size_t       handle;

	(void)unused;
	start(NULL);
	(void)run_bus_add(bus, &spy, &store.outlet);
	handle = run_bus_add(bus, &spy, NULL);
	assert_true(run_bus_snapshot(bus, handle, 2000, &out));
	expect_text(buf_span(&out), "run 3/3\n"
	    "#1 seen=1 A error x0 not run: it had not begun when this report "
	    "was written\n"
	    "#2 seen=2 B error x0 not run: it had not begun when this report "
	    "was written\n"
	    "#3 seen=3 C error x0 not run: it had not begun when this report "
	    "was written\n"
	    "end 3: p0 w0 f0 e0 s0 n3\n");
	emit(EVENT_STEP_BEGIN, 2, &step, (struct event){ 0 });
	emit(EVENT_STEP_BEGIN, 3, &step, (struct event){ 0 });
	end_step(3, &step, RESULT_PASS, CAUSE_NONE, NULL);
	end_scenario(3, RESULT_PASS, 1);
	expect_text(buf_span(&store.bytes), "run 3/3\n");
	buf_clear(&out);
	assert_true(run_bus_snapshot(bus, handle, 2000, &out));
	expect_text(buf_span(&out), "run 2/3\n"
	    "#1 seen=1 A error x0 not run: it had not begun when this report "
	    "was written\n"
	    "#2 seen=2 B error x0 not run: it had not ended when this report "
	    "was written\n"
	    "#3 seen=3 C pass x1 \n 1.1 pass NOOP\n"
	    "end 3: p1 w0 f0 e0 s0 n2\n");
	end_scenario(1, RESULT_SKIP, 1);
	end_step(2, &step, RESULT_WARN, CAUSE_LATE, NULL);
	end_scenario(2, RESULT_WARN, 1);
	run_bus_finish(bus, false, SPAN(""), 9000);
	expect_text(buf_span(&store.bytes), "run 3/3\n#1 seen=1 A skip x1 \n"
	    "#2 seen=2 B warn x1 \n 1.1 warn NOOP "
	    "at=2:11:  expect: 250:\n"
	    "#3 seen=3 C pass x1 \n 1.1 pass NOOP\n"
	    "end 3: p2 w1 f0 e0 s1 n0 whole\n");
	/* The document says the same, and goes on saying it. */
	buf_clear(&out);
	assert_true(run_bus_snapshot(bus, handle, 9000, &out));
	(void)buf_add(&out, SPAN(""));
	assert_true(span_ends(buf_span(&out),
	    SPAN("end 3: p2 w1 f0 e0 s1 n0 whole\n")));
	run_bus_free(bus);
	buf_free(&out);
	buf_free(&store.bytes);
}

static void
test_not_run(void **unused)
{
	struct store store = store_new(), lines = store_new();
	struct step  step = step_of(1, "NOOP");

	(void)unused;
	start(NULL);
	(void)run_bus_add(bus, &spy, &store.outlet);
	(void)run_bus_add(bus, &journal, &lines.outlet);
	end_scenario(1, RESULT_PASS, 1);
	emit(EVENT_STEP_BEGIN, 2, &step, (struct event){ 0 });
	end_scenario(3, RESULT_AGAIN, 1);       /* no verdict */
	run_bus_finish(bus, true, SPAN("interrupted"), 9000);
	run_bus_finish(bus, true, SPAN("twice"), 9000);
	expect_text(buf_span(&store.bytes), "run 3/3\n#1 seen=1 A pass x1 \n"
	    "#2 seen=2 B error x0 not run: interrupted\n"
	    "#3 seen=3 C error x1 not run\n"
	    "end 3: p1 w0 f0 e1 s0 n1 interrupted\n");
	expect_text(buf_span(&lines.bytes), "run\nscenario\nscenario-end\n"
	    "scenario\nstep\nscenario\nscenario-end\nscenario-end\nrun-end\n");
	run_bus_free(bus);
	buf_free(&store.bytes);
	buf_free(&lines.bytes);
}

static struct reply
reply_of(int32_t code, uint32_t enhanced, const char *raw)
{
	return (struct reply){ .code = code, .enhanced = enhanced,
		.raw = span_of(raw), .lines = 1 };
}

static void
test_failure(void **unused)
{
	struct store store = store_new();
	struct step  step = step_of(1, "RCPT TO:<${to}>"), rest =
	    step_of(2, "DATA");
	struct reply plain = reply_of(550, 0, "550 no\r\n");
	struct reply better = reply_of(550, ENHANCED(5, 1, 1),
	    "550-5.1.1 no\r\n550 5.1.1 user\r\n");

	(void)unused;
	step.expects = &expect;
	step.expect_count = 1;
	start(NULL);
	(void)run_bus_add(bus, &spy, &store.outlet);
	emit(EVENT_SCENARIO_BEGIN, 1, NULL, (struct event){ 0 });
	emit(EVENT_STEP_BEGIN, 1, &step, (struct event){ 0 });
	wire(EVENT_SENT, 1, &step, "RCPT TO:<x@y>\r\n");
	wire(EVENT_RECEIVED, 1, &step, plain.raw.ptr);
	end_step(1, &step, RESULT_FAIL, CAUSE_CODE, &plain);
	end_step(1, &rest, RESULT_NOT_RUN, CAUSE_NONE, NULL);
	emit(EVENT_SCENARIO_END, 1, NULL, (struct event){ .attempt = 1 });
	emit(EVENT_SCENARIO_BEGIN, 1, NULL, (struct event){ .attempt = 2 });
	emit(EVENT_STEP_BEGIN, 1, &step, (struct event){ .attempt = 2 });
	end_step(1, &step, RESULT_FAIL, CAUSE_CODE, &better);
	end_scenario(1, RESULT_FAIL, 2);
	expect_text(buf_span(&store.bytes), "run 3/3\n#1 seen=1 A fail x2 \n"
	    " 1.1 fail RCPT TO:<x@y> want=250 reply=550 no"
	    " why=wanted 250, got 550 no"
	    " note=550: mailbox unavailable (RFC 5321 4.2.3). No such user."
	    " at=2:11:  expect: 250:accepted here: 250"
	    " C[RCPT TO:<x@y>\r\n] S[550 no\r\n]\n"
	    " 1.2 not-run DATA\n"
	    " 2.1 fail RCPT TO:<${to}> want=250 reply=550-5.1.1 no"
	    " why=wanted 250, got 550-5.1.1 no"
	    " note=5.1.1: bad mailbox address (RFC 3463 3.2)."
	    " at=2:11:  expect: 250:accepted here: 250\n");
	run_bus_free(bus);
	buf_free(&store.bytes);
}

static void
test_rounds(void **unused)
{
	struct store store = store_new();
	struct step  before = step_of(1, "before"), first = step_of(2, "first"),
	    second = step_of(3, "second"), after = step_of(4, "after");

	(void)unused;
	start(NULL);
	(void)run_bus_add(bus, &spy, &store.outlet);
	emit(EVENT_STEP_BEGIN, 1, &before, (struct event){ 0 });
	end_step(1, &before, RESULT_PASS, CAUSE_NONE, NULL);
	for (uint32_t round = 1; round <= 500; round++) {
		first.round = second.round = round;
		emit(EVENT_STEP_BEGIN, 1, &first, (struct event){ 0 });
		wire(EVENT_SENT, 1, &first, "LIST\r\n");
		end_step(1, &first, RESULT_PASS, CAUSE_NONE, NULL);
		emit(EVENT_STEP_BEGIN, 1, &second, (struct event){ 0 });
		end_step(1, &second, round < 500 ? RESULT_AGAIN : RESULT_PASS,
		    CAUSE_NONE, NULL);
	}
	emit(EVENT_STEP_BEGIN, 1, &after, (struct event){ 0 });
	end_step(1, &after, RESULT_PASS, CAUSE_NONE, NULL);
	/* A second one right behind, which must leave the first alone. */
	first = step_of(5, "other");
	for (uint32_t round = 1; round <= 3; round++) {
		first.round = round;
		emit(EVENT_STEP_BEGIN, 1, &first, (struct event){ 0 });
		end_step(1, &first, RESULT_AGAIN, CAUSE_CODE, NULL);
	}
	end_scenario(1, RESULT_PASS, 1);
	expect_text(buf_span(&store.bytes), "run 3/3\n#1 seen=1 A pass x1 \n"
	    " 1.1 pass before\n 1.2 pass LIST round=500 C[LIST\r\n]\n"
	    " 1.3 pass second round=500\n 1.4 pass after\n"
	    " 1.5 again other round=3 want=" POSITIVE "\n");
	run_bus_free(bus);
	buf_free(&store.bytes);
}

/* One scenario as its session tells it, but for what the bus does not want. */
static void
brief_emit(uint8_t kind, const struct step *step, const char *sent,
    struct outcome *outcome)
{
	struct event event = { .bytes = span_of(sent), .outcome = outcome,
	    .secret = step != NULL && step->secret };

	uint32_t bits = EVENT_BIT(kind) |
	    (kind == EVENT_SENT ? EVENT_SENT_MADE :
	    kind == EVENT_STEP_END ? EVENT_STEP_BAD : 0);

	if (run_bus_port(bus)->wants & bits)
		emit(kind, 1, step, event);
}

static void
brief_step(const struct step *step, const char *sent, uint8_t result,
    const char *why)
{
	struct fault   fault = { 0 };
	struct outcome outcome = { .step = step, .result = result,
	    .cause = CAUSE_MATCH, .fault = &fault, .took_us = 5 };

	(void)fault_set(&fault, FAULT_SCENARIO, "%s", why);
	brief_emit(EVENT_STEP_BEGIN, step, "", NULL);
	if (sent != NULL)
		brief_emit(EVENT_SENT, step, sent, NULL);
	brief_emit(EVENT_RECEIVED, step, "250 ok\r\n", NULL);
	brief_emit(EVENT_STEP_END, step, "", &outcome);
}

static void
brief_pipeline(const struct step *a, const struct step *b)
{
	struct fault   fault = { .text = "no" };
	struct outcome pass = { .step = a }, fail = { .step = b,
	    .result = RESULT_FAIL, .fault = &fault };

	brief_emit(EVENT_STEP_BEGIN, a, "", NULL);
	brief_emit(EVENT_STEP_BEGIN, b, "", NULL);
	brief_emit(EVENT_SENT, a, "RCPT TO:<p@x>\r\n", NULL);
	brief_emit(EVENT_SENT, b, "RCPT TO:<q@x>\r\n", NULL);
	brief_emit(EVENT_STEP_END, a, "", &pass);
	brief_emit(EVENT_STEP_END, b, "", &fail);
}

static void
brief_dialogue(void)
{
	struct step constant = step_of(1, "NOOP"),
	    filled = step_of(2, "RCPT TO:<${to}>"),
	    secret = step_of(3, "AUTH PLAIN ${secret}"),
	    polled = step_of(4, "LIST"), unseen = step_of(0, "QUIT"),
	    longer = step_of(5, "NOO"), titled = step_of(6, "my title");

	secret.secret = titled.titled = true;
	brief_emit(EVENT_SCENARIO_BEGIN, NULL, "", NULL);
	brief_step(&constant, "NOOP\r\n", RESULT_PASS, "");
	brief_step(&constant, "NOOP\r\n", RESULT_FAIL, "constant");
	brief_step(&filled, "RCPT TO:<a@x>\r\n", RESULT_PASS, "");
	brief_step(&filled, "RCPT TO:<b@x>\r\n", RESULT_FAIL, "filled");
	brief_step(&filled, "RCPT TO:<c@x>\r\n", RESULT_WARN, "filled");
	brief_step(&secret, "AUTH PLAIN aGlkZGVuCg==\r\n", RESULT_FAIL,
	    "not aGlkZGVuCg==");
	for (polled.round = 1; polled.round < 4; polled.round++)
		brief_step(&polled, "LIST\r\n", polled.round < 3 ?
		    RESULT_AGAIN : RESULT_FAIL, "polled");
	brief_step(&unseen, "QUIT\r\n", RESULT_PASS, "");
	brief_step(&unseen, "QUIT\r\n", RESULT_ERROR, "unseen");
	brief_step(&longer, "NOOP\r\n", RESULT_FAIL, "longer");
	brief_step(&titled, "NOOP\r\n", RESULT_FAIL, "titled");
	brief_step(&constant, NULL, RESULT_NOT_RUN, "");
	brief_pipeline(&filled, &titled);
	brief_pipeline(&titled, &filled);
	brief_emit(EVENT_SCENARIO_END, NULL, "", NULL);
	end_scenario(1, RESULT_FAIL, 1);
}

/* A brief reporter gets the same whether or not anybody else wants more, and
 * alone it spares the sessions most events. */
static void
test_brief(void **unused)
{
	const struct reporter *const reporters[] = { &brief, &unbrief };
	struct store store = store_new();

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		uint32_t wire_bits = EVENT_BIT(EVENT_RECEIVED) |
		    EVENT_BIT(EVENT_NOTE);

		buf_clear(&store.bytes);
		start(NULL);
		(void)run_bus_add(bus, reporters[i], &store.outlet);
		assert_int_equal(run_bus_port(bus)->wants & wire_bits,
		    i == 0 ? 0 : wire_bits);
		brief_dialogue();
		run_bus_finish(bus, false, SPAN(""), 9000);
		expect_text(buf_span(&store.bytes), "run 3/3\n"
		    "#1 fail of 15 steps\n"
		    " 1.1 fail NOOP why=constant\n"
		    " 1.2 fail RCPT TO:<b@x> why=filled\n"
		    " 1.3 fail AUTH PLAIN <redacted, 12 bytes> why=not "
		    "<redacted secret>\n"
		    " 1.4 fail LIST why=polled\n"
		    " 1.0 error QUIT why=unseen\n"
		    " 1.5 fail NOOP why=longer\n"
		    " 1.6 fail my title why=titled\n"
		    " 1.6 fail my title why=no\n"
		    " 1.2 fail RCPT TO:<q@x> why=no\n"
		    "#2 error of 0 steps\n#3 error of 0 steps\n"
		    "9 of 15 steps\n");
		run_bus_free(bus);
	}
	start(NULL);
	(void)run_bus_add(bus, &brief, &store.outlet);
	(void)run_bus_add(bus, &spy, &store.outlet);
	assert_int_equal(run_bus_port(bus)->wants, UINT32_MAX);
	run_bus_free(bus);
	buf_free(&store.bytes);
}

/* A pipeline: all acts begin, then they end in their order. */
static void
test_group(void **unused)
{
	struct store store = store_new();
	struct step  a = step_of(1, "a"), b = step_of(2, "b");

	(void)unused;
	start(NULL);
	(void)run_bus_add(bus, &spy, &store.outlet);
	emit(EVENT_STEP_BEGIN, 1, &a, (struct event){ 0 });
	emit(EVENT_STEP_BEGIN, 1, &b, (struct event){ 0 });
	wire(EVENT_SENT, 1, &b, "B\r\n");
	wire(EVENT_SENT, 1, &a, "A\r\n");
	end_step(1, &a, RESULT_PASS, CAUSE_NONE, NULL);
	wire(EVENT_RECEIVED, 1, &b, "250 b\r\n");
	end_step(1, &b, RESULT_PASS, CAUSE_NONE, NULL);
	wire(EVENT_RECEIVED, 1, NULL, "999 late\r\n");
	end_scenario(1, RESULT_PASS, 1);
	expect_text(buf_span(&store.bytes), "run 3/3\n#1 seen=1 A pass x1 \n"
	    " 1.1 pass A C[A\r\n]\n"
	    " 1.2 pass B C[B\r\n] S[250 b\r\n] S[999 late\r\n]\n");
	run_bus_free(bus);
	buf_free(&store.bytes);
}

static void
test_bounds(void **unused)
{
	static char big[40000];
	struct store store = store_new();
	struct step  step = step_of(1, "big");
	struct span  out;

	(void)unused;
	memset(big, 'x', sizeof big - 1);
	step.titled = true;
	start(NULL);
	(void)run_bus_add(bus, &spy, &store.outlet);
	emit(EVENT_STEP_BEGIN, 1, &step, (struct event){ 0 });
	for (int i = 0; i < 5; i++)
		wire(EVENT_RECEIVED, 1, &step, big);
	end_step(1, &step, RESULT_PASS, CAUSE_NONE, NULL);
	/* Drips of an octet: the number of records is bounded too. */
	emit(EVENT_STEP_BEGIN, 1, &step, (struct event){ 0 });
	for (int i = 0; i < 100000; i++)
		wire(EVENT_RECEIVED, 1, &step, "y");
	end_step(1, &step, RESULT_PASS, CAUSE_NONE, NULL);
	/* And the run's own limit. */
	for (int i = 0; i < 400; i++) {
		emit(EVENT_STEP_BEGIN, 1, &step, (struct event){ 0 });
		wire(EVENT_SENT, 1, &step, big);
		wire(EVENT_SENT, 1, &step, big);
		end_step(1, &step, RESULT_PASS, CAUSE_NONE, NULL);
	}
	end_scenario(1, RESULT_PASS, 1);
	out = buf_span(&store.bytes);
	assert_true(span_find(out, SPAN("]cut\n")) != SIZE_MAX);
	assert_true(span_ends(out, SPAN("big C[]cut\n")));
	assert_true(out.len < 400000);
	run_bus_free(bus);
	buf_free(&store.bytes);
}

static void
test_secrets(void **unused)
{
	struct redactor *redactor = redactor_new();
	struct store store = store_new(), lines = store_new();
	struct step  auth = step_of(1, "AUTH"), echo = step_of(2, "echo"),
	    hidden = step_of(3, "hidden");
	struct reply reply = reply_of(535, 0, "535 no s3cr3t-pw\r\n");
	struct reply again = reply_of(500, 0, "500 what is opensesame?\r\n");

	(void)unused;
	assert_true(redactor_add(redactor, SPAN("pw"), SPAN("s3cr3t-pw")));
	hidden.secret = true;
	start(redactor);
	(void)run_bus_add(bus, &spy, &store.outlet);
	(void)run_bus_add(bus, &journal, &lines.outlet);
	emit(EVENT_STEP_BEGIN, 1, &auth, (struct event){ 0 });
	emit(EVENT_SENT, 1, &auth, (struct event){ .secret = true,
	    .bytes = SPAN("AUTH PLAIN AHVzZXIAczNjcjN0LXB3cHc=\r\n") });
	wire(EVENT_RECEIVED, 1, &auth, "535 no s3c");
	wire(EVENT_RECEIVED, 1, &auth, "r3t-pw\r\n");
	end_step(1, &auth, RESULT_FAIL, CAUSE_CODE, &reply);
	emit(EVENT_STEP_BEGIN, 1, &echo, (struct event){ 0 });
	wire(EVENT_SENT, 1, &echo, "X s3cr3t-pw");
	end_step(1, &echo, RESULT_PASS, CAUSE_NONE, NULL);
	emit(EVENT_STEP_BEGIN, 1, &hidden, (struct event){ 0 });
	emit(EVENT_SENT, 1, &hidden, (struct event){ .secret = true,
	    .bytes = SPAN("opensesame\r\n") });
	wire(EVENT_RECEIVED, 1, &hidden, "500 what is opensesame?\r\n");
	end_step(1, &hidden, RESULT_FAIL, CAUSE_CODE, &again);
	end_scenario(1, RESULT_FAIL, 1);
	run_bus_finish(bus, false, SPAN(""), 9000);
	expect_text(span_sub(buf_span(&store.bytes), 0,
	    span_find(buf_span(&store.bytes), SPAN("#2"))),
	    "run 3/3\n#1 seen=1 A fail x1 \n"
	    " 1.1 fail AUTH PLAIN <redacted, 24 bytes> want=" POSITIVE
	    " reply=535 no <redacted pw> why=wanted " POSITIVE ", got 535 no "
	    "<redacted pw> at=2:11:  expect: 250:accepted here: " POSITIVE
	    " C[AUTH PLAIN <redacted, 24 bytes>\r\n] S[535 no <redacted pw>] "
	    "S[\r\n]\n"
	    " 1.2 pass X <redacted pw> C[X <redacted pw>]\n"
	    " 1.3 fail <redacted, 10 bytes> want=" POSITIVE " reply=500 what "
	    "is <redacted secret>? why=wanted " POSITIVE ", got 500 what is "
	    "<redacted secret>? at=2:11:  expect: 250:accepted here: " POSITIVE
	    " C[<redacted, 10 bytes>\r\n]"
	    " S[500 what is <redacted secret>?\r\n]\n");
	assert_true(span_find(buf_span(&lines.bytes), SPAN("s3cr3t")) ==
	    SIZE_MAX);
	assert_true(span_find(buf_span(&lines.bytes), SPAN("opensesame")) ==
	    SIZE_MAX);
	assert_true(span_find(buf_span(&lines.bytes), SPAN("AHVz")) ==
	    SIZE_MAX);
	run_bus_free(bus);
	redactor_free(redactor);
	buf_free(&store.bytes);
	buf_free(&lines.bytes);
}

/* What is cut off in the middle of a secret does not show its first half. */
static void
test_secret_cut(void **unused)
{
	static char big[LIMIT_LOG_STEP + 1000];
	struct redactor *redactor = redactor_new();
	struct store lines = store_new();
	struct step  step = step_of(1, "x");

	(void)unused;
	assert_true(redactor_add(redactor, SPAN("pw"),
	    SPAN("abcdefghijklmnop")));
	for (size_t at = LIMIT_LOG_STEP - 400; at < LIMIT_LOG_STEP; at++) {
		memset(big, '.', sizeof big - 1);
		memcpy(big + at, "abcdefghijklmnop", 16);
		start(redactor);
		(void)run_bus_add(bus, &journal, &lines.outlet);
		emit(EVENT_STEP_BEGIN, 1, &step, (struct event){ 0 });
		wire(EVENT_RECEIVED, 1, &step, big);
		end_step(1, &step, RESULT_PASS, CAUSE_NONE, NULL);
		run_bus_flush(bus);
		run_bus_free(bus);
		assert_true(span_find(buf_span(&lines.bytes), SPAN("abcd")) ==
		    SIZE_MAX);
		buf_clear(&lines.bytes);
	}
	redactor_free(redactor);
	buf_free(&lines.bytes);
}

/* Events that make no sense must not do harm. */
static void
test_nonsense(void **unused)
{
	struct store store = store_new();
	struct step  step = step_of(1, "x"), unseen = step_of(0, "unseen");

	(void)unused;
	start(NULL);
	(void)run_bus_add(bus, &spy, &store.outlet);
	wire(EVENT_RECEIVED, 1, NULL, "220 early\r\n");
	end_step(1, &step, RESULT_ERROR, CAUSE_PLAN, NULL);
	emit(EVENT_STEP_BEGIN, 1, &unseen, (struct event){ 0 });
	end_step(1, &unseen, RESULT_PASS, CAUSE_NONE, NULL);
	emit(EVENT_STEP_BEGIN, 1, &unseen, (struct event){ 0 });
	end_step(1, &unseen, RESULT_FAIL, CAUSE_NONE, NULL);
	emit(EVENT_STEP_BEGIN, 1, &step, (struct event){ 0 });
	end_scenario(1, RESULT_ERROR, 1);
	end_scenario(1, RESULT_PASS, 1);        /* too late */
	wire(EVENT_RECEIVED, 1, &step, "late");
	run_bus_scenario_end(bus, &(struct scenario_end){ .number = 77 });
	run_bus_finish(bus, false, SPAN(""), 9000);
	assert_true(span_find(buf_span(&store.bytes),
	    SPAN("#1 seen=1 A error x1")) != SIZE_MAX);
	assert_true(span_find(buf_span(&store.bytes), SPAN("1.0 fail unseen"))
	    != SIZE_MAX);
	assert_true(span_find(buf_span(&store.bytes), SPAN("1.0 pass")) ==
	    SIZE_MAX);
	run_bus_free(bus);
	buf_free(&store.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order), cmocka_unit_test(test_not_run),
		cmocka_unit_test(test_failure), cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_brief),
		cmocka_unit_test(test_group), cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_secret_cut),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
