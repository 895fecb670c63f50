/* wait: DURATION. A pause; what arrives meanwhile stays for the next step. */
#include "model/build.h"
#include "model/verb.h"

struct wait_args { uint32_t ms; };

static bool
wait_parse(struct build *build, const struct node *node, const void **args)
{
	struct wait_args *wait = arena_alloc(build->arena, sizeof *wait);

	*args = wait;
	return build_ms(build, node, &wait->ms);
}

static bool
wait_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	const struct wait_args *wait = args;

	(void)plan, (void)fault;
	*want = (struct want){ .kind = WANT_TIMER, .ms = wait->ms };
	return true;
}

const struct verb verb_wait = {
	.name = "wait", .usage = "wait: DURATION", .wireless = true,
	.parse = wait_parse, .plan = wait_plan
};
