/*
 * Who takes part in the loop, seen from both sides: the loop (net/) hosts
 * actors and knows nothing about them; the runner (run/) has actors hosted and
 * knows nothing about sockets.
 */
#ifndef QUOTH_MODEL_ACTOR_H
#define QUOTH_MODEL_ACTOR_H

#include "model/want.h"

struct actor {
	/* Never blocks, never re-enters. */
	struct want (*input)(struct actor *, const struct input *);
	/* After WANT_OVER, when everything of it is closed; it may free itself. */
	void (*gone)(struct actor *);
	void *seat;             /* the loop's own; NULL while not hosted */
};

struct stage {
	/* INPUT_START comes from the loop, never from inside host(). */
	void (*host)(struct stage *, struct actor *);
	void (*cancel)(struct stage *, struct actor *); /* INPUT_CANCEL, soon */
	void (*wake)(struct stage *, struct actor *);   /* INPUT_STEP, soon */
	/* Calls once, `ms` milliseconds from now. */
	void (*after)(struct stage *, uint32_t ms, void (*call)(void *), void *);
	uint64_t (*now_us)(struct stage *);     /* the loop's cached clock */
};

#endif
