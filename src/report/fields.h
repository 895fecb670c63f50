/*
 * Records as JSON members: `"name":value`, with a comma before each but the
 * first of an object. Both JSON reporters use the same names.
 */
#ifndef QUOTH_REPORT_FIELDS_H
#define QUOTH_REPORT_FIELDS_H

#include "base/text.h"
#include "model/report.h"

void field_cstr(const char *name, const char *text, struct buf *out);
void field_number(const char *name, uint64_t number, struct buf *out);

void fields_run(const struct run_record *run, enum json_bytes how,
    struct buf *out);
void fields_totals(const struct totals *totals, struct buf *out);

/* What is known at its begin; and at its end (without steps). */
void fields_scenario(const struct scenario_record *record,
    enum json_bytes how, struct buf *out);
void fields_scenario_end(const struct scenario_record *record,
    enum json_bytes how, struct buf *out);
void fields_step(const struct step_record *step, enum json_bytes how,
    struct buf *out);
void fields_step_end(const struct step_record *step, enum json_bytes how,
    struct buf *out);
void fields_wire(const struct wire_record *wire, enum json_bytes how,
    struct buf *out);

#endif
