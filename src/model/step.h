/*
 * A step is data: at most one act (a verb with its arguments) and at most one
 * expectation (or several, for expect_each).
 */
#ifndef QUOTH_MODEL_STEP_H
#define QUOTH_MODEL_STEP_H

#include "model/match.h"
#include "model/result.h"

struct verb;

enum level { LEVEL_MUST, LEVEL_SHOULD };

struct step {
	struct loc           loc;
	struct span          label;     /* title, or the act in few words */
	const struct verb   *verb;      /* NULL: awaits only */
	const void          *args;
	const struct expect *expects;   /* 0: none; more: expect_each */
	const struct step   *group;     /* pipeline: inner steps in order */
	uint32_t             expect_count, group_count;
	uint32_t             number;    /* 1-based in the scenario; 0: unseen */
	uint32_t             timeout_ms;        /* 0: the scenario's */
	uint32_t             pause_ms;  /* before the act: the next round */
	uint64_t             again_us;  /* eventually: a failure before this
	                                 * moment is RESULT_AGAIN; 0: none */
	uint32_t             round;     /* eventually: 1-based; 0: none */
	bool                 each;      /* expect_each: that many replies */
	uint8_t              conn;      /* index into scenario->conns */
	uint8_t              level;
	bool                 titled;    /* label is the author's own title */
	bool                 go_on;     /* on_fail: continue */
	bool                 secret;
	bool                 owes;      /* its expect comes as a later step */
	bool                 always;    /* of the `always` block */
	bool                 plain;     /* set while loading, by step_sort(): */
	bool                 usual;
};

/* plain: one act with one reply, of which nothing but the code is judged; a
 * reply that passes takes a short way (run/judge.c). usual: a plain one that
 * expects something, whose verb needs an open connection and nothing else; it
 * begins at once where nothing is in its way (run/begin.c). */
void step_sort(struct step *step);

#endif
