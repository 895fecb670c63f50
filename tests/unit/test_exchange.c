/* WANT_SASL in the loop, with an engine of our own: what begins, what goes on,
 * what a thread computes, and who wipes it. */
#include "fake_actor.h"

#include "base/mem.h"
#include "model/sasl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct sasl { bool proves; };

enum { SLOW_MS = 400 };
static _Atomic int begun, ended;
static char asked[256];

static struct sasl *
client(const struct sasl_ask *ask, struct fault *fault)
{
	struct sasl *sasl;

	(void)snprintf(asked, sizeof asked, "%.*s %u %zu", SPAN_ARG(ask->host),
	    ask->port > 0, ask->bound.len);
	if (span_is(ask->user, "nobody")) {
		(void)fault_set(fault, FAULT_SCENARIO, "nobody is no user");
		return NULL;
	}
	sasl = mem_alloc(sizeof *sasl);
	sasl->proves = !span_is(ask->user, "liar");
	begun++;
	return sasl;
}

static bool
slow(const struct sasl *sasl, struct span in)
{
	(void)sasl;
	return span_is(in, "slow");
}

static enum sasl_step
step(struct sasl *sasl, struct span in, struct buf *out, struct fault *fault)
{
	(void)sasl;
	if (in.ptr == NULL)
		return SASL_STEP_SILENT;
	if (span_is(in, "slow"))
		(void)usleep(SLOW_MS * 1000);
	if (span_is(in, "bad")) {
		(void)fault_set(fault, FAULT_SASL, "that is bad");
		return SASL_STEP_FAILED;
	}
	(void)buf_addf(out, "to %.*s", SPAN_ARG(in));
	return SASL_STEP_SEND;
}

static bool
proven(const struct sasl *sasl, struct fault *fault)
{
	return sasl->proves || fault_set(fault, FAULT_SASL, "no proof");
}

static void
end(struct sasl *sasl)
{
	if (sasl != NULL)
		ended++;
	mem_free(sasl);
}

static const struct sasl_engine engine = { .client = client, .slow = slow,
	.step = step, .proven = proven, .end = end };

static const struct sasl_mechanism plain = { "PLAIN", "", 0 },
    plus = { "SCRAM-PLUS", "", SASL_BINDING };
static const struct sasl_ask alice = { .mechanism = &plain,
	.user = { "alice", 5 } }, nobody = { .mechanism = &plain,
	.user = { "nobody", 6 } }, liar = { .mechanism = &plain,
	.user = { "liar", 4 } }, bound = { .mechanism = &plus };

enum { ROWS = 8 };
struct play {
	const char *name;
	struct row  rows[ROWS];         /* behind the connect */
	const char *log, *fault;
};

#define BEGIN(ask) WANT_SASL, .sasl = &(ask), .due_ms = 5000
#define CHALLENGE(text) WANT_SASL, .bytes = text, .due_ms = 5000
#define PROOF WANT_SASL, .due_ms = 5000

static const struct play plays[] = {
	{ "an exchange", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, CHALLENGE("one") }, { INPUT_DONE, CHALLENGE("") },
	    { INPUT_DONE, PROOF }, { INPUT_DONE, WANT_OVER } },
	    "START DONE DONE DONE:to one DONE:to  DONE", NULL },
	{ "one behind the other", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, BEGIN(alice) }, { INPUT_DONE, CHALLENGE("one") },
	    { INPUT_DONE, WANT_OVER } },
	    "START DONE DONE DONE DONE:to one", NULL },
	{ "a bad challenge", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, CHALLENGE("bad") }, { INPUT_FAILED, WANT_OVER } },
	    "START DONE DONE FAILED", "that is bad" },
	{ "and it is over", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, CHALLENGE("bad") },
	    { INPUT_FAILED, CHALLENGE("one") }, { INPUT_FAILED, WANT_OVER } },
	    "START DONE DONE FAILED FAILED", "no SASL exchange" },
	{ "no proof", { { INPUT_DONE, BEGIN(liar) }, { INPUT_DONE, PROOF },
	    { INPUT_FAILED, WANT_OVER } }, "START DONE DONE FAILED",
	    "no proof" },
	{ "it cannot begin", { { INPUT_DONE, BEGIN(nobody) },
	    { INPUT_FAILED, WANT_OVER } }, "START DONE FAILED",
	    "nobody is no user" },
	{ "nothing to bind to", { { INPUT_DONE, BEGIN(bound) },
	    { INPUT_FAILED, WANT_OVER } }, "START DONE FAILED",
	    "this one is in the clear" },
	{ "none under way", { { INPUT_DONE, CHALLENGE("one") },
	    { INPUT_FAILED, WANT_OVER } }, "START DONE FAILED",
	    "no SASL exchange" },
	{ "gone with its connection", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, WANT_CLOSE }, { INPUT_DONE, CHALLENGE("one") },
	    { INPUT_FAILED, WANT_OVER } }, "START DONE DONE DONE FAILED",
	    "there is no connection" },
	{ "spent", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, WANT_LOOK, .spent = true },
	    { INPUT_DONE, CHALLENGE("one") }, { INPUT_FAILED, WANT_OVER } },
	    "START DONE DONE DONE FAILED", "no SASL exchange" },
	{ "spent while it computes", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, WANT_SASL, .bytes = "slow", .due_ms = 100 },
	    { INPUT_TIMEOUT, BEGIN(alice), .spent = true },
	    { INPUT_DONE, CHALLENGE("one") }, { INPUT_DONE, WANT_OVER } },
	    "START DONE DONE TIMEOUT DONE DONE:to one", NULL },
	{ "slow", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, CHALLENGE("slow") }, { INPUT_DONE, PROOF },
	    { INPUT_DONE, WANT_OVER } },
	    "START DONE DONE DONE:to slow DONE", NULL },
	{ "too slow", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, WANT_SASL, .bytes = "slow", .due_ms = 100 },
	    { INPUT_TIMEOUT, BEGIN(alice) },
	    { INPUT_DONE, CHALLENGE("one") }, { INPUT_DONE, WANT_OVER } },
	    "START DONE DONE TIMEOUT DONE DONE:to one", NULL },
	{ "given up", { { INPUT_DONE, BEGIN(alice) },
	    { INPUT_DONE, WANT_SASL, .bytes = "slow", .due_ms = 100 },
	    { INPUT_TIMEOUT, WANT_OVER } }, "START DONE DONE TIMEOUT", NULL },
};

static void
all_ended(const char *name)
{
	for (int i = 0; i < 200 && ended < begun; i++)
		(void)usleep(20000);
	if (ended != begun)
		(void)fprintf(stderr, "%s\n", name);
	assert_int_equal(ended, begun);
}

static size_t
rows_make(const struct play *play, const struct peer *peer,
    struct row rows[ROWS + 1])
{
	size_t count = 1;

	rows[0] = (struct row){ INPUT_START, WANT_CONNECT, .to = &peer->to };
	for (size_t i = 0; i < ROWS && play->rows[i].want != 0; i++)
		rows[count++] = play->rows[i];
	return count;
}

static void
test_plays(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof plays / sizeof *plays; i++) {
		const struct play *play = &plays[i];
		struct loop *loop = loop_make();
		struct row   rows[ROWS + 1];
		struct peer  peer;
		struct fake  fake;

		loop_sasl(loop, &engine);
		assert_true(peer_start(&peer, "127.0.0.1", until_end));
		fake_init(&fake, loop, rows, rows_make(play, &peer, rows));
		fake_run(&fake);
		assert_true(buf_add_octet(&fake.log, '\0'));
		if (strcmp(fake.log.ptr, play->log) != 0)
			(void)fprintf(stderr, "%s: %s\n", play->name,
			    fake.log.ptr);
		assert_string_equal(fake.log.ptr, play->log);
		if (play->fault != NULL)
			assert_non_null(strstr(fake.fault.text, play->fault));
		fake_free(&fake);
		/* A thread may still be at it. */
		loop_free(loop);
		peer_join(&peer);
		all_ended(play->name);
	}
	assert_string_equal(asked, "127.0.0.1 1 0");
}

/* Nobody waits for what one session computes. */
static void
test_others_go_on(void **state)
{
	struct loop *loop = loop_make();
	struct stage *stage = loop_stage(loop);
	struct fake  fake, timer;
	struct peer  peer;

	(void)state;
	loop_sasl(loop, &engine);
	assert_true(peer_start(&peer, "127.0.0.1", until_end));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, BEGIN(alice) },
		{ INPUT_DONE, CHALLENGE("slow") },
		{ INPUT_DONE, WANT_OVER },
	};
	const struct row timer_rows[] = {
		{ INPUT_START, WANT_TIMER, .due_ms = 50 },
		{ INPUT_DONE, WANT_TIMER, .due_ms = 50 },
		{ INPUT_DONE, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	FAKE(&timer, loop, timer_rows);
	stage->host(stage, &timer.actor);
	fake_run(&fake);
	assert_true(timer.gone);
	assert_true(timer.last_us + 150000 < fake.last_us);
	fake_free(&fake);
	fake_free(&timer);
	loop_free(loop);
	peer_join(&peer);
	all_ended("others");
}

static void
test_no_engine(void **state)
{
	struct loop *loop = loop_make();
	struct fake  fake;
	struct peer  peer;

	(void)state;
	assert_true(peer_start(&peer, "127.0.0.1", until_end));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, BEGIN(alice) },
		{ INPUT_FAILED, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_non_null(strstr(fake.fault.text, "nobody computes"));
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plays),
		cmocka_unit_test(test_others_go_on),
		cmocka_unit_test(test_no_engine),
	};

	return cmocka_run_group_tests(tests, warm_up, NULL);
}
