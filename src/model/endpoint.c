/*
 * Target URLs (quoth(1), TARGETS). A host is an IPv4 literal, an IPv6 literal
 * in brackets, or a name of letters, digits, dots, hyphens and underscores, or
 * an internationalized one, which becomes A-labels here: anything else could be
 * something quite different to a person than to us.
 */
#include "model/endpoint.h"

#include "model/idna.h"

#include <arpa/inet.h>

struct scheme {
	const char *name, *proto;
	uint16_t    port;
	bool        tls, local, mx;
};

/* Only what this build can speak; the others say so. */
static const struct scheme schemes[] = {
	{ "smtp", "smtp", 25, false, false, false },
	{ "smtps", "smtp", 465, true, false, false },
	{ "submission", "smtp", 587, false, false, false },
	{ "smtp+unix", "smtp", 0, false, true, false },
	{ "lmtp", "lmtp", 24, false, false, false },
	{ "lmtp+unix", "lmtp", 0, false, true, false },
	{ "mx", "smtp", 25, false, false, true },
	{ "tcp", "tcp", 0, false, false, false },
	{ "tcp+unix", "tcp", 0, false, true, false },
	{ "tls", "tcp", 0, true, false, false },
};
static const char *const absent[] = { "submissions", "ftp", "ftps", "pop3",
	"pop3s", "imap", "imaps", "nntp", "nntps", "sieve" };
enum { SCHEMES = sizeof schemes / sizeof *schemes,
	ABSENT = sizeof absent / sizeof *absent };

const char *const endpoint_choices =
    "smtp://host[:25], smtps://host[:465], submission://host[:587], "
    "lmtp://host[:24], mx://domain, tcp://host:port, tls://host:port, "
    "smtp+unix:/path (lmtp+unix, tcp+unix), host:port, or embedded";

const char *
endpoint_tls_scheme(const char *proto)
{
	for (size_t i = 0; i < SCHEMES; i++)
		if (schemes[i].tls && strcmp(schemes[i].proto, proto) == 0)
			return schemes[i].name;
	return NULL;
}

static bool
literal_fine(struct span host, int family)
{
	char          text[64];
	unsigned char address[16];
	struct span   bare = span_sub(host, 0, span_chr(host, '%'));

	if (bare.len >= sizeof text || (bare.len < host.len &&
	    host.len - bare.len < 2))
		return false;
	memcpy(text, bare.ptr, bare.len);
	text[bare.len] = '\0';
	return inet_pton(family, text, address) == 1;
}

static bool
octets_fine(struct span host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
		    c == '_'))
			return false;
	}
	return true;
}

/* A name whose last label is a number would be an address to some resolvers:
 * then it must be one. */
static bool
name_fine(struct span host)
{
	struct span rest = host, label = host;
	bool        number = true;

	if (host.len == 0 || host.len > 255 || !octets_fine(host))
		return false;
	if (span_ends(rest, SPAN(".")))
		rest.len--;
	while (span_word(&rest, ".", &label))
		if (label.len == 0 || label.len > 63 || *label.ptr == '-')
			return false;
	for (size_t i = 0; i < label.len; i++)
		number = number && label.ptr[i] >= '0' && label.ptr[i] <= '9';
	return !number || literal_fine(host, AF_INET);
}

static bool
port_read(struct span text, uint16_t *port, struct fault *fault)
{
	uint64_t value;

	if (!span_u64(text, &value) || value == 0 || value > 65535 ||
	    *text.ptr == '0')
		return fault_set(fault, FAULT_SCENARIO,
		    "'%.*s' is no port: want 1 to 65535", SPAN_ARG(text));
	*port = (uint16_t)value;
	return true;
}

/* DNS, SNI and certificates know A-labels alone. */
static bool
name_read(struct span host, struct arena *arena, struct endpoint *out,
    struct fault *fault)
{
	struct buf  ascii = buf_new(256);
	const char *why = NULL;
	bool        fine = octets_fine(host) || !idna_concerns(host) ||
	    idna_ascii(host, &ascii, &why);
	struct span name = ascii.len > 0 ? buf_span(&ascii) : host;

	if (!fine)
		(void)fault_set(fault, FAULT_SCENARIO, "'%.*s' is no host "
		    "name: it %s", SPAN_ARG(host), why);
	else if (name_fine(name))
		out->host = arena_cstr(arena, name);
	else
		(void)fault_set(fault, FAULT_SCENARIO, "'%.*s' is no %s%s",
		    SPAN_ARG(host), octets_fine(name) ?
		    "host name or address" : "host name or address: letters, "
		    "digits, dots and hyphens only",
		    span_chr(host, ':') != SIZE_MAX ?
		    "; an IPv6 address stands in brackets" : "");
	buf_free(&ascii);
	return out->host != NULL;
}

/* host [":" port] with an IPv6 literal in brackets. */
static bool
authority(struct span in, struct arena *arena, struct endpoint *out,
    struct fault *fault)
{
	struct span host = in, port = { NULL, 0 };
	bool        literal = span_starts(in, SPAN("["));
	size_t      at = literal ? span_chr(in, ']') : span_chr(in, ':');

	if (literal && at == SIZE_MAX)
		return fault_set(fault, FAULT_SCENARIO,
		    "'%.*s': the bracket is not closed", SPAN_ARG(in));
	if (literal) {
		host = span_sub(in, 1, at - 1);
		port = span_from(in, at + 1);
		if (port.len > 0 && port.ptr[0] != ':')
			return fault_set(fault, FAULT_SCENARIO, "'%.*s': want "
			    ":port behind the bracket", SPAN_ARG(in));
		port = port.len > 0 ? span_from(port, 1) :
		    (struct span){ NULL, 0 };
	} else if (at != SIZE_MAX) {
		host = span_sub(in, 0, at);
		port = span_from(in, at + 1);
	}
	if (literal && !literal_fine(host, AF_INET6))
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' is no IPv6 "
		    "address", SPAN_ARG(host));
	if (!literal && port.ptr != NULL && span_chr(port, ':') != SIZE_MAX)
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' is no host "
		    "name or address; an IPv6 address stands in brackets",
		    SPAN_ARG(in));
	if (literal)
		out->host = arena_cstr(arena, host);
	else if (!name_read(host, arena, out, fault))
		return false;
	return port.ptr == NULL || port_read(port, &out->port, fault);
}

static const struct scheme *
scheme_find(struct span name, struct fault *fault)
{
	const char *words[SCHEMES];
	const char *near;

	for (size_t i = 0; i < SCHEMES; i++) {
		if (span_eq_nocase(name, span_of(schemes[i].name)))
			return &schemes[i];
		words[i] = schemes[i].name;
	}
	for (size_t i = 0; i < ABSENT; i++)
		if (span_eq_nocase(name, span_of(absent[i]))) {
			(void)fault_set(fault, FAULT_SCENARIO, "the scheme "
			    "'%.*s' is not supported by this version of quoth",
			    SPAN_ARG(name));
			return NULL;
		}
	near = span_nearest(name, words, SCHEMES);
	if (near != NULL)
		(void)fault_set(fault, FAULT_SCENARIO, "unknown scheme "
		    "'%.*s', did you mean '%s'?", SPAN_ARG(name), near);
	else
		(void)fault_set(fault, FAULT_SCENARIO, "unknown scheme "
		    "'%.*s'; want %s", SPAN_ARG(name), endpoint_choices);
	return NULL;
}

static bool
local_read(struct span path, struct arena *arena, struct endpoint *out,
    struct fault *fault)
{
	/* sockaddr_un has 108 octets, one of them for the end. */
	if (path.len == 0 || path.ptr[0] != '/' || path.len > 107)
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' is no socket "
		    "path: want an absolute path of at most 107 octets",
		    SPAN_ARG(path));
	out->local = true;
	out->host = arena_cstr(arena, path);
	return true;
}

/* "127.0.0.1:5353", "[::1]", several with commas. */
static bool
servers_fine(struct span list)
{
	struct span one;

	while (span_word(&list, ",", &one)) {
		struct fault fault;
		uint16_t     port;
		bool         v6 = span_starts(one, SPAN("["));
		size_t       at = v6 ? span_chr(one, ']') :
		    span_chr(one, ':');
		struct span  host = v6 ? span_sub(one, 1, at - 1) :
		    span_sub(one, 0, at);
		struct span  rest = at == SIZE_MAX ? SPAN("") :
		    span_from(one, at + (v6 ? 1 : 0));

		if ((v6 && at == SIZE_MAX) ||
		    !literal_fine(host, v6 ? AF_INET6 : AF_INET))
			return false;
		if (rest.len > 0 && (rest.ptr[0] != ':' ||
		    !port_read(span_from(rest, 1), &port, &fault)))
			return false;
	}
	return true;
}

/* domain [ ":" port ] [ "?resolver=" servers ] */
static bool
domain_read(struct span in, struct arena *arena, struct endpoint *out,
    struct fault *fault)
{
	size_t      at = span_chr(in, '?');
	struct span query = at == SIZE_MAX ? SPAN("") : span_from(in, at + 1);
	struct span domain = span_sub(in, 0, at);
	struct span servers = span_from(query, 9);

	if (span_ends(domain, SPAN("/")))
		domain.len--;
	if (at != SIZE_MAX && (!span_starts(query, SPAN("resolver=")) ||
	    !servers_fine(servers)))
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' is no option "
		    "of mx: want ?resolver=ADDRESS[:PORT]", SPAN_ARG(query));
	if (!authority(domain, arena, out, fault))
		return false;
	if (strchr(out->host, ':') != NULL ||
	    literal_fine(span_of(out->host), AF_INET))
		return fault_set(fault, FAULT_SCENARIO, "'%s' is an address, "
		    "and mx wants a domain", out->host);
	out->mx = true;
	if (at != SIZE_MAX)
		out->resolver = arena_cstr(arena, servers);
	return true;
}

bool
endpoint_parse(struct span url, struct arena *arena, struct endpoint *out,
    struct fault *fault)
{
	size_t colon = span_chr(url, ':');
	size_t slashes = span_find(url, SPAN("://"));
	bool   local;
	const struct scheme *scheme;

	*out = (struct endpoint){ .url = arena_copy(arena, url) };
	if (memchr(url.ptr, '\0', url.len) != NULL)
		return fault_set(fault, FAULT_SCENARIO, "a target has no NUL");
	if (span_is(url, "embedded")) {
		out->embedded = true;
		out->proto = "smtp";
		return true;
	}
	if (span_starts(url, SPAN("unix:")))
		return fault_set(fault, FAULT_SCENARIO, "what is spoken on a "
		    "unix socket has to be said: smtp+unix:/path, lmtp+unix or "
		    "tcp+unix");
	local = colon != SIZE_MAX &&
	    span_ends(span_sub(url, 0, colon), SPAN("+unix"));
	if (slashes == SIZE_MAX && !local) {
		if (!authority(url, arena, out, fault))
			return false;
		if (out->port != 0)
			return true;
		if (span_nearest(url, (const char *const[]){ "embedded" }, 1)
		    != NULL)
			return fault_set(fault, FAULT_SCENARIO, "'%.*s' has no "
			    "port, did you mean 'embedded'?", SPAN_ARG(url));
		return fault_set(fault, FAULT_SCENARIO, "'%.*s' has no port; "
		    "want %s", SPAN_ARG(url), endpoint_choices);
	}
	scheme = scheme_find(span_sub(url, 0, colon), fault);
	if (scheme == NULL)
		return false;
	out->proto = scheme->proto;
	out->tls = scheme->tls;
	out->port = scheme->port;
	if (scheme->local)
		return local_read(span_from(url, colon + 1), arena, out, fault);
	url = span_from(url, slashes + 3);
	if (scheme->mx)
		return domain_read(url, arena, out, fault);
	if (span_ends(url, SPAN("/")))
		url.len--;
	if (!authority(url, arena, out, fault))
		return false;
	return out->port != 0 || fault_set(fault, FAULT_SCENARIO,
	    "'%.*s' has no port, and %s has no usual one",
	    SPAN_ARG(out->url), scheme->name);
}
