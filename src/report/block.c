/*
 * The block under a failed step:
 *
 *        want  550..554
 *        got   250 2.1.5 Ok\r\n
 *         --> relay.yaml:14:13
 *          |
 *       14 |     expect: 550..554
 *          |             ^^^^^^^^ accepted here: 550..554
 *        trace x.lua:12: in local 'say'         (of a script)
 *        note  250: action completed (RFC 5321 4.2.3).
 *        again quoth run relay.yaml --only ...
 */
#include "report/block.h"

#include "base/limits.h"
#include "base/text.h"

enum { KEY_AT = 8, TEXT_AT = 14, BAR_AT = 10, CARETS_MAX = 200 };

static void
key(struct pen *pen, const char *word)
{
	(void)buf_add_fill(pen->out, ' ', KEY_AT);
	pen_say(pen, HUE_DIM, word);
	(void)buf_add_fill(pen->out, ' ', TEXT_AT - KEY_AT - strlen(word));
}

static void
field(struct pen *pen, const char *word, struct span text)
{
	if (text.len == 0)
		return;
	key(pen, word);
	pen_paragraph(pen, HUE_PLAIN, text, TEXT_AT);
}

/* Only when the step's own line does not say it all. */
static void
sent(struct pen *pen, const struct step_record *step)
{
	struct span line = step->sent;

	if (span_ends(line, SPAN("\r\n")))
		line.len -= 2;
	if (step->sent.len == 0 || span_eq(line, step->label))
		return;
	key(pen, "sent");
	pen_wire(pen, step->sent, TEXT_AT, LIMIT_SHOWN_LINES);
}

static void
got(struct pen *pen, const struct step_record *step)
{
	if (step->got.len > 0) {
		key(pen, "got");
		pen_wire(pen, step->got, TEXT_AT, LIMIT_SHOWN_LINES);
	} else if (step->want.len > 0) {
		field(pen, "got", SPAN("no reply"));
	}
}

/* ---- the place ------------------------------------------------------------- */

static void
bar(struct pen *pen)
{
	(void)buf_add_fill(pen->out, ' ', BAR_AT);
	pen_say(pen, HUE_PLACE, "|");
}

/* Octets of the first `count` characters. */
static size_t
characters(struct span text, size_t count)
{
	size_t at = 0;

	while (count-- > 0 && at < text.len) {
		size_t len = span_utf8(span_from(text, at), NULL);

		at += len == 0 ? 1 : len;
	}
	return at;
}

/* The source line with tabs as blanks, so that the caret stands right. */
static void
untabbed(struct span source, struct buf *out)
{
	for (size_t i = 0; i < source.len; i++)
		(void)buf_add_octet(out, source.ptr[i] == '\t' ? ' ' :
		    source.ptr[i]);
}

static void
source_line(struct pen *pen, const struct place_record *place,
    struct span source)
{
	char   number[16];
	size_t len;
	struct buf text = buf_new(sizeof number);

	(void)buf_addf(&text, "%u", (unsigned)place->line);
	len = text.len;
	(void)buf_add_fill(pen->out, ' ', len < BAR_AT - 1 ?
	    BAR_AT - 1 - len : 0);
	(void)buf_add_octet(&text, '\0');
	pen_say(pen, HUE_PLACE, text.ptr);
	buf_free(&text);
	(void)buf_add_octet(pen->out, ' ');
	pen_say(pen, HUE_PLACE, "|");
	(void)buf_add_octet(pen->out, ' ');
	pen_cell(pen, HUE_PLAIN, source, pen->columns - BAR_AT - 2, false);
	(void)buf_add_octet(pen->out, '\n');
}

static size_t
shown_width(struct span text)
{
	struct buf shown = buf_new(16 * (size_t)LIMIT_SHOWN);
	size_t     width;

	text_plain(text, &shown);
	width = text_width(buf_span(&shown));
	buf_free(&shown);
	return width;
}

static void
caret_line(struct pen *pen, struct span remark, struct span before,
    struct span under)
{
	size_t room = pen->columns - BAR_AT - 2;
	size_t blanks = shown_width(before), carets = shown_width(under);
	size_t at;

	blanks = blanks > room - 1 ? room - 1 : blanks;
	carets = carets == 0 ? 1 : carets;
	carets = carets > room - blanks ? room - blanks : carets;
	bar(pen);
	(void)buf_add_fill(pen->out, ' ', blanks + 1);
	for (size_t i = 0; i < carets; i++)
		pen_say(pen, HUE_BAD, i < CARETS_MAX ? "^" : "");
	at = blanks + carets + 1;
	if (remark.len > 0 && at + 20 < room) {
		(void)buf_add_octet(pen->out, ' ');
		pen_cell(pen, HUE_BAD, remark, room - at, false);
	}
	(void)buf_add_octet(pen->out, '\n');
}

/* A line too long for the terminal is shown from near the caret on. */
static void
place_source(struct pen *pen, const struct place_record *place,
    struct span remark)
{
	struct buf  copy = buf_new(LIMIT_SHOWN);
	struct span line, before;
	size_t      column = place->column == 0 ? 0 : place->column - 1;
	size_t      at, skip = 0, room = pen->columns - BAR_AT - 2;

	untabbed(span_sub(place->source, 0, LIMIT_SHOWN), &copy);
	line = buf_span(&copy);
	at = characters(line, column);
	before = span_sub(line, 0, at);
	while (skip < at && shown_width(span_from(before, skip)) > room / 2 &&
	    shown_width(line) > room)
		skip += characters(span_from(line, skip), 8);
	skip = skip > at ? at : skip;
	source_line(pen, place, span_from(line, skip));
	if (place->column > 0)
		caret_line(pen, remark, span_from(before, skip), span_sub(line,
		    at, characters(span_from(line, at), place->width)));
	buf_free(&copy);
}

static void
place_show(struct pen *pen, const struct place_record *place,
    struct span remark)
{
	struct buf name = buf_new(LIMIT_SHOWN);

	if (place->file == NULL)
		return;
	(void)buf_addf(&name, "%s:%u", place->file, (unsigned)place->line);
	if (place->column > 0)
		(void)buf_addf(&name, ":%u", (unsigned)place->column);
	(void)buf_add_fill(pen->out, ' ', BAR_AT - 1);
	pen_say(pen, HUE_PLACE, "--> ");
	/* One line, as terminals and editors want to find it. */
	pen_cell(pen, HUE_PLAIN, buf_span(&name), SIZE_MAX, false);
	(void)buf_add_octet(pen->out, '\n');
	buf_free(&name);
	if (place->source.len == 0)
		return;
	bar(pen);
	(void)buf_add_octet(pen->out, '\n');
	place_source(pen, place, remark);
}

/* A line each, however long, as terminals and editors want to find them. */
static void
trace_lines(struct pen *pen, struct span trace)
{
	struct span line;
	bool        first = true;

	while (trace.len > 0 && span_word(&trace, "\n", &line)) {
		if (first)
			key(pen, "trace");
		else
			(void)buf_add_fill(pen->out, ' ', TEXT_AT);
		first = false;
		pen_cell(pen, HUE_PLAIN, line, SIZE_MAX, false);
		(void)buf_add_octet(pen->out, '\n');
	}
}

/* One line, however long: it is there to be copied. */
static void
again_line(struct pen *pen, struct span again)
{
	if (again.len == 0)
		return;
	key(pen, "again");
	pen_cell(pen, HUE_BOLD, again, SIZE_MAX, false);
	(void)buf_add_octet(pen->out, '\n');
}

void
block_step(struct pen *pen, const struct step_record *step, struct span again)
{
	/* "wanted 250, got 550" stands below in lines of their own; which of
	 * several replies it was does not. */
	bool why = step->cause != CAUSE_CODE || step->want.len == 0 ||
	    span_starts(step->message, SPAN("reply "));

	if (why)
		field(pen, "why", step->message);
	sent(pen, step);
	field(pen, "want", step->want);
	got(pen, step);
	place_show(pen, &step->place, why && span_eq(step->message,
	    step->place.remark) ? SPAN("") : step->place.remark);
	trace_lines(pen, step->trace);
	field(pen, "note", step->note);
	again_line(pen, again);
}

void
block_scenario(struct pen *pen, const struct scenario_record *record)
{
	field(pen, "why", record->reason);
	again_line(pen, record->again);
}
