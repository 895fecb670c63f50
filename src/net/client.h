/*
 * Shared by listen.c, which accepts, and client.c, which serves.
 */
#ifndef QUOTH_NET_CLIENT_H
#define QUOTH_NET_CLIENT_H

#include "net/inside.h"

enum {
	CLIENT_OUT_HIGH = 64 * KIB      /* answers waiting for a slow reader */
};

struct client {
	struct wire      wire;
	struct listener *listener;
	void            *talk;          /* NULL: service is done with it */
	struct buf       out;
	struct buf       rest;          /* read, not handed over yet */
	struct tls      *tls;           /* NULL: in the clear */
	struct pace     *pace;          /* NULL: octets leave as they are said */
	struct buf       sealed;        /* with TLS: as it has to be sent */
	uint64_t         heard_us;
	struct client   *before, *after;
	char             peer[128];
	bool readable, hup, closing, shut;
	bool bye;                       /* close_notify was said */
	bool ended;                     /* TLS: nothing comes any more */
	bool starts;                    /* TLS: what is read now is dropped */
	bool shaken;                    /* the service has seen the handshake */
};

struct listener {
	struct wire      wire;
	struct loop     *loop;
	struct service  *service;
	struct listener *next;
	struct client   *oldest, *newest;
	struct timer     idle, pause;
	uint32_t         clients;
	bool             tls;           /* implicit: at once */
	struct address   bound;
};

/* Takes `fd`. */
void client_new(struct listener *listener, int fd, const struct address *peer);
void client_close(struct client *client, bool reset);

/* client_tls.c. False: the client is gone. */
bool client_secure(struct client *client);
bool client_open(struct client *client, struct span in);
bool client_seal(struct client *client);        /* out -> sealed */
void client_bye(struct client *client);
/* Octets for the service; false: the client is gone. */
bool client_bytes(struct client *client, struct span in);
bool client_talk(struct client *client);        /* its dialogue begins */
/* What the service said; what waits is sent as far as the kernel takes it;
 * false: the client is gone. */
bool client_next(struct client *client, enum service_next next);
bool client_flush(struct client *client);
void client_heard(struct client *client);       /* is silent from now on */

/* pace.c: SERVICE_PACE. False: the client is gone. */
bool pace_begin(struct client *client, const struct service_pace *plan);
void pace_free(struct client *client);

/* A farewell to one too many; closes `fd`. */
void client_refuse(struct listener *listener, int fd);

/* Calls idle() where it is due; `who` is a listener. A timer's call. */
void clients_idle(void *who);

#endif
