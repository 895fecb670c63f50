/*
 * Inside of this folder: one exchange. A client's belongs to a family of
 * mechanisms, which steps it; each file of them is a few functions over the
 * same struct. `in` has a ptr of NULL at the start of an exchange and never
 * behind it, and at most LIMIT_SASL octets.
 */
#ifndef QUOTH_SASL_SASL_OWN_H
#define QUOTH_SASL_SASL_OWN_H

#include "sasl/sasl.h"

#include <gsasl.h>

enum { SCRAM_NONCE_MAX = 63, SASL_STATUS_MAX = 40 };

typedef enum sasl_step sasl_step_call(struct sasl *sasl, struct span in,
    struct buf *out, struct fault *fault);

struct sasl {
	const struct sasl_mechanism *mechanism;
	sasl_step_call         *step;
	const struct sasl_host *host;           /* NULL: a client's */
	Gsasl_session          *session;        /* NULL: of oauth.c */
	struct buf response;                    /* of oauth.c; secret */
	uint8_t    round;                       /* responses that were sent */
	bool       first;       /* the initial response is wanted */
	bool       begun;       /* step() was called */
	bool       over;        /* the client has nothing more to say */
	bool       proven;      /* the server did, where it has to */
	bool       refused;     /* the server said no to the token */
	char       nonce[SCRAM_NONCE_MAX + 1];  /* ours */
};

/* `return sasl_failed(fault_set(...))`. */
static inline enum sasl_step
sasl_failed(bool set)
{
	(void)set;
	return SASL_STEP_FAILED;
}

/* ---- sasl.c ---- */
/* Of a mechanism whose client speaks first: shall it speak now? Else `*step`
 * is what the step gives. */
bool sasl_begins(const struct sasl *sasl, struct span in,
    enum sasl_step *step, struct fault *fault);
/* A challenge where nothing more may come. */
enum sasl_step sasl_asks_on(const struct sasl *sasl, struct fault *fault);

/* ---- gsasl_load.c: stand-ins of libgsasl's functions ---- */
/* The context of the process; NULL with a fault. */
Gsasl *gsasl_load(struct fault *fault);

/* ---- gsasl_run.c ---- */
/* One step of libgsasl: appends to `out`. A Gsasl_rc; buffers are wiped. */
int gsasl_run(struct sasl *sasl, struct span in, struct buf *out);
/* A property; nothing for an empty value. `value` has no NUL. */
bool gsasl_set(struct sasl *sasl, Gsasl_property property, struct span value,
    struct fault *fault);
/* Channel bindings, which libgsasl wants as base64. */
bool gsasl_bind(struct sasl *sasl, struct span binding, struct span bound,
    struct fault *fault);
/* What libgsasl says where no better sentence is known. */
enum sasl_step gsasl_failed(const struct sasl *sasl, int rc,
    struct fault *fault);
/* Wipes what can be reached, and frees. NULL is fine. */
void gsasl_end(Gsasl_session *session);

/* ---- keys.c: what SCRAM computes from a password ---- */
struct keys_of {
	Gsasl_hash   hash;
	unsigned int iterations;
	struct span  salt, password;
};

struct keys {
	size_t len;             /* octets of each */
	char   salted[GSASL_HASH_MAX_SIZE], client[GSASL_HASH_MAX_SIZE],
	    server[GSASL_HASH_MAX_SIZE], stored[GSASL_HASH_MAX_SIZE];
};

/* A Gsasl_rc. The caller wipes. */
int keys_make(const struct keys_of *of, struct keys *out);
/* ... would take no time. */
bool keys_known(const struct keys_of *of);

/* ---- prep.c ---- */
/* May these values be of an exchange by that mechanism? */
bool prep_check(const struct sasl_ask *ask, struct fault *fault);

/* ---- families of clients ---- */
sasl_step_call plain_step, login_step;                  /* plain.c */
sasl_step_call cram_step, digest_step;                  /* challenge.c */
sasl_step_call scram_step, oauth_step;
/* Would that step take long? */
bool scram_slow(const struct sasl *sasl, struct span in);
/* The hash of a mechanism of that family. */
Gsasl_hash scram_hash(const struct sasl_mechanism *mechanism);
bool oauth_begin(struct sasl *sasl, const struct sasl_ask *ask,
    struct fault *fault);

/* ---- server.c ---- */
struct sasl *server_new(const struct sasl_host *host, struct fault *fault);
struct span server_user(const struct sasl *sasl);
/* For the context: the password of who libgsasl asks for. */
int server_callback(Gsasl *context, Gsasl_session *session,
    Gsasl_property property);

#endif
