/* A text matcher: `/regex/flags`, or else a literal part of the text. */
#ifndef QUOTH_MODEL_PATTERN_H
#define QUOTH_MODEL_PATTERN_H

#include "model/regex.h"

struct pattern {
	struct span         text;       /* the literal; or as written */
	bool                is_regex;
	const struct regex *regex;
};

bool pattern_parse(struct build *build, const struct node *scalar,
    struct pattern *out);
/* `*group`: what a capture takes. */
enum verdict pattern_match(const struct pattern *pattern, struct span in,
    struct span *group);
void pattern_describe(const struct pattern *pattern, struct buf *out);

#endif
