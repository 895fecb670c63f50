/* The loop as a stage: fairness, timers, signals, cancelling, many at once. */
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
	assert_in_range(timer.row_us[1] - timer.row_us[0], 50000,
	    50000 + LATE_US);
	assert_in_range(timer.row_us[2] - timer.row_us[1], 50000,
	    50000 + LATE_US);
	assert_in_range(timer.last_us - timer.row_us[2], 0, LATE_US);
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
	return (struct want){ .kind = WANT_WRITE, .bytes = SPAN("x") };
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
		    50000 + LATE_US);
		assert_in_range(timer.row_us[2] - timer.row_us[1], 50000,
		    50000 + LATE_US);
		fake_free(&timer);
		loop_free(loop);
		peer_join(&peer);
	}
}

/* ---- timers, stage ---- */

/* A timer is exact, a deadline is not; neither is ever early. True when both
 * timers came before a sweep of deadlines could have brought them. */
static bool
timers_run(void)
{
	static const struct row rows[] = {
		{ INPUT_START, WANT_TIMER, .due_ms = 37 },
		{ INPUT_DONE, WANT_TIMER, .due_ms = 3 },
		{ INPUT_DONE, WANT_STEP, .due_ms = 150 },
		{ INPUT_TIMEOUT, WANT_OVER },
	};
	struct loop *loop = loop_make();
	struct fake  fake;
	uint64_t     first, second;

	FAKE(&fake, loop, rows);
	fake_run(&fake);
	first = fake.row_us[1] - fake.row_us[0];
	second = fake.row_us[2] - fake.row_us[1];
	assert_in_range(first, 37000, 37000 + LATE_US);
	assert_in_range(second, 3000, 3000 + LATE_US);
	assert_in_range(fake.row_us[3] - fake.row_us[2], 150000,
	    150000 + LATE_US);
	fake_free(&fake);
	loop_free(loop);
	return first < 45000 && second < 11000;
}

static void
test_timer(void **state)
{
	bool exact = false;

	(void)state;
	for (int i = 0; i < 10 && !exact; i++)
		exact = timers_run();
	assert_true(exact);
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
	/* timeout(1) sends it twice; this process is still there. */
	(void)raise(SIGTERM);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
