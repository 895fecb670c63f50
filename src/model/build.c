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
	diag_error(build->diags, DIAG_ID_unknown_key, child->key_loc,
	    "unknown key '%.*s' in %s", SPAN_ARG(child->key), what);
	/* { because: slow, and old }: a key without a value. */
	if (child->flow && child->kind == NODE_SCALAR && child->absent &&
	    span_nearest(child->key, words, count) == NULL)
		diag_hint(build->diags, "a comma inside { } begins a new key; "
		    "a text with a comma needs quotes");
	else
		diag_hint_nearest(build->diags, child->key, words, count);
}

bool
build_keys(struct build *build, const struct node *map,
    const struct field *fields, const char *what)
{
	bool fine = true;

	if (map->kind != NODE_MAP) {
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

static bool
name_text(struct build *build, const struct name *name, struct span *text)
{
	if (name->kind == NAME_STATIC && name->list == NULL) {
		*text = name->text;
		return true;
	}
	return name->kind == NAME_SLOT && build->vars != NULL &&
	    vars_get(build->vars, name->slot, text);
}

const struct node *
build_resolve(struct build *build, const struct node *node)
{
	struct span in = node->text, text;
	const struct name *name;
	bool   splits;

	if (node->kind != NODE_SCALAR || !span_starts(in, SPAN("${")) ||
	    span_chr(in, '}') != in.len - 1)
		return node;
	in = span_sub(in, 2, in.len - 3);
	splits = span_ends(in, SPAN("|split"));
	if (splits)
		in.len -= 6;
	name = scope_find(build->scope, in);
	if (name == NULL)
		return node;
	if (!splits)
		return name->kind == NAME_STATIC && name->list != NULL ?
		    name->list : node;
	if (name_text(build, name, &text))
		return split_list(build, node, text);
	if (name->kind == NAME_SLOT)
		build->late = true;
	return node;
}

static bool
want_scalar(struct build *build, const struct node *node)
{
	if (node->kind != NODE_SCALAR) {
		build_error(build, node, DIAG_ID_wrong_type,
		    "want a single value here, not %s", node_kind_name(node));
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
	if (build->vars != NULL && !template.pending)
		return expand_now(build, node, &template, out);
	build->late = true;
	*late = true;
	return true;
}

bool
build_text(struct build *build, const struct node *node, struct span *out,
    bool *late)
{
	if (node->kind == NODE_SCALAR &&
	    span_chr(node->text, '$') == SIZE_MAX) {
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
	bool late;

	if (!build_text(build, node, out, &late))
		return false;
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

bool
build_bool(struct build *build, const struct node *node, bool *out)
{
	struct span text;
	bool        late;

	*out = false;
	if (!build_text(build, node, &text, &late))
		return false;
	if (late)
		return true;
	*out = span_is(text, "true");
	if (*out || span_is(text, "false"))
		return true;
	build_error(build, node, DIAG_ID_wrong_type,
	    "want true or false, not '%.*s'", SPAN_ARG(text));
	return false;
}

bool
build_u32(struct build *build, const struct node *node, uint32_t min,
    uint32_t max, uint32_t *out)
{
	struct span text;
	uint64_t    value;
	bool        late;

	*out = min;
	if (!build_text(build, node, &text, &late))
		return false;
	if (late)
		return true;
	if (!span_u64(text, &value) || value < min || value > max) {
		build_error(build, node, DIAG_ID_bad_value,
		    "want a whole number from %u to %u, not '%.*s'", min, max,
		    SPAN_ARG(text));
		return false;
	}
	*out = (uint32_t)value;
	return true;
}

/* "12" or "1.5" in thousandths; the rest is the unit. */
static bool
number_cut(struct span text, uint64_t *milli, struct span *unit)
{
	size_t      at = 0, dot;
	struct span whole, part;
	uint64_t    value, scale = 100;

	while (at < text.len && ((text.ptr[at] >= '0' && text.ptr[at] <= '9') ||
	    text.ptr[at] == '.'))
		at++;
	*unit = span_from(text, at);
	text.len = at;
	dot = span_chr(text, '.');
	whole = dot == SIZE_MAX ? text : span_sub(text, 0, dot);
	part = dot == SIZE_MAX ? SPAN("0") : span_from(text, dot + 1);
	if (!span_u64(whole, &value) || value > UINT64_MAX / 4000 ||
	    part.len == 0 || part.len > 3)
		return false;
	*milli = value * 1000;
	for (size_t i = 0; i < part.len; i++, scale /= 10) {
		if (part.ptr[i] < '0' || part.ptr[i] > '9')
			return false;
		*milli += (uint64_t)(part.ptr[i] - '0') * scale;
	}
	return true;
}

struct unit { const char *name; uint64_t size; };

static bool
scale_parse(struct span text, const struct unit *units, uint64_t max,
    uint64_t *out)
{
	struct span unit;
	uint64_t    milli;

	if (!number_cut(text, &milli, &unit))
		return false;
	for (; units->name != NULL; units++)
		if (span_is(unit, units->name)) {
			if (milli > max / units->size * 1000)
				return false;
			*out = milli * units->size / 1000;
			return *out <= max;
		}
	return false;
}

bool
duration_parse(struct span text, uint32_t *ms)
{
	static const struct unit units[] = { { "ms", 1 }, { "s", 1000 },
		{ "m", 60000 }, { "h", 3600000 }, { NULL, 0 } };
	uint64_t value;

	if (!scale_parse(text, units, INT32_MAX, &value))
		return false;
	*ms = (uint32_t)value;
	return true;
}

bool
size_parse(struct span text, uint64_t *octets)
{
	static const struct unit units[] = { { "", 1 }, { "B", 1 },
		{ "KiB", 1024 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 },
		{ "KB", 1000 }, { "MB", 1000000 }, { "GB", 1000000000 },
		{ NULL, 0 } };

	return scale_parse(text, units, UINT64_C(1) << 40, octets);
}

bool
build_ms(struct build *build, const struct node *node, uint32_t *out)
{
	struct span text;
	bool        late;

	*out = 0;
	if (!build_text(build, node, &text, &late))
		return false;
	if (late || duration_parse(text, out))
		return true;
	build_error(build, node, DIAG_ID_bad_duration,
	    "bad duration '%.*s'", SPAN_ARG(text));
	diag_hint(build->diags, "a number and a unit: 250ms, 10s, 2m, 1h");
	return false;
}

bool
build_size(struct build *build, const struct node *node, uint64_t max,
    uint64_t *out)
{
	struct span text;
	bool        late;

	*out = 0;
	if (!build_text(build, node, &text, &late))
		return false;
	if (late)
		return true;
	if (!size_parse(text, out)) {
		build_error(build, node, DIAG_ID_bad_size, "bad size '%.*s'",
		    SPAN_ARG(text));
		diag_hint(build->diags,
		    "a number and a unit: 512, 10KiB, 1MiB");
		return false;
	}
	if (*out > max) {
		build_error(build, node, DIAG_ID_limit,
		    "%.*s is more than the limit of %llu octets",
		    SPAN_ARG(text), (unsigned long long)max);
		return false;
	}
	return true;
}
