/* Cuts lines apart by eye, the way an author would. */
#include "load/yaml_line.h"

static bool
is_blank(char octet)
{
	return octet == ' ' || octet == '\t';
}

static bool
ends_word(struct span text, size_t at)
{
	return at >= text.len || is_blank(text.ptr[at]) ||
	    text.ptr[at] == '\n' || text.ptr[at] == '\r';
}

/* A `: ` from `from` to the line's end, outside of quotes; or SIZE_MAX. */
static size_t
colon_find(const struct file *file, const struct yaml_line *line,
    size_t from)
{
	struct span text = file->text;
	char quote = '\0';

	for (size_t at = from; at < line->end; at++) {
		char octet = text.ptr[at];

		if (quote != '\0') {
			if (octet == quote)
				quote = '\0';
			else if (octet == '\\' && quote == '"')
				at++;
		} else if (octet == ':' && ends_word(text, at + 1)) {
			return at;
		} else if (octet == '#' && at > from &&
		    is_blank(text.ptr[at - 1])) {
			return SIZE_MAX;
		} else if ((octet == '"' || octet == '\'') &&
		    (at == from || is_blank(text.ptr[at - 1]))) {
			quote = octet;
		}
	}
	return SIZE_MAX;
}

static void
line_cut(const struct file *file, struct yaml_line *line)
{
	struct span text = file->text;

	line->indent = line->start;
	while (line->indent < line->end && is_blank(text.ptr[line->indent]))
		line->indent++;
	line->word = line->indent;
	while (line->word < line->end && text.ptr[line->word] == '-' &&
	    ends_word(text, line->word + 1)) {
		line->word++;
		while (line->word < line->end && is_blank(text.ptr[line->word]))
			line->word++;
	}
	line->colon = colon_find(file, line, line->word);
	line->value = line->colon == SIZE_MAX ? line->end : line->colon + 1;
	while (line->value < line->end && is_blank(text.ptr[line->value]))
		line->value++;
}

static struct yaml_line
line_around(const struct file *file, size_t at)
{
	struct span text = file->text;
	struct yaml_line line = { 0 };
	size_t bom = span_starts(text, SPAN("\xef\xbb\xbf")) ? 3 : 0;

	at = at > text.len ? text.len : at;
	line.start = line.end = at < bom ? bom : at;
	while (line.start > bom && text.ptr[line.start - 1] != '\n')
		line.start--;
	while (line.end < text.len && text.ptr[line.end] != '\n')
		line.end++;
	if (line.end > line.start && text.ptr[line.end - 1] == '\r')
		line.end--;
	line_cut(file, &line);
	return line;
}

struct yaml_line
yaml_line_at(const struct file *file, size_t at)
{
	struct yaml_line line = line_around(file, at);

	line.number = loc_at(file, line.start).line;
	return line;
}

bool
yaml_line_above(const struct file *file, const struct yaml_line *line,
    struct yaml_line *above)
{
	uint32_t number = line->number;

	*above = *line;
	while (above->start > 0 && file->text.ptr[above->start - 1] == '\n') {
		*above = line_around(file, above->start - 1);
		above->number = --number;
		if (above->indent < above->end &&
		    file->text.ptr[above->indent] != '#')
			return true;
	}
	return false;
}

struct span
yaml_line_key(const struct file *file, const struct yaml_line *line)
{
	size_t end = line->word;

	if (line->colon != SIZE_MAX)
		end = line->colon;
	else
		while (end < line->end && !is_blank(file->text.ptr[end]) &&
		    file->text.ptr[end] != ':')
			end++;
	return span_trim(span_sub(file->text, line->word, end - line->word));
}

uint32_t
yaml_line_column(const struct file *file, const struct yaml_line *line,
    size_t at)
{
	uint32_t column = 1;

	for (size_t i = line->start; i < at && i < line->end; i++)
		column += ((unsigned char)file->text.ptr[i] & 0xc0) != 0x80;
	return column;
}
