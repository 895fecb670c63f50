/* serve: what is too long, too big, too many, and what it costs. */
#include "serve_talk.h"

#include "base/limits.h"
#include "base/mem.h"
#include "serve/guest.h"

#include <stdlib.h>
#include <unistd.h>

#define LETTER "MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n"
#define LETTER_REPLY "250 2.1.0 OK\r\n250 2.1.5 OK\r\n" \
	"354 End with <CR><LF>.<CR><LF>\r\n"
#define TOO_LONG "500 5.5.2 Line too long\r\n"

static void
expect(struct serve_talk *talk, const char *in, const char *out)
{
	struct span got = serve_talk_send(talk, in);

	if (!span_is(got, out))
		fail_msg("%.100s\ngot %.*s\nwanted %s", in, SPAN_ARG(got), out);
}

static void
begin(struct serve_talk *talk, uint32_t size_max)
{
	const struct serve_options options = { .size_max = size_max };

	serve_talk_begin(talk, &options);
	(void)serve_talk_send(talk, "EHLO a.test\r\n");
}

/* `head`, then as many `fill` as make a line of `octets` with CRLF. */
static void
check_line(const char *head, char fill, size_t octets, const char *reply)
{
	static const size_t sizes[] = { SIZE_MAX, 1, 100, 511, 2047, 2048 };
	struct buf line = buf_new(4 * MIB);

	buf_add_text(&line, head);
	buf_add_fill(&line, fill, octets - line.len - 2);
	buf_add_text(&line, "\r\nNOOP\r\n");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct serve_talk talk;
		struct span       out;
		size_t            len = strlen(reply);

		begin(&talk, 0);
		out = serve_talk_say(&talk, buf_span(&line),
		    sizes[i] < line.len ? sizes[i] : line.len);
		if (!span_starts(out, span_of(reply)) ||
		    !span_is(span_from(out, len), "250 2.0.0 OK\r\n"))
			fail_msg("%s, %zu octets: %.*s", head, octets,
			    SPAN_ARG(out));
		serve_talk_end(&talk);
	}
	buf_free(&line);
}

static void
limits_lines(void **state)
{
	(void)state;
	check_line("NOOP ", 'x', 512, "250 2.0.0 OK\r\n");
	check_line("NOOP ", 'x', 513, TOO_LONG);
	check_line("NOOP ", '\0', 513, TOO_LONG);
	check_line("NOOP", '\r', 512, "250 2.0.0 OK\r\n");
	check_line("NOOP", '\r', 3000, TOO_LONG);
	check_line("FOO", ' ', 512, "500 5.5.1 Command not recognized\r\n");
	check_line("FOO", ' ', 513, TOO_LONG);
	check_line("MAIL FROM:<>", ' ', 2048, "250 2.1.0 OK\r\n");
	check_line("MAIL FROM:<>", ' ', 2049, TOO_LONG);
	check_line("MAIL FROM:<>", ' ', 100 * KIB, TOO_LONG);
	check_line("", 'x', 100 * KIB, TOO_LONG);
}

static void
keeps_little_of_a_client(void **state)
{
	struct serve_talk    talk;
	const struct guest *guest;

	(void)state;
	assert_true(sizeof(struct guest) + sizeof "[::1]:65535" <= 300);
	begin(&talk, 0);
	guest = talk.client;
	assert_int_equal(guest->line.cap, 0);
	expect(&talk, "NOO", "");
	assert_true(guest->line.cap > 0);
	expect(&talk, "P\r\n", "250 2.0.0 OK\r\n");
	assert_int_equal(guest->line.cap, 0);
	for (int i = 0; i < 10000; i++)
		expect(&talk, "a line without an end ", "");
	assert_int_equal(guest->line.cap, 0);
	expect(&talk, "\n", TOO_LONG);
	expect(&talk, LETTER, LETTER_REPLY);
	for (int i = 0; i < 10000; i++)
		expect(&talk, "a line without an end ", "");
	assert_null(guest->letter);
	serve_talk_end(&talk);
}

static void
limits_errors(void **state)
{
	struct serve_talk talk;

	(void)state;
	begin(&talk, 0);
	for (int i = 1; i < LIMIT_SERVE_ERRORS; i++)
		expect(&talk, "DATA\r\n", "503 5.5.1 Send MAIL first\r\n");
	expect(&talk, "DATA\r\nNOOP\r\n",
	    "421 4.7.0 embedded.quoth.test Too many errors\r\n");
	assert_int_equal(talk.next, SERVICE_CLOSE);
	serve_talk_end(&talk);
}

/* Refused recipients are no errors, and a message makes up for errors. */
static void
forgives_errors(void **state)
{
	struct serve_talk talk;

	(void)state;
	begin(&talk, 0);
	expect(&talk, "MAIL FROM:<>\r\n", "250 2.1.0 OK\r\n");
	for (int i = 0; i < 2 * LIMIT_SERVE_ERRORS; i++)
		expect(&talk, "RCPT TO:<reply-500@example.test>\r\n"
		    "RCPT TO:<eve@example.test>\r\n",
		    "500 5.0.0 As this recipient asks\r\n"
		    "550 5.1.1 No such mailbox\r\n");
	expect(&talk, "RSET\r\n", "250 2.0.0 OK\r\n");
	for (int i = 0; i < 3 * LIMIT_SERVE_ERRORS; i++) {
		expect(&talk, "X\r\n", "500 5.5.1 Command not recognized\r\n");
		if (i % 50 == 0) {
			expect(&talk, LETTER, LETTER_REPLY);
			(void)serve_talk_send(&talk, ".\r\n");
		}
	}
	serve_talk_end(&talk);
}

static void
limits_recipients(void **state)
{
	struct serve_talk talk;

	(void)state;
	begin(&talk, 0);
	expect(&talk, "MAIL FROM:<>\r\n", "250 2.1.0 OK\r\n");
	for (int i = 0; i < LIMIT_SERVE_RECIPIENTS; i++)
		expect(&talk, "RCPT TO:<bob@example.test>\r\n",
		    "250 2.1.5 OK\r\n");
	expect(&talk, "RCPT TO:<bob@example.test>\r\n"
	    "RCPT TO:<reply-250@example.test>\r\n"
	    "RCPT TO:<reply-550@example.test>\r\nRSET\r\n" LETTER,
	    "452 4.5.3 Too many recipients\r\n452 4.5.3 Too many recipients\r\n"
	    "550 5.0.0 As this recipient asks\r\n250 2.0.0 OK\r\n" LETTER_REPLY);
	serve_talk_end(&talk);
}

/* Stuffed dots and the end do not count, CRLF does (RFC 1870 5). */
static void
limits_messages(void **state)
{
	struct serve_talk talk;

	(void)state;
	begin(&talk, 10);
	expect(&talk, LETTER "..345678\r\n.\r\n",
	    LETTER_REPLY "250 2.0.0 queued as 000000000000\r\n");
	expect(&talk, LETTER "123456789\r\n.\r\nNOOP\r\n", LETTER_REPLY
	    "552 5.3.4 Message size above the limit\r\n250 2.0.0 OK\r\n");
	expect(&talk, LETTER, LETTER_REPLY);
	for (int i = 0; i < 10000; i++)
		expect(&talk, "much too big\r\n", "");
	expect(&talk, ".\r\n", "552 5.3.4 Message size above the limit\r\n");
	expect(&talk, LETTER, LETTER_REPLY);
	serve_talk_end(&talk);
}

static void
drops_who_fills_the_output(void **state)
{
	const struct serve_options options = { 0 };
	struct serve_talk talk;

	(void)state;
	serve_talk_begin(&talk, &options);
	buf_free(&talk.out);
	talk.out = buf_new(100);
	(void)serve_talk_send(&talk, "NOOP\r\nHELP\r\nEHLO a\r\n");
	assert_int_equal(talk.next, SERVICE_DROP);
	serve_talk_end(&talk);
}

/* All letters together: what is too much is read to its end and refused. */
static void
limits_what_is_held(void **state)
{
	char folder[] = "/tmp/quoth-held-XXXXXX", command[64];
	struct serve_options options = { .maildir = folder };
	struct serve_talk talk;
	struct server    *server;

	(void)state;
	assert_non_null(mkdtemp(folder));
	serve_talk_begin(&talk, &options);
	(void)serve_talk_send(&talk, "EHLO a\r\n");
	server = ((struct guest *)talk.client)->server;
	expect(&talk, LETTER, LETTER_REPLY);
	server->held += LIMIT_SERVE_HELD - 1000;
	for (int i = 0; i < 100; i++)
		expect(&talk, "some more of it\r\n", "");
	assert_int_equal(((struct guest *)talk.client)->letter->body.cap, 0);
	expect(&talk, ".\r\n",
	    "452 4.3.1 Too much in memory, try later\r\n");
	assert_int_equal(server->held, LIMIT_SERVE_HELD - 1000);
	server->held = LIMIT_SERVE_HELD;
	expect(&talk, "MAIL FROM:<>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n",
	    "250 2.1.0 OK\r\n452 4.3.1 Too much in memory, try later\r\n"
	    "503 5.5.1 Send RCPT first\r\n");
	server->held -= LIMIT_SERVE_HELD;
	expect(&talk, "RSET\r\n" LETTER "x\r\n.\r\n", "250 2.0.0 OK\r\n"
	    LETTER_REPLY "250 2.0.0 queued as 000000000000\r\n");
	serve_talk_end(&talk);
	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* Thousands at a time: their talks do not touch each other. */
static void
serves_many_clients(void **state)
{
	enum { MANY = 4096 };
	static const char lines[] = "EHLO a\r\n" LETTER "x\r\n.\r\nQUIT\r\n";
	const struct serve_options options = { 0 };
	struct buf      out = buf_new(1 * MIB);
	struct service *service = serve_new(&options, &(struct fault){ 0 });
	void          **clients = mem_alloc(MANY * sizeof *clients);

	(void)state;
	for (int i = 0; i < MANY; i++)
		clients[i] = service->open(service, "[::1]:1", &out);
	for (size_t at = 0; at < sizeof lines - 1; at++) {
		for (int i = 0; i < MANY; i++) {
			enum service_next next;

			buf_clear(&out);
			next = service->bytes(service, clients[i],
			    (struct span){ lines + at, 1 }, &out);
			assert_int_equal(next, at + 2 < sizeof lines ?
			    SERVICE_GO_ON : SERVICE_CLOSE);
		}
	}
	assert_true(span_is(buf_span(&out), "221 2.0.0 Bye\r\n"));
	for (int i = 0; i < MANY; i++)
		service->close(service, clients[i]);
	mem_free(clients);
	serve_free(service);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_lines),
		cmocka_unit_test(keeps_little_of_a_client),
		cmocka_unit_test(limits_errors),
		cmocka_unit_test(forgives_errors),
		cmocka_unit_test(limits_recipients),
		cmocka_unit_test(limits_messages),
		cmocka_unit_test(drops_who_fills_the_output),
		cmocka_unit_test(limits_what_is_held),
		cmocka_unit_test(serves_many_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
