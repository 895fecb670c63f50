/*
 * JUnit XML, valid for both common schemas (windyroad's JUnit.xsd and Jenkins'
 * junit-10.xsd). They agree on system-out only below a testsuite, so every
 * scenario is a testsuite with one testcase: its classname is the file, its
 * name is unique there, and nothing depends on what comes later.
 */
#include "base/text.h"
#include "report/lines.h"

#include <inttypes.h>

struct junit {
	uint32_t suites;
};

static void
begin(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	(void)state, (void)run, (void)totals;
	(void)buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n");
}

/* Shown as on a terminal first: a line break in an attribute is a blank. */
static void
attribute(const char *name, struct span text, struct buf *out)
{
	struct buf shown = buf_new(16 * (size_t)1024 * 1024);

	text_plain(text, &shown);
	(void)buf_addf(out, " %s=\"", name);
	text_xml(buf_span(&shown), out);
	(void)buf_add_octet(out, '"');
	buf_free(&shown);
}

static void
property(const char *name, struct span text, struct buf *out)
{
	(void)buf_addf(out, "\t\t\t<property name=\"%s\"", name);
	attribute("value", text, out);
	(void)buf_add_text(out, "/>\n");
}

static void
property_number(const char *name, uint64_t number, struct buf *out)
{
	(void)buf_addf(out, "\t\t\t<property name=\"%s\" value=\"%" PRIu64
	    "\"/>\n", name, number);
}

static void
properties(const struct run_record *run, const struct scenario_record *record,
    struct buf *out)
{
	(void)buf_add_text(out, "\t\t<properties>\n");
	property("id", record->id, out);
	property("target", record->target.len > 0 ? record->target :
	    run->target, out);
	property_number("seed", run->seed, out);
	if (run->shards > 0) {
		property_number("shard", run->shard, out);
		property_number("shards", run->shards, out);
	}
	if (run->digest.len > 0)
		property("selection", run->digest, out);
	property_number("attempts", record->attempts, out);
	property("quoth", span_of(run->version), out);
	(void)buf_add_text(out, "\t\t</properties>\n");
}

/* The element that says what went wrong, with the listing of the place. */
static void
place(const struct place_record *place_record, struct buf *text)
{
	if (place_record->file == NULL)
		return;
	(void)buf_addf(text, "%s:%u:", place_record->file,
	    (unsigned)place_record->line);
	if (place_record->column > 0)
		(void)buf_addf(text, "%u:", (unsigned)place_record->column);
	(void)buf_add_octet(text, ' ');
}

static void
trouble(const char *element, const struct scenario_record *record,
    struct buf *out)
{
	const struct step_record *culprit = lines_culprit(record);
	struct buf text = buf_new(1024 * 1024);

	(void)buf_addf(out, "\t\t\t<%s", element);
	attribute("type", span_of(record->attempts == 0 ? "not-run" :
	    record->cause < CAUSE_COUNT ? cause_names[record->cause] : "none"),
	    out);
	attribute("message", lines_why(record), out);
	(void)buf_add_octet(out, '>');
	if (culprit != NULL) {
		place(&culprit->place, &text);
		text_plain(culprit->label, &text);
		(void)buf_add_text(&text, "\nwant  ");
		text_plain(culprit->want, &text);
		(void)buf_add_text(&text, "\ngot   ");
		text_plain(culprit->got, &text);
		(void)buf_add_text(&text, "\nnote  ");
		text_plain(culprit->note, &text);
		if (culprit->trace.len > 0)
			(void)buf_add_text(&text, "\ntrace ");
		text_plain(culprit->trace, &text);
		(void)buf_add_text(&text, "\nagain ");
		text_plain(record->again, &text);
	}
	text_xml(buf_span(&text), out);
	(void)buf_addf(out, "</%s>\n", element);
	buf_free(&text);
}

static void
verdict(const struct scenario_record *record, struct buf *out)
{
	switch ((enum result)record->result) {
	case RESULT_PASS:
	case RESULT_WARN:
		return;
	case RESULT_SKIP:
		(void)buf_add_text(out, "\t\t\t<skipped>");
		text_xml(record->reason, out);
		(void)buf_add_text(out, "</skipped>\n");
		return;
	case RESULT_FAIL:
		trouble("failure", record, out);
		return;
	case RESULT_AGAIN:
	case RESULT_NOT_RUN:
	case RESULT_ERROR:
	case RESULT_COUNT:
		break;
	}
	trouble("error", record, out);
}

static void
suite_open(const struct junit *junit, const struct run_record *run,
    const struct scenario_record *record, struct buf *out)
{
	bool failed = record->result == RESULT_FAIL;
	bool skipped = record->result == RESULT_SKIP;
	bool error = !failed && !skipped && record->result != RESULT_PASS &&
	    record->result != RESULT_WARN;

	(void)buf_add_text(out, "\t<testsuite");
	attribute("name", record->id, out);
	attribute("package", span_of(record->file), out);
	(void)buf_addf(out, " id=\"%" PRIu32 "\" tests=\"1\" failures=\"%d\" "
	    "errors=\"%d\" skipped=\"%d\" hostname=\"localhost\" "
	    "timestamp=\"", junit->suites, failed, error, skipped);
	lines_stamp(run->began_unix_us + record->began_us, false, out);
	(void)buf_add_text(out, "\" time=\"");
	lines_seconds(record->took_us, out);
	(void)buf_add_text(out, "\">\n");
}

static void
scenario(void *state, const struct run_record *run,
    const struct scenario_record *record, struct buf *out)
{
	struct junit *junit = state;
	struct buf    listing = buf_new(64 * (size_t)1024 * 1024);

	suite_open(junit, run, record, out);
	junit->suites++;
	properties(run, record, out);
	(void)buf_add_text(out, "\t\t<testcase");
	attribute("classname", span_of(record->file), out);
	attribute("name", record->name, out);
	(void)buf_add_text(out, " time=\"");
	lines_seconds(record->took_us, out);
	(void)buf_add_text(out, "\">\n");
	verdict(record, out);
	(void)buf_add_text(out, "\t\t</testcase>\n\t\t<system-out>");
	lines_listing(run, record, &listing);
	text_xml(buf_span(&listing), out);
	(void)buf_add_text(out, "</system-out>\n\t\t<system-err/>\n"
	    "\t</testsuite>\n");
	if (listing.full)
		out->full = true;
	buf_free(&listing);
}

static void
end(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	(void)state, (void)run, (void)totals;
	(void)buf_add_text(out, "</testsuites>\n");
}

const struct reporter reporter_junit = {
	.name = "junit", .usage = "JUnit XML for Jenkins, GitLab and others",
	.state_size = sizeof(struct junit),
	.begin = begin, .scenario = scenario, .end = end,
};
