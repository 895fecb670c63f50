/*
 * Frames, numbers, bytes, outcomes and complaints: to octets and back. What is
 * taken points into the frame. A frame that does not fit is dropped whole, so
 * that the pipe stays in step; numbers have one form only, so that what was
 * taken is written as the same octets again.
 */
#include "script/message.h"

#include "model/result.h"

enum {
	LENGTH = 4,             /* octets */
	NUMBER_MAX = 10
};

enum {                          /* of an outcome, in one octet */
	TOLD_FATAL = 1,
	TOLD_LAST = 2,
	TOLD_REPLY = 4,
	TOLD_LOST = 8,
	TOLD_ALL = 15
};

static size_t
length_read(const char *at)
{
	const unsigned char *from = (const unsigned char *)at;

	return (uint32_t)from[0] | (uint32_t)from[1] << 8 |
	    (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static bool
kind_known(uint8_t kind)
{
	return (kind >= FRAME_LOAD && kind <= FRAME_DROP) ||
	    (kind >= FRAME_REGISTERED && kind <= FRAME_FINDING);
}

size_t
frame_cut(struct span in, struct frame *frame)
{
	struct span rest;
	uint64_t    run;
	uint8_t     kind;
	size_t      length;

	if (in.len < LENGTH)
		return 0;
	length = length_read(in.ptr);
	if (length < 2 || length > MESSAGE_MAX)
		return SIZE_MAX;
	if (in.len - LENGTH < length)
		return 0;
	kind = (uint8_t)in.ptr[LENGTH];
	rest = span_sub(in, LENGTH + 1, length - 1);
	if (!kind_known(kind) || !take_number(&rest, UINT32_MAX, &run))
		return SIZE_MAX;
	*frame = (struct frame){ (enum frame_kind)kind, (uint32_t)run, rest };
	return LENGTH + length;
}

/* Where `more` octets may be written at once; NULL: not without growing, and
 * perhaps not at all. */
static inline char *
quick(const struct buf *out, size_t more)
{
	return more <= out->cap - out->len && more <= out->max - out->len ?
	    out->ptr + out->len : NULL;
}

static inline char *
number_at(char *at, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		*at++ = (char)((number & 0x7f) | 0x80);
	*at++ = (char)number;
	return at;
}

/* Ends what was written at quick(). */
static inline void
wrote(struct buf *out, const char *end)
{
	out->len = (size_t)(end - out->ptr);
}

size_t
frame_begin(struct buf *out, enum frame_kind kind, uint32_t run)
{
	size_t mark = out->len;
	char  *at = quick(out, LENGTH + 1 + NUMBER_MAX);

	if (at != NULL) {
		memset(at, 0, LENGTH);
		at[LENGTH] = (char)kind;
		wrote(out, number_at(at + LENGTH + 1, run));
		return mark;
	}
	(void)buf_add_fill(out, '\0', LENGTH);
	(void)buf_add_octet(out, (char)kind);
	put_number(out, run);
	return mark;
}

void
frame_end(struct buf *out, size_t mark)
{
	size_t length = out->len - mark;

	if (out->full || length - LENGTH > MESSAGE_MAX) {
		out->full = true;
		out->len = mark;
		return;
	}
	length -= LENGTH;
	for (size_t i = 0; i < LENGTH; i++)
		out->ptr[mark + i] = (char)(length >> 8 * i & 0xff);
}

void
put_number(struct buf *out, uint64_t number)
{
	char  octets[NUMBER_MAX];
	char *at = quick(out, NUMBER_MAX);

	if (at != NULL)
		wrote(out, number_at(at, number));
	else
		(void)buf_add(out, (struct span){ octets,
		    (size_t)(number_at(octets, number) - octets) });
}

void
put_bytes(struct buf *out, struct span bytes)
{
	char *at = bytes.len > MESSAGE_MAX ? NULL :
	    quick(out, NUMBER_MAX + bytes.len);

	if (at == NULL) {
		put_number(out, bytes.len);
		(void)buf_add(out, bytes);
		return;
	}
	at = number_at(at, bytes.len);
	if (bytes.len > 0)
		memcpy(at, bytes.ptr, bytes.len);
	wrote(out, at + bytes.len);
}

bool
take_number_long(struct span *in, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	for (size_t at = 0; at < in->len && at < NUMBER_MAX; at++) {
		uint64_t octet = (unsigned char)in->ptr[at];

		if (at == NUMBER_MAX - 1 && octet > 1)
			return false;
		value |= (octet & 0x7f) << 7 * at;
		if (octet >= 0x80)
			continue;
		if ((octet == 0 && at > 0) || value > max)
			return false;
		*in = span_from(*in, at + 1);
		*number = value;
		return true;
	}
	return false;
}

bool
take_bytes(struct span *in, struct span *bytes)
{
	struct span rest = *in;
	uint64_t    len;

	if (!take_number(&rest, rest.len, &len) || len > rest.len)
		return false;
	*bytes = (struct span){ rest.ptr, (size_t)len };
	*in = (struct span){ rest.ptr + len, rest.len - (size_t)len };
	return true;
}

static bool
take_octet(struct span *in, uint8_t max, uint8_t *octet)
{
	if (in->len == 0 || (unsigned char)*in->ptr > max)
		return false;
	*octet = (uint8_t)*in->ptr;
	*in = span_from(*in, 1);
	return true;
}

static bool
take_u32(struct span *in, uint32_t *number)
{
	uint64_t value;

	if (!take_number(in, UINT32_MAX, &value))
		return false;
	*number = (uint32_t)value;
	return true;
}

/* A code is small, and -1 when there is none: 0 -1 1 -2 2 as 0 1 2 3 4. */
static uint32_t
fold(int32_t code)
{
	return code < 0 ? ~((uint32_t)code << 1) : (uint32_t)code << 1;
}

static int32_t
unfold(uint32_t number)
{
	int32_t half = (int32_t)(number >> 1);

	return (number & 1) != 0 ? -half - 1 : half;
}

void
put_told(struct buf *out, const struct told *told)
{
	char   octets[10 * NUMBER_MAX];
	/* In its place, if there is room for it with its reply. */
	char  *quickly = told->raw.len > MESSAGE_MAX ? NULL :
	    quick(out, sizeof octets + told->raw.len);
	char  *at = quickly == NULL ? octets : quickly;

	at = number_at(at, told->seq);
	at = number_at(at, told->inner);
	*at++ = (char)told->result;
	*at++ = (char)((told->fatal ? TOLD_FATAL : 0) |
	    (told->last ? TOLD_LAST : 0) |
	    (told->has_reply ? TOLD_REPLY : 0) |
	    (told->lost ? TOLD_LOST : 0));
	at = number_at(at, fold(told->code));
	at = number_at(at, told->enhanced);
	at = number_at(at, told->flaws);
	at = number_at(at, told->ms);
	if (quickly == NULL) {
		(void)buf_add(out, (struct span){ octets,
		    (size_t)(at - octets) });
		put_bytes(out, told->raw);
		put_number(out, told->set_count);
		return;
	}
	at = number_at(at, told->raw.len);
	if (told->raw.len > 0)
		memcpy(at, told->raw.ptr, told->raw.len);
	wrote(out, number_at(at + told->raw.len, told->set_count));
}

bool
take_told(struct span *in, struct told *told)
{
	uint32_t code;
	uint8_t  flags;

	*told = (struct told){ 0 };
	if (!take_u32(in, &told->seq) || !take_u32(in, &told->inner) ||
	    !take_octet(in, RESULT_COUNT - 1, &told->result) ||
	    !take_octet(in, TOLD_ALL, &flags) || !take_u32(in, &code) ||
	    !take_u32(in, &told->enhanced) || !take_u32(in, &told->flaws) ||
	    !take_u32(in, &told->ms) || !take_bytes(in, &told->raw) ||
	    !take_u32(in, &told->set_count))
		return false;
	told->fatal = (flags & TOLD_FATAL) != 0;
	told->last = (flags & TOLD_LAST) != 0;
	told->has_reply = (flags & TOLD_REPLY) != 0;
	told->lost = (flags & TOLD_LOST) != 0;
	told->code = unfold(code);
	/* A name and a value are two octets at least. */
	return told->set_count <= in->len / 2;
}

void
put_complaint(struct buf *out, const struct complaint *complaint)
{
	(void)buf_add_octet(out, (char)complaint->kind);
	put_number(out, complaint->file);
	put_number(out, complaint->line);
	put_bytes(out, complaint->text);
	put_bytes(out, complaint->traceback);
}

bool
take_complaint(struct span *in, struct complaint *complaint)
{
	*complaint = (struct complaint){ 0 };
	return take_octet(in, COMPLAINT_GLOBAL, &complaint->kind) &&
	    take_u32(in, &complaint->file) && take_u32(in, &complaint->line) &&
	    take_bytes(in, &complaint->text) &&
	    take_bytes(in, &complaint->traceback);
}
