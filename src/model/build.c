/* The typed readers. The field decides the type, never YAML. */
#include "model/build.h"

#include "base/limits.h"

enum { WORDS_MAX = 64 };

void
build_error(struct build *build, const struct node *at, enum diag_id id,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_error(build->diags, id, at->loc, "%s",
	    arena_vprintf(&build->diags->arena, format, args));
	va_end(args);
	if (id == DIAG_ID_missing_value && at->kind == NODE_SCALAR &&
	    at->absent && at->key.len > 0 && at->style == STYLE_SCRIPT)
		diag_hint(build->diags, "nothing was given");
	else if (id == DIAG_ID_missing_value && at->kind == NODE_SCALAR &&
	    at->absent && at->key.len > 0)
		diag_hint(build->diags, "it stands behind '%s:', or in lines "
		    "below that are indented further",
		    diag_word(build->diags, at->key));
}

/* A letter of another alphabet that looks like ours. */
static bool
stranger_find(struct span word, uint32_t *point)
{
	for (size_t at = 0; at < word.len;) {
		size_t len = span_utf8(span_from(word, at), point);

		if (len != 1)
			return len > 1;
		at += len;
	}
	return false;
}

void
build_unknown_key(struct build *build, const struct node *child,
    const char *what, const char *const *words, size_t count)
{
	uint32_t point;

	diag_error(build->diags, DIAG_ID_unknown_key, child->key_loc,
	    "unknown key '%s' in %s", diag_word(build->diags, child->key),
	    what);
	/* { because: slow, and old }: a key without a value. */
	if (child->flow && child->kind == NODE_SCALAR && child->absent)
		diag_hint(build->diags, "a comma inside { } begins a new key; "
		    "a text with a comma needs quotes");
	diag_hint_nearest(build->diags, child->key, words, count);
	if (stranger_find(child->key, &point))
		diag_hint(build->diags, "it holds U+%04X, which is no ASCII "
		    "letter however it looks", point);
}

static void
unknown_key(struct build *build, const struct node *child,
    const struct field *fields, const char *what)
{
	const char *words[WORDS_MAX];
	size_t      count = 0;

	while (fields[count].name != NULL && count < WORDS_MAX) {
		words[count] = fields[count].name;
		count++;
	}
	build_unknown_key(build, child, what, words, count);
}

bool
build_keys(struct build *build, const struct node *map,
    const struct field *fields, const char *what)
{
	bool fine = true;

	if (!node_is_map(map)) {
		build_error(build, map, DIAG_ID_wrong_type,
		    "%s must be a map of keys, not %s", what,
		    node_kind_name(map));
		return false;
	}
	for (const struct node *child = map->first; child != NULL;
	    child = child->next) {
		const struct field *field = fields;

		while (field->name != NULL && !span_is(child->key, field->name))
			field++;
		if (field->name == NULL) {
			unknown_key(build, child, fields, what);
			fine = false;
		}
	}
	for (const struct field *field = fields; field->name != NULL; field++)
		if (field->needed && node_get(map, field->name) == NULL) {
			build_error(build, map, DIAG_ID_missing_key,
			    "%s needs the key '%s'", what, field->name);
			fine = false;
		}
	return fine;
}

/* The words of `${x|split}` as a list, each with the place of the whole. */
static const struct node *
split_list(struct build *build, const struct node *node, struct span text)
{
	struct node *list = arena_alloc(build->arena, sizeof *list);
	struct node *last = NULL;
	struct span  word;

	*list = *node;
	list->kind = NODE_LIST;
	list->first = NULL;
	list->count = 0;
	while (span_word(&text, " \t\r\n", &word)) {
		struct node *child;

		if (word.len == 0)
			continue;
		child = arena_alloc(build->arena, sizeof *child);
		*child = *node;
		child->next = NULL;
		child->text = arena_copy(build->arena, word);
		node_append(list, &last, child);
	}
	return list;
}

/* `${x|split}`, also behind other filters: its words as a list. */
static const struct node *
split_resolve(struct build *build, const struct node *node, struct span inside,
    size_t bar)
{
	struct node whole = *node;
	struct span text;
	bool        late;

	whole.text = span_of(arena_printf(build->arena, "${%.*s}",
	    SPAN_ARG(span_sub(inside, 0, bar))));
	/* An error is found again, and said, when the node is read. */
	if (!build_bytes(build, &whole, TEMPLATE_TEXT, &text, &late) || late)
		return node;
	return split_list(build, node, text);
}

const struct node *
build_resolve(struct build *build, const struct node *node)
{
	struct span in = node->text;
	const struct name *name;
	size_t bar;

	if (node->kind != NODE_SCALAR || node->literal ||
	    !span_starts(in, SPAN("${")) ||
	    span_chr(in, '}') != in.len - 1)
		return node;
	in = span_sub(in, 2, in.len - 3);
	bar = in.len;
	while (bar > 0 && in.ptr[bar - 1] != '|')
		bar--;
	if (bar > 0 && span_is(span_trim(span_from(in, bar)), "split"))
		return split_resolve(build, node, in, bar - 1);
	name = scope_find(build->scope, span_trim(in));
	if (name == NULL || name->kind != NAME_STATIC || name->list == NULL)
		return node;
	return name->list;
}

static bool
want_scalar(struct build *build, const struct node *node)
{
	if (node->kind != NODE_SCALAR) {
		build_error(build, node, DIAG_ID_wrong_type,
		    "want a single value here, not %s", node_kind_name(node));
		if (build->quote != NULL)
			build->quote(node, build->diags);
		return false;
	}
	return true;
}

static bool
expand_now(struct build *build, const struct node *node,
    const struct template *template, struct span *out)
{
	struct buf   buf = buf_new(LIMIT_SCALAR);
	struct fault fault;
	bool         fine;

	fine = template_expand(template, build->vars, &buf, &fault);
	if (fine)
		*out = arena_copy(build->arena, buf_span(&buf));
	else
		build_error(build, node, DIAG_ID_template, "%s", fault.text);
	buf_free(&buf);
	return fine;
}

bool
build_bytes(struct build *build, const struct node *node,
    enum template_mode mode, struct span *out, bool *late)
{
	struct template template;

	*late = false;
	*out = (struct span){ "", 0 };
	if (!want_scalar(build, node) ||
	    !template_parse(build, node, mode, &template))
		return false;
	if (template_constant(&template)) {
		*out = template_bytes(&template);
		return true;
	}
	*late = true;
	if (template.pending) {
		build->pending = true;
		return true;
	}
	if (build->vars != NULL) {
		*late = false;
		return expand_now(build, node, &template, out);
	}
	build->late = true;
	return true;
}

bool
build_text(struct build *build, const struct node *node, struct span *out,
    bool *late)
{
	if (node->kind == NODE_SCALAR && (node->literal ||
	    span_chr(node->text, '$') == SIZE_MAX)) {
		build->secret |= node->secret;
		*late = false;
		*out = node->text;
		return true;
	}
	return build_bytes(build, node, TEMPLATE_TEXT, out, late);
}

bool
build_word(struct build *build, const struct node *node, const char *what,
    struct span *out)
{
	bool late, late_before = build->late, pending_before = build->pending;

	build->late = build->pending = false;
	if (!build_text(build, node, out, &late))
		return false;
	late = build->late;
	if (build->pending)
		*out = node->text;
	build->late = late_before;
	build->pending = build->pending || pending_before;
	if (late) {
		build_error(build, node, DIAG_ID_bad_value,
		    "%s must be known before the dialogue starts", what);
		return false;
	}
	if (out->len == 0) {
		build_error(build, node, DIAG_ID_missing_value,
		    "%s must not be empty", what);
		return false;
	}
	return true;
}
