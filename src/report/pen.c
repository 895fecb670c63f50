/*
 * Colours are the eight of every terminal, so that they fit any theme. A cell
 * never breaks a line; only paragraphs and wires have several.
 */
#include "report/pen.h"

#include "base/limits.h"
#include "base/text.h"

#include <assert.h>

enum { COLUMNS_DEFAULT = 80, COLUMNS_LEAST = 60, COLUMNS_MOST = 120,
	PARAGRAPH_LEAST = 24 };

static const char *const hues[] = {
	[HUE_PLAIN] = "",
	[HUE_BOLD] = "\x1b[1m",
	[HUE_DIM] = "\x1b[2m",
	[HUE_GOOD] = "\x1b[32m",
	[HUE_BAD] = "\x1b[1;31m",
	[HUE_WARN] = "\x1b[33m",
	[HUE_SKIP] = "\x1b[36m",
	[HUE_PLACE] = "\x1b[34m",
};
static_assert(sizeof hues / sizeof *hues == HUE_COUNT, "a hue lacks its code");

struct pen
pen_open(struct buf *out, bool colours, size_t columns)
{
	columns = columns == 0 ? COLUMNS_DEFAULT :
	    columns < COLUMNS_LEAST ? COLUMNS_LEAST :
	    columns > COLUMNS_MOST ? COLUMNS_MOST : columns;
	return (struct pen){
		.out = out, .colours = colours, .columns = columns,
		.scratch = buf_new(16 * (size_t)LIMIT_REPLY),
	};
}

void
pen_close(struct pen *pen)
{
	buf_free(&pen->scratch);
}

static void
hue_on(struct pen *pen, enum hue hue)
{
	if (pen->colours)
		(void)buf_add_text(pen->out, hues[hue]);
}

static void
hue_off(struct pen *pen, enum hue hue)
{
	if (pen->colours && hue != HUE_PLAIN)
		(void)buf_add_text(pen->out, "\x1b[0m");
}

void
pen_say(struct pen *pen, enum hue hue, const char *words)
{
	hue_on(pen, hue);
	(void)buf_add_text(pen->out, words);
	hue_off(pen, hue);
}

/* Escaped, in the scratch: until the next call. */
static struct span
escaped(struct pen *pen, struct span text)
{
	buf_clear(&pen->scratch);
	text_plain(text, &pen->scratch);
	return buf_span(&pen->scratch);
}

void
pen_cell(struct pen *pen, enum hue hue, struct span text, size_t columns,
    bool fill)
{
	struct span shown = escaped(pen, text);
	size_t      width = text_width(shown);

	hue_on(pen, hue);
	text_fit(shown, columns, pen->out);
	hue_off(pen, hue);
	if (fill && width < columns)
		(void)buf_add_fill(pen->out, ' ', columns - width);
}

void
pen_tail(struct pen *pen, enum hue hue, struct span text, size_t columns)
{
	struct span shown = escaped(pen, text);
	size_t      width = text_width(shown), at = 0;
	bool        cut = width > columns;

	while (width + 1 > columns && cut && at < shown.len) {
		size_t len = span_utf8(span_from(shown, at), NULL);

		len = len == 0 ? 1 : len;
		width -= text_width(span_sub(shown, at, len));
		at += len;
	}
	hue_on(pen, hue);
	(void)buf_add_text(pen->out, cut ? "\xe2\x80\xa6" : "");
	text_fit(span_from(shown, at), columns, pen->out);
	hue_off(pen, hue);
	if (width + cut < columns)
		(void)buf_add_fill(pen->out, ' ', columns - width - cut);
}

/* Octets of the next line: as much as fits, to a blank where there is one. */
static size_t
fold(struct span text, size_t columns)
{
	size_t fits = text_cut(text, columns), at = fits;

	if (fits >= text.len)
		return text.len;
	while (at > fits / 2 && text.ptr[at] != ' ')
		at--;
	return at > fits / 2 ? at : fits;
}

static void
paragraph(struct pen *pen, enum hue hue, struct span shown, size_t indent)
{
	size_t columns = pen->columns > indent + PARAGRAPH_LEAST ?
	    pen->columns - indent : PARAGRAPH_LEAST;

	for (bool first = true; first || shown.len > 0; first = false) {
		size_t used = fold(shown, columns);

		if (!first)
			(void)buf_add_fill(pen->out, ' ', indent);
		hue_on(pen, hue);
		(void)buf_add(pen->out, span_sub(shown, 0, used));
		hue_off(pen, hue);
		(void)buf_add_octet(pen->out, '\n');
		shown = span_from(shown, used);
		while (shown.len > 0 && shown.ptr[0] == ' ')
			shown = span_from(shown, 1);
	}
}

void
pen_paragraph(struct pen *pen, enum hue hue, struct span text, size_t indent)
{
	struct span head = text_head(text, LIMIT_SHOWN);

	(void)escaped(pen, head);
	if (head.len < text.len)
		(void)buf_addf(&pen->scratch, " (%zu more octets)",
		    text.len - head.len);
	paragraph(pen, hue, buf_span(&pen->scratch), indent);
}

static size_t
line_count(struct span bytes)
{
	size_t count = 0;

	for (size_t end; bytes.len > 0; count++) {
		end = span_chr(bytes, '\n');
		bytes = end == SIZE_MAX ? (struct span){ NULL, 0 } :
		    span_from(bytes, end + 1);
	}
	return count;
}

void
pen_wire(struct pen *pen, struct span bytes, size_t indent, size_t max)
{
	size_t lines = line_count(bytes);

	for (size_t i = 0; i < lines; i++) {
		size_t      end = span_chr(bytes, '\n');
		struct span line = span_sub(bytes, 0,
		    end == SIZE_MAX ? bytes.len : end + 1);

		if (i > 0)
			(void)buf_add_fill(pen->out, ' ', indent);
		if (i == max) {
			hue_on(pen, HUE_DIM);
			(void)buf_addf(pen->out, "(%zu more lines)\n",
			    lines - i);
			hue_off(pen, HUE_DIM);
			return;
		}
		pen_paragraph(pen, HUE_PLAIN, line, indent);
		bytes = span_from(bytes, line.len);
	}
}
