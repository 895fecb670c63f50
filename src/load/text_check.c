/* Compares a scalar with the octets of the file that it came of. */
#include "load/text_check.h"

#include "base/buf.h"

enum { SAMPLE_MAX = 60 };

static bool
is_blank(char octet)
{
	return octet == ' ' || octet == '\t';
}

static struct span
source_of(const struct node *node)
{
	const struct file *file = node->loc.file;

	if (file == NULL || node->end > file->text.len)
		return (struct span){ "", 0 };
	return span_sub(file->text, node->offset, node->end - node->offset);
}

/* The rest of the line behind a node, without the line end. */
static struct span
behind(const struct node *node)
{
	const struct file *file = node->loc.file;
	struct span rest;

	if (file == NULL || node->end > file->text.len)
		return (struct span){ "", 0 };
	rest = span_from(file->text, node->end);
	rest = span_sub(rest, 0, span_chr(rest, '\n'));
	if (span_ends(rest, SPAN("\r")))
		rest.len--;
	return rest;
}

static struct loc
loc_behind(const struct node *node, size_t octets, uint32_t width)
{
	struct loc loc = node_loc_at(node, node->text.len);

	loc.column += (uint32_t)octets;
	loc.width = width;
	return loc;
}

static void
hint_quoted(struct diags *diags, struct span text)
{
	char  *sample, *to;

	if (text.len > SAMPLE_MAX || span_chr(text, '\0') != SIZE_MAX) {
		diag_hint(diags, "put the text in single quotes");
		return;
	}
	sample = to = arena_alloc(&diags->arena, 2 * text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\'')
			*to++ = '\'';
		*to++ = text.ptr[i];
	}
	diag_hint(diags, "put the text in single quotes: '%s'", sample);
}

/* Of what double quotes hold: there \\ and \" are one octet each and in single
 * quotes two. Of the other escapes nobody knows who was to read them. */
static void
hint_unescaped(struct diags *diags, struct span source)
{
	struct buf plain = buf_new(source.len + 1);

	for (size_t i = 0; i < source.len; i++) {
		if (source.ptr[i] == '\\' && i + 1 < source.len &&
		    (source.ptr[i + 1] == '\\' || source.ptr[i + 1] == '"'))
			i++;
		else if (source.ptr[i] == '\\' && i + 1 < source.len)
			(void)buf_add_octet(&plain, source.ptr[i++]);
		(void)buf_add_octet(&plain, source.ptr[i]);
	}
	hint_quoted(diags, buf_span(&plain));
	buf_free(&plain);
}

static bool
comment_cuts(const struct node *scalar, struct span rest, struct diags *diags)
{
	size_t blanks = 0;
	struct span whole = span_sub(scalar->loc.file->text, scalar->offset,
	    scalar->end - scalar->offset + rest.len);

	while (blanks < rest.len && is_blank(rest.ptr[blanks]))
		blanks++;
	if (blanks == 0 || blanks == rest.len || rest.ptr[blanks] != '#')
		return false;
	diag_error(diags, DIAG_ID_swallowed, loc_behind(scalar, blanks, 1),
	    "the text ends before ' #': YAML takes the rest for a comment");
	hint_quoted(diags, span_trim(whole));
	return true;
}

static bool
blanks_vanish(const struct node *scalar, struct span rest, struct diags *diags)
{
	if (rest.len == 0 || span_trim(rest).len != 0 || scalar->flow)
		return false;
	diag_error(diags, DIAG_ID_swallowed, loc_behind(scalar, 0,
	    (uint32_t)rest.len), "the white "
	    "space at the end of the line is not part of the text");
	diag_hint(diags, "remove it, or put the text in single quotes to keep "
	    "it");
	return true;
}

static bool
comma_cuts(const struct node *scalar, struct span rest, struct diags *diags)
{
	size_t comma = 0;

	while (comma < rest.len && is_blank(rest.ptr[comma]))
		comma++;
	if (!scalar->flow || comma + 1 >= rest.len ||
	    rest.ptr[comma] != ',' || is_blank(rest.ptr[comma + 1]))
		return false;
	diag_error(diags, DIAG_ID_comma, loc_behind(scalar, comma, 1),
	    "the text ends before this ','");
	diag_hint(diags, "put the text in single quotes; if the comma "
	    "separates two items, put a space after it");
	return true;
}

/* A line end in the source that the author did not escape. */
static bool
lines_joined(const struct node *scalar, struct diags *diags)
{
	struct span source = source_of(scalar);
	size_t end = span_chr(source, '\n');
	size_t last = end == SIZE_MAX ? 0 : end;

	while (last > 0 && (source.ptr[last - 1] == '\r'))
		last--;
	if (end == SIZE_MAX || (scalar->style == STYLE_DOUBLE && last > 0 &&
	    source.ptr[last - 1] == '\\'))
		return false;
	diag_error(diags, DIAG_ID_swallowed, scalar->loc,
	    "this text goes on in the next line, and YAML joins them with a "
	    "space");
	diag_hint(diags, "write it in one line; lines that stay lines are "
	    "written below a '|'");
	return true;
}

static bool
plain_reads_whole(const struct node *scalar, struct diags *diags)
{
	struct span rest = behind(scalar);

	return !lines_joined(scalar, diags) &&
	    !comment_cuts(scalar, rest, diags) &&
	    !blanks_vanish(scalar, rest, diags) &&
	    !comma_cuts(scalar, rest, diags);
}

bool
yaml_check_text(const struct node *scalar, enum text_use use,
    struct diags *diags)
{
	if (scalar->kind != NODE_SCALAR || source_of(scalar).ptr == NULL ||
	    scalar->loc.file == NULL)
		return true;
	switch ((enum node_style)scalar->style) {
	case STYLE_PLAIN:
		return scalar->absent ?
		    !comment_cuts(scalar, behind(scalar), diags) :
		    scalar->end == scalar->offset ||
		    plain_reads_whole(scalar, diags);
	case STYLE_SINGLE:
	case STYLE_DOUBLE:
		return !lines_joined(scalar, diags);
	case STYLE_LITERAL:
	case STYLE_SCRIPT:
		return true;
	case STYLE_FOLDED:
		if (use != TEXT_BODY)
			return true;
		diag_error(diags, DIAG_ID_swallowed, scalar->loc,
		    "'>' joins the lines of the text");
		diag_hint(diags, "a body keeps its lines below a '|'");
		return false;
	}
	return true;
}

bool
yaml_check_backslash(const struct node *scalar, struct diags *diags)
{
	struct span source = source_of(scalar);
	struct loc  loc;
	size_t      at;

	if (scalar->kind != NODE_SCALAR || scalar->style != STYLE_DOUBLE)
		return true;
	at = span_chr(source, '\\');
	if (at == SIZE_MAX)
		return true;
	loc = scalar->loc;
	for (size_t i = 0; i < at; i++)
		loc.column += ((unsigned char)source.ptr[i] & 0xc0) != 0x80;
	loc.width = 1;
	if (span_chr(span_sub(source, 0, at), '\n') != SIZE_MAX)
		loc = scalar->loc;
	diag_error(diags, DIAG_ID_backslash, loc,
	    "a backslash inside double quotes");
	if (span_chr(source, '\n') == SIZE_MAX && source.len > 2)
		hint_unescaped(diags, span_sub(source, 1, source.len - 2));
	else
		diag_hint(diags, "YAML would read it itself: put the text in "
		    "single quotes");
	return false;
}

static bool
is_plain(const struct node *node)
{
	return node != NULL && node->kind == NODE_SCALAR &&
	    node->style == STYLE_PLAIN && !node->absent;
}

bool
yaml_check_commas(const struct node *list, struct diags *diags)
{
	bool fine = true;

	for (const struct node *item = list->first; item != NULL;
	    item = item->next) {
		struct span rest = behind(item);

		/* "a","b" is plain enough for everybody. */
		if (list->kind != NODE_LIST || !is_plain(item) ||
		    item->offset == item->end)
			continue;
		fine &= !comma_cuts(item, rest, diags);
	}
	return fine;
}

void
yaml_hint_quote(const struct node *collection, struct diags *diags)
{
	struct span source = source_of(collection);

	if (source.len > 1 && (source.ptr[0] == '[' || source.ptr[0] == '{') &&
	    span_chr(source, '\n') == SIZE_MAX)
		hint_quoted(diags, source);
}
