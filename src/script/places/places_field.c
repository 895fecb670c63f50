/* Table constructors, field by field: Lua 5.4's manual, 3.4.9. */
#include "script/places/places_own.h"

static bool
separates(const struct outline *outline, uint32_t at)
{
	return places_is(outline, at, ",") || places_is(outline, at, ";");
}

static enum field_value
value_kind(const struct outline *outline, uint32_t first, uint32_t last)
{
	const struct token *token = &outline->tokens[first];

	if (token->mate != 0 && token->mate == last)
		return places_is(outline, first, "{") ? VALUE_IS_TABLE :
		    places_is(outline, first, "function") ?
		    VALUE_IS_FUNCTION : VALUE_IS_ANY;
	if (first != last)
		return VALUE_IS_ANY;
	if (token->kind == TOKEN_STRING)
		return VALUE_IS_TEXT;
	if (places_is(outline, first, "nil"))
		return VALUE_IS_NIL;
	return token->kind == TOKEN_NUMBER ||
	    places_is(outline, first, "true") ||
	    places_is(outline, first, "false") ? VALUE_IS_PLAIN : VALUE_IS_ANY;
}

void
places_value(const struct outline *outline, uint32_t first, uint32_t end,
    struct field *field)
{
	uint32_t at = first;

	while (at < end && !separates(outline, at)) {
		uint32_t mate = outline->tokens[at].mate;

		at = mate > at ? mate + 1 : at + 1;
	}
	field->first = first;
	field->last = at == first ? first : at - 1;
	field->kind = value_kind(outline, first, field->last);
}

/* Its key, and where its value begins. */
static uint32_t
field_key(const struct outline *outline, uint32_t at, struct field *field)
{
	const struct token *token = &outline->tokens[at];
	uint32_t mate = token->mate;

	*field = (struct field){ .key_kind = FIELD_ITEM };
	if (token->kind == TOKEN_NAME && places_is(outline, at + 1, "=")) {
		field->key_kind = FIELD_NAMED;
		field->key = at;
		return at + 2;
	}
	if (!places_is(outline, at, "[") || !places_is(outline, mate + 1, "="))
		return at;
	field->key = at + 1;
	field->key_kind = mate == at + 2 && (token[1].kind == TOKEN_STRING ||
	    token[1].kind == TOKEN_NUMBER) ? FIELD_NAMED : FIELD_COMPUTED;
	return mate + 2;
}

bool
places_field(const struct outline *outline, uint32_t open, uint32_t *at,
    struct field *field)
{
	uint32_t end = outline->tokens[open].mate, first;

	if (*at == open)
		++*at;
	if (*at >= end)
		return false;
	first = field_key(outline, *at, field);
	if (first >= end || separates(outline, first))
		return false;
	places_value(outline, first, end, field);
	*at = field->last + 1;
	if (separates(outline, *at))
		++*at;
	return true;
}

struct span
places_key(const struct outline *outline, uint32_t key, struct arena *arena)
{
	struct span text = places_text(outline, key);

	return outline->tokens[key].kind == TOKEN_STRING ?
	    lex_string(text, arena) : text;
}
