/*
 * WANT_SASL: what an engine (model/sasl.h) computes for a seat. An exchange
 * lives from its begin to the next one, its failure, or its connection's end,
 * and is wiped then. What only the loop knows comes from here: host and port,
 * and of TLS what -PLUS binds to.
 *
 * A server chooses how much work SCRAM is. A step that the engine calls slow is
 * made in a thread of its own, so that no other session waits for it; libuv's
 * pool has four, and joins them at exit, whatever they are at. Who gives up
 * leaves the exchange to its thread, which is the last to know it.
 */
#include "net/inside.h"
#include "net/tls.h"

#include "model/sasl.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Who is above that would burn the machine for nothing. */
enum { THREADS_MAX = 64 };

/* Between the loop and the threads: lives as long as either. */
struct sums {
	pthread_mutex_t  lock;
	int              wake;          /* -1: the loop is gone */
	uint32_t         running;
	struct exchange *done;
};

struct sums_wire {
	struct wire  wire;              /* first */
	struct sums *sums;
};

struct exchange {
	const struct sasl_engine *engine;
	struct sasl     *sasl;
	struct seat     *seat;          /* NULL: nobody waits for it */
	struct sums     *sums;
	struct exchange *next;
	struct buf       in, out;
	struct fault     fault;
	uint8_t          step;          /* enum sasl_step */
	uint8_t          conn;
	bool             busy;          /* a thread's; hands off */
	bool             begins;        /* nothing came before this step */
	char             bound[64];     /* of the TLS connection */
};

static void
wipe(struct buf *buf)
{
	if (buf->ptr != NULL)
		explicit_bzero(buf->ptr, buf->cap);
	buf_free(buf);
}

static void
exchange_free(struct exchange *exchange)
{
	exchange->engine->end(exchange->sasl);
	wipe(&exchange->in);
	wipe(&exchange->out);
	mem_free(exchange);
}

static void
compute(struct exchange *exchange)
{
	struct span in = buf_span(&exchange->in);

	if (exchange->begins)
		in = (struct span){ NULL, 0 };
	else if (in.ptr == NULL)
		in = (struct span){ "", 0 };
	exchange->fault.text[0] = '\0';
	exchange->step = (uint8_t)exchange->engine->step(exchange->sasl, in,
	    &exchange->out, &exchange->fault);
}

/* ---- in a thread ------------------------------------------------------------ */

static void
sums_free(struct sums *sums)
{
	(void)pthread_mutex_destroy(&sums->lock);
	mem_free(sums);
}

static void *
thread_main(void *who)
{
	struct exchange *exchange = who;
	struct sums     *sums = exchange->sums;
	bool             over;

	compute(exchange);
	(void)pthread_mutex_lock(&sums->lock);
	sums->running--;
	over = sums->wake < 0;
	if (!over) {
		exchange->next = sums->done;
		sums->done = exchange;
		(void)eventfd_write(sums->wake, 1);
	}
	over = over && sums->running == 0;
	if (sums->wake < 0)
		exchange_free(exchange);
	(void)pthread_mutex_unlock(&sums->lock);
	if (over)
		sums_free(sums);
	return NULL;
}

/* ---- in the loop ------------------------------------------------------------ */

static void
sums_ready(struct loop *loop, struct wire *wire, uint32_t events)
{
	struct sums     *sums = ((struct sums_wire *)(void *)wire)->sums;
	struct exchange *exchange, *next;
	eventfd_t        count;

	(void)events;
	loop_tick(loop);
	(void)eventfd_read(wire->fd, &count);
	(void)pthread_mutex_lock(&sums->lock);
	exchange = sums->done;
	sums->done = NULL;
	(void)pthread_mutex_unlock(&sums->lock);
	for (; exchange != NULL; exchange = next) {
		next = exchange->next;
		exchange->busy = false;
		if (exchange->seat == NULL)
			exchange_free(exchange);
		else
			seat_later(exchange->seat, SEAT_GO);
	}
}

static bool
sums_begin(struct loop *loop)
{
	struct sums_wire *at;
	struct sums      *sums;

	if (loop->sums != NULL)
		return true;
	sums = mem_alloc(sizeof *sums);
	at = mem_alloc(sizeof *at);
	at->wire.ready = sums_ready;
	at->wire.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	at->sums = sums;
	sums->wake = at->wire.fd;
	if (pthread_mutex_init(&sums->lock, NULL) == 0 && at->wire.fd >= 0 &&
	    wire_add(loop, &at->wire)) {
		loop->sums = at;
		return true;
	}
	if (at->wire.fd >= 0)
		(void)close(at->wire.fd);
	mem_free(at);
	mem_free(sums);
	return false;
}

/* No thread, or too many: then it is made here, or not at all. */
static bool
thread_start(struct exchange *exchange)
{
	struct loop *loop = exchange->seat->loop;
	struct sums *sums;
	sigset_t     all, before;
	pthread_t    thread;
	bool         started;

	if (!sums_begin(loop))
		return false;
	sums = exchange->sums = loop->sums->sums;
	(void)pthread_mutex_lock(&sums->lock);
	started = sums->running < THREADS_MAX;
	sums->running += started;
	(void)pthread_mutex_unlock(&sums->lock);
	if (!started)
		return false;
	/* Signals are the main thread's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	exchange->busy = true;
	started = pthread_create(&thread, NULL, thread_main, exchange) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (started) {
		(void)pthread_detach(thread);
		return true;
	}
	exchange->busy = false;
	(void)pthread_mutex_lock(&sums->lock);
	sums->running--;
	(void)pthread_mutex_unlock(&sums->lock);
	return false;
}

void
sasl_sums_free(struct loop *loop)
{
	struct sums_wire *at = loop->sums;
	struct sums      *sums;
	bool              over;

	if (at == NULL)
		return;
	sums = at->sums;
	sums_ready(loop, &at->wire, 0);
	(void)pthread_mutex_lock(&sums->lock);
	over = sums->running == 0;
	sums->wake = -1;
	/* What was done in between. */
	while (sums->done != NULL) {
		struct exchange *exchange = sums->done;

		sums->done = exchange->next;
		exchange_free(exchange);
	}
	(void)pthread_mutex_unlock(&sums->lock);
	if (over)
		sums_free(sums);
	wire_bury(loop, &at->wire);
	loop->sums = NULL;
}

/* ---- an exchange ------------------------------------------------------------ */

void
sasl_forget(struct seat *seat)
{
	struct exchange *exchange = seat->sasl;

	seat->sasl = NULL;
	if (exchange == NULL)
		return;
	exchange->seat = NULL;
	if (!exchange->busy)
		exchange_free(exchange);
}

void
sasl_forget_conn(const struct conn *conn)
{
	if (conn->seat->sasl != NULL &&
	    conn->seat->sasl->conn == conn->number)
		sasl_forget(conn->seat);
}

void
sasl_drop(struct seat *seat)
{
	if (seat->sasl != NULL && seat->sasl->busy)
		sasl_forget(seat);
}

void
loop_sasl(struct loop *loop, const struct sasl_engine *engine)
{
	loop->sasl = engine;
}

/* "127.0.0.1:25", "[::1]:25", "unix:/path" */
static void
peer_split(const char *peer, struct sasl_ask *ask)
{
	const char *colon = strrchr(peer, ':');
	uint64_t    port;

	if (strncmp(peer, "unix:", 5) == 0 || colon == NULL) {
		ask->host = SPAN("localhost");
		return;
	}
	ask->host = (struct span){ peer, (size_t)(colon - peer) };
	if (span_starts(ask->host, SPAN("[")))
		ask->host = span_sub(ask->host, 1, ask->host.len - 2);
	if (span_u64(span_of(colon + 1), &port) && port <= UINT16_MAX)
		ask->port = (uint16_t)port;
}

static bool
bind_tls(struct conn *conn, struct exchange *exchange, struct sasl_ask *ask,
    struct fault *fault)
{
	if (conn->tls == NULL)
		return fault_set(fault, FAULT_SCENARIO, "%s binds to the TLS "
		    "connection, and this one is in the clear",
		    ask->mechanism->name);
	ask->bound.len = tls_binding(conn->tls, &ask->binding,
	    exchange->bound, sizeof exchange->bound);
	ask->bound.ptr = exchange->bound;
	return ask->bound.len > 0 || fault_set(fault, FAULT_TLS, "%s gives "
	    "nothing that %s could bind to", conn->tls->facts.version,
	    ask->mechanism->name);
}

static bool
exchange_begin(struct seat *seat, struct conn *conn,
    const struct sasl_ask *asked)
{
	struct exchange *exchange = mem_alloc(sizeof *exchange);
	struct fault    *fault = &seat->loop->fault;
	struct sasl_ask  ask = *asked;

	exchange->engine = seat->loop->sasl;
	exchange->in = buf_new(LIMIT_REPLY);
	exchange->out = buf_new(LIMIT_REPLY);
	exchange->conn = conn->number;
	exchange->begins = true;
	peer_split(conn->facts.peer, &ask);
	if (conn->host != NULL)
		ask.host = span_of(conn->host);
	if ((ask.mechanism->traits & SASL_BINDING) == 0 ||
	    bind_tls(conn, exchange, &ask, fault))
		exchange->sasl = exchange->engine->client(&ask, fault);
	if (exchange->sasl == NULL) {
		mem_free(exchange);
		return false;
	}
	exchange->seat = seat;
	seat->sasl = exchange;
	return true;
}

static bool
none(struct seat *seat, const char *why)
{
	seat->sasl_failed = true;
	return fault_set(&seat->loop->fault, FAULT_INTERNAL, "%s", why);
}

void
sasl_start(struct seat *seat, const struct want *want)
{
	struct conn     *conn = seat->conns[want->conn];
	struct exchange *exchange;

	seat->sasl_failed = false;
	if (want->sasl != NULL)
		sasl_forget(seat);
	if (conn == NULL || seat->loop->sasl == NULL) {
		(void)none(seat, conn == NULL ? "there is no connection for "
		    "SASL" : "nobody computes SASL here");
		return;
	}
	if (want->sasl != NULL && !exchange_begin(seat, conn, want->sasl)) {
		seat->sasl_failed = true;
		return;
	}
	exchange = seat->sasl;
	if (exchange == NULL || exchange->busy) {
		(void)none(seat, "no SASL exchange is under way");
		return;
	}
	seat->sasl_proves = want->sasl == NULL && want->bytes.ptr == NULL;
	if (seat->sasl_proves)
		return;
	exchange->begins = want->sasl != NULL;
	buf_clear(&exchange->in);
	buf_clear(&exchange->out);
	(void)buf_add(&exchange->in, want->bytes);
	if (!exchange->engine->slow(exchange->sasl, exchange->begins ?
	    (struct span){ NULL, 0 } : buf_span(&exchange->in)))
		compute(exchange);
	else if (!thread_start(exchange))
		(void)none(seat, "no thread is left for what SASL computes");
}

static bool
result_failed(struct seat *seat, struct input *in)
{
	*in = (struct input){ .kind = INPUT_FAILED, .conn = seat->conn,
		.fault = &seat->loop->fault };
	sasl_forget(seat);
	return true;
}

bool
sasl_result(struct seat *seat, struct input *in)
{
	struct exchange *exchange = seat->sasl;

	if (seat->sasl_failed || exchange == NULL)
		return result_failed(seat, in);
	if (exchange->busy)
		return false;
	*in = (struct input){ .kind = INPUT_DONE, .conn = seat->conn };
	if (seat->sasl_proves) {
		if (!exchange->engine->proven(exchange->sasl,
		    &seat->loop->fault))
			return result_failed(seat, in);
		sasl_forget(seat);
		return true;
	}
	if (exchange->step == SASL_STEP_FAILED) {
		seat->loop->fault = exchange->fault;
		return result_failed(seat, in);
	}
	if (exchange->step == SASL_STEP_SILENT && !exchange->begins) {
		/* A challenge has to be answered. */
		(void)fault_set(&seat->loop->fault, FAULT_SASL,
		    "the server asks for more, and there is nothing to say");
		return result_failed(seat, in);
	}
	if (exchange->fault.text[0] != '\0')
		in->fault = &exchange->fault;
	if (exchange->step != SASL_STEP_SILENT) {
		in->bytes = buf_span(&exchange->out);
		if (in->bytes.ptr == NULL)
			in->bytes = (struct span){ "", 0 };
	}
	return true;
}
