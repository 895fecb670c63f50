/* The socket of one attempt, on its way from its own address to the other. */
#include "net/dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

int
dial_socket(const struct dial *dial, const struct address *to, bool *open)
{
	int fd = socket(to->any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, error;

	if (fd < 0)
		return -1;
	if (to->any.sa_family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (dial->from.len != 0 && to->any.sa_family != AF_UNIX) {
		(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
		    sizeof on);
		if (bind(fd, &dial->from.any, dial->from.len) != 0)
			goto out;
	}
	*open = connect(fd, &to->any, to->len) == 0;
	if (*open || errno == EINPROGRESS)
		return fd;
out:
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

bool
dial_starving(int error, const struct address *to)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    (error == EAGAIN && to->any.sa_family == AF_UNIX);
}
