/*
 * One connection being made; shared by dial.c, which makes it, and dial_why.c,
 * which tells why it could not.
 */
#ifndef QUOTH_NET_DIAL_H
#define QUOTH_NET_DIAL_H

#include "net/dns.h"
#include "net/mx.h"

enum dial_state { DIAL_RESOLVING, DIAL_TRYING, DIAL_WON, DIAL_LOST };

struct dial {
	struct seat           *seat;
	const struct endpoint *to;
	const char            *host;    /* the name; of a mail domain, that
	                                 * of the host that is tried */
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
	bool         alias;             /* that name is one */
	const struct mx_answer *mx;     /* hosts, or NULL: none yet */
	struct mx_wait          mx_wait;
	uint32_t     host_at;           /* which of them */
	struct buf   notes;             /* lines for the author */
	const char  *why;               /* in place of addresses: a sentence */
	char         why_room[200];
};

/* dial.c */
/* Asks for the addresses of dial->host and begins with the first. */
void dial_resolve(struct dial *dial, const char *resolver);
/* With a reason in place of addresses, or NULL. */
void dial_lost(struct dial *dial, const char *why);

/* dial_socket.c: a socket that is on its way; -1 with errno. */
int dial_socket(const struct dial *dial, const struct address *to, bool *open);
/* No descriptor, no room; EAGAIN: a unix socket whose backlog is full. */
bool dial_starving(int error, const struct address *to);

/* dial_mx.c */
void dial_mx(struct dial *dial);
/* True: there is another host, and it is tried. */
bool dial_mx_next(struct dial *dial);
void dial_mx_won(struct dial *dial);

/* dial_why.c: of a DIAL_LOST, in one sentence. */
void dial_why(const struct dial *dial, struct fault *fault);
void dial_why_host(const struct dial *dial, struct fault *fault);

/* The name servers to ask: of a mail domain, DNS alone. */
static inline const char *
to_resolver(const struct endpoint *to)
{
	return to->mx && to->resolver == NULL ? "" : to->resolver;
}

#endif
