/*
 * VRFY: 250 for a mailbox, 550 for none here, 252 where only RCPT will tell
 * (reply-NNN). Takes "alice", "alice@example.test", either in brackets, and
 * SMTPUTF8 behind it (RFC 6531 3.7.4.2).
 */
#include "serve/guest.h"
#include "serve/mailbox.h"

static struct span
without(struct span arg, struct span suffix)
{
	size_t cut = arg.len - suffix.len;

	if (arg.len <= suffix.len ||
	    !span_eq_nocase(span_from(arg, cut), suffix))
		return arg;
	return span_trim(span_sub(arg, 0, cut));
}

/* "alice" alone means alice here. */
static bool
read_mailbox(struct span arg, struct mailpath *address)
{
	if (arg.len >= 2 && arg.ptr[0] == '<' && arg.ptr[arg.len - 1] == '>')
		arg = span_sub(arg, 1, arg.len - 2);
	if (span_chr(arg, '@') != SIZE_MAX)
		return mailpath_mailbox(arg, address);
	*address = (struct mailpath){ .path = arg, .local = arg };
	return arg.len > 0 && arg.len <= MAILPATH_LOCAL_MAX;
}

enum service_next
vrfy_run(struct guest *guest, struct span arg, struct buf *out)
{
	struct mailpath address;
	struct mailbox mailbox;

	if (!read_mailbox(without(arg, SPAN(" SMTPUTF8")), &address))
		return guest_answer(guest, out,
		    "501 5.1.3 Bad address syntax");
	mailbox_find(&address, &mailbox);
	switch (mailbox.kind) {
	case MAILBOX_KNOWN:
		buf_addf(out, "250 2.1.5 <%s@%s>\r\n", mailbox.name,
		    mailbox_domain);
		return SERVICE_GO_ON;
	case MAILBOX_ASKED:
	case MAILBOX_AFTER:
		return guest_answer(guest, out,
		    "252 2.5.2 Cannot verify, try RCPT");
	case MAILBOX_UNKNOWN:
		return guest_answer(guest, out, "550 5.1.1 No such mailbox");
	case MAILBOX_FOREIGN:
		break;
	}
	return guest_answer(guest, out, "550 5.7.1 Relaying is not permitted");
}
