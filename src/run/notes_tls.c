/* A handshake as a record: flat, copied, without secrets. */
#include "run/record.h"

#include "base/limits.h"

/* What a report has of them; `tls: { name: ... }` looks at all. */
enum { NAMES_SHOWN = 100 };

static struct span
copy(struct recorder *recorder, struct arena *arena, const char *text)
{
	return record_text(recorder, arena, span_of(text), LIMIT_SHOWN, NULL);
}

static void
names_fill(struct recorder *recorder, struct arena *arena,
    const struct tls_facts *facts, struct tls_record *record)
{
	uint32_t count = facts->name_count < NAMES_SHOWN ?
	    facts->name_count : NAMES_SHOWN;
	struct span *names = arena_alloc(arena, (count + 1) * sizeof *names);

	for (uint32_t i = 0; i < count; i++)
		names[i] = copy(recorder, arena, facts->names[i]);
	record->names = names;
	record->name_count = count;
}

const struct tls_record *
notes_tls(struct recorder *recorder, struct arena *arena,
    const struct tls_facts *facts)
{
	struct tls_record *record = arena_alloc(arena, sizeof *record);
	struct buf         line = buf_new(LIMIT_SHOWN);

	*record = (struct tls_record){
		.version = copy(recorder, arena, facts->version),
		.cipher = copy(recorder, arena, facts->cipher),
		.why = copy(recorder, arena, facts->why),
		.subject = copy(recorder, arena, facts->subject),
		.issuer = copy(recorder, arena, facts->issuer),
		.verified = facts->verified,
		.resumed = facts->resumed,
		.has_cert = facts->has_cert,
		.days_left = facts->days_left,
		.not_before = facts->not_before,
		.not_after = facts->not_after,
		.handshake_us = facts->handshake_us,
	};
	names_fill(recorder, arena, facts, record);
	tls_describe(facts, &line);
	record->line = record_text(recorder, arena, buf_span(&line),
	    LIMIT_SHOWN, NULL);
	buf_free(&line);
	return record;
}
