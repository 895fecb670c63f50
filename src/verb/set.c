/* set: { NAME: VALUE }. Variables for later steps; nothing goes on the wire. */
#include "base/limits.h"
#include "model/build.h"
#include "model/verb.h"

struct setting { struct template value; uint32_t slot; };
struct set_args { struct setting *list; uint32_t count; };

static bool
set_parse(struct build *build, const struct node *node, const void **args)
{
	struct set_args *set = arena_alloc(build->arena, sizeof *set);
	bool fine = true;

	*args = set;
	if (!node_is_map(node)) {
		build_error(build, node, DIAG_ID_wrong_type,
		    "set must be a map of names and values, not %s",
		    node_kind_name(node));
		return false;
	}
	if (node->count == 0) {
		build_error(build, node, DIAG_ID_bad_value,
		    "set needs at least one name and value");
		return false;
	}
	set->list = arena_alloc(build->arena, node->count * sizeof *set->list);
	for (const struct node *child = node->first; child != NULL;
	    child = child->next) {
		struct setting *setting = &set->list[set->count++];

		if (child->kind != NODE_SCALAR) {
			build_error(build, child, DIAG_ID_wrong_type,
			    "want one value for '%s', not %s",
			    diag_word(build->diags, child->key),
			    node_kind_name(child));
			fine = false;
			continue;
		}
		build->secret = false;
		fine = template_parse(build, child, TEMPLATE_TEXT,
		    &setting->value) && build->declare(build, child,
		    child->key, &setting->slot) && fine;
	}
	return fine;
}

static bool
set_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	const struct set_args *set = args;
	struct buf value = buf_new(LIMIT_EXPANDED);
	bool       fine = true;

	*want = (struct want){ .kind = WANT_NOTHING };
	for (uint32_t i = 0; fine && i < set->count; i++) {
		buf_clear(&value);
		fine = template_expand(&set->list[i].value, plan->vars, &value,
		    fault);
		if (fine && !vars_set(plan->vars, set->list[i].slot,
		    buf_span(&value)))
			fine = fault_set(fault, FAULT_LIMIT, "the value is "
			    "longer than %d KiB", LIMIT_EXPANDED / KIB);
	}
	buf_free(&value);
	return fine;
}

const struct verb verb_set = {
	.name = "set", .usage = "set: { NAME: VALUE, ... }", .wireless = true,
	.parse = set_parse, .plan = set_plan
};
