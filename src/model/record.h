/*
 * What happened, as flat data: all that a reporter may know. Made by the bus
 * from events, redacted already (no secret is in any text here), or read back
 * from an event file. Bytes are untrusted: a reporter escapes them with the
 * function of its sink (base/text.h).
 *
 * Everything lives for the call of the reporter.
 */
#ifndef QUOTH_MODEL_RECORD_H
#define QUOTH_MODEL_RECORD_H

#include "base/span.h"
#include "model/result.h"

enum wire_kind { WIRE_SENT, WIRE_RECEIVED, WIRE_NOTE, WIRE_SAID };

/* One direction, one moment; a note is quoth's own, SAID is the script's. */
struct wire_record {
	const struct wire_record *next;
	uint8_t     kind;
	bool        cut;                /* longer than the log's limit */
	uint16_t    attempt;
	const char *conn;               /* name of the connection */
	uint64_t    at_us;              /* since the run began */
	struct span bytes;
};

struct place_record {
	const char *file;               /* NULL: no place */
	uint32_t    line, column, width;        /* column 0: the whole line */
	struct span source;             /* that line of the file, raw */
	struct span remark;             /* behind the carets */
};

/* A handshake that a step made. Texts are the peer's. */
struct tls_record {
	struct span line;               /* all of it in few words */
	struct span version, cipher;
	struct span why;                /* why it was not verified; or empty */
	struct span subject, issuer;
	const struct span *names;       /* of the certificate */
	uint32_t    name_count;
	bool        verified, resumed, has_cert;
	int32_t     days_left;
	int64_t     not_before, not_after;      /* Unix time */
	uint64_t    handshake_us;
};

struct step_record {
	const struct step_record *next;
	uint32_t    number;             /* 1-based, in the attempt */
	uint32_t    round;              /* eventually: this is its last; 0: none */
	uint16_t    attempt;
	uint8_t     result, cause;      /* enum result, enum cause */
	bool        always;
	bool        titled;             /* label is the author's own title */
	const char *act;                /* verb's name; "expect" without one */
	const char *conn;               /* connection's name */
	struct span label;              /* title, or what was sent, one line */
	struct span reply;              /* first line of the reply, for listings */
	struct span got;                /* the whole reply, raw wire octets */
	struct span want;               /* everything that would be accepted */
	struct span message;            /* why, one sentence; empty: passed */
	struct span note;               /* what the code means; empty: none */
	struct span trace;              /* a script's own frames, innermost
	                                 * first, a line each; or empty */
	struct span sent;               /* what the act wrote, raw, bounded */
	const struct tls_record *tls;   /* of its handshake; or NULL */
	struct place_record place;      /* of what said no, else of the step */
	uint64_t    began_us, took_us;
	const struct wire_record *wires;
};

struct scenario_record {
	uint32_t    number;             /* 1-based, in report order */
	uint32_t    attempts;
	uint32_t    step_count;
	uint8_t     result, cause;
	bool        xfail;              /* failed as expected: result is PASS */
	struct span id, name, about;    /* name with its row */
	const char *file;
	uint32_t    line;
	const struct span *tags;
	uint32_t    tag_count;
	struct span reason;             /* skip, error or xfail: one sentence */
	struct span again;              /* the command line that repeats it */
	struct span target;
	uint64_t    began_us, took_us;
	const struct step_record *steps;        /* of all attempts, in order */
	const struct wire_record *said; /* by the script, before any step */
};

/* Whose wire octets a reporter for people prints; files have them always but
 * for NEVER. AUTO: none for people. */
enum transcript { TRANSCRIPT_AUTO, TRANSCRIPT_ALWAYS, TRANSCRIPT_FAIL,
	TRANSCRIPT_NEVER };

struct run_record {
	const char *version;
	struct span target;
	uint64_t    seed;
	uint32_t    jobs, selected;
	uint32_t    shard, shards;      /* 0 of 0: not sharded */
	uint64_t    began_unix_us;      /* wall clock */
	struct span digest;             /* of the selection, hex */
	struct span command;            /* as started, shell-quoted */
	bool        verbose;            /* steps of every scenario */
	bool        colours;            /* for reporters that know them */
	uint8_t     transcript;         /* enum transcript */
	uint16_t    columns;            /* of the terminal; 0: unknown */
	bool        tap13;              /* read by a harness (HARNESS_ACTIVE):
	                                 * Perl's before 3.49 takes any newer
	                                 * version line for an error */
};

/* More scenarios than these: steps of the failed ones only, unless verbose. */
enum { RECORD_STEPS_SHOWN = 20 };

/* A scenario counts in one of passed to not_run. Only `passed` and `skipped`
 * are green, and `warned` are those passed ones that had a warning. */
struct totals {
	uint32_t scenarios, passed, warned, failed, errors, skipped, not_run;
	uint32_t xfailed;               /* counted in passed, as warned is */
	uint32_t steps, steps_failed;
	uint64_t took_us;
	bool     whole;                 /* every selected scenario has ended */
	bool     interrupted;
};

#endif
