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
