/* The octets of a content at any place, for writes of any size. */
#include "verb/content.h"

enum { FILLER_LINE = 80 };

/* Octet `at` of `total` octets of lines. A single octet cannot be a line: it
 * goes in front of the first one. */
static char
filler_octet(uint64_t total, uint64_t at)
{
	uint64_t left, place;

	if (total % FILLER_LINE == 1) {
		if (at == 0)
			return 'x';
		at--;
		total--;
	}
	place = at % FILLER_LINE;
	left = total - at;
	if (left > FILLER_LINE - place)
		left = FILLER_LINE - place;
	return left == 2 ? '\r' : left == 1 ? '\n' :
	    (char)('a' + (int)(place % 26));
}

struct span
content_span(const struct content *content, uint64_t at, size_t max)
{
	uint64_t behind = content->head.len + content->filler;

	if (at < content->head.len)
		return span_sub(content->head, (size_t)at, max);
	if (at < behind)
		return (struct span){ "", 0 };
	return span_sub(content->tail, (size_t)(at - behind), max);
}

static bool
filler_add(const struct content *content, uint64_t at, size_t count,
    struct buf *out)
{
	char *room = buf_room(out, count);

	if (room == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		room[i] = filler_octet(content->filler, at + i);
	out->len += count;
	return true;
}

bool
content_add(const struct content *content, uint64_t at, size_t count,
    struct buf *out)
{
	uint64_t behind = content->head.len + content->filler;

	while (count > 0) {
		struct span part = content_span(content, at, count);
		size_t      len = part.len;

		if (len == 0 && at >= behind)
			return true;
		if (len == 0)
			len = behind - at < count ? (size_t)(behind - at) :
			    count;
		if (part.len > 0 ? !buf_add(out, part) : !filler_add(content,
		    at - content->head.len, len, out))
			return false;
		at += len;
		count -= len;
	}
	return true;
}
