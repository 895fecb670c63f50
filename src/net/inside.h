/*
 * What the files of net/ share: the loop's own nouns. Nothing outside net/
 * includes this.
 *
 * wire     a descriptor in the epoll set: a connection, a client, a listener
 * seat     an actor's place: its outstanding want, its connections
 * timer    a call at an exact time, in one heap
 *
 * Closed wires and left seats stay in memory until the turn's end, because
 * events of the same epoll_wait() may still name them: fd < 0 and actor NULL
 * mark them.
 */
#ifndef QUOTH_NET_INSIDE_H
#define QUOTH_NET_INSIDE_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/address.h"
#include "net/loop.h"

#include <uv.h>

enum {
	LOOP_READ = 64 * KIB,   /* the one read buffer */
	LOOP_EVENTS = 256,      /* of one epoll_wait */
	LOOP_READS = 4,         /* buffers of one wire in one turn */
	SEALED_MAX = LIMIT_BODY + LIMIT_BODY / 64 + MIB,        /* a write, with
	                         * the 5 to 29 octets of each record */
	LOOP_QUEUE = 256,       /* seats of the queue in one turn */
	LOOP_SWEEP_US = 50000,  /* deadlines are seen at most that late */
	SEAT_TURN = 16          /* inputs of one seat at a stretch */
};

struct wire {
	void (*ready)(struct loop *, struct wire *, uint32_t events);
	struct wire *next;      /* in the again queue */
	struct wire *buried;    /* among the dead */
	int  fd;                /* -1: closed */
	bool queued;
};

struct timer {
	uint64_t at_us;
	void (*call)(void *who);
	void    *who;
	size_t   place;         /* in the heap; SIZE_MAX: not set */
	bool     counts;        /* after(): keeps the loop running */
};

struct conn {
	struct wire  wire;
	struct seat *seat;
	struct buf   out;       /* what the kernel did not take; free if empty */
	size_t       out_at;    /* of it; sent up to there */
	int          broken;    /* errno of a failed write or a reset; or 0 */
	uint8_t      number;    /* of the seat's connections */
	uint8_t      attempt;   /* while dialling: which address */
	bool hold, readable;    /* readable: octets may wait to be read */
	bool hup;               /* the peer's FIN or RST is here, maybe urgent
	                         * data: read to the end */
	bool fin;               /* its FIN, cleanly: a short read is the last */
	bool ended;             /* that read was done */
	bool reset;             /* by the peer, as dialling found out */
	bool eof;               /* CLOSED was told */
	bool look;              /* WANT_LOOK has not looked yet */
	bool embedded;          /* the peer is our own server */
	struct tls *tls;        /* NULL: in the clear */
	char *host;             /* as it was named; NULL: a literal */
	struct facts facts;
};

struct seat {
	struct loop  *loop;
	struct actor *actor;    /* NULL: left */
	struct dial  *dial;     /* while connecting */
	struct timer  timer;    /* WANT_TIMER */
	struct seat  *next;     /* in the queue, or among the dead */
	uint32_t slot;
	uint8_t  kind, conn;    /* the outstanding want's; NOTHING: none */
	uint8_t  flags;         /* why it is in the queue */
	uint8_t  turns;         /* inputs left of this stretch */
	struct exchange *sasl;  /* sasl.c; NULL: none */
	bool     sasl_failed;   /* loop->fault says why it did not begin */
	bool     sasl_proves;   /* the want asks whether the server did */
	bool     queued;
	bool     written;       /* a lazy WRITE is done and not told */
	struct conn *conns[LIMIT_CONNECTIONS];
};
enum { SEAT_START = 1, SEAT_STEP = 2, SEAT_CANCEL = 4, SEAT_GO = 8 };

/* Deadlines stand side by side, so that a sweep reads them like a list. */
struct slot {
	uint64_t     due_us;    /* 0: none */
	struct seat *seat;
};

struct loop {
	struct stage stage;     /* first: a stage is its loop */
	int          epoll;
	uint64_t     now_us;
	char        *in;        /* LOOP_READ octets; for one delivery */
	struct wire *again, **again_end;
	struct wire *dead;
	struct seat *queue, **queue_end;
	struct seat *left;
	struct slot *slots;
	uint32_t     slot_count, slot_room;
	uint64_t     sweep_us, swept_us;
	struct timer **heap;
	size_t       heap_count, heap_room;
	uint32_t     afters;
	bool         stopped, hosted, skip_local;
	struct fault fault;     /* of the FAILED being told */
	struct tls_run *tls;    /* tls_run.c; NULL: no handshake yet */
	const char  *tls_ca;    /* --ca */
	struct buf   tls_cert, tls_key; /* --cert, --key: PEM; or empty */
	struct buf   tls_notes; /* told with the first handshake */
	const struct sasl_engine *sasl; /* NULL: there is none */
	struct sums_wire *sums; /* threads of sasl.c; NULL: none yet */
	struct buf   sealed;    /* octets of TLS to be sent at once */
	struct buf   plain;     /* decrypted, for one delivery */
	uint32_t     shaking;   /* handshakes under way */
	uint32_t     shaken;    /* and over since memory was given back */

	uv_loop_t    uv;
	struct wire  uv_wire;
	bool         uv_dirty;  /* a handle changed: libuv has to look */
	struct signals *signals;        /* signal.c; NULL: none yet */
	struct names *names;            /* dns_channel.c */
	struct buf    notes;            /* of the last connect */
	struct listener *listeners;     /* listen.c */
	int          reserve;           /* a descriptor kept for EMFILE */
	struct address literal;         /* that `literal_text` is */
	char         literal_text[64];  /* as short as literals are */
	struct address last;            /* whose text `last_text` is */
	char         last_text[128];
};

/* loop.c */
void loop_files_restore(void);          /* between fork and exec */
void loop_tick(struct loop *loop);      /* now_us = now */
bool wire_add(struct loop *loop, struct wire *wire);
void wire_again(struct loop *loop, struct wire *wire);  /* ready(0), soon */
void wire_bury(struct loop *loop, struct wire *wire);   /* closes, frees later */
void loop_peer_text(struct loop *loop, const struct address *address,
    char out[128]);

/* timer.c */
void timer_set(struct loop *loop, struct timer *timer, uint64_t at_us);
void timer_unset(struct loop *loop, struct timer *timer);
void timers_run(struct loop *loop);
void stage_after(struct stage *stage, uint32_t ms, void (*call)(void *),
    void *who);
void timers_free(struct loop *loop);

/* seat.c */
void stage_host(struct stage *stage, struct actor *actor);
void stage_cancel(struct stage *stage, struct actor *actor);
void stage_wake(struct stage *stage, struct actor *actor);
void seat_input(struct seat *seat, struct input *in);
void seat_kick(struct seat *seat);      /* tells what is due at once */
void seat_later(struct seat *seat, uint8_t flag);
void seats_run(struct loop *loop);
void seats_sweep(struct loop *loop);
void seats_free(struct loop *loop);

/* want.c: false: nothing to tell yet. */
bool want_take(struct seat *seat, const struct want *want, struct input *in);
bool want_advance(struct seat *seat, struct input *in);
void want_drop(struct seat *seat);      /* whatever is outstanding */
void seat_due(struct seat *seat, uint64_t due_us);

/* conn.c */
struct conn *conn_new(struct seat *seat, int fd, uint8_t number);
void conn_ready(struct loop *loop, struct wire *wire, uint32_t events);
void conn_note(struct conn *conn, uint32_t events);
void conn_close(struct conn *conn, bool reset);
bool conn_look(struct conn *conn, struct input *in);
void conn_send(struct conn *conn, struct span bytes);
void conn_flush(struct conn *conn);
bool conn_end(struct conn *conn, struct input *in);
bool conn_leftover(struct conn *conn, struct input *in);
struct span conn_unsent(const struct conn *conn);
bool conn_keep(struct conn *conn, struct span bytes);

/* secure.c: TLS between a connection and its socket */
/* To whom it was opened; `named`: by a name, and no literal. */
void secure_remember(struct conn *conn, const struct endpoint *to, bool named);
void secure_start(struct seat *seat, const struct want *want);
bool secure_result(struct seat *seat, struct input *in);        /* of TLS */
/* Octets that came: false: nothing to tell. */
bool secure_receive(struct conn *conn, struct span got, struct input *in);
/* A handshake is over, and its want has not heard of it. */
bool secure_untold(const struct conn *conn);
/* What came behind the handshake and was not told yet. */
bool secure_early(struct conn *conn, struct input *in);
/* The end of the stream in the middle of a handshake: true. */
bool secure_lost(struct conn *conn, uint8_t closing);
const struct fault *secure_late(struct seat *seat);
/* The end of the stream: what it means with TLS. */
uint8_t secure_closing(struct conn *conn, uint8_t closing);
/* `bytes` as they have to be sent; false: never. */
bool secure_seal(struct conn *conn, struct span *bytes);
void secure_bye(struct conn *conn);     /* close_notify, to be sent */
void secure_close(struct conn *conn, bool reset);
/* A handshake that is given up takes the connection with it. */
void secure_drop(struct seat *seat);

/* sasl.c: exchanges */
void sasl_start(struct seat *seat, const struct want *want);
bool sasl_result(struct seat *seat, struct input *in);
void sasl_drop(struct seat *seat);      /* what a thread still computes */
void sasl_forget(struct seat *seat);
void sasl_forget_conn(const struct conn *conn);
void sasl_sums_free(struct loop *loop);

/* dial.c */
void dial_start(struct seat *seat, const struct want *want);
bool dial_result(struct seat *seat, struct input *in);
void dial_drop(struct seat *seat);

/* listen.c */
void listeners_free(struct loop *loop);

/* signal.c */
void signals_free(struct loop *loop);

/* watch.c */
struct watch *stage_watch(struct stage *stage, int fd, void (*ready)(void *),
    void *who);
void stage_again(struct stage *stage, struct watch *watch);
void stage_unwatch(struct stage *stage, struct watch *watch);
void stage_remind(struct stage *stage, struct watch *watch, uint32_t ms);

/* tls_run.c */
void tls_run_free(struct loop *loop);

/* dns.c */
void names_free(struct loop *loop);

#endif
