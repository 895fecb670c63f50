/*
 * Parameters: typed inputs. Their order: -D, QUOTH_VAR_NAME, --vars, default;
 * a secret comes from its own variable, QUOTH_SECRET_NAME or --secrets, and
 * never from -D. A secret's default is a password that everybody knows, such as
 * a test server's; it is masked like any other.
 */
#include "load/loader.h"

#include "base/limits.h"
#include "base/secret.h"
#include "model/filter.h"
#include "model/param_type.h"

static const struct field param_fields[] = { { "type", false },
	{ "default", false }, { "required", false }, { "secret", false },
	{ "env", false }, { "about", false }, { "choices", false },
	{ "min", false }, { "max", false }, { "pattern", false },
	{ NULL, false } };

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

/* What is kept as text, not checked by the type. */
static bool
texts_check(struct build *build, const struct node *param)
{
	static const char *const keys[] = { "about", "env" };
	bool fine = true;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct node *node = node_get(param, keys[i]);

		if (node == NULL || node->kind == NODE_SCALAR)
			continue;
		build_error(build, node, DIAG_ID_wrong_type,
		    "want a single value here, not %s", node_kind_name(node));
		fine = false;
	}
	return fine;
}

/* `at` NULL: given from outside. */
static bool
value_check(struct loader *loader, const struct node *param,
    const struct param_type *type, struct span text, const char *from,
    const struct node *at, bool secret)
{
	struct fault fault;
	const char  *name = diag_word(&loader->diags, param->key);

	if (param_check(type, param, text, loader->regexes, &loader->arena,
	    &fault))
		return true;
	if (secret)             /* and the fault's words would show it */
		diag_error(&loader->diags, DIAG_ID_parameter, param->key_loc,
		    "the secret '%s' from %s does not fit: want %s", name,
		    from, type->want);
	else if (at != NULL)
		diag_error(&loader->diags, DIAG_ID_parameter, at->loc,
		    "parameter '%s': %s", name, fault.text);
	else
		diag_error(&loader->diags, DIAG_ID_parameter, param->key_loc,
		    "parameter '%s' from %s: %s", name, from, fault.text);
	return false;
}

bool
param_fits(struct loader *loader, const struct node *param, struct span value,
    const struct node *at)
{
	const struct param_type *type = param_type_find(node_get(param,
	    "type"), &loader->diags);

	return type == NULL || value_check(loader, param, type, value, NULL,
	    at, false);
}

/* What ${secret|upper} and the like would show, also within base64. */
static void
secret_keep_filtered(struct loader *loader, struct span name,
    struct span value)
{
	static const char *const filters[] = { "upper", "lower", "trim",
		"idna" };

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
	const struct given *given = given_find(loader, param->key,
	    GIVEN_DEFINE);

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

/* The default: known from the parameters above, if not a constant. A list is
 * one value of several words to the dialogue. */
static bool
default_read(struct build *build, const struct node *def, struct value *out)
{
	bool late;

	*out = (struct value){ .given = true };
	if (def->kind != NODE_SCALAR) {
		out->list = def;
		return true;
	}
	if (!build_text(build, def, &out->text, &late))
		return false;
	out->secret = build->secret;
	if (build->late) {
		build_error(build, def, DIAG_ID_bad_value, "a default must be "
		    "known before the dialogue starts");
		diag_hint(build->diags, "what is new in each run belongs "
		    "under vars:");
		return false;
	}
	out->given = !build->pending;
	return true;
}

static bool
list_check(struct loader *loader, const struct node *param,
    const struct param_type *type, const struct value *value)
{
	bool is_list = span_is(span_of(type->name), "list"), fine = true;

	if (value->list != NULL && (!is_list ||
	    value->list->kind != NODE_LIST)) {
		diag_error(&loader->diags, DIAG_ID_parameter, value->list->loc,
		    "parameter '%s' is %s here, and %s by its type",
		    diag_word(&loader->diags, param->key),
		    node_kind_name(value->list), is_list ? "a list" :
		    "a single value");
		return false;
	}
	for (const struct node *child = value->list == NULL ? NULL :
	    value->list->first; child != NULL; child = child->next)
		fine = value_check(loader, param, type, child->text,
		    value->from, child, value->secret) && fine;
	return fine;
}

static bool
value_keep(struct loader *loader, const struct node *param,
    const struct param_type *type, const struct value *value,
    struct scope *scope)
{
	struct name *name = scope_add(scope, &loader->arena, param->key,
	    NAME_PENDING);
	bool is_list = span_is(span_of(type->name), "list");
	struct value whole = *value;

	name->by = param;
	name->secret = value->secret;
	if (!value->given)
		return true;
	if (is_list && value->list == NULL)
		whole.list = param_list(param, value->text, &loader->arena);
	if (!list_check(loader, param, type, &whole))
		return false;
	name->kind = NAME_STATIC;
	name->text = value->text;
	name->list = whole.list;
	name->type = type;
	return !value->secret || value->from == NULL ||
	    secret_keep(loader, param, value);
}

/* The value: given, else the default; the default is checked in any case. */
static bool
value_find(struct loader *loader, struct build *build,
    const struct node *param, const struct param_type *type,
    struct value *out)
{
	const struct node *def = node_get(param, "default");
	struct span  env = text_of(param, "env");
	struct value given = { 0 };
	bool is_list = span_is(span_of(type->name), "list");
	bool secret, required;

	if (!bool_of(loader, param, "secret", &secret) ||
	    !bool_of(loader, param, "required", &required) ||
	    (secret && !secret_check(loader, param)))
		return false;
	*out = secret ? params_secret(loader, param->key, env) :
	    params_plain(loader, param->key, env);
	out->secret = secret;
	if (out->given && out->list == NULL && !is_list && !value_check(loader,
	    param, type, out->text, out->from, NULL, secret))
		return false;
	if (def == NULL)
		return true;
	if (!default_read(build, def, &given))
		return false;
	if (given.given && given.list == NULL && !is_list &&
	    !value_check(loader, param, type, given.text, NULL, def, false))
		return false;
	if (out->given || required)
		return true;
	*out = given;
	if (secret && given.given) {
		out->secret = true;
		out->from = "its default";
	}
	return true;
}

static bool
param_read(struct loader *loader, const struct node *param,
    struct scope *scope, const struct missing **missing)
{
	const struct param_type *type;
	struct value value = { 0 };
	struct build build = { .arena = &loader->arena,
	    .diags = &loader->diags, .scope = scope };

	if (!node_is_map(param)) {
		diag_error(&loader->diags, DIAG_ID_wrong_type, param->loc,
		    "a parameter is a map, such as { type: email, "
		    "default: a@example.test }");
		return false;
	}
	if (!build_keys(&build, param, param_fields, "a parameter") ||
	    !texts_check(&build, param))
		return false;
	type = param_type_find(node_get(param, "type"), &loader->diags);
	if (type == NULL || !param_sound(type, param, loader->regexes,
	    &loader->diags) || !value_find(loader, &build, param, type,
	    &value))
		return false;
	if (!value.given)
		missing_add(loader, param, value.secret, missing);
	return value_keep(loader, param, type, &value, scope);
}

/* One of the file around: this one stands in its place. */
static void
missing_drop(struct loader *loader, struct span name,
    const struct missing **list)
{
	const struct missing *kept = NULL;

	for (const struct missing *m = *list; m != NULL; m = m->next) {
		struct missing *copy;

		if (span_eq(m->name, name))
			continue;
		copy = arena_alloc(&loader->arena, sizeof *copy);
		*copy = *m;
		copy->next = kept;
		kept = copy;
	}
	*list = kept;
}

bool
params_read(struct loader *loader, const struct node *params,
    struct scope *scope, const struct missing **missing)
{
	bool fine = true, read;

	if (!node_is_map(params)) {
		diag_error(&loader->diags, DIAG_ID_wrong_type, params->loc,
		    "params must be a map of names, not %s",
		    node_kind_name(params));
		return false;
	}
	for (const struct node *param = params->first; param != NULL;
	    param = param->next) {
		struct span name = param->key;

		if (name_built_in(loader, name)) {
			diag_error(&loader->diags, DIAG_ID_redefined,
			    param->key_loc, "'%s' is a built-in name",
			    diag_word(&loader->diags, name));
			fine = false;
			continue;
		}
		if (scope_find(scope, name) != NULL)
			missing_drop(loader, name, missing);
		read = name_check(&loader->diags, param->key_loc, name,
		    "a parameter") && param_read(loader, param, scope,
		    missing);
		/* Wrong as it is, its name is known: one error, not many. */
		if (!read && (scope->first == NULL ||
		    !span_eq(scope->first->name, name)))
			(void)scope_add(scope, &loader->arena, name,
			    NAME_PENDING);
		fine = read && fine;
	}
	return fine;
}
