/*
 * Any octets into every sink: what comes out has no control character, no CI
 * command, and for JSON, XML and GitHub it decodes back to what went in.
 */
#include "base/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static bool
has(struct span in, const char *what)
{
	return span_find(in, span_of(what)) != SIZE_MAX;
}

static void
check(struct span out, bool lines)
{
	for (size_t at = 0; at < out.len;) {
		uint32_t point = 0;
		size_t   len = span_utf8(span_from(out, at), &point);

		must(len > 0);
		must(!text_hidden(point) ||
		    (lines && (point == '\n' || point == '\t')));
		if (at + 2 < out.len && out.ptr[at] == ':' &&
		    out.ptr[at + 1] == ':')
			must((out.ptr[at + 2] | 0x20) < 'a' ||
			    (out.ptr[at + 2] | 0x20) > 'z');
		at += len;
	}
	must(!has(out, "##[") && !has(out, "##vso[") &&
	    !has(out, "##teamcity["));
}

static uint32_t
hex4(const char *at)
{
	char text[5] = { at[0], at[1], at[2], at[3], '\0' };

	return (uint32_t)strtoul(text, NULL, 16);
}

static void
utf8_add(uint32_t point, struct buf *out)
{
	if (point < 0x80) {
		(void)buf_add_octet(out, (char)point);
	} else if (point < 0x800) {
		(void)buf_add_octet(out, (char)(0xc0 | point >> 6));
		(void)buf_add_octet(out, (char)(0x80 | (point & 63)));
	} else if (point < 0x10000) {
		(void)buf_add_octet(out, (char)(0xe0 | point >> 12));
		(void)buf_add_octet(out, (char)(0x80 | (point >> 6 & 63)));
		(void)buf_add_octet(out, (char)(0x80 | (point & 63)));
	} else {
		(void)buf_add_octet(out, (char)(0xf0 | point >> 18));
		(void)buf_add_octet(out, (char)(0x80 | (point >> 12 & 63)));
		(void)buf_add_octet(out, (char)(0x80 | (point >> 6 & 63)));
		(void)buf_add_octet(out, (char)(0x80 | (point & 63)));
	}
}

static size_t
json_unit(struct span json, size_t at, struct buf *back)
{
	uint32_t unit = hex4(json.ptr + at + 2);

	if (unit >= 0xd800 && unit < 0xdc00) {
		utf8_add(0x10000 + ((unit - 0xd800) << 10) +
		    (hex4(json.ptr + at + 8) - 0xdc00), back);
		return 12;
	}
	if (unit >= 0xdc80 && unit < 0xdd00)
		(void)buf_add_octet(back, (char)(unit - 0xdc00));
	else
		utf8_add(unit, back);
	return 6;
}

static void
json_decode(struct span json, struct buf *back)
{
	must(json.len >= 2 && json.ptr[0] == '"' &&
	    json.ptr[json.len - 1] == '"');
	for (size_t at = 1; at < json.len - 1;) {
		char c = json.ptr[at], next = json.ptr[at + 1];

		must(c != '"');
		if (c != '\\') {
			(void)buf_add_octet(back, c);
			at++;
		} else if (next == 'u') {
			at += json_unit(json, at, back);
		} else {
			(void)buf_add_octet(back, next == 'n' ? '\n' :
			    next == 'r' ? '\r' : next == 't' ? '\t' : next);
			at += 2;
		}
	}
}

static void
xml_check(struct span xml)
{
	for (size_t at = 0; at < xml.len; at++) {
		struct span rest = span_from(xml, at);

		must(strchr("<>\"'", rest.ptr[0]) == NULL);
		must(rest.ptr[0] != '&' || span_starts(rest, SPAN("&amp;")) ||
		    span_starts(rest, SPAN("&lt;")) ||
		    span_starts(rest, SPAN("&gt;")) ||
		    span_starts(rest, SPAN("&quot;")) ||
		    span_starts(rest, SPAN("&#13;")) ||
		    span_starts(rest, SPAN("&#39;")) ||
		    span_starts(rest, SPAN("&#58;")) ||
		    span_starts(rest, SPAN("&#91;")));
	}
}

/* sh's own rules for one word. */
static void
shell_decode(struct span word, struct buf *back)
{
	bool quoted = false;

	for (size_t at = 0; at < word.len; at++) {
		char c = word.ptr[at];

		if (c == '\'') {
			quoted = !quoted;
		} else if (!quoted && c == '\\') {
			(void)buf_add_octet(back, word.ptr[++at]);
		} else {
			must(quoted || strchr(" \t\n$`\"();&|<>*?[]{}~#!=", c) ==
			    NULL);
			(void)buf_add_octet(back, c);
		}
	}
	must(!quoted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = { (const char *)data, size };
	struct buf  out = buf_new(64 * size + 64), back = buf_new(size + 64);

	text_plain(in, &out);
	check(buf_span(&out), false);
	for (size_t columns = 0; columns < 12; columns++) {
		struct buf cut = buf_new(64 * size + 64);

		text_fit(buf_span(&out), columns, &cut);
		check(buf_span(&cut), false);
		must(text_width(buf_span(&cut)) <= columns);
		buf_free(&cut);
	}
	buf_clear(&out);
	text_tap(in, &out);
	check(buf_span(&out), false);
	for (size_t i = 0; i < out.len; i++)
		if (out.ptr[i] == '\\')
			i++;
		else
			must(out.ptr[i] != '#');
	buf_clear(&out);
	text_yaml(in, &out);
	check(buf_span(&out), false);
	buf_clear(&out);
	text_xml(in, &out);
	check(buf_span(&out), true);
	xml_check(buf_span(&out));
	buf_clear(&out);
	text_json(in, JSON_SHOWN, &out);
	check(buf_span(&out), false);
	buf_clear(&out);
	text_json(in, JSON_LOSSLESS, &out);
	check(buf_span(&out), false);
	json_decode(buf_span(&out), &back);
	must(span_eq(in, buf_span(&back)));
	buf_clear(&out);
	text_github_property(in, &out);
	check(buf_span(&out), false);
	must(!has(buf_span(&out), ":") && !has(buf_span(&out), ","));
	buf_clear(&out);
	text_github(in, &out);
	check(buf_span(&out), false);
	buf_clear(&out);
	buf_clear(&back);
	text_shell(in, &out);
	if (memchr(data == NULL ? (const uint8_t *)"" : data, 0, size) == NULL)
		shell_decode(buf_span(&out), &back);
	must(back.len == 0 || span_eq(in, buf_span(&back)));
	must(!out.full);
	buf_free(&out);
	buf_free(&back);
	return 0;
}
