/*
 * OpenSSL, found when the first handshake wants it. Linked as usual its two
 * libraries cost each start of the program 1 ms and 3 million instructions of
 * relocation, whether or not TLS is ever used. So each function that is called
 * has a stand-in of its own name here, which calls what was found.
 */
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <dlfcn.h>

#define GIVES(type, name, params, args) \
	static type (*real_##name) params; \
	type name params { return real_##name args; }
#define CALLS(name, params, args) \
	static void (*real_##name) params; \
	void name params { real_##name args; }
#include "net/tls_rows.h"
#undef GIVES
#undef CALLS

/* POSIX lets a function's address be stored as that of an object. */
static const struct {
	const char *name;
	void      **real;
} rows[] = {
#define GIVES(type, name, params, args) { #name, (void **)&real_##name },
#define CALLS(name, params, args) { #name, (void **)&real_##name },
#include "net/tls_rows.h"
#undef GIVES
#undef CALLS
};

static bool
rows_find(void *library, struct fault *fault)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		*rows[i].real = dlsym(library, rows[i].name);
		if (*rows[i].real == NULL)
			return fault_set(fault, FAULT_TLS, "this machine's "
			    "OpenSSL has no %s: quoth needs OpenSSL 3",
			    rows[i].name);
	}
	return true;
}

bool
tls_load(struct fault *fault)
{
	static void *library;

	if (library != NULL)
		return true;
	library = dlopen("libssl.so.3", RTLD_LAZY | RTLD_LOCAL);
	if (library == NULL)
		return fault_set(fault, FAULT_TLS, "TLS needs OpenSSL 3, "
		    "which is not here: %.150s", dlerror());
	if (rows_find(library, fault)) {
		tls_pool_begin();
		return true;
	}
	(void)dlclose(library);
	library = NULL;
	return false;
}
