/*
 * The resolver. One c-ares channel for each loop, made at the first name; its
 * sockets are uv_poll handles, its own timeouts a timer of ours. A lookup ends
 * after LIMIT_DNS_MS for those who wait; c-ares may still be busy with it
 * then, so that the lookup stays until its callback came (`orphan`).
 */
#include "net/dns.h"

#include <ares.h>
#include <netdb.h>
#include <stdio.h>

enum lookup_state { LOOKUP_ASKING, LOOKUP_PINNED, LOOKUP_ORPHAN };

struct lookup {
	struct lookup    *next;
	struct names     *names;
	struct dns_wait  *waits;
	struct timer      timer;
	enum lookup_state state;
	bool              answered;     /* c-ares called back */
	uint8_t           family;
	struct dns_answer answer;
	char              name[];
};

struct names {
	struct loop   *loop;
	ares_channel   channel;
	struct timer   tick;            /* c-ares' own timeouts */
	struct lookup *lookups;
	bool           ready;
};

struct watch {
	uv_poll_t     poll;             /* first: it is its handle */
	struct names *names;
	ares_socket_t socket;
	struct watch *next;
};

static void
lookup_unlink(struct lookup *lookup)
{
	struct lookup **at = &lookup->names->lookups;

	while (*at != lookup)
		at = &(*at)->next;
	*at = lookup->next;
	timer_unset(lookup->names->loop, &lookup->timer);
	mem_free(lookup);
}

/* Everybody who waits is told; whoever asks again meanwhile starts anew. */
static void
lookup_tell(struct lookup *lookup, const struct dns_answer *answer)
{
	struct dns_wait *wait;

	while ((wait = lookup->waits) != NULL) {
		dns_forget(wait);
		wait->call(wait, answer);
	}
}

static void
lookup_end(struct lookup *lookup)
{
	timer_unset(lookup->names->loop, &lookup->timer);
	lookup->state = lookup->answer.count > 0 ? LOOKUP_PINNED
	    : LOOKUP_ORPHAN;
	lookup_tell(lookup, &lookup->answer);
	if (lookup->state == LOOKUP_ORPHAN && lookup->answered)
		lookup_unlink(lookup);
}

static void
lookup_late(void *who)
{
	struct lookup *lookup = who;

	if (!lookup->answered)
		(void)snprintf(lookup->answer.why, sizeof lookup->answer.why,
		    "no answer from the name server within %d s",
		    LIMIT_DNS_MS / 1000);
	lookup_end(lookup);
}

/* Addresses of both families by turns, the resolver's first one first. */
static void
answer_take(struct dns_answer *answer, const struct ares_addrinfo *info)
{
	const struct ares_addrinfo_node *first = info->nodes, *turn[2];
	int family = first == NULL ? AF_INET : first->ai_family;
	int which = 0;

	turn[0] = turn[1] = first;
	while (answer->count < DNS_ADDRESSES &&
	    (turn[0] != NULL || turn[1] != NULL)) {
		const struct ares_addrinfo_node **at = &turn[which];

		while (*at != NULL && ((*at)->ai_family == family) != (which == 0))
			*at = (*at)->ai_next;
		if (*at != NULL && (*at)->ai_addrlen <= sizeof(struct sockaddr_in6)) {
			struct address *to = &answer->list[answer->count++];

			memset(to, 0, sizeof *to);
			memcpy(&to->any, (*at)->ai_addr, (*at)->ai_addrlen);
			to->len = (*at)->ai_addrlen;
			address_set_port(to, 0);
		}
		if (*at != NULL)
			*at = (*at)->ai_next;
		which = !which;
	}
}

static const char *
why_not(int status)
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

/* Maybe from inside ares_getaddrinfo(): the waiting are told by a timer. */
static void
answered(void *who, int status, int tries, struct ares_addrinfo *info)
{
	struct lookup *lookup = who;

	(void)tries;
	lookup->answered = true;
	if (status == ARES_SUCCESS && info != NULL)
		answer_take(&lookup->answer, info);
	if (info != NULL)
		ares_freeaddrinfo(info);
	if (lookup->state == LOOKUP_ORPHAN) {
		lookup->answer.count = 0;
		lookup_unlink(lookup);
		return;
	}
	if (lookup->answer.count == 0)
		(void)snprintf(lookup->answer.why, sizeof lookup->answer.why,
		    "%s", why_not(status));
	timer_set(lookup->names->loop, &lookup->timer, 0);
}

static void tick_set(struct names *names);

static void
tick(void *who)
{
	struct names *names = who;

	ares_process_fd(names->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	tick_set(names);
}

/* When c-ares wants to look at its own timeouts: while it asks somebody. */
static void
tick_set(struct names *names)
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
	tick_set(names);
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

static struct names *
names_get(struct loop *loop)
{
	/* 1.5 and 3 s: a name server that drops AAAA only costs time. */
	struct ares_options options = { .timeout = 1500, .tries = 2,
		.sock_state_cb = interest };
	struct names *names = loop->names;

	if (names == NULL) {
		names = mem_alloc(sizeof *names);
		loop->names = names;
		names->loop = loop;
		names->tick = (struct timer){ .place = SIZE_MAX, .call = tick,
			.who = names };
	}
	options.sock_state_cb_data = names;
	if (!names->ready)
		names->ready = ares_library_init(ARES_LIB_INIT_ALL) == 0 &&
		    ares_init_options(&names->channel, &options,
		    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		    ARES_OPT_SOCK_STATE_CB) == ARES_SUCCESS;
	return names;
}

bool
loop_name_servers(struct loop *loop, const char *list, struct fault *fault)
{
	struct names *names = names_get(loop);
	int           status = ARES_ENOTINITIALIZED;

	if (names->ready)
		status = ares_set_servers_ports_csv(names->channel, list);
	if (status == ARES_SUCCESS)
		return true;
	return fault_set(fault, FAULT_USAGE, "cannot ask the name servers "
	    "'%.100s': %s", list, ares_strerror(status));
}

static struct lookup *
lookup_find(struct loop *loop, const char *name, uint8_t family,
    enum lookup_state state)
{
	struct lookup *at = loop->names == NULL ? NULL : loop->names->lookups;

	while (at != NULL && !(at->state == state && at->family == family &&
	    strcmp(at->name, name) == 0))
		at = at->next;
	return at;
}

const struct dns_answer *
dns_known(struct loop *loop, const char *name, uint8_t family)
{
	struct lookup *lookup = lookup_find(loop, name, family, LOOKUP_PINNED);

	return lookup == NULL ? NULL : &lookup->answer;
}

static struct lookup *
lookup_new(struct names *names, const char *name, uint8_t family)
{
	size_t         len = strlen(name) + 1;
	struct lookup *lookup = mem_alloc(sizeof *lookup + len);

	memcpy(lookup->name, name, len);
	lookup->names = names;
	lookup->family = family;
	lookup->timer = (struct timer){ .place = SIZE_MAX,
		.call = lookup_late, .who = lookup };
	lookup->next = names->lookups;
	names->lookups = lookup;
	timer_set(names->loop, &lookup->timer,
	    names->loop->now_us + (uint64_t)LIMIT_DNS_MS * 1000);
	return lookup;
}

static void
lookup_start(struct lookup *lookup)
{
	static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
	struct names *names = lookup->names;
	struct ares_addrinfo_hints hints = {
		.ai_family = families[lookup->family],
		.ai_socktype = SOCK_STREAM };

	if (names->ready) {
		ares_getaddrinfo(names->channel, lookup->name, NULL, &hints,
		    answered, lookup);
		tick_set(names);
		return;
	}
	answered(lookup, ARES_ENOTINITIALIZED, 0, NULL);
}

void
dns_ask(struct loop *loop, const char *name, uint8_t family,
    struct dns_wait *wait)
{
	struct lookup *lookup = lookup_find(loop, name, family, LOOKUP_ASKING);
	bool           fresh = lookup == NULL;

	if (fresh)
		lookup = lookup_new(names_get(loop), name, family);
	wait->next = lookup->waits;
	wait->here = &lookup->waits;
	if (wait->next != NULL)
		wait->next->here = &wait->next;
	lookup->waits = wait;
	if (fresh)
		lookup_start(lookup);
}

void
dns_forget(struct dns_wait *wait)
{
	if (wait->here == NULL)
		return;
	*wait->here = wait->next;
	if (wait->next != NULL)
		wait->next->here = wait->here;
	wait->here = NULL;
}

void
names_free(struct loop *loop)
{
	struct names *names = loop->names;

	if (names == NULL)
		return;
	if (names->ready) {
		ares_destroy(names->channel);   /* calls back for each */
		ares_library_cleanup();
	}
	timer_unset(loop, &names->tick);
	while (names->lookups != NULL)
		lookup_unlink(names->lookups);
	mem_free(names);
	loop->names = NULL;
}
