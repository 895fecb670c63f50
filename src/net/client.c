/*
 * The clients of a listener: sockets for a service (model/service.h).
 *
 * Everything of a client is bounded: input is handed over in slices, and as
 * long as more than CLIENT_OUT_HIGH octets of answers wait for a client that
 * does not read, nothing more is read from it. All clients of a listener stand
 * in one list, longest silent first, so that one timer serves them all.
 */
#include "net/client.h"
#include "net/tls.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	SLICE = 4 * KIB,        /* of input, between looks at the output */
	OUT_MAX = 2 * MIB,      /* one slice's answers on top of the mark, with a
	                         * fault of a MiB */
	REST_MAX = 2 * LOOP_READ,       /* one read, and the record before it */
	LINGER_MS = 2000        /* for the client's FIN after ours */
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

void
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

void
client_close(struct client *client, bool reset)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	if (client->wire.fd < 0)
		return;
	talk_end(client);
	pace_free(client);
	tls_free(client->tls);
	buf_free(&client->sealed);
	if (reset)
		(void)setsockopt(client->wire.fd, SOL_SOCKET, SO_LINGER,
		    &linger, sizeof linger);
	buf_free(&client->out);
	buf_free(&client->rest);
	client_unlink(client);
	client->listener->clients--;
	wire_bury(client->listener->loop, &client->wire);
}

static size_t
client_waiting(const struct client *client)
{
	return client->out.len + client->sealed.len;
}

/* With TLS, what leaves is not what the service said. False: the client is
 * gone. */
bool
client_flush(struct client *client)
{
	struct buf *out = client->tls != NULL ? &client->sealed :
	    &client->out;
	size_t      done = 0;

	if (client->tls != NULL && client->out.len > 0 &&
	    !client_seal(client))
		return false;
	while (done < out->len) {
		ssize_t sent = send(client->wire.fd, out->ptr + done,
		    out->len - done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0) {
			done += (size_t)sent;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			break;
		} else if (errno != EINTR) {
			client_close(client, false);
			return false;
		}
	}
	if (done == out->len)
		buf_free(out);
	else
		buf_eat(out, done);
	return true;
}

bool
client_next(struct client *client, enum service_next next)
{
	switch (client->out.full ? SERVICE_DROP : next) {
	case SERVICE_GO_ON:
		return true;
	case SERVICE_TLS:
		buf_free(&client->rest);
		return client_secure(client);
	case SERVICE_CLOSE:
		client->closing = true;
		talk_end(client);
		buf_free(&client->rest);
		return true;
	case SERVICE_PACE:
		return pace_begin(client, &client->listener->service->pace);
	case SERVICE_DROP:
		break;
	}
	client_close(client, true);
	return false;
}

static bool
client_paused(const struct client *client)
{
	return client->pace != NULL ||
	    client_waiting(client) > CLIENT_OUT_HIGH;
}

/* Hands over `in`, keeps what a slow reader has no claim to yet. */
bool
client_bytes(struct client *client, struct span in)
{
	struct service   *service = client->listener->service;
	enum service_next next;
	size_t            unread;

	client->starts = false;
	while (in.len > 0 && !client->closing && !client->starts) {
		struct span slice = span_sub(in, 0, SLICE);

		if (client_waiting(client) > CLIENT_OUT_HIGH &&
		    !client_flush(client))
			return false;
		if (client_paused(client))
			return buf_add(&client->rest, in) ||
			    client_next(client, SERVICE_DROP);
		next = service->bytes(service, client->talk, slice,
		    &client->out);
		unread = next == SERVICE_PACE ? service->pace.unread : 0;
		if (!client_next(client, next))
			return false;
		in = span_from(in, slice.len - unread);
	}
	return true;
}

/* After a close: our FIN behind the last octet, then the client's. */
static bool
client_settle(struct client *client)
{
	if (client_waiting(client) > 0 && !client_flush(client))
		return false;
	if (!client->closing || client_waiting(client) > 0 || client->shut)
		return true;
	if (client->tls != NULL && !client->bye) {
		client->bye = true;
		client_bye(client);
		if (!client_flush(client) || client->sealed.len > 0)
			return client->wire.fd >= 0;
	}
	client->shut = true;
	client->heard_us = client->listener->loop->now_us;
	(void)shutdown(client->wire.fd, SHUT_WR);
	return true;
}

/* A FIN, or close_notify: what was asked before is still answered. */
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
	if (client->tls != NULL)
		return client_open(client, (struct span){ loop->in,
		    (size_t)got });
	return client->closing || client_bytes(client,
	    (struct span){ loop->in, (size_t)got });
}

/* What was kept goes first. False: the client is gone. */
static bool
client_resume(struct client *client)
{
	struct buf rest = client->rest;
	bool       there;

	if (client_paused(client) || rest.len == 0)
		return true;
	client->rest = buf_new(REST_MAX);
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
	if ((client->shut || client->pace != NULL) && (events & EPOLLHUP)) {
		client_close(client, false);
		return;
	}
	if (client_waiting(client) > 0 && !client_flush(client))
		return;
	if (!client_resume(client))
		return;
	for (int i = 0; i < LOOP_READS && client->readable &&
	    client->rest.len == 0 && !client_paused(client); i++)
		if (!client_read(client))
			return;
	if (client->ended && client->rest.len == 0 && !client_paused(client) &&
	    !client_end(client))
		return;
	if (!client_settle(client))
		return;
	if (!client_paused(client) && (client->readable ||
	    client->rest.len > 0))
		wire_again(loop, wire);
}

/* Longest silent first. Each is asked once, then counts as heard. */
void
clients_idle(void *who)
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
		if (client->pace != NULL)
			continue;
		if (client->closing) {
			if (silent_us / 1000 >= LINGER_MS)
				client_close(client, !client->shut);
		} else if (late && client->talk == NULL) {
			client_close(client, true);
		} else if (late) {
			client->heard_us = loop->now_us;
			if (client_next(client, service->idle(service,
			    client->talk, &client->out)))
				(void)client_settle(client);
		}
	}
	idle_set(listener);
}

void
client_refuse(struct listener *listener, int fd)
{
	struct buf out = buf_new(CLIENT_OUT_HIGH);

	if (!listener->tls)
		listener->service->crowded(listener->service, &out);
	if (out.len > 0)
		(void)send(fd, out.ptr, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	buf_free(&out);
	(void)close(fd);
}

bool
client_talk(struct client *client)
{
	struct service *service = client->listener->service;

	client->talk = service->open(service, client->peer, &client->out);
	if (client->talk != NULL)
		return service->opened == NULL || client_next(client,
		    service->opened(service, client->talk, &client->out));
	client_close(client, true);
	return false;
}

void
client_new(struct listener *listener, int fd, const struct address *peer)
{
	struct client *client;

	if (listener->clients >= listener->service->clients_max) {
		client_refuse(listener, fd);
		return;
	}
	client = mem_alloc(sizeof *client);
	client->wire = (struct wire){ .ready = client_ready, .fd = fd };
	client->listener = listener;
	client->out = buf_new(OUT_MAX);
	client->rest = buf_new(REST_MAX);
	client->heard_us = listener->loop->now_us;
	client_append(client);
	listener->clients++;
	address_text(peer, client->peer, sizeof client->peer);
	if (!(listener->tls ? client_secure(client) : client_talk(client)))
		return;
	if (!wire_add(listener->loop, &client->wire))
		client_close(client, true);
	else if (client_settle(client))
		idle_set(listener);
}
