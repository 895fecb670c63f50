/*
 * One connection of an actor, once it is open: a descriptor, and what the
 * kernel did not take of a write. Octets that come are told out of the loop's
 * one buffer and never kept.
 *
 * Edge-triggered: `readable` remembers an edge until a short read proves that
 * nothing is left. After a FIN, RST or urgent data (at which reads stop short)
 * only EAGAIN or the end proves it.
 */
#include "net/inside.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* A write of the session is bounded by LIMIT_BODY; several may wait. */
enum { OUT_MAX = 2 * LIMIT_BODY };

struct conn *
conn_new(struct seat *seat, int fd, uint8_t number)
{
	struct conn *conn = mem_alloc(sizeof *conn);

	conn->wire.fd = fd;
	conn->wire.ready = conn_ready;
	conn->seat = seat;
	conn->number = number;
	conn->out = buf_new(OUT_MAX);
	return conn;
}

/* FIN only where nothing unread is left: else the kernel sends a RST, which
 * would destroy what the peer has not read of ours. */
static void
unheld(struct conn *conn)
{
	ssize_t got = 1;

	for (int i = 0; i < LOOP_READS && got > 0; i++)
		got = recv(conn->wire.fd, conn->seat->loop->in, LOOP_READ,
		    MSG_DONTWAIT);
}

void
conn_close(struct conn *conn, bool reset)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct seat  *seat = conn->seat;

	if (reset)
		(void)setsockopt(conn->wire.fd, SOL_SOCKET, SO_LINGER, &linger,
		    sizeof linger);
	else if (conn->readable && !conn->eof)
		unheld(conn);
	if (conn->tls != NULL)
		secure_close(conn, reset);
	sasl_forget_conn(conn);
	mem_free(conn->host);
	conn->host = NULL;
	if (seat->conns[conn->number] == conn)
		seat->conns[conn->number] = NULL;
	buf_free(&conn->out);
	wire_bury(seat->loop, &conn->wire);
}

static void
tell_end(struct conn *conn, struct input *in, uint8_t closing)
{
	conn->eof = true;
	conn->readable = false;
	if (conn->tls != NULL)
		closing = secure_closing(conn, closing);
	*in = (struct input){ .kind = INPUT_CLOSED, .conn = conn->number,
		.closing = closing };
}

bool
conn_end(struct conn *conn, struct input *in)
{
	tell_end(conn, in, CLOSING_FIN);
	return true;
}

/* The stream is over; with a handshake under way that is what failed. */
static bool
receive_end(struct conn *conn, struct input *in, uint8_t closing)
{
	conn->readable = false;
	if (conn->tls != NULL && secure_lost(conn, closing))
		return false;
	tell_end(conn, in, closing);
	return true;
}

/* One read; true: there is something to tell. */
static bool
receive(struct conn *conn, struct input *in)
{
	struct loop *loop = conn->seat->loop;
	ssize_t      got;

	if (conn->tls != NULL && secure_untold(conn))
		return false;
	if (conn->tls != NULL && secure_early(conn, in))
		return true;
	if (conn->ended)
		return receive_end(conn, in, CLOSING_FIN);
	do {
		got = recv(conn->wire.fd, loop->in, LOOP_READ, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got > 0) {
		if (got < LOOP_READ && !conn->hup)
			conn->readable = false;
		conn->ended = conn->fin && got < LOOP_READ;
		if (conn->tls != NULL)
			return secure_receive(conn, (struct span){ loop->in,
			    (size_t)got }, in);
		*in = (struct input){ .kind = INPUT_BYTES,
			.conn = conn->number, .all = !conn->readable,
			.bytes = { loop->in, (size_t)got } };
		return true;
	}
	if (got == 0)
		return receive_end(conn, in, conn->reset ? CLOSING_RST :
		    CLOSING_FIN);
	conn->readable = false;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return false;
	conn->broken = errno;
	return receive_end(conn, in, CLOSING_RST);
}

/* One look in front of a write. A peer that never stops talking does not keep
 * us from writing: one buffer, the rest comes in its turn. */
bool
conn_look(struct conn *conn, struct input *in)
{
	bool told;

	if (conn->eof || conn->hold)
		return false;
	told = receive(conn, in);
	if (conn->readable && (told || conn->tls != NULL))
		wire_again(conn->seat->loop, &conn->wire);
	return told;
}

/* For a write that failed. A held connection is let go: the end is near, and
 * the reply may lie behind. */
bool
conn_leftover(struct conn *conn, struct input *in)
{
	if (conn->eof)
		return false;
	conn->hold = false;
	if (receive(conn, in))
		return true;
	tell_end(conn, in, CLOSING_RST);
	return true;
}

struct span
conn_unsent(const struct conn *conn)
{
	return span_from(buf_span(&conn->out), conn->out_at);
}

bool
conn_keep(struct conn *conn, struct span bytes)
{
	if (buf_add(&conn->out, bytes))
		return true;
	conn->broken = ENOBUFS;
	return false;
}

/* Octets that the kernel took; `broken` is set when it never will. */
static size_t
push(struct conn *conn, struct span bytes)
{
	size_t done = 0;

	while (done < bytes.len) {
		ssize_t sent = send(conn->wire.fd, bytes.ptr + done,
		    bytes.len - done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0)
			done += (size_t)sent;
		else if (errno != EINTR)
			break;
	}
	if (done < bytes.len && errno != EAGAIN && errno != EWOULDBLOCK)
		conn->broken = errno;
	loop_tick(conn->seat->loop);
	return done;
}

void
conn_send(struct conn *conn, struct span bytes)
{
	size_t done;

	if (conn->broken != 0)
		return;
	done = push(conn, bytes);
	if (done < bytes.len)
		(void)conn_keep(conn, span_from(bytes, done));
}

void
conn_flush(struct conn *conn)
{
	size_t done = push(conn, conn_unsent(conn));

	conn->out_at += done;
	if (conn->out_at == conn->out.len || conn->broken != 0) {
		buf_free(&conn->out);
		conn->out_at = 0;
	}
}

/* Edges of one event. */
void
conn_note(struct conn *conn, uint32_t events)
{
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI))
		conn->hup = true;
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		conn->readable = !conn->eof;
	conn->fin = (events & EPOLLRDHUP) != 0 &&
	    (events & (EPOLLHUP | EPOLLERR | EPOLLPRI)) == 0;
}

/* Room for more: the outstanding want's octets, or those of one before. */
static void
writable(struct conn *conn)
{
	struct seat *seat = conn->seat;

	if (seat->conn == conn->number && (seat->kind == WANT_WRITE ||
	    seat->kind == WANT_HALF_CLOSE))
		seat_kick(seat);
	else if (conn->broken == 0)
		conn_flush(conn);
}

void
conn_ready(struct loop *loop, struct wire *wire, uint32_t events)
{
	struct conn *conn = (struct conn *)wire;
	struct input in;

	conn_note(conn, events);
	for (int i = 0; i < LOOP_READS && conn->readable && !conn->hold; i++) {
		if (!receive(conn, &in))
			break;
		loop_tick(loop);
		seat_input(conn->seat, &in);
		if (wire->fd < 0)
			return;
		if (conn->seat->turns == 0)     /* it had its stretch */
			break;
	}
	if (conn->readable && !conn->hold)
		wire_again(loop, wire);
	if ((events & EPOLLOUT) && conn->out.len > 0)
		writable(conn);
}
