/*
 * Names to addresses, through c-ares (getaddrinfo cannot be cancelled), hosts
 * file included. What a name means is asked once and pinned for the loop's
 * life, so that every session of a run dials the same; those who ask at the
 * same time share one lookup. A failure is not kept: the next who asks may be
 * luckier.
 */
#ifndef QUOTH_NET_DNS_H
#define QUOTH_NET_DNS_H

#include "net/inside.h"
#include "net/waiter.h"

enum { DNS_ADDRESSES = 16 };

struct dns_answer {
	uint32_t       count;           /* 0: `why` says why */
	bool           alias;           /* the name is a CNAME */
	struct address list[DNS_ADDRESSES];     /* families by turns; port 0 */
	char           why[160];        /* "no such host name (DNS: NXDOMAIN)" */
};

/* Who waits for an answer. `call` may free the wait; `answer` is pinned when
 * it has addresses, else for the call. Never called from inside dns_ask(). */
struct dns_wait {
	struct waiter waiter;
	void (*call)(struct dns_wait *wait, const struct dns_answer *answer);
};

/* What is pinned already, or NULL. `resolver`: as in struct endpoint. */
const struct dns_answer *dns_known(const struct loop *loop,
    const char *resolver, const char *name, uint8_t family);

void dns_ask(struct loop *loop, const char *resolver, const char *name,
    uint8_t family, struct dns_wait *wait);
void dns_forget(struct dns_wait *wait); /* call() will not come */

#endif
