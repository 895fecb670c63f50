/*
 * What `body` and `bdat` send: the same keys, read by the same code, made into
 * octets once while loading.
 */
#ifndef QUOTH_VERB_CONTENT_H
#define QUOTH_VERB_CONTENT_H

#include "model/build.h"
#include "model/verb.h"

/* Filler lines stand between what comes before and behind them, and are made
 * while they are sent. */
struct content {
	struct span head, tail;
	uint64_t    filler;
};

enum content_end {
	CONTENT_CHUNKS,         /* of BDAT: no dots are doubled, none closes */
	CONTENT_OPEN,           /* of DATA, without the closing dot */
	CONTENT_DOT
};

/* A scalar, or a map with `fields`. */
bool content_read(struct build *build, const struct node *node,
    const struct field *fields, enum content_end end, struct content *out);

static inline uint64_t
content_size(const struct content *content)
{
	return content->head.len + content->filler + content->tail.len;
}

/* Up to `max` octets from `at` on as they lie in memory; empty in the filler
 * and at the end. */
struct span content_span(const struct content *content, uint64_t at,
    size_t max);

/* Appends the octets [at, at + count). False: `out` is full. */
bool content_add(const struct content *content, uint64_t at, size_t count,
    struct buf *out);

#endif
