/* Attachments: files below the scenario's folder, or texts of their own. */
#include "verb/content_own.h"

enum { ATTACH_MAX = 1000, NAME_OCTETS = 255, TYPE_OCTETS = 900 };

static bool
word_read(struct reader *r, const struct node *node, const char *what,
    size_t max, struct span *out)
{
	if (!content_bytes(r, node, out))
		return false;
	for (size_t i = 0; i < out->len; i++)
		if ((unsigned char)out->ptr[i] < ' ' || out->ptr[i] == 0x7f) {
			build_error(r->build, node, DIAG_ID_bad_value,
			    "a control character in the %s of an attachment",
			    what);
			return false;
		}
	if (out->len <= max)
		return true;
	build_error(r->build, node, DIAG_ID_limit,
	    "the %s of an attachment is longer than %zu octets", what, max);
	return false;
}

static bool
coding_read(struct reader *r, const struct node *node, enum mail_coding *out)
{
	struct span text;
	bool        late;

	if (!build_text(r->build, node, &text, &late))
		return false;
	for (int i = 0; i < MAIL_CODINGS; i++)
		if (late || span_is(text, mail_coding_words[i])) {
			*out = (enum mail_coding)i;
			return true;
		}
	build_error(r->build, node, DIAG_ID_bad_value,
	    "an encoding is base64, 8bit or binary, not '%s'",
	    diag_word(r->build->diags, text));
	return false;
}

/* What follows the last slash. */
static struct span
base_name(struct span path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.ptr[i - 1] == '/')
			return span_from(path, i);
	return path;
}

static bool
part_bytes(struct reader *r, const struct node *node, struct mail_part *part)
{
	const struct node *file = node_get(node, "file");
	const struct node *data = node_get(node, "data");
	struct span path;

	if ((file == NULL) == (data == NULL)) {
		build_error(r->build, node, DIAG_ID_bad_value,
		    "an attachment has either file or data");
		return false;
	}
	part->type = file != NULL ? SPAN("application/octet-stream") :
	    SPAN("text/plain; charset=utf-8");
	if (data != NULL)
		return content_bytes(r, data, &part->bytes);
	if (!content_file(r, file, &path, &part->bytes))
		return false;
	part->name = base_name(path);
	return true;
}

/* "text/csv; charset=utf-8": a type and a subtype (RFC 2045 5.1). */
static bool
type_read(struct reader *r, const struct node *node, struct span *out)
{
	struct span type;
	size_t      slash;
	bool        fine;

	if (!word_read(r, node, "type", TYPE_OCTETS, out))
		return false;
	type = span_trim(span_sub(*out, 0, span_chr(*out, ';')));
	slash = span_chr(type, '/');
	fine = slash != SIZE_MAX && slash > 0 && slash + 1 < type.len;
	for (size_t i = 0; fine && i < type.len; i++)
		fine = i == slash || (type.ptr[i] > ' ' && type.ptr[i] <= '~' &&
		    strchr("()<>@,;:\\\"/[]?=", type.ptr[i]) == NULL);
	if (fine || r->late || r->build->late || r->build->pending)
		return true;
	build_error(r->build, node, DIAG_ID_bad_value,
	    "'%s' is no type of an attachment",
	    diag_word(r->build->diags, *out));
	diag_hint(r->build->diags, "such as text/csv or application/pdf");
	return false;
}

static bool
part_read(struct reader *r, const struct node *node, struct mail_part *part)
{
	static const struct field fields[] = { { "file", false },
		{ "data", false }, { "name", false }, { "type", false },
		{ "encoding", false }, { NULL, false } };
	const struct node *key;
	bool fine;

	if (!build_keys(r->build, node, fields, "an attachment"))
		return false;
	fine = part_bytes(r, node, part);
	if ((key = node_get(node, "name")) != NULL)
		fine = word_read(r, key, "name", NAME_OCTETS, &part->name) &&
		    fine;
	if ((key = node_get(node, "type")) != NULL)
		fine = type_read(r, key, &part->type) && fine;
	if ((key = node_get(node, "encoding")) != NULL)
		fine = coding_read(r, key, &part->coding) && fine;
	return fine;
}

bool
content_attach(struct reader *r, const struct node *node)
{
	const struct node *list = build_resolve(r->build, node);
	const struct node *child = list->first;
	bool fine = true;

	if (list->kind != NODE_LIST || list->count == 0 ||
	    list->count > ATTACH_MAX) {
		build_error(r->build, list, DIAG_ID_wrong_type,
		    "attach must be a list of up to %d attachments, such as "
		    "[{ file: a.pdf }]", ATTACH_MAX);
		return false;
	}
	r->parts = arena_alloc(r->build->arena,
	    list->count * sizeof *r->parts);
	r->part_count = list->count;
	for (uint32_t i = 0; i < list->count; i++, child = child->next)
		fine = part_read(r, child, &r->parts[i]) && fine;
	return fine;
}
