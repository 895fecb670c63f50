/*
 * One reply of the server, and everything that can be wrong with one. A reply
 * is never rejected: it is parsed as far as it goes, and its flaws are noted.
 */
#ifndef QUOTH_MODEL_REPLY_H
#define QUOTH_MODEL_REPLY_H

#include "base/span.h"

#include <stddef.h>

enum flaw {
	FLAW_NONE, FLAW_BARE_LF, FLAW_BARE_CR, FLAW_BAD_CODE, FLAW_CODE_RANGE,
	FLAW_MIXED_CODES, FLAW_BAD_SEPARATOR, FLAW_LONG_LINE, FLAW_NUL,
	FLAW_NON_ASCII, FLAW_TOO_MANY_LINES, FLAW_UNSOLICITED, FLAW_INJECTED,
	FLAW_ENHANCED_CLASS, FLAW_CUT, FLAW_TOO_LONG, FLAW_COUNT
};
#define FLAW_BIT(flaw) (UINT32_C(1) << (flaw))

/* These are reported as warnings; all others fail a step. */
#define FLAWS_MILD (FLAW_BIT(FLAW_NON_ASCII) | FLAW_BIT(FLAW_LONG_LINE) | \
	FLAW_BIT(FLAW_CODE_RANGE) | FLAW_BIT(FLAW_ENHANCED_CLASS))

struct flaw_row {
	const char *word;       /* as authors write it: "bare-lf" */
	const char *text;       /* "a line ends in LF without CR" */
	const char *source;     /* "RFC 5321 2.3.8" */
};
extern const struct flaw_row flaw_rows[FLAW_COUNT];

/* The flaw of that word, or FLAW_NONE. */
enum flaw flaw_of(struct span word);

/* Zeroed before the first octet, code -1. Offsets, not pointers, so the buffer
 * may grow or move while a reply is half here; lines are cut again on demand
 * (reply_line), never stored. */
struct reply {
	int32_t     code;       /* the number, or the row in proto->words; -1 */
	uint32_t    len;        /* octets of whole lines parsed so far */
	uint32_t    lines;
	uint32_t    last_at;    /* where the last line starts */
	uint32_t    scanned;    /* octets already searched for the line end */
	uint32_t    enhanced;   /* 0x00CCSSDD packed class, subject, detail; 0 */
	uint32_t    flaws;      /* set of FLAW_BIT */
	uint32_t    flaw_at;    /* offset of the first flaw */
	enum flaw   flaw;       /* the first flaw */
	struct span raw;        /* set when complete; for the call */
	uint32_t    flaw_ats[FLAW_COUNT];       /* offset of each flaw's first,
	                                         * where it is in `flaws` */
};

/* subject and detail have up to three digits (RFC 3463 2). */
#define ENHANCED(class, subject, detail) \
	((uint32_t)(class) << 20 | (uint32_t)(subject) << 10 | (uint32_t)(detail))
#define ENHANCED_CLASS(packed)   ((packed) >> 20)
#define ENHANCED_SUBJECT(packed) ((packed) >> 10 & 0x3ff)
#define ENHANCED_DETAIL(packed)  ((packed) & 0x3ff)

static inline struct reply
reply_new(void)
{
	return (struct reply){ .code = -1 };
}

/* For the next one in the same place; flaw_ats needs no clearing. */
static inline void
reply_begin(struct reply *reply)
{
	memset(reply, 0, offsetof(struct reply, flaw_ats));
	reply->code = -1;
}

/* Notes a flaw; the first one of each kind keeps its offset. */
void reply_flaw(struct reply *reply, enum flaw flaw, size_t at);

/* The next line of `raw` without its line end, from `*at` on; false at the
 * end. `*at` starts at 0. */
bool reply_line(struct span raw, size_t *at, struct span *line);

/* Text of a line: behind the code and its separator (numeric protocols). */
struct span reply_line_text(struct span line);

/* "5.1.1" to its packed form; 0 when it is none. Strict: RFC 3463 2. */
uint32_t enhanced_parse(struct span text);

#endif
