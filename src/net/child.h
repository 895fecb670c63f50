/*
 * The server under test, started by us (`run --start COMMAND --ready URL`): a
 * shell in a process group of its own that dies with us, whose output is kept.
 *
 *   child_start() -> child_ready() -> ... the run ... -> child_end()
 */
#ifndef QUOTH_NET_CHILD_H
#define QUOTH_NET_CHILD_H

#include "net/loop.h"

enum { CHILD_OUTPUT = 64 * 1024 };      /* octets of its output that are kept */

struct child;

/* Runs `sh -c COMMAND`. stdin is /dev/null; stdout and stderr go to `out_fd`,
 * or, when that is -1, into memory while the loop runs (the last 64 KiB).
 * NULL with a fault. */
struct child *child_start(struct loop *loop, const char *command, int out_fd,
    struct fault *fault);

/*
 * Runs the loop until a connection to `to` is accepted and either says
 * something or stays open and silent for half a second (implicit TLS: is
 * accepted). False with a fault when the command ended before (its status is
 * told), after `within_ms`, or when somebody called loop_stop().
 */
bool child_ready(struct child *child, const struct endpoint *to,
    uint32_t within_ms, struct fault *fault);

/* What it wrote by now, oldest first; until the loop runs again. */
struct span child_output(const struct child *child);
/* At most the last `lines` lines of that. */
struct span child_tail(const struct child *child, unsigned lines);

/* True when the command has ended; `out` gets "exit status 1" or
 * "signal 9 (Killed)". */
bool child_ended(const struct child *child, char *out, size_t size);

/* SIGTERM to the group, SIGKILL after 3 s, everything reaped; output goes on
 * being kept meanwhile. Blocks up to 3 s. Then child_output() may be read;
 * child_free() ends it too. */
void child_end(struct child *child);
void child_free(struct child *child);

#endif
