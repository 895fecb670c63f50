/* Plain system calls, so that a test can make each of them fail. */
#include "cmd/report_file.h"

#include "net/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MODE = 0666,            /* less the umask */
	PATIENCE_MS = 500
};

static bool
writable(int fd, int ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	int           ready;

	do
		ready = poll(&wait, 1, ms);
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

int
report_write(int fd, struct span bytes)
{
	while (bytes.len > 0) {
		size_t  size = bytes.len;
		ssize_t done;

		/* The run is to end: nobody waits for a reader that does not
		 * read. So much of it never blocks a pipe that is writable. */
		if (loop_signalled()) {
			size = size > PIPE_BUF ? PIPE_BUF : size;
			if (!writable(fd, PATIENCE_MS))
				return ETIMEDOUT;
		}
		done = write(fd, bytes.ptr, size);
		if (done > 0) {
			bytes = span_from(bytes, (size_t)done);
		} else if (done < 0 && errno == EAGAIN) {
			(void)writable(fd, PATIENCE_MS);
		} else if (done == 0 || errno != EINTR) {
			return done == 0 ? EIO : errno;
		}
	}
	return 0;
}

/* Where a symbolic link leads, so that the link itself is not replaced. */
static const char *
followed(const char *path, struct arena *arena)
{
	char full[PATH_MAX];

	if (realpath(path, full) == NULL)
		return arena_cstr(arena, span_of(path));
	return arena_cstr(arena, span_of(full));
}

static void
paths_make(struct report_file *file, const char *path, struct arena *arena)
{
	const char *slash;

	file->path = followed(path, arena);
	file->temporary = arena_printf(arena, "%s.tmp-%ld", file->path,
	    (long)getpid());
	slash = strrchr(file->path, '/');
	file->folder = slash == NULL ? "." : slash == file->path ? "/" :
	    arena_cstr(arena, (struct span){ file->path,
		(size_t)(slash - file->path) });
}

static int
open_again(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC, MODE);
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* The report of an earlier run goes: whatever ends this one before it writes
 * its own, nobody finds yesterday's verdict. Where it cannot be removed, it
 * may still be replaced. */
static void
stale_remove(const struct report_file *file)
{
	(void)unlink(file->path);
}

static int
descriptor_open(struct report_file *file)
{
	int flags = O_WRONLY | O_CREAT | O_NOCTTY | O_NONBLOCK, error;

	if (!file->special)
		flags |= O_APPEND | O_TRUNC;
	/* A pipe that nobody reads: ENXIO now, not a wait without end. */
	file->fd = open_again(file->path, flags);
	if (file->fd >= 0)
		return 0;
	error = errno;
	if (!file->special)
		stale_remove(file);
	return error;
}

int
report_file_open(struct report_file *file, const char *path, bool journal,
    struct arena *arena)
{
	struct stat about;

	*file = (struct report_file){ .fd = -1 };
	paths_make(file, path, arena);
	if (stat(file->path, &about) == 0) {
		if (S_ISDIR(about.st_mode))
			return EISDIR;
		file->special = !S_ISREG(about.st_mode);
	} else if (errno != ENOENT) {
		return errno;
	}
	if (journal || file->special)
		return descriptor_open(file);
	if (access(file->folder, W_OK | X_OK) != 0)
		return errno;
	stale_remove(file);
	return 0;
}

/* fsync is refused by what has no disk below; that is no failure. */
static int
synced(int fd)
{
	int done;

	do
		done = fsync(fd);
	while (done < 0 && errno == EINTR);
	return done == 0 || errno == EINVAL || errno == ENOTSUP ||
	    errno == EROFS ? 0 : errno;
}

static int
folder_sync(const char *folder)
{
	int fd = open_again(folder, O_RDONLY | O_DIRECTORY), error;

	if (fd < 0)             /* readable it need not be */
		return errno == EACCES ? 0 : errno;
	error = synced(fd);
	(void)close(fd);
	return error;
}

static int
temporary_write(const struct report_file *file, struct span bytes)
{
	int fd, error;

	(void)unlink(file->temporary);
	fd = open_again(file->temporary, O_WRONLY | O_CREAT | O_EXCL);
	if (fd < 0)
		return errno;
	error = report_write(fd, bytes);
	if (error == 0)
		error = synced(fd);
	if (close(fd) < 0 && error == 0 && errno != EINTR)
		error = errno;
	return error;
}

int
report_file_replace(struct report_file *file, struct span bytes, bool last)
{
	int error;

	if (file->special)
		return last ? report_write(file->fd, bytes) : 0;
	error = temporary_write(file, bytes);
	if (error == 0 && rename(file->temporary, file->path) < 0)
		error = errno;
	if (error != 0) {
		(void)unlink(file->temporary);
		return error;
	}
	return folder_sync(file->folder);
}

int
report_file_append(struct report_file *file, struct span bytes)
{
	int error = report_write(file->fd, bytes);

	if (error == 0)
		file->good += (off_t)bytes.len;
	else if (!file->special)
		(void)!ftruncate(file->fd, file->good);
	return error;
}

int
report_file_close(struct report_file *file)
{
	int error = 0;

	if (file->fd < 0)
		return 0;
	if (!file->special)
		error = synced(file->fd);
	if (close(file->fd) < 0 && error == 0 && errno != EINTR)
		error = errno;
	file->fd = -1;
	return error;
}
