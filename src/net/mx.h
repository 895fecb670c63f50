/*
 * The mail hosts of a domain: its MX records in the order of their
 * preferences, or the domain itself where it has none (RFC 5321 5.1). What
 * else the DNS has to say for mail (TLSA of each host, MTA-STS) stands in the
 * notes. Asked once and pinned for the loop's life, as addresses are.
 */
#ifndef QUOTH_NET_MX_H
#define QUOTH_NET_MX_H

#include "net/dns_record.h"
#include "net/inside.h"
#include "net/waiter.h"

/* More are not tried: each may take the whole connect timeout. */
enum { MX_HOSTS = 10 };

struct mx_host {
	char     name[DNS_NAME];
	uint16_t preference;
	char     tlsa[120];             /* "3 1 1, 2 1 1"; empty: none known */
};

struct mx_answer {
	uint32_t       count;           /* 0: `why` says why */
	bool           implicit;        /* the domain itself: no MX */
	struct mx_host hosts[MX_HOSTS];
	char           why[160];
	struct buf     notes;           /* lines, each with its LF */
};

/* As a dns_wait. */
struct mx_wait {
	struct waiter waiter;
	void (*call)(struct mx_wait *wait, const struct mx_answer *answer);
};

/* "TLSA of mx1.example.test: 3 1 1 ...", where there is any. */
void mx_note_tlsa(const struct mx_host *host, struct buf *notes);

const struct mx_answer *mx_known(const struct loop *loop,
    const struct endpoint *to);
void mx_ask(struct loop *loop, const struct endpoint *to,
    struct mx_wait *wait);
void mx_forget(struct mx_wait *wait);

#endif
