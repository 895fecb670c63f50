/*
 * The content of a message from its keys: header fields, text, attachments,
 * filler. model/mail.c makes the octets; they are counted first and then
 * written to memory of just that size.
 */
#include "verb/content_own.h"

bool
content_too_long(struct reader *r, const struct node *node)
{
	build_error(r->build, node, DIAG_ID_limit,
	    "the message is longer than %d MiB", LIMIT_BODY / MIB);
	return false;
}

bool
content_bytes(struct reader *r, const struct node *node, struct span *out)
{
	bool late;

	*out = (struct span){ "", 0 };
	if (!build_bytes(r->build, node, TEMPLATE_TEXT, out, &late))
		return false;
	r->late = r->late || late;
	return true;
}

bool
content_file(struct reader *r, const struct node *node, struct span *path,
    struct span *out)
{
	return build_word(r->build, node, "the name of the file", path) &&
	    r->build->read_file(r->build, node, *path, out);
}

/* ---- the octets ------------------------------------------------------------- */

static void
text_put(const struct reader *r, struct mail_sink *sink)
{
	if (r->raw)
		mail_bytes(sink, r->text);
	else
		mail_lines(sink, r->text);
}

/* Everything in front of the filler, which stands at the end of the text. */
static bool
head_put(const struct reader *r, const char *boundary, struct mail_sink *sink)
{
	struct buf more = buf_new(KIB);
	bool       fine = true;

	mail_bytes(sink, buf_span(&r->fields));
	if (r->part_count > 0) {
		fine = mail_multipart(boundary, &more) &&
		    buf_add_text(&more, "\r\n") && (!r->has_text ||
		    mail_text_head(r->text, boundary, &more));
		mail_bytes(sink, buf_span(&more));
	} else if (r->has_fields) {
		mail_bytes(sink, SPAN("\r\n"));
	}
	buf_free(&more);
	text_put(r, sink);
	return fine;
}

static bool
tail_put(const struct reader *r, const char *boundary, struct mail_sink *sink)
{
	struct buf more = buf_new(4 * KIB);
	bool       fine = true;

	/* This one belongs to the boundary (RFC 2046 5.1.1). */
	if (r->part_count > 0 && (!mail_at_line(sink) ||
	    span_ends(r->text, SPAN("\n"))))
		mail_bytes(sink, SPAN("\r\n"));
	for (uint32_t i = 0; fine && i < r->part_count; i++) {
		buf_clear(&more);
		fine = mail_part_head(&r->parts[i], content_how(r), boundary,
		    &more);
		mail_bytes(sink, buf_span(&more));
		mail_part_body(sink, &r->parts[i]);
	}
	buf_clear(&more);
	if (r->part_count > 0) {
		fine = buf_addf(&more, "--%s--\r\n", boundary) && fine;
		mail_bytes(sink, buf_span(&more));
	}
	buf_free(&more);
	return fine;
}

static bool
size_read(struct reader *r, uint64_t have)
{
	const struct node *node = node_get(r->node, "size");
	uint64_t size;

	if (node == NULL)
		return true;
	if (!build_size(r->build, node, LIMIT_BODY, &size))
		return false;
	if (r->late || r->build->late || r->build->pending)
		return true;
	if (size == have + 1) {
		build_error(r->build, node, DIAG_ID_bad_value, "size is %llu, "
		    "but headers and text have %llu octets and a line to fill "
		    "up has at least 2", (unsigned long long)size,
		    (unsigned long long)have);
		return false;
	}
	if (size < have) {
		build_error(r->build, node, DIAG_ID_bad_value, "size is %llu, "
		    "but headers and text have %llu octets already",
		    (unsigned long long)size, (unsigned long long)have);
		return false;
	}
	r->content->filler = size - have;
	return true;
}

/* The closing dot stands on a line of its own. */
static void
end_put(const struct reader *r, struct mail_sink *sink)
{
	bool dot = r->end == CONTENT_DOT;

	sink->stuffs = false;
	if (dot && !mail_at_line(sink) && r->content->filler == 0)
		mail_bytes(sink, SPAN("\r\n"));
	if (dot)
		mail_bytes(sink, SPAN(".\r\n"));
}

static bool
octets_make(struct reader *r)
{
	char   boundary[MAIL_BOUNDARY + 1] = "";
	bool   stuffs = r->end != CONTENT_CHUNKS && !r->raw;
	struct mail_sink count = mail_sink(NULL, stuffs), sink;
	uint64_t head;
	char    *to;

	if (r->part_count > 0)
		mail_boundary(r->text, r->parts, r->part_count, boundary);
	if (!head_put(r, boundary, &count))
		return content_too_long(r, r->node);
	head = count.len;
	if (!tail_put(r, boundary, &count) || count.plain > LIMIT_BODY)
		return content_too_long(r, r->node);
	if (!size_read(r, count.plain))
		return false;
	end_put(r, &count);
	to = arena_alloc(r->build->arena, count.len + 1);
	sink = mail_sink(to, stuffs);
	(void)head_put(r, boundary, &sink);
	(void)tail_put(r, boundary, &sink);
	end_put(r, &sink);
	if (r->content->filler == 0)
		head = count.len;
	r->content->head = (struct span){ to, (size_t)head };
	r->content->tail = (struct span){ to + head,
	    (size_t)(count.len - head) };
	return true;
}

/* ---- keys ------------------------------------------------------------------- */

static bool
text_read(struct reader *r)
{
	const struct node *text = node_get(r->node, "text");
	const struct node *file = node_get(r->node, "file");
	struct span path;

	r->has_text = text != NULL || file != NULL ||
	    node_get(r->node, "size") != NULL;
	if (text != NULL && file != NULL) {
		build_error(r->build, r->node, DIAG_ID_bad_value,
		    "%.*s has text or file, not both",
		    SPAN_ARG(r->node->key));
		return false;
	}
	if (!r->has_text && node_get(r->node, "headers") == NULL &&
	    node_get(r->node, "attach") == NULL) {
		build_error(r->build, r->node, DIAG_ID_bad_value,
		    "%.*s needs text or file, headers, attach, or a size",
		    SPAN_ARG(r->node->key));
		return false;
	}
	return text != NULL ? content_bytes(r, text, &r->text) : file == NULL ||
	    content_file(r, file, &path, &r->text);
}

static bool
map_read(struct reader *r, const struct field *fields)
{
	const struct node *key;
	bool fine = true;

	if (!build_keys(r->build, r->node, fields, r->end == CONTENT_CHUNKS ?
	    "bdat" : "body"))
		return false;
	if ((key = node_get(r->node, "raw")) != NULL)
		fine = build_bool(r->build, key, &r->raw) && fine;
	if ((key = node_get(r->node, "utf8")) != NULL)
		fine = build_bool(r->build, key, &r->utf8) && fine;
	if ((key = node_get(r->node, "headers")) != NULL) {
		r->has_fields = true;
		fine = content_headers(r, key) && fine;
	}
	fine = content_fresh(r) && fine;
	fine = text_read(r) && fine;
	if ((key = node_get(r->node, "attach")) != NULL)
		fine = content_attach(r, key) && fine;
	return fine;
}

bool
content_read(struct build *build, const struct node *node,
    const struct field *fields, enum content_end end, struct content *out)
{
	struct reader r = { .build = build, .node = node, .content = out,
	    .fields = buf_new(LIMIT_BODY), .end = (uint8_t)end,
	    .text = { "", 0 } };
	bool fine;

	*out = (struct content){ .filler = 0 };
	fine = node->kind == NODE_SCALAR ? content_bytes(&r, node, &r.text) :
	    map_read(&r, fields);
	fine = fine && octets_make(&r);
	buf_free(&r.fields);
	return fine;
}
