/* Listeners and clients: an echoing service against raw sockets and actors. */
#include "fake_actor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* Greets, sends back what comes; QUIT says bye, DROP resets. */
struct echo {
	struct service service;
	int opened, closed, idled, crowded;
	bool refuse;
};

static void *
echo_open(struct service *service, const char *peer, struct buf *out)
{
	struct echo *echo = (struct echo *)service;

	assert_true(strncmp(peer, "127.0.0.1:", 10) == 0 ||
	    strncmp(peer, "[::1]:", 6) == 0 || strncmp(peer, "unix:", 5) == 0);
	if (echo->refuse)
		return NULL;
	echo->opened++;
	(void)buf_add_text(out, "220 hi\r\n");
	return echo;
}

static enum service_next
echo_bytes(struct service *service, void *talk, struct span in,
    struct buf *out)
{
	assert_ptr_equal(service, talk);
	if (span_starts(in, SPAN("QUIT"))) {
		(void)buf_add_text(out, "221 bye\r\n");
		return SERVICE_CLOSE;
	}
	if (span_starts(in, SPAN("DROP")))
		return SERVICE_DROP;
	(void)buf_add(out, in);
	return SERVICE_GO_ON;
}

static enum service_next
echo_idle(struct service *service, void *talk, struct buf *out)
{
	(void)talk;
	((struct echo *)service)->idled++;
	(void)buf_add_text(out, "421 idle\r\n");
	return SERVICE_CLOSE;
}

static void
echo_close(struct service *service, void *talk)
{
	assert_ptr_equal(service, talk);
	((struct echo *)service)->closed++;
}

static void
echo_crowded(struct service *service, struct buf *out)
{
	((struct echo *)service)->crowded++;
	(void)buf_add_text(out, "421 too many\r\n");
}

static struct echo
echo_make(void)
{
	return (struct echo){ .service = { .clients_max = 4096,
		.open = echo_open, .bytes = echo_bytes, .idle = echo_idle,
		.close = echo_close, .crowded = echo_crowded } };
}

struct home { struct loop *loop; struct echo echo; uint16_t port;
	struct endpoint to; int before; };

static void
home_open(struct home *home, const char *host)
{
	struct fault fault;

	home->before = descriptors_open();
	home->loop = loop_new(&fault);
	home->echo = echo_make();
	assert_non_null(home->loop);
	if (!loop_listen(home->loop, &home->echo.service, host, 0, &home->port,
	    &fault)) {
		print_message("skipped: %s\n", fault.text);
		loop_free(home->loop);
		skip();
	}
	home->to = (struct endpoint){ .host = host, .port = home->port };
	if (strncmp(host, "unix:", 5) == 0) {
		home->to.host = host + 5;
		home->to.local = true;
	}
}

static void
home_close(struct home *home)
{
	loop_free(home->loop);
	assert_int_equal(home->echo.opened, home->echo.closed);
	assert_int_equal(descriptors_open(), home->before);
}

static int
dial(const struct home *home)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(home->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&address,
	    sizeof address), 0);
	return fd;
}

static void
stop(void *who)
{
	loop_stop(who);
}

static void
run_ms(struct home *home, uint32_t ms)
{
	struct stage *stage = loop_stage(home->loop);

	stage->after(stage, ms, stop, home->loop);
	loop_run(home->loop);
}

/* What has come to `fd` by now, and whether it ended: "text|FIN". */
static const char *
heard(int fd)
{
	static char text[256];
	size_t      len = 0;
	ssize_t     got;

	while ((got = recv(fd, text + len, sizeof text - 8 - len,
	    MSG_DONTWAIT)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	if (got == 0)
		strcat(text, "|FIN");
	else if (errno != EAGAIN)
		strcat(text, "|RST");
	return text;
}

static void
dialogue(const char *host)
{
	struct home home;
	struct fake fake;

	home_open(&home, host);
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &home.to },
		{ INPUT_DONE, WANT_REPLY },
		{ INPUT_BYTES, WANT_WRITE, .bytes = "NOOP\r\n" },
		{ INPUT_DONE, WANT_REPLY },
		{ INPUT_BYTES, WANT_WRITE, .bytes = "QUIT\r\n" },
		{ INPUT_DONE, WANT_REPLY },
		{ INPUT_CLOSED, WANT_OVER },
	};
	FAKE(&fake, home.loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START DONE BYTES:220 hi\r\n DONE "
	    "BYTES:NOOP\r\n DONE BYTES:221 bye\r\n CLOSED:FIN");
	assert_int_equal(home.echo.opened, 1);
	assert_int_equal(home.echo.closed, 1);
	fake_free(&fake);
	home_close(&home);
}

static void
test_dialogues(void **state)
{
	(void)state;
	dialogue("127.0.0.1");
	if (have_localhost())
		dialogue("localhost");
}

static void
test_ipv6(void **state)
{
	(void)state;
	dialogue("::1");
}

static void
test_unix(void **state)
{
	struct sockaddr_un stale = { .sun_family = AF_UNIX };
	struct loop *loop;
	struct echo  echo = echo_make();
	struct fault fault;
	char         host[80];
	int          fd;

	(void)state;
	(void)snprintf(host, sizeof host, "unix:/tmp/quoth-listen-%d.sock",
	    (int)getpid());
	dialogue(host);
	assert_int_equal(access(host + 5, F_OK), -1);
	/* What a killed server left is replaced, a live one is not. */
	strcpy(stale.sun_path, host + 5);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&stale, sizeof stale), 0);
	(void)close(fd);
	dialogue(host);
	loop = loop_new(&fault);
	assert_true(loop_listen(loop, &echo.service, host, 0, NULL, &fault));
	assert_false(loop_listen(loop, &echo.service, host, 0, NULL, &fault));
	assert_non_null(strstr(fault.text, "address already in use"));
	loop_free(loop);
}

static void
test_bad_places(void **state)
{
	static const struct { const char *host, *text; } rows[] = {
		{ "example.test", "cannot listen on 'example.test': want an IP "
		    "address or unix:PATH" },
		{ "", "cannot listen on '': want an IP address or unix:PATH" },
		{ "unix:", "cannot listen on 'unix:': want an IP address or "
		    "unix:PATH" },
		{ "unix:/nonexistent/x", "cannot listen on "
		    "unix:/nonexistent/x: no such file or directory" },
		{ "192.0.2.1", "cannot listen on 192.0.2.1 port 0: cannot "
		    "assign requested address" },
	};
	struct echo  echo = echo_make();
	struct fault fault;
	struct loop *loop = loop_new(&fault);
	uint16_t     port;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_false(loop_listen(loop, &echo.service, rows[i].host, 0,
		    NULL, &fault));
		assert_string_equal(fault.text, rows[i].text);
	}
	assert_true(loop_listen(loop, &echo.service, "127.0.0.1", 0, &port,
	    &fault));
	assert_false(loop_listen(loop, &echo.service, "127.0.0.1", port, NULL,
	    &fault));
	assert_non_null(strstr(fault.text, "address already in use"));
	loop_free(loop);
}

/* It reads nothing while the client reads nothing; nothing is lost. */
static void
test_slow_reader(void **state)
{
	static char  block[65536];
	struct home  home;
	size_t       sent = 0, heard_octets = 0;
	ssize_t      got;
	int          fd, quiet = 0;

	(void)state;
	home_open(&home, "127.0.0.1");
	fd = dial(&home);
	memset(block, 'x', sizeof block);
	while (quiet < 5 && sent < 256u * 1024 * 1024) {
		got = send(fd, block, sizeof block, MSG_DONTWAIT);
		if (got > 0) {
			sent += (size_t)got;
			continue;
		}
		quiet++;
		run_ms(&home, 20);
	}
	/* Both kernels' buffers, not our memory: far from 256 MiB. */
	assert_in_range(sent, 65536, 64 * 1024 * 1024);
	for (quiet = 0; quiet < 20 && heard_octets < sent + 8;) {
		got = recv(fd, block, sizeof block, MSG_DONTWAIT);
		if (got > 0) {
			heard_octets += (size_t)got;
			continue;
		}
		quiet++;
		run_ms(&home, 10);
	}
	assert_int_equal(heard_octets, sent + 8);
	(void)close(fd);
	run_ms(&home, 20);
	assert_int_equal(loop_counts(home.loop).clients, 0);
	home_close(&home);
}

static void
test_idle(void **state)
{
	struct home home;
	int         fd, busy;

	(void)state;
	home_open(&home, "127.0.0.1");
	home.echo.service.idle_ms = 120;
	fd = dial(&home);
	busy = dial(&home);
	for (int i = 0; i < 6; i++) {
		run_ms(&home, 50);
		assert_int_equal(write(busy, ".", 1), 1);
	}
	run_ms(&home, 20);
	assert_string_equal(heard(fd), "220 hi\r\n421 idle\r\n|FIN");
	assert_string_equal(heard(busy), "220 hi\r\n......");
	assert_int_equal(home.echo.idled, 1);
	(void)close(fd);
	run_ms(&home, 20);
	assert_int_equal(loop_counts(home.loop).clients, 1);
	(void)close(busy);
	home_close(&home);
}

static void
test_crowded(void **state)
{
	struct home home;
	int         fd[3];

	(void)state;
	home_open(&home, "127.0.0.1");
	home.echo.service.clients_max = 2;
	for (int i = 0; i < 3; i++)
		fd[i] = dial(&home);
	run_ms(&home, 20);
	assert_string_equal(heard(fd[0]), "220 hi\r\n");
	assert_string_equal(heard(fd[1]), "220 hi\r\n");
	assert_string_equal(heard(fd[2]), "421 too many\r\n|FIN");
	(void)close(fd[0]);
	(void)close(fd[2]);
	run_ms(&home, 20);
	fd[0] = dial(&home);
	run_ms(&home, 20);
	assert_string_equal(heard(fd[0]), "220 hi\r\n");
	assert_int_equal(home.echo.crowded, 1);
	(void)close(fd[0]);
	(void)close(fd[1]);
	home_close(&home);
}

/* However a client or the service ends it. */
static void
test_ends(void **state)
{
	struct linger linger = { 1, 0 };
	struct home   home;
	int           fd;

	(void)state;
	home_open(&home, "127.0.0.1");
	fd = dial(&home);
	(void)!write(fd, "DROP", 4);
	run_ms(&home, 20);
	assert_non_null(strstr(heard(fd), "|RST"));
	(void)close(fd);
	/* A FIN behind the question: answered all the same. */
	fd = dial(&home);
	(void)!write(fd, "one", 3);
	(void)shutdown(fd, SHUT_WR);
	run_ms(&home, 20);
	assert_string_equal(heard(fd), "220 hi\r\none|FIN");
	(void)close(fd);
	/* Octets behind the QUIT do not turn the farewell into a RST. */
	fd = dial(&home);
	(void)!write(fd, "QUIT", 4);
	run_ms(&home, 10);
	(void)!write(fd, "more", 4);
	run_ms(&home, 10);
	assert_string_equal(heard(fd), "220 hi\r\n221 bye\r\n|FIN");
	(void)close(fd);
	fd = dial(&home);
	run_ms(&home, 10);
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	(void)close(fd);
	home.echo.refuse = true;
	fd = dial(&home);
	run_ms(&home, 10);
	assert_string_equal(heard(fd), "|RST");
	(void)close(fd);
	run_ms(&home, 20);
	assert_int_equal(loop_counts(home.loop).clients, 0);
	home_close(&home);
}

static void
test_many(void **state)
{
	enum { MANY = 2000 };
	struct home   home;
	struct fake  *fakes = calloc(MANY, sizeof *fakes);
	struct stage *stage;

	(void)state;
	home_open(&home, "127.0.0.1");
	if (loop_sessions_max(home.loop) < 2 * MANY + 100) {
		print_message("skipped: too few descriptors\n");
		loop_free(home.loop);
		free(fakes);
		skip();
	}
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &home.to },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 20000 },
		{ INPUT_BYTES, WANT_TIMER, .due_ms = 300 },
		{ INPUT_DONE, WANT_WRITE, .bytes = "NOOP", .due_ms = 20000 },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 20000 },
		{ INPUT_BYTES, WANT_WRITE, .bytes = "QUIT" },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 20000 },
		{ INPUT_CLOSED, WANT_OVER },
	};
	stage = loop_stage(home.loop);
	for (size_t i = 0; i < MANY; i++) {
		FAKE(&fakes[i], home.loop, rows);
		stage->host(stage, &fakes[i].actor);
	}
	loop_run(home.loop);
	for (size_t i = 0; i < MANY; i++) {
		assert_true(fakes[i].gone);
		(void)buf_add_octet(&fakes[i].log, '\0');
		assert_string_equal(fakes[i].log.ptr, "START DONE BYTES:220 "
		    "hi\r\n DONE DONE BYTES:NOOP DONE BYTES:221 bye\r\n "
		    "CLOSED:FIN");
		fake_free(&fakes[i]);
	}
	assert_int_equal(home.echo.opened, MANY);
	free(fakes);
	home_close(&home);
}

/* Clients that nobody has a descriptor for get a farewell; no spinning; the
 * listener serves again as soon as there is one. */
static void
test_no_descriptors(void **state)
{
	struct home   home;
	struct rlimit old, low;
	struct rusage before, after;
	int           fds[4], spare[200], count = 0;

	(void)state;
	home_open(&home, "127.0.0.1");
	for (int i = 0; i < 4; i++)
		fds[i] = dial(&home);
	(void)getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = 100;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	while (count < 200 && (spare[count] = dup(0)) >= 0)
		count++;
	(void)close(spare[--count]);    /* one of four */
	(void)getrusage(RUSAGE_SELF, &before);
	run_ms(&home, 300);
	(void)getrusage(RUSAGE_SELF, &after);
	assert_int_equal(home.echo.opened, 1);
	assert_int_equal(home.echo.crowded, 3);
	assert_string_equal(heard(fds[3]), "421 too many\r\n|FIN");
	assert_in_range((after.ru_utime.tv_sec - before.ru_utime.tv_sec) *
	    1000000 + after.ru_utime.tv_usec - before.ru_utime.tv_usec, 0,
	    100000);
	while (count > 0)
		(void)close(spare[--count]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	for (int i = 1; i < 4; i++)
		(void)close(fds[i]);
	fds[1] = dial(&home);
	run_ms(&home, 50);
	assert_string_equal(heard(fds[1]), "220 hi\r\n");
	(void)close(fds[0]);
	(void)close(fds[1]);
	home_close(&home);
}

static int
prepare(void **state)
{
	struct fault fault;

	(void)state;
	loop_free(loop_new(&fault));
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogues),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_bad_places),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_crowded),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_no_descriptors),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
