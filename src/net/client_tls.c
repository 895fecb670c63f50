/*
 * TLS of a client: between its socket and the service, which sees octets and
 * never a handshake. What came in plaintext behind the command that starts TLS
 * is dropped before anything of it could be taken for what TLS protects.
 */
#include "model/sasl.h"
#include "net/client.h"
#include "net/tls.h"

/* What OpenSSL wants to send, behind what waits. */
static bool
sealed_keep(struct client *client)
{
	struct buf *sealed = &client->listener->loop->sealed;
	bool        fits = buf_add(&client->sealed, buf_span(sealed)) &&
	    !sealed->full;

	buf_clear(sealed);
	if (!fits)
		client_close(client, true);
	return fits;
}

bool
client_secure(struct client *client)
{
	struct loop *loop = client->listener->loop;
	struct fault fault;

	client->sealed = buf_new(SEALED_MAX);
	client->tls = tls_server(loop, &fault);
	if (client->tls == NULL || !buf_add(&client->sealed,
	    buf_span(&client->out))) {
		client_close(client, true);
		return false;
	}
	buf_free(&client->out);
	client->starts = true;
	buf_clear(&loop->sealed);
	return true;
}

/* The handshake is over: the dialogue begins, or begins anew. */
static bool
secured(struct client *client)
{
	struct service *service = client->listener->service;
	struct tls     *tls = client->tls;
	struct buf      early = tls->early;
	char            room[SASL_BOUND_MAX];
	struct span     binding = SPAN(""), bound = { room, 0 };
	bool            there = true;

	tls->early = buf_new(0);
	bound.len = tls_binding(tls, &binding, room, sizeof room);
	tls_told(tls);
	client->ended = tls->over;
	if (client->talk == NULL)
		there = client_talk(client);
	if (there && service->secured != NULL && client->talk != NULL)
		service->secured(service, client->talk, binding, bound);
	if (there && early.len > 0 && !client->closing)
		there = client_bytes(client, buf_span(&early));
	buf_free(&early);
	return there;
}

static bool
client_gone(struct client *client)
{
	client_close(client, false);
	return false;
}

/* The server's first octets of the handshake, which the service may spoil. */
static bool
shaken(struct client *client)
{
	struct service   *service = client->listener->service;
	enum service_next next = service->shaken(service, client->talk,
	    &client->listener->loop->sealed);

	client->shaken = true;
	return sealed_keep(client) && client_next(client, next);
}

static bool
shaking(struct client *client, struct span in)
{
	bool over = tls_shake(client->tls, in);

	if (client->listener->service->shaken != NULL && !client->shaken &&
	    !over && client->listener->loop->sealed.len > 0)
		return shaken(client);
	if (!sealed_keep(client))
		return false;
	if (!over)
		return true;
	if (client->tls->state == TLS_OPEN)
		return secured(client);
	/* The alert says why, if the client still listens. */
	client->closing = client->bye = true;
	return true;
}

bool
client_open(struct client *client, struct span in)
{
	struct loop *loop = client->listener->loop;

	buf_clear(&loop->sealed);
	if (client->tls->state == TLS_SHAKES)
		return shaking(client, in);
	if (client->tls->state != TLS_OPEN || client->closing)
		return true;
	buf_clear(&loop->plain);
	client->ended = !tls_open(client->tls, in, &loop->plain);
	return sealed_keep(client) && (loop->plain.len == 0 ||
	    client_bytes(client, buf_span(&loop->plain)));
}

bool
client_seal(struct client *client)
{
	struct loop *loop = client->listener->loop;

	/* In a handshake nothing is said. */
	if (client->tls->state == TLS_SHAKES)
		return true;
	buf_clear(&loop->sealed);
	if (!tls_seal(client->tls, buf_span(&client->out)))
		return client_gone(client);
	buf_free(&client->out);
	return sealed_keep(client);
}

void
client_bye(struct client *client)
{
	struct buf *sealed = &client->listener->loop->sealed;

	buf_clear(sealed);
	tls_bye(client->tls);
	(void)buf_add(&client->sealed, buf_span(sealed));
	buf_clear(sealed);
}
