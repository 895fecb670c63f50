/*
 * Acts of several writes, several connections, sources that answer later, and
 * what a session costs.
 */
#include "flows.h"

#include "base/limits.h"
#include "base/mem.h"
#include "model/verb.h"

#include <sys/resource.h>

#define HI "220 hi\r\n"
#define BIG "steps:\n- connect:\n- body: { size: 200KiB }\n"
#define A50 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"
#define L51 ">" A50
#define Q58 "qrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx"
#define G58 "ghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz$abcdefghijkl"
#define W58 "wxyzabcdefghijklmnopqrstuvwxyz$abcdefghijklmnopqrstuvwxyzab"

static const struct flow writes[] = {
	{ "a write", "steps:\n- connect:\n- write: 'A\\r\\n'\n- expect: 250\n",
	    { HI, "250 a\r\n" },
	    "connect / 1 pass / >A$ / 2 pass / 3 pass / end pass" },
	{ "a write with its reply", "steps:\n- connect:\n- write: 'A\\r\\n'\n"
	    "  expect: 250\n", { HI, "250 a\r\n" },
	    "connect / 1 pass / >A$ / 2 pass / end pass" },
	{ "chunks with pauses", "steps:\n- connect:\n- write:\n"
	    "    text: 'NOOP\\r\\n'\n    chunks: [3, 1]\n    every: 10ms\n"
	    "  expect: 250\n", { HI, "250 a\r\n" },
	    "connect / 1 pass / >NOO / timer 10 / >P / timer 10 / > / "
	    "timer 10 / >$ / 2 pass / end pass" },
	{ "chunks without a pause", "steps:\n- connect:\n- write:\n"
	    "    text: 'NOOP\\r\\n'\n    chunks: [4, 2]\n- expect: 250\n",
	    { HI, "250 a\r\n" },
	    "connect / 1 pass / >NOOP / >$ / 2 pass / 3 pass / end pass" },
	{ "octets before a write are no surprise", "steps:\n- connect:\n"
	    "- wait: 1s\n- write: 'A\\r\\n'\n- expect: 250\n- expect: 251\n",
	    { HI, "@timer:250 a\r\n", "251 b\r\n" },
	    "connect / 1 pass / timer 1000 / 2 pass / >A$ / 3 pass / 4 pass / "
	    "5 pass / end pass" },
	{ "a reply while it is being written", "steps:\n- connect:\n"
	    "- send: X\n", { HI, "@write:250 early\r\n" },
	    "connect / 1 pass / >X$ / 2 pass / end pass" },
	{ "a body refused while it is written, to the end", BIG,
	    { HI, "@write:552 too big\r\n" },
	    "connect / 1 pass / " L51 " / >" Q58 " / >" G58 " / >" W58
	    " / 2 fail code / end fail code 552" },
	{ "a body refused, then closed", BIG,
	    { HI, "@write:552 too big\r\n", "@write:!close" },
	    "connect / 1 pass / " L51 " / 2 fail code / end fail code 552" },
	{ "a body refused, then the write fails", BIG,
	    { HI, "@write:552 too big\r\n", "@write:!fail broken pipe" },
	    "connect / 1 pass / " L51 " / 2 fail code / end fail code 552" },
	{ "a body, then the write fails", BIG,
	    { HI, "@write:!fail cannot write: broken pipe" },
	    "connect / 1 pass / " L51 " / 2 fail closed / end fail closed",
	    "broken pipe" },
	{ "a body, then the write fails as expected",
	    "steps:\n- connect:\n- body: { size: 200KiB }\n  expect: closed\n",
	    { HI, "@write:!fail broken pipe" },
	    "connect / 1 pass / " L51 " / 2 pass / end pass" },
	{ "a body that nobody takes", BIG, { HI, "@write:!timeout" },
	    "connect / 1 pass / " L51 " / 2 fail timeout / end fail timeout",
	    "the server did not take the octets within 10 s" },
	{ "a body without its dot awaits nothing", "steps:\n- connect:\n"
	    "- body: { text: x, dot: false }\n- write: '.\\r\\n'\n"
	    "  expect: 250\n", { HI, "250 ok\r\n" },
	    "connect / 1 pass / >x$ / 2 pass / >.$ / 3 pass / end pass" },
};

static const struct flow conns[] = {
	{ "two at a time", "steps:\n- connect:\n- connect:\n  on: b\n"
	    "- send: A\n- send: B\n  on: b\n- send: C\n",
	    { HI, "1>220 b\r\n", "250 a\r\n", "1>250 b\r\n", "250 c\r\n" },
	    "connect / 1 pass / connect / 2 pass / >A$ / 3 pass / >B$ / "
	    "4 pass / >C$ / 5 pass / end pass" },
	{ "octets of the other one wait", "steps:\n- connect:\n- connect:\n"
	    "  on: b\n- write: 'A\\r\\n'\n- send: B\n  on: b\n- expect: 250\n",
	    { HI, "1>220 b\r\n", "250 a\r\n", "1>250 b\r\n" },
	    "connect / 1 pass / connect / 2 pass / >A$ / 3 pass / >B$ / "
	    "4 pass / 5 pass / end pass" },
	{ "unread at the other one's end", "steps:\n- connect:\n- connect:\n"
	    "  on: b\n- send: A\n", { HI, "1>220 b\r\n", "1>421 x\r\n",
	    "250 a\r\n" }, "connect / 1 pass / connect / 2 pass / >A$ / "
	    "3 pass / note / end fail noise" },
	{ "close and connect again", "steps:\n- connect:\n- close:\n"
	    "- connect:\n- send: A\n", { HI, HI, "250 a\r\n" },
	    "connect / 1 pass / close / 2 pass / connect / 3 pass / >A$ / "
	    "4 pass / end pass" },
	{ "connect again after the server closed", "steps:\n- connect:\n"
	    "- send: QUIT\n- expect: closed\n- connect:\n",
	    { HI, "221 bye\r\n", "!close", HI }, "connect / 1 pass / >QUIT$ / "
	    "2 pass / 3 pass / connect / 4 pass / end pass" },
	{ "connect again after it said goodbye", "steps:\n- connect:\n"
	    "- send: QUIT\n- connect:\n- send: A\n", { HI, "221 bye\r\n", HI,
	    "250 a\r\n" }, "connect / 1 pass / >QUIT$ / 2 pass / connect / "
	    "3 pass / >A$ / 4 pass / end pass" },
	{ "but not over what it said behind it", "steps:\n- connect:\n"
	    "- send: QUIT\n- connect:\n", { HI, "221 bye\r\n250 x\r\n", HI },
	    "connect / 1 pass / >QUIT$ / 2 pass / 3 fail noise / "
	    "end fail noise" },
	{ "connect under an open name", "steps:\n- connect:\n- connect:\n",
	    { HI }, "connect / 1 pass / 2 error plan / end error plan",
	    "'main' is open already" },
	{ "not open", "steps:\n- send: A\n- connect:\n", { NULL },
	    "1 error plan / 2 not-run / end error plan",
	    "'main' is not open" },
	{ "not open any more", "steps:\n- connect:\n- abort:\n- send: A\n",
	    { HI }, "connect / 1 pass / abort / 2 pass / 3 error plan / "
	    "end error plan" },
	{ "unread octets on close", "steps:\n- connect:\n- write: 'A\\r\\n'\n"
	    "- close:\n", { HI, "@look:250 a\r\n" },
	    "connect / 1 pass / >A$ / 2 pass / close / 3 fail noise / "
	    "end fail noise", "7 octets that no step had awaited" },
	{ "unread octets on abort are lost on purpose", "steps:\n- connect:\n"
	    "- write: 'A\\r\\n'\n- wait: 1s\n- abort:\n",
	    { HI, "@timer:250 a\r\n" }, "connect / 1 pass / >A$ / 2 pass / "
	    "timer 1000 / 3 pass / abort / 4 pass / end pass" },
	{ "unread octets, closed, connected again", "steps:\n- connect:\n"
	    "- wait: 1s\n- connect:\n", { HI, "@timer:250 a\r\n",
	    "@timer:!close" }, "connect / 1 pass / timer 1000 / 2 pass / 3 fail noise / "
	    "end fail noise" },
	{ "half", "steps:\n- connect:\n- close: { half: true }\n"
	    "  expect: closed\n", { HI, "!close" },
	    "connect / 1 pass / half / 2 pass / end pass" },
	{ "nothing comes behind a close", "steps:\n- connect:\n- close:\n"
	    "  expect: closed\n", { HI },
	    "connect / 1 pass / close / 2 error plan / end error plan" },
	{ "tcp awaits nothing", "protocol: tcp\nsteps:\n- connect:\n"
	    "  expect: { text: hi }\n- send: A\n- expect: { text: b }\n",
	    { "hi\r\n", "b\n" },
	    "connect / 1 pass / >A$ / 2 pass / 3 pass / end pass" },
	{ "load does not look", "steps:\n- connect:\n- send: A\n- send: B\n",
	    { HI, "250 a\r\n250 x\r\n", "250 b\r\n" },
	    "connect / 1 pass / >A$ / 2 pass / 3 fail noise / "
	    "end fail noise 250", NULL, .load = true, .split = true },
	{ "cancelled", "steps:\n- connect:\n- send: A\nalways:\n- send: QUIT\n",
	    { HI, "!cancel" },
	    "connect / 1 pass / >A$ / 2 error cancel / 3 not-run / "
	    "end error cancel" },
};

static void
test_writes(void **state)
{
	(void)state;
	FLOWS_RUN(writes);
}

static void
test_conns(void **state)
{
	(void)state;
	FLOWS_RUN(conns);
}

/* A server that never stops: what is kept is bounded, and it fails. */
static void
test_flood(void **state)
{
	static char chunk[64 * KIB + 1];
	struct flow flow = { "flood", "steps:\n- connect:\n- wait: 1s\n"
	    "- send: X\n  expect: { code: closed, text: never }\n",
	    { HI }, "connect / 1 pass / timer 1000 / 2 pass / 3 fail noise / "
	    "end fail noise 250" };
	struct play play = { 0 };

	(void)state;
	for (size_t i = 0; i + 8 < sizeof chunk; i += 8)
		memcpy(chunk + i, "250 ab\r\n", 8);
	memcpy(chunk, "@timer:250 aaaa\r\n", 16);
	for (int i = 1; i < PLAY_ITEMS - 1; i++)
		flow.script[i] = chunk;
	play_run(&play, &flow);
	assert_true(flow_fits(&flow, &play, "whole"));
	play_free(&play);

	flow.yaml = "steps:\n- connect:\n- send: X\n"
	    "  expect: { code: closed, text: never }\n";
	flow.log = "connect / 1 pass / >X$ / 2 fail flaw / end fail flaw";
	flow.say = "more than 1024 KiB came";
	for (int i = 1; i < PLAY_ITEMS - 1; i++)
		flow.script[i] = chunk + 8;
	play = (struct play){ 0 };
	play_run(&play, &flow);
	assert_true(flow_fits(&flow, &play, "whole"));
	play_free(&play);
}

/* Ten thousand steps without a wait in 64 KiB of stack would not fit if one
 * began inside of the other. */
static void
test_no_stack(void **state)
{
	struct buf  yaml = buf_new(4 * MIB);
	struct flow flow = { "many", NULL, { NULL }, NULL };
	struct play play = { 0 };
	struct rlimit limit;

	(void)state;
	(void)buf_add_text(&yaml, "steps:\n- loop:\n    times: 90000\n"
	    "    steps:\n    - wait: 0s\n");
	(void)buf_add_octet(&yaml, '\0');
	flow.yaml = yaml.ptr;
	assert_int_equal(getrlimit(RLIMIT_STACK, &limit), 0);
	limit.rlim_cur = 512 * KIB;
	assert_int_equal(setrlimit(RLIMIT_STACK, &limit), 0);
	play_run(&play, &flow);
	assert_int_equal(play.result, RESULT_PASS);
	play_free(&play);
	buf_clear(&yaml);
	(void)buf_add_text(&yaml, "steps:\n- loop:\n    times: 90000\n"
	    "    steps:\n    - set: { a: x }\n");
	(void)buf_add_octet(&yaml, '\0');
	play = (struct play){ 0 };
	play_run(&play, &flow);
	assert_int_equal(play.result, RESULT_PASS);
	play_free(&play);
	buf_free(&yaml);
}

/* ---- a source that answers later --------------------------------------------- */

struct late {
	struct source source;   /* first */
	struct step   step;
	int           asked;
	bool          ready, stopped, heard;
};

static enum next
late_next(struct source *source, const struct outcome *last,
    const struct step **step, struct fault *fault)
{
	struct late *late = (struct late *)source;

	assert_int_equal(source->now_us, 1000000);
	if (!late->ready) {
		late->asked++;
		return NEXT_LATER;
	}
	late->ready = false;
	if (last != NULL) {
		/* What it says is read here and now. */
		assert_ptr_equal(last->step, &late->step);
		assert_int_equal(last->reply->code, 220);
		assert_memory_equal(last->reply->raw.ptr, HI, 8);
		late->heard = true;
	}
	if (late->asked == 1) {
		*step = &late->step;
		return NEXT_STEP;
	}
	if (late->asked == 2)
		return NEXT_END;
	(void)fault_set(fault, FAULT_SCRIPT, "it broke");
	*step = NULL;
	return NEXT_FAULT;
}

static void
late_stop(struct source *source)
{
	((struct late *)source)->stopped = true;
}

static void
late_close(struct source *source)
{
	(void)source;
}

static void
no_event(struct bus *bus, const struct event *event)
{
	(void)bus, (void)event;
}

static void
late_over(void *who, struct session *session, const struct session_end *end)
{
	struct session_end *out = who;

	(void)session;
	*out = *end;
}

struct rig {
	struct bus   bus;
	struct shard shard;
	struct vars  vars;
	struct span  conn;
	struct scenario scenario;
	struct late  late;
	struct endpoint to;             /* connect's arguments: it is first, */
	char            more[1024];     /* and the others are 0 */
	struct session *session;
	struct session_end end;
};

static void
rig_make(struct rig *rig)
{
	*rig = (struct rig){ .bus = { .emit = no_event },
	    .conn = SPAN("main"), .late = { .source = { .next = late_next,
	    .stop = late_stop, .close = late_close } } };
	rig->shard = (struct shard){ .bus = &rig->bus,
	    .out = buf_new(KIB) };
	rig->scenario = (struct scenario){ .proto = proto_find(SPAN("smtp")),
	    .conns = &rig->conn, .conn_count = 1, .timeout_ms = 10000,
	    .limit_ms = 300000, .slot_count = SLOT_OWN };
	rig->late.step = (struct step){ .number = 1 };
	vars_init(&rig->vars, SLOT_OWN, 1, SPAN("x"));
	rig->session = session_new(&rig->shard, &rig->scenario,
	    &rig->late.source, &rig->vars, 1, 1, late_over, &rig->end);
}

static struct want
rig_tell(struct rig *rig, struct input input)
{
	struct actor *actor = session_actor(rig->session);

	input.at_us = 1000000;
	return actor->input(actor, &input);
}

static void
rig_free(struct rig *rig)
{
	struct actor *actor = session_actor(rig->session);

	actor->gone(actor);
	session_free(rig->session);
	vars_free(&rig->vars);
	buf_free(&rig->shard.out);
}

static void
test_later(void **state)
{
	struct rig  rig;
	struct want want;
	struct facts facts = { .peer = "x" };

	(void)state;
	rig_make(&rig);
	rig.late.step.verb = verb_find(SPAN("connect"));
	rig.late.step.args = &rig.to;
	want = rig_tell(&rig, (struct input){ .kind = INPUT_START });
	assert_int_equal(want.kind, WANT_STEP);
	assert_int_equal(want.due_us, 1000000 + 300000 * 1000ULL);
	rig.late.ready = true;
	want = rig_tell(&rig, (struct input){ .kind = INPUT_STEP });
	assert_int_equal(want.kind, WANT_CONNECT);
	want = rig_tell(&rig, (struct input){ .kind = INPUT_DONE,
	    .facts = &facts });
	assert_int_equal(want.kind, WANT_REPLY);
	rig.late.asked = 2;
	rig.late.ready = true;
	want = rig_tell(&rig, (struct input){ .kind = INPUT_BYTES,
	    .bytes = SPAN(HI) });
	assert_int_equal(want.kind, WANT_OVER);
	assert_true(rig.late.heard);
	rig_free(&rig);
	assert_int_equal(rig.end.result, RESULT_PASS);
}

static void
test_later_ends(void **state)
{
	static const uint8_t kinds[] = { INPUT_TIMEOUT, INPUT_CANCEL };
	struct rig  rig;
	struct want want;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		rig_make(&rig);
		want = rig_tell(&rig, (struct input){ .kind = INPUT_START });
		assert_int_equal(want.kind, WANT_STEP);
		want = rig_tell(&rig, (struct input){ .kind = kinds[i] });
		assert_int_equal(want.kind, WANT_OVER);
		rig_free(&rig);
		assert_int_equal(rig.end.result, RESULT_ERROR);
		assert_int_equal(rig.end.cause, i == 0 ? CAUSE_LIMIT :
		    CAUSE_CANCEL);
	}
	rig_make(&rig);
	rig.late.ready = true;
	rig.late.asked = 3;
	want = rig_tell(&rig, (struct input){ .kind = INPUT_START });
	assert_int_equal(want.kind, WANT_OVER);
	rig_free(&rig);
	assert_int_equal(rig.end.result, RESULT_ERROR);
	assert_int_equal(rig.end.cause, CAUSE_SOURCE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_conns),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_later_ends),
		cmocka_unit_test(test_no_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
