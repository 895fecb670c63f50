/*
 * What a parameter's map says of its values: choices, min, max, pattern. It is
 * checked itself once (param_sound), and then every value against it.
 */
#include "model/param_type.h"

#include "model/regex.h"

static bool
choices_check(const struct node *choices, struct span text,
    struct fault *fault)
{
	struct buf list = buf_new(200);
	bool       fine = false;

	for (const struct node *child = choices->first; child != NULL && !fine;
	    child = child->next) {
		fine = span_eq(child->text, text);
		(void)buf_addf(&list, "%s%.*s", list.len > 0 ? ", " : "",
		    SPAN_ARG(child->text));
	}
	if (!fine)
		(void)fault_set(fault, FAULT_SCENARIO, "'%.*s' is not one of "
		    "%.*s", SPAN_ARG(text), SPAN_ARG(buf_span(&list)));
	buf_free(&list);
	return fine;
}

static bool
bounds_check(const struct param_type *type, const struct node *param,
    struct span text, struct fault *fault)
{
	const struct node *min = node_get(param, "min");
	const struct node *max = node_get(param, "max");
	int64_t value, bound;

	if (type->number == NULL || !type->number(text, &value))
		return true;
	if (min != NULL && type->number(min->text, &bound) && value < bound)
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' is below the "
		    "minimum of %.*s", SPAN_ARG(text), SPAN_ARG(min->text));
	if (max != NULL && type->number(max->text, &bound) && value > bound)
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' is above the "
		    "maximum of %.*s", SPAN_ARG(text), SPAN_ARG(max->text));
	return true;
}

static struct span
pattern_inside(const struct node *node)
{
	struct span pattern = node->text;

	if (pattern.len > 1 && span_starts(pattern, SPAN("/")) &&
	    span_ends(pattern, SPAN("/")))
		pattern = span_sub(pattern, 1, pattern.len - 2);
	return pattern;
}

static bool
bound_sound(const struct param_type *type, const struct node *bound,
    struct diags *diags)
{
	int64_t value;

	if (bound == NULL)
		return true;
	if (type->number == NULL)
		diag_error(diags, DIAG_ID_parameter, bound->key_loc,
		    "'%.*s' means nothing for the type '%s'",
		    SPAN_ARG(bound->key), type->name);
	else if (bound->kind != NODE_SCALAR ||
	    !type->number(bound->text, &value))
		diag_error(diags, DIAG_ID_parameter, bound->loc,
		    "'%.*s' must be %s, as the parameter",
		    SPAN_ARG(bound->key), type->want);
	else
		return true;
	return false;
}

static bool
choices_sound(const struct param_type *type, const struct node *param,
    struct diags *diags)
{
	const struct node *choices = node_get(param, "choices");
	bool is_enum = span_is(span_of(type->name), "enum");

	if (choices == NULL && is_enum)
		diag_error(diags, DIAG_ID_parameter, param->key_loc,
		    "a parameter of type enum needs choices: [a, b]");
	if (choices == NULL)
		return !is_enum;
	if (choices->kind != NODE_LIST || choices->count == 0) {
		diag_error(diags, DIAG_ID_parameter, choices->loc,
		    "choices must be a list of values");
		return false;
	}
	for (const struct node *c = choices->first; c != NULL; c = c->next)
		if (c->kind != NODE_SCALAR || (type->check != NULL &&
		    !type->check(c->text))) {
			diag_error(diags, DIAG_ID_parameter, c->loc,
			    "this choice is not %s", type->want);
			return false;
		}
	return true;
}

static bool
pattern_sound(const struct node *pattern, struct regex_set *regexes,
    struct diags *diags)
{
	char   why[128];
	size_t at;

	if (pattern == NULL)
		return true;
	if (pattern->kind != NODE_SCALAR || pattern->absent)
		diag_error(diags, DIAG_ID_parameter, pattern->loc,
		    "a pattern is one regular expression");
	else if (regex_compile(regexes, pattern_inside(pattern), SPAN(""), why,
	    &at) == NULL)
		diag_error(diags, DIAG_ID_bad_regex, pattern->loc,
		    "this regular expression does not compile: %s", why);
	else
		return true;
	return false;
}

bool
param_sound(const struct param_type *type, const struct node *param,
    struct regex_set *regexes, struct diags *diags)
{
	const struct node *min = node_get(param, "min");
	const struct node *max = node_get(param, "max");
	int64_t least, most;
	bool    fine = choices_sound(type, param, diags);

	fine = pattern_sound(node_get(param, "pattern"), regexes, diags) &&
	    fine;
	if (!bound_sound(type, min, diags) || !bound_sound(type, max, diags))
		return false;
	if (min != NULL && max != NULL && type->number(min->text, &least) &&
	    type->number(max->text, &most) && least > most) {
		diag_error(diags, DIAG_ID_parameter, max->loc,
		    "max is below min: no value fits");
		return false;
	}
	return fine;
}

static bool
pattern_check(const struct node *node, struct span text,
    struct regex_set *regexes, struct fault *fault)
{
	struct span pattern = pattern_inside(node), group;
	const struct regex *regex;
	char   why[128];
	size_t at;

	regex = regex_compile(regexes, pattern, SPAN(""), why, &at);
	if (regex == NULL)
		return fault_set(fault, FAULT_SCENARIO,
		    "its pattern does not compile: %s", why);
	if (regex_match(regex, text, &group) != VERDICT_YES)
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' does not match "
		    "%.*s", SPAN_ARG(text), SPAN_ARG(node->text));
	return true;
}

bool
param_check(const struct param_type *type, const struct node *param,
    struct span text, struct regex_set *regexes, struct arena *arena,
    struct fault *fault)
{
	const struct node *choices = node_get(param, "choices");
	const struct node *pattern = node_get(param, "pattern");

	(void)arena;
	if (type->check != NULL && !type->check(text))
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' is not %s",
		    SPAN_ARG(text), type->want);
	if (choices != NULL && !choices_check(choices, text, fault))
		return false;
	if (!bounds_check(type, param, text, fault))
		return false;
	return pattern == NULL || pattern->kind != NODE_SCALAR ||
	    pattern_check(pattern, text, regexes, fault);
}
