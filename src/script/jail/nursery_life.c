/*
 * What happens in the nursery, and in a worker before its main: everything
 * that the parent had and they must not have goes here.
 *
 * The nursery is the parent's memory as it was when it was forked, so it is
 * forked before any secret is read; the environment, which may hold some, is
 * wiped. A worker is a fork of the nursery and a child of its parent
 * (CLONE_PARENT). Neither outlives the parent.
 */
#include "base/mem.h"
#include "script/jail/jail_own.h"
#include "script/jail/nursery_own.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Above all descriptors that get a fixed number. */
enum { FD_FREE = 10 };

/* Ends with the parent, also where that has ended already. */
static void
die_with(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(1);
}

static void
close_between(unsigned int first, unsigned int last)
{
	struct rlimit limit;

	if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
		return;
	/* Before Linux 5.9. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur <= last)
		last = (unsigned int)limit.rlim_cur;
	for (; first <= last; first++)
		(void)close((int)first);
}

/* A sanitizer reports on stderr. */
static void
close_standard(void)
{
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	if (!JAIL_SANITIZED)
		(void)close(STDERR_FILENO);
}

static int
keep_only(int socket)
{
	int kept = fcntl(socket, F_DUPFD, FD_FREE);

	if (kept < 0)
		_exit(1);
	close_standard();
	close_between(STDERR_FILENO + 1, (unsigned int)kept - 1);
	close_between((unsigned int)kept + 1, ~0U);
	return kept;
}

/* The handlers of a sanitizer stay. */
static bool
belongs_to_sanitizer(int number)
{
	return JAIL_SANITIZED && (number == SIGSEGV || number == SIGBUS ||
	    number == SIGFPE || number == SIGILL || number == SIGABRT);
}

/*
 * Who interrupts the run interrupts the parent, which stops its scenarios in
 * good order and needs the workers for that: the terminal's signals, which go
 * to every process of the group, are not for them. A parent that is gone is
 * seen on the pipes (EPIPE, end) and by PR_SET_PDEATHSIG.
 */
static void
signals_reset(void)
{
	static const int deaf[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGPIPE };
	sigset_t none;
	size_t   a;
	int      number;

	for (number = 1; number < NSIG; number++)
		if (!belongs_to_sanitizer(number))
			(void)signal(number, SIG_DFL);
	for (a = 0; a < sizeof deaf / sizeof *deaf; a++)
		(void)signal(deaf[a], SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * TZ stays: it is no secret, and with it libc knows that it has read its file
 * already. Without it, each mktime() looks at /etc/localtime, which a worker
 * may not.
 */
static void
environment_wipe(void)
{
	const char *zone = getenv("TZ");
	char      **at;
	char       *kept;

	if (zone == NULL)
		zone = ":/etc/localtime";
	kept = mem_alloc(strlen(zone) + 1);
	memcpy(kept, zone, strlen(zone));
	for (at = environ; at != NULL && *at != NULL; at++) {
		explicit_bzero(*at, strlen(*at));
		*at = NULL;
	}
	if (setenv("TZ", kept, 1) != 0)
		_exit(1);
	mem_free(kept);
	tzset();
}

/* `in` and `out` are above what they become. */
static void
take_pipes(const int given[GIVEN_COUNT])
{
	int in = fcntl(given[GIVEN_IN], F_DUPFD, FD_FREE);
	int out = fcntl(given[GIVEN_OUT], F_DUPFD, FD_FREE);

	if (in < 0 || out < 0 || dup2(in, JAIL_IN) < 0 ||
	    dup2(out, JAIL_OUT) < 0)
		_exit(1);
	close_standard();
	close_between(JAIL_OUT + 1, ~0U);
}

_Noreturn static void
worker_live(const struct birth *birth, const int given[GIVEN_COUNT])
{
	struct page *page;
	struct fault fault;

	die_with(birth->parent);
	page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED,
	    given[GIVEN_PAGE], 0);
	if (page == MAP_FAILED)
		_exit(1);
	take_pipes(given);
	(void)prctl(PR_SET_NAME, "quoth-lua", 0, 0, 0);
	if (!jail_enter(birth->jail, &fault)) {
		memcpy(page->words, fault.text, sizeof page->words);
		_exit(EXIT_UNJAILED);
	}
	_exit(birth->main(JAIL_IN, JAIL_OUT, &page->pulse));
}

/* Raw, for fork() has no flags: of what libc does around it, nothing matters
 * to a process with one thread. All other arguments are 0, so their order,
 * which is not the same everywhere, does not matter. */
static pid_t
fork_sibling(void)
{
	return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
}

/* The descriptors of one request; false at the end of the socket. */
static bool
listen_for(int socket, int given[GIVEN_COUNT])
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(GIVEN_COUNT * sizeof (int))];
	} control;
	char          octet;
	struct iovec  data = { &octet, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof control.room };
	ssize_t       got;

	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got != 1 || (message.msg_flags & MSG_CTRUNC) != 0 ||
	    message.msg_controllen == 0 ||
	    control.head.cmsg_len != CMSG_LEN(GIVEN_COUNT * sizeof (int)))
		return false;
	memcpy(given, CMSG_DATA(&control.head), GIVEN_COUNT * sizeof (int));
	return true;
}

static bool
answer(int socket, pid_t pid, int error)
{
	struct born born = { pid, pid < 0 ? error : 0 };
	ssize_t     put;

	do
		put = send(socket, &born, sizeof born, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	return put == (ssize_t)sizeof born;
}

_Noreturn static void
serve(const struct birth *birth, int socket)
{
	int   given[GIVEN_COUNT];
	pid_t pid;
	int   error;
	int   a;

	while (listen_for(socket, given)) {
		pid = fork_sibling();
		error = errno;
		if (pid == 0)
			worker_live(birth, given);
		for (a = 0; a < GIVEN_COUNT; a++)
			(void)close(given[a]);
		if (!answer(socket, pid, error))
			break;
	}
	_exit(0);
}

void
nursery_live(const struct birth *birth)
{
	const struct jail jail = *birth->jail;
	struct birth      mine = *birth;
	struct fault      unheard;

	die_with(birth->parent);
	mine.jail = &jail;
	mine.socket = keep_only(birth->socket);
	signals_reset();
	environment_wipe();
	/* No core of it, no look into it, and so of its workers. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NAME, "quoth-nursery", 0, 0, 0);
#ifdef M_ARENA_MAX
	/* glibc would count processors for another arena. */
	(void)mallopt(M_ARENA_MAX, 1);
#endif
	/* Where it fails, it fails again in the worker, which can tell. */
	(void)jail_prepare(&unheard);
	serve(&mine, mine.socket);
}
