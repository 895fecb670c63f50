/* Inside of secret.c, secret_search.c and secret_decode.c. */
#ifndef QUOTH_BASE_SECRET_OWN_H
#define QUOTH_BASE_SECRET_OWN_H

#include "base/secret.h"

/* A needle that ends at a node. */
struct hit {
	uint32_t len;           /* 0: none */
	uint16_t secret;        /* whose */
	uint8_t  edges;         /* enum edge: base64 neighbours to take along */
};
enum edge { EDGE_BEFORE = 1, EDGE_BEHIND = 2 };

struct node {
	uint32_t      child, sibling;   /* 0: none */
	uint32_t      fail;
	struct hit    own;
	struct hit    best;     /* the longest that ends here: own, or fail's */
	unsigned char octet;
	bool          stale;    /* of the root: fail and best are to be made */
};

struct redactor {
	struct node *nodes;     /* 0 is the root */
	uint32_t     count, room;
	uint32_t     roots[256];
	struct span *names;
	size_t       secrets, longest;
};

/* Makes what a search needs; once for however many secrets were added. */
void secret_build(const struct redactor *redactor);

/* The automaton's next node. */
uint32_t secret_step(const struct redactor *redactor, uint32_t at,
    unsigned char octet);

/* Zeroes, and the optimiser keeps it. */
void secret_wipe(void *ptr, size_t size);

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
