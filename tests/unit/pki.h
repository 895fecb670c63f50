/*
 * Certificates made for a test, and a TLS server on a descriptor: what a peer
 * thread does (fake_actor.h). Kinds of certificates say what is wrong.
 */
#ifndef QUOTH_TESTS_PKI_H
#define QUOTH_TESTS_PKI_H

#include "base/buf.h"

#include <openssl/ssl.h>

enum pki_kind { PKI_GOOD, PKI_EXPIRED, PKI_NOT_YET, PKI_WRONG_NAME,
	PKI_SELF_SIGNED, PKI_OTHER_CA, PKI_NO_NAMES, PKI_CLIENT, PKI_KINDS };

struct pki {
	EVP_PKEY *keys[PKI_KINDS];
	X509     *certs[PKI_KINDS];
	EVP_PKEY *ca_key, *other_key;
	X509     *ca, *other_ca;
	struct buf ca_pem, cert_pem, key_pem;   /* of PKI_CLIENT */
	struct buf other_pem, other_key_pem;    /* of PKI_OTHER_CA */
};

void pki_make(struct pki *pki);
void pki_free(struct pki *pki);

/* A context for a server of that kind. */
SSL_CTX *pki_server(const struct pki *pki, enum pki_kind kind);
/* SSL_accept() on the descriptor; NULL: it failed. */
SSL *pki_accept(SSL_CTX *context, int fd);

#endif
