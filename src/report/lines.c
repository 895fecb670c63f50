/* Times without floating point, sums in words, plain listings. */
#include "report/lines.h"

#include "base/text.h"

#include <inttypes.h>
#include <time.h>

void
lines_time(uint64_t us, struct buf *out)
{
	if (us < 9950)
		(void)buf_addf(out, "%" PRIu64 ".%" PRIu64 " ms",
		    (us + 50) / 1000, (us + 50) % 1000 / 100);
	else if (us < 999500)
		(void)buf_addf(out, "%" PRIu64 " ms", (us + 500) / 1000);
	else if (us < 59995000)
		(void)buf_addf(out, "%" PRIu64 ".%02" PRIu64 " s",
		    (us + 5000) / 1000000, (us + 5000) % 1000000 / 10000);
	else
		(void)buf_addf(out, "%" PRIu64 " min %02" PRIu64 " s",
		    (us + 500000) / 60000000,
		    (us + 500000) % 60000000 / 1000000);
}

void
lines_seconds(uint64_t us, struct buf *out)
{
	(void)buf_addf(out, "%" PRIu64 ".%06" PRIu64, us / 1000000,
	    us % 1000000);
}

void
lines_stamp(uint64_t unix_us, bool exact, struct buf *out)
{
	time_t    seconds = (time_t)(unix_us / 1000000);
	struct tm parts = { 0 };
	char      text[32];

	(void)gmtime_r(&seconds, &parts);
	(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
	(void)buf_add_text(out, text);
	if (exact)
		(void)buf_addf(out, ".%06" PRIu64 "Z", unix_us % 1000000);
}

static void
sum_add(uint32_t count, const char *words, struct buf *out)
{
	if (count > 0)
		(void)buf_addf(out, ", %" PRIu32 " %s", count, words);
}

void
lines_summary(const struct totals *totals, struct buf *out)
{
	if (totals->scenarios == 0) {
		(void)buf_add_text(out, "nothing was selected");
		return;
	}
	(void)buf_addf(out, "%" PRIu32 " passed", totals->passed);
	if (totals->warned > 0)
		(void)buf_addf(out, " (%" PRIu32 " with a warning)",
		    totals->warned);
	if (totals->xfailed > 0)
		(void)buf_addf(out, " (%" PRIu32 " failed as expected)",
		    totals->xfailed);
	sum_add(totals->failed, "failed", out);
	sum_add(totals->errors, totals->errors == 1 ? "error" : "errors", out);
	sum_add(totals->skipped, "skipped", out);
	sum_add(totals->not_run, "not run", out);
	(void)buf_add_text(out, " in ");
	/* A run's time reads best in seconds, also when it is short. */
	if (totals->took_us >= 10000 && totals->took_us < 999500)
		(void)buf_addf(out, "0.%02" PRIu64 " s",
		    totals->took_us / 10000);
	else
		lines_time(totals->took_us, out);
	if (totals->interrupted)
		(void)buf_add_text(out, " (interrupted)");
}

bool
lines_bad(uint8_t result)
{
	return result >= RESULT_FAIL;
}

const char *
lines_verdict(uint8_t result)
{
	static const char *const words[RESULT_COUNT] = {
		[RESULT_PASS] = "ok", [RESULT_AGAIN] = "again",
		[RESULT_WARN] = "warn", [RESULT_NOT_RUN] = "-",
		[RESULT_SKIP] = "skip", [RESULT_FAIL] = "FAIL",
		[RESULT_ERROR] = "ERROR",
	};

	return result < RESULT_COUNT ? words[result] : "ERROR";
}

struct span
lines_reply(const struct step_record *step)
{
	if (step->reply.len > 0)
		return step->reply;
	if (step->message.len > 0)
		return step->message;
	if (step->result == RESULT_NOT_RUN)
		return SPAN("not run");
	/* "closed" or "silence" came as it should. */
	return step->result == RESULT_PASS ? step->want : SPAN("");
}

const struct step_record *
lines_culprit(const struct scenario_record *record)
{
	const struct step_record *culprit = NULL;

	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next)
		if (lines_bad(step->result) && (culprit == NULL ||
		    culprit->attempt < step->attempt))
			culprit = step;
	return culprit;
}

struct span
lines_why(const struct scenario_record *record)
{
	const struct step_record *culprit = lines_culprit(record);

	/* A step knows better than the sum of all. */
	if (culprit != NULL && lines_bad(record->result) &&
	    culprit->message.len > 0)
		return culprit->message;
	if (record->reason.len > 0)
		return record->reason;
	return record->result == RESULT_ERROR ? SPAN("not run") : SPAN("");
}

static void
transcript_wire(const struct wire_record *wire, size_t indent,
    struct buf *out)
{
	static const char *const marks[] = { "C: ", "S: ", "-- ", "-- " };
	struct span rest = wire->bytes;

	do {
		size_t      end = span_chr(rest, '\n');
		struct span line = span_sub(rest, 0,
		    end == SIZE_MAX ? rest.len : end + 1);

		(void)buf_add_fill(out, ' ', indent);
		if (strcmp(wire->conn, "main") != 0) {
			text_plain(span_of(wire->conn), out);
			(void)buf_add_octet(out, ' ');
		}
		(void)buf_add_text(out, marks[wire->kind]);
		text_plain(line, out);
		rest = span_from(rest, line.len);
		if (rest.len == 0 && wire->cut)
			(void)buf_add_text(out, " [cut: the log's limit]");
		(void)buf_add_octet(out, '\n');
	} while (rest.len > 0);
}

void
lines_transcript(const struct step_record *step, size_t indent,
    struct buf *out)
{
	for (const struct wire_record *wire = step->wires; wire != NULL;
	    wire = wire->next)
		transcript_wire(wire, indent, out);
}

void
lines_label(const struct step_record *step, struct buf *out)
{
	if (step->conn != NULL && strcmp(step->conn, "main") != 0) {
		(void)buf_add_text(out, step->conn);
		(void)buf_add_text(out, ": ");
	}
	(void)buf_add(out, step->label);
}

const struct wire_record *
lines_said(const struct wire_record *wire, bool notes)
{
	while (wire != NULL && wire->kind != WIRE_SAID &&
	    !(notes && wire->kind == WIRE_NOTE))
		wire = wire->next;
	return wire;
}

static void
listing_attempt(const struct scenario_record *record, uint16_t attempt,
    uint16_t *before, struct buf *out)
{
	if (record->attempts > 1 && attempt != *before)
		(void)buf_addf(out, "attempt %u\n", (unsigned)attempt);
	*before = attempt;
}

static void
listing_said(const struct scenario_record *record,
    const struct wire_record *wire, bool notes, uint16_t *attempt,
    struct buf *out)
{
	while ((wire = lines_said(wire, notes)) != NULL) {
		listing_attempt(record, wire->attempt, attempt, out);
		(void)buf_add_text(out, "note  ");
		text_plain(wire->bytes, out);
		(void)buf_add_octet(out, '\n');
		wire = wire->next;
	}
}

static void
listing_step(const struct step_record *step, struct buf *out)
{
	struct buf label = buf_new(LABEL_MAX);

	lines_label(step, &label);
	(void)buf_addf(out, "%-5s %" PRIu32 " ", lines_verdict(step->result),
	    step->number);
	text_plain(buf_span(&label), out);
	buf_free(&label);
	if (lines_reply(step).len > 0) {
		(void)buf_add_text(out, " -> ");
		text_plain(lines_reply(step), out);
	}
	if (step->result != RESULT_NOT_RUN) {
		(void)buf_add_text(out, " (");
		lines_time(step->took_us, out);
		(void)buf_add_octet(out, ')');
	}
	(void)buf_add_octet(out, '\n');
}

void
lines_listing(const struct run_record *run,
    const struct scenario_record *record, struct buf *out)
{
	uint16_t attempt = 0;
	bool     wires = false;
	/* The transcript has them. */
	bool     notes = run->transcript == TRANSCRIPT_NEVER ||
	    (run->transcript == TRANSCRIPT_FAIL && !lines_bad(record->result));

	listing_said(record, record->said, notes, &attempt, out);
	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next) {
		wires = wires || step->wires != NULL;
		listing_attempt(record, step->attempt, &attempt, out);
		listing_step(step, out);
		listing_said(record, step->wires, notes, &attempt, out);
	}
	if (notes)
		return;
	(void)buf_add_text(out, wires ? "\n" : "");
	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next)
		lines_transcript(step, 0, out);
}
