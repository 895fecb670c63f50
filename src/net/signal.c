/*
 * Signals, told from inside loop_run() like anything else: the handler counts
 * and rings an eventfd, which is a wire. libuv's own handlers abort() when the
 * kernel refuses them a pipe, and cannot tell a writer that is blocked.
 *
 * Handlers belong to the process, so one loop at a time has them; loop_free()
 * gives them back, unless one was called: the process ends then, and the same
 * stroke may come a second time. Nothing here restarts a system call.
 */
#include "net/inside.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { DOUBLE_MS = 200 };       /* one stroke, delivered twice */

struct signals {
	struct wire  wire;
	uint32_t     count;
	struct {
		int  signum;
		void (*call)(void *who, int signum);
		void *who;
		struct sigaction before;
	} rows[LOOP_SIGNALS_MAX];
};

static atomic_int  arrived[NSIG];       /* and not told yet */
static atomic_int  bell = -1;
static atomic_bool any;                 /* since loop_on_signal() */
static atomic_int  first;               /* its number */
static _Atomic uint64_t first_ms;
static void      (*on_second)(int signum);

static uint64_t
clock_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Only what is safe in a handler. */
static void
handler(int signum)
{
	uint64_t one = 1;
	int      kept = errno;

	if (!atomic_exchange(&any, true)) {
		first = signum;
		first_ms = clock_ms();
	} else if (on_second != NULL && clock_ms() - first_ms > DOUBLE_MS) {
		on_second(signum);
	}
	(void)atomic_fetch_add(&arrived[signum], 1);
	(void)!write(bell, &one, sizeof one);
	errno = kept;
}

bool
loop_signalled(void)
{
	return any;
}

int
loop_signal_first(void)
{
	return first;
}

void
loop_on_second_signal(void (*call)(int signum))
{
	on_second = call;
}

static void
rung(struct loop *loop, struct wire *wire, uint32_t events)
{
	struct signals *signals = (struct signals *)wire;
	uint64_t        count;

	(void)loop, (void)events;
	(void)!read(wire->fd, &count, sizeof count);
	for (uint32_t i = 0; i < signals->count; i++) {
		int signum = signals->rows[i].signum;

		for (int n = atomic_exchange(&arrived[signum], 0); n > 0; n--)
			signals->rows[i].call(signals->rows[i].who, signum);
	}
}

static bool
signals_new(struct loop *loop)
{
	struct signals *signals = mem_alloc(sizeof *signals);

	signals->wire = (struct wire){ .ready = rung,
		.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
	if (signals->wire.fd >= 0 && wire_add(loop, &signals->wire)) {
		bell = signals->wire.fd;
		any = false;
		loop->signals = signals;
		return true;
	}
	if (signals->wire.fd >= 0)
		(void)close(signals->wire.fd);
	mem_free(signals);
	return false;
}

bool
loop_on_signal(struct loop *loop, int signum,
    void (*call)(void *who, int signum), void *who, struct fault *fault)
{
	struct sigaction action = { .sa_handler = handler };
	struct signals  *signals;
	uint32_t         at;

	if (loop->signals == NULL && !signals_new(loop))
		return fault_set(fault, FAULT_INTERNAL,
		    "cannot listen for signals: %s", address_errno(errno));
	signals = loop->signals;
	at = signals->count;
	if (at == LOOP_SIGNALS_MAX)
		return fault_set(fault, FAULT_INTERNAL,
		    "more than %d signals are listened for", LOOP_SIGNALS_MAX);
	signals->rows[at].signum = signum;
	signals->rows[at].call = call;
	signals->rows[at].who = who;
	arrived[signum] = 0;
	if (sigaction(signum, &action, &signals->rows[at].before) != 0)
		return fault_set(fault, FAULT_INTERNAL,
		    "cannot listen for signal %d: %s", signum,
		    address_errno(errno));
	signals->count++;
	return true;
}

void
signals_free(struct loop *loop)
{
	struct signals *signals = loop->signals;

	if (signals == NULL)
		return;
	loop->signals = NULL;
	while (signals->count > 0) {
		signals->count--;
		if (!any)
			(void)sigaction(signals->rows[signals->count].signum,
			    &signals->rows[signals->count].before, NULL);
	}
	bell = -1;
	wire_bury(loop, &signals->wire);
}
