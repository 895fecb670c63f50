/*
 * Compares a line with those above it: which column would have made sense?
 * Columns are counted as editors show them, from 1.
 */
#include "load/yaml_indent.h"

#include "load/yaml_hint_own.h"

/* Where things stand in a line: its text, and the key behind its dashes. */
struct columns { uint32_t text, key; };

static struct columns
columns_of(const struct yaml_trouble *trouble, const struct yaml_line *line)
{
	return (struct columns){
		yaml_line_column(trouble->file, line, line->indent),
		yaml_line_column(trouble->file, line, line->word) };
}

static const char *
key_of(const struct yaml_trouble *trouble, const struct yaml_line *line,
    struct diags *diags)
{
	return diag_word(diags, yaml_line_key(trouble->file, line));
}

static bool
has_dash(const struct yaml_line *line)
{
	return line->word > line->indent;
}

/* The line above has no `key: `: what is missing there? */
static void
above_without_colon(const struct yaml_trouble *trouble,
    const struct yaml_line *above, struct diags *diags)
{
	const char *word = key_of(trouble, above, diags);
	size_t      behind = above->word + yaml_line_key(trouble->file,
	    above).len;
	struct span rest = span_sub(trouble->file->text, behind,
	    above->end - behind);

	if (span_starts(rest, SPAN(":")))
		diag_hint(diags, "a space is needed after the colon in line "
		    "%u: %s: %s", above->number, word,
		    diag_word(diags, span_trim(span_from(rest, 1))));
	else
		diag_hint(diags, "is a ':' missing after '%s' in line %u?",
		    word, above->number);
}

static bool
dash_glued(const struct yaml_trouble *trouble, const struct yaml_line *line)
{
	struct span key = yaml_line_key(trouble->file, line);

	return key.len > 1 && key.ptr[0] == '-' && key.ptr[1] != '-';
}

void
yaml_indent_colon(const struct yaml_trouble *trouble,
    const struct yaml_line *line, struct diags *diags)
{
	struct yaml_line above;
	struct columns   now = columns_of(trouble, line), then;

	if (!yaml_line_above(trouble->file, line, &above)) {
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->at, 1), "a ':' is not expected here");
		return;
	}
	then = columns_of(trouble, &above);
	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "this line continues the text of line %u, and "
	    "that cannot hold a ': '", above.number);
	if (dash_glued(trouble, &above))
		diag_hint(diags, "a space is needed after the dash in line "
		    "%u: - %s", above.number,
		    key_of(trouble, &above, diags) + 1);
	else if (has_dash(line) && above.colon != SIZE_MAX)
		diag_hint(diags, "line %u already gives '%s' a value: remove "
		    "it, or the list", above.number,
		    key_of(trouble, &above, diags));
	else if (above.colon == SIZE_MAX)
		above_without_colon(trouble, &above, diags);
	else if (now.text != then.key)
		diag_hint(diags, "align '%s' with '%s' of line %u: column %u, "
		    "not %u", key_of(trouble, line, diags),
		    key_of(trouble, &above, diags), above.number, then.key,
		    now.text);
	else
		diag_hint(diags, "put the text of line %u in quotes",
		    above.number);
}

/* The nearest line above that stands at `column` or further left. */
static bool
outer_line(const struct yaml_trouble *trouble, const struct yaml_line *line,
    uint32_t column, struct yaml_line *outer)
{
	struct yaml_line at = *line;

	while (yaml_line_above(trouble->file, &at, outer)) {
		if (columns_of(trouble, outer).text <= column)
			return true;
		at = *outer;
	}
	return false;
}

static void
hint_columns(const struct yaml_trouble *trouble, const struct yaml_line *line,
    const struct yaml_line *above, struct diags *diags)
{
	struct columns now = columns_of(trouble, line);
	struct columns then = columns_of(trouble, above);
	struct yaml_line outer;

	if (has_dash(line) && !has_dash(above) && now.text == then.text)
		diag_hint(diags, "a map holds 'key: value' lines, a list holds "
		    "'- item' lines; both cannot stand in one column");
	else if (has_dash(line) && has_dash(above))
		diag_hint(diags, "align the dashes: column %u as in line %u, "
		    "not %u", then.text, above->number, now.text);
	else if (!outer_line(trouble, line, now.text, &outer) ||
	    outer.number == above->number)
		diag_hint(diags, "align it with '%s' of line %u: column %u, "
		    "not %u", key_of(trouble, above, diags), above->number,
		    then.key, now.text);
	else if (columns_of(trouble, &outer).text == now.text)
		diag_hint(diags, has_dash(&outer) ? "align it with '%s' of "
		    "line %u (column %u) if it belongs to that item, or begin "
		    "a new one with '- '" : "align it with '%s' of line %u "
		    "(column %u)", key_of(trouble, above, diags),
		    above->number, then.key);
	else
		diag_hint(diags, "align it with '%s' of line %u (column %u) "
		    "or with '%s' of line %u (column %u)",
		    key_of(trouble, above, diags), above->number, then.key,
		    key_of(trouble, &outer, diags), outer.number,
		    has_dash(line) ? columns_of(trouble, &outer).text :
		    columns_of(trouble, &outer).key);
}

void
yaml_indent_key(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_line line = yaml_line_at(trouble->file, trouble->at), above;
	struct loc loc = yaml_trouble_loc(trouble, trouble->at,
	    trouble->at == line.indent ?
	    yaml_line_key(trouble->file, &line).len : 1);
	bool deeper;

	if (trouble->at != line.indent ||
	    !yaml_line_above(trouble->file, &line, &above)) {
		diag_error(diags, DIAG_ID_syntax, loc,
		    "this is not expected here");
		diag_hint(diags, "if it is part of a text, put the whole text "
		    "in single quotes");
		return;
	}
	deeper = columns_of(trouble, &line).text >
	    columns_of(trouble, &above).key;
	diag_error(diags, DIAG_ID_syntax, loc, deeper ?
	    "this line is indented too far" :
	    "the indentation of this line matches no line above");
	if (trouble->problem != NULL && span_find(span_of(trouble->problem),
	    SPAN("'-'")) != SIZE_MAX && !has_dash(&line) && deeper)
		diag_hint(diags, "list items begin with '- '");
	else
		hint_columns(trouble, &line, &above, diags);
}

void
yaml_indent_dash(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_line line = yaml_line_at(trouble->file, trouble->at), above;

	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "a list item ('- ') cannot begin here");
	if (line.colon < trouble->at)
		diag_hint(diags, "begin the list on the line below '%s:', or "
		    "put the text in single quotes",
		    key_of(trouble, &line, diags));
	else if (yaml_line_above(trouble->file, &line, &above) &&
	    above.colon != SIZE_MAX && above.value < above.end)
		diag_hint(diags, "line %u already gives '%s' a value",
		    above.number, key_of(trouble, &above, diags));
	else
		diag_hint(diags, "align it with the other items of its list");
}
