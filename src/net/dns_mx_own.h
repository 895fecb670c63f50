/* What dns_mx.c, which asks, and dns_mx_take.c, which reads, share. */
#ifndef QUOTH_NET_DNS_MX_OWN_H
#define QUOTH_NET_DNS_MX_OWN_H

#include "net/mx.h"

/* MX records to hosts, with the notes. `why` where there is none. */
void mx_take(struct mx_answer *answer, const char *domain,
    struct span message);
/* No MX at all: the domain itself. */
void mx_implicit(struct mx_answer *answer, const char *domain);
void mx_take_tlsa(struct mx_host *host, struct span message);
/* TXT of _mta-sts.DOMAIN. */
void mx_take_sts(struct mx_answer *answer, const char *domain,
    struct span message);
/* What is known when the answer is given. */
void mx_note_hosts(struct mx_answer *answer, const char *domain);

#endif
