/*
 * The embedded server's certificate: a CA of one run, whose key is forgotten
 * when it has signed once, and a certificate for this machine's names. Made at
 * the first handshake that needs either; nothing of it is ever written.
 */
#include "net/inside.h"
#include "net/tls_run.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <time.h>

enum { DAY = 24 * 60 * 60, DAYS = 30 };

static bool
extension_add(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX      context;
	X509_EXTENSION *extension;
	bool            fine;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	fine = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return fine;
}

static X509 *
cert_new(const char *name, long serial, EVP_PKEY *key, X509 *issuer)
{
	X509      *cert = X509_new();
	X509_NAME *subject = cert == NULL ? NULL : X509_get_subject_name(cert);

	if (cert == NULL)
		return NULL;
	if (X509_set_version(cert, X509_VERSION_3) == 1 &&
	    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), DAYS * DAY) != NULL &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(cert, issuer == NULL ? subject :
	    X509_get_subject_name(issuer)) == 1 &&
	    X509_set_pubkey(cert, key) == 1)
		return cert;
	X509_free(cert);
	return NULL;
}

static X509 *
authority_new(EVP_PKEY *key)
{
	X509 *cert = cert_new("quoth embedded CA", (long)time(NULL), key, NULL);

	if (cert != NULL && extension_add(cert, cert, NID_basic_constraints,
	    "critical,CA:TRUE") && extension_add(cert, cert, NID_key_usage,
	    "critical,keyCertSign,cRLSign") && extension_add(cert, cert,
	    NID_subject_key_identifier, "hash") &&
	    X509_sign(cert, key, EVP_sha256()) > 0)
		return cert;
	X509_free(cert);
	return NULL;
}

static X509 *
server_new(EVP_PKEY *key, X509 *authority, EVP_PKEY *signs)
{
	X509 *cert = cert_new("localhost", (long)time(NULL) + 1, key,
	    authority);

	if (cert != NULL && extension_add(cert, authority,
	    NID_subject_alt_name, "DNS:localhost,DNS:mx.example.test,"
	    "IP:127.0.0.1,IP:::1") && extension_add(cert, authority,
	    NID_ext_key_usage, "serverAuth") && extension_add(cert, authority,
	    NID_authority_key_identifier, "keyid") &&
	    X509_sign(cert, signs, EVP_sha256()) > 0)
		return cert;
	X509_free(cert);
	return NULL;
}

static EVP_PKEY *
key_new(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY     *key = NULL;

	if (context != NULL && EVP_PKEY_keygen_init(context) == 1 &&
	    EVP_PKEY_CTX_set_group_name(context, "P-256") == 1)
		(void)EVP_PKEY_generate(context, &key);
	EVP_PKEY_CTX_free(context);
	return key;
}

bool
tls_own_make(struct tls_run *run, struct fault *fault)
{
	EVP_PKEY *signs;

	if (run->cert != NULL)
		return true;
	signs = key_new();
	run->key = key_new();
	if (signs != NULL && run->key != NULL)
		run->authority = authority_new(signs);
	if (run->authority != NULL)
		run->cert = server_new(run->key, run->authority, signs);
	EVP_PKEY_free(signs);
	if (run->cert != NULL)
		return true;
	ERR_clear_error();
	X509_free(run->authority);
	EVP_PKEY_free(run->key);
	run->authority = NULL;
	run->key = NULL;
	return fault_set(fault, FAULT_TLS,
	    "OpenSSL makes no certificate for the embedded server");
}

bool
loop_save_ca(struct loop *loop, const char *path, struct fault *fault)
{
	BIO  *bio;
	bool  fine;

	if (!tls_run_begin(loop, fault) || !tls_own_make(loop->tls, fault))
		return false;
	bio = BIO_new_file(path, "w");
	fine = bio != NULL && PEM_write_bio_X509(bio, loop->tls->authority) ==
	    1 && BIO_flush(bio) == 1;
	BIO_free(bio);
	ERR_clear_error();
	return fine || fault_set(fault, FAULT_CONNECT,
	    "cannot write the CA certificate to %.150s: %s", path,
	    strerror(errno));
}
