/*
 * One thread, one epoll set, one turn after another:
 *
 *   wait -> events -> wires that were not done -> queued seats -> timers
 *        -> deadlines -> bury the dead
 *
 * Each part of a turn is bounded, so nobody can starve anybody. libuv's loop
 * is a wire like any other: when its descriptor is readable, or one of its
 * handles changed (uv_dirty), it runs once without waiting.
 */
#include "net/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	DESCRIPTORS_APART = 64, /* files, reports, name server */
	FAR_US = 1000000
};

void
loop_tick(struct loop *loop)
{
	struct timespec now;
	uint64_t        now_us;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	now_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	if (now_us > loop->now_us)
		loop->now_us = now_us;
}

static uint64_t
stage_now_us(struct stage *stage)
{
	return ((struct loop *)stage)->now_us;
}

bool
wire_add(struct loop *loop, struct wire *wire)
{
	struct epoll_event event = { .data.ptr = wire, .events = EPOLLIN |
		EPOLLOUT | EPOLLRDHUP | EPOLLPRI | (uint32_t)EPOLLET };

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, wire->fd, &event) == 0;
}

void
wire_again(struct loop *loop, struct wire *wire)
{
	if (wire->queued)
		return;
	wire->queued = true;
	wire->next = NULL;
	*loop->again_end = wire;
	loop->again_end = &wire->next;
}

void
wire_bury(struct loop *loop, struct wire *wire)
{
	if (wire->fd < 0)
		return;
	(void)close(wire->fd);  /* leaves the epoll set by that */
	wire->fd = -1;
	wire->buried = loop->dead;
	loop->dead = wire;
}

void
loop_peer_text(struct loop *loop, const struct address *address, char out[128])
{
	if (!address_eq(address, &loop->last)) {
		loop->last = *address;
		address_text(address, loop->last_text, sizeof loop->last_text);
	}
	memcpy(out, loop->last_text, sizeof loop->last_text);
}

static void
uv_ready(struct loop *loop, struct wire *wire, uint32_t events)
{
	(void)wire, (void)events;
	loop->uv_dirty = false;
	loop_tick(loop);
	(void)uv_run(&loop->uv, UV_RUN_NOWAIT);
}

static void
again_run(struct loop *loop)
{
	struct wire *wire = loop->again, *next;

	loop->again = NULL;
	loop->again_end = &loop->again;
	for (; wire != NULL; wire = next) {
		next = wire->next;
		wire->queued = false;
		if (wire->fd >= 0)
			wire->ready(loop, wire, 0);
	}
}

static void
bury(struct loop *loop)
{
	struct wire *wire = loop->dead, *next;
	struct seat *seat;

	loop->dead = NULL;
	for (; wire != NULL; wire = next) {
		next = wire->buried;
		if (wire->queued) {     /* again_run() steps over it first */
			wire->buried = loop->dead;
			loop->dead = wire;
		} else {
			mem_free(wire);
		}
	}
	while ((seat = loop->left) != NULL) {
		loop->left = seat->next;
		mem_free(seat);
	}
}

/* Milliseconds for epoll_wait, rounded up: never a turn too early. */
static int
patience(struct loop *loop)
{
	uint64_t at_us = loop->sweep_us;

	/* Dirty still: a handle changed another while libuv ran. */
	if (loop->again != NULL || loop->queue != NULL || loop->uv_dirty)
		return 0;
	if (loop->heap_count > 0 && loop->heap[0]->at_us < at_us)
		at_us = loop->heap[0]->at_us;
	if (at_us == UINT64_MAX)
		return -1;
	/* The clock stands since the last read: exact enough for far ahead. */
	if (at_us < loop->now_us + FAR_US)
		loop_tick(loop);
	if (at_us <= loop->now_us)
		return 0;
	at_us = (at_us - loop->now_us + 999) / 1000;
	return at_us > 3600 * 1000 ? 3600 * 1000 : (int)at_us;
}

static void
turn(struct loop *loop)
{
	struct epoll_event events[LOOP_EVENTS];
	int count;

	if (loop->uv_dirty)
		uv_ready(loop, &loop->uv_wire, 0);
	count = epoll_wait(loop->epoll, events, LOOP_EVENTS, patience(loop));
	if (count < 0 && errno != EINTR)
		loop->stopped = true;   /* a bug; waiting again would spin */
	/* A connection looks at the clock when it has read; twice is dear. */
	if (count <= 0 || loop->listeners != NULL)
		loop_tick(loop);
	for (int i = 0; i < count; i++) {
		struct wire *wire = events[i].data.ptr;

		if (wire->fd >= 0)
			wire->ready(loop, wire, events[i].events);
	}
	if (loop->again != NULL)
		again_run(loop);
	if (loop->queue != NULL)
		seats_run(loop);
	if (loop->heap_count > 0)
		timers_run(loop);
	if (loop->sweep_us <= loop->now_us)
		seats_sweep(loop);
	bury(loop);
}

static bool
busy(const struct loop *loop)
{
	return loop->slot_count > 0 || loop->afters > 0 ||
	    (loop->listeners != NULL && !loop->hosted);
}

void
loop_run(struct loop *loop)
{
	loop->stopped = false;
	loop_tick(loop);
	while (!loop->stopped && busy(loop))
		turn(loop);
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

void
loop_skip_local(struct loop *loop)
{
	loop->skip_local = true;
}

struct stage *
loop_stage(struct loop *loop)
{
	return &loop->stage;
}

static rlim_t files_before;     /* the process's own; 0: not raised */

static void
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < limit.rlim_max) {
		files_before = limit.rlim_cur;
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit); /* best effort */
	}
}

/* What we were given: programs that use select(), or close every descriptor
 * there may be, want no more. */
void
loop_files_restore(void)
{
	struct rlimit limit;

	if (files_before == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = files_before;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

uint32_t
loop_sessions_max(const struct loop *loop)
{
	struct rlimit limit;

	(void)loop;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 256;
	if (limit.rlim_cur > UINT32_MAX)
		return UINT32_MAX;
	if (limit.rlim_cur <= DESCRIPTORS_APART)
		return 1;
	return (uint32_t)limit.rlim_cur - DESCRIPTORS_APART;
}

static bool
embed_uv(struct loop *loop)
{
	struct epoll_event event = { .events = EPOLLIN,
		.data.ptr = &loop->uv_wire };

	loop->uv_wire = (struct wire){ .ready = uv_ready,
		.fd = uv_backend_fd(&loop->uv) };
	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->uv_wire.fd,
	    &event) == 0;
}

static void *
uv_zeroed(size_t count, size_t size)
{
	return mem_alloc(size > 0 && count > SIZE_MAX / size ? SIZE_MAX :
	    count * size);
}

/* libuv calls abort() when it gets no memory, and when its first loop gets no
 * pipe. */
static int
uv_begin(uv_loop_t *uv)
{
	int spare[3] = { -1, -1, -1 }, error;

	(void)uv_replace_allocator(mem_alloc, mem_resize, uv_zeroed, mem_free);
	if (pipe2(spare, O_CLOEXEC) == 0)
		spare[2] = epoll_create1(EPOLL_CLOEXEC);
	error = spare[2] < 0 ? -errno : 0;
	for (int i = 0; i < 3; i++)
		if (spare[i] >= 0)
			(void)close(spare[i]);
	return error != 0 ? error : uv_loop_init(uv);
}

struct loop *
loop_new(struct fault *fault)
{
	struct loop *loop = mem_alloc(sizeof *loop);
	int          flaw = uv_begin(&loop->uv);

	if (flaw != 0) {
		mem_free(loop);
		(void)fault_set(fault, FAULT_INTERNAL,
		    "cannot start the event loop: %s", uv_strerror(flaw));
		return NULL;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	descriptors_raise();
	loop->stage = (struct stage){ .host = stage_host,
		.cancel = stage_cancel, .wake = stage_wake,
		.after = stage_after, .now_us = stage_now_us,
		.watch = stage_watch, .again = stage_again,
		.unwatch = stage_unwatch, .remind = stage_remind };
	loop->again_end = &loop->again;
	loop->queue_end = &loop->queue;
	loop->sweep_us = UINT64_MAX;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	loop->in = mem_resize(NULL, LOOP_READ);  /* not cleared: untouched pages */
	loop_tick(loop);
	if (loop->epoll < 0 || !embed_uv(loop)) {
		(void)fault_set(fault, FAULT_INTERNAL,
		    "cannot start the event loop: %s", strerror(errno));
		loop_free(loop);
		return NULL;
	}
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	signals_free(loop);
	seats_free(loop);
	listeners_free(loop);
	names_free(loop);
	buf_free(&loop->notes);
	timers_free(loop);
	sasl_sums_free(loop);
	tls_run_free(loop);
	again_run(loop);
	bury(loop);
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop->uv);
	if (loop->reserve >= 0)
		(void)close(loop->reserve);
	if (loop->epoll >= 0)
		(void)close(loop->epoll);
	mem_free(loop->slots);
	mem_free(loop->in);
	mem_free(loop);
}
