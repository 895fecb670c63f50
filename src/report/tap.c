/*
 * TAP 14: a test point for each scenario, a subtest with a point for each step
 * of its last attempt, YAML diagnostics. What was not run is `not ok` (a
 * scenario) or skipped inside one that is `not ok` (a step); a failure that
 * was expected is a TODO.
 */
#include "base/text.h"
#include "report/lines.h"

static void
begin(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	(void)state, (void)totals;
	(void)buf_addf(out, "TAP version %d\n1..%u", run->tap13 ? 13 : 14,
	    (unsigned)run->selected);
	(void)buf_add_text(out, run->selected == 0 ?
	    " # SKIP nothing was selected\n" : "\n");
}

static void
value(const char *key, struct span text, size_t indent, struct buf *out)
{
	if (text.len == 0)
		return;
	(void)buf_add_fill(out, ' ', indent);
	(void)buf_addf(out, "%s: ", key);
	text_yaml(text, out);
	(void)buf_add_octet(out, '\n');
}

static void
place(const struct place_record *place, size_t indent, struct buf *out)
{
	if (place->file == NULL)
		return;
	(void)buf_add_fill(out, ' ', indent);
	(void)buf_add_text(out, "at:\n");
	value("file", span_of(place->file), indent + 2, out);
	(void)buf_add_fill(out, ' ', indent + 2);
	(void)buf_addf(out, "line: %u\n", (unsigned)place->line);
	if (place->column == 0)
		return;
	(void)buf_add_fill(out, ' ', indent + 2);
	(void)buf_addf(out, "column: %u\n", (unsigned)place->column);
}

static void
step_facts(const struct step_record *step, size_t indent, struct buf *out)
{
	value("message", step->message, indent, out);
	value("severity", step->result == RESULT_WARN ? SPAN("warning") :
	    step->result == RESULT_ERROR ? SPAN("error") : SPAN("fail"),
	    indent, out);
	place(&step->place, indent, out);
	value("sent", step->sent, indent, out);
	value("wanted", step->want, indent, out);
	value("found", step->got, indent, out);
	value("note", step->note, indent, out);
	value("trace", step->trace, indent, out);
}

static bool
step_shown(const struct scenario_record *record,
    const struct step_record *step)
{
	return step->attempt == record->attempts || record->attempts <= 1;
}

static void
step_point(const struct step_record *step, unsigned number, struct buf *out)
{
	struct buf label = buf_new(LABEL_MAX);

	lines_label(step, &label);
	(void)buf_addf(out, "    %s %u - ", lines_bad(step->result) ?
	    "not ok" : "ok", number);
	text_tap(buf_span(&label), out);
	buf_free(&label);
	if (step->result == RESULT_NOT_RUN)
		(void)buf_add_text(out, " # SKIP not run");
	else if (step->result == RESULT_AGAIN)
		(void)buf_add_text(out, " # SKIP did not hold yet");
	else if (step->result == RESULT_SKIP) {
		(void)buf_add_text(out, " # SKIP ");
		text_tap(step->message, out);
	}
	(void)buf_add_octet(out, '\n');
	if (lines_bad(step->result) || step->result == RESULT_WARN) {
		(void)buf_add_text(out, "      ---\n");
		step_facts(step, 6, out);
		(void)buf_add_text(out, "      ...\n");
	}
}

/* What a script or quoth itself had to say at that step: comments. */
static void
remarks(const struct wire_record *wire, struct buf *out)
{
	while ((wire = lines_said(wire, true)) != NULL) {
		struct span rest = wire->bytes, line;

		while (span_word(&rest, "\n", &line)) {
			(void)buf_add_text(out, "    # ");
			text_tap(line, out);
			(void)buf_add_octet(out, '\n');
		}
		wire = wire->next;
	}
}

static void
attempts(const struct scenario_record *record, struct buf *out)
{
	const struct step_record *step = record->steps;

	for (; step != NULL; step = step->next) {
		if (step_shown(record, step) || !lines_bad(step->result))
			continue;
		(void)buf_addf(out, "    # attempt %u: ",
		    (unsigned)step->attempt);
		text_tap(step->label, out);
		(void)buf_add_text(out, ": ");
		text_tap(step->message, out);
		(void)buf_add_octet(out, '\n');
	}
}

/* Remarks come first: YAML diagnostics follow their point at once. */
static void
step_remarked(const struct step_record *step, unsigned number, struct buf *out)
{
	remarks(step->wires, out);
	step_point(step, number, out);
}

static void
subtest(const struct scenario_record *record, struct buf *out)
{
	const struct step_record *step;
	unsigned count = 0, number = 0;

	for (step = record->steps; step != NULL; step = step->next)
		count += step_shown(record, step);
	if (count == 0)
		return;
	(void)buf_add_text(out, "# Subtest: ");
	text_tap(record->name, out);
	(void)buf_addf(out, "\n    1..%u\n", count);
	attempts(record, out);
	remarks(record->said, out);
	for (step = record->steps; step != NULL; step = step->next)
		if (step_shown(record, step))
			step_remarked(step, ++number, out);
}

static void
scenario_facts(const struct scenario_record *record, struct buf *out)
{
	const struct step_record *culprit = lines_culprit(record);

	(void)buf_add_text(out, "  ---\n");
	value("message", lines_why(record), 2, out);
	value("severity", record->result == RESULT_ERROR ? SPAN("error") :
	    SPAN("fail"), 2, out);
	if (culprit != NULL) {
		value("step", culprit->label, 2, out);
		place(&culprit->place, 2, out);
		value("sent", culprit->sent, 2, out);
		value("wanted", culprit->want, 2, out);
		value("found", culprit->got, 2, out);
		value("note", culprit->note, 2, out);
		value("trace", culprit->trace, 2, out);
	}
	value("again", record->again, 2, out);
	(void)buf_add_text(out, "  ...\n");
}

static void
scenario(void *state, const struct run_record *run,
    const struct scenario_record *record, struct buf *out)
{
	bool bad = lines_bad(record->result) || record->xfail;

	(void)state, (void)run;
	subtest(record, out);
	(void)buf_addf(out, "%s %u - ", bad ? "not ok" : "ok",
	    (unsigned)record->number);
	text_tap(span_of(record->file), out);
	(void)buf_add_text(out, ": ");
	text_tap(record->name, out);
	if (record->result == RESULT_SKIP || record->xfail) {
		(void)buf_add_text(out, record->xfail ? " # TODO " : " # SKIP ");
		text_tap(record->reason, out);
	}
	(void)buf_add_octet(out, '\n');
	if (bad)
		scenario_facts(record, out);
}

static void
end(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	(void)state, (void)run;
	(void)buf_add_text(out, "# ");
	lines_summary(totals, out);
	(void)buf_add_octet(out, '\n');
}

const struct reporter reporter_tap = {
	.name = "tap", .usage = "TAP 14 with subtests",
	.begin = begin, .scenario = scenario, .end = end, .streams = true,
};
