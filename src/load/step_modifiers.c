/*
 * What stands in a step beside its act and its expectation: title, timeout,
 * level, on, on_fail, secret.
 */
#include "load/loader.h"

#include "load/text_check.h"

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
	    "level is must or should, not '%s'", diag_word(build->diags, text));
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
	    "on_fail is stop or continue, not '%s'",
	    diag_word(build->diags, text));
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

static void
conn_hint(struct maker *maker, struct span name)
{
	const char *words[LIMIT_CONNECTIONS];

	for (uint32_t i = 0; i < maker->conns->count; i++)
		words[i] = arena_cstr(maker->build.arena,
		    maker->conns->names[i]);
	diag_hint_nearest(maker->build.diags, name, words,
	    maker->conns->count);
}

/* Only what is certain: any `connect` before it will do, also one that the
 * dialogue closed again. */
void
conn_check(struct maker *maker, struct loc at, const struct step *step)
{
	struct conns      *conns = maker->conns;
	const struct step *first = step->group_count > 0 ? &step->group[0] :
	    step;
	bool opens = first->verb != NULL && first->verb->opens;

	conns->opened[step->conn] |= opens;
	if (conns->opened[step->conn] || conns->unsure || conns->lost.line > 0 ||
	    maker->grouped || maker->build.vars != NULL ||
	    (first->verb != NULL && first->verb->wireless &&
	    step->expect_count == 0))
		return;
	conns->lost = at;
	conns->lost_on = conns->names[step->conn];
	conns->next = maker->loader->lost;
	maker->loader->lost = conns;
}

/* A warning: the step is an error when it is reached, and an excerpt of a
 * dialogue may be checked on its own. Behind errors it would be noise. */
void
conns_warn(struct loader *loader)
{
	const struct conns *conns = loader->lost;

	loader->lost = NULL;
	for (; conns != NULL && loader->diags.errors == 0;
	    conns = conns->next) {
		diag_warn(&loader->diags, DIAG_ID_connection, conns->lost,
		    "no connection '%s' is opened before this step",
		    diag_word(&loader->diags, conns->lost_on));
		diag_hint(&loader->diags, "'- connect:' opens it");
	}
}

/* Connection names get their index at the first `connect`. */
static bool
conn_find(struct maker *maker, const struct node *map,
    const struct verb *verb, struct step *step)
{
	const struct node *node = node_get(map, "on");
	const struct node *pipeline = node_get(map, "pipeline");
	struct conns *conns = maker->conns;
	struct span   name = SPAN("main");
	bool          pending = maker->build.pending;
	uint32_t      i;

	/* Inside a pipeline its own connection goes without saying. */
	if (node == NULL && maker->grouped) {
		step->conn = maker->conn;
		return true;
	}
	maker->build.pending = false;
	if (node != NULL && !build_word(&maker->build, node,
	    "the connection's name", &name))
		return false;
	conns->unsure |= maker->build.pending;
	maker->build.pending |= pending;
	for (i = 0; i < conns->count; i++)
		if (span_eq(conns->names[i], name))
			break;
	if (i == conns->count) {
		bool opens = verb == NULL ? pipeline != NULL : verb->opens;

		if (i == LIMIT_CONNECTIONS) {
			build_error(&maker->build, node, DIAG_ID_limit,
			    "more than %d connections in one scenario",
			    LIMIT_CONNECTIONS);
			return false;
		}
		if (!opens && !conns->unsure && maker->build.vars == NULL) {
			build_error(&maker->build, node, DIAG_ID_connection,
			    "no connection '%s' is opened before this step",
			    diag_word(maker->build.diags, name));
			conn_hint(maker, name);
			return false;
		}
		/* A running script's text goes with its step. */
		if (maker->build.vars != NULL)
			name = arena_copy(&maker->loader->arena, name);
		conns->names[conns->count++] = name;
	}
	step->conn = (uint8_t)i;
	return true;
}

bool
step_modifiers(struct maker *maker, const struct node *map, struct step *step)
{
	struct build *build = &maker->build;
	const struct node *key;
	bool fine = true;

	if ((key = node_get(map, "title")) != NULL)
		fine = title_read(build, key, step) && fine;
	if ((key = node_get(map, "timeout")) != NULL)
		fine = build_span_ms(build, key, &step->timeout_ms) && fine;
	if ((key = node_get(map, "level")) != NULL)
		fine = level_read(build, key, &step->level) && fine;
	if ((key = node_get(map, "on_fail")) != NULL)
		fine = on_fail_read(build, key, &step->go_on) && fine;
	if ((key = node_get(map, "secret")) != NULL)
		fine = build_bool(build, key, &step->secret) && fine;
	return conn_find(maker, map, step->verb, step) && fine;
}
