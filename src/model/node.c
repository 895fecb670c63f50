/*
 * Nodes: look up, append, and find the place of one octet of a scalar. Only
 * errors ask for such a place, so no map from text to file is kept: the file
 * is read again from the scalar's first octet, by the rules of its style
 * (YAML 1.1 chapters 7 to 9, as libyaml reads them), until as many octets as
 * were asked for have come out.
 */
#include "model/node.h"

const struct node *
node_get(const struct node *map, const char *key)
{
	if (map == NULL || map->kind != NODE_MAP)
		return NULL;
	for (const struct node *at = map->first; at != NULL; at = at->next)
		if (span_is(at->key, key))
			return at;
	return NULL;
}

bool
node_is_nothing(const struct node *node)
{
	return node->absent || (node->style == STYLE_SCRIPT &&
	    node->text.len == 0 && node->count == 0 &&
	    node->kind != NODE_FUNCTION);
}

bool
node_is_map(const struct node *node)
{
	return node->kind == NODE_MAP || (node->kind == NODE_LIST &&
	    node->style == STYLE_SCRIPT && node->count == 0);
}

const char *
node_kind_name(const struct node *node)
{
	switch ((enum node_kind)node->kind) {
	case NODE_SCALAR:
		return "a scalar";
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		return "a map";
	case NODE_FUNCTION:
		return "a function";
	}
	return "a node";
}

void
node_append(struct node *parent, struct node **last, struct node *child)
{
	if (*last == NULL)
		parent->first = child;
	else
		(*last)->next = child;
	*last = child;
	parent->count++;
}

/* A piece of the file and the octets of the scalar's text that it makes.
 * Pieces of equal lengths are verbatim. */
struct piece { size_t source, text; };

static bool
is_blank(char octet)
{
	return octet == ' ' || octet == '\t';
}

static bool
is_break(char octet)
{
	return octet == '\n' || octet == '\r';
}

/* Blanks and line ends from `at` on: one line end is a blank, each further
 * one a line end. Without a line end the blanks are themselves. */
static struct piece
fold_piece(struct span in, size_t at, size_t joined)
{
	size_t end = at, breaks = 0;

	while (end < in.len && (is_blank(in.ptr[end]) || is_break(in.ptr[end])))
		breaks += in.ptr[end++] == '\n';
	if (breaks == 0)
		return (struct piece){ end - at, end - at };
	return (struct piece){ end - at, breaks == 1 ? joined : breaks - 1 };
}

static size_t
utf8_len(uint32_t point)
{
	return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

static uint32_t
hex_value(struct span digits)
{
	uint32_t value = 0;

	for (size_t i = 0; i < digits.len; i++) {
		uint32_t c = (unsigned char)digits.ptr[i];

		value = value << 4 | ((c & 0xf) + (c > '9' ? 9 : 0));
	}
	return value;
}

static struct piece
escape_piece(struct span in, size_t at)
{
	char   letter = at + 1 < in.len ? in.ptr[at + 1] : '\0';
	size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 :
	    letter == 'U' ? 8 : 0;

	if (is_break(letter)) {
		struct piece fold = fold_piece(in, at + 1, 0);

		return (struct piece){ fold.source + 1, fold.text };
	}
	if (digits > 0)
		return (struct piece){ 2 + digits,
			utf8_len(hex_value(span_sub(in, at + 2, digits))) };
	return (struct piece){ 2, letter == 'N' || letter == '_' ? 2 :
		letter == 'L' || letter == 'P' ? 3 : 1 };
}

/* Plain and quoted scalars. */
static struct piece
flow_piece(struct span in, size_t at, enum node_style style)
{
	char octet = in.ptr[at];

	if (is_blank(octet) || is_break(octet))
		return fold_piece(in, at, 1);
	if (style == STYLE_DOUBLE && octet == '\\')
		return escape_piece(in, at);
	if (style == STYLE_SINGLE && octet == '\'')
		return (struct piece){ 2, 1 };
	return (struct piece){ 1, 1 };
}

static size_t
flow_seek(const struct node *scalar, struct span in, size_t want)
{
	size_t at = scalar->style == STYLE_PLAIN ? 0 : 1;
	size_t made = 0;

	while (at < in.len) {
		struct piece piece = flow_piece(in, at, scalar->style);

		if (want < made + piece.text)
			return piece.source == piece.text ? at + want - made : at;
		at += piece.source;
		made += piece.text;
	}
	return at;
}

static size_t
line_len(struct span in, size_t at)
{
	size_t len = span_chr(span_from(in, at), '\n');

	return len == SIZE_MAX ? in.len - at : len + 1;
}

/* Columns that the lines of a block scalar are indented by: what the first
 * line with text has in the file, less what it has in the text. */
static size_t
block_indent(const struct node *scalar, struct span in, size_t at)
{
	size_t in_file = 0, in_text = 0, lead = 0;

	while (lead < scalar->text.len && scalar->text.ptr[lead] == '\n') {
		at += line_len(in, at);
		lead++;
	}
	while (at + in_file < in.len && in.ptr[at + in_file] == ' ')
		in_file++;
	while (lead + in_text < scalar->text.len &&
	    scalar->text.ptr[lead + in_text] == ' ')
		in_text++;
	return in_file < in_text ? 0 : in_file - in_text;
}

/* The line's octets behind its indentation, without its end. */
static struct span
block_line(struct span in, size_t at, size_t indent)
{
	struct span line = span_sub(in, at, line_len(in, at));

	while (line.len > 0 && is_break(line.ptr[line.len - 1]))
		line.len--;
	for (size_t i = 0; i < indent && line.len > 0 && *line.ptr == ' '; i++)
		line = span_from(line, 1);
	return line;
}

/* A folded scalar drops the line end before empty lines, or not: the text
 * tells. `made` is where it has the line end of a line that ends at `at`. */
static bool
fold_drops(const struct node *scalar, struct span in, size_t at, size_t made,
    size_t indent)
{
	size_t empty = 0, ends = 0;

	if (scalar->style != STYLE_FOLDED)
		return false;
	while (at < in.len && block_line(in, at, indent).len == 0) {
		at += line_len(in, at);
		empty++;
	}
	while (made + ends < scalar->text.len &&
	    scalar->text.ptr[made + ends] == '\n')
		ends++;
	return empty > 0 && at < in.len && ends == empty;
}

static size_t
block_seek(const struct node *scalar, struct span in, size_t want)
{
	size_t at = line_len(in, 0), made = 0;
	size_t indent = block_indent(scalar, in, at);

	while (at < in.len) {
		struct span line = block_line(in, at, indent);
		size_t first = (size_t)(line.ptr - in.ptr);

		if (want <= made + line.len)
			return first + want - made;
		at += line_len(in, at);
		made += line.len;
		if (line.len == 0 ||
		    !fold_drops(scalar, in, at, made, indent))
			made++;
	}
	return at;
}

/* `from` moved forward over `over`. */
static struct loc
loc_forward(struct loc from, struct span over)
{
	for (size_t at = 0; at < over.len; ) {
		size_t len = span_utf8(span_from(over, at), NULL);

		from.column++;
		if (over.ptr[at] == '\n') {
			from.line++;
			from.column = 1;
		}
		at += len == 0 ? 1 : len;
	}
	from.width = 1;
	return from;
}

/* Of a script's text: exact where it stands there as it is, between quotes. */
static struct loc
script_seek(const struct node *scalar, size_t at)
{
	struct span line = loc_line(scalar->loc.file, scalar->loc.line);
	size_t      skip = scalar->loc.column == 0 ? line.len : 0;
	struct loc  loc = { .column = 1 };

	while (skip < line.len && loc.column < scalar->loc.column) {
		loc = loc_forward(loc, span_sub(line, skip, 1));
		skip++;
		while (skip < line.len &&
		    ((unsigned char)line.ptr[skip] & 0xc0) == 0x80)
			skip++;
	}
	line = span_from(line, skip);
	if (line.len == 0 || (*line.ptr != '"' && *line.ptr != '\'') ||
	    !span_starts(span_from(line, 1), span_sub(scalar->text, 0, at)))
		return scalar->loc;
	return loc_forward(scalar->loc, span_sub(line, 0, at + 1));
}

struct loc
node_loc_at(const struct node *scalar, size_t at)
{
	const struct file *file = scalar->loc.file;
	struct span in;
	size_t      seek;

	if (scalar->kind == NODE_SCALAR && file != NULL &&
	    scalar->style == STYLE_SCRIPT)
		return script_seek(scalar, at);
	if (scalar->kind != NODE_SCALAR || file == NULL ||
	    scalar->end <= scalar->offset || scalar->end > file->text.len)
		return scalar->loc;
	in = span_sub(file->text, scalar->offset, scalar->end - scalar->offset);
	at = at > scalar->text.len ? scalar->text.len : at;
	seek = scalar->style >= STYLE_LITERAL ? block_seek(scalar, in, at) :
	    flow_seek(scalar, in, at);
	if (seek >= in.len && scalar->style != STYLE_PLAIN)
		seek = in.len - 1;
	return loc_forward(scalar->loc, span_sub(in, 0, seek));
}
