/*
 * MAIL and RCPT: the path by the grammar (mailpath.h), then the parameters
 * (mailparam.h), then limits, then who it is (mailbox.h). Blanks between the
 * colon and the path are no SMTP, but every server takes them.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "serve/guest.h"
#include "serve/mailbox.h"
#include "serve/mailparam.h"

/* Behind "FROM:" or "TO:" up to the path; false: that is not what it says. */
static bool
cut_prefix(struct span *arg, struct span prefix)
{
	if (!span_eq_nocase(span_sub(*arg, 0, prefix.len), prefix))
		return false;
	*arg = span_trim(span_from(*arg, prefix.len));
	return arg->len > 0 && arg->ptr[0] == '<';
}

/* The path and the parameters of `arg`. NULL or the reply that refuses. */
static const char *
read_path(struct span arg, enum mailpath_kind kind, struct mailpath *address,
    struct mailparams *params)
{
	bool   from = kind == MAILPATH_REVERSE;
	size_t used;

	if (!cut_prefix(&arg, from ? SPAN("FROM:") : SPAN("TO:")))
		return from ? "501 5.5.4 Syntax: MAIL FROM:<address>" :
		    "501 5.5.4 Syntax: RCPT TO:<address>";
	used = mailpath_read(arg, kind, address);
	if (used == 0 || (used < arg.len && arg.ptr[used] != ' '))
		return from ? "501 5.1.7 Bad sender address syntax" :
		    "501 5.1.3 Bad recipient address syntax";
	return mailparam_read(span_from(arg, used),
	    from ? MAILPARAM_MAIL : MAILPARAM_RCPT, params);
}

static void
begin_letter(struct guest *guest, struct span sender)
{
	guest->letter = mem_alloc(sizeof *guest->letter);
	guest->letter->sender = buf_new(MAILPATH_PATH_MAX);
	guest->letter->recipients = buf_new(LIMIT_SERVE_RECIPIENTS *
	    (MAILPATH_PATH_MAX + sizeof "X-Envelope-To: \r\n"));
	guest->letter->body = buf_new(guest->server->size_max);
	buf_add(&guest->letter->sender, sender);
}

enum service_next
envelope_mail(struct guest *guest, struct span arg, struct buf *out)
{
	struct mailpath   address;
	struct mailparams params = { .secured = guest->secured,
	    .auth = guest->server->sasl != NULL &&
	    (guest->secured || !guest->server->auth_tls) };
	const char       *refusal;

	refusal = read_path(arg, MAILPATH_REVERSE, &address, &params);
	if (refusal != NULL)
		return guest_answer(guest, out, refusal);
	if (address.utf8 && !params.utf8)
		return guest_answer(guest, out,
		    "553 5.6.7 This sender needs SMTPUTF8");
	if (params.size > guest->server->size_max)
		return guest_answer(guest, out,
		    "552 5.3.4 Message size above the limit");
	guest->phase = PHASE_MAIL;
	guest->utf8 = params.utf8;
	guest->binary = params.binary;
	if (guest->server->keeps)
		begin_letter(guest, address.path);
	return guest_answer(guest, out, "250 2.1.0 OK");
}

/* NULL or the reply that refuses: too many, or too many octets of them. The
 * message is kept for those that do not refuse it themselves. */
static const char *
accept_recipient(struct guest *guest, struct span path,
    const struct mailbox *mailbox)
{
	static const char name[] = "X-Envelope-To: ";
	struct letter *letter = guest->letter;
	bool           after = mailbox->kind == MAILBOX_AFTER;
	bool           keeps = !after || mailbox->code < 300;

	if (guest->recipients >= LIMIT_SERVE_RECIPIENTS)
		return "452 4.5.3 Too many recipients";
	if ((after || guest->server->lmtp) && !results_add(guest, path,
	    after ? mailbox->code : 0, (struct span){ mailbox->enhanced,
	    mailbox->enhanced_len }))
		return "452 4.3.1 Too much in memory, try later";
	if (letter != NULL && keeps) {
		size_t before = letter->recipients.len;

		if (!guest_hold(guest, &letter->recipients, SPAN(name)) ||
		    !guest_hold(guest, &letter->recipients, path) ||
		    !guest_hold(guest, &letter->recipients, SPAN("\r\n"))) {
			letter->recipients.len = before;
			return "452 4.3.1 Too much in memory, try later";
		}
	}
	guest->phase = PHASE_RCPT;
	guest->recipients++;
	return NULL;
}

/* The reply that the recipient's name asks for. Never counted as an error. */
static enum service_next
answer_asked(struct guest *guest, const struct mailbox *mailbox,
    struct buf *out)
{
	unsigned class = mailbox->code / 100;

	buf_addf(out, "%u ", (unsigned)mailbox->code);
	if (mailbox->enhanced_len > 0)
		buf_addf(out, "%.*s ", (int)mailbox->enhanced_len,
		    mailbox->enhanced);
	else if (class != 3)
		buf_addf(out, "%u.%s ", class, class == 2 ? "1.5" : "0.0");
	buf_add(out, SPAN("As this recipient asks\r\n"));
	guest->refused = guest->refused || class != 2;
	return mailbox->code == 421 ? SERVICE_CLOSE : SERVICE_GO_ON;
}

static enum service_next
decide(struct guest *guest, const struct mailpath *address, struct buf *out)
{
	struct mailbox mailbox;
	const char    *full;

	mailbox_find(address, &mailbox);
	/* As a submission server would. */
	if (mailbox.kind == MAILBOX_FOREIGN && guest->known)
		mailbox.kind = MAILBOX_KNOWN;
	switch (mailbox.kind) {
	case MAILBOX_KNOWN:
	case MAILBOX_AFTER:
		full = accept_recipient(guest, address->path, &mailbox);
		return guest_answer(guest, out, full != NULL ? full :
		    "250 2.1.5 OK");
	case MAILBOX_ASKED:
		full = mailbox.code >= 300 ? NULL :
		    accept_recipient(guest, address->path, &mailbox);
		return full != NULL ? guest_answer(guest, out, full) :
		    answer_asked(guest, &mailbox, out);
	case MAILBOX_UNKNOWN:
		guest->refused = true;
		return guest_answer(guest, out, "550 5.1.1 No such mailbox");
	case MAILBOX_FOREIGN:
		break;
	}
	guest->refused = true;
	return guest_answer(guest, out, "550 5.7.1 Relaying is not permitted");
}

enum service_next
envelope_rcpt(struct guest *guest, struct span arg, struct buf *out)
{
	struct mailpath   address;
	struct mailparams params = { .utf8 = guest->utf8 };
	const char       *refusal;

	refusal = read_path(arg, MAILPATH_FORWARD, &address, &params);
	if (refusal == NULL && address.utf8 && !guest->utf8)
		refusal = "553 5.6.7 This recipient needs SMTPUTF8";
	if (refusal == NULL)
		return decide(guest, &address, out);
	guest->refused = true;
	return guest_answer(guest, out, refusal);
}
