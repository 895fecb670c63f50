/* What is known of a step before it runs. */
#include "model/step.h"

#include "model/verb.h"

static bool
only_codes(const struct expect *e)
{
	return e->accept_count > 0 && e->never_count == 0 &&
	    e->end_count == 0 && e->match_count == 0 && e->need_count == 0 &&
	    e->within_ms == 0 && e->after_ms == 0 && !e->silence &&
	    !e->closed && !e->tls_failed;
}

void
step_sort(struct step *step)
{
	const struct verb *verb = step->verb;

	step->plain = verb != NULL && !verb->rounds &&
	    step->group_count == 0 && !step->each &&
	    (step->expect_count == 0 ||
	    (step->expect_count == 1 && only_codes(step->expects)));
	step->usual = step->plain && step->expect_count == 1 &&
	    !verb->opens && !verb->secures && !verb->wireless &&
	    !step->always;
}
