/*
 * TLS between a connection and its socket: a handshake as a want, octets that
 * come through OpenSSL, and the two ways in which TLS ends. Plaintext
 * connections come here for nothing but `conn->tls == NULL`.
 */
#include "net/inside.h"
#include "net/tls.h"

#include <errno.h>
#include <sys/socket.h>

enum { SEALED_KEEP = 256 * KIB };

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

void
secure_start(struct seat *seat, const struct want *want)
{
	struct conn *conn = seat->conns[want->conn];

	loop_tick(seat->loop);
	if (conn == NULL || conn->tls != NULL) {
		(void)fault_set(&seat->loop->fault, FAULT_TLS, conn == NULL ?
		    "there is no connection for a TLS handshake" :
		    "the connection has TLS already");
		return;
	}
	conn->tls = tls_client(seat->loop, conn, want->tls,
	    &seat->loop->fault);
	if (conn->tls == NULL)
		return;
	conn->hold = false;
	buf_clear(&seat->loop->sealed);
	(void)tls_shake(conn->tls, (struct span){ NULL, 0 });
	sealed_send(conn);
	if (conn->readable)
		wire_again(seat->loop, &conn->wire);
}

static bool
result_failed(struct seat *seat, struct conn *conn, struct input *in)
{
	if (conn != NULL) {
		if (conn->tls != NULL)
			seat->loop->fault = conn->tls->fault;
		conn_close(conn, false);
	}
	*in = (struct input){ .kind = INPUT_FAILED, .conn = seat->conn,
		.fault = &seat->loop->fault };
	return true;
}

bool
secure_result(struct seat *seat, struct input *in)
{
	struct conn *conn = seat->conns[seat->conn];

	if (conn == NULL || conn->tls == NULL ||
	    conn->tls->state == TLS_FAILED)
		return result_failed(seat, conn, in);
	if (conn->broken != 0 && conn->tls->state == TLS_SHAKES &&
	    !conn->readable) {
		tls_lost(conn->tls, "broke");
		return result_failed(seat, conn, in);
	}
	if (conn->tls->state == TLS_SHAKES)
		return false;
	conn->facts.tls = &conn->tls->facts;
	if (conn->tls->early.len > 0 || conn->tls->over) {
		conn->readable = true;
		wire_again(seat->loop, &conn->wire);
	}
	*in = (struct input){ .kind = INPUT_DONE, .conn = seat->conn,
		.facts = &conn->facts };
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
	return conn->tls->state != TLS_SHAKES && conn->facts.tls == NULL;
}

bool
secure_early(struct conn *conn, struct input *in)
{
	struct tls *tls = conn->tls;
	struct buf *plain = &conn->seat->loop->plain;

	if (tls->state == TLS_SHAKES || (tls->early.len == 0 && !tls->over))
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
		if (over)
			seat_later(conn->seat, SEAT_GO);
		return false;
	}
	if (tls->state == TLS_FAILED)
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
	return closing == CLOSING_FIN || conn->tls->state == TLS_FAILED ?
	    CLOSING_TLS_CUT : closing;
}

bool
secure_lost(struct conn *conn, uint8_t closing)
{
	if (conn->tls->state != TLS_SHAKES)
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
	    conn->tls->state != TLS_OPEN)
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
