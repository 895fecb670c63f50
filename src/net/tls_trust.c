/*
 * Whom to trust where a step does not say it: the file or folder of --ca, else
 * this machine's CAs. A bundle costs 25 ms to read, a hashed folder nothing
 * until a CA is looked for: it comes first.
 */
#include "net/inside.h"
#include "net/tls_run.h"

#include <openssl/err.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* "1a2b3c4d.0", as `openssl rehash` makes them. */
static bool
is_hash(const char *name)
{
	struct span word = span_of(name);

	for (size_t i = 0; i < 8; i++)
		if (i >= word.len || span_hex(word.ptr[i]) < 0)
			return false;
	return word.len > 9 && word.ptr[8] == '.' && word.ptr[9] >= '0' &&
	    word.ptr[9] <= '9';
}

static bool
folder_hashed(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	bool found = false;

	while (folder != NULL && !found && (entry = readdir(folder)) != NULL)
		found = is_hash(entry->d_name);
	if (folder != NULL)
		(void)closedir(folder);
	return found;
}

/* A pipe or a terminal would be waited for. */
static bool
is_file(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static X509_STORE *
store_of(const char *path, bool hashed)
{
	X509_STORE *store = X509_STORE_new();

	ERR_clear_error();
	if (store != NULL && (hashed ? X509_STORE_load_path(store, path) != 1 :
	    !is_file(path) || X509_STORE_load_file(store, path) != 1)) {
		X509_STORE_free(store);
		store = NULL;
	}
	ERR_clear_error();
	return store;
}

/* Every certificate in a folder without hashes; how many. */
static size_t
folder_load(X509_STORE *store, const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	size_t count = 0;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		struct span name = span_of(entry->d_name);
		struct buf  whole = buf_new(4096);

		if (span_ends(name, SPAN(".pem")) ||
		    span_ends(name, SPAN(".crt")) ||
		    span_ends(name, SPAN(".cer"))) {
			(void)buf_addf(&whole, "%s/%s", path, entry->d_name);
			(void)buf_add_octet(&whole, '\0');
			if (!whole.full && is_file(whole.ptr) &&
			    X509_STORE_load_file(store, whole.ptr) == 1)
				count++;
		}
		buf_free(&whole);
	}
	ERR_clear_error();
	if (folder != NULL)
		(void)closedir(folder);
	return count;
}

/* A file or a folder of certificates. */
static X509_STORE *
path_store(const char *path, struct fault *fault)
{
	struct stat info;
	X509_STORE *store;

	if (stat(path, &info) != 0 || access(path, R_OK) != 0) {
		(void)fault_set(fault, FAULT_TLS, "%.150s cannot be read: %s",
		    path, strerror(errno));
		return NULL;
	}
	if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)) {
		(void)fault_set(fault, FAULT_TLS, "%.150s is neither a file nor "
		    "a folder", path);
		return NULL;
	}
	if (!S_ISDIR(info.st_mode) || folder_hashed(path)) {
		store = store_of(path, S_ISDIR(info.st_mode));
		if (store == NULL)
			(void)fault_set(fault, FAULT_TLS, "%.150s holds no "
			    "certificates: want PEM (BEGIN CERTIFICATE)", path);
		return store;
	}
	store = X509_STORE_new();
	if (store != NULL && folder_load(store, path) > 0)
		return store;
	X509_STORE_free(store);
	(void)fault_set(fault, FAULT_TLS, "there are no certificates in "
	    "%.150s: neither hashed names nor *.pem, *.crt, *.cer", path);
	return NULL;
}

/* What is known to be where distributions keep them. */
static X509_STORE *
machine_store(void)
{
	static const char *const bundles[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem" };
	const char *folder = getenv(X509_get_default_cert_dir_env());
	const char *file = getenv(X509_get_default_cert_file_env());
	X509_STORE *store = NULL;

	bool known = false;

	for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++)
		known = known || (file != NULL &&
		    strcmp(file, bundles[i]) == 0);
	/* The machine's own bundle says what its folder says. */
	if (file != NULL && *file != '\0' && !(known && folder != NULL &&
	    folder_hashed(folder)))
		return store_of(file, false);
	if (folder == NULL || *folder == '\0')
		folder = X509_get_default_cert_dir();
	if (folder_hashed(folder))
		return store_of(folder, true);
	if (folder_hashed("/etc/ssl/certs"))
		return store_of("/etc/ssl/certs", true);
	store = store_of(X509_get_default_cert_file(), false);
	for (size_t i = 0; i < sizeof bundles / sizeof *bundles &&
	    store == NULL; i++)
		store = store_of(bundles[i], false);
	return store;
}

bool
tls_trust_system(struct loop *loop, struct fault *fault)
{
	struct tls_run *run = loop->tls;
	const char     *file = getenv(X509_get_default_cert_file_env());

	run->system.store = loop->tls_ca != NULL ?
	    path_store(loop->tls_ca, fault) : machine_store();
	if (run->system.store != NULL)
		return true;
	if (loop->tls_ca != NULL)
		return false;
	if (file != NULL && *file != '\0')
		return fault_set(fault, FAULT_TLS, "%.150s, which %s names, "
		    "holds no certificates: want PEM (BEGIN CERTIFICATE)", file,
		    X509_get_default_cert_file_env());
	return fault_set(fault, FAULT_TLS, "this machine has no CA "
	    "certificates to verify with: name some with --ca");
}

bool
loop_trust(struct loop *loop, const char *path, struct fault *fault)
{
	loop->tls_ca = path;
	return tls_run_begin(loop, fault) && tls_trust_system(loop, fault);
}
