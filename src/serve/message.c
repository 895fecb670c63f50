/*
 * DATA and the octets behind it; those of BDAT come from chunk.c. Without a
 * maildir they are counted and forgotten. With one they are kept in memory up
 * to the size limit of one message and a limit for all clients together; what
 * is above is still read to its end, so that the one reply after the dot stands
 * where it belongs.
 * The file holds the message octet by octet as it came, CRLF included, below
 * Return-Path, Received and one X-Envelope-To for each recipient.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "serve/guest.h"

#include <errno.h>
#include <time.h>

enum { ID_LEN = 12, NAMES_TRIED = 16 };

void
message_begin(struct guest *guest)
{
	guest->octets = 0;
	guest->no_room = false;
}

enum service_next
message_data(struct guest *guest, struct span arg, struct buf *out)
{
	(void)arg;
	/* RFC 3030 2 and 3. */
	if (guest->chunked || guest->binary)
		return guest_answer(guest, out, guest->chunked ?
		    "503 5.5.1 The message goes on with BDAT" :
		    "503 5.5.1 BINARYMIME needs BDAT");
	guest->phase = PHASE_DATA;
	guest->dot = DOT_START;
	message_begin(guest);
	return guest_answer(guest, out, "354 End with <CR><LF>.<CR><LF>");
}

/* Frees the body early: a message above a limit needs no memory any more. */
static void
drop_body(struct guest *guest)
{
	guest->server->held -= guest->letter->body.cap;
	buf_free(&guest->letter->body);
}

void
message_keep(struct guest *guest, struct span text)
{
	guest->octets += text.len;
	if (guest->letter == NULL || guest->no_room || text.len == 0)
		return;
	if (guest->octets > guest->server->size_max) {
		drop_body(guest);
	} else if (!guest_hold(guest, &guest->letter->body, text)) {
		guest->no_room = true;
		drop_body(guest);
	}
}

/* Unique within a server: a bijection of the counter, mixed with the seed so
 * that it differs from run to run. 12 digits of 5 bits. */
static void
make_id(struct server *server, char *id)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t value = server->queued++ * UINT64_C(0x9e3779b97f4a7c15) +
	    server->seed;

	value ^= value >> 32 & UINT64_C(0xfffffff);
	for (int i = 0; i < ID_LEN; i++)
		id[i] = digits[value >> (5 * i) & 31];
	id[ID_LEN] = '\0';
}

/* RFC 5322 date-time; strftime would speak the user's language. */
static void
add_date(const struct server *server, struct buf *out)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t    now = server->now == NULL ? 0 : (time_t)server->now();
	struct tm tm;

	if (gmtime_r(&now, &tm) == NULL)
		tm = (struct tm){ .tm_mday = 1, .tm_year = 70, .tm_wday = 4 };
	buf_addf(out, "%s, %02d %s %04d %02d:%02d:%02d +0000",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    1900 + tm.tm_year, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* RFC 3848, RFC 6531 4.3. */
static const char *
protocol(const struct guest *guest)
{
	/* [][]: "S" of TLS, "A" of AUTH */
	static const char *const names[][4] = {
		{ "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA" },
		{ "UTF8SMTP", "UTF8SMTPS", "UTF8SMTPA", "UTF8SMTPSA" },
		{ "LMTP", "LMTPS", "LMTPA", "LMTPSA" },
		{ "UTF8LMTP", "UTF8LMTPS", "UTF8LMTPA", "UTF8LMTPSA" }
	};

	if (!guest->server->lmtp && !guest->utf8 && !guest->extended)
		return "SMTP";
	return names[2 * guest->server->lmtp + guest->utf8]
	    [guest->secured + 2 * guest->known];
}

static void
add_head(const struct guest *guest, const char *id, struct buf *out)
{
	buf_add_text(out, "Return-Path: ");
	buf_add(out, buf_span(&guest->letter->sender));
	buf_add_text(out, "\r\n");
	buf_add(out, buf_span(&guest->letter->recipients));
	buf_addf(out, "Received: from %s (%s)\r\n\tby %.*s with %s id %s;\r\n\t",
	    guest->name, guest->client != NULL ? guest->client : guest->peer,
	    SPAN_ARG(buf_span(&guest->server->host)), protocol(guest), id);
	add_date(guest->server, out);
	buf_add_text(out, "\r\n");
}

/* False: a file error. A name that is taken (by an earlier run with the same
 * seed) is an id that is taken: the next one, then. */
static bool
keep_file(struct guest *guest, char *id)
{
	struct server *server = guest->server;
	struct buf     head = buf_new(guest->letter->recipients.len + 4 * KIB);
	char           name[ID_LEN + sizeof ".quoth"];
	int            error = EEXIST;

	for (int i = 0; i < NAMES_TRIED && error == EEXIST; i++) {
		make_id(server, id);
		memcpy(name, id, ID_LEN);
		memcpy(name + ID_LEN, ".quoth", sizeof ".quoth");
		buf_clear(&head);
		add_head(guest, id, &head);
		error = maildir_keep(&server->maildir, name, buf_span(&head),
		    buf_span(&guest->letter->body));
	}
	buf_free(&head);
	return error == 0;
}

const char *
message_refusal(const struct guest *guest)
{
	if (guest->octets > guest->server->size_max)
		return "552 5.3.4 Message size above the limit";
	if (guest->no_room)
		return "452 4.3.1 Too much in memory, try later";
	return NULL;
}

static const char *
refusal(struct guest *guest, char *id)
{
	const char *certain = message_refusal(guest);

	if (certain != NULL)
		return certain;
	if (guest->letter == NULL || !results_wait(guest))
		make_id(guest->server, id);
	else if (!keep_file(guest, id))
		return "451 4.3.0 Message cannot be kept";
	return NULL;
}

enum service_next
message_finish(struct guest *guest, struct buf *out)
{
	char        id[ID_LEN + 1] = "";
	const char *refused = guest->faults == NULL || guest->chunked ? NULL :
	    faults_begin(guest->faults, FAULTS_BODY);
	enum service_next next;

	if (refused == NULL)
		refused = refusal(guest, id);
	next = results_tell(guest, refused, id, out);
	if (refused == NULL)
		guest->errors = 0;
	guest_reset(guest);
	return next;
}

size_t
message_take(struct guest *guest, struct span in, struct buf *out,
    enum service_next *next)
{
	enum dot_state state = (enum dot_state)guest->dot;
	size_t         at = 0;

	while (at < in.len && state != DOT_END) {
		struct span text;

		at += dot_take(&state, span_from(in, at), &text);
		message_keep(guest, text);
	}
	guest->dot = (uint8_t)state;
	*next = state == DOT_END ? message_finish(guest, out) : SERVICE_GO_ON;
	return at;
}
