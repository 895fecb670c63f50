/* Owned, bounded bytes. Doubles while it grows; never shrinks. */
#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>

enum { FIRST = 64 };

void
buf_free(struct buf *buf)
{
	mem_free(buf->ptr);
	*buf = buf_new(buf->max);
}

void
buf_wipe(struct buf *buf)
{
	if (buf->ptr != NULL)
		explicit_bzero(buf->ptr, buf->cap);
	buf_free(buf);
}

/* Most writers find room. */
static inline bool
has_room(const struct buf *buf, size_t more)
{
	return more <= buf->cap - buf->len && more <= buf->max - buf->len;
}

char *
buf_room(struct buf *buf, size_t more)
{
	size_t cap = buf->cap == 0 ? FIRST : buf->cap;

	if (has_room(buf, more))
		return buf->ptr + buf->len;
	if (more > buf->max || buf->len > buf->max - more) {
		buf->full = true;
		return NULL;
	}
	while (cap < buf->len + more)
		cap *= 2;
	if (cap > buf->cap) {
		buf->ptr = mem_resize(buf->ptr, cap);
		buf->cap = cap;
	}
	return buf->ptr + buf->len;
}

bool
buf_add(struct buf *buf, struct span bytes)
{
	char *room;

	if (bytes.len == 0)
		return true;
	room = buf_room(buf, bytes.len);
	if (room == NULL)
		return false;
	memcpy(room, bytes.ptr, bytes.len);
	buf->len += bytes.len;
	return true;
}

bool
buf_add_text(struct buf *buf, const char *text)
{
	return buf_add(buf, span_of(text));
}

bool
buf_add_octet(struct buf *buf, char octet)
{
	char *room = buf_room(buf, 1);

	if (room == NULL)
		return false;
	*room = octet;
	buf->len++;
	return true;
}

bool
buf_add_fill(struct buf *buf, char octet, size_t count)
{
	char *room = buf_room(buf, count);

	if (room == NULL)
		return false;
	memset(room, octet, count);
	buf->len += count;
	return true;
}

bool
buf_addv(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	char   *room;
	int     len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	/* One octet more than the text: vsnprintf ends with a NUL. */
	room = len < 0 ? NULL : buf_room(buf, (size_t)len + 1);
	if (room != NULL) {
		(void)vsnprintf(room, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
	return room != NULL;
}

bool
buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;
	bool    fits;

	va_start(args, format);
	fits = buf_addv(buf, format, args);
	va_end(args);
	return fits;
}

void
buf_eat(struct buf *buf, size_t count)
{
	if (count >= buf->len) {
		buf->len = 0;
		return;
	}
	buf->len -= count;
	memmove(buf->ptr, buf->ptr + count, buf->len);
}
