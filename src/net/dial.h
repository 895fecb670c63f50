/*
 * One connection being made; shared by dial.c, which makes it, and dial_why.c,
 * which tells why it could not.
 */
#ifndef QUOTH_NET_DIAL_H
#define QUOTH_NET_DIAL_H

#include "net/dns.h"

enum dial_state { DIAL_RESOLVING, DIAL_TRYING, DIAL_WON, DIAL_LOST };

struct dial {
	struct seat           *seat;
	const struct endpoint *to;
	const struct address  *list;    /* ports are not in it */
	struct address         own;     /* a literal's */
	struct address         from;    /* len 0: any */
	struct dns_wait        wait;
	struct timer           timer;
	struct conn           *won;
	uint64_t began_us, named_us, due_us, next_us;
	enum dial_state state;
	uint32_t count, next, live;
	uint32_t limit_ms;
	uint8_t  conn;
	bool     hold, starved, asked;  /* asked: the resolver */
	struct conn *tries[DNS_ADDRESSES];
	int          errors[DNS_ADDRESSES];     /* 0: no answer */
	const char  *why;               /* in place of addresses: a sentence */
	char         why_room[200];
};

/* Of a DIAL_LOST, in one sentence. */
void dial_why(const struct dial *dial, struct fault *fault);

#endif
