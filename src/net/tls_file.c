/*
 * PEM files that authors name: certificates to trust, a certificate of our own
 * and its key. They are checked while loading, so that a wrong file is an error
 * at its place in the scenario and not a handshake that fails.
 */
#include "net/tls.h"

#include "net/inside.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static BIO *
bio_of(struct span pem)
{
	return BIO_new_mem_buf(pem.ptr, (int)pem.len);
}

/* Nobody is asked for a passphrase: in a run nobody is there. */
static int
no_passphrase(char *out, int size, int writing, void *who)
{
	(void)out, (void)size, (void)writing;
	*(bool *)who = true;
	return -1;
}

static bool
is_end(void)
{
	unsigned long error = ERR_peek_last_error();
	bool end = ERR_GET_LIB(error) == ERR_LIB_PEM &&
	    ERR_GET_REASON(error) == PEM_R_NO_START_LINE;

	ERR_clear_error();
	return end;
}

X509_STORE *
tls_file_store(struct span pem, struct fault *fault)
{
	X509_STORE *store = X509_STORE_new();
	BIO        *bio = bio_of(pem);
	X509       *cert;
	size_t      count = 0;
	bool        fine = store != NULL && bio != NULL;

	ERR_clear_error();
	while (fine && (cert = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL)) !=
	    NULL) {
		fine = X509_STORE_add_cert(store, cert) == 1;
		X509_free(cert);
		count++;
	}
	fine = fine && is_end() && count > 0;
	BIO_free(bio);
	if (fine)
		return store;
	X509_STORE_free(store);
	(void)fault_set(fault, FAULT_TLS, count == 0 ?
	    "there is no certificate in it: want PEM (BEGIN CERTIFICATE)" :
	    "certificate %zu in it is damaged", count + 1);
	return NULL;
}

void
tls_file_free(struct credentials *credentials)
{
	X509_free(credentials->cert);
	sk_X509_pop_free(credentials->chain, X509_free);
	EVP_PKEY_free(credentials->key);
	*credentials = (struct credentials){ 0 };
}

static bool
cert_read(struct span pem, struct credentials *out, struct fault *fault)
{
	BIO  *bio = bio_of(pem);
	X509 *above;
	bool  fine;

	ERR_clear_error();
	out->chain = sk_X509_new_null();
	out->cert = bio == NULL ? NULL : PEM_read_bio_X509_AUX(bio, NULL, NULL,
	    NULL);
	fine = out->cert != NULL && out->chain != NULL;
	while (fine && (above = PEM_read_bio_X509(bio, NULL, NULL, NULL)) !=
	    NULL)
		fine = sk_X509_push(out->chain, above) > 0;
	fine = fine && is_end();
	ERR_clear_error();
	BIO_free(bio);
	return fine || fault_set(fault, FAULT_TLS, out->cert == NULL ?
	    "there is no certificate in it: want PEM (BEGIN CERTIFICATE)" :
	    "the certificates in it are damaged");
}

static bool
key_read(struct span pem, bool own_file, struct credentials *out,
    struct fault *fault)
{
	bool  locked = false;
	BIO  *bio = bio_of(pem);

	ERR_clear_error();
	out->key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL,
	    no_passphrase, &locked);
	BIO_free(bio);
	ERR_clear_error();
	if (out->key == NULL)
		return fault_set(fault, FAULT_TLS, locked ?
		    "the key in it needs a passphrase: store it without one" :
		    own_file ? "there is no private key in it: want PEM "
		    "(BEGIN PRIVATE KEY)" : "there is no private key in it, "
		    "and no 'key' names another file");
	if (X509_check_private_key(out->cert, out->key) == 1)
		return true;
	ERR_clear_error();
	return fault_set(fault, FAULT_TLS,
	    "the key is not that of the certificate");
}

bool
tls_file_credentials(const struct tls_ask *ask, struct credentials *out,
    uint8_t *part, struct fault *fault)
{
	bool own = ask->key.len > 0, fine;

	*out = (struct credentials){ 0 };
	*part = TLS_PART_CERT;
	fine = cert_read(ask->cert, out, fault);
	if (fine) {
		*part = TLS_PART_KEY;
		fine = key_read(own ? ask->key : ask->cert, own, out, fault);
	}
	if (!fine)
		tls_file_free(out);
	return fine;
}

bool
loop_tls_check(const struct tls_ask *ask, uint8_t *part, struct fault *fault)
{
	struct credentials credentials;
	X509_STORE *store;

	*part = TLS_PART_CERT;
	if (ask->ca.len + ask->cert.len > 0 && !tls_load(fault))
		return false;
	if (ask->ca.len > 0) {
		*part = TLS_PART_CA;
		store = tls_file_store(ask->ca, fault);
		if (store == NULL)
			return false;
		X509_STORE_free(store);
	}
	if (ask->cert.len == 0)
		return true;
	if (!tls_file_credentials(ask, &credentials, part, fault))
		return false;
	tls_file_free(&credentials);
	return true;
}

/* ---- files of the run itself ------------------------------------------------ */

/* An errno, or 0. A pipe or a terminal would be waited for: EINVAL. */
static int
pem_fill(int fd, struct buf *out)
{
	struct stat info;
	ssize_t     got = 1;
	char       *room;

	if (fstat(fd, &info) != 0)
		return errno;
	if (!S_ISREG(info.st_mode))
		return S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
	while (got > 0 && (room = buf_room(out, 4096)) != NULL) {
		do {
			got = read(fd, room, 4096);
		} while (got < 0 && errno == EINTR);
		if (got < 0)
			return errno;
		out->len += (size_t)got;
	}
	return 0;
}

static bool
pem_read(const char *option, const char *path, struct buf *out,
    struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int error = errno;

	*out = buf_new(LIMIT_TLS_FILE);
	if (fd >= 0) {
		error = pem_fill(fd, out);
		(void)close(fd);
	}
	if (error != 0)
		return fault_set(fault, FAULT_TLS, "%s: %.150s cannot be read: "
		    "%s", option, path, error == EINVAL ? "it is no file" :
		    strerror(error));
	return !out->full || fault_set(fault, FAULT_TLS, "%s: %.150s is "
	    "larger than the limit of 1 MiB for certificates", option, path);
}

bool
loop_present(struct loop *loop, const char *cert, const char *key,
    struct fault *fault)
{
	struct tls_ask ask = { .verify = false };
	struct fault   why;
	uint8_t        part;

	if (!pem_read("--cert", cert, &loop->tls_cert, fault) || (key != NULL &&
	    !pem_read("--key", key, &loop->tls_key, fault)))
		return false;
	ask.cert = buf_span(&loop->tls_cert);
	ask.key = buf_span(&loop->tls_key);
	if (ask.cert.len == 0 || (key != NULL && ask.key.len == 0))
		return fault_set(fault, FAULT_TLS, "%s: %.150s is empty",
		    ask.cert.len == 0 ? "--cert" : "--key",
		    ask.cert.len == 0 ? cert : key);
	if (loop_tls_check(&ask, &part, &why))
		return true;
	return fault_set(fault, FAULT_TLS, "%s: %.100s: %s", key != NULL &&
	    part == TLS_PART_KEY ? "--key" : "--cert", key != NULL && part ==
	    TLS_PART_KEY ? key : cert, why.text);
}
