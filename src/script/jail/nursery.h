/*
 * Where workers are born: a small process that is forked before any secret is
 * read, with an environment that was wiped, and that forks a worker whenever
 * it is asked. Workers are children of the process that asked (CLONE_PARENT),
 * which waits for them and gets their signals.
 */
#ifndef QUOTH_SCRIPT_NURSERY_H
#define QUOTH_SCRIPT_NURSERY_H

#include "base/fault.h"
#include "script/jail/jail.h"

#include <stdatomic.h>
#include <sys/types.h>

/* A page shared with the worker: what it is at, for who watches it. */
struct pulse {
	_Atomic uint32_t beats;         /* slices begun so far */
	_Atomic uint32_t run;           /* the run under way; 0: none, loading */
	_Atomic uint8_t  busy;          /* it computes: neither reads nor
	                                 * writes its pipes */
	_Atomic uint8_t  hit;           /* enum vm_limit that it found itself */
};

struct worker_process {
	pid_t         pid;
	int           in, out;  /* our ends of its pipes, non-blocking: what it
	                         * reads, so we write; what it writes */
	struct pulse *pulse;
};

struct nursery;

/* What a worker does between its birth and its exit status. */
typedef int worker_main(int in, int out, struct pulse *pulse);

/* Before any secret is in memory. NULL with a fault. */
struct nursery *nursery_new(worker_main *main, const struct jail *jail,
    struct fault *fault);
void nursery_free(struct nursery *nursery);

/* A new worker, not yet told what to do. */
bool nursery_worker(struct nursery *nursery, struct worker_process *process,
    struct fault *fault);

/* Closes, kills if it has not ended, reaps. `why`, when it did not end by
 * itself with status 0: "was killed by the sandbox: it made a forbidden system
 * call", "crashed (signal 11)"; else empty. */
void worker_end(struct worker_process *process, bool kill, char why[160]);

/* CPU time that the worker has used so far, microseconds; 0: cannot tell. */
uint64_t worker_cpu_us(const struct worker_process *process);

#endif
