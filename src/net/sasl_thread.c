/*
 * A server chooses how much work SCRAM is. A step that the engine calls slow is
 * made in a thread of its own, so that no other session waits for it; libuv's
 * pool has four, and joins them at exit, whatever they are at. Who gives up
 * leaves the exchange to its thread, which is the last to know it.
 */
#include "net/sasl_own.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

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

	sasl_compute(exchange);
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
		sasl_free(exchange);
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
			sasl_free(exchange);
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

bool
sasl_thread(struct exchange *exchange)
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
	started = sums->running < LIMIT_SASL_THREADS;
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
		sasl_free(exchange);
	}
	(void)pthread_mutex_unlock(&sums->lock);
	if (over)
		sums_free(sums);
	wire_bury(loop, &at->wire);
	loop->sums = NULL;
}
