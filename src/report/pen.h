/*
 * Writing for a terminal: colours that may be off, columns, paragraphs.
 * Text that comes in is untrusted; it is escaped here (text_plain).
 */
#ifndef QUOTH_REPORT_PEN_H
#define QUOTH_REPORT_PEN_H

#include "base/buf.h"

enum hue { HUE_PLAIN, HUE_BOLD, HUE_DIM, HUE_GOOD, HUE_BAD, HUE_WARN,
	HUE_SKIP, HUE_PLACE, HUE_COUNT };

struct pen {
	struct buf *out;
	struct buf  scratch;
	size_t      columns;
	bool        colours;
};

/* pen_close() frees what the pen owns. `columns` 0: unknown. */
struct pen pen_open(struct buf *out, bool colours, size_t columns);
void pen_close(struct pen *pen);

/* Our own words. */
void pen_say(struct pen *pen, enum hue hue, const char *words);

/* One cell: cut to `columns`, filled up with blanks when `fill`. */
void pen_cell(struct pen *pen, enum hue hue, struct span text, size_t columns,
    bool fill);
/* The same, filled; of a text that is too long the end is kept. */
void pen_tail(struct pen *pen, enum hue hue, struct span text,
    size_t columns);

/* Folded at blanks where possible; all lines but the first are indented. The
 * pen stands in column `indent` already; ends the line. */
void pen_paragraph(struct pen *pen, enum hue hue, struct span text,
    size_t indent);

/* Raw wire octets: a line for each of theirs, line ends shown; at most `max`
 * lines, then how many more there are. */
void pen_wire(struct pen *pen, struct span bytes, size_t indent, size_t max);

#endif
