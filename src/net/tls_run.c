/*
 * What a run has once, made at its first handshake: one context for clients,
 * one for the embedded server, the stores of whom to trust, our own
 * certificates, the file of SSLKEYLOGFILE. A handshake costs an SSL and nothing
 * that another one has paid for.
 */
#include "net/inside.h"
#include "net/tls_run.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- SSLKEYLOGFILE ---------------------------------------------------------- */

static struct tls_run *
run_of(const SSL *ssl)
{
	struct tls *tls = SSL_get_app_data(ssl);

	return tls->loop->tls;
}

/* One write for a line, as other programs may add theirs. */
static void
keys_write(const SSL *ssl, const char *line)
{
	int        fd = run_of(ssl)->keys;
	struct buf text = buf_new(4096);

	(void)buf_addf(&text, "%s\n", line);
	while (!text.full && fd >= 0 && write(fd, text.ptr, text.len) < 0 &&
	    errno == EINTR)
		continue;
	buf_free(&text);
}

/* False: it cannot be written. -1 where nobody wants any. A pipe that nobody
 * reads does not block. */
static bool
keys_open(int *fd, struct fault *fault)
{
	const char *path = getenv("SSLKEYLOGFILE");

	*fd = -1;
	if (path == NULL || *path == '\0')
		return true;
	*fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY | O_NONBLOCK, 0600);
	return *fd >= 0 || fault_set(fault, FAULT_TLS, "SSLKEYLOGFILE: no keys "
	    "are logged, because %.300s cannot be written: %s", path,
	    strerror(errno));
}

bool
loop_keys_check(struct fault *fault)
{
	int  fd;
	bool fine = keys_open(&fd, fault);

	if (fd >= 0)
		(void)close(fd);
	return fine;
}

/* Whoever wants to read along later does not keep anybody from testing: a file
 * that cannot be written is a note. */
static void
keys_begin(struct loop *loop, struct tls_run *run)
{
	struct fault fault;

	if (keys_open(&run->keys, &fault))
		return;
	loop->tls_notes = buf_new(512);
	(void)buf_addf(&loop->tls_notes, "%s\n", fault.text);
}

/* ---- contexts --------------------------------------------------------------- */

/* Only the chains that are to be looked at are. */
static int
cert_verify(X509_STORE_CTX *at, void *who)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(at,
	    SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *tls = SSL_get_app_data(ssl);
	struct shake *shake = tls->shake;
	int fine;

	(void)who;
	tls_cert_share(tls, at);
	if (tls->trust == NULL)
		return 1;
	fine = X509_verify_cert(at);
	shake->trusted = fine == 1 && shake->fault.text[0] == '\0';
	/* Sessions tell it when they are resumed. */
	if (fine == 1 && !shake->trusted)
		X509_STORE_CTX_set_error(at, X509_V_ERR_UNSPECIFIED);
	return fine;
}

static SSL_CTX *
context_new(const SSL_METHOD *method, const struct tls_run *run)
{
	SSL_CTX *context = SSL_CTX_new(method);

	if (context == NULL)
		return NULL;
	(void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	(void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION);
	if (run->keys >= 0)
		SSL_CTX_set_keylog_callback(context, keys_write);
	/* RFC 8996; `min` and `max` of a step may say otherwise. */
	if (SSL_CTX_get_min_proto_version(context) < TLS1_2_VERSION)
		(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	return context;
}

static SSL_CTX *
client_context(const struct tls_run *run)
{
	SSL_CTX *context = context_new(TLS_client_method(), run);

	if (context == NULL)
		return NULL;
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, tls_session_keep);
	SSL_CTX_set_cert_verify_callback(context, cert_verify, NULL);
	return context;
}

static SSL_CTX *
server_context(struct tls_run *run)
{
	SSL_CTX     *context = context_new(TLS_server_method(), run);
	struct fault fault;

	if (context == NULL || !tls_own_make(run, &fault) ||
	    SSL_CTX_use_certificate(context, run->cert) != 1 ||
	    SSL_CTX_use_PrivateKey(context, run->key) != 1) {
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

bool
tls_run_begin(struct loop *loop, struct fault *fault)
{
	struct tls_run *run;

	if (loop->tls != NULL)
		return true;
	if (!tls_load(fault))
		return false;
	run = mem_alloc(sizeof *run);
	keys_begin(loop, run);
	loop->tls = run;
	loop->sealed = buf_new(SEALED_MAX);
	loop->plain = buf_new(2 * LOOP_READ);
	return true;
}

SSL *
tls_run_ssl(struct loop *loop, bool server)
{
	struct tls_run *run = loop->tls;
	SSL_CTX       **context = server ? &run->server : &run->client;

	if (*context == NULL)
		*context = server ? server_context(run) : client_context(run);
	return *context == NULL ? NULL : SSL_new(*context);
}

/* ---- what an ask names ------------------------------------------------------ */

static struct span
span_keep(struct span bytes)
{
	char *copy = mem_resize(NULL, bytes.len + 1);

	memcpy(copy, bytes.ptr == NULL ? "" : bytes.ptr, bytes.len);
	return (struct span){ copy, bytes.len };
}

static struct trust *
trust_find(struct tls_run *run, struct span pem, struct fault *fault)
{
	struct trust *trust = run->trusts;
	X509_STORE   *store;
	struct fault  why;

	while (trust != NULL && !span_eq(trust->pem, pem))
		trust = trust->next;
	if (trust != NULL)
		return trust;
	store = tls_file_store(pem, &why);
	if (store == NULL) {
		(void)fault_set(fault, FAULT_TLS, "ca: %s", why.text);
		return NULL;
	}
	trust = mem_alloc(sizeof *trust);
	*trust = (struct trust){ .next = run->trusts, .store = store,
	    .pem = span_keep(pem) };
	run->trusts = trust;
	return trust;
}

static struct own *
own_find(struct tls_run *run, const struct tls_ask *ask, struct fault *fault)
{
	struct own  *own = run->owns;
	struct fault why;
	uint8_t      part;

	while (own != NULL && (!span_eq(own->cert, ask->cert) ||
	    !span_eq(own->key, ask->key)))
		own = own->next;
	if (own != NULL)
		return own;
	own = mem_alloc(sizeof *own);
	if (!tls_file_credentials(ask, &own->made, &part, &why)) {
		mem_free(own);
		(void)fault_set(fault, FAULT_TLS, "%s: %s",
		    part == TLS_PART_KEY ? "key" : "cert", why.text);
		return NULL;
	}
	own->cert = span_keep(ask->cert);
	own->key = span_keep(ask->key);
	own->next = run->owns;
	run->owns = own;
	return own;
}

/* The step's, else the run's. */
static bool
cert_offer(struct loop *loop, struct tls *tls, const struct tls_ask *ask,
    struct fault *fault)
{
	struct tls_ask given = { .cert = buf_span(&loop->tls_cert),
	    .key = buf_span(&loop->tls_key) };
	struct own    *own;

	tls->gave = ask->cert.len + given.cert.len > 0;
	if (!tls->gave)
		return true;
	own = own_find(loop->tls, ask->cert.len > 0 ? ask : &given, fault);
	if (own == NULL)
		return false;
	tls->own = own;
	if (SSL_use_cert_and_key(tls->ssl, own->made.cert, own->made.key,
	    own->made.chain, 1) == 1)
		return true;
	(void)fault_set(fault, FAULT_TLS, "cert: OpenSSL does not take it: %s",
	    ERR_reason_error_string(ERR_peek_last_error()));
	ERR_clear_error();
	return false;
}

/* ---- one connection --------------------------------------------------------- */

static bool
is_literal(const char *host)
{
	struct address address;

	return address_parse(host, 0, &address);
}

/* SNI has names only (RFC 6066 3). */
static bool
names_set(struct tls *tls)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);
	const char        *host = tls->shake->host;

	if (*host == '\0')
		return true;
	if (is_literal(host))
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
	/* "mx*.example.test" is no wildcard any more (RFC 9525 6.3). */
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(tls->ssl, host) == 1 &&
	    X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

/* NULL without a fault: nobody looks at the certificate. */
static struct trust *
trust_of(struct loop *loop, const struct tls_ask *ask, bool embedded,
    struct fault *fault)
{
	struct tls_run *run = loop->tls;

	*fault = (struct fault){ 0 };
	if (ask->ca.len > 0)
		return trust_find(run, ask->ca, fault);
	if (embedded) {
		if (run->embedded.store == NULL && tls_own_make(run, fault)) {
			run->embedded.store = X509_STORE_new();
			(void)X509_STORE_add_cert(run->embedded.store,
			    run->authority);
		}
		return run->embedded.store == NULL ? NULL : &run->embedded;
	}
	if (!ask->verify && loop->tls_ca == NULL)
		return NULL;
	if (run->system.store == NULL && !tls_trust_system(loop, fault))
		return NULL;
	return &run->system;
}

bool
tls_run_prepare(struct loop *loop, struct tls *tls, const struct tls_ask *ask,
    bool embedded, struct fault *fault)
{
	if (ask->verify && tls->shake->host[0] == '\0')
		return fault_set(fault, FAULT_TLS, "there is no name to verify "
		    "on a unix socket: say it with 'name'");
	tls->trust = trust_of(loop, ask, embedded, fault);
	if (tls->trust == NULL && fault->text[0] != '\0')
		return false;
	if (!cert_offer(loop, tls, ask, fault))
		return false;
	if (!names_set(tls))
		return fault_set(fault, FAULT_TLS, "OpenSSL does not take the "
		    "name %.100s", tls->shake->host);
	if (tls->trust != NULL)
		(void)SSL_set1_verify_cert_store(tls->ssl, tls->trust->store);
	SSL_set_verify(tls->ssl, SSL_VERIFY_PEER, tls_why_cert);
	return true;
}

/* ---- the end ---------------------------------------------------------------- */

static void
owns_free(struct tls_run *run)
{
	while (run->owns != NULL) {
		struct own *next = run->owns->next;

		tls_file_free(&run->owns->made);
		mem_free((char *)(uintptr_t)run->owns->cert.ptr);
		mem_free((char *)(uintptr_t)run->owns->key.ptr);
		mem_free(run->owns);
		run->owns = next;
	}
	while (run->trusts != NULL) {
		struct trust *next = run->trusts->next;

		X509_STORE_free(run->trusts->store);
		mem_free((char *)(uintptr_t)run->trusts->pem.ptr);
		mem_free(run->trusts);
		run->trusts = next;
	}
}

void
tls_run_free(struct loop *loop)
{
	struct tls_run *run = loop->tls;

	buf_free(&loop->sealed);
	buf_free(&loop->plain);
	buf_free(&loop->tls_notes);
	buf_free(&loop->tls_cert);
	buf_free(&loop->tls_key);
	if (run == NULL)
		return;
	for (size_t i = 0; i < LIMIT_TLS_SESSIONS; i++)
		SSL_SESSION_free(run->kept[i].session);
	owns_free(run);
	X509_STORE_free(run->system.store);
	X509_STORE_free(run->embedded.store);
	tls_certs_free(run);
	X509_free(run->authority);
	X509_free(run->cert);
	EVP_PKEY_free(run->key);
	SSL_CTX_free(run->client);
	SSL_CTX_free(run->server);
	if (run->keys >= 0)
		(void)close(run->keys);
	mem_free(run);
	loop->tls = NULL;
}
