/*
 * libyaml's events to nodes, the only file that knows libyaml. Its marks count
 * characters; nodes hold octets: a cursor converts, and moves little, because
 * events come in the order of the file. The tree is made in yaml_build.c, the
 * octets are judged in prescan.c, syntax errors are put into words in
 * yaml_hint.c.
 */
#include "load/yaml.h"

#include "base/limits.h"
#include "load/prescan.h"
#include "load/yaml_build.h"
#include "load/yaml_hint.h"

#include <yaml.h>

struct reader {
	const struct file *file;
	struct diags      *diags;
	struct prescan     scan;
	struct builder     build;
	uint32_t           documents;
	size_t             chars, octets;       /* the cursor */
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
node_begin(struct reader *reader, const yaml_event_t *event, uint8_t kind)
{
	uint32_t at = (uint32_t)mark_at(reader, &event->start_mark);

	return (struct node){ .kind = kind, .offset = at, .end = at,
		.loc = mark_loc(reader, &event->start_mark),
		.flow = build_in_flow(&reader->build) };
}

static void
on_scalar(struct reader *reader, const yaml_event_t *event)
{
	const struct property property = {
		.anchor = (const char *)event->data.scalar.anchor,
		.tag = (const char *)event->data.scalar.tag,
		.one_line = event->start_mark.line == event->end_mark.line,
		.end_column = (uint32_t)event->end_mark.column + 1,
	};
	struct node node = node_begin(reader, event, NODE_SCALAR);

	node.style = style_of(event->data.scalar.style);
	node.end = (uint32_t)mark_at(reader, &event->end_mark);
	build_scalar(&reader->build, &node, (struct span){
	    (const char *)event->data.scalar.value,
	    event->data.scalar.length }, &property);
}

static void
on_alias(struct reader *reader, const yaml_event_t *event)
{
	struct node node = node_begin(reader, event, NODE_SCALAR);

	node.end = (uint32_t)mark_at(reader, &event->end_mark);
	node.loc.width = (uint32_t)(event->end_mark.column -
	    event->start_mark.column);
	build_alias(&reader->build, &node,
	    span_of((const char *)event->data.alias.anchor));
}

static void
on_open(struct reader *reader, const yaml_event_t *event, uint8_t kind,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	const struct node node = node_begin(reader, event, kind);
	const struct property property = { .anchor = (const char *)anchor,
		.tag = (const char *)tag };

	build_open(&reader->build, &node, &property);
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
		reader->build.stop = true;
		return;
	}
	if (event->data.document_start.version_directive != NULL ||
	    event->data.document_start.tag_directives.start !=
	    event->data.document_start.tag_directives.end)
		rules_directives(&reader->build.rules, loc,
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
		    event->data.sequence_start.anchor,
		    event->data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		on_open(reader, event, NODE_MAP,
		    event->data.mapping_start.anchor,
		    event->data.mapping_start.tag);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		build_close(&reader->build,
		    mark_at(reader, &event->end_mark));
		break;
	}
	return !reader->build.stop;
}

/* After octets were repaired a syntax error may come of the repair. */
static void
on_error(struct reader *reader, const yaml_parser_t *parser)
{
	struct yaml_trouble trouble = {
		.file = reader->file,
		.problem = parser->problem == NULL ? "" : parser->problem,
		.context = parser->context,
		.scalar_at = reader->build.rules.scalar_at,
		.scalar_end = reader->build.rules.scalar_end,
	};

	reader->build.poisoned = true;
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
		reader->build.poisoned = true;
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
	const struct builder *build = &reader->build;

	if (build->poisoned || build->stop || reader->scan.errors > 0)
		return NULL;
	if (build->root != NULL && !build->root->absent)
		return build->root;
	diag_error(reader->diags, DIAG_ID_empty,
	    (struct loc){ reader->file, 1, 1, 1 }, "the file is empty");
	diag_hint(reader->diags,
	    "a scenario begins with the line 'quoth: 1'");
	return NULL;
}

const struct node *
yaml_read(const struct file *file, struct arena *arena, struct diags *diags)
{
	struct frame  stack[LIMIT_YAML_DEPTH];
	struct reader reader = { .file = file, .diags = diags };

	if (!prescan(file, arena, diags, &reader.scan))
		return NULL;
	reader.build = (struct builder){ .arena = arena, .diags = diags,
		.stack = stack, .rules = { .file = file, .diags = diags,
		.tabs = reader.scan.tabs } };
	parse(&reader);
	build_free(&reader.build);
	return finish(&reader);
}
