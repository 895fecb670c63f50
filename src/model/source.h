/*
 * Where steps come from: a straight program (YAML) or a coroutine in another
 * process (Lua). And what a file registers: scenarios.
 */
#ifndef QUOTH_MODEL_SOURCE_H
#define QUOTH_MODEL_SOURCE_H

#include "model/step.h"

struct vars;

struct outcome {                        /* for the call: who keeps it, copies */
	const struct step   *step;      /* the inner step, for a group */
	enum result          result;
	enum cause           cause;
	uint16_t             which;     /* of several replies: 0-based; and */
	uint32_t             total;     /* how many there are; 0, 1: one */
	struct loc           loc;       /* of what said no */
	const struct expect *expect;    /* or NULL */
	const struct reply  *reply;     /* or NULL */
	const struct fault  *fault;     /* why, one sentence; or NULL */
	const struct tls_facts *tls;    /* of a step that made a handshake */
	struct span          aside;     /* what else explains a failure; or
	                                 * empty */
	struct span          trace;     /* the author's frames, a line each */
	bool                 fatal;     /* nothing can follow on this conn */
	bool                 more;      /* of told(): the step has more replies
	                                 * to come */
	uint64_t             began_us, took_us;
};

enum next {
	NEXT_STEP,
	NEXT_NOT_RUN,           /* a step to report, not to do: after stop() */
	NEXT_LATER,             /* wake() will be called, never inside next() */
	NEXT_NOTE,              /* source->note, for reports */
	NEXT_END,
	/* With a fault: its sentence is the reason. The step, if there is one,
	 * stands for the place. */
	NEXT_SKIP,              /* the rest is not run */
	NEXT_FAIL,              /* a judgement of the source's own */
	NEXT_FAULT              /* no step can be made */
};

/* One per attempt. `last` is for the call; NULL at the first. A step lives
 * until the next() after it returns. After stop() the source gives the rest
 * as NOT_RUN, then `always`. */
struct source {
	enum next (*next)(struct source *, const struct outcome *last,
	    const struct step **, struct fault *);
	void (*stop)(struct source *);
	void (*close)(struct source *);         /* also while LATER */
	/* What each step came to, also those inside a pipeline, as soon as it
	 * is known, and each reply of one that awaits several; NULL: nobody
	 * asks. `inner` counts a pipeline's from 0. */
	void (*told)(struct source *, const struct outcome *, uint32_t inner);
	/* For a source that says LATER, set by who opens it. Not called from
	 * inside open(), next(), stop(), told(), nor after close(). */
	void (*wake)(void *who);
	void *who;
	struct span note;               /* of NEXT_NOTE, for the call */
	struct span trace;              /* of NEXT_FAULT: the author's frames, a
	                                 * line each; for the call */
	uint64_t now_us;                /* set by the session before next() */
};

struct retry {
	uint32_t       times, every_ms;
	const struct accept *codes;
	uint16_t       code_count;
	uint32_t       causes;          /* set of 1 << enum cause */
};

struct need { struct span word; bool absent; struct loc loc; };

/* A parameter that nobody gave a value; an error once the scenario is
 * selected. */
struct missing {
	struct span name, about;
	struct loc  loc;
	bool        secret;
	const struct missing *next;
};

/* One reported scenario; immutable; lives as long as the program. */
struct scenario {
	struct span  id;                /* "path#name [row]", unique in the run */
	struct span  title;             /* "name [row]" */
	struct span  name;              /* without the row */
	struct span  about;
	struct loc   loc;
	const char  *path;              /* the file's */
	const struct span  *tags;
	const struct proto *proto;
	const struct endpoint *target;  /* or NULL */
	const struct span  *conns;      /* connection names; 0 is main */
	const struct need  *needs;
	const struct retry *retry;      /* or NULL */
	const struct span  *locks;      /* holders are kept apart; serial: file */
	struct span  skip;              /* reason; ptr NULL: not skipped */
	struct span  xfail;             /* because; ptr NULL: none */
	struct span  row;               /* "[...]" without brackets; or empty */
	const struct missing *missing;
	uint32_t     tag_count, conn_count, need_count, lock_count;
	uint32_t     slot_count;        /* size of its struct vars */
	uint32_t     mentions;          /* set of 1 << enum slot that it reads */
	uint32_t     timeout_ms, limit_ms;
	uint32_t     flaws;             /* tolerated where no expect says so */
	bool         flaws_given;
	bool         only;
	bool         wants_target;      /* none was given: it cannot run */
	bool         xfail_expired;
	bool         computed;          /* its steps are known when they run */
	bool         exchanges;         /* there may be a SASL exchange */
	/* `vars` outlives the source. */
	bool (*open)(const struct scenario *, struct vars *, struct source **,
	    struct fault *);
	const void  *program;           /* the opener's own */
};

#endif
