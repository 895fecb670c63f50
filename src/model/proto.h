/*
 * A protocol is a row: how to read its replies, what a command calls for, what
 * its codes mean. src/proto/ has one file for each; rows.h lists them.
 */
#ifndef QUOTH_MODEL_PROTO_H
#define QUOTH_MODEL_PROTO_H

#include "base/buf.h"
#include "base/fault.h"
#include "model/reply.h"

/* 2yz +OK / 3yz + / 4yz 5yz -ERR. */
enum tone { TONE_POSITIVE, TONE_CONTINUE, TONE_NEGATIVE };

/* What a command calls for; computed when it is planned, kept for every reply
 * still owed. */
struct ask {
	uint8_t shape;          /* the protocol's own */
	bool    offers;         /* its reply lists capabilities (EHLO, CAPA) */
	bool    secret;         /* this line and its continuations are masked */
	bool    wide;           /* its reply may be UTF-8 */
	uint32_t before;        /* replies to earlier rounds of its act, in a
	                         * pipeline; the session counts them */
};

/* A protocol's memory of one connection; zeroed at connect, and by TLS where
 * `forgets`. */
struct talk {
	uint32_t accepted, tag;
	uint16_t flags;
	bool     wide;          /* so may be those to acts without a command */
};

/* A secret line: one that we sent; one that came; or one that came in an
 * exchange, of which only what asks for more is secret. */
enum mask { MASK_SENT, MASK_RECEIVED, MASK_CHALLENGES };

/* What a code means: of the protocol's table, for `explain` and for notes. */
struct code_row {
	const char *code;       /* "550", or enhanced "X.1.1" / "5.7.8" */
	const char *summary;    /* a few words */
	const char *source;     /* "RFC 5321 4.2.3" */
	const char *causes;     /* usual causes, one or two sentences */
	const char *advice;     /* what to try */
};

/* A command or a capability keyword, for `explain`. */
struct word_row {
	const char *word;       /* "RCPT" */
	const char *kind;       /* "SMTP command", "EHLO keyword" */
	const char *syntax;     /* "RCPT TO:<forward-path> [parameters]" */
	const char *source;     /* "RFC 5321 4.1.1.3" */
	const char *about;      /* one or two sentences */
	const char *replies;    /* what to expect, or how to use a keyword */
};

struct proto {
	const char *name, *usage;
	bool        greets;     /* connect awaits a reply */
	bool        awaits;     /* acts await one even without `expect` */
	bool        chatters;   /* unasked data is normal, never unsolicited */
	bool        forgets;    /* capabilities end with STARTTLS */
	const char *each;       /* what such replies are for, one each */
	const char *starttls;   /* the command of `starttls`; NULL: none */
	uint16_t    command_max;        /* octets of one, with its end, that
	                         * any server takes; 0: no such limit */
	const char *const *words;       /* OK NO BAD ..., NULL-ended; or NULL */

	/* May be NULL: nothing depends on the command. */
	struct ask (*ask)(struct talk *, struct span line);

	/* Octets of one whole reply, or 0 for "more to come". Called again with
	 * the same octets plus more and the same `reply`, it goes on where it
	 * was: linear under a drip. */
	size_t (*parse)(struct span in, const struct ask *, struct reply *);

	/* Are there as many replies as the protocol counts, and not one (or as
	 * many as expect_each has)? Asked when the first is due. NULL: never. */
	bool (*replies)(const struct talk *, const struct ask *,
	    uint32_t *count);
	/* Is the first of them one to the command itself, and no other comes?
	 * NULL: never. */
	bool (*refuses)(const struct ask *, const struct reply *);
	enum tone (*tone)(const struct reply *);
	bool (*any_time)(const struct reply *); /* 421: never unsolicited; NULL */

	/* The server closes the connection behind it (221, 421); NULL: never. */
	bool (*farewell)(const struct reply *);

	/* raw must be set. `word` is "SIZE" or "AUTH PLAIN" (keyword, then a
	 * parameter that must be in its list). Whole words, any case. NULL:
	 * there are no capabilities, and who asks for one gets an error. */
	bool (*offers)(const struct reply *, struct span word);
	void (*seen)(struct talk *, const struct ask *, const struct reply *);

	/* How many octets of a secret line may be shown, which comes without its
	 * end: a command's name, a reply's code. NULL: none. */
	size_t (*shown)(struct span line, enum mask);

	/* SASL (RFC 4422 4); NULL: there is no `auth` here. read: the challenge
	 * of a reply that asks for more, decoded, appended; false with a fault
	 * that shows nothing of it. write: a line with its end; `mechanism` of
	 * the first one, else empty; response.ptr NULL: none. list: appends what
	 * a reply says of mechanisms, words with blanks between; asked: the
	 * command for whose reply it is. */
	bool (*sasl_read)(const struct reply *, struct buf *out,
	    struct fault *);
	bool (*sasl_write)(struct span mechanism, struct span response,
	    struct buf *out);
	void (*sasl_list)(const struct reply *, struct buf *out);
	const char *sasl_asked;

	/* The row that explains; NULL: none. Of a reply's code, and of its
	 * enhanced code (0: no such). */
	const struct code_row *(*explain_code)(int32_t code);
	const struct code_row *(*explain_enhanced)(uint32_t enhanced);
	const struct word_row *glossary;        /* ended by word NULL; or NULL */
};

extern const struct proto *const proto_rows[];  /* NULL-ended */

/* The row of that name, or NULL. */
const struct proto *proto_find(struct span name);

#endif
