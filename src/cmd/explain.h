/* What the files of `quoth explain` share. */
#ifndef QUOTH_CMD_EXPLAIN_H
#define QUOTH_CMD_EXPLAIN_H

#include "cmd/page.h"

/*
 * One kind of words that can be explained. `show` appends what the word means
 * and returns true, or leaves `out` alone. `name` gives the words of this kind
 * one after the other, NULL at the end, for "did you mean".
 */
struct lookup {
	bool (*show)(struct span word, struct buf *out);
	const char *(*name)(size_t at);
};

extern const struct command command_explain;

bool explain_code(struct span word, struct buf *out);
bool explain_class(struct span word, struct buf *out);
bool explain_enhanced(struct span word, struct buf *out);
bool explain_key(struct span word, struct buf *out);
const char *explain_key_name(size_t at);

bool explain_mechanism(struct span word, struct buf *out);
const char *explain_mechanism_name(size_t at);
bool explain_mechanisms(struct span word, struct buf *out);

bool explain_small(struct span word, struct buf *out);
const char *explain_small_name(size_t at);
bool explain_range(struct span word, struct buf *out);
bool explain_filter(struct span word, struct buf *out);
const char *explain_filter_name(size_t at);
bool explain_type(struct span word, struct buf *out);
const char *explain_type_name(size_t at);
bool explain_diag(struct span word, struct buf *out);
const char *explain_diag_name(size_t at);
bool explain_matcher(struct span word, struct buf *out);
const char *explain_matcher_name(size_t at);

/* All codes, in two columns. */
void explain_table(struct buf *out);

/* "NAME - SUMMARY", then the labelled paragraphs below it. */
void explain_head(struct buf *out, struct span name, const char *summary);
void explain_part(struct buf *out, const char *label, const char *text);

#endif
