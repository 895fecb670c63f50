/* Filters of ${name|filter}: a function and a row. */
#ifndef QUOTH_MODEL_FILTER_H
#define QUOTH_MODEL_FILTER_H

#include "base/buf.h"

struct filter {
	const char *name, *usage;
	bool        counts;     /* takes a number: `repeat 998` */
	/* Appends to `out`; false with one clause in `why`. */
	bool (*apply)(struct span in, uint32_t count, struct buf *out,
	    const char **why);
};
extern const struct filter filter_rows[];       /* ended by name NULL */

const struct filter *filter_find(struct span name);

/* The escapes of `write`: \r \n \t \0 \\ \xNN. On a bad one false, and
 * `*bad_at` is its offset. */
bool escapes_decode(struct span in, struct buf *out, size_t *bad_at);

bool base64_encode(struct span in, struct buf *out);
bool base64_decode(struct span in, struct buf *out);    /* strict, padded */

#endif
