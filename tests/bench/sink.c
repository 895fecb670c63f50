/*
 * A server that accepts everything, for machines without Postfix and for
 * 10,000 idle sessions: one epoll, one thread, a struct a connection.
 *
 *	sink [-p PORT]
 *
 * Listens on 127.0.0.1, port 0 (any free one) unless told, and says
 * "listening on 127.0.0.1:PORT". Ends at SIGTERM. Verbs it does not know are
 * answered with 500, so that a client's mistake is seen. All replies to what
 * one read brought leave in one write; while a client does not take them,
 * nothing more is read from it. XCOUNT tells the messages and connections so
 * far: a client that claims N messages is believed when they arrived here.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_MAX = 4096, EVENTS_MAX = 256, REPLY_MAX = 128 };

/* Where the next byte stands: in a command line, or where in a message
 * (RFC 5321 4.1.1.4: CRLF . CRLF ends it). */
enum place { COMMAND, LINE_START, TEXT, TEXT_CR, DOT, DOT_CR };

struct conn {
	int        fd;
	enum place place;
	bool       over;        /* QUIT was answered */
	uint8_t    used;        /* bytes of `verb` */
	char       verb[4];
	char      *late;        /* malloc: replies the socket did not take */
	size_t     late_len;
};

struct out {
	char   text[READ_MAX / 2 * REPLY_MAX];
	size_t len;
};

static const struct {
	char        verb[5];
	const char *reply;
} replies[] = {
	{ "MAIL", "250 2.1.0 Ok\r\n" },
	{ "RCPT", "250 2.1.5 Ok\r\n" },
	{ "DATA", "354 End data with <CR><LF>.<CR><LF>\r\n" },
	{ "EHLO", "250-sink.example.test\r\n250-PIPELINING\r\n"
	    "250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n" },
	{ "HELO", "250 sink.example.test\r\n" },
	{ "QUIT", "221 2.0.0 Bye\r\n" },
	{ "RSET", "250 2.0.0 Ok\r\n" },
	{ "NOOP", "250 2.0.0 Ok\r\n" },
};

static int  epoll;
static long messages, connections;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
conn_end(struct conn *c)
{
	close(c->fd);
	free(c->late);
	free(c);
}

static void
conn_watch(struct conn *c, int op, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = c };

	if (epoll_ctl(epoll, op, c->fd, &event) != 0)
		die("epoll_ctl");
}

static void
out_add(struct out *out, const char *text)
{
	size_t len = strlen(text);

	memcpy(out->text + out->len, text, len);
	out->len += len;
}

static void
out_add_count(struct out *out)
{
	char text[REPLY_MAX];

	snprintf(text, sizeof text, "250 %ld %ld\r\n", messages, connections);
	out_add(out, text);
}

/* A whole command line came. The most that a read of 4096 octets can ask for
 * is 4096 times the 500 of an empty line, 70 KB; `out` holds 256. */
static void
conn_command(struct conn *c, struct out *out)
{
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		if (c->used < 4 ||
		    strncasecmp(c->verb, replies[i].verb, 4) != 0)
			continue;
		out_add(out, replies[i].reply);
		c->over = strcmp(replies[i].verb, "QUIT") == 0;
		if (strcmp(replies[i].verb, "DATA") == 0)
			c->place = LINE_START;
		c->used = 0;
		return;
	}
	if (c->used == 4 && strncasecmp(c->verb, "XCOU", 4) == 0)
		out_add_count(out);
	else
		out_add(out, "500 5.5.2 What?\r\n");
	c->used = 0;
}

static enum place
message_byte(enum place place, char byte)
{
	if (byte == '\n')
		return place == DOT_CR ? COMMAND :
		    place == TEXT_CR ? LINE_START : TEXT;
	if (byte == '\r')
		return place == DOT ? DOT_CR : TEXT_CR;
	return place == LINE_START && byte == '.' ? DOT : TEXT;
}

static void
conn_byte(struct conn *c, char byte, struct out *out)
{
	if (c->place != COMMAND) {
		c->place = message_byte(c->place, byte);
		if (c->place == COMMAND) {
			out_add(out, "250 2.0.0 Ok: queued as 4bXyZ12345\r\n");
			messages++;
		}
	} else if (byte == '\n') {
		conn_command(c, out);
	} else if (c->used < sizeof c->verb) {
		c->verb[c->used++] = byte;
	}
}

/* False: the connection is gone. */
static bool
conn_say(struct conn *c, const struct out *out)
{
	ssize_t put = send(c->fd, out->text, out->len, MSG_NOSIGNAL);
	size_t  done = put > 0 ? (size_t)put : 0;

	if (put < 0 && errno != EAGAIN) {
		conn_end(c);
		return false;
	}
	if (done < out->len) {
		c->late_len = out->len - done;
		c->late = malloc(c->late_len);
		if (c->late == NULL)
			die("malloc");
		memcpy(c->late, out->text + done, c->late_len);
		conn_watch(c, EPOLL_CTL_MOD, EPOLLOUT);
	}
	return true;
}

static void
conn_input(struct conn *c)
{
	static struct out out;
	char              in[READ_MAX];
	ssize_t           got = read(c->fd, in, sizeof in);

	if (got <= 0) {
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			conn_end(c);
		return;
	}
	out.len = 0;
	for (ssize_t i = 0; i < got && !c->over; i++)
		conn_byte(c, in[i], &out);
	if (out.len > 0 && !conn_say(c, &out))
		return;
	if (c->over && c->late == NULL)
		conn_end(c);
}

static void
conn_output(struct conn *c)
{
	ssize_t put = send(c->fd, c->late, c->late_len, MSG_NOSIGNAL);

	if (put < 0 && errno != EAGAIN) {
		conn_end(c);
		return;
	}
	put = put < 0 ? 0 : put;
	c->late_len -= (size_t)put;
	memmove(c->late, c->late + put, c->late_len);
	if (c->late_len > 0)
		return;
	free(c->late);
	c->late = NULL;
	if (c->over)
		conn_end(c);
	else
		conn_watch(c, EPOLL_CTL_MOD, EPOLLIN);
}

static void
accept_all(int listener)
{
	static const char banner[] = "220 sink.example.test ESMTP\r\n";
	int               fd, one = 1;

	while ((fd = accept4(listener, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct conn *c = calloc(1, sizeof *c);

		if (c == NULL)
			die("calloc");
		c->fd = fd;
		connections++;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		conn_watch(c, EPOLL_CTL_ADD, EPOLLIN);
		if (send(fd, banner, sizeof banner - 1, MSG_NOSIGNAL) < 0)
			conn_end(c);
	}
	if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
		die("accept");
}

static int
listen_on(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t          len = sizeof at;
	int                one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	at.sin_port = htons((uint16_t)port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
		die("bind");
	if (listen(fd, 4096) != 0)
		die("listen");
	getsockname(fd, (struct sockaddr *)&at, &len);
	printf("listening on 127.0.0.1:%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void
serve(int listener)
{
	struct epoll_event events[EVENTS_MAX];

	for (;;) {
		int got = epoll_wait(epoll, events, EVENTS_MAX, -1);

		if (got < 0 && errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < got; i++) {
			struct conn *c = events[i].data.ptr;

			if (c == NULL)
				accept_all(listener);
			else if (c->late != NULL)
				conn_output(c);
			else
				conn_input(c);
		}
	}
}

int
main(int argc, char **argv)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	struct rlimit      files;
	int                port = 0, listener, option;

	while ((option = getopt(argc, argv, "p:")) != -1) {
		if (option != 'p')
			return 2;
		port = atoi(optarg);
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		die("epoll_create1");
	listener = listen_on(port);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0)
		die("epoll_ctl");
	serve(listener);
}
