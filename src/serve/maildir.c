/* Everything relative to the folder's descriptor: a later chdir or rename of
 * the folder changes nothing. */
#include "serve/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static bool
cannot(struct fault *fault, const char *path, const char *part)
{
	return fault_set(fault, FAULT_USAGE, "cannot use maildir %.150s%s: %s",
	    path, part, strerror(errno));
}

bool
maildir_open(struct maildir *maildir, const char *path, struct fault *fault)
{
	static const char *const parts[] = { "/tmp", "/new", "/cur" };
	size_t i;

	maildir->fd = -1;
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return cannot(fault, path, "");
	maildir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (maildir->fd < 0)
		return cannot(fault, path, "");
	for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (mkdirat(maildir->fd, parts[i] + 1, 0700) != 0 &&
		    errno != EEXIST) {
			(void)cannot(fault, path, parts[i]);
			maildir_close(maildir);
			return false;
		}
	}
	return true;
}

void
maildir_close(struct maildir *maildir)
{
	if (maildir->fd >= 0)
		(void)close(maildir->fd);
	maildir->fd = -1;
}

/* What is left of two parts after `done` octets of them. */
static int
rest_of(struct span head, struct span body, size_t done, struct iovec *out)
{
	struct span left[2] = { span_from(head, done),
		span_from(body, done < head.len ? 0 : done - head.len) };
	int count = 0;

	for (int i = 0; i < 2; i++)
		if (left[i].len > 0)
			out[count++] = (struct iovec){
				(void *)(uintptr_t)left[i].ptr, left[i].len };
	return count;
}

static int
write_both(int fd, struct span head, struct span body)
{
	struct iovec part[2];
	size_t       done = 0;
	int          count;

	while ((count = rest_of(head, body, done, part)) > 0) {
		ssize_t wrote = writev(fd, part, count);

		if (wrote > 0)
			done += (size_t)wrote;
		else if (wrote == 0)
			return EIO;
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

static int
write_file(int at, const char *path, struct span head, struct span body)
{
	int fd = openat(at, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	int error;

	if (fd < 0)
		return errno;
	error = write_both(fd, head, body);
	if (close(fd) != 0 && error == 0)
		error = errno;
	if (error != 0)
		(void)unlinkat(at, path, 0);
	return error;
}

int
maildir_keep(const struct maildir *maildir, const char *name,
    struct span head, struct span body)
{
	char tmp[64], new[64];
	int  error;

	if ((size_t)snprintf(tmp, sizeof tmp, "tmp/%s", name) >= sizeof tmp)
		return ENAMETOOLONG;
	(void)snprintf(new, sizeof new, "new/%s", name);
	error = write_file(maildir->fd, tmp, head, body);
	if (error != 0)
		return error;
	if (linkat(maildir->fd, tmp, maildir->fd, new, 0) != 0)
		error = errno;
	(void)unlinkat(maildir->fd, tmp, 0);
	return error;
}
