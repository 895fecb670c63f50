/*
 * Secrets: values that no output may carry, in whatever encoding a server or
 * a report shows them. There is no function that prints one.
 */
#ifndef QUOTH_BASE_SECRET_H
#define QUOTH_BASE_SECRET_H

#include "base/buf.h"

struct redactor;                /* the set of all secrets of the run */

struct redactor *redactor_new(void);
void redactor_free(struct redactor *redactor);          /* wipes; NULL is fine */

/* False when the value is too short to be masked (LIMIT_SECRET_MIN) or too
 * long (LIMIT_EXPANDED), or when there are 65535 already. `name` is shown in
 * its place: <redacted NAME>. Both are copied. */
bool redactor_add(struct redactor *redactor, struct span name,
    struct span value);

/* Was that very value added before? */
bool redactor_has(const struct redactor *redactor, struct span value);

/* Nothing was added: then redact() is not needed at all. */
bool redactor_empty(const struct redactor *redactor);   /* NULL: yes */

/* Octets that the longest secret takes in its longest spelling: text that was
 * cut off has to lose as many more, lest half a secret stays. */
size_t redactor_reach(const struct redactor *redactor);

/* `in` with every occurrence of every secret replaced: raw, base64 and
 * base64url at three shifts, hex, percent, JSON, XML, quoted-printable, also
 * folded over lines; longest first, overlaps merged. Appends to `out`. */
void redact(const struct redactor *redactor, struct span in, struct buf *out);

/* Of both sets at once: one after the other, the first could leave half of
 * what the second looks for. Either may be NULL. */
void redact_both(const struct redactor *one, const struct redactor *other,
    struct span in, struct buf *out);

/* As many octets as `in` has: each of a secret's becomes a star. For text whose
 * places count. */
void redact_stars(const struct redactor *redactor, struct span in,
    struct buf *out);

/* The same for text that came in parts: parts[i] goes to outs[i], and a secret
 * that lies across several is found as well. The last `lost` octets are looked
 * at and not put out (redactor_reach() of them when the text was cut off). */
void redact_parts(const struct redactor *one, const struct redactor *other,
    const struct span *parts, struct buf *outs, size_t count, size_t lost);

#endif
