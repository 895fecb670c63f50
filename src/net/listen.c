/*
 * Listeners and their clients: sockets for a service (model/service.h).
 *
 * Everything of a client is bounded: input is handed over in slices, and as
 * long as more than OUT_HIGH octets of answers wait for a client that does not
 * read, nothing more is read from it. All clients of a listener stand in one
 * list, longest silent first, so that one timer serves them all.
 */
#include "net/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SLICE = 4 * KIB,        /* of input, between looks at the output */
	OUT_HIGH = 64 * KIB,
	OUT_MAX = 1 * MIB,      /* one slice's answers on top of OUT_HIGH */
	ACCEPTS = 64,           /* in one turn */
	BACKLOG = 4096,
	LINGER_MS = 2000,       /* for the client's FIN after ours */
	PAUSE_US = 20000        /* without descriptors */
};

struct client {
	struct wire      wire;
	struct listener *listener;
	void            *talk;          /* NULL: service is done with it */
	struct buf       out;
	struct buf       rest;          /* read, not handed over yet */
	uint64_t         heard_us;
	struct client   *before, *after;
	bool readable, hup, closing, shut;
};

struct listener {
	struct wire      wire;
	struct loop     *loop;
	struct service  *service;
	struct listener *next;
	struct client   *oldest, *newest;
	struct timer     idle, pause;
	uint32_t         clients;
	struct address   bound;
};

static void
client_unlink(struct client *client)
{
	struct listener *listener = client->listener;

	*(client->before != NULL ? &client->before->after
	    : &listener->oldest) = client->after;
	*(client->after != NULL ? &client->after->before
	    : &listener->newest) = client->before;
}

static void
client_append(struct client *client)
{
	struct listener *listener = client->listener;

	client->after = NULL;
	client->before = listener->newest;
	*(listener->newest != NULL ? &listener->newest->after
	    : &listener->oldest) = client;
	listener->newest = client;
}

static void
idle_set(struct listener *listener)
{
	const struct client *client = listener->oldest;
	uint64_t             us = listener->service->idle_ms * UINT64_C(1000);
	uint64_t             at_us, soonest_us;

	if (client == NULL || listener->idle.place != SIZE_MAX)
		return;
	/* Those that only wait for a FIN stand in the same list: it is looked
	 * at more often than the idle need, but never all the time. */
	if (us == 0 || us > LINGER_MS * 1000)
		us = LINGER_MS * 1000;
	at_us = client->heard_us + us;
	soonest_us = listener->loop->now_us + us / 4;
	timer_set(listener->loop, &listener->idle,
	    at_us > soonest_us ? at_us : soonest_us);
}

static void
client_heard(struct client *client)
{
	client->heard_us = client->listener->loop->now_us;
	if (client == client->listener->newest)
		return;
	client_unlink(client);
	client_append(client);
}

static void
talk_end(struct client *client)
{
	struct service *service = client->listener->service;
	void           *talk = client->talk;

	client->talk = NULL;
	if (talk != NULL)
		service->close(service, talk);
}

static void
client_close(struct client *client, bool reset)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	if (client->wire.fd < 0)
		return;
	talk_end(client);
	if (reset)
		(void)setsockopt(client->wire.fd, SOL_SOCKET, SO_LINGER,
		    &linger, sizeof linger);
	buf_free(&client->out);
	buf_free(&client->rest);
	client_unlink(client);
	client->listener->clients--;
	wire_bury(client->listener->loop, &client->wire);
}

/* False: the client is gone. */
static bool
client_flush(struct client *client)
{
	size_t done = 0;

	while (done < client->out.len) {
		ssize_t sent = send(client->wire.fd, client->out.ptr + done,
		    client->out.len - done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0) {
			done += (size_t)sent;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			break;
		} else if (errno != EINTR) {
			client_close(client, false);
			return false;
		}
	}
	if (done == client->out.len)
		buf_free(&client->out);
	else
		buf_eat(&client->out, done);
	return true;
}

/* What the service said. False: the client is gone. */
static bool
client_next(struct client *client, enum service_next next)
{
	switch (client->out.full ? SERVICE_DROP : next) {
	case SERVICE_GO_ON:
		return true;
	case SERVICE_CLOSE:
		client->closing = true;
		talk_end(client);
		buf_free(&client->rest);
		return true;
	case SERVICE_DROP:
		break;
	}
	client_close(client, true);
	return false;
}

/* Hands over `in`, keeps what a slow reader has no claim to yet. */
static bool
client_bytes(struct client *client, struct span in)
{
	struct service *service = client->listener->service;

	while (in.len > 0 && !client->closing) {
		struct span slice = span_sub(in, 0, SLICE);

		if (client->out.len > OUT_HIGH && !client_flush(client))
			return false;
		if (client->out.len > OUT_HIGH)
			return buf_add(&client->rest, in);
		if (!client_next(client, service->bytes(service, client->talk,
		    slice, &client->out)))
			return false;
		in = span_from(in, slice.len);
	}
	return true;
}

/* After a close: our FIN behind the last octet, then the client's. */
static bool
client_settle(struct client *client)
{
	if (client->out.len > 0 && !client_flush(client))
		return false;
	if (!client->closing || client->out.len > 0 || client->shut)
		return true;
	client->shut = true;
	client->heard_us = client->listener->loop->now_us;
	(void)shutdown(client->wire.fd, SHUT_WR);
	return true;
}

/* A FIN: what was asked before is still answered. */
static bool
client_end(struct client *client)
{
	client->readable = false;
	if (client->shut) {
		client_close(client, false);
		return false;
	}
	client->closing = true;
	talk_end(client);
	if (!client_settle(client))
		return false;
	if (client->shut)
		client_close(client, false);
	return client->wire.fd >= 0;
}

/* One read; false: the client is gone. */
static bool
client_read(struct client *client)
{
	struct loop *loop = client->listener->loop;
	ssize_t      got = recv(client->wire.fd, loop->in, LOOP_READ,
	    MSG_DONTWAIT);

	if (got == 0)
		return client_end(client);
	if (got < 0) {
		client->readable = errno == EINTR;
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
			return true;
		client_close(client, false);
		return false;
	}
	if (got < LOOP_READ && !client->hup)
		client->readable = false;
	client_heard(client);
	return client->closing || client_bytes(client,
	    (struct span){ loop->in, (size_t)got });
}

static bool
client_paused(const struct client *client)
{
	return client->rest.len > 0 || client->out.len > OUT_HIGH;
}

/* What was kept goes first. False: the client is gone. */
static bool
client_resume(struct client *client)
{
	struct buf rest = client->rest;
	bool       there;

	if (client->out.len > OUT_HIGH || rest.len == 0)
		return true;
	client->rest = buf_new(LOOP_READ);
	there = client_bytes(client, buf_span(&rest));
	buf_free(&rest);
	return there;
}

static void
client_ready(struct loop *loop, struct wire *wire, uint32_t events)
{
	struct client *client = (struct client *)wire;

	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI))
		client->hup = true;
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		client->readable = true;
	if (client->shut && (events & EPOLLHUP)) {
		client_close(client, false);
		return;
	}
	if (client->out.len > 0 && !client_flush(client))
		return;
	if (!client_resume(client))
		return;
	for (int i = 0; i < LOOP_READS && client->readable &&
	    !client_paused(client); i++)
		if (!client_read(client))
			return;
	if (!client_settle(client))
		return;
	if (!client_paused(client) && (client->readable ||
	    client->rest.len > 0))
		wire_again(loop, wire);
}

/* Longest silent first. Each is asked once, then counts as heard. */
static void
idle_over(void *who)
{
	struct listener *listener = who;
	struct service  *service = listener->service;
	struct loop     *loop = listener->loop;
	struct client   *client, *after;

	for (client = listener->oldest; client != NULL; client = after) {
		uint64_t silent_us = loop->now_us - client->heard_us;
		bool     late = silent_us / 1000 >= service->idle_ms &&
		    service->idle_ms > 0;

		after = client->after;
		if (client->closing) {
			if (silent_us / 1000 >= LINGER_MS)
				client_close(client, !client->shut);
		} else if (late) {
			client->heard_us = loop->now_us;
			if (client_next(client, service->idle(service,
			    client->talk, &client->out)))
				(void)client_settle(client);
		}
	}
	idle_set(listener);
}

static void
crowded(struct listener *listener, int fd)
{
	struct buf out = buf_new(OUT_HIGH);

	listener->service->crowded(listener->service, &out);
	if (out.len > 0)
		(void)send(fd, out.ptr, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	buf_free(&out);
	(void)close(fd);
}

static void
client_new(struct listener *listener, int fd, const struct address *peer)
{
	struct service *service = listener->service;
	struct client  *client;
	char            text[128];

	if (listener->clients >= service->clients_max) {
		crowded(listener, fd);
		return;
	}
	client = mem_alloc(sizeof *client);
	client->wire = (struct wire){ .ready = client_ready, .fd = fd };
	client->listener = listener;
	client->out = buf_new(OUT_MAX);
	client->rest = buf_new(LOOP_READ);
	client->heard_us = listener->loop->now_us;
	client_append(client);
	listener->clients++;
	address_text(peer, text, sizeof text);
	client->talk = service->open(service, text, &client->out);
	if (client->talk == NULL || !wire_add(listener->loop, &client->wire))
		client_close(client, true);
	else if (client_flush(client))
		idle_set(listener);
}

/* No descriptor left: the one in reserve takes the client and closes it, so
 * that the listener does not stay readable for nothing. */
static void
starved(struct listener *listener)
{
	struct loop *loop = listener->loop;
	int          fd;

	if (loop->reserve >= 0) {
		(void)close(loop->reserve);
		fd = accept4(listener->wire.fd, NULL, NULL, SOCK_NONBLOCK |
		    SOCK_CLOEXEC);
		if (fd >= 0)
			crowded(listener, fd);
		loop->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	timer_set(loop, &listener->pause, loop->now_us + PAUSE_US);
}

static void
listener_ready(struct loop *loop, struct wire *wire, uint32_t events)
{
	struct listener *listener = (struct listener *)wire;

	(void)events;
	for (int i = 0; i < ACCEPTS; i++) {
		struct address peer = { .len = sizeof peer.local };
		int fd = accept4(wire->fd, &peer.any, &peer.len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			client_new(listener, fd, &peer);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		} else if (errno == EMFILE || errno == ENFILE ||
		    errno == ENOBUFS || errno == ENOMEM) {
			starved(listener);
			return;
		}
		/* Else this one was gone again (ECONNABORTED): the next. */
	}
	wire_again(loop, wire);
}

static void
pause_over(void *who)
{
	struct listener *listener = who;

	wire_again(listener->loop, &listener->wire);
}

static bool
bind_failed(int fd, const char *host, uint16_t port, struct fault *fault)
{
	int error = errno;

	if (fd >= 0)
		(void)close(fd);
	if (strncmp(host, "unix:", 5) == 0)
		return fault_set(fault, FAULT_CONNECT,
		    "cannot listen on %.120s: %s", host, address_errno(error));
	return fault_set(fault, FAULT_CONNECT, "cannot listen on %.100s port "
	    "%u: %s", host, port, address_errno(error));
}

static bool
where(const char *host, uint16_t port, struct address *out)
{
	if (strncmp(host, "unix:", 5) == 0)
		return address_local(host + 5, out);
	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	return address_parse(host, port, out);
}

/* A socket that a killed server left behind is not in the way: nobody answers
 * there. */
static void
stale_remove(const struct address *address)
{
	struct stat info;
	int         fd;

	if (stat(address->local.sun_path, &info) != 0 ||
	    !S_ISSOCK(info.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, &address->any, address->len) != 0 &&
	    errno == ECONNREFUSED)
		(void)unlink(address->local.sun_path);
	(void)close(fd);
}

/* Clients inherit TCP_NODELAY: no call for each. */
static bool
listen_options(int fd, int family)
{
	int on = 1;

	if (family == AF_UNIX)
		return true;
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
}

bool
loop_listen(struct loop *loop, struct service *service, const char *host,
    uint16_t port, uint16_t *bound, struct fault *fault)
{
	struct address   address;
	struct listener *listener;
	int              fd;

	if (!where(host, port, &address))
		return fault_set(fault, FAULT_USAGE, "cannot listen on '%.100s': "
		    "want an IP address or unix:PATH", host);
	if (address.any.sa_family == AF_UNIX)
		stale_remove(&address);
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	if (fd < 0 || !listen_options(fd, address.any.sa_family) ||
	    bind(fd, &address.any, address.len) != 0 ||
	    listen(fd, BACKLOG) != 0)
		return bind_failed(fd, host, port, fault);
	if (address.any.sa_family != AF_UNIX)
		(void)getsockname(fd, &address.any, &address.len);
	listener = mem_alloc(sizeof *listener);
	listener->wire = (struct wire){ .ready = listener_ready, .fd = fd };
	listener->loop = loop;
	listener->service = service;
	listener->bound = address;
	listener->idle = (struct timer){ .place = SIZE_MAX, .call = idle_over,
		.who = listener };
	listener->pause = (struct timer){ .place = SIZE_MAX,
		.call = pause_over, .who = listener };
	if (!wire_add(loop, &listener->wire)) {
		mem_free(listener);
		return bind_failed(fd, host, port, fault);
	}
	listener->next = loop->listeners;
	loop->listeners = listener;
	if (bound != NULL)
		*bound = address_port(&address);
	return true;
}

/* The listener itself stays until the turn's end: clients name it. */
static void
listener_close(struct listener *listener)
{
	struct loop *loop = listener->loop;

	while (listener->oldest != NULL)
		client_close(listener->oldest, false);
	timer_unset(loop, &listener->idle);
	timer_unset(loop, &listener->pause);
	if (listener->bound.any.sa_family == AF_UNIX)
		(void)unlink(listener->bound.local.sun_path);
	wire_bury(loop, &listener->wire);
}

void
loop_unlisten(struct loop *loop)
{
	struct listener *listener;

	while ((listener = loop->listeners) != NULL) {
		loop->listeners = listener->next;
		listener_close(listener);
	}
}

void
listeners_free(struct loop *loop)
{
	loop_unlisten(loop);
}

struct loop_counts
loop_counts(const struct loop *loop)
{
	struct loop_counts counts = { .actors = loop->slot_count,
		.timers = loop->afters };
	const struct listener *at;

	for (at = loop->listeners; at != NULL; at = at->next) {
		counts.listeners++;
		counts.clients += at->clients;
	}
	return counts;
}
