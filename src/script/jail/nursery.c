/*
 * The parent's side of the nursery: forks it, and asks it for workers. What
 * the nursery and a worker do is in nursery_life.c, how a worker ends in
 * nursery_end.c.
 *
 * Pipes and page are made here, so that the nursery only ever gets what it
 * hands on; of each worker the parent keeps two descriptors and a mapping.
 */
#include "base/mem.h"
#include "script/jail/nursery_own.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* A fork takes less than a millisecond; who is this late was stopped. */
enum { ANSWER_S = 10 };

struct ends {
	int ours[2];            /* its in, its out */
	int given[GIVEN_COUNT];
};

static bool
fault_errno(struct fault *fault, const char *what)
{
	return fault_set(fault, FAULT_INTERNAL, "cannot %s for Lua files: %s",
	    what, strerror(errno));
}

static void
fd_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static bool
fork_here(struct nursery *nursery, int sockets[2], worker_main *main,
    const struct jail *jail)
{
	const struct birth birth = { getpid(), sockets[1], main, jail };

	nursery->pid = fork();
	if (nursery->pid == 0)
		nursery_live(&birth);
	return nursery->pid > 0;
}

struct nursery *
nursery_new(worker_main *main, const struct jail *jail, struct fault *fault)
{
	const struct timeval patience = { .tv_sec = ANSWER_S };
	struct nursery      *nursery = mem_alloc(sizeof *nursery);
	int                  sockets[2] = { -1, -1 };

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    sockets) == 0 && setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO,
	    &patience, sizeof patience) == 0 &&
	    fork_here(nursery, sockets, main, jail)) {
		fd_close(&sockets[1]);
		nursery->socket = sockets[0];
		return nursery;
	}
	(void)fault_errno(fault, "fork a process");
	fd_close(&sockets[0]);
	fd_close(&sockets[1]);
	mem_free(nursery);
	return NULL;
}

static bool
reap(struct nursery *nursery, int flags)
{
	pid_t got;

	if (nursery->pid == 0)
		return true;
	do
		got = waitpid(nursery->pid, &nursery->status, flags);
	while (got < 0 && errno == EINTR);
	if (got != 0)
		nursery->pid = 0;
	return got != 0;
}

/* It has nothing that would be lost. */
void
nursery_free(struct nursery *nursery)
{
	if (nursery == NULL)
		return;
	fd_close(&nursery->socket);
	if (!reap(nursery, WNOHANG)) {
		(void)kill(nursery->pid, SIGKILL);
		(void)reap(nursery, 0);
	}
	mem_free(nursery);
}

/* What was asked and not answered may be answered late: never ask again. */
static bool
lost(struct nursery *nursery, struct fault *fault)
{
	int error = errno;

	fd_close(&nursery->socket);
	(void)reap(nursery, WNOHANG);
	if (nursery->pid == 0 && WIFSIGNALED(nursery->status))
		return fault_set(fault, FAULT_INTERNAL, "no Lua file can be "
		    "run: the process that forks their workers was killed "
		    "(signal %d)", WTERMSIG(nursery->status));
	if (nursery->pid != 0 && (error == EAGAIN || error == EWOULDBLOCK))
		return fault_set(fault, FAULT_INTERNAL, "no Lua file can be "
		    "run: the process that forks their workers did not "
		    "answer within %d s", ANSWER_S);
	return fault_set(fault, FAULT_INTERNAL, "no Lua file can be run: the "
	    "process that forks their workers has ended");
}

/* Some systems want to hear that it is not for code, older ones do not know
 * the word (memfd_create(2), vm.memfd_noexec). */
static int
memory_make(void)
{
	int fd = memfd_create("quoth-pulse", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("quoth-pulse", MFD_CLOEXEC |
		    MFD_ALLOW_SEALING);
	return fd;
}

static bool
page_make(int *fd, struct page **page)
{
	*fd = memory_make();
	/* Sealed: a page that shrank would be a SIGBUS of ours. */
	if (*fd < 0 || ftruncate(*fd, sizeof **page) != 0 ||
	    fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
	    F_SEAL_SEAL) != 0)
		return false;
	*page = mmap(NULL, sizeof **page, PROT_READ | PROT_WRITE, MAP_SHARED,
	    *fd, 0);
	return *page != MAP_FAILED;
}

static bool
pipes_make(struct ends *ends)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) != 0)
		return false;
	ends->given[GIVEN_IN] = in[0];
	ends->ours[0] = in[1];
	if (pipe2(out, O_CLOEXEC) != 0)
		return false;
	ends->given[GIVEN_OUT] = out[1];
	ends->ours[1] = out[0];
	return fcntl(in[1], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(out[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool
ask(int socket, const int given[GIVEN_COUNT])
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(GIVEN_COUNT * sizeof (int))];
	} control = { 0 };
	char          octet = 0;
	struct iovec  data = { &octet, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof control.room };
	ssize_t       put;

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(GIVEN_COUNT * sizeof (int));
	memcpy(CMSG_DATA(&control.head), given, GIVEN_COUNT * sizeof (int));
	do
		put = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	return put == 1;
}

static bool
hear(int socket, struct born *born)
{
	ssize_t got;

	do
		got = recv(socket, born, sizeof *born, 0);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		errno = 0;
	return got == (ssize_t)sizeof *born;
}

static bool
worker_fork(struct nursery *nursery, const struct ends *ends, pid_t *pid,
    struct fault *fault)
{
	struct born answer;

	if (nursery->socket < 0 || !ask(nursery->socket, ends->given) ||
	    !hear(nursery->socket, &answer))
		return lost(nursery, fault);
	*pid = answer.pid;
	errno = answer.error;
	return answer.pid > 0 || fault_errno(fault, "fork a process");
}

bool
nursery_worker(struct nursery *nursery, struct worker_process *process,
    struct fault *fault)
{
	struct ends  ends = { { -1, -1 }, { -1, -1, -1 } };
	struct page *page = MAP_FAILED;
	bool         made = false;
	size_t       a;

	*process = (struct worker_process){ .in = -1, .out = -1 };
	if (!pipes_make(&ends) || !page_make(&ends.given[GIVEN_PAGE], &page))
		(void)fault_errno(fault, "make a pipe");
	else
		made = worker_fork(nursery, &ends, &process->pid, fault);
	for (a = 0; a < GIVEN_COUNT; a++)
		fd_close(&ends.given[a]);
	if (made) {
		process->in = ends.ours[0];
		process->out = ends.ours[1];
		process->pulse = &page->pulse;
		return true;
	}
	fd_close(&ends.ours[0]);
	fd_close(&ends.ours[1]);
	if (page != MAP_FAILED)
		(void)munmap(page, sizeof *page);
	return false;
}
