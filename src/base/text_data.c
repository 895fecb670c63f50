/*
 * Text for machines: XML, JSON, YAML. What comes out is valid UTF-8 whatever
 * goes in, and a parser of the format gives back what text.h promises.
 */
#include "base/text.h"

#include "base/text_walk.h"

static void
xml_one(struct span in, const struct walk *walk, struct buf *out)
{
	char first = walk->chars.ptr[0];

	if (!walk->valid)
		text_show_octet(first, out);
	else if (first == '&')
		(void)buf_add(out, SPAN("&amp;"));
	else if (first == '<')
		(void)buf_add(out, SPAN("&lt;"));
	else if (first == '>')
		(void)buf_add(out, SPAN("&gt;"));
	else if (first == '"')
		(void)buf_add(out, SPAN("&quot;"));
	else if (first == '\'' || first == '\r' ||
	    text_command(in, walk->at))
		(void)buf_addf(out, "&#%d;", first);
	else if (first == '\n' || first == '\t' || !text_hidden(walk->point))
		(void)buf_add(out, walk->chars);
	else
		text_show_point(walk->point, out);
}

void
text_xml(struct span in, struct buf *out)
{
	struct walk walk = { 0 };

	while (walk_on(in, &walk))
		xml_one(in, &walk, out);
}

static void
json_unit(uint32_t unit, struct buf *out)
{
	(void)buf_addf(out, "\\u%04x", (unsigned)unit);
}

static void
json_point(uint32_t point, struct buf *out)
{
	if (point >= 0x10000) {
		json_unit(0xd800 + ((point - 0x10000) >> 10), out);
		json_unit(0xdc00 + ((point - 0x10000) & 0x3ff), out);
	} else if (point == '\n') {
		(void)buf_add(out, SPAN("\\n"));
	} else if (point == '\r') {
		(void)buf_add(out, SPAN("\\r"));
	} else if (point == '\t') {
		(void)buf_add(out, SPAN("\\t"));
	} else {
		json_unit(point, out);
	}
}

static void
json_octet(char octet, enum json_bytes how, struct buf *out)
{
	switch (how) {
	case JSON_SHOWN:
		(void)buf_add_octet(out, '\\');
		text_show_octet(octet, out);
		break;
	case JSON_LOSSLESS:
		json_unit(0xdc00 + (uint32_t)(unsigned char)octet, out);
		break;
	}
}

/* Printable ASCII that needs no look; the hot path of the journal. */
static bool
json_clean(char octet)
{
	unsigned char c = (unsigned char)octet;

	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<' &&
	    c != ':' && c != '[';
}

void
text_json(struct span in, enum json_bytes how, struct buf *out)
{
	struct walk walk = { 0 };
	size_t      from = 0;

	(void)buf_add_octet(out, '"');
	for (size_t at = 0; at < in.len;) {
		if (json_clean(in.ptr[at])) {
			at++;
			continue;
		}
		(void)buf_add(out, span_sub(in, from, at - from));
		walk.next = at;
		(void)walk_on(in, &walk);
		if (!walk.valid)
			json_octet(in.ptr[at], how, out);
		else if (in.ptr[at] == '"' || in.ptr[at] == '\\')
			(void)buf_addf(out, "\\%c", in.ptr[at]);
		else if (in.ptr[at] == '<' || text_hidden(walk.point) ||
		    text_command(in, at))
			json_point(walk.point, out);
		else
			(void)buf_add(out, walk.chars);
		from = at = walk.next;
	}
	(void)buf_add(out, span_from(in, from));
	(void)buf_add_octet(out, '"');
}

static void
yaml_point(uint32_t point, struct buf *out)
{
	if (point == '\n' || point == '\r' || point == '\t')
		text_show_point(point, out);
	else if (point < 0x100)
		(void)buf_addf(out, "\\x%02x", (unsigned)point);
	else if (point < 0x10000)
		(void)buf_addf(out, "\\u%04x", (unsigned)point);
	else
		(void)buf_addf(out, "\\U%08x", (unsigned)point);
}

void
text_yaml(struct span in, struct buf *out)
{
	struct walk walk = { 0 };

	(void)buf_add_octet(out, '"');
	while (walk_on(in, &walk)) {
		char first = walk.chars.ptr[0];

		if (!walk.valid) {
			(void)buf_add_octet(out, '\\');
			text_show_octet(first, out);
		} else if (first == '"' || first == '\\') {
			(void)buf_addf(out, "\\%c", first);
		} else if (text_hidden(walk.point) ||
		    text_command(in, walk.at)) {
			yaml_point(walk.point, out);
		} else {
			(void)buf_add(out, walk.chars);
		}
	}
	(void)buf_add_octet(out, '"');
}
