/*
 * A server made of bytes in and bytes out; net/listen gives it sockets. One
 * `void *talk` for each client, made by open() and ended by close().
 */
#ifndef QUOTH_MODEL_SERVICE_H
#define QUOTH_MODEL_SERVICE_H

#include "base/buf.h"

enum service_next {
	SERVICE_GO_ON,          /* write `out`, read on */
	SERVICE_CLOSE,          /* write `out`, then FIN */
	SERVICE_TLS,            /* write `out`, then a TLS handshake; what came
	                         * behind in plaintext is thrown away */
	SERVICE_DROP,           /* RST */
	SERVICE_PACE            /* as the service's `pace` says */
};

/* How octets leave that a fault has been asked for. Until the last of them
 * nothing more is read from the client. */
struct service_pace {
	size_t            held;         /* octets at the end of `out` that this
	                                 * is about; those before leave at once */
	size_t            unread;       /* octets at the end of `in` that were
	                                 * not looked at; they come again */
	uint32_t          wait_ms;      /* before the first of them */
	uint32_t          piece;        /* octets of a write; 0: all */
	uint32_t          pause_ms;     /* between two writes */
	enum service_next then;         /* and not SERVICE_PACE */
	bool              abrupt;       /* SERVICE_CLOSE without close_notify */
};

struct service {
	uint32_t clients_max;
	uint32_t idle_ms;       /* without an octet from the client: idle() */
	/* `peer` is "127.0.0.1:4711"; for the call. NULL: refuse with a RST. */
	void *(*open)(struct service *, const char *peer, struct buf *out);
	/* Any number of octets, in order. */
	enum service_next (*bytes)(struct service *, void *talk, struct span in,
	    struct buf *out);
	enum service_next (*idle)(struct service *, void *talk, struct buf *out);
	/* The handshake held. After an implicit one open() comes instead, with
	 * the talk of nobody yet, and then this. NULL: never asks for TLS.
	 * What SASL may bind to, see model/sasl.h: `bound` is for the call,
	 * `binding` for ever. */
	void (*secured)(struct service *, void *talk, struct span binding,
	    struct span bound);
	void (*close)(struct service *, void *talk);    /* whatever happened */
	/* When clients_max are there already; writes a farewell. */
	void (*crowded)(struct service *, struct buf *out);
	/* What open() wrote may be spoilt, and the server's first octets of a
	 * handshake (then `talk` NULL: before open()). NULL: they are not. */
	enum service_next (*opened)(struct service *, void *talk,
	    struct buf *out);
	enum service_next (*shaken)(struct service *, void *talk,
	    struct buf *out);
	/* Of the SERVICE_PACE that was just returned. */
	struct service_pace pace;
};

#endif
