/*
 * One row for each thing that libyaml says; the function of the row looks at
 * the line as its author sees it and says what is wrong there. The place is
 * libyaml's problem mark, except where that is only where libyaml noticed: an
 * unclosed quote or bracket and a key without a colon are shown where they
 * begin. Indentation has a file of its own (yaml_indent.c).
 */
#include "load/yaml_hint.h"

#include "load/yaml_flow.h"
#include "load/yaml_hint_own.h"
#include "load/yaml_indent.h"
#include "load/yaml_line.h"

enum { SAMPLE_MAX = 50 };

struct loc
yaml_trouble_loc(const struct yaml_trouble *trouble, size_t at, size_t len)
{
	struct loc loc = loc_at(trouble->file, at);

	loc.width = len > 0 ? (uint32_t)len : 1;
	return loc;
}

static struct span
text_at(const struct yaml_trouble *trouble, size_t at)
{
	return span_from(trouble->file->text, at);
}

char
yaml_trouble_octet(const struct yaml_trouble *trouble, size_t at)
{
	struct span text = trouble->file->text;

	return at < text.len ? text.ptr[at] : '\0';
}

/* The value in single quotes as a sample, or NULL when it is too long. */
static const char *
in_quotes(struct diags *diags, struct span value)
{
	char *sample, *to;

	value = span_trim(value);
	if (value.len == 0 || value.len > SAMPLE_MAX)
		return NULL;
	sample = to = arena_alloc(&diags->arena, 2 * value.len + 3);
	*to++ = '\'';
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] == '\'')
			*to++ = '\'';
		*to++ = value.ptr[i];
	}
	*to = '\'';
	return sample;
}

/* "put the text in single quotes", with the line's own value as a sample. */
static void
hint_in_quotes(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_line line = yaml_line_at(trouble->file, trouble->at);
	size_t from = line.colon == SIZE_MAX ? line.word : line.value;
	const char *sample = in_quotes(diags,
	    span_sub(trouble->file->text, from, line.end - from));

	if (sample == NULL || trouble->at < from ||
	    (yaml_trouble_octet(trouble, from) && strchr("'\"[{|>",
	    yaml_trouble_octet(trouble, from)) != NULL && trouble->at != from))
		diag_hint(diags, "put the text in single quotes");
	else if (line.colon == SIZE_MAX)
		diag_hint(diags, "put the text in single quotes: %s", sample);
	else
		diag_hint(diags, "put the text in single quotes: %s: %s",
		    diag_word(diags, yaml_line_key(trouble->file, &line)),
		    sample);
}

static bool
conflict_told(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct span rest = trouble->file->text, line;
	uint32_t number = 1;

	for (; span_word(&rest, "\n", &line); number++) {
		if (!span_starts(line, SPAN("<<<<<<< ")))
			continue;
		diag_error(diags, DIAG_ID_conflict,
		    (struct loc){ trouble->file, number, 1, 7 },
		    "the marker of an unresolved merge conflict");
		diag_hint(diags, "keep one of the two versions and remove the "
		    "lines that begin with <<<<<<<, ======= and >>>>>>>");
		return true;
	}
	return false;
}

/* A tab in the indentation, or where libyaml stopped. */
static bool
tab_told(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_line line = yaml_line_at(trouble->file, trouble->at);
	size_t tab = span_chr(span_sub(trouble->file->text, line.start,
	    line.indent - line.start), '\t');

	tab = tab == SIZE_MAX ? trouble->at : line.start + tab;
	if (yaml_trouble_octet(trouble, tab) != '\t')
		return false;
	diag_error(diags, DIAG_ID_tab, yaml_trouble_loc(trouble, tab, 1),
	    tab < line.indent ? "a tab in the indentation" :
	    "a tab between words of YAML");
	diag_hint(diags, "use spaces; tabs are fine inside of quotes and "
	    "in the text below a '|'");
	return true;
}

/* Text directly behind a closing quote or bracket. */
bool
yaml_hint_behind(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct span text = trouble->file->text;
	size_t before = trouble->at;
	char   last;

	while (before > 0 && (text.ptr[before - 1] == ' ' ||
	    text.ptr[before - 1] == '\t'))
		before--;
	last = before == 0 ? '\0' : text.ptr[before - 1];
	if (trouble->at >= text.len || text.ptr[trouble->at] == '\n' ||
	    last == '\0' || strchr("'\"]}", last) == NULL)
		return false;
	if (last == ']' || last == '}') {
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->at, 1), "text after the closing '%c'", last);
		hint_in_quotes(trouble, diags);
		return true;
	}
	if (before == trouble->scalar_end && span_chr(span_sub(text,
	    trouble->scalar_at, before - trouble->scalar_at), '\n') !=
	    SIZE_MAX) {
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->scalar_at, 1), "this quote is closed only in "
		    "line %u", loc_at(trouble->file, before).line);
		diag_hint(diags, "close it at the end of its own line");
		return true;
	}
	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "text after the closing quote");
	diag_hint(diags, last == '\'' ? "the quotes go around the whole text; "
	    "a single quote inside of it is written twice ('')" :
	    "the quotes go around the whole text; with double quotes inside, "
	    "put it in single quotes");
	return true;
}

static void
tell_colon(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_line line = yaml_line_at(trouble->file, trouble->at);

	if (trouble->at - line.word > 1024) {
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->at, 1), "the key before this ':' is longer than "
		    "1024 characters");
		diag_hint(diags, "if this is text, put it in single quotes");
	} else if (yaml_hint_behind(trouble, diags)) {
		return;
	} else if (line.colon < trouble->at) {
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->at, 1), "a ': ' inside of a text without quotes");
		hint_in_quotes(trouble, diags);
	} else {
		yaml_indent_colon(trouble, &line, diags);
	}
}

/* A line that should be `key: value` and has no such colon. */
static void
tell_no_colon(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_line line = yaml_line_at(trouble->file,
	    trouble->context_at);
	struct span key = yaml_line_key(trouble->file, &line);
	struct span rest = span_trim(span_sub(trouble->file->text,
	    line.word + key.len, line.end - line.word - key.len));
	const char *word = diag_word(diags, key);

	if (line.colon != SIZE_MAX && line.colon - line.word > 1024) {
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->context_at, 1), "a key longer than 1024 "
		    "characters");
		return;
	}
	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->context_at, key.len), "no ': ' after '%s'", word);
	if (span_starts(rest, SPAN(":")))
		diag_hint(diags, "a space is needed after the colon: %s: %s",
		    word, diag_word(diags, span_trim(span_from(rest, 1))));
	else if (span_starts(key, SPAN("-")) && key.len > 1)
		diag_hint(diags, "a space is needed after the dash");
	else if (rest.len > 0)
		diag_hint(diags, "every line here is 'key: value'; did you "
		    "mean '%s: %s'?", word, diag_word(diags, rest));
	else
		diag_hint(diags, "every line here is 'key: value'");
}

/* An indicator where text was meant: `send: @x`, `text: *`, `name: - x`. */
void
yaml_hint_start(const struct yaml_trouble *trouble, struct diags *diags)
{
	char octet = yaml_trouble_octet(trouble, trouble->at);

	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "a text without quotes cannot begin with '%c'",
	    octet == '\0' ? '?' : octet);
	hint_in_quotes(trouble, diags);
}

/* Anchors and aliases whose name is none: the mark is behind the & or *. */
static void
tell_star(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_trouble start = *trouble;

	start.at = trouble->context_at;
	yaml_hint_start(&start, diags);
}

static void
tell_quote(const struct yaml_trouble *trouble, struct diags *diags)
{
	char quote = yaml_trouble_octet(trouble, trouble->context_at);

	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->context_at, 1), "this quote is never closed");
	diag_hint(diags, quote == '\'' ? "end the text with a second '; a "
	    "single quote inside of it is written twice ('')" :
	    "end the text with a second \"");
}

static void
tell_escape(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct span text = text_at(trouble, trouble->at);
	size_t      len = span_utf8(span_from(text, 1), NULL);

	if (span_starts(text, SPAN("\\")))
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->at, 2), "'%s' means nothing inside double quotes",
		    diag_word(diags, span_sub(text, 0, 1 + len)));
	else
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->at, 1), span_find(span_of(trouble->problem),
		    SPAN("Unicode")) != SIZE_MAX ?
		    "no character has this number" :
		    "a hexadecimal digit is expected here");
	diag_hint(diags, "inside double quotes YAML reads the backslash "
	    "itself: use single quotes");
}

static void
tell_block(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_line line = yaml_line_at(trouble->file,
	    trouble->context_at);
	char octet = yaml_trouble_octet(trouble, trouble->context_at);

	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "the text of a '%c' block begins on the next "
	    "line", octet == '>' ? '>' : '|');
	if (line.colon != SIZE_MAX && in_quotes(diags, span_sub(
	    trouble->file->text, line.value, line.end - line.value)) != NULL)
		diag_hint(diags, "if the text itself begins with '%c', put it "
		    "in single quotes: %s: %s", octet,
		    diag_word(diags, yaml_line_key(trouble->file, &line)),
		    in_quotes(diags, span_sub(trouble->file->text, line.value,
		    line.end - line.value)));
	else
		diag_hint(diags, "write '|' alone and indent the text below "
		    "it");
}

static void
tell_directive(const struct yaml_trouble *trouble, struct diags *diags)
{
	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "a line cannot begin with '%%'");
	diag_hint(diags, "it would be a directive of YAML, and scenarios have none: "
	    "remove the line, or put the key in single quotes");
}

static void
tell_tag(const struct yaml_trouble *trouble, struct diags *diags)
{
	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "'!' begins a tag, and this one is broken");
	diag_hint(diags, "scenarios have no tags: text that begins with '!' "
	    "needs single quotes");
}

static void
tell_key(const struct yaml_trouble *trouble, struct diags *diags)
{
	if (!yaml_hint_behind(trouble, diags))
		yaml_indent_key(trouble, diags);
}

static void
tell_document(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_line line = yaml_line_at(trouble->file, trouble->at), above;

	if (!yaml_line_above(trouble->file, &line, &above) ||
	    span_starts(text_at(trouble, above.start), SPAN("..."))) {
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->at, 1), "text after the end of the document");
		diag_hint(diags, "'...' ends it: remove that line");
		return;
	}
	if (!yaml_hint_behind(trouble, diags))
		yaml_indent_key(trouble, diags);
}

static void
tell_end(const struct yaml_trouble *trouble, struct diags *diags)
{
	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "not well-formed YAML: %s%s%s",
	    trouble->context == NULL ? "" : trouble->context,
	    trouble->context == NULL ? "" : ": ", trouble->problem);
}

/* libyaml notices a directive behind the last key a line too late. */
static bool
directive_told(struct yaml_trouble trouble, struct diags *diags)
{
	struct yaml_line line = yaml_line_at(trouble.file, trouble.at), above;

	if (line.end > line.start || !yaml_line_above(trouble.file, &line,
	    &above) || trouble.file->text.ptr[above.start] != '%')
		return false;
	trouble.at = above.start;
	tell_directive(&trouble, diags);
	return true;
}

struct hint_row {
	const char *context, *problem;  /* parts of libyaml's words; "": any */
	void (*tell)(const struct yaml_trouble *, struct diags *);
};

static const struct hint_row hint_rows[] = {
	{ "directive", "", tell_directive },
	{ "", "%YAML", tell_directive },
	{ "", "%TAG", tell_directive },
	{ "", "incompatible YAML", tell_directive },
	{ " tag", "", tell_tag },
	{ "", "undefined tag handle", tell_tag },
	{ "", "mapping values are not allowed", tell_colon },
	{ "", "could not find expected ':'", tell_no_colon },
	{ "", "sequence entries are not allowed", yaml_indent_dash },
	{ "", "mapping keys are not allowed", yaml_hint_start },
	{ "", "cannot start any token", yaml_hint_start },
	{ "", "expected alphabetic or numeric", tell_star },
	{ "quoted scalar", "unexpected end of stream", tell_quote },
	{ "quoted scalar", "unexpected document indicator", tell_quote },
	{ "quoted scalar", "", tell_escape },
	{ "block scalar", "", tell_block },
	{ "flow sequence", "", yaml_flow_separator },
	{ "flow mapping", "", yaml_flow_separator },
	{ "", "did not find expected key", tell_key },
	{ "", "did not find expected '-' indicator", tell_key },
	{ "", "did not find expected node content", yaml_flow_content },
	{ "", "expected <document start>", tell_document },
	{ "", "", tell_end },
};

void
yaml_hint(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct span context = span_of(trouble->context == NULL ? "" :
	    trouble->context);
	const struct hint_row *row = hint_rows;

	if (conflict_told(trouble, diags) || tab_told(trouble, diags) ||
	    directive_told(*trouble, diags))
		return;
	while (span_find(context, span_of(row->context)) == SIZE_MAX ||
	    span_find(span_of(trouble->problem), span_of(row->problem)) ==
	    SIZE_MAX)
		row++;
	row->tell(trouble, diags);
}
