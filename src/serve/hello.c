/*
 * EHLO, HELO and STARTTLS. The argument should be a domain or an address
 * literal; real clients send much else, so any one word of letters, digits,
 * "-_.:[]" and UTF-8 will do. Replies to EHLO and HELO carry no enhanced code
 * (RFC 2034 4).
 */
#include "base/mem.h"
#include "serve/guest.h"

enum { NAME_MAX_OCTETS = 255 };

static bool
is_name(struct span in)
{
	size_t i = 0;

	while (i < in.len) {
		unsigned char octet = (unsigned char)in.ptr[i];
		bool plain = (octet >= '0' && octet <= '9') ||
		    ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'z') ||
		    (octet > 0 && strchr("-_.:[]", octet) != NULL);
		size_t len = octet < 0x80 ? plain :
		    span_utf8(span_from(in, i), NULL);

		if (len == 0)
			return false;
		i += len;
	}
	return in.len > 0 && in.len <= NAME_MAX_OCTETS;
}

static void
keep_name(struct guest *guest, struct span arg)
{
	mem_free(guest->name);
	guest->name = mem_alloc(arg.len + 1);
	memcpy(guest->name, arg.ptr, arg.len);
}

static enum service_next
greet(struct guest *guest, struct span arg, bool extended, struct buf *out)
{
	const struct server *server = guest->server;

	if (!is_name(arg))
		return guest_answer(guest, out,
		    "501 Want a domain or an address literal");
	if (server->keeps)
		keep_name(guest, arg);
	guest_reset(guest);
	guest->phase = PHASE_READY;
	guest->extended = extended;
	buf_add(out, buf_span(!extended ? &server->helo : &server->ehlo[
	    guest->secured + (guest->bound.len > 0)]));
	return SERVICE_GO_ON;
}

enum service_next
hello_ehlo(struct guest *guest, struct span arg, struct buf *out)
{
	return greet(guest, arg, true, out);
}

enum service_next
hello_helo(struct guest *guest, struct span arg, struct buf *out)
{
	return greet(guest, arg, false, out);
}

/* What follows the line in plaintext is never looked at (RFC 3207 4). */
enum service_next
hello_starttls(struct guest *guest, struct span arg, struct buf *out)
{
	enum service_next next;

	(void)arg;
	if (!guest->server->tls)
		return guest_answer(guest, out,
		    "502 5.5.1 Command not implemented");
	if (guest->secured)
		return guest_answer(guest, out,
		    "503 5.5.1 TLS is in use already");
	next = guest_answer(guest, out, "220 2.0.0 Ready to start TLS");
	return next == SERVICE_GO_ON ? SERVICE_TLS : next;
}
