/*
 * The search. Up to Lua 5.4.5 a call has the line on which its expression
 * begins: in `quoth.scenario "x" {` and in a chain of methods over several
 * lines that is the line of the first word. Later ones give the line of the
 * arguments. Both are looked for.
 */
#include "script/places/places_own.h"

/* Tokens looked at for one line: a line with more was not written by hand. */
enum { LINE_TOKENS = 20000 };

struct search {
	struct outline *outline;
	uint32_t        line;
	const struct node *root;
	struct children children;
	struct arena    arena;          /* for the time of the search */
	uint32_t        open;           /* found: a { ; 0: not yet */
};

/* The first token that ends in `line` or behind it. */
static uint32_t
line_first(const struct outline *outline, uint32_t line)
{
	uint32_t low = 0, high = outline->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (outline->tokens[middle].line < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A constructor that is the whole of an argument. */
static bool
try_table(struct search *search, uint32_t open, bool whole)
{
	const struct token *token = &search->outline->tokens[open];

	if (!places_is(search->outline, open, "{") || token->mate == 0 ||
	    !places_like(search->outline, open, search->root,
	    &search->children, whole, &search->arena))
		return false;
	search->open = open;
	return true;
}

/* The arguments of a call: ( { or a string. Tokens looked at. */
static uint32_t
try_args(struct search *search, uint32_t args)
{
	const struct outline *outline = search->outline;
	uint32_t end = outline->tokens[args].mate, seen = 1;
	struct field value;

	if (try_table(search, args, false) || !places_is(outline, args, "("))
		return seen;
	for (uint32_t at = args + 1; at < end; at = value.last + 2) {
		places_value(outline, at, end, &value);
		seen += value.last - at + 1;
		if (value.kind == VALUE_IS_TABLE &&
		    try_table(search, at, false))
			break;
	}
	return seen;
}

/* All calls of the expressions that begin on the line, then those whose
 * arguments do. */
static void
search_line(struct search *search)
{
	const struct outline *outline = search->outline;
	uint32_t seen = 0;

	for (uint32_t at = line_first(outline, search->line);
	    at < outline->count && search->open == 0 && seen < LINE_TOKENS &&
	    outline->tokens[at].line == search->line; at++, seen++) {
		struct chain chain;

		if (at > 0 && outline->tokens[at].mate != 0 &&
		    places_callable(outline, at - 1))
			seen += try_args(search, at);
		if (search->open != 0 || !places_chain(outline, at, &chain))
			continue;
		while (search->open == 0 && seen < LINE_TOKENS &&
		    places_call(outline, &chain))
			seen += try_args(search, chain.args);
	}
}

/* A table that was made elsewhere: the only one of the file that has all of
 * these keys and, where both are written out, these values. */
static void
search_file(struct search *search)
{
	struct outline *outline = search->outline;
	uint32_t found = 0;

	if (search->children.count == 0)
		return;
	for (uint32_t i = 0; i < outline->table_count; i++) {
		if (!try_table(search, outline->tables[i], true))
			continue;
		if (found++ != 0 || outline->patience == 0) {
			search->open = 0;
			return;
		}
	}
}

bool
places_find(struct outline *outline, uint32_t line, struct node *root)
{
	struct search search = { .outline = outline, .line = line,
		.root = root };
	struct field value = { .kind = VALUE_IS_TABLE };

	search.children = places_children(root, &search.arena);
	search_line(&search);
	if (search.open == 0)
		search_file(&search);
	if (search.open != 0) {
		value.first = search.open;
		value.last = outline->tokens[search.open].mate;
		places_give(outline, root, &value, &search.arena);
	}
	arena_free(&search.arena);
	return search.open != 0;
}

/* The calls of that name that begin on the line: how many, and the last one's
 * arguments. With `late`: those whose name or arguments do. */
static uint32_t
calls_count(const struct outline *outline, uint32_t line, struct span name,
    bool late, uint32_t *args)
{
	uint32_t count = 0, seen = 0;

	for (uint32_t at = line_first(outline, line); at < outline->count &&
	    outline->tokens[at].line == line && seen++ < LINE_TOKENS; at++) {
		struct chain chain = { .at = at + 1, .name = at };

		if (late ? outline->tokens[at].kind != TOKEN_NAME :
		    !places_chain(outline, at, &chain))
			continue;
		while (seen++ < LINE_TOKENS && places_call(outline, &chain)) {
			if (chain.name != 0 && span_eq(name,
			    places_text(outline, chain.name)) &&
			    (!late || chain.name == at)) {
				*args = chain.args;
				count++;
			}
			if (late)
				break;
		}
	}
	return count;
}

/* The first of the arguments at `args`. False: there is none. */
static bool
first_argument(const struct outline *outline, uint32_t args,
    struct field *value)
{
	uint32_t end = outline->tokens[args].mate;

	if (!places_is(outline, args, "(")) {
		places_value(outline, args, end != 0 ? end + 1 : args + 1,
		    value);
		return true;
	}
	if (args + 1 >= end)
		return false;
	places_value(outline, args + 1, end, value);
	return true;
}

/* Could the value be that tree's source? */
static bool
argument_like(struct outline *outline, const struct field *value,
    const struct node *node)
{
	struct arena    arena = { 0 };
	struct children children;
	bool like;

	if (value->kind != VALUE_IS_TABLE)
		return value->kind == VALUE_IS_ANY ||
		    node->kind == NODE_SCALAR;
	children = places_children(node, &arena);
	like = places_like(outline, value->first, node, &children, false,
	    &arena);
	arena_free(&arena);
	return like;
}

bool
places_find_call(struct outline *outline, uint32_t line, struct span name,
    struct node *node)
{
	struct arena arena = { 0 };
	struct field value;
	uint32_t     args = 0, count;

	count = calls_count(outline, line, name, false, &args);
	if (count == 0)
		count = calls_count(outline, line, name, true, &args);
	if (count != 1 || !first_argument(outline, args, &value) ||
	    !argument_like(outline, &value, node))
		return false;
	places_give(outline, node, &value, &arena);
	arena_free(&arena);
	return true;
}
