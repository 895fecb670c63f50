/*
 * Scenarios whose steps a script computes: the workshop that makes a step of
 * each map that the running script asks for. It is the builder that YAML has,
 * so that every sentence is the same.
 */
#include "load/computed.h"

#include "base/secret.h"

static struct computed *
computed_of(const struct build *build)
{
	return ((const struct maker *)build)->program->computed;
}

static const struct name *
captured(const struct maker *maker, struct span name)
{
	for (const struct name *n = maker->frame->captures->first; n != NULL;
	    n = n->next)
		if (span_eq(n->name, name))
			return n;
	return NULL;
}

/* Of the step alone, so that it goes with it. */
static void
set_add(struct computed *c, struct arena *arena, struct set_name set)
{
	struct set_name *more;

	if (c->set_count == c->set_room) {
		c->set_room = c->set_room == 0 ? 8 : c->set_room * 2;
		more = arena_alloc(arena, c->set_room * sizeof *more);
		if (c->set_count > 0)
			memcpy(more, c->sets, c->set_count * sizeof *more);
		c->sets = more;
	}
	c->sets[c->set_count++] = set;
}

/* A script comes by the same name again, and sets it again. The name itself
 * outlives the step. */
static bool
shop_declare(struct build *build, const struct node *at, struct span name,
    uint32_t *slot)
{
	struct computed   *c = computed_of(build);
	struct maker      *home = c->maker;
	struct arena      *arena = &home->loader->arena;
	const struct name *there = captured(home, name);

	if (there == NULL) {
		struct maker declaring = *home;

		declaring.build.diags = build->diags;
		declaring.build.secret = build->secret;
		if (!name_declare(&declaring.build, at,
		    arena_copy(arena, name), slot))
			return false;
		there = captured(home, name);
	}
	*slot = there->slot;
	if (((struct maker *)build)->frame != home->frame)
		scope_add(((struct maker *)build)->frame->captures,
		    build->arena, name, NAME_SLOT)->slot = *slot;
	set_add(c, build->arena, (struct set_name){ there->name, *slot });
	return true;
}

/* A maker for this one request. */
static struct maker
shop_maker(struct computed *c, struct arena *arena, struct diags *diags,
    uint32_t *counts)
{
	struct maker maker = *c->maker;

	maker.build.arena = arena;
	maker.build.diags = diags;
	maker.build.secret = false;
	maker.build.declare = shop_declare;
	maker.build.wants_target = &c->wants_target;
	maker.steps = &counts[0];
	maker.rounds = &counts[1];
	c->sets = NULL;
	c->set_count = c->set_room = 0;
	c->wants_target = false;
	return maker;
}

/* The first thing that was wrong, with its hint. */
static bool
shop_refuses(struct diags *diags, const struct node *map, struct fault *fault)
{
	const struct diag *diag = diags->first;

	if (diag == NULL)
		(void)fault_set(fault, FAULT_SCENARIO,
		    "the step could not be made");
	else if (diag->hint == NULL)
		(void)fault_set(fault, FAULT_SCENARIO, "%s", diag->text);
	else
		(void)fault_set(fault, FAULT_SCENARIO, "%s: %s", diag->text,
		    diag->hint);
	fault->loc = diag == NULL ? map->loc : diag->loc;
	diags_free(diags);
	return false;
}

/* For YAML this is known before anything runs. */
static bool
no_target(const struct computed *c, const struct node *map,
    struct fault *fault)
{
	if (!c->wants_target)
		return false;
	(void)fault_set(fault, FAULT_USAGE, "no target: say where to connect "
	    "with -t, or here with t:connect(\"smtp://HOST\")");
	fault->loc = map->loc;
	return true;
}

static void
made_fill(struct computed *c, const struct build *build, struct made *made)
{
	made->sets = c->sets;
	made->set_count = c->set_count;
	made->secret = build->secret;
	c->scenario->conn_count = c->maker->conns->count;
}

/* Does a parameter name this host? Who runs the scenario gave it then. */
static bool
host_given(struct computed *c, struct span url)
{
	struct arena    arena = { 0 };
	struct endpoint wanted, given;
	struct fault    fault;
	bool            found = false;

	if (!endpoint_parse(url, &arena, &wanted, &fault)) {
		arena_free(&arena);
		return false;
	}
	for (const struct scope *s = c->maker->names; s != NULL && !found;
	    s = s->up)
		for (const struct name *n = s->first; n != NULL && !found;
		    n = n->next)
			found = n->type != NULL && n->kind == NAME_STATIC &&
			    (span_eq_nocase(n->text, span_of(wanted.host)) ||
			    (endpoint_parse(n->text, &arena, &given, &fault) &&
			    !given.embedded && span_eq_nocase(span_of(
			    given.host), span_of(wanted.host))));
	arena_free(&arena);
	return found;
}

static bool
connects_abroad(struct computed *c, const struct node *map)
{
	const struct node *act = node_get(map, "connect");
	const struct node *url;

	if (act == NULL)
		return false;
	url = step_foreign(&c->maker->build, act);
	return url != NULL && !host_given(c, url->text);
}

static bool
shop_step(struct workshop *shop, const struct node *map, struct vars *vars,
    struct arena *arena, struct step *out, struct made *made,
    struct fault *fault)
{
	struct computed *c = (struct computed *)shop;
	struct diags     diags = { 0 };
	uint32_t         counts[2] = { 0, 0 };
	struct maker     maker = shop_maker(c, arena, &diags, counts);

	maker.build.vars = vars;
	if (!step_build(&maker, map, out))
		return shop_refuses(&diags, map, fault);
	diags_free(&diags);
	if (no_target(c, map, fault))
		return false;
	out->number = 1;
	made_fill(c, &maker.build, made);
	made->foreign = out->verb != NULL && out->verb->opens &&
	    connects_abroad(c, map);
	return true;
}

static bool
shop_dialogue(struct workshop *shop, const struct node *map,
    struct vars *vars, uint32_t *number, struct source **source,
    struct made *made, struct fault *fault)
{
	struct computed *c = (struct computed *)shop;
	struct diags     diags = { 0 };
	struct arena     home = { 0 };
	struct items     items = { 0 };
	uint32_t         counts[2] = { *number, 0 };
	struct maker     maker = shop_maker(c, &home, &diags, counts);
	struct node      entry = *map;
	struct node      list = { .kind = NODE_LIST, .count = 1,
	    .loc = map->loc, .first = &entry };

	entry.next = NULL;
	if (!steps_expand(&maker, &list, &items)) {
		arena_free(&home);
		return shop_refuses(&diags, map, fault);
	}
	diags_free(&diags);
	if (no_target(c, map, fault)) {
		arena_free(&home);
		return false;
	}
	*number = counts[0];
	made_fill(c, &maker.build, made);
	made->foreign = false;
	*source = program_dialogue(c->scenario, &items, vars, &home);
	return true;
}

static struct source *
shop_always(struct workshop *shop, struct vars *vars, uint32_t number)
{
	return program_always(shop->scenario, vars, number);
}

static bool
shop_secret(struct workshop *shop, struct span name, struct span *value)
{
	struct computed   *c = (struct computed *)shop;
	const struct name *there = scope_find(c->maker->names, name);

	if (there == NULL || !there->secret || there->kind != NAME_STATIC)
		return false;
	*value = there->text;
	return true;
}

static void
shop_hide(struct workshop *shop, struct span value)
{
	struct redactor *redactor =
	    ((struct computed *)shop)->maker->build.redactor;

	if (redactor != NULL && value.len >= LIMIT_SECRET_MIN)
		(void)redactor_add(redactor, SPAN("secret"), value);
}

static bool
computed_open(const struct scenario *scenario, struct vars *vars,
    struct source **source, struct fault *fault)
{
	const struct program *program = scenario->program;
	struct computed      *c = program->computed;

	return program_begin(program, vars, fault) &&
	    c->scripts->open(c->script, c->function, &c->shop, vars, source,
	    fault);
}

bool
computed_make(struct maker *maker, const struct node *run,
    struct scenario *out)
{
	struct loader   *loader = maker->loader;
	struct computed *c;
	struct maker    *copy;
	uint64_t         function;

	if (run->kind != NODE_FUNCTION || !span_u64(run->text, &function)) {
		build_error(&maker->build, run, DIAG_ID_wrong_type,
		    maker->unit->script == NULL ? "run is a function, and "
		    "functions need a Lua file" :
		    "run must be a function, not %s", node_kind_name(run));
		return false;
	}
	c = arena_alloc(&loader->arena, sizeof *c);
	copy = arena_alloc(&loader->arena, sizeof *copy);
	*copy = *maker;         /* `always` is expanded behind this */
	*c = (struct computed){ .shop = { .step = shop_step,
	    .dialogue = shop_dialogue, .always = shop_always,
	    .secret = shop_secret, .values = computed_values, .hide = shop_hide,
	    .redactor = maker->build.redactor, .scenario = out,
	    .seed = loader->options.seed },
	    .scripts = loader->options.scripts,
	    .script = maker->unit->script, .function = (uint32_t)function,
	    .maker = copy, .scenario = out };
	maker->program->computed = c;
	out->open = computed_open;
	out->computed = out->exchanges = true;
	out->mentions |= 1U << SLOT_ATTEMPT;
	return true;
}
