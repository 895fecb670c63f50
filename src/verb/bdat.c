/*
 * bdat: message content as BDAT chunks (RFC 3030 2): no dot is doubled and none
 * closes; a size in front of each chunk and LAST behind that of the last one.
 * Each chunk is a round: it is sent when the reply to the one before has
 * passed. In a pipeline all of them leave at once.
 */
#include "base/limits.h"
#include "verb/content.h"

struct bdat_args {
	struct content content;
	uint64_t       chunk;           /* octets of one; not 0 */
	uint64_t       declare;         /* instead of the true size */
	bool           declares, last;
};

#define DECLARE_MAX (UINT64_C(1) << 50)

static bool
chunk_read(struct build *build, const struct node *node,
    struct bdat_args *bdat)
{
	uint64_t total = content_size(&bdat->content);

	if (!build_size(build, node, LIMIT_BODY, &bdat->chunk))
		return false;
	if (build->late || build->pending)
		return true;
	if (bdat->chunk == 0) {
		build_error(build, node, DIAG_ID_bad_value,
		    "a chunk has at least one octet");
		diag_hint(build->diags, "an empty one is a step of its own: "
		    "bdat: { text: \"\", last: false }");
		return false;
	}
	if (total / bdat->chunk < LIMIT_CHUNKS)
		return true;
	build_error(build, node, DIAG_ID_limit, "%llu octets are more than %d "
	    "chunks of this size", (unsigned long long)total, LIMIT_CHUNKS);
	return false;
}

static bool
map_read(struct build *build, const struct node *node,
    struct bdat_args *bdat)
{
	const struct node *chunk = node_get(node, "chunk");
	const struct node *last = node_get(node, "last");
	const struct node *declare = node_get(node, "declare");
	bool fine = true;

	if (chunk != NULL && declare != NULL) {
		build_error(build, declare, DIAG_ID_bad_value,
		    "declare is the size of one chunk, and chunk makes more");
		diag_hint(build->diags, "write each chunk as a step of its "
		    "own, with last: false");
		return false;
	}
	if (chunk != NULL)
		fine = chunk_read(build, chunk, bdat);
	if (last != NULL)
		fine = build_bool(build, last, &bdat->last) && fine;
	if (declare != NULL)
		fine = build_size(build, declare, DECLARE_MAX,
		    &bdat->declare) && fine;
	bdat->declares = declare != NULL;
	return fine;
}

static bool
bdat_parse(struct build *build, const struct node *node, const void **args)
{
	static const struct field fields[] = { { "text", false },
		{ "file", false }, { "headers", false }, { "date", false },
		{ "message_id", false }, { "attach", false },
		{ "size", false }, { "raw", false }, { "utf8", false },
		{ "chunk", false }, { "last", false }, { "declare", false },
		{ NULL, false } };
	struct bdat_args *bdat = arena_alloc(build->arena, sizeof *bdat);
	bool fine;

	*args = bdat;
	bdat->last = true;
	if (node->absent) {
		build_error(build, node, DIAG_ID_missing_value,
		    "bdat needs the message; for an empty one write \"\"");
		return false;
	}
	fine = content_read(build, node, fields, CONTENT_CHUNKS,
	    &bdat->content);
	if (fine && node->kind == NODE_MAP)
		fine = map_read(build, node, bdat);
	if (bdat->chunk == 0)
		bdat->chunk = UINT64_MAX;
	return fine;
}

static bool
too_long(const struct plan *plan, struct fault *fault)
{
	return fault_set(fault, FAULT_LIMIT, "the pipeline is longer than %zu "
	    "KiB", plan->out->max / KIB);
}

static bool
command_add(const struct bdat_args *bdat, struct plan *plan, uint64_t count,
    bool last)
{
	size_t start = plan->out->len;
	bool   fine = buf_addf(plan->out, "BDAT %llu%s", (unsigned long long)
	    (bdat->declares ? bdat->declare : count), last ? " LAST" : "");

	if (plan->proto->ask != NULL)
		plan->ask = plan->proto->ask(plan->talk,
		    span_from(buf_span(plan->out), start));
	return fine && buf_add(plan->out, SPAN("\r\n"));
}

/* What starts at octet plan->at of the message, as one write: a command with
 * the beginning of its chunk, or more of the chunk. */
static bool
bdat_next(const struct bdat_args *bdat, struct plan *plan, struct want *want,
    struct fault *fault)
{
	const struct content *content = &bdat->content;
	uint64_t total = content_size(content);
	uint64_t left = bdat->chunk - plan->at % bdat->chunk;
	bool     begins = left == bdat->chunk, last;
	size_t   start = plan->out->len, count;

	left = left < total - plan->at ? left : total - plan->at;
	last = bdat->last && plan->at + left == total;
	count = left < LIMIT_CHUNK ? (size_t)left : LIMIT_CHUNK;
	*want = (struct want){ .kind = WANT_WRITE, .midway = !last };
	if (!begins)
		want->bytes = content_span(content, plan->at, count);
	if (want->bytes.len == 0) {
		if ((begins && !command_add(bdat, plan, left, last)) ||
		    !content_add(content, plan->at, count, plan->out))
			return too_long(plan, fault);
		want->bytes = span_from(buf_span(plan->out), start);
	} else {
		count = want->bytes.len;
	}
	plan->at += count;
	want->then = count < left ? THEN_FOLLOW : plan->at < total ?
	    THEN_ROUND : THEN_JUDGE;
	return true;
}

static bool
bdat_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	return bdat_next(args, plan, want, fault);
}

static bool
bdat_follow(const void *args, struct plan *plan, const struct input *input,
    const struct reply *reply, struct want *want, struct fault *fault)
{
	(void)input, (void)reply;
	return bdat_next(args, plan, want, fault);
}

const struct verb verb_bdat = {
	.name = "bdat",
	.usage = "bdat: TEXT or bdat: { text, file, headers, date, "
	    "message_id, attach, size, raw, utf8, chunk, last, declare }",
	.awaits = true, .settles = true, .groups = true, .rounds = true,
	.parse = bdat_parse, .plan = bdat_plan, .follow = bdat_follow
};
