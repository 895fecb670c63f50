/* abort: a reset (RST) instead of an orderly close. */
#include "model/build.h"
#include "model/verb.h"

static bool
abort_parse(struct build *build, const struct node *node, const void **args)
{
	*args = NULL;
	if (node_is_nothing(node))
		return true;
	build_error(build, node, DIAG_ID_wrong_type, "abort takes no value");
	return false;
}

static bool
abort_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	(void)args, (void)plan, (void)fault;
	*want = (struct want){ .kind = WANT_ABORT };
	return true;
}

const struct verb verb_abort = {
	.name = "abort", .usage = "abort:",
	.parse = abort_parse, .plan = abort_plan
};
