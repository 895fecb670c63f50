/*
 * DATA and the octets behind it. Without a maildir they are counted and
 * forgotten. With one they are kept in memory up to the size limit of one
 * message and a limit for all clients together; what is above is still read
 * to its end, so that the one reply after the dot stands where it belongs.
 * The file holds the message octet by octet as it came, CRLF included, below
 * Return-Path, Received and one X-Envelope-To for each recipient.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "serve/guest.h"

#include <errno.h>
#include <time.h>

enum { ID_LEN = 12, NAMES_TRIED = 16 };

enum service_next
message_data(struct guest *guest, struct span arg, struct buf *out)
{
	(void)arg;
	guest->phase = PHASE_DATA;
	guest->dot = DOT_START;
	guest->octets = 0;
	guest->no_room = false;
	return guest_answer(guest, out, "354 End with <CR><LF>.<CR><LF>");
}

/* Frees the body early: a message above a limit needs no memory any more. */
static void
drop_body(struct guest *guest)
{
	guest->server->held -= guest->letter->body.cap;
	buf_free(&guest->letter->body);
}

static void
keep_text(struct guest *guest, struct span text)
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

static void
add_head(const struct guest *guest, const char *id, struct buf *out)
{
	buf_add_text(out, "Return-Path: ");
	buf_add(out, buf_span(&guest->letter->sender));
	buf_add_text(out, "\r\n");
	buf_add(out, buf_span(&guest->letter->recipients));
	buf_addf(out, "Received: from %s (%s)\r\n\tby %.*s with %s id %s;\r\n\t",
	    guest->name, guest->peer, SPAN_ARG(buf_span(&guest->server->host)),
	    guest->utf8 ? guest->secured ? "UTF8SMTPS" : "UTF8SMTP" :
	    guest->extended ? guest->secured ? "ESMTPS" : "ESMTP" : "SMTP",
	    id);
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

static const char *
refusal(struct guest *guest, char *id)
{
	if (guest->octets > guest->server->size_max)
		return "552 5.3.4 Message size above the limit";
	if (guest->no_room)
		return "452 4.3.1 Too much in memory, try later";
	if (guest->letter == NULL)
		make_id(guest->server, id);
	else if (!keep_file(guest, id))
		return "451 4.3.0 Message cannot be kept";
	return NULL;
}

static enum service_next
finish(struct guest *guest, struct buf *out)
{
	char        id[ID_LEN + 1];
	const char *refused = refusal(guest, id);

	guest_reset(guest);
	if (refused != NULL)
		return guest_answer(guest, out, refused);
	guest->errors = 0;
	buf_add(out, SPAN("250 2.0.0 queued as "));
	buf_add(out, (struct span){ id, ID_LEN });
	buf_add(out, SPAN("\r\n"));
	return SERVICE_GO_ON;
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
		keep_text(guest, text);
	}
	guest->dot = (uint8_t)state;
	*next = state == DOT_END ? finish(guest, out) : SERVICE_GO_ON;
	return at;
}
