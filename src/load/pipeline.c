/*
 * A pipeline: steps whose acts leave in one write, as one step that has them as
 * its group. They are read as any list of steps is, and then it is looked at
 * whether they can stand together.
 */
#include "load/loader.h"

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
		if (item->next != NULL && item->step.verb != NULL &&
		    item->step.verb->secures && !opens) {
			diag_error(maker->build.diags, DIAG_ID_bad_value,
			    item->step.loc, "'%s' can only be the last of a "
			    "pipeline", item->step.verb->name);
			diag_hint(maker->build.diags, "what follows would "
			    "leave before TLS begins: that is written with "
			    "write");
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
	    item = item->next)
		group[step->group_count++] = item->step;
	return true;
}

/* All of it goes to one connection, in one write. */
static bool
group_conns(struct maker *maker, const struct step *step)
{
	for (uint32_t i = 0; i < step->group_count; i++)
		if (step->group[i].conn != step->conn) {
			diag_error(maker->build.diags, DIAG_ID_connection,
			    step->group[i].loc, "a pipeline has one "
			    "connection, and this step another");
			diag_hint(maker->build.diags, "say 'on' once, beside "
			    "'pipeline'");
			return false;
		}
	return true;
}

/* What stands beside `pipeline` holds for the steps inside. */
static bool
pipeline_modifiers(struct maker *maker, const struct node *node,
    struct step *step)
{
	const struct node *expect = node_get(node, "expect");

	if (expect == NULL)
		expect = node_get(node, "expect_each");
	if (expect == NULL)
		return step_modifiers(maker, node, step);
	diag_error(maker->build.diags, DIAG_ID_bad_value, expect->key_loc,
	    "a pipeline expects nothing itself");
	diag_hint(maker->build.diags, "each step inside has its own 'expect'");
	return false;
}

bool
pipeline_build(struct maker *maker, const struct node *node,
    const struct node *act, struct step *step)
{
	struct maker  inner = *maker;
	struct items  items = { 0 };
	bool          fine = pipeline_modifiers(maker, node, step);

	if (maker->grouped) {
		build_error(&maker->build, act, DIAG_ID_bad_value,
		    "a pipeline cannot stand in a pipeline");
		return false;
	}
	inner.grouped = true;
	inner.conn = step->conn;
	inner.timeout_ms = step->timeout_ms;
	inner.level = step->level;
	inner.secret = step->secret;
	inner.go_on = step->go_on;
	inner.build.late = false;
	if (!steps_expand(&inner, act, &items) || !fine)
		return false;
	maker->build.late = maker->build.late || inner.build.late;
	maker->build.pending |= inner.build.pending;
	step->label = step->titled ? step->label : SPAN("pipeline");
	if (!group_collect(maker, act, &items, step) ||
	    !group_conns(maker, step))
		return false;
	conn_check(maker, node->loc, step);
	return true;
}
