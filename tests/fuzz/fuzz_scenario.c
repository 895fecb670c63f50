/*
 * Any octets to scenarios: the loader reads only this buffer, every scenario
 * is opened, every step taken, planned and described, once with all steps
 * passing and once stopped at the first.
 */
#include "load/load.h"

#include "base/limits.h"
#include "base/secret.h"
#include "model/verb.h"
#include "model/vars.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 500, SCENARIOS_MAX = 20, ROUNDS_MAX = 20 };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* What a run would capture: now and then something nobody wants. */
static void
slots_fill(struct vars *vars, uint32_t seed)
{
	static const char *const values[] = { "250", "alice", "a\r\nb", "",
		"10ms", "smtp://127.0.0.1:25", "(", "true" };

	for (uint32_t i = SLOT_ATTEMPT; i < vars->count; i++)
		(void)vars_set(vars, i, span_of(values[(seed + i) % 8]));
}

static void
act_plan(const struct scenario *scenario, const struct step *step,
    struct vars *vars, struct buf *out)
{
	struct talk  talk = { 0 };
	struct plan  plan = { .vars = vars, .proto = scenario->proto,
		.talk = &talk, .out = out };
	struct want  want;
	struct fault fault;
	bool         more;

	if (step->verb == NULL)
		return;
	buf_clear(out);
	more = step->verb->plan(step->args, &plan, &want, &fault);
	for (int i = 0; more && want.then == THEN_FOLLOW && i < ROUNDS_MAX &&
	    step->verb->follow != NULL; i++) {
		struct input input = { .kind = INPUT_DONE };

		buf_clear(out);
		plan.round++;
		more = step->verb->follow(step->args, &plan, &input, NULL,
		    &want, &fault);
	}
}

static void
step_look(const struct scenario *scenario, const struct step *step,
    struct vars *vars, struct buf *out)
{
	require(step->conn < LIMIT_CONNECTIONS);
	require(step->conn < scenario->conn_count);
	act_plan(scenario, step, vars, out);
	for (uint32_t i = 0; i < step->expect_count; i++) {
		buf_clear(out);
		expect_describe(&step->expects[i], scenario->proto, out);
	}
	for (uint32_t i = 0; i < step->group_count; i++)
		step_look(scenario, &step->group[i], vars, out);
}

static void
scenario_run(const struct scenario *scenario, uint32_t seed, bool stops)
{
	struct vars    vars;
	struct source *source;
	struct fault   fault;
	struct buf     out = buf_new(2 * (size_t)MIB);
	const struct step *step;
	const struct outcome *last = NULL;
	struct outcome outcome;
	enum next      next = NEXT_STEP;

	vars_init(&vars, scenario->slot_count, seed, scenario->id);
	if (scenario->open(scenario, &vars, &source, &fault)) {
		slots_fill(&vars, seed);
		for (int i = 0; i < STEPS_MAX && next <= NEXT_NOT_RUN; i++) {
			next = source->next(source, last, &step, &fault);
			if (next > NEXT_NOT_RUN)
				break;
			step_look(scenario, step, &vars, &out);
			outcome = (struct outcome){ .step = step,
			    .result = step->again_us != 0 && i % 3 == 0 ?
			    RESULT_AGAIN : RESULT_PASS,
			    .began_us = (uint64_t)i * 1000, .took_us = 10 };
			last = &outcome;
			if (stops && i == 0)
				source->stop(source);
		}
		source->close(source);
	}
	vars_free(&vars);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct redactor *redactor = redactor_new();
	struct load_options options = { .client = "client.test", .seed = 1,
		.checking = size % 2 == 0, .scenarios_max = 1000,
		.redactor = redactor };
	struct loader *loader = loader_new(&options);
	const struct scenario *const *all;
	uint32_t count;

	(void)loader_give(loader, GIVEN_DEFINE, "recipient=bob@example.test");
	(void)loader_give(loader, GIVEN_SECRETS, "password=geheim");
	loader_add_text(loader, "fuzz.yaml",
	    (struct span){ (const char *)data, size });
	all = loader_scenarios(loader, &count);
	loader_check_given(loader, all, count);
	loader_check_missing(loader, all, count);
	for (uint32_t i = 0; i < count && i < SCENARIOS_MAX; i++)
		for (int stops = 0; stops < 2; stops++)
			if (all[i]->missing == NULL)
				scenario_run(all[i], (uint32_t)size, stops);
	loader_free(loader);
	redactor_free(redactor);
	return 0;
}
