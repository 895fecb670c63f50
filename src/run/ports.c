/*
 * Where reporters' bytes go: each port is one reporter with its state and the
 * bytes that it made. A stream and a journal write them to their outlet; a
 * document keeps them, so that a snapshot renders only what comes after.
 */
#include "base/mem.h"
#include "run/bus_own.h"

static void
port_put(struct port *port)
{
	if (port->bytes.full)
		port->broken = true;
	if (port->outlet != NULL && !port->broken && port->bytes.len > 0)
		port->broken = !port->outlet->put(port->outlet,
		    buf_span(&port->bytes));
	buf_clear(&port->bytes);
}

static bool
port_streams(const struct port *port)
{
	return port->outlet != NULL && port->reporter->streams;
}

void
ports_journal(struct run_bus *bus, const struct journal_entry *entry)
{
	for (size_t i = 0; i < bus->port_count; i++) {
		struct port *port = &bus->ports[i];

		if (port->reporter->entry == NULL || port->broken)
			continue;
		port->reporter->entry(port->state, entry, &port->bytes);
		if (port->bytes.len >= BATCH)
			port_put(port);
	}
}

void
run_bus_flush(struct run_bus *bus)
{
	for (size_t i = 0; i < bus->port_count; i++)
		if (bus->ports[i].reporter->entry != NULL)
			port_put(&bus->ports[i]);
}

/* What the sessions have to tell. */
static void
wants_set(struct run_bus *bus)
{
	bus->recorder.brief = true;
	for (size_t i = 0; i < bus->port_count; i++)
		if (!bus->ports[i].reporter->brief)
			bus->recorder.brief = false;
	bus->bus.wants = bus->recorder.brief ? BRIEF_WANTS : UINT32_MAX;
}

size_t
run_bus_add(struct run_bus *bus, const struct reporter *reporter,
    struct outlet *outlet)
{
	struct port *port = &bus->ports[bus->port_count];
	struct journal_entry entry = {
		.kind = JOURNAL_RUN_BEGIN, .run = &bus->run,
	};

	if (bus->port_count == PORTS_MAX)
		return SIZE_MAX;
	*port = (struct port){
		.reporter = reporter,
		.outlet = outlet,
		.state = mem_alloc(reporter->state_size),
		.bytes = buf_new(DOCUMENT_MAX),
	};
	if (reporter->entry != NULL) {
		reporter->entry(port->state, &entry, &port->bytes);
		port_put(port);
	} else {
		reporter->begin(port->state, &bus->run, &bus->totals,
		    &port->bytes);
		if (port_streams(port))
			port_put(port);
		else
			buf_clear(&port->bytes);
	}
	bus->port_count++;
	wants_set(bus);
	return bus->port_count - 1;
}

void
ports_scenario(struct run_bus *bus, const struct scenario_record *record)
{
	for (size_t i = 0; i < bus->port_count; i++) {
		struct port *port = &bus->ports[i];

		if (port->reporter->entry != NULL || port->broken)
			continue;
		port->reporter->scenario(port->state, &bus->run, record,
		    &port->bytes);
		if (port_streams(port))
			port_put(port);
	}
}

/* What has ended but waits for its turn, and "not run" for the others. */
static void
snapshot_rest(struct run_bus *bus, const struct port *port, void *state,
    struct buf *out)
{
	struct scenario_record record;

	for (uint32_t i = bus->next; i < bus->run.selected; i++) {
		const struct slot *slot = &bus->slots[i];

		if (slot->state == SLOT_ENDED)
			record = slot->running->record;
		else
			bus_not_run(bus, i, &record);
		port->reporter->scenario(state, &bus->run, &record, out);
	}
}

bool
run_bus_snapshot(struct run_bus *bus, size_t handle, uint64_t now_us,
    struct buf *out)
{
	const struct port   *port = &bus->ports[handle];
	const struct totals *totals = run_bus_totals(bus, now_us);
	size_t size = port->reporter->state_size;
	void  *state = mem_alloc(size);

	port->reporter->begin(state, &bus->run, totals, out);
	(void)buf_add(out, buf_span(&port->bytes));
	if (size > 0)
		memcpy(state, port->state, size);
	snapshot_rest(bus, port, state, out);
	port->reporter->end(state, &bus->run, totals, out);
	mem_free(state);
	return !out->full && !port->bytes.full;
}

static void
port_end(struct run_bus *bus, size_t handle, uint64_t now_us)
{
	struct port *port = &bus->ports[handle];
	struct buf   whole = buf_new(DOCUMENT_MAX);

	if (port->reporter->entry != NULL || port->outlet == NULL)
		return;
	if (port_streams(port)) {
		port->reporter->end(port->state, &bus->run, &bus->totals,
		    &port->bytes);
		port_put(port);
	} else if (!port->broken) {
		port->broken = !run_bus_snapshot(bus, handle, now_us, &whole) ||
		    !port->outlet->put(port->outlet, buf_span(&whole));
	}
	buf_free(&whole);
}

void
ports_end(struct run_bus *bus, uint64_t now_us)
{
	run_bus_flush(bus);
	for (size_t i = 0; i < bus->port_count; i++)
		port_end(bus, i, now_us);
}
