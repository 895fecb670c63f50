/* Tasks: one for each scenario that runs now, with all its attempts. */
#include "run/runner.h"

#include "base/mem.h"

enum { SEARCH_MAX = 1000 };     /* scenarios behind the first that waits */

/* How an attempt ended that is followed by another. */
struct lapse {
	enum result  result;
	enum cause   cause;
	struct fault why;
};

struct task {
	struct task           *next;
	struct runner         *runner;
	const struct scenario *scenario;
	struct session        *session;         /* NULL between attempts */
	struct source         *source;
	struct vars            vars;
	uint32_t               number;
	uint16_t               attempt;
	bool                   over;            /* while it waited to retry */
	struct lapse          *lapse;           /* the attempt before; or NULL */
};

struct runner {
	struct runner_options  options;
	struct task           *running;
	struct task           *over;            /* a call of theirs may come */
	uint8_t               *begun;           /* by number - 1 */
	uint32_t               next, running_count;
	const char            *stopped;
	bool                   done, starting;
};

struct runner *
runner_new(const struct runner_options *options)
{
	struct runner *runner = mem_alloc(sizeof *runner);

	runner->options = *options;
	runner->begun = mem_alloc(options->count);
	return runner;
}

void
runner_free(struct runner *runner)
{
	while (runner->over != NULL) {
		struct task *next = runner->over->next;

		mem_free(runner->over);
		runner->over = next;
	}
	mem_free(runner->begun);
	mem_free(runner);
}

const char *
runner_stopped(const struct runner *runner)
{
	return runner->stopped;
}

size_t
runner_names(const struct runner *runner, struct span *names, size_t max)
{
	size_t count = 0;

	for (const struct task *t = runner->running; t != NULL && count < max;
	    t = t->next)
		names[count++] = t->scenario->title;
	return count;
}

static bool
shares_lock(const struct scenario *a, const struct scenario *b)
{
	for (uint32_t i = 0; i < a->lock_count; i++)
		for (uint32_t j = 0; j < b->lock_count; j++)
			if (span_eq(a->locks[i], b->locks[j]))
				return true;
	return false;
}

static bool
blocked(const struct runner *runner, const struct scenario *scenario)
{
	for (const struct task *t = runner->running;
	    scenario->lock_count > 0 && t != NULL; t = t->next)
		if (shares_lock(scenario, t->scenario))
			return true;
	return false;
}

/* A task that waits to run again cannot take its call back: it stays until
 * the runner goes. */
static void
task_free(struct task *task, bool waiting)
{
	struct runner *runner = task->runner;
	struct task  **link = &runner->running;

	while (*link != task)
		link = &(*link)->next;
	*link = task->next;
	runner->running_count--;
	vars_free(&task->vars);
	mem_free(task->lapse);
	if (!waiting) {
		mem_free(task);
		return;
	}
	task->over = true;
	task->next = runner->over;
	runner->over = task;
}

static void
report(struct task *task, enum result result, enum cause cause,
    struct span reason)
{
	struct runner  *runner = task->runner;
	const struct scenario *scenario = task->scenario;
	struct task_end end = { .number = task->number, .scenario = scenario,
	    .result = result, .cause = cause, .attempts = task->attempt,
	    .reason = reason, .at_us = runner->options.stage->now_us(
	    runner->options.stage) };
	bool expected = scenario->xfail.ptr != NULL;

	/* What could not be judged has not failed as expected. */
	if (expected && result == RESULT_FAIL && !scenario->xfail_expired) {
		end.result = RESULT_PASS;
		end.xfail = true;
		end.reason = scenario->xfail;
	} else if (expected && result < RESULT_NOT_RUN) {
		end.result = RESULT_FAIL;
		end.cause = CAUSE_MATCH;
		end.reason = SPAN("passed, but xfail says it should fail");
	} else if (expected && result == RESULT_FAIL && reason.len == 0) {
		end.reason = SPAN("failed, and its xfail has expired");
	}
	if (end.result >= RESULT_FAIL && runner->options.fail_fast &&
	    runner->stopped == NULL)
		runner->stopped = "--fail-fast: another scenario failed";
	runner->options.ended(runner->options.who, &end);
}

static void fill(struct runner *runner);

static void
task_over(struct task *task, enum result result, enum cause cause,
    struct span reason)
{
	struct runner *runner = task->runner;

	report(task, result, cause, reason);
	task_free(task, false);
	fill(runner);
}

/* It waits for its next attempt, and there will be none: the one before
 * counts. */
static void
task_give_up(struct task *task)
{
	report(task, task->lapse->result, task->lapse->cause,
	    span_of(task->lapse->why.text));
	task_free(task, true);
}

static bool
again(const struct task *task, const struct session_end *end)
{
	const struct retry *retry = task->scenario->retry;

	if (retry == NULL || end->result < RESULT_FAIL ||
	    task->attempt > retry->times || task->runner->stopped != NULL)
		return false;
	return (retry->causes & 1U << end->cause) != 0 || (end->code >= 0 &&
	    accept_code(retry->codes, retry->code_count, end->code));
}

static bool task_begin(struct task *task);

static void
task_again(void *who)
{
	struct task *task = who;

	if (!task->over)
		(void)task_begin(task);
}

/* A source that said LATER is ready. */
static void
task_wake(void *who)
{
	struct task  *task = who;
	struct stage *stage = task->runner->options.stage;

	if (task->session != NULL)
		stage->wake(stage, session_actor(task->session));
}

static void
session_over(void *who, struct session *session,
    const struct session_end *end)
{
	struct task        *task = who;
	struct session_end  kept = *end;
	struct fault        fault = { .text = "" };
	struct stage       *stage = task->runner->options.stage;

	if (end->fault != NULL)
		fault = *end->fault;
	session_free(session);
	task->session = NULL;
	task->source->close(task->source);
	task->source = NULL;
	if (again(task, &kept)) {
		if (task->lapse == NULL)
			task->lapse = mem_alloc(sizeof *task->lapse);
		*task->lapse = (struct lapse){ kept.result, kept.cause,
		    fault };
		stage->after(stage, task->scenario->retry->every_ms,
		    task_again, task);
		return;
	}
	task_over(task, kept.result, kept.cause, kept.result == RESULT_PASS ?
	    (struct span){ "", 0 } : span_of(fault.text));
}

/* False: the task is over already. */
static bool
task_begin(struct task *task)
{
	const struct runner_options *options = &task->runner->options;
	const struct scenario *scenario = task->scenario;
	struct fault fault;

	task->attempt++;
	if (scenario->mentions & 1U << SLOT_ATTEMPT) {
		char number[8];
		int  len = 0;

		for (uint32_t n = task->attempt, unit = 10000; unit > 0;
		    unit /= 10)
			if (n >= unit || unit == 1 || len > 0)
				number[len++] = (char)('0' + n / unit % 10);
		(void)vars_set(&task->vars, SLOT_ATTEMPT,
		    (struct span){ number, (size_t)len });
	}
	if (!scenario->open(scenario, &task->vars, &task->source, &fault)) {
		task_over(task, RESULT_ERROR, CAUSE_SOURCE,
		    span_of(fault.text));
		return false;
	}
	task->source->wake = task_wake;
	task->source->who = task;
	task->session = session_new(options->shard, scenario, task->source,
	    &task->vars, task->number, task->attempt, session_over, task);
	options->stage->host(options->stage, session_actor(task->session));
	return true;
}

static void
task_start(struct runner *runner, uint32_t index)
{
	struct task *task = mem_alloc(sizeof *task);

	task->runner = runner;
	task->scenario = runner->options.scenarios[index];
	task->number = index + 1;
	vars_init(&task->vars, task->scenario->slot_count,
	    runner->options.seed, task->scenario->id);
	task->next = runner->running;
	runner->running = task;
	runner->running_count++;
	runner->begun[index] = 1;
	if (task->scenario->skip.ptr != NULL)
		task_over(task, RESULT_SKIP, CAUSE_NONE, task->scenario->skip);
	else
		(void)task_begin(task);
}

/* The first that has not begun and is not kept apart from what runs. Where
 * very many wait for one lock, those far behind them wait as well: a search of
 * all of them at every end would be quadratic. */
static bool
startable(struct runner *runner, uint32_t *index)
{
	uint32_t count = runner->options.count;

	while (runner->next < count && runner->begun[runner->next])
		runner->next++;
	if (count - runner->next > SEARCH_MAX + runner->options.jobs)
		count = runner->next + SEARCH_MAX + runner->options.jobs;
	for (uint32_t i = runner->next; i < count; i++)
		if (!runner->begun[i] && !blocked(runner,
		    runner->options.scenarios[i])) {
			*index = i;
			return true;
		}
	return false;
}

static void
finished(void *who)
{
	struct runner *runner = who;

	runner->options.done(runner->options.who);
}

/* Starts as many as may run. A task that is over at once comes back here; the
 * loop goes on, so that ten thousand skips cost no stack. */
static void
fill(struct runner *runner)
{
	uint32_t index;

	if (runner->starting)
		return;
	runner->starting = true;
	while (runner->stopped == NULL &&
	    runner->running_count < runner->options.jobs &&
	    startable(runner, &index))
		task_start(runner, index);
	runner->starting = false;
	if (runner->running_count > 0 || runner->done)
		return;
	runner->done = true;
	runner->options.stage->after(runner->options.stage, 0, finished,
	    runner);
}

static void
out_of_time(void *who)
{
	struct runner *runner = who;

	if (!runner->done)
		runner_stop(runner, "the run took longer than its --timeout");
}

void
runner_start(struct runner *runner)
{
	struct stage *stage = runner->options.stage;

	if (runner->options.timeout_ms > 0)
		stage->after(stage, runner->options.timeout_ms, out_of_time,
		    runner);
	fill(runner);
}

void
runner_stop(struct runner *runner, const char *reason)
{
	struct stage *stage = runner->options.stage;

	if (runner->stopped == NULL)
		runner->stopped = reason;
	runner->options.shard->stopped = reason;
	for (struct task *task = runner->running, *next; task != NULL;
	    task = next) {
		next = task->next;
		if (task->session != NULL)
			stage->cancel(stage, session_actor(task->session));
		else
			task_give_up(task);
	}
	fill(runner);
}
