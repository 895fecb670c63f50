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

/* Signed; min and max compare what has no sign. */
static bool
is_int(struct span text)
{
	uint64_t value;

	if (span_starts(text, SPAN("-")))
		text = span_from(text, 1);
	return span_u64(text, &value) && value <= INT64_MAX;
}

static bool
is_duration(struct span text)
{
	uint32_t ms;

	return duration_parse(text, &ms);
}

static bool
number_of_ms(struct span text, uint64_t *value)
{
	uint32_t ms;
	bool     fine = duration_parse(text, &ms);

	*value = ms;
	return fine;
}

static bool
is_size(struct span text)
{
	uint64_t octets;

	return size_parse(text, &octets);
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

static bool
is_host(struct span text)
{
	struct span rest = text, label;

	if (text.len == 0 || text.len > 255)
		return false;
	while (span_word(&rest, ".", &label)) {
		if (label.len > 63 || span_starts(label, SPAN("-")) ||
		    (label.len == 0 && rest.ptr != NULL))
			return is_ip(text);
		for (size_t i = 0; i < label.len; i++) {
			char c = (char)(label.ptr[i] | 0x20);

			if (!(c >= 'a' && c <= 'z') && c != '_' &&
			    label.ptr[i] != '-' &&
			    !(label.ptr[i] >= '0' && label.ptr[i] <= '9') &&
			    (label.ptr[i] & 0x80) == 0)
				return is_ip(text);
		}
	}
	return true;
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
	    is_host(span_from(text, at));
}

static bool
is_path(struct span text)
{
	return text.len > 0 && memchr(text.ptr, '\0', text.len) == NULL;
}

const struct param_type param_types[] = {
	{ "string", "text", NULL, NULL },
	{ "int", "a whole number", is_int, span_u64 },
	{ "bool", "true or false", is_bool, NULL },
	{ "duration", "a duration such as 250ms or 10s", is_duration,
	    number_of_ms },
	{ "bytes", "a size such as 512 or 10KiB", is_size, size_parse },
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
	uint64_t value, bound;

	if ((min == NULL && max == NULL) || type->number == NULL)
		return true;
	if (!type->number(text, &value))
		return fault_set(fault, FAULT_SCENARIO,
		    "'%.*s' is below the minimum", SPAN_ARG(text));
	if (min != NULL && type->number(min->text, &bound) && value < bound)
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' is below the "
		    "minimum of %.*s", SPAN_ARG(text), SPAN_ARG(min->text));
	if (max != NULL && type->number(max->text, &bound) && value > bound)
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' is above the "
		    "maximum of %.*s", SPAN_ARG(text), SPAN_ARG(max->text));
	return true;
}

static bool
pattern_check(const struct node *node, struct span text,
    struct regex_set *regexes, struct fault *fault)
{
	struct span pattern = node->text, group;
	const struct regex *regex;
	char   why[128];
	size_t at;

	if (pattern.len > 1 && span_starts(pattern, SPAN("/")) &&
	    span_ends(pattern, SPAN("/")))
		pattern = span_sub(pattern, 1, pattern.len - 2);
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
