/*
 * From events to bytes: the bus makes records (model/record.h) of the
 * sessions' events, redacts every text in them, and hands finished scenarios
 * to the reporters in the order of their numbers, whatever finishes first.
 *
 * It writes nothing: what reporters make goes to outlets that the caller
 * owns. A reporter that streams writes on as scenarios are delivered; a
 * journal gets every event as it happens, in batches; of a document a
 * snapshot can be taken at any time, and what has not ended says "not run".
 */
#ifndef QUOTH_RUN_BUS_H
#define QUOTH_RUN_BUS_H

#include "base/secret.h"
#include "model/event.h"
#include "model/report.h"

/* Takes the bytes of one write; false: it is broken, nothing more comes. */
struct outlet {
	bool (*put)(struct outlet *, struct span bytes);
};

struct run_bus_options {
	/* All of it outlives the bus. */
	const struct run_record *run;           /* selected: as many as below */
	const struct scenario *const *scenarios;        /* number - 1 */
	const struct redactor *redactor;        /* NULL: no secrets */
	const struct flaw_row *flaws;           /* flaw_rows, or NULL */
	/* expect_describe, or NULL: the words of accepts alone. */
	void (*describe)(const struct expect *, const struct proto *,
	    struct buf *out);
	uint64_t began_us;                      /* monotonic; records count from it */
};

struct run_bus;

/* `number`s are 1-based and also the events' `session`. */
struct run_bus *run_bus_new(const struct run_bus_options *options);
void run_bus_free(struct run_bus *bus);

/* What sessions emit to. */
struct bus *run_bus_port(struct run_bus *bus);

/* Before the first event. `outlet` NULL: a document for snapshots only. The
 * handle for run_bus_snapshot(). */
size_t run_bus_add(struct run_bus *bus, const struct reporter *reporter,
    struct outlet *outlet);

/* A scenario with all its attempts is over (the event of that name only ends
 * an attempt). For the call. */
struct scenario_end {
	uint32_t    number;
	uint8_t     result, cause;      /* of the whole scenario */
	bool        xfail;              /* failed as expected: result is PASS */
	uint32_t    attempts;
	struct span reason;             /* skip, error or xfail; or empty */
	struct span again;              /* command line; or empty */
	struct span target;             /* outlives the bus */
	uint64_t    at_us;
};
void run_bus_scenario_end(struct run_bus *bus, const struct scenario_end *end);

/* The whole document as of now, appended. False: too large for `out`. */
bool run_bus_snapshot(struct run_bus *bus, size_t handle, uint64_t now_us,
    struct buf *out);

/* Journal lines that wait go out. */
void run_bus_flush(struct run_bus *bus);

/* Whatever has not ended is delivered as "not run: `reason`"; reporters end.
 * Snapshots may still be taken. */
void run_bus_finish(struct run_bus *bus, bool interrupted, struct span reason,
    uint64_t now_us);

/* As of now; grows with every delivered or waiting scenario. */
const struct totals *run_bus_totals(struct run_bus *bus, uint64_t now_us);

/* Grows whenever a snapshot would come out differently. */
uint64_t run_bus_changes(const struct run_bus *bus);

#endif
