/*
 * Certificates of peers, each once for a run: the same octets are the same
 * object, whoever was shown them. A parsed certificate takes 4 to 5 KiB and the
 * texts that are told of it some 100 octets, so a thousand sessions with one
 * server hold as much of its chain as one does. Nothing about trust is kept:
 * each handshake has its chain verified.
 *
 * The run holds the newest LIMIT_TLS_CERTS, connections hold their own.
 */
#include "base/text.h"
#include "net/inside.h"
#include "net/tls_run.h"

#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <time.h>

/* Of a host's name RFC 1035 2.3.4 allows 255 octets, of a subject nobody says
 * how long it is: those of public CAs have up to 200. */
enum { DAY = 24 * 60 * 60, DER_MAX = 128 * KIB, HOST_ROOM = 260,
	SUBJECT_ROOM = 1024,
	TEXTS_MAX = TLS_NAMES_MAX * HOST_ROOM + 2 * SUBJECT_ROOM };

struct cert {
	uint32_t    refs;
	X509       *x509;
	struct span der;                /* owned */
	bool        read;               /* the rest is there */
	int64_t     not_before, not_after;
	uint32_t    name_count;
	struct buf  texts;              /* each ends in a NUL */
	const char *subject, *issuer;   /* in `texts` */
	const char **names;
};

static void
cert_release(struct cert *cert)
{
	if (cert == NULL || --cert->refs > 0)
		return;
	X509_free(cert->x509);
	mem_free((char *)(uintptr_t)cert->der.ptr);
	buf_free(&cert->texts);
	mem_free(cert->names);
	mem_free(cert);
}

/* False: no certificate that anybody sends is as large. */
static bool
der_of(X509 *cert, struct buf *out)
{
	int            len = i2d_X509(cert, NULL);
	unsigned char *room;

	if (len <= 0 || (room = (unsigned char *)buf_room(out,
	    (size_t)len)) == NULL)
		return false;
	out->len += (size_t)i2d_X509(cert, &room);
	return true;
}

static struct cert *
cert_add(struct tls_run *run, X509 *x509, struct span der)
{
	struct cert **slot = &run->certs[run->cert_next++ % LIMIT_TLS_CERTS];
	struct cert  *cert = mem_alloc(sizeof *cert);

	cert_release(*slot);
	*slot = cert;
	cert->refs = 1;
	cert->x509 = x509;
	(void)X509_up_ref(x509);
	cert->der.ptr = memcpy(mem_resize(NULL, der.len), der.ptr, der.len);
	cert->der.len = der.len;
	return cert;
}

/* NULL: it cannot be kept. */
static struct cert *
cert_find(struct tls_run *run, X509 *x509)
{
	struct cert *found = NULL;
	struct buf   der;

	for (size_t i = 0; i < LIMIT_TLS_CERTS && run->certs[i] != NULL; i++)
		if (run->certs[i]->x509 == x509)
			return run->certs[i];
	der = buf_new(DER_MAX);
	if (der_of(x509, &der)) {
		for (size_t i = 0; i < LIMIT_TLS_CERTS && found == NULL &&
		    run->certs[i] != NULL; i++)
			if (span_eq(run->certs[i]->der, buf_span(&der)))
				found = run->certs[i];
		if (found == NULL)
			found = cert_add(run, x509, buf_span(&der));
	}
	buf_free(&der);
	return found;
}

void
tls_cert_share(struct tls *tls, X509_STORE_CTX *at)
{
	STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(at);

	if (sk_X509_num(sent) < 1 ||
	    sk_X509_value(sent, 0) != X509_STORE_CTX_get0_cert(at))
		return;
	for (int i = 0; i < sk_X509_num(sent); i++) {
		X509        *own = sk_X509_value(sent, i);
		struct cert *cert = cert_find(tls->loop->tls, own);

		if (cert == NULL || cert->x509 == own)
			continue;
		(void)X509_up_ref(cert->x509);
		if (i == 0)
			X509_STORE_CTX_set_cert(at, cert->x509);
		(void)sk_X509_set(sent, i, cert->x509);
		X509_free(own);
	}
}

/* ---- what is told of one ---------------------------------------------------- */

void
tls_name_text(const X509_NAME *name, char *out, size_t size)
{
	BIO  *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long  len;

	*out = '\0';
	if (bio == NULL)
		return;
	if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 &
	    ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		len = BIO_get_mem_data(bio, &text);
		if (len > 0) {
			struct span head = text_head((struct span){ text,
			    (size_t)len }, size - 1);

			memcpy(out, head.ptr, head.len);
			out[head.len] = '\0';
		}
	}
	BIO_free(bio);
}

/* All of it, as it might be made to look like another: of "mx.test\0.evil.test"
 * the NUL is shown, and what is longer than any host's name ends in "...". */
static void
host_text(struct span host, char out[HOST_ROOM])
{
	struct buf text = buf_new(HOST_ROOM - 4);

	for (size_t i = 0; i < host.len && !text.full; i++) {
		if (host.ptr[i] == '\0')
			(void)buf_add_text(&text, "\\x00");
		else
			(void)buf_add_octet(&text, host.ptr[i]);
	}
	*out = '\0';
	if (text.len > 0)
		memcpy(out, text.ptr, text.len);
	memcpy(out + text.len, text.full ? "..." : "", text.full ? 4 : 1);
	buf_free(&text);
}

static void
general_name(const GENERAL_NAME *name, char out[HOST_ROOM])
{
	const unsigned char *octets;
	int len;

	*out = '\0';
	if (name->type == GEN_DNS) {
		octets = ASN1_STRING_get0_data(name->d.dNSName);
		len = ASN1_STRING_length(name->d.dNSName);
		if (len > 0)
			host_text((struct span){ (const char *)octets,
			    (size_t)len }, out);
	} else if (name->type == GEN_IPADD) {
		octets = ASN1_STRING_get0_data(name->d.iPAddress);
		len = ASN1_STRING_length(name->d.iPAddress);
		if (len == 4 || len == 16)
			(void)inet_ntop(len == 4 ? AF_INET : AF_INET6, octets,
			    out, HOST_ROOM);
	}
}

uint32_t
tls_cert_names(X509 *cert, void (*each)(void *, const char *), void *who)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name,
	    NULL, NULL);
	uint32_t count = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		char text[HOST_ROOM];

		general_name(sk_GENERAL_NAME_value(names, i), text);
		if (*text == '\0')
			continue;
		each(who, text);
		count++;
	}
	GENERAL_NAMES_free(names);
	return count;
}

static int64_t
unix_time(const ASN1_TIME *time)
{
	struct tm parts = { 0 };

	return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

/* Whole days, downwards: an hour too late is a day too late. */
static int32_t
days_until(int64_t then, int64_t now)
{
	int64_t left = then - now;

	if (left < 0)
		left -= DAY - 1;
	left /= DAY;
	return left > INT32_MAX ? INT32_MAX : left < INT32_MIN ? INT32_MIN :
	    (int32_t)left;
}

static void
name_keep(void *who, const char *name)
{
	struct cert *cert = who;

	if (cert->name_count < TLS_NAMES_MAX)   /* always fits TEXTS_MAX */
		(void)buf_add(&cert->texts, (struct span){ name,
		    strlen(name) + 1 });
	cert->name_count++;
}

/* `texts` does not move any more: the names point into it. */
static void
names_point(struct cert *cert)
{
	size_t      count = cert->name_count < TLS_NAMES_MAX ?
	    cert->name_count : TLS_NAMES_MAX;
	const char *at = cert->texts.ptr;

	cert->subject = at;
	cert->issuer = at + strlen(at) + 1;
	at = cert->issuer + strlen(cert->issuer) + 1;
	cert->names = mem_alloc((count + 1) * sizeof *cert->names);
	for (size_t i = 0; i < count; i++) {
		cert->names[i] = at;
		at += strlen(at) + 1;
	}
}

static void
cert_read(struct cert *cert)
{
	char text[SUBJECT_ROOM];

	cert->read = true;
	cert->texts = buf_new(TEXTS_MAX);
	tls_name_text(X509_get_subject_name(cert->x509), text, sizeof text);
	(void)buf_add(&cert->texts, (struct span){ text, strlen(text) + 1 });
	tls_name_text(X509_get_issuer_name(cert->x509), text, sizeof text);
	(void)buf_add(&cert->texts, (struct span){ text, strlen(text) + 1 });
	(void)tls_cert_names(cert->x509, name_keep, cert);
	cert->not_before = unix_time(X509_get0_notBefore(cert->x509));
	cert->not_after = unix_time(X509_get0_notAfter(cert->x509));
	names_point(cert);
}

void
tls_cert_fill(struct tls *tls, X509 *x509)
{
	struct tls_facts *facts = &tls->facts;
	struct cert      *cert = cert_find(tls->loop->tls, x509);

	facts->has_cert = true;
	if (cert == NULL)
		return;
	if (!cert->read)
		cert_read(cert);
	cert->refs++;
	tls->cert = cert;
	facts->subject = cert->subject;
	facts->issuer = cert->issuer;
	facts->names = cert->names;
	facts->name_count = cert->name_count;
	facts->not_before = cert->not_before;
	facts->not_after = cert->not_after;
	facts->days_left = days_until(cert->not_after, (int64_t)time(NULL));
}

void
tls_cert_leave(struct tls *tls)
{
	cert_release(tls->cert);
	tls->cert = NULL;
}

void
tls_certs_free(struct tls_run *run)
{
	for (size_t i = 0; i < LIMIT_TLS_CERTS; i++)
		cert_release(run->certs[i]);
}
