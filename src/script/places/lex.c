/*
 * Lua 5.4's manual, 3.1: names, numbers, strings in quotes and in long
 * brackets, comments, punctuation. Lines count as Lua counts them (a CR LF or
 * LF CR is one end, so is either alone); columns are characters.
 */
#include "script/places/lex.h"

static char
octet_at(const struct lex *lex, size_t at)
{
	return at < lex->text.len ? lex->text.ptr[at] : '\0';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_break(char c)
{
	return c == '\n' || c == '\r';
}

/* Over one character, or one line end. */
static void
step(struct lex *lex)
{
	char   octet = octet_at(lex, lex->at);
	char   next = octet_at(lex, (size_t)lex->at + 1);
	size_t len = 1;

	if (is_break(octet)) {
		lex->at += is_break(next) && next != octet ? 2 : 1;
		lex->line++;
		lex->column = 1;
		return;
	}
	if ((octet & 0x80) != 0)
		len = span_utf8(span_sub(lex->text, lex->at, 4), NULL);
	lex->at += len == 0 ? 1 : (uint32_t)len;
	lex->column++;
}

static void
skip_line(struct lex *lex)
{
	while (lex->at < lex->text.len && !is_break(octet_at(lex, lex->at)))
		step(lex);
}

struct lex
lex_new(struct span text)
{
	static const struct span bom = { "\xef\xbb\xbf", 3 };
	struct lex lex = { .text = text, .line = 1, .column = 1 };

	if (text.len >= UINT32_MAX / 2)
		lex.text.len = 0;
	if (span_starts(lex.text, bom))
		lex.at = (uint32_t)bom.len;
	if (octet_at(&lex, lex.at) == '#')
		skip_line(&lex);
	return lex;
}

/* [[ or [=*[ at `at`: how many `=`; -1: it is none. */
static int64_t
long_level(const struct lex *lex, size_t at)
{
	size_t end = at + 1;

	if (octet_at(lex, at) != '[')
		return -1;
	while (octet_at(lex, end) == '=')
		end++;
	return octet_at(lex, end) == '[' ? (int64_t)(end - at - 1) : -1;
}

/* Is ] =* ] of that level at `at`? */
static bool
long_ends(const struct lex *lex, size_t at, int64_t level)
{
	if (octet_at(lex, at) != ']' ||
	    octet_at(lex, at + (size_t)level + 1) != ']')
		return false;
	for (size_t i = 1; i <= (size_t)level; i++)
		if (octet_at(lex, at + i) != '=')
			return false;
	return true;
}

/* Over a long bracket, on whose first octet we stand. A run of `=` is looked
 * at once: a bracket that does not end here is stepped over whole. */
static bool
skip_long(struct lex *lex, int64_t level)
{
	for (int64_t i = 0; i < level + 2; i++)
		step(lex);
	while (lex->at < lex->text.len) {
		bool bracket = octet_at(lex, lex->at) == ']';

		if (bracket && long_ends(lex, lex->at, level)) {
			for (int64_t i = 0; i < level + 2; i++)
				step(lex);
			return true;
		}
		step(lex);
		while (bracket && octet_at(lex, lex->at) == '=')
			step(lex);
	}
	return false;
}

/* Blanks and comments. False: a comment without end. */
static bool
skip_blank(struct lex *lex)
{
	while (lex->at < lex->text.len) {
		char    octet = octet_at(lex, lex->at);
		int64_t level;

		if (octet == ' ' || (octet >= '\t' && octet <= '\r')) {
			step(lex);
			continue;
		}
		if (octet != '-' || octet_at(lex, (size_t)lex->at + 1) != '-')
			return true;
		step(lex);
		step(lex);
		level = long_level(lex, lex->at);
		if (level < 0)
			skip_line(lex);
		else if (!skip_long(lex, level))
			return false;
	}
	return true;
}

/* A string in quotes ends on its line, but for escaped line ends and \z. */
static bool
skip_quoted(struct lex *lex)
{
	char quote = octet_at(lex, lex->at);

	step(lex);
	while (lex->at < lex->text.len) {
		char octet = octet_at(lex, lex->at);

		if (is_break(octet))
			return false;
		step(lex);
		if (octet == quote)
			return true;
		if (octet != '\\' || lex->at >= lex->text.len)
			continue;
		octet = octet_at(lex, lex->at);
		step(lex);
		while (octet == 'z' && lex->at < lex->text.len &&
		    strchr(" \t\n\v\f\r", octet_at(lex, lex->at)) != NULL &&
		    octet_at(lex, lex->at) != '\0')
			step(lex);
	}
	return false;
}

static void
skip_number(struct lex *lex)
{
	bool hex = octet_at(lex, lex->at) == '0' &&
	    (octet_at(lex, (size_t)lex->at + 1) | 0x20) == 'x';

	for (;;) {
		char octet = octet_at(lex, lex->at);
		char low = (char)(octet | 0x20);
		char next = octet_at(lex, (size_t)lex->at + 1);

		if (!is_digit(octet) && !is_letter(octet) && octet != '.')
			return;
		step(lex);
		if (low == (hex ? 'p' : 'e') && (next == '+' || next == '-'))
			step(lex);
	}
}

static bool
is_keyword(struct span name)
{
	static const char *const words[] = {
		"and", "break", "do", "else", "elseif", "end", "false", "for",
		"function", "goto", "if", "in", "local", "nil", "not", "or",
		"repeat", "return", "then", "true", "until", "while"
	};

	if (name.len < 2 || name.len > 8)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (*name.ptr == *words[i] && span_is(name, words[i]))
			return true;
	return false;
}

static bool
skip_mark(struct lex *lex)
{
	static const char *const marks[] = {
		"...", "..", "::", "//", "==", "~=", "<=", ">=", "<<", ">>"
	};
	struct span rest = span_sub(lex->text, lex->at, 3);

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (span_starts(rest, span_of(marks[i]))) {
			lex->at += (uint32_t)strlen(marks[i]);
			lex->column += (uint32_t)strlen(marks[i]);
			return true;
		}
	if (rest.len == 0 || *rest.ptr == '\0' ||
	    strchr("+-*/%^#&~|<>=(){}[];:,.", *rest.ptr) == NULL)
		return false;
	step(lex);
	return true;
}

static bool
skip_token(struct lex *lex, struct token *token)
{
	char    octet = octet_at(lex, lex->at);
	int64_t level = long_level(lex, lex->at);

	if (octet == '"' || octet == '\'') {
		token->kind = TOKEN_STRING;
		return skip_quoted(lex);
	}
	if (level >= 0) {
		token->kind = TOKEN_STRING;
		return skip_long(lex, level);
	}
	if (is_digit(octet) || (octet == '.' &&
	    is_digit(octet_at(lex, (size_t)lex->at + 1)))) {
		token->kind = TOKEN_NUMBER;
		skip_number(lex);
		return true;
	}
	token->kind = TOKEN_MARK;
	if (!is_letter(octet))
		return skip_mark(lex);
	while (is_letter(octet_at(lex, lex->at)) ||
	    is_digit(octet_at(lex, lex->at)))
		step(lex);
	token->kind = is_keyword(span_sub(lex->text, token->at,
	    lex->at - token->at)) ? TOKEN_KEYWORD : TOKEN_NAME;
	return true;
}

/* Characters of the first line of a token of several lines. */
static uint32_t
first_width(const struct lex *lex, const struct token *token)
{
	struct lex again = *lex;

	again.at = token->at;
	again.column = 0;
	while (again.at < lex->at && !is_break(octet_at(lex, again.at)))
		step(&again);
	return again.column;
}

bool
lex_next(struct lex *lex, struct token *token)
{
	if (!skip_blank(lex) || lex->at >= lex->text.len)
		return false;
	*token = (struct token){ .at = lex->at, .line = lex->line,
		.column = lex->column };
	if (!skip_token(lex, token))
		return false;
	token->len = lex->at - token->at;
	token->last_line = lex->line;
	token->width = lex->line == token->line ? lex->column - token->column :
	    first_width(lex, token);
	return true;
}
