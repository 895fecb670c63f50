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
	    "no dialogue '%.*s' is defined", SPAN_ARG(name));
	for (size_t i = 0; i < 2; i++)
		for (const struct node *child = maker->defines[i] == NULL ?
		    NULL : maker->defines[i]->first;
		    child != NULL && count < 64; child = child->next)
			words[count++] = arena_cstr(maker->build.arena,
			    child->key);
	diag_hint_nearest(maker->build.diags, name, words, count);
	return false;
}

/* The names that a dialogue of that file sees: its parameters and vars. */
static const struct scope *
unit_scope(struct maker *maker, struct unit *unit)
{
	struct visited *v = maker->program->visited;
	const struct missing *missing = NULL;
	const struct node *params, *vars;

	for (; v != NULL; v = v->next)
		if (v->unit == unit)
			return &v->scope;
	v = arena_alloc(maker->build.arena, sizeof *v);
	v->unit = unit;
	v->scope.up = &maker->loader->builtins;
	params = node_get(unit->root, "params");
	vars = node_get(unit->root, "vars");
	if (params != NULL && !params_read(maker->loader, params, &v->scope,
	    &missing))
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
	const char *path;
	const struct node *found;

	if (span_chr(text, ':') < hash) {
		build_error(&maker->build, at, DIAG_ID_unknown_define,
		    "packs are not supported by this version of quoth");
		return NULL;
	}
	if (!unit_path(&maker->build, maker->unit, at, span_sub(text, 0, hash),
	    &path))
		return NULL;
	if (maker->loader->units.count >= LIMIT_SCENARIOS) {
		build_error(&maker->build, at, DIAG_ID_limit,
		    "more than %d files are used", LIMIT_SCENARIOS);
		return NULL;
	}
	maker->unit = unit_open(maker->loader, path, false);
	if (maker->unit == NULL || maker->unit->root == NULL) {
		build_error(&maker->build, at, DIAG_ID_unknown_define,
		    "'%s' could not be loaded", path);
		return NULL;
	}
	maker->defines[0] = NULL;
	maker->defines[1] = node_get(maker->unit->root, "define");
	maker->base = unit_scope(maker, maker->unit);
	if (maker->base == NULL)
		return NULL;
	found = define_find(maker, span_from(text, hash + 1));
	if (found == NULL)
		(void)unknown(maker, at, span_from(text, hash + 1));
	return found;
}

static bool
with_read(struct maker *maker, const struct node *with,
    const struct scope *outside, struct scope *inside)
{
	struct build reader = maker->build;

	if (with == NULL)
		return true;
	if (with->kind != NODE_MAP) {
		build_error(&maker->build, with, DIAG_ID_wrong_type,
		    "with must be a map of names and values");
		return false;
	}
	reader.scope = outside;
	for (const struct node *child = with->first; child != NULL;
	    child = child->next) {
		const struct node *value = build_resolve(&reader, child);
		struct name *name;
		struct span  text = { "", 0 };
		const struct name *source;

		/* A value of the run is handed on by its slot. */
		if (value->kind == NODE_SCALAR && span_starts(value->text,
		    SPAN("${")) && span_ends(value->text, SPAN("}"))) {
			source = scope_find(outside, span_sub(value->text, 2,
			    value->text.len - 3));
			if (source != NULL && source->kind != NAME_STATIC) {
				name = scope_add(inside, maker->build.arena,
				    child->key, source->kind);
				name->slot = source->slot;
				name->fresh = source->fresh;
				continue;
			}
		}
		if (value->kind == NODE_SCALAR &&
		    !build_word(&reader, value, "a value of with", &text))
			return false;
		name = scope_add(inside, maker->build.arena, child->key,
		    NAME_STATIC);
		name->text = text;
		name->list = value->kind == NODE_SCALAR ? NULL : value;
	}
	return true;
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

	if (!build_word(&maker->build, at, "the dialogue's name", &text))
		return false;
	hash = span_chr(text, '#');
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
	with->up = inner.base;
	if (!with_read(maker, node_get(node, "with"), maker->build.scope,
	    with))
		return false;
	frame->up = maker->frame;
	frame->define = define;
	frame->site = node;
	frame->captures = arena_alloc(maker->build.arena,
	    sizeof *frame->captures);
	frame->captures->up = with;
	inner.frame = frame;
	inner.build.scope = frame->captures;
	inner.depth++;
	if (!steps_expand(&inner, define, out))
		return false;
	maker->build.late = inner.build.late;
	return true;
}
