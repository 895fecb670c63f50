/*
 * The variables of one running scenario. Names are resolved to slots while
 * loading; a slot is empty until something sets it. Values are bytes.
 */
#ifndef QUOTH_MODEL_VARS_H
#define QUOTH_MODEL_VARS_H

#include "base/buf.h"
#include "base/fault.h"

/* Every scenario has these; its own come behind. */
enum slot {
	SLOT_ATTEMPT, SLOT_REPLY_CODE, SLOT_REPLY_ENHANCED, SLOT_REPLY_TEXT,
	SLOT_OWN
};

struct var {
	char    *ptr;
	uint32_t len, cap;
	bool     set;
};

struct vars {
	struct var *slots;      /* allocated at the first set */
	uint32_t    count;
	bool        drawn;      /* `random` is the generator's state by now */
	uint64_t    random;     /* its seed, until the first draw */
	struct span id;
};

/* `seed` of the run and the scenario's id alone decide `${random}`. `id` is
 * borrowed. */
void vars_init(struct vars *vars, uint32_t count, uint64_t seed,
    struct span id);
void vars_free(struct vars *vars);

/* False when the value is above LIMIT_EXPANDED. */
bool vars_set(struct vars *vars, uint32_t slot, struct span value);

/* As if nothing had set it. */
void vars_unset(struct vars *vars, uint32_t slot);

/* False when nothing was set. Valid until the slot is set again. */
bool vars_get(const struct vars *vars, uint32_t slot, struct span *value);

/* Built-in names whose value is new at each use. */
enum fresh { FRESH_UUID, FRESH_DATE, FRESH_TIMESTAMP, FRESH_RANDOM };
bool vars_fresh(struct vars *vars, enum fresh what, struct buf *out);

#endif
