/*
 * Expectations: what of the server's side is accepted. An expect passes when
 * one `accept` holds and every `match` says yes.
 */
#ifndef QUOTH_MODEL_MATCH_H
#define QUOTH_MODEL_MATCH_H

#include "model/proto.h"

struct build;
struct tls_facts;
struct node;
struct vars;

enum accept_kind {
	ACCEPT_CODES, ACCEPT_ANY, ACCEPT_CLOSED, ACCEPT_SILENCE, ACCEPT_REFUSED
};
struct accept {                 /* CODES: low..high, words are codes too */
	enum accept_kind kind;
	int32_t          low, high;
	struct span      text;          /* as the author wrote it */
	struct loc       loc;
};

/* What the server's side has told by now. For the call. */
struct seen {
	const struct reply *reply;      /* NULL: closed or silent */
	const struct ask   *ask;
	const struct proto *proto;
	struct span         bytes;      /* reply->raw, or what came before a close */
	uint64_t            wait_us;    /* act's last octet to reply's last */
	const struct tls_facts *tls;    /* NULL: in the clear */
	bool                closed;     /* the server did; and */
	bool                notified;   /* with close_notify */
};
enum match_when { MATCH_REPLY, MATCH_TLS };     /* TLS: after a handshake */
enum verdict { VERDICT_YES, VERDICT_NO, VERDICT_UNKNOWN };      /* an error */

struct matcher {
	const char *name, *usage;
	enum match_when when;
	bool (*parse)(struct build *, const struct node *, const void **args);
	/* Captures write into vars. `why` gets one clause when it is not YES:
	 * "offers no STARTTLS". */
	enum verdict (*test)(const void *args, const struct seen *,
	    struct vars *vars, struct fault *why);
	/* What would have been accepted: "text /queued as/". */
	void (*describe)(const void *args, struct buf *out);
};
extern const struct matcher *const matcher_rows[];      /* NULL-ended */

struct match {
	const struct matcher *row;
	const void           *args;
	struct loc            loc;
};

struct expect {                         /* program */
	struct loc           loc;       /* of the value of `expect` */
	struct loc           code_loc;
	const struct accept *accepts;   /* count 0: the act's default */
	const struct accept *nevers;    /* codes that must not come */
	const struct accept *ends;      /* accepted, and the dialogue is over */
	const struct match  *matches;
	const struct span   *needs;     /* skip unless this reply offers them */
	const struct loc    *need_locs;
	uint16_t accept_count, never_count, end_count, match_count, need_count;
	uint32_t within_ms, after_ms;
	struct loc within_loc, after_loc;
	uint32_t flaws;                 /* FLAW_BITs the author tolerates */
	bool     flaws_given;           /* then mild ones count as well */
	bool     silence;               /* accepts silence at all */
	bool     closed;                /* accepts a close at all */
	bool     tls_failed;            /* the handshake must fail */
	bool     settles;               /* of its verb: what asks for more is no
	                                 * positive reply here */
	bool     shakes;                /* of its verb: a handshake alone, which
	                                 * no reply follows unless it is asked */
	uint16_t tls_count;             /* matches that are MATCH_TLS */
};

bool accept_code(const struct accept *accepts, uint16_t count, int32_t code);
bool accept_has(const struct accept *accepts, uint16_t count,
    enum accept_kind kind);

/* All that would be accepted: "250, 251, closed; text /queued/". */
void expect_describe(const struct expect *expect, const struct proto *proto,
    struct buf *out);

#endif
