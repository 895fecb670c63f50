/*
 * What the author reads when no connection came about: every address that was
 * tried, and why not. Cut where a fault ends, saying how many are left out.
 */
#include "net/dial.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* Of a source address that was asked for; false: it is not to blame. */
static bool
why_source(const struct dial *dial, const struct address *to, int error,
    char *out, size_t size)
{
	char from[128], *port;

	if (dial->from.len == 0 || to->any.sa_family == AF_UNIX ||
	    (error != EADDRNOTAVAIL && to->any.sa_family ==
	    dial->from.any.sa_family))
		return false;
	address_text(&dial->from, from, sizeof from);
	port = strrchr(from, ':');
	if (port != NULL)
		*port = '\0';
	(void)snprintf(out, size, error == EADDRNOTAVAIL ? "%s is no address "
	    "of this machine" : "not from %s, which is of the other family",
	    from);
	return true;
}

/* Whatever is no socket refuses as one does that nobody listens on. */
static const char *
why_refused(const struct endpoint *to)
{
	struct stat stat_of;

	return stat(to->host, &stat_of) == 0 && !S_ISSOCK(stat_of.st_mode) ?
	    "it is no socket" : "nobody listens on it";
}

static void
why_one(const struct dial *dial, uint32_t which, char *out, size_t size)
{
	int error = dial->errors[which];

	if (error != 0 && error != EAGAIN && why_source(dial,
	    &dial->list[which], error, out, size))
		return;
	if (dial->to->local && error == ECONNREFUSED) {
		(void)snprintf(out, size, "%s", why_refused(dial->to));
		return;
	}

	if (which == dial->next && dial->starved && error != EAGAIN)
		(void)snprintf(out, size, "%s; %u sessions at a time fit the "
		    "descriptor limit, raise it (ulimit -n) or run fewer",
		    address_errno(error), loop_sessions_max(dial->seat->loop));
	else if (error == 0 || error == EAGAIN)
		(void)snprintf(out, size, "no answer within %g s",
		    dial->limit_ms / 1000.0);
	else
		(void)snprintf(out, size, "%s", address_errno(error));
}

static void
tell_many(const struct dial *dial, struct buf *out)
{
	uint32_t tried = dial->next + (dial->starved ? 1 : 0);

	for (uint32_t i = 0; i < tried; i++) {
		struct address address = dial->list[i];
		char where[128], why[160];

		address_set_port(&address, dial->to->port);
		address_text(&address, where, sizeof where);
		why_one(dial, i, why, sizeof why);
		if (!buf_addf(out, "%s%s: %s", i == 0 ? "" : "; ", where, why)) {
			(void)buf_addf(out, "; and %u more", tried - i);
			return;
		}
	}
}

void
dial_why_host(const struct dial *dial, struct fault *fault)
{
	const struct endpoint *to = dial->to;
	struct buf list = buf_new(sizeof fault->text - 80);
	char       where[128], why[160];

	if (dial->why != NULL) {
		(void)fault_set(fault, FAULT_CONNECT, "cannot %s %.100s: %s",
		    dial->asked ? "resolve" : "connect to",
		    dial->host, dial->why);
	} else if (dial->list == &dial->own) {
		struct address address = dial->own;

		if (!to->local)
			address_set_port(&address, to->port);
		address_text(&address, where, sizeof where);
		why_one(dial, 0, why, sizeof why);
		(void)fault_set(fault, FAULT_CONNECT,
		    "cannot connect to %s: %s", where, why);
	} else {
		tell_many(dial, &list);
		(void)fault_set(fault, FAULT_CONNECT,
		    "cannot connect to %.60s (%.*s)", dial->host,
		    SPAN_ARG(buf_span(&list)));
	}
	buf_free(&list);
}

void
dial_why(const struct dial *dial, struct fault *fault)
{
	struct fault last;

	if (!dial->to->mx) {
		dial_why_host(dial, fault);
	} else if (dial->mx == NULL) {
		(void)fault_set(fault, FAULT_CONNECT,
		    "cannot find a mail host of %.100s: %s", dial->to->host,
		    dial->why);
	} else {
		dial_why_host(dial, &last);
		(void)fault_set(fault, FAULT_CONNECT, "no mail host of %.60s "
		    "took a connection; the last of %u: %.130s",
		    dial->to->host, dial->mx->count, last.text);
	}
}
