/* What a worker can do, and what it dies of. */
#include "talk.h"

#include "script/jail/backdoor.h"
#include "script/jail/jail_own.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SURVIVED = 77 };

static const char forbidden[] = "was killed by the sandbox: it made a "
    "forbidden system call";

/* All that malloc does of its own: small, large, growing, trimmed. */
static void
use_memory(void)
{
	enum { COUNT = 3000 };
	static void *blocks[COUNT];
	size_t       a, round;

	for (round = 0; round < 3; round++) {
		for (a = 0; a < COUNT; a++) {
			size_t size = a % 100 == 0 ? 300000 : a * 7 % 9000;

			blocks[a] = calloc(1, size + 1);
			if (blocks[a] == NULL)
				_exit(98);
			memset(blocks[a], 1, size);
		}
		for (a = 0; a < COUNT; a += 3) {
			void *grown = realloc(blocks[a], a % 99 == 0 ?
			    400000 : a * 20 + 1);

			if (grown == NULL)
				_exit(97);
			blocks[a] = grown;
		}
		for (a = 0; a < COUNT; a++)
			free(blocks[a]);
	}
}

/* Until there is no more; then little must still be had. */
static void
use_all_memory(int out)
{
	static char *blocks[1000];
	size_t       count = 0, a;
	void        *one;

	one = malloc((size_t)1 << 40);
	if (one != NULL && !JAIL_SANITIZED)
		_exit(96);
	one = malloc((size_t)200 << 20);
	if (one != NULL && !JAIL_SANITIZED)
		_exit(95);
	free(one);
	while (count < 1000 && (blocks[count] = malloc(1 << 20)) != NULL) {
		memset(blocks[count], 1, 1 << 20);
		count++;
	}
	for (a = 0; a < count; a++)
		free(blocks[a]);
	one = malloc(1000);
	worker_tell(out, "%zu %s", count, one != NULL ? "more" : "none");
	free(one);
}

/* Everything that Lua's os.time, os.date and os.clock call. */
static void
use_clocks(int out)
{
	struct tm       broken = { .tm_year = 100, .tm_mon = 6, .tm_mday = 1,
	    .tm_hour = 12, .tm_isdst = -1 };
	struct tm       local;
	struct timespec now;
	time_t          zero = 0, then = mktime(&broken);
	char            text[100];
	int             a;

	for (a = 0; a < 3; a++) {
		(void)clock();
		(void)time(NULL);
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
		(void)localtime(&zero);
		(void)localtime_r(&then, &local);
		(void)strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z %c",
		    &local);
		(void)gmtime(&zero);
	}
	text[16] = '\0';
	worker_tell(out, "%lld %s", (long long)then, text);
}

static int
deep(volatile char *above)
{
	volatile char room[4096];

	room[0] = above[0];
	if (room[0] != 0)       /* never */
		return 1;
	room[1] = (char)deep(room);
	return room[1] + room[0];
}

/* What holds where there is no filter. */
static void
use_files(int out)
{
	int fd = open("/etc/passwd", O_RDONLY);

	worker_tell(out, "%s", fd < 0 ? strerror(errno) : "open");
}

static int
worker(int in, int out, struct pulse *pulse)
{
	const char   *words = worker_hear(in);
	volatile char top = 0;

	atomic_fetch_add(&pulse->beats, 1);
	if (strncmp(words, "try ", 4) == 0) {
		backdoor_try(words + 4);
		return SURVIVED;
	}
	if (strcmp(words, "memory") == 0)
		use_memory();
	else if (strcmp(words, "all memory") == 0)
		use_all_memory(out);
	else if (strcmp(words, "clocks") == 0)
		use_clocks(out);
	else if (strcmp(words, "deep") == 0)
		return deep(&top);
	else if (strcmp(words, "files") == 0)
		use_files(out);
	while (strcmp(words, "spin") == 0)
		atomic_fetch_add(&pulse->beats, 1);
	return 0;
}

static void
test_words(void **state)
{
	(void)state;
	switch (jail_state()) {
	case JAIL_FULL:
		assert_false(JAIL_SANITIZED);
		assert_string_equal(jail_words(), "");
		return;
	case JAIL_WIDE:
		assert_true(JAIL_SANITIZED);
		assert_non_null(strstr(jail_words(), "sanitizer"));
		return;
	case JAIL_NO_SECCOMP:
		assert_non_null(strstr(jail_words(), "no seccomp"));
		return;
	}
	fail();
}

/* No row may be missed: one that is not killed would say so. */
static void
test_forbidden(void **state)
{
	struct nursery *nursery = *state;
	char            words[64], why[160];
	size_t          a;

	if (jail_state() == JAIL_NO_SECCOMP)
		skip();
	for (a = 0; backdoor_rows[a].name != NULL; a++) {
		const struct backdoor *row = &backdoor_rows[a];
		struct worker_process  process;

		if (row->tame && JAIL_SANITIZED)
			continue;
		process = worker_make(nursery);
		(void)snprintf(words, sizeof words, "try %s", row->name);
		tell(&process, words);
		assert_string_equal(hear_all(&process), "");
		worker_end(&process, false, why);
		/* A kernel without i386 has no such interrupt. */
		if (strcmp(row->name, "i386") == 0 &&
		    strcmp(why, "crashed (signal 11)") == 0)
			continue;
		if (strcmp(why, forbidden) != 0)
			fail_msg("%s: %s", row->name, why);
	}
	assert_true(a > 40);
}

/* That an unknown name does nothing, so that the rows above died of theirs. */
static void
test_survives(void **state)
{
	struct worker_process process = worker_make(*state);

	tell(&process, "try nothing");
	assert_string_equal(hear_all(&process), "");
	assert_end(&process, false, "ended with exit status 77");
}

static void
test_memory(void **state)
{
	struct worker_process process = worker_make(*state);

	tell(&process, "memory");
	assert_string_equal(hear_all(&process), "");
	assert_end(&process, false, "");
}

static void
test_all_memory(void **state)
{
	struct worker_process process;
	long                  count;
	char                 *rest;

	if (JAIL_SANITIZED)
		skip();
	process = worker_make(*state);
	tell(&process, "all memory");
	count = strtol(hear_all(&process), &rest, 10);
	assert_string_equal(rest, " more");
	assert_in_range(count, 50, 64);
	assert_end(&process, false, "");
}

static void
test_clocks(void **state)
{
	static const struct {
		const char *zone, *answer;
	} rows[] = {
		{ NULL, NULL },
		{ "UTC", "962452800 2000-07-01 12:00" },
		{ "XYZ-3", "962442000 2000-07-01 12:00" },
		{ "", "962452800 2000-07-01 12:00" },
		{ ":/etc/localtime", NULL },
		{ "/no/such/zone", "962452800 2000-07-01 12:00" },
	};
	size_t a;

	(void)state;
	for (a = 0; a < sizeof rows / sizeof *rows; a++) {
		struct nursery       *nursery;
		struct worker_process process;
		const char           *heard;

		if (rows[a].zone == NULL)
			(void)unsetenv("TZ");
		else
			(void)setenv("TZ", rows[a].zone, 1);
		nursery = nursery_make(worker);
		process = worker_make(nursery);
		tell(&process, "clocks");
		heard = hear_all(&process);
		if (rows[a].answer != NULL)
			assert_string_equal(heard, rows[a].answer);
		else
			assert_non_null(strstr(heard, "2000-07-01 12:00"));
		assert_end(&process, false, "");
		nursery_free(nursery);
	}
	(void)unsetenv("TZ");
}

static void
test_deep(void **state)
{
	struct worker_process process = worker_make(*state);

	if (JAIL_SANITIZED) {   /* its report is no business of this test */
		assert_end(&process, true, "was killed");
		return;
	}
	tell(&process, "deep");
	assert_string_equal(hear_all(&process), "");
	assert_end(&process, false, "crashed (signal 11)");
}

static void
test_cpu(void **state)
{
	const struct jail     jail = { .memory = 64 << 20, .cpu_s = 1 };
	struct fault          fault;
	struct nursery       *nursery = nursery_new(worker, &jail, &fault);
	struct worker_process process;

	(void)state;
	assert_non_null(nursery);
	process = worker_make(nursery);
	assert_in_range(worker_cpu_us(&process), 0, 100000);
	tell(&process, "spin");
	assert_string_equal(hear_all(&process), "");
	assert_true(atomic_load(&process.pulse->beats) > 1000);
	assert_end(&process, false, "was killed by the sandbox: it used all "
	    "the CPU time of a Lua file");
	assert_int_equal(worker_cpu_us(&process), 0);
	nursery_free(nursery);
}

/* A system in which seccomp(2) fails like that; for this process, for good. */
static void
break_seccomp(uint32_t error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(3);
}

/* In a process of its own, whose exit status tells. */
static void
in_child(void (*test)(void))
{
	int   status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		test();
		_exit(SURVIVED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), SURVIVED);
}

static void
expect(bool fine, int number)
{
	if (!fine)
		_exit(number);
}

static void
without_seccomp(void)
{
	struct nursery       *nursery;
	struct worker_process process;
	char                  why[160];

	break_seccomp(ENOSYS);
	expect(jail_state() == JAIL_NO_SECCOMP, 10);
	expect(strstr(jail_words(), "no seccomp") != NULL, 11);
	nursery = nursery_make(worker);
	process = worker_make(nursery);
	tell(&process, "files");
	expect(strcmp(hear_all(&process), "Too many open files") == 0, 12);
	worker_end(&process, false, why);
	expect(why[0] == '\0', 13);
	nursery_free(nursery);
}

static void
with_broken_seccomp(void)
{
	struct nursery       *nursery;
	struct worker_process process;
	char                  why[160];

	break_seccomp(EPERM);
	expect(jail_state() != JAIL_NO_SECCOMP, 10);
	nursery = nursery_make(worker);
	process = worker_make(nursery);
	expect(strcmp(hear_all(&process), "") == 0, 11);
	expect(atomic_load(&process.pulse->beats) == 0, 12);
	worker_end(&process, false, why);
	expect(strcmp(why, "was not let in: the sandbox of Lua files cannot "
	    "forbid system calls: Operation not permitted") == 0, 13);
	nursery_free(nursery);
}

static void
test_without_seccomp(void **state)
{
	(void)state;
	if (jail_state() == JAIL_NO_SECCOMP)
		skip();
	in_child(without_seccomp);
	in_child(with_broken_seccomp);
}

static int
setup(void **state)
{
	*state = nursery_make(worker);
	return 0;
}

static int
teardown(void **state)
{
	nursery_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_forbidden),
		cmocka_unit_test(test_survives),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_all_memory),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_without_seccomp),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
