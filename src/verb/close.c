/* close: an orderly close; `{ half: true }` closes our side only. */
#include "model/build.h"
#include "model/verb.h"

struct close_args { bool half; };

static bool
close_parse(struct build *build, const struct node *node, const void **args)
{
	static const struct field fields[] = { { "half", false },
		{ NULL, false } };
	struct close_args *close = arena_alloc(build->arena, sizeof *close);
	const struct node *half;

	*args = close;
	if (node_is_nothing(node))
		return true;
	if (!build_keys(build, node, fields, "close"))
		return false;
	half = node_get(node, "half");
	return half == NULL || build_bool(build, half, &close->half);
}

static bool
close_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	const struct close_args *close = args;

	(void)plan, (void)fault;
	*want = (struct want){
		.kind = close->half ? WANT_HALF_CLOSE : WANT_CLOSE };
	return true;
}

const struct verb verb_close = {
	.name = "close", .usage = "close: or close: { half: true }",
	.parse = close_parse, .plan = close_plan
};
