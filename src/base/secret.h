/*
 * Secrets: values that no output may carry, in whatever encoding a server or
 * a report shows them. There is no function that prints one.
 */
#ifndef QUOTH_BASE_SECRET_H
#define QUOTH_BASE_SECRET_H

#include "base/buf.h"

struct redactor;                /* the set of all secrets of the run */

struct redactor *redactor_new(void);
void redactor_free(struct redactor *redactor);

/* False when the value is too short to be masked (LIMIT_SECRET_MIN). `name`
 * is shown in its place: <redacted NAME>. Both are copied. */
bool redactor_add(struct redactor *redactor, struct span name,
    struct span value);

/* Nothing was added: then redact() is not needed at all. */
bool redactor_empty(const struct redactor *redactor);

/* `in` with every occurrence of every secret replaced: raw, base64 and
 * base64url at three shifts, hex, percent, JSON, XML, quoted-printable;
 * longest first, overlaps merged. Appends to `out`. */
void redact(const struct redactor *redactor, struct span in, struct buf *out);

#endif
