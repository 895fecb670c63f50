/*
 * What is wrong with the user's files, for people and for programs. All text
 * of files goes through the escape function of its sink.
 */
#ifndef QUOTH_CMD_COMPLAIN_H
#define QUOTH_CMD_COMPLAIN_H

#include "base/buf.h"
#include "model/diag.h"

enum complain_format { COMPLAIN_HUMAN, COMPLAIN_JSON, COMPLAIN_SARIF,
	COMPLAIN_GITHUB, COMPLAIN_GITLAB };

/* "human", "json", "sarif" (2.1.0), "github", "gitlab" (code quality). */
bool complain_format_find(struct span name, enum complain_format *out);

/* Sorts the list by place and appends all of it, whole documents for json,
 * sarif and gitlab. Give `out` room for 8 KiB a diagnostic. */
void complain(struct diags *diags, enum complain_format format, bool colour,
    struct buf *out);

/* "2 errors, 1 warning in relay.yaml": one line with its end; nothing when
 * there is nothing to say. */
void complain_summary(const struct diags *diags, struct buf *out);

/* One diagnostic as COMPLAIN_HUMAN shows it. */
void complain_one(const struct diag *diag, bool colour, struct buf *out);

/* For programs; used by complain(). */
void complain_json(const struct diags *diags, struct buf *out);
void complain_sarif(const struct diags *diags, struct buf *out);
void complain_github(const struct diags *diags, struct buf *out);
void complain_gitlab(const struct diags *diags, struct buf *out);

#endif
