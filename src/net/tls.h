/*
 * TLS inside net/: the contexts of a run, one connection's state, and why a
 * handshake failed. OpenSSL stands in tls*.c and nowhere else; nothing of it is
 * touched before the first handshake.
 *
 *   tls_load.c    finds OpenSSL when it is wanted
 *   tls_pool.c    where its large buffers lie
 *   tls.c         one connection: its life, the handshake
 *   tls_octets.c  octets in, octets out, the end
 *   tls_run.c     what a run has once: contexts, stores, credentials
 *   tls_session.c sessions for `resume`
 *   tls_trust.c   whom to trust
 *   tls_own.c     the embedded server's certificate
 *   tls_cert.c    certificates of peers, each once for a run
 *   tls_facts.c   what is told of a handshake that succeeded
 *   tls_bind.c    what SASL may bind to
 *   tls_why.c     why one failed, in one sentence
 *   tls_file.c    PEM files, checked while loading
 */
#ifndef QUOTH_NET_TLS_H
#define QUOTH_NET_TLS_H

#include "base/buf.h"
#include "model/tls.h"

#include <openssl/ssl.h>

struct conn;
struct loop;

/* FAILED: the handshake; BROKEN: what came behind it. */
enum tls_state { TLS_SHAKES, TLS_OPEN, TLS_FAILED, TLS_BROKEN };

/* What only a handshake needs: gone when it was told, but where the session is
 * kept for `resume`. */
struct shake {
	uint64_t    began_us;
	bool        patient;    /* a late refusal is waited for */
	bool        heard;      /* an octet of the peer */
	bool        trusted;    /* the certificate was looked at, and holds */
	uint8_t     message;    /* the last one of the peer's handshake */
	uint16_t    chosen;     /* version in its hello */
	uint8_t     min, max;   /* as asked */
	struct span said;       /* its first octets, where they were no TLS */
	char        said_room[48];
	char        host[256];  /* name or address that is verified; or "" */
	char        peer[128];  /* for sentences and sessions */
	struct fault fault;     /* FAILED; or why it is not verified */
};

struct tls {
	SSL        *ssl;
	struct loop *loop;
	struct span in;         /* octets that OpenSSL has not read yet */
	struct buf  early;      /* decrypted before the handshake was told */
	uint8_t     state;      /* enum tls_state */
	bool        server;
	bool        verify, keep;       /* keep: its session, for `resume` */
	bool        notified;   /* the peer said close_notify */
	bool        over;       /* nothing comes behind `early` */
	bool        asked;      /* the server wants to see a certificate */
	bool        gave;       /* and we have one to show */
	bool        waits;      /* OPEN, and it may still refuse ours */
	struct shake *shake;    /* NULL: told */
	struct trust *trust;
	struct own   *own;      /* the certificate that we have; or NULL */
	struct cert  *cert;     /* that `facts` speak of; or NULL */
	char         *why, *end;        /* owned, of `facts`; or NULL */
	struct tls_facts facts; /* OPEN, of a client */
};

/* What a run has once. */
struct tls_run;

/* ---- tls_load.c: before any other call of OpenSSL ---- */
bool tls_load(struct fault *fault);

/* ---- tls_pool.c: as the first call of OpenSSL ---- */
void tls_pool_begin(void);
void tls_pool_trim(void);       /* what is not used goes back to the kernel */

/* ---- tls.c ---- */
/* `in` is used up; what OpenSSL wants to send is appended to loop->sealed. */
struct tls *tls_client(struct loop *loop, const struct conn *conn,
    const struct tls_ask *ask, struct fault *fault);
struct tls *tls_server(struct loop *loop, struct fault *fault);
void tls_free(struct tls *tls);
/* True: it is over, OPEN or FAILED. */
bool tls_shake(struct tls *tls, struct span in);
/* OPEN, but the server has said nothing since we showed it a certificate, or
 * none: only TLS 1.3 leaves that open. Octets that come: true when it is no
 * longer: something else was said, or FAILED. */
bool tls_wait(struct tls *tls, struct span in);
/* The handshake was told: what it alone needed is given back. */
void tls_told(struct tls *tls);
/* Octets that came, decrypted, appended to `out`. False: nothing comes any
 * more; `notified` or facts.end say how. */
bool tls_open(struct tls *tls, struct span in, struct buf *out);
bool tls_seal(struct tls *tls, struct span bytes);
void tls_bye(struct tls *tls);          /* close_notify */
/* The peer is gone in the middle of the handshake. */
void tls_lost(struct tls *tls, const char *how);
/* How far the handshake came, for a sentence: "after its certificate". */
const char *tls_stage(const struct tls *tls);

/* ---- tls_run.c ---- */
bool tls_run_begin(struct loop *loop, struct fault *fault);
/* Trust and the client's own certificate, as asked. */
bool tls_run_prepare(struct loop *loop, struct tls *tls,
    const struct tls_ask *ask, bool embedded, struct fault *fault);
SSL *tls_run_ssl(struct loop *loop, bool server);

/* ---- tls_session.c ---- */
/* A session for `resume`, taken out; NULL: none. Ownership goes along. */
SSL_SESSION *tls_session_take(struct loop *loop, const struct tls *tls);

/* ---- tls_cert.c ---- */
/* The chain that is looked at: certificates that are known already are made
 * one with those, so that a thousand sessions hold one. */
void tls_cert_share(struct tls *tls, X509_STORE_CTX *at);
void tls_cert_fill(struct tls *tls, X509 *cert);
void tls_cert_leave(struct tls *tls);
/* Its DNS names and addresses (subjectAltName), one call each; how many. */
uint32_t tls_cert_names(X509 *cert,
    void (*each)(void *who, const char *name), void *who);
/* "CN=mx.example.test,O=Example" (RFC 2253), cut to `size`. */
void tls_name_text(const X509_NAME *name, char *out, size_t size);

/* ---- tls_facts.c ---- */
void tls_facts_fill(struct tls *tls, uint64_t now_us);
/* "TLSv1.2" of the number that a hello has (RFC 8446 4.1.3). */
const char *tls_version_text(int version);

/* ---- tls_bind.c ---- */
/* "tls-exporter" or "tls-unique", and how many octets of it; 0: none. */
size_t tls_binding(const struct tls *tls, struct span *name, char *out,
    size_t size);

/* ---- tls_why.c ---- */
/* Into shake->fault, by what OpenSSL's queue of errors and the peer's messages
 * say; what verification found stays. */
void tls_why(struct tls *tls);
/* For SSL_set_verify(). */
int tls_why_cert(int fine, X509_STORE_CTX *at);
/* "the alert 'bad certificate'", of the error that is queued. */
void tls_alert_text(const struct tls *tls, struct buf *out);

/* ---- tls_file.c ---- */
X509_STORE *tls_file_store(struct span pem, struct fault *fault);
/* A certificate with those above it, and its key. */
struct credentials { X509 *cert; STACK_OF(X509) *chain; EVP_PKEY *key; };
bool tls_file_credentials(const struct tls_ask *ask,
    struct credentials *out, uint8_t *part, struct fault *fault);
void tls_file_free(struct credentials *credentials);

#endif
