/*
 * Addresses of names. A lookup ends after LIMIT_DNS_MS for those who wait;
 * c-ares may still be busy with it then, so that the lookup stays until its
 * callback came (`orphan`).
 */
#include "net/dns_own.h"

#include <netdb.h>
#include <stdio.h>

enum lookup_state { LOOKUP_ASKING, LOOKUP_PINNED, LOOKUP_ORPHAN };

struct lookup {
	struct lookup    *next;
	struct names     *names;
	struct waiter    *waits;
	struct timer      timer;
	enum lookup_state state;
	bool              answered;     /* c-ares called back */
	uint8_t           family;
	struct dns_answer answer;
	char              name[];
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

	while ((wait = waiter_take(&lookup->waits)) != NULL)
		wait->call(wait, answer);
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

/* Maybe from inside ares_getaddrinfo(): the waiting are told by a timer. */
static void
answered(void *who, int status, int tries, struct ares_addrinfo *info)
{
	struct lookup *lookup = who;

	(void)tries;
	lookup->answered = true;
	if (status == ARES_SUCCESS && info != NULL)
		answer_take(&lookup->answer, info);
	lookup->answer.alias = info != NULL && info->cnames != NULL;
	if (info != NULL)
		ares_freeaddrinfo(info);
	if (lookup->state == LOOKUP_ORPHAN) {
		lookup->answer.count = 0;
		lookup_unlink(lookup);
		return;
	}
	if (lookup->answer.count == 0)
		(void)snprintf(lookup->answer.why, sizeof lookup->answer.why,
		    "%s", names_why(status));
	timer_set(lookup->names->loop, &lookup->timer, 0);
}

static struct lookup *
lookup_find(const struct names *names, const char *name, uint8_t family,
    enum lookup_state state)
{
	struct lookup *at = names == NULL ? NULL : names->lookups;

	while (at != NULL && !(at->state == state && at->family == family &&
	    strcmp(at->name, name) == 0))
		at = at->next;
	return at;
}

const struct dns_answer *
dns_known(const struct loop *loop, const char *resolver, const char *name,
    uint8_t family)
{
	struct lookup *lookup = lookup_find(names_find(loop, resolver), name,
	    family, LOOKUP_PINNED);

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
		names_tick(names);
		return;
	}
	answered(lookup, ARES_ENOTINITIALIZED, 0, NULL);
}

void
dns_ask(struct loop *loop, const char *resolver, const char *name,
    uint8_t family, struct dns_wait *wait)
{
	struct names  *names = names_get(loop, resolver);
	struct lookup *lookup = lookup_find(names, name, family,
	    LOOKUP_ASKING);
	bool           fresh = lookup == NULL;

	if (fresh)
		lookup = lookup_new(names, name, family);
	waiter_join(&lookup->waits, &wait->waiter);
	if (fresh)
		lookup_start(lookup);
}

void
dns_forget(struct dns_wait *wait)
{
	waiter_leave(&wait->waiter);
}

void
lookups_free(struct names *names)
{
	while (names->lookups != NULL)
		lookup_unlink(names->lookups);
}
