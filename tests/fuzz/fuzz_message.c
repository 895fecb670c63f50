/*
 * Any octets from a worker: frames are cut alike however they arrive, every
 * body is read as every kind, and what was taken is written as the same octets
 * again. Values end in trees within the limits.
 */
#include "script/message.h"

#include "base/limits.h"
#include "model/result.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct file script = { "x.lua", { "one\ntwo\n", 8 } };
static const struct file *const files[] = { &script, &script };
static const struct places places = { files, 2 };

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* What `in` lost between `before` and now is what was written. */
static void
same(struct span before, struct span now, struct buf *out)
{
	must(!out->full && now.len + out->len == before.len);
	must(span_starts(before, buf_span(out)));
	buf_clear(out);
}

static void
numbers(struct span in, struct buf *out)
{
	struct span at = in, bytes;
	uint64_t    number;

	while (take_number(&at, UINT64_MAX, &number))
		put_number(out, number);
	same(in, at, out);
	at = in;
	while (take_bytes(&at, &bytes))
		put_bytes(out, bytes);
	same(in, at, out);
}

static void
outcomes(struct span in, struct buf *out)
{
	struct complaint complaint;
	struct told      told;
	struct span      at = in;

	if (take_told(&at, &told)) {
		must(told.result < RESULT_COUNT);
		must(told.set_count <= at.len / 2);
		put_told(out, &told);
		same(in, at, out);
	}
	at = in;
	if (take_complaint(&at, &complaint)) {
		must(complaint.kind <= COMPLAINT_GLOBAL);
		put_complaint(out, &complaint);
		same(in, at, out);
	}
}

static void sum(struct span *parts, uint64_t count, uint32_t *total);

static void
sum_more(struct span *parts, uint32_t *total)
{
	uint64_t count;

	must(take_number(parts, UINT32_MAX, &count));
	sum(parts, count, total);
}

/* The maker may rely on the form of what it gets. */
static void
sum(struct span *parts, uint64_t count, uint32_t *total)
{
	for (; count > 0; count--) {
		struct span word;
		char        type;

		must(parts->len > 0 && ++*total <= MESSAGE_NODES);
		type = *parts->ptr;
		*parts = span_from(*parts, 1);
		must(type >= PARTS_BYTES && type <= PARTS_HMAC);
		if (type != PARTS_BASE64)
			must(take_bytes(parts, &word));
		if (type == PARTS_BASE64 || type == PARTS_HMAC)
			sum_more(parts, total);
		if (type == PARTS_HMAC)
			sum_more(parts, total);
	}
}

static bool
make(struct parts_maker *maker, struct span parts, uint32_t count,
    struct arena *arena, struct span *text)
{
	uint32_t total = 0;

	(void)maker;
	sum(&parts, count, &total);
	must(parts.len == 0);
	*text = arena_copy(arena, SPAN("made"));
	return count % 5 != 4;
}

static uint32_t
walk(const struct node *node, bool literal, uint32_t depth)
{
	uint32_t total = 1, children = 0;
	const struct node *last = NULL;

	must(depth <= MESSAGE_DEPTH && node->style == STYLE_SCRIPT);
	must((!node->absent || node->text.len == 0) &&
	    node->loc.file == &script && node->loc.column == 0);
	must(node->literal || !literal || node->kind != NODE_SCALAR);
	must(!node->secret || span_is(node->text, "made"));
	for (const struct node *at = node->first; at != NULL; at = at->next) {
		children++;
		total += walk(at, literal, depth + 1);
		if (node->kind == NODE_MAP && last != NULL)
			must(!span_eq(last->key, at->key));
		last = at;
	}
	must(children == node->count);
	must(node->kind != NODE_MAP || children <= LIMIT_YAML_KEYS);
	return total;
}

static void
values(struct span in, bool literal)
{
	struct parts_maker maker = { make };
	struct arena arena = { 0 };
	struct span  at = in, alone = in;
	const struct node *node;

	node = value_node(&at, &places, literal, &maker, &arena);
	if (node != NULL) {
		must(at.len < in.len);
		must(walk(node, literal, 0) <= MESSAGE_NODES);
		/* What lies behind a value is not looked at. */
		alone.len -= at.len;
		must(value_node(&alone, &places, literal, &maker, &arena) !=
		    NULL && alone.len == 0);
	} else {
		must(at.len == in.len);
	}
	arena_free(&arena);
}

/* Written anew, the frame is the same octets. */
static void
frame_again(struct span whole, const struct frame *frame, struct buf *out)
{
	size_t mark = frame_begin(out, frame->kind, frame->run);

	(void)buf_add(out, frame->body);
	frame_end(out, mark);
	must(mark == 0 && span_eq(buf_span(out), whole));
	buf_clear(out);
}

static void
body_read(struct span body, struct buf *out)
{
	numbers(body, out);
	outcomes(body, out);
	values(body, false);
	values(body, true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span  in = { (const char *)data, size };
	struct buf   out = buf_new(size + 16);
	struct frame frame;
	size_t       used;

	body_read(in, &out);
	while ((used = frame_cut(in, &frame)) != 0 && used != SIZE_MAX) {
		must(used <= in.len);
		for (size_t len = 0; len < used && len < 16; len++)
			must(frame_cut(span_sub(in, 0, len), &frame) == 0);
		must(frame_cut(span_sub(in, 0, used), &frame) == used);
		frame_again(span_sub(in, 0, used), &frame, &out);
		body_read(frame.body, &out);
		in = span_from(in, used);
	}
	buf_free(&out);
	return 0;
}
