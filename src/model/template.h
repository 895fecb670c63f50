/*
 * Text with ${name|filter} in it, read once while loading. What is known then
 * becomes bytes at once, so that most templates are constant.
 *
 *   reference = "${" ( name / "'" text "'" ) *( "|" filter [ SP number ] ) "}"
 *   "$$" is a dollar; "$" before anything else but "{" is itself.
 */
#ifndef QUOTH_MODEL_TEMPLATE_H
#define QUOTH_MODEL_TEMPLATE_H

#include "model/filter.h"
#include "model/scope.h"

struct build;

enum part_kind { PART_BYTES, PART_SLOT, PART_FRESH };

struct filter_use {
	const struct filter *row;
	uint32_t             count;
};

struct part {
	enum part_kind           kind;
	uint32_t                 slot;          /* or enum fresh */
	uint32_t                 filter_count;
	struct span              bytes;         /* BYTES; else the name */
	const struct filter_use *filters;
};

struct template {
	const struct part *parts;
	uint32_t           count;
	bool               pending;     /* `check`: a parameter has no value */
	struct loc         loc;
};

/* What happens to the text between references, and to inserted values. */
enum template_mode {
	TEMPLATE_TEXT,          /* nothing */
	TEMPLATE_ESCAPES,       /* \r \n \xNN are decoded: `write` */
	TEMPLATE_REGEX          /* inserted values are quoted */
};

/* Of a scalar's text. False after a diagnostic with the exact place. */
bool template_parse(struct build *build, const struct node *scalar,
    enum template_mode mode, struct template *out);

static inline bool
template_constant(const struct template *template)
{
	return !template->pending && (template->count == 0 ||
	    (template->count == 1 &&
	    template->parts[0].kind == PART_BYTES));
}

/* The bytes of a constant template; program lifetime. */
static inline struct span
template_bytes(const struct template *template)
{
	return template->count == 0 ? (struct span){ "", 0 } :
	    template->parts[0].bytes;
}

/* `value` through the filters, appended to `out`. False: `*bad` refused it,
 * and `*why` is a clause behind its name. */
bool template_filter(const struct filter_use *filters, uint32_t count,
    struct span value, struct buf *out, const struct filter **bad,
    const char **why);

/* Appends to `out`. False: a name has no value yet, a filter failed, or
 * `out` is full. */
bool template_expand(const struct template *template, struct vars *vars,
    struct buf *out, struct fault *fault);

#endif
