/*
 * Lists of steps: everything that repeats or reuses is expanded here, so that
 * a program is a straight line. Only `eventually` stays a loop, for the source
 * to go round.
 */
#include "load/loader.h"

#include "base/limits.h"

enum { DEPTH_MAX = LIMIT_USE_DEPTH };

static struct item *
item_add(struct maker *maker, struct items *out, enum item_kind kind)
{
	struct item *item = arena_alloc(maker->build.arena, sizeof *item);

	item->kind = kind;
	if (out->last == NULL)
		out->first = item;
	else
		out->last->next = item;
	out->last = item;
	return item;
}

/* A late step is read again when it is reached: keep all that it needs. */
static bool
late_keep(struct maker *maker, const struct node *node, struct item *item)
{
	item->kind = ITEM_LATE;
	item->node = node;
	item->maker = arena_alloc(maker->build.arena, sizeof *item->maker);
	*item->maker = *maker;
	return true;
}

bool
round_count(struct maker *maker, const struct node *at)
{
	if (++*maker->rounds <= LIMIT_STEPS_UNROLLED)
		return true;
	build_error(&maker->build, at, DIAG_ID_limit,
	    "more than %d repetitions in one scenario", LIMIT_STEPS_UNROLLED);
	return false;
}

static bool
plain_expand(struct maker *maker, const struct node *node, struct items *out)
{
	struct item *item;
	bool         late_before = maker->build.late;
	bool         late;
	uint32_t     number;

	/* A pipeline is what its steps are. */
	if (node_get(node, "pipeline") == NULL &&
	    ++*maker->steps > LIMIT_STEPS_UNROLLED) {
		build_error(&maker->build, node, DIAG_ID_limit,
		    "more than %d steps in one scenario",
		    LIMIT_STEPS_UNROLLED);
		return false;
	}
	item = item_add(maker, out, ITEM_STEP);
	number = *maker->steps;
	maker->build.late = false;
	if (!step_build(maker, node, &item->step))
		return false;
	late = maker->build.late;
	maker->build.late = late_before || (late && maker->grouped);
	item->step.number = item->step.group == NULL ? number :
	    item->step.group[0].number;
	return !late || maker->grouped || maker->build.vars != NULL ||
	    late_keep(maker, node, item);
}

static bool
loop_read(struct maker *maker, const struct node *act, uint32_t *times,
    struct span *as, const struct node **steps)
{
	static const struct field fields[] = { { "times", true },
		{ "as", false }, { "steps", true }, { NULL, false } };
	const struct node *name;
	bool late_before = maker->build.late, is_late;
	bool pending_before = maker->build.pending;

	maker->build.late = maker->build.pending = false;
	if (!build_keys(&maker->build, act, fields, "loop") ||
	    !build_u32(&maker->build, node_get(act, "times"), 0,
	    LIMIT_STEPS_UNROLLED, times))
		return false;
	is_late = maker->build.late;
	maker->build.late = late_before;
	/* What its rounds would open is not known. */
	maker->conns->unsure |= maker->build.pending;
	maker->build.pending |= pending_before;
	if (is_late) {
		build_error(&maker->build, node_get(act, "times"),
		    DIAG_ID_bad_value, "times must be known before the "
		    "dialogue starts");
		return false;
	}
	name = node_get(act, "as");
	*steps = node_get(act, "steps");
	if (name == NULL)
		return true;
	if (!build_word(&maker->build, name, "the name of the counter", as) ||
	    !name_check(maker->build.diags, name->loc, *as, "a counter"))
		return false;
	if (scope_find(maker->build.scope, *as) == NULL)
		return true;
	build_error(&maker->build, name, DIAG_ID_redefined,
	    "'%s' is the name of something else already",
	    diag_word(maker->build.diags, *as));
	return false;
}

/* The first round of a loop: what it took, to see what another one takes. */
struct round {
	struct item *before, *last;     /* its items are behind, up to */
	uint32_t     steps, rounds, slots;
	uint32_t     told;
	bool         same;              /* all others are like it */
};

static uint32_t
diags_told(const struct maker *maker)
{
	return maker->build.diags->errors + maker->build.diags->warnings;
}

static const struct item *
round_first(const struct round *round, const struct items *out)
{
	return round->before == NULL ? out->first : round->before->next;
}

static bool
says_the_same(const struct node *node)
{
	if (node->kind == NODE_SCALAR)
		return span_chr(node->text, '$') == SIZE_MAX;
	for (const struct node *child = node->first; child != NULL;
	    child = child->next)
		if (span_is(child->key, "use") ||
		    span_is(child->key, "file") || !says_the_same(child))
			return false;
	return true;
}

static struct round
round_begin(const struct maker *maker, const struct items *out)
{
	return (struct round){ .before = out->last, .steps = *maker->steps,
	    .rounds = *maker->rounds, .slots = *maker->slots,
	    .told = diags_told(maker) };
}

/* Nothing in it is filled in, declared or complained about, and it consists
 * of single steps. */
static void
round_end(const struct maker *maker, const struct node *steps,
    const struct items *out, struct round *round)
{
	round->last = out->last;
	round->steps = *maker->steps - round->steps;
	round->rounds = *maker->rounds - round->rounds;
	round->same = round->slots == *maker->slots &&
	    round->told == diags_told(maker) && says_the_same(steps);
	for (const struct item *item = round_first(round, out);
	    round->same && item != NULL; item = item->next)
		round->same = item->kind == ITEM_STEP &&
		    item->step.group == NULL;
}

/* One more round like the first. False: it has to be expanded. */
static bool
round_repeat(struct maker *maker, const struct round *round,
    struct items *out)
{
	const struct item *item = round_first(round, out);
	struct item *copy;

	if (!round->same || LIMIT_STEPS_UNROLLED - *maker->steps <
	    round->steps || LIMIT_STEPS_UNROLLED - *maker->rounds <
	    round->rounds)
		return false;
	*maker->rounds += round->rounds;
	for (uint32_t i = 0; i < round->steps; i++, item = item->next) {
		copy = item_add(maker, out, ITEM_STEP);
		copy->step = item->step;
		copy->step.number = ++*maker->steps;
	}
	return true;
}

static bool
loop_expand(struct maker *maker, const struct node *act, struct items *out)
{
	const struct node *steps;
	struct round first = round_begin(maker, out);
	struct span  as = { NULL, 0 };
	uint32_t     times;

	if (!loop_read(maker, act, &times, &as, &steps))
		return false;
	for (uint32_t i = 1; i <= times; i++) {
		struct maker  round = *maker;
		struct scope *scope;

		if (i > 1 && round_repeat(maker, &first, out))
			continue;
		scope = arena_alloc(maker->build.arena, sizeof *scope);
		scope->up = maker->build.scope;
		round.build.scope = scope;
		round.depth++;
		if (as.len > 0)
			scope_add(scope, maker->build.arena, as,
			    NAME_STATIC)->text = span_of(arena_printf(
			    maker->build.arena, "%u", i));
		if (!round_count(maker, act) ||
		    !steps_expand(&round, steps, out))
			return false;
		maker->build.late = round.build.late;
		if (i == 1)
			round_end(maker, steps, out, &first);
	}
	return true;
}

static bool
eventually_expand(struct maker *maker, const struct node *act,
    struct items *out)
{
	static const struct field fields[] = { { "within", true },
		{ "every", false }, { "steps", true }, { NULL, false } };
	struct maker inner = *maker;
	struct item *item;
	const struct node *every;

	if (maker->polling) {
		build_error(&maker->build, act, DIAG_ID_bad_value,
		    "eventually cannot stand inside eventually");
		return false;
	}
	if (!build_keys(&maker->build, act, fields, "eventually"))
		return false;
	inner.build.late = false;
	item = item_add(maker, out, ITEM_EVENTUALLY);
	item->every_ms = 1000;
	every = node_get(act, "every");
	if (!build_span_ms(&inner.build, node_get(act, "within"),
	    &item->within_ms) || (every != NULL &&
	    !build_span_ms(&inner.build, every, &item->every_ms)))
		return false;
	if (inner.build.late) {
		build_error(&maker->build, act, DIAG_ID_bad_value,
		    "within and every must be known before the dialogue "
		    "starts");
		return false;
	}
	inner.polling = true;
	inner.build.late = maker->build.late;
	return steps_expand(&inner, node_get(act, "steps"), &item->inner);
}

static const struct node *
only_key(const struct node *map, const char *key, struct maker *maker,
    bool *fine)
{
	const struct node *act = node_get(map, key);

	for (const struct node *child = map->first; act != NULL &&
	    child != NULL; child = child->next)
		if (child != act && !span_is(child->key, "title") &&
		    !(span_is(key[0] == 'u' ? child->key : SPAN(""), "with"))) {
			diag_error(maker->build.diags, DIAG_ID_unknown_key,
			    child->key_loc, "'%s' has no meaning beside '%s'",
			    diag_word(maker->build.diags, child->key), key);
			diag_hint(maker->build.diags,
			    "set it on the steps inside");
			*fine = false;
		}
	return act;
}

/* One entry of a list: a step, or something that becomes steps. */
static bool
entry_expand(struct maker *maker, const struct node *node, struct items *out)
{
	const struct node *act;
	bool fine = true;

	if (!node_is_map(node)) {
		build_error(&maker->build, node, DIAG_ID_wrong_type,
		    "a step must be a map of keys, not %s",
		    node_kind_name(node));
		diag_hint(maker->build.diags, "such as '- send: NOOP'");
		return false;
	}
	if ((act = only_key(node, "use", maker, &fine)) != NULL)
		return fine && use_expand(maker, node, out);
	if ((act = only_key(node, "loop", maker, &fine)) != NULL)
		return fine && loop_expand(maker, act, out);
	if ((act = only_key(node, "eventually", maker, &fine)) != NULL)
		return fine && eventually_expand(maker, act, out);
	return plain_expand(maker, node, out);
}

/* `closed` and `silence` come behind a reply. */
static bool
no_reply(const struct node *expect)
{
	const struct node *code = expect->kind == NODE_MAP ?
	    node_get(expect, "code") : expect;

	return code != NULL && code->kind == NODE_SCALAR &&
	    (span_is(code->text, "closed") || span_is(code->text, "silence"));
}

/* `- send: X` and below it `- expect: 550`: most often one step was meant. */
static void
dash_warn(struct maker *maker, const struct node *node)
{
	const struct node *next = node->next;

	if (maker->build.vars != NULL || next == NULL ||
	    !maker->build.proto->awaits || node->kind != NODE_MAP || next->kind != NODE_MAP ||
	    next->count != 1 || node_get(next, "expect") == NULL ||
	    node_get(node, "send") == NULL ||
	    node_get(node, "expect") != NULL ||
	    node_get(node, "expect_each") != NULL ||
	    no_reply(node_get(next, "expect")))
		return;
	diag_warn(maker->build.diags, DIAG_ID_stray_dash, next->loc,
	    "this is a step of its own and awaits a second reply");
	diag_hint(maker->build.diags,
	    "without the dash it is the expectation of the step above");
}

bool
steps_expand(struct maker *maker, const struct node *list, struct items *out)
{
	bool fine = true;

	list = build_resolve(&maker->build, list);
	if (list->kind != NODE_LIST) {
		/* The place of the value, as the eye looks for the dash. */
		build_error(&maker->build, list, list->absent ?
		    DIAG_ID_missing_value : DIAG_ID_wrong_type,
		    "steps must be a list: each step starts with a dash");
		if (list->kind == NODE_MAP)
			diag_hint(maker->build.diags, "put '- ' before the "
			    "first key of each step");
		return false;
	}
	if (list->count == 0) {
		build_error(&maker->build, list, DIAG_ID_no_steps,
		    "an empty list of steps checks nothing");
		return false;
	}
	if (maker->depth > DEPTH_MAX) {
		build_error(&maker->build, list, DIAG_ID_limit,
		    "use and loop are nested deeper than %d", DEPTH_MAX);
		return false;
	}
	if (list->count > LIMIT_STEPS) {
		build_error(&maker->build, list, DIAG_ID_limit,
		    "more than %d steps in one list", LIMIT_STEPS);
		return false;
	}
	for (const struct node *node = list->first; node != NULL;
	    node = node->next) {
		dash_warn(maker, node);
		fine = entry_expand(maker, node, out) && fine;
		if (maker->build.diags->errors > LIMIT_DIAGS)
			return false;
	}
	return fine;
}
