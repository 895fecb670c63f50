/*
 * A connection to a mail domain: one host after the other, in the order of
 * their preferences, until one takes a connection. Each has the whole connect
 * timeout. What was found and what was tried becomes notes.
 */
#include "net/dial.h"

#include <stdio.h>
#include <stddef.h>

static void
host_begin(struct dial *dial)
{
	const struct mx_host *host = &dial->mx->hosts[dial->host_at];
	struct loop *loop = dial->seat->loop;

	dial->state = DIAL_RESOLVING;
	dial->host = host->name;
	dial->asked = true;
	dial->why = NULL;
	dial->list = NULL;
	dial->count = dial->next = dial->live = 0;
	dial->starved = false;
	dial->due_us = loop->now_us + (uint64_t)dial->limit_ms * 1000;
	dial_resolve(dial, to_resolver(dial->to));
}

static void
begin(struct dial *dial, const struct mx_answer *answer)
{
	(void)buf_add(&dial->notes, buf_span(&answer->notes));
	dial->mx = answer;
	host_begin(dial);
}

static void
answered(struct mx_wait *wait, const struct mx_answer *answer)
{
	struct dial *dial = (struct dial *)((char *)wait -
	    offsetof(struct dial, mx_wait));
	struct seat *seat = dial->seat;

	loop_tick(seat->loop);
	if (answer->count > 0) {
		begin(dial, answer);
	} else {
		(void)buf_add(&dial->notes, buf_span(&answer->notes));
		dial_lost(dial, answer->why);
	}
	seat_kick(seat);
}

void
dial_mx(struct dial *dial)
{
	struct loop *loop = dial->seat->loop;
	const struct mx_answer *known = mx_known(loop, dial->to);

	if (known != NULL) {
		begin(dial, known);
		return;
	}
	dial->asked = true;
	dial->mx_wait.call = answered;
	timer_set(loop, &dial->timer, dial->due_us);
	mx_ask(loop, dial->to, &dial->mx_wait);
}

bool
dial_mx_next(struct dial *dial)
{
	struct fault fault;

	if (dial->mx == NULL)
		return false;
	dial_why_host(dial, &fault);
	(void)buf_addf(&dial->notes, "%s\n", fault.text);
	if (dial->host_at + 1 >= dial->mx->count)
		return false;
	dial->host_at++;
	host_begin(dial);
	return true;
}

void
dial_mx_won(struct dial *dial)
{
	const struct mx_host *host;
	bool named = dial->mx == NULL ? dial->to->mail_host :
	    !dial->mx->implicit;

	if (dial->alias && named)
		(void)buf_addf(&dial->notes, "%.200s is an alias, which a mail "
		    "host must not be (RFC 2181 10.3)\n", dial->host);
	if (dial->mx == NULL)
		return;
	host = &dial->mx->hosts[dial->host_at];
	mx_note_tlsa(host, &dial->notes);
	(void)buf_addf(&dial->notes, "connected to %.200s\n", host->name);
}
