/*
 * body: message content after DATA: CRLF line ends, dots stuffed, closing dot
 * (RFC 5321 4.5.2). A scalar, or a map (verb/content.h) that may say
 * `dot: false`. A generated size is made while it is sent, 64 KiB at a time.
 */
#include "base/limits.h"
#include "verb/content.h"

struct body_args {
	struct content content;
	bool           dot;
};

enum { WIRE_CHUNK = 4 * LIMIT_CHUNK };

static bool
body_parse(struct build *build, const struct node *node, const void **args)
{
	static const struct field fields[] = { { "text", false },
		{ "file", false }, { "headers", false }, { "date", false },
		{ "message_id", false }, { "attach", false },
		{ "size", false }, { "raw", false }, { "utf8", false },
		{ "dot", false }, { NULL, false } };
	struct body_args *body = arena_alloc(build->arena, sizeof *body);
	const struct node *dot = node->kind == NODE_MAP ?
	    node_get(node, "dot") : NULL;

	*args = body;
	body->dot = true;
	if (node->absent) {
		build_error(build, node, DIAG_ID_missing_value,
		    "body needs the message; for an empty one write \"\"");
		return false;
	}
	if (dot != NULL && !build_bool(build, dot, &body->dot))
		return false;
	return content_read(build, node, fields, body->dot ? CONTENT_DOT :
	    CONTENT_OPEN, &body->content);
}

/* The part of the message that starts at plan->at, as one write. A message
 * of usual size is one write as it is: body and closing dot together. */
static bool
body_next(const struct body_args *body, struct plan *plan, struct want *want,
    struct fault *fault)
{
	const struct content *content = &body->content;
	size_t start = plan->out->len;

	*want = (struct want){ .kind = WANT_WRITE,
	    .bytes = content_span(content, plan->at, WIRE_CHUNK) };
	if (want->bytes.len == 0) {
		if (!content_add(content, plan->at, LIMIT_CHUNK, plan->out))
			return fault_set(fault, FAULT_LIMIT,
			    "the pipeline is longer than %zu KiB",
			    plan->out->max / KIB);
		want->bytes = span_from(buf_span(plan->out), start);
	}
	plan->at += want->bytes.len;
	want->then = plan->at < content_size(content) ? THEN_FOLLOW :
	    THEN_JUDGE;
	return true;
}

static bool
body_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	return body_next(args, plan, want, fault);
}

static bool
body_follow(const void *args, struct plan *plan, const struct input *input,
    const struct reply *reply, struct want *want, struct fault *fault)
{
	(void)input, (void)reply;
	return body_next(args, plan, want, fault);
}

static bool
body_awaits(const void *args)
{
	const struct body_args *body = args;

	return body->dot;
}

const struct verb verb_body = {
	.name = "body",
	.usage = "body: TEXT or body: { text, file, headers, date, "
	    "message_id, attach, size, raw, utf8, dot }",
	.awaits = true, .settles = true, .groups = true,
	.parse = body_parse, .plan = body_plan, .follow = body_follow, .awaits_of = body_awaits
};
