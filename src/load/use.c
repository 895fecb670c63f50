/*
 * use: a defined dialogue, inlined. Inside it sees `with`, its own file's
 * parameters and variables, and the built-in names; what it captures comes
 * out, and must not overwrite a name of the dialogue around it.
 */
#include "load/loader.h"

#include "base/limits.h"

static const struct node *
define_find(const struct maker *maker, struct span name)
{
	for (size_t i = 0; i < 2; i++)
		for (const struct node *child = maker->defines[i] == NULL ?
		    NULL : maker->defines[i]->first; child != NULL;
		    child = child->next)
			if (span_eq(child->key, name))
				return child;
	return NULL;
}

static bool
unknown(struct maker *maker, const struct node *at, struct span name)
{
	const char *words[64];
	size_t      count = 0;

	build_error(&maker->build, at, DIAG_ID_unknown_define,
	    "no dialogue '%s' is defined", diag_word(maker->build.diags,
	    name));
	for (size_t i = 0; i < 2; i++)
		for (const struct node *child = maker->defines[i] == NULL ?
		    NULL : maker->defines[i]->first;
		    child != NULL && count < 64; child = child->next)
			words[count++] = arena_cstr(maker->build.arena,
			    child->key);
	diag_hint_nearest(maker->build.diags, name, words, count);
	return false;
}

/* What every file sees of the scenario that runs. */
static void
built_in_copy(struct maker *maker, struct scope *scope)
{
	static const char *const made[] = { "scenario", "row", "target.host",
		"target.port" };

	scope->up = &maker->loader->builtins;
	for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
		const struct name *there = scope_find(maker->names,
		    span_of(made[i]));
		struct name *copy = scope_add(scope, maker->build.arena,
		    span_of(made[i]), there->kind);

		copy->text = there->text;
	}
}

/* The names that a dialogue of that file sees: its parameters and vars. */
static const struct scope *
unit_scope(struct maker *maker, const struct node *at, struct unit *unit)
{
	struct visited *v = maker->program->visited;
	const struct node *params, *vars;
	struct scope *made;
	uint32_t files = 0;

	for (; v != NULL; v = v->next, files++)
		if (v->unit == unit)
			return &v->scope;
	if (files >= LIMIT_USE_FILES) {
		build_error(&maker->build, at, DIAG_ID_limit,
		    "more than %d files are used in one scenario",
		    LIMIT_USE_FILES);
		return NULL;
	}
	v = arena_alloc(maker->build.arena, sizeof *v);
	made = arena_alloc(maker->build.arena, sizeof *made);
	built_in_copy(maker, made);
	v->unit = unit;
	v->params.up = made;
	v->scope.up = &v->params;
	params = node_get(unit->root, "params");
	vars = node_get(unit->root, "vars");
	if (unit->pack != NULL && !params_read(maker->loader, unit->pack,
	    &v->params, &maker->program->missing))
		return NULL;
	if (params != NULL && !params_read(maker->loader, params, &v->params,
	    &maker->program->missing))
		return NULL;
	if (vars != NULL && !vars_read(maker, vars, &v->scope))
		return NULL;
	v->next = maker->program->visited;
	maker->program->visited = v;
	return &v->scope;
}

/* file.yaml#name: `maker` becomes one of the other file. */
static const struct node *
other_find(struct maker *maker, const struct node *at, struct span text,
    size_t hash)
{
	struct span path = span_sub(text, 0, hash);
	const struct node *found;

	if (path.len == 0 || hash + 1 == text.len) {
		build_error(&maker->build, at, DIAG_ID_unknown_define,
		    "want the name of a file and of a dialogue in it: "
		    "file.yaml#name");
		return NULL;
	}
	if (maker->loader->units.count >= LIMIT_SCENARIOS * 2) {
		build_error(&maker->build, at, DIAG_ID_limit,
		    "more than %d files are used", LIMIT_SCENARIOS * 2);
		return NULL;
	}
	maker->unit = unit_beneath(&maker->build, maker->unit, at, path);
	if (maker->unit == NULL)
		return NULL;
	if (maker->unit->root == NULL) {
		build_error(&maker->build, at, DIAG_ID_unknown_define,
		    "'%s' could not be loaded",
		    diag_word(maker->build.diags, path));
		return NULL;
	}
	maker->defines[0] = NULL;
	maker->defines[1] = node_get(maker->unit->root, "define");
	maker->base = unit_scope(maker, at, maker->unit);
	if (maker->base == NULL)
		return NULL;
	found = define_find(maker, span_from(text, hash + 1));
	if (found == NULL)
		(void)unknown(maker, at, span_from(text, hash + 1));
	return found;
}

/* `${x}` alone, of a value that the run gives: it is handed on by its slot. */
static const struct name *
handed_on(const struct scope *outside, const struct node *value)
{
	const struct name *name;

	if (value->kind != NODE_SCALAR ||
	    !span_starts(value->text, SPAN("${")) ||
	    span_chr(value->text, '}') != value->text.len - 1)
		return NULL;
	name = scope_find(outside, span_trim(span_sub(value->text, 2,
	    value->text.len - 3)));
	return name == NULL || name->kind == NAME_STATIC ? NULL : name;
}

static bool
with_value(struct build *reader, const struct node *child,
    struct scope *inside)
{
	const struct node *value = build_resolve(reader, child);
	const struct name *source = handed_on(reader->scope, value);
	struct name *name;
	struct span  text = { "", 0 };
	bool         late;

	reader->late = reader->pending = reader->secret = false;
	if (source == NULL && value->kind == NODE_SCALAR &&
	    !build_text(reader, value, &text, &late))
		return false;
	if (reader->late) {
		build_error(reader, value, DIAG_ID_bad_value,
		    "a value of the run can only be handed on alone: ${name}");
		diag_hint(reader->diags, "put it together with set: in the "
		    "step before");
		return false;
	}
	name = scope_add(inside, reader->arena, child->key, source != NULL ?
	    source->kind : reader->pending ? NAME_PENDING : NAME_STATIC);
	name->text = text;
	name->list = value->kind == NODE_SCALAR ? NULL : value;
	name->secret = reader->secret;
	if (source != NULL) {
		name->slot = source->slot;
		name->fresh = source->fresh;
		name->secret = source->secret;
	}
	return true;
}

static bool
with_read(struct maker *maker, const struct node *with,
    const struct scope *outside, struct scope *inside)
{
	struct build reader = maker->build;
	bool fine = true;

	if (with == NULL)
		return true;
	if (!node_is_map(with)) {
		build_error(&maker->build, with, DIAG_ID_wrong_type,
		    "with must be a map of names and values, not %s",
		    node_kind_name(with));
		return false;
	}
	reader.scope = outside;
	for (const struct node *child = with->first; child != NULL;
	    child = child->next) {
		if (name_built_in(maker->loader, child->key)) {
			diag_error(reader.diags, DIAG_ID_redefined,
			    child->key_loc, "'%s' is a built-in name",
			    diag_word(reader.diags, child->key));
			fine = false;
			continue;
		}
		if (name_check(reader.diags, child->key_loc, child->key,
		    "a value of with") && with_value(&reader, child, inside))
			continue;
		/* Its name is known: one error, not many. */
		(void)scope_add(inside, reader.arena, child->key,
		    NAME_PENDING);
		fine = false;
	}
	return fine;
}

static bool
no_packs(struct maker *maker, const struct node *at)
{
	build_error(&maker->build, at, DIAG_ID_unknown_define,
	    "packs are not supported by this version of quoth");
	return false;
}

static bool
cycle_check(struct maker *maker, const struct node *define,
    const struct node *at)
{
	for (const struct frame *f = maker->frame; f != NULL; f = f->up)
		if (f->define == define) {
			build_error(&maker->build, at, DIAG_ID_use_cycle,
			    "this dialogue uses itself");
			return false;
		}
	return true;
}

bool
use_expand(struct maker *maker, const struct node *node, struct items *out)
{
	const struct node *at = node_get(node, "use"), *define;
	struct maker  inner = *maker;
	struct frame *frame = arena_alloc(maker->build.arena, sizeof *frame);
	struct scope *with = arena_alloc(maker->build.arena, sizeof *with);
	struct span   text;
	size_t        hash;
	bool          fine;

	maker->build.pending = false;
	if (!build_word(&maker->build, at, "the dialogue's name", &text))
		return false;
	/* Which one depends on a value that is not given. */
	if (maker->build.pending) {
		maker->conns->unsure = true;
		return true;
	}
	hash = span_chr(text, '#');
	if (span_chr(text, ':') < hash)
		return no_packs(maker, at);
	if (hash == SIZE_MAX) {
		define = define_find(maker, text);
		if (define == NULL)
			return unknown(maker, at, text);
	} else {
		define = other_find(&inner, at, text, hash);
		if (define == NULL)
			return false;
	}
	if (!cycle_check(maker, define, at))
		return false;
	if (!round_count(maker, at))
		return false;
	with->up = inner.base;
	fine = with_read(maker, node_get(node, "with"), maker->build.scope,
	    with);
	frame->up = maker->frame;
	frame->define = define;
	frame->site = node;
	frame->captures = arena_alloc(maker->build.arena,
	    sizeof *frame->captures);
	frame->captures->up = with;
	inner.frame = frame;
	inner.build.scope = frame->captures;
	inner.depth++;
	fine = steps_expand(&inner, define, out) && fine;
	maker->build.late = inner.build.late;
	return fine;
}
