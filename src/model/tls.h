/*
 * What an author asks of a TLS handshake, and what is known once it is over.
 * Only net/ knows OpenSSL; verbs, matchers, sessions and reporters share these
 * two nouns. Files are read while loading: verbs do no I/O.
 */
#ifndef QUOTH_MODEL_TLS_H
#define QUOTH_MODEL_TLS_H

#include "base/fault.h"

#include <stdbool.h>

enum tls_version { TLS_UNSET, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, TLS_VERSIONS };
/* "TLSv1.2", as authors write and reports show them; UNSET: "any". */
extern const char *const tls_version_names[TLS_VERSIONS];
/* TLS_UNSET: no such version. */
enum tls_version tls_version_find(struct span name);

struct tls_ask {                        /* program; or the late step's own */
	bool        verify;     /* a certificate that does not hold fails it */
	bool        resume;     /* offers the session of the one before */
	uint8_t     min, max;   /* enum tls_version; UNSET: the library's */
	const char *name;       /* SNI and verification; NULL: the host */
	struct span ca;         /* PEM; empty: the run's */
	struct span cert, key;  /* PEM of the client's own; empty: none */
};

/* Which of the files a fault is about. */
enum tls_part { TLS_PART_CA, TLS_PART_CERT, TLS_PART_KEY };

/* More than any certificate of a mail host has. */
enum { TLS_NAMES_MAX = 1000 };

/* Lives as long as the connection. Texts are the peer's: untrusted. None is
 * NULL, and those of a certificate are shared by all who were shown it. */
struct tls_facts {
	const char *version, *cipher;   /* "TLSv1.3", OpenSSL's name */
	const char *why;                /* not verified, because ...; or "" */
	const char *subject, *issuer;   /* of its certificate, "CN=..." */
	const char *const *names;       /* DNS names, addresses */
	uint32_t    name_count;         /* of the certificate: maybe more than
	                                 * TLS_NAMES_MAX, those in `names` */
	const char *fits;               /* the one of `names` that the host's
	                                 * fits; or NULL */
	bool        verified, resumed;
	bool        has_cert;
	int32_t     days_left;          /* whole days; negative: expired */
	int64_t     not_before, not_after;      /* Unix time */
	uint64_t    handshake_us;
	const char *end;                /* how it ended, if not by close_notify:
	                                 * "the alert 'bad certificate'"; or "" */
};

/* "TLSv1.3, TLS_AES_256_GCM_SHA384, verified, mx.example.test, 89 days left" */
struct buf;
void tls_describe(const struct tls_facts *facts, struct buf *out);

#endif
