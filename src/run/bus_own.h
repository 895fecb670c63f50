/* Inside of bus.c and ports.c: the whole bus. */
#ifndef QUOTH_RUN_BUS_OWN_H
#define QUOTH_RUN_BUS_OWN_H

#include "base/limits.h"
#include "run/record.h"

enum {
	PORTS_MAX = 32,
	BATCH = 32 * KIB,               /* of journal lines in one write */
	DOCUMENT_MAX = 256 * MIB
};

struct port {
	const struct reporter *reporter;
	struct outlet *outlet;
	void          *state;
	struct buf     bytes;   /* kept (document), or waiting to be written */
	bool           broken;
};

enum slot_state { SLOT_WAITING, SLOT_RUNNING, SLOT_ENDED, SLOT_DELIVERED };

struct slot {
	struct running *running;
	uint8_t         state;  /* enum slot_state */
};

/* What the author called a scenario. */
struct names {
	struct span id, name, about;
};

struct run_bus {
	struct bus      bus;            /* first */
	struct recorder recorder;
	struct run_bus_options options;
	struct run_record run;          /* redacted */
	struct arena    arena;
	struct port     ports[PORTS_MAX];
	size_t          port_count;
	struct slot    *slots;
	uint32_t        next;           /* to be delivered, 0-based */
	struct names   *names;          /* redacted; NULL: no secrets */
	struct totals   totals;
	uint64_t        changes;
	bool            finished;
	struct span     rest;           /* why the rest was not run */
};

/* Of a scenario that has not ended. */
void bus_not_run(struct run_bus *bus, uint32_t index,
    struct scenario_record *record);

void ports_journal(struct run_bus *bus, const struct journal_entry *entry);
void ports_scenario(struct run_bus *bus, const struct scenario_record *record);
void ports_end(struct run_bus *bus, uint64_t now_us);

#endif
