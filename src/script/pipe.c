/*
 * The pipes of one worker: octets in and out, whole frames to whom they are
 * for, and the watch over a worker that computes and never comes back.
 */
#include "script/host.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { READ = 64 * KIB, READS = 16, REMIND_MS = 500 };

static void
flush(struct script *script)
{
	while (script->alive && script->out_at < script->out.len) {
		ssize_t sent = write(script->process.in,
		    script->out.ptr + script->out_at,
		    script->out.len - script->out_at);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return;         /* full; or it is dead, and reading
					 * will tell */
		script->out_at += (size_t)sent;
	}
	buf_clear(&script->out);
	script->out_at = 0;
}

/* False: it writes nonsense. */
static bool
frames_take(struct script *script)
{
	size_t at = 0, used = 0;
	struct frame frame;

	while (script->alive) {
		used = frame_cut(span_from(buf_span(&script->in), at), &frame);
		if (used == 0 || used == SIZE_MAX)
			break;
		struct run *run = frame.run == 0 ||
		    frame.kind == FRAME_REQUIRE ? NULL :
		    host_run(script, frame.run);

		at += used;
		if (run != NULL)
			run_hear(run, frame.run, span_sub(buf_span(
			    &script->in), at - used, used));
		else
			host_frame(script, &frame);
	}
	if (!script->alive)
		return true;
	buf_eat(&script->in, at);
	return used != SIZE_MAX;
}

static void
receive(struct script *script)
{
	for (int i = 0; script->alive && i < READS; i++) {
		/* It waits in its write() until its runs have caught up. */
		if (script->ahead >= LIMIT_LUA_AHEAD)
			return;
		char   *room = buf_room(&script->in, READ);
		ssize_t got;

		if (room == NULL) {
			host_end(script, "sent too much at once");
			return;
		}
		got = read(script->process.out, room, READ);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
			host_end(script, "cannot be read any more");
		if (got < 0)
			return;         /* nothing more now */
		if (got == 0) {
			host_lose(script, "");
			return;
		}
		script->in.len += (size_t)got;
		if (!frames_take(script)) {
			host_end(script, "broke the protocol");
			return;
		}
	}
	if (script->watch != NULL && script->alive)
		script->all->stage->again(script->all->stage, script->watch);
}

static uint64_t
clock_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* On a machine that is very busy, time passes that the worker never had. */
static bool
stuck(struct script *script, uint64_t now_us)
{
	uint64_t waited = now_us - script->beats_us;

	return waited > LIMIT_LUA_WATCH_MS * UINT64_C(1000) &&
	    (waited > 5 * LIMIT_LUA_WATCH_MS * UINT64_C(1000) ||
	    worker_cpu_us(&script->process) - script->cpu_us >
	    LIMIT_LUA_CPU_MS * UINT64_C(1000));
}

/* Whose function it was in, so that the others of the file know. */
static void
stuck_words(const struct script *script, char why[160])
{
	uint32_t id = atomic_load(&script->process.pulse->run);
	const struct run *run = id == 0 ? NULL : host_run(script, id);
	struct span title = run == NULL ? SPAN("") : run_scenario(run)->title;

	if (run == NULL)
		(void)snprintf(why, 160, "was killed: it computed for more "
		    "than %d s", LIMIT_LUA_WATCH_MS / 1000);
	else
		(void)snprintf(why, 160, "was killed: scenario '%.*s' "
		    "computed for more than %d s", title.len > 80 ? 80 :
		    (int)title.len, title.ptr, LIMIT_LUA_WATCH_MS / 1000);
}

/* Nothing is under way that it could wait for: its own words may not be
 * trusted, and who stopped it (SIGSTOP) did not tell us. */
static void
silent_end(struct script *script, uint64_t now_us)
{
	char why[80];

	if (!script->loaded && now_us - script->began_us >
	    LIMIT_LUA_LOAD_MS * UINT64_C(1000))
		(void)snprintf(why, sizeof why, "was killed: it did not load "
		    "its file within %d s", LIMIT_LUA_LOAD_MS / 1000);
	else if (now_us - script->beats_us >
	    5 * LIMIT_LUA_WATCH_MS * UINT64_C(1000))
		(void)snprintf(why, sizeof why, "was killed: it did not "
		    "answer within %d s", 5 * LIMIT_LUA_WATCH_MS / 1000);
	else
		return;
	host_lose(script, why);
}

void
host_watch(struct script *script)
{
	struct pulse *pulse = script->process.pulse;
	uint64_t      now_us = clock_us();
	uint32_t      beats;
	char          why[160];
	bool          busy;

	if (!script->alive)
		return;
	beats = atomic_load(&pulse->beats);
	busy = atomic_load(&pulse->busy) != 0;
	if (script->began_us == 0)
		script->began_us = now_us;
	if (script->beats_us == 0 || beats != script->beats || (!busy &&
	    script->loaded && script->waiting == 0)) {
		script->beats = beats;
		script->beats_us = now_us;
		script->cpu_us = worker_cpu_us(&script->process);
	}
	if (busy && stuck(script, now_us)) {
		stuck_words(script, why);
		host_lose(script, why);
		return;
	}
	silent_end(script, now_us);
}

void
host_turn(struct script *script)
{
	if (!script->alive)
		return;
	flush(script);
	receive(script);
}

/* The watch over the worker costs two looks a second. */
void
host_ready(void *who)
{
	struct script *script = who;
	struct stage  *stage = script->all->stage;
	uint64_t       now_us = stage->now_us(stage);

	host_turn(script);
	if (!script->alive || now_us < script->reminded_us)
		return;
	host_watch(script);
	if (!script->alive)
		return;
	script->reminded_us = now_us + REMIND_MS * UINT64_C(1000) * 9 / 10;
	stage->remind(stage, script->watch,
	    script->run_count > 0 ? REMIND_MS : 0);
}

void
host_flush_soon(struct script *script)
{
	if (script->watch != NULL)
		script->all->stage->again(script->all->stage, script->watch);
}
