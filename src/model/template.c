/*
 * Templates. Parsing finds every reference, checks its name and filters, and
 * folds what is constant; expanding only appends.
 */
#include "model/template_own.h"

#include "base/limits.h"

/* The parts are many and stay as they are until they are taken: nobody wants
 * to zero them for each text. */
bool
template_refuse(struct reader *r, enum diag_id id, size_t at, size_t width,
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
	return template_refuse(r, DIAG_ID_limit, 0, 1,
	    "the text with its variables is longer than %d KiB",
	    (int)(r->literal.max / KIB));
}

/* Constant text that came in through a reference. */
bool
template_insert(struct reader *r, struct span value)
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
		(void)template_refuse(r, DIAG_ID_bad_escape, at + start + bad_at, 2,
		    "unknown escape '%s'", diag_word(r->build->diags,
		    span_sub(line, bad_at, 2)));
		diag_hint(r->build->diags, "escapes are \\r \\n \\t \\0 \\\\ "
		    "and \\xNN");
		return false;
	}
	return true;
}

void
template_flush(struct reader *r)
{
	if (r->literal.len == 0)
		return;
	r->parts[r->count++] = (struct part){ .kind = PART_BYTES,
	    .bytes = arena_copy(r->build->arena, buf_span(&r->literal)) };
	buf_clear(&r->literal);
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
			return template_refuse(r, DIAG_ID_limit, at, 1,
			    "more than %d references in one text",
			    LIMIT_TEMPLATE_PARTS);
		if (span_starts(rest, SPAN("${"))) {
			used = template_reference(r, text, at);
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
	build->secret |= scalar->secret;
	if (scalar->literal || is_plain(scalar->text, mode)) {
		parts[0] = (struct part){ .bytes = scalar->text };
		out->count = scalar->text.len > 0 ? 1 : 0;
		out->parts = parts_keep(build->arena, parts, out->count);
		return true;
	}
	fine = scan(&r, scalar->text);
	template_flush(&r);
	buf_free(&r.literal);
	if (!fine)
		return false;
	out->count = r.count;
	out->pending = r.pending;
	out->parts = parts_keep(build->arena, parts, r.count);
	return true;
}
