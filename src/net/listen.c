/*
 * Listeners: where clients come from. Without a descriptor left the one kept
 * in reserve refuses a client at a time, so that the listener neither spins nor
 * lets people wait for nothing.
 */
#include "net/client.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ACCEPTS = 64,           /* in one turn */
	BACKLOG = 4096,
	PAUSE_US = 20000        /* without descriptors */
};

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
			client_refuse(listener, fd);
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

static bool
listen_at(struct loop *loop, struct service *service, bool tls,
    const char *host, uint16_t port, uint16_t *bound, struct fault *fault)
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
	listener->tls = tls;
	listener->bound = address;
	listener->idle = (struct timer){ .place = SIZE_MAX, .call = clients_idle,
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

bool
loop_listen(struct loop *loop, struct service *service, const char *host,
    uint16_t port, uint16_t *bound, struct fault *fault)
{
	return listen_at(loop, service, false, host, port, bound, fault);
}

bool
loop_listen_tls(struct loop *loop, struct service *service, const char *host,
    uint16_t port, uint16_t *bound, struct fault *fault)
{
	return listen_at(loop, service, true, host, port, bound, fault);
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
listeners_free(struct loop *loop)
{
	struct listener *listener;

	while ((listener = loop->listeners) != NULL) {
		loop->listeners = listener->next;
		listener_close(listener);
	}
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
