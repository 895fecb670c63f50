/* Inside of complain.c: a line of a file as it is shown. */
#ifndef QUOTH_CMD_COMPLAIN_VIEW_H
#define QUOTH_CMD_COMPLAIN_VIEW_H

#include "base/buf.h"
#include "base/loc.h"

struct redactor;

/* What of a line is shown, and where the carets stand below it. */
struct view {
	struct buf  text;               /* escaped */
	size_t      from, to;           /* octets of it that are shown */
	size_t      lead, mark;         /* columns, of the whole text */
	bool        cut_before, cut_behind;
};

/* At most `room` columns. buf_free(&view->text). */
void complain_view(const struct loc *loc, const struct redactor *redactor,
    size_t room, struct view *view);

#endif
