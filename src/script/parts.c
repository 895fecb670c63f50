/*
 * Texts that a script made with secrets it never saw: put together here, in
 * the process that knows them, and hidden from every report.
 */
#include "script/run.h"

#include "model/digest.h"
#include "model/filter.h"

enum { PARTS_DEPTH = 8, PARTS_MAX = 1 * MIB };

static bool parts_add(struct run *run, struct span *in, uint64_t count,
    struct buf *out, int depth);

/* What a part is made of, as octets of its own. */
static bool
part_inner(struct run *run, struct span *in, struct buf *inner, int depth)
{
	uint64_t count;

	*inner = buf_new(PARTS_MAX);
	return take_number(in, in->len, &count) &&
	    parts_add(run, in, count, inner, depth + 1);
}

static bool
base64_add(struct run *run, struct span *in, struct buf *out, int depth)
{
	struct buf  inner = buf_new(0);
	size_t      from = out->len;
	const char *why;
	bool        fine = part_inner(run, in, &inner, depth) &&
	    filter_find(SPAN("base64"))->apply(buf_span(&inner), 0, out,
	    &why);

	if (fine)
		run->shop->hide(run->shop, span_from(buf_span(out), from));
	buf_free(&inner);
	return fine;
}

/* "sha256" gives hexadecimal text, "sha256 raw" octets. */
static bool
hmac_add(struct run *run, struct span *in, struct buf *out, int depth)
{
	struct buf  key = buf_new(0), data = buf_new(0);
	struct buf  octets = buf_new(DIGEST_MAX);
	struct span name;
	size_t      from;
	bool        raw, fine = take_bytes(in, &name) &&
	    part_inner(run, in, &key, depth) &&
	    part_inner(run, in, &data, depth);

	raw = fine && span_ends(name, SPAN(" raw"));
	if (raw)
		name.len -= SPAN(" raw").len;
	from = out->len;
	fine = fine && digest_hmac(name, buf_span(&key), buf_span(&data),
	    &octets) && (raw ? buf_add(out, buf_span(&octets)) :
	    digest_hex(buf_span(&octets), out));
	if (fine)
		run->shop->hide(run->shop, span_from(buf_span(out), from));
	buf_free(&key);
	buf_free(&data);
	buf_free(&octets);
	return fine;
}

static bool
part_add(struct run *run, struct span *in, struct buf *out, int depth)
{
	struct span bytes, value;
	char        type;

	if (in->len == 0)
		return false;
	type = *in->ptr;
	*in = span_from(*in, 1);
	switch ((enum part_type)type) {
	case PARTS_BYTES:
		return take_bytes(in, &bytes) && buf_add(out, bytes);
	case PARTS_SECRET:
		return take_bytes(in, &bytes) &&
		    run->shop->secret(run->shop, bytes, &value) &&
		    buf_add(out, value);
	case PARTS_BASE64:
		return base64_add(run, in, out, depth);
	case PARTS_HMAC:
		return hmac_add(run, in, out, depth);
	}
	return false;
}

static bool
parts_add(struct run *run, struct span *in, uint64_t count, struct buf *out,
    int depth)
{
	bool fine = depth < PARTS_DEPTH;

	for (uint64_t i = 0; fine && i < count; i++)
		fine = part_add(run, in, out, depth);
	return fine;
}

bool
parts_make(struct parts_maker *maker, struct span parts, uint32_t count,
    struct arena *arena, struct span *text)
{
	struct run *run = ((struct run_parts *)maker)->run;
	struct buf  out = buf_new(PARTS_MAX);
	bool        fine = parts_add(run, &parts, count, &out, 0);

	if (fine)
		*text = arena_copy(arena, buf_span(&out));
	buf_free(&out);
	return fine;
}
