/*
 * Runs one program and writes what it cost as one line of JSON.
 *
 *	measure RESULT PROGRAM [ARGUMENT...]
 *
 * Why a program of its own: the peak RSS of a child starts with that of the
 * process that spawned it, so a Python driver would hide every figure below
 * its own 15 MB, and the pages a fork of Python copies would be charged to the
 * child. This one is small, and posix_spawn copies nothing.
 *
 * CPU is that of the program and of the children it waited for. The exit
 * status is that of the program, 128 + signal when it was killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double
time_us(const struct timeval *time)
{
	return (double)time->tv_sec * 1e6 + (double)time->tv_usec;
}

static int
result_write(const char *path, double wall, const struct rusage *use, int exit)
{
	FILE *out = fopen(path, "we");

	if (out == NULL)
		return 2;
	fprintf(out, "{\"wall_us\": %.1f, \"user_us\": %.0f, "
	    "\"sys_us\": %.0f, \"rss_kib\": %ld, \"exit\": %d, "
	    "\"switches\": %ld}\n", wall, time_us(&use->ru_utime),
	    time_us(&use->ru_stime), use->ru_maxrss, exit,
	    use->ru_nvcsw + use->ru_nivcsw);
	return fclose(out) == 0 ? exit : 2;
}

int
main(int argc, char **argv)
{
	struct rusage use;
	pid_t         pid;
	double        start;
	int           error, status;

	if (argc < 3) {
		fputs("usage: measure RESULT PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	start = now_us();
	error = posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ);
	if (error != 0) {
		fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(error));
		return 127;
	}
	while (wait4(pid, &status, 0, &use) < 0)
		if (errno != EINTR)
			return 2;
	return result_write(argv[1], now_us() - start, &use,
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
