/*
 * The header of the PROXY protocol, which `connect` may send before anything
 * else: whose connection this is said to be.
 */
#ifndef QUOTH_VERB_PROXY_H
#define QUOTH_VERB_PROXY_H

#include "model/build.h"
#include "model/want.h"

struct proxy_end {
	uint8_t       octets;           /* 4, 16; 0: the connection's own */
	unsigned char address[16];
	uint16_t      port;
};

struct proxy_ask {
	uint8_t          version;       /* 1, 2; 0: no header */
	bool             local;         /* LOCAL, UNKNOWN: nobody's */
	struct proxy_end from, to;
};

/* 1, 2, none, or { version, from, to, local }. */
bool proxy_read(struct build *build, const struct node *node,
    struct proxy_ask *out);

/* The header for a connection, into `out`. False: its addresses and those of
 * the author are of two families. */
bool proxy_header(const struct proxy_ask *ask, const struct facts *facts,
    struct buf *out, struct fault *fault);

#endif
