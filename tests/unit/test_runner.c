/*
 * The runner on a stage without sockets: order, jobs, locks, attempts, stops,
 * xfail, and that everything is freed.
 */
#include "check.h"

#include "base/limits.h"
#include "base/mem.h"
#include "model/verb.h"
#include "run/runner.h"

/* ---- scenarios: what each attempt ends with --------------------------------- */

enum { MANY = 12, CALLS = 64 };

struct act {                    /* an attempt: what the server answers */
	const char *reply;      /* NULL: refused; "": nothing, ever */
};

struct part {
	struct scenario scenario;
	struct act      acts[4];        /* the last one stays */
	struct retry    retry;
	struct accept   code;
	const char     *lock;
	struct span     locks[1];
	bool            broken;         /* open() fails */
};

static const struct part *parts_now;

struct steps {
	struct source source;   /* first */
	struct step   list[2];
	int           at;
	bool          stopped;
};

static struct {
	struct endpoint to;             /* connect's arguments: it is first, */
	char            more[1024];     /* and the others are 0 */
} nowhere;
static int sources;

static enum next
steps_next(struct source *source, const struct outcome *last,
    const struct step **step, struct fault *fault)
{
	struct steps *steps = (struct steps *)source;

	(void)last, (void)fault;
	if (steps->at == 1)
		return NEXT_END;
	*step = &steps->list[steps->at++];
	return steps->stopped ? NEXT_NOT_RUN : NEXT_STEP;
}

static void
steps_stop(struct source *source)
{
	((struct steps *)source)->stopped = true;
}

static void
steps_close(struct source *source)
{
	sources--;
	mem_free(source);
}

static bool
steps_open(const struct scenario *scenario, struct vars *vars,
    struct source **source, struct fault *fault)
{
	const struct part *part = scenario->program;
	struct steps *steps;

	(void)vars;
	if (part->broken)
		return fault_set(fault, FAULT_SCENARIO, "it does not open");
	steps = mem_alloc(sizeof *steps);
	sources++;
	steps->source = (struct source){ .next = steps_next,
	    .stop = steps_stop, .close = steps_close };
	steps->list[0] = (struct step){ .number = 1,
	    .verb = verb_find(SPAN("connect")), .args = &nowhere };
	*source = &steps->source;
	return true;
}

/* ---- the stage --------------------------------------------------------------- */

struct seated {
	struct actor *actor;
	uint32_t      number;
	bool          cancelled;
};

struct call { uint64_t at_us; void (*call)(void *); void *who; };

struct theatre {
	struct stage  stage;    /* first */
	uint64_t      now_us;
	struct seated seats[MANY];
	uint32_t      seated, most;
	struct call   calls[CALLS];
	uint32_t      call_count;
	struct runner *runner;
	struct buf    log;
	bool          done;
	uint32_t      begun;    /* scenarios, by the bus */
	uint32_t      attempts[MANY + 1];
	struct bus    bus;
};

static struct theatre *theatre;

static void
host(struct stage *stage, struct actor *actor)
{
	struct theatre *t = (struct theatre *)stage;

	assert_true(t->seated < MANY);
	t->seats[t->seated++] = (struct seated){ .actor = actor };
	if (t->seated > t->most)
		t->most = t->seated;
}

static void
cancel(struct stage *stage, struct actor *actor)
{
	struct theatre *t = (struct theatre *)stage;

	for (uint32_t i = 0; i < t->seated; i++)
		if (t->seats[i].actor == actor)
			t->seats[i].cancelled = true;
}

static void
after(struct stage *stage, uint32_t ms, void (*call)(void *), void *who)
{
	struct theatre *t = (struct theatre *)stage;

	assert_true(t->call_count < CALLS);
	t->calls[t->call_count++] = (struct call){
	    t->now_us + (uint64_t)ms * 1000, call, who };
}

static uint64_t
now_us(struct stage *stage)
{
	return ((struct theatre *)stage)->now_us;
}

static void
emit(struct bus *bus, const struct event *event)
{
	(void)bus;
	if (event->kind != EVENT_SCENARIO_BEGIN)
		return;
	theatre->attempts[event->session] = event->attempt;
	(void)buf_addf(&theatre->log, "+%u ", (unsigned)event->session);
}

/* A whole attempt of the actor that sits there. */
static void
perform(struct theatre *t, uint32_t place)
{
	struct seated seated = t->seats[place];
	struct actor *actor = seated.actor;
	struct input  input = { .kind = INPUT_START, .at_us = t->now_us };
	struct facts  facts = { .peer = "x" };
	struct fault  fault;
	uint32_t      number = 0, attempt;
	struct want   want;
	const char   *reply;

	memset(t->attempts, 0, sizeof t->attempts);
	(void)fault_set(&fault, FAULT_CONNECT, "refused");
	if (seated.cancelled)
		input.kind = INPUT_CANCEL;
	want = actor->input(actor, &input);
	for (uint32_t i = 1; i <= MANY; i++)
		if (t->attempts[i] > 0)
			number = i;
	attempt = t->attempts[number];
	reply = parts_now[number - 1].acts[attempt < 4 ? attempt - 1 : 3].reply;
	if (want.kind == WANT_CONNECT) {
		input = reply == NULL ? (struct input){ .kind = INPUT_FAILED,
		    .fault = &fault } : (struct input){ .kind = INPUT_DONE,
		    .facts = &facts };
		input.at_us = t->now_us;
		want = actor->input(actor, &input);
	}
	if (want.kind == WANT_REPLY) {
		input = reply[0] == '\0' ? (struct input){
		    .kind = INPUT_TIMEOUT } : (struct input){
		    .kind = INPUT_BYTES, .bytes = span_of(reply) };
		input.at_us = reply[0] == '\0' ? want.due_us : t->now_us;
		want = actor->input(actor, &input);
	}
	assert_int_equal(want.kind, WANT_OVER);
	t->seats[place] = t->seats[--t->seated];
	actor->gone(actor);
}

static bool
call_next(struct theatre *t)
{
	uint32_t    first = 0;
	struct call call;

	if (t->call_count == 0)
		return false;
	for (uint32_t i = 1; i < t->call_count; i++)
		if (t->calls[i].at_us < t->calls[first].at_us)
			first = i;
	call = t->calls[first];
	t->calls[first] = t->calls[--t->call_count];
	if (call.at_us > t->now_us)
		t->now_us = call.at_us;
	call.call(call.who);
	return true;
}

static void
ended(void *who, const struct task_end *end)
{
	struct theatre *t = who;

	(void)buf_addf(&t->log, "-%u:%s%s", (unsigned)end->number,
	    end->xfail ? "x" : "", result_names[end->result]);
	if (end->attempts > 1)
		(void)buf_addf(&t->log, "*%u", (unsigned)end->attempts);
	if (end->result == RESULT_ERROR)
		(void)buf_addf(&t->log, "/%s", cause_names[end->cause]);
	(void)buf_add_octet(&t->log, ' ');
}

static void
done(void *who)
{
	struct theatre *t = who;

	assert_false(t->done);
	t->done = true;
}

struct drama {
	const char *name;
	struct part parts[6];
	uint32_t    jobs, timeout_ms;
	bool        fail_fast;
	int         stop_at;            /* after so many turns; 0: never */
	const char *log;
	uint32_t    most;
};

#define OK { { "220 x\r\n" } }
#define NO { { "554 x\r\n" } }

static const struct drama dramas[] = {
	{ "in order, one at a time", { { .acts = OK }, { .acts = NO },
	    { .acts = OK } }, 1, .log = "+1 -1:pass +2 -2:fail +3 -3:pass ",
	    .most = 1 },
	{ "as many as allowed", { { .acts = OK }, { .acts = OK },
	    { .acts = OK } }, 2, .log = "+1 -1:pass +2 -2:pass +3 -3:pass ",
	    .most = 2 },
	{ "skipped ones take no place", { { .scenario = { .skip =
	    { "why", 3 } } }, { .acts = OK } }, 1,
	    .log = "-1:skip +2 -2:pass ", .most = 1 },
	{ "a lock keeps apart, others pass by", { { .acts = OK, .lock = "a" },
	    { .acts = OK, .lock = "a" }, { .acts = OK, .lock = "b" } }, 3,
	    .log = "+1 -1:pass +3 -3:pass +2 -2:pass ", .most = 2 },
	{ "it does not open", { { .broken = true }, { .acts = OK } }, 1,
	    .log = "-1:error/source +2 -2:pass ", .most = 1 },
	{ "retry by code", { { .acts = { { "450 x\r\n" }, { "450 x\r\n" },
	    { "220 x\r\n" } }, .retry = { .times = 5, .every_ms = 1000,
	    .code_count = 1 } } }, 1, .log = "+1 +1 +1 -1:pass*3 ",
	    .most = 1 },
	{ "retry gives up", { { .acts = { { "450 x\r\n" }, { "450 x\r\n" },
	    { "450 x\r\n" } }, .retry = { .times = 2, .every_ms = 1000,
	    .code_count = 1 } } }, 1, .log = "+1 +1 +1 -1:fail*3 ",
	    .most = 1 },
	{ "no retry of another code", { { .acts = NO, .retry = { .times = 2,
	    .code_count = 1 } } }, 1, .log = "+1 -1:fail ", .most = 1 },
	{ "retry by cause", { { .acts = { { NULL }, { "" }, { "220 x\r\n" } },
	    .retry = { .times = 5, .every_ms = 1000, .causes =
	    1U << CAUSE_CONNECT | 1U << CAUSE_TIMEOUT } } }, 1,
	    .log = "+1 +1 +1 -1:pass*3 ", .most = 1 },
	{ "no retry of another cause", { { .acts = { { NULL } }, .retry =
	    { .times = 5, .causes = 1U << CAUSE_TIMEOUT } } }, 1,
	    .log = "+1 -1:error/connect ", .most = 1 },
	{ "one that waits keeps its lock", { { .acts = { { "450 x\r\n" },
	    { "220 x\r\n" } }, .lock = "a", .retry = { .times = 5,
	    .every_ms = 1000, .code_count = 1 } }, { .acts = OK, .lock = "a" }
	    }, 2, .log = "+1 +1 -1:pass*2 +2 -2:pass ", .most = 1 },
	{ "xfail", { { .acts = NO, .scenario = { .xfail = { "bug", 3 } } },
	    { .acts = OK, .scenario = { .xfail = { "bug", 3 } } },
	    { .acts = { { NULL } }, .scenario = { .xfail = { "bug", 3 } } },
	    { .acts = NO, .scenario = { .xfail = { "bug", 3 },
	    .xfail_expired = true } }, { .acts = OK, .scenario = { .xfail =
	    { "bug", 3 }, .xfail_expired = true } } }, 1,
	    .log = "+1 -1:xpass +2 -2:fail +3 -3:error/connect +4 -4:fail +5 "
	    "-5:fail ", .most = 1 },
	{ "fail fast", { { .acts = NO }, { .acts = OK }, { .acts = OK } }, 1,
	    .fail_fast = true, .log = "+1 -1:fail ", .most = 1 },
	{ "fail fast while one waits to retry", { { .acts = {
	    { "450 x\r\n" }, { "220 x\r\n" } }, .retry = { .times = 5,
	    .every_ms = 1000, .code_count = 1 } }, { .acts = NO },
	    { .acts = OK } }, 2, .fail_fast = true,
	    .log = "+1 +2 -2:fail +1 -1:pass*2 ", .most = 2 },
	{ "stopped before anything came", { { .acts = OK }, { .acts = OK },
	    { .acts = OK } }, 2, .stop_at = 1,
	    .log = "+1 -1:error/cancel +2 -2:error/cancel ", .most = 2 },
	{ "stopped while one waits to retry", { { .acts = { { "450 x\r\n" } },
	    .retry = { .times = 5, .every_ms = 100000, .code_count = 1 } },
	    { .acts = OK } }, 1, .stop_at = 2, .log = "+1 -1:fail ",
	    .most = 1 },
	{ "out of time", { { .acts = { { "450 x\r\n" } }, .retry =
	    { .times = 5, .every_ms = 100000, .code_count = 1 } },
	    { .acts = OK } }, 1, .timeout_ms = 1000, .log = "+1 -1:fail ",
	    .most = 1 },
};

static uint32_t
parts_make(struct part *parts, const struct scenario **list)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < 6; i++) {
		struct part *p = &parts[i];

		if (p->acts[0].reply == NULL && p->retry.times == 0 &&
		    p->scenario.skip.ptr == NULL &&
		    p->scenario.xfail.ptr == NULL && !p->broken)
			break;
		for (int a = 1; a < 4; a++)
			if (p->acts[a].reply == NULL)
				p->acts[a] = p->acts[a - 1];
		p->code = (struct accept){ .kind = ACCEPT_CODES, .low = 400,
		    .high = 499 };
		p->retry.codes = &p->code;
		p->scenario.proto = proto_find(SPAN("smtp"));
		p->scenario.conns = &p->scenario.title;
		p->scenario.conn_count = 1;
		p->scenario.timeout_ms = 1000;
		p->scenario.limit_ms = 10000;
		p->scenario.slot_count = SLOT_OWN;
		p->scenario.retry = p->retry.times > 0 ? &p->retry : NULL;
		p->scenario.open = steps_open;
		p->scenario.program = p;
		if (p->lock != NULL) {
			p->locks[0] = span_of(p->lock);
			p->scenario.locks = p->locks;
			p->scenario.lock_count = 1;
		}
		list[count++] = &p->scenario;
	}
	return count;
}

static void
act_out(struct theatre *t, const struct drama *drama)
{
	for (int turn = 1; !t->done; turn++) {
		assert_true(turn < 1000);
		if (turn == drama->stop_at) {
			runner_stop(t->runner, "interrupted");
			runner_stop(t->runner, "interrupted again");
			assert_string_equal(runner_stopped(t->runner),
			    "interrupted");
		}
		if (t->seated > 0)
			perform(t, 0);
		else
			assert_true(call_next(t));
	}
}

static void
drama_run(const struct drama *drama)
{
	struct theatre t = { .stage = { .host = host, .cancel = cancel,
	    .after = after, .now_us = now_us }, .now_us = 1000000,
	    .bus = { .wants = UINT32_MAX, .emit = emit }, .log = buf_new(KIB) };
	struct shard shard = { .bus = &t.bus, .out = buf_new(KIB) };
	const struct scenario *list[6];
	struct part parts[6];
	struct runner_options options = { .stage = &t.stage, .shard = &shard,
	    .scenarios = list, .jobs = drama->jobs,
	    .timeout_ms = drama->timeout_ms, .fail_fast = drama->fail_fast,
	    .ended = ended, .done = done, .who = &t };

	theatre = &t;
	memcpy(parts, drama->parts, sizeof parts);
	parts_now = parts;
	options.count = parts_make(parts, list);
	t.runner = runner_new(&options);
	runner_start(t.runner);
	act_out(&t, drama);
	(void)buf_add_octet(&t.log, '\0');
	if (strcmp(t.log.ptr, drama->log) != 0)
		fail_msg("%s\n  want %s\n  got  %s", drama->name, drama->log,
		    t.log.ptr);
	assert_int_equal(t.most, drama->most);
	assert_int_equal(sources, 0);
	/* Calls that come late find nothing to do. */
	while (call_next(&t))
		continue;
	runner_free(t.runner);
	buf_free(&t.log);
	buf_free(&shard.out);
}

static void
test_dramas(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dramas / sizeof *dramas; i++)
		drama_run(&dramas[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dramas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
