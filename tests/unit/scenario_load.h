/* Scenarios loaded from text, for tests: no file is read. */
#ifndef QUOTH_TESTS_SCENARIO_LOAD_H
#define QUOTH_TESTS_SCENARIO_LOAD_H

#include "check.h"

#include "base/limits.h"
#include "cmd/complain.h"
#include "load/load.h"
#include "model/step.h"
#include "model/vars.h"

static inline struct loader *
loader_made(void)
{
	return loader_new(&(struct load_options){ .client = "client.test",
	    .seed = 7, .checking = true, .scenarios_max = LIMIT_SCENARIOS,
	    .today = 20000 });
}

/* What `quoth check` would print. */
static inline void
loader_print(struct loader *loader, struct buf *out)
{
	*out = buf_new(8 * (size_t)MIB);
	complain(loader_diags(loader), COMPLAIN_HUMAN, false, out);
}

#endif
