/*
 * Socket addresses as values. Texts are what people write: IPv6 in brackets
 * as soon as a port follows (RFC 5952 section 6), unix sockets with their
 * prefix.
 */
#include "net/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>

static bool
parse_v6(const char *literal, uint16_t port, struct address *out)
{
	const char *scope = strchr(literal, '%');
	char        text[INET6_ADDRSTRLEN];
	size_t      len = scope == NULL ? strlen(literal)
	    : (size_t)(scope - literal);

	if (len >= sizeof text)
		return false;
	memcpy(text, literal, len);
	text[len] = '\0';
	if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) != 1)
		return false;
	out->v6.sin6_family = AF_INET6;
	out->v6.sin6_port = htons(port);
	if (scope != NULL)
		out->v6.sin6_scope_id = if_nametoindex(scope + 1);
	out->len = sizeof out->v6;
	return scope == NULL || out->v6.sin6_scope_id != 0;
}

bool
address_parse(const char *literal, uint16_t port, struct address *out)
{
	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, literal, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		out->len = sizeof out->v4;
		return true;
	}
	return strchr(literal, ':') != NULL && parse_v6(literal, port, out);
}

bool
address_local(const char *path, struct address *out)
{
	size_t len = strlen(path);

	memset(out, 0, sizeof *out);
	if (len == 0 || len >= sizeof out->local.sun_path)
		return false;
	out->local.sun_family = AF_UNIX;
	memcpy(out->local.sun_path, path, len);
	out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
	return true;
}

static void
text_v4(const struct sockaddr_in *v4, char *out, size_t size)
{
	uint32_t ip = ntohl(v4->sin_addr.s_addr);

	(void)snprintf(out, size, "%u.%u.%u.%u:%u", ip >> 24, ip >> 16 & 255,
	    ip >> 8 & 255, ip & 255, (unsigned)ntohs(v4->sin_port));
}

static void
text_v6(const struct sockaddr_in6 *v6, char *out, size_t size)
{
	char ip[INET6_ADDRSTRLEN] = "?";

	(void)inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof ip);
	(void)snprintf(out, size, "[%s]:%u", ip, (unsigned)ntohs(v6->sin6_port));
}

void
address_text(const struct address *address, char *out, size_t size)
{
	switch (address->any.sa_family) {
	case AF_INET:
		text_v4(&address->v4, out, size);
		return;
	case AF_INET6:
		text_v6(&address->v6, out, size);
		return;
	default:
		break;
	}
	/* An unbound client's address is its family alone. */
	(void)snprintf(out, size, "unix:%.*s",
	    (int)sizeof address->local.sun_path,
	    address->len > offsetof(struct sockaddr_un, sun_path)
	    ? address->local.sun_path : "");
}

struct span
address_split(const char *text, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	uint64_t    number;
	struct span host;

	*port = 0;
	if (colon == NULL || strncmp(text, "unix:", 5) == 0)
		return SPAN("");
	host = (struct span){ text, (size_t)(colon - text) };
	if (span_starts(host, SPAN("[")))
		host = span_sub(host, 1, host.len - 2);
	if (span_u64(span_of(colon + 1), &number) && number <= UINT16_MAX)
		*port = (uint16_t)number;
	return host;
}

void
address_set_port(struct address *address, uint16_t port)
{
	if (address->any.sa_family == AF_INET)
		address->v4.sin_port = htons(port);
	else if (address->any.sa_family == AF_INET6)
		address->v6.sin6_port = htons(port);
}

uint16_t
address_port(const struct address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohs(address->v4.sin_port);
	if (address->any.sa_family == AF_INET6)
		return ntohs(address->v6.sin6_port);
	return 0;
}

bool
address_eq(const struct address *a, const struct address *b)
{
	return a->len == b->len && memcmp(&a->any, &b->any, a->len) == 0;
}

/* Lower case in front, but not where a word is all capitals ("RPC ..."). */
const char *
address_errno(int error)
{
	static char text[128];

	(void)snprintf(text, sizeof text, "%s", strerror(error));
	if (text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a')
		text[0] = (char)(text[0] - 'A' + 'a');
	return text;
}
