/*
 * A library that is found when it is first wanted. Linked as usual a large one
 * costs each start of the program a millisecond of relocation, whether or not
 * it is used. Where many of its functions are called, a file of the folder has a
 * stand-in of each one's own name, which calls what was found here
 * (base/library_rows.h).
 */
#ifndef QUOTH_BASE_LIBRARY_H
#define QUOTH_BASE_LIBRARY_H

#include "base/fault.h"

struct library_row {
	const char *name;       /* of the function */
	void      **real;       /* where its address goes. POSIX lets it be
	                         * stored as that of an object */
};

struct library {
	const char      *file;          /* "libssl.so.3" */
	const char      *name, *use;    /* "OpenSSL 3", "TLS" */
	enum fault_class class;
	const struct library_row *rows;
	size_t           count;
	void            *handle;        /* NULL: not found yet. Never closed */
};

/* At once when it was found before. False with a fault; may be tried again. */
bool library_find(struct library *library, struct fault *fault);

#endif
