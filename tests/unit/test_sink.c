/*
 * Report files: pessimistic at the start, whole at every moment, whole at the
 * end; and what cannot be written is told once while the others go on.
 */
#include "check.h"

#include "cmd/progress.h"
#include "cmd/sink.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scenario scenarios[] = {
	{ .id = { "a#A", 3 }, .title = { "A", 1 }, .path = "a.yaml" },
	{ .id = { "a#B", 3 }, .title = { "B", 1 }, .path = "a.yaml" },
};
static const struct scenario *const list[] = { &scenarios[0], &scenarios[1] };
static const struct run_record run = { .version = "t", .selected = 2 };

static char folder[64];
static char told[4096];
static int  told_count;

static void
tell(const char *sentence)
{
	(void)snprintf(told, sizeof told, "%s", sentence);
	told_count++;
}

static int
setup(void **unused)
{
	(void)unused;
	told_count = 0;
	told[0] = '\0';
	(void)strcpy(folder, "/tmp/quoth-sink-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
teardown(void **unused)
{
	char command[128];

	(void)unused;
	(void)snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static const char *
in_folder(const char *name)
{
	static char path[4][256];
	static int  next;

	next = (next + 1) % 4;
	(void)snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
	return path[next];
}

static bool
add(struct sinks *sinks, const char *name, const char *file)
{
	char spec[512];
	struct fault fault;

	(void)snprintf(spec, sizeof spec, "%s=%s", name, file);
	return sinks_add(sinks, spec, &fault);
}

static bool
file_has(const char *name, const char *what)
{
	static char text[100000];
	FILE  *file = fopen(in_folder(name), "rb");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, sizeof text - 1, file);
	(void)fclose(file);
	return span_find((struct span){ text, len }, span_of(what)) !=
	    SIZE_MAX;
}

static size_t
file_count(void)
{
	char   command[128], line[64] = "";
	FILE  *pipe;

	(void)snprintf(command, sizeof command, "ls %s | wc -l", folder);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_non_null(fgets(line, sizeof line, pipe));
	(void)pclose(pipe);
	return (size_t)atoi(line);
}

static struct run_bus *
bus_new(void)
{
	struct run_bus_options options = { .run = &run, .scenarios = list };

	return run_bus_new(&options);
}

static void
pass(struct run_bus *bus, uint32_t number)
{
	run_bus_scenario_end(bus, &(struct scenario_end){ .number = number,
	    .attempts = 1, .at_us = 10 });
}

static void
test_life(void **unused)
{
	struct sinks *sinks = sinks_new(tell);
	struct run_bus *bus = bus_new();

	(void)unused;
	assert_true(add(sinks, "junit", in_folder("r.xml")));
	assert_true(add(sinks, "json", in_folder("r.json")));
	assert_true(add(sinks, "jsonl", in_folder("r.jsonl")));
	sinks_prepare(sinks);
	sinks_open(sinks, bus, 0);
	assert_true(file_has("r.xml", "type=\"not-run\""));
	assert_true(file_has("r.json", "\"not_run\":2"));
	assert_true(file_has("r.jsonl", "run-begin"));
	pass(bus, 2);
	sinks_tick(sinks, 500000);
	assert_true(file_has("r.json", "\"not_run\":2"));
	sinks_tick(sinks, 30000000);
	assert_true(file_has("r.json", "\"not_run\":1"));
	assert_true(file_has("r.xml", "type=\"not-run\""));
	assert_true(file_has("r.jsonl", "scenario-end"));
	pass(bus, 1);
	run_bus_finish(bus, false, SPAN(""), 40000000);
	assert_true(sinks_finish(sinks, 40000000));
	assert_true(file_has("r.json", "\"passed\":2"));
	assert_false(file_has("r.xml", "not-run"));
	assert_true(file_has("r.jsonl", "run-end"));
	assert_int_equal(file_count(), 3);      /* no temporary one is left */
	assert_int_equal(told_count, 0);
	sinks_free(sinks);
	run_bus_free(bus);
}

static void
test_words(void **unused)
{
	struct sinks *sinks = sinks_new(tell);
	struct fault  fault;

	(void)unused;
	assert_false(sinks_add(sinks, "junti=x", &fault));
	assert_non_null(strstr(fault.text, "did you mean 'junit'?"));
	assert_int_equal(fault.class, FAULT_USAGE);
	assert_false(sinks_add(sinks, "\x1b[31m=x", &fault));
	assert_null(strchr(fault.text, 0x1b));
	assert_false(sinks_add(sinks, "junit", &fault));
	assert_false(sinks_add(sinks, "junit=", &fault));
	assert_false(sinks_add(sinks, "=x", &fault));
	assert_true(sinks_add(sinks, "junit=x", &fault));
	assert_false(sinks_add(sinks, "json=x", &fault));
	assert_false(sinks_have_stdout(sinks));
	assert_true(sinks_add(sinks, "json=-", &fault));
	assert_true(sinks_have_stdout(sinks));
	assert_false(sinks_stdout(sinks, reporter_find(SPAN("human")), NULL,
	    &fault));
	sinks_free(sinks);
}

/* One that cannot be written, whatever the reason, and one that can. */
static void
broken(const char *name, const char *file, const char *why)
{
	struct sinks *sinks = sinks_new(tell);
	struct run_bus *bus = bus_new();

	told_count = 0;
	assert_true(add(sinks, name, file));
	assert_true(add(sinks, "json", in_folder("good.json")));
	sinks_prepare(sinks);
	sinks_open(sinks, bus, 0);
	pass(bus, 1);
	sinks_tick(sinks, 30000000);
	pass(bus, 2);
	run_bus_finish(bus, false, SPAN(""), 40000000);
	assert_false(sinks_finish(sinks, 40000000));
	assert_int_equal(told_count, 1);
	if (strstr(told, why) == NULL)
		fail_msg("%s", told);
	assert_true(file_has("good.json", "\"passed\":2"));
	sinks_free(sinks);
	run_bus_free(bus);
}

static void
test_broken(void **unused)
{
	(void)unused;
	broken("junit", in_folder("no/such/r.xml"), "No such file");
	broken("jsonl", in_folder("no/such/r.jsonl"), "No such file");
	broken("junit", folder, "Is a directory");
	broken("jsonl", "/dev/full", "No space left");
	broken("junit", "/dev/full", "No space left");
}

/* The disk is full in the midst: RLIMIT_FSIZE says EFBIG. The document on
 * disk stays the one before; the journal ends with a whole line. */
static void
test_full(void **unused)
{
	struct sinks *sinks = sinks_new(tell);
	struct run_bus *bus = bus_new();
	struct rlimit before, limit;
	struct stat   about;

	(void)unused;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_true(add(sinks, "jsonl", in_folder("r.jsonl")));
	sinks_prepare(sinks);
	sinks_open(sinks, bus, 0);
	assert_int_equal(stat(in_folder("r.jsonl"), &about), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)about.st_size + 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	pass(bus, 1);
	sinks_tick(sinks, 30000000);
	run_bus_finish(bus, false, SPAN(""), 40000000);
	(void)setrlimit(RLIMIT_FSIZE, &before);
	assert_false(sinks_finish(sinks, 40000000));
	assert_int_equal(told_count, 1);
	limit.rlim_cur = (rlim_t)about.st_size;
	assert_int_equal(stat(in_folder("r.jsonl"), &about), 0);
	assert_int_equal(about.st_size, limit.rlim_cur);
	sinks_free(sinks);
	run_bus_free(bus);
}

/* A link is followed, not replaced. */
static void
test_link(void **unused)
{
	struct sinks *sinks = sinks_new(tell);
	struct run_bus *bus = bus_new();
	struct stat   about;

	(void)unused;
	assert_int_equal(close(creat(in_folder("real"), 0600)), 0);
	assert_int_equal(symlink("real", in_folder("link")), 0);
	assert_true(add(sinks, "json", in_folder("link")));
	sinks_prepare(sinks);
	sinks_open(sinks, bus, 0);
	assert_int_equal(lstat(in_folder("link"), &about), 0);
	assert_true(S_ISLNK(about.st_mode));
	assert_true(file_has("real", "not_run"));
	sinks_free(sinks);
	run_bus_free(bus);
}

/* Results on `fd` as stdout: whether that was no failure. */
static bool
results_to(int fd)
{
	struct sinks *sinks = sinks_new(tell);
	struct run_bus *bus = bus_new();
	struct fault  fault;
	int  saved = dup(STDOUT_FILENO);
	bool fine;

	told_count = 0;
	(void)fflush(stdout);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	fine = sinks_stdout(sinks, reporter_find(SPAN("human")), NULL,
	    &fault);
	sinks_prepare(sinks);
	sinks_open(sinks, bus, 0);
	pass(bus, 1);
	pass(bus, 2);
	run_bus_finish(bus, false, SPAN(""), 10);
	fine = sinks_finish(sinks, 10) && fine;
	(void)dup2(saved, STDOUT_FILENO);
	(void)close(saved);
	sinks_free(sinks);
	run_bus_free(bus);
	return fine;
}

static void
test_stdout(void **unused)
{
	char    text[1000] = "";
	ssize_t len;
	int     ends[2], full = open("/dev/full", O_WRONLY);

	(void)unused;
	assert_int_equal(pipe(ends), 0);
	assert_true(results_to(ends[1]));
	len = read(ends[0], text, sizeof text - 1);
	assert_true(len > 0);
	assert_non_null(strstr(text, "2 passed in"));
	(void)close(ends[0]);           /* `quoth run | head -1` */
	assert_true(results_to(ends[1]));
	assert_int_equal(told_count, 0);
	(void)close(ends[1]);
	assert_true(full >= 0);
	assert_false(results_to(full));
	assert_int_equal(told_count, 1);
	assert_non_null(strstr(told, "human=-"));
	(void)close(full);
}

static void
test_progress(void **unused)
{
	struct totals totals = { .scenarios = 40, .not_run = 28, .failed = 1,
		.took_us = 63000000 };
	struct span running[] = { SPAN("a\x1b[2J"), SPAN("b") };
	struct progress *progress;
	char    text[4096] = "";
	ssize_t len;
	int     ends[2];
	bool    colours;

	(void)unused;
	assert_int_equal(pipe(ends), 0);
	progress = progress_new(ends[1], true, false);
	progress_show(progress, &totals, running, 2, 1000000);
	progress_show(progress, &totals, running, 2, 1050000);  /* too soon */
	progress_erase(progress);
	progress_erase(progress);
	len = read(ends[0], text, sizeof text - 1);
	assert_true(len > 0);
	assert_non_null(strstr(text, "12/40  1 failed  1:03\n  a\\x1b[2J, b"));
	assert_non_null(strstr(text, "\r\x1b[1A\x1b[J"));
	assert_ptr_equal(strstr(text, "12/40"), strstr(text, "12/40"));
	assert_null(strstr(strstr(text, "12/40") + 1, "12/40"));
	progress_free(progress);
	memset(text, 0, sizeof text);
	progress = progress_new(ends[1], false, false);
	progress_show(progress, &totals, running, 2, 1000000);
	progress_show(progress, &totals, running, 2, 30999999);
	progress_show(progress, &totals, running, 2, 31000000);
	len = read(ends[0], text, sizeof text - 1);
	assert_true(len > 0);
	assert_string_equal(text, "quoth: 12 of 40 scenarios done, 1 failed, "
	    "after 63 s\n");
	progress_free(progress);
	assert_true(progress_colours("never", 1, &colours));
	assert_false(colours);
	assert_true(progress_colours("always", ends[1], &colours));
	assert_true(colours);
	assert_true(progress_colours(NULL, ends[1], &colours));
	assert_false(colours);
	assert_false(progress_colours("sometimes", 1, &colours));
	(void)close(ends[0]);
	(void)close(ends[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_life), TEST(test_words), TEST(test_broken),
		TEST(test_full), TEST(test_link), TEST(test_stdout),
		TEST(test_progress),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
