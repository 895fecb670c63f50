/*
 * The interpreter: a state machine that asks its source for steps and the loop
 * for deeds, and judges what comes back. No sockets, no clock, no protocol of
 * its own; unit tests drive it with a list of inputs and compare events.
 *
 *   ask the source, plan -> ACT (the loop performs) -> REPLY (parse, match)
 *   -> ask the source ... -> OVER
 */
#ifndef QUOTH_RUN_SESSION_H
#define QUOTH_RUN_SESSION_H

#include "model/actor.h"
#include "model/event.h"
#include "model/vars.h"

struct shard {                  /* one per loop; outlives its sessions */
	struct bus  *bus;
	struct buf   out;       /* plan->out of whichever session runs now */
	struct fault fault;     /* of whichever session runs now */
	bool         look;      /* look for unsolicited octets before an act */
	const char  *stopped;   /* why the run ends early, or NULL */
};

/* One attempt at one scenario. For the call of `over`. */
struct session_end {
	enum result         result;
	enum cause          cause;
	int32_t             code;       /* of the reply that failed; -1 */
	const struct fault *fault;      /* reason of a skip or an error, or NULL */
	uint64_t            began_us, ended_us;
};

struct session;

/* `source` and `vars` are not owned. over() comes when the loop is done with
 * the session; it may free it. */
struct session *session_new(struct shard *shard,
    const struct scenario *scenario, struct source *source, struct vars *vars,
    uint32_t number, uint16_t attempt,
    void (*over)(void *who, struct session *, const struct session_end *),
    void *who);
struct actor *session_actor(struct session *session);
void session_free(struct session *session);

#endif
