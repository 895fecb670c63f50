/*
 * A connection being made: name, then one address after the other (RFC 8305:
 * the next 250 ms later, or at once when one fails), until one is open, all
 * have failed or the time is over. Whoever is first wins, the others are
 * closed. Without a descriptor to spare (EMFILE) it waits for one.
 *
 * An attempt is a struct conn already, so that the winner stays in the epoll
 * set as it is.
 */
#include "net/dial.h"

#include <errno.h>
#include <stdio.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { NEXT_US = 250000, STARVED_US = 50000, NOTES_MAX = 16 * KIB };

static struct loop *
loop_of(const struct dial *dial)
{
	return dial->seat->loop;
}

/* Whatever is under way ends; a winner is no attempt any more. */
static void
stop(struct dial *dial)
{
	for (uint32_t i = 0; i < dial->next; i++)
		if (dial->tries[i] != NULL)
			wire_bury(loop_of(dial), &dial->tries[i]->wire);
	dial->live = 0;
	timer_unset(loop_of(dial), &dial->timer);
	dns_forget(&dial->wait);
	mx_forget(&dial->mx_wait);
}

void
dial_lost(struct dial *dial, const char *why)
{
	if (why != NULL) {
		(void)snprintf(dial->why_room, sizeof dial->why_room, "%s", why);
		dial->why = dial->why_room;
	}
	dial->state = DIAL_LOST;
	stop(dial);
	(void)dial_mx_next(dial);
}

static void
won(struct dial *dial, struct conn *conn)
{
	struct loop   *loop = loop_of(dial);
	struct address peer = dial->list[conn->attempt], local = { 0 };

	dial->won = conn;
	dial->tries[conn->attempt] = NULL;
	dial->state = DIAL_WON;
	stop(dial);
	dial_mx_won(dial);
	conn->wire.ready = conn_ready;
	if (!dial->to->local)
		address_set_port(&peer, dial->to->port);
	loop_peer_text(loop, &peer, conn->facts.peer);
	local.len = sizeof local.local;
	if ((!loop->skip_local || dial->to->wants_local) &&
	    getsockname(conn->wire.fd, &local.any, &local.len) == 0)
		address_text(&local, conn->facts.local,
		    sizeof conn->facts.local);
	secure_remember(conn, dial->to, dial->list != &dial->own);
	conn->facts.dns_us = dial->named_us - dial->began_us;
	conn->facts.connect_us = loop->now_us - dial->named_us;
}

static void try_next(struct dial *dial);

static int
socket_error(int fd)
{
	int       error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return errno;
	return error;
}

static void
attempt_ready(struct loop *loop, struct wire *wire, uint32_t events)
{
	struct conn *conn = (struct conn *)wire;
	struct seat *seat = conn->seat;
	struct dial *dial = seat->dial;
	int          error = 0;

	if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0)
		return;
	loop_tick(loop);
	if (events & (EPOLLERR | EPOLLHUP))
		error = socket_error(wire->fd);
	/* Only what was open is reset (else: refused). It had no time to tell,
	 * but its octets may be here. */
	conn->reset = error == ECONNRESET || error == EPIPE;
	if (error == 0 || conn->reset) {
		conn_note(conn, events);
		won(dial, conn);
	} else {
		dial->errors[conn->attempt] = error;
		dial->tries[conn->attempt] = NULL;
		dial->live--;
		wire_bury(loop, wire);
		try_next(dial);
	}
	seat_kick(seat);
}

/* Starts an attempt; 0, or the errno of one that ended at once. */
static int
attempt(struct dial *dial, uint32_t which)
{
	struct address to = dial->list[which];
	struct conn   *conn;
	bool           open = false;
	int            fd;

	if (!dial->to->local)
		address_set_port(&to, dial->to->port);
	if (dial->from.len != 0 && !dial->to->local &&
	    dial->from.any.sa_family != to.any.sa_family)
		return EAFNOSUPPORT;
	fd = dial_socket(dial, &to, &open);
	if (fd < 0)
		return errno;
	conn = conn_new(dial->seat, fd, dial->conn);
	conn->wire.ready = attempt_ready;
	conn->attempt = (uint8_t)which;
	dial->tries[which] = conn;
	dial->live++;
	if (!wire_add(loop_of(dial), &conn->wire)) {
		int error = errno;

		dial->tries[which] = NULL;
		dial->live--;
		wire_bury(loop_of(dial), &conn->wire);
		return error;
	}
	if (open)
		won(dial, conn);
	return 0;
}

/* The next address, and when to look again. */
static void
try_next(struct dial *dial)
{
	uint64_t now_us = loop_of(dial)->now_us, at_us = dial->due_us;

	while (dial->next < dial->count) {
		uint32_t which = dial->next;
		int      error = attempt(dial, which);

		dial->errors[which] = error;
		dial->starved = error != 0 && dial_starving(error, &dial->list[which]);
		if (dial->starved) {
			dial->next_us = now_us + STARVED_US;
			break;
		}
		dial->next++;
		if (error == 0) {
			dial->next_us = now_us + NEXT_US;
			break;
		}
	}
	if (dial->state != DIAL_TRYING)
		return;
	if (dial->next == dial->count && dial->live == 0) {
		dial_lost(dial, NULL);
		return;
	}
	if (dial->next < dial->count && dial->next_us < at_us)
		at_us = dial->next_us;
	timer_set(loop_of(dial), &dial->timer, at_us);
}

static void
late(struct dial *dial)
{
	char why[96];

	if (dial->state == DIAL_RESOLVING)
		(void)snprintf(why, sizeof why,
		    "no answer from the name server within %g s",
		    dial->limit_ms / 1000.0);
	dial_lost(dial, dial->state == DIAL_RESOLVING ? why : NULL);
}

static void
timer_call(void *who)
{
	struct dial *dial = who;
	struct seat *seat = dial->seat;

	if (seat->loop->now_us >= dial->due_us)
		late(dial);
	else
		try_next(dial);
	seat_kick(seat);
}

static void
begin(struct dial *dial, const struct address *list, uint32_t count)
{
	dial->list = list;
	dial->count = count;
	dial->named_us = loop_of(dial)->now_us;
	dial->state = DIAL_TRYING;
	try_next(dial);
}

static void
named(struct dns_wait *wait, const struct dns_answer *answer)
{
	struct dial *dial = (struct dial *)((char *)wait -
	    offsetof(struct dial, wait));

	loop_tick(loop_of(dial));
	dial->alias = answer->alias;
	if (answer->count > 0)
		begin(dial, answer->list, answer->count);
	else
		dial_lost(dial, answer->why);
	seat_kick(dial->seat);
}

static bool
right_family(const struct dial *dial)
{
	switch ((enum family)dial->to->family) {
	case FAMILY_ANY:
		return true;
	case FAMILY_IPV4:
		return dial->own.any.sa_family == AF_INET;
	case FAMILY_IPV6:
		return dial->own.any.sa_family == AF_INET6;
	}
	return true;
}

/* Nearly always the one before: that is kept. */
static bool
is_literal(struct dial *dial)
{
	struct loop *loop = loop_of(dial);
	const char  *host = dial->host;

	if (strcmp(loop->literal_text, host) != 0) {
		size_t size = strlen(host) + 1;

		if (!address_parse(host, 0, &dial->own))
			return false;
		if (size > sizeof loop->literal_text)
			return true;
		loop->literal = dial->own;
		memcpy(loop->literal_text, host, size);
	}
	dial->own = loop->literal;
	return true;
}

void
dial_resolve(struct dial *dial, const char *resolver)
{
	struct loop *loop = loop_of(dial);
	const struct dns_answer *known = dns_known(loop, resolver, dial->host,
	    dial->to->family);

	if (known != NULL) {
		dial->alias = known->alias;
		begin(dial, known->list, known->count);
		return;
	}
	dial->asked = true;
	timer_set(loop, &dial->timer, dial->due_us);
	dns_ask(loop, resolver, dial->host, dial->to->family, &dial->wait);
}

static void
find(struct dial *dial)
{
	const struct endpoint *to = dial->to;

	if (to->from != NULL && !address_parse(to->from, 0, &dial->from)) {
		dial_lost(dial, "the local address is not an IP address");
	} else if (to->local && to->from != NULL) {
		dial_lost(dial, "a unix socket has no local address to "
		    "connect from");
	} else if (to->local) {
		if (address_local(to->host, &dial->own))
			begin(dial, &dial->own, 1);
		else
			dial_lost(dial, "the path is too long for a unix socket");
	} else if (to->mx) {
		dial_mx(dial);
	} else if (is_literal(dial)) {
		if (right_family(dial))
			begin(dial, &dial->own, 1);
		else
			dial_lost(dial, "not an address of the wanted family");
	} else {
		dial_resolve(dial, to_resolver(to));
	}
}

void
dial_start(struct seat *seat, const struct want *want)
{
	struct dial *dial = mem_alloc(sizeof *dial);

	if (seat->conns[want->conn] != NULL)
		conn_close(seat->conns[want->conn], false);
	loop_tick(seat->loop);
	dial->seat = seat;
	dial->to = want->to;
	dial->host = want->to->host;
	dial->notes = buf_new(NOTES_MAX);
	if (want->to->notes != NULL)
		(void)buf_add(&dial->notes, span_of(want->to->notes));
	dial->conn = want->conn;
	dial->hold = want->hold;
	dial->limit_ms = want->to->connect_ms == 0 ? LIMIT_CONNECT_MS
	    : want->to->connect_ms;
	dial->began_us = dial->named_us = seat->loop->now_us;
	dial->due_us = dial->began_us + (uint64_t)dial->limit_ms * 1000;
	dial->timer = (struct timer){ .place = SIZE_MAX, .call = timer_call,
		.who = dial };
	dial->wait.call = named;
	seat->dial = dial;
	find(dial);
}

void
dial_drop(struct seat *seat)
{
	struct dial *dial = seat->dial;

	stop(dial);
	if (dial->won != NULL) {
		mem_free(dial->won->host);
		wire_bury(seat->loop, &dial->won->wire);
	}
	seat->dial = NULL;
	buf_free(&dial->notes);
	mem_free(dial);
}

bool
dial_result(struct seat *seat, struct input *in)
{
	struct dial *dial = seat->dial;
	struct conn *conn = dial->won;

	if (dial->state != DIAL_WON && dial->state != DIAL_LOST)
		return false;
	*in = (struct input){ .kind = INPUT_FAILED, .conn = dial->conn,
		.fault = &seat->loop->fault };
	if (conn == NULL) {
		dial_why(dial, &seat->loop->fault);
	} else {
		in->kind = INPUT_DONE;
		in->fault = NULL;
		in->facts = &conn->facts;
		conn->hold = dial->hold;
		seat->conns[dial->conn] = conn;
		if (conn->readable)
			wire_again(seat->loop, &conn->wire);
	}
	/* They live as long as the input. */
	buf_free(&seat->loop->notes);
	seat->loop->notes = dial->notes;
	in->notes = buf_span(&seat->loop->notes);
	dial->notes = (struct buf){ 0 };
	dial->won = NULL;
	dial_drop(seat);
	return true;
}
