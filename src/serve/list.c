/*
 * EXPN: one list, team, of alice and bob (RFC 5321 3.5.2). ETRN: the queue of
 * example.test is started, which is empty (RFC 1985 5).
 */
#include "serve/guest.h"
#include "serve/mailbox.h"

enum service_next
list_expn(struct guest *guest, struct span arg, struct buf *out)
{
	size_t at = span_chr(arg, '@');

	if (!span_eq_nocase(span_sub(arg, 0, at), SPAN("team")) ||
	    (at != SIZE_MAX && !span_eq_nocase(span_from(arg, at + 1),
	    span_of(mailbox_domain))))
		return guest_answer(guest, out, "550 5.1.1 No such list");
	buf_addf(out, "250-2.1.5 <alice@%s>\r\n250 2.1.5 <bob@%s>\r\n",
	    mailbox_domain, mailbox_domain);
	return SERVICE_GO_ON;
}

/* "@" and "#" ask for subdomains and for queues by name: none here. */
enum service_next
list_etrn(struct guest *guest, struct span arg, struct buf *out)
{
	bool marked = arg.ptr[0] == '@' || arg.ptr[0] == '#';

	if (!mailpath_domain(span_from(arg, marked)))
		return guest_answer(guest, out,
		    "501 5.5.4 Syntax: ETRN domain");
	if (!span_eq_nocase(arg, span_of(mailbox_domain)))
		return guest_answer(guest, out,
		    "459 4.7.1 No queue for this node");
	return guest_answer(guest, out,
	    "251 2.0.0 No messages wait for node example.test");
}
