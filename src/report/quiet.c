/* A line for each scenario that is not green, and the sum. */
#include "base/text.h"
#include "report/lines.h"

static void
begin(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	(void)state, (void)run, (void)totals, (void)out;
}

static void
scenario(void *state, const struct run_record *run,
    const struct scenario_record *record, struct buf *out)
{
	const struct step_record *culprit = lines_culprit(record);

	(void)state, (void)run;
	if (!lines_bad(record->result))
		return;
	(void)buf_addf(out, "%s ", lines_verdict(record->result));
	text_plain(span_of(record->file), out);
	if (culprit != NULL && culprit->place.file != NULL)
		(void)buf_addf(out, ":%u", (unsigned)culprit->place.line);
	(void)buf_add_text(out, ": ");
	text_plain(record->name, out);
	(void)buf_add_text(out, ": ");
	if (culprit != NULL) {
		text_plain(culprit->label, out);
		(void)buf_add_text(out, ": ");
	}
	text_plain(lines_why(record), out);
	(void)buf_add_octet(out, '\n');
}

static void
end(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	(void)state, (void)run;
	lines_summary(totals, out);
	(void)buf_add_octet(out, '\n');
}

const struct reporter reporter_quiet = {
	.name = "quiet", .usage = "failures in a line each, and the sum",
	.begin = begin, .scenario = scenario, .end = end, .brief = true,
	.streams = true,
};
