/*
 * MAIL and RCPT: the path by the grammar (mailpath.h), then the parameters
 * (mailparam.h), then limits, then who it is (mailbox.h). Blanks between the
 * colon and the path are no SMTP, but every server takes them.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "serve/client.h"
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
begin_letter(struct client *client, struct span sender)
{
	client->letter = mem_alloc(sizeof *client->letter);
	client->letter->sender = buf_new(MAILPATH_PATH_MAX);
	client->letter->recipients = buf_new(LIMIT_SERVE_RECIPIENTS *
	    (MAILPATH_PATH_MAX + sizeof "X-Envelope-To: \r\n"));
	client->letter->body = buf_new(client->server->size_max);
	buf_add(&client->letter->sender, sender);
}

enum service_next
envelope_mail(struct client *client, struct span arg, struct buf *out)
{
	struct mailpath   address;
	struct mailparams params = { 0 };
	const char       *refusal;

	refusal = read_path(arg, MAILPATH_REVERSE, &address, &params);
	if (refusal != NULL)
		return client_answer(client, out, refusal);
	if (address.utf8 && !params.utf8)
		return client_answer(client, out,
		    "553 5.6.7 This sender needs SMTPUTF8");
	if (params.size > client->server->size_max)
		return client_answer(client, out,
		    "552 5.3.4 Message size above the limit");
	client->phase = PHASE_MAIL;
	client->utf8 = params.utf8;
	if (client->server->keeps)
		begin_letter(client, address.path);
	return client_answer(client, out, "250 2.1.0 OK");
}

/* NULL or the reply that refuses: too many, or too many octets of them. */
static const char *
accept_recipient(struct client *client, struct span path)
{
	static const char name[] = "X-Envelope-To: ";
	struct letter *letter = client->letter;

	if (client->recipients >= LIMIT_SERVE_RECIPIENTS)
		return "452 4.5.3 Too many recipients";
	if (letter != NULL) {
		size_t before = letter->recipients.len;

		if (!client_hold(client, &letter->recipients, SPAN(name)) ||
		    !client_hold(client, &letter->recipients, path) ||
		    !client_hold(client, &letter->recipients, SPAN("\r\n"))) {
			letter->recipients.len = before;
			return "452 4.3.1 Too much in memory, try later";
		}
	}
	client->phase = PHASE_RCPT;
	client->recipients++;
	return NULL;
}

/* The reply that the recipient's name asks for. Never counted as an error. */
static enum service_next
answer_asked(struct client *client, const struct mailbox *mailbox,
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
	client->refused = client->refused || class != 2;
	return mailbox->code == 421 ? SERVICE_CLOSE : SERVICE_GO_ON;
}

static enum service_next
decide(struct client *client, const struct mailpath *address, struct buf *out)
{
	struct mailbox mailbox;
	const char    *full;

	mailbox_find(address, &mailbox);
	switch (mailbox.kind) {
	case MAILBOX_KNOWN:
		full = accept_recipient(client, address->path);
		return client_answer(client, out, full != NULL ? full :
		    "250 2.1.5 OK");
	case MAILBOX_ASKED:
		full = mailbox.code >= 300 ? NULL :
		    accept_recipient(client, address->path);
		return full != NULL ? client_answer(client, out, full) :
		    answer_asked(client, &mailbox, out);
	case MAILBOX_UNKNOWN:
		client->refused = true;
		return client_answer(client, out, "550 5.1.1 No such mailbox");
	case MAILBOX_FOREIGN:
		break;
	}
	client->refused = true;
	return client_answer(client, out, "550 5.7.1 Relaying is not permitted");
}

enum service_next
envelope_rcpt(struct client *client, struct span arg, struct buf *out)
{
	struct mailpath   address;
	struct mailparams params = { .utf8 = client->utf8 };
	const char       *refusal;

	refusal = read_path(arg, MAILPATH_FORWARD, &address, &params);
	if (refusal == NULL && address.utf8 && !client->utf8)
		refusal = "553 5.6.7 This recipient needs SMTPUTF8";
	if (refusal == NULL)
		return decide(client, &address, out);
	client->refused = true;
	return client_answer(client, out, refusal);
}
