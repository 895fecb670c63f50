/* Names, against a name server of our own in a thread. */
#include "fake_actor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Answers by the first letter of the name: n NXDOMAIN, e no data, s SERVFAIL,
 * b nothing at all, r REFUSED; a: 127.0.0.1 for A, nothing for AAAA; d: both
 * 127.0.0.1 and ::1. Counts the questions. */
struct server {
	pthread_t thread;
	int       fd;
	uint16_t  port;
	int       questions;
};

static size_t
answer(unsigned char *m, size_t len)
{
	static const unsigned char v4[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60,
		0, 4, 127, 0, 0, 1 };
	static const unsigned char v6[] = { 0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 60,
		0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
	char          kind = (char)m[13];
	size_t        end = 12;
	unsigned char type;

	while (end < len && m[end] != 0)
		end += m[end] + 1u;
	type = m[end + 2];
	end += 5;
	m[2] = 0x81;
	m[3] = kind == 'n' ? 0x83 : kind == 's' ? 0x82 : kind == 'r' ? 0x85
	    : 0x80;
	m[7] = m[9] = m[11] = 0;        /* also no EDNS back */
	if ((kind == 'a' || kind == 'd') && type == 1) {
		memcpy(m + end, v4, sizeof v4);
		m[7] = 1;
		end += sizeof v4;
	} else if (kind == 'd' && type == 28) {
		memcpy(m + end, v6, sizeof v6);
		m[7] = 1;
		end += sizeof v6;
	}
	return end;
}

static void *
server_main(void *who)
{
	struct server *server = who;
	unsigned char  m[1500];

	for (;;) {
		struct sockaddr_in from;
		socklen_t          flen = sizeof from;
		ssize_t got = recvfrom(server->fd, m, 512, 0,
		    (struct sockaddr *)&from, &flen);

		if (got <= 12)
			break;
		__atomic_add_fetch(&server->questions, 1, __ATOMIC_RELAXED);
		if (m[13] == 'b')
			continue;
		(void)usleep(20000);    /* time for others to ask as well */
		got = (ssize_t)answer(m, (size_t)got);
		(void)!sendto(server->fd, m, (size_t)got, 0,
		    (struct sockaddr *)&from, flen);
	}
	return NULL;
}

static struct loop *
server_start(struct server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t          len = sizeof address;
	struct fault       fault;
	struct loop       *loop = loop_new(&fault);
	char               list[40];

	*server = (struct server){ 0 };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
	(void)getsockname(server->fd, (struct sockaddr *)&address, &len);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, server_main,
	    server), 0);
	(void)snprintf(list, sizeof list, "127.0.0.1:%u", server->port);
	assert_true(loop_name_servers(loop, list, &fault));
	return loop;
}

static void
server_stop(struct server *server, struct loop *loop)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(server->port) };

	loop_free(loop);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)!sendto(server->fd, "end", 3, 0, (struct sockaddr *)&address,
	    sizeof address);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->fd);
}

/* Connects to `to`: the fault's text, or "" and the facts. */
static void
connect_to(struct loop *loop, struct endpoint *to, struct fake *fake)
{
	const struct row ends[] = {
		{ INPUT_START, WANT_CONNECT, .to = to },
		{ INPUT_DONE, WANT_OVER },
	};
	const struct row fails[] = {
		{ INPUT_START, WANT_CONNECT, .to = to },
		{ INPUT_FAILED, WANT_OVER },
	};

	if (fake->began_us == 0)
		FAKE(fake, loop, ends);
	else
		FAKE(fake, loop, fails);
	fake_run(fake);
}

static void
fails(struct loop *loop, const char *name, uint16_t port, uint32_t ms,
    uint8_t family, const char *text)
{
	struct endpoint to = { .host = name, .port = port, .connect_ms = ms,
		.family = family };
	struct fake     fake = { .began_us = 1 };

	connect_to(loop, &to, &fake);
	assert_string_equal(fake.log.ptr, "START FAILED");
	assert_string_equal(fake.fault.text, text);
	fake_free(&fake);
}

static void
works(struct loop *loop, const char *name, uint16_t port, const char *peer)
{
	struct endpoint to = { .host = name, .port = port };
	struct fake     fake = { .began_us = 0 };

	connect_to(loop, &to, &fake);
	assert_string_equal(fake.log.ptr, "START DONE");
	assert_string_equal(fake.facts.peer, peer);
	fake_free(&fake);
}

static void
test_hosts_file(void **state)
{
	struct fault fault;
	struct loop *loop;
	struct peer  peer;
	char         text[40];

	(void)state;
	if (!have_localhost())
		skip();
	loop = loop_new(&fault);
	assert_true(peer_start(&peer, "127.0.0.1", NULL));
	(void)snprintf(text, sizeof text, "127.0.0.1:%u", peer.port);
	works(loop, "localhost", peer.port, text);
	works(loop, "LOCALHOST", peer.port, text);
	peer_join(&peer);
	loop_free(loop);
}

static void
test_answers(void **state)
{
	static const struct { const char *name, *why; uint8_t family; } bad[] = {
		{ "n.test", "no such host name (DNS: NXDOMAIN)", 0 },
		{ "e.test", "the name has no address (DNS: no data)", 0 },
		{ "a.test", "the name has no address (DNS: no data)",
		    FAMILY_IPV6 },
		{ "a..test", "not a valid host name", 0 },
	};
	struct server server;
	struct loop  *loop = server_start(&server);
	struct peer   peer;
	char          text[200];
	int           asked;

	(void)state;
	assert_true(peer_start(&peer, "127.0.0.1", NULL));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		(void)snprintf(text, sizeof text, "cannot resolve %s: %s",
		    bad[i].name, bad[i].why);
		fails(loop, bad[i].name, 25, 0, bad[i].family, text);
	}
	(void)snprintf(text, sizeof text, "127.0.0.1:%u", peer.port);
	works(loop, "a.test", peer.port, text);
	asked = __atomic_load_n(&server.questions, __ATOMIC_RELAXED);
	/* Pinned: not asked again. */
	works(loop, "a.test", peer.port, text);
	assert_int_equal(__atomic_load_n(&server.questions, __ATOMIC_RELAXED),
	    asked);
	/* Both addresses, the refused one at once followed by the other. */
	works(loop, "d.test", peer.port, text);
	peer_join(&peer);
	server_stop(&server, loop);
}

/* Every address that was tried is named. */
static void
test_all_refused(void **state)
{
	struct server server;
	struct loop  *loop = server_start(&server);
	struct peer   peer;
	struct endpoint to = { .host = "d.test" };
	struct fake   fake = { .began_us = 1 };
	char          text[80];

	(void)state;
	assert_true(peer_start(&peer, "127.0.0.1", NULL));
	peer_join(&peer);
	to.port = peer.port;
	connect_to(loop, &to, &fake);
	(void)snprintf(text, sizeof text, "127.0.0.1:%u: connection refused",
	    peer.port);
	assert_non_null(strstr(fake.fault.text, "cannot connect to d.test ("));
	assert_non_null(strstr(fake.fault.text, text));
	(void)snprintf(text, sizeof text, "[::1]:%u: ", peer.port);
	assert_non_null(strstr(fake.fault.text, text));
	fake_free(&fake);
	server_stop(&server, loop);
}

/* Listens with no room left: SYNs are dropped. */
static void
fill(struct peer *peer, int fillers[8])
{
	struct sockaddr_storage address;
	socklen_t               len = sizeof address;

	assert_int_equal(listen(peer->listener, 0), 0);
	(void)getsockname(peer->listener, (struct sockaddr *)&address, &len);
	for (int i = 0; i < 8; i++) {
		fillers[i] = socket(address.ss_family, SOCK_STREAM |
		    SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(fillers[i], (struct sockaddr *)&address, len);
	}
	(void)usleep(50000);
}

/* Both families at one port. */
static bool
twins(struct peer *v4, struct peer *v6)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int on = 1;

	if (!peer_start(v4, "127.0.0.1", NULL))
		return false;
	*v6 = (struct peer){ 0 };
	v6->listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(v6->listener, IPPROTO_IPV6, IPV6_V6ONLY, &on,
	    sizeof on);
	address.sin6_port = htons(v4->port);
	if (bind(v6->listener, (struct sockaddr *)&address, sizeof address) == 0
	    && listen(v6->listener, 8) == 0)
		return true;
	peer_join(v4);
	(void)close(v6->listener);
	return false;
}

/* Whichever address comes first, its silence costs 250 ms and no more. */
static void
test_eyeballs(void **state)
{
	struct server server;
	struct loop  *loop = server_start(&server);
	struct peer   v4, v6;
	char          text[40];
	uint64_t      took[2];

	(void)state;
	for (int round = 0; round < 2; round++) {
		struct peer    *deaf = round == 0 ? &v4 : &v6;
		struct endpoint to = { .host = "d.test" };
		struct fake     fake = { .began_us = 0 };
		int             fillers[8];

		if (!twins(&v4, &v6)) {
			server_stop(&server, loop);
			print_message("skipped: no [::1] here\n");
			skip();
		}
		fill(deaf, fillers);
		to.port = v4.port;
		connect_to(loop, &to, &fake);
		(void)snprintf(text, sizeof text, round == 0 ? "[::1]:%u"
		    : "127.0.0.1:%u", v4.port);
		assert_string_equal(fake.log.ptr, "START DONE");
		assert_string_equal(fake.facts.peer, text);
		took[round] = fake.facts.connect_us;
		fake_free(&fake);
		for (int i = 0; i < 8; i++)
			(void)close(fillers[i]);
		peer_join(&v4);
		peer_join(&v6);
	}
	assert_in_range(took[0] + took[1], 250000, 750000);
	server_stop(&server, loop);
}

static void
test_silent_server(void **state)
{
	struct server server;
	struct loop  *loop = server_start(&server);
	struct endpoint to = { .host = "b.test", .port = 25 };
	struct fake   fake;

	(void)state;
	fails(loop, "b.test", 25, 300, 0, "cannot resolve b.test: no answer "
	    "from the name server within 0.3 s");
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &to, .due_ms = 100 },
		{ INPUT_TIMEOUT, WANT_OVER },
	};
	FAKE(&fake, loop, rows);
	fake_run(&fake);
	assert_string_equal(fake.log.ptr, "START TIMEOUT");
	fake_free(&fake);
	fails(loop, "bb.test", 25, 0, 0, "cannot resolve bb.test: no answer "
	    "from the name server");
	server_stop(&server, loop);     /* with a lookup under way */
}

static void
cancel(void *who)
{
	struct fake  *fake = who;
	struct stage *stage = loop_stage(fake->loop);

	stage->cancel(stage, &fake->actor);
}

/* Many who ask at the same time ask once; one of them may leave. */
static void
test_shared(void **state)
{
	enum { MANY = 50 };
	struct server server;
	struct loop  *loop = server_start(&server);
	struct stage *stage = loop_stage(loop);
	struct endpoint to = { .host = "n.test", .port = 25 };
	struct fake   fakes[MANY];

	(void)state;
	const struct row rows[] = {
		{ INPUT_START, WANT_CONNECT, .to = &to },
		{ INPUT_FAILED, WANT_OVER },
	};
	for (int i = 0; i < MANY; i++) {
		FAKE(&fakes[i], loop, rows);
		stage->host(stage, &fakes[i].actor);
	}
	stage->after(stage, 5, cancel, &fakes[7]);
	loop_run(loop);
	assert_in_range(__atomic_load_n(&server.questions, __ATOMIC_RELAXED),
	    1, 4);
	for (int i = 0; i < MANY; i++) {
		assert_true(fakes[i].gone);
		(void)buf_add_octet(&fakes[i].log, '\0');
		assert_string_equal(fakes[i].log.ptr, i == 7 ? "START CANCEL"
		    : "START FAILED");
		fake_free(&fakes[i]);
	}
	server_stop(&server, loop);
}

static void
test_bad_servers(void **state)
{
	struct fault fault;
	struct loop *loop = loop_new(&fault);

	(void)state;
	assert_false(loop_name_servers(loop, "not an address", &fault));
	assert_non_null(strstr(fault.text, "'not an address'"));
	loop_free(loop);
}

static int before;

static int
prepare(void **state)
{
	struct fault fault;

	(void)state;
	loop_free(loop_new(&fault));
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
		cmocka_unit_test(test_hosts_file),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_all_refused),
		cmocka_unit_test(test_eyeballs),
		cmocka_unit_test(test_silent_server),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_bad_servers),
		cmocka_unit_test(test_no_leak),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
