/*
 * One step from its map: at most one act and at most one expectation, so the
 * order of its keys never matters. Also a pipeline, whose acts leave in one
 * write.
 */
#include "load/loader.h"

#include "base/limits.h"
#include "load/text_check.h"

static const char *const modifiers[] = { "expect", "expect_each", "title",
	"timeout", "level", "on", "on_fail", "secret" };
static const char *const structures[] = { "pipeline", "use", "with", "loop",
	"eventually" };
enum { MODIFIERS = sizeof modifiers / sizeof *modifiers,
	STRUCTURES = sizeof structures / sizeof *structures, KEYS_MAX = 64 };

static bool
word_in(struct span word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(word, words[i]))
			return true;
	return false;
}

bool
step_kind_words(const char **words, size_t max, size_t *count)
{
	*count = 0;
	for (size_t i = 0; verb_rows[i] != NULL && *count < max; i++)
		words[(*count)++] = verb_rows[i]->name;
	for (size_t i = 0; i < STRUCTURES && *count < max; i++)
		words[(*count)++] = structures[i];
	for (size_t i = 0; i < MODIFIERS && *count < max; i++)
		words[(*count)++] = modifiers[i];
	return true;
}

/* The act of a step, or NULL; *fine false after a diagnostic. */
static const struct node *
act_find(struct build *build, const struct node *map, bool *fine)
{
	const struct node *act = NULL;
	const char *words[KEYS_MAX];
	size_t      count;

	for (const struct node *child = map->first; child != NULL;
	    child = child->next) {
		bool is_act = verb_find(child->key) != NULL ||
		    (word_in(child->key, structures, STRUCTURES) &&
		    !span_is(child->key, "with"));

		if (is_act && act != NULL) {
			diag_error(build->diags, DIAG_ID_bad_value,
			    child->key_loc, "a step has one act: '%.*s' stands "
			    "here already", SPAN_ARG(act->key));
			diag_hint(build->diags, "start a new step with a dash");
			*fine = false;
		} else if (is_act) {
			act = child;
		} else if (!word_in(child->key, modifiers, MODIFIERS) &&
		    !span_is(child->key, "with")) {
			(void)step_kind_words(words, KEYS_MAX, &count);
			diag_error(build->diags, DIAG_ID_unknown_key,
			    child->key_loc, "unknown key '%.*s' in a step",
			    SPAN_ARG(child->key));
			diag_hint_nearest(build->diags, child->key, words,
			    count);
			*fine = false;
		}
	}
	return act;
}

static bool
level_read(struct build *build, const struct node *node, uint8_t *out)
{
	struct span text;
	bool        late;

	if (!build_text(build, node, &text, &late))
		return false;
	*out = span_is(text, "should") ? LEVEL_SHOULD : LEVEL_MUST;
	if (late || span_is(text, "must") || span_is(text, "should"))
		return true;
	build_error(build, node, DIAG_ID_bad_value,
	    "level is must or should, not '%.*s'", SPAN_ARG(text));
	return false;
}

static bool
on_fail_read(struct build *build, const struct node *node, bool *go_on)
{
	struct span text;
	bool        late;

	if (!build_text(build, node, &text, &late))
		return false;
	*go_on = span_is(text, "continue");
	if (late || *go_on || span_is(text, "stop"))
		return true;
	build_error(build, node, DIAG_ID_bad_value,
	    "on_fail is stop or continue, not '%.*s'", SPAN_ARG(text));
	return false;
}

static bool
title_read(struct build *build, const struct node *node, struct step *step)
{
	bool late;

	if (!yaml_check_text(node, TEXT_LINE, build->diags) ||
	    !build_text(build, node, &step->label, &late))
		return false;
	step->titled = !late && step->label.len > 0;
	if (!late && step->label.len == 0) {
		build_error(build, node, DIAG_ID_missing_value,
		    "the title is empty");
		return false;
	}
	return true;
}

/* Connection names get their index at the first `connect`. */
static bool
conn_find(struct maker *maker, const struct node *node,
    const struct verb *verb, struct step *step)
{
	struct conns *conns = maker->conns;
	struct span   name = SPAN("main");
	uint32_t      i;

	if (node != NULL && !build_word(&maker->build, node,
	    "the connection's name", &name))
		return false;
	for (i = 0; i < conns->count; i++)
		if (span_eq(conns->names[i], name))
			break;
	if (i == conns->count) {
		bool opens = verb != NULL && verb->opens;

		if (i == LIMIT_CONNECTIONS) {
			build_error(&maker->build, node, DIAG_ID_limit,
			    "more than %d connections in one scenario",
			    LIMIT_CONNECTIONS);
			return false;
		}
		if (!opens && node != NULL && maker->build.vars == NULL) {
			build_error(&maker->build, node, DIAG_ID_connection,
			    "no connection of the name '%.*s' is opened "
			    "before this step", SPAN_ARG(name));
			return false;
		}
		conns->names[conns->count++] = name;
	}
	step->conn = (uint8_t)i;
	return true;
}

static bool
modifiers_read(struct maker *maker, const struct node *map, struct step *step)
{
	struct build *build = &maker->build;
	const struct node *key;
	bool fine = true;

	if ((key = node_get(map, "title")) != NULL)
		fine = title_read(build, key, step) && fine;
	if ((key = node_get(map, "timeout")) != NULL)
		fine = build_ms(build, key, &step->timeout_ms) && fine;
	if ((key = node_get(map, "level")) != NULL)
		fine = level_read(build, key, &step->level) && fine;
	if ((key = node_get(map, "on_fail")) != NULL)
		fine = on_fail_read(build, key, &step->go_on) && fine;
	if ((key = node_get(map, "secret")) != NULL)
		fine = build_bool(build, key, &step->secret) && fine;
	return conn_find(maker, node_get(map, "on"), step->verb, step) && fine;
}

static bool
each_read(struct maker *maker, const struct node *list, struct step *step)
{
	const struct node *node = build_resolve(&maker->build, list);
	const struct node *child = node->first;
	struct expect *expects;
	bool fine = true;

	if (node->kind != NODE_LIST || node->count == 0) {
		build_error(&maker->build, node, DIAG_ID_wrong_type,
		    "expect_each must be a list with one entry for each reply");
		return false;
	}
	expects = arena_alloc(maker->build.arena,
	    node->count * sizeof *expects);
	for (uint32_t i = 0; i < node->count; i++, child = child->next)
		fine = expect_build(maker, child, step->verb, &expects[i]) &&
		    fine;
	step->expects = expects;
	step->expect_count = node->count;
	return fine;
}

static bool
expects_read(struct maker *maker, const struct node *map, struct step *step)
{
	const struct node *one = node_get(map, "expect");
	const struct node *many = node_get(map, "expect_each");
	struct expect *expect;

	if (one != NULL && many != NULL) {
		diag_error(maker->build.diags, DIAG_ID_bad_value,
		    many->key_loc, "a step has expect or expect_each, not both");
		return false;
	}
	if (many != NULL)
		return each_read(maker, many, step);
	if (one == NULL)
		return true;
	if (one->kind == NODE_SCALAR && one->absent) {
		build_error(&maker->build, one, DIAG_ID_missing_value,
		    "expect needs a value");
		diag_hint(maker->build.diags, "indent the lines below it "
		    "further than 'expect', or write 'expect: 250'");
		return false;
	}
	expect = arena_alloc(maker->build.arena, sizeof *expect);
	step->expects = expect;
	step->expect_count = 1;
	return expect_build(maker, one, step->verb, expect);
}

/* The act in few words, for reports. */
static void
label_make(struct build *build, const struct node *act, struct step *step)
{
	struct template text;
	struct buf      label = buf_new(256);

	if (step->label.len > 0)
		return;
	if (act == NULL) {
		step->label = SPAN("expect");
		return;
	}
	if (!span_is(act->key, "send"))
		(void)buf_add(&label, act->key);
	if (act->kind == NODE_SCALAR && !act->absent && act->text.len < 200 &&
	    !span_is(act->key, "body")) {
		(void)buf_add_text(&label, label.len > 0 ? " " : "");
		if (template_parse(build, act, TEMPLATE_TEXT, &text) &&
		    template_constant(&text))
			(void)buf_add(&label, template_bytes(&text));
		else
			(void)buf_add(&label, act->text);
	}
	step->label = arena_copy(build->arena, buf_span(&label));
	buf_free(&label);
}

/* What YAML does to free text, checked where the text means bytes. */
static bool
act_check(struct build *build, const struct node *act)
{
	bool        is_write = span_is(act->key, "write");
	const struct node *text = act->kind == NODE_MAP ?
	    node_get(act, "text") : act;

	if (build->vars != NULL || text == NULL || text->kind != NODE_SCALAR ||
	    text->absent)
		return true;
	if (span_is(act->key, "send") || span_is(act->key, "connect"))
		return yaml_check_text(text, TEXT_LINE, build->diags);
	if (span_is(act->key, "body"))
		return yaml_check_text(text, TEXT_BODY, build->diags);
	return !is_write || (yaml_check_text(text, TEXT_BODY, build->diags) &&
	    yaml_check_backslash(text, build->diags));
}

static bool
act_read(struct maker *maker, const struct node *act, struct step *step)
{
	struct build *build = &maker->build;

	step->verb = verb_find(act->key);
	/* The place of a connect is checked by the pipeline. */
	if (maker->grouped && !step->verb->groups && !step->verb->opens) {
		diag_error(build->diags, DIAG_ID_bad_value, act->key_loc,
		    "'%s' cannot stand in a pipeline", step->verb->name);
		return false;
	}
	return act_check(build, act) &&
	    step->verb->parse(build, act, &step->args);
}

static bool pipeline_build(struct maker *maker, const struct node *act,
    struct step *step);

bool
step_build(struct maker *maker, const struct node *node, struct step *step)
{
	struct build *build = &maker->build;
	const struct node *act;
	bool fine = true;

	*step = (struct step){ .loc = node->loc, .go_on = maker->go_on,
	    .always = maker->always };
	act = act_find(build, node, &fine);
	if (act == NULL && fine && node_get(node, "expect") == NULL &&
	    node_get(node, "expect_each") == NULL) {
		build_error(build, node, DIAG_ID_missing_key,
		    "a step needs an act or an expect");
		return false;
	}
	if (!fine)
		return false;
	if (act != NULL && span_is(act->key, "pipeline"))
		return modifiers_read(maker, node, step) &&
		    pipeline_build(maker, act, step);
	if (act != NULL)
		fine = act_read(maker, act, step);
	fine = modifiers_read(maker, node, step) && fine;
	fine = expects_read(maker, node, step) && fine;
	if (fine)
		label_make(build, act, step);
	return fine;
}

/* The inner items as an array of steps; the pipeline's own modifiers hold for
 * all of them. */
static bool
group_collect(struct maker *maker, const struct node *act,
    const struct items *items, struct step *step)
{
	struct step *group;
	uint32_t     count = 0;

	for (const struct item *item = items->first; item != NULL;
	    item = item->next) {
		bool opens = item->step.verb != NULL && item->step.verb->opens;

		if (item->kind == ITEM_EVENTUALLY || (opens && count > 0)) {
			build_error(&maker->build, act, DIAG_ID_bad_value,
			    opens ? "connect may only open a pipeline" :
			    "eventually cannot stand in a pipeline");
			return false;
		}
		count++;
	}
	if (count == 0) {
		build_error(&maker->build, act, DIAG_ID_no_steps,
		    "an empty pipeline sends nothing");
		return false;
	}
	group = arena_alloc(maker->build.arena, count * sizeof *group);
	step->group = group;
	for (const struct item *item = items->first; item != NULL;
	    item = item->next) {
		struct step *inner = &group[step->group_count++];

		*inner = item->step;
		inner->conn = step->conn;
		inner->secret = inner->secret || step->secret;
		inner->go_on = inner->go_on || step->go_on;
		if (inner->timeout_ms == 0)
			inner->timeout_ms = step->timeout_ms;
		if (step->level == LEVEL_SHOULD)
			inner->level = LEVEL_SHOULD;
	}
	return true;
}

static bool
pipeline_build(struct maker *maker, const struct node *act, struct step *step)
{
	struct maker  inner = *maker;
	struct items  items = { 0 };

	if (maker->grouped) {
		build_error(&maker->build, act, DIAG_ID_bad_value,
		    "a pipeline cannot stand in a pipeline");
		return false;
	}
	inner.grouped = true;
	inner.build.late = false;
	if (!steps_expand(&inner, act, &items))
		return false;
	maker->build.late = maker->build.late || inner.build.late;
	step->label = step->titled ? step->label : SPAN("pipeline");
	return group_collect(maker, act, &items, step);
}
