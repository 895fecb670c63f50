/*
 * What a running script may know before it begins: parameters with their
 * types, variables, rows, and what is built in.
 */
#include "load/computed.h"

#include "model/param_type.h"

#include <stdio.h>

static enum script_type
type_of(const struct name *name, const struct param_type *type)
{
	const char *word = type == NULL ? "string" : type->name;

	if (name->secret)
		return SCRIPT_SECRET;
	if (name->list != NULL)
		return SCRIPT_LIST;
	if (strcmp(word, "bool") == 0)
		return SCRIPT_BOOL;
	return strcmp(word, "int") == 0 || strcmp(word, "bytes") == 0 ?
	    SCRIPT_NUMBER : SCRIPT_TEXT;
}

static bool
value_of(const struct name *name, struct vars *vars,
    struct script_value *value)
{
	switch (name->kind) {
	case NAME_STATIC:
		value->text = name->secret ? (struct span){ "", 0 } :
		    name->text;
		value->list = name->list;
		return true;
	case NAME_SLOT:
		return !name->secret && vars_get(vars, name->slot,
		    &value->text);
	case NAME_FRESH: case NAME_PENDING: case NAME_TOO_LONG:
		break;
	}
	return false;
}

/* "10KiB" is 10240 to a script. */
static void
number_plain(const struct param_type *type, struct span text,
    char room[24], struct span *out)
{
	int64_t value;
	int     len;

	*out = text;
	if (type == NULL || type->number == NULL ||
	    !type->number(text, &value))
		return;
	len = snprintf(room, 24, "%lld", (long long)value);
	*out = (struct span){ room, (size_t)len };
}

/* The parameter that a column of the same name stands for. */
static const struct param_type *
type_behind(const struct scope *scope, const struct name *name)
{
	for (const struct scope *s = scope; s != NULL && name->type == NULL;
	    s = s->up)
		for (const struct name *n = s->first; n != NULL; n = n->next)
			if (n->type != NULL && span_eq(n->name, name->name))
				return n->type;
	return name->type;
}

static void
known_add(struct computed *c, const struct scope *at, const struct name *name)
{
	const struct param_type *behind = type_behind(at, name);

	c->known[c->known_count++] = (struct known){ .name = name,
	    .kind = name_built_in(c->maker->loader, name->name) ?
	    SCRIPT_BUILT_IN : behind != NULL ? SCRIPT_PARAM : SCRIPT_VAR,
	    .type = type_of(name, behind), .behind = behind };
}

/* Every run starts with them, and only a capture ever adds a name. */
static void
known_make(struct computed *c, const struct scope *names)
{
	size_t count = 0;

	for (const struct scope *s = names; s != NULL; s = s->up)
		for (const struct name *n = s->first; n != NULL; n = n->next)
			count++;
	c->known = arena_alloc(&c->maker->loader->arena,
	    count * sizeof *c->known);
	c->known_count = 0;
	for (const struct scope *s = names; s != NULL; s = s->up)
		for (const struct name *n = s->first; n != NULL; n = n->next)
			if (scope_find(names, n->name) == n)
				known_add(c, s, n);
	c->newest = names->first;
}

void
computed_values(struct workshop *shop, struct vars *vars,
    void (*put)(void *who, const struct script_value *), void *who)
{
	struct computed    *c = (struct computed *)shop;
	const struct scope *names = c->maker->frame->captures;
	struct script_value protocol = { .kind = SCRIPT_BUILT_IN,
	    .type = SCRIPT_TEXT, .name = SPAN("protocol"),
	    .text = span_of(shop->scenario->proto->name) };

	put(who, &protocol);
	if (c->known == NULL || c->newest != names->first)
		known_make(c, names);
	for (uint32_t i = 0; i < c->known_count; i++) {
		const struct known *known = &c->known[i];
		struct script_value value = { .name = known->name->name,
		    .kind = known->kind, .type = known->type };
		char room[24];

		if (!value_of(known->name, vars, &value))
			continue;
		if (value.type == SCRIPT_NUMBER)
			number_plain(known->behind, value.text, room,
			    &value.text);
		put(who, &value);
	}
}
