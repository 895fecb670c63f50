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

static struct loop *
loop_make(void)
{
	struct fault fault;
	struct loop *loop = loop_new(&fault);

	assert_non_null(loop);
	return loop;
}

static void
say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Reads until `text` came; false at the end. */
static bool
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

static void
until_end(int fd)
{
	char sink[65536];

	while (recv(fd, sink, sizeof sink, 0) > 0)
		;
}

static void
reset(int fd)
{
	struct linger linger = { 1, 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void
pause_ms(unsigned ms)
{
	(void)usleep(ms * 1000);
}

/* ---- dialogue ---- */

static void
talk_polite(int fd)
{
	say(fd, "220 hi\r\n");
	if (await(fd, "QUIT\r\n"))
		say(fd, "221 bye\r\n");
}

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
		{ INPUT_BYTES, WANT_WRITE, .bytes = "QUIT\r\n", .look = true },
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
	connect_fails(&from, "cannot connect to 127.0.0.1:1: cannot assign "
	    "requested address");
	connect_fails(&other, "cannot connect to 127.0.0.1:1: address family "
	    "not supported by protocol");
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

/* A backlog of nought, filled: the next SYN is dropped. */
static int
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
	assert_in_range(fake.last_us - fake.row_us[0], 120000, 230000);
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
}       /* closes with octets unread: a RST behind the reply */

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
	assert_string_equal(fake.log.ptr,
	    "START DONE BYTES:552 too big\r\n CLOSED:RST FAILED");
	assert_true(fake.unsent);
	fake_free(&fake);
	loop_free(loop);
	peer_join(&peer);
}

/* ---- writes ---- */

static int never_read_done;

static void
talk_never_reads(int fd)
{
	(void)fd;
	while (!__atomic_load_n(&never_read_done, __ATOMIC_ACQUIRE))
		pause_ms(10);
}

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
	assert_in_range(fake.row_us[2] - fake.row_us[1], 200000, 320000);
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
	/* Answered with NOTHING: written after all. */
	ENDING(talk_echo, "START DONE BYTES:noise DONE BYTES:abc",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_WRITE, .bytes = "abc", .look = true,
	        .sleep_ms = 80 },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_OVER });
	/* Answered with something else: never written. */
	ENDING(talk_echo, "START DONE BYTES:noise DONE BYTES:other",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_WRITE, .bytes = "dropped", .look = true,
	        .sleep_ms = 80 },
	    { INPUT_BYTES, WANT_WRITE, .bytes = "other", .look = true },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_OVER });
	/* Without the look the noise comes behind. */
	ENDING(talk_noisy, "START DONE DONE BYTES:noise",
	    { INPUT_START, WANT_CONNECT },
	    { INPUT_DONE, WANT_WRITE, .bytes = "abc", .sleep_ms = 80 },
	    { INPUT_DONE, WANT_REPLY },
	    { INPUT_BYTES, WANT_OVER });
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

/* An endless talker on a held connection costs no memory and no time; one
 * that is read does not keep a timer waiting. */
static void
talk_endless(int fd)
{
	static char block[65536];

	while (send(fd, block, sizeof block, MSG_NOSIGNAL) > 0)
		;
}

static void
test_endless(void **state)
{
	struct peer  peer, other;
	struct fake  talker, timer;
	struct loop *loop = loop_make();
	struct stage *stage = loop_stage(loop);

	(void)state;
	assert_true(peer_start(&peer, "127.0.0.1", talk_endless));
	assert_true(peer_start(&other, "127.0.0.1", talk_polite));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_REPLY, .due_ms = 300 },
		{ INPUT_TIMEOUT, WANT_OVER },
	};
	const struct row timer_rows[] = {
		{ INPUT_START, WANT_TIMER, .due_ms = 50 },
		{ INPUT_DONE, WANT_TIMER, .due_ms = 50 },
		{ INPUT_DONE, WANT_CONNECT, .to = &other.to },
		{ INPUT_DONE, WANT_REPLY },
		{ INPUT_BYTES, WANT_OVER },
	};
	FAKE(&talker, loop, rows);
	FAKE(&timer, loop, timer_rows);
	stage->host(stage, &timer.actor);
	fake_run(&talker);
	assert_true(timer.gone);
	assert_true(talker.octets > 1000000);
	assert_in_range(timer.row_us[1] - timer.row_us[0], 50000, 75000);
	assert_in_range(timer.row_us[2] - timer.row_us[1], 50000, 75000);
	assert_in_range(timer.last_us - timer.row_us[2], 0, 100000);
	fake_free(&talker);
	fake_free(&timer);
	loop_free(loop);
	peer_join(&peer);
	peer_join(&other);
}

/* One that always has something to write, and a look each time at a peer that
 * always talks: others have their turn all the same. */
struct busy { struct actor actor; struct endpoint *to; uint64_t end_us;
	size_t writes; };

static struct want
busy_input(struct actor *actor, const struct input *in)
{
	struct busy *busy = (struct busy *)actor;

	if (in->kind == INPUT_START) {
		busy->end_us = in->at_us + 300000;
		return (struct want){ .kind = WANT_CONNECT, .to = busy->to };
	}
	if (in->kind == INPUT_FAILED || in->kind == INPUT_CANCEL ||
	    in->at_us > busy->end_us)
		return (struct want){ .kind = WANT_OVER };
	busy->writes++;
	return (struct want){ .kind = WANT_WRITE, .bytes = SPAN("x"),
		.look = true };
}

static void
talk_both(int fd)
{
	static char block[65536];

	while (send(fd, block, sizeof block, MSG_NOSIGNAL) > 0)
		while (recv(fd, block, sizeof block, MSG_DONTWAIT) > 0)
			;
}

static void
test_fairness(void **state)
{
	static void (*const talks[])(int) = { until_end, talk_both };
	static const struct row rows[] = {
		{ INPUT_START, WANT_TIMER, .due_ms = 50 },
		{ INPUT_DONE, WANT_TIMER, .due_ms = 50 },
		{ INPUT_DONE, WANT_OVER },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct loop  *loop = loop_make();
		struct stage *stage = loop_stage(loop);
		struct peer   peer;
		struct fake   timer;
		struct busy   busy = { .actor.input = busy_input,
			.to = &peer.to };

		assert_true(peer_start(&peer, "127.0.0.1", talks[i]));
		FAKE(&timer, loop, rows);
		stage->host(stage, &busy.actor);
		fake_run(&timer);
		assert_true(busy.writes > 100);
		assert_in_range(timer.row_us[1] - timer.row_us[0], 50000,
		    75000);
		assert_in_range(timer.row_us[2] - timer.row_us[1], 50000,
		    75000);
		fake_free(&timer);
		loop_free(loop);
		peer_join(&peer);
	}
}

/* ---- timers, stage ---- */

static void
test_timer(void **state)
{
	static const struct row rows[] = {
		{ INPUT_START, WANT_TIMER, .due_ms = 37 },
		{ INPUT_DONE, WANT_TIMER, .due_ms = 3 },
		{ INPUT_DONE, WANT_STEP, .due_ms = 150 },
		{ INPUT_TIMEOUT, WANT_OVER },
	};
	struct loop *loop = loop_make();
	struct fake  fake;

	(void)state;
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_in_range(fake.row_us[1] - fake.row_us[0], 37000, 45000);
	assert_in_range(fake.row_us[2] - fake.row_us[1], 3000, 11000);
	assert_in_range(fake.row_us[3] - fake.row_us[2], 150000, 210000);
	fake_free(&fake);
	loop_free(loop);
}

struct calls { struct loop *loop; char order[8]; size_t count;
	struct fake *fake; };

static void
call_a(void *who)
{
	((struct calls *)who)->order[((struct calls *)who)->count++] = 'a';
}

static void
call_b(void *who)
{
	struct calls *calls = who;
	struct stage *stage = loop_stage(calls->loop);

	calls->order[calls->count++] = 'b';
	stage->after(stage, 1, call_a, calls);
	stage->wake(stage, &calls->fake->actor);
}

static void
call_stop(void *who)
{
	loop_stop(((struct calls *)who)->loop);
}

static void
call_cancel(void *who)
{
	struct calls *calls = who;
	struct stage *stage = loop_stage(calls->loop);

	stage->cancel(stage, &calls->fake->actor);
}

static void
test_stage(void **state)
{
	static const struct row rows[] = {
		{ INPUT_START, WANT_STEP },
		{ INPUT_STEP, WANT_OVER },
	};
	struct loop  *loop = loop_make();
	struct stage *stage = loop_stage(loop);
	struct fake   fake;
	struct calls  calls = { .loop = loop, .fake = &fake };

	(void)state;
	FAKE(&fake, loop, rows);
	stage->after(stage, 20, call_b, &calls);
	stage->after(stage, 5, call_a, &calls);
	fake_run(&fake);
	assert_string_equal(calls.order, "aba");
	assert_string_equal(fake.log.ptr, "START STEP");
	/* stop: at once, what is left is freed with the loop */
	stage->after(stage, 1, call_stop, &calls);
	stage->after(stage, 100000, call_a, &calls);
	loop_run(loop);
	assert_int_equal(calls.count, 3);
	fake_free(&fake);
	loop_free(loop);
}

static void
call_signal(void *who, int signum)
{
	*(int *)who = signum;
}

static void
raise_it(void *who)
{
	(void)who;
	(void)raise(SIGTERM);
}

static void
test_signal(void **state)
{
	struct loop  *loop = loop_make();
	struct stage *stage = loop_stage(loop);
	struct fault  fault;
	struct calls  calls = { .loop = loop };
	int           seen = 0;

	(void)state;
	assert_true(loop_on_signal(loop, SIGTERM, call_signal, &seen, &fault));
	stage->after(stage, 5, raise_it, NULL);
	stage->after(stage, 50, call_a, &calls);
	loop_run(loop);
	assert_int_equal(seen, SIGTERM);
	loop_free(loop);
}

/* ---- cancel in every state ---- */

/* A name server that never answers; its socket. */
static int
deaf_server(struct loop *loop)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t          len = sizeof address;
	struct fault       fault;
	char               list[40];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	(void)getsockname(fd, (struct sockaddr *)&address, &len);
	(void)snprintf(list, sizeof list, "127.0.0.1:%u",
	    ntohs(address.sin_port));
	assert_true(loop_name_servers(loop, list, &fault));
	return fd;
}

static void
cancelled(const struct row *rows, size_t count, uint32_t ms, const char *log)
{
	struct loop  *loop = loop_make();
	struct stage *stage = loop_stage(loop);
	struct fake   fake;
	struct calls  calls = { .loop = loop, .fake = &fake };
	int           deaf = deaf_server(loop);

	fake_init(&fake, loop, rows, count);
	if (ms == 0)    /* before it even started */
		stage->host(stage, &fake.actor), call_cancel(&calls);
	else
		stage->after(stage, ms, call_cancel, &calls);
	if (ms == 0)
		loop_run(loop), (void)buf_add_octet(&fake.log, '\0');
	else
		fake_run(&fake);
	assert_true(fake.gone);
	assert_string_equal(fake.log.ptr, log);
	fake_free(&fake);
	loop_free(loop);
	(void)close(deaf);
}

static void
test_cancel(void **state)
{
	struct endpoint hole;
	int             before = descriptors_open();
	int             fillers[8], fd = blackhole(&hole, fillers);
	struct peer     peer;
	static const struct row timer[] = {
		{ INPUT_START, WANT_TIMER, .due_ms = 100000 } };
	static const struct row step[] = { { INPUT_START, WANT_STEP } };
	struct endpoint name = { .host = "cancelled.invalid", .port = 25 };
	const struct row connecting[] = {
		{ INPUT_START, WANT_CONNECT, .to = &hole } };
	const struct row resolving[] = {
		{ INPUT_START, WANT_CONNECT, .to = &name } };

	(void)state;
	cancelled(step, 1, 0, "CANCEL");
	cancelled(step, 1, 5, "START CANCEL");
	cancelled(timer, 1, 5, "START CANCEL");
	cancelled(connecting, 1, 5, "START CANCEL");
	cancelled(resolving, 1, 30, "START CANCEL");
	never_read_done = 0;
	assert_true(peer_start(&peer, "127.0.0.1", talk_never_reads));
	const struct row writing[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_WRITE, .fill = 16 * 1024 * 1024 } };
	cancelled(writing, 2, 60, "START DONE CANCEL");
	__atomic_store_n(&never_read_done, 1, __ATOMIC_RELEASE);
	peer_join(&peer);
	assert_true(peer_start(&peer, "127.0.0.1", until_end));
	const struct row reading[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_REPLY } };
	cancelled(reading, 2, 60, "START DONE CANCEL");
	peer_join(&peer);
	for (int i = 0; i < 8; i++)
		(void)close(fillers[i]);
	(void)close(fd);
	assert_int_equal(descriptors_open(), before);
}

/* What is still hosted when the loop is freed is cancelled and shown out. */
static void
test_free_hosted(void **state)
{
	struct loop  *loop = loop_make();
	struct stage *stage = loop_stage(loop);
	struct calls  calls = { .loop = loop };
	struct peer   peer;
	struct fake   fakes[3];

	(void)state;
	assert_true(peer_start(&peer, "127.0.0.1", until_end));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_REPLY } };
	for (int i = 0; i < 3; i++) {
		FAKE(&fakes[i], loop, rows);
		stage->host(stage, &fakes[i].actor);
	}
	stage->after(stage, 30, call_stop, &calls);
	loop_run(loop);
	loop_free(loop);
	for (int i = 0; i < 3; i++) {
		assert_true(fakes[i].gone);
		fake_free(&fakes[i]);
	}
	peer_join(&peer);
}

/* ---- several connections, many actors, no descriptors ---- */

static void
test_two_connections(void **state)
{
	struct loop *loop = loop_make();
	struct peer  one, two;
	struct fake  fake;

	(void)state;
	assert_true(peer_start(&one, "127.0.0.1", talk_polite));
	assert_true(peer_start(&two, "127.0.0.1", talk_polite));
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &one.to },
		{ INPUT_DONE, WANT_REPLY },
		{ INPUT_BYTES, WANT_CONNECT, .conn = 15, .to = &two.to },
		{ INPUT_DONE, WANT_REPLY, .conn = 15 },
		{ INPUT_BYTES, WANT_WRITE, .conn = 15, .bytes = "QUIT\r\n" },
		{ INPUT_DONE, WANT_REPLY, .conn = 15 },
		{ INPUT_CLOSED, WANT_WRITE, .bytes = "QUIT\r\n" },
		{ INPUT_DONE, WANT_REPLY },
		{ INPUT_CLOSED, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START DONE BYTES:220 hi\r\n DONE "
	    "BYTES:220 hi\r\n DONE BYTES:221 bye\r\n CLOSED:FIN DONE "
	    "BYTES:221 bye\r\n CLOSED:FIN");
	fake_free(&fake);
	loop_free(loop);
	peer_join(&one);
	peer_join(&two);
}

/* Without descriptors a connect waits for one, then says so. */
static void
test_no_descriptors(void **state)
{
	struct loop  *loop = loop_make();
	struct rlimit old, low;
	struct peer   peer;
	struct fake   fake;
	int           spare[64], count = 0;

	(void)state;
	assert_true(peer_start(&peer, "127.0.0.1", talk_polite));
	peer.to.connect_ms = 150;
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_FAILED, WANT_OVER },
	};
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = 40;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	while (count < 64 && (spare[count] = dup(0)) >= 0)
		count++;
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START FAILED");
	assert_non_null(strstr(fake.fault.text, "too many open files"));
	assert_non_null(strstr(fake.fault.text, "ulimit -n"));
	fake_free(&fake);
	/* One comes free meanwhile: connected. */
	peer.to.connect_ms = 3000;
	const struct row later[] = {
		{ INPUT_START, WANT_CONNECT, .to = &peer.to },
		{ INPUT_DONE, WANT_OVER },
	};
	FAKE(&fake, loop, later);
	struct stage *stage = loop_stage(loop);
	stage->host(stage, &fake.actor);
	void free_some(void *who);
	stage->after(stage, 120, free_some, spare);
	loop_run(loop);
	(void)buf_add_octet(&fake.log, '\0');
	assert_string_equal(fake.log.ptr, "START DONE");
	fake_free(&fake);
	for (int i = 4; i < count; i++)
		(void)close(spare[i]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	loop_free(loop);
	peer_join(&peer);
}

void free_some(void *who);
void
free_some(void *who)
{
	int *spare = who;

	for (int i = 0; i < 4; i++)
		(void)close(spare[i]);
}

/* libuv keeps two descriptors of its own from the first loop on. */
static int
warm_up(void **state)
{
	(void)state;
	loop_free(loop_make());
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_fairness),
		cmocka_unit_test(test_timer),
		cmocka_unit_test(test_stage),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_free_hosted),
		cmocka_unit_test(test_two_connections),
		cmocka_unit_test(test_no_descriptors),
	};

	return cmocka_run_group_tests(tests, warm_up, NULL);
}
