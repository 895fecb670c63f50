/*
 * The table of commands: a new one is a row here and a function in the file of
 * its concern. Order and number of arguments are checked before the function
 * is called. A line's CR before LF is gone already; names are cut at a blank.
 */
#include "base/limits.h"
#include "serve/auth.h"

enum order {
	ORDER_ANY,
	ORDER_SMTP,             /* any time, but not in LMTP */
	ORDER_LMTP,             /* any time, but not in SMTP */
	ORDER_READY,            /* after EHLO, outside a transaction */
	ORDER_MAIL,             /* in a transaction */
	ORDER_RCPT              /* a recipient was accepted */
};
enum arg { ARG_NONE, ARG_MAY, ARG_MUST, ARG_SELF /* checked by the row */ };

static command_call noop, help, rset, quit, missing;

static const struct row {
	const char   *name;
	command_call *call;
	uint8_t       order;            /* enum order */
	uint8_t       arg;              /* enum arg */
	uint16_t      line_max;
	const char   *syntax;           /* for HELP and 501 */
} rows[] = {
	{ "MAIL", envelope_mail, ORDER_READY, ARG_MUST, GUEST_LINE_MAX,
	    "MAIL FROM:<address> [SIZE= BODY= SMTPUTF8 RET= ENVID= BY= "
	    "HOLDFOR= HOLDUNTIL= MT-PRIORITY= AUTH=]" },
	{ "RCPT", envelope_rcpt, ORDER_MAIL, ARG_MUST, GUEST_LINE_MAX,
	    "RCPT TO:<address> [NOTIFY= ORCPT=]" },
	{ "DATA", message_data, ORDER_RCPT, ARG_NONE, GUEST_COMMAND_MAX,
	    "DATA" },
	{ "EHLO", hello_ehlo, ORDER_SMTP, ARG_SELF, GUEST_COMMAND_MAX,
	    "EHLO host" },
	{ "HELO", hello_helo, ORDER_SMTP, ARG_SELF, GUEST_COMMAND_MAX,
	    "HELO host" },
	{ "LHLO", hello_ehlo, ORDER_LMTP, ARG_SELF, GUEST_COMMAND_MAX,
	    "LHLO host" },
	{ "RSET", rset, ORDER_ANY, ARG_NONE, GUEST_COMMAND_MAX, "RSET" },
	{ "NOOP", noop, ORDER_ANY, ARG_MAY, GUEST_COMMAND_MAX,
	    "NOOP [anything]" },
	{ "QUIT", quit, ORDER_ANY, ARG_NONE, GUEST_COMMAND_MAX, "QUIT" },
	{ "VRFY", vrfy_run, ORDER_ANY, ARG_MUST, GUEST_COMMAND_MAX,
	    "VRFY mailbox" },
	{ "HELP", help, ORDER_ANY, ARG_MAY, GUEST_COMMAND_MAX,
	    "HELP [command]" },
	{ "BDAT", chunk_bdat, ORDER_ANY, ARG_MUST, GUEST_COMMAND_MAX,
	    "BDAT size [LAST]" },
	{ "EXPN", list_expn, ORDER_ANY, ARG_MUST, GUEST_COMMAND_MAX,
	    "EXPN list" },
	{ "ETRN", list_etrn, ORDER_READY, ARG_MUST, GUEST_COMMAND_MAX,
	    "ETRN domain" },
	{ "XCLIENT", xclient_run, ORDER_ANY, ARG_MUST, GUEST_LINE_MAX,
	    "XCLIENT name=value ..." },
	{ "XFORWARD", xclient_forward, ORDER_READY, ARG_MUST, GUEST_LINE_MAX,
	    "XFORWARD name=value ..." },
	{ "STARTTLS", hello_starttls, ORDER_ANY, ARG_NONE, GUEST_COMMAND_MAX,
	    "STARTTLS" },
	{ "AUTH", auth_run, ORDER_ANY, ARG_SELF, LIMIT_SASL,
	    "AUTH mechanism [initial-response]" },
	{ "TURN", missing, ORDER_ANY, ARG_MAY, GUEST_COMMAND_MAX, NULL },
	{ "SEND", missing, ORDER_ANY, ARG_MAY, GUEST_COMMAND_MAX, NULL },
	{ "SOML", missing, ORDER_ANY, ARG_MAY, GUEST_COMMAND_MAX, NULL },
	{ "SAML", missing, ORDER_ANY, ARG_MAY, GUEST_COMMAND_MAX, NULL },
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool
is_here(const struct guest *guest, const struct row *row)
{
	return row->order != (guest->server->lmtp ? ORDER_SMTP : ORDER_LMTP);
}

static bool
is_listed(const struct guest *guest, const struct row *row)
{
	return row->syntax != NULL && is_here(guest, row) &&
	    (guest->server->tls || row->call != hello_starttls) &&
	    (guest->server->sasl != NULL || row->call != auth_run);
}

/* BDAT has octets behind it and sees for itself. */
static bool
needs_auth(const struct guest *guest, const struct row *row)
{
	return guest_is_stranger(guest) && (row->order >= ORDER_READY ||
	    row->call == vrfy_run || row->call == list_expn);
}

static const struct row *
row_find(struct span name)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (span_eq_nocase(name, span_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

const char *
command_name(size_t at)
{
	return at < ROWS ? rows[at].name : NULL;
}

/* The code that a fault puts in place of the answer; BDAT has octets behind it
 * and sees for itself. NULL: none. */
static const char *
spoilt(struct guest *guest, const struct row *row)
{
	const char *text = faults_begin(guest->faults, row == NULL ?
	    FAULTS_OTHER : FAULTS_COMMANDS + (uint32_t)(row - rows));

	return row != NULL && row->call == chunk_bdat ? NULL : text;
}

static enum service_next
noop(struct guest *guest, struct span arg, struct buf *out)
{
	(void)arg;
	return guest_answer(guest, out, "250 2.0.0 OK");
}

static enum service_next
rset(struct guest *guest, struct span arg, struct buf *out)
{
	(void)arg;
	guest_reset(guest);
	return guest_answer(guest, out, "250 2.0.0 OK");
}

static enum service_next
quit(struct guest *guest, struct span arg, struct buf *out)
{
	(void)arg;
	(void)guest_answer(guest, out, "221 2.0.0 Bye");
	return SERVICE_CLOSE;
}

static enum service_next
missing(struct guest *guest, struct span arg, struct buf *out)
{
	(void)arg;
	return guest_answer(guest, out,
	    "502 5.5.1 Command not implemented");
}

static enum service_next
help(struct guest *guest, struct span arg, struct buf *out)
{
	const struct row *row = row_find(arg);
	size_t i;

	if (arg.len > 0 && (row == NULL || !is_listed(guest, row)))
		return guest_answer(guest, out, "504 5.5.4 No help on that");
	buf_add_text(out, "214 2.0.0");
	if (row != NULL) {
		buf_add_octet(out, ' ');
		buf_add_text(out, row->syntax);
	}
	for (i = 0; row == NULL && i < ROWS; i++) {
		if (is_listed(guest, &rows[i])) {
			buf_add_octet(out, ' ');
			buf_add_text(out, rows[i].name);
		}
	}
	buf_add(out, SPAN("\r\n"));
	return SERVICE_GO_ON;
}

/* NULL: now is the time for it. */
static const char *
out_of_order(const struct guest *guest, enum order order)
{
	if (order >= ORDER_READY && guest->phase == PHASE_NEW)
		return guest->server->lmtp ? "503 5.5.1 Send LHLO first" :
		    "503 5.5.1 Send EHLO or HELO first";
	if (order >= ORDER_READY && guest->torn)
		return "503 5.5.1 A chunk was refused: send RSET first";
	if (order == ORDER_MAIL && guest->chunked)
		return "503 5.5.1 The message has begun";
	switch (order) {
	case ORDER_ANY:
	case ORDER_SMTP:
	case ORDER_LMTP:
		return NULL;
	case ORDER_READY:
		return guest->phase == PHASE_READY ? NULL :
		    "503 5.5.1 Nested MAIL: send RSET first";
	case ORDER_MAIL:
		return guest->phase >= PHASE_MAIL ? NULL :
		    "503 5.5.1 Send MAIL first";
	case ORDER_RCPT:
		return guest->phase == PHASE_RCPT ? NULL :
		    guest->phase == PHASE_READY ? "503 5.5.1 Send MAIL first" :
		    guest->refused ? guest->server->lmtp ?
		    "503 5.5.1 No valid recipients" :   /* RFC 2033 4.2 */
		    "554 5.5.1 No valid recipients" :
		    "503 5.5.1 Send RCPT first";
	}
	return NULL;
}

static enum service_next
bad_syntax(struct guest *guest, const struct row *row, struct buf *out)
{
	char text[128] = "501 5.5.4 Syntax: ";

	memcpy(text + strlen(text), row->syntax, strlen(row->syntax) + 1);
	return guest_answer(guest, out, text);
}

enum service_next
guest_command(struct guest *guest, struct span line, size_t octets,
    struct buf *out)
{
	size_t            blank = span_chr(line, ' ');
	const struct row *row = row_find(span_sub(line, 0, blank));
	struct span       arg = { "", 0 };
	const char       *wrong;

	if (guest->faults != NULL && (wrong = spoilt(guest, row)) != NULL)
		return guest_say(out, wrong);
	if (octets > (row == NULL ? GUEST_COMMAND_MAX : row->line_max))
		return guest_answer(guest, out, row != NULL &&
		    row->call == auth_run ? auth_too_long :
		    "500 5.5.2 Line too long");
	if (span_chr(line, '\0') != SIZE_MAX)
		return guest_answer(guest, out, "500 5.5.2 NUL in a command");
	if (row != NULL && !is_here(guest, row) && guest->server->lmtp)
		return guest_answer(guest, out, "500 5.5.1 This is LMTP: say "
		    "LHLO");
	if (row == NULL || !is_here(guest, row))
		return guest_answer(guest, out, line.len == 0 ?
		    "500 5.5.2 Empty line" : "500 5.5.1 Command not recognized");
	if (blank != SIZE_MAX)
		arg = span_trim(span_from(line, blank));
	wrong = needs_auth(guest, row) && guest->phase != PHASE_NEW ?
	    guest_stranger : out_of_order(guest, row->order);
	if (wrong != NULL)
		return guest_answer(guest, out, wrong);
	if ((row->arg == ARG_NONE && arg.len > 0) ||
	    (row->arg == ARG_MUST && arg.len == 0))
		return bad_syntax(guest, row, out);
	return row->call(guest, arg, out);
}
