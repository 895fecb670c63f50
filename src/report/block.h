/* What a failed step shows on a terminal, below its line. */
#ifndef QUOTH_REPORT_BLOCK_H
#define QUOTH_REPORT_BLOCK_H

#include "model/record.h"
#include "report/pen.h"

/* In this order: what was sent, the whole reply, what would have been
 * accepted, the place with a caret, what the code means, and the command that
 * repeats the scenario (`again`; empty: none). */
void block_step(struct pen *pen, const struct step_record *step,
    struct span again);

/* The same for a scenario that no step explains. */
void block_scenario(struct pen *pen, const struct scenario_record *record);

#endif
