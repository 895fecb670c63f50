/* What is told of a handshake that succeeded. */
#include "net/tls.h"

#include "base/text.h"
#include "net/inside.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <time.h>

enum { DAY = 24 * 60 * 60 };

static const char *
version_name(const SSL *ssl)
{
	switch (SSL_version(ssl)) {
	case TLS1_VERSION:
		return tls_version_names[TLS_1_0];
	case TLS1_1_VERSION:
		return tls_version_names[TLS_1_1];
	case TLS1_2_VERSION:
		return tls_version_names[TLS_1_2];
	case TLS1_3_VERSION:
		return tls_version_names[TLS_1_3];
	default:
		return SSL_get_version(ssl);
	}
}

static void
name_keep(void *who, const char *name)
{
	struct tls_facts *facts = who;

	if (facts->name_count < TLS_NAMES_MAX)
		memcpy(facts->names[facts->name_count], name,
		    strlen(name) + 1);
	facts->name_count++;
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
cert_fill(struct tls_facts *facts, X509 *cert)
{
	facts->has_cert = true;
	tls_name_text(X509_get_subject_name(cert), facts->subject,
	    sizeof facts->subject);
	tls_name_text(X509_get_issuer_name(cert), facts->issuer,
	    sizeof facts->issuer);
	(void)tls_cert_names(cert, name_keep, facts);
	facts->not_before = unix_time(X509_get0_notBefore(cert));
	facts->not_after = unix_time(X509_get0_notAfter(cert));
	facts->days_left = days_until(facts->not_after, (int64_t)time(NULL));
}

void
tls_facts_fill(struct tls *tls, uint64_t now_us)
{
	struct tls_facts *facts = &tls->facts;
	X509       *cert = SSL_get0_peer_certificate(tls->ssl);
	const char *cipher = SSL_get_cipher_name(tls->ssl);
	struct span why = span_of(tls->trust == NULL ?
	    "verification is off" : tls->fault.text);

	facts->version = version_name(tls->ssl);
	facts->cipher = cipher == NULL ? "" : cipher;
	facts->resumed = SSL_session_reused(tls->ssl) == 1;
	facts->handshake_us = now_us - tls->began_us;
	if (cert != NULL)
		cert_fill(facts, cert);
	/* A session is only kept for who asks the same. */
	facts->verified = cert != NULL && tls->trust != NULL &&
	    (facts->resumed ? SSL_get_verify_result(tls->ssl) == X509_V_OK :
	    tls->trusted && why.len == 0);
	if (facts->verified)
		return;
	if (why.len == 0)
		why = SPAN("it did not hold in the session before");
	why = text_head(why, sizeof facts->why - 1);
	memcpy(facts->why, why.ptr, why.len);
}
