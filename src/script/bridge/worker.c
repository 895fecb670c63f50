/*
 * The worker's loop over its two pipes: one read, all whole frames of it, one
 * write with every answer. The pulse says that it computes while it neither
 * reads nor writes.
 */
#include "script/bridge/worker.h"

#include "script/bridge/bridge.h"

#include <errno.h>
#include <unistd.h>

enum { READ_MAX = 64 * 1024 };

struct worker {
	struct bridge_pipes pipes;      /* first: they are the worker */
	struct pulse *pulse;
	int in, out;
};

static void
busy_set(struct worker *worker, uint8_t busy)
{
	if (worker->pulse != NULL)
		atomic_store_explicit(&worker->pulse->busy, busy,
		    memory_order_release);
}

static bool
write_all(int fd, struct span bytes)
{
	while (bytes.len > 0) {
		ssize_t done = write(fd, bytes.ptr, bytes.len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		bytes = span_from(bytes, (size_t)done);
	}
	return true;
}

static bool
worker_flush(struct bridge_pipes *pipes, struct buf *out)
{
	struct worker *worker = (struct worker *)pipes;
	bool fine;

	busy_set(worker, 0);
	fine = write_all(worker->out, buf_span(out));
	busy_set(worker, 1);
	buf_clear(out);
	return fine;
}

static bool
worker_more(struct bridge_pipes *pipes, struct buf *out, struct buf *in)
{
	struct worker *worker = (struct worker *)pipes;
	char          *room = buf_room(in, READ_MAX);
	ssize_t        got;

	if (room == NULL || (out->len > 0 && !worker_flush(pipes, out)))
		return false;
	busy_set(worker, 0);
	do {
		got = read(worker->in, room, READ_MAX);
	} while (got < 0 && errno == EINTR);
	busy_set(worker, 1);
	if (got <= 0)
		return false;
	in->len += (size_t)got;
	return true;
}

int
worker_run(int in, int out, struct pulse *pulse)
{
	struct worker worker = { { worker_flush, worker_more }, pulse, in,
	    out };
	struct bridge *bridge;
	enum bridge_turn turn = BRIDGE_ON;

	busy_set(&worker, 1);
	bridge = bridge_new(&worker.pipes, pulse);
	if (bridge == NULL)
		return WORKER_MEMORY;
	while (turn == BRIDGE_ON)
		turn = bridge_turn(bridge);
	bridge_free(bridge);
	return turn == BRIDGE_OVER ? WORKER_OVER : WORKER_BROKEN;
}
