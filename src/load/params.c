/*
 * Parameters: typed inputs. Their order: -D, QUOTH_VAR_NAME, --vars, default;
 * a secret comes from its own variable, QUOTH_SECRET_NAME or --secrets, and
 * never from -D.
 */
#include "load/loader.h"

#include "base/limits.h"
#include "base/secret.h"
#include "model/filter.h"
#include "model/param_type.h"

#include <stdlib.h>

static const struct field param_fields[] = { { "type", false },
	{ "default", false }, { "required", false }, { "secret", false },
	{ "env", false }, { "about", false }, { "choices", false },
	{ "min", false }, { "max", false }, { "pattern", false },
	{ NULL, false } };

const struct given *
given_find(struct loader *loader, struct span name, enum given_from from)
{
	for (struct given *given = loader->givens; given != NULL;
	    given = given->next)
		if (given->from == from && span_eq(given->name, name)) {
			given->used = true;
			return given;
		}
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

struct value { struct span text; const char *from; bool given; };

static struct value
value_of(const char *text, const char *from)
{
	return (struct value){ span_of(text == NULL ? "" : text), from,
	    text != NULL };
}

static struct value
secret_value(struct loader *loader, struct span name, struct span env)
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
	return given == NULL ? value :
	    (struct value){ given->value, "--secrets", true };
}

static struct value
plain_value(struct loader *loader, struct span name, struct span env)
{
	const struct given *given = given_find(loader, name, GIVEN_DEFINE);
	struct value value = { 0 };

	if (given != NULL)
		return (struct value){ given->value, "-D", true };
	value = value_of(env_value(loader, "QUOTH_VAR_", name),
	    "the environment");
	if (!value.given && env.len > 0)
		value = value_of(getenv(arena_cstr(&loader->arena, env)),
		    "the environment");
	given = value.given ? NULL : given_find(loader, name, GIVEN_VARS);
	return given == NULL ? value :
	    (struct value){ given->value, "--vars", true };
}

static bool
bool_of(struct loader *loader, const struct node *map, const char *key,
    bool *out)
{
	const struct node *node = node_get(map, key);
	struct build build = { .arena = &loader->arena,
	    .diags = &loader->diags, .scope = &loader->builtins };

	*out = false;
	return node == NULL || build_bool(&build, node, out);
}

static struct span
text_of(const struct node *map, const char *key)
{
	const struct node *node = node_get(map, key);

	return node == NULL || node->kind != NODE_SCALAR ?
	    (struct span){ "", 0 } : node->text;
}

static bool
value_check(struct loader *loader, const struct node *param,
    const struct param_type *type, const struct value *value,
    const struct node *at, bool secret)
{
	struct fault fault;

	if (param_check(type, param, value->text, loader->regexes,
	    &loader->arena, &fault))
		return true;
	if (secret)             /* and the fault's words would show it */
		diag_error(&loader->diags, DIAG_ID_parameter, param->key_loc,
		    "the secret '%.*s' from %s does not fit: want %s",
		    SPAN_ARG(param->key), value->from, type->want);
	else if (at != NULL)
		diag_error(&loader->diags, DIAG_ID_parameter, at->loc,
		    "parameter '%.*s': %s", SPAN_ARG(param->key), fault.text);
	else
		diag_error(&loader->diags, DIAG_ID_parameter, param->key_loc,
		    "parameter '%.*s' from %s: %s", SPAN_ARG(param->key),
		    value->from, fault.text);
	return false;
}

/* What ${secret|upper} and the like would show. */
static void
secret_keep_filtered(struct loader *loader, struct span name,
    struct span value)
{
	static const char *const filters[] = { "upper", "lower", "trim" };

	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		struct buf  out = buf_new(LIMIT_EXPANDED);
		const char *why;

		if (filter_find(span_of(filters[i]))->apply(value, 0, &out,
		    &why))
			(void)redactor_add(loader->options.redactor, name,
			    buf_span(&out));
		buf_free(&out);
	}
}

static bool
secret_keep(struct loader *loader, const struct node *param,
    const struct value *value)
{
	if (loader->options.redactor == NULL)
		return true;
	if (redactor_add(loader->options.redactor, param->key, value->text)) {
		secret_keep_filtered(loader, param->key, value->text);
		return true;
	}
	diag_error(&loader->diags, DIAG_ID_parameter, param->key_loc,
	    "the secret '%.*s' is shorter than %d characters and could not be "
	    "masked in the output", SPAN_ARG(param->key), LIMIT_SECRET_MIN);
	return false;
}

static void
missing_add(struct loader *loader, const struct node *param, bool secret,
    const struct missing **list)
{
	struct missing *missing = arena_alloc(&loader->arena, sizeof *missing);

	*missing = (struct missing){ .name = param->key,
	    .about = text_of(param, "about"), .loc = param->key_loc,
	    .secret = secret, .next = *list };
	*list = missing;
}

static bool
secret_check(struct loader *loader, const struct node *param)
{
	const struct node  *value = node_get(param, "default");
	const struct given *given;

	if (value != NULL) {
		diag_error(&loader->diags, DIAG_ID_parameter, value->key_loc,
		    "a secret has no default: it would stand in the file");
		return false;
	}
	given = given_find(loader, param->key, GIVEN_DEFINE);
	if (given != NULL) {
		/* Reports show the command line. */
		if (loader->options.redactor != NULL)
			(void)redactor_add(loader->options.redactor,
			    param->key, given->value);
		diag_error(&loader->diags, DIAG_ID_parameter, param->key_loc,
		    "the secret '%.*s' cannot come from -D: every user of the "
		    "machine can read command lines", SPAN_ARG(param->key));
		diag_hint(&loader->diags, "use the environment or --secrets");
		return false;
	}
	return true;
}

/* A list is one value of several words to the dialogue. */
static void
param_name(struct loader *loader, const struct node *param,
    const struct param_type *type, struct scope *scope,
    const struct value *value, const struct node *def, bool secret)
{
	struct name *name = scope_add(scope, &loader->arena, param->key,
	    value->given ? NAME_STATIC : NAME_PENDING);

	name->text = value->text;
	name->secret = secret;
	if (def != NULL && def->kind == NODE_LIST && value->from == NULL)
		name->list = def;
	else if (value->given && span_is(span_of(type->name), "list"))
		name->list = param_list(param, value->text, &loader->arena);
}

static bool
param_read(struct loader *loader, const struct node *param,
    struct scope *scope, const struct missing **missing)
{
	const struct param_type *type;
	const struct node *def;
	struct value value;
	struct build build = { .arena = &loader->arena,
	    .diags = &loader->diags, .scope = &loader->builtins };
	bool secret, required;

	if (param->kind != NODE_MAP) {
		diag_error(&loader->diags, DIAG_ID_wrong_type, param->loc,
		    "a parameter is a map, such as { type: email, "
		    "default: a@example.test }");
		return false;
	}
	if (!build_keys(&build, param, param_fields, "a parameter") ||
	    !bool_of(loader, param, "secret", &secret) ||
	    !bool_of(loader, param, "required", &required))
		return false;
	type = param_type_find(node_get(param, "type"), &loader->diags);
	if (type == NULL || (secret && !secret_check(loader, param)))
		return false;
	def = node_get(param, "default");
	value = secret ? secret_value(loader, param->key,
	    text_of(param, "env")) : plain_value(loader, param->key,
	    text_of(param, "env"));
	if (def != NULL && def->kind == NODE_SCALAR &&
	    !value_check(loader, param, type, &(struct value){ def->text,
	    NULL, true }, def, false))
		return false;
	if (value.given && (!value_check(loader, param, type, &value, NULL,
	    secret) || (secret && !secret_keep(loader, param, &value))))
		return false;
	if (!value.given && def != NULL && !required)
		value = (struct value){ def->text, NULL, true };
	if (!value.given)
		missing_add(loader, param, secret, missing);
	param_name(loader, param, type, scope, &value, def, secret);
	return true;
}

static void
declare(struct loader *loader, const struct node *param)
{
	struct name *name = arena_alloc(&loader->arena, sizeof *name);

	name->name = param->key;
	name->next = loader->declared;
	loader->declared = name;
}

bool
params_read(struct loader *loader, const struct node *params,
    struct scope *scope, const struct missing **missing)
{
	bool fine = true;

	if (params->kind != NODE_MAP) {
		diag_error(&loader->diags, DIAG_ID_wrong_type, params->loc,
		    "params must be a map of names, not %s",
		    node_kind_name(params));
		return false;
	}
	for (const struct node *param = params->first; param != NULL;
	    param = param->next) {
		declare(loader, param);
		if (scope_find(scope, param->key) != NULL &&
		    scope_find(&loader->builtins, param->key) != NULL) {
			diag_error(&loader->diags, DIAG_ID_redefined,
			    param->key_loc, "'%.*s' is a built-in name",
			    SPAN_ARG(param->key));
			fine = false;
			continue;
		}
		fine = param_read(loader, param, scope, missing) && fine;
	}
	return fine;
}
