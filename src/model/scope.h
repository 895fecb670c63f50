/*
 * The names an author may use at a place in a file, and what each stands for.
 * Scopes nest (file, scenario, row, with, loop); the inner name wins.
 */
#ifndef QUOTH_MODEL_SCOPE_H
#define QUOTH_MODEL_SCOPE_H

#include "model/node.h"
#include "model/vars.h"

struct param_type;

enum name_kind {
	NAME_STATIC,            /* known while loading: parameters, rows, with */
	NAME_SLOT,              /* set while running: captured, set, vars */
	NAME_FRESH,             /* uuid, date ...: new at each use */
	NAME_PENDING,           /* a parameter without a value: what depends on
	                         * it cannot be looked at */
	NAME_TOO_LONG           /* a variable above LIMIT_EXPANDED: using it is
	                         * the error */
};

struct name {
	struct span        name;
	enum name_kind     kind;
	struct span        text;        /* STATIC */
	const struct node *list;        /* STATIC: a row's list, or NULL */
	uint32_t           slot;        /* SLOT */
	enum fresh         fresh;
	bool               secret;
	const struct param_type *type;  /* of a parameter; else NULL */
	const void        *by;          /* SLOT: the node that sets it */
	struct name       *next;
};

struct scope {
	const struct scope *up;
	struct name        *first;
};

/* Adds to the innermost scope; the caller fills the rest in. */
struct name *scope_add(struct scope *scope, struct arena *arena,
    struct span name, enum name_kind kind);

/* One whose text is known. */
void scope_add_text(struct scope *scope, struct arena *arena,
    const char *name, struct span text);

/* NULL: unknown. */
const struct name *scope_find(const struct scope *scope, struct span name);

/* The known name that is nearest to a misspelled one, or NULL. */
const char *scope_nearest(const struct scope *scope, struct arena *arena,
    struct span name);

#endif
