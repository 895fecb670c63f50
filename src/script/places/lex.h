/*
 * Lua's text as tokens, each with its place. Pure, linear, and at home with
 * any octets: what is no token of Lua ends the text.
 */
#ifndef QUOTH_SCRIPT_LEX_H
#define QUOTH_SCRIPT_LEX_H

#include "base/arena.h"

enum token_kind {
	TOKEN_NAME,
	TOKEN_KEYWORD,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_MARK              /* punctuation */
};

struct token {
	uint8_t  kind;
	uint32_t at, len;       /* octets of the text */
	uint32_t line, column;  /* as of struct loc */
	uint32_t width;         /* characters, those of its first line */
	uint32_t last_line;     /* a long string's; else `line` */
	uint32_t mate;          /* for who reads them all: of a bracket */
};

struct lex {
	struct span text;
	uint32_t at, line, column;
};

/* Behind the byte order mark, and a first line that begins with '#'. Texts
 * of 4 GiB and more read as empty. */
struct lex lex_new(struct span text);

/* False at the end, and at what is no Lua. */
bool lex_next(struct lex *lex, struct token *token);

static inline struct span
lex_text(const struct lex *lex, const struct token *token)
{
	return span_sub(lex->text, token->at, token->len);
}

/* What a whole TOKEN_STRING stands for: compared, or made in `arena` where it
 * is not in the source as it is. */
bool lex_string_is(struct span source, struct span text);
struct span lex_string(struct span source, struct arena *arena);

#endif
