/*
 * c-ares in the loop: its sockets are uv_poll handles, its own timeouts a
 * timer of ours. One channel for each set of name servers that is asked.
 */
#include "net/dns_own.h"

#include <stdio.h>

struct watch {
	uv_poll_t     poll;             /* first: it is its handle */
	struct names *names;
	ares_socket_t socket;
	struct watch *next;
};

const char *
names_why(int status)
{
	switch (status) {
	case ARES_ENOTFOUND:
		return "no such host name (DNS: NXDOMAIN)";
	case ARES_ENODATA:
	case ARES_SUCCESS:
		return "the name has no address (DNS: no data)";
	case ARES_ESERVFAIL:
		return "the name server failed (DNS: SERVFAIL)";
	case ARES_EREFUSED:
		return "the name server refused (DNS: REFUSED)";
	case ARES_ETIMEOUT:
		return "no answer from the name server";
	case ARES_ECONNREFUSED:
		return "no name server answers";
	case ARES_EBADNAME:
		return "not a valid host name";
	default:
		return ares_strerror(status);
	}
}

static void
tick(void *who)
{
	struct names *names = who;

	ares_process_fd(names->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	names_tick(names);
}

/* When c-ares wants to look at its own timeouts: while it asks somebody. */
void
names_tick(struct names *names)
{
	struct timeval  left, *wait;

	wait = ares_timeout(names->channel, NULL, &left);
	if (wait == NULL) {
		timer_unset(names->loop, &names->tick);
		return;
	}
	timer_set(names->loop, &names->tick, names->loop->now_us + 1000 +
	    (uint64_t)wait->tv_sec * 1000000 + (uint64_t)wait->tv_usec);
}

static void
watch_event(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = (struct watch *)poll;
	struct names *names = watch->names;
	ares_socket_t socket = watch->socket;

	/* An error is both: c-ares finds out which. */
	if (status != 0)
		events = UV_READABLE | UV_WRITABLE;
	names->loop->uv_dirty = true;
	ares_process_fd(names->channel,
	    events & UV_READABLE ? socket : ARES_SOCKET_BAD,
	    events & UV_WRITABLE ? socket : ARES_SOCKET_BAD);
	names_tick(names);
}

static void
watch_closed(uv_handle_t *handle)
{
	mem_free(handle);
}

static void
watch_find(uv_handle_t *handle, void *who)
{
	struct watch *wanted = who, *watch = (struct watch *)handle;

	if (handle->type == UV_POLL && !uv_is_closing(handle) &&
	    watch->socket == wanted->socket)
		wanted->next = watch;
}

static struct watch *
watch_new(struct names *names, ares_socket_t socket)
{
	struct watch *watch = mem_alloc(sizeof *watch);

	watch->names = names;
	watch->socket = socket;
	if (uv_poll_init(&names->loop->uv, &watch->poll, socket) == 0)
		return watch;
	mem_free(watch);
	return NULL;
}

/* c-ares is interested in a socket; in neither direction: it will close it. */
static void
interest(void *who, ares_socket_t socket, int readable, int writable)
{
	struct names *names = who;
	struct watch  wanted = { .socket = socket };
	struct watch *watch;

	names->loop->uv_dirty = true;
	uv_walk(&names->loop->uv, watch_find, &wanted);
	watch = wanted.next;
	if (!readable && !writable) {
		if (watch != NULL)
			uv_close((uv_handle_t *)&watch->poll, watch_closed);
		return;
	}
	if (watch == NULL)
		watch = watch_new(names, socket);
	if (watch != NULL)
		(void)uv_poll_start(&watch->poll, (readable ? UV_READABLE : 0) |
		    (writable ? UV_WRITABLE : 0), watch_event);
}

/* A machine's own names: its hosts file first, its search list. */
static int
channel_open(struct names *names)
{
	/* 1.5 and 3 s: a name server that drops AAAA only costs time. */
	struct ares_options options = { .timeout = 1500, .tries = 2,
		.sock_state_cb = interest, .sock_state_cb_data = names,
		.flags = ARES_FLAG_NOSEARCH, .lookups = (char *)(intptr_t)"b" };
	int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
	int status = ares_library_init(ARES_LIB_INIT_ALL);

	/* One server's SERVFAIL is the answer; of several the next is asked. */
	if (names->resolver != NULL && *names->resolver != '\0' &&
	    strchr(names->resolver, ',') == NULL)
		options.flags |= ARES_FLAG_NOCHECKRESP;
	if (names->resolver != NULL)
		mask |= ARES_OPT_FLAGS | ARES_OPT_LOOKUPS;
	if (status == ARES_SUCCESS)
		status = ares_init_options(&names->channel, &options, mask);
	names->ready = status == ARES_SUCCESS;
	if (names->ready && names->resolver != NULL && *names->resolver != '\0')
		status = ares_set_servers_ports_csv(names->channel,
		    names->resolver);
	if (names->ready && status != ARES_SUCCESS) {
		ares_destroy(names->channel);
		ares_library_cleanup();
		names->ready = false;
	}
	return status;
}

struct names *
names_find(const struct loop *loop, const char *resolver)
{
	struct names *names = loop->names;

	while (names != NULL && !(names->resolver == NULL ? resolver == NULL :
	    resolver != NULL && strcmp(names->resolver, resolver) == 0))
		names = names->next;
	return names;
}

struct names *
names_get(struct loop *loop, const char *resolver)
{
	struct names *names = names_find(loop, resolver);

	if (names == NULL) {
		names = mem_alloc(sizeof *names);
		names->loop = loop;
		names->next = loop->names;
		names->tick = (struct timer){ .place = SIZE_MAX, .call = tick,
			.who = names };
		if (resolver != NULL)
			names->resolver = memcpy(mem_alloc(strlen(resolver) + 1),
			    resolver, strlen(resolver) + 1);
		loop->names = names;
	}
	if (!names->ready)
		(void)channel_open(names);
	return names;
}

bool
loop_name_servers(struct loop *loop, const char *list, struct fault *fault)
{
	struct names *names = names_get(loop, NULL);
	int           status = ARES_ENOTINITIALIZED;

	if (names->ready)
		status = ares_set_servers_ports_csv(names->channel, list);
	if (status == ARES_SUCCESS)
		return true;
	return fault_set(fault, FAULT_USAGE, "cannot ask the name servers "
	    "'%.100s': %s", list, ares_strerror(status));
}

static void
names_end(struct names *names)
{
	if (names->ready) {
		ares_destroy(names->channel);   /* calls back for each */
		ares_library_cleanup();
	}
	timer_unset(names->loop, &names->tick);
	lookups_free(names);
	mxs_free(names);
	mem_free(names->resolver);
	mem_free(names);
}

void
names_free(struct loop *loop)
{
	while (loop->names != NULL) {
		struct names *names = loop->names;

		loop->names = names->next;
		names_end(names);
	}
}
