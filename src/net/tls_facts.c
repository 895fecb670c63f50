/* What is told of a handshake that succeeded. */
#include "net/tls.h"

#include "base/text.h"
#include "net/inside.h"

enum { WHY_MAX = 240 };

const char *
tls_version_text(int version)
{
	switch (version) {
	case SSL3_VERSION:
		return "SSLv3";
	case TLS1_VERSION:
		return tls_version_names[TLS_1_0];
	case TLS1_1_VERSION:
		return tls_version_names[TLS_1_1];
	case TLS1_2_VERSION:
		return tls_version_names[TLS_1_2];
	case TLS1_3_VERSION:
		return tls_version_names[TLS_1_3];
	default:
		return "an unknown version";
	}
}

static char *
text_keep(struct span text)
{
	char *copy = mem_alloc(text.len + 1);

	memcpy(copy, text.ptr, text.len);
	return copy;
}

/* As it was verified, in few words: a resumed session has no other. */
static bool
fits(const char *name, const char *host)
{
	struct span rest = span_of(host);
	size_t      dot = span_chr(rest, '.');

	if (span_starts(span_of(name), SPAN("*.")) && dot != SIZE_MAX)
		return span_eq_nocase(span_of(name + 1), span_from(rest, dot));
	return span_eq_nocase(span_of(name), rest);
}

static const char *
name_that_fits(const struct tls_facts *facts, const char *host)
{
	for (uint32_t i = 0; i < facts->name_count && i < TLS_NAMES_MAX; i++)
		if (fits(facts->names[i], host))
			return facts->names[i];
	return NULL;
}

void
tls_facts_fill(struct tls *tls, uint64_t now_us)
{
	struct tls_facts *facts = &tls->facts;
	X509       *cert = SSL_get0_peer_certificate(tls->ssl);
	const char *cipher = SSL_get_cipher_name(tls->ssl);
	struct span why = span_of(tls->trust == NULL ?
	    "verification is off" : tls->shake->fault.text);

	facts->version = tls_version_text(SSL_version(tls->ssl));
	facts->cipher = cipher == NULL ? "" : cipher;
	facts->resumed = SSL_session_reused(tls->ssl) == 1;
	facts->handshake_us = now_us - tls->shake->began_us;
	if (cert != NULL)
		tls_cert_fill(tls, cert);
	/* A session is only kept for who asks the same. */
	facts->verified = cert != NULL && tls->trust != NULL &&
	    (facts->resumed ? SSL_get_verify_result(tls->ssl) == X509_V_OK :
	    tls->shake->trusted && why.len == 0);
	if (facts->verified) {
		facts->fits = name_that_fits(facts, tls->shake->host);
		return;
	}
	if (why.len == 0)
		why = SPAN("it did not hold in the session before");
	facts->why = tls->why = text_keep(text_head(why, WHY_MAX));
}
