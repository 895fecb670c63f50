/* The loop with one scripted actor at a time, against real sockets. */
#include "fake_actor.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- dialogue ---- */

static void
test_dialogue(const char *host)
{
	struct peer  peer;
	struct fake  fake;
	struct loop *loop;
	int          before = descriptors_open();

	if (!peer_start(&peer, host, talk_polite)) {
		print_message("skipped: cannot listen on %s\n", host);
		skip();
	}
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 2000 },
		{ INPUT_BYTES, WANT_WRITE, .bytes = "QUIT\r\n" },
		{ INPUT_DONE, WANT_REPLY },
		{ INPUT_BYTES, WANT_NOTHING },
		{ INPUT_CLOSED, WANT_CLOSE },
		{ INPUT_DONE, WANT_OVER },
	};
	loop = loop_make();
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START DONE BYTES:220 hi\r\n DONE "
	    "BYTES:221 bye\r\n CLOSED:FIN DONE");
	assert_non_null(strstr(fake.facts.peer, peer.to.local ? "unix:/" : host));
	assert_true(fake.facts.connect_us < 1000000);
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
	assert_int_equal(descriptors_open(), before);
}

/* DONE of a write that the kernel takes at once rides on the reply. */
static void
test_lazy(void **state)
{
	struct peer peer;
	struct fake fake;
	struct loop *loop = loop_make();

	(void)state;
	assert_true(peer_start(&peer, "127.0.0.1", talk_polite));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 2000 },
		{ INPUT_BYTES, WANT_WRITE, .bytes = "QUIT\r\n", .lazy = true,
		    .due_ms = 2000 },
		{ INPUT_BYTES, WANT_NOTHING },
		{ INPUT_CLOSED, WANT_CLOSE },
		{ INPUT_DONE, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START DONE BYTES:220 hi\r\n "
	    "BYTES:221 bye\r\n CLOSED:FIN DONE");
	assert_int_equal(fake.written, 1);
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
}

static void
test_ipv4(void **state)
{
	(void)state;
	test_dialogue("127.0.0.1");
}

static void
test_ipv6(void **state)
{
	(void)state;
	test_dialogue("::1");
}

static void
test_unix(void **state)
{
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof path, "/tmp/quoth-test-%d.sock",
	    (int)getpid());
	test_dialogue(path);
}

/* ---- connecting fails ---- */

static void
connect_fails(struct endpoint *to, const char *text)
{
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = to },
		{ INPUT_FAILED, WANT_OVER },
	};
	struct loop *loop = loop_make();
	struct fake  fake;

	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START FAILED");
	assert_string_equal(fake.fault.text, text);
	assert_int_equal(fake.fault.class, FAULT_CONNECT);
	fake_free(&fake);
	loop_free(loop);
}

/* A port that nobody listens on: bound, then closed. */
static uint16_t
port_closed(void)
{
	struct peer peer;

	assert_true(peer_start(&peer, "127.0.0.1", NULL));
	peer_join(&peer);
	return peer.port;
}

static void
test_refused(void **state)
{
	struct endpoint to = { .host = "127.0.0.1", .port = port_closed() };
	char            text[100];

	(void)state;
	(void)snprintf(text, sizeof text, "cannot connect to 127.0.0.1:%u: "
	    "connection refused", to.port);
	connect_fails(&to, text);
}

static void
test_endpoints_bad(void **state)
{
	char long_path[200];
	struct endpoint family = { .host = "127.0.0.1", .port = 1,
		.family = FAMILY_IPV6 };
	struct endpoint from = { .host = "127.0.0.1", .port = 1,
		.from = "192.0.2.1" };
	struct endpoint other = { .host = "127.0.0.1", .port = 1,
		.from = "::1" };
	struct endpoint bad = { .host = "127.0.0.1", .port = 1, .from = "me" };
	struct endpoint path = { .host = "/nonexistent/x", .local = true };
	struct endpoint longer = { .host = long_path, .local = true };

	(void)state;
	memset(long_path, 'x', sizeof long_path);
	long_path[sizeof long_path - 1] = '\0';
	connect_fails(&family, "cannot connect to 127.0.0.1: not an address of "
	    "the wanted family");
	connect_fails(&from, "cannot connect to 127.0.0.1:1: 192.0.2.1 is "
	    "no address of this machine");
	connect_fails(&other, "cannot connect to 127.0.0.1:1: not from "
	    "[::1], which is of the other family");
	connect_fails(&bad, "cannot connect to 127.0.0.1: the local address is "
	    "not an IP address");
	connect_fails(&path, "cannot connect to unix:/nonexistent/x: no such "
	    "file or directory");
	long_path[100] = '\0';
	memset(long_path, 'x', 199);
	long_path[110] = '\0';
	struct loop *loop = loop_make();
	struct fake  fake;
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &longer },
		{ INPUT_FAILED, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_non_null(strstr(fake.fault.text, "path is too long"));
	fake_free(&fake);
	loop_free(loop);
}

static void
test_blackhole(void **state)
{
	struct endpoint to;
	int             fillers[8], fd = blackhole(&to, fillers);
	char            text[100];

	(void)state;
	to.connect_ms = 300;
	(void)snprintf(text, sizeof text, "cannot connect to 127.0.0.1:%u: no "
	    "answer within 0.3 s", to.port);
	connect_fails(&to, text);

	/* The want's own deadline is nearer: a TIMEOUT, and it is over. */
	to.connect_ms = 5000;
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &to, .due_ms = 120 },
		{ INPUT_TIMEOUT, WANT_OVER },
	};
	struct loop *loop = loop_make();
	struct fake  fake;
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START TIMEOUT");
	assert_in_range(fake.last_us - fake.row_us[0], 120000,
	    120000 + LATE_US);
	fake_free(&fake);
	loop_free(loop);
	for (int i = 0; i < 8; i++)
		(void)close(fillers[i]);
	(void)close(fd);
}

/* ---- endings ---- */

static void
talk_reset(int fd)
{
	say(fd, "220 hi\r\n");
	(void)await(fd, "GO");
	reset(fd);
}

static void
talk_fin(int fd)
{
	say(fd, "220 hi\r\n");
	(void)await(fd, "GO");
	(void)shutdown(fd, SHUT_WR);
	(void)await(fd, "MORE");
}

static void
ending(void (*talk)(int), const struct row *rows, size_t count,
    const char *log)
{
	struct peer  peer;
	struct fake  fake;
	struct loop *loop = loop_make();
	struct row   mine[16];

	assert_true(count <= 16);
	assert_true(peer_start(&peer, "127.0.0.1", talk));
	memcpy(mine, rows, count * sizeof *rows);
	mine[0].to = &peer.to;
	fake_init(&fake, loop, mine, count);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, log);
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
}

#define ENDING(talk, log, ...) do { \
	const struct row rows[] = { __VA_ARGS__ }; \
	ending(talk, rows, sizeof rows / sizeof *rows, log); \
} while (0)

static void
test_endings(void **state)
{
	(void)state;
	ENDING(talk_reset, "START DONE BYTES:220 hi\r\n DONE CLOSED:RST FAILED",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_WRITE, .bytes = "GO" },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_CLOSED, WANT_WRITE, .bytes = "too late" },
	    { INPUT_FAILED, WANT_OVER });
	ENDING(talk_fin, "START DONE BYTES:220 hi\r\n DONE CLOSED:FIN DONE DONE",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_WRITE, .bytes = "GO" },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_CLOSED, WANT_WRITE, .bytes = "MORE" },
	    { INPUT_DONE, WANT_CLOSE },
	    { INPUT_DONE, WANT_OVER });
	ENDING(until_end, "START DONE DONE CLOSED:FIN",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_HALF_CLOSE },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_CLOSED, WANT_OVER });
	ENDING(until_end, "START DONE DONE FAILED",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_ABORT },
	    { INPUT_DONE, WANT_WRITE, .bytes = "nobody" },
	    { INPUT_FAILED, WANT_OVER });
	ENDING(until_end, "START FAILED",
	    { INPUT_START, WANT_HALF_CLOSE, .conn = 3 },
	    { INPUT_FAILED, WANT_OVER });
	ENDING(until_end, "START FAILED",
	    { INPUT_START, WANT_WRITE, .conn = 200 },
	    { INPUT_FAILED, WANT_OVER });
}

/* ---- the reply that beats EPIPE ---- */

static void
talk_early(int fd)
{
	char octet;

	(void)!recv(fd, &octet, 1, 0);
	say(fd, "552 too big\r\n");
	pause_ms(30);
}       /* closes with octets unread: a RST behind the reply, or where all had
	 * been read by then, a FIN and a RST for whatever comes */

static void
test_early_reply(void **state)
{
	struct peer  peer;
	struct fake  fake;
	struct loop *loop = loop_make();

	(void)state;
	assert_true(peer_start(&peer, "127.0.0.1", talk_early));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_WRITE, .fill = 32 * 1024 * 1024 },
		{ INPUT_FAILED, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	if (strstr(fake.log.ptr, "CLOSED:FIN") != NULL)
		assert_string_equal(fake.log.ptr,
		    "START DONE BYTES:552 too big\r\n CLOSED:FIN FAILED");
	else
		assert_string_equal(fake.log.ptr,
		    "START DONE BYTES:552 too big\r\n CLOSED:RST FAILED");
	assert_true(fake.unsent);
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
}

/* ---- writes ---- */

static void
test_never_reads(void **state)
{
	struct peer  peer;
	struct fake  fake;
	struct loop *loop = loop_make();

	(void)state;
	never_read_done = 0;
	assert_true(peer_start(&peer, "127.0.0.1", talk_never_reads));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_WRITE, .fill = 16 * 1024 * 1024,
		    .due_ms = 200 },
		{ INPUT_TIMEOUT, WANT_CLOSE },
		{ INPUT_DONE, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START DONE TIMEOUT DONE");
	assert_true(fake.unsent);
	assert_in_range(fake.row_us[2] - fake.row_us[1], 200000,
	    200000 + LATE_US);
	fake_free(&fake);
	loop_free(loop);
	__atomic_store_n(&never_read_done, 1, __ATOMIC_RELEASE);
	peer_join(&peer);
}

static void
talk_slow_reader(int fd)
{
	size_t  all = 0;
	char    sink[65536];
	ssize_t got;

	pause_ms(100);
	while (all < 16 * 1024 * 1024 &&
	    (got = recv(fd, sink, sizeof sink, 0)) > 0)
		all += (size_t)got;
	say(fd, all == 16 * 1024 * 1024 ? "250 all\r\n" : "554 lost\r\n");
}

static void
test_partial_writes(void **state)
{
	(void)state;
	ENDING(talk_slow_reader, "START DONE DONE BYTES:250 all\r\n",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_WRITE, .fill = 16 * 1024 * 1024 },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_OVER });
}

/* ---- look ---- */

static void
talk_noisy(int fd)
{
	say(fd, "noise");
	until_end(fd);
}

static void
talk_echo(int fd)
{
	char    octets[4096];
	ssize_t got;

	say(fd, "noise");
	while ((got = recv(fd, octets, sizeof octets, 0)) > 0)
		(void)!send(fd, octets, (size_t)got, MSG_NOSIGNAL);
}

/* The noise is in the socket before the write, and no event told of it yet:
 * only the look finds it. */
static void
test_look(void **state)
{
	(void)state;
	ENDING(talk_noisy, "START DONE BYTES:noise TIMEOUT",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_REPLY, .due_ms = 60 },
	    { INPUT_TIMEOUT, WANT_OVER });
	/* The octets first, and when they are taken DONE. */
	ENDING(talk_echo, "START DONE BYTES:noise DONE DONE BYTES:abc",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_LOOK, .sleep_ms = 80 },
	    { INPUT_DONE, WANT_WRITE, .bytes = "abc" },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_OVER });
	/* Answered with something else: the look is over. */
	ENDING(talk_echo, "START DONE BYTES:noise DONE BYTES:other",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_LOOK, .sleep_ms = 80 },
	    { INPUT_BYTES, WANT_WRITE, .bytes = "other" },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_OVER });
	/* Nothing there: DONE at once. */
	ENDING(talk_echo, "START DONE BYTES:noise DONE DONE BYTES:abc",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_LOOK },
	    { INPUT_DONE, WANT_WRITE, .bytes = "abc" },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_OVER });
	/* Without the look the noise comes behind. */
	ENDING(talk_noisy, "START DONE DONE BYTES:noise",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_WRITE, .bytes = "abc", .sleep_ms = 80 },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_OVER });
}

static void
talk_much(int fd)
{
	char octets[70000];

	memset(octets, 'x', sizeof octets);
	(void)!send(fd, octets, sizeof octets, MSG_NOSIGNAL);
	until_end(fd);
}

static void
talk_leaves(int fd)
{
	say(fd, "221 bye\r\n");
	(void)shutdown(fd, SHUT_WR);
	until_end(fd);
}

static bool
first_is_all(void (*talk)(int))
{
	struct peer  peer;
	struct fake  fake;
	struct loop *loop = loop_new(NULL);
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to, .hold = true },
		{ INPUT_DONE, WANT_TIMER, .due_ms = 60 },
		{ INPUT_DONE, WANT_REPLY },
		{ INPUT_BYTES, WANT_OVER } };

	assert_true(peer_start(&peer, "127.0.0.1", talk));
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
	return fake.all;
}

/* BYTES say that nothing was left only where a look would find nothing. */
static void
test_all(void **state)
{
	(void)state;
	assert_true(first_is_all(talk_noisy));
	assert_false(first_is_all(talk_much));
	assert_false(first_is_all(talk_leaves));
}

/* ---- hold ---- */

static void
test_hold(void **state)
{
	(void)state;
	ENDING(talk_noisy, "START DONE DONE BYTES:noise",
	    { INPUT_START, WANT_CONNECT, .hold = true },
	    { INPUT_DONE, WANT_TIMER, .due_ms = 60 },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_OVER });
	ENDING(talk_fin, "START DONE BYTES:220 hi\r\n DONE DONE CLOSED:FIN",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_WRITE, .bytes = "GO", .hold = true },
	    { INPUT_DONE, WANT_TIMER, .due_ms = 60 },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_CLOSED, WANT_OVER });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_endpoints_bad),
		cmocka_unit_test(test_blackhole),
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_early_reply),
		cmocka_unit_test(test_never_reads),
		cmocka_unit_test(test_partial_writes),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_hold),
	};

	return cmocka_run_group_tests(tests, warm_up, NULL);
}
