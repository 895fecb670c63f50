/* net/pace: octets that leave late or in pieces, over real sockets. */
#include "fake_actor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* Echoes each octet as three with its pace; 'x' is without one. */
struct lab {
	struct service      service;    /* first */
	struct service_pace plan;
	struct loop        *loop;
	uint16_t            port;
	int                 open, idled;
};

static void *
lab_open(struct service *service, const char *peer, struct buf *out)
{
	(void)peer;
	(void)out;
	((struct lab *)service)->open++;
	return service;
}

static enum service_next
lab_bytes(struct service *service, void *talk, struct span in, struct buf *out)
{
	struct lab *lab = talk;

	for (size_t i = 0; i < in.len; i++) {
		size_t from = out->len;

		assert_true(buf_add_fill(out, in.ptr[i], 3));
		if (in.ptr[i] == 'x')
			continue;
		service->pace = lab->plan;
		service->pace.held = out->len - from;
		service->pace.unread = in.len - i - 1;
		return SERVICE_PACE;
	}
	return SERVICE_GO_ON;
}

static enum service_next
lab_idle(struct service *service, void *talk, struct buf *out)
{
	(void)talk;
	(void)out;
	((struct lab *)service)->idled++;
	return SERVICE_CLOSE;
}

static void
lab_close(struct service *service, void *talk)
{
	(void)talk;
	((struct lab *)service)->open--;
}

static void
lab_begin(struct lab *lab, struct service_pace plan)
{
	struct fault fault;

	*lab = (struct lab){ .plan = plan, .service = { .clients_max = 64,
		.open = lab_open, .bytes = lab_bytes, .idle = lab_idle,
		.close = lab_close } };
	lab->loop = loop_new(&fault);
	assert_non_null(lab->loop);
	assert_true(loop_listen(lab->loop, &lab->service, "127.0.0.1", 0,
	    &lab->port, &fault));
}

static void
lab_end(struct lab *lab)
{
	loop_free(lab->loop);
	assert_int_equal(lab->open, 0);
}

static int
dial(const struct lab *lab, const char *text)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(lab->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void
stop(void *who)
{
	loop_stop(who);
}

static void
run_ms(struct lab *lab, uint32_t ms)
{
	struct stage *stage = loop_stage(lab->loop);

	stage->after(stage, ms, stop, lab->loop);
	loop_run(lab->loop);
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Runs until so many octets came, or an end: "text|FIN". */
static const char *
hear(struct lab *lab, int fd, size_t octets)
{
	static char text[256];
	uint64_t    late = now_ms() + 10000;
	size_t      len = 0;
	ssize_t     got = -1;

	errno = EAGAIN;
	while (len < octets && got != 0 && errno == EAGAIN && now_ms() < late) {
		run_ms(lab, 1);
		got = recv(fd, text + len, 200 - len, MSG_DONTWAIT);
		if (got > 0) {
			len += (size_t)got;
			errno = EAGAIN;
		}
	}
	strcpy(text + len, len >= octets ? "" : got == 0 ? "|FIN" :
	    errno != EAGAIN ? "|RST" : "|LATE");
	return text;
}

/* Nothing comes early, what came before it comes at once. */
static void
test_wait(void **state)
{
	struct lab lab;
	uint64_t   begun;
	int        fd;

	(void)state;
	lab_begin(&lab, (struct service_pace){ .wait_ms = 120 });
	begun = now_ms();
	fd = dial(&lab, "xaxb");
	assert_string_equal(hear(&lab, fd, 3), "xxx");
	assert_true(now_ms() - begun < 120);
	assert_string_equal(hear(&lab, fd, 6), "aaaxxx");
	assert_true(now_ms() - begun >= 119);
	assert_string_equal(hear(&lab, fd, 3), "bbb");
	assert_true(now_ms() - begun >= 238);
	(void)close(fd);
	lab_end(&lab);
}

/* Three clients wait at the same time, not one after the other. */
static void
test_beside(void **state)
{
	struct lab lab;
	uint64_t   begun;
	int        fds[20];

	(void)state;
	lab_begin(&lab, (struct service_pace){ .wait_ms = 300 });
	begun = now_ms();
	for (int i = 0; i < 20; i++)
		fds[i] = dial(&lab, "a");
	for (int i = 0; i < 20; i++)
		assert_string_equal(hear(&lab, fds[i], 3), "aaa");
	assert_in_range(now_ms() - begun, 299, 20 * 300 - 1);
	for (int i = 0; i < 20; i++)
		(void)close(fds[i]);
	lab_end(&lab);
}

static void
test_pieces(void **state)
{
	struct lab lab;
	uint64_t   begun;
	int        fd;

	(void)state;
	lab_begin(&lab, (struct service_pace){ .piece = 1, .pause_ms = 60 });
	begun = now_ms();
	fd = dial(&lab, "ab");
	assert_string_equal(hear(&lab, fd, 1), "a");
	assert_string_equal(hear(&lab, fd, 1), "a");
	assert_true(now_ms() - begun >= 59);
	assert_string_equal(hear(&lab, fd, 4), "abbb");
	assert_true(now_ms() - begun >= 238);
	(void)close(fd);
	lab_end(&lab);
}

static void
test_then(void **state)
{
	struct lab lab;
	int        fd;

	(void)state;
	lab_begin(&lab, (struct service_pace){ .wait_ms = 10,
	    .then = SERVICE_CLOSE });
	fd = dial(&lab, "xabc");
	assert_string_equal(hear(&lab, fd, 99), "xxxaaa|FIN");
	(void)close(fd);
	lab.plan = (struct service_pace){ .piece = 2, .pause_ms = 1,
		.then = SERVICE_DROP };
	fd = dial(&lab, "xabc");
	assert_string_equal(hear(&lab, fd, 99), "xxxaaa|RST");
	(void)close(fd);
	/* At once, without any waiting. */
	lab.plan = (struct service_pace){ .then = SERVICE_CLOSE };
	fd = dial(&lab, "xabc");
	assert_string_equal(hear(&lab, fd, 99), "xxxaaa|FIN");
	(void)close(fd);
	lab.plan = (struct service_pace){ .then = SERVICE_GO_ON };
	fd = dial(&lab, "xabc");
	assert_string_equal(hear(&lab, fd, 12), "xxxaaabbbccc");
	(void)close(fd);
	lab_end(&lab);
}

/* Clients that reset are gone at once, and one that closes when it is written
 * to; an end of everything leaves nothing behind. */
static void
test_gone(void **state)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct lab    lab;
	int           reset, closed, left;

	(void)state;
	lab_begin(&lab, (struct service_pace){ .wait_ms = 400 });
	reset = dial(&lab, "ab");
	closed = dial(&lab, "ab");
	left = dial(&lab, "ab");
	run_ms(&lab, 50);
	assert_int_equal(lab.open, 3);
	assert_int_equal(setsockopt(reset, SOL_SOCKET, SO_LINGER, &linger,
	    sizeof linger), 0);
	(void)close(reset);
	(void)close(closed);
	run_ms(&lab, 50);
	assert_int_equal(lab.open, 2);
	assert_string_equal(hear(&lab, left, 6), "aaabbb");
	run_ms(&lab, 100);
	assert_int_equal(lab.open, 1);
	assert_int_equal(write(left, "c", 1), 1);
	run_ms(&lab, 50);
	lab_end(&lab);
	(void)close(left);
}

/* Who waits for an answer is not silent. */
static void
test_idle(void **state)
{
	struct lab lab;
	int        fd;

	(void)state;
	lab_begin(&lab, (struct service_pace){ .wait_ms = 500 });
	lab.service.idle_ms = 100;
	fd = dial(&lab, "a");
	assert_string_equal(hear(&lab, fd, 3), "aaa");
	assert_int_equal(lab.idled, 0);
	assert_string_equal(hear(&lab, fd, 1), "|FIN");
	assert_int_equal(lab.idled, 1);
	(void)close(fd);
	lab_end(&lab);
}

/* A client that sends much and reads nothing meanwhile. */
static void
test_much(void **state)
{
	static char block[8192];
	struct lab  lab;
	size_t      heard = 0, sent = 0;
	uint64_t    late = now_ms() + 20000;
	int         fd;

	(void)state;
	lab_begin(&lab, (struct service_pace){ .piece = 2, .pause_ms = 1 });
	memset(block, 'x', sizeof block);
	for (size_t i = 0; i < sizeof block; i += 1024)
		block[i] = 'a';
	fd = dial(&lab, "x");
	while ((sent < 64 * sizeof block || heard < 3 * sent + 3) &&
	    now_ms() < late) {
		ssize_t got = sent < 64 * sizeof block ? send(fd, block,
		    sizeof block, MSG_DONTWAIT) : 0;
		char    in[4096];

		sent += got > 0 ? (size_t)got : 0;
		run_ms(&lab, 1);
		while ((got = recv(fd, in, sizeof in, MSG_DONTWAIT)) > 0)
			heard += (size_t)got;
	}
	assert_int_equal(heard, 3 * sent + 3);
	(void)close(fd);
	lab_end(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wait), cmocka_unit_test(test_beside),
		cmocka_unit_test(test_pieces), cmocka_unit_test(test_then),
		cmocka_unit_test(test_gone), cmocka_unit_test(test_idle),
		cmocka_unit_test(test_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
