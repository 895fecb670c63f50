/*
 * Who ends a started server's process group when we cannot: killed, crashed,
 * ended at once by a second signal. A process that holds the reading end of a
 * pipe and nothing else of ours; the end of that pipe is our end, whatever it
 * was. Its own session keeps it from what ends us.
 */
#include "net/watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 20 };

/* As child_end() does it. */
static void
end_group(pid_t group)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

	(void)kill(-group, SIGTERM);
	(void)kill(-group, SIGCONT);
	for (int ms = 0; ms < CHILD_END_MS; ms += LOOK_MS) {
		if (kill(-group, 0) != 0 && errno == ESRCH)
			return;
		(void)nanosleep(&pause, NULL);
	}
	(void)kill(-group, SIGKILL);
}

static void
close_above(int last)
{
	struct rlimit limit;

	if (syscall(SYS_close_range, last + 1, ~0u, 0) == 0)
		return;
	/* Before Linux 5.9. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		for (rlim_t fd = (rlim_t)last + 1; fd < limit.rlim_cur; fd++)
			(void)close((int)fd);
}

/* Nothing of ours is kept open: whoever reads our output sees its end. */
static void
let_go(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(fd, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(1);
	close_above(STDERR_FILENO);
	(void)!chdir("/");
}

/* After fork: only what is safe there. */
static void
watch(pid_t group, int fd)
{
	sigset_t all;
	char     octet;
	ssize_t  got;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setsid();
	(void)prctl(PR_SET_NAME, "quoth-watchdog");
	let_go(fd);
	do {
		got = read(STDIN_FILENO, &octet, 1);
	} while (got < 0 && errno == EINTR);
	if (got == 0)
		end_group(group);
	_exit(0);
}

bool
watchdog_start(struct watchdog *dog, pid_t group)
{
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	dog->pid = fork();
	if (dog->pid == 0)
		watch(group, ends[0]);
	error = errno;
	(void)close(ends[0]);
	if (dog->pid > 0) {
		dog->fd = ends[1];
		return true;
	}
	(void)close(ends[1]);
	errno = error;
	return false;
}

void
watchdog_end(struct watchdog *dog)
{
	if (dog->pid <= 0)
		return;
	/* First, or it would take our close() for our end. */
	(void)kill(dog->pid, SIGKILL);
	(void)close(dog->fd);
	while (waitpid(dog->pid, NULL, 0) < 0 && errno == EINTR)
		;
	dog->pid = 0;
}
