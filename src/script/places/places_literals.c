/*
 * What a script gives to `auth` literally, found in its text before it runs.
 * The step itself hides its password, but not what comes ahead of it: a note,
 * an error on the same line, a call in a form that never becomes a step. A text
 * directly behind a key, or alone between two commas, is taken; one that is
 * computed, or comes by a variable, is not. Of a call that is right nothing is
 * hidden that is no secret.
 */
#include "script/places/places_own.h"

#include "base/limits.h"
#include "base/secret.h"
#include "model/sasl.h"

struct literals {
	struct outline  *outline;
	struct redactor *redactor;
	struct arena     arena;
	uint32_t         call;          /* the word `auth` */
	uint32_t         last;          /* the text in the last position */
};

/* Alone, or the first piece of several. */
static bool
is_text(const struct literals *l, const struct field *field)
{
	return l->outline->tokens[field->first].kind == TOKEN_STRING &&
	    (field->kind == VALUE_IS_TEXT ||
	    places_is(l->outline, field->first + 1, ".."));
}

/* With what stands before it, from `from` on, where it is too short to be
 * looked for alone. */
static void
literal_hide(struct literals *l, uint32_t from, uint32_t at)
{
	const struct token *token = &l->outline->tokens[at];
	struct span source = places_text(l->outline, at);
	struct span value = lex_string(source, &l->arena);
	uint32_t    begin = l->outline->tokens[from].at;

	if (value.len == 0)
		return;
	if (value.len < LIMIT_SECRET_MIN)
		value = span_sub(l->outline->file->text, begin,
		    token->at + token->len - 1 - begin);
	if (!redactor_has(l->redactor, value))
		(void)redactor_add(l->redactor, span_is(places_text(l->outline,
		    from), "token") ? SPAN("token") : SPAN("password"), value);
	/* The line under an error has it as it was written. */
	source = span_sub(source, 1, source.len - 2);
	if (source.len >= LIMIT_SECRET_MIN && !redactor_has(l->redactor, source))
		(void)redactor_add(l->redactor, SPAN("password"), source);
}

static bool
key_is_open(struct span key)
{
	static const char *const open[] = { "mechanism", "user", "authzid",
		"initial", "title", "timeout", "level", "on_fail", "secret" };

	for (size_t i = 0; i < sizeof open / sizeof *open; i++)
		if (span_is(key, open[i]))
			return true;
	return false;
}

/* Mechanism and user come first, whoever forgets the keys. */
static void
item_take(struct literals *l, const struct field *field, uint32_t index)
{
	if (!is_text(l, field))
		return;
	if (index > 1)
		literal_hide(l, l->call, field->first);
	l->last = field->first;
}

static void
table_read(struct literals *l, uint32_t open)
{
	struct field field;
	uint32_t     at = open;

	for (uint32_t index = 0; places_field(l->outline, open, &at, &field);
	    index++)
		if (field.key_kind == FIELD_ITEM)
			item_take(l, &field, index);
		else if (field.key_kind == FIELD_NAMED && is_text(l, &field) &&
		    !key_is_open(places_key(l->outline, field.key, &l->arena)))
			literal_hide(l, field.key, field.first);
}

/* The next argument of the call whose bracket closes at `end`. */
static bool
argument(const struct literals *l, uint32_t *at, uint32_t end,
    struct field *field)
{
	if (*at >= end)
		return false;
	places_value(l->outline, *at, end, field);
	*at = field->last + 2;
	return true;
}

/* c:auth { ... }, c:auth(...): `open` is its bracket. */
static void
call_read(struct literals *l, uint32_t open)
{
	uint32_t     end = l->outline->tokens[open].mate, at = open + 1;
	struct field field;

	l->last = 0;
	if (places_is(l->outline, open, "{"))
		table_read(l, open);
	else if (places_is(l->outline, at, "{"))
		table_read(l, at);
	else
		for (uint32_t index = 0; argument(l, &at, end, &field); index++)
			item_take(l, &field, index);
	if (l->last != 0 && sasl_find(lex_string(places_text(l->outline,
	    l->last), &l->arena)) == NULL)
		literal_hide(l, l->call, l->last);
}

/* quoth.smtp's auth.plain(c, t, user, password) and its like. */
static void
module_read(struct literals *l, uint32_t open)
{
	uint32_t     end = l->outline->tokens[open].mate, at = open + 1;
	struct field field;

	for (uint32_t index = 0; argument(l, &at, end, &field); index++)
		if (index == 3 && is_text(l, &field))
			literal_hide(l, l->call, field.first);
}

static bool
opens(const struct literals *l, uint32_t at)
{
	return at < l->outline->count && l->outline->tokens[at].mate > at &&
	    (places_is(l->outline, at, "(") || places_is(l->outline, at, "{"));
}

void
places_literals(const struct file *file, struct redactor *redactor)
{
	struct literals l = { .redactor = redactor };
	bool            method;

	if (span_find(file->text, SPAN("auth")) == SIZE_MAX)
		return;
	l.outline = places_open(file);
	for (uint32_t at = 1; at < l.outline->count; at++) {
		if (!places_is(l.outline, at, "auth"))
			continue;
		l.call = at;
		method = places_is(l.outline, at - 1, ":") ||
		    places_is(l.outline, at - 1, ".");
		if (method && opens(&l, at + 1))
			call_read(&l, at + 1);
		else if (places_is(l.outline, at + 1, ".") &&
		    opens(&l, at + 3))
			module_read(&l, at + 3);
	}
	places_close(l.outline);
	arena_free(&l.arena);
}
