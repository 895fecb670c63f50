/* quoth run: runs scenarios against a target and reports every step. */
#include "cmd/engine.h"

#include "base/limits.h"
#include "base/text.h"
#include "net/loop.h"

#include <signal.h>
#include <stdlib.h>

extern const struct command command_run;

static void
command_keep(int argc, char **argv, struct buf *out)
{
	*out = buf_new(64 * KIB);
	(void)buf_add_text(out, "quoth run");
	for (int i = 1; i < argc; i++) {
		(void)buf_add_octet(out, ' ');
		text_shell(span_of(argv[i]), out);
	}
}

/* `only: true` is for the author's own machine. */
static int
marks_check(const struct suite *suite)
{
	if (!suite->selection.marked || getenv("CI") == NULL)
		return EXIT_PASSED;
	say("`only: true` stands in a scenario: the others were left out, and "
	    "in CI that is a failure");
	return EXIT_FAILED;
}

/* A fault that nobody can have would be a test that tests nothing. */
static int
faults_useful(const struct engine *engine)
{
	if (engine->fault_count == 0 || engine_has_embedded(engine))
		return EXIT_PASSED;
	say("--fault is for the embedded server, and nothing here connects to "
	    "that: say -t embedded");
	return EXIT_USAGE;
}

static int
engine_all(struct engine *engine)
{
	int status = engine_reports(engine);

	if (status != EXIT_PASSED)
		return status;
	status = suite_options(engine->args, engine->suite);
	if (status == EXIT_PASSED && !args_faults(engine->args,
	    &engine->faults, &engine->fault_count))
		status = EXIT_USAGE;
	if (status == EXIT_PASSED)
		status = engine_ready(engine);
	if (status == EXIT_PASSED)
		status = engine_open(engine);
	if (status == EXIT_PASSED)
		status = suite_load(engine->args, false, false,
		    engine->suite);
	/* Lua files may take their time to load. */
	if (status != EXIT_PASSED && loop_signalled())
		status = exit_worse(status, loop_signal_first() == SIGINT ?
		    EXIT_INTERRUPTED : EXIT_TERMINATED);
	if (status == EXIT_PASSED)
		status = faults_useful(engine);
	if (status == EXIT_PASSED)
		status = engine_begin(engine);
	if (status != EXIT_PASSED)
		return engine_unrun(engine, exit_worse(status,
		    engine->status));
	status = engine_start(engine);
	if (status != EXIT_PASSED)
		return exit_worse(status, engine_finish(engine,
		    "the server under test did not start"));
	return exit_worse(exit_worse(engine_run(engine),
	    marks_check(engine->suite)), engine->suite->load_status);
}

static int
run(int argc, char **argv)
{
	struct suite  suite = { 0 };
	struct args   args;
	struct engine engine = { .args = &args, .suite = &suite };
	int           status;

	if (!args_read(&command_run, argc, argv, &args, &status)) {
		args_free(&args);
		return status;
	}
	command_keep(argc, argv, &engine.command);
	status = engine_all(&engine);
	engine_close(&engine);
	suite_free(&suite);
	args_free(&args);
	return status;
}

static const struct option_row run_options[] = {
	SUITE_OPTIONS,
	{ .name = "--jobs", .letter = 'j', .value = "N",
	    .help = "run so many scenarios at a time (8)" },
	{ .name = "--each-mx", .help = "run every scenario once for each mail "
	    "host of an mx:// target" },
	{ .name = "--ca", .value = "FILE", .help =
	    "trust the CA certificates of this file or folder, and no others" },
	{ .name = "--insecure", .help =
	    "accept any certificate, but where a step says 'verify: true'" },
	{ .name = "--repeat", .value = "N",
	    .help = "run every scenario so many times (1)" },
	{ .name = "--fail-fast", .help = "start nothing more after a failure" },
	{ .name = "--timeout", .value = "DURATION",
	    .help = "end the whole run after so long (60m)" },
	{ .name = "--report", .value = "NAME=FILE", .many = true, .help =
	    "write a report to a file, \"-\" for stdout: human, tap, junit, "
	    "json, jsonl, github, quiet" },
	{ .name = "--format", .value = "NAME", .help =
	    "what stdout shows: one of the same names, or auto" },
	{ .name = "--verbose", .letter = 'v', .help =
	    "show the steps of every scenario, however many there are" },
	{ .name = "--transcript", .value = "WHEN", .help =
	    "show the octets of the wire: always, fail or never" },
	{ .name = "--color", .value = "WHEN",
	    .help = "use colours: auto, always or never" },
	{ .name = "--start", .value = "COMMAND",
	    .help = "start the server under test, and end it afterwards" },
	{ .name = "--ready", .value = "URL",
	    .help = "where that server answers once it is up" },
	{ .name = "--maildir", .value = "DIR",
	    .help = "keep the messages that the embedded server accepts" },
	{ .name = "--fault", .letter = 'f', .value = "FAULT", .many = true,
	    .help = "have the embedded server do something wrong, such as "
	    "delay=2s@RCPT" },
	{ .name = NULL },
};

const struct command command_run = {
	.name = "run", .usage = "run PATH...",
	.about = "runs scenarios against a target and reports every step",
	.options = run_options, .main = run,
};
