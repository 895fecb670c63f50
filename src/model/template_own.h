/* What the two files that read templates share. */
#ifndef QUOTH_MODEL_TEMPLATE_OWN_H
#define QUOTH_MODEL_TEMPLATE_OWN_H

#include "model/build.h"
#include "model/template.h"

struct reader {
	struct build       *build;
	const struct node  *scalar;
	enum template_mode  mode;
	struct part        *parts;      /* LIMIT_TEMPLATE_PARTS */
	uint32_t            count;
	struct buf          literal;    /* constant text not yet a part */
	bool                pending;
};

/* A diagnostic at octet `at` of the scalar; always false. */
bool template_refuse(struct reader *r, enum diag_id id, size_t at,
    size_t width, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Constant text that came in through a reference. */
bool template_insert(struct reader *r, struct span value);

/* What is constant so far becomes a part. */
void template_flush(struct reader *r);

/* "${" stands at `at`: octets used up to and with "}", 0 after an error. */
size_t template_reference(struct reader *r, struct span text, size_t at);

#endif
