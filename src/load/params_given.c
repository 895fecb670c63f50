/*
 * Where a parameter's value comes from: -D, QUOTH_VAR_NAME, --vars; a secret's
 * from its own variable, QUOTH_SECRET_NAME, --secrets.
 */
#include "load/loader.h"

#include <stdlib.h>

const struct given *
given_find(struct loader *loader, struct span name, enum given_from from)
{
	for (struct given *given = loader->givens; given != NULL;
	    given = given->next)
		if (given->from == from && span_eq(given->name, name))
			return given;
	return NULL;
}

const char *
params_variable(struct loader *loader, const char *prefix, struct span name)
{
	char  *word = arena_alloc(&loader->arena, strlen(prefix) + name.len + 1);
	char  *at = word + strlen(prefix);

	memcpy(word, prefix, strlen(prefix));
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		*at++ = c >= 'a' && c <= 'z' ? (char)(c - 32) :
		    c == '-' || c == '.' ? '_' : c;
	}
	return word;
}

static const char *
env_value(struct loader *loader, const char *prefix, struct span name)
{
	return getenv(params_variable(loader, prefix, name));
}

static struct value
value_of(const char *text, const char *from)
{
	return (struct value){ .text = span_of(text == NULL ? "" : text),
	    .from = from, .given = text != NULL };
}

static struct value
given_value(const struct given *given, const char *from)
{
	return (struct value){ .text = given->value, .from = from,
	    .given = true, .list = given->list };
}

struct value
params_secret(struct loader *loader, struct span name, struct span env)
{
	struct value value = { 0 };
	const struct given *given;

	if (env.len > 0)
		value = value_of(getenv(arena_cstr(&loader->arena, env)),
		    "the environment");
	if (!value.given)
		value = value_of(env_value(loader, "QUOTH_SECRET_", name),
		    "the environment");
	given = value.given ? NULL : given_find(loader, name, GIVEN_SECRETS);
	return given == NULL ? value : given_value(given, "--secrets");
}

struct value
params_plain(struct loader *loader, struct span name, struct span env)
{
	const struct given *given = given_find(loader, name, GIVEN_DEFINE);
	struct value value = { 0 };

	if (given != NULL)
		return given_value(given, "-D");
	value = value_of(env_value(loader, "QUOTH_VAR_", name),
	    "the environment");
	if (!value.given && env.len > 0)
		value = value_of(getenv(arena_cstr(&loader->arena, env)),
		    "the environment");
	given = value.given ? NULL : given_find(loader, name, GIVEN_VARS);
	return given == NULL ? value : given_value(given, "--vars");
}
