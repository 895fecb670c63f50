/*
 * Who takes part in the loop, seen from both sides: the loop (net/) hosts
 * actors and knows nothing about them; the runner (run/) has actors hosted and
 * knows nothing about sockets.
 */
#ifndef QUOTH_MODEL_ACTOR_H
#define QUOTH_MODEL_ACTOR_H

#include "model/want.h"

struct watch;                   /* the loop's own */

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

	/*
	 * A descriptor of somebody else's, which stays his: `ready` is called
	 * when it can be read or written, once for each change (edge-triggered:
	 * use it up), and after again() once more, soon. Never from inside
	 * these. NULL: the kernel refused.
	 */
	struct watch *(*watch)(struct stage *, int fd, void (*ready)(void *),
	    void *who);
	void (*again)(struct stage *, struct watch *);
	void (*unwatch)(struct stage *, struct watch *);
	/* And once after `ms`, whatever happens till then; the last call
	 * counts, 0 takes it back. Does not keep the loop running. */
	void (*remind)(struct stage *, struct watch *, uint32_t ms);
};

#endif
