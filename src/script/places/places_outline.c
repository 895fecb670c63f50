/*
 * A file as tokens, each opening one with its closing one (brackets, and the
 * blocks that `end` and `until` close, as commas inside of functions separate
 * no fields); and what can be called in them. A text that Lua would refuse
 * ends where it is wrong.
 */
#include "script/places/places_own.h"

#include "base/mem.h"

/* About a second. */
enum { PATIENCE = 10 * 1000 * 1000 };

struct span
places_text(const struct outline *outline, uint32_t at)
{
	return at >= outline->count ? (struct span){ "", 0 } :
	    span_sub(outline->file->text, outline->tokens[at].at,
	    outline->tokens[at].len);
}

bool
places_is(const struct outline *outline, uint32_t at, const char *text)
{
	return at < outline->count &&
	    outline->tokens[at].kind != TOKEN_STRING &&
	    span_is(places_text(outline, at), text);
}

/* What closes this token: 0 for nothing. */
static char
closed_by(struct span text)
{
	return span_is(text, "(") ? ')' : span_is(text, "{") ? '}' :
	    span_is(text, "[") ? ']' : span_is(text, "repeat") ? 'u' :
	    span_is(text, "function") || span_is(text, "if") ||
	    span_is(text, "do") ? 'e' : '\0';
}

static char
closes(struct span text)
{
	if (span_is(text, ")") || span_is(text, "}") || span_is(text, "]"))
		return *text.ptr;
	return span_is(text, "end") ? 'e' : span_is(text, "until") ? 'u' :
	    '\0';
}

static void
table_add(struct outline *outline, uint32_t at)
{
	if (outline->table_count == outline->table_cap) {
		outline->table_cap = outline->table_cap == 0 ? 64 :
		    outline->table_cap * 2;
		outline->tables = mem_resize(outline->tables,
		    outline->table_cap * sizeof *outline->tables);
	}
	outline->tables[outline->table_count++] = at;
}

/* The open tokens are a list through their `mate`, the innermost first, each
 * one more than its index. */
static bool
mate_add(struct outline *outline, uint32_t at, uint32_t *open)
{
	struct token *token = &outline->tokens[at];
	struct span   text = places_text(outline, at);
	uint32_t      opener;

	if (token->kind != TOKEN_MARK && token->kind != TOKEN_KEYWORD)
		return true;
	if (closed_by(text) != '\0') {
		token->mate = *open;
		*open = at + 1;
		return true;
	}
	if (closes(text) == '\0')
		return true;
	if (*open == 0)
		return false;
	opener = *open - 1;
	if (closed_by(places_text(outline, opener)) != closes(text))
		return false;
	*open = outline->tokens[opener].mate;
	outline->tokens[opener].mate = at;
	if (closes(text) == '}')
		table_add(outline, opener);
	return true;
}

static struct token *
token_push(struct outline *outline)
{
	if (outline->count == outline->cap) {
		outline->cap = outline->cap == 0 ? 1024 : outline->cap * 2;
		outline->tokens = mem_resize(outline->tokens,
		    outline->cap * sizeof *outline->tokens);
	}
	return &outline->tokens[outline->count];
}

/* Lua ends lines at a CR alone, too, and nobody else does. */
static bool
lines_odd(struct span text)
{
	for (size_t at = span_chr(text, '\r'); at != SIZE_MAX;
	    at = span_chr(text, '\r')) {
		text = span_from(text, at + 1);
		if (text.len == 0 || *text.ptr != '\n')
			return true;
	}
	return false;
}

static void
tokens_read(struct outline *outline)
{
	struct lex lex = lex_new(outline->file->text);
	uint32_t   open = 0;

	while (lex_next(&lex, token_push(outline)))
		if (!mate_add(outline, outline->count++, &open)) {
			outline->count--;
			break;
		}
	while (open != 0) {
		struct token *token = &outline->tokens[open - 1];

		open = token->mate;
		token->mate = 0;
	}
}

struct outline *
places_open(const struct file *file)
{
	struct outline *outline = mem_alloc(sizeof *outline);

	outline->file = file;
	outline->patience = PATIENCE;
	if (!lines_odd(file->text))
		tokens_read(outline);
	return outline;
}

void
places_close(struct outline *outline)
{
	if (outline == NULL)
		return;
	mem_free(outline->tokens);
	mem_free(outline->tables);
	mem_free(outline);
}

bool
places_callable(const struct outline *outline, uint32_t at)
{
	const struct token *token = &outline->tokens[at];

	return token->kind == TOKEN_NAME || token->kind == TOKEN_STRING ||
	    places_is(outline, at, ")") || places_is(outline, at, "]") ||
	    places_is(outline, at, "}");
}

bool
places_chain(const struct outline *outline, uint32_t at, struct chain *chain)
{
	const struct token *token = &outline->tokens[at];

	*chain = (struct chain){ .at = at + 1, .name = at };
	if (token->kind == TOKEN_NAME)
		return at == 0 || (!places_is(outline, at - 1, ".") &&
		    !places_is(outline, at - 1, ":"));
	*chain = (struct chain){ .at = token->mate + 1 };
	return places_is(outline, at, "(") && token->mate != 0 &&
	    (at == 0 || !places_callable(outline, at - 1));
}

bool
places_call(const struct outline *outline, struct chain *chain)
{
	if (chain->args != 0)           /* what a call gave has no name */
		chain->name = 0;
	while (chain->at < outline->count) {
		uint32_t at = chain->at;
		const struct token *token = &outline->tokens[at];
		bool open = places_is(outline, at, "(") ||
		    places_is(outline, at, "{");

		if (token->kind == TOKEN_STRING || (open && token->mate != 0)) {
			chain->at = (open ? token->mate : at) + 1;
			chain->args = at;
			return true;
		}
		if (places_is(outline, at, ".") || places_is(outline, at, ":")) {
			chain->name = at + 1;
			chain->at = at + 2;
		} else if (places_is(outline, at, "[") && token->mate != 0) {
			chain->name = 0;
			chain->at = token->mate + 1;
		} else {
			return false;
		}
	}
	return false;
}
