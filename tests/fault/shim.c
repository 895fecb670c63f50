/*
 * A library for LD_PRELOAD: the n-th call of one function fails. What stands
 * in the environment:
 *
 *   QUOTH_FAULT=FUNCTION:N:ACTION   N from 1; "N+": that call and all later
 *     ACTION   a number: errno, nothing is done; "short": one octet is moved;
 *              "kill": SIGKILL in front of the call; "kill-after": behind it
 *   QUOTH_FAULT_COUNTS=FILE         octets of 0: gets the calls of each
 *                                   function as uint64_t in the order of
 *                                   FAULTS, behind them how often it failed
 *
 * Names that differ in the library only (open64, __read_chk) are one function
 * here. Pipes inside of the program are no faults' place: the kernel has no
 * error for them, and libuv rightly aborts. After a short recv() its edge comes
 * once more, as it does when the rest arrives later. Programs that the tested
 * one starts are left alone.
 */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAULTS(X) \
	X(malloc) X(calloc) X(realloc) X(read) X(write) X(send) X(recv) \
	X(fsync) X(rename) X(unlink) X(open) X(close) X(stat) X(getrandom) \
	X(socket) X(connect) X(accept4) X(epoll_create1) X(epoll_ctl) \
	X(epoll_wait) X(poll) X(pipe2) X(eventfd) X(fork) X(opendir) \
	X(readdir)

#define AS_ENUM(name) FAULT_##name,
#define AS_TEXT(name) #name,
enum which { FAULTS(AS_ENUM) FAULT_COUNT };
static const char *const names[] = { FAULTS(AS_TEXT) };

enum action { PASS, FAIL, SHORT, KILL, KILL_AFTER };

static struct {
	int         which;
	uint64_t    at;
	bool        later;
	enum action action;
	int         error;
} plan = { .which = -1 };

static _Atomic uint64_t  own[FAULT_COUNT + 1];
static _Atomic uint64_t *counts = own;
static bool              armed;

struct sockaddr;

#define PUBLIC __attribute__((visibility("default")))
/* The function behind this one, whose address C has no cast for. */
#define REAL(type, name, ...) \
	static type (*real)(__VA_ARGS__); \
	if (real == NULL) \
		*(void **)(void *)&real = dlsym(RTLD_NEXT, name)

static void
die(void)
{
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause();
}

static enum action
next(enum which which)
{
	uint64_t count;

	if (!armed)
		return PASS;
	count = atomic_fetch_add(&counts[which], 1) + 1;
	if (plan.which != (int)which || count < plan.at ||
	    (count > plan.at && !plan.later))
		return PASS;
	(void)atomic_fetch_add(&counts[FAULT_COUNT], 1);
	if (plan.action == KILL)
		die();
	if (plan.action == FAIL)
		errno = plan.error;
	return plan.action;
}

static bool
inner_pipe(int fd)
{
	struct stat about;

	return fd > STDERR_FILENO && syscall(SYS_fstat, fd, &about) == 0 &&
	    S_ISFIFO(about.st_mode);
}

static enum action
next_on(enum which which, int fd)
{
	return armed && inner_pipe(fd) ? PASS : next(which);
}

/* ---- edges ----------------------------------------------------------------- */

enum { WATCHED = 256 };
static struct watched {
	struct epoll_event event;
	int                epoll;
	bool               there;
} watched[WATCHED];

static void
watch(int epoll, int what, int fd, const struct epoll_event *event)
{
	if (fd < 0 || fd >= WATCHED || event == NULL || what == EPOLL_CTL_DEL)
		return;
	watched[fd] = (struct watched){ *event, epoll, true };
}

static void
edge_again(int fd)
{
	if (fd >= 0 && fd < WATCHED && watched[fd].there)
		(void)syscall(SYS_epoll_ctl, watched[fd].epoll, EPOLL_CTL_MOD,
		    fd, &watched[fd].event);
}

/* After the peer's FIN a read gives all that came before. */
static bool
half_closed(int fd)
{
	struct pollfd look = { .fd = fd, .events = POLLRDHUP };

	return syscall(SYS_poll, &look, 1UL, 0) == 1 &&
	    (look.revents & POLLRDHUP) != 0;
}

/* ---- calls ----------------------------------------------------------------- */

/* One function: `fail` is what it gives then, `few` its length when short. */
#define CALL(type, name, which, fail, few, params, ...) \
	CALLED(type, name, next(FAULT_##which), fail, few, params, __VA_ARGS__)
#define MOVE(name, which, params, ...) \
	CALLED(ssize_t, name, next_on(FAULT_##which, fd), -1, \
	    size = size > 0, params, __VA_ARGS__)
#define CALLED(type, name, how, fail, few, params, ...) \
	PUBLIC type name params; \
	PUBLIC type \
	name params \
	{ \
		enum action action = how; \
		type        done; \
		REAL_OF(type, name, params); \
		if (action == FAIL) \
			return fail; \
		if (action == SHORT) { \
			few; \
		} \
		done = real(__VA_ARGS__); \
		if (action == KILL_AFTER) \
			die(); \
		return done; \
	}
#define UNPACK(...) __VA_ARGS__
#define REAL_OF(type, name, params) REAL(type, #name, UNPACK params)

CALL(void *, malloc, malloc, NULL, , (size_t size), size)
CALL(void *, calloc, calloc, NULL, , (size_t count, size_t size), count, size)
CALL(void *, realloc, realloc, NULL, , (void *old, size_t size), old, size)
MOVE(read, read, (int fd, void *to, size_t size), fd, to, size)
MOVE(__read_chk, read, (int fd, void *to, size_t size, size_t room),
    fd, to, size, room)
MOVE(write, write, (int fd, const void *from, size_t size), fd, from, size)
MOVE(send, send, (int fd, const void *from, size_t size, int flags),
    fd, from, size, flags)
CALL(int, fsync, fsync, -1, , (int fd), fd)
CALL(int, rename, rename, -1, , (const char *from, const char *to), from, to)
CALL(int, unlink, unlink, -1, , (const char *path), path)
CALL(ssize_t, getrandom, getrandom, -1, size = size > 0,
    (void *to, size_t size, unsigned flags), to, size, flags)
CALL(int, socket, socket, -1, , (int family, int type, int protocol),
    family, type, protocol)
CALL(int, connect, connect, -1, ,
    (int fd, const struct sockaddr *to, unsigned len), fd, to, len)
CALL(int, accept4, accept4, -1, ,
    (int fd, struct sockaddr *from, unsigned *len, int flags),
    fd, from, len, flags)
CALL(int, epoll_create1, epoll_create1, -1, , (int flags), flags)
CALL(int, epoll_wait, epoll_wait, -1, size = 1,
    (int epoll, struct epoll_event *events, int size, int ms),
    epoll, events, size, ms)
CALL(int, epoll_pwait, epoll_wait, -1, size = 1,
    (int epoll, struct epoll_event *events, int size, int ms,
	const sigset_t *mask), epoll, events, size, ms, mask)
CALL(int, poll, poll, -1, , (struct pollfd *watch, unsigned long count, int ms),
    watch, count, ms)
CALL(int, pipe2, pipe2, -1, , (int ends[2], int flags), ends, flags)
CALL(int, eventfd, eventfd, -1, , (unsigned first, int flags), first, flags)
CALL(pid_t, fork, fork, -1, , (void),)
CALL(void *, opendir, opendir, NULL, , (const char *path), path)
CALL(void *, readdir, readdir, NULL, , (void *folder), folder)
CALL(void *, readdir64, readdir, NULL, , (void *folder), folder)
CALL(int, stat, stat, -1, , (const char *path, struct stat *about), path, about)
CALL(int, stat64, stat, -1, , (const char *path, struct stat64 *about),
    path, about)
CALL(int, fstat, stat, -1, , (int fd, struct stat *about), fd, about)
CALL(int, fstat64, stat, -1, , (int fd, struct stat64 *about), fd, about)

PUBLIC ssize_t recv(int fd, void *to, size_t size, int flags);
PUBLIC ssize_t
recv(int fd, void *to, size_t size, int flags)
{
	enum action action = next(FAULT_recv);
	ssize_t     done;
	REAL(ssize_t, "recv", int, void *, size_t, int);

	if (action == FAIL)
		return -1;
	if (action == SHORT && half_closed(fd))
		action = PASS;
	done = real(fd, to, action == SHORT ? size > 0 : size, flags);
	if (action == SHORT)
		edge_again(fd);
	if (action == KILL_AFTER)
		die();
	return done;
}

PUBLIC int epoll_ctl(int epoll, int what, int fd, struct epoll_event *event);
PUBLIC int
epoll_ctl(int epoll, int what, int fd, struct epoll_event *event)
{
	enum action action = next(FAULT_epoll_ctl);
	REAL(int, "epoll_ctl", int, int, int, struct epoll_event *);

	if (action == FAIL)
		return -1;
	watch(epoll, what, fd, event);
	return real(epoll, what, fd, event);
}

/* The descriptor is gone also when close() fails. */
PUBLIC int close(int fd);
PUBLIC int
close(int fd)
{
	enum action action = next(FAULT_close);
	int         done;
	REAL(int, "close", int fd);

	done = real(fd);
	if (action == KILL_AFTER)
		die();
	if (action == FAIL)
		errno = plan.error;
	return action == FAIL ? -1 : done;
}

#define OPEN(name, params, fd_or_path) \
	PUBLIC int name params; \
	PUBLIC int \
	name params \
	{ \
		enum action action = next(FAULT_open); \
		int         done; \
		unsigned    mode; \
		va_list     args; \
		REAL(int, #name, UNPACK params); \
		va_start(args, flags); \
		mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? \
		    va_arg(args, unsigned) : 0; \
		va_end(args); \
		if (action == FAIL) \
			return -1; \
		done = real(fd_or_path, flags, mode); \
		if (action == KILL_AFTER) \
			die(); \
		return done; \
	}
#define BOTH dir, path
OPEN(open, (const char *path, int flags, ...), path)
OPEN(open64, (const char *path, int flags, ...), path)
OPEN(openat, (int dir, const char *path, int flags, ...), BOTH)
OPEN(openat64, (int dir, const char *path, int flags, ...), BOTH)

/* ---- the environment ------------------------------------------------------- */

static void
wrong(const char *what)
{
	static const char text[] = "shim: bad environment: ";

	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	(void)!write(STDERR_FILENO, what, strlen(what));
	(void)!write(STDERR_FILENO, "\n", 1);
	_exit(99);
}

static enum action
action_read(const char *word)
{
	char *end;

	if (strcmp(word, "short") == 0)
		return SHORT;
	if (strcmp(word, "kill") == 0)
		return KILL;
	if (strcmp(word, "kill-after") == 0)
		return KILL_AFTER;
	plan.error = (int)strtol(word, &end, 10);
	if (end == word || *end != '\0' || plan.error <= 0)
		wrong(word);
	return FAIL;
}

static void
plan_read(const char *spec)
{
	size_t len = strcspn(spec, ":");
	int    which = 0;
	char  *end;

	while (which < FAULT_COUNT && (strlen(names[which]) != len ||
	    strncmp(names[which], spec, len) != 0))
		which++;
	if (which == FAULT_COUNT || spec[len] != ':')
		wrong(spec);
	plan.which = which;
	plan.at = strtoull(spec + len + 1, &end, 10);
	plan.later = *end == '+';
	end += plan.later;
	if (plan.at == 0 || *end != ':')
		wrong(spec);
	plan.action = action_read(end + 1);
}

static void
counts_share(const char *path)
{
	int   fd = open(path, O_RDWR | O_CLOEXEC);
	void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof own,
	    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		wrong(path);
	(void)close(fd);
	counts = map;
}

__attribute__((constructor)) static void
arm(void)
{
	const char *spec = getenv("QUOTH_FAULT");
	const char *path = getenv("QUOTH_FAULT_COUNTS");

	if (spec != NULL)
		plan_read(spec);
	if (path != NULL)
		counts_share(path);
	(void)unsetenv("LD_PRELOAD");
	armed = true;
}
