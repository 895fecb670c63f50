/* Inside of tls_run.c and tls_trust.c: what a run has once. */
#ifndef QUOTH_NET_TLS_RUN_H
#define QUOTH_NET_TLS_RUN_H

#include "net/tls.h"

/* Whom to trust: the run's, the embedded server's, or those of one PEM. */
struct trust {
	struct trust *next;
	struct span   pem;      /* owned; empty: not of an ask */
	X509_STORE   *store;
};

/* A certificate of ours, as an ask has it. */
struct own {
	struct own        *next;
	struct span        cert, key;           /* owned */
	struct credentials made;
};

struct cert;                            /* tls_cert.c */

struct kept {
	SSL_SESSION *session;
	char         peer[128], host[256];
	struct trust *trust;
	struct own   *own;      /* who we were: a session tells it again */
	bool         verify;
};

struct tls_run {
	SSL_CTX     *client, *server;
	struct trust system, embedded;  /* store NULL: not made yet */
	struct trust *trusts;           /* of asks */
	struct own  *owns;
	struct cert *certs[LIMIT_TLS_CERTS];    /* of peers, the newest */
	uint32_t     cert_next;
	struct kept  kept[LIMIT_TLS_SESSIONS];
	uint32_t     kept_next;
	int          keys;              /* SSLKEYLOGFILE; -1: none */
	X509        *authority, *cert;  /* of the embedded server */
	EVP_PKEY    *key;
};

/* ---- tls_session.c: for SSL_CTX_sess_set_new_cb(); 1: it is ours now ---- */
int tls_session_keep(SSL *ssl, SSL_SESSION *session);

/* ---- tls_cert.c ---- */
void tls_certs_free(struct tls_run *run);

/* ---- tls_trust.c ---- */
/* The store of --ca, else of this machine: the hashed directory first. */
bool tls_trust_system(struct loop *loop, struct fault *fault);

/* ---- tls_own.c: the embedded server's certificate ---- */
bool tls_own_make(struct tls_run *run, struct fault *fault);

#endif
