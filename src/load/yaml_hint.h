/*
 * What libyaml says about a syntax error, in words of a postmaster who never
 * read a YAML specification, at the place where the slip was made.
 */
#ifndef QUOTH_LOAD_YAML_HINT_H
#define QUOTH_LOAD_YAML_HINT_H

#include "model/diag.h"

/* Offsets are octets of the file; `context` may be NULL. */
struct yaml_trouble {
	const struct file *file;
	const char        *problem, *context;
	size_t             at, context_at;
	/* The scalar read last: text behind its closing quote is common. */
	size_t             scalar_at, scalar_end;
};

/* Adds one error with a hint. */
void yaml_hint(const struct yaml_trouble *trouble, struct diags *diags);

#endif
