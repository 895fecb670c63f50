/*
 * The floor of load: N messages over S concurrent sessions on one epoll, one
 * thread, edge-triggered, nothing allocated once it runs. Every reply's code is
 * checked, nothing else of it is kept.
 *
 *	epoll_client [-n MESSAGES] [-s SESSIONS] [-r] [-p] -b FILE HOST PORT
 *
 *	-r  a session sends message after message on its connection; without
 *	    it each message has a connection of its own
 *	-p  pipelined (RFC 2920): MAIL, RCPT and DATA leave in one write, and
 *	    with the body the next message's or QUIT
 *	-b  the message, a file
 *
 * HOST is an IPv4 address. There are no deadlines and no partial writes: a
 * message above 48 KiB is refused at start, and whatever is unexpected ends
 * the program with exit 1.
 */
#include "message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INPUT_MAX = 1024, EVENTS_MAX = 256 };

/* What a session waits for. */
enum step { BANNER, EHLO, MAIL, RCPT, DATA, BODY, QUIT, STEPS };

struct session {
	int       fd;
	enum step step;
	bool      more;         /* another message follows on this connection */
	size_t    used;
	char      in[INPUT_MAX];
};

struct text {
	char  *ptr;
	size_t len;
};

static const char *const step_code[STEPS] = {
	"220", "250", "250", "250", "354", "250", "221",
};

static struct {
	struct sockaddr_in to;
	int                epoll;
	long               left;        /* messages that no session took yet */
	long               active;
	bool               reuse, pipeline;
	struct text        text[STEPS]; /* what one step sends */
	struct text        group;       /* MAIL, RCPT, DATA */
	struct text        body_group, body_quit;
} run;

static _Noreturn void
die(const char *what, const char *detail)
{
	fprintf(stderr, "epoll_client: %s: %s\n", what, detail);
	exit(1);
}

static void
session_say(const struct session *s, const struct text *text)
{
	ssize_t put = send(s->fd, text->ptr, text->len, MSG_NOSIGNAL);

	if (put < 0)
		die("send", strerror(errno));
	if ((size_t)put != text->len)
		die("send", "the socket took only a part");
}

static void
session_open(struct session *s)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int                one = 1;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		die("socket", strerror(errno));
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(s->fd, (struct sockaddr *)&run.to, sizeof run.to) != 0 &&
	    errno != EINPROGRESS)
		die("connect", strerror(errno));
	event.data.ptr = s;
	if (epoll_ctl(run.epoll, EPOLL_CTL_ADD, s->fd, &event) != 0)
		die("epoll_ctl", strerror(errno));
	s->step = BANNER;
	s->used = 0;
	run.left--;
}

static void
session_over(struct session *s)
{
	close(s->fd);
	s->fd = -1;
	if (run.left > 0)
		session_open(s);
	else
		run.active--;
}

static void
session_say_body(struct session *s)
{
	s->more = run.reuse && run.left > 0;
	if (s->more)
		run.left--;
	if (!run.pipeline)
		session_say(s, &run.text[BODY]);
	else
		session_say(s, s->more ? &run.body_group : &run.body_quit);
}

/* The reply to s->step was the right one, and QUIT's was not it. */
static void
session_next(struct session *s)
{
	enum step done = s->step;

	s->step = done == BODY && s->more ? MAIL : (enum step)(done + 1);
	if (s->step == BODY)
		session_say_body(s);
	else if (!run.pipeline || s->step == EHLO)
		session_say(s, &run.text[s->step]);
	else if (done == EHLO)
		session_say(s, &run.group);
}

/* Bytes of the first whole reply in `in`, 0 for more to come. */
static size_t
reply_len(const char *in, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const char *end = memchr(in + at, '\n', len - at);
		size_t      next;

		if (end == NULL)
			return 0;
		next = (size_t)(end - in) + 1;
		if (next - at < 5 || in[at + 3] != '-')
			return next;
		at = next;
	}
	return 0;
}

static void
session_replies(struct session *s)
{
	size_t at = 0, used;

	while (s->fd >= 0 && (used = reply_len(s->in + at, s->used - at)) > 0) {
		if (used < 4 ||
		    memcmp(s->in + at, step_code[s->step], 3) != 0) {
			s->in[at + used - 1] = '\0';
			die(step_code[s->step], s->in + at);
		}
		at += used;
		if (s->step == QUIT && at != s->used)
			die("QUIT", "bytes after the last reply");
		if (s->step == QUIT) {
			session_over(s);
			return;
		}
		session_next(s);
	}
	memmove(s->in, s->in + at, s->used - at);
	s->used -= at;
}

/* Edge-triggered: a read that did not fill the buffer emptied the socket. */
static void
session_input(struct session *s)
{
	ssize_t got;
	size_t  room;

	do {
		room = sizeof s->in - s->used;
		if (room == 0)
			die("reply", "longer than 1024 octets");
		got = read(s->fd, s->in + s->used, room);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got < 0)
			die("read", strerror(errno));
		if (got == 0)
			die("read", "the server closed the connection");
		s->used += (size_t)got;
		session_replies(s);
	} while ((size_t)got == room);
}

static struct text
text_join(const struct text *const parts[], size_t count)
{
	struct text all = { NULL, 0 };

	for (size_t i = 0; i < count; i++)
		all.len += parts[i]->len;
	all.ptr = malloc(all.len);
	if (all.ptr == NULL)
		die("malloc", strerror(errno));
	all.len = 0;
	for (size_t i = 0; i < count; i++) {
		memcpy(all.ptr + all.len, parts[i]->ptr, parts[i]->len);
		all.len += parts[i]->len;
	}
	return all;
}

static void
texts_make(const char *path)
{
	static char    ehlo[] = "EHLO client.example.test\r\n";
	static char    mail[] = "MAIL FROM:<tester@example.test>\r\n";
	static char    rcpt[] = "RCPT TO:<devnull@example.test>\r\n";
	static char    data[] = "DATA\r\n", quit[] = "QUIT\r\n";
	struct text   *t = run.text;
	struct message message;

	if (!message_read(path, &message))
		die(path, strerror(errno));
	t[EHLO] = (struct text){ ehlo, sizeof ehlo - 1 };
	t[MAIL] = (struct text){ mail, sizeof mail - 1 };
	t[RCPT] = (struct text){ rcpt, sizeof rcpt - 1 };
	t[DATA] = (struct text){ data, sizeof data - 1 };
	t[BODY] = (struct text){ message.wire, message.len };
	t[QUIT] = (struct text){ quit, sizeof quit - 1 };
	run.group = text_join(
	    (const struct text *const[]){ &t[MAIL], &t[RCPT], &t[DATA] }, 3);
	run.body_group = text_join(
	    (const struct text *const[]){ &t[BODY], &run.group }, 2);
	run.body_quit = text_join(
	    (const struct text *const[]){ &t[BODY], &t[QUIT] }, 2);
}

static void
run_all(struct session *sessions, long count)
{
	struct epoll_event events[EVENTS_MAX];

	run.active = count;
	for (long i = 0; i < count; i++)
		session_open(&sessions[i]);
	while (run.active > 0) {
		int got = epoll_wait(run.epoll, events, EVENTS_MAX, -1);

		if (got < 0 && errno != EINTR)
			die("epoll_wait", strerror(errno));
		for (int i = 0; i < got; i++)
			session_input(events[i].data.ptr);
	}
}

static long
number(const char *text)
{
	char *end;
	long  value = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < 1 || value > 100000000)
		die("not a number from 1", text);
	return value;
}

static void
limits_raise(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int
main(int argc, char **argv)
{
	long            count = 1, option;
	const char     *path = NULL;
	struct session *sessions;

	run.left = 1;
	while ((option = getopt(argc, argv, "n:s:b:rp")) != -1) {
		if (option == 'n')
			run.left = number(optarg);
		else if (option == 's')
			count = number(optarg);
		else if (option == 'b')
			path = optarg;
		else if (option == 'r')
			run.reuse = true;
		else if (option == 'p')
			run.pipeline = true;
		else
			return 2;
	}
	if (argc - optind != 2 || path == NULL ||
	    inet_pton(AF_INET, argv[optind], &run.to.sin_addr) != 1)
		die("usage", "epoll_client [-n MESSAGES] [-s SESSIONS] [-r] "
		    "[-p] -b FILE IPV4 PORT");
	run.to.sin_family = AF_INET;
	run.to.sin_port = htons((uint16_t)number(argv[optind + 1]));
	texts_make(path);
	limits_raise();
	count = count < run.left ? count : run.left;
	sessions = calloc((size_t)count, sizeof *sessions);
	run.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (sessions == NULL || run.epoll < 0)
		die("start", strerror(errno));
	run_all(sessions, count);
	free(sessions);
	return 0;
}
