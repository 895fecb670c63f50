/*
 * OpenSSL, found when the first handshake wants it. Linked as usual its two
 * libraries cost each start of the program 1 ms and 3 million instructions of
 * relocation, whether or not TLS is ever used. So each function that is called
 * has a stand-in of its own name here, which calls what was found.
 */
#include "base/library.h"
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define LIBRARY_ROWS "net/tls_rows.h"
#include "base/library_rows.h"

static struct library library = {
	.file = "libssl.so.3", .name = "OpenSSL 3", .use = "TLS",
	.class = FAULT_TLS, .rows = rows, .count = sizeof rows / sizeof *rows
};

bool
tls_load(struct fault *fault)
{
	bool first = library.handle == NULL;

	if (!library_find(&library, fault))
		return false;
	if (first)
		tls_pool_begin();
	return true;
}
