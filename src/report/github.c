/*
 * GitHub Actions: an annotation for each failure, at most nine (the service
 * shows ten of a kind and step, and drops the rest silently), then the sum.
 * Every scenario also has a plain line, so that the log says what was run.
 * All lines but the commands begin with a verdict of ours.
 */
#include "base/text.h"
#include "report/lines.h"

enum { ANNOTATIONS_MAX = 9 };

struct github {
	uint32_t annotations, dropped;
};

static void
begin(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	(void)state, (void)run, (void)totals, (void)out;
}

static void
message(const struct scenario_record *record,
    const struct step_record *culprit, struct buf *out)
{
	struct buf words = buf_new(64 * 1024);

	if (culprit != NULL) {
		(void)buf_add(&words, culprit->label);
		(void)buf_add_text(&words, ": ");
	}
	(void)buf_add(&words, lines_why(record));
	if (culprit != NULL && culprit->want.len > 0) {
		(void)buf_add_text(&words, "\nwant ");
		(void)buf_add(&words, culprit->want);
		(void)buf_add_text(&words, "\ngot ");
		(void)buf_add(&words, culprit->reply);
	}
	for (const struct wire_record *wire = culprit == NULL ? NULL :
	    lines_said(culprit->wires, true); wire != NULL;
	    wire = lines_said(wire->next, true)) {
		(void)buf_add_text(&words, "\n");
		(void)buf_add(&words, wire->bytes);
	}
	if (culprit != NULL && culprit->note.len > 0) {
		(void)buf_add_text(&words, "\n");
		(void)buf_add(&words, culprit->note);
	}
	if (culprit != NULL && culprit->trace.len > 0) {
		(void)buf_add_text(&words, "\n");
		(void)buf_add(&words, culprit->trace);
	}
	if (record->again.len > 0) {
		(void)buf_add_text(&words, "\nagain: ");
		(void)buf_add(&words, record->again);
	}
	text_github(buf_span(&words), out);
	buf_free(&words);
}

static void
annotate(const struct scenario_record *record, struct buf *out)
{
	const struct step_record *culprit = lines_culprit(record);
	bool     placed = culprit != NULL && culprit->place.file != NULL;

	(void)buf_add_text(out, "::error file=");
	text_github_property(span_of(placed ? culprit->place.file :
	    record->file), out);
	(void)buf_addf(out, ",line=%u", (unsigned)(placed ?
	    culprit->place.line : record->line == 0 ? 1 : record->line));
	if (placed && culprit->place.column > 0)
		(void)buf_addf(out, ",col=%u",
		    (unsigned)culprit->place.column);
	(void)buf_add_text(out, ",title=");
	text_github_property(record->name, out);
	(void)buf_add_text(out, "::");
	message(record, culprit, out);
	(void)buf_add_octet(out, '\n');
}

static void
scenario(void *state, const struct run_record *run,
    const struct scenario_record *record, struct buf *out)
{
	struct github *github = state;

	(void)run;
	(void)buf_addf(out, "%-5s ", lines_verdict(record->result));
	text_plain(span_of(record->file), out);
	(void)buf_add_text(out, "  ");
	text_plain(record->name, out);
	if (record->attempts > 0) {
		(void)buf_add_text(out, "  ");
		lines_time(record->took_us, out);
	}
	(void)buf_add_octet(out, '\n');
	if (!lines_bad(record->result))
		return;
	if (github->annotations < ANNOTATIONS_MAX) {
		github->annotations++;
		annotate(record, out);
	} else {
		github->dropped++;
	}
}

static void
end(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	const struct github *github = state;
	bool green = github->annotations == 0 && totals->not_run == 0;

	(void)run;
	(void)buf_add_text(out, green ? "::notice title=quoth::" :
	    "::error title=quoth::");
	lines_summary(totals, out);
	if (github->dropped > 0)
		(void)buf_addf(out, "; %u more failed than are marked here",
		    (unsigned)github->dropped);
	(void)buf_add_octet(out, '\n');
}

const struct reporter reporter_github = {
	.name = "github", .usage = "annotations of GitHub Actions",
	.state_size = sizeof(struct github),
	.begin = begin, .scenario = scenario, .end = end, .streams = true,
};
