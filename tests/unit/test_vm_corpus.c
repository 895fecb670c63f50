/*
 * Hostile Lua files, each in a child that is watched as a worker is. What a
 * file may come to stands in its third header line or in the INDEX.md of its
 * folder; a signal, more memory than allowed and the words PWNED and
 * MISCOMPILE are failures whatever it says.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "check.h"
#include "script/vm/vm.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__
enum { SLOW = 5 };
#elif defined __has_feature
#if __has_feature(address_sanitizer)
enum { SLOW = 5 };
#else
enum { SLOW = 1 };
#endif
#else
enum { SLOW = 1 };
#endif

enum { AT_ONCE = 2, FILES_MAX = 400, SAID_MAX = 64 * 1024 };
enum end { OK, E_SCRIPT, E_SYNTAX, E_LIMIT, END_COUNT };
static const char *const ends[] = { "OK", "E_SCRIPT", "E_SYNTAX", "E_LIMIT" };

struct job {
	char     path[512], folder[400], name[100];
	char     allowed[80];
	pid_t    pid;
	int      pipe;
	int64_t  until_ms;
	bool     killed;
	struct buf said;
};

static int64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct span
file_read(const char *path, struct buf *buf)
{
	FILE  *file = fopen(path, "rb");
	char  *room;
	size_t got;

	*buf = buf_new(4 * MIB);
	if (file == NULL)
		return buf_span(buf);
	while ((room = buf_room(buf, 65536)) != NULL &&
	    (got = fread(room, 1, 65536, file)) > 0)
		buf->len += got;
	(void)fclose(file);
	return buf_span(buf);
}

static void
line_copy(struct span from, char *to, size_t size)
{
	size_t len = 0;

	while (len < from.len && from.ptr[len] != '\n' && len + 1 < size)
		len++;
	memcpy(to, from.ptr, len);
	to[len] = '\0';
}

/* "-- expect: A|B", or the third column of its row of the index. */
static void
allowed_read(struct job *job)
{
	struct buf  buf;
	struct span text = file_read(job->path, &buf);
	char        path[512], row[128];
	size_t      at = span_find(span_sub(text, 0, 600),
	    SPAN("-- expect: "));

	if (at != SIZE_MAX) {
		line_copy(span_from(text, at + 11), job->allowed,
		    sizeof job->allowed);
		buf_free(&buf);
		return;
	}
	buf_free(&buf);
	(void)snprintf(path, sizeof path, "%s/INDEX.md", job->folder);
	(void)snprintf(row, sizeof row, "| %.*s |",
	    (int)strlen(job->name) - 4, job->name);
	text = file_read(path, &buf);
	at = span_find(text, span_of(row));
	if (at != SIZE_MAX) {
		text = span_from(text, at + strlen(row));
		at = span_chr(text, '|');
		text = span_from(text, at + 1);
		line_copy(span_sub(text, 0, span_chr(text, '|')),
		    job->allowed, sizeof job->allowed);
	}
	buf_free(&buf);
}

static bool
allows(const struct job *job, enum end end)
{
	const char *at = strstr(job->allowed, ends[end]);
	size_t      len = strlen(ends[end]);

	return at != NULL && (at[len] == '\0' || at[len] == '|' ||
	    at[len] == ' ') && (at == job->allowed || at[-1] == '|' ||
	    at[-1] == ' ');
}

static void
say(struct span text)
{
	text.len = text.len < 4096 ? text.len : 4096;
	if (write(1, text.ptr, text.len) < 0 || write(1, "\n", 1) < 0)
		_exit(99);
}

static void
child_print(struct vm *vm, struct span text)
{
	(void)vm;
	say(text);
}

static enum end
file_run(const char *path)
{
	struct vm       vm = { .print = child_print,
		.cpu_ms = LIMIT_LUA_CPU_MS * SLOW };
	struct vm_slice slice = { 0 };
	struct buf      buf;
	char            room[4096], words[160];
	lua_State      *thread;
	int             status, results;

	if (!vm_open(&vm))
		return END_COUNT;
	thread = lua_newthread(vm.state);
	vm_begin(&vm, &slice);
	if (!vm_compile(&vm, thread, file_read(path, &buf), "@file.lua")) {
		say(vm_error_text(&vm, thread, -1, room, sizeof room));
		return slice.hit == VM_FINE ? E_SYNTAX : E_LIMIT;
	}
	status = vm_resume(&vm, thread, NULL, 0, &results);
	if (slice.hit != VM_FINE) {
		vm_limit_words(&vm, slice.hit, words);
		say(span_of(words));
		return E_LIMIT;
	}
	if (status == LUA_OK)
		return OK;
	say(vm_error_text(&vm, thread, -1, room, sizeof room));
	return slice.hit == VM_FINE ? E_SCRIPT : E_LIMIT;
}

static void
job_start(struct job *job)
{
	int ends_of_pipe[2];

	assert_int_equal(pipe(ends_of_pipe), 0);
	job->said = buf_new(SAID_MAX);
	job->pid = fork();
	assert_true(job->pid >= 0);
	if (job->pid == 0) {
		(void)dup2(ends_of_pipe[1], 1);
		(void)close(ends_of_pipe[0]);
		(void)close(ends_of_pipe[1]);
		_exit(100 + (int)file_run(job->path));
	}
	(void)close(ends_of_pipe[1]);
	job->pipe = ends_of_pipe[0];
	job->until_ms = now_ms() + (int64_t)LIMIT_LUA_WATCH_MS * SLOW;
}

/* False: it is over and its output is read. */
static bool
job_hear(struct job *job)
{
	char    text[4096];
	ssize_t got;

	if (now_ms() > job->until_ms && !job->killed) {
		job->killed = true;
		(void)kill(job->pid, SIGKILL);
	}
	for (;;) {
		struct pollfd poll_fd = { job->pipe, POLLIN, 0 };

		if (poll(&poll_fd, 1, 20) == 0)
			return true;
		got = read(job->pipe, text, sizeof text);
		if (got <= 0)
			return false;
		(void)buf_add(&job->said, (struct span){ text, (size_t)got });
	}
}

static const char *
job_flaw(const struct job *job, int status, const struct rusage *usage,
    enum end *end)
{
	struct span said = buf_span(&job->said);

	*end = job->killed ? E_LIMIT : END_COUNT;
	if (!job->killed && !WIFEXITED(status))
		return "died of a signal";
	if (!job->killed) {
		if (WEXITSTATUS(status) < 100 || WEXITSTATUS(status) >= 104)
			return "ended with a strange status";
		*end = (enum end)(WEXITSTATUS(status) - 100);
	}
	if (span_find(said, SPAN("PWNED")) != SIZE_MAX)
		return "escaped";
	if (span_find(said, SPAN("MISCOMPILE")) != SIZE_MAX)
		return "was miscompiled";
	if (SLOW == 1 && usage->ru_maxrss > (LIMIT_LUA_MEMORY_HARD + 32 * MIB)
	    / KIB)
		return "took too much memory";
	return allows(job, *end) ? NULL : "ended in another way";
}

static bool
job_end(struct job *job)
{
	struct rusage usage;
	const char   *flaw;
	enum end      end;
	int           status;

	(void)close(job->pipe);
	(void)wait4(job->pid, &status, 0, &usage);
	flaw = job_flaw(job, status, &usage, &end);
	if (flaw != NULL || getenv("QUOTH_SHOW") != NULL)
		print_message("%s: %s: %s%s, allowed '%s', status %d, %ld KiB, "
		    "%ld ms: %.*s\n", job->name, flaw == NULL ? "fine" : flaw,
		    end == END_COUNT ? "?" : ends[end],
		    job->killed ? " (killed)" : "", job->allowed, status,
		    usage.ru_maxrss, usage.ru_utime.tv_sec * 1000 +
		    usage.ru_utime.tv_usec / 1000, job->said.len > 200 ? 200 :
		    (int)job->said.len, job->said.len == 0 ? "" :
		    job->said.ptr);
	buf_free(&job->said);
	return flaw == NULL;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_lua(const struct dirent *entry)
{
	return span_ends(span_of(entry->d_name), SPAN(".lua"));
}

static size_t
jobs_list(const char *folder, struct job *jobs)
{
	struct dirent **entries;
	int             count = scandir(folder, &entries, is_lua, by_name);

	for (int i = 0; i < count; i++) {
		struct job *job = &jobs[i];

		assert_true(i < FILES_MAX);
		(void)snprintf(job->folder, sizeof job->folder, "%s", folder);
		(void)snprintf(job->name, sizeof job->name, "%.90s",
		    entries[i]->d_name);
		(void)snprintf(job->path, sizeof job->path, "%s/%s", folder,
		    job->name);
		allowed_read(job);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return count < 0 ? 0 : (size_t)count;
}

static void
folder_run(const char *folder)
{
	struct job *jobs = calloc(FILES_MAX, sizeof *jobs);
	struct job *now[AT_ONCE] = { NULL };
	size_t      count = jobs_list(folder, jobs), next = 0, bad = 0;
	const char *only = getenv("QUOTH_ONLY");
	bool        busy = true;

	if (count == 0) {
		print_message("skipped: there is no %s\n", folder);
		free(jobs);
		skip();
	}
	while (busy) {
		busy = false;
		for (size_t i = 0; i < AT_ONCE; i++) {
			if (now[i] != NULL && !job_hear(now[i])) {
				bad += !job_end(now[i]);
				now[i] = NULL;
			}
			while (now[i] == NULL && next < count) {
				struct job *job = &jobs[next++];

				if (only != NULL && !strstr(job->name, only))
					continue;
				now[i] = job;
				job_start(job);
			}
			busy = busy || now[i] != NULL;
		}
	}
	free(jobs);
	assert_int_equal(bad, 0);
}

static void
test_shared(void **state)
{
	const char *folder = getenv("QUOTH_CORPORA");

	(void)state;
	folder_run(folder != NULL ? folder :
	    TESTS_DIR "/../../shared/corpora/hostile-lua");
}

static void
test_own(void **state)
{
	(void)state;
	folder_run(TESTS_DIR "/unit/hostile-lua");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
