/*
 * The words of a step record: what was wanted, what came, where the author
 * said so, what the code means. All of it is redacted here; texts are cut at
 * LIMIT_SHOWN, the raw reply at LIMIT_LOG_STEP.
 */
#include "run/record.h"

#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"
#include "model/verb.h"

/* The first line without its line end. */
static struct span
first_line(struct span text)
{
	struct span line = { "", 0 };

	if (text.len > 0)
		(void)span_word(&text, "\r\n", &line);
	return line;
}

/* ---- what was wanted ------------------------------------------------------- */

static void
describe_accepts(const struct expect *expect, struct buf *out)
{
	for (uint16_t i = 0; i < expect->accept_count; i++) {
		(void)buf_add_text(out, i == 0 ? "" : ", ");
		(void)buf_add(out, expect->accepts[i].text);
	}
}

static void
want_fill(struct recorder *recorder, struct arena *arena,
    struct step_record *record, const struct event *event)
{
	const struct step   *step = event->step;
	const struct expect *expect = event->outcome == NULL ? NULL :
	    event->outcome->expect;
	struct buf words = buf_new(LIMIT_LOG_STEP);

	if (expect == NULL && step->expect_count > 0)
		expect = step->expects;
	if (expect == NULL && record->cause != CAUSE_CODE)
		return;
	if (expect == NULL)
		(void)buf_add_text(&words, step->verb != NULL &&
		    step->verb->settles ? "a positive reply (2xx)" :
		    "a positive reply (2xx or 3xx)");
	else if (recorder->options->describe != NULL)
		recorder->options->describe(expect, event->scenario->proto,
		    &words);
	else
		describe_accepts(expect, &words);
	record->want = record_text(recorder, arena, buf_span(&words),
	    LIMIT_SHOWN, NULL);
	buf_free(&words);
}

/* ---- what it means --------------------------------------------------------- */

static void
row_add(const struct code_row *row, struct buf *out)
{
	(void)buf_addf(out, "%s", row->summary);
	if (row->source != NULL && row->source[0] != '\0')
		(void)buf_addf(out, " (%s)", row->source);
	(void)buf_add_octet(out, '.');
	if (row->causes != NULL && row->causes[0] != '\0')
		(void)buf_addf(out, " %s", row->causes);
}

static bool
enhanced_add(const struct proto *proto, uint32_t enhanced, struct buf *out)
{
	const struct code_row *row;

	/* x.0.0 says no more than the code does. */
	if (enhanced == 0 || proto->explain_enhanced == NULL ||
	    (ENHANCED_SUBJECT(enhanced) == 0 && ENHANCED_DETAIL(enhanced) == 0))
		return false;
	row = proto->explain_enhanced(enhanced);
	if (row == NULL)
		return false;
	(void)buf_addf(out, "%u.%u.%u: ", (unsigned)ENHANCED_CLASS(enhanced),
	    (unsigned)ENHANCED_SUBJECT(enhanced),
	    (unsigned)ENHANCED_DETAIL(enhanced));
	row_add(row, out);
	return true;
}

static void
code_add(const struct proto *proto, int32_t code, struct buf *out)
{
	const struct code_row *row;

	if (code < 0 || proto->explain_code == NULL)
		return;
	row = proto->explain_code(code);
	if (row == NULL)
		return;
	(void)buf_addf(out, "%s: ", row->code);
	row_add(row, out);
}

static void
flaws_add(const struct flaw_row *rows, const struct reply *reply,
    struct buf *out)
{
	if (rows == NULL)
		return;
	for (int flaw = FLAW_NONE + 1; flaw < FLAW_COUNT; flaw++) {
		if ((reply->flaws & FLAW_BIT(flaw)) == 0)
			continue;
		(void)buf_addf(out, "%s%s: %s at octet %u",
		    out->len == 0 ? "" : " ", rows[flaw].word,
		    rows[flaw].text, (unsigned)reply->flaw_ats[flaw]);
		if (rows[flaw].source != NULL && rows[flaw].source[0] != '\0')
			(void)buf_addf(out, " (%s)", rows[flaw].source);
		(void)buf_add_octet(out, '.');
	}
}

/* What the server said, behind our own words: only there is a secret to mask.
 * In ours a masked word would tell which one the password is. */
static void
aside_add(struct recorder *recorder, struct span aside, struct buf *out)
{
	const struct redactor *redactor = recorder->options->redactor;

	if (aside.len > 0 && out->len > 0)
		(void)buf_add_octet(out, ' ');
	if (redactor_empty(redactor))
		(void)buf_add(out, aside);
	else
		redact(redactor, aside, out);
}

static void
note_fill(struct recorder *recorder, struct arena *arena,
    struct step_record *record, const struct event *event)
{
	const struct reply *reply = event->outcome->reply;
	const struct proto *proto = event->scenario->proto;
	struct buf words = buf_new(LIMIT_LOG_STEP);

	if (reply == NULL)
		return;
	if (record->cause == CAUSE_FLAW || record->result == RESULT_WARN)
		flaws_add(recorder->options->flaws, reply, &words);
	if (words.len == 0 && proto != NULL &&
	    !enhanced_add(proto, reply->enhanced, &words))
		code_add(proto, reply->code, &words);
	aside_add(recorder, event->outcome->aside, &words);
	record->note = arena_copy(arena, text_head(buf_span(&words),
	    LIMIT_SHOWN));
	buf_free(&words);
}

/* ---- why and where --------------------------------------------------------- */

static void
message_fill(struct recorder *recorder, struct arena *arena,
    struct step_record *record, const struct event *event,
    const struct redactor *own)
{
	const struct outcome *outcome = event->outcome;
	const struct fault   *fault = outcome->fault;
	const char *which = outcome->total < 2 ? "" : arena_printf(arena,
	    "reply %u of %u: ", outcome->which + 1U, outcome->total);

	/* Both codes say more than a sentence about any code. */
	if ((record->result >= RESULT_FAIL || record->result == RESULT_WARN) &&
	    record->cause == CAUSE_CODE && record->want.len > 0 &&
	    record->reply.len > 0)
		record->message = span_of(arena_printf(arena,
		    "%swanted %.*s, got %.*s", which, SPAN_ARG(record->want),
		    SPAN_ARG(text_head(record->reply, 200))));
	else if (fault != NULL && fault->text[0] != '\0')
		record->message = record_text(recorder, arena,
		    span_of(fault->text), LIMIT_SHOWN, own);
	else if (record->result >= RESULT_FAIL)
		record->message = span_of(cause_names[record->cause]);
}

static void
place_fill(struct recorder *recorder, struct arena *arena,
    struct step_record *record, const struct event *event)
{
	const struct outcome *outcome = event->outcome;
	struct loc loc = outcome != NULL && outcome->loc.line > 0 ?
	    outcome->loc : event->step->loc;

	if (loc.line == 0 || loc.file == NULL)
		return;
	record->place = (struct place_record){
		.file = loc.file->name,
		.line = loc.line,
		.column = loc.column,
		.width = loc.width,
	};
	if (record->result < RESULT_FAIL && record->result != RESULT_WARN)
		return;                 /* nobody will print the line */
	record->place.source = record_text(recorder, arena,
	    loc_line(loc.file, loc.line), LIMIT_SHOWN, NULL);
	if (record->cause == CAUSE_CODE && record->want.len > 0)
		record->place.remark = span_of(arena_printf(arena,
		    "accepted here: %.*s", SPAN_ARG(record->want)));
	else
		record->place.remark = record->message;
}

/* A reply, or what came before the connection closed. */
static void
reply_fill(struct recorder *recorder, struct arena *arena,
    struct step_record *record, const struct event *event,
    const struct redactor *own)
{
	const struct reply *reply = event->outcome->reply;
	bool        bad = record->result >= RESULT_FAIL ||
	    record->result == RESULT_WARN;
	struct buf  masked = buf_new(2 * (size_t)LIMIT_REPLY);
	struct span raw;

	if (reply == NULL || reply->raw.len == 0)
		return;
	raw = reply->raw;
	if (event->secret) {
		mask_lines(event, raw, true, &masked);
		raw = buf_span(&masked);
	}
	record->got = record_text(recorder, arena, raw,
	    bad ? LIMIT_LOG_STEP : LIMIT_SHOWN, own);
	record->reply = text_head(first_line(record->got), LIMIT_SHOWN);
	buf_free(&masked);
}

void
notes_fill(struct recorder *recorder, struct arena *arena,
    struct step_record *record, const struct event *event,
    const struct redactor *own)
{
	if (event->outcome != NULL)
		reply_fill(recorder, arena, record, event, own);
	if (event->outcome != NULL && event->outcome->tls != NULL)
		record->tls = notes_tls(recorder, arena, event->outcome->tls);
	/* Nobody asks what a step wanted that got it: not formatted. */
	if (event->outcome != NULL && record->result != RESULT_PASS &&
	    record->result != RESULT_NOT_RUN) {
		want_fill(recorder, arena, record, event);
		note_fill(recorder, arena, record, event);
		message_fill(recorder, arena, record, event, own);
		record->trace = record_text(recorder, arena,
		    event->outcome->trace, LIMIT_SHOWN, own);
	} else if (event->outcome != NULL && event->outcome->reply == NULL &&
	    record->result == RESULT_PASS) {
		/* "closed" or "silence" is all that can be shown. */
		want_fill(recorder, arena, record, event);
	}
	place_fill(recorder, arena, record, event);
}
