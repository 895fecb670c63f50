/*
 * The server as net/listen sees it: clients come, send octets, fall silent,
 * go. What the whole server shares is made once here: its name, the replies
 * that carry it, the maildir.
 */
#include "serve/serve.h"

#include "base/limits.h"
#include "base/mem.h"
#include "serve/auth.h"
#include "serve/mailparam.h"
#include "serve/mailpath.h"

enum { HOST_MAX = 255, REPLY_MAX = 1024, PEER_MAX = 63 };

/* `service` is the first member of its server. */
static struct server *
server_of(struct service *service)
{
	return (struct server *)(void *)service;
}

static void *
open_client(struct service *service, const char *peer, struct buf *out)
{
	struct server *server = server_of(service);
	size_t         len = strnlen(peer, PEER_MAX);
	struct guest *guest = mem_alloc(sizeof *guest + len + 1);

	guest->server = server;
	guest->line = buf_new(LIMIT_SASL - 1);
	/* A unix socket's path may hold anything; Received must not. */
	for (size_t i = 0; i < len; i++)
		guest->peer[i] = peer[i] > ' ' && peer[i] <= '~' ?
		    peer[i] : '?';
	if (server->faults != NULL)
		guest->faults = faults_client(server->faults);
	buf_add(out, buf_span(&server->banner));
	return guest;
}

/* Both are asked only where there are faults. */
static enum service_next
spoil_banner(struct service *service, void *talk, struct buf *out)
{
	struct guest *guest = talk;
	const char   *text = faults_begin(guest->faults, FAULTS_BANNER);

	if (text != NULL) {
		buf_clear(out);
		(void)guest_say(out, text);
	}
	return faults_spoil(guest->faults, out, 0, 0, SERVICE_GO_ON,
	    &service->pace);
}

static enum service_next
spoil_handshake(struct service *service, void *talk, struct buf *out)
{
	struct guest        *guest = talk;
	struct faults_state *state = guest != NULL ? guest->faults :
	    faults_nobody(server_of(service)->faults);

	(void)faults_begin(state, FAULTS_TLS);
	return faults_spoil(state, out, 0, 0, SERVICE_GO_ON, &service->pace);
}

static enum service_next
read_client(struct service *service, void *talk, struct span in,
    struct buf *out)
{
	(void)service;
	return guest_bytes(talk, in, out);
}

/* RFC 3207 4.2: nothing that was said before counts. */
static void
secured_client(struct service *service, void *talk, struct span binding,
    struct span bound)
{
	struct guest *guest = talk;

	(void)service;
	guest_reset(guest);
	guest->phase = PHASE_NEW;
	guest->extended = false;
	guest->secured = true;
	mem_free(guest->name);
	guest->name = NULL;
	auth_forget(guest);
	guest->binding = binding;
	buf_free(&guest->bound);
	guest->bound = buf_new(SASL_BOUND_MAX);
	buf_add(&guest->bound, bound);
	buf_free(&guest->line);
	guest->line = buf_new(LIMIT_SASL - 1);
}

static enum service_next
idle_client(struct service *service, void *talk, struct buf *out)
{
	const struct guest *guest = talk;

	if (guest->faults != NULL && guest->faults->muted)
		return SERVICE_CLOSE;
	guest_farewell(server_of(service), out, "4.4.2",
	    "Nothing came for too long");
	return SERVICE_CLOSE;
}

static void
close_client(struct service *service, void *talk)
{
	struct guest *guest = talk;

	(void)service;
	guest_reset(guest);
	auth_forget(guest);
	buf_free(&guest->line);
	buf_free(&guest->bound);
	mem_free(guest->name);
	mem_free(guest->client);
	mem_free(guest->faults);
	mem_free(guest);
}

static void
refuse_client(struct service *service, struct buf *out)
{
	guest_farewell(server_of(service), out, "4.3.2", "Too many clients");
}

static void
make_replies(struct server *server)
{
	struct span host = buf_span(&server->host);

	server->banner = buf_new(REPLY_MAX);
	server->helo = buf_new(REPLY_MAX);
	buf_addf(&server->banner, "220 %.*s %s quoth\r\n", SPAN_ARG(host),
	    server->lmtp ? "LMTP" : "ESMTP");
	buf_addf(&server->helo, "250 %.*s\r\n", SPAN_ARG(host));
	for (int how = 0; how < 3; how++) {
		server->ehlo[how] = buf_new(REPLY_MAX);
		buf_addf(&server->ehlo[how], "250-%.*s\r\n"
		    "250-PIPELINING\r\n250-SIZE %u\r\n250-8BITMIME\r\n"
		    "250-ENHANCEDSTATUSCODES\r\n250-SMTPUTF8\r\n250-DSN\r\n"
		    "250-CHUNKING\r\n250-BINARYMIME\r\n250-DELIVERBY\r\n"
		    "250-FUTURERELEASE %u %s\r\n250-MT-PRIORITY MIXER\r\n"
		    "250-LIMITS RCPTMAX=%d\r\n250-ETRN\r\n250-VRFY\r\n"
		    "250-EXPN\r\n250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN "
		    "DESTADDR DESTPORT\r\n250-XFORWARD NAME ADDR PORT PROTO "
		    "HELO IDENT SOURCE\r\n%s",
		    SPAN_ARG(host), (unsigned)server->size_max,
		    MAILPARAM_HOLD_MAX, mailparam_hold_until,
		    LIMIT_SERVE_RECIPIENTS,
		    how > 0 ? "250-REQUIRETLS\r\n" : server->tls ?
		    "250-STARTTLS\r\n" : "");
		auth_list(server, how > 0, how == 2, &server->ehlo[how]);
		buf_add(&server->ehlo[how], SPAN("250 HELP\r\n"));
	}
}

bool
serve_fault_check(const char *spec, struct fault *fault)
{
	struct faults_item item;
	bool               fine = faults_parse(spec, &item, fault);

	if (fine)
		faults_item_free(&item);
	return fine;
}

static bool
fill_faults(struct server *server, const struct serve_options *options,
    struct fault *fault)
{
	if (options->fault_count == 0)
		return true;
	server->faults = faults_new(options->faults, options->fault_count,
	    fault);
	if (server->faults == NULL)
		return false;
	server->service.opened = spoil_banner;
	if (server->faults->tls)
		server->service.shaken = spoil_handshake;
	return true;
}

static bool
fill(struct server *server, const struct serve_options *options,
    struct fault *fault)
{
	struct span host = span_of(options->host_name == NULL ? SERVE_HOST :
	    options->host_name);

	server->size_max = options->size_max == 0 ? LIMIT_SERVE_MESSAGE :
	    options->size_max;
	server->lmtp = options->lmtp;
	server->seed = options->seed;
	server->tls = options->tls;
	server->now = options->now;
	server->sasl = options->sasl;
	server->auth_only = options->auth_only;
	server->auth_tls = options->auth_tls;
	if (!mailpath_domain(host))
		return fault_set(fault, FAULT_USAGE,
		    "the server's name must be a domain, such as " SERVE_HOST);
	if (server->size_max > LIMIT_SERVE_MESSAGE)
		return fault_set(fault, FAULT_USAGE, "a message size of %u is "
		    "above the limit of %d (LIMIT_SERVE_MESSAGE)",
		    (unsigned)server->size_max, (int)LIMIT_SERVE_MESSAGE);
	if (!fill_faults(server, options, fault))
		return false;
	server->host = buf_new(HOST_MAX);
	buf_add(&server->host, host);
	make_replies(server);
	if (options->maildir == NULL)
		return true;
	server->keeps = maildir_open(&server->maildir, options->maildir, fault);
	return server->keeps;
}

struct service *
serve_new(const struct serve_options *options, struct fault *fault)
{
	struct server *server = mem_alloc(sizeof *server);

	server->service = (struct service){
		.clients_max = LIMIT_SERVE_CLIENTS,
		.idle_ms = LIMIT_SERVE_IDLE_MS,
		.open = open_client, .bytes = read_client, .idle = idle_client,
		.secured = secured_client, .close = close_client,
		.crowded = refuse_client
	};
	if (fill(server, options, fault))
		return &server->service;
	serve_free(&server->service);
	return NULL;
}

void
serve_free(struct service *service)
{
	struct server *server = server_of(service);

	if (server == NULL)
		return;
	if (server->keeps)
		maildir_close(&server->maildir);
	buf_free(&server->host);
	buf_free(&server->banner);
	for (int how = 0; how < 3; how++)
		buf_free(&server->ehlo[how]);
	buf_free(&server->helo);
	faults_free(server->faults);
	mem_free(server);
}
