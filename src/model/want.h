/*
 * The seam between the session, which decides, and the loop, which alone
 * touches the world: what a session asks for (want), what it is told (input).
 * Both are closed sets. Time is monotonic microseconds (_us).
 */
#ifndef QUOTH_MODEL_WANT_H
#define QUOTH_MODEL_WANT_H

#include "base/fault.h"
#include "model/endpoint.h"
#include "model/tls.h"

struct sasl_ask;

enum want_kind {
	WANT_NOTHING,           /* the want before still stands */
	WANT_STEP,              /* only the source (INPUT_STEP) or due_us */
	WANT_CONNECT,           /* names, happy eyeballs: one DONE or FAILED */
	WANT_TLS,               /* a handshake on an open connection, implicit
	                         * TLS as well; FAILED: it is closed */
	WANT_LOOK,              /* octets that wait to be read come as BYTES (or
	                         * a close as CLOSED), then DONE, at once */
	WANT_SASL,              /* a sum: DONE.bytes is our response, or FAILED.
	                         * An exchange begins (`sasl`), or a challenge
	                         * came (`bytes`), or the server said yes (ptr of
	                         * `bytes` NULL): did it prove what it has to? */
	WANT_WRITE,             /* DONE when the kernel has every octet */
	WANT_REPLY,             /* BYTES until the next want; never DONE */
	WANT_TIMER,             /* DONE at due_us: exact, unlike a deadline */
	WANT_CLOSE,             /* FIN and forget; DONE at once; no input of that
	                         * conn until CONNECT */
	WANT_HALF_CLOSE,        /* our side only; DONE when the kernel has it */
	WANT_ABORT,             /* RST; DONE at once */
	WANT_OVER               /* close whatever is open; actor->gone follows */
};

enum then {
	THEN_JUDGE,             /* await and judge if the step awaits a reply */
	THEN_FOLLOW,            /* call verb->follow: the next chunk */
	THEN_ROUND,             /* await and judge; if that passed, follow */
	THEN_END                /* the reply is judged already */
};

enum { CONN_ALL = 255 };

/* One session has at most one want outstanding; a new one replaces it. */
struct want {
	uint8_t     kind, conn;
	bool        hold;       /* stop reading this conn until a REPLY for it */
	uint8_t     then;       /* enum then: what DONE of this want leads to */
	bool        secret;     /* octets are masked in events */
	bool        made;       /* octets of plan_line(), no constant */
	bool        midway;     /* WRITE: where its reply is positive, the server
	                         * is in the middle of something (BDAT) */
	bool        lazy;       /* WRITE: a DONE at once need not be told: it is
	                         * a REPLY by then, and the next input says
	                         * `written` */
	bool        patient;    /* TLS: it is to fail, maybe late */
	bool        spent;      /* any: the SASL exchange before it is over, and
	                         * what it knew is wiped */
	uint64_t    due_us;     /* TIMEOUT then; 0 none. Kept by WANT_NOTHING */
	struct span bytes;      /* WRITE: until the next session_input of the
	                         * loop: it writes at once and copies the rest.
	                         * SASL: as long */
	union {
		const struct endpoint *to;      /* CONNECT; program */
		const struct tls_ask *tls;      /* TLS; program */
		const struct sasl_ask *sasl;    /* SASL; program; host, port
		                                 * and binding are the loop's */
		uint32_t ms;                    /* TIMER; session sets due_us */
	};
};

enum input_kind {
	INPUT_START, INPUT_STEP,        /* the source said LATER, is ready now */
	INPUT_DONE, INPUT_BYTES, INPUT_CLOSED, INPUT_TIMEOUT, INPUT_FAILED,
	INPUT_CANCEL                    /* any time: the next want is OVER */
};
/* NOTIFY: close_notify, TLS as it should be; TLS_CUT: TLS without one. */
enum closing { CLOSING_FIN, CLOSING_RST, CLOSING_NOTIFY, CLOSING_TLS_CUT };

/* What the loop found out about a connection. Lives as long as it. */
struct facts {
	char     peer[128];     /* "127.0.0.1:25", "[::1]:25", "unix:/path" */
	char     local[128];
	uint64_t dns_us, connect_us;    /* how long each phase took */
	const struct tls_facts *tls;    /* NULL: in the clear */
};

/* BYTES and CLOSED may come for any open connection in any state, also while
 * a WRITE is under way; DONE, FAILED and TIMEOUT only for the outstanding
 * want. Order per connection is the wire's: before FAILED of a write the loop
 * reads to the end, so that a reply beats EPIPE. */
struct input {
	uint8_t             kind, conn, closing;
	bool                unsent;     /* FAILED, TIMEOUT of a WRITE: octets stay */
	bool                all;        /* BYTES: nothing was left to be read; a
	                                 * LOOK now would ask that once more */
	bool                written;    /* DONE of the lazy WRITE, told late */
	uint64_t            at_us;      /* never decreases within a session */
	struct span         bytes;      /* BYTES; DONE of SASL, ptr NULL: no
	                                 * response yet; for the call */
	const struct facts *facts;      /* DONE of CONNECT and TLS */
	const struct fault *fault;      /* FAILED, TIMEOUT of TLS (what it
	                                 * waited for), DONE of SASL (what the
	                                 * server said of us; or NULL): for the
	                                 * call */
	struct span         notes;      /* DONE, FAILED of CONNECT, DONE of
	                                 * TLS: lines that tell how it went;
	                                 * for the call */
};

#endif
