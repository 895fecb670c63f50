/*
 * Where to connect: a target URL, read once.
 *
 *   target = scheme "://" host [ ":" port ] [ "/" ] | scheme "+unix:" path
 *          | host ":" port | "embedded"
 *          | "mx://" domain [ ":" port ] [ "?resolver=" servers ]
 */
#ifndef QUOTH_MODEL_ENDPOINT_H
#define QUOTH_MODEL_ENDPOINT_H

#include "base/arena.h"
#include "base/fault.h"

enum family { FAMILY_ANY, FAMILY_IPV4, FAMILY_IPV6 };

struct endpoint {
	struct span url;        /* as given */
	const char *host;       /* name or literal without brackets; path (unix) */
	uint16_t    port;       /* 0 for a unix socket */
	bool        local;      /* a unix socket: host is its path */
	bool        tls;        /* implicit TLS */
	bool        mx;         /* host is a domain: its mail hosts are meant */
	const char *resolver;   /* name servers, "127.0.0.1:5353,..."; "": DNS
	                         * alone, of those of this machine; NULL: as
	                         * any name of this machine */
	bool        embedded;   /* the built-in server; host and port are set by
	                         * whoever started it */
	uint8_t     family;     /* enum family: which addresses to try */
	uint32_t    connect_ms; /* the whole connect phase; 0: the default */
	bool        wants_local;        /* facts.local, whatever it costs */
	const char *from;       /* local address literal to bind, or NULL */
	const char *notes;      /* lines that each connect to it tells: what DNS
	                         * said of a mail host; or NULL */
	bool        mail_host;  /* an MX record names it: it must be no alias */
	const char *proto;      /* protocol's name of the scheme; NULL: bare */
};

/* False with one sentence in `fault`, hint included. Program lifetime in
 * `arena`. */
bool endpoint_parse(struct span url, struct arena *arena,
    struct endpoint *out, struct fault *fault);

/* The scheme of that protocol whose servers speak TLS from the start; NULL:
 * there is none. */
const char *endpoint_tls_scheme(const char *proto);

/* The choices, for "no target" sentences. */
extern const char *const endpoint_choices;

#endif
