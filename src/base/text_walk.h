/*
 * Inside of text.c and text_data.c: a walk over untrusted octets character by
 * character, and the escapes that they share.
 */
#ifndef QUOTH_BASE_TEXT_WALK_H
#define QUOTH_BASE_TEXT_WALK_H

#include "base/buf.h"

struct walk {
	size_t      at, next;   /* where this character starts, and ends */
	struct span chars;      /* its octets; one when it is not valid */
	uint32_t    point;
	bool        valid;      /* UTF-8 */
};

/* False at the end. */
static inline bool
walk_on(struct span in, struct walk *walk)
{
	size_t len;

	if (walk->next >= in.len)
		return false;
	walk->at = walk->next;
	len = span_utf8(span_from(in, walk->at), &walk->point);
	walk->valid = len > 0;
	walk->chars = span_sub(in, walk->at, len == 0 ? 1 : len);
	walk->next += walk->chars.len;
	return true;
}

/* \r \n \t \xNN \u{NNNN} */
void text_show_point(uint32_t point, struct buf *out);
void text_show_octet(char octet, struct buf *out);

/* The octet at `at` is the one of a CI command that must not stand there. */
bool text_command(struct span in, size_t at);

#endif
