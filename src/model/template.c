/*
 * Templates. Parsing finds every reference, checks its name and filters, and
 * folds what is constant; expanding only appends.
 */
#include "model/template.h"

#include "base/limits.h"
#include "model/build.h"

struct reader {
	struct build       *build;
	const struct node  *scalar;
	enum template_mode  mode;
	struct part        *parts;      /* LIMIT_TEMPLATE_PARTS */
	uint32_t            count;
	struct buf          literal;    /* constant text not yet a part */
	bool                pending;
};

static bool
refuse(struct reader *r, enum diag_id id, size_t at, size_t width,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

static bool
refuse(struct reader *r, enum diag_id id, size_t at, size_t width,
    const char *format, ...)
{
	struct loc loc = node_loc_at(r->scalar, at);
	va_list    args;

	loc.width = (uint32_t)width;
	va_start(args, format);
	diag_error(r->build->diags, id, loc, "%s",
	    arena_vprintf(&r->build->diags->arena, format, args));
	va_end(args);
	return false;
}

static bool
too_big(struct reader *r)
{
	return refuse(r, DIAG_ID_limit, 0, 1,
	    "the text with its variables is longer than %d KiB",
	    (int)(r->literal.max / KIB));
}

/* Constant text that came in through a reference. */
static bool
insert(struct reader *r, struct span value)
{
	if (r->mode != TEMPLATE_REGEX)
		return buf_add(&r->literal, value) || too_big(r);
	for (size_t i = 0; i < value.len; i++) {
		char octet = value.ptr[i];
		bool word = (octet >= '0' && octet <= '9') ||
		    (octet >= 'A' && octet <= 'Z') || octet == '_' ||
		    (octet >= 'a' && octet <= 'z') || (octet & 0x80) != 0;

		if (octet == '\0' ? !buf_add_text(&r->literal, "\\x00") :
		    (!word && !buf_add_octet(&r->literal, '\\')) ||
		    !buf_add_octet(&r->literal, octet))
			return too_big(r);
	}
	return true;
}

/* The author's own text between references; `at` is where it starts. */
static bool
literal(struct reader *r, size_t at, struct span text)
{
	size_t bad_at;

	if (r->mode != TEMPLATE_ESCAPES)
		return buf_add(&r->literal, text) || too_big(r);
	if (escapes_decode(text, &r->literal, &bad_at))
		return true;
	if (r->literal.full)
		return too_big(r);
	return refuse(r, DIAG_ID_bad_escape, at + bad_at, 2,
	    "unknown escape '%.*s'", SPAN_ARG(span_sub(text, bad_at, 2)));
}

static void
flush(struct reader *r)
{
	if (r->literal.len == 0)
		return;
	r->parts[r->count++] = (struct part){ .kind = PART_BYTES,
	    .bytes = arena_copy(r->build->arena, buf_span(&r->literal)) };
	buf_clear(&r->literal);
}

static bool
filters_apply(const struct filter_use *filters, uint32_t count,
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
	fine = fine && buf_add(out, buf_span(&now));
	buf_free(&now);
	buf_free(&next);
	return fine;
}

/* Behind the first "|": filters up to the end of the reference. */
static bool
filters_read(struct reader *r, size_t at, struct span rest,
    struct filter_use *uses, uint32_t *count)
{
	struct span word;

	while (span_word(&rest, "|", &word)) {
		struct span name = span_trim(word), arg = { "", 0 };
		size_t      blank = span_chr(name, ' ');
		uint64_t    number = 0;
		const struct filter *row;

		if (blank != SIZE_MAX) {
			arg = span_trim(span_from(name, blank));
			name.len = blank;
		}
		row = filter_find(name);
		if (row == NULL) {
			(void)refuse(r, DIAG_ID_unknown_filter, at, 1,
			    "unknown filter '%.*s'", SPAN_ARG(name));
			diag_hint(r->build->diags, "filters: base64 hex length "
			    "lower md5 repeat sha256 split trim unbase64 "
			    "unescape upper");
			return false;
		}
		if (row->counts ? !span_u64(arg, &number) ||
		    number > LIMIT_EXPANDED : arg.len > 0)
			return refuse(r, DIAG_ID_template, at, 1,
			    "the filter '%s' is written %s", row->name,
			    row->counts ? "'repeat N'" : "without anything "
			    "behind it");
		if (*count == 16)
			return refuse(r, DIAG_ID_limit, at, 1,
			    "more than 16 filters");
		uses[(*count)++] = (struct filter_use){ row, (uint32_t)number };
	}
	return true;
}

static bool
constant(struct reader *r, size_t at, struct span value,
    const struct filter_use *uses, uint32_t count)
{
	struct buf   out = buf_new(LIMIT_EXPANDED);
	const struct filter *bad;
	const char  *why;
	bool         fine = count == 0;

	if (fine)
		return insert(r, value);
	fine = filters_apply(uses, count, value, &out, &bad, &why);
	if (!fine)
		(void)refuse(r, out.full ? DIAG_ID_limit : DIAG_ID_template, at,
		    1, "the filter '%s' %s", bad->name, why);
	fine = fine && insert(r, buf_span(&out));
	buf_free(&out);
	return fine;
}

static bool
running(struct reader *r, const struct name *name,
    const struct filter_use *uses, uint32_t count)
{
	struct filter_use *copy = NULL;

	flush(r);
	if (r->build->mentions != NULL && name->kind == NAME_SLOT &&
	    name->slot < SLOT_OWN)
		*r->build->mentions |= 1U << name->slot;
	if (count > 0) {
		copy = arena_alloc(r->build->arena, count * sizeof *copy);
		memcpy(copy, uses, count * sizeof *copy);
	}
	r->parts[r->count++] = (struct part){
		.kind = name->kind == NAME_FRESH ? PART_FRESH : PART_SLOT,
		.slot = name->kind == NAME_FRESH ? (uint32_t)name->fresh :
		    name->slot,
		.bytes = name->name, .filters = copy, .filter_count = count };
	return true;
}

static bool
unknown_name(struct reader *r, size_t at, struct span name)
{
	const char *near = scope_nearest(r->build->scope,
	    &r->build->diags->arena, name);

	(void)refuse(r, DIAG_ID_unknown_variable, at, name.len,
	    "unknown variable '%.*s'", SPAN_ARG(name));
	if (near != NULL)
		diag_hint(r->build->diags, "did you mean '%s'?", near);
	else
		diag_hint(r->build->diags, "declare it under params: or vars:, "
		    "or capture it in a step before");
	return false;
}

/* One reference without its braces; `at` is the offset of its first octet. */
static bool
reference(struct reader *r, size_t at, struct span inside)
{
	struct filter_use  uses[16];
	uint32_t           count = 0;
	size_t             bar;
	struct span        base, value;
	const struct name *name;

	if (span_starts(inside, SPAN("'"))) {
		size_t end = span_chr(span_from(inside, 1), '\'');

		if (end == SIZE_MAX)
			return refuse(r, DIAG_ID_template, at, 1,
			    "the quote is not closed");
		base = span_sub(inside, 0, end + 2);
		bar = base.len < inside.len ? base.len : SIZE_MAX;
		if (bar != SIZE_MAX && inside.ptr[bar] != '|')
			return refuse(r, DIAG_ID_template, at + bar, 1,
			    "want | and a filter behind the quoted text");
	} else {
		bar = span_chr(inside, '|');
		base = bar == SIZE_MAX ? inside : span_sub(inside, 0, bar);
		base = span_trim(base);
	}
	if (bar != SIZE_MAX && !filters_read(r, at, span_from(inside, bar + 1),
	    uses, &count))
		return false;
	if (span_starts(base, SPAN("'")))
		return constant(r, at, span_sub(base, 1, base.len - 2), uses,
		    count);
	name = scope_find(r->build->scope, base);
	if (name == NULL)
		return unknown_name(r, at, base);
	if (name->kind == NAME_PENDING) {
		r->pending = true;
		return true;
	}
	if (name->kind == NAME_STATIC) {
		if (name->list != NULL)
			return refuse(r, DIAG_ID_template, at, base.len,
			    "'%.*s' is a list, which can only stand alone",
			    SPAN_ARG(base));
		return constant(r, at, name->text, uses, count);
	}
	/* While a regex is built late its values are quoted here and now. */
	if (r->mode == TEMPLATE_REGEX && name->kind == NAME_SLOT &&
	    r->build->vars != NULL &&
	    vars_get(r->build->vars, name->slot, &value))
		return constant(r, at, value, uses, count);
	return running(r, name, uses, count);
}

/* "${" stands at `at`: octets used up to and with "}", 0 after an error. */
static size_t
reference_cut(struct reader *r, struct span text, size_t at)
{
	struct span rest = span_from(text, at + 2);
	size_t      end = 0;
	bool        quoted = false;

	while (end < rest.len && (quoted || rest.ptr[end] != '}')) {
		if (rest.ptr[end] == '\'')
			quoted = !quoted;
		if (!quoted && rest.ptr[end] == '{') {
			(void)refuse(r, DIAG_ID_template, at + 2 + end, 1,
			    "references do not nest");
			return 0;
		}
		end++;
	}
	if (end == rest.len) {
		(void)refuse(r, DIAG_ID_template, at, 2,
		    "unterminated reference: '}' is missing");
		diag_hint(r->build->diags, "write $${ for the characters ${");
		return 0;
	}
	if (span_trim(span_sub(rest, 0, end)).len == 0) {
		(void)refuse(r, DIAG_ID_template, at, end + 3,
		    "empty reference");
		return 0;
	}
	return reference(r, at + 2, span_sub(rest, 0, end)) ? end + 3 : 0;
}

static bool
scan(struct reader *r, struct span text)
{
	size_t at = 0;

	while (at < text.len) {
		struct span rest = span_from(text, at);
		size_t      hop = span_chr(rest, '$'), used;

		if (hop != 0) {
			hop = hop == SIZE_MAX ? rest.len : hop;
			if (!literal(r, at, span_sub(rest, 0, hop)))
				return false;
			at += hop;
			continue;
		}
		if (r->count + 2 >= LIMIT_TEMPLATE_PARTS)
			return refuse(r, DIAG_ID_limit, at, 1,
			    "more than %d references in one text",
			    LIMIT_TEMPLATE_PARTS);
		if (span_starts(rest, SPAN("${"))) {
			used = reference_cut(r, text, at);
			if (used == 0)
				return false;
		} else {
			used = span_starts(rest, SPAN("$$")) ? 2 : 1;
			if (!literal(r, at, SPAN("$")))
				return false;
		}
		at += used;
	}
	return true;
}

/* Nothing in it has a meaning of its own. */
static bool
is_plain(const struct node *scalar, enum template_mode mode)
{
	return scalar->kind == NODE_SCALAR &&
	    span_chr(scalar->text, '$') == SIZE_MAX &&
	    (mode != TEMPLATE_ESCAPES ||
	    span_chr(scalar->text, '\\') == SIZE_MAX);
}

bool
template_parse(struct build *build, const struct node *scalar,
    enum template_mode mode, struct template *out)
{
	struct part   parts[LIMIT_TEMPLATE_PARTS];      /* not zeroed: big */
	struct reader r = { .build = build, .scalar = scalar, .mode = mode,
	    .parts = parts, .literal = { .max = LIMIT_SCALAR } };
	bool          fine;

	*out = (struct template){ .loc = scalar->loc };
	if (is_plain(scalar, mode)) {
		struct part *part = arena_alloc(build->arena, sizeof *part);

		*part = (struct part){ .bytes = scalar->text };
		out->parts = part;
		out->count = scalar->text.len > 0 ? 1 : 0;
		return true;
	}
	fine = scan(&r, scalar->text);
	flush(&r);
	buf_free(&r.literal);
	if (!fine)
		return false;
	out->count = r.count;
	out->pending = r.pending;
	out->parts = arena_alloc(build->arena, r.count * sizeof *r.parts);
	if (r.count > 0)
		memcpy((void *)(uintptr_t)out->parts, r.parts,
		    r.count * sizeof *r.parts);
	return true;
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
	    filters_apply(part->filters, part->filter_count, value, out, &bad,
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
