/*
 * The line of a file that a diagnostic shows, and where its carets stand. Only
 * a window of a long line is looked at, so that a file of one long line costs
 * no more. Secrets become stars before anything is cut: half of one would be
 * found by nobody.
 */
#include "cmd/complain_view.h"

#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"

enum {
	AROUND = 160,           /* characters looked at on each side */
	TAB_SHOWN = 4,
	MARK_MAX = 60           /* columns of carets */
};

/* A piece of a line as it is shown: tabs wide, everything else escaped. */
static void
display(struct span piece, struct buf *out)
{
	struct span part;

	for (bool first = true; span_word(&piece, "\t", &part); first = false) {
		if (!first)
			(void)buf_add_fill(out, ' ', TAB_SHOWN);
		text_plain(part, out);
	}
}

static size_t
display_width(struct span piece)
{
	struct buf out = buf_new(64 * (size_t)KIB);
	size_t     width;

	display(piece, &out);
	width = text_width(buf_span(&out));
	buf_free(&out);
	return width;
}

/* Octets of the next `chars` characters of `line` from `at` on. */
static size_t
forward(struct span line, size_t at, size_t chars)
{
	size_t from = at;

	while (chars-- > 0 && at < line.len) {
		size_t len = span_utf8(span_from(line, at), NULL);

		at += len == 0 ? 1 : len;
	}
	return at - from;
}

/* Octets of the `chars` characters of `line` before `at`. */
static size_t
backward(struct span line, size_t at, size_t chars)
{
	size_t from = at;

	while (chars-- > 0 && at > 0) {
		at--;
		for (int i = 0; i < 3 && at > 0 &&
		    ((unsigned char)line.ptr[at] & 0xc0) == 0x80; i++)
			at--;
	}
	return from - at;
}

/* Moves the window so that the carets are in it. */
static void
view_fit(struct view *view, size_t room)
{
	struct span text = buf_span(&view->text);
	size_t      width = text_width(text), skip = 0;

	view->to = text.len;
	if (width <= room)
		return;
	if (view->lead + view->mark + 2 > room)
		skip = view->lead > room / 3 ? view->lead - room / 3 : 0;
	if (skip > 0) {
		view->cut_before = true;
		view->from = text_cut(text, skip);
		skip = text_width(span_sub(text, 0, view->from));
		view->lead = view->lead + 1 > skip ? view->lead + 1 - skip : 0;
		room -= 1;
	}
	if (width - skip > room) {
		view->cut_behind = true;
		view->to = view->from +
		    text_cut(span_from(text, view->from), room - 1);
	}
	if (view->lead + view->mark > room + view->cut_before)
		view->mark = room + view->cut_before > view->lead ?
		    room + view->cut_before - view->lead : 1;
}

/* Secrets that lie in the window, or reach into it. */
static struct span
view_mask(const struct redactor *redactor, struct span line, size_t first,
    size_t last, struct buf *masked)
{
	size_t reach = redactor_empty(redactor) ? 0 : redactor_reach(redactor);
	size_t from = first > reach ? first - reach : 0;

	if (redactor_empty(redactor))
		return span_sub(line, first, last - first);
	redact_stars(redactor, span_sub(line, from, last + reach - from),
	    masked);
	return span_sub(buf_span(masked), first - from, last - first);
}

void
complain_view(const struct loc *loc, const struct redactor *redactor,
    size_t room, struct view *view)
{
	struct span line = loc_line(loc->file, loc->line), window;
	struct buf  masked = buf_new(LIMIT_FILE);
	size_t at = forward(line, 0, loc->column > 0 ? loc->column - 1 : 0);
	size_t first = at - backward(line, at, AROUND);
	size_t marked = forward(line, at, loc->width > 1 ?
	    (loc->width < AROUND ? loc->width : AROUND) : 1);
	size_t last = at + forward(line, at, 2 * AROUND);

	*view = (struct view){ .text = buf_new(64 * (size_t)KIB) };
	(void)buf_room(&view->text, 1);         /* an empty line is no NULL */
	window = view_mask(redactor, line, first, last, &masked);
	display(window, &view->text);
	view->lead = display_width(span_sub(window, 0, at - first));
	view->mark = display_width(span_sub(window, at - first, marked));
	buf_free(&masked);
	view->mark = view->mark == 0 ? 1 :
	    view->mark > MARK_MAX ? MARK_MAX : view->mark;
	view_fit(view, room);
	view->cut_before |= first > 0 && view->from == 0;
	if (first > 0 && view->from == 0)
		view->lead++;
	view->cut_behind |= last < line.len;
}
