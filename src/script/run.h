/* A run, for the files that make it: source.c, take.c, open.c, parts.c. */
#ifndef QUOTH_SCRIPT_RUN_H
#define QUOTH_SCRIPT_RUN_H

#include "script/host.h"

struct run_parts {
	struct parts_maker maker;       /* first */
	struct run        *run;
};

struct run {
	struct source    source;        /* first */
	struct script   *script;
	struct workshop *shop;
	struct vars     *vars;
	struct run_parts parts;
	struct fault    *death;         /* its worker is gone: why; or NULL */
	uint32_t         id, function;
	uint32_t         number;        /* of the step given last */
	uint32_t         notes;
	uint32_t         seq;           /* the worker's name for it */
	struct buf       in;            /* its frames, not yet taken */
	size_t           in_at;
	struct arena     arena;         /* of a step that is not kept */
	struct step      step;
	struct step     *group;
	struct made      made;
	struct source   *inner;         /* a dialogue, or `always` */
	uint64_t         poll_until_us;
	uint32_t         poll_within_ms, poll_every_ms;
	uint32_t         poll_round, poll_number;       /* before the round */
	uint32_t         poll_pause_ms; /* before the dialogue's first step */
	bool             polls, again;  /* the dialogue is part of a round, and
	                                 * a step of it did not hold */
	uint32_t         foreign;       /* connections to a host of its own */
	enum result      worst;         /* of the step under way */
	bool             under_way;     /* its outcome was not told yet */
	bool             later;         /* the session waits for a frame */
	bool             stopped;       /* and what is ahead is void */
	bool             voiding;       /* until STOPPED comes */
	bool             told_weak;     /* what the jail lacks was noted */
	bool             ended;         /* no frame follows */
	bool             closing;       /* `inner` is `always` */
};

/* parts.c: a text with secrets in it. */
bool parts_make(struct parts_maker *maker, struct span parts, uint32_t count,
    struct arena *arena, struct span *text);

/* take.c: one frame of the run. NEXT_LATER: it gave nothing for the session. */
enum next run_take(struct run *run, const struct frame *frame,
    const struct step **out, struct fault *fault);
/* A step that only names the place of what went wrong. */
enum next run_fault(struct run *run, enum next next, const char *label,
    const struct step **out, struct loc loc);
/* The worker is not to be trusted any more. Always false. */
bool run_broken(struct run *run, struct fault *fault);

/* The step that a dialogue of a round gave, as one of the round. */
void run_poll(struct run *run, const struct step **out);

/* source.c */
/* Frames that nobody will take. */
void run_forget(struct run *run);
void run_source(struct run *run);

#endif
