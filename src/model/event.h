/*
 * What sessions say while they run. Everything in an event is for the call;
 * who keeps it, copies. The bus makes records (record.h) of them.
 */
#ifndef QUOTH_MODEL_EVENT_H
#define QUOTH_MODEL_EVENT_H

#include "model/source.h"
#include "model/want.h"

enum event_kind {
	EVENT_SCENARIO_BEGIN, EVENT_STEP_BEGIN, EVENT_SENT, EVENT_RECEIVED,
	EVENT_NOTE, EVENT_SAID, EVENT_STEP_END, EVENT_SCENARIO_END
};
#define EVENT_BIT(kind) (UINT32_C(1) << (kind))

/* Wants of SENT only what the step's label may not tell: made of variables,
 * secret, too long. */
#define EVENT_SENT_MADE (UINT32_C(1) << 31)

/* Wants of STEP_END only that of a step that failed, that was sent (SENT) or
 * that comes after a round of `eventually`; the others are `passed`. */
#define EVENT_STEP_BAD (UINT32_C(1) << 30)

struct event {
	uint8_t     kind, conn;
	bool        secret;             /* bytes: masked before any reporter */
	uint16_t    attempt;            /* 1-based */
	uint32_t    session;            /* number of the scenario in the run */
	uint32_t    round;              /* of `eventually`, also for a step of
	                                 * a pipeline in it; 0: outside */
	uint32_t    passed;             /* SCENARIO_END: steps not told of */
	uint64_t    at_us;
	const struct scenario *scenario;
	const struct step     *step;    /* the inner one, for a group */
	struct span            bytes;   /* SENT, RECEIVED: wire; NOTE: text;
	                                 * SAID: text of the script */
	const struct facts    *facts;   /* STEP_END of connect */
	const struct outcome  *outcome; /* STEP_END, SCENARIO_END */
};

/* `wants` is the union of what sinks need: the session builds no other
 * event. Fixed before the first session. */
struct bus {
	uint32_t wants;
	void (*emit)(struct bus *, const struct event *);
};

#endif
