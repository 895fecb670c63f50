/*
 * A constructor and a tree side by side: whether the one could have made the
 * other, and the places of what stands in both.
 */
#include "script/places/places_own.h"

#include <stdlib.h>

static int
key_order(const void *left, const void *right)
{
	struct span a = ((const struct child *)left)->node->key;
	struct span b = ((const struct child *)right)->node->key;
	size_t len = a.len < b.len ? a.len : b.len;
	int    order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
source_order(const void *left, const void *right)
{
	uint32_t a = ((const struct child *)left)->first;
	uint32_t b = ((const struct child *)right)->first;

	return (a > b) - (a < b);
}

struct children
places_children(const struct node *node, struct arena *arena)
{
	struct children children = { .by_key = node->kind == NODE_MAP };
	size_t count = 0;

	for (const struct node *at = node->first; at != NULL; at = at->next)
		count++;
	children.rows = arena_alloc(arena, count * sizeof *children.rows);
	for (const struct node *at = node->first; at != NULL; at = at->next)
		children.rows[children.count++].node = (struct node *)at;
	if (children.by_key && count > 1)
		qsort(children.rows, count, sizeof *children.rows, key_order);
	return children;
}

static struct child *
child_find(const struct children *children, struct span key)
{
	struct node  node = { .key = key };
	struct child wanted = { .node = &node };
	uint64_t     index;

	if (children->count == 0)
		return NULL;
	if (children->by_key)
		return bsearch(&wanted, children->rows, children->count,
		    sizeof wanted, key_order);
	return span_u64(key, &index) && index >= 1 &&
	    index <= children->count ? &children->rows[index - 1] : NULL;
}

/* Numbers that Lua would write in another way may be any. */
static bool
plain_like(struct span source, const struct node *node)
{
	uint64_t number;

	if (node->kind != NODE_SCALAR)
		return false;
	if (*source.ptr >= '0' && *source.ptr <= '9' &&
	    !(span_u64(source, &number) && (*source.ptr != '0' ||
	    source.len == 1)))
		return true;
	return span_eq(source, node->text);
}

static bool
value_like(const struct outline *outline, const struct field *field,
    const struct node *node)
{
	struct span source = places_text(outline, field->first);

	switch (field->kind) {
	case VALUE_IS_TEXT:
		return node->kind == NODE_SCALAR && (node->secret ||
		    lex_string_is(source, node->text));
	case VALUE_IS_PLAIN:
		return plain_like(source, node);
	case VALUE_IS_TABLE:
		return node->kind == NODE_MAP || node->kind == NODE_LIST;
	case VALUE_IS_FUNCTION:
		return node->kind == NODE_FUNCTION;
	case VALUE_IS_NIL:
		return false;
	case VALUE_IS_ANY:
		return true;
	}
	return false;
}

/* The child that the field made, `*items` being those before it; NULL: none
 * that can be known. */
static struct child *
field_child(const struct outline *outline, const struct field *field,
    const struct children *children, uint32_t *items, struct arena *arena)
{
	switch (field->key_kind) {
	case FIELD_ITEM:
		return children->by_key || *items >= children->count ? NULL :
		    &children->rows[(*items)++];
	case FIELD_NAMED:
		return child_find(children, places_key(outline, field->key,
		    arena));
	case FIELD_COMPUTED:
		break;
	}
	return NULL;
}

static bool
field_like(const struct outline *outline, const struct field *field,
    const struct child *child)
{
	if (child == NULL)
		return field->kind == VALUE_IS_NIL ||
		    field->kind == VALUE_IS_ANY;
	return value_like(outline, field, child->node);
}

bool
places_like(struct outline *outline, uint32_t open, const struct node *node,
    const struct children *children, bool whole, struct arena *arena)
{
	struct field field;
	uint32_t     at = open, found = 0, items = 0;

	if (node->kind != NODE_MAP && node->kind != NODE_LIST)
		return false;
	while (places_field(outline, open, &at, &field)) {
		struct child *child = field_child(outline, &field, children,
		    &items, arena);

		if (whole && outline->patience > 0 && --outline->patience == 0)
			return false;
		if (field.key_kind != FIELD_COMPUTED &&
		    !field_like(outline, &field, child))
			return false;
		found += child != NULL;
	}
	return whole ? found == children->count :
	    found > 0 || children->count == 0;
}

static struct loc
token_loc(const struct outline *outline, uint32_t at)
{
	const struct token *token = &outline->tokens[at];

	return (struct loc){ .file = outline->file, .line = token->line,
		.column = token->column, .width = token->width };
}

/* From its first to its last character where that is one line; tables and
 * functions are their first token. */
static struct loc
value_loc(const struct outline *outline, const struct field *value)
{
	const struct token *last = &outline->tokens[value->last];
	struct loc loc = token_loc(outline, value->first);

	if (value->kind != VALUE_IS_TABLE && value->kind != VALUE_IS_FUNCTION &&
	    last->last_line == loc.line)
		loc.width = last->column + last->width - loc.column;
	return loc;
}

/* What is not written out: all of it has one place. */
static void
spread(struct node *node, struct loc loc)
{
	node->loc = loc;
	for (const struct node *at = node->first; at != NULL; at = at->next) {
		((struct node *)at)->key_loc = loc;
		spread((struct node *)at, loc);
	}
}

/* For each child the field that made it: the last of its key. */
static void
fields_find(const struct outline *outline, uint32_t open,
    const struct children *children, struct arena *arena)
{
	struct field field;
	uint32_t     at = open, items = 0;

	while (places_field(outline, open, &at, &field)) {
		struct child *child = field_child(outline, &field, children,
		    &items, arena);

		if (child == NULL)
			continue;
		child->key = field.key;
		child->first = field.first;
		child->last = field.last;
		child->kind = field.kind;
	}
}

static void
children_order(struct node *node, const struct children *children)
{
	struct node *last = NULL;

	for (uint32_t i = 0; i < children->count; i++)
		if (children->rows[i].first == 0)
			return;
	qsort(children->rows, children->count, sizeof *children->rows,
	    source_order);
	node->count = 0;
	for (uint32_t i = 0; i < children->count; i++)
		node_append(node, &last, children->rows[i].node);
	last->next = NULL;
}

static void
table_give(const struct outline *outline, struct node *node, uint32_t open,
    struct arena *arena)
{
	struct children children = places_children(node, arena);

	fields_find(outline, open, &children, arena);
	for (uint32_t i = 0; i < children.count; i++) {
		const struct child *child = &children.rows[i];
		struct field value = { .first = child->first,
			.last = child->last, .kind = child->kind };

		child->node->key_loc = child->first != 0 && child->key != 0 ?
		    token_loc(outline, child->key) : node->loc;
		if (child->first == 0)
			spread(child->node, node->loc);
		else
			places_give(outline, child->node, &value, arena);
	}
	if (children.by_key && children.count > 1)
		children_order(node, &children);
}

/* As deep as the tree, which its maker bounds (MESSAGE_DEPTH). */
void
places_give(const struct outline *outline, struct node *node,
    const struct field *value, struct arena *arena)
{
	node->loc = value_loc(outline, value);
	if (value->kind == VALUE_IS_TABLE)
		table_give(outline, node, value->first, arena);
	else
		spread(node, node->loc);
}
