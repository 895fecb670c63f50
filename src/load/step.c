/*
 * One step from its map: at most one act and at most one expectation, so the
 * order of its keys never matters.
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

/* Everything that a step may say; how many of at most `max`. */
static size_t
kind_words(const char **words, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; verb_rows[i] != NULL && count < max; i++)
		words[count++] = verb_rows[i]->name;
	for (size_t i = 0; i < STRUCTURES && count < max; i++)
		words[count++] = structures[i];
	for (size_t i = 0; i < MODIFIERS && count < max; i++)
		words[count++] = modifiers[i];
	return count;
}

/* The act of a step, or NULL; *fine false after a diagnostic. */
static const struct node *
act_find(struct build *build, const struct node *map, bool *fine)
{
	const struct node *act = NULL;
	const char *words[KEYS_MAX];

	for (const struct node *child = map->first; child != NULL;
	    child = child->next) {
		const struct verb *verb = verb_find(child->key);
		bool is_act = verb != NULL ||
		    (word_in(child->key, structures, STRUCTURES) &&
		    !span_is(child->key, "with"));

		if (verb != NULL && verb->hide != NULL)
			verb->hide(build, child);
		if (is_act && act != NULL) {
			diag_error(build->diags, DIAG_ID_bad_value,
			    child->key_loc, "a step has one act: '%.*s' stands "
			    "here already", SPAN_ARG(act->key));
			diag_hint(build->diags, child->style == STYLE_SCRIPT ?
			    "a new step is a table of its own" :
			    "start a new step with a dash");
			*fine = false;
		} else if (is_act) {
			act = child;
		} else if (span_is(child->key, "with")) {
			diag_error(build->diags, DIAG_ID_unknown_key,
			    child->key_loc, "'with' belongs to 'use'");
			*fine = false;
		} else if (!word_in(child->key, modifiers, MODIFIERS)) {
			expect_stray(build, child, words,
			    kind_words(words, KEYS_MAX));
			*fine = false;
		}
	}
	return act;
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
	step->each = true;
	return fine;
}

static bool
expects_read(struct maker *maker, const struct node *map, struct step *step)
{
	const struct node *one = node_get(map, "expect");
	const struct node *many = node_get(map, "expect_each");
	struct expect *expect;

	if (many != NULL && step->verb != NULL && step->verb->continues) {
		diag_error(maker->build.diags, DIAG_ID_bad_value,
		    many->key_loc, "%s answers what asks for more by itself: "
		    "its one expect is for the last reply", step->verb->name);
		return false;
	}
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
		if (one->style != STYLE_SCRIPT)
			diag_hint(maker->build.diags, "indent the lines below "
			    "it further than 'expect', or write 'expect: "
			    "250'");
		return false;
	}
	expect = arena_alloc(maker->build.arena, sizeof *expect);
	step->expects = expect;
	step->expect_count = 1;
	return expect_build(maker, one, step->verb, expect);
}

/* Is the act's text the content of a message? */
static bool
is_content(const struct node *act)
{
	return span_is(act->key, "body") || span_is(act->key, "bdat");
}

/* The act in few words, for reports. */
static void
label_make(struct build *build, const struct node *act, struct step *step)
{
	const struct node *word = step->verb != NULL && step->verb->continues ?
	    node_get(act, "mechanism") : act;
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
	if (word != NULL && word->kind == NODE_SCALAR && !word->absent &&
	    word->text.len < 200 && !is_content(act)) {
		(void)buf_add_text(&label, label.len > 0 ? " " : "");
		(void)buf_add(&label, template_parse(build, word,
		    TEMPLATE_TEXT, &text) && template_constant(&text) ?
		    template_bytes(&text) : word->text);
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
	if (span_is(act->key, "send"))
		return yaml_check_text(text, TEXT_LINE, build->diags);
	if (is_content(act))
		return yaml_check_text(text, TEXT_BODY, build->diags);
	return !is_write || (yaml_check_text(text, TEXT_BODY, build->diags) &&
	    yaml_check_backslash(text, build->diags));
}

static bool
act_read(struct maker *maker, const struct node *act, struct step *step)
{
	struct build *build = &maker->build;

	step->verb = verb_find(act->key);
	if (step->verb == NULL) {       /* stands for several: no single step */
		diag_error(build->diags, DIAG_ID_bad_value, act->key_loc,
		    "'%s' is not one step", diag_word(build->diags,
		    act->key));
		return false;
	}
	/* The place of a connect is checked by the pipeline. */
	if (maker->grouped && !step->verb->groups && !step->verb->opens) {
		diag_error(build->diags, DIAG_ID_bad_value, act->key_loc,
		    "'%s' cannot stand in a pipeline", step->verb->name);
		return false;
	}
	return act_check(build, act) &&
	    step->verb->parse(build, act, &step->args);
}

/* The URL as the file itself gives it, when it is not the target's host. */
const struct node *
step_foreign(const struct build *build, const struct node *act)
{
	const struct node *to = act->kind == NODE_MAP ?
	    node_get(act, "to") : act;
	struct endpoint endpoint;
	struct arena    arena = { 0 };
	struct fault    fault;
	bool foreign;

	if (to == NULL || to->kind != NODE_SCALAR || node_is_nothing(to) ||
	    span_find(to->text, SPAN("${")) != SIZE_MAX)
		return NULL;
	foreign = endpoint_parse(to->text, &arena, &endpoint, &fault) &&
	    !endpoint.embedded && (build->target == NULL ||
	    build->target->host == NULL ||
	    !span_eq_nocase(span_of(endpoint.host),
	    span_of(build->target->host)));
	arena_free(&arena);
	return foreign ? to : NULL;
}

/* Who runs a scenario chose the target, and where parameters lead; a host
 * that only the file names gets no secret. */
static bool
secret_stays(struct maker *maker, const struct node *act,
    const struct step *step)
{
	const struct node **foreign = &maker->conns->foreign[step->conn];

	if (maker->build.vars != NULL)
		return true;
	if (step->verb != NULL && step->verb->opens)
		*foreign = step_foreign(&maker->build, act);
	if (!maker->build.secret || *foreign == NULL ||
	    (step->verb != NULL && step->verb->wireless))
		return true;
	build_error(&maker->build, *foreign, DIAG_ID_policy,
	    "a secret would go to a host that only this file names");
	diag_hint(maker->build.diags, "give the host with -t, or as a "
	    "parameter: connect: ${server}");
	return false;
}

bool
step_build(struct maker *maker, const struct node *node, struct step *step)
{
	struct build *build = &maker->build;
	const struct node *act;
	bool fine = true;

	*step = (struct step){ .loc = node->loc, .go_on = maker->go_on,
	    .always = maker->always, .timeout_ms = maker->timeout_ms,
	    .level = maker->level, .secret = maker->secret };
	build->secret = false;
	act = act_find(build, node, &fine);
	if (act == NULL && fine && node_get(node, "expect") == NULL &&
	    node_get(node, "expect_each") == NULL) {
		build_error(build, node, DIAG_ID_missing_key,
		    "a step needs an act or an expect");
		return false;
	}
	/* What depends on an act that is none would be told wrongly. */
	if (!fine && (act == NULL || span_is(act->key, "pipeline"))) {
		(void)step_modifiers(maker, node, step);
		return false;
	}
	if (act != NULL && span_is(act->key, "pipeline"))
		return pipeline_build(maker, node, act, step);
	if (act != NULL)
		fine = act_read(maker, act, step) && fine;
	fine = step_modifiers(maker, node, step) && fine;
	fine = expects_read(maker, node, step) && fine;
	if (fine) {
		label_make(build, act, step);
		conn_check(maker, node->loc, step);
		step_sort(step);
	}
	return fine && secret_stays(maker, act, step);
}
