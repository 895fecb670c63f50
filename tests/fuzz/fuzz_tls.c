/*
 * Any octets as what a TLS server says to our client: it must come to an end,
 * with a sentence where it fails. The first octet says how:
 *
 *   raw    the rest is what the server says, in pieces of the second octet
 *   live   a handshake with our own server in this process; the rest are places
 *          where what it says is changed, then what it says inside of TLS
 *   cert   the rest is a certificate of which facts are told
 *
 * Random numbers are the same in each run, so that a recorded handshake is
 * understood again. `fuzz_tls --make-seeds FOLDER` records some.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "net/inside.h"
#include "net/tls_run.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***words);

enum way { RAW, LIVE, CERT, WAYS };
enum { ROUNDS = 12, HEAD = 3 };

static struct loop loop;
static uint32_t    client_seed, server_seed, *seed = &client_seed;

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static int
random_fill(unsigned char *out, int count)
{
	for (int i = 0; i < count; i++) {
		*seed = *seed * 1664525 + 1013904223;
		out[i] = (unsigned char)(*seed >> 24);
	}
	return 1;
}

static int
random_fine(void)
{
	return 1;
}

static void
random_begin(void)
{
	client_seed = 1;
	server_seed = 2;
}

static struct tls_ask
ask_of(uint8_t bits)
{
	return (struct tls_ask){ .verify = (bits & 1) != 0,
	    .resume = (bits & 2) != 0, .max = bits & 4 ? TLS_1_2 : TLS_UNSET,
	    .min = bits & 8 ? TLS_1_0 : TLS_UNSET,
	    .name = bits & 16 ? "mx.example.test" : NULL };
}

static struct tls *
client_new(uint8_t bits)
{
	struct conn    conn = { .embedded = true, .facts.peer = "127.0.0.1:1" };
	struct tls_ask ask = ask_of(bits);
	struct fault   fault;
	struct tls    *tls;

	seed = &client_seed;
	tls = tls_client(&loop, &conn, &ask, &fault);
	must(tls != NULL);
	buf_clear(&loop.sealed);
	(void)tls_shake(tls, (struct span){ NULL, 0 });
	return tls;
}

static void
facts_check(const struct tls_facts *facts)
{
	struct buf line = buf_new(64 * KIB);

	must(facts->version != NULL && facts->cipher != NULL &&
	    facts->end != NULL && facts->why != NULL);
	must(strlen(facts->subject) < 1024 && strlen(facts->issuer) < 1024);
	for (uint32_t i = 0; i < facts->name_count && i < TLS_NAMES_MAX; i++)
		must(strlen(facts->names[i]) < 260);
	tls_describe(facts, &line);
	buf_free(&line);
}

/* As net/secure.c does: handshake, the wait behind it, octets. */
static void
client_hear(struct tls *tls, struct span in, struct buf *plain)
{
	struct shake *shake = tls->shake;

	if (tls->state == TLS_SHAKES)
		(void)tls_shake(tls, in);
	else if (tls->waits)
		(void)tls_wait(tls, in);
	else if (tls->state == TLS_OPEN)
		(void)tls_open(tls, in, plain);
	if (tls->state == TLS_FAILED)
		must(shake->fault.text[0] != '\0');
	else if (tls->state != TLS_SHAKES && !tls->waits && shake != NULL)
		tls_told(tls);
	if (tls->state == TLS_OPEN || tls->state == TLS_BROKEN)
		facts_check(&tls->facts);
	must((tls->state == TLS_BROKEN) == (tls->end != NULL));
}

static void
client_end(struct tls *tls)
{
	if (tls->state == TLS_SHAKES) {
		must(tls_stage(tls)[0] != '\0');
		tls_lost(tls, "closed");
	}
	(void)tls_seal(tls, SPAN("QUIT\r\n"));
	tls_bye(tls);
	tls_free(tls);
	buf_clear(&loop.sealed);
}

/* In what state it ended. */
static enum tls_state
raw(struct span in, uint8_t bits, size_t piece)
{
	enum tls_state state;
	struct tls *tls = client_new(bits);
	struct buf  plain = buf_new(2 * MIB);

	piece = piece == 0 ? in.len : piece;
	while (in.len > 0) {
		struct span head = span_sub(in, 0, piece);

		client_hear(tls, head, &plain);
		in = span_from(in, head.len);
	}
	state = tls->state;
	client_end(tls);
	buf_free(&plain);
	return state;
}

/* What one side wants to send, taken for the other. */
static struct buf
said(void)
{
	struct buf all = buf_new(SEALED_MAX);

	(void)buf_add(&all, buf_span(&loop.sealed));
	buf_clear(&loop.sealed);
	return all;
}

/* Two octets say where in all that was said, one what is added there. */
static void
change(struct buf *octets, size_t before, struct span changes)
{
	for (size_t i = 0; i + 3 <= changes.len; i += 3) {
		const uint8_t *one = (const uint8_t *)changes.ptr + i;
		size_t         at = (size_t)one[0] << 8 | one[1];

		if (at >= before && at - before < octets->len)
			octets->ptr[at - before] = (char)(octets->ptr[at -
			    before] ^ (char)one[2]);
	}
}

static void
live(struct span in, uint8_t bits, size_t changed, struct buf *record)
{
	struct tls  *client = client_new(bits);
	struct tls  *server;
	struct fault fault;
	struct buf   to = said(), plain = buf_new(MIB);
	struct span  changes = span_sub(in, 0, changed * 3);
	size_t       before = 0;

	seed = &server_seed;
	server = tls_server(&loop, &fault);
	must(server != NULL);
	for (int i = 0; i < ROUNDS && client->state <= TLS_OPEN; i++) {
		struct buf from;

		seed = &server_seed;
		if (server->state == TLS_SHAKES)
			(void)tls_shake(server, buf_span(&to));
		else if (server->state == TLS_OPEN)
			(void)tls_open(server, buf_span(&to), &plain);
		if (i > 1 && server->state == TLS_OPEN)
			(void)tls_seal(server, span_from(in, changes.len));
		from = said();
		if (record != NULL)
			(void)buf_add(record, buf_span(&from));
		change(&from, before, changes);
		before += from.len;
		buf_free(&to);
		seed = &client_seed;
		client_hear(client, buf_span(&from), &plain);
		to = said();
		buf_free(&from);
		if (i > 3)
			break;
	}
	buf_free(&to);
	buf_free(&plain);
	client_end(client);
	tls_free(server);
	buf_clear(&loop.sealed);
}

static void
cert(struct span in)
{
	const unsigned char *at = (const unsigned char *)in.ptr;
	X509       *x509 = d2i_X509(NULL, &at, (long)in.len);
	struct tls *tls;

	if (x509 == NULL)
		return;
	tls = client_new(1);
	tls_cert_fill(tls, x509);
	facts_check(&tls->facts);
	X509_free(x509);
	client_end(tls);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = { (const char *)data + HEAD, size - HEAD };

	if (size < HEAD)
		return 0;
	random_begin();
	switch ((enum way)(data[0] % WAYS)) {
	case RAW:
		/* What was kept would be another hello. */
		(void)raw(in, data[1] & 0xfd, data[2]);
		break;
	case LIVE:
		live(in, data[1], data[2], NULL);
		break;
	case CERT:
		cert(in);
		break;
	case WAYS:
		break;
	}
	return 0;
}

/* ---- seeds ------------------------------------------------------------------ */

static void
seed_write(const char *folder, const char *name, const uint8_t head[HEAD],
    struct span rest)
{
	char path[4096];
	int  fd;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	must(fd >= 0 && write(fd, head, HEAD) == HEAD &&
	    write(fd, rest.ptr, rest.len) == (ssize_t)rest.len);
	(void)close(fd);
}

static void
seeds_make(const char *folder)
{
	static const struct { const char *name; uint8_t bits; } rows[] = {
		{ "tls13", 0 }, { "tls13-named", 16 }, { "tls12", 4 },
		{ "tls12-verified", 5 }, { "tls12-old", 12 } };
	char           name[64];
	struct buf     octets;
	unsigned char *der = NULL;
	int            len;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		octets = buf_new(MIB);
		random_begin();
		live(SPAN("220 hi\r\n"), rows[i].bits, 0, &octets);
		random_begin();
		must(raw(buf_span(&octets), rows[i].bits, 1) == TLS_OPEN);
		(void)snprintf(name, sizeof name, "raw-%s", rows[i].name);
		seed_write(folder, name, (const uint8_t[]){ RAW, rows[i].bits,
		    0 }, buf_span(&octets));
		(void)snprintf(name, sizeof name, "live-%s", rows[i].name);
		seed_write(folder, name, (const uint8_t[]){ LIVE,
		    rows[i].bits, 1 }, SPAN("\xff\xff\x01" "220 hi\r\n"));
		buf_free(&octets);
	}
	len = i2d_X509(loop.tls->cert, &der);
	must(len > 0);
	seed_write(folder, "cert", (const uint8_t[]){ CERT, 0, 0 },
	    (struct span){ (const char *)der, (size_t)len });
	OPENSSL_free(der);
}

int
LLVMFuzzerInitialize(int *count, char ***words)
{
	static RAND_METHOD method = { .bytes = random_fill,
	    .pseudorand = random_fill, .status = random_fine };
	struct fault fault;

	must(RAND_set_rand_method(&method) == 1 && tls_load(&fault));
	/* The server's certificate, made while nobody counts. */
	random_begin();
	live(SPAN(""), 0, 0, NULL);
	if (*count < 3 || strcmp((*words)[1], "--make-seeds") != 0)
		return 0;
	seeds_make((*words)[2]);
	exit(0);
}
