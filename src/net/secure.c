/*
 * TLS between a connection and its socket: a handshake as a want, octets that
 * come through OpenSSL, and the two ways in which TLS ends. Plaintext
 * connections come here for nothing but `conn->tls == NULL`.
 */
#include "net/inside.h"
#include "net/tls.h"

#include <errno.h>
#include <sys/socket.h>

enum { SEALED_KEEP = 256 * KIB, REFUSE_US = 100 * 1000,
	REFUSE_NONE_US = 25 * 1000, REFUSE_MOST_US = 1000 * 1000 };

/* What OpenSSL wants to send, now or behind what waits already. */
static void
sealed_send(struct conn *conn)
{
	struct buf *sealed = &conn->seat->loop->sealed;

	if (sealed->full)
		conn->broken = ENOBUFS;
	else if (conn->broken == 0 && sealed->len > 0) {
		if (conn->out.len == 0)
			conn_send(conn, buf_span(sealed));
		else
			(void)conn_keep(conn, buf_span(sealed));
	}
	buf_clear(sealed);
}

/* TLS may want the name later, and what holds it now may be gone by then. */
void
secure_remember(struct conn *conn, const struct endpoint *to, bool named)
{
	size_t size = strlen(to->host) + 1;

	conn->embedded = to->embedded;
	if (named)
		conn->host = memcpy(mem_resize(NULL, size), to->host, size);
}

/* Its end is not known yet. */
static bool
shakes(const struct tls *tls)
{
	return tls->state == TLS_SHAKES || tls->waits;
}

void
secure_start(struct seat *seat, const struct want *want)
{
	struct conn *conn = seat->conns[want->conn];

	loop_tick(seat->loop);
	if (conn == NULL || conn->tls != NULL) {
		(void)fault_set(&seat->loop->fault, FAULT_TLS, conn == NULL ?
		    "there is no connection for a TLS handshake" :
		    "the connection has TLS already");
		if (conn != NULL)       /* not DONE: there was none */
			conn_close(conn, false);
		return;
	}
	conn->tls = tls_client(seat->loop, conn, want->tls,
	    &seat->loop->fault);
	if (conn->tls == NULL) {
		seat->loop->fault.class = FAULT_INTERNAL;       /* not begun */
		return;
	}
	conn->tls->shake->patient = want->patient;
	conn->hold = false;
	buf_clear(&seat->loop->sealed);
	(void)tls_shake(conn->tls, (struct span){ NULL, 0 });
	sealed_send(conn);
	if (conn->readable)
		wire_again(seat->loop, &conn->wire);
}

/* ---- a certificate of ours that may yet be refused -------------------------- */

static void
wait_over(void *who)
{
	struct seat *seat = who;
	struct conn *conn = seat->conns[seat->conn];

	if (conn == NULL || conn->tls == NULL)
		return;
	conn->tls->waits = false;
	seat_kick(seat);
}

/* In TLS 1.3 a server says what it thinks of our certificate, or that it has to
 * have one, when the handshake is over on our side: a round trip later, and the
 * time that it takes to look. Most say something at once (a ticket, the
 * greeting). One that says nothing has twice the time that the handshake took,
 * and a tenth of a second; less where we showed none and nobody expects a
 * failure, as some servers ask whoever comes (Exim). */
static void
wait_begin(struct conn *conn)
{
	struct seat *seat = conn->seat;
	uint64_t due_us = seat->loop->slots[seat->slot].due_us;
	uint64_t now_us = seat->loop->now_us;
	uint64_t wait_us = 2 * conn->tls->facts.handshake_us +
	    (conn->tls->gave || conn->tls->shake->patient ? REFUSE_US :
	    REFUSE_NONE_US);

	if (wait_us > REFUSE_MOST_US)
		wait_us = REFUSE_MOST_US;
	if (due_us != 0 && due_us < now_us + 2 * wait_us)
		wait_us = due_us > now_us ? (due_us - now_us) / 2 : 0;
	seat->timer.call = wait_over;
	seat->timer.who = seat;
	timer_set(seat->loop, &seat->timer, now_us + wait_us);
}

static void
wait_end(struct seat *seat)
{
	if (seat->timer.place != SIZE_MAX)
		timer_unset(seat->loop, &seat->timer);
}

static bool
result_failed(struct seat *seat, struct conn *conn, struct input *in)
{
	if (conn != NULL) {
		if (conn->tls != NULL)
			seat->loop->fault = conn->tls->shake->fault;
		conn_close(conn, false);
	}
	*in = (struct input){ .kind = INPUT_FAILED, .conn = seat->conn,
		.fault = &seat->loop->fault };
	return true;
}

/* What a run has to say of TLS is said once. */
static struct span
notes_take(struct loop *loop)
{
	struct span notes = buf_span(&loop->tls_notes);

	loop->tls_notes.len = 0;
	return notes;
}

bool
secure_result(struct seat *seat, struct input *in)
{
	struct conn *conn = seat->conns[seat->conn];

	if (conn != NULL && conn->tls != NULL && conn->broken != 0 &&
	    shakes(conn->tls) && !conn->readable)
		tls_lost(conn->tls, "broke");
	if (conn != NULL && conn->tls != NULL && shakes(conn->tls))
		return false;
	wait_end(seat);
	if (conn == NULL || conn->tls == NULL ||
	    conn->tls->state == TLS_FAILED)
		return result_failed(seat, conn, in);
	conn->facts.tls = &conn->tls->facts;
	if (conn->tls->early.len > 0 || conn->tls->over) {
		conn->readable = true;
		wire_again(seat->loop, &conn->wire);
	}
	tls_told(conn->tls);
	*in = (struct input){ .kind = INPUT_DONE, .conn = seat->conn,
		.facts = &conn->facts, .notes = notes_take(seat->loop) };
	return true;
}

/* What was decrypted; behind it the end, when it was there too. */
static bool
deliver(struct conn *conn, struct span bytes, bool more, struct input *in)
{
	if (!more) {
		conn->ended = true;
		conn->readable = true;
	}
	if (bytes.len == 0 && more)
		return false;
	if (bytes.len == 0)
		return conn_end(conn, in);
	*in = (struct input){ .kind = INPUT_BYTES, .conn = conn->number,
		.all = !conn->readable, .bytes = bytes };
	return true;
}

bool
secure_untold(const struct conn *conn)
{
	return !shakes(conn->tls) && conn->facts.tls == NULL;
}

bool
secure_early(struct conn *conn, struct input *in)
{
	struct tls *tls = conn->tls;
	struct buf *plain = &conn->seat->loop->plain;

	if (shakes(tls) || (tls->early.len == 0 && !tls->over))
		return false;
	buf_clear(plain);
	(void)buf_add(plain, buf_span(&tls->early));
	buf_free(&tls->early);
	(void)deliver(conn, buf_span(plain), !tls->over, in);
	tls->over = false;
	return true;
}

bool
secure_receive(struct conn *conn, struct span got, struct input *in)
{
	struct loop *loop = conn->seat->loop;
	struct tls  *tls = conn->tls;
	bool         more;

	buf_clear(&loop->sealed);
	if (tls->state == TLS_SHAKES) {
		bool over = tls_shake(tls, got);

		sealed_send(conn);
		if (tls->waits)
			wait_begin(conn);
		else if (over)
			seat_later(conn->seat, SEAT_GO);
		return false;
	}
	if (tls->waits) {
		if (tls_wait(tls, got))
			seat_later(conn->seat, SEAT_GO);
		sealed_send(conn);
		return false;
	}
	if (tls->state != TLS_OPEN)
		return false;
	buf_clear(&loop->plain);
	more = tls_open(tls, got, &loop->plain);
	sealed_send(conn);
	return deliver(conn, buf_span(&loop->plain), more, in);
}

uint8_t
secure_closing(struct conn *conn, uint8_t closing)
{
	if (conn->tls->notified)
		return CLOSING_NOTIFY;
	return closing == CLOSING_FIN || conn->tls->state != TLS_OPEN ?
	    CLOSING_TLS_CUT : closing;
}

bool
secure_lost(struct conn *conn, uint8_t closing)
{
	if (!shakes(conn->tls))
		return false;
	tls_lost(conn->tls, closing == CLOSING_RST ? "reset" : "closed");
	conn->eof = true;
	seat_later(conn->seat, SEAT_GO);
	return true;
}

bool
secure_seal(struct conn *conn, struct span *bytes)
{
	struct buf *sealed = &conn->seat->loop->sealed;

	/* The one before was sent or kept. */
	if (sealed->cap > SEALED_KEEP)
		buf_free(sealed);
	buf_clear(sealed);
	if (!tls_seal(conn->tls, *bytes) || sealed->full) {
		conn->broken = EPIPE;
		return false;
	}
	*bytes = buf_span(sealed);
	return true;
}

void
secure_bye(struct conn *conn)
{
	if (conn->broken != 0)
		return;
	buf_clear(&conn->seat->loop->sealed);
	tls_bye(conn->tls);
	sealed_send(conn);
}

void
secure_close(struct conn *conn, bool reset)
{
	if (!reset && conn->out.len == 0 && !conn->reset)
		secure_bye(conn);
	tls_free(conn->tls);
	conn->tls = NULL;
	conn->facts.tls = NULL;
}

void
secure_drop(struct seat *seat)
{
	struct conn *conn = seat->conns[seat->conn];

	if (conn != NULL && conn->tls != NULL &&
	    (conn->tls->state != TLS_OPEN || conn->tls->waits))
		conn_close(conn, false);
}

/* For a TIMEOUT: what it was waiting for. */
const struct fault *
secure_late(struct seat *seat)
{
	const struct conn *conn = seat->conns[seat->conn];

	if (seat->kind != WANT_TLS || conn == NULL || conn->tls == NULL)
		return NULL;
	(void)fault_set(&seat->loop->fault, FAULT_TLS, "the server was silent "
	    "%s", tls_stage(conn->tls));
	return &seat->loop->fault;
}
