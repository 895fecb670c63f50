/*
 * Many scenarios, some at a time: starts sessions on the stage, runs them
 * again where `retry` says so, keeps holders of one lock apart, and tells how
 * each scenario ended.
 */
#ifndef QUOTH_RUN_RUNNER_H
#define QUOTH_RUN_RUNNER_H

#include "run/session.h"

struct task_end {                       /* for the call */
	uint32_t               number;  /* 1-based */
	const struct scenario *scenario;
	enum result            result;
	enum cause             cause;
	bool                   xfail;   /* failed as expected: PASS */
	uint32_t               attempts;
	struct span            reason;  /* skip, error or xfail; or empty */
	uint64_t               at_us;
};

struct runner_options {                 /* all of it outlives the runner */
	struct stage *stage;
	struct shard *shard;
	const struct scenario *const *scenarios;        /* number - 1 */
	uint32_t      count, jobs;
	uint32_t      timeout_ms;       /* of the whole run; 0: none */
	uint64_t      seed;
	bool          fail_fast;
	void (*ended)(void *who, const struct task_end *);
	void (*done)(void *who);        /* nothing runs and nothing will */
	void         *who;
};

struct runner;

struct runner *runner_new(const struct runner_options *options);
void runner_start(struct runner *runner);
/* Starts nothing more and cancels what runs; done() follows. `reason` is what
 * the rest was not run for; it outlives the runner. */
void runner_stop(struct runner *runner, const char *reason);
const char *runner_stopped(const struct runner *runner);       /* or NULL */
/* Titles of what runs now; untrusted. How many of at most `max`. */
size_t runner_names(const struct runner *runner, struct span *names,
    size_t max);
/* After done(), when the stage makes no call of after() any more. */
void runner_free(struct runner *runner);

#endif
