/*
 * A session without sockets and without a clock: a scenario from a few lines
 * of YAML, the server's side as a list of what happens, and a log of what the
 * session wants and says. What a list does not say is done at once; a reply
 * that never comes is a timeout.
 *
 * An item of the script: [N>][@WANT:]WHAT
 *
 *   N>      on connection number N; 0 is meant without
 *   @WANT:  when that want is outstanding, before it is done (look, write,
 *           timer, connect, tls, sasl, half, step); without: when a reply is awaited
 *   WHAT    octets, or !close !rst !notify !cut !timeout !cancel !fail TEXT,
 *           or !done TEXT, the response of a sasl that else has none,
 *           or !wait MS, which lets time pass
 *
 * The log: wants as "connect", ">EHLO me$" ($ is CRLF), "timer 500", "tls",
 * "sasl PLAIN" (mute: without initial response), "sasl <challenge", "sasl proof", "close",
 * "abort", "half"; steps as "2 pass" or "2 fail code"; notes as "note"; the
 * scenario as "end fail code 550".
 */
#ifndef QUOTH_TESTS_PLAY_H
#define QUOTH_TESTS_PLAY_H

#include "run/session.h"

enum { PLAY_ITEMS = 32 };

struct flow {
	const char *name;
	const char *yaml;               /* behind "quoth: 1" and a target */
	const char *script[PLAY_ITEMS]; /* NULL-ended */
	const char *log;                /* joined by " / " */
	const char *say;                /* stands in what it says, or NULL */
	bool        load;               /* nobody looks before an act */
	bool        split;              /* only as it is, not by octets */
};

struct play {
	bool     octets;                /* one at a time */
	bool     lazy;                  /* DONE of a lazy write comes late */
	bool     long_way;              /* no step is plain or usual (step.h) */
	uint32_t cancel_at;             /* before that input; 0: never */
	uint32_t inputs;                /* out: how many there were */
	struct buf log, said;           /* out */
	enum result result;             /* out */
	enum cause  cause;
	int32_t     code;
	uint64_t    now_us, ended_us;
	bool        over, gone;
};

/* Aborts where an invariant is broken. */
void play_run(struct play *play, const struct flow *flow);
void play_free(struct play *play);

#endif
