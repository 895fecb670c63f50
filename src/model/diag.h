/*
 * What is wrong with a file, as a list: several errors are shown in one go.
 * Each has an id (a row of diag_rows.h), a place, one sentence and a hint.
 */
#ifndef QUOTH_MODEL_DIAG_H
#define QUOTH_MODEL_DIAG_H

#include "base/arena.h"
#include "base/loc.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

/* Not every limit passed is the author's slip: exit codes and corpora look at
 * the class. */
enum diag_class { DIAG_SYNTAX, DIAG_ENCODING, DIAG_LIMIT, DIAG_SCHEMA,
	DIAG_POLICY };

enum diag_id {
#define DIAG(name, class, word, about) DIAG_ID_##name,
#include "model/diag_rows.h"
#undef DIAG
	DIAG_ID_COUNT
};

struct diag_row {
	const char     *word;           /* "unknown-key", for explain and SARIF */
	enum diag_class class;
	const char     *about;          /* what it means, for `quoth explain` */
};
extern const struct diag_row diag_rows[DIAG_ID_COUNT];

struct diag {
	enum diag_id   id;
	enum severity  severity;
	struct loc     loc;
	const char    *text;            /* one sentence without the place */
	const char    *hint;            /* or NULL */
	struct diag   *next;
};

struct redactor;

struct diags {
	struct arena   arena;
	const struct redactor *redactor;        /* masks the files' lines; or
	                                         * NULL */
	struct diag   *first, *last;
	uint32_t       errors, warnings;        /* counted beyond the limit too */
	bool           dropped;         /* the one added last is not listed */
};

/* LIMIT_DIAGS errors and as many warnings are listed; the rest is counted. A
 * text or hint may hold untrusted octets but no NUL: see diag_word(). */

void diag_error(struct diags *diags, enum diag_id id, struct loc loc,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
void diag_warn(struct diags *diags, enum diag_id id, struct loc loc,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The hint of the diagnostic that was added last. */
void diag_hint(struct diags *diags, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "did you mean 'expect'?" where a word of the list is near. */
void diag_hint_nearest(struct diags *diags, struct span word,
    const char *const *words, size_t count);

/* A text of the author's for a message: at most 40 characters, NUL as \0,
 * each octet of a secret as a star. Lives as long as the list. */
const char *diag_word(struct diags *diags, struct span text);

/* Takes back what was added since `before`, a copy of the list. */
void diags_back(struct diags *diags, const struct diags *before);

/* By file, then by place; those of one place stay in order. */
void diags_sort(struct diags *diags);

void diags_free(struct diags *diags);

#endif
