/*
 * Owned bytes that grow up to a maximum fixed at birth. What does not fit is
 * refused whole and remembered in `full`, so that a writer of many parts can
 * check once at its end.
 */
#ifndef QUOTH_BASE_BUF_H
#define QUOTH_BASE_BUF_H

#include "base/span.h"

#include <stdarg.h>

struct buf {
	char  *ptr;
	size_t len, cap, max;
	bool   full;            /* something was refused since buf_clear() */
};

/* Allocates nothing yet. `max` in octets. */
static inline struct buf
buf_new(size_t max)
{
	return (struct buf){ .max = max };
}

void buf_free(struct buf *buf);                 /* may be used again */
/* The same for what is secret: overwritten first. Growing leaves copies behind;
 * who cannot have that asks for all its room at once. */
void buf_wipe(struct buf *buf);
bool buf_add(struct buf *buf, struct span bytes);
bool buf_add_text(struct buf *buf, const char *text);
bool buf_add_octet(struct buf *buf, char octet);
bool buf_add_fill(struct buf *buf, char octet, size_t count);
bool buf_addf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool buf_addv(struct buf *buf, const char *format, va_list args);

/* Room for `more` octets behind len; NULL when that passes the maximum. The
 * caller adds to `len` what it used. */
char *buf_room(struct buf *buf, size_t more);

/* Drops the first `count` octets. */
void buf_eat(struct buf *buf, size_t count);

static inline void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->full = false;
}

/* Valid until the buffer changes. */
static inline struct span
buf_span(const struct buf *buf)
{
	return (struct span){ buf->ptr, buf->len };
}

#endif
