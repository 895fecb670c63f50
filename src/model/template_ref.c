/*
 * One reference, `${name|filter}`: its name is looked up and its filters are
 * found while loading; what is known then is made into text at once.
 */
#include "model/template_own.h"

#include "base/limits.h"
#include "base/secret.h"

enum { FILTERS_MAX = 16 };

static bool
unknown_filter(struct reader *r, size_t at, struct span name)
{
	const char *words[FILTERS_MAX];
	size_t      count = 0;

	while (filter_rows[count].name != NULL && count < FILTERS_MAX) {
		words[count] = filter_rows[count].name;
		count++;
	}
	(void)template_refuse(r, DIAG_ID_unknown_filter, at, name.len,
	    "unknown filter '%s'", diag_word(r->build->diags, name));
	diag_hint(r->build->diags, "filters: base64 hex length lower md5 "
	    "repeat sha256 split trim unbase64 unescape upper");
	diag_hint_nearest(r->build->diags, name, words, count);
	return false;
}

/* Behind the first "|", which is octet `at` - 1 of the text: filters up to
 * the end of the reference. */
static bool
filters_read(struct reader *r, size_t at, struct span rest,
    struct filter_use *uses, uint32_t *count)
{
	struct span word;
	const char *start = rest.ptr;

	while (span_word(&rest, "|", &word)) {
		struct span name = span_trim(word), arg = { "", 0 };
		size_t      here = at + (size_t)(name.ptr - start);
		size_t      blank = span_chr(name, ' ');
		uint64_t    number = 0;
		const struct filter *row;

		if (blank != SIZE_MAX) {
			arg = span_trim(span_from(name, blank));
			name.len = blank;
		}
		row = filter_find(name);
		if (row == NULL) {
			return unknown_filter(r, here, name);
		}
		if (row->counts ? !span_u64(arg, &number) ||
		    number > LIMIT_EXPANDED : arg.len > 0)
			return template_refuse(r, DIAG_ID_template, here, word.len,
			    row->counts ? "the filter '%s' needs a number up "
			    "to 65536: ${'x'|repeat 998}" : "the filter '%s' "
			    "takes nothing behind its name", row->name);
		if (*count == FILTERS_MAX)
			return template_refuse(r, DIAG_ID_limit, here, 1,
			    "more than %d filters", FILTERS_MAX);
		uses[(*count)++] = (struct filter_use){ row, (uint32_t)number };
	}
	return true;
}

static bool
constant(struct reader *r, size_t at, size_t width, struct span value,
    const struct filter_use *uses, uint32_t count)
{
	struct buf   out = buf_new(LIMIT_EXPANDED);
	const struct filter *bad;
	const char  *why;
	bool         fine = count == 0;

	if (fine)
		return template_insert(r, value);
	fine = template_filter(uses, count, value, &out, &bad, &why);
	if (!fine)
		(void)template_refuse(r, out.full ? DIAG_ID_limit : DIAG_ID_template, at,
		    width, "the filter '%s' %s", bad->name, why);
	fine = fine && template_insert(r, buf_span(&out));
	buf_free(&out);
	return fine;
}

static bool
running(struct reader *r, const struct name *name,
    const struct filter_use *uses, uint32_t count)
{
	struct filter_use *copy = NULL;

	template_flush(r);
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

	(void)template_refuse(r, DIAG_ID_unknown_variable, at, name.len,
	    "unknown variable '%s'", diag_word(r->build->diags, name));
	if (near != NULL)
		diag_hint(r->build->diags, "did you mean '%s'?", near);
	else
		diag_hint(r->build->diags, "declare it under params: or vars:, "
		    "or capture it in a step before");
	return false;
}

/* `${'text'|...}`: the text as it stands, escapes decoded where they are. */
static bool
quoted(struct reader *r, size_t at, struct span text,
    const struct filter_use *uses, uint32_t count)
{
	struct buf plain = buf_new(LIMIT_SCALAR);
	size_t     bad_at;
	bool       fine;

	if (r->mode != TEMPLATE_ESCAPES)
		return constant(r, at, text.len + 2, text, uses, count);
	fine = escapes_decode(text, &plain, &bad_at);
	if (!fine)
		(void)template_refuse(r, DIAG_ID_bad_escape, at + 1 + bad_at, 2,
		    "unknown escape '%s'", diag_word(r->build->diags,
		    span_sub(text, bad_at, 2)));
	fine = fine && constant(r, at, text.len + 2, buf_span(&plain), uses,
	    count);
	buf_free(&plain);
	return fine;
}

/* While a regex is built late its values are quoted here and now. */
static bool
quoted_late(struct reader *r, size_t at, const struct name *name,
    const struct filter_use *uses, uint32_t count)
{
	struct buf  fresh = buf_new(LIMIT_EXPANDED);
	struct span value;
	bool        fine;

	if (name->kind == NAME_FRESH)
		fine = vars_fresh(r->build->vars, name->fresh, &fresh);
	else
		fine = vars_get(r->build->vars, name->slot, &value);
	if (name->kind == NAME_FRESH)
		value = buf_span(&fresh);
	fine = fine ? constant(r, at, name->name.len, value, uses, count) :
	    template_refuse(r, DIAG_ID_template, at, name->name.len,
	    "'%s' has no value yet", diag_word(r->build->diags, name->name));
	buf_free(&fresh);
	return fine;
}

/* What filters make of a secret is as secret as it is. */
static bool
known(struct reader *r, size_t at, const struct name *name,
    const struct filter_use *uses, uint32_t count)
{
	size_t from = r->literal.len;
	bool   hides = name->secret && count > 0 &&
	    r->build->redactor != NULL && r->mode != TEMPLATE_REGEX;

	if (!constant(r, at, name->name.len, name->text, uses, count))
		return false;
	/* What is too short to be masked says little, too. */
	if (hides)
		(void)redactor_add(r->build->redactor, SPAN("made of a "
		    "secret"), span_from(buf_span(&r->literal), from));
	return true;
}

static bool
named(struct reader *r, size_t at, struct span base,
    const struct filter_use *uses, uint32_t count)
{
	const struct name *name = scope_find(r->build->scope, base);

	if (name == NULL)
		return unknown_name(r, at, base);
	r->build->secret = r->build->secret || name->secret;
	switch (name->kind) {
	case NAME_PENDING:
		r->pending = true;
		return true;
	case NAME_TOO_LONG:
		return template_refuse(r, DIAG_ID_limit, at, base.len,
		    "the value of '%s' is longer than %d KiB",
		    diag_word(r->build->diags, base), LIMIT_EXPANDED / KIB);
	case NAME_STATIC:
		if (name->list != NULL)
			return template_refuse(r, DIAG_ID_template, at, base.len,
			    "'%s' is %s, which can only stand alone",
			    diag_word(r->build->diags, base),
			    node_kind_name(name->list));
		return known(r, at, name, uses, count);
	case NAME_SLOT:
	case NAME_FRESH:
		break;
	}
	if (r->mode == TEMPLATE_REGEX && r->build->vars != NULL)
		return quoted_late(r, at, name, uses, count);
	return running(r, name, uses, count);
}

/* One reference without its braces; `at` is the offset of its first octet. */
static bool
reference(struct reader *r, size_t at, struct span inside)
{
	struct filter_use uses[FILTERS_MAX];
	uint32_t          count = 0;
	size_t            bar;
	struct span       base;
	bool              text = span_starts(inside, SPAN("'"));

	if (text) {
		size_t end = span_chr(span_from(inside, 1), '\'');

		if (end == SIZE_MAX)
			return template_refuse(r, DIAG_ID_template, at, 1,
			    "the quote is not closed");
		base = span_sub(inside, 1, end);
		bar = end + 2 < inside.len ? end + 2 : SIZE_MAX;
		while (bar != SIZE_MAX && bar < inside.len &&
		    inside.ptr[bar] == ' ')
			bar++;
		if (bar != SIZE_MAX && (bar == inside.len ||
		    inside.ptr[bar] != '|'))
			return template_refuse(r, DIAG_ID_template, at + end + 2, 1,
			    "want | and a filter behind the quoted text");
	} else {
		bar = span_chr(inside, '|');
		base = span_trim(span_sub(inside, 0, bar));
	}
	if (bar != SIZE_MAX && !filters_read(r, at + bar + 1,
	    span_from(inside, bar + 1), uses, &count))
		return false;
	return text ? quoted(r, at, base, uses, count) :
	    named(r, at + (size_t)(base.ptr - inside.ptr), base, uses, count);
}

/* "${" stands at `at`: octets used up to and with "}", 0 after an error. */
size_t
template_reference(struct reader *r, struct span text, size_t at)
{
	struct span rest = span_from(text, at + 2);
	size_t      end = 0;
	bool        quoted = false;

	while (end < rest.len && (quoted || rest.ptr[end] != '}')) {
		if (rest.ptr[end] == '\'')
			quoted = !quoted;
		if (!quoted && rest.ptr[end] == '{') {
			(void)template_refuse(r, DIAG_ID_template, at + 2 + end, 1,
			    "references do not nest");
			return 0;
		}
		end++;
	}
	if (end == rest.len) {
		(void)template_refuse(r, DIAG_ID_template, at, 2,
		    "unterminated reference: '}' is missing");
		diag_hint(r->build->diags, "write $${ for the characters ${");
		return 0;
	}
	if (span_trim(span_sub(rest, 0, end)).len == 0) {
		(void)template_refuse(r, DIAG_ID_template, at, end + 3,
		    "empty reference");
		return 0;
	}
	return reference(r, at + 2, span_sub(rest, 0, end)) ? end + 3 : 0;
}
