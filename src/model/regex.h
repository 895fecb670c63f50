/*
 * Regular expressions: PCRE2 over bytes, compiled once for each pattern and
 * flags however many scenarios use them. The only file with pcre2.h is
 * regex.c. One loop uses a set; it is not for several threads.
 */
#ifndef QUOTH_MODEL_REGEX_H
#define QUOTH_MODEL_REGEX_H

#include "base/buf.h"
#include "model/match.h"

struct regex;
struct regex_set;

struct regex_set *regex_set_new(void);
void regex_set_free(struct regex_set *set);

/* `flags` of i s x u; multiline always. NULL: `why` has the library's words
 * and `*at` the offset in the pattern (SIZE_MAX: the flags are wrong). Lives
 * as long as the set. */
const struct regex *regex_compile(struct regex_set *set, struct span pattern,
    struct span flags, char why[128], size_t *at);

/* UNKNOWN: LIMIT_REGEX_STEPS was passed. `*group` is the first group that
 * took part, or the whole match where there is none. */
enum verdict regex_match(const struct regex *regex, struct span in,
    struct span *group);

#endif
