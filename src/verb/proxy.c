/*
 * The PROXY protocol, versions 1 and 2 (HAProxy, proxy-protocol.txt).
 *
 *   v1 = "PROXY" SP ( ( "TCP4" / "TCP6" ) SP from SP to SP port SP port /
 *        "UNKNOWN" ) CRLF
 *   v2 = signature  %x20 (LOCAL) / %x21 (PROXY)  family  length  addresses
 *
 * Addresses that the author does not give are those of the connection. A UNIX
 * socket has none that version 1 could tell: UNKNOWN.
 */
#include "verb/proxy.h"

#include <arpa/inet.h>
#include <string.h>

enum { UNIX_PATH = 108 };
static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";

/* "192.0.2.1:25", "[2001:db8::1]:25" */
static bool
end_parse(struct span text, struct proxy_end *out)
{
	bool     v6 = span_starts(text, SPAN("["));
	size_t   at = v6 ? span_find(text, SPAN("]:")) : span_chr(text, ':');
	char     host[INET6_ADDRSTRLEN];
	struct span bare;
	uint64_t port;

	if (at == SIZE_MAX)
		return false;
	bare = v6 ? span_sub(text, 1, at - 1) : span_sub(text, 0, at);
	if (bare.len == 0 || bare.len >= sizeof host ||
	    memchr(bare.ptr, '\0', bare.len) != NULL ||
	    !span_u64(span_from(text, at + (v6 ? 2 : 1)), &port) ||
	    port > UINT16_MAX)
		return false;
	memcpy(host, bare.ptr, bare.len);
	host[bare.len] = '\0';
	out->octets = v6 ? 16 : 4;
	out->port = (uint16_t)port;
	return inet_pton(v6 ? AF_INET6 : AF_INET, host, out->address) == 1;
}

static bool
end_read(struct build *build, const struct node *node, struct proxy_end *out)
{
	struct span text;
	bool        late;

	if (!build_text(build, node, &text, &late))
		return false;
	if (late || end_parse(text, out))
		return true;
	build_error(build, node, DIAG_ID_bad_value, "'%s' is no address and "
	    "port: want 192.0.2.1:25 or [2001:db8::1]:25",
	    diag_word(build->diags, text));
	return false;
}

static bool
version_read(struct build *build, const struct node *node,
    struct proxy_ask *out)
{
	struct span text;
	bool        late;

	if (!build_text(build, node, &text, &late))
		return false;
	if (late || span_is(text, "none"))
		return true;
	if (text.len == 1 && (*text.ptr == '1' || *text.ptr == '2')) {
		out->version = (uint8_t)(*text.ptr - '0');
		return true;
	}
	build_error(build, node, DIAG_ID_bad_value, "the PROXY protocol has "
	    "the versions 1 and 2 (none: no header), not '%s'",
	    diag_word(build->diags, text));
	return false;
}

bool
proxy_read(struct build *build, const struct node *node,
    struct proxy_ask *out)
{
	static const struct field fields[] = { { "version", true },
		{ "from", false }, { "to", false }, { "local", false },
		{ NULL, false } };
	const struct node *key;
	bool fine;

	*out = (struct proxy_ask){ 0 };
	if (node->kind == NODE_SCALAR)
		return version_read(build, node, out);
	if (!build_keys(build, node, fields, "proxy"))
		return false;
	fine = version_read(build, node_get(node, "version"), out);
	if ((key = node_get(node, "from")) != NULL)
		fine = end_read(build, key, &out->from) && fine;
	if ((key = node_get(node, "to")) != NULL)
		fine = end_read(build, key, &out->to) && fine;
	if ((key = node_get(node, "local")) != NULL)
		fine = build_bool(build, key, &out->local) && fine;
	if (fine && out->local && (node_get(node, "from") != NULL ||
	    node_get(node, "to") != NULL)) {
		build_error(build, key, DIAG_ID_bad_value, "local says that "
		    "the connection is nobody's, so from and to go nowhere");
		return false;
	}
	if (!fine || out->from.octets == 0 || out->to.octets == 0 ||
	    out->from.octets == out->to.octets)
		return fine;
	build_error(build, node, DIAG_ID_bad_value,
	    "from and to of proxy are of one family: both IPv4 or both IPv6");
	return false;
}

static void
line_add(const struct proxy_end *from, const struct proxy_end *to,
    struct buf *out)
{
	int  family = from->octets == 4 ? AF_INET : AF_INET6;
	char one[INET6_ADDRSTRLEN], other[INET6_ADDRSTRLEN];

	if (from->octets == 0 ||
	    inet_ntop(family, from->address, one, sizeof one) == NULL ||
	    inet_ntop(family, to->address, other, sizeof other) == NULL)
		(void)buf_add_text(out, "PROXY UNKNOWN\r\n");
	else
		(void)buf_addf(out, "PROXY TCP%c %s %s %u %u\r\n",
		    family == AF_INET ? '4' : '6', one, other,
		    (unsigned)from->port, (unsigned)to->port);
}

static void
short_add(uint16_t value, struct buf *out)
{
	(void)buf_add_octet(out, (char)(value >> 8));
	(void)buf_add_octet(out, (char)(value & 255));
}

/* Signature, command, family (high: IPv4, IPv6, UNIX; low: a stream). */
static void
head_add(char command, char family, uint16_t len, struct buf *out)
{
	(void)buf_add(out, SPAN(signature));
	(void)buf_add_octet(out, command);
	(void)buf_add_octet(out, family);
	short_add(len, out);
}

static void
binary_add(const struct proxy_end *from, const struct proxy_end *to,
    struct buf *out)
{
	head_add(0x21, from->octets == 4 ? 0x11 : 0x21,
	    (uint16_t)(from->octets * 2 + 4), out);
	(void)buf_add(out, (struct span){ (const char *)from->address,
	    from->octets });
	(void)buf_add(out, (struct span){ (const char *)to->address,
	    to->octets });
	short_add(from->port, out);
	short_add(to->port, out);
}

static void
path_add(const char *where, struct buf *out)
{
	struct span path = span_of(where);

	path = span_starts(path, SPAN("unix:")) ? span_from(path, 5) :
	    (struct span){ "", 0 };
	path = span_sub(path, 0, UNIX_PATH);
	(void)buf_add(out, path);
	(void)buf_add_fill(out, '\0', UNIX_PATH - path.len);
}

bool
proxy_header(const struct proxy_ask *ask, const struct facts *facts,
    struct buf *out, struct fault *fault)
{
	struct proxy_end from = ask->from, to = ask->to;

	if (from.octets == 0)
		(void)end_parse(span_of(facts->local), &from);
	if (to.octets == 0)
		(void)end_parse(span_of(facts->peer), &to);
	if (ask->local || (from.octets == 0 && to.octets == 0)) {
		from.octets = 0;
	} else if (from.octets != to.octets) {
		return fault_set(fault, FAULT_SCENARIO, "the addresses of "
		    "proxy are of two families: the connection is from %.60s "
		    "to %.60s", facts->local, facts->peer);
	}
	if (ask->version == 1) {
		line_add(&from, &to, out);
	} else if (ask->local) {
		head_add(0x20, 0x00, 0, out);
	} else if (from.octets == 0) {
		head_add(0x21, 0x31, 2 * UNIX_PATH, out);
		path_add(facts->local, out);
		path_add(facts->peer, out);
	} else {
		binary_add(&from, &to, out);
	}
	return true;
}
