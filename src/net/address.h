/*
 * Socket addresses: from literals and paths, and to text. No names here.
 */
#ifndef QUOTH_NET_ADDRESS_H
#define QUOTH_NET_ADDRESS_H

#include "base/span.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

struct address {
	union {
		struct sockaddr     any;
		struct sockaddr_in  v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un  local;
	};
	socklen_t len;
};

/* An IPv4 or IPv6 literal without brackets; "fe80::1%eth0" has a scope. */
bool address_parse(const char *literal, uint16_t port, struct address *out);

/* False when the path is too long for a unix socket. */
bool address_local(const char *path, struct address *out);

/* "127.0.0.1:25", "[::1]:25", "unix:/path"; cut to `size`. */
void address_text(const struct address *address, char *out, size_t size);

/* Such a text taken apart: the host without brackets, and the port. Of a unix
 * socket an empty host and 0. The host is a part of `text`. */
struct span address_split(const char *text, uint16_t *port);

void address_set_port(struct address *address, uint16_t port);
uint16_t address_port(const struct address *address);
/* "connection refused": strerror in the middle of a sentence. One buffer. */
const char *address_errno(int error);
bool address_eq(const struct address *a, const struct address *b);

#endif
