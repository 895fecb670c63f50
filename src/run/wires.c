/*
 * Wire octets of a step: copied up to LIMIT_LOG_STEP and, in the whole run,
 * LIMIT_LOG_RUN. What the session calls secret is masked before it is stored;
 * known secrets are replaced when the step ends, because one may come in
 * pieces. Until then the journal waits for these octets.
 */
#include "run/record.h"

#include "base/limits.h"
#include "base/mem.h"
#include "model/verb.h"

enum {
	WIRE_COST = 64,         /* of a wire_record, so that drips count too */
	/* Octets of a secret step whose words are looked for in what is said
	 * of it: a mebioctet of them would take a gibioctet. What comes back
	 * in its own reply is masked whole without that. */
	LEARN_MAX = 64 * KIB
};

/* Octets of `bytes` that still fit; all further ones of the step are gone
 * once something was cut. */
static size_t
wire_room(struct recorder *recorder, struct running *running,
    struct open_step *open, size_t len)
{
	size_t step = LIMIT_LOG_STEP - open->logged;
	size_t run = LIMIT_LOG_RUN > recorder->logged ?
	    LIMIT_LOG_RUN - recorder->logged : 0;
	size_t room = step < run ? step : run;

	if (len + WIRE_COST <= room) {
		room = len;
	} else {
		room = room > WIRE_COST ? room - WIRE_COST : 0;
		open->logged = LIMIT_LOG_STEP - room - WIRE_COST;
	}
	open->logged += room + WIRE_COST;
	recorder->logged += room + WIRE_COST;
	running->logged += room + WIRE_COST;
	return room;
}

static struct wire_record *
wire_make(struct recorder *recorder, struct running *running,
    struct open_step *open, const struct event *event)
{
	struct wire_record *wire;
	struct span bytes = event->bytes;
	bool   received = event->kind == EVENT_RECEIVED;
	size_t room;

	if (event->secret) {
		buf_clear(&recorder->mask);
		mask_lines(event, bytes, received, &recorder->mask);
		bytes = buf_span(&recorder->mask);
	}
	if (open->logged >= LIMIT_LOG_STEP)
		return NULL;
	room = wire_room(recorder, running, open, bytes.len);
	wire = arena_alloc(record_arena(running), sizeof *wire);
	*wire = (struct wire_record){
		.kind = (uint8_t)(received ? WIRE_RECEIVED :
		    event->kind == EVENT_SENT ? WIRE_SENT :
		    event->kind == EVENT_SAID ? WIRE_SAID : WIRE_NOTE),
		.cut = room < bytes.len,
		.attempt = running->attempt,
		.conn = record_conn(recorder, running, event, event->conn),
		.at_us = record_since(recorder->options, event->at_us),
		.bytes = arena_copy(record_arena(running),
		    span_sub(bytes, 0, room)),
	};
	return wire;
}

static bool
wires_wait(const struct recorder *recorder, const struct open_step *open)
{
	return !redactor_empty(recorder->options->redactor) ||
	    open->own != NULL;
}

/* Behind all others of that step; `record` NULL: of the scenario. */
static void
wire_link(struct running *running, struct step_record *record,
    struct wire_record *wire)
{
	const struct wire_record **end = running->said != NULL ?
	    &running->said->next : record == NULL ? &running->record.said :
	    &record->wires;

	while (*end != NULL)
		/* The list is our own: nothing in it is const at its birth. */
		end = &((struct wire_record *)(uintptr_t)*end)->next;
	*end = wire;
	running->said = wire;
}

/* Between steps: octets that nobody asked for belong to the step before. */
static void
wire_late(struct recorder *recorder, struct running *running,
    struct open_step *late, struct wire_record *wire)
{
	/* Half a secret may stand where it was cut. */
	wire->bytes = record_text(recorder, record_arena(running),
	    wire->cut && !redactor_empty(recorder->options->redactor) ?
	    SPAN("") : wire->bytes, LIMIT_LOG_STEP, late->own);
	recorder->journal(recorder, JOURNAL_WIRE, running, late->record, wire,
	    wire->at_us + recorder->options->began_us);
	if (late->record != NULL || wire->kind == WIRE_SAID)
		wire_link(running, late->record, wire);
}

void
wires_keep(struct running *running, const struct step_record *gone)
{
	running->said = NULL;
	for (; gone != NULL; gone = gone->next)
		for (const struct wire_record *at = gone->wires; at != NULL;
		    at = at->next) {
			struct wire_record *copy;

			if (at->kind != WIRE_SAID)
				continue;
			copy = arena_alloc(&running->arena, sizeof *copy);
			*copy = *at;
			copy->next = NULL;
			copy->conn = "main";
			copy->bytes = arena_copy(&running->arena, at->bytes);
			wire_link(running, running->last, copy);
		}
}

void
wire_event(struct recorder *recorder, struct running *running,
    const struct event *event)
{
	struct open_step    late = { .record = running->last };
	struct open_step   *open = record_open(running, event->step);
	struct wire_record *wire;

	open = open != NULL ? open : running->open != NULL ? running->open :
	    &late;
	if (event->kind == EVENT_SENT && (event->secret ||
	    (event->step != NULL && event->step->secret))) {
		if (open->own == NULL)
			open->own = redactor_new();
		mask_learn(event, span_sub(event->bytes, 0, LEARN_MAX -
		    open->learnt), open->own);
		open->learnt = event->bytes.len < LEARN_MAX - open->learnt ?
		    open->learnt + event->bytes.len : LEARN_MAX;
	}
	wire = wire_make(recorder, running, open, event);
	if (wire == NULL)
		return;
	if (open == &late) {
		wire_late(recorder, running, &late, wire);
		redactor_free(late.own);
		return;
	}
	if (open->last == NULL)
		open->record->wires = wire;
	else
		open->last->next = wire;
	open->last = wire;
	if (!wires_wait(recorder, open))
		recorder->journal(recorder, JOURNAL_WIRE, running, open->record,
		    wire, event->at_us);
}

/* One direction of a step at a time, so that a secret in pieces is found. */
static void
wires_redact_kind(struct arena *arena, const struct open_step *open,
    const struct redactor *all, int kind, size_t reach)
{
	size_t       count = 0, i = 0, lost = 0;
	struct span *parts;
	struct buf  *outs;

	for (const struct wire_record *at = open->record->wires; at != NULL;
	    at = at->next)
		if (at->kind == kind) {
			count++;
			lost = at->cut ? reach : 0;
		}
	if (count == 0)
		return;
	parts = mem_alloc(count * sizeof *parts);
	outs = mem_alloc(count * sizeof *outs);
	for (const struct wire_record *at = open->record->wires; at != NULL;
	    at = at->next)
		if (at->kind == kind) {
			outs[i] = buf_new(16 * (size_t)LIMIT_LOG_STEP);
			parts[i++] = at->bytes;
		}
	redact_parts(open->own, all, parts, outs, count, lost);
	i = 0;
	for (const struct wire_record *at = open->record->wires; at != NULL;
	    at = at->next)
		if (at->kind == kind) {
			struct wire_record *wire =
			    (struct wire_record *)(uintptr_t)at;

			wire->bytes = arena_copy(arena, buf_span(&outs[i]));
			buf_free(&outs[i++]);
		}
	mem_free(parts);
	mem_free(outs);
}

void
wires_end(struct recorder *recorder, struct running *running,
    struct open_step *open)
{
	const struct redactor *all = recorder->options->redactor;
	struct arena *arena = record_arena(running);
	size_t        reach = redactor_reach(open->own) + redactor_reach(all);

	if (!wires_wait(recorder, open))
		return;
	for (int kind = WIRE_SENT; kind <= WIRE_SAID; kind++)
		wires_redact_kind(arena, open, all, kind, reach);
	for (const struct wire_record *at = open->record->wires; at != NULL;
	    at = at->next)
		recorder->journal(recorder, JOURNAL_WIRE, running, open->record,
		    at, at->at_us + recorder->options->began_us);
}

void
wires_sent(struct arena *arena, struct step_record *record)
{
	struct buf all = buf_new(16 * (size_t)LIMIT_LOG_STEP);
	size_t     count = 0;

	for (const struct wire_record *at = record->wires; at != NULL;
	    at = at->next)
		if (at->kind == WIRE_SENT) {
			record->sent = at->bytes;
			(void)buf_add(&all, at->bytes);
			count++;
		}
	if (count > 1)
		record->sent = arena_copy(arena, buf_span(&all));
	buf_free(&all);
}
