/*
 * The message after DATA: removes the dots that the sender stuffed and finds
 * the end (RFC 5321 4.5.2), in pieces of any size. Only CRLF "." CRLF ends a
 * message and only CRLF ends a line: a bare CR or LF is text, so none of the
 * sequences that smuggle a second message works. Allocates nothing.
 */
#ifndef QUOTH_SERVE_DOT_H
#define QUOTH_SERVE_DOT_H

#include "base/span.h"

enum dot_state {
	DOT_START,              /* behind CRLF, or at the very beginning */
	DOT_TEXT,
	DOT_CR,                 /* text that ended with CR so far */
	DOT_DOT,                /* a line's first octet was a dot */
	DOT_DOT_CR,
	DOT_END
};

/*
 * Takes octets off the front of `in` and gives the text among them that the
 * message keeps: a part of `in`, or a literal. Returns how many were taken;
 * call again with the rest until that is empty or the state DOT_END. `in` is
 * not empty. A call may take nothing but give text (a CR held back).
 */
size_t dot_take(enum dot_state *state, struct span in, struct span *text);

#endif
