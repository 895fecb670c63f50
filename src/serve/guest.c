/*
 * One client: cuts lines, keeps the half of one that is here, hands them on,
 * and counts what the client did wrong. Replies go to `out` in the order of
 * the commands, however many came in one piece.
 *
 * A line ends with LF; CRs before it are dropped (as Postfix does: an LF alone
 * is taken, in commands only). Of a line that is too long only its end is
 * waited for.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "serve/auth.h"

enum service_next
guest_answer(struct guest *guest, struct buf *out, const char *text)
{
	bool wrong = memcmp(text, "50", 2) == 0 || memcmp(text, "555", 3) == 0;

	if (wrong && ++guest->errors >= LIMIT_SERVE_ERRORS) {
		guest_farewell(guest->server, out, "4.7.0",
		    "Too many errors");
		return SERVICE_CLOSE;
	}
	return guest_say(out, text);
}

enum service_next
guest_say(struct buf *out, const char *text)
{
	buf_add_text(out, text);
	buf_add(out, SPAN("\r\n"));
	return SERVICE_GO_ON;
}

bool
guest_hold(struct guest *guest, struct buf *buf, struct span bytes)
{
	struct server *server = guest->server;
	size_t         before = buf->cap;
	bool           fits = buf_add(buf, bytes);

	server->held += buf->cap - before;
	return fits && server->held <= LIMIT_SERVE_HELD;
}

void
guest_farewell(const struct server *server, struct buf *out,
    const char *enhanced, const char *text)
{
	buf_add(out, SPAN("421 "));
	buf_add_text(out, enhanced);
	buf_add_octet(out, ' ');
	buf_add(out, buf_span(&server->host));
	buf_add_octet(out, ' ');
	buf_add_text(out, text);
	buf_add(out, SPAN("\r\n"));
}

void
guest_reset(struct guest *guest)
{
	struct letter *letter = guest->letter;

	if (letter != NULL) {
		guest->server->held -= letter->body.cap +
		    letter->recipients.cap;
		buf_free(&letter->sender);
		buf_free(&letter->recipients);
		buf_free(&letter->body);
		mem_free(letter);
		guest->letter = NULL;
	}
	guest->server->held -= guest->results.cap;
	buf_free(&guest->results);
	if (guest->phase != PHASE_NEW)
		guest->phase = PHASE_READY;
	guest->recipients = 0;
	guest->utf8 = guest->refused = guest->no_room = false;
	guest->binary = guest->chunked = guest->torn = false;
}

const char guest_stranger[] = "530 5.7.0 Authentication required";

bool
guest_is_stranger(const struct guest *guest)
{
	return guest->server->auth_only && !guest->known;
}

static enum service_next
run_line(struct guest *guest, struct span line, struct buf *out)
{
	size_t octets = line.len + 1;

	while (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (guest->phase == PHASE_AUTH)
		return auth_line(guest, line, octets, out);
	return guest_command(guest, line, octets, out);
}

/* The start of a line whose end is not here yet. */
static void
keep_start(struct guest *guest, struct span in)
{
	if (guest->swallowing || buf_add(&guest->line, in))
		return;
	guest->swallows_auth = guest->phase == PHASE_AUTH || span_eq_nocase(
	    span_sub(buf_span(&guest->line), 0, 5), SPAN("AUTH "));
	buf_free(&guest->line);
	guest->swallowing = true;
}

/* The end of a line that came in several pieces. */
static enum service_next
run_kept(struct guest *guest, struct span end, struct buf *out)
{
	enum service_next next;

	keep_start(guest, end);
	if (guest->swallowing) {
		guest->swallowing = false;
		/* Whoever swallowed so much of a response is told by length. */
		if (guest->phase == PHASE_AUTH)
			return auth_line(guest, SPAN(""), SIZE_MAX, out);
		if (guest->faults != NULL)
			(void)faults_begin(guest->faults, FAULTS_OTHER);
		return guest_answer(guest, out, guest->swallows_auth ?
		    auth_too_long : "500 5.5.2 Line too long");
	}
	next = run_line(guest, buf_span(&guest->line), out);
	buf_free(&guest->line);
	return next;
}

static size_t
take_line(struct guest *guest, struct span in, struct buf *out,
    enum service_next *next)
{
	size_t lf = span_chr(in, '\n');

	*next = SERVICE_GO_ON;
	if (lf == SIZE_MAX) {
		keep_start(guest, in);
		return in.len;
	}
	if (guest->line.len > 0 || guest->swallowing)
		*next = run_kept(guest, span_sub(in, 0, lf), out);
	else
		*next = run_line(guest, span_sub(in, 0, lf), out);
	return lf + 1;
}

static size_t
take(struct guest *guest, struct span in, struct buf *out,
    enum service_next *next)
{
	return guest->phase == PHASE_DATA ?
	    message_take(guest, in, out, next) :
	    guest->phase == PHASE_CHUNK ?
	    chunk_take(guest, in, out, next) :
	    take_line(guest, in, out, next);
}

/* With faults, each answer is looked at before the next command is. */
static enum service_next
spoilt_bytes(struct guest *guest, struct span in, struct buf *out)
{
	struct service_pace *pace = &guest->server->service.pace;
	enum service_next    next = SERVICE_GO_ON;

	while (in.len > 0 && next == SERVICE_GO_ON && !guest->faults->muted) {
		size_t from = out->len;

		in = span_from(in, take(guest, in, out, &next));
		if (out->len > from && !out->full)
			next = faults_spoil(guest->faults, out, from, in.len,
			    next, pace);
	}
	return out->full ? SERVICE_DROP : next;
}

enum service_next
guest_bytes(struct guest *guest, struct span in, struct buf *out)
{
	enum service_next next = SERVICE_GO_ON;

	if (guest->faults != NULL)
		return spoilt_bytes(guest, in, out);
	while (in.len > 0 && next == SERVICE_GO_ON)
		in = span_from(in, take(guest, in, out, &next));
	return out->full ? SERVICE_DROP : next;
}
