/*
 * Preloaded into quoth when callgrind counts the instructions of its workers,
 * and nowhere else: valgrind needs system calls, descriptors and a file to
 * write that the sandbox of a worker forbids, and a process that SIGKILL ends
 * writes no count. Limits and the filter are said to be set, and are not; what
 * should be killed gets SIGUSR1, at which valgrind ends in good order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __x86_64__
#error "only written for x86-64"
#endif

/* What libc's own does, without asking the symbol that is replaced below. */
static long
raw(long number, const long a[6])
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a[0]),
	    "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
	    : "rcx", "r11", "memory");
	if (result < 0 && result > -4096) {
		errno = (int)-result;
		return -1;
	}
	return result;
}

int
setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	(void)resource, (void)limit;
	return 0;
}

int
setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *limit)
{
	(void)resource, (void)limit;
	return 0;
}

int
kill(pid_t pid, int number)
{
	const long a[6] = { pid, number == SIGKILL ? SIGUSR1 : number };

	return (int)raw(SYS_kill, a);
}

long
syscall(long number, ...)
{
	va_list args;
	long    a[6];

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_close_range)
		return 0;
	if (number != SYS_seccomp)
		return raw(number, a);
	/* Without a filter it is the question whether there is seccomp. */
	errno = EFAULT;
	return a[2] == 0 ? -1 : 0;
}
