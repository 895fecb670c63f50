/*
 * A started server. Its end is a pidfd in the epoll set, its output a pipe.
 * PR_SET_PDEATHSIG covers our own sudden death for the shell, a watchdog for
 * the rest of its group; child_end() covers all of it.
 */
#include "net/child_own.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 20 };

struct tap {
	struct wire   wire;
	struct child *child;
};

/* Between fork and exec: only what is safe after fork. */
static void
become(const char *command, int out_fd, pid_t parent)
{
	sigset_t none;
	int      in;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)        /* we died meanwhile */
		_exit(127);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	loop_files_restore();
	in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (in < 0 || dup2(in, 0) < 0 || dup2(out_fd, 1) < 0 ||
	    dup2(out_fd, 2) < 0)
		_exit(127);
	(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void
keep(struct child *child, struct span bytes)
{
	(void)buf_add(&child->output, bytes);
	if (child->output.len > CHILD_OUTPUT)
		buf_eat(&child->output, child->output.len - CHILD_OUTPUT);
}

/* False: there is no more, for now or ever. */
static bool
drain(struct child *child)
{
	struct loop *loop = child->loop;
	ssize_t      got = read(child->out->wire.fd, loop->in, CHILD_OUTPUT);

	if (got > 0) {
		keep(child, (struct span){ loop->in, (size_t)got });
		return true;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	wire_bury(loop, &child->out->wire);
	child->out = NULL;
	return false;
}

static void
out_ready(struct loop *loop, struct wire *wire, uint32_t events)
{
	struct child *child = ((struct tap *)wire)->child;

	(void)events;
	for (int i = 0; i < LOOP_READS; i++)
		if (!drain(child))
			return;
	wire_again(loop, wire);
}

static void
reap(struct child *child, int flags)
{
	pid_t pid;

	if (child->ended)
		return;
	do {
		pid = waitpid(child->pid, &child->status, flags);
	} while (pid < 0 && errno == EINTR);
	if (pid == 0)
		return;
	child->ended = true;
	if (child->exit != NULL)        /* NULL: there was no pidfd for it */
		wire_bury(child->loop, &child->exit->wire);
	child->exit = NULL;
}

static void
exit_ready(struct loop *loop, struct wire *wire, uint32_t events)
{
	struct child *child = ((struct tap *)wire)->child;
	struct stage *stage = loop_stage(loop);

	(void)events;
	reap(child, WNOHANG);
	if (child->ended && child->prober != NULL)
		stage->cancel(stage, child->prober);
}

static struct tap *
tap_new(struct child *child, int fd,
    void (*ready)(struct loop *, struct wire *, uint32_t))
{
	struct tap *tap = mem_alloc(sizeof *tap);

	tap->child = child;
	tap->wire.fd = fd;
	tap->wire.ready = ready;
	if (fd >= 0 && wire_add(child->loop, &tap->wire))
		return tap;
	if (fd >= 0)
		(void)close(fd);
	mem_free(tap);
	return NULL;
}

static bool
cannot(const char *what, struct fault *fault)
{
	return fault_set(fault, FAULT_CONNECT, "cannot start the server: %s: "
	    "%s", what, address_errno(errno));
}

static bool
launch(struct child *child, const char *command, int out_fd,
    struct fault *fault)
{
	pid_t parent = getpid();

	child->pid = fork();
	if (child->pid < 0)
		return cannot("fork", fault);
	if (child->pid == 0)
		become(command, out_fd, parent);
	(void)setpgid(child->pid, child->pid);  /* whoever is first */
	child->exit = tap_new(child, (int)syscall(SYS_pidfd_open, child->pid,
	    0), exit_ready);
	if (child->exit == NULL)
		return cannot("pidfd_open", fault);
	return watchdog_start(&child->watchdog, child->pid) ||
	    cannot("its watchdog", fault);
}

struct child *
child_start(struct loop *loop, const char *command, int out_fd,
    struct fault *fault)
{
	struct child *child = mem_alloc(sizeof *child);
	int           ends[2] = { -1, -1 };
	bool          started;

	child->loop = loop;
	child->output = buf_new(2 * CHILD_OUTPUT);
	if (out_fd < 0 && pipe2(ends, O_CLOEXEC) != 0) {
		(void)cannot("pipe", fault);
		mem_free(child);
		return NULL;
	}
	started = launch(child, command, out_fd < 0 ? ends[1] : out_fd, fault);
	if (ends[1] >= 0) {
		(void)close(ends[1]);
		(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
		child->out = tap_new(child, ends[0], out_ready);
	}
	if (started)
		return child;
	child_free(child);
	return NULL;
}

struct span
child_output(const struct child *child)
{
	return buf_span(&child->output);
}

struct span
child_tail(const struct child *child, unsigned lines)
{
	struct span all = buf_span(&child->output);
	size_t      at = all.len;

	/* The line end at the very end does not count. */
	while (at > 0 && (at == all.len || all.ptr[at - 1] != '\n' ||
	    --lines > 0))
		at--;
	return span_from(all, at);
}

bool
child_ended(const struct child *child, char *out, size_t size)
{
	if (child->ended && WIFSIGNALED(child->status))
		(void)snprintf(out, size, "signal %d (%s)",
		    WTERMSIG(child->status), strsignal(WTERMSIG(child->status)));
	else if (child->ended)
		(void)snprintf(out, size, "exit status %d",
		    WEXITSTATUS(child->status));
	return child->ended;
}

/* Waits until the whole group is gone; false after `ms`. */
static bool
group_gone(struct child *child, int ms)
{
	for (; ms > 0; ms -= LOOK_MS) {
		struct pollfd watch[2] = { { .fd = -1, .events = POLLIN },
			{ .fd = -1, .events = POLLIN } };

		reap(child, WNOHANG);
		if (child->ended && kill(-child->pid, 0) != 0)
			return true;
		if (child->out != NULL)
			watch[0].fd = child->out->wire.fd;
		if (child->exit != NULL)
			watch[1].fd = child->exit->wire.fd;
		(void)poll(watch, 2, LOOK_MS);
		if (child->out != NULL && (watch[0].revents & POLLIN))
			while (drain(child))
				;
	}
	return false;
}

void
child_end(struct child *child)
{
	if (child->pid <= 0)
		return;
	(void)kill(-child->pid, SIGTERM);
	(void)kill(-child->pid, SIGCONT);       /* a stopped one hears it too */
	if (!group_gone(child, CHILD_END_MS))
		(void)kill(-child->pid, SIGKILL);
	reap(child, 0);
	watchdog_end(&child->watchdog);
	while (child->out != NULL && drain(child))
		;
	child->pid = 0;
}

void
child_free(struct child *child)
{
	if (child == NULL)
		return;
	child_end(child);
	if (child->out != NULL)
		wire_bury(child->loop, &child->out->wire);
	if (child->exit != NULL)
		wire_bury(child->loop, &child->exit->wire);
	buf_free(&child->output);
	mem_free(child);
}
