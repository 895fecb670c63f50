/*
 * SERVICE_PACE: octets of a client that leave late or in pieces, because its
 * service was asked for a fault. They wait here and not in the client's `out`;
 * in a handshake they are TLS's own octets. A client has a pace only while one
 * is under way, and nothing is read from it meanwhile, so that no other client
 * waits and no answer overtakes another.
 */
#include "net/client.h"
#include "net/tls.h"

enum { SLOW_MS = 100 };         /* until a slow reader is looked at again */

struct pace {
	struct timer        timer;
	struct client      *client;
	struct service_pace plan;
	struct buf          bytes;
	size_t              at;         /* of them; written up to there */
	bool                raw;        /* of a handshake */
};

void
pace_free(struct client *client)
{
	struct pace *pace = client->pace;

	if (pace == NULL)
		return;
	client->pace = NULL;
	timer_unset(client->listener->loop, &pace->timer);
	buf_free(&pace->bytes);
	mem_free(pace);
}

static void
pace_later(struct pace *pace, uint32_t ms)
{
	struct loop *loop = pace->client->listener->loop;

	loop_tick(loop);
	timer_set(loop, &pace->timer, loop->now_us + ms * UINT64_C(1000));
}

static bool
pace_over(struct client *client)
{
	struct service_pace plan = client->pace->plan;

	pace_free(client);
	client->bye = client->bye || plan.abrupt;
	return client_next(client, plan.then);
}

/* The piece that is due. False: the client is gone. */
static bool
pace_write(struct pace *pace)
{
	struct client *client = pace->client;
	struct buf    *to = pace->raw ? &client->sealed : &client->out;
	struct span    piece = span_sub(buf_span(&pace->bytes), pace->at,
	    pace->plan.piece == 0 ? SIZE_MAX : pace->plan.piece);

	if (client->out.len + client->sealed.len > CLIENT_OUT_HIGH) {
		pace_later(pace, SLOW_MS);
		return true;
	}
	pace->at += piece.len;
	if (piece.len > 0 && (!buf_add(to, piece) || !client_flush(client)))
		return client->wire.fd >= 0 && client_next(client, SERVICE_DROP);
	if (pace->at == pace->bytes.len)
		return pace_over(client);
	pace_later(pace, pace->plan.pause_ms);
	return true;
}

static void
pace_due(void *who)
{
	struct client *client = ((struct pace *)who)->client;

	if (!pace_write(who) || client->pace != NULL)
		return;
	/* What came meanwhile is read now. */
	client_heard(client);
	wire_again(client->listener->loop, &client->wire);
}

bool
pace_begin(struct client *client, const struct service_pace *plan)
{
	struct pace *pace = mem_alloc(sizeof *pace);
	bool         raw = client->tls != NULL &&
	    client->tls->state == TLS_SHAKES;
	struct buf  *from = raw ? &client->sealed : &client->out;
	size_t       held = plan->held < from->len ? plan->held : from->len;

	*pace = (struct pace){ .client = client, .plan = *plan, .raw = raw,
		.bytes = buf_new(held), .timer = { .place = SIZE_MAX,
		    .call = pace_due, .who = pace } };
	from->len -= held;
	(void)buf_add(&pace->bytes, span_from((struct span){ from->ptr,
	    from->len + held }, from->len));
	client->pace = pace;
	if (!client_flush(client))
		return false;
	if (plan->wait_ms == 0)
		return pace_write(pace);
	pace_later(pace, plan->wait_ms);
	return true;
}
