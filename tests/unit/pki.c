/* See pki.h. */
#include "pki.h"

#include "base/limits.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

enum { DAY = 24 * 60 * 60 };

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	must(extension != NULL && X509_add_ext(cert, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

static X509 *
cert_make(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signs,
    long from, long until, const char *names)
{
	static long serial = 1;
	X509      *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);

	must(X509_set_version(cert, X509_VERSION_3) == 1);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	(void)X509_gmtime_adj(X509_getm_notBefore(cert), from);
	(void)X509_gmtime_adj(X509_getm_notAfter(cert), until);
	(void)X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	(void)X509_set_issuer_name(cert, issuer == NULL ? subject :
	    X509_get_subject_name(issuer));
	(void)X509_set_pubkey(cert, key);
	if (names != NULL)
		extend(cert, cert, NID_subject_alt_name, names);
	else if (issuer == NULL)
		extend(cert, cert, NID_basic_constraints, "critical,CA:TRUE");
	must(X509_sign(cert, signs, EVP_sha256()) > 0);
	return cert;
}

static void
pem_add(struct buf *out, X509 *cert, EVP_PKEY *key)
{
	BIO  *bio = BIO_new(BIO_s_mem());
	char *text;
	long  len;

	*out = buf_new(MIB);
	must(cert == NULL || PEM_write_bio_X509(bio, cert) == 1);
	must(key == NULL || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0,
	    NULL, NULL) == 1);
	len = BIO_get_mem_data(bio, &text);
	must(buf_add(out, (struct span){ text, (size_t)len }));
	BIO_free(bio);
}

void
pki_make(struct pki *pki)
{
	static const struct { const char *name, *names; long from, until; }
	rows[PKI_KINDS] = {
		[PKI_GOOD] = { "mx.test", "DNS:mx.test,DNS:*.wild.test,"
		    "IP:127.0.0.1", -DAY, 30 * DAY + 60 },
		[PKI_EXPIRED] = { "old.test", "DNS:mx.test,IP:127.0.0.1",
		    -90 * DAY, -2 * DAY + 60 },
		[PKI_NOT_YET] = { "new.test", "DNS:mx.test,IP:127.0.0.1",
		    2 * DAY, 30 * DAY },
		[PKI_WRONG_NAME] = { "other.test", "DNS:a.other.test,"
		    "DNS:b.other.test", -DAY, 30 * DAY },
		[PKI_SELF_SIGNED] = { "self.test", "DNS:mx.test,IP:127.0.0.1",
		    -DAY, 30 * DAY },
		[PKI_OTHER_CA] = { "mx.test", "DNS:mx.test,IP:127.0.0.1",
		    -DAY, 30 * DAY },
		[PKI_NO_NAMES] = { "nameless", NULL, -DAY, 30 * DAY },
		[PKI_CLIENT] = { "alice", "email:alice@example.test", -DAY,
		    30 * DAY },
	};

	pki->ca_key = EVP_EC_gen("P-256");
	pki->other_key = EVP_EC_gen("P-256");
	pki->ca = cert_make("Test CA", pki->ca_key, NULL, pki->ca_key, -DAY,
	    90 * DAY, NULL);
	pki->other_ca = cert_make("Other CA", pki->other_key, NULL,
	    pki->other_key, -DAY, 90 * DAY, NULL);
	for (int i = 0; i < PKI_KINDS; i++) {
		bool other = i == PKI_OTHER_CA, self = i == PKI_SELF_SIGNED;

		pki->keys[i] = EVP_EC_gen("P-256");
		pki->certs[i] = cert_make(rows[i].name, pki->keys[i], self ?
		    NULL : other ? pki->other_ca : pki->ca, self ?
		    pki->keys[i] : other ? pki->other_key : pki->ca_key,
		    rows[i].from, rows[i].until, rows[i].names);
	}
	pem_add(&pki->ca_pem, pki->ca, NULL);
	pem_add(&pki->cert_pem, pki->certs[PKI_CLIENT], NULL);
	pem_add(&pki->key_pem, NULL, pki->keys[PKI_CLIENT]);
	pem_add(&pki->other_pem, pki->certs[PKI_OTHER_CA], NULL);
	pem_add(&pki->other_key_pem, NULL, pki->keys[PKI_OTHER_CA]);
}

void
pki_free(struct pki *pki)
{
	for (int i = 0; i < PKI_KINDS; i++) {
		X509_free(pki->certs[i]);
		EVP_PKEY_free(pki->keys[i]);
	}
	X509_free(pki->ca);
	X509_free(pki->other_ca);
	EVP_PKEY_free(pki->ca_key);
	EVP_PKEY_free(pki->other_key);
	buf_free(&pki->ca_pem);
	buf_free(&pki->cert_pem);
	buf_free(&pki->key_pem);
	buf_free(&pki->other_pem);
	buf_free(&pki->other_key_pem);
}

SSL_CTX *
pki_server(const struct pki *pki, enum pki_kind kind)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	must(SSL_CTX_use_certificate(context, pki->certs[kind]) == 1);
	must(SSL_CTX_use_PrivateKey(context, pki->keys[kind]) == 1);
	return context;
}

SSL *
pki_accept(SSL_CTX *context, int fd)
{
	SSL *ssl = SSL_new(context);

	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		return ssl;
	SSL_free(ssl);
	return NULL;
}
