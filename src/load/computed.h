/* A computed scenario, for the files that make it. */
#ifndef QUOTH_LOAD_COMPUTED_H
#define QUOTH_LOAD_COMPUTED_H

#include "load/loader.h"

/* A name that scripts see, and what does not change of it. */
struct known {
	const struct name       *name;
	enum script_kind         kind;
	enum script_type         type;
	const struct param_type *behind;
};

struct computed {
	struct workshop  shop;          /* first */
	struct scripts  *scripts;
	struct script   *script;
	uint32_t         function;
	struct maker    *maker;         /* the program's */
	struct scenario *scenario;
	struct set_name *sets;          /* of the step that is being made */
	uint32_t         set_count, set_room;
	bool             wants_target;  /* of the same step */
	struct known    *known;
	uint32_t         known_count;
	const struct name *newest;      /* of the captures, when known was made */
};

/* computed_values.c: workshop->values */
void computed_values(struct workshop *shop, struct vars *vars,
    void (*put)(void *who, const struct script_value *), void *who);

#endif
