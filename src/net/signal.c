/*
 * Signals, told from inside loop_run() like anything else. Their handles stay
 * referenced, as uv_run() does nothing at all without any; whether loop_run()
 * goes on is not libuv's to say.
 */
#include "net/inside.h"

#include <stddef.h>

struct signal {
	uv_signal_t handle;     /* first: signal_free() in loop.c frees it all */
	void (*call)(void *who, int signum);
	void *who;
};

static void
arrived(uv_signal_t *handle, int signum)
{
	struct signal *signal = (struct signal *)handle;

	signal->call(signal->who, signum);
}

bool
loop_on_signal(struct loop *loop, int signum,
    void (*call)(void *who, int signum), void *who, struct fault *fault)
{
	struct signal *signal;
	int            flaw;

	if (loop->signal_count == LOOP_SIGNALS_MAX)
		return fault_set(fault, FAULT_INTERNAL,
		    "more than %d signals are listened for", LOOP_SIGNALS_MAX);
	signal = mem_alloc(sizeof *signal);
	signal->call = call;
	signal->who = who;
	flaw = uv_signal_init(&loop->uv, &signal->handle);
	if (flaw != 0) {
		mem_free(signal);
		return fault_set(fault, FAULT_INTERNAL,
		    "cannot listen for signals: %s", uv_strerror(flaw));
	}
	loop->signals[loop->signal_count++] = &signal->handle;
	loop->uv_dirty = true;
	flaw = uv_signal_start(&signal->handle, arrived, signum);
	if (flaw != 0)
		return fault_set(fault, FAULT_INTERNAL,
		    "cannot listen for signal %d: %s", signum,
		    uv_strerror(flaw));
	return true;
}
