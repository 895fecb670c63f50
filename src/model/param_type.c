/* The types of parameters. A check looks at the text and keeps nothing. */
#include "model/param_type.h"

#include "model/build.h"
#include "model/endpoint.h"
#include "model/pattern.h"

#include <arpa/inet.h>

static bool
is_bool(struct span text)
{
	return span_is(text, "true") || span_is(text, "false");
}

static bool
number_of_int(struct span text, int64_t *value)
{
	bool     minus = span_starts(text, SPAN("-"));
	uint64_t size;

	if (!span_u64(minus ? span_from(text, 1) : text, &size) ||
	    size > INT64_MAX)
		return false;
	*value = minus ? -(int64_t)size : (int64_t)size;
	return true;
}

static bool
is_int(struct span text)
{
	int64_t value;

	return number_of_int(text, &value);
}

static bool
number_of_ms(struct span text, int64_t *value)
{
	uint32_t ms = 0;
	bool     fine = duration_parse(text, &ms);

	*value = ms;
	return fine;
}

static bool
is_duration(struct span text)
{
	int64_t ms;

	return number_of_ms(text, &ms);
}

static bool
number_of_octets(struct span text, int64_t *value)
{
	uint64_t octets = 0;
	bool     fine = size_parse(text, &octets);

	*value = (int64_t)octets;
	return fine;
}

static bool
is_size(struct span text)
{
	int64_t octets;

	return number_of_octets(text, &octets);
}

static bool
is_endpoint(struct span text)
{
	struct arena    arena = { 0 };
	struct endpoint endpoint;
	struct fault    fault;
	bool fine = endpoint_parse(text, &arena, &endpoint, &fault);

	arena_free(&arena);
	return fine;
}

static bool
is_ip(struct span text)
{
	char word[64];
	unsigned char address[16];

	if (text.len >= sizeof word)
		return false;
	memcpy(word, text.ptr, text.len);
	word[text.len] = '\0';
	return strlen(word) == text.len &&
	    (inet_pton(AF_INET, word, address) == 1 ||
	    inet_pton(AF_INET6, word, address) == 1);
}

/* Marks that nobody sees, or that turn the text around: soft hyphen, zero
 * width, bidi controls, byte order mark. */
static bool
is_unseen(uint32_t point)
{
	return point == 0xad || point == 0x61c || point == 0x180e ||
	    (point >= 0x200b && point <= 0x200f) ||
	    (point >= 0x2028 && point <= 0x202e) ||
	    (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
	    point == 0x3000 || point == 0xa0;
}

/* A label of a host name: letters, digits, hyphen, underscore, and where the
 * server may speak SMTPUTF8 the letters of all alphabets. */
static bool
is_label(struct span label, bool utf8)
{
	if (label.len == 0 || label.len > 63 || *label.ptr == '-')
		return false;
	for (size_t at = 0; at < label.len;) {
		uint32_t point;
		size_t   len = span_utf8(span_from(label, at), &point);
		bool     fine = (point >= '0' && point <= '9') ||
		    (point >= 'A' && point <= 'Z') || point == '_' ||
		    (point >= 'a' && point <= 'z') || point == '-';

		if (len == 0 || (!fine && !(utf8 && len > 1 &&
		    !is_unseen(point))))
			return false;
		at += len;
	}
	return true;
}

static bool
is_name(struct span text, bool utf8)
{
	struct span rest = text, label;

	if (text.len == 0 || text.len > 255)
		return false;
	if (span_ends(text, SPAN(".")))
		rest.len--;
	while (span_word(&rest, ".", &label))
		if (!is_label(label, utf8))
			return false;
	return true;
}

static bool
is_host(struct span text)
{
	return is_name(text, false) || is_ip(text);
}

/* Enough to catch a slip; a tester must be able to send odd ones. */
static bool
is_email(struct span text)
{
	size_t at = text.len;

	while (at > 0 && text.ptr[at - 1] != '@')
		at--;
	if (at < 2 || at == text.len || text.len > 320)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f ||
		    text.ptr[i] == '<' || text.ptr[i] == '>')
			return false;
	return span_starts(span_from(text, at), SPAN("[")) ||
	    is_name(span_from(text, at), true);
}

static bool
is_path(struct span text)
{
	return text.len > 0 && memchr(text.ptr, '\0', text.len) == NULL;
}

const struct param_type param_types[] = {
	{ "string", "text", NULL, NULL },
	{ "int", "a whole number", is_int, number_of_int },
	{ "bool", "true or false", is_bool, NULL },
	{ "duration", "a duration such as 250ms or 10s", is_duration,
	    number_of_ms },
	{ "bytes", "a size such as 512 or 10KiB", is_size,
	    number_of_octets },
	{ "endpoint", "a target such as smtp://host:25", is_endpoint, NULL },
	{ "host", "a host name or address", is_host, NULL },
	{ "ip", "an IPv4 or IPv6 address", is_ip, NULL },
	{ "email", "an address such as alice@example.test", is_email, NULL },
	{ "path", "a path", is_path, NULL },
	{ "enum", "one of its choices", NULL, NULL },
	{ "list", "words with commas between them", NULL, NULL },
	{ NULL, NULL, NULL, NULL }
};

const struct param_type *
param_type_find(const struct node *node, struct diags *diags)
{
	const char *words[16];
	size_t      count = 0;

	if (node == NULL)
		return &param_types[0];
	for (const struct param_type *row = param_types; row->name != NULL;
	    row++) {
		if (node->kind == NODE_SCALAR && span_is(node->text, row->name))
			return row;
		words[count++] = row->name;
	}
	diag_error(diags, DIAG_ID_parameter, node->loc,
	    "unknown type of parameter '%.*s'", SPAN_ARG(node->text));
	diag_hint_nearest(diags, node->text, words, count);
	return NULL;
}

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

const struct node *
param_list(const struct node *param, struct span text, struct arena *arena)
{
	struct node *list = arena_alloc(arena, sizeof *list);
	struct node *last = NULL;
	struct span  word;

	*list = *param;
	list->kind = NODE_LIST;
	list->first = list->next = NULL;
	list->count = 0;
	while (span_word(&text, ",", &word)) {
		struct node *child = arena_alloc(arena, sizeof *child);

		*child = (struct node){ .kind = NODE_SCALAR,
		    .loc = param->loc, .text = span_trim(word) };
		node_append(list, &last, child);
	}
	return list;
}
