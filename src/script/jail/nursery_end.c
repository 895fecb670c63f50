/*
 * How workers end, as their parent sees it: no zombie, no descriptor and no
 * mapping stays, and a reason in words.
 */
#include "script/jail/nursery_own.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	WHY_MAX = 160,
	PATIENCE_MS = 1000,     /* to end by itself when its pipes are closed */
	NAP_MIN_US = 20, NAP_MAX_US = 5000
};

static pid_t
wait_for(pid_t pid, int *status, int flags)
{
	pid_t got;

	do
		got = waitpid(pid, status, flags);
	while (got < 0 && errno == EINTR);
	return got;
}

/* Usually it is over at the first look, or within the time of its exit. */
static pid_t
wait_a_while(pid_t pid, int *status)
{
	int64_t left_us = (int64_t)PATIENCE_MS * 1000;
	int64_t nap_us = NAP_MIN_US;
	pid_t   got = wait_for(pid, status, WNOHANG);

	while (got == 0 && left_us > 0) {
		const struct timespec nap = { 0, (long)nap_us * 1000 };

		(void)nanosleep(&nap, NULL);
		left_us -= nap_us;
		nap_us = nap_us * 2 < NAP_MAX_US ? nap_us * 2 : NAP_MAX_US;
		got = wait_for(pid, status, WNOHANG);
	}
	return got;
}

static const char *
signal_words(int number)
{
	switch (number) {
	case SIGSYS:
		return "was killed by the sandbox: it made a forbidden system "
		    "call";
	case SIGXCPU:
		return "was killed by the sandbox: it used all the CPU time "
		    "of a Lua file";
	case SIGKILL:
		return "was killed from outside (signal 9), perhaps because "
		    "the system had no memory left";
	default:
		return NULL;
	}
}

/* What stands in the page is the worker's word; only a worker that never came
 * to a script wrote it, but who knows. */
static void
unjailed_words(const char *words, char why[WHY_MAX])
{
	size_t a;

	(void)snprintf(why, WHY_MAX, "was not let in: %.*s", WHY_MAX - 20,
	    words);
	for (a = 0; why[a] != '\0'; a++)
		if (why[a] < ' ' || why[a] > '~')
			why[a] = '?';
}

static void
status_words(int status, const char *unjailed, char why[WHY_MAX])
{
	const char *words;

	if (WIFSIGNALED(status)) {
		words = signal_words(WTERMSIG(status));
		if (words != NULL)
			(void)snprintf(why, WHY_MAX, "%s", words);
		else
			(void)snprintf(why, WHY_MAX, "crashed (signal %d)",
			    WTERMSIG(status));
	} else if (WEXITSTATUS(status) == EXIT_UNJAILED) {
		unjailed_words(unjailed, why);
	} else if (WEXITSTATUS(status) != 0) {
		(void)snprintf(why, WHY_MAX, "ended with exit status %d",
		    WEXITSTATUS(status));
	}
}

/* True: it was ours, and is reaped. Where somebody else reaped it, its number
 * may be another process by now, so nothing is killed unseen. */
static bool
finish(pid_t pid, bool now, int *status, bool *killed)
{
	pid_t got = now ? wait_for(pid, status, WNOHANG) :
	    wait_a_while(pid, status);

	*killed = got == 0 && kill(pid, SIGKILL) == 0;
	if (got == 0)
		got = wait_for(pid, status, 0);
	/* It may have been dying of something else. */
	*killed = *killed && got == pid && WIFSIGNALED(*status) &&
	    WTERMSIG(*status) == SIGKILL;
	return got == pid;
}

static void
pipes_close(const struct worker_process *process)
{
	(void)close(process->in);
	(void)close(process->out);
}

/* Who is killed must not see the pipes end before. */
void
worker_end(struct worker_process *process, bool kill, char why[WHY_MAX])
{
	struct page *page = (struct page *)(void *)process->pulse;
	char         words[sizeof page->words];
	bool         killed = false, ours;
	int          status = 0;

	why[0] = '\0';
	if (process->pid <= 0)
		return;
	if (!kill)
		pipes_close(process);
	ours = finish(process->pid, kill, &status, &killed);
	if (kill)
		pipes_close(process);
	if (!ours) {
		(void)snprintf(why, WHY_MAX, "has ended, and nobody knows how");
	} else if (killed) {
		(void)snprintf(why, WHY_MAX, "%s", kill ? "was killed" :
		    "did not end by itself and was killed");
	} else {
		memcpy(words, page->words, sizeof words);
		words[sizeof words - 1] = '\0';
		status_words(status, words, why);
	}
	(void)munmap(page, sizeof *page);
	*process = (struct worker_process){ .in = -1, .out = -1 };
}

uint64_t
worker_cpu_us(const struct worker_process *process)
{
	struct timespec used;
	clockid_t       clock;

	if (process->pid <= 0 ||
	    clock_getcpuclockid(process->pid, &clock) != 0 ||
	    clock_gettime(clock, &used) != 0)
		return 0;
	return (uint64_t)used.tv_sec * 1000000 +
	    (uint64_t)used.tv_nsec / 1000;
}
