/* The rows of rows.h as a table. */
#include "model/verb.h"

#define VERB(name) extern const struct verb verb_##name;
#include "verb/rows.h"
#undef VERB

const struct verb *const verb_rows[] = {
#define VERB(name) &verb_##name,
#include "verb/rows.h"
#undef VERB
	NULL
};

const struct verb *
verb_find(struct span name)
{
	for (size_t i = 0; verb_rows[i] != NULL; i++)
		if (span_is(name, verb_rows[i]->name))
			return verb_rows[i];
	return NULL;
}
