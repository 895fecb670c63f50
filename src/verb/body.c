/*
 * body: message content after DATA: CRLF line ends, dots stuffed, closing dot
 * (RFC 5321 4.5.2). A scalar, or { text | file, headers, size, raw, dot }. The
 * wire form is made once while loading; a generated size is made while it is
 * sent, 64 KiB at a time.
 */
#include "base/limits.h"
#include "model/build.h"
#include "model/verb.h"

struct body_args {
	struct span wire;       /* stuffed already */
	uint64_t    filler;     /* octets of filler lines behind it */
	struct span end;        /* ".\r\n" or nothing */
	bool        dot;
};

enum { FILLER_LINE = 80, WIRE_CHUNK = 4 * LIMIT_CHUNK };

struct reader {
	struct build     *build;
	struct body_args *body;
	struct buf        text;         /* as the author gave it */
	bool              raw, late;
};

static bool
too_long(struct reader *r, const struct node *node)
{
	build_error(r->build, node, DIAG_ID_limit,
	    "the message is longer than %d MiB", LIMIT_BODY / MIB);
	return false;
}

static bool
text_add(struct reader *r, const struct node *node)
{
	struct span text;
	bool        late;

	if (!build_bytes(r->build, node, TEMPLATE_TEXT, &text, &late))
		return false;
	r->late = r->late || late;
	return buf_add(&r->text, text) || too_long(r, node);
}

static bool
file_add(struct reader *r, const struct node *node)
{
	struct span path, bytes;

	if (!build_word(r->build, node, "the name of the file", &path) ||
	    !r->build->read_file(r->build, node, path, &bytes))
		return false;
	return buf_add(&r->text, bytes) || too_long(r, node);
}

/* RFC 5322 2.2: a name is printable ASCII without the colon. */
static bool
header_check(struct build *build, const struct node *child,
    struct span value)
{
	for (size_t i = 0; i < child->key.len; i++)
		if (child->key.ptr[i] <= ' ' || child->key.ptr[i] > '~' ||
		    child->key.ptr[i] == ':') {
			diag_error(build->diags, DIAG_ID_bad_value,
			    child->key_loc, "'%s' is no name of a header "
			    "field", diag_word(build->diags, child->key));
			return false;
		}
	if (span_chr(value, '\n') == SIZE_MAX &&
	    span_chr(value, '\r') == SIZE_MAX)
		return true;
	build_error(build, child, DIAG_ID_line_break,
	    "line break in a header field; it would end it");
	diag_hint(build->diags, "headers that are to be broken are written "
	    "in the text, or with write:");
	return false;
}

static bool
headers_add(struct reader *r, const struct node *node)
{
	if (!node_is_map(node)) {
		build_error(r->build, node, DIAG_ID_wrong_type,
		    "headers must be a map of names and values, not %s",
		    node_kind_name(node));
		return false;
	}
	for (const struct node *child = node->first; child != NULL;
	    child = child->next) {
		struct span value;
		bool        late;

		if (!build_bytes(r->build, child, TEMPLATE_TEXT, &value,
		    &late))
			return false;
		r->late = r->late || late;
		if (!header_check(r->build, child, value))
			return false;
		if (!buf_addf(&r->text, "%.*s: ", SPAN_ARG(child->key)) ||
		    !buf_add(&r->text, value) ||
		    !buf_add_octet(&r->text, '\n'))
			return too_long(r, child);
	}
	return buf_add_octet(&r->text, '\n') || too_long(r, node);
}

/* One line with CRLF, its dot stuffed. */
static bool
line_stuff(struct span line, struct buf *out)
{
	return (!span_starts(line, SPAN(".")) || buf_add_octet(out, '.')) &&
	    buf_add(out, line) && (span_ends(line, SPAN("\r")) ?
	    buf_add_octet(out, '\n') : buf_add(out, SPAN("\r\n")));
}

/* A missing final line end is added, none is doubled. */
static bool
text_stuff(struct span text, struct buf *out)
{
	while (text.len > 0) {
		size_t at = span_chr(text, '\n');

		if (!line_stuff(span_sub(text, 0, at), out))
			return false;
		text = span_from(text, at == SIZE_MAX ? text.len : at + 1);
	}
	return true;
}

/* Octets that `size` counts: headers and CRLF, not the stuffed dots. */
static uint64_t
plain_size(struct span text)
{
	uint64_t size = 0;

	while (text.len > 0) {
		size_t at = span_chr(text, '\n');
		struct span line = span_sub(text, 0, at);

		size += line.len + (span_ends(line, SPAN("\r")) ? 1 : 2);
		text = span_from(text, at == SIZE_MAX ? text.len : at + 1);
	}
	return size;
}

static bool
size_read(struct reader *r, const struct node *node)
{
	uint64_t size, have = plain_size(buf_span(&r->text));

	if (!build_size(r->build, node, LIMIT_BODY, &size))
		return false;
	if (r->late || r->build->late || r->build->pending)
		return true;
	/* A filler line has at least its CRLF. */
	if (size < have || size - have == 1) {
		build_error(r->build, node, DIAG_ID_bad_value, "size is %llu, "
		    "but headers and text have %llu octets already",
		    (unsigned long long)size, (unsigned long long)have);
		return false;
	}
	r->body->filler = size - have;
	return true;
}

static bool
wire_make(struct reader *r, const struct node *node)
{
	struct buf wire = buf_new(LIMIT_BODY + LIMIT_BODY / 8);
	struct body_args *body = r->body;
	struct span text = buf_span(&r->text);
	bool       fine = true;

	body->end = body->dot ? SPAN(".\r\n") : SPAN("");
	if (r->raw) {
		fine = buf_add(&wire, text) && (!body->dot || text.len == 0 ||
		    span_ends(text, SPAN("\n")) || buf_add(&wire,
		    SPAN("\r\n")));
	} else {
		fine = text_stuff(text, &wire);
	}
	if (body->filler == 0) {
		fine = fine && buf_add(&wire, body->end);
		body->end = SPAN("");
	}
	body->wire = arena_copy(r->build->arena, buf_span(&wire));
	buf_free(&wire);
	return fine || too_long(r, node);
}

static bool
map_read(struct reader *r, const struct node *node)
{
	static const struct field fields[] = { { "text", false },
		{ "file", false }, { "headers", false }, { "size", false },
		{ "raw", false }, { "dot", false }, { NULL, false } };
	const struct node *text, *file, *key;
	bool fine = true;

	if (!build_keys(r->build, node, fields, "body"))
		return false;
	text = node_get(node, "text");
	file = node_get(node, "file");
	if ((text != NULL && file != NULL) || (text == NULL && file == NULL &&
	    node_get(node, "size") == NULL &&
	    node_get(node, "headers") == NULL)) {
		build_error(r->build, node, DIAG_ID_bad_value, text != NULL ?
		    "body has text or file, not both" :
		    "body needs text or file, or headers, or a size");
		return false;
	}
	if ((key = node_get(node, "raw")) != NULL)
		fine = build_bool(r->build, key, &r->raw) && fine;
	if ((key = node_get(node, "dot")) != NULL)
		fine = build_bool(r->build, key, &r->body->dot) && fine;
	if ((key = node_get(node, "headers")) != NULL)
		fine = headers_add(r, key) && fine;
	if (text != NULL)
		fine = text_add(r, text) && fine;
	if (file != NULL)
		fine = file_add(r, file) && fine;
	if ((key = node_get(node, "size")) != NULL)
		fine = size_read(r, key) && fine;
	return fine;
}

static bool
body_parse(struct build *build, const struct node *node, const void **args)
{
	struct body_args *body = arena_alloc(build->arena, sizeof *body);
	struct reader r = { .build = build, .body = body,
	    .text = { .max = LIMIT_BODY } };
	bool fine;

	*args = body;
	body->dot = true;
	if (node->absent) {
		build_error(build, node, DIAG_ID_missing_value,
		    "body needs the message; for an empty one write \"\"");
		return false;
	}
	fine = node->kind == NODE_SCALAR ? text_add(&r, node) :
	    map_read(&r, node);
	fine = fine && wire_make(&r, node);
	buf_free(&r.text);
	return fine;
}

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

static bool
filler_add(const struct body_args *body, uint64_t at, size_t count,
    struct buf *out)
{
	char *room = buf_room(out, count);

	if (room == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		room[i] = filler_octet(body->filler, at + i);
	out->len += count;
	return true;
}

/* The part of the message that starts at plan->at, as one write. A message
 * of usual size is one write as it is: body and closing dot together. */
static bool
body_next(const struct body_args *body, struct plan *plan, struct want *want,
    struct fault *fault)
{
	size_t   start = plan->out->len, count = LIMIT_CHUNK;
	uint64_t at = plan->at, left;

	*want = (struct want){ .kind = WANT_WRITE };
	if (at < body->wire.len) {
		want->bytes = span_sub(body->wire, at, WIRE_CHUNK);
		plan->at += want->bytes.len;
		want->then = body->filler > 0 || plan->at < body->wire.len ?
		    THEN_FOLLOW : THEN_JUDGE;
		return true;
	}
	at -= body->wire.len;
	left = body->filler - at;
	count = left < count ? (size_t)left : count;
	if (!filler_add(body, at, count, plan->out) ||
	    (count == left && !buf_add(plan->out, body->end)))
		return fault_set(fault, FAULT_LIMIT,
		    "the pipeline is longer than %zu KiB",
		    plan->out->max / KIB);
	plan->at += count;
	want->then = count < left ? THEN_FOLLOW : THEN_JUDGE;
	want->bytes = span_from(buf_span(plan->out), start);
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
	.usage = "body: TEXT or body: { text, file, headers, size, raw, dot }",
	.awaits = true, .groups = true, .parse = body_parse,
	.plan = body_plan, .follow = body_follow, .awaits_of = body_awaits
};
