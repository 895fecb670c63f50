/*
 * TLS of the loop against OpenSSL's own server in a thread: handshakes that
 * hold, handshakes that do not and what is said of them, octets, ends.
 */
#include "fake_actor.h"

#include "net/inside.h"
#include "net/tls.h"

#include "pki.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct pki pki;

/* What the peer does; set before it starts. */
static struct {
	enum pki_kind kind;
	int           min, max;         /* versions; 0: any */
	bool          asks, requires;   /* a client certificate */
	const char   *ciphers;          /* NULL: any */
	bool          refused;          /* out: to shake hands again */
	bool          slow;             /* to refuse it */
	bool          mute;             /* no ticket, no greeting */
	size_t        talks;            /* octets after the greeting */
	int           end;              /* 0 close_notify, 1 FIN, 2 RST */
	char          sni[64], subject[128];    /* out */
	size_t        heard;            /* out: octets read before the end */
	bool          shook, resumed;
	SSL_CTX      *context;          /* over several connections */
} side;

static int
any_client(int fine, X509_STORE_CTX *at)
{
	(void)fine, (void)at;
	return 1;
}

/* Who takes longer to look than anybody waits. */
static int
slow_client(int fine, X509_STORE_CTX *at)
{
	(void)at;
	if (!fine)
		(void)usleep(700000);
	return fine;
}

static SSL_CTX *
side_context(void)
{
	SSL_CTX    *context = pki_server(&pki, side.kind);
	X509_STORE *store = SSL_CTX_get_cert_store(context);

	if (side.min != 0) {
		SSL_CTX_set_security_level(context, 0);
		(void)SSL_CTX_set_min_proto_version(context, side.min);
		(void)SSL_CTX_set_max_proto_version(context, side.max);
	}
	(void)X509_STORE_add_cert(store, pki.ca);
	if (side.asks || side.requires)
		SSL_CTX_set_verify(context, SSL_VERIFY_PEER |
		    (side.requires ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
		    side.slow ? slow_client : side.requires ? NULL :
		    any_client);
	if (side.ciphers != NULL)
		assert_int_equal(SSL_CTX_set_cipher_list(context,
		    side.ciphers), 1);
	if (side.mute)
		(void)SSL_CTX_set_num_tickets(context, 0);
	return context;
}

static void
side_note(SSL *ssl)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	X509       *cert = SSL_get0_peer_certificate(ssl);

	(void)snprintf(side.sni, sizeof side.sni, "%s",
	    name == NULL ? "" : name);
	side.subject[0] = '\0';
	if (cert != NULL)
		(void)X509_NAME_oneline(X509_get_subject_name(cert),
		    side.subject, sizeof side.subject);
	side.resumed = SSL_session_reused(ssl) == 1;
}

static void
talk_tls(int fd)
{
	SSL_CTX *context = side.context != NULL ? side.context :
	    side_context();
	SSL     *ssl = pki_accept(context, fd);
	char     octets[4096];
	int      got;

	side.shook = ssl != NULL;
	side.heard = 0;
	if (ssl != NULL) {
		side_note(ssl);
		memset(octets, 'y', sizeof octets);
		if (!side.mute)
			(void)SSL_write(ssl, "220 hi\r\n", 8);
		for (size_t i = 0; i < side.talks; i += sizeof octets)
			(void)SSL_write(ssl, octets, sizeof octets);
		while ((got = SSL_read(ssl, octets, sizeof octets)) > 0) {
			side.heard += (size_t)got;
			if (octets[got - 1] == '\n')
				break;
		}
		if (got > 0 && side.end != 2)
			(void)SSL_write(ssl, "221 bye\r\n", 9);
		/* Unread octets at a close would be a RST: wait for theirs. */
		if (side.end == 0 && SSL_shutdown(ssl) == 0)
			(void)SSL_shutdown(ssl);
		if (side.end == 2)
			reset(fd);
		SSL_free(ssl);
	}
	if (context != side.context)
		SSL_CTX_free(context);
}

static struct tls_ask
trusting(void)
{
	return (struct tls_ask){ .verify = true,
	    .ca = buf_span(&pki.ca_pem) };
}

static void
side_reset(void)
{
	memset(&side, 0, sizeof side);
}

static struct loop *
dialogue(struct loop *loop, struct fake *fake, const struct tls_ask *ask,
    void (*talk)(int))
{
	static struct peer peer;
	static struct row  rows[7];
	const struct row   made[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_TLS, .tls = ask, .due_ms = 5000 },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 5000 },
		{ INPUT_BYTES, WANT_WRITE, .bytes = "QUIT\r\n" },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 5000 },
		{ INPUT_CLOSED, WANT_CLOSE },
		{ INPUT_DONE, WANT_OVER },
	};

	assert_true(peer_start(&peer, "127.0.0.1", talk));
	memcpy(rows, made, sizeof rows);
	FAKE(fake, loop, rows);
	fake->gives_up = true;
	fake_run(fake);
	peer_join(&peer);
	return loop;
}

/* ---- handshakes that hold ---- */

static void
test_dialogue(void **state)
{
	static const struct { int end; const char *log; } rows[] = {
		{ 0, "START DONE DONE BYTES:220 hi\r\n DONE BYTES:221 bye\r\n "
		    "CLOSED:NOTIFY DONE" },
		{ 1, "START DONE DONE BYTES:220 hi\r\n DONE BYTES:221 bye\r\n "
		    "CLOSED:CUT DONE" },
		{ 2, "START DONE DONE BYTES:220 hi\r\n DONE CLOSED:RST DONE" },
	};
	struct tls_ask ask = trusting();
	int before = descriptors_open();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION;
		    version++) {
			struct fake  fake;
			struct loop *loop = loop_make();

			side_reset();
			side.end = rows[i].end;
			side.min = side.max = version;
			(void)dialogue(loop, &fake, &ask, talk_tls);
			assert_string_equal(fake.log.ptr, rows[i].log);
			assert_int_equal(side.heard, 6);
			fake_free(&fake);
			loop_free(loop);
		}
	assert_int_equal(descriptors_open(), before);
}

static void
test_facts(void **state)
{
	struct tls_ask ask = trusting();
	struct loop   *loop = loop_make();
	struct fake    fake;
	const struct tls_facts *facts = &fake.tls;

	(void)state;
	side_reset();
	(void)dialogue(loop, &fake, &ask, talk_tls);
	assert_string_equal(facts->version, "TLSv1.3");
	assert_non_null(strstr(facts->cipher, "TLS_"));
	assert_true(facts->verified && facts->has_cert && !facts->resumed);
	assert_string_equal(facts->why, "");
	assert_string_equal(facts->subject, "CN=mx.test");
	assert_string_equal(facts->issuer, "CN=Test CA");
	assert_int_equal(facts->name_count, 3);
	assert_string_equal(facts->names[0], "mx.test");
	assert_string_equal(facts->names[1], "*.wild.test");
	assert_string_equal(facts->names[2], "127.0.0.1");
	assert_int_equal(facts->days_left, 30);
	assert_true(facts->handshake_us > 0);
	assert_string_equal(side.sni, "");      /* an address has none */
	fake_free(&fake);
	loop_free(loop);
}

static void
test_names(void **state)
{
	static const struct { const char *name, *sni; bool holds; } rows[] = {
		{ "mx.test", "mx.test", true }, { "MX.TEST", "MX.TEST", true },
		{ "mx.test.", "mx.test", true },
		{ "a.wild.test", "a.wild.test", true },
		{ "a.b.wild.test", "a.b.wild.test", false },
		{ "127.0.0.1", "", true }, { "127.0.0.2", "", false },
		{ "wild.test", "wild.test", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tls_ask ask = trusting();
		struct loop   *loop = loop_make();
		struct fake    fake;

		side_reset();
		side.min = side.max = TLS1_2_VERSION;
		ask.name = rows[i].name;
		(void)dialogue(loop, &fake, &ask, talk_tls);
		assert_int_equal(fake.tls.verified, rows[i].holds);
		if (rows[i].holds)
			assert_string_equal(side.sni, rows[i].sni);
		else
			assert_non_null(strstr(fake.fault.text,
			    "is not among those of the certificate: mx.test, "
			    "*.wild.test, 127.0.0.1"));
		fake_free(&fake);
		loop_free(loop);
	}
}

/* Nobody looks: every certificate will do, and the facts say so. */
static void
test_unverified(void **state)
{
	(void)state;
	for (int kind = 0; kind < PKI_KINDS; kind++)
		for (int ca = 0; ca < 2; ca++) {
			struct tls_ask ask = { .verify = false };
			struct loop   *loop = loop_make();
			struct fake    fake;

			side_reset();
			side.kind = (enum pki_kind)kind;
			if (ca)
				ask.ca = buf_span(&pki.ca_pem);
			(void)dialogue(loop, &fake, &ask, talk_tls);
			assert_non_null(strstr(fake.log.ptr, "221 bye"));
			assert_int_equal(fake.tls.verified, ca &&
			    kind == PKI_GOOD);
			assert_int_equal(fake.tls.why[0] == '\0', ca &&
			    kind == PKI_GOOD);
			fake_free(&fake);
			loop_free(loop);
		}
}

/* ---- handshakes that do not ---- */

static void
test_certificates(void **state)
{
	static const struct { enum pki_kind kind; const char *why; } rows[] = {
		{ PKI_EXPIRED, "the certificate expired on 20" },
		{ PKI_NOT_YET, "the certificate is not valid before 20" },
		{ PKI_WRONG_NAME, "the name 127.0.0.1 is not among those of "
		    "the certificate: a.other.test, b.other.test" },
		{ PKI_SELF_SIGNED, "the certificate is self-signed "
		    "(CN=self.test)" },
		{ PKI_OTHER_CA, "the certificate comes from an unknown CA "
		    "(CN=Other CA), and the server sent none between: --ca "
		    "or 'ca' names one to trust" },
		{ PKI_NO_NAMES, "the certificate has no names, so it is not "
		    "for 127.0.0.1 (its subject is CN=nameless)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION;
		    version++) {
			struct tls_ask ask = trusting();
			struct loop   *loop = loop_make();
			struct fake    fake;

			side_reset();
			side.kind = rows[i].kind;
			side.min = side.max = version;
			(void)dialogue(loop, &fake, &ask, talk_tls);
			assert_string_equal(fake.log.ptr, "START DONE FAILED");
			if (strstr(fake.fault.text, rows[i].why) == NULL)
				fail_msg("%s", fake.fault.text);
			assert_int_equal(fake.fault.class, FAULT_TLS);
			fake_free(&fake);
			loop_free(loop);
		}
}

static void
test_versions(void **state)
{
	static const struct { int min, max; uint8_t ask_min, ask_max;
	    const char *version, *why; } rows[] = {
		{ TLS1_VERSION, TLS1_VERSION, 0, 0, NULL,
		    "does not speak the TLS versions that were offered" },
		{ TLS1_VERSION, TLS1_VERSION, 0, TLS_1_0, "TLSv1.0", NULL },
		{ TLS1_1_VERSION, TLS1_1_VERSION, TLS_1_0, TLS_1_1, "TLSv1.1",
		    NULL },
		{ TLS1_2_VERSION, TLS1_2_VERSION, 0, 0, "TLSv1.2", NULL },
		{ TLS1_2_VERSION, TLS1_3_VERSION, 0, TLS_1_2, "TLSv1.2",
		    NULL },
		{ TLS1_2_VERSION, TLS1_2_VERSION, TLS_1_3, 0, NULL,
		    "does not speak the TLS versions that were offered" },
		{ TLS1_3_VERSION, TLS1_3_VERSION, TLS_1_2, TLS_1_2, NULL,
		    "does not speak the TLS versions that were offered" },
		{ TLS1_3_VERSION, TLS1_3_VERSION, 0, 0, "TLSv1.3", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tls_ask ask = trusting();
		struct loop   *loop = loop_make();
		struct fake    fake;

		side_reset();
		side.min = rows[i].min;
		side.max = rows[i].max;
		ask.min = rows[i].ask_min;
		ask.max = rows[i].ask_max;
		(void)dialogue(loop, &fake, &ask, talk_tls);
		if (rows[i].version != NULL && fake.tls.version == NULL)
			fail_msg("row %zu: %s (%s)", i, fake.fault.text, fake.log.ptr);
		if (rows[i].version != NULL)
			assert_string_equal(fake.tls.version, rows[i].version);
		else if (strstr(fake.fault.text, rows[i].why) == NULL)
			fail_msg("row %zu: %s (%s)", i, fake.fault.text, fake.log.ptr);
		fake_free(&fake);
		loop_free(loop);
	}
}

/* A server that has to have a certificate: TLS 1.2 says it in the handshake,
 * TLS 1.3 when ours is over already, with tickets or without. */
static void
test_client(void **state)
{
	const struct { const struct buf *cert, *key; const char *why; }
	    rows[] = {
		{ NULL, NULL, "it wants a client certificate" },
		{ &pki.other_pem, &pki.other_key_pem,
		    "the alert 'unknown CA': it does not accept our "
		    "certificate" },
		{ &pki.cert_pem, &pki.key_pem, NULL },
	};
	struct tls_ask ask = trusting();
	struct fake    fake;
	struct loop   *loop;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++)
		for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION;
		    version++) {
			const char *why = rows[i / 2].why;

			side_reset();
			side.requires = true;
			side.mute = why != NULL && i % 2 == 1;
			side.min = side.max = version;
			ask.cert = ask.key = (struct span){ NULL, 0 };
			if (rows[i / 2].cert != NULL) {
				ask.cert = buf_span(rows[i / 2].cert);
				ask.key = buf_span(rows[i / 2].key);
			}
			loop = loop_make();
			(void)dialogue(loop, &fake, &ask, talk_tls);
			if (why == NULL) {
				assert_non_null(strstr(side.subject,
				    "CN=alice"));
				assert_non_null(strstr(fake.log.ptr, "221"));
			} else if (strstr(fake.fault.text, why) == NULL &&
			    strstr(fake.end, why) == NULL) {
				fail_msg("row %zu: %s", i, fake.fault.text);
			} else if (fake.end[0] == '\0') {
				assert_string_equal(fake.log.ptr,
				    "START DONE FAILED");
			}
			fake_free(&fake);
			loop_free(loop);
		}
}

/* One that only asks, and then says nothing: it is waited for, but not long,
 * and no longer than the handshake may take. */
static void
test_asked(void **state)
{
	static const uint32_t due_ms[] = { 5000, 60, 5000 };
	static const uint64_t least_us[] = { 100000, 20000, 25000 };
	struct tls_ask ask = trusting();

	(void)state;
	for (size_t i = 0; i < sizeof due_ms / sizeof *due_ms; i++) {
		struct peer  peer;
		struct loop *loop = loop_make();
		struct fake  fake;

		side_reset();
		side.asks = side.mute = true;
		side.min = side.max = TLS1_3_VERSION;
		assert_true(peer_start(&peer, "127.0.0.1", talk_tls));
		const struct row rows[] = {
			{ INPUT_START, WANT_CONNECT, .to = &peer.to },
			{ INPUT_DONE, WANT_TLS, .tls = &ask,
			    .due_ms = due_ms[i], .patient = i < 2 },
			{ INPUT_DONE, WANT_WRITE, .bytes = "QUIT\r\n" },
			{ INPUT_DONE, WANT_REPLY, .due_ms = 5000 },
			{ INPUT_CLOSED, WANT_OVER },
		};
		FAKE(&fake, loop, rows);
		fake_run(&fake);
		assert_non_null(strstr(fake.log.ptr, "221 bye"));
		assert_true(fake.tls.verified);
		if (fake.row_us[2] - fake.row_us[1] < least_us[i])
			fail_msg("row %zu: not waited for", i);
		fake_free(&fake);
		loop_free(loop);
		peer_join(&peer);
	}
}

/* Too late for the handshake: it is said of the end. */
static void
test_late(void **state)
{
	struct tls_ask ask = trusting();
	struct loop   *loop = loop_make();
	struct fake    fake;

	(void)state;
	side_reset();
	side.requires = side.slow = side.mute = true;
	side.min = side.max = TLS1_3_VERSION;
	ask.cert = buf_span(&pki.other_pem);
	ask.key = buf_span(&pki.other_key_pem);
	(void)dialogue(loop, &fake, &ask, talk_tls);
	if (strncmp(fake.log.ptr, "START DONE DONE", 15) != 0)
		skip();         /* a busy machine: it was waited for */
	assert_string_equal(fake.end, "the alert 'unknown CA': it does not "
	    "accept our certificate");
	fake_free(&fake);
	loop_free(loop);
}

/* No alert, only an end: it is the handshake's too. */
static void
talk_leaves(int fd)
{
	SSL_CTX *context = side_context();
	SSL     *ssl = pki_accept(context, fd);

	assert_non_null(ssl);
	if (side.end == 2)
		reset(fd);
	SSL_free(ssl);
	SSL_CTX_free(context);
}

static void
test_asked_and_gone(void **state)
{
	struct tls_ask ask = trusting();

	(void)state;
	for (int end = 1; end <= 2; end++) {
		struct loop *loop = loop_make();
		struct fake  fake;

		side_reset();
		side.asks = side.mute = true;
		side.end = end;
		(void)dialogue(loop, &fake, &ask, talk_leaves);
		assert_string_equal(fake.log.ptr, "START DONE FAILED");
		assert_string_equal(fake.fault.text, end == 2 ? "the server "
		    "reset the connection right after the TLS handshake in "
		    "which it asked for our certificate" : "the server closed "
		    "the connection right after the TLS handshake in which it "
		    "asked for our certificate");
		fake_free(&fake);
		loop_free(loop);
	}
}

/* A server that wants another handshake in the middle is refused. */
static void
talk_again(int fd)
{
	SSL_CTX *context = side_context();
	SSL     *ssl = pki_accept(context, fd);
	char     octet;

	assert_non_null(ssl);
	(void)SSL_write(ssl, "220 hi\r\n", 8);
	(void)SSL_renegotiate(ssl);
	(void)SSL_do_handshake(ssl);
	while (SSL_read(ssl, &octet, 1) == 1)
		continue;
	side.refused = ERR_GET_REASON(ERR_peek_last_error()) ==
	    SSL_R_NO_RENEGOTIATION;
	ERR_clear_error();
	SSL_free(ssl);
	SSL_CTX_free(context);
}

static void
test_renegotiation(void **state)
{
	struct tls_ask ask = trusting();
	struct loop   *loop = loop_make();
	struct fake    fake;

	(void)state;
	side_reset();
	side.min = side.max = TLS1_2_VERSION;
	(void)dialogue(loop, &fake, &ask, talk_again);
	assert_true(side.refused);
	assert_non_null(strstr(fake.log.ptr, "220 hi"));
	fake_free(&fake);
	loop_free(loop);
}

/* No cipher that both have. */
static void
test_ciphers(void **state)
{
	struct tls_ask ask = trusting();
	struct loop   *loop = loop_make();
	struct fake    fake;

	(void)state;
	side_reset();
	side.min = side.max = TLS1_2_VERSION;
	side.ciphers = "AES128-SHA";    /* for a key of RSA; it has none */
	(void)dialogue(loop, &fake, &ask, talk_tls);
	assert_string_equal(fake.fault.text, "the server refused the TLS "
	    "handshake with the alert 'handshake failure': nothing offered "
	    "suits it");
	fake_free(&fake);
	loop_free(loop);
}

/* The same certificate is one object, however often it is shown; another is
 * another, and what is told of it stays as long as its connection. */
static void
test_shared(void **state)
{
	struct tls_ask ask = { .verify = false, .ca = buf_span(&pki.ca_pem) };
	struct loop   *loop = loop_make();
	struct fake    fake[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		side_reset();
		side.kind = i == 1 ? PKI_WRONG_NAME : PKI_GOOD;
		(void)dialogue(loop, &fake[i], &ask, talk_tls);
	}
	assert_ptr_equal(fake[0].tls.names, fake[2].tls.names);
	assert_ptr_not_equal(fake[0].tls.names, fake[1].tls.names);
	assert_string_equal(fake[0].tls.subject, "CN=mx.test");
	assert_string_equal(fake[1].tls.names[0], "a.other.test");
	assert_true(fake[2].tls.verified && !fake[1].tls.verified);
	for (int i = 0; i < 3; i++)
		fake_free(&fake[i]);
	loop_free(loop);
}

/* More than a run keeps: the first are forgotten, and nothing else happens. */
static void
test_many_certificates(void **state)
{
	struct loop    *loop = loop_make();
	struct tls_ask  ask = { .verify = false };
	struct conn     conn = { .facts.peer = "127.0.0.1:1" };
	struct tls     *open[2 * LIMIT_TLS_CERTS];
	struct fault    fault;

	(void)state;
	for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
		X509 *cert = X509_dup(pki.certs[PKI_GOOD]);

		(void)ASN1_INTEGER_set(X509_get_serialNumber(cert),
		    (long)i + 100);
		assert_true(X509_sign(cert, pki.ca_key, EVP_sha256()) > 0);
		open[i] = tls_client(loop, &conn, &ask, &fault);
		assert_non_null(open[i]);
		tls_cert_fill(open[i], cert);
		X509_free(cert);
	}
	for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
		assert_string_equal(open[i]->facts.subject, "CN=mx.test");
		assert_string_equal(open[i]->facts.names[2], "127.0.0.1");
		tls_free(open[i]);
	}
	loop_free(loop);
}

/* What comes behind the first words is no handshake any more. */
static void
talk_nonsense(int fd)
{
	SSL_CTX *context = side_context();
	SSL     *ssl = pki_accept(context, fd);

	assert_non_null(ssl);
	(void)SSL_write(ssl, "220 hi\r\n", 8);
	(void)!write(fd, "nonsense, no record", 19);
	until_end(fd);
	SSL_free(ssl);
	SSL_CTX_free(context);
}

static void
test_broken(void **state)
{
	struct tls_ask ask = trusting();

	(void)state;
	for (int asks = 0; asks < 2; asks++)
		for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION;
		    version++) {
			struct loop *loop = loop_make();
			struct fake  fake;

			side_reset();
			side.asks = asks == 1;
			side.min = side.max = version;
			(void)dialogue(loop, &fake, &ask, talk_nonsense);
			assert_non_null(strstr(fake.log.ptr, "220 hi"));
			assert_non_null(strstr(fake.end, "a broken record"));
			fake_free(&fake);
			loop_free(loop);
		}
}

static void
talk_plain(int fd)
{
	say(fd, "220 \x1b[31mhi\r\n");
	until_end(fd);
}

static void
talk_closes(int fd)
{
	char octets[2048];

	(void)!read(fd, octets, sizeof octets);
}

static void
talk_resets(int fd)
{
	talk_closes(fd);
	reset(fd);
}

static void
talk_random(int fd)
{
	static const char octets[] = "\x16\x03\x03\x00\x20nonsense nonsense "
	    "nonsense nonsense";

	(void)!write(fd, octets, sizeof octets);
	until_end(fd);
}

static void
talk_alert(int fd)
{
	talk_closes(fd);
	(void)!write(fd, "\x15\x03\x03\x00\x02\x02\x70", 7);
	until_end(fd);
}

static void
talk_notify(int fd)
{
	talk_closes(fd);
	(void)!write(fd, "\x15\x03\x03\x00\x02\x01\x00", 7);
	until_end(fd);
}

static void
talk_number(int fd)
{
	talk_closes(fd);
	(void)!write(fd, "\x15\x03\x03\x00\x02\x02\xe7", 7);
	until_end(fd);
}

static void
talk_fallback(int fd)
{
	talk_closes(fd);
	(void)!write(fd, "\x15\x03\x03\x00\x02\x02\x56", 7);
	until_end(fd);
}

static void
test_peers(void **state)
{
	static const struct { void (*talk)(int); const char *why; } rows[] = {
		{ talk_plain, "the server speaks no TLS here: it said \"220 "
		    "\\x1b[31mhi\"" },
		{ talk_closes, "the server closed the connection in the TLS "
		    "handshake, without an answer to our hello" },
		{ talk_resets, "the server reset the connection in the TLS "
		    "handshake, without an answer to our hello" },
		{ talk_random, "the TLS handshake failed" },
		{ talk_alert, "it knows no host of that name" },
		{ talk_notify, "the server said close_notify in the TLS "
		    "handshake, before a whole message" },
		{ talk_number, "with the alert 'number 231'" },
		{ talk_fallback, "with the alert 'inappropriate fallback'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tls_ask ask = trusting();
		struct loop   *loop = loop_make();
		struct fake    fake;

		(void)dialogue(loop, &fake, &ask, rows[i].talk);
		assert_string_equal(fake.log.ptr, "START DONE FAILED");
		if (strstr(fake.fault.text, rows[i].why) == NULL)
			fail_msg("row %zu: %s (%s)", i, fake.fault.text, fake.log.ptr);
		fake_free(&fake);
		loop_free(loop);
	}
}

static void
talk_silent(int fd)
{
	until_end(fd);
}

static void
test_deadline(void **state)
{
	struct tls_ask ask = trusting();
	struct peer    peer;
	struct loop   *loop = loop_make();
	struct fake    fake;

	(void)state;
	assert_true(peer_start(&peer, "127.0.0.1", talk_silent));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_TLS, .tls = &ask, .due_ms = 200 },
		{ INPUT_TIMEOUT, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START DONE TIMEOUT");
	assert_string_equal(fake.fault.text,
	    "the server was silent without an answer to our hello");
	assert_in_range(fake.last_us - fake.row_us[1], 200000, 200000 + LATE_US);
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
}

/* Given up in the middle: a cancel, another want. */
static void
test_given_up(void **state)
{
	struct tls_ask ask = trusting();
	struct peer    peer;
	struct loop   *loop;
	struct fake    fake;
	int            before = descriptors_open();

	(void)state;
	loop = loop_make();
	assert_true(peer_start(&peer, "127.0.0.1", talk_silent));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_TLS, .tls = &ask, .due_ms = 100 },
		{ INPUT_TIMEOUT, WANT_WRITE, .bytes = "x" },
		{ INPUT_FAILED, WANT_TLS, .tls = &ask, .due_ms = 100 },
		{ INPUT_FAILED, WANT_CLOSE },
		{ INPUT_DONE, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START DONE TIMEOUT FAILED FAILED "
	    "DONE");
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
	assert_int_equal(descriptors_open(), before);
}

/* One that is there already is not taken for another one. */
static void
test_twice(void **state)
{
	struct tls_ask ask = trusting();
	struct peer    peer;
	struct loop   *loop = loop_make();
	struct fake    fake;

	(void)state;
	side_reset();
	assert_true(peer_start(&peer, "127.0.0.1", talk_tls));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_TLS, .tls = &ask, .due_ms = 5000 },
		{ INPUT_DONE, WANT_TLS, .tls = &ask, .due_ms = 5000 },
		{ INPUT_FAILED, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.fault.text, "the connection has TLS already");
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
}

/* ---- octets ---- */

static void
test_many(void **state)
{
	struct tls_ask ask = trusting();
	struct peer    peer;
	struct loop   *loop = loop_make();
	struct fake    fake;

	(void)state;
	side_reset();
	side.talks = 1024 * 1024;
	assert_true(peer_start(&peer, "127.0.0.1", talk_tls));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_TLS, .tls = &ask, .due_ms = 5000 },
		{ INPUT_DONE, WANT_WRITE, .fill = 5 * 1000 * 1000 },
		{ INPUT_DONE, WANT_WRITE, .bytes = "QUIT\r\n" },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 9000 },
		{ INPUT_CLOSED, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_int_equal(side.heard, 5 * 1000 * 1000 + 6);
	assert_int_equal(fake.octets, 8 + 1024 * 1024 + 9);
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
}

/* Ours goes first, and they still answer. */
static void
test_half(void **state)
{
	struct tls_ask ask = trusting();
	struct peer    peer;
	struct loop   *loop = loop_make();
	struct fake    fake;

	(void)state;
	side_reset();
	assert_true(peer_start(&peer, "127.0.0.1", talk_tls));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_TLS, .tls = &ask, .due_ms = 5000 },
		{ INPUT_DONE, WANT_WRITE, .bytes = "QUIT\r\n" },
		{ INPUT_DONE, WANT_HALF_CLOSE },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 5000 },
		{ INPUT_CLOSED, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_non_null(strstr(fake.log.ptr, "221 bye"));
	assert_non_null(strstr(fake.log.ptr, "CLOSED:NOTIFY"));
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
}

/* ---- what a run has once ---- */

enum { VISITS = 4 };

static void *
serve_visits(void *who)
{
	int listener = *(int *)who;

	for (int i = 0; i < VISITS; i++) {
		int fd = accept(listener, NULL, NULL);

		talk_tls(fd);
		(void)close(fd);
	}
	return NULL;
}

/* Kept for who asks, offered to who asks, and never without. */
static void
test_resumed(void **state)
{
	static const bool asks[VISITS] = { true, true, false, true };
	static const bool resumed[VISITS] = { false, true, false, true };

	(void)state;
	for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION;
	    version++) {
		struct sockaddr_in at = { .sin_family = AF_INET,
		    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		socklen_t       len = sizeof at;
		int             listener = socket(AF_INET, SOCK_STREAM, 0);
		struct loop    *loop = loop_make();
		struct endpoint to = { .host = "127.0.0.1" };
		pthread_t       thread;

		side_reset();
		side.min = side.max = version;
		side.context = side_context();
		assert_int_equal(bind(listener, (struct sockaddr *)&at,
		    sizeof at), 0);
		assert_int_equal(listen(listener, 4), 0);
		(void)getsockname(listener, (struct sockaddr *)&at, &len);
		to.port = ntohs(at.sin_port);
		assert_int_equal(pthread_create(&thread, NULL, serve_visits,
		    &listener), 0);
		for (int i = 0; i < VISITS; i++) {
			struct tls_ask ask = trusting();
			struct fake    fake;

			ask.resume = asks[i];
			const struct row rows[] = {
				{ INPUT_START, WANT_CONNECT, .to = &to },
				{ INPUT_DONE, WANT_TLS, .tls = &ask,
				    .due_ms = 5000 },
				{ INPUT_DONE, WANT_REPLY, .due_ms = 5000 },
				{ INPUT_BYTES, WANT_WRITE,
				    .bytes = "QUIT\r\n" },
				{ INPUT_DONE, WANT_REPLY, .due_ms = 5000 },
				{ INPUT_CLOSED, WANT_CLOSE },
				{ INPUT_DONE, WANT_OVER },
			};
			FAKE(&fake, loop, rows);
			fake_run(&fake);
			assert_true(fake.tls.verified);
			if (fake.tls.resumed != resumed[i])
				fail_msg("version %x, visit %d", version, i);
			fake_free(&fake);
		}
		(void)pthread_join(thread, NULL);
		(void)close(listener);
		SSL_CTX_free(side.context);
		loop_free(loop);
	}
}

static void
test_resume(void **state)
{
	(void)state;
	for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION;
	    version++) {
		struct loop *loop = loop_make();
		struct fake  fake;

		side_reset();
		side.min = side.max = version;
		side.context = side_context();
		for (int i = 0; i < 4; i++) {
			struct tls_ask ask = trusting();
			char           name[] = "mx.test";

			/* The port changes; what is resumed is of a peer. */
			ask.name = name;
			ask.resume = i < 3;
			(void)dialogue(loop, &fake, &ask, talk_tls);
			assert_true(fake.tls.verified);
			assert_false(fake.tls.resumed);
			fake_free(&fake);
		}
		SSL_CTX_free(side.context);
		loop_free(loop);
	}
}

static void
test_key_log(void **state)
{
	char path[] = "/tmp/quoth-keys-XXXXXX", text[4096];
	struct tls_ask ask = trusting();
	struct loop   *loop = loop_make();
	struct fake    fake;
	int            fd = mkstemp(path);
	ssize_t        got;

	(void)state;
	side_reset();
	assert_true(fd >= 0);
	(void)setenv("SSLKEYLOGFILE", path, 1);
	(void)dialogue(loop, &fake, &ask, talk_tls);
	got = read(fd, text, sizeof text - 1);
	assert_true(got > 0);
	text[got] = '\0';
	assert_non_null(strstr(text, "CLIENT_TRAFFIC_SECRET_0 "));
	fake_free(&fake);
	loop_free(loop);
	(void)setenv("SSLKEYLOGFILE", "/nowhere/keys", 1);
	for (int i = 0; i < 2; i++) {           /* said once a run */
		if (i == 0)
			loop = loop_make();
		(void)dialogue(loop, &fake, &ask, talk_tls);
		assert_non_null(strstr(fake.log.ptr, "221 bye"));
		assert_string_equal(fake.tls_notes, i > 0 ? "" :
		    "SSLKEYLOGFILE: no keys are logged, because /nowhere/keys "
		    "cannot be written: No such file or directory\n");
		fake_free(&fake);
	}
	loop_free(loop);
	(void)unsetenv("SSLKEYLOGFILE");
	(void)close(fd);
	(void)unlink(path);
}

/* ---- files ---- */

static void
test_files(void **state)
{
	struct span none = { NULL, 0 };
	struct span ca = buf_span(&pki.ca_pem), cert = buf_span(&pki.cert_pem);
	struct span key = buf_span(&pki.key_pem);
	struct buf  both = buf_new(100000), cut = buf_new(100000);
	const struct { struct span ca, cert, key; uint8_t part;
	    const char *why; } rows[] = {
		{ ca, none, none, 0, NULL }, { none, cert, key, 0, NULL },
		{ SPAN("x"), none, none, TLS_PART_CA, "no certificate in it" },
		{ key, none, none, TLS_PART_CA, "no certificate in it" },
		{ none, key, key, TLS_PART_CERT, "no certificate in it" },
		{ none, cert, cert, TLS_PART_KEY, "no private key in it" },
		{ none, cert, none, TLS_PART_KEY, "no 'key' names" },
		{ none, ca, key, TLS_PART_KEY, "not that of the certificate" },
	};
	struct tls_ask ask;
	struct fault   fault;
	uint8_t        part;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ask = (struct tls_ask){ .ca = rows[i].ca, .cert = rows[i].cert,
		    .key = rows[i].key };
		part = 99;
		assert_int_equal(loop_tls_check(&ask, &part, &fault),
		    rows[i].why == NULL);
		if (rows[i].why == NULL)
			continue;
		assert_int_equal(part, rows[i].part);
		if (strstr(fault.text, rows[i].why) == NULL)
			fail_msg("row %zu: %s", i, fault.text);
	}
	(void)(buf_add(&both, cert) && buf_add(&both, key));
	ask = (struct tls_ask){ .cert = buf_span(&both) };
	assert_true(loop_tls_check(&ask, &part, &fault));
	(void)(buf_add(&cut, ca) && buf_add(&cut, span_sub(ca, 0,
	    ca.len / 2)));
	ask = (struct tls_ask){ .ca = buf_span(&cut) };
	assert_false(loop_tls_check(&ask, &part, &fault));
	assert_string_equal(fault.text, "certificate 2 in it is damaged");
	buf_free(&both);
	buf_free(&cut);
}

/* Buffers of what OpenSSL takes for a record: nobody else's, whatever thread
 * asks. */
static void *
taker(void *who)
{
	enum { SIZE = 17 * KIB };
	const int mark = *(const int *)who;

	for (int round = 0; round < 3000; round++) {
		char *slot = OPENSSL_malloc(SIZE);

		if (slot == NULL)
			return who;
		slot[0] = slot[SIZE - 1] = (char)mark;
		(void)sched_yield();
		if (slot[0] != mark || slot[SIZE - 1] != mark)
			return who;
		OPENSSL_free(slot);
	}
	return NULL;
}

static void
test_pool(void **state)
{
	static const int marks[] = { 1, 2, 3, 4 };
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, taker,
		    (void *)(uintptr_t)&marks[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		void *why;

		assert_int_equal(pthread_join(threads[i], &why), 0);
		assert_null(why);
	}
}

static int
open_all(void **state)
{
	struct fault fault;

	(void)state;
	if (!tls_load(&fault))
		return -1;
	pki_make(&pki);
	return warm_up(state);
}

static int
close_all(void **state)
{
	(void)state;
	pki_free(&pki);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogue), cmocka_unit_test(test_facts),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_unverified),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_versions), cmocka_unit_test(test_client),
		cmocka_unit_test(test_asked), cmocka_unit_test(test_broken),
		cmocka_unit_test(test_asked_and_gone),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_renegotiation),
		cmocka_unit_test(test_ciphers), cmocka_unit_test(test_shared),
		cmocka_unit_test(test_many_certificates),
		cmocka_unit_test(test_peers), cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_twice), cmocka_unit_test(test_many),
		cmocka_unit_test(test_half), cmocka_unit_test(test_resume),
		cmocka_unit_test(test_resumed),
		cmocka_unit_test(test_key_log), cmocka_unit_test(test_files),
		cmocka_unit_test(test_pool),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, open_all, close_all);
}
