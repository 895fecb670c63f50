/*
 * What is common to all rows of one scenario: its file, its parameters, its
 * target, its protocol, its name.
 */
#ifndef QUOTH_LOAD_DRAFT_H
#define QUOTH_LOAD_DRAFT_H

#include "load/loader.h"

struct draft {
	struct loader     *loader;
	struct unit       *unit;
	const struct node *from[2];     /* the scenario's map or NULL, file's */
	struct scope      *scope;       /* parameters, then target.* */
	struct scope      *given;       /* without target.* */
	const struct scope *params;
	const struct missing *missing;
	struct endpoint   *target;
	const struct proto *proto;
	struct span        name;
	struct span        host;        /* one of a mail domain's; or ptr NULL */
	struct span        skip;        /* why it is not for this target; ptr
	                                 * NULL: it is */
	bool               broken;      /* an error was found already */
};

/* False after a diagnostic that leaves nothing to go on with; `broken` after
 * any other. */
bool draft_read(struct draft *draft);

/* The same for one host of its mail domain. */
struct draft draft_for(const struct draft *draft,
    const struct endpoint *host);

/* The readers' context with the names of `scope`. */
struct build draft_build(const struct draft *draft,
    const struct scope *scope);

/* One scenario of a row (NULL: there is no table). `who` is the draft. */
bool scenario_make(void *who, const struct row *row);

#endif
