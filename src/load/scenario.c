/*
 * One row of one scenario becomes a program of its own: names, variables, keys,
 * steps.
 */
#include "load/draft.h"

#include "base/limits.h"

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
	if (late || maker->go_on || span_is(text, "stop"))
		return true;
	build_error(&maker->build, key, DIAG_ID_bad_value,
	    "on_fail is stop or continue, not '%s'",
	    diag_word(maker->build.diags, text));
	return false;
}

static struct scope *
row_scope(const struct draft *draft, const struct row *row,
    const struct scenario *scenario)
{
	struct arena *arena = &draft->loader->arena;
	struct scope *scope = arena_alloc(arena, sizeof *scope);

	scope->up = row == NULL ? draft->scope : row->scope;
	scope_add_text(scope, arena, "scenario", scenario->title);
	scope_add_text(scope, arena, "row", scenario->row);
	return scope;
}

static bool
dialogue_expand(struct maker *maker, const struct draft *draft,
    struct scenario *out)
{
	const struct node *steps = key_find(draft->from, "steps");
	const struct node *run = key_find(draft->from, "run");
	const struct node *always = key_find(draft->from, "always");
	struct program *program = maker->program;
	bool fine;

	if (run != NULL) {
		fine = computed_make(maker, run, out);
		if (steps != NULL)
			build_error(&maker->build, steps, DIAG_ID_bad_value,
			    "a scenario has run or steps, not both");
		fine = fine && steps == NULL;
	} else if (steps == NULL) {
		build_error(&maker->build, draft->from[0] == NULL ?
		    draft->from[1] : draft->from[0], DIAG_ID_no_steps,
		    draft->unit->script == NULL ? "a scenario needs steps" :
		    "a scenario needs run or steps");
		return false;
	} else {
		fine = steps_expand(maker, steps, &program->steps);
	}
	if (always != NULL) {
		maker->always = true;
		fine = steps_expand(maker, always, &program->always) && fine;
	}
	if (fine && run == NULL && program->steps.first == NULL) {
		build_error(&maker->build, steps, DIAG_ID_no_steps,
		    "a scenario without a step checks nothing");
		return false;
	}
	out->conns = maker->conns->names;
	out->conn_count = maker->conns->count;
	return fine;
}

bool
scenario_keep(struct loader *loader, struct scenario *scenario, struct loc at)
{
	if (!map_add(&loader->ids, scenario->id, scenario)) {
		diag_error(&loader->diags, DIAG_ID_duplicate_id,
		    at, "a scenario '%s' is there already",
		    diag_word(&loader->diags, scenario->title));
		diag_hint(&loader->diags, scenario->row.len > 0 ?
		    "rows are told apart by their first column" :
		    "scenarios of one file have names of their own");
		return false;
	}
	if (loader->count >= loader->options.scenarios_max) {
		if (!loader->full)
			diag_error(&loader->diags, DIAG_ID_limit, at,
			    "more than %u scenarios (--max-scenarios)",
			    loader->options.scenarios_max);
		loader->full = true;
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
	if (row != NULL)
		out->row = row->id;
	/* The host is the last column. */
	if (draft->host.ptr != NULL)
		out->row = span_of(arena_printf(arena, "%.*s%s%.*s",
		    SPAN_ARG(out->row), row == NULL ? "" : ", ",
		    SPAN_ARG(draft->host)));
	if (out->row.len > 0) {
		out->title = span_of(arena_printf(arena, "%.*s [%.*s]",
		    SPAN_ARG(draft->name), SPAN_ARG(out->row)));
	}
	out->path = path;
	out->id = span_of(arena_printf(arena, "%s#%.*s", path,
	    SPAN_ARG(out->title)));
}

/* Parameters that nobody gave a value and no column stands for. */
static const struct missing *
missing_of(const struct draft *draft, const struct row *row)
{
	const struct missing *list = NULL;

	if (row == NULL)
		return draft->missing;
	for (const struct missing *m = draft->missing; m != NULL;
	    m = m->next) {
		const struct name *name = scope_find(row->scope, m->name);
		struct missing *copy;

		if (name->by == NULL)
			continue;
		copy = arena_alloc(&draft->loader->arena, sizeof *copy);
		*copy = *m;
		copy->next = list;
		list = copy;
	}
	return list;
}

static struct maker *
maker_new(struct draft *draft, struct scope *names, struct scenario *out)
{
	struct arena    *arena = &draft->loader->arena;
	struct maker    *maker = arena_alloc(arena, sizeof *maker);
	struct frame    *frame = arena_alloc(arena, sizeof *frame);
	uint32_t        *counts = arena_alloc(arena, 3 * sizeof *counts);
	struct program  *program = arena_alloc(arena, sizeof *program);

	*maker = (struct maker){ .build = draft_build(draft, names),
	    .loader = draft->loader, .unit = draft->unit, .frame = frame,
	    .slots = &counts[0], .steps = &counts[1], .rounds = &counts[2],
	    .names = names, .base = names, .program = program,
	    .defines = { draft->from[0] == NULL ? NULL :
	    node_get(draft->from[0], "define"),
	    node_get(draft->from[1], "define") } };
	counts[0] = SLOT_OWN;
	program->params = draft->params;
	program->missing = out->missing;
	maker->build.mentions = &out->mentions;
	maker->build.exchanges = &out->exchanges;
	maker->build.wants_target = &out->wants_target;
	maker->conns = arena_alloc(arena, sizeof *maker->conns);
	maker->conns->names[maker->conns->count++] = SPAN("main");
	frame->captures = arena_alloc(arena, sizeof *frame->captures);
	frame->captures->up = names;
	return maker;
}

/* The file's, with the scenario's own in the place of those it gives anew. */
static bool
vars_all(struct maker *maker, const struct draft *draft, struct scope *names)
{
	const struct node *own = draft->from[0] == NULL ? NULL :
	    node_get(draft->from[0], "vars");
	const struct node *outer = node_get(draft->from[1], "vars");
	struct node  map;
	struct node *last = NULL;

	if (own == NULL || outer == NULL || !node_is_map(own) ||
	    !node_is_map(outer))
		return (outer == NULL || vars_read(maker, outer, names)) &&
		    (own == NULL || vars_read(maker, own, names));
	map = (struct node){ .kind = NODE_MAP, .loc = own->loc };
	for (int i = 0; i < 2; i++)
		for (const struct node *child = i == 0 ? outer->first :
		    own->first; child != NULL; child = child->next) {
			const char *key = arena_cstr(maker->build.arena,
			    child->key);
			const struct node *other = node_get(i == 0 ? own :
			    outer, key);
			struct node *copy;

			if (i == 1 && other != NULL)
				continue;
			copy = arena_alloc(maker->build.arena, sizeof *copy);
			*copy = other == NULL ? *child : *other;
			copy->next = NULL;
			node_append(&map, &last, copy);
		}
	return vars_read(maker, &map, names);
}

bool
scenario_make(void *who, const struct row *row)
{
	struct draft    *draft = who;
	struct scenario *out = arena_alloc(&draft->loader->arena, sizeof *out);
	const struct node *at = draft->from[0] == NULL ? draft->from[1] :
	    draft->from[0];
	struct scope    *names;
	struct maker    *maker;
	bool             fine;

	*out = (struct scenario){ .loc = at->loc, .proto = draft->proto,
	    .target = draft->target, .skip = draft->skip, .missing = missing_of(draft, row),
	    .timeout_ms = LIMIT_REPLY_MS, .limit_ms = LIMIT_SCENARIO_MS,
	    .open = program_open };
	scenario_name(draft, row, out);
	names = row_scope(draft, row, out);
	maker = maker_new(draft, names, out);
	fine = vars_all(maker, draft, names);
	maker->build.scope = maker->frame->captures;
	out->program = maker->program;
	fine = defaults_read(maker, draft) && fine;
	out->flaws = maker->flaws;
	out->flaws_given = maker->flaws_given;
	fine = keys_read(maker, draft->from, out) && fine;
	fine = dialogue_expand(maker, draft, out) && fine;
	if (!fine || draft->broken)
		return false;
	out->missing = maker->program->missing;
	out->slot_count = *maker->slots;
	return scenario_keep(draft->loader, out, row == NULL ? at->loc : row->loc);
}
