/*
 * Templates. Parsing finds every reference, checks its name and filters, and
 * folds what is constant; expanding only appends.
 */
#include "model/template.h"

#include "base/limits.h"
#include "base/secret.h"
#include "model/build.h"

/* The parts are many and stay as they are until they are taken: nobody wants
 * to zero them for each text. */
enum { FILTERS_MAX = 16 };

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

	/* At the very front the quote belongs to it. */
	if (at == 0 && loc.line == r->scalar->loc.line) {
		width += loc.column - r->scalar->loc.column;
		loc = r->scalar->loc;
	}
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
	struct span rest = text, line;
	size_t      bad_at, start;

	if (r->mode != TEMPLATE_ESCAPES)
		return buf_add(&r->literal, text) || too_big(r);
	/* Line breaks of the file are layout. */
	while (span_word(&rest, "\n", &line)) {
		if (escapes_decode(line, &r->literal, &bad_at))
			continue;
		if (r->literal.full)
			return too_big(r);
		start = (size_t)(line.ptr - text.ptr);
		(void)refuse(r, DIAG_ID_bad_escape, at + start + bad_at, 2,
		    "unknown escape '%s'", diag_word(r->build->diags,
		    span_sub(line, bad_at, 2)));
		diag_hint(r->build->diags, "escapes are \\r \\n \\t \\0 \\\\ "
		    "and \\xNN");
		return false;
	}
	return true;
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
unknown_filter(struct reader *r, size_t at, struct span name)
{
	const char *words[FILTERS_MAX];
	size_t      count = 0;

	while (filter_rows[count].name != NULL && count < FILTERS_MAX) {
		words[count] = filter_rows[count].name;
		count++;
	}
	(void)refuse(r, DIAG_ID_unknown_filter, at, name.len,
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
			return refuse(r, DIAG_ID_template, here, word.len,
			    row->counts ? "the filter '%s' needs a number up "
			    "to 65536: ${'x'|repeat 998}" : "the filter '%s' "
			    "takes nothing behind its name", row->name);
		if (*count == FILTERS_MAX)
			return refuse(r, DIAG_ID_limit, here, 1,
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
		return insert(r, value);
	fine = template_filter(uses, count, value, &out, &bad, &why);
	if (!fine)
		(void)refuse(r, out.full ? DIAG_ID_limit : DIAG_ID_template, at,
		    width, "the filter '%s' %s", bad->name, why);
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
		(void)refuse(r, DIAG_ID_bad_escape, at + 1 + bad_at, 2,
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
	    refuse(r, DIAG_ID_template, at, name->name.len,
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
		return refuse(r, DIAG_ID_limit, at, base.len,
		    "the value of '%s' is longer than %d KiB",
		    diag_word(r->build->diags, base), LIMIT_EXPANDED / KIB);
	case NAME_STATIC:
		if (name->list != NULL)
			return refuse(r, DIAG_ID_template, at, base.len,
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
			return refuse(r, DIAG_ID_template, at, 1,
			    "the quote is not closed");
		base = span_sub(inside, 1, end);
		bar = end + 2 < inside.len ? end + 2 : SIZE_MAX;
		while (bar != SIZE_MAX && bar < inside.len &&
		    inside.ptr[bar] == ' ')
			bar++;
		if (bar != SIZE_MAX && (bar == inside.len ||
		    inside.ptr[bar] != '|'))
			return refuse(r, DIAG_ID_template, at + end + 2, 1,
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

/* Nothing in it that means anything but itself. */
static bool
is_plain(struct span text, enum template_mode mode)
{
	return span_chr(text, '$') == SIZE_MAX && (mode != TEMPLATE_ESCAPES ||
	    (span_chr(text, '\\') == SIZE_MAX &&
	    span_chr(text, '\n') == SIZE_MAX));
}

static struct part *
parts_keep(struct arena *arena, const struct part *parts, uint32_t count)
{
	struct part *kept = arena_alloc(arena, count * sizeof *kept);

	if (count > 0)
		memcpy(kept, parts, count * sizeof *kept);
	return kept;
}

bool
template_parse(struct build *build, const struct node *scalar,
    enum template_mode mode, struct template *out)
{
	struct part   parts[LIMIT_TEMPLATE_PARTS];
	struct reader r = { .build = build, .scalar = scalar, .mode = mode,
	    .parts = parts, .literal = { .max = LIMIT_SCALAR } };
	bool          fine;

	*out = (struct template){ .loc = scalar->loc };
	if (is_plain(scalar->text, mode)) {
		parts[0] = (struct part){ .bytes = scalar->text };
		out->count = scalar->text.len > 0 ? 1 : 0;
		out->parts = parts_keep(build->arena, parts, out->count);
		return true;
	}
	fine = scan(&r, scalar->text);
	flush(&r);
	buf_free(&r.literal);
	if (!fine)
		return false;
	out->count = r.count;
	out->pending = r.pending;
	out->parts = parts_keep(build->arena, parts, r.count);
	return true;
}
