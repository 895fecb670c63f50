/* Scans by lines with memchr: one span for all lines up to a leading dot. */
#include "serve/dot.h"

static bool
is_crlf(enum dot_state state, struct span in, size_t lf)
{
	return lf == 0 ? state == DOT_CR : in.ptr[lf - 1] == '\r';
}

/* Everything up to the next line that starts with a dot. */
static size_t
take_text(enum dot_state *state, struct span in, struct span *text)
{
	enum dot_state before = *state;
	size_t         at = 0;

	*text = in;
	*state = in.ptr[in.len - 1] == '\r' ? DOT_CR : DOT_TEXT;
	for (;;) {
		size_t lf = span_chr(span_from(in, at), '\n');

		if (lf == SIZE_MAX)
			return in.len;
		lf += at;
		at = lf + 1;
		if (!is_crlf(before, in, lf))
			continue;
		if (at == in.len || in.ptr[at] == '.') {
			*state = DOT_START;
			text->len = at;
			return at;
		}
	}
}

size_t
dot_take(enum dot_state *state, struct span in, struct span *text)
{
	*text = (struct span){ in.ptr, 0 };
	switch (*state) {
	case DOT_START:
		if (in.ptr[0] != '.')
			break;
		*state = DOT_DOT;
		return 1;
	case DOT_DOT:
		if (in.ptr[0] != '\r')
			break;
		*state = DOT_DOT_CR;
		return 1;
	case DOT_DOT_CR:
		if (in.ptr[0] == '\n') {
			*state = DOT_END;
			return 1;
		}
		*text = SPAN("\r");
		*state = DOT_CR;
		return 0;
	case DOT_TEXT:
	case DOT_CR:
		break;
	case DOT_END:
		return 0;
	}
	return take_text(state, in, text);
}
