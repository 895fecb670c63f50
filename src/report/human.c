/*
 * For people at a terminal. Every scenario has a line; its steps follow when
 * few scenarios run, when asked (--verbose), or when it failed. Untrusted
 * text never stands in the first column: lines begin with a verdict or blanks.
 */
#include "base/limits.h"
#include "base/text.h"
#include "report/block.h"
#include "report/lines.h"

enum { VERDICT = 6, TIME = 10, INDENT = 2 };

struct human {
	bool any;               /* a scenario was printed */
	bool spaced;            /* the one before had steps below */
};

static enum hue
hue_of(uint8_t result)
{
	switch ((enum result)result) {
	case RESULT_PASS:
		return HUE_GOOD;
	case RESULT_AGAIN:
	case RESULT_WARN:
		return HUE_WARN;
	case RESULT_NOT_RUN:
		return HUE_DIM;
	case RESULT_SKIP:
		return HUE_SKIP;
	case RESULT_FAIL:
	case RESULT_ERROR:
	case RESULT_COUNT:
		break;
	}
	return HUE_BAD;
}

static void
time_cell(struct pen *pen, uint64_t us, bool none)
{
	struct buf text = buf_new(64);

	if (!none)
		lines_time(us, &text);
	if (text.len < TIME && !none)
		(void)buf_add_fill(pen->out, ' ', TIME - text.len);
	pen_cell(pen, HUE_DIM, buf_span(&text), TIME, false);
	(void)buf_add_octet(pen->out, '\n');
	buf_free(&text);
}

static void
verdict_cell(struct pen *pen, uint8_t result)
{
	pen_cell(pen, hue_of(result), span_of(lines_verdict(result)), VERDICT,
	    true);
}

static void
step_line(struct pen *pen, const struct step_record *step)
{
	size_t room = pen->columns - INDENT - VERDICT - TIME;
	size_t left = room * 9 / 16;
	bool   idle = step->result == RESULT_NOT_RUN ||
	    step->result == RESULT_SKIP;
	struct buf label = buf_new(LABEL_MAX);

	lines_label(step, &label);
	(void)buf_add_fill(pen->out, ' ', INDENT);
	verdict_cell(pen, step->result);
	pen_cell(pen, lines_bad(step->result) ? HUE_BOLD : idle ? HUE_DIM :
	    HUE_PLAIN, buf_span(&label), left - 2, true);
	buf_free(&label);
	(void)buf_add_fill(pen->out, ' ', 2);
	pen_cell(pen, idle ? HUE_DIM : HUE_PLAIN, lines_reply(step),
	    room - left, !idle);
	time_cell(pen, step->took_us, idle);
}

/* What the handshake of the step came to. */
static void
tls_line(struct pen *pen, const struct step_record *step)
{
	if (step->tls == NULL)
		return;
	(void)buf_add_fill(pen->out, ' ', INDENT + VERDICT);
	pen_say(pen, HUE_DIM, "tls   ");
	pen_paragraph(pen, HUE_DIM, step->tls->line, INDENT + VERDICT + 6);
}

static bool
step_blocks(const struct step_record *step)
{
	return lines_bad(step->result) || step->result == RESULT_WARN;
}

static void
attempt_line(struct pen *pen, const struct scenario_record *record,
    uint16_t attempt, uint16_t *before)
{
	if (record->attempts > 1 && attempt != *before)
		(void)buf_addf(pen->out, "  attempt %u of %u\n",
		    (unsigned)attempt, (unsigned)record->attempts);
	*before = attempt;
}

/* The lines of one note. */
static void
note_lines(struct pen *pen, struct span text)
{
	struct span line;
	size_t      count = 0;

	(void)buf_add_fill(pen->out, ' ', INDENT);
	pen_cell(pen, HUE_PLACE, SPAN("note"), VERDICT, true);
	do {
		size_t end = span_chr(text, '\n');

		line = end == SIZE_MAX ? text : span_sub(text, 0, end);
		text = end == SIZE_MAX ? (struct span){ NULL, 0 } :
		    span_from(text, end + 1);
		if (count++ > 0)
			(void)buf_add_fill(pen->out, ' ', INDENT + VERDICT);
		pen_paragraph(pen, HUE_PLAIN, line, INDENT + VERDICT);
	} while (text.len > 0 && count < LIMIT_SHOWN_LINES);
	if (text.len == 0)
		return;
	(void)buf_add_fill(pen->out, ' ', INDENT + VERDICT);
	pen_say(pen, HUE_DIM, "(more)");
	(void)buf_add_octet(pen->out, '\n');
}

static void
said(struct pen *pen, const struct scenario_record *record,
    const struct wire_record *wire, bool notes, uint16_t *attempt)
{
	while ((wire = lines_said(wire, notes)) != NULL) {
		attempt_line(pen, record, wire->attempt, attempt);
		note_lines(pen, wire->bytes);
		wire = wire->next;
	}
}

static bool
transcribed(const struct run_record *run, const struct scenario_record *record)
{
	return run->transcript == TRANSCRIPT_ALWAYS ||
	    (run->transcript == TRANSCRIPT_FAIL && lines_bad(record->result));
}

/* Steps, and under the failed ones what is to be known. What a transcript has
 * is not said twice. */
static void
steps(struct pen *pen, const struct run_record *run,
    const struct scenario_record *record)
{
	bool notes = !transcribed(run, record);
	const struct step_record *culprit = lines_culprit(record);
	uint16_t attempt = 0;

	said(pen, record, record->said, notes, &attempt);
	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next) {
		attempt_line(pen, record, step->attempt, &attempt);
		step_line(pen, step);
		tls_line(pen, step);
		if (step_blocks(step))
			block_step(pen, step, step == culprit &&
			    lines_bad(record->result) ? record->again :
			    SPAN(""));
		said(pen, record, step->wires, notes, &attempt);
	}
}

static void
transcript(struct pen *pen, const struct run_record *run,
    const struct scenario_record *record)
{
	if (record->steps == NULL || !transcribed(run, record))
		return;
	(void)buf_add_text(pen->out, "        transcript\n");
	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next)
		lines_transcript(step, 10, pen->out);
}

static void
scenario_line(struct pen *pen, const struct scenario_record *record)
{
	struct span file = span_of(record->file);
	size_t room = pen->columns - VERDICT - TIME, width;
	struct buf shown = buf_new(64 * 1024);

	text_plain(file, &shown);
	width = text_width(buf_span(&shown));
	buf_free(&shown);
	width = width > room / 2 ? room / 2 : width;
	verdict_cell(pen, record->result);
	pen_tail(pen, HUE_DIM, file, width);
	(void)buf_add_fill(pen->out, ' ', 2);
	pen_cell(pen, HUE_BOLD, record->name, room - width - 2, true);
	time_cell(pen, record->took_us, record->attempts == 0);
}

/* Why a scenario without steps to show is not simply ok. */
static void
reason_line(struct pen *pen, const struct scenario_record *record)
{
	if (record->reason.len == 0)
		return;
	(void)buf_add_fill(pen->out, ' ', INDENT + VERDICT);
	if (record->xfail)
		pen_say(pen, HUE_DIM, "failed as expected: ");
	else if (record->result == RESULT_SKIP)
		pen_say(pen, HUE_DIM, "skipped: ");
	pen_paragraph(pen, HUE_PLAIN, record->reason, INDENT + VERDICT);
}

/* By a step of those that are shown. */
static bool
reason_shown(const struct scenario_record *record)
{
	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next)
		if ((lines_bad(step->result) ||
		    (step->result == RESULT_SKIP && step->reply.len == 0)) &&
		    span_eq(record->reason, step->message))
			return true;
	return false;
}

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
	struct human *human = state;
	struct pen    pen = pen_open(out, run->colours, run->columns);
	const struct step_record *culprit = lines_culprit(record);
	bool bad = lines_bad(record->result);
	bool full = (bad || run->verbose ||
	    run->selected <= RECORD_STEPS_SHOWN) &&
	    (record->steps != NULL || record->said != NULL);

	if (human->any && (full || human->spaced))
		(void)buf_add_octet(out, '\n');
	scenario_line(&pen, record);
	if (full)
		steps(&pen, run, record);
	if (bad && culprit == NULL)
		block_scenario(&pen, record);
	else if (!(full ? reason_shown(record) : bad))
		reason_line(&pen, record);
	transcript(&pen, run, record);
	human->any = true;
	human->spaced = full;
	pen_close(&pen);
}

static void
end(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	const struct human *human = state;
	struct pen pen = pen_open(out, run->colours, run->columns);
	struct buf line = buf_new(512);
	bool green = totals->passed + totals->skipped == totals->scenarios &&
	    totals->scenarios > 0 && !totals->interrupted;

	if (human->any)
		(void)buf_add_octet(out, '\n');
	lines_summary(totals, &line);
	pen_paragraph(&pen, green ? HUE_GOOD : HUE_BAD, buf_span(&line),
	    INDENT);
	buf_free(&line);
	pen_close(&pen);
}

const struct reporter reporter_human = {
	.name = "human", .usage = "for people: steps, causes, the place",
	.state_size = sizeof(struct human),
	.begin = begin, .scenario = scenario, .end = end,
	.colours = true, .streams = true,
};
