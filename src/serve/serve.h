/*
 * The embedded ESMTP server: a target for scenarios that needs no set-up. It
 * is bytes in, bytes out behind model/service.h; net/listen gives it sockets.
 *
 * It knows alice, bob and postmaster at example.test (any case, +suffix
 * accepted) and relays nothing, except for clients that authenticated, whose
 * messages for others are taken and forgotten. A recipient
 * reply-NNN@example.test, or reply-NNN-X.Y.Z@example.test, is answered with
 * just that code; after-NNN@example.test is accepted, and the code is the
 * answer to the message. As an LMTP server (RFC 2033) it answers the message
 * once for each accepted recipient.
 */
#ifndef QUOTH_SERVE_SERVE_H
#define QUOTH_SERVE_SERVE_H

#include "base/fault.h"
#include "model/sasl.h"
#include "model/service.h"

#define SERVE_HOST "embedded.quoth.test"

struct serve_options {
	const char *host_name;          /* NULL: SERVE_HOST */
	const char *maildir;            /* made if missing; NULL: octets of
	                                 * messages are counted, not kept */
	bool        lmtp;               /* and not SMTP */
	uint32_t    size_max;           /* of a message; 0: LIMIT_SERVE_MESSAGE */
	bool        tls;                /* offers STARTTLS */
	const struct sasl_engine *sasl; /* offers AUTH; NULL: does not */
	bool        auth_only;          /* takes no mail without it: 530 */
	bool        auth_tls;           /* but under TLS only: 538 */
	const char *const *faults;      /* serve/faults.h; each was checked */
	size_t      fault_count;
	uint64_t    seed;               /* of the queue ids: differs from run to
	                                 * run where a maildir is kept */
	int64_t   (*now)(void);         /* seconds since 1970 for Received; NULL:
	                                 * always 1970, the same in every run */
};

/* Is it a fault that the server can have? */
bool serve_fault_check(const char *spec, struct fault *fault);

/* NULL with a sentence in `fault`. Everything in `options` is copied. */
struct service *serve_new(const struct serve_options *options,
    struct fault *fault);

/* After close() was called for every client. NULL is fine. */
void serve_free(struct service *service);

#endif
