/*
 * write: exactly these bytes, no reply awaited. A scalar with escapes, or
 * { text | hex | base64 | file, chunks: [5, 1], every: 10ms }. The last size of
 * `chunks` repeats until everything is sent.
 */
#include "base/limits.h"
#include "model/build.h"
#include "model/verb.h"

struct write_args {
	struct span     bytes;
	const uint32_t *chunks;
	uint32_t        chunk_count, every_ms;
};

enum { CHUNK_SIZES_MAX = 1000 };

/* plan->at: octets sent, and whether a pause comes next. */
#define AT_PAUSED (UINT64_C(1) << 63)

/* Does the text in front of a line break end in an escape? */
static bool
ends_in_escape(struct span line)
{
	size_t at = 0, len = 0;

	while (at < line.len) {
		len = line.ptr[at] != '\\' ? 0 : at + 1 < line.len &&
		    line.ptr[at + 1] == 'x' ? 4 : 2;
		at += len == 0 ? 1 : len;
	}
	return len > 0;
}

/* Line breaks of the YAML text are layout: each line but the last says how it
 * ends. A line with nothing on it says nothing. */
static bool
layout_check(struct build *build, const struct node *node)
{
	struct span rest = node->text, line;

	while (span_word(&rest, "\n", &line)) {
		if (line.len == 0 || rest.ptr == NULL || rest.len == 0 ||
		    ends_in_escape(line))
			continue;
		diag_error(build->diags, DIAG_ID_line_break, node_loc_at(node,
		    (size_t)(line.ptr + line.len - node->text.ptr)),
		    "line breaks in write are layout and are not sent; this "
		    "line does not say how it ends");
		diag_hint(build->diags, "end the line with \\r\\n");
		return false;
	}
	return true;
}

static bool
text_read(struct build *build, const struct node *node, struct span *out)
{
	bool late;

	if (node->kind != NODE_SCALAR) {
		build_error(build, node, DIAG_ID_wrong_type,
		    "want text here, not %s", node_kind_name(node));
		if (build->quote != NULL)
			build->quote(node, build->diags);
		return false;
	}
	/* What a script says is octets, line breaks and all. */
	return (node->literal || layout_check(build, node)) &&
	    build_bytes(build, node, TEMPLATE_ESCAPES, out, &late);
}

static bool
hex_decode(struct span in, struct buf *out)
{
	int high = -1;

	for (size_t i = 0; i < in.len; i++) {
		int digit = span_hex(in.ptr[i]);

		if (strchr(" \t\r\n", in.ptr[i]) != NULL && in.ptr[i] != '\0')
			continue;
		if (digit < 0)
			return false;
		if (high >= 0 && !buf_add_octet(out,
		    (char)(high << 4 | digit)))
			return false;
		high = high >= 0 ? -1 : digit;
	}
	return high < 0;
}

static bool
coded_read(struct build *build, const struct node *node, const char *kind,
    bool (*decode)(struct span, struct buf *), struct span *out)
{
	struct buf  bytes = buf_new(LIMIT_BODY);
	struct span text;
	bool        late, fine;

	if (!build_text(build, node, &text, &late))
		return false;
	fine = late || decode(text, &bytes);
	if (fine)
		*out = arena_copy(build->arena, buf_span(&bytes));
	else
		build_error(build, node, DIAG_ID_bad_value, "this is no %s",
		    kind);
	buf_free(&bytes);
	return fine;
}

static bool
file_read(struct build *build, const struct node *node, struct span *out)
{
	struct span path;

	return build_word(build, node, "the name of the file", &path) &&
	    build->read_file(build, node, path, out);
}

static bool
chunks_read(struct build *build, const struct node *node,
    struct write_args *write)
{
	const struct node *list = build_resolve(build, node);
	const struct node *child = list->first;
	uint32_t *sizes;
	bool      fine = true;

	if (list->kind != NODE_LIST || list->count == 0 ||
	    list->count > CHUNK_SIZES_MAX) {
		build_error(build, list, DIAG_ID_wrong_type,
		    "chunks must be a list of up to %d sizes, such as [5, 1]",
		    CHUNK_SIZES_MAX);
		return false;
	}
	sizes = arena_alloc(build->arena, list->count * sizeof *sizes);
	write->chunks = sizes;
	write->chunk_count = list->count;
	for (uint32_t i = 0; i < list->count; i++, child = child->next)
		fine = build_u32(build, child, 1, LIMIT_BODY, &sizes[i]) &&
		    fine;
	return fine;
}

static bool
source_read(struct build *build, const struct node *map,
    struct write_args *write)
{
	const struct node *text = node_get(map, "text"),
	    *hex = node_get(map, "hex"), *base64 = node_get(map, "base64"),
	    *file = node_get(map, "file");
	int given = (text != NULL) + (hex != NULL) + (base64 != NULL) +
	    (file != NULL);

	if (given != 1) {
		build_error(build, map, given == 0 ? DIAG_ID_missing_key :
		    DIAG_ID_bad_value,
		    "write needs one of text, hex, base64 and file");
		return false;
	}
	if (text != NULL)
		return text_read(build, text, &write->bytes);
	if (hex != NULL)
		return coded_read(build, hex, "hexadecimal text", hex_decode,
		    &write->bytes);
	if (base64 != NULL)
		return coded_read(build, base64, "base64", base64_decode,
		    &write->bytes);
	return file_read(build, file, &write->bytes);
}

static bool
write_parse(struct build *build, const struct node *node, const void **args)
{
	static const struct field fields[] = { { "text", false },
		{ "hex", false }, { "base64", false }, { "file", false },
		{ "chunks", false }, { "every", false }, { NULL, false } };
	struct write_args *write = arena_alloc(build->arena, sizeof *write);
	const struct node *key;
	bool fine;

	*args = write;
	if (node->absent) {
		build_error(build, node, DIAG_ID_missing_value,
		    "write needs the bytes to send");
		return false;
	}
	if (node->kind == NODE_SCALAR)
		return text_read(build, node, &write->bytes);
	if (!build_keys(build, node, fields, "write"))
		return false;
	fine = source_read(build, node, write);
	if ((key = node_get(node, "chunks")) != NULL)
		fine = chunks_read(build, key, write) && fine;
	if ((key = node_get(node, "every")) != NULL)
		fine = build_ms(build, key, &write->every_ms) && fine;
	return fine;
}

/* The size of the chunk that starts at octet `at`. */
static size_t
chunk_size(const struct write_args *write, size_t at)
{
	size_t start = 0;

	if (write->chunk_count == 0)
		return write->every_ms > 0 ? 1 : LIMIT_CHUNK;
	for (uint32_t i = 0; i + 1 < write->chunk_count; i++) {
		if (at < start + write->chunks[i])
			return write->chunks[i];
		start += write->chunks[i];
	}
	return write->chunks[write->chunk_count - 1];
}

static bool
write_next(const struct write_args *write, struct plan *plan,
    struct want *want)
{
	size_t at = (size_t)(plan->at & ~AT_PAUSED);

	if (plan->at & AT_PAUSED) {
		plan->at &= ~AT_PAUSED;
		*want = (struct want){ .kind = WANT_TIMER,
		    .ms = write->every_ms, .then = THEN_FOLLOW };
		return true;
	}
	*want = (struct want){ .kind = WANT_WRITE,
	    .bytes = span_sub(write->bytes, at, chunk_size(write, at)) };
	at += want->bytes.len;
	want->then = at < write->bytes.len ? THEN_FOLLOW : THEN_JUDGE;
	plan->at = at | (write->every_ms > 0 ? AT_PAUSED : 0);
	return true;
}

static bool
write_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	(void)fault;
	return write_next(args, plan, want);
}

static bool
write_follow(const void *args, struct plan *plan, const struct input *input,
    const struct reply *reply, struct want *want, struct fault *fault)
{
	(void)input, (void)reply, (void)fault;
	return write_next(args, plan, want);
}

const struct verb verb_write = {
	.name = "write",
	.usage = "write: BYTES or write: { text, hex, base64, file, chunks, "
	    "every }",
	.groups = true, .parse = write_parse, .plan = write_plan,
	.follow = write_follow
};
