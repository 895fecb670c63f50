/*
 * Asks for the MX records of a domain, and besides for its MTA-STS record and
 * the TLSA records of each host. Those are notes: they are waited for as long
 * as MORE_MS behind the MX and no longer. A lookup stays until c-ares called
 * back for each of its questions.
 */
#include "net/dns_mx_own.h"
#include "net/dns_own.h"

#include <arpa/nameser.h>
#include <stdio.h>

enum { MORE_MS = 1000, NOTES_MAX = 8 * KIB, ASK_MX = -1, ASK_STS = -2 };
enum mx_state { MX_ASKING, MX_PINNED, MX_OVER };

struct mx {
	struct mx       *next;
	struct names    *names;
	struct waiter   *waits;
	struct timer     timer;
	struct mx_answer answer;
	enum mx_state    state;
	uint32_t         pending;       /* questions under way */
	uint16_t         port;
	bool             found;         /* the MX records are here, or none */
	char             domain[];
};

struct question {
	struct mx *mx;
	int        what;                /* ASK_MX, ASK_STS, or which host */
};

static void
mx_unlink(struct mx *mx)
{
	struct mx **at = &mx->names->mxs;

	while (*at != mx)
		at = &(*at)->next;
	*at = mx->next;
	timer_unset(mx->names->loop, &mx->timer);
	buf_free(&mx->answer.notes);
	mem_free(mx);
}

static void
mx_end(void *who)
{
	struct mx      *mx = who;
	struct mx_wait *wait;

	if (!mx->found)
		(void)snprintf(mx->answer.why, sizeof mx->answer.why,
		    "no answer from the name server within %d s",
		    LIMIT_DNS_MS / 1000);
	if (mx->answer.count > 0)
		mx_note_hosts(&mx->answer, mx->domain);
	mx->state = mx->answer.count > 0 ? MX_PINNED : MX_OVER;
	while ((wait = waiter_take(&mx->waits)) != NULL)
		wait->call(wait, &mx->answer);
	if (mx->state == MX_OVER && mx->pending == 0)
		mx_unlink(mx);
}

static void answered(void *who, int status, int tries, unsigned char *bytes,
    int len);

static void
ask(struct mx *mx, const char *name, int type, int what)
{
	struct question *question = mem_alloc(sizeof *question);

	*question = (struct question){ mx, what };
	mx->pending++;
	ares_query(mx->names->channel, name, ns_c_in, type, answered,
	    question);
}

static void
ask_hosts(struct mx *mx)
{
	char name[DNS_NAME + 16];

	for (uint32_t i = 0; i < mx->answer.count; i++) {
		(void)snprintf(name, sizeof name, "_%u._tcp.%s", mx->port,
		    mx->answer.hosts[i].name);
		ask(mx, name, DNS_TLSA, (int)i);
	}
}

static void
found(struct mx *mx, int status, struct span message)
{
	struct loop *loop = mx->names->loop;

	mx->found = true;
	/* No data may mean that there was no room for any: mx_take() knows. */
	if (status == ARES_SUCCESS || (status == ARES_ENODATA &&
	    dns_truncated(message)))
		mx_take(&mx->answer, mx->domain, message);
	else if (status == ARES_ENODATA)
		mx_implicit(&mx->answer, mx->domain);
	else
		(void)snprintf(mx->answer.why, sizeof mx->answer.why, "%s",
		    status == ARES_ENOTFOUND ? "no such domain (DNS: NXDOMAIN)"
		    : names_why(status));
	if (mx->answer.count > 0)
		ask_hosts(mx);
	timer_set(loop, &mx->timer, mx->pending == 0 || mx->answer.count == 0 ?
	    0 : loop->now_us + (uint64_t)MORE_MS * 1000);
}

/* Maybe from inside ares_query(): the waiting are told by a timer. */
static void
answered(void *who, int status, int tries, unsigned char *bytes, int len)
{
	struct question question = *(struct question *)who;
	struct mx  *mx = question.mx;
	struct span message = { (const char *)bytes,
	    bytes == NULL || len < 0 ? 0 : (size_t)len };

	(void)tries;
	mem_free(who);
	mx->pending--;
	if (status == ARES_EDESTRUCTION)
		return;
	if (mx->state != MX_ASKING) {
		if (mx->state == MX_OVER && mx->pending == 0)
			mx_unlink(mx);
		return;
	}
	if (question.what == ASK_MX)
		found(mx, status, message);
	else if (status == ARES_SUCCESS && question.what == ASK_STS)
		mx_take_sts(&mx->answer, mx->domain, message);
	else if (status == ARES_SUCCESS)
		mx_take_tlsa(&mx->answer.hosts[question.what], message);
	if (mx->found && mx->pending == 0)
		timer_set(mx->names->loop, &mx->timer, 0);
}

static struct mx *
mx_find(const struct names *names, const struct endpoint *to,
    enum mx_state state)
{
	struct mx *mx = names == NULL ? NULL : names->mxs;

	while (mx != NULL && !(mx->state == state && mx->port == to->port &&
	    strcmp(mx->domain, to->host) == 0))
		mx = mx->next;
	return mx;
}

/* The name servers of a mail domain: DNS alone, no hosts file. */
static const char *
resolver_of(const struct endpoint *to)
{
	return to->resolver == NULL ? "" : to->resolver;
}

const struct mx_answer *
mx_known(const struct loop *loop, const struct endpoint *to)
{
	struct mx *mx = mx_find(names_find(loop, resolver_of(to)), to,
	    MX_PINNED);

	return mx == NULL ? NULL : &mx->answer;
}

static struct mx *
mx_new(struct names *names, const struct endpoint *to)
{
	size_t     size = strlen(to->host) + 1;
	struct mx *mx = mem_alloc(sizeof *mx + size);

	memcpy(mx->domain, to->host, size);
	mx->names = names;
	mx->port = to->port;
	mx->answer.notes = buf_new(NOTES_MAX);
	mx->timer = (struct timer){ .place = SIZE_MAX, .call = mx_end,
		.who = mx };
	mx->next = names->mxs;
	names->mxs = mx;
	return mx;
}

static void
mx_start(struct mx *mx)
{
	struct loop *loop = mx->names->loop;
	char         name[DNS_NAME + 16];

	timer_set(loop, &mx->timer, loop->now_us +
	    (uint64_t)LIMIT_DNS_MS * 1000);
	if (!mx->names->ready) {
		mx->found = true;
		(void)snprintf(mx->answer.why, sizeof mx->answer.why,
		    "the name servers cannot be asked");
		timer_set(loop, &mx->timer, 0);
		return;
	}
	mx->pending++;                  /* not over while it asks */
	ask(mx, mx->domain, DNS_MX, ASK_MX);
	(void)snprintf(name, sizeof name, "_mta-sts.%s", mx->domain);
	ask(mx, name, DNS_TXT, ASK_STS);
	mx->pending--;
	if (mx->found && mx->pending == 0)
		timer_set(loop, &mx->timer, 0);
	names_tick(mx->names);
}

void
mx_ask(struct loop *loop, const struct endpoint *to, struct mx_wait *wait)
{
	struct names *names = names_get(loop, resolver_of(to));
	struct mx    *mx = mx_find(names, to, MX_ASKING);
	bool          fresh = mx == NULL;

	if (fresh)
		mx = mx_new(names, to);
	waiter_join(&mx->waits, &wait->waiter);
	if (fresh)
		mx_start(mx);
}

void
mx_forget(struct mx_wait *wait)
{
	waiter_leave(&wait->waiter);
}

void
mxs_free(struct names *names)
{
	while (names->mxs != NULL)
		mx_unlink(names->mxs);
}
