/*
 * A file to its scenarios: one, a list of them, and a row each of a table.
 * Each becomes a program of its own.
 */
#include "load/loader.h"

#include "base/limits.h"
#include "load/text_check.h"

const struct field scenario_fields[] = { { "quoth", false },
	{ "name", false }, { "about", false }, { "tags", false },
	{ "protocol", false }, { "target", false }, { "params", false },
	{ "vars", false }, { "needs", false }, { "timeout", false },
	{ "each", false }, { "retry", false }, { "on_fail", false },
	{ "steps", false }, { "always", false }, { "define", false },
	{ "scenarios", false }, { "serial", false }, { "lock", false },
	{ "only", false }, { "skip", false }, { "xfail", false },
	{ "flaws", false }, { NULL, false } };

/* What is common to all rows of one scenario. */
struct draft {
	struct loader     *loader;
	struct unit       *unit;
	const struct node *from[2];     /* the scenario's map or NULL, file's */
	struct scope      *scope;       /* parameters */
	const struct missing *missing;
	struct endpoint   *target;
	const struct proto *proto;
	struct span        name;
};

static struct build
build_of(const struct draft *draft, const struct scope *scope)
{
	struct loader *loader = draft->loader;

	return (struct build){ .arena = &loader->arena,
	    .diags = &loader->diags, .scope = scope, .proto = draft->proto,
	    .regexes = loader->regexes, .target = draft->target,
	    .family = loader->options.family, .declare = name_declare,
	    .read_file = unit_read_file };
}

/* The command line's target comes first, then the scenario's. */
static bool
target_read(struct draft *draft)
{
	const struct node *node = key_find(draft->from, "target");
	struct build  build = build_of(draft, draft->scope);
	struct span   url;
	struct fault  fault;
	bool          late;

	if (draft->loader->options.target != NULL) {
		draft->target = arena_alloc(build.arena,
		    sizeof *draft->target);
		*draft->target = *draft->loader->options.target;
	}
	if (node == NULL)
		return true;
	if (!build_text(&build, node, &url, &late))
		return false;
	if (late || draft->target != NULL)
		return true;
	draft->target = arena_alloc(build.arena, sizeof *draft->target);
	if (endpoint_parse(url, build.arena, draft->target, &fault) &&
	    !draft->target->embedded)
		return true;
	if (!draft->target->embedded)
		build_error(&build, node, DIAG_ID_bad_target, "%s",
		    fault.text);
	else if (draft->loader->options.checking)
		return true;
	else
		build_error(&build, node, DIAG_ID_bad_target, "the embedded "
		    "server is chosen on the command line: -t embedded");
	return false;
}

static bool
proto_read(struct draft *draft)
{
	const struct node *node = key_find(draft->from, "protocol");
	const char  *words[16];
	size_t       count = 0;
	struct span  name = SPAN("smtp");
	struct build build = build_of(draft, draft->scope);

	if (draft->target != NULL && draft->target->proto != NULL)
		name = span_of(draft->target->proto);
	if (node != NULL && !build_word(&build, node, "protocol", &name))
		return false;
	draft->proto = proto_find(name);
	if (draft->proto != NULL)
		return true;
	while (proto_rows[count] != NULL && count < 16) {
		words[count] = proto_rows[count]->name;
		count++;
	}
	build_error(&build, node, DIAG_ID_bad_value,
	    "the protocol '%.*s' is not known", SPAN_ARG(name));
	diag_hint_nearest(&draft->loader->diags, name, words, count);
	return false;
}

static bool
name_read(struct draft *draft)
{
	const struct node *node = draft->from[0] == NULL ?
	    node_get(draft->from[1], "name") : node_get(draft->from[0], "name");
	const char  *slash = strrchr(draft->unit->file.name, '/');
	struct span  stem = span_of(slash == NULL ? draft->unit->file.name :
	    slash + 1);
	struct build build = build_of(draft, draft->scope);

	while (stem.len > 1 && stem.ptr[stem.len - 1] != '.')
		stem.len--;
	if (stem.len > 1)
		stem.len--;
	draft->name = stem;
	if (node == NULL && draft->from[0] != NULL) {
		build_error(&build, draft->from[0], DIAG_ID_missing_key,
		    "each of several scenarios needs a name");
		return false;
	}
	if (node == NULL)
		return true;
	if (node->kind == NODE_SCALAR && !yaml_check_text(node, TEXT_LINE,
	    build.diags))
		return false;
	return build_word(&build, node, "the name", &draft->name);
}

static bool
defaults_read(struct maker *maker, const struct draft *draft)
{
	const struct node *key;
	struct span  text;
	bool         late;

	if ((key = key_find(draft->from, "flaws")) != NULL) {
		maker->flaws_given = true;
		if (!flaws_read(&maker->build, key, &maker->flaws))
			return false;
	}
	if ((key = key_find(draft->from, "on_fail")) == NULL)
		return true;
	if (!build_text(&maker->build, key, &text, &late))
		return false;
	maker->go_on = span_is(text, "continue");
	if (maker->go_on || span_is(text, "stop"))
		return true;
	build_error(&maker->build, key, DIAG_ID_bad_value,
	    "on_fail is stop or continue, not '%.*s'", SPAN_ARG(text));
	return false;
}

static void
static_name(struct scope *scope, struct arena *arena, const char *name,
    struct span text)
{
	scope_add(scope, arena, span_of(name), NAME_STATIC)->text = text;
}

static struct scope *
row_scope(const struct draft *draft, const struct row *row,
    const struct scenario *scenario)
{
	struct arena *arena = &draft->loader->arena;
	struct scope *scope = arena_alloc(arena, sizeof *scope);

	scope->up = row == NULL ? draft->scope : row->scope;
	static_name(scope, arena, "scenario", scenario->title);
	static_name(scope, arena, "row", scenario->row);
	return scope;
}

/* What a dialogue does with capabilities that nobody will ever announce. */
static bool
dialogue_expand(struct maker *maker, const struct draft *draft,
    struct scenario *out)
{
	const struct node *steps = key_find(draft->from, "steps");
	const struct node *always = key_find(draft->from, "always");
	struct program *program = maker->program;
	bool fine;

	if (steps == NULL) {
		build_error(&maker->build, draft->from[0] == NULL ?
		    draft->from[1] : draft->from[0], DIAG_ID_no_steps,
		    "a scenario needs steps");
		return false;
	}
	fine = steps_expand(maker, steps, &program->steps);
	if (always != NULL) {
		maker->always = true;
		fine = steps_expand(maker, always, &program->always) && fine;
	}
	if (fine && program->steps.first == NULL) {
		build_error(&maker->build, steps, DIAG_ID_no_steps,
		    "a scenario without a step checks nothing");
		return false;
	}
	out->conns = maker->conns->names;
	out->conn_count = maker->conns->count;
	return fine;
}

static bool
scenario_keep(struct draft *draft, struct scenario *scenario)
{
	struct loader *loader = draft->loader;

	if (!map_add(&loader->ids, scenario->id, scenario)) {
		diag_error(&loader->diags, DIAG_ID_duplicate_id,
		    scenario->loc, "'%.*s' is reported already: names and "
		    "rows must differ", SPAN_ARG(scenario->title));
		return false;
	}
	if (loader->count >= loader->options.scenarios_max) {
		diag_error(&loader->diags, DIAG_ID_limit, scenario->loc,
		    "more than %u scenarios (--max-scenarios)",
		    loader->options.scenarios_max);
		return false;
	}
	if (loader->count == loader->cap) {
		uint32_t cap = loader->cap == 0 ? 64 : loader->cap * 2;
		const struct scenario **more = arena_alloc(&loader->arena,
		    cap * sizeof *more);

		if (loader->count > 0)
			memcpy(more, loader->scenarios,
			    loader->count * sizeof *more);
		loader->scenarios = more;
		loader->cap = cap;
	}
	loader->scenarios[loader->count++] = scenario;
	return true;
}

static void
scenario_name(struct draft *draft, const struct row *row,
    struct scenario *out)
{
	struct arena *arena = &draft->loader->arena;
	const char   *path = draft->unit->file.name;

	out->name = draft->name;
	out->title = draft->name;
	out->row = (struct span){ "", 0 };
	if (row != NULL) {
		out->row = row->id;
		out->title = span_of(arena_printf(arena, "%.*s [%.*s]",
		    SPAN_ARG(draft->name), SPAN_ARG(row->id)));
	}
	out->path = path;
	out->id = span_of(arena_printf(arena, "%s#%.*s", path,
	    SPAN_ARG(out->title)));
}

static bool
scenario_make(void *who, const struct row *row)
{
	struct draft    *draft = who;
	struct arena    *arena = &draft->loader->arena;
	struct scenario *out = arena_alloc(arena, sizeof *out);
	struct maker    *maker = arena_alloc(arena, sizeof *maker);
	struct frame    *frame = arena_alloc(arena, sizeof *frame);
	uint32_t        *counts = arena_alloc(arena, 2 * sizeof *counts);
	const struct node *vars = key_find(draft->from, "vars");
	const struct node *at = draft->from[0] == NULL ? draft->from[1] :
	    draft->from[0];
	struct scope    *names;

	*out = (struct scenario){ .loc = at->loc, .proto = draft->proto,
	    .target = draft->target, .missing = draft->missing,
	    .timeout_ms = LIMIT_REPLY_MS, .limit_ms = LIMIT_SCENARIO_MS,
	    .open = program_open };
	scenario_name(draft, row, out);
	names = row_scope(draft, row, out);
	*maker = (struct maker){ .build = build_of(draft, names),
	    .loader = draft->loader, .unit = draft->unit, .frame = frame,
	    .slots = &counts[0], .steps = &counts[1], .base = names,
	    .defines = { draft->from[0] == NULL ? NULL :
	    node_get(draft->from[0], "define"),
	    node_get(draft->from[1], "define") } };
	counts[0] = SLOT_OWN;
	maker->build.mentions = &out->mentions;
	maker->build.wants_target = &out->wants_target;
	maker->program = arena_alloc(arena, sizeof *maker->program);
	maker->conns = arena_alloc(arena, sizeof *maker->conns);
	maker->conns->names[maker->conns->count++] = SPAN("main");
	if (vars != NULL && !vars_read(maker, vars, names))
		return false;
	frame->captures = arena_alloc(arena, sizeof *frame->captures);
	frame->captures->up = names;
	maker->build.scope = frame->captures;
	out->program = maker->program;
	if (!defaults_read(maker, draft))
		return false;
	out->flaws = maker->flaws;
	out->flaws_given = maker->flaws_given;
	if (!keys_read(maker, draft->from, out) ||
	    !dialogue_expand(maker, draft, out))
		return false;
	out->slot_count = counts[0];
	return scenario_keep(draft, out);
}

static void
target_names(struct draft *draft)
{
	struct arena *arena = &draft->loader->arena;
	struct scope *scope = arena_alloc(arena, sizeof *scope);
	const struct endpoint *target = draft->target;

	scope->up = draft->scope;
	draft->scope = scope;
	if (target == NULL || target->host == NULL) {
		scope_add(scope, arena, SPAN("target.host"), NAME_PENDING);
		scope_add(scope, arena, SPAN("target.port"), NAME_PENDING);
		return;
	}
	static_name(scope, arena, "target.host", span_of(target->host));
	static_name(scope, arena, "target.port",
	    span_of(arena_printf(arena, "%u", target->port)));
}

static bool
params_of(struct draft *draft, const struct node *map)
{
	const struct node *params = map == NULL ? NULL :
	    node_get(map, "params");

	return params == NULL || params_read(draft->loader, params,
	    draft->scope, &draft->missing);
}

/* One scenario of the file, or the file itself (`map` NULL). */
static void
draft_expand(struct loader *loader, struct unit *unit, const struct node *map)
{
	struct draft draft = { .loader = loader, .unit = unit,
	    .from = { map, unit->root } };
	struct maker maker = { .loader = loader, .unit = unit };
	const struct node *each = key_find(draft.from, "each");

	draft.scope = arena_alloc(&loader->arena, sizeof *draft.scope);
	draft.scope->up = &loader->builtins;
	if (unit->pack != NULL && !params_read(loader, unit->pack,
	    draft.scope, &draft.missing))
		return;
	if (!params_of(&draft, unit->root) || !params_of(&draft, map) ||
	    !target_read(&draft) || !proto_read(&draft) || !name_read(&draft))
		return;
	target_names(&draft);
	if (each == NULL) {
		(void)scenario_make(&draft, NULL);
		return;
	}
	maker.build = build_of(&draft, draft.scope);
	(void)each_expand(&maker, each, scenario_make, &draft);
}

static bool
version_check(struct loader *loader, const struct unit *unit)
{
	const struct node *version = node_get(unit->root, "quoth");

	if (version->kind != NODE_SCALAR || !span_is(version->text, "1")) {
		diag_error(&loader->diags, DIAG_ID_bad_value, version->loc,
		    "this version of quoth reads format 1: want 'quoth: 1'");
		return false;
	}
	if (!span_is(unit->root->first->key, "quoth")) {
		diag_error(&loader->diags, DIAG_ID_key_form, version->key_loc,
		    "'quoth: 1' must be the first key of the file");
		return false;
	}
	return true;
}

static void
list_expand(struct loader *loader, struct unit *unit,
    const struct node *list)
{
	struct build build = { .arena = &loader->arena,
	    .diags = &loader->diags, .scope = &loader->builtins };

	if (list->kind != NODE_LIST) {
		diag_error(&loader->diags, DIAG_ID_wrong_type, list->loc,
		    "scenarios must be a list of scenarios");
		return;
	}
	if (node_get(unit->root, "steps") != NULL)
		diag_error(&loader->diags, DIAG_ID_bad_value, list->key_loc,
		    "a file has steps or scenarios, not both");
	for (const struct node *map = list->first; map != NULL;
	    map = map->next) {
		/* Behind `quoth`, which only a file has. */
		if (build_keys(&build, map, scenario_fields + 1,
		    "a scenario"))
			draft_expand(loader, unit, map);
		if (loader->diags.errors > LIMIT_DIAGS)
			return;
	}
}

void
unit_scenarios(struct loader *loader, struct unit *unit)
{
	struct build build = { .arena = &loader->arena,
	    .diags = &loader->diags, .scope = &loader->builtins };
	const struct node *list = node_get(unit->root, "scenarios");
	bool fine = version_check(loader, unit);

	fine = build_keys(&build, unit->root, scenario_fields, "the file") &&
	    fine;
	if (list != NULL)
		list_expand(loader, unit, list);
	else if (node_get(unit->root, "steps") != NULL ||
	    node_get(unit->root, "define") == NULL)
		draft_expand(loader, unit, NULL);
	(void)fine;
}
