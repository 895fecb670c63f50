/*
 * quoth show: the dialogue of each scenario as a transcript, without sending
 * anything: what we would say (C:) and what would be accepted (S:).
 */
#include "cmd/suite.h"

#include "base/limits.h"
#include "base/text.h"
#include "model/vars.h"
#include "model/verb.h"

extern const struct command command_show;

static void
line_add(const char *who, struct span text, struct buf *out)
{
	(void)buf_addf(out, "  %s ", who);
	text_plain(text, out);
	(void)buf_add_octet(out, '\n');
}

enum { LINES_MAX = 40 };        /* of one act */

/* What goes over the wire, its first lines. Values that only the run knows
 * are empty here. */
static bool
wire_show(const struct scenario *scenario, const struct step *step,
    struct buf *out)
{
	struct buf   scratch = buf_new(LIMIT_BODY);
	struct vars  vars;
	struct talk  talk = { 0 };
	struct plan  plan = { .vars = &vars, .proto = scenario->proto,
	    .talk = &talk, .out = &scratch };
	struct want  want = { .kind = WANT_NOTHING };
	struct fault fault;
	struct span  line;
	bool         done;

	vars_init(&vars, scenario->slot_count, 0, scenario->id);
	done = step->args != NULL && step->verb->plan(step->args, &plan,
	    &want, &fault) && want.kind == WANT_WRITE;
	for (int i = 0; done && i < LINES_MAX && want.bytes.len > 0 &&
	    span_word(&want.bytes, "\n", &line); i++)
		line_add("C:", span_ends(line, SPAN("\r")) ?
		    span_sub(line, 0, line.len - 1) : line, out);
	if (done && (want.bytes.len > 0 || want.then == THEN_FOLLOW ||
	    want.then == THEN_ROUND))
		line_add("C:", SPAN("(and more)"), out);
	vars_free(&vars);
	buf_free(&scratch);
	return done;
}

/* A title is for reports: here is what is said. */
static void
act_show(const struct scenario *scenario, const struct step *step,
    struct buf *out)
{
	struct span name = span_of(step->verb->name);

	if ((span_is(name, "body") || span_is(name, "bdat") ||
	    (span_is(name, "send") && step->titled)) && wire_show(scenario, step, out))
		return;
	line_add("C:", step->titled ? name : step->label, out);
}

/* Without `expect`. */
static bool
awaits(const struct scenario *scenario, const struct step *step)
{
	const struct verb *verb = step->verb;

	if (verb == NULL || !verb->awaits || (verb->awaits_of != NULL &&
	    step->args != NULL && !verb->awaits_of(step->args)))
		return false;
	return verb->opens ? scenario->proto->greets : scenario->proto->awaits;
}

/* `conn`: the connection of the step before. */
static void
step_show(const struct scenario *scenario, const struct step *step,
    uint8_t *conn, struct buf *out)
{
	struct buf want = buf_new(LIMIT_SHOWN);
	bool       act = step->verb != NULL;

	for (uint32_t i = 0; i < step->group_count; i++)
		step_show(scenario, &step->group[i], conn, out);
	if (step->group_count > 0)
		return;
	if (step->conn != *conn) {
		(void)buf_add_text(out, "  -- on ");
		text_plain(scenario->conns[step->conn], out);
		(void)buf_add_text(out, " --\n");
		*conn = step->conn;
	}
	if (act)
		act_show(scenario, step, out);
	for (uint32_t i = 0; i < step->expect_count; i++) {
		buf_clear(&want);
		expect_describe(&step->expects[i], scenario->proto, &want);
		line_add("S:", buf_span(&want), out);
	}
	if (step->expect_count == 0 && awaits(scenario, step))
		line_add("S:", SPAN("a positive reply"), out);
	buf_free(&want);
}

static void
scenario_show(const struct scenario *scenario, struct buf *out)
{
	struct vars    vars;
	struct source *source;
	struct fault   fault;
	const struct step *step;
	enum next      next;
	uint8_t        conn = 0;

	text_plain(scenario->title, out);
	(void)buf_add_text(out, "  (");
	text_plain(span_of(scenario->path), out);
	(void)buf_addf(out, ":%u)\n", scenario->loc.line);
	if (scenario->computed) {
		line_add("--", SPAN("its steps are computed by a script"), out);
		(void)buf_add_octet(out, '\n');
		return;
	}
	vars_init(&vars, scenario->slot_count, 0, scenario->id);
	if (!scenario->open(scenario, &vars, &source, &fault)) {
		line_add("--", span_of(fault.text), out);
		vars_free(&vars);
		return;
	}
	while ((next = source->next(source, NULL, &step, &fault)) !=
	    NEXT_END && next != NEXT_LATER)
		step_show(scenario, step, &conn, out);
	(void)buf_add_octet(out, '\n');
	source->close(source);
	vars_free(&vars);
}

static int
show(int argc, char **argv)
{
	return suite_each(&command_show, argc, argv, scenario_show);
}

static const struct option_row show_options[] = {
	SUITE_OPTIONS,
	{ .name = NULL },
};

const struct command command_show = {
	.name = "show", .usage = "show PATH...",
	.about = "shows the dialogue of each scenario without sending anything",
	.options = show_options, .main = show,
};
