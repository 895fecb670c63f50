/*
 * libyaml's events to nodes. The stack of open collections is bounded and
 * checked while parsing, because libyaml's cost is quadratic in the depth of
 * brackets. Text is copied only where YAML changed it. libyaml's marks count
 * characters; nodes hold octets: a cursor converts, and moves little.
 *
 * A file with tags, aliases or the like is read to its end, so that all of
 * them are shown at once, but gives no tree (`poisoned`): what stands in their
 * place would only cause errors that are none.
 */
#include "load/yaml.h"

#include "base/limits.h"
#include "load/keys.h"
#include "load/prescan.h"
#include "load/yaml_hint.h"
#include "load/yaml_rules.h"

#include <yaml.h>

struct frame {
	struct node *node, *last;       /* last: child */
	struct keys  keys;
	struct span  key;
	struct loc   key_loc;
	uint32_t     keys_seen;
	bool         have_key;
	bool         drop;              /* the value of a refused key */
	bool         is_key;            /* the collection stands as a key */
	bool         paired;            /* [key: value] was complained of */
	bool         flow;              /* children stand inside [ ] or { } */
};

struct reader {
	const struct file *file;
	struct arena      *arena;
	struct diags      *diags;
	struct prescan     scan;
	const struct node *root;
	uint32_t           depth, deepest, nodes, documents;
	bool               poisoned, stop;
	size_t             chars, octets;       /* the cursor */
	struct rules       rules;
	struct frame      *stack;       /* LIMIT_YAML_DEPTH, set up as used */
};

static size_t
mark_at(struct reader *reader, const yaml_mark_t *mark)
{
	struct span text = reader->scan.text;

	if (reader->scan.ascii)
		return reader->scan.skipped +
		    (mark->index < text.len ? mark->index : text.len);
	while (reader->chars < mark->index && reader->octets < text.len) {
		reader->octets++;
		while (reader->octets < text.len &&
		    ((unsigned char)text.ptr[reader->octets] & 0xc0) == 0x80)
			reader->octets++;
		reader->chars++;
	}
	while (reader->chars > mark->index && reader->octets > 0) {
		reader->octets--;
		while (reader->octets > 0 &&
		    ((unsigned char)text.ptr[reader->octets] & 0xc0) == 0x80)
			reader->octets--;
		reader->chars--;
	}
	return reader->scan.skipped + reader->octets;
}

static struct loc
mark_loc(const struct reader *reader, const yaml_mark_t *mark)
{
	return (struct loc){ .file = reader->file,
		.line = (uint32_t)mark->line + 1,
		.column = (uint32_t)mark->column + 1, .width = 1 };
}

/* An error after which reading makes no sense. */
static void
limit_passed(struct reader *reader, struct loc loc, const char *what,
    int limit)
{
	diag_error(reader->diags, DIAG_ID_limit, loc, "%s; the limit is %d",
	    what, limit);
	reader->stop = true;
}

static void
node_counted(struct reader *reader, struct loc loc)
{
	if (++reader->nodes > LIMIT_YAML_NODES)
		limit_passed(reader, loc, "too many values and keys in one "
		    "file", LIMIT_YAML_NODES);
}

static struct frame *
top(struct reader *reader)
{
	return reader->depth == 0 ? NULL : &reader->stack[reader->depth - 1];
}

/* Hangs a finished or opened node below the collection that is open. */
static void
node_place(struct reader *reader, struct node *node)
{
	struct frame *frame = top(reader);
	bool drop;

	if (frame == NULL) {
		reader->root = node;
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
key_wanted(struct reader *reader)
{
	const struct frame *frame = top(reader);

	return frame != NULL && frame->node->kind == NODE_MAP &&
	    !frame->have_key;
}

static void
duplicate_found(struct reader *reader, const struct frame *frame,
    const struct node *first)
{
	bool item = reader->depth > 1 && !frame->node->flow &&
	    reader->stack[reader->depth - 2].node->kind == NODE_LIST;

	diag_error(reader->diags, DIAG_ID_duplicate_key, frame->key_loc,
	    "duplicate key '%s' (first at %u:%u)",
	    diag_word(reader->diags, frame->key), first->key_loc.line,
	    first->key_loc.column);
	if (item)
		diag_hint(reader->diags, "remove one of the two, or begin a "
		    "new list item with '- %s:'",
		    diag_word(reader->diags, frame->key));
	else
		diag_hint(reader->diags, "remove one of the two: a key stands "
		    "only once in a map");
}

/* The open map awaits the value of `key` next. */
static void
key_take(struct reader *reader, const struct node *key)
{
	struct frame *frame = top(reader);
	const struct node *first;

	frame->key = key->text;
	frame->key_loc = key->loc;
	frame->have_key = true;
	if (++frame->keys_seen > LIMIT_YAML_KEYS) {
		limit_passed(reader, key->loc, "too many keys in one map",
		    LIMIT_YAML_KEYS);
		return;
	}
	first = keys_find(&frame->keys, frame->node, key->text);
	if (first != NULL) {
		duplicate_found(reader, frame, first);
		frame->drop = true;
	} else if (rules_key(&reader->rules, key)) {
		frame->drop = reader->poisoned = true;
	}
}

/* The event's text, copied only when it is not in the file as it stands. */
static struct span
text_of(struct reader *reader, const struct node *node, struct span value,
    bool one_line)
{
	size_t quotes = node->style == STYLE_PLAIN ? 0 : 1;
	size_t len = node->end - node->offset;
	const char *source = reader->file->text.ptr + node->offset + quotes;

	if (one_line && len == value.len + 2 * quotes &&
	    memcmp(source, value.ptr, value.len) == 0)
		return (struct span){ source, value.len };
	return arena_copy(reader->arena, value);
}

static void
properties(struct reader *reader, struct node *node, const char *anchor,
    const char *tag)
{
	if (anchor != NULL || tag != NULL)
		reader->poisoned |= rules_properties(&reader->rules, node,
		    anchor, tag);
}

static uint8_t
style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_ANY_SCALAR_STYLE:
	case YAML_PLAIN_SCALAR_STYLE:
		return STYLE_PLAIN;
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return STYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return STYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return STYLE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return STYLE_FOLDED;
	}
	return STYLE_PLAIN;
}

/* What scalars and collections have in common. */
static struct node
node_begin(struct reader *reader, const yaml_event_t *event)
{
	const struct frame *frame = top(reader);
	struct node node = {
		.offset = (uint32_t)mark_at(reader, &event->start_mark),
		.loc = mark_loc(reader, &event->start_mark),
	};

	node.end = node.offset;
	node.flow = frame != NULL && frame->flow;
	node_counted(reader, node.loc);
	return node;
}

static void
scalar_judge(struct reader *reader, const struct node *node, struct span value)
{
	if (value.len > LIMIT_SCALAR) {
		diag_error(reader->diags, DIAG_ID_limit, node->loc,
		    "a text of %zu octets; the limit is %d (256 KiB)",
		    value.len, LIMIT_SCALAR);
		diag_hint(reader->diags, "keep long texts in a file of their "
		    "own: { file: NAME }");
		reader->poisoned = true;
	}
	if (node->style == STYLE_DOUBLE && span_chr(value, '\0') != SIZE_MAX) {
		diag_error(reader->diags, DIAG_ID_nul, node->loc,
		    "this text holds a NUL octet");
		diag_hint(reader->diags, "only 'write' sends NUL octets, as "
		    "\\0 within single quotes");
		reader->poisoned = true;
	}
}

static void
on_scalar(struct reader *reader, const yaml_event_t *event)
{
	struct span value = { (const char *)event->data.scalar.value,
		event->data.scalar.length };
	bool one_line = event->start_mark.line == event->end_mark.line;
	struct node node = node_begin(reader, event), *kept;

	node.style = style_of(event->data.scalar.style);
	node.end = (uint32_t)mark_at(reader, &event->end_mark);
	properties(reader, &node, (const char *)event->data.scalar.anchor,
	    (const char *)event->data.scalar.tag);
	node.loc.width = one_line && node.style < STYLE_LITERAL ?
	    (uint32_t)event->end_mark.column + 1 - node.loc.column :
	    rules_width(&reader->rules, &node);
	node.absent = node.style == STYLE_PLAIN && value.len == 0;
	scalar_judge(reader, &node, value);
	node.text = text_of(reader, &node, value, one_line);
	rules_gap(&reader->rules, &node);
	if (key_wanted(reader)) {
		key_take(reader, &node);
	} else {
		kept = arena_alloc(reader->arena, sizeof *kept);
		*kept = node;
		node_place(reader, kept);
	}
	rules_passed(&reader->rules, &node);
}

static void
on_alias(struct reader *reader, const yaml_event_t *event)
{
	struct node node = node_begin(reader, event), *kept;

	node.end = (uint32_t)mark_at(reader, &event->end_mark);
	node.loc.width = (uint32_t)(event->end_mark.column -
	    event->start_mark.column);
	node.text = span_of((const char *)event->data.alias.anchor);
	rules_alias(&reader->rules, &node);
	reader->poisoned = true;
	node.text = (struct span){ "", 0 };
	kept = arena_alloc(reader->arena, sizeof *kept);
	*kept = node;
	if (key_wanted(reader))
		top(reader)->have_key = top(reader)->drop = true;
	else
		node_place(reader, kept);
	rules_passed(&reader->rules, &node);
}

static void
frame_push(struct reader *reader, struct node *node, bool is_key)
{
	struct frame *frame = &reader->stack[reader->depth++];
	struct keys   keys = { 0 };

	if (reader->depth > reader->deepest)
		reader->deepest = reader->depth;
	else
		keys = frame->keys;
	keys_clear(&keys);
	*frame = (struct frame){ .node = node, .keys = keys,
		.is_key = is_key, .flow = node->flow ||
		rules_is_flow(&reader->rules, node) };
}

/* [code: 250]: libyaml makes a map of one key for each pair. */
static void
pair_check(struct reader *reader, const struct node *node)
{
	struct frame *frame = top(reader);

	if (node->kind != NODE_MAP || !node->flow || frame == NULL ||
	    frame->node->kind != NODE_LIST ||
	    rules_is_flow(&reader->rules, node))
		return;
	if (!frame->paired) {
		diag_error(reader->diags, DIAG_ID_pair, node->loc,
		    "a key and a value inside [ ]");
		diag_hint(reader->diags, "a map is written with braces: "
		    "{ code: 250, text: queued }");
	}
	frame->paired = reader->poisoned = true;
}

static void
on_open(struct reader *reader, const yaml_event_t *event, uint8_t kind,
    const char *anchor, const char *tag)
{
	bool is_key = key_wanted(reader);
	struct node *node;

	if (reader->depth == LIMIT_YAML_DEPTH) {
		limit_passed(reader, mark_loc(reader, &event->start_mark),
		    "nested too deeply", LIMIT_YAML_DEPTH);
		return;
	}
	node = arena_alloc(reader->arena, sizeof *node);
	*node = node_begin(reader, event);
	node->kind = kind;
	properties(reader, node, anchor, tag);
	pair_check(reader, node);
	rules_gap(&reader->rules, node);
	if (!is_key)
		node_place(reader, node);
	frame_push(reader, node, is_key);
	rules_opened(&reader->rules, node);
}

static void
on_close(struct reader *reader, const yaml_event_t *event)
{
	struct frame *frame = top(reader);
	struct node  *node = frame->node;

	if (rules_is_flow(&reader->rules, node)) {
		node->end = (uint32_t)mark_at(reader, &event->end_mark);
		node->loc.width = rules_width(&reader->rules, node);
	} else {
		node->end = frame->last == NULL ? node->end : frame->last->end;
		if (node->kind == NODE_MAP && node->first != NULL)
			node->loc.width = node->first->key_loc.width;
	}
	rules_closed(&reader->rules, node);
	reader->depth--;
	if (!frame->is_key)
		return;
	diag_error(reader->diags, DIAG_ID_key_form, node->loc,
	    "%s stands where a key is expected", node_kind_name(node));
	diag_hint(reader->diags, rules_is_flow(&reader->rules, node) ?
	    "keys are plain words; if this is text, put it in single quotes" :
	    "keys are plain words");
	frame = top(reader);
	frame->have_key = frame->drop = true;
}

static void
on_document(struct reader *reader, const yaml_event_t *event)
{
	struct loc loc = mark_loc(reader, &event->start_mark);

	if (reader->documents++ > 0) {
		loc.width = 3;
		diag_error(reader->diags, DIAG_ID_documents, loc,
		    "a second document begins here");
		diag_hint(reader->diags, "one file holds one document: remove "
		    "this line, or make two files of it; several scenarios in "
		    "one file go below 'scenarios:'");
		reader->stop = true;
		return;
	}
	if (event->data.document_start.version_directive != NULL ||
	    event->data.document_start.tag_directives.start !=
	    event->data.document_start.tag_directives.end)
		rules_directives(&reader->rules, loc,
		    mark_at(reader, &event->start_mark));
}

/* False at the end of the file. */
static bool
on_event(struct reader *reader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_END_EVENT:
		return false;
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	case YAML_DOCUMENT_START_EVENT:
		on_document(reader, event);
		break;
	case YAML_ALIAS_EVENT:
		on_alias(reader, event);
		break;
	case YAML_SCALAR_EVENT:
		on_scalar(reader, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		on_open(reader, event, NODE_LIST,
		    (const char *)event->data.sequence_start.anchor,
		    (const char *)event->data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		on_open(reader, event, NODE_MAP,
		    (const char *)event->data.mapping_start.anchor,
		    (const char *)event->data.mapping_start.tag);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_close(reader, event);
		break;
	}
	return !reader->stop;
}

/* After octets were repaired a syntax error may come of the repair. */
static void
on_error(struct reader *reader, const yaml_parser_t *parser)
{
	struct yaml_trouble trouble = {
		.file = reader->file,
		.problem = parser->problem == NULL ? "" : parser->problem,
		.context = parser->context,
		.scalar_at = reader->rules.scalar_at,
		.scalar_end = reader->rules.scalar_end,
	};

	reader->poisoned = true;
	if (reader->scan.errors > 0)
		return;
	trouble.at = mark_at(reader, &parser->problem_mark);
	trouble.context_at = mark_at(reader, &parser->context_mark);
	yaml_hint(&trouble, reader->diags);
}

static void
parse(struct reader *reader)
{
	yaml_parser_t parser;
	yaml_event_t  event;
	bool          more = true;

	if (yaml_parser_initialize(&parser) == 0) {
		diag_error(reader->diags, DIAG_ID_limit,
		    (struct loc){ .file = reader->file },
		    "no memory left for reading this file");
		reader->poisoned = true;
		return;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser,
	    (const unsigned char *)reader->scan.text.ptr,
	    reader->scan.text.len);
	while (more) {
		if (yaml_parser_parse(&parser, &event) == 0) {
			on_error(reader, &parser);
			break;
		}
		more = on_event(reader, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

static const struct node *
finish(struct reader *reader)
{
	bool judged = !reader->poisoned && !reader->stop &&
	    reader->scan.errors == 0;

	for (size_t i = 0; i < reader->deepest; i++)
		keys_free(&reader->stack[i].keys);
	if (judged && (reader->root == NULL || reader->root->absent)) {
		diag_error(reader->diags, DIAG_ID_empty,
		    (struct loc){ reader->file, 1, 1, 1 },
		    "the file is empty");
		diag_hint(reader->diags, "a scenario begins with the line 'quoth: 1'");
		return NULL;
	}
	return judged ? reader->root : NULL;
}

const struct node *
yaml_read(const struct file *file, struct arena *arena, struct diags *diags)
{
	struct frame  stack[LIMIT_YAML_DEPTH];
	struct reader reader = { .file = file, .arena = arena,
		.diags = diags, .stack = stack };

	if (!prescan(file, arena, diags, &reader.scan))
		return NULL;
	reader.rules = (struct rules){ .file = file, .diags = diags,
		.tabs = reader.scan.tabs };
	parse(&reader);
	return finish(&reader);
}
