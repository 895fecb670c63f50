/*
 * Values to nodes: what a worker says becomes the tree that YAML becomes. The
 * worker may say anything, so depth, count and the keys of a map are bounded
 * here, and the builders below see nothing that a file could not hold.
 *
 * Frames are reused, so what is left of one is copied once, and all texts
 * point into that copy.
 */
#include "script/message.h"

#include "base/limits.h"

enum { NUMBER_LEN = 64 };       /* octets of a number as Lua writes it */

struct reader {
	struct span          in;
	const struct places *places;
	struct parts_maker  *maker;
	struct arena        *arena;
	struct loc           loc;       /* of the innermost VALUE_AT */
	uint32_t             depth, nodes;
	bool                 literal;
};

static bool value_read(struct reader *r, struct node *node);

/* False: nested too deeply. */
static bool
enter(struct reader *r)
{
	return r->depth++ < MESSAGE_DEPTH;
}

static struct node *
node_new(struct reader *r)
{
	if (r->nodes++ >= MESSAGE_NODES)
		return NULL;
	return arena_alloc(r->arena, sizeof(struct node));
}

static bool
text_read(struct reader *r, struct node *node)
{
	node->kind = NODE_SCALAR;
	node->literal = r->literal;
	return take_bytes(&r->in, &node->text);
}

/* 5, -3.25, 1e+100, inf, -nan, 0x1p+4. */
static bool
number_read(struct reader *r, struct node *node)
{
	node->kind = NODE_SCALAR;
	node->literal = true;
	if (!take_bytes(&r->in, &node->text) || node->text.len == 0 ||
	    node->text.len > NUMBER_LEN)
		return false;
	for (size_t i = 0; i < node->text.len; i++) {
		char c = node->text.ptr[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && (c < '0' || c > '9') && c != '+' && c != '-' &&
		    c != '.')
			return false;
	}
	return true;
}

static bool
bool_read(struct reader *r, struct node *node)
{
	if (r->in.len == 0 || (unsigned char)*r->in.ptr > 1)
		return false;
	node->kind = NODE_SCALAR;
	node->literal = true;
	node->text = *r->in.ptr == 1 ? SPAN("true") : SPAN("false");
	r->in = span_from(r->in, 1);
	return true;
}

static bool
list_read(struct reader *r, struct node *node)
{
	struct node *child, *last = NULL;
	uint64_t     count;

	node->kind = NODE_LIST;
	if (!enter(r) || !take_number(&r->in, MESSAGE_NODES, &count))
		return false;
	while (count-- > 0) {
		child = node_new(r);
		if (child == NULL || !value_read(r, child))
			return false;
		node_append(node, &last, child);
	}
	r->depth--;
	return true;
}

static bool
span_less(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int    order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	return order < 0 || (order == 0 && a.len < b.len);
}

/* Keys come in order, so that each stands once at no cost. */
static bool
map_read(struct reader *r, struct node *node)
{
	struct node *child, *last = NULL;
	uint64_t     count;

	node->kind = NODE_MAP;
	if (!enter(r) || !take_number(&r->in, LIMIT_YAML_KEYS, &count))
		return false;
	while (count-- > 0) {
		child = node_new(r);
		if (child == NULL || !take_bytes(&r->in, &child->key) ||
		    (last != NULL && !span_less(last->key, child->key)) ||
		    !value_read(r, child))
			return false;
		child->key_loc = child->loc;
		node_append(node, &last, child);
	}
	r->depth--;
	return true;
}

static bool
function_read(struct reader *r, struct node *node)
{
	uint64_t number;

	node->kind = NODE_FUNCTION;
	if (!take_number(&r->in, UINT32_MAX, &number))
		return false;
	node->text = span_of(arena_printf(r->arena, "%u", (unsigned)number));
	return true;
}

static bool parts_skip(struct reader *r, uint32_t *count);

static bool
part_skip(struct reader *r)
{
	struct span word;
	uint32_t    inner;
	char        type;

	if (r->in.len == 0 || r->nodes++ >= MESSAGE_NODES)
		return false;
	type = *r->in.ptr;
	r->in = span_from(r->in, 1);
	switch (type) {
	case PARTS_BYTES:
	case PARTS_SECRET:
		return take_bytes(&r->in, &word);
	case PARTS_BASE64:
		return parts_skip(r, &inner);
	case PARTS_HMAC:
		return take_bytes(&r->in, &word) && parts_skip(r, &inner) &&
		    parts_skip(r, &inner);
	}
	return false;
}

/* Over a number and as many parts. */
static bool
parts_skip(struct reader *r, uint32_t *count)
{
	uint64_t number;

	if (!enter(r) || !take_number(&r->in, MESSAGE_NODES, &number))
		return false;
	for (uint64_t i = 0; i < number; i++)
		if (!part_skip(r))
			return false;
	r->depth--;
	*count = (uint32_t)number;
	return true;
}

/* The maker gets the parts behind their number, known to be well-formed. */
static bool
parts_read(struct reader *r, struct node *node)
{
	struct span parts = r->in;
	uint32_t    count;
	uint64_t    number;

	node->kind = NODE_SCALAR;
	node->literal = node->secret = true;
	if (r->maker == NULL || !parts_skip(r, &count))
		return false;
	parts.len -= r->in.len;
	return take_number(&parts, UINT32_MAX, &number) &&
	    r->maker->make(r->maker, parts, count, r->arena, &node->text);
}

/* Files are counted from 1; 0 leaves the place that is known from around. */
static bool
at_read(struct reader *r, struct node *node)
{
	const struct loc outer = r->loc;
	uint64_t         file, line;
	bool             fine;

	if (!enter(r) || !take_number(&r->in, r->places->count, &file) ||
	    !take_number(&r->in, UINT32_MAX, &line))
		return false;
	if (file > 0)
		r->loc = (struct loc){ .file = r->places->files[file - 1],
			.line = (uint32_t)line };
	fine = value_read(r, node);
	r->loc = outer;
	r->depth--;
	return fine;
}

static bool
value_read(struct reader *r, struct node *node)
{
	char type;

	if (r->in.len == 0)
		return false;
	type = *r->in.ptr;
	r->in = span_from(r->in, 1);
	node->style = STYLE_SCRIPT;
	node->loc = r->loc;
	switch (type) {
	case VALUE_TEXT:
		return text_read(r, node);
	case VALUE_NUMBER:
		return number_read(r, node);
	case VALUE_BOOL:
		return bool_read(r, node);
	case VALUE_LIST:
		return list_read(r, node);
	case VALUE_MAP:
		return map_read(r, node);
	case VALUE_FUNCTION:
		return function_read(r, node);
	case VALUE_PARTS:
		return parts_read(r, node);
	case VALUE_AT:
		return at_read(r, node);
	case VALUE_NONE:        /* as "close:" in a file */
		node->kind = NODE_SCALAR;
		node->literal = node->absent = true;
		return true;
	}
	return false;
}

const struct node *
value_node(struct span *in, const struct places *places, bool literal,
    struct parts_maker *maker, struct arena *arena)
{
	struct reader r = { .places = places, .maker = maker, .arena = arena,
		.literal = literal };
	struct node *node = node_new(&r);

	if (places->count > 0)
		r.loc.file = places->files[0];
	r.in = arena_copy(arena, *in);
	if (!value_read(&r, node))
		return NULL;
	*in = span_from(*in, in->len - r.in.len);
	return node;
}
