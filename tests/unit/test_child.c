/* Started servers: ready, late, dead, stubborn. */
#include "fake_actor.h"
#include "net/child.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static uint16_t
port_free(void)
{
	struct peer peer;

	assert_true(peer_start(&peer, "127.0.0.1", NULL));
	peer_join(&peer);
	return peer.port;
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static const char *server =
    "echo starting; sleep 0.2; exec python3 -c \"\n"
    "import socket\n"
    "s = socket.create_server(('127.0.0.1', %u))\n"
    "while True:\n"
    " c, a = s.accept()\n"
    " c.send(b'220 hi\\r\\n')\n"
    " c.close()\n\"";

static void
test_ready(void **state)
{
	struct loop  *loop = loop_make();
	struct endpoint to = { .host = "127.0.0.1", .port = port_free() };
	struct fault  fault;
	struct child *child;
	char          command[600], status[64];

	(void)state;
	(void)snprintf(command, sizeof command, server, to.port);
	child = child_start(loop, command, -1, &fault);
	assert_non_null(child);
	if (!child_ready(child, &to, 20000, &fault))
		fail_msg("%s", fault.text);
	assert_true(span_is(child_output(child), "starting\n"));
	assert_false(child_ended(child, status, sizeof status));
	child_end(child);
	assert_true(child_ended(child, status, sizeof status));
	assert_string_equal(status, "signal 15 (Terminated)");
	child_free(child);
	loop_free(loop);
}

static void
test_ends_early(void **state)
{
	struct loop  *loop = loop_make();
	struct endpoint to = { .host = "127.0.0.1", .port = port_free() };
	struct fault  fault;
	struct child *child = child_start(loop, "echo one; echo two; echo no "
	    "licence >&2; exit 3", -1, &fault);

	(void)state;
	assert_false(child_ready(child, &to, 20000, &fault));
	assert_string_equal(fault.text, "the started server ended with exit "
	    "status 3 before it answered");
	assert_int_equal(fault.class, FAULT_CONNECT);
	child_end(child);
	assert_true(span_is(child_output(child), "one\ntwo\nno licence\n"));
	assert_true(span_is(child_tail(child, 1), "no licence\n"));
	assert_true(span_is(child_tail(child, 2), "two\nno licence\n"));
	assert_true(span_is(child_tail(child, 9), "one\ntwo\nno licence\n"));
	child_free(child);
	loop_free(loop);
}

static void
test_late(void **state)
{
	struct loop  *loop = loop_make();
	struct endpoint to = { .host = "127.0.0.1", .port = port_free() };
	struct fault  fault;
	struct child *child = child_start(loop, "sleep 100", -1, &fault);
	uint64_t      began = now_ms();
	char          text[200];

	(void)state;
	assert_false(child_ready(child, &to, 300, &fault));
	assert_in_range(now_ms() - began, 200, 900);
	(void)snprintf(text, sizeof text, "the started server did not answer "
	    "within 0.3 s: cannot connect to 127.0.0.1:%u: connection refused",
	    to.port);
	assert_string_equal(fault.text, text);
	began = now_ms();
	child_free(child);
	assert_in_range(now_ms() - began, 0, 1000);
	loop_free(loop);
}

static void
stop(void *who)
{
	loop_stop(who);
}

static void
test_interrupted(void **state)
{
	struct loop  *loop = loop_make();
	struct stage *stage = loop_stage(loop);
	struct endpoint to = { .host = "127.0.0.1", .port = port_free() };
	struct fault  fault;
	struct child *child = child_start(loop, "sleep 100", -1, &fault);

	(void)state;
	stage->after(stage, 50, stop, loop);
	stage->after(stage, 100000, stop, loop);
	assert_false(child_ready(child, &to, 20000, &fault));
	assert_string_equal(fault.text,
	    "interrupted while the started server was awaited");
	child_free(child);
	loop_free(loop);
}

/* The whole group goes, also who does not want to. */
static void
test_stubborn(void **state)
{
	struct loop  *loop = loop_make();
	struct stage *stage = loop_stage(loop);
	struct fault  fault;
	struct child *child = child_start(loop, "trap '' TERM; (trap '' TERM; "
	    "sleep 100) & echo $!; while :; do sleep 1; done", -1, &fault);
	uint64_t      began, grandchild = 0;
	char          status[64];

	(void)state;
	stage->after(stage, 300, stop, loop);
	loop_run(loop);
	assert_true(span_u64(span_sub(child_output(child), 0,
	    child_output(child).len - 1), &grandchild));
	assert_int_equal(kill((pid_t)grandchild, 0), 0);
	began = now_ms();
	child_end(child);
	assert_in_range(now_ms() - began, 2500, 4500);
	assert_true(child_ended(child, status, sizeof status));
	assert_string_equal(status, "signal 9 (Killed)");
	for (int i = 0; i < 100 && kill((pid_t)grandchild, 0) == 0; i++)
		(void)usleep(20000);    /* init reaps it */
	assert_int_equal(kill((pid_t)grandchild, 0), -1);
	child_free(child);
	loop_free(loop);
}

/* Only the last 64 KiB are kept, and the pipe never blocks it. */
static void
test_output(void **state)
{
	struct loop  *loop = loop_make();
	struct stage *stage = loop_stage(loop);
	struct fault  fault;
	struct child *child = child_start(loop,
	    "yes 0123456 | head -n 100000; echo last", -1, &fault);
	struct span   output;
	char          status[64];

	(void)state;
	for (int i = 0; i < 100 && !child_ended(child, status, sizeof status);
	    i++) {
		stage->after(stage, 50, stop, loop);
		loop_run(loop);
	}
	assert_string_equal(status, "exit status 0");
	child_end(child);
	output = child_output(child);
	assert_int_equal(output.len, CHILD_OUTPUT);
	assert_true(span_ends(output, SPAN("0123456\nlast\n")));
	child_free(child);
	loop_free(loop);
}

static int before;

static int
prepare(void **state)
{
	(void)state;
	loop_free(loop_make());
	before = descriptors_open();
	return 0;
}

static void
test_no_leak(void **state)
{
	(void)state;
	assert_int_equal(descriptors_open(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_ends_early),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_stubborn),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_no_leak),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
