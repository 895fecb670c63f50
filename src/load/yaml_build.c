/*
 * Nodes into a tree: the stack of open collections, keys and their
 * duplicates, the limits. The stack is bounded and checked while parsing,
 * because libyaml's cost is quadratic in the depth of brackets. Text is
 * copied only where YAML changed it.
 */
#include "load/yaml_build.h"

#include "base/limits.h"
#include "load/look.h"

/* An error after which reading makes no sense. */
static void
limit_passed(struct builder *build, struct loc loc, const char *what,
    int limit)
{
	diag_error(build->diags, DIAG_ID_limit, loc, "%s; the limit is %d",
	    what, limit);
	build->stop = true;
}

static void
node_counted(struct builder *build, struct loc loc)
{
	if (++build->nodes > LIMIT_YAML_NODES)
		limit_passed(build, loc, "too many values and keys in one "
		    "file", LIMIT_YAML_NODES);
}

static struct frame *
top(struct builder *build)
{
	return build->depth == 0 ? NULL : &build->stack[build->depth - 1];
}

/* Hangs a finished or opened node below the collection that is open. */
static void
node_place(struct builder *build, struct node *node)
{
	struct frame *frame = top(build);
	bool drop;

	if (frame == NULL) {
		build->root = node;
		return;
	}
	if (frame->node->kind == NODE_LIST) {
		node_append(frame->node, &frame->last, node);
		return;
	}
	node->key = frame->key;
	node->key_loc = frame->key_loc;
	drop = frame->drop;
	frame->have_key = frame->drop = false;
	if (drop)
		return;
	node_append(frame->node, &frame->last, node);
	keys_add(&frame->keys, frame->node, node);
}

static bool
key_wanted(struct builder *build)
{
	const struct frame *frame = top(build);

	return frame != NULL && frame->node->kind == NODE_MAP &&
	    !frame->have_key;
}

static void
duplicate_found(struct builder *build, const struct frame *frame,
    const struct node *first)
{
	bool item = build->depth > 1 && !frame->node->flow &&
	    build->stack[build->depth - 2].node->kind == NODE_LIST;

	diag_error(build->diags, DIAG_ID_duplicate_key, frame->key_loc,
	    "duplicate key '%s' (first at %u:%u)",
	    diag_word(build->diags, frame->key), first->key_loc.line,
	    first->key_loc.column);
	if (item)
		diag_hint(build->diags, "remove one of the two, or begin a "
		    "new list item with '- %s:'",
		    diag_word(build->diags, frame->key));
	else
		diag_hint(build->diags, "remove one of the two: a key stands "
		    "only once in a map");
}

enum { TWINS_MAX = 64 };

/* A key that reads as another of the map and is not the same octets. */
static void
twin_find(struct builder *build, const struct frame *frame,
    const struct node *key)
{
	size_t seen = 0;

	if (look_plain(key->text))
		return;
	for (const struct node *other = frame->node->first; other != NULL &&
	    seen < TWINS_MAX; other = other->next, seen++) {
		if (!look_alike(other->key, key->text))
			continue;
		diag_warn(build->diags, DIAG_ID_look_alike, key->loc,
		    "this key looks like the one in line %u, and is another",
		    other->key_loc.line);
		diag_hint(build->diags, "the same letters are written with "
		    "other octets: type one of the two again");
		return;
	}
}

/* The open map awaits the value of `key` next. */
static void
key_take(struct builder *build, const struct node *key)
{
	struct frame *frame = top(build);
	const struct node *first;

	frame->key = key->text;
	frame->key_loc = key->loc;
	frame->have_key = true;
	if (++frame->keys_seen > LIMIT_YAML_KEYS) {
		limit_passed(build, key->loc, "too many keys in one map",
		    LIMIT_YAML_KEYS);
		return;
	}
	first = keys_find(&frame->keys, frame->node, key->text);
	twin_find(build, frame, key);
	if (first != NULL) {
		duplicate_found(build, frame, first);
		frame->drop = true;
	} else if (rules_key(&build->rules, key)) {
		frame->drop = build->poisoned = true;
	}
}

/* The event's text, copied only when it is not in the file as it stands. */
static struct span
text_of(struct builder *build, const struct node *node, struct span value,
    bool one_line)
{
	size_t quotes = node->style == STYLE_PLAIN ? 0 : 1;
	size_t len = node->end - node->offset;
	const char *source = build->rules.file->text.ptr + node->offset + quotes;

	if (one_line && len == value.len + 2 * quotes &&
	    memcmp(source, value.ptr, value.len) == 0)
		return (struct span){ source, value.len };
	return arena_copy(build->arena, value);
}

static void
properties(struct builder *build, struct node *node,
    const struct property *property)
{
	if (property->anchor != NULL || property->tag != NULL)
		build->poisoned |= rules_properties(&build->rules, node,
		    property->anchor, property->tag);
}

static void
scalar_judge(struct builder *build, const struct node *node, struct span value)
{
	if (value.len > LIMIT_SCALAR) {
		diag_error(build->diags, DIAG_ID_limit, node->loc,
		    "a text of %zu octets; the limit is %d (256 KiB)",
		    value.len, LIMIT_SCALAR);
		diag_hint(build->diags, "keep long texts in a file of their "
		    "own: { file: NAME }");
		build->poisoned = true;
	}
	if (node->style == STYLE_DOUBLE && span_chr(value, '\0') != SIZE_MAX) {
		diag_error(build->diags, DIAG_ID_nul, node->loc,
		    "this text holds a NUL octet");
		diag_hint(build->diags, "only 'write' sends NUL octets, as "
		    "\\0 within single quotes");
		build->poisoned = true;
	}
}

void
build_scalar(struct builder *build, struct node *node, struct span value,
    const struct property *property)
{
	struct node *kept;

	node_counted(build, node->loc);
	properties(build, node, property);
	if (!property->one_line || node->style >= STYLE_LITERAL)
		node->loc.width = rules_width(&build->rules, node);
	else
		node->loc.width = property->end_column - node->loc.column;
	node->absent = node->style == STYLE_PLAIN && value.len == 0;
	scalar_judge(build, node, value);
	node->text = text_of(build, node, value, property->one_line);
	rules_gap(&build->rules, node);
	if (key_wanted(build)) {
		key_take(build, node);
	} else {
		kept = arena_alloc(build->arena, sizeof *kept);
		*kept = *node;
		node_place(build, kept);
	}
	rules_passed(&build->rules, node);
}

void
build_alias(struct builder *build, struct node *node, struct span name)
{
	struct node *kept;

	node_counted(build, node->loc);
	node->text = name;
	rules_alias(&build->rules, node);
	build->poisoned = true;
	node->text = (struct span){ "", 0 };
	kept = arena_alloc(build->arena, sizeof *kept);
	*kept = *node;
	if (key_wanted(build))
		top(build)->have_key = top(build)->drop = true;
	else
		node_place(build, kept);
	rules_passed(&build->rules, node);
}

static void
frame_push(struct builder *build, struct node *node, bool is_key)
{
	struct frame *frame = &build->stack[build->depth++];
	struct keys   keys = { 0 };

	if (build->depth > build->deepest)
		build->deepest = build->depth;
	else
		keys = frame->keys;
	keys_clear(&keys);
	*frame = (struct frame){ .node = node, .keys = keys,
		.is_key = is_key, .flow = node->flow ||
		rules_is_flow(&build->rules, node) };
}

/* [code: 250]: libyaml makes a map of one key for each pair. */
static void
pair_check(struct builder *build, const struct node *node)
{
	struct frame *frame = top(build);

	if (node->kind != NODE_MAP || !node->flow || frame == NULL ||
	    frame->node->kind != NODE_LIST ||
	    rules_is_flow(&build->rules, node))
		return;
	if (!frame->paired) {
		diag_error(build->diags, DIAG_ID_pair, node->loc,
		    "a key and a value inside [ ]");
		diag_hint(build->diags, "a map is written with braces: "
		    "{ code: 250, text: queued }");
	}
	frame->paired = build->poisoned = true;
}

void
build_open(struct builder *build, const struct node *begun,
    const struct property *property)
{
	bool is_key = key_wanted(build);
	struct node *node;

	if (build->depth == LIMIT_YAML_DEPTH) {
		limit_passed(build, begun->loc, "maps and lists are nested too "
		    "deeply", LIMIT_YAML_DEPTH);
		return;
	}
	node_counted(build, begun->loc);
	node = arena_alloc(build->arena, sizeof *node);
	*node = *begun;
	properties(build, node, property);
	pair_check(build, node);
	rules_gap(&build->rules, node);
	if (!is_key)
		node_place(build, node);
	frame_push(build, node, is_key);
	rules_opened(&build->rules, node);
}

/* A collection where a key should be. Said at its end: a thousand of them
 * inside each other are one error, the limit of the depth. */
static void
key_refuse(struct builder *build, const struct node *node)
{
	struct frame *frame = top(build);

	diag_error(build->diags, DIAG_ID_key_form, node->loc,
	    "%s stands where a key is expected", node_kind_name(node));
	diag_hint(build->diags, rules_is_flow(&build->rules, node) ?
	    "keys are plain words; if this is text, put it in single quotes" :
	    "keys are plain words");
	frame->have_key = frame->drop = true;
}

void
build_close(struct builder *build, size_t end)
{
	struct frame *frame = top(build);
	struct node  *node = frame->node;

	if (rules_is_flow(&build->rules, node)) {
		node->end = (uint32_t)end;
		node->loc.width = rules_width(&build->rules, node);
	} else {
		node->end = frame->last == NULL ? node->end : frame->last->end;
		if (node->kind == NODE_MAP && node->first != NULL)
			node->loc.width = node->first->key_loc.width;
	}
	rules_closed(&build->rules, node);
	build->depth--;
	if (frame->is_key)
		key_refuse(build, node);
}

bool
build_in_flow(const struct builder *build)
{
	return build->depth > 0 && build->stack[build->depth - 1].flow;
}

void
build_free(struct builder *build)
{
	for (uint32_t i = 0; i < build->deepest; i++)
		keys_free(&build->stack[i].keys);
}
