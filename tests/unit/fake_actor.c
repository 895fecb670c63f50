/* See fake_actor.h. */
#include "fake_actor.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const input_names[] = { "START", "STEP", "DONE", "BYTES",
	"CLOSED", "TIMEOUT", "FAILED", "CANCEL" };

static const char *const closings[] = { [CLOSING_FIN] = ":FIN",
	[CLOSING_RST] = ":RST", [CLOSING_NOTIFY] = ":NOTIFY",
	[CLOSING_TLS_CUT] = ":CUT" };

static void
note(struct fake *fake, const struct input *in)
{
	(void)buf_addf(&fake->log, "%s%s", fake->log.len == 0 ? "" : " ",
	    input_names[in->kind]);
	if (in->kind == INPUT_CLOSED)
		(void)buf_add_text(&fake->log, closings[in->closing]);
	if (in->kind == INPUT_CLOSED && fake->live != NULL)
		(void)snprintf(fake->end, sizeof fake->end, "%s",
		    fake->live->end);
	if (in->kind == INPUT_BYTES) {
		if (fake->octets == 0)
			fake->all = in->all;
		fake->octets += in->bytes.len;
		if (fake->log.len < 2000 && in->bytes.len < 60)
			(void)buf_addf(&fake->log, ":%.*s", SPAN_ARG(in->bytes));
	}
	if (in->kind == INPUT_DONE && in->bytes.ptr != NULL)
		(void)buf_addf(&fake->log, ":%.*s", SPAN_ARG(in->bytes));
	if (in->at_us < fake->last_us)
		fake->backwards = true;
	fake->last_us = in->at_us;
	if (in->fault != NULL)
		fake->fault = *in->fault;
	if (in->facts != NULL)
		fake->facts = *in->facts;
	if (in->facts != NULL && in->facts->tls != NULL) {
		fake->tls = *in->facts->tls;
		fake->live = in->facts->tls;
		if (in->kind == INPUT_DONE)
			(void)snprintf(fake->tls_notes,
			    sizeof fake->tls_notes, "%.*s",
			    SPAN_ARG(in->notes));
		(void)snprintf(fake->why, sizeof fake->why, "%s",
		    fake->tls.why);
		fake->tls.why = fake->why;
		fake->tls.end = NULL;
	}
	if (in->kind == INPUT_FAILED || in->kind == INPUT_TIMEOUT)
		fake->unsent = in->unsent;
}

static struct want
fake_input(struct actor *actor, const struct input *in)
{
	struct fake      *fake = (struct fake *)actor;
	const struct row *row = &fake->rows[fake->at];
	struct want       want = { .kind = WANT_NOTHING };

	note(fake, in);
	fake->written += in->written;
	if (in->kind == INPUT_CANCEL)
		return (struct want){ .kind = WANT_OVER };
	if (fake->gives_up && row->on != in->kind && (in->kind ==
	    INPUT_FAILED || in->kind == INPUT_CLOSED ||
	    in->kind == INPUT_TIMEOUT))
		return (struct want){ .kind = WANT_OVER };
	if (fake->at >= fake->row_count || row->on != in->kind)
		return want;
	if (fake->at < 16)
		fake->row_us[fake->at] = in->at_us;
	fake->at++;
	if (row->sleep_ms != 0)
		(void)usleep(row->sleep_ms * 1000);
	want = (struct want){ .kind = row->want, .conn = row->conn,
		.hold = row->hold, .lazy = row->lazy };
	if (row->due_ms != 0)
		want.due_us = in->at_us + row->due_ms * UINT64_C(1000);
	if (row->bytes != NULL)
		want.bytes = span_of(row->bytes);
	if (row->fill != 0) {
		buf_clear(&fake->fill);
		assert_true(buf_add_fill(&fake->fill, 'x', row->fill));
		want.bytes = buf_span(&fake->fill);
	}
	if (row->want == WANT_CONNECT)
		want.to = row->to;
	if (row->want == WANT_TLS)
		want.tls = row->tls;
	want.patient = row->patient;
	want.spent = row->spent;
	if (row->want == WANT_SASL)
		want.sasl = row->sasl;
	return want;
}

static void
fake_gone(struct actor *actor)
{
	struct fake *fake = (struct fake *)actor;

	assert_false(fake->gone);
	assert_null(actor->seat);
	fake->gone = true;
}

void
fake_init(struct fake *fake, struct loop *loop, const struct row *rows,
    size_t count)
{
	*fake = (struct fake){ .actor = { .input = fake_input,
		.gone = fake_gone }, .loop = loop, .rows = rows,
		.row_count = count, .log = buf_new(64 * 1024),
		.fill = buf_new(128 * 1024 * 1024) };
}

void
fake_free(struct fake *fake)
{
	buf_free(&fake->log);
	buf_free(&fake->fill);
}

bool
have_localhost(void)
{
	FILE *hosts = fopen("/etc/hosts", "r");
	char  line[1024];
	bool  found = false;

	while (hosts != NULL && fgets(line, sizeof line, hosts) != NULL)
		found = found || (line[0] != '#' &&
		    strstr(line, "localhost") != NULL);
	if (hosts != NULL)
		(void)fclose(hosts);
	return found;
}

void
fake_run(struct fake *fake)
{
	struct stage *stage = loop_stage(fake->loop);

	stage->host(stage, &fake->actor);
	loop_run(fake->loop);
	assert_true(fake->gone);
	assert_false(fake->backwards);
	(void)buf_add_octet(&fake->log, '\0');
}

static int
listen_on(struct peer *peer, const char *host)
{
	struct sockaddr_in  v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un  local = { .sun_family = AF_UNIX };
	struct sockaddr    *any = (struct sockaddr *)&local;
	socklen_t           len = sizeof local;
	int                 fd;

	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		any = (struct sockaddr *)&v4;
		len = sizeof v4;
	} else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
		any = (struct sockaddr *)&v6;
		len = sizeof v6;
	} else {
		strncpy(local.sun_path, host, sizeof local.sun_path - 1);
		peer->to.local = true;
	}
	fd = socket(any->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, any, len) != 0 || listen(fd, 8) != 0) {
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	(void)getsockname(fd, any, &len);
	if (any->sa_family == AF_INET)
		peer->port = ntohs(v4.sin_port);
	if (any->sa_family == AF_INET6)
		peer->port = ntohs(v6.sin6_port);
	return fd;
}

static void *
peer_main(void *who)
{
	struct peer *peer = who;
	int fd = accept(peer->listener, NULL, NULL);

	if (fd >= 0) {
		peer->talk(fd);
		(void)close(fd);
	}
	return NULL;
}

bool
peer_start(struct peer *peer, const char *host, void (*talk)(int fd))
{
	*peer = (struct peer){ .talk = talk };
	peer->listener = listen_on(peer, host);
	if (peer->listener < 0)
		return false;
	strncpy(peer->path, host, sizeof peer->path - 1);
	peer->to.host = peer->path;
	peer->to.port = peer->port;
	if (talk != NULL)
		assert_int_equal(pthread_create(&peer->thread, NULL, peer_main,
		    peer), 0);
	return true;
}

void
peer_join(struct peer *peer)
{
	(void)shutdown(peer->listener, SHUT_RDWR);      /* nobody came? */
	if (peer->talk != NULL)
		(void)pthread_join(peer->thread, NULL);
	(void)close(peer->listener);
	if (peer->to.local)
		(void)unlink(peer->path);
}

int
descriptors_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int  count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count;
}

struct loop *
loop_make(void)
{
	struct fault fault;
	struct loop *loop = loop_new(&fault);

	assert_non_null(loop);
	return loop;
}

void
say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Reads until `text` came; false at the end. */
bool
await(int fd, const char *text)
{
	char   got[4096];
	size_t len = 0;

	while (len < sizeof got - 1) {
		ssize_t n = recv(fd, got + len, sizeof got - 1 - len, 0);

		if (n <= 0)
			return false;
		len += (size_t)n;
		got[len] = '\0';
		if (strstr(got, text) != NULL)
			return true;
	}
	return false;
}

void
until_end(int fd)
{
	char sink[65536];

	while (recv(fd, sink, sizeof sink, 0) > 0)
		;
}

void
reset(int fd)
{
	struct linger linger = { 1, 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void
pause_ms(unsigned ms)
{
	(void)usleep(ms * 1000);
}

void
talk_polite(int fd)
{
	say(fd, "220 hi\r\n");
	if (await(fd, "QUIT\r\n"))
		say(fd, "221 bye\r\n");
}

/* A backlog of nought, filled: the next SYN is dropped. */
int
blackhole(struct endpoint *to, int fillers[8])
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t          len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 0), 0);
	(void)getsockname(fd, (struct sockaddr *)&address, &len);
	for (int i = 0; i < 8; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK |
		    SOCK_CLOEXEC, 0);
		(void)connect(fillers[i], (struct sockaddr *)&address, len);
	}
	pause_ms(50);
	*to = (struct endpoint){ .host = "127.0.0.1",
		.port = ntohs(address.sin_port) };
	return fd;
}

int never_read_done;

void
talk_never_reads(int fd)
{
	(void)fd;
	while (!__atomic_load_n(&never_read_done, __ATOMIC_ACQUIRE))
		pause_ms(10);
}

/* libuv keeps two descriptors of its own from the first loop on. */
int
warm_up(void **state)
{
	(void)state;
	loop_free(loop_make());
	return 0;
}
