/*
 * The journal: JSON Lines, schema 1, one event a line, the truth that every
 * other report can be made of. Times (_us) are microseconds, at_us since the
 * run began; every line has both. Texts are lossless: an octet that is no
 * UTF-8 is the lone surrogate U+DC00+octet (Python: errors="surrogateescape").
 *
 *   run-begin       schema, version, target, seed, jobs, selected, shard,
 *                   shards, selection, began_unix_us, command
 *   scenario-begin  scenario (its number), id, name, about, file, line, tags
 *   step-begin      scenario, step, attempt, round, act, conn, label, always
 *   sent, received, note, said  scenario, step (0: between), conn, bytes, cut
 *   step-end        what step-begin has, and result, cause, took_us, sent,
 *                   wanted, found, message, note, trace, tls (fields.c),
 *                   at { file, line, column, width, source, remark }
 *   scenario-end    number, id, result, cause, xfail, attempts, took_us,
 *                   reason, target, again
 *   run-end         the sums
 *
 * Absent: nothing to say. A file without run-end is of a run that was killed.
 */
#include "report/fields.h"

static void
step_number(const struct journal_entry *entry, struct buf *out)
{
	field_number("step", entry->step == NULL ? 0 : entry->step->number, out);
	fields_wire(entry->wire, JSON_LOSSLESS, out);
}

static const char *
kind_name(const struct journal_entry *entry)
{
	static const char *const wires[] = { "sent", "received", "note",
		"said" };

	switch (entry->kind) {
	case JOURNAL_RUN_BEGIN:
		return "run-begin";
	case JOURNAL_SCENARIO_BEGIN:
		return "scenario-begin";
	case JOURNAL_STEP_BEGIN:
		return "step-begin";
	case JOURNAL_WIRE:
		return wires[entry->wire->kind];
	case JOURNAL_STEP_END:
		return "step-end";
	case JOURNAL_SCENARIO_END:
		return "scenario-end";
	case JOURNAL_RUN_END:
		break;
	}
	return "run-end";
}

static void
details(const struct journal_entry *entry, struct buf *out)
{
	switch (entry->kind) {
	case JOURNAL_RUN_BEGIN:
		field_number("schema", 1, out);
		fields_run(entry->run, JSON_LOSSLESS, out);
		break;
	case JOURNAL_SCENARIO_BEGIN:
		fields_scenario(entry->scenario, JSON_LOSSLESS, out);
		break;
	case JOURNAL_STEP_BEGIN:
		fields_step(entry->step, JSON_LOSSLESS, out);
		break;
	case JOURNAL_WIRE:
		step_number(entry, out);
		break;
	case JOURNAL_STEP_END:
		fields_step(entry->step, JSON_LOSSLESS, out);
		fields_step_end(entry->step, JSON_LOSSLESS, out);
		break;
	case JOURNAL_SCENARIO_END:
		fields_scenario(entry->scenario, JSON_LOSSLESS, out);
		fields_scenario_end(entry->scenario, JSON_LOSSLESS, out);
		break;
	case JOURNAL_RUN_END:
		fields_totals(entry->totals, out);
		break;
	}
}

static void
line(void *state, const struct journal_entry *entry, struct buf *out)
{
	(void)state;
	(void)buf_add_octet(out, '{');
	field_cstr("kind", kind_name(entry), out);
	field_number("at_us", entry->kind == JOURNAL_WIRE ? entry->wire->at_us :
	    entry->at_us, out);
	if (entry->scenario != NULL)
		field_number("scenario", entry->scenario->number, out);
	details(entry, out);
	(void)buf_add_text(out, "}\n");
}

const struct reporter reporter_jsonl = {
	.name = "jsonl", .usage = "the journal: every event as a JSON line",
	.entry = line, .streams = true,
};
