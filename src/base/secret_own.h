/* Inside of secret.c and secret_decode.c: what a search found. */
#ifndef QUOTH_BASE_SECRET_OWN_H
#define QUOTH_BASE_SECRET_OWN_H

#include "base/secret.h"

struct mark {
	size_t   end;           /* behind the longest find that starts here; 0 */
	uint16_t secret;
};

struct marks {
	struct mark *rows;      /* one for each octet; NULL: nothing found yet */
	size_t       len;
};

/* Which octets of the marked text a decoded one was made of. */
struct origin {
	size_t from, end;
};

/* Marks what is found; `origins` NULL: `text` is the marked one itself. */
void secret_search(const struct redactor *redactor, struct span text,
    const struct origin *origins, struct marks *marks);

/* Decodes the escapes that `text` holds, each kind by itself, and searches
 * what comes out. */
void secret_decoded(const struct redactor *redactor, struct span text,
    struct marks *marks);

#endif
