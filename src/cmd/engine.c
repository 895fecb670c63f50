/* The run, wired. Every part is made by its own folder; nothing is decided
 * here but the order, and what an end means for the exit code. */
#include "cmd/engine.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/build.h"
#include "sasl/sasl.h"
#include "serve/serve.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 100, RUNNING_SHOWN = 8 };

static uint64_t
now_us(const struct engine *engine)
{
	struct stage *stage = loop_stage(engine->loop);

	return stage->now_us(stage);
}

static int
signal_status(int signum)
{
	return signum == SIGINT ? EXIT_INTERRUPTED : EXIT_TERMINATED;
}

/* The first signal ends the run with whole reports, the second at once. */
static void
interrupted(void *who, int signum)
{
	struct engine *engine = who;

	if (engine->signals++ == 0)
		engine->status = exit_worse(engine->status,
		    signal_status(signum));
	if (engine->runner != NULL)
		runner_stop(engine->runner, "interrupted");
	else
		loop_stop(engine->loop);
}

static void
interrupted_again(int signum)
{
	_exit(signal_status(signum));
}

static bool
signals_take(struct engine *engine)
{
	struct fault fault;

	if (loop_on_signal(engine->loop, SIGINT, interrupted, engine,
	    &fault) && loop_on_signal(engine->loop, SIGTERM, interrupted,
	    engine, &fault)) {
		loop_on_second_signal(interrupted_again);
		return true;
	}
	say("%s", fault.text);
	return false;
}

/* --ca, --cert and --key are read before anything is sent. */
static int
engine_tls(struct engine *engine)
{
	const char  *ca = args_value(engine->args, "--ca");
	const char  *cert = args_value(engine->args, "--cert");
	const char  *key = args_value(engine->args, "--key");
	struct fault fault;

	if (key != NULL && cert == NULL) {
		say("--key is for the certificate that --cert names");
		return EXIT_USAGE;
	}
	if (ca != NULL && !loop_trust(engine->loop, ca, &fault)) {
		say("--ca: %s", fault.text);
		return EXIT_USAGE;
	}
	if (cert == NULL || loop_present(engine->loop, cert, key, &fault))
		return EXIT_PASSED;
	say("%s", fault.text);
	return EXIT_USAGE;
}

int
engine_open(struct engine *engine)
{
	struct endpoint *target = engine->suite->target;
	struct fault     fault;
	int              status;

	engine->loop = loop_new(&fault);
	if (engine->loop == NULL) {
		say("%s", fault.text);
		return EXIT_ENVIRONMENT;
	}
	loop_sasl(engine->loop, &sasl_gsasl);
	if (!signals_take(engine))
		return EXIT_ENVIRONMENT;
	engine_targets(engine);
	status = engine_tls(engine);
	if (status != EXIT_PASSED)
		return status;
	if (target == NULL || !target->embedded ||
	    engine_embedded(engine, target, &fault))
		return EXIT_PASSED;
	say("%s", fault.text);
	return EXIT_ENVIRONMENT;
}

static void
tell(const char *sentence)
{
	/* Escaped already. */
	struct buf line = buf_new(16 * KIB);

	(void)buf_addf(&line, "quoth: %s\n", sentence);
	(void)write_all(STDERR_FILENO, buf_span(&line));
	buf_free(&line);
}

static int
format_open(struct engine *engine)
{
	const struct reporter *reporter = engine_format(engine);
	struct fault fault;
	bool colours = false;

	if (reporter == NULL || !progress_colours(args_value(engine->args,
	    "--color"), STDERR_FILENO, &colours)) {
		if (reporter != NULL)
			say("--color wants never, always or auto, not '%s'",
			    args_value(engine->args, "--color"));
		return EXIT_USAGE;
	}
	engine->progress = progress_new(STDERR_FILENO,
	    progress_region(STDERR_FILENO), colours);
	if (sinks_stdout(engine->sinks, reporter, engine->progress, &fault))
		return EXIT_PASSED;
	say("%s", fault.text);
	return EXIT_USAGE;
}

int
engine_reports(struct engine *engine)
{
	const char  *spec;
	size_t       at = 0;
	int          status = EXIT_PASSED;
	struct fault fault;

	engine->sinks = sinks_new(tell);
	while ((spec = args_each(engine->args, "--report", &at)) != NULL) {
		if (!sinks_add(engine->sinks, spec, &fault)) {
			say("--report: %s", fault.text);
			return EXIT_USAGE;
		}
	}
	if (!sinks_have_stdout(engine->sinks) ||
	    args_value(engine->args, "--format") != NULL)
		status = format_open(engine);
	if (status == EXIT_PASSED)
		sinks_prepare(engine->sinks);
	return status;
}

static int
status_of(const struct task_end *end)
{
	if (end->result < RESULT_FAIL)
		return EXIT_PASSED;
	if (end->cause == CAUSE_CANCEL)
		return EXIT_FAILED;
	return end->result == RESULT_ERROR && (end->cause == CAUSE_CONNECT ||
	    end->cause == CAUSE_TLS || end->cause == CAUSE_SASL) ?
	    EXIT_ENVIRONMENT : EXIT_FAILED;
}

static void
ended(void *who, const struct task_end *end)
{
	struct engine *engine = who;
	const struct endpoint *target = end->scenario->target;
	struct scenario_end record = { .number = end->number,
	    .result = (uint8_t)end->result, .cause = (uint8_t)end->cause,
	    .xfail = end->xfail, .attempts = end->attempts,
	    .reason = end->reason, .at_us = end->at_us,
	    .target = target == NULL ? SPAN("") : target->url };

	if (end->result >= RESULT_FAIL)
		record.again = engine_again(engine, end->scenario);
	if (end->result != RESULT_SKIP)
		engine->ran++;
	engine->status = exit_worse(engine->status, status_of(end));
	run_bus_scenario_end(engine->bus, &record);
}

static void
done(void *who)
{
	struct engine *engine = who;

	loop_stop(engine->loop);
}

static void
tick(void *who)
{
	struct engine *engine = who;
	struct stage  *stage = loop_stage(engine->loop);
	struct span    names[RUNNING_SHOWN];
	size_t         count = runner_names(engine->runner, names,
	    RUNNING_SHOWN);

	run_bus_flush(engine->bus);
	sinks_tick(engine->sinks, now_us(engine));
	if (engine->progress != NULL)
		progress_show(engine->progress, run_bus_totals(engine->bus,
		    now_us(engine)), names, count, now_us(engine));
	stage->after(stage, TICK_MS, tick, engine);
}

static void
tasks_make(struct engine *engine, uint64_t repeat)
{
	const struct selection *selection = &engine->suite->selection;

	engine->task_count = (uint32_t)(selection->count * repeat);
	engine->tasks = mem_alloc((engine->task_count + 1) *
	    sizeof *engine->tasks);
	for (uint32_t i = 0; i < engine->task_count; i++)
		engine->tasks[i] = selection->list[i % selection->count];
}

void
engine_bus(struct engine *engine, uint64_t at_us)
{
	struct timespec now;
	struct run_bus_options options = { .run = &engine->run,
	    .scenarios = engine->tasks, /* one may still come */
	    .redactor = engine->suite->redactor, .flaws = flaw_rows,
	    .describe = expect_describe, .began_us = at_us };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	engine->run.version = QUOTH_VERSION;
	engine->run.target = engine->suite->target == NULL ? SPAN("") :
	    engine->suite->target->url;
	engine->run.seed = engine->suite->seed;
	engine->run.selected = engine->task_count;
	engine->run.shard = engine->suite->selection.shard;
	engine->run.shards = engine->suite->selection.shards;
	engine->run.began_unix_us = (uint64_t)now.tv_sec * 1000000 +
	    (uint64_t)now.tv_nsec / 1000;
	engine->run.digest = span_of(engine->suite->selection.digest);
	engine->run.command = buf_span(&engine->command);
	engine->bus = run_bus_new(&options);
	sinks_open(engine->sinks, engine->bus, options.began_us);
}

static int
numbers_read(struct engine *engine, uint64_t *jobs, uint64_t *repeat)
{
	const char *timeout = args_value(engine->args, "--timeout");
	uint32_t    most = loop_sessions_max(engine->loop);

	if (!number_read(engine->args, "--jobs", 1, 100000, jobs) ||
	    !number_read(engine->args, "--repeat", 1, 10000000, repeat))
		return EXIT_USAGE;
	if (timeout != NULL && (!duration_parse(span_of(timeout),
	    &engine->timeout_ms) || engine->timeout_ms == 0)) {
		say("--timeout wants a duration such as 90s or 10m, not '%s'",
		    timeout);
		return EXIT_USAGE;
	}
	if (*repeat * engine->suite->selection.count > 100000000) {
		say("--repeat %llu makes more runs than 100 million",
		    (unsigned long long)*repeat);
		return EXIT_USAGE;
	}
	/* Both ends of each are ours, and the server sees a close later. */
	if (engine_has_embedded(engine))
		most = most / 3 + 1;
	if (*jobs > most) {
		say("--jobs %llu: the limit of open files allows %u at a time "
		    "(ulimit -n)", (unsigned long long)*jobs, most);
		*jobs = most;
	}
	return EXIT_PASSED;
}

int
engine_begin(struct engine *engine)
{
	uint64_t jobs = 8, repeat = 1;
	int      status;

	if (!engine_has_embedded(engine) && args_value(engine->args, "--maildir") !=
	    NULL) {
		say("--maildir is for the embedded server: -t embedded");
		return EXIT_USAGE;
	}
	engine->timeout_ms = LIMIT_RUN_MS;
	status = numbers_read(engine, &jobs, &repeat);
	if (status != EXIT_PASSED)
		return status;
	tasks_make(engine, repeat);
	engine->run.jobs = (uint32_t)jobs;
	engine_bus(engine, now_us(engine));
	return EXIT_PASSED;
}

int
engine_finish(struct engine *engine, const char *why)
{
	run_bus_finish(engine->bus, engine->signals > 0, span_of(why),
	    now_us(engine));
	if (!sinks_finish(engine->sinks, now_us(engine)))
		engine->status = exit_worse(engine->status, EXIT_ENVIRONMENT);
	return engine->status;
}

/* Why not everything was run; NULL when everything was. */
static const char *
cut_short(struct engine *engine)
{
	const char *why = runner_stopped(engine->runner);

	if (why != NULL) {
		engine->status = exit_worse(engine->status, EXIT_FAILED);
	} else if (run_bus_totals(engine->bus, now_us(engine))->not_run > 0) {
		why = "the event loop ended early";
		say("internal error: %s", why);
		engine->status = exit_worse(engine->status, EXIT_INTERNAL);
	}
	return why;
}

int
engine_run(struct engine *engine)
{
	struct stage *stage = loop_stage(engine->loop);
	struct runner_options options = { .stage = stage,
	    .shard = &engine->shard, .seed = engine->suite->seed,
	    .fail_fast = args_flag(engine->args, "--fail-fast"),
	    .timeout_ms = engine->timeout_ms, .ended = ended, .done = done,
	    .who = engine, .scenarios = engine->tasks,
	    .count = engine->task_count, .jobs = engine->run.jobs };

	loop_skip_local(engine->loop);          /* no report has it */
	engine->shard = (struct shard){ .bus = run_bus_port(engine->bus),
	    .out = buf_new(2 * MIB), .look = true };
	engine->runner = runner_new(&options);
	stage->after(stage, TICK_MS, tick, engine);
	if (engine->suite->scripts != NULL)
		scripts_attach(engine->suite->scripts, stage);
	runner_start(engine->runner);
	loop_run(engine->loop);
	return engine_finish(engine, cut_short(engine));
}

void
engine_close(struct engine *engine)
{
	if (engine->child != NULL) {
		child_end(engine->child);
		child_free(engine->child);
	}
	if (engine->suite->scripts != NULL)
		scripts_attach(engine->suite->scripts, NULL);
	if (engine->loop != NULL)
		loop_free(engine->loop);
	if (engine->runner != NULL)
		runner_free(engine->runner);
	serve_free(engine->embedded[0].server);
	serve_free(engine->embedded[1].server);
	if (engine->sinks != NULL)
		sinks_free(engine->sinks);
	if (engine->bus != NULL)
		run_bus_free(engine->bus);
	progress_free(engine->progress);
	buf_free(&engine->shard.out);
	buf_free(&engine->again);
	buf_free(&engine->command);
	mem_free(engine->tasks);
	mem_free(engine->faults);
}
