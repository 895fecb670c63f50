/* Types of parameters: a name, a check, what to say when it fails. */
#ifndef QUOTH_MODEL_PARAM_TYPE_H
#define QUOTH_MODEL_PARAM_TYPE_H

#include "base/fault.h"
#include "model/diag.h"
#include "model/node.h"

struct regex_set;

struct param_type {
	const char *name, *want;        /* "email", "an address like a@b.c" */
	bool (*check)(struct span text);        /* NULL: anything */
	bool (*number)(struct span text, int64_t *value);       /* min, max */
};
extern const struct param_type param_types[];   /* ended by name NULL */

/* `node` NULL: string. NULL after a diagnostic. */
const struct param_type *param_type_find(const struct node *node,
    struct diags *diags);

/* What the parameter's map says of its values makes sense. */
bool param_sound(const struct param_type *type, const struct node *param,
    struct regex_set *regexes, struct diags *diags);

/* Type, choices, min, max and pattern of the parameter's map. */
bool param_check(const struct param_type *type, const struct node *param,
    struct span text, struct regex_set *regexes, struct arena *arena,
    struct fault *fault);

/* A list given from outside: words with commas between them. */
const struct node *param_list(const struct node *param, struct span text,
    struct arena *arena);

#endif
