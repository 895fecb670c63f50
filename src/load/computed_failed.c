/*
 * A script that did not load: it was ended at a limit, crashed, raised an
 * error, is no Lua. It stands in the reports as one scenario that is an error,
 * and the others run: nobody's file stops those of its neighbours.
 */
#include "load/loader.h"

static bool
failed_open(const struct scenario *scenario, struct vars *vars,
    struct source **source, struct fault *fault)
{
	const struct diag *diag = scenario->program;

	(void)vars, (void)source;
	if (diag->loc.line > 0)
		(void)fault_set(fault, FAULT_SCRIPT, "%.100s:%u: %s",
		    diag->loc.file->name, diag->loc.line, diag->text);
	else
		(void)fault_set(fault, FAULT_SCRIPT, "%s", diag->text);
	fault->loc = diag->loc;
	return false;
}

void
computed_failed(struct loader *loader, const struct unit *unit,
    const struct diag *diag)
{
	static const struct span main_conn = { "main", 4 };
	struct arena    *arena = &loader->arena;
	struct scenario *out = arena_alloc(arena, sizeof *out);
	const char      *name = unit->file.name;
	const char      *slash = strrchr(name, '/');

	*out = (struct scenario){ .loc = { .file = &unit->file, .line = 1 },
	    .path = name, .row = { "", 0 }, .proto = proto_rows[0],
	    .conns = &main_conn, .conn_count = 1, .slot_count = SLOT_OWN,
	    .timeout_ms = LIMIT_REPLY_MS, .limit_ms = LIMIT_SCENARIO_MS,
	    .open = failed_open, .program = diag };
	out->name = out->title = span_of(slash == NULL ? name : slash + 1);
	out->id = span_of(arena_printf(arena, "%s#%.*s", name,
	    SPAN_ARG(out->title)));
	if (!scenario_keep(loader, out, out->loc))
		return;
	loader->failed++;
	loader->failed_errors += unit->why_errors;
}
