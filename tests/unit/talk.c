#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

struct nursery *
nursery_make(worker_main *main)
{
	const struct jail jail = { .memory = 64 << 20, .cpu_s = 30 };
	struct fault      fault;
	struct nursery   *nursery = nursery_new(main, &jail, &fault);

	if (nursery == NULL)
		fail_msg("%s", fault.text);
	return nursery;
}

struct worker_process
worker_make(struct nursery *nursery)
{
	struct worker_process process;
	struct fault          fault;

	if (!nursery_worker(nursery, &process, &fault))
		fail_msg("%s", fault.text);
	return process;
}

void
tell(const struct worker_process *process, const char *words)
{
	assert_int_equal(write(process->in, words, strlen(words)),
	    strlen(words));
}

static size_t
hear_some(const struct worker_process *process, char *room, size_t size)
{
	struct pollfd ready = { process->out, POLLIN, 0 };
	ssize_t       got;

	if (poll(&ready, 1, PATIENCE_MS) != 1)
		fail_msg("the worker says nothing");
	got = read(process->out, room, size);
	assert_true(got >= 0);
	return (size_t)got;
}

const char *
hear(const struct worker_process *process)
{
	static char room[TALK_MAX + 1];

	room[hear_some(process, room, TALK_MAX)] = '\0';
	return room;
}

const char *
hear_all(const struct worker_process *process)
{
	static char room[TALK_MAX + 1];
	size_t      used = 0, got;

	while ((got = hear_some(process, room + used, TALK_MAX - used)) > 0)
		used += got;
	room[used] = '\0';
	return room;
}

void
assert_end(struct worker_process *process, bool kill, const char *why)
{
	char words[160];

	worker_end(process, kill, words);
	assert_string_equal(words, why);
	assert_int_equal(process->in, -1);
	assert_int_equal(process->out, -1);
	assert_int_equal(process->pid, 0);
	assert_null(process->pulse);
}

const char *
worker_hear(int in)
{
	static char room[TALK_MAX + 1];
	ssize_t     got;

	do
		got = read(in, room, TALK_MAX);
	while (got < 0 && errno == EINTR);
	room[got < 0 ? 0 : got] = '\0';
	return room;
}

void
worker_tell(int out, const char *format, ...)
{
	char    room[TALK_MAX];
	va_list args;
	int     length;

	va_start(args, format);
	length = vsnprintf(room, sizeof room, format, args);
	va_end(args);
	if (write(out, room, (size_t)length) != length)
		_exit(99);
}
