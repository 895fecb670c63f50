/*
 * Order and delivery. Every selected scenario has a slot; running and waiting
 * ones own their records, delivered ones only their place in the order. A
 * document's bytes are kept from delivery on, so that a snapshot renders only
 * what has not been delivered yet.
 */
#include "run/bus_own.h"

#include "base/mem.h"

static void
journal_record(struct recorder *recorder, enum journal_kind kind,
    struct running *running, const struct step_record *step,
    const struct wire_record *wire, uint64_t at_us)
{
	struct run_bus *bus = (struct run_bus *)(void *)
	    ((char *)recorder - offsetof(struct run_bus, recorder));
	struct journal_entry entry = {
		.kind = kind,
		.at_us = record_since(&bus->options, at_us),
		.run = &bus->run,
		.scenario = &running->record,
		.step = step,
		.wire = wire,
	};

	ports_journal(bus, &entry);
}

/* ---- slots ----------------------------------------------------------------- */

static void
names_take(const struct run_bus *bus, struct scenario_record *record)
{
	const struct names *names = &bus->names[record->number - 1];

	record->id = names->id;
	record->name = names->name;
	record->about = names->about;
}

static void
names_make(struct run_bus *bus)
{
	if (redactor_empty(bus->options.redactor))
		return;
	bus->names = mem_alloc(bus->run.selected * sizeof *bus->names);
	for (uint32_t i = 0; i < bus->run.selected; i++) {
		const struct scenario *of = bus->options.scenarios[i];

		bus->names[i] = (struct names){
			.id = record_text(&bus->recorder, &bus->arena, of->id,
			    LIMIT_EXPANDED, NULL),
			.name = record_text(&bus->recorder, &bus->arena,
			    of->title, LIMIT_EXPANDED, NULL),
			.about = record_text(&bus->recorder, &bus->arena,
			    of->about, LIMIT_EXPANDED, NULL),
		};
	}
}

static struct running *
slot_running(struct run_bus *bus, uint32_t number, uint64_t at_us)
{
	struct slot *slot;

	if (number == 0 || number > bus->run.selected)
		return NULL;
	slot = &bus->slots[number - 1];
	if (slot->state == SLOT_WAITING) {
		slot->state = SLOT_RUNNING;
		slot->running = mem_alloc(sizeof *slot->running);
		running_start(slot->running, &bus->options, number);
		if (bus->names != NULL)
			names_take(bus, &slot->running->record);
		slot->running->began_us = at_us;
		slot->running->record.began_us = record_since(&bus->options,
		    at_us);
		journal_record(&bus->recorder, JOURNAL_SCENARIO_BEGIN,
		    slot->running, NULL, NULL, at_us);
	}
	return slot->state == SLOT_RUNNING ? slot->running : NULL;
}

static void
emit(struct bus *port, const struct event *event)
{
	struct run_bus *bus = (struct run_bus *)(void *)port;
	struct running *running = slot_running(bus, event->session,
	    event->at_us);

	if (running == NULL || (bus->recorder.brief &&
	    brief_event(&bus->recorder, running, event)))
		return;
	record_event(&bus->recorder, running, event);
}

void
bus_not_run(struct run_bus *bus, uint32_t index,
    struct scenario_record *record)
{
	struct running plain;

	running_start(&plain, &bus->options, index + 1);
	*record = plain.record;
	if (bus->names != NULL)
		names_take(bus, record);
	record->attempts = 0;
	record->result = RESULT_ERROR;
	record->cause = CAUSE_CANCEL;
	record->reason = bus->rest.len > 0 ? bus->rest :
	    bus->slots[index].state == SLOT_RUNNING ?
	    SPAN("not run: it had not ended when this report was written") :
	    SPAN("not run: it had not begun when this report was written");
}

/* As far as the order allows. */
static void
deliver(struct run_bus *bus)
{
	while (bus->next < bus->run.selected &&
	    bus->slots[bus->next].state == SLOT_ENDED) {
		struct slot *slot = &bus->slots[bus->next++];

		ports_scenario(bus, &slot->running->record);
		running_free(slot->running);
		mem_free(slot->running);
		slot->running = NULL;
		slot->state = SLOT_DELIVERED;
	}
}

/* ---- totals ---------------------------------------------------------------- */

static void
totals_add(struct totals *totals, const struct scenario_record *record,
    enum result result)
{
	switch (result) {
	case RESULT_WARN:
		totals->warned++;
		totals->passed++;
		break;
	case RESULT_PASS:
		totals->passed++;
		break;
	case RESULT_NOT_RUN:
		totals->not_run++;
		break;
	case RESULT_SKIP:
		totals->skipped++;
		break;
	case RESULT_FAIL:
		totals->failed++;
		break;
	case RESULT_AGAIN:
	case RESULT_ERROR:
	case RESULT_COUNT:
		totals->errors++;
		break;
	}
	totals->xfailed += record->xfail;
	totals->steps += record->step_count;
	for (const struct step_record *step = record->steps; step != NULL;
	    step = step->next)
		totals->steps_failed += step->result >= RESULT_FAIL;
}

const struct totals *
run_bus_totals(struct run_bus *bus, uint64_t now_us)
{
	struct totals *totals = &bus->totals;
	uint32_t ended = totals->passed + totals->failed + totals->errors +
	    totals->skipped;

	totals->scenarios = bus->run.selected;
	totals->not_run = bus->run.selected - ended;
	totals->whole = totals->not_run == 0;
	if (!bus->finished)
		totals->took_us = record_since(&bus->options, now_us);
	return totals;
}

uint64_t
run_bus_changes(const struct run_bus *bus)
{
	return bus->changes;
}

/* ---- ends ------------------------------------------------------------------ */

static void
record_end(struct run_bus *bus, struct running *running,
    const struct scenario_end *end)
{
	struct scenario_record *record = &running->record;
	struct recorder *recorder = &bus->recorder;
	struct arena *arena = &running->arena;

	record->result = end->result;
	record->cause = end->cause;
	record->xfail = end->xfail;
	record->attempts = end->attempts > record->attempts ? end->attempts :
	    record->attempts;
	record->reason = record_text(recorder, arena, end->reason,
	    LIMIT_SHOWN, NULL);
	record->again = record_text(recorder, arena, end->again, LIMIT_COMMAND,
	    NULL);
	record->target = redactor_empty(bus->options.redactor) ? end->target :
	    record_text(recorder, arena, end->target, LIMIT_SHOWN, NULL);
	record->took_us = end->at_us > running->began_us ?
	    end->at_us - running->began_us : 0;
	/* Whatever is not clearly a verdict is none: never green. */
	if (end->result == RESULT_NOT_RUN || end->result == RESULT_AGAIN ||
	    end->result >= RESULT_COUNT) {
		record->result = RESULT_ERROR;
		if (record->reason.len == 0)
			record->reason = SPAN("not run");
	}
}

void
run_bus_scenario_end(struct run_bus *bus, const struct scenario_end *end)
{
	struct running *running = slot_running(bus, end->number, end->at_us);

	if (running == NULL)
		return;
	record_close(&bus->recorder, running, end->at_us);
	record_end(bus, running, end);
	journal_record(&bus->recorder, JOURNAL_SCENARIO_END, running, NULL,
	    NULL, end->at_us);
	running->record.steps = running->first;
	running->record.step_count += running->passed;
	for (const struct step_record *step = running->first; step != NULL;
	    step = step->next)
		running->record.step_count++;
	totals_add(&bus->totals, &running->record,
	    end->result >= RESULT_COUNT ? RESULT_ERROR :
	    (enum result)end->result);
	bus->slots[end->number - 1].state = SLOT_ENDED;
	bus->changes++;
	deliver(bus);
}

void
run_bus_finish(struct run_bus *bus, bool interrupted, struct span reason,
    uint64_t now_us)
{
	struct journal_entry entry = {
		.run = &bus->run,
		.at_us = record_since(&bus->options, now_us),
	};

	if (bus->finished)
		return;
	bus->rest = reason.len == 0 ? SPAN("not run") :
	    span_of(arena_printf(&bus->arena, "not run: %.*s",
	    SPAN_ARG(reason)));
	for (; bus->next < bus->run.selected; deliver(bus)) {
		struct scenario_record record;

		bus_not_run(bus, bus->next, &record);
		entry.kind = JOURNAL_SCENARIO_END;
		entry.scenario = &record;
		ports_journal(bus, &entry);
		ports_scenario(bus, &record);
		bus->slots[bus->next++].state = SLOT_DELIVERED;
	}
	bus->totals.interrupted = interrupted;
	entry.kind = JOURNAL_RUN_END;
	entry.scenario = NULL;
	entry.totals = run_bus_totals(bus, now_us);
	bus->finished = true;
	bus->changes++;
	ports_journal(bus, &entry);
	ports_end(bus, now_us);
}

/* ---- birth and death ------------------------------------------------------- */

struct run_bus *
run_bus_new(const struct run_bus_options *options)
{
	struct run_bus *bus = mem_alloc(sizeof *bus);

	bus->options = *options;
	bus->recorder = (struct recorder){
		.options = &bus->options,
		.scratch = buf_new(16 * (size_t)LIMIT_REPLY),
		.mask = buf_new(16 * (size_t)LIMIT_REPLY),
		.journal = journal_record,
	};
	bus->bus = (struct bus){ .wants = UINT32_MAX, .emit = emit };
	bus->run = *options->run;
	bus->run.target = record_text(&bus->recorder, &bus->arena,
	    options->run->target, LIMIT_SHOWN, NULL);
	bus->run.command = record_text(&bus->recorder, &bus->arena,
	    options->run->command, LIMIT_COMMAND, NULL);
	names_make(bus);
	bus->slots = mem_alloc(bus->run.selected * sizeof *bus->slots);
	bus->totals.scenarios = bus->totals.not_run = bus->run.selected;
	return bus;
}

struct bus *
run_bus_port(struct run_bus *bus)
{
	return &bus->bus;
}

void
run_bus_free(struct run_bus *bus)
{
	for (uint32_t i = 0; i < bus->run.selected; i++)
		if (bus->slots[i].running != NULL) {
			running_free(bus->slots[i].running);
			mem_free(bus->slots[i].running);
		}
	for (size_t i = 0; i < bus->port_count; i++) {
		mem_free(bus->ports[i].state);
		buf_free(&bus->ports[i].bytes);
	}
	mem_free(bus->slots);
	mem_free(bus->names);
	buf_free(&bus->recorder.scratch);
	buf_free(&bus->recorder.mask);
	arena_free(&bus->arena);
	mem_free(bus);
}
