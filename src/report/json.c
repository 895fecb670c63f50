/*
 * One JSON document: { schema, run, summary, scenarios: [ ... steps: [ ... ] ] }.
 * A scenario or step a line, so that it can be read and compared as text too.
 * Octets that are no UTF-8 are shown as \xNN; jsonl keeps them.
 */
#include "report/fields.h"

struct json {
	uint32_t scenarios;
};

static void
begin(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	(void)state;
	(void)buf_add_text(out, "{\"schema\":1,\n\"run\":{");
	fields_run(run, JSON_SHOWN, out);
	(void)buf_add_text(out, "},\n\"summary\":{");
	fields_totals(totals, out);
	(void)buf_add_text(out, "},\n\"scenarios\":[");
}

static void
wires(const struct wire_record *first, struct buf *out)
{
	static const char *const kinds[] = { "sent", "received", "note",
		"said" };

	(void)buf_add_text(out, ",\"wire\":[");
	for (const struct wire_record *wire = first; wire != NULL;
	    wire = wire->next) {
		(void)buf_add_text(out, wire == first ? "{" : ",{");
		field_cstr("kind", kinds[wire->kind], out);
		field_number("at_us", wire->at_us, out);
		fields_wire(wire, JSON_SHOWN, out);
		(void)buf_add_octet(out, '}');
	}
	(void)buf_add_octet(out, ']');
}

static void
scenario(void *state, const struct run_record *run,
    const struct scenario_record *record, struct buf *out)
{
	struct json *json = state;

	(void)buf_add_text(out, json->scenarios++ == 0 ? "\n{" : ",\n{");
	fields_scenario(record, JSON_SHOWN, out);
	fields_scenario_end(record, JSON_SHOWN, out);
	if (run->transcript != TRANSCRIPT_NEVER && record->said != NULL)
		wires(record->said, out);
	(void)buf_add_text(out, ",\"steps\":[");
	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next) {
		(void)buf_add_text(out, step == record->steps ? "\n\t{" :
		    ",\n\t{");
		fields_step(step, JSON_SHOWN, out);
		fields_step_end(step, JSON_SHOWN, out);
		if (run->transcript != TRANSCRIPT_NEVER && step->wires != NULL)
			wires(step->wires, out);
		(void)buf_add_octet(out, '}');
	}
	(void)buf_add_text(out, "]}");
}

static void
end(void *state, const struct run_record *run, const struct totals *totals,
    struct buf *out)
{
	(void)state, (void)run, (void)totals;
	(void)buf_add_text(out, "\n]}\n");
}

const struct reporter reporter_json = {
	.name = "json", .usage = "one JSON document",
	.state_size = sizeof(struct json),
	.begin = begin, .scenario = scenario, .end = end,
};
