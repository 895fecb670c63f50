/*
 * Everything that a run needs at once, wired: loop, embedded server, started
 * server, bus, report files, runner.
 */
#ifndef QUOTH_CMD_ENGINE_H
#define QUOTH_CMD_ENGINE_H

#include "cmd/progress.h"
#include "cmd/sink.h"
#include "cmd/suite.h"
#include "net/child.h"
#include "run/runner.h"

struct embedded {
	struct service *server;         /* NULL: not needed so far */
	uint16_t        port;
};

struct engine {
	const struct args     *args;
	struct suite          *suite;
	struct loop           *loop;
	struct embedded        embedded[2];     /* SMTP, LMTP */
	const char           **faults;          /* --fault */
	size_t                 fault_count;
	struct child          *child;           /* --start, or NULL */
	const struct endpoint *ready;           /* where it answers */
	struct sinks          *sinks;
	struct progress       *progress;
	struct run_bus        *bus;
	struct runner         *runner;
	struct shard           shard;
	struct run_record      run;
	const struct scenario **tasks;          /* number - 1 */
	uint32_t               task_count, ran;
	struct buf             again, command;
	uint32_t               timeout_ms;      /* of the whole run */
	int                    status;          /* the worst so far */
	int                    signals;
};

/* Each an exit code; after one sentence when it is not 0. */
int engine_reports(struct engine *engine);      /* --report, --format */
int engine_open(struct engine *engine);         /* loop, embedded server */
int engine_begin(struct engine *engine);        /* reports say "not run" */
int engine_ready(struct engine *engine);        /* --start, --ready: where */
int engine_start(struct engine *engine);        /* --start: does it */
int engine_run(struct engine *engine);
/* After engine_begin() without a run: `why` nothing was run. The worst exit
 * code so far. */
int engine_finish(struct engine *engine, const char *why);
void engine_close(struct engine *engine);

/* Reports of a run that does not begin; the exit code. engine_unrun.c */
int engine_unrun(struct engine *engine, int status);
/* Bus and sinks, of the tasks that were made. */
void engine_bus(struct engine *engine, uint64_t at_us);

/* engine_targets.c: what loading asks of the engine. */
void engine_targets(struct engine *engine);
bool engine_embedded(void *who, struct endpoint *target, struct fault *fault);
bool engine_has_embedded(const struct engine *engine);

/* The reporter for stdout: --format, or what suits the place. NULL after one
 * sentence. engine_format.c */
const struct reporter *engine_format(struct engine *engine);
/* The command line that repeats one scenario. engine_format.c */
struct span engine_again(struct engine *engine,
    const struct scenario *scenario);

#endif
