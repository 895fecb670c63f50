/*
 * Records of a DNS answer (RFC 1035 4). Pure, for answers of anybody: what is
 * not whole ends the list.
 */
#ifndef QUOTH_NET_DNS_RECORD_H
#define QUOTH_NET_DNS_RECORD_H

#include "base/span.h"

enum { DNS_CNAME = 5, DNS_MX = 15, DNS_TXT = 16, DNS_TLSA = 52,
	DNS_NAME = 256 };

struct dns_records {
	struct span message;
	size_t      at;
	uint32_t    left;
};

struct dns_record {
	char        name[DNS_NAME];     /* the owner's */
	uint32_t    type;
	struct span rdata;
	size_t      rdata_at;           /* in the message */
};

/* Did not all of it fit (TC, RFC 1035 4.1.1)? */
bool dns_truncated(struct span message);

/* To the answer section. False: this is no answer. */
bool dns_records_begin(struct span message, struct dns_records *out);
bool dns_records_next(struct dns_records *records, struct dns_record *out);

/* The name at `at`, without its last dot; the root is "". What stands in no
 * host name is '?'. The octets it takes there; 0: it is none. */
size_t dns_name(struct span message, size_t at, char out[DNS_NAME]);

#endif
