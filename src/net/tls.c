/*
 * TLS of one connection. OpenSSL sees no socket: it reads from a span that the
 * loop has read already (nothing is copied or kept for it but incomplete
 * records, by OpenSSL itself) and writes into loop->sealed, which conn.c sends.
 */
#include "net/tls.h"

#include "net/inside.h"

#include <openssl/err.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { EARLY_MAX = 128 * KIB, TRIM_AFTER = 256, TRIM_PAD = MIB };

/* ---- the BIO ---------------------------------------------------------------- */

static int
bio_read(BIO *bio, char *out, int size)
{
	struct tls *tls = BIO_get_data(bio);
	size_t      len = (size_t)size;

	BIO_clear_retry_flags(bio);
	if (tls->in.len == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if (len > tls->in.len)
		len = tls->in.len;
	memcpy(out, tls->in.ptr, len);
	tls->in = span_from(tls->in, len);
	return (int)len;
}

static int
bio_write(BIO *bio, const char *bytes, int size)
{
	struct tls *tls = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	return buf_add(&tls->loop->sealed, (struct span){ bytes,
	    (size_t)size }) ? size : -1;
}

static long
bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH;
}

/* One method for the process, made at the first connection. */
static BIO *
bio_new(struct tls *tls)
{
	static BIO_METHOD *method;
	BIO *bio;

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() |
		    BIO_TYPE_SOURCE_SINK, "quoth");
		if (method == NULL)
			return NULL;
		(void)BIO_meth_set_read(method, bio_read);
		(void)BIO_meth_set_write(method, bio_write);
		(void)BIO_meth_set_ctrl(method, bio_ctrl);
	}
	bio = BIO_new(method);
	if (bio == NULL)
		return NULL;
	BIO_set_data(bio, tls);
	BIO_set_init(bio, 1);
	return bio;
}

/* ---- birth and end ---------------------------------------------------------- */

/* What many handshakes at once needed is given back when the last of them is
 * over: it lies between what stays, where free() alone gives nothing back. */
static void
shaken(struct tls *tls)
{
	struct loop *loop = tls->loop;

	loop->shaken++;
	if (--loop->shaking > 0 || loop->shaken < TRIM_AFTER)
		return;
	loop->shaken = 0;
	tls_pool_trim();
#ifdef __GLIBC__
	(void)malloc_trim(TRIM_PAD);
#endif
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	if (tls->state == TLS_SHAKES)
		shaken(tls);
	SSL_free(tls->ssl);
	buf_free(&tls->early);
	tls_cert_leave(tls);
	mem_free(tls->shake);
	mem_free(tls->why);
	mem_free(tls->end);
	mem_free(tls);
}

void
tls_told(struct tls *tls)
{
	if (tls->keep)          /* a ticket may come, and says for whom */
		return;
	mem_free(tls->shake);
	tls->shake = NULL;
}

/* What came last, for whoever asks where a handshake stands. */
static void
message_note(int sent, int version, int type, const void *bytes, size_t len,
    SSL *ssl, void *who)
{
	const unsigned char *octets = bytes;
	struct tls *tls = who;

	(void)version, (void)ssl;
	if (sent || type != SSL3_RT_HANDSHAKE || len == 0 ||
	    tls->shake == NULL)
		return;
	tls->shake->message = octets[0];
	if (octets[0] == SSL3_MT_SERVER_HELLO && len >= 6)
		tls->shake->chosen = (uint16_t)(octets[4] << 8 | octets[5]);
	if (octets[0] == SSL3_MT_CERTIFICATE_REQUEST)
		tls->asked = true;
	if (octets[0] == SSL3_MT_NEWSESSION_TICKET)
		tls->waits = false;
}

static struct tls *
tls_new(struct loop *loop, bool server, struct fault *fault)
{
	struct tls *tls = mem_alloc(sizeof *tls);
	BIO        *bio;

	tls->loop = loop;
	tls->server = server;
	tls->shake = mem_alloc(sizeof *tls->shake);
	tls->shake->began_us = loop->now_us;
	tls->facts = (struct tls_facts){ .version = "", .cipher = "",
	    .why = "", .subject = "", .issuer = "", .end = "" };
	loop->shaking++;
	tls->early = buf_new(EARLY_MAX);
	tls->ssl = tls_run_ssl(loop, server);
	bio = bio_new(tls);
	if (tls->ssl == NULL || bio == NULL) {
		BIO_free(bio);
		tls_free(tls);
		(void)fault_set(fault, FAULT_TLS,
		    "TLS cannot start: OpenSSL gave no connection");
		return NULL;
	}
	SSL_set_bio(tls->ssl, bio, bio);
	(void)SSL_set_app_data(tls->ssl, tls);
	SSL_set_msg_callback(tls->ssl, message_note);
	SSL_set_msg_callback_arg(tls->ssl, tls);
	return tls;
}

/* What was asked for, else what was connected to; without a dot behind it. */
static void
host_copy(struct tls *tls, const struct conn *conn, const char *name)
{
	const char *peer = conn->facts.peer;
	uint16_t    port;
	struct span host;

	memcpy(tls->shake->peer, peer, sizeof tls->shake->peer);
	if (name == NULL)
		name = conn->host;
	host = name != NULL ? span_of(name) : address_split(peer, &port);
	if (span_ends(host, SPAN(".")))
		host.len--;
	host = span_sub(host, 0, sizeof tls->shake->host - 1);
	memcpy(tls->shake->host, host.ptr, host.len);
}

static void
versions_set(SSL *ssl, const struct tls_ask *ask)
{
	static const int numbers[TLS_VERSIONS] = { [TLS_1_0] = TLS1_VERSION,
		[TLS_1_1] = TLS1_1_VERSION, [TLS_1_2] = TLS1_2_VERSION,
		[TLS_1_3] = TLS1_3_VERSION };
	bool old = (ask->max != TLS_UNSET && ask->max < TLS_1_2) ||
	    (ask->min != TLS_UNSET && ask->min < TLS_1_2);

	/* Old versions know no signature that level 2 takes. */
	if (old)
		SSL_set_security_level(ssl, 0);
	if (ask->min != TLS_UNSET || old)
		(void)SSL_set_min_proto_version(ssl, numbers[ask->min]);
	if (ask->max != TLS_UNSET)
		(void)SSL_set_max_proto_version(ssl, numbers[ask->max]);
}

struct tls *
tls_client(struct loop *loop, const struct conn *conn,
    const struct tls_ask *ask, struct fault *fault)
{
	struct tls  *tls;
	SSL_SESSION *session;

	if (!tls_run_begin(loop, fault))
		return NULL;
	tls = tls_new(loop, false, fault);
	if (tls == NULL)
		return NULL;
	tls->verify = ask->verify;
	tls->keep = ask->resume;
	tls->shake->min = ask->min;
	tls->shake->max = ask->max;
	host_copy(tls, conn, ask->name);
	versions_set(tls->ssl, ask);
	if (!tls_run_prepare(loop, tls, ask, conn->embedded, fault)) {
		tls_free(tls);
		return NULL;
	}
	SSL_set_connect_state(tls->ssl);
	session = ask->resume ? tls_session_take(loop, tls) : NULL;
	if (session != NULL) {
		(void)SSL_set_session(tls->ssl, session);
		SSL_SESSION_free(session);
	}
	return tls;
}

struct tls *
tls_server(struct loop *loop, struct fault *fault)
{
	struct tls *tls;

	if (!tls_run_begin(loop, fault))
		return NULL;
	tls = tls_new(loop, true, fault);
	if (tls != NULL)
		SSL_set_accept_state(tls->ssl);
	return tls;
}

/* ---- handshake -------------------------------------------------------------- */

/* A record begins with its type: anything else is another protocol. */
static void
first_octets(struct shake *shake, struct span in)
{
	size_t len = in.len < sizeof shake->said_room ? in.len :
	    sizeof shake->said_room;

	if (shake->heard || in.len == 0)
		return;
	shake->heard = true;
	if (in.ptr[0] == SSL3_RT_HANDSHAKE || in.ptr[0] == SSL3_RT_ALERT)
		return;
	memcpy(shake->said_room, in.ptr, len);
	shake->said = (struct span){ shake->said_room, len };
}

/* Behind the handshake there may be octets already. */
static void
opened(struct tls *tls)
{
	tls->state = TLS_OPEN;
	if (!tls->server)
		tls_facts_fill(tls, tls->loop->now_us);
	tls->waits = tls->asked && SSL_version(tls->ssl) == TLS1_3_VERSION;
	if (tls->in.len > 0)
		(void)tls_wait(tls, tls->in);
}

bool
tls_shake(struct tls *tls, struct span in)
{
	int done, error;

	first_octets(tls->shake, in);
	tls->in = in;
	ERR_clear_error();
	done = SSL_do_handshake(tls->ssl);
	error = SSL_get_error(tls->ssl, done);
	if (done != 1 && error == SSL_ERROR_WANT_READ)
		return false;
	shaken(tls);
	if (done != 1) {
		tls->state = TLS_FAILED;
		tls_why(tls);
		ERR_clear_error();
		return true;
	}
	opened(tls);
	return true;
}

void
tls_lost(struct tls *tls, const char *how)
{
	if (tls->state == TLS_SHAKES)
		shaken(tls);
	if (tls->waits)
		(void)fault_set(&tls->shake->fault, FAULT_TLS, "the server %s "
		    "the connection right after the TLS handshake in which it "
		    "asked for our certificate", how);
	else
		(void)fault_set(&tls->shake->fault, FAULT_TLS,
		    "the server %s the connection in the TLS handshake, %s",
		    how, tls_stage(tls));
	tls->state = TLS_FAILED;
	tls->waits = false;
}

const char *
tls_stage(const struct tls *tls)
{
	switch (tls->shake->message) {
	case 0:
		return tls->shake->heard ? "before a whole message" :
		    "without an answer to our hello";
	case SSL3_MT_SERVER_HELLO:
		return "after its hello";
	case SSL3_MT_ENCRYPTED_EXTENSIONS:
		return "after its extensions";
	case SSL3_MT_CERTIFICATE:
		return "after its certificate";
	case SSL3_MT_SERVER_KEY_EXCHANGE:
		return "after its key";
	case SSL3_MT_CERTIFICATE_REQUEST:
		return "after it asked for our certificate";
	case SSL3_MT_SERVER_DONE:
		return "after we had sent our key";
	case SSL3_MT_CERTIFICATE_VERIFY:
		return "after its signature";
	default:
		return "near its end";
	}
}
