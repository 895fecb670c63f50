/*
 * What a want does. take: begins it. advance: whether the outstanding one has
 * something to tell by now; every result comes from there, so that results
 * known at once and results that come later take the same way.
 */
#include "net/inside.h"

#include <errno.h>
#include <sys/socket.h>

static bool
done(struct seat *seat, struct input *in)
{
	*in = (struct input){ .kind = INPUT_DONE, .conn = seat->conn };
	seat->kind = WANT_NOTHING;
	seat_due(seat, 0);
	return true;
}

static bool
failed(struct seat *seat, struct input *in)
{
	*in = (struct input){ .kind = INPUT_FAILED, .conn = seat->conn,
		.unsent = seat->kind == WANT_WRITE,
		.fault = &seat->loop->fault };
	seat->kind = WANT_NOTHING;
	seat_due(seat, 0);
	return true;
}

static bool
not_open(struct seat *seat, struct input *in)
{
	(void)fault_set(&seat->loop->fault, FAULT_CONNECT,
	    "there is no connection to write to");
	return failed(seat, in);
}

/* At once, or when the turn was long already: the octets are kept and the
 * seat waits in the queue. Octets of an earlier write that still wait go
 * first: what was handed over is never torn. */
static bool
take_write(struct seat *seat, const struct want *want, struct input *in)
{
	struct conn *conn = seat->conns[want->conn];
	struct span  bytes = want->bytes;

	if (conn == NULL)
		return not_open(seat, in);
	if (conn->tls != NULL && !secure_seal(conn, &bytes))
		return want_advance(seat, in);
	if (seat->turns == 0) {
		(void)conn_keep(conn, bytes);
		return want_advance(seat, in);
	}
	if (conn->out.len == 0)
		conn_send(conn, bytes);
	else
		(void)conn_keep(conn, bytes);
	if (want->lazy && conn->out.len == 0 && conn->broken == 0 &&
	    !conn->hold) {
		seat->kind = WANT_REPLY;
		seat->written = true;
		return false;
	}
	return want_advance(seat, in);
}

static void
take_timer(struct seat *seat, const struct want *want)
{
	uint64_t at_us = want->due_us;

	if (at_us == 0)
		at_us = seat->loop->now_us + (uint64_t)want->ms * 1000;
	seat_due(seat, 0);
	timer_set(seat->loop, &seat->timer, at_us);
}

static void
take_close(struct seat *seat, const struct want *want)
{
	if (seat->conns[want->conn] != NULL)
		conn_close(seat->conns[want->conn], want->kind == WANT_ABORT);
}

static void
take_reply(struct seat *seat, const struct want *want)
{
	struct conn *conn = seat->conns[want->conn];

	if (conn == NULL || !conn->hold)
		return;
	conn->hold = false;
	if (conn->readable)
		wire_again(seat->loop, &conn->wire);
}

static void
timer_over(void *who)
{
	struct seat *seat = who;
	struct input in;

	(void)done(seat, &in);
	seat_input(seat, &in);
}

/* What the kernel did not take yet of a write stays in line. */
void
want_drop(struct seat *seat)
{
	struct conn *conn = seat->conns[seat->conn];

	if (seat->kind == WANT_REPLY) { /* has nothing else */
		seat->kind = WANT_NOTHING;
		return;
	}
	if (conn != NULL)
		conn->look = false;
	if (seat->kind == WANT_TLS)
		secure_drop(seat);
	if (seat->kind == WANT_SASL)
		sasl_drop(seat);
	if (seat->dial != NULL)
		dial_drop(seat);
	if (seat->timer.place != SIZE_MAX)
		timer_unset(seat->loop, &seat->timer);
	seat->kind = WANT_NOTHING;
}

bool
want_take(struct seat *seat, const struct want *want, struct input *in)
{
	want_drop(seat);
	if (want->conn >= LIMIT_CONNECTIONS) {
		(void)fault_set(&seat->loop->fault, FAULT_INTERNAL,
		    "there is no connection number %u", want->conn);
		return failed(seat, in);
	}
	seat->kind = want->kind;
	seat->conn = want->conn;
	seat_due(seat, want->due_us);
	if (want->hold && seat->conns[want->conn] != NULL)
		seat->conns[want->conn]->hold = true;
	switch ((enum want_kind)want->kind) {
	case WANT_WRITE:
		return take_write(seat, want, in);
	case WANT_CONNECT:
		dial_start(seat, want);
		break;
	case WANT_TLS:
		secure_start(seat, want);
		break;
	case WANT_SASL:
		sasl_start(seat, want);
		break;
	case WANT_LOOK:
		if (seat->conns[want->conn] != NULL)
			seat->conns[want->conn]->look = true;
		break;
	case WANT_TIMER:
		seat->timer.call = timer_over;
		seat->timer.who = seat;
		take_timer(seat, want);
		return false;
	case WANT_CLOSE:
	case WANT_ABORT:
		take_close(seat, want);
		break;
	case WANT_REPLY:
		take_reply(seat, want);
		return false;
	case WANT_HALF_CLOSE:
		if (seat->conns[want->conn] != NULL &&
		    seat->conns[want->conn]->tls != NULL)
			secure_bye(seat->conns[want->conn]);
		break;
	case WANT_NOTHING:
	case WANT_STEP:
	case WANT_OVER:
		return false;
	}
	return want_advance(seat, in);
}

/* Before a write fails everything that is there is told, and that the
 * connection is gone: an early 552 beats EPIPE. */
static bool
write_failed(struct seat *seat, struct conn *conn, struct input *in)
{
	if (conn_leftover(conn, in))
		return true;
	(void)fault_set(&seat->loop->fault, FAULT_CONNECT,
	    "cannot write to %s: %s", conn->facts.peer,
	    address_errno(conn->broken));
	return failed(seat, in);
}

static bool
advance_write(struct seat *seat, struct conn *conn, struct input *in)
{
	if (conn == NULL)
		return not_open(seat, in);
	if (conn->out.len > 0 && conn->broken == 0)
		conn_flush(conn);
	if (conn->broken != 0)
		return write_failed(seat, conn, in);
	return conn->out.len == 0 && done(seat, in);
}

/* Octets first; when the actor has taken them, DONE. */
static bool
advance_look(struct seat *seat, struct conn *conn, struct input *in)
{
	if (conn != NULL && conn->look) {
		conn->look = false;
		if (conn_look(conn, in))
			return true;
	}
	return done(seat, in);
}

static bool
advance_half(struct seat *seat, struct conn *conn, struct input *in)
{
	if (conn == NULL)
		return not_open(seat, in);
	if (conn->out.len > 0 && conn->broken == 0)
		conn_flush(conn);
	if (conn->broken != 0)
		return write_failed(seat, conn, in);
	if (conn->out.len > 0)
		return false;
	if (shutdown(conn->wire.fd, SHUT_WR) == 0)
		return done(seat, in);
	conn->broken = errno;
	return write_failed(seat, conn, in);
}

bool
want_advance(struct seat *seat, struct input *in)
{
	if (seat->kind == WANT_NOTHING)
		return false;
	if (seat->turns == 0) {
		seat_later(seat, SEAT_GO);
		return false;
	}
	switch ((enum want_kind)seat->kind) {
	case WANT_WRITE:
		return advance_write(seat, seat->conns[seat->conn], in);
	case WANT_LOOK:
		return advance_look(seat, seat->conns[seat->conn], in);
	case WANT_HALF_CLOSE:
		return advance_half(seat, seat->conns[seat->conn], in);
	case WANT_CONNECT:
		if (!dial_result(seat, in))
			return false;
		seat->kind = WANT_NOTHING;
		seat_due(seat, 0);
		return true;
	case WANT_TLS:
		if (!secure_result(seat, in))
			return false;
		seat->kind = WANT_NOTHING;
		seat_due(seat, 0);
		return true;
	case WANT_SASL:
		if (!sasl_result(seat, in))
			return false;
		seat->kind = WANT_NOTHING;
		seat_due(seat, 0);
		return true;
	case WANT_CLOSE:
	case WANT_ABORT:
		return done(seat, in);
	case WANT_NOTHING:
	case WANT_STEP:
	case WANT_REPLY:
	case WANT_TIMER:
	case WANT_OVER:
		break;
	}
	return false;
}
