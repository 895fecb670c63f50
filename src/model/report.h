/*
 * A reporter turns records into bytes and does nothing else. src/report/ has
 * one file for each; rows.h lists them.
 *
 * A document is begin + scenario... + end. For a report file it is made anew
 * at every snapshot: begin() then has the totals of that moment, scenario()'s
 * bytes are kept from when it ended, scenarios that have not ended come as
 * RESULT_ERROR "not run". So scenario() must not depend on what comes later,
 * and a state must be plain bytes that memcpy can duplicate.
 */
#ifndef QUOTH_MODEL_REPORT_H
#define QUOTH_MODEL_REPORT_H

#include "base/buf.h"
#include "model/record.h"

enum journal_kind {
	JOURNAL_RUN_BEGIN, JOURNAL_SCENARIO_BEGIN, JOURNAL_STEP_BEGIN,
	JOURNAL_WIRE, JOURNAL_STEP_END, JOURNAL_SCENARIO_END, JOURNAL_RUN_END
};

/* One event of the journal; the pointers that its kind has. A step's wires
 * come before its end; where secrets are looked for, not before they have
 * all arrived. */
struct journal_entry {
	enum journal_kind kind;
	uint64_t          at_us;
	const struct run_record      *run;
	const struct scenario_record *scenario; /* without steps */
	const struct step_record     *step;     /* without wires */
	const struct wire_record     *wire;
	const struct totals          *totals;   /* RUN_END */
};

struct reporter {
	const char *name, *usage;
	size_t      state_size;         /* zeroed before begin() */
	void (*begin)(void *state, const struct run_record *,
	    const struct totals *, struct buf *out);
	void (*scenario)(void *state, const struct run_record *,
	    const struct scenario_record *, struct buf *out);
	void (*end)(void *state, const struct run_record *,
	    const struct totals *, struct buf *out);
	/* A journal instead of a document: every event as it happens; the
	 * three above are NULL then. */
	void (*entry)(void *state, const struct journal_entry *, struct buf *out);
	bool        colours;            /* knows what to do with run colours */
	bool        brief;              /* looks at failed steps alone, not at
	                                 * their wires: the bus makes no other
	                                 * records where all reporters do so */
	bool        streams;            /* begin() does not look at the totals,
	                                 * so that it may be written as the run
	                                 * goes on */
};
extern const struct reporter *const reporter_rows[];    /* NULL-ended */

const struct reporter *reporter_find(struct span name);

#endif
