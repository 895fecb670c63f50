/*
 * Births and ends of workers: what they inherit (nothing), what stays of them
 * (nothing), and whom they outlive (nobody).
 */
#include "talk.h"

#include "script/jail/jail_own.h"
#include "script/jail/nursery_own.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECRET_MAX = 64, REGIONS_MAX = 4000 };

static const char *own_path;    /* this program */

static int
echo(int in, int out, struct pulse *pulse)
{
	const char *words;

	while (*(words = worker_hear(in)) != '\0') {
		atomic_fetch_add(&pulse->beats, 1);
		worker_tell(out, "%s", words);
	}
	return 0;
}

/* What it does is its first word. */
static int
various(int in, int out, struct pulse *pulse)
{
	const char    *words = worker_hear(in);
	volatile char *nowhere = NULL;

	if (strcmp(words, "crash") == 0)
		*nowhere = 1;
	if (strcmp(words, "status") == 0)
		return 3;
	if (strcmp(words, "unjailed") == 0) {
		memset(((struct page *)(void *)pulse)->words, '\033',
		    sizeof ((struct page *)0)->words);
		return EXIT_UNJAILED;
	}
	if (strcmp(words, "flood") == 0)
		for (;;)
			if (write(out, words, 5) < 0)
				return errno == EPIPE ? 0 : 4;
	while (strcmp(words, "spin") == 0)
		atomic_fetch_add(&pulse->beats, 1);
	return 0;
}

static void
test_echo(void **state)
{
	struct nursery       *nursery = nursery_make(echo);
	struct worker_process one = worker_make(nursery);
	struct worker_process two = worker_make(nursery);
	char                  octet;

	(void)state;
	assert_int_equal(read(one.out, &octet, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_true(fcntl(one.in, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(one.in, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(one.out, F_GETFD) & FD_CLOEXEC);
	tell(&one, "hello");
	tell(&two, "two");
	assert_string_equal(hear(&one), "hello");
	assert_string_equal(hear(&two), "two");
	tell(&one, "again");
	assert_string_equal(hear(&one), "again");
	assert_int_equal(atomic_load(&one.pulse->beats), 2);
	assert_int_equal(atomic_load(&two.pulse->beats), 1);
	assert_end(&one, false, "");
	tell(&two, "still there");
	assert_string_equal(hear(&two), "still there");
	assert_end(&two, true, "was killed");
	nursery_free(nursery);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
test_ends(void **state)
{
	static const struct {
		const char *words;
		bool        wait, kill, sanitizer;
		const char *why;
	} rows[] = {
		{ "", false, false, true, "" },
		{ "nothing", true, false, true, "" },
		{ "nothing", true, true, true, "" },
		{ "status", true, false, true, "ended with exit status 3" },
		{ "status", true, true, true, "ended with exit status 3" },
		{ "crash", true, false, false, "crashed (signal 11)" },
		{ "crash", true, true, false, "crashed (signal 11)" },
		{ "flood", false, false, true, "" },
		{ "spin", false, true, true, "was killed" },
		{ "spin", false, false, true,
		    "did not end by itself and was killed" },
		/* Cut, and nothing that a terminal would obey. */
		{ "unjailed", true, false, true, "was not let in: "
		    "????????????????????????????????????????????????????????"
		    "????????????????????????????????????????????????????????"
		    "????????????????????????????" },
	};
	struct nursery *nursery = nursery_make(various);
	size_t          a;

	(void)state;
	for (a = 0; a < sizeof rows / sizeof *rows; a++) {
		struct worker_process process;

		if (JAIL_SANITIZED && !rows[a].sanitizer)
			continue;
		process = worker_make(nursery);
		if (rows[a].words[0] != '\0')
			tell(&process, rows[a].words);
		if (rows[a].wait)
			(void)hear_all(&process);
		assert_end(&process, rows[a].kill, rows[a].why);
	}
	nursery_free(nursery);
}

/* Signals that a terminal or a supervisor sends to the whole group. */
static void
test_signals(void **state)
{
	static const int      numbers[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM };
	struct nursery       *nursery = nursery_make(echo);
	struct worker_process process = worker_make(nursery);
	size_t                a;

	(void)state;
	for (a = 0; a < 4; a++) {
		assert_int_equal(kill(process.pid, numbers[a]), 0);
		assert_int_equal(kill(nursery->pid, numbers[a]), 0);
	}
	tell(&process, "here");
	assert_string_equal(hear(&process), "here");
	assert_int_equal(kill(process.pid, SIGKILL), 0);
	assert_string_equal(hear_all(&process), "");
	assert_end(&process, false, "was killed from outside (signal 9), "
	    "perhaps because the system had no memory left");
	process = worker_make(nursery);
	assert_end(&process, false, "");
	nursery_free(nursery);
}

/* Somebody else waits for all children. */
static void
test_reaped(void **state)
{
	struct nursery       *nursery = nursery_make(various);
	struct worker_process process = worker_make(nursery);
	int                   status;

	(void)state;
	tell(&process, "nothing");
	assert_int_equal(waitpid(process.pid, &status, 0), process.pid);
	assert_end(&process, true, "has ended, and nobody knows how");
	nursery_free(nursery);
}

static void
test_nursery_dies(void **state)
{
	struct nursery       *nursery = nursery_make(echo);
	struct worker_process process = worker_make(nursery), none;
	struct fault          fault;
	char                  why[160];
	int                   round;

	(void)state;
	assert_int_equal(kill(nursery->pid, SIGKILL), 0);
	for (round = 0; round < 3; round++) {
		assert_false(nursery_worker(nursery, &none, &fault));
		assert_int_equal(fault.class, FAULT_INTERNAL);
		assert_non_null(strstr(fault.text, "no Lua file can be run: "
		    "the process that forks their workers "));
		assert_int_equal(none.pid, 0);
		worker_end(&none, true, why);
		assert_string_equal(why, "");
	}
	/* Who was born already is not touched. */
	tell(&process, "here");
	assert_string_equal(hear(&process), "here");
	assert_end(&process, false, "");
	nursery_free(nursery);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void
test_no_descriptors(void **state)
{
	struct rlimit         limit, low;
	struct nursery       *nursery = nursery_make(echo);
	struct worker_process process;
	struct fault          fault;
	rlim_t                room;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = limit;
	for (room = 3; room < 40; room++) {
		low.rlim_cur = room;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
		if (nursery_worker(nursery, &process, &fault))
			break;
		assert_string_equal(fault.text, "cannot make a pipe for Lua "
		    "files: Too many open files");
		assert_int_equal(process.pid, 0);
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_in_range(room, 9, 39);
	assert_end(&process, false, "");
	nursery_free(nursery);
}

static size_t
entries(const char *folder)
{
	DIR   *dir = opendir(folder);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count;
}

static size_t
mappings(void)
{
	FILE  *file = fopen("/proc/self/maps", "r");
	size_t count = 0;
	int    octet;

	assert_non_null(file);
	while ((octet = getc(file)) != EOF)
		count += octet == '\n';
	(void)fclose(file);
	return count;
}

static uint64_t
now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* One after the other, and all at once; no end of them is seen as a leak. A
 * nursery that kept a descriptor would be at its limit soon. */
static void
test_many(void **state)
{
	enum { MANY = 200 };
	static struct worker_process all[MANY];
	const struct rlimit few = { 40, 40 };
	struct rlimit       limit;
	struct nursery     *nursery;
	size_t              fds, maps, a;
	uint64_t            began;

	(void)state;
	nursery = nursery_make(echo);
	assert_int_equal(prlimit(nursery->pid, RLIMIT_NOFILE, &few, NULL), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	all[0] = worker_make(nursery);
	assert_end(&all[0], false, "");
	fds = entries("/proc/self/fd");
	maps = mappings();
	began = now_us();
	for (a = 0; a < MANY; a++) {
		all[a] = worker_make(nursery);
		assert_end(&all[a], false, "");
	}
	print_message("a worker's start and end: %u us\n",
	    (unsigned int)((now_us() - began) / MANY));
	if (limit.rlim_cur > MANY * 2 + 50) {
		for (a = 0; a < MANY; a++)
			all[a] = worker_make(nursery);
		for (a = 0; a < MANY; a++)
			tell(&all[a], "x");
		for (a = 0; a < MANY; a++)
			assert_string_equal(hear(&all[a]), "x");
		for (a = 0; a < MANY; a++)
			assert_end(&all[a], a % 2 == 0,
			    a % 2 == 0 ? "was killed" : "");
	}
	assert_int_equal(entries("/proc/self/fd"), fds);
	/* The allocator of a sanitizer maps as it likes. */
	if (!JAIL_SANITIZED)
		assert_int_equal(mappings(), maps);
	/* The nursery alone is a child. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
	nursery_free(nursery);
}

/* A pipe whose writer only we have ends when we close it; a nursery or worker
 * with a copy would keep it open. */
static void
test_inherits_none(void **state)
{
	struct nursery       *nursery;
	struct worker_process process;
	int                   pipes[2], high;
	char                  octet;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	high = fcntl(pipes[1], F_DUPFD, 500);
	assert_true(high >= 500);
	nursery = nursery_make(echo);
	process = worker_make(nursery);
	(void)close(high);
	(void)close(pipes[1]);
	tell(&process, "x");
	assert_string_equal(hear(&process), "x");
	assert_int_equal(fcntl(pipes[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(pipes[0], &octet, 1), 0);
	/* Nor does one worker hold the pipes of another. */
	{
		struct worker_process other = worker_make(nursery);

		assert_end(&process, false, "");
		assert_end(&other, false, "");
	}
	(void)close(pipes[0]);
	nursery_free(nursery);
}

static volatile sig_atomic_t ticks;

static void
tick(int number)
{
	(void)number;
	ticks++;
}

/* Signals at any moment, without SA_RESTART. */
static void
test_interrupted(void **state)
{
	const struct itimerval often = { { 0, 100 }, { 0, 100 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct sigaction       action = { .sa_handler = tick }, old;
	struct nursery        *nursery = nursery_make(various);
	int                    a;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
	ticks = 0;
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	for (a = 0; a < 100; a++) {
		struct worker_process process = worker_make(nursery);

		if (a % 2 == 0)
			tell(&process, "spin");
		assert_end(&process, a % 2 == 0, a % 2 == 0 ?
		    "was killed" : "");
	}
	nursery_free(nursery);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
	assert_true(ticks > 10);
}

/* A grandchild of the test makes the workers and is killed; being their next
 * reaper, the test sees them die. */
static void
test_parent_dies(void **state)
{
	struct nursery       *nursery;
	struct worker_process process;
	pid_t                 pid, pids[2];
	int                   pipes[2], status, a;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		nursery = nursery_make(various);
		process = worker_make(nursery);
		tell(&process, "spin");
		while (atomic_load(&process.pulse->beats) == 0)
			(void)usleep(1000);
		pids[0] = nursery->pid;
		pids[1] = process.pid;
		if (write(pipes[1], pids, sizeof pids) != sizeof pids)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(pipes[0], pids, sizeof pids), sizeof pids);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	for (a = 0; a < 2; a++) {
		assert_int_equal(waitpid(pids[a], &status, 0), pids[a]);
		/* The nursery may see its socket close before the signal. */
		if (a == 0 && WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			continue;
		}
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
}

/*
 * Memory. The program starts itself anew with a secret in its environment;
 * what can be read there before the fork is noted, and a worker sends all of
 * it (write() says EFAULT of what is gone by now).
 */
static struct { uintptr_t from, to; } regions[REGIONS_MAX];
static size_t region_count;

static void
regions_note(void)
{
	FILE *file = fopen("/proc/self/maps", "r");
	char  line[600], rights[5];
	unsigned long from, to;

	if (file == NULL)
		_exit(20);
	while (fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3 &&
		    rights[0] == 'r' && to - from < 100UL << 20 &&
		    region_count < REGIONS_MAX) {
			regions[region_count].from = from;
			regions[region_count].to = to;
			region_count++;
		}
	(void)fclose(file);
}

static void
regions_write(int out)
{
	const uintptr_t page = 4096;
	size_t          a;

	for (a = 0; a < region_count; a++) {
		uintptr_t at;

		for (at = regions[a].from; at < regions[a].to; at += page)
			/* Not write(): a sanitizer would look at what it is
			 * given, and this is all there is. */
			if (syscall(SYS_write, out, (const void *)at, page) <
			    0 && errno != EFAULT)
				_exit(21);
	}
}

static int
dump(int in, int out, struct pulse *pulse)
{
	(void)in, (void)pulse;
	regions_write(out);
	return 0;
}

/* As `test_nursery dump [self]`: this process's, or a worker's memory to
 * stdout. */
static int
dump_main(bool self)
{
	const struct jail     jail = { .memory = 64 << 20, .cpu_s = 30 };
	struct fault          fault;
	struct nursery       *nursery;
	struct worker_process process;
	static char           room[65536];
	char                  why[160];
	ssize_t               got;

	regions_note();
	if (self) {
		regions_write(STDOUT_FILENO);
		return 0;
	}
	nursery = nursery_new(dump, &jail, &fault);
	if (nursery == NULL || !nursery_worker(nursery, &process, &fault))
		return 22;
	(void)fcntl(process.out, F_SETFL, 0);
	while ((got = read(process.out, room, sizeof room)) > 0)
		if (write(STDOUT_FILENO, room, (size_t)got) != got)
			return 23;
	worker_end(&process, false, why);
	nursery_free(nursery);
	return why[0] == '\0' ? 0 : 24;
}

/* How often `needle` is in what the program writes; octets in `*total`. */
static size_t
count_in(const char *command, const char *needle, size_t *total)
{
	static char room[SECRET_MAX + 65536];
	FILE  *pipe = popen(command, "r");
	size_t length = strlen(needle), kept = 0, count = 0, got;
	char  *at;

	assert_non_null(pipe);
	*total = 0;
	while ((got = fread(room + kept, 1, 65536, pipe)) > 0) {
		*total += got;
		got += kept;
		for (at = room; (at = memmem(at, (size_t)(room + got - at),
		    needle, length)) != NULL; at++)
			count++;
		kept = got < length - 1 ? got : length - 1;
		memmove(room, room + got - kept, kept);
	}
	assert_int_equal(pclose(pipe), 0);
	return count;
}

static void
test_no_secret(void **state)
{
	char   secret[SECRET_MAX], command[600];
	size_t total;

	(void)state;
	(void)snprintf(secret, sizeof secret, "%08lx%08lx", random(),
	    random());
	assert_int_equal(setenv("QUOTH_SECRET_X", secret, 1), 0);
	(void)snprintf(command, sizeof command, "exec '%s' dump self",
	    own_path);
	assert_true(count_in(command, secret, &total) > 0);
	(void)snprintf(command, sizeof command, "exec '%s' dump", own_path);
	/* A sanitizer keeps what it read of /proc/self/environ. */
	assert_true(count_in(command, secret, &total) <=
	    (jail_state() == JAIL_WIDE ? 1 : 0));
	assert_true(total > 1000000);
	assert_int_equal(unsetenv("QUOTH_SECRET_X"), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_reaped),
		cmocka_unit_test(test_nursery_dies),
		cmocka_unit_test(test_no_descriptors),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_inherits_none),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_parent_dies),
		cmocka_unit_test(test_no_secret),
	};

	own_path = argv[0];
	if (argc > 1)
		return dump_main(argc > 2);
	srandom((unsigned int)time(NULL) ^ (unsigned int)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
