/*
 * A run that does not begin. Its report files are written all the same: one
 * of an earlier run that was left in their place would be green by accident.
 * What stopped it is a scenario of its own, with the place in the file; every
 * scenario that was selected says "not run".
 */
#include "cmd/engine.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

#include <time.h>

static const struct diag *
first_error(const struct engine *engine)
{
	const struct diag *diag = engine->suite->loader == NULL ? NULL :
	    loader_diags(engine->suite->loader)->first;

	while (diag != NULL && diag->severity != SEVERITY_ERROR)
		diag = diag->next;
	return diag;
}

static struct span
reason_make(const struct engine *engine, const struct diag *diag,
    struct arena *arena)
{
	uint32_t more;

	if (diag == NULL)
		return span_of(said());
	more = loader_diags(engine->suite->loader)->errors - 1;
	if (more == 0)
		return span_of(arena_printf(arena, "%s", diag->text));
	return span_of(arena_printf(arena, "%s (and %u more error%s)",
	    diag->text, more, more == 1 ? "" : "s"));
}

static struct scenario
culprit_make(const struct engine *engine, const struct diag *diag)
{
	struct scenario culprit = { .id = SPAN("quoth run"),
	    .title = SPAN("The run does not begin"),
	    .name = SPAN("The run does not begin"),
	    .path = engine->args->word_count > 0 ? engine->args->words[0] :
	    "-" };

	if (diag != NULL && diag->loc.file != NULL) {
		culprit.path = diag->loc.file->name;
		culprit.loc = diag->loc;
	}
	return culprit;
}

/* Loading may have failed before the selection was made. */
static void
tasks_make(struct engine *engine, const struct scenario *culprit)
{
	const struct selection *selection = &engine->suite->selection;

	engine->task_count = selection->count + 1;
	engine->tasks = mem_alloc(engine->task_count * sizeof *engine->tasks);
	engine->tasks[0] = culprit;
	for (uint32_t i = 0; i < selection->count; i++)
		engine->tasks[i + 1] = selection->list[i];
}

static enum cause
cause_of(int status)
{
	return status == EXIT_ENVIRONMENT ? CAUSE_CONNECT : CAUSE_SOURCE;
}

int
engine_unrun(struct engine *engine, int status)
{
	const struct diag *diag = first_error(engine);
	struct scenario    culprit = culprit_make(engine, diag);
	struct scenario_end end = { .number = 1, .result = RESULT_ERROR,
	    .cause = (uint8_t)cause_of(status), .attempts = 1,
	    .reason = reason_make(engine, diag, &engine->suite->arena) };

	if (engine->sinks == NULL || engine->bus != NULL)
		return status;
	sinks_quiet(engine->sinks);
	tasks_make(engine, &culprit);
	engine_bus(engine, 0);
	run_bus_scenario_end(engine->bus, &end);
	run_bus_finish(engine->bus, loop_signalled(),
	    SPAN("the run did not begin"), 0);
	if (!sinks_finish(engine->sinks, 0))
		status = exit_worse(status, EXIT_ENVIRONMENT);
	/* The culprit lives in this function only. */
	run_bus_free(engine->bus);
	engine->bus = NULL;
	return status;
}
