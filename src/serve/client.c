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
#include "serve/client.h"

enum service_next
client_answer(struct client *client, struct buf *out, const char *text)
{
	bool wrong = memcmp(text, "50", 2) == 0 || memcmp(text, "555", 3) == 0;

	if (wrong && ++client->errors >= LIMIT_SERVE_ERRORS) {
		client_farewell(client->server, out, "4.7.0",
		    "Too many errors");
		return SERVICE_CLOSE;
	}
	buf_add_text(out, text);
	buf_add(out, SPAN("\r\n"));
	return SERVICE_GO_ON;
}

bool
client_hold(struct client *client, struct buf *buf, struct span bytes)
{
	struct server *server = client->server;
	size_t         before = buf->cap;
	bool           fits = buf_add(buf, bytes);

	server->held += buf->cap - before;
	return fits && server->held <= LIMIT_SERVE_HELD;
}

void
client_farewell(const struct server *server, struct buf *out,
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
client_reset(struct client *client)
{
	struct letter *letter = client->letter;

	if (letter != NULL) {
		client->server->held -= letter->body.cap +
		    letter->recipients.cap;
		buf_free(&letter->sender);
		buf_free(&letter->recipients);
		buf_free(&letter->body);
		mem_free(letter);
		client->letter = NULL;
	}
	if (client->phase != PHASE_NEW)
		client->phase = PHASE_READY;
	client->recipients = 0;
	client->utf8 = client->refused = client->no_room = false;
}

static enum service_next
run_line(struct client *client, struct span line, struct buf *out)
{
	size_t octets = line.len + 1;

	while (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return command_run(client, line, octets, out);
}

/* The start of a line whose end is not here yet. */
static void
keep_start(struct client *client, struct span in)
{
	if (client->swallowing || buf_add(&client->line, in))
		return;
	buf_free(&client->line);
	client->swallowing = true;
}

/* The end of a line that came in several pieces. */
static enum service_next
run_kept(struct client *client, struct span end, struct buf *out)
{
	enum service_next next;

	keep_start(client, end);
	if (client->swallowing) {
		client->swallowing = false;
		return client_answer(client, out, "500 5.5.2 Line too long");
	}
	next = run_line(client, buf_span(&client->line), out);
	buf_free(&client->line);
	return next;
}

static size_t
take_line(struct client *client, struct span in, struct buf *out,
    enum service_next *next)
{
	size_t lf = span_chr(in, '\n');

	*next = SERVICE_GO_ON;
	if (lf == SIZE_MAX) {
		keep_start(client, in);
		return in.len;
	}
	if (client->line.len > 0 || client->swallowing)
		*next = run_kept(client, span_sub(in, 0, lf), out);
	else
		*next = run_line(client, span_sub(in, 0, lf), out);
	return lf + 1;
}

enum service_next
client_bytes(struct client *client, struct span in, struct buf *out)
{
	enum service_next next = SERVICE_GO_ON;

	while (in.len > 0 && next == SERVICE_GO_ON) {
		size_t used = client->phase == PHASE_DATA ?
		    message_take(client, in, out, &next) :
		    take_line(client, in, out, &next);

		in = span_from(in, used);
	}
	return out->full ? SERVICE_DROP : next;
}
