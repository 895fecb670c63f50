/* Header fields: those of the file, and Date and Message-ID where it asks for
 * them. */
#include "verb/content_own.h"

#include "model/idna.h"

enum { IDS = 2 };

/* RFC 5322 2.2: a name is printable ASCII without the colon. */
static bool
name_check(struct build *build, const struct node *child)
{
	bool fine = child->key.len > 0;

	for (size_t i = 0; i < child->key.len; i++)
		fine = fine && child->key.ptr[i] > ' ' &&
		    child->key.ptr[i] <= '~' && child->key.ptr[i] != ':';
	if (!fine)
		diag_error(build->diags, DIAG_ID_bad_value, child->key_loc,
		    "'%s' is no name of a header field",
		    diag_word(build->diags, child->key));
	return fine;
}

static bool
value_check(struct reader *r, const struct node *child, struct span value)
{
	const char *wrong = mail_field_wrong(child->key, value, content_how(r));

	if (span_chr(value, '\n') != SIZE_MAX ||
	    span_chr(value, '\r') != SIZE_MAX) {
		build_error(r->build, child, DIAG_ID_line_break,
		    "line break in a header field; it would end it");
		diag_hint(r->build->diags, "headers that are to be "
		    "broken are written in the text, or with write:");
		return false;
	}
	if (wrong == NULL)
		return true;
	build_error(r->build, child, DIAG_ID_bad_value, "this header field %s",
	    wrong);
	diag_hint(r->build->diags, "utf8: true keeps UTF-8 (SMTPUTF8), raw: "
	    "true every octet, and ${x|idna} makes the domain ASCII");
	return false;
}

/* attach makes these itself. */
static bool
mime_check(struct reader *r, const struct node *child)
{
	if (node_get(r->node, "attach") == NULL ||
	    (!span_eq_nocase(child->key, SPAN("Content-Type")) &&
	    !span_eq_nocase(child->key, SPAN("MIME-Version")) &&
	    !span_eq_nocase(child->key, SPAN("Content-Transfer-Encoding"))))
		return true;
	diag_error(r->build->diags, DIAG_ID_bad_value, child->key_loc,
	    "attach makes %.*s itself", SPAN_ARG(child->key));
	diag_hint(r->build->diags, "a MIME structure of your own is written "
	    "in the text");
	return false;
}

static bool
map_add(struct reader *r, const struct node *map)
{
	bool fine = true;

	if (!node_is_map(map)) {
		build_error(r->build, map, DIAG_ID_wrong_type,
		    "headers must be a map of names and values, or a list of "
		    "such maps, not %s", node_kind_name(map));
		return false;
	}
	for (const struct node *child = map->first; fine && child != NULL;
	    child = child->next) {
		struct span value;

		fine = content_bytes(r, child, &value) &&
		    name_check(r->build, child) && mime_check(r, child) &&
		    value_check(r, child, value);
		if (fine && !mail_field(child->key, value, content_how(r),
		    &r->fields))
			return content_too_long(r, child);
	}
	return fine;
}

/* A list keeps the order where a map has none (Lua), and may repeat a name. */
bool
content_headers(struct reader *r, const struct node *node)
{
	bool fine = true;

	if (node->kind != NODE_LIST || node->count == 0)
		return map_add(r, node);
	for (const struct node *child = node->first; fine && child != NULL;
	    child = child->next)
		fine = map_add(r, child);
	return fine;
}

/* A value of the run: the step is made when it is reached. `*now`: it is. */
static bool
fresh_asked(struct reader *r, const char *key, bool *now)
{
	const struct node *node = node_get(r->node, key);
	bool asked = false;

	*now = false;
	if (node != NULL && !build_bool(r->build, node, &asked))
		return false;
	r->has_fields = r->has_fields || asked;
	*now = asked && r->build->vars != NULL;
	if (asked && !*now)
		r->build->late = r->late = true;
	return true;
}

/* Dots between atoms, or a literal in brackets (RFC 5322 3.6.4, id-right). */
static bool
is_id_right(struct span text)
{
	bool literal = text.len > 2 && text.ptr[0] == '[' &&
	    span_ends(text, SPAN("]"));
	char before = '.';

	text = literal ? span_sub(text, 1, text.len - 2) : text;
	for (size_t i = 0; i < text.len; i++) {
		char octet = text.ptr[i];

		if (octet <= ' ' || octet > '~' || strchr(literal ? "[]\\" :
		    "()<>[]:;@\\,\"", octet) != NULL || (!literal &&
		    octet == '.' && before == '.'))
			return false;
		before = octet;
	}
	return text.len > 0 && (literal || before != '.');
}

/* What the client calls itself, where that makes an id; it may be told to say
 * anything in EHLO. */
static bool
id_right_add(struct span client, struct buf *value)
{
	struct buf  ascii = buf_new(LIMIT_EXPANDED);
	const char *why;
	bool        fine;

	if (idna_concerns(client) && idna_ascii(client, &ascii, &why))
		client = buf_span(&ascii);
	fine = buf_add(value, is_id_right(client) ? client :
	    SPAN("localhost"));
	buf_free(&ascii);
	return fine;
}

/* Of the run's seed, as ${random} is. */
static bool
id_make(struct reader *r, struct buf *value)
{
	const struct name *client = scope_find(r->build->scope,
	    SPAN("client"));
	bool fine = buf_add_octet(value, '<');

	for (int i = 0; i < IDS; i++)
		fine = vars_fresh(r->build->vars, FRESH_RANDOM, value) &&
		    buf_add_octet(value, i + 1 < IDS ? '.' : '@') && fine;
	return fine && id_right_add(client == NULL ? SPAN("localhost") :
	    client->text, value) && buf_add_octet(value, '>');
}

bool
content_fresh(struct reader *r)
{
	struct buf date = buf_new(LIMIT_EXPANDED), id = buf_new(LIMIT_EXPANDED);
	bool       dated, named, fine;

	if (!fresh_asked(r, "date", &dated) ||
	    !fresh_asked(r, "message_id", &named))
		return false;
	fine = (!dated || (vars_fresh(r->build->vars, FRESH_DATE, &date) &&
	    mail_field(SPAN("Date"), buf_span(&date), MAIL_RAW,
	    &r->fields))) && (!named || (id_make(r, &id) && mail_field(
	    SPAN("Message-ID"), buf_span(&id), MAIL_RAW, &r->fields)));
	buf_free(&date);
	buf_free(&id);
	return fine || content_too_long(r, r->node);
}
