/*
 * The process wall: rlimits, no_new_privs, the system calls of jail_filter.c.
 *
 * The order matters: what needs a system call that the filter forbids comes
 * first, and the filter last. A wall that cannot be built is a fault, and the
 * worker ends; the one exception is a kernel without seccomp, which
 * jail_words() tells and reports show.
 */
#include "script/jail/jail_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Lua's C stack ends at 200 levels, far below; the rest is for a sanitizer's
 * fat frames. */
#define STACK_MAX ((rlim_t)8 << 20)

static size_t mapped;           /* octets, of the process that prepared */

/* The first number of /proc/self/statm: pages that count for RLIMIT_AS. */
bool
jail_prepare(struct fault *fault)
{
	char    text[64] = "";
	int     fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	if (fd >= 0) {
		do
			got = read(fd, text, sizeof text - 1);
		while (got < 0 && errno == EINTR);
		(void)close(fd);
	}
	mapped = (size_t)strtoull(text, NULL, 10) *
	    (size_t)sysconf(_SC_PAGESIZE);
	if (mapped == 0)
		return fault_set(fault, FAULT_INTERNAL, "the sandbox of Lua "
		    "files cannot bound its memory: /proc/self/statm cannot "
		    "be read%s%s", got < 0 ? ": " : "",
		    got < 0 ? strerror(errno) : "");
	return true;
}

struct bound {
	unsigned    resource;
	const char *name;
	rlim_t      soft, hard;
};

/* Never above what holds already. */
static bool
bound_set(const struct bound *bound, struct fault *fault)
{
	struct rlimit now;

	if (getrlimit(bound->resource, &now) == 0) {
		if (bound->hard < now.rlim_max)
			now.rlim_max = bound->hard;
		now.rlim_cur = bound->soft < now.rlim_max ?
		    bound->soft : now.rlim_max;
		if (setrlimit(bound->resource, &now) == 0)
			return true;
	}
	return fault_set(fault, FAULT_INTERNAL, "the sandbox of Lua files "
	    "cannot set the limit %s: %s", bound->name, strerror(errno));
}

static bool
bounds_set(const struct jail *jail, struct fault *fault)
{
	const struct bound bounds[] = {
		/* SIGXCPU, and SIGKILL where that was not heard. */
		{ RLIMIT_CPU, "CPU", jail->cpu_s, (rlim_t)jail->cpu_s + 1 },
		{ RLIMIT_STACK, "STACK", STACK_MAX, STACK_MAX },
		{ RLIMIT_CORE, "CORE", 0, 0 },
		{ RLIMIT_FSIZE, "FSIZE", 0, 0 },
		{ RLIMIT_NPROC, "NPROC", 0, 0 },
		{ RLIMIT_NOFILE, "NOFILE", 0, 0 },
		{ RLIMIT_AS, "AS", mapped + jail->memory,
		    mapped + jail->memory },
	};
	size_t count = sizeof bounds / sizeof *bounds;
	size_t a;

	if (JAIL_SANITIZED)
		count--;        /* its shadow is terabytes of mappings */
	for (a = 0; a < count; a++)
		if (!bound_set(&bounds[a], fault))
			return false;
	return true;
}

bool
jail_enter(const struct jail *jail, struct fault *fault)
{
	if (mapped == 0 && !jail_prepare(fault))
		return false;
	/* No core dump either where a program collects them: RLIMIT_CORE does
	 * not hold for those (core(5)). */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fault_set(fault, FAULT_INTERNAL, "the sandbox of Lua "
		    "files cannot give up privileges: %s", strerror(errno));
	if (!bounds_set(jail, fault))
		return false;
	return jail_state() == JAIL_NO_SECCOMP || filter_enter(fault);
}

enum jail_state
jail_state(void)
{
	if (!filter_exists())
		return JAIL_NO_SECCOMP;
	return JAIL_SANITIZED ? JAIL_WIDE : JAIL_FULL;
}

const char *
jail_words(void)
{
	switch (jail_state()) {
	case JAIL_FULL:
		return "";
	case JAIL_WIDE:
		return "the sandbox of Lua files is wider than usual: this "
		    "build has a sanitizer, which needs more memory and more "
		    "system calls";
	case JAIL_NO_SECCOMP:
		return "the sandbox of Lua files is weaker than usual: this "
		    "system has no seccomp, so their processes have limits, "
		    "but every system call";
	}
	return "";
}
