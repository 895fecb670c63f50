/*
 * The floor of one classical transaction as a process: blocking sockets, one
 * write and as few reads as possible a command, every reply's code checked.
 *
 *	blocking_client HOST PORT MESSAGE
 *
 * HOST is an IPv4 address. Exit 0 when every reply was as expected, 1 when
 * not, 2 for a bad command line, 4 when the server cannot be reached.
 */
#include "message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPLY_MAX = 4096 };

struct line {
	const char *text;       /* NULL: the banner, nothing is sent */
	const char *code;
};

static const struct line before[] = {
	{ NULL, "220" },
	{ "EHLO client.example.test\r\n", "250" },
	{ "MAIL FROM:<tester@example.test>\r\n", "250" },
	{ "RCPT TO:<devnull@example.test>\r\n", "250" },
	{ "DATA\r\n", "354" },
};

static int
fail(int status, const char *what, const char *detail)
{
	fprintf(stderr, "blocking_client: %s: %s\n", what, detail);
	return status;
}

/* RFC 5321 4.2: the last line has a space, or nothing, after its code. */
static bool
reply_whole(const char *in, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const char *end = memchr(in + at, '\n', len - at);

		if (end == NULL)
			return false;
		if ((size_t)(end - in) - at < 4 || in[at + 3] != '-')
			return (size_t)(end - in) + 1 == len;
		at = (size_t)(end - in) + 1;
	}
	return false;
}

static bool
reply_is(int fd, const char *code)
{
	char   in[REPLY_MAX];
	size_t len = 0;

	while (!reply_whole(in, len)) {
		ssize_t got = read(fd, in + len, sizeof in - len);

		if (got <= 0 || len + (size_t)got == sizeof in)
			return false;
		len += (size_t)got;
	}
	return memcmp(in, code, 3) == 0;
}

static bool
say(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t put = send(fd, text, len, MSG_NOSIGNAL);

		if (put < 0)
			return false;
		text += put;
		len -= (size_t)put;
	}
	return true;
}

static int
talk(int fd, const struct message *message)
{
	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		const struct line *line = &before[i];

		if (line->text != NULL &&
		    !say(fd, line->text, strlen(line->text)))
			return fail(1, "write", strerror(errno));
		if (!reply_is(fd, line->code))
			return fail(1, "wanted", line->code);
	}
	if (!say(fd, message->wire, message->len) || !reply_is(fd, "250"))
		return fail(1, "body", "wanted 250");
	if (!say(fd, "QUIT\r\n", 6) || !reply_is(fd, "221"))
		return fail(1, "QUIT", "wanted 221");
	return 0;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct message     message;
	int                fd, status, one = 1;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		return fail(2, "usage", "blocking_client IPV4 PORT MESSAGE");
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	if (!message_read(argv[3], &message))
		return fail(2, argv[3], strerror(errno));
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		return fail(4, "connect", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	status = talk(fd, &message);
	close(fd);
	return status;
}
