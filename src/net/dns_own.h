/*
 * What the files of dns share: a c-ares channel for each set of name servers.
 * `resolver` NULL: as names are looked up on this machine, hosts file, search
 * list and all. Else DNS alone, asked of the servers that it lists, or ("") of
 * this machine's.
 */
#ifndef QUOTH_NET_DNS_OWN_H
#define QUOTH_NET_DNS_OWN_H

#include "net/dns.h"

#include <ares.h>

struct lookup;
struct mx;

struct names {
	struct loop   *loop;
	struct names  *next;            /* of loop->names */
	ares_channel   channel;
	struct timer   tick;            /* c-ares' own timeouts */
	struct lookup *lookups;         /* dns.c */
	struct mx     *mxs;             /* dns_mx.c */
	bool           ready;
	char          *resolver;        /* or NULL */
};

/* dns_channel.c. The channel is made at the first name. */
struct names *names_get(struct loop *loop, const char *resolver);
/* The same, without making one: NULL: there is none. */
struct names *names_find(const struct loop *loop, const char *resolver);
/* Behind every question: c-ares may want to look at its timeouts. */
void names_tick(struct names *names);
/* "no such host name (DNS: NXDOMAIN)" */
const char *names_why(int status);

/* After the channel is gone and everybody was called back. */
void lookups_free(struct names *names);
void mxs_free(struct names *names);

#endif
