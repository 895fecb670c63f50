/*
 * Text for people: terminals, logs, TAP, GitHub annotations, shells. Each
 * function walks over the characters once; runs of harmless octets are copied
 * in one piece. For XML, JSON and YAML see text_data.c.
 */
#include "base/text.h"

#include "base/text_walk.h"

/* What a sink adds to the plain form. */
enum form { FORM_PLAIN, FORM_TAP, FORM_GITHUB, FORM_PROPERTY };

static void
octet_shown(unsigned char octet, struct buf *out)
{
	static const char hex[] = "0123456789abcdef";
	char text[4] = { '\\', 'x', hex[octet >> 4], hex[octet & 15] };

	(void)buf_add(out, (struct span){ text, sizeof text });
}

void
text_show_point(uint32_t point, struct buf *out)
{
	switch (point) {
	case '\r':
		(void)buf_add(out, SPAN("\\r"));
		return;
	case '\n':
		(void)buf_add(out, SPAN("\\n"));
		return;
	case '\t':
		(void)buf_add(out, SPAN("\\t"));
		return;
	default:
		break;
	}
	if (point < 0x80)
		octet_shown((unsigned char)point, out);
	else
		(void)buf_addf(out, "\\u{%x}", (unsigned)point);
}

void
text_show_octet(char octet, struct buf *out)
{
	octet_shown((unsigned char)octet, out);
}

bool
text_command(struct span in, size_t at)
{
	struct span before = span_sub(in, 0, at);
	char now = in.ptr[at];

	if (now == '[')
		return span_ends(before, SPAN("##")) ||
		    span_ends(before, SPAN("##vso")) ||
		    span_ends(before, SPAN("##teamcity"));
	if (now != ':' || !span_ends(before, SPAN(":")) || at + 1 >= in.len)
		return false;
	now = (char)(in.ptr[at + 1] | 0x20);
	return now >= 'a' && now <= 'z';
}

/* Not to be copied as it is; `:` and `[` only within a command. */
static bool
special(char octet, enum form form)
{
	unsigned char c = (unsigned char)octet;

	if (c < 0x20 || c >= 0x7f || c == ':' || c == '[')
		return true;
	switch (form) {
	case FORM_PLAIN:
		return false;
	case FORM_TAP:
		return c == '\\' || c == '#';
	case FORM_GITHUB:
		return c == '%';
	case FORM_PROPERTY:
		return c == '%' || c == ',';
	}
	return true;
}

/* text_plain's escapes; in TAP their backslash is escaped in its turn. */
static void
show(struct walk *walk, enum form form, struct buf *out)
{
	if (form == FORM_TAP)
		(void)buf_add_octet(out, '\\');
	if (walk->valid)
		text_show_point(walk->point, out);
	else
		text_show_octet(walk->chars.ptr[0], out);
}

static void
one(struct span in, struct walk *walk, enum form form, struct buf *out)
{
	char first = walk->chars.ptr[0];
	bool github = form == FORM_GITHUB || form == FORM_PROPERTY;

	if (walk->valid && !text_hidden(walk->point)) {
		if (text_command(in, walk->at))
			show(walk, form, out);
		else if (form == FORM_TAP && (first == '\\' || first == '#'))
			(void)buf_addf(out, "\\%c", first);
		else if ((github && first == '%') ||
		    (form == FORM_PROPERTY && (first == ':' || first == ',')))
			(void)buf_addf(out, "%%%02X", (unsigned)first);
		else
			(void)buf_add(out, walk->chars);
		return;
	}
	if (github && first == '\n')
		(void)buf_add(out, SPAN("%0A"));
	else
		show(walk, form, out);
}

static void
render(struct span in, enum form form, struct buf *out)
{
	struct walk walk = { 0 };
	size_t      from = 0;

	for (size_t at = 0; at < in.len;) {
		if (!special(in.ptr[at], form)) {
			at++;
			continue;
		}
		(void)buf_add(out, span_sub(in, from, at - from));
		walk.next = at;
		(void)walk_on(in, &walk);
		one(in, &walk, form, out);
		from = at = walk.next;
	}
	(void)buf_add(out, span_from(in, from));
}

void
text_plain(struct span in, struct buf *out)
{
	render(in, FORM_PLAIN, out);
}

void
text_tap(struct span in, struct buf *out)
{
	render(in, FORM_TAP, out);
}

void
text_github(struct span in, struct buf *out)
{
	render(in, FORM_GITHUB, out);
}

void
text_github_property(struct span in, struct buf *out)
{
	render(in, FORM_PROPERTY, out);
}

static bool
shell_safe(struct span in)
{
	static const char others[] = "_./:@%+,-";

	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') ||
		    memchr(others, c, sizeof others - 1) != NULL))
			return false;
	}
	return in.len > 0;
}

void
text_shell(struct span in, struct buf *out)
{
	if (shell_safe(in)) {
		(void)buf_add(out, in);
		return;
	}
	(void)buf_add_octet(out, '\'');
	for (size_t i = 0; i < in.len; i++)
		if (in.ptr[i] == '\'')
			(void)buf_add(out, SPAN("'\\''"));
		else
			(void)buf_add_octet(out, in.ptr[i]);
	(void)buf_add_octet(out, '\'');
}

/* Octets of `in` that fill at most `columns`. */
static size_t
fitting(struct span in, size_t columns)
{
	size_t at = 0, used = 0;

	while (at < in.len) {
		uint32_t point = 0;
		size_t   len = span_utf8(span_from(in, at), &point);

		used += len == 0 ? 1 : text_columns(point);
		if (used > columns)
			break;
		at += len == 0 ? 1 : len;
	}
	return at;
}

size_t
text_cut(struct span in, size_t columns)
{
	size_t at = fitting(in, columns), len;

	if (at > 0 || in.len == 0)
		return at;
	len = span_utf8(in, NULL);
	return len == 0 ? 1 : len;
}

struct span
text_head(struct span in, size_t max)
{
	size_t from = max < 3 ? 0 : max - 3;

	if (in.len <= max)
		return in;
	/* A character of up to four octets may begin before `max`. */
	for (size_t at = from; at < max; at++) {
		size_t len = span_utf8(span_from(in, at), NULL);

		if (len > 1 && at + len > max)
			return span_sub(in, 0, at);
	}
	return span_sub(in, 0, max);
}

void
text_fit(struct span in, size_t columns, struct buf *out)
{
	size_t fits = fitting(in, columns);

	if (fits == in.len) {
		(void)buf_add(out, in);
	} else if (columns > 0) {
		(void)buf_add(out, span_sub(in, 0, fitting(in, columns - 1)));
		(void)buf_add(out, SPAN("\xe2\x80\xa6"));
	}
}
