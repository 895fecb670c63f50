/*
 * SASL (RFC 4422): what an author asks of an exchange, and the seam to who
 * computes it. src/sasl/ alone knows libgsasl; cmd/ gives its engine to the
 * loop, which acts as a client for sessions, and to the embedded server.
 * Octets here are decoded: base64 is the protocol's (model/proto.h).
 */
#ifndef QUOTH_MODEL_SASL_H
#define QUOTH_MODEL_SASL_H

#include "base/buf.h"
#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

/* What a mechanism is computed from, and how it goes. */
enum sasl_trait {
	SASL_USER     = 1 << 0,         /* needs `user` */
	SASL_PASSWORD = 1 << 1,         /* needs `password` */
	SASL_TOKEN    = 1 << 2,         /* needs `token` */
	SASL_AUTHZID  = 1 << 3,         /* may have `authzid` */
	SASL_FIRST    = 1 << 4,         /* the client speaks first: there is an
	                                 * initial response (RFC 4422 5) */
	SASL_MAY_FIRST = 1 << 5,        /* ... where the author says so: LOGIN */
	SASL_BINDING  = 1 << 6,         /* binds to the TLS connection: -PLUS */
	SASL_MAY_USER = 1 << 7,         /* may have `user` */
	SASL_SERVER   = 1 << 8          /* the engine has the server's side */
};

struct sasl_mechanism {
	const char *name;       /* as EHLO lists it: "SCRAM-SHA-256" */
	const char *source;     /* "RFC 7677" */
	uint16_t    traits;     /* enum sasl_trait */
};
extern const struct sasl_mechanism sasl_mechanisms[];   /* name NULL ends */

/* In any case of letters. NULL: none that this program computes. */
const struct sasl_mechanism *sasl_find(struct span name);

/* Octets of a channel binding: tls-exporter has 32, tls-unique 12 to 64. */
enum { SASL_BOUND_MAX = 64 };

/* A client's exchange. All of it is for the call of client(). Values may be
 * secret: no output may show one. */
struct sasl_ask {
	const struct sasl_mechanism *mechanism;
	bool        first;      /* the initial response is wanted */
	struct span user, password, token, authzid;
	struct span service;    /* "smtp", GSSAPI's name of the protocol */
	struct span host;       /* of the target */
	uint16_t    port;
	/* Of the TLS connection, for -PLUS: "tls-exporter" (RFC 9266) or
	 * "tls-unique" (RFC 5929) and its octets; empty: in the clear. */
	struct span binding, bound;
};

/* A server's exchange. Lives longer than it. */
struct sasl_host {
	const struct sasl_mechanism *mechanism;
	const char *name;       /* of this host, as challenges show it */
	/* The password of a user, or an empty span: there is no such user. */
	struct span (*password)(void *who, struct span user);
	void       *who;
	struct span binding, bound;     /* as above */
};

enum sasl_step {
	SASL_STEP_SEND,         /* `out` has what to send; maybe no octet.
	                         * Client: `fault` may have a sentence for people
	                         * (why a token is refused); nothing failed */
	SASL_STEP_SILENT,       /* client: nothing before a challenge comes.
	                         * Server: an empty challenge, the client speaks
	                         * first */
	SASL_STEP_OVER,         /* server: the user is who he says he is; `out`
	                         * has the last challenge, if any: it is sent, and
	                         * answered by an empty response */
	SASL_STEP_FAILED        /* client: `fault` says why in one sentence
	                         * (FAULT_SASL), never with a secret.
	                         * Server: wrong credentials (FAULT_SASL) or a
	                         * response that is none (FAULT_SCENARIO) */
};

struct sasl;                    /* one exchange */

struct sasl_engine {
	/* NULL with a fault, which names no secret: FAULT_SCENARIO where the
	 * author's values are wrong for the mechanism, FAULT_SASL where this
	 * machine has no way to compute it. client() and server() are called
	 * by one thread. */
	struct sasl *(*client)(const struct sasl_ask *ask, struct fault *fault);
	struct sasl *(*server)(const struct sasl_host *host,
	    struct fault *fault);
	/* Would that step take longer than a loop may wait (SCRAM's iterations)?
	 * Then it may be made in another thread: nothing of a `struct sasl` is
	 * shared with another, but behind a lock. */
	bool (*slow)(const struct sasl *sasl, struct span in);
	/* `in` is what the peer sent; its ptr is NULL in the first call, where
	 * nothing came (a server's may have an initial response). Appends to
	 * `out`. */
	enum sasl_step (*step)(struct sasl *sasl, struct span in,
	    struct buf *out, struct fault *fault);
	/* The server said that we are in. Did it prove what the mechanism wants
	 * it to prove (SCRAM's signature, RFC 5802 3), and was the exchange at
	 * its end? False with a fault. */
	bool (*proven)(const struct sasl *sasl, struct fault *fault);
	/* Of a server's exchange that is over: who it is. Nobody acts for
	 * another: an authzid that is not the user's own fails. */
	struct span (*user)(const struct sasl *sasl);
	void (*end)(struct sasl *sasl);         /* wipes; NULL is fine */
};

#endif
