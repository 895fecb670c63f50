/*
 * Templates while a scenario runs: every part is appended to a buffer, values
 * of the run through their filters. No memory is kept; a name without a value
 * and a filter that fails are faults of the scenario.
 */
#include "model/template.h"

#include "base/limits.h"

bool
template_filter(const struct filter_use *filters, uint32_t count,
    struct span value, struct buf *out, const struct filter **bad,
    const char **why)
{
	struct buf now = buf_new(LIMIT_EXPANDED), next = buf_new(LIMIT_EXPANDED);
	bool fine = buf_add(&now, value);

	*bad = count > 0 ? filters[0].row : NULL;
	*why = "gets a value that is too long";
	for (uint32_t i = 0; fine && i < count; i++) {
		struct buf swap = now;

		*bad = filters[i].row;
		buf_clear(&next);
		fine = filters[i].row->apply(buf_span(&now), filters[i].count,
		    &next, why);
		now = next;
		next = swap;
	}
	/* Whoever asks why looks at `out`. */
	out->full = out->full || (!fine && now.full);
	fine = fine && buf_add(out, buf_span(&now));
	buf_free(&now);
	buf_free(&next);
	return fine;
}

static bool
part_expand(const struct part *part, struct vars *vars, struct buf *out,
    struct fault *fault)
{
	struct buf   fresh = buf_new(LIMIT_EXPANDED);
	struct span  value = part->bytes;
	const struct filter *bad;
	const char  *why;
	bool         fine;

	if (part->kind == PART_SLOT &&
	    (vars == NULL || !vars_get(vars, part->slot, &value)))
		return fault_set(fault, FAULT_SCENARIO,
		    "'%.*s' has no value yet", SPAN_ARG(part->bytes));
	if (part->kind == PART_FRESH && (vars == NULL ||
	    !vars_fresh(vars, (enum fresh)part->slot, &fresh)))
		return fault_set(fault, FAULT_INTERNAL,
		    "'%.*s' could not be made", SPAN_ARG(part->bytes));
	if (part->kind == PART_FRESH)
		value = buf_span(&fresh);
	fine = part->filter_count == 0 ? buf_add(out, value) :
	    template_filter(part->filters, part->filter_count, value, out, &bad,
	    &why);
	buf_free(&fresh);
	if (!fine && (out->full || part->filter_count == 0))
		return fault_set(fault, FAULT_LIMIT,
		    "the text with its variables is longer than %zu KiB",
		    out->max / KIB);
	if (!fine)
		return fault_set(fault, FAULT_SCENARIO,
		    "the filter '%s' on '%.*s' %s", bad->name,
		    SPAN_ARG(part->bytes), why);
	return true;
}

bool
template_expand(const struct template *template, struct vars *vars,
    struct buf *out, struct fault *fault)
{
	for (uint32_t i = 0; i < template->count; i++) {
		const struct part *part = &template->parts[i];

		if (part->kind == PART_BYTES) {
			if (!buf_add(out, part->bytes))
				return fault_set(fault, FAULT_LIMIT,
				    "the text with its variables is longer "
				    "than %zu KiB", out->max / KIB);
		} else if (!part_expand(part, vars, out, fault)) {
			return false;
		}
	}
	return true;
}
