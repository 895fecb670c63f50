/* The names of every field that the JSON reports have. */
#include "report/fields.h"

static void
name_add(const char *name, struct buf *out)
{
	bool first = out->len == 0 || out->ptr[out->len - 1] == '{';

	(void)buf_add(out, first ? SPAN("\"") : SPAN(",\""));
	(void)buf_add_text(out, name);
	(void)buf_add(out, SPAN("\":"));
}

static void
field_text(const char *name, struct span text, enum json_bytes how,
    struct buf *out)
{
	name_add(name, out);
	text_json(text, how, out);
}

void
field_cstr(const char *name, const char *text, struct buf *out)
{
	field_text(name, span_of(text), JSON_SHOWN, out);
}

void
field_number(const char *name, uint64_t number, struct buf *out)
{
	char   digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	name_add(name, out);
	(void)buf_add(out, (struct span){ digits + at, sizeof digits - at });
}

static void
field_flag(const char *name, bool flag, struct buf *out)
{
	name_add(name, out);
	(void)buf_add_text(out, flag ? "true" : "false");
}

/* Only when there is something. */
static void
maybe_text(const char *name, struct span text, enum json_bytes how,
    struct buf *out)
{
	if (text.len > 0)
		field_text(name, text, how, out);
}

void
fields_run(const struct run_record *run, enum json_bytes how, struct buf *out)
{
	field_cstr("version", run->version, out);
	field_text("target", run->target, how, out);
	field_number("seed", run->seed, out);
	field_number("jobs", run->jobs, out);
	field_number("selected", run->selected, out);
	field_number("shard", run->shard, out);
	field_number("shards", run->shards, out);
	field_text("selection", run->digest, how, out);
	field_number("began_unix_us", run->began_unix_us, out);
	field_text("command", run->command, how, out);
}

void
fields_totals(const struct totals *totals, struct buf *out)
{
	field_number("scenarios", totals->scenarios, out);
	field_number("passed", totals->passed, out);
	field_number("warned", totals->warned, out);
	field_number("xfailed", totals->xfailed, out);
	field_number("failed", totals->failed, out);
	field_number("errors", totals->errors, out);
	field_number("skipped", totals->skipped, out);
	field_number("not_run", totals->not_run, out);
	field_number("steps", totals->steps, out);
	field_number("steps_failed", totals->steps_failed, out);
	field_number("took_us", totals->took_us, out);
	field_flag("whole", totals->whole, out);
	field_flag("interrupted", totals->interrupted, out);
}

void
fields_scenario(const struct scenario_record *record, enum json_bytes how,
    struct buf *out)
{
	field_number("number", record->number, out);
	field_text("id", record->id, how, out);
	field_text("name", record->name, how, out);
	maybe_text("about", record->about, how, out);
	field_text("file", span_of(record->file), how, out);
	field_number("line", record->line, out);
	name_add("tags", out);
	(void)buf_add_octet(out, '[');
	for (uint32_t i = 0; i < record->tag_count; i++) {
		(void)buf_add_text(out, i == 0 ? "" : ",");
		text_json(record->tags[i], how, out);
	}
	(void)buf_add_octet(out, ']');
	field_number("began_us", record->began_us, out);
}

static const char *
result_name(uint8_t result)
{
	return result < RESULT_COUNT ? result_names[result] : "error";
}

static const char *
cause_name(uint8_t cause)
{
	return cause < CAUSE_COUNT ? cause_names[cause] : "none";
}

void
fields_scenario_end(const struct scenario_record *record, enum json_bytes how,
    struct buf *out)
{
	field_cstr("result", result_name(record->result), out);
	field_cstr("cause", cause_name(record->cause), out);
	field_flag("xfail", record->xfail, out);
	field_number("attempts", record->attempts, out);
	field_number("took_us", record->took_us, out);
	maybe_text("reason", record->reason, how, out);
	maybe_text("target", record->target, how, out);
	maybe_text("again", record->again, how, out);
}

void
fields_step(const struct step_record *step, enum json_bytes how,
    struct buf *out)
{
	field_number("step", step->number, out);
	field_number("attempt", step->attempt, out);
	if (step->round > 0)
		field_number("round", step->round, out);
	field_cstr("act", step->act, out);
	field_text("conn", span_of(step->conn), how, out);
	field_text("label", step->label, how, out);
	if (step->always)
		field_flag("always", true, out);
	field_number("began_us", step->began_us, out);
}

static void
place_fields(const struct place_record *place, enum json_bytes how,
    struct buf *out)
{
	if (place->file == NULL)
		return;
	name_add("at", out);
	(void)buf_add_octet(out, '{');
	field_text("file", span_of(place->file), how, out);
	field_number("line", place->line, out);
	if (place->column > 0) {
		field_number("column", place->column, out);
		field_number("width", place->width, out);
	}
	maybe_text("source", place->source, how, out);
	maybe_text("remark", place->remark, how, out);
	(void)buf_add_octet(out, '}');
}

static void
signed_field(const char *name, int64_t number, struct buf *out)
{
	name_add(name, out);
	(void)buf_addf(out, "%lld", (long long)number);
}

static void
cert_fields(const struct tls_record *tls, enum json_bytes how,
    struct buf *out)
{
	field_text("subject", tls->subject, how, out);
	field_text("issuer", tls->issuer, how, out);
	name_add("names", out);
	(void)buf_add_octet(out, '[');
	for (uint32_t i = 0; i < tls->name_count; i++) {
		(void)buf_add_text(out, i == 0 ? "" : ",");
		text_json(tls->names[i], how, out);
	}
	(void)buf_add_octet(out, ']');
	signed_field("days_left", tls->days_left, out);
	signed_field("not_before", tls->not_before, out);
	signed_field("not_after", tls->not_after, out);
}

static void
tls_fields(const struct tls_record *tls, enum json_bytes how,
    struct buf *out)
{
	if (tls == NULL)
		return;
	name_add("tls", out);
	(void)buf_add_octet(out, '{');
	field_text("version", tls->version, how, out);
	field_text("cipher", tls->cipher, how, out);
	field_flag("verified", tls->verified, out);
	maybe_text("why", tls->why, how, out);
	field_flag("resumed", tls->resumed, out);
	field_number("handshake_us", tls->handshake_us, out);
	if (tls->has_cert)
		cert_fields(tls, how, out);
	(void)buf_add_octet(out, '}');
}

void
fields_step_end(const struct step_record *step, enum json_bytes how,
    struct buf *out)
{
	field_cstr("result", result_name(step->result), out);
	field_cstr("cause", cause_name(step->cause), out);
	field_number("took_us", step->took_us, out);
	maybe_text("sent", step->sent, how, out);
	maybe_text("wanted", step->want, how, out);
	maybe_text("found", step->got, how, out);
	maybe_text("message", step->message, how, out);
	maybe_text("note", step->note, how, out);
	tls_fields(step->tls, how, out);
	maybe_text("trace", step->trace, how, out);
	place_fields(&step->place, how, out);
}

void
fields_wire(const struct wire_record *wire, enum json_bytes how,
    struct buf *out)
{
	field_text("conn", span_of(wire->conn), how, out);
	field_text("bytes", wire->bytes, how, out);
	if (wire->cut)
		field_flag("cut", true, out);
}
