/* Lines without codes: where they end, and that nothing is wrong with them. */
#include "model/proto.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

extern const struct proto proto_tcp;

static const struct ask plain;

static void
tcp_reads_lines(void **state)
{
	static const struct { const char *in; size_t used; } cases[] = {
		{ "hello\r\nx", 7 }, { "hello\nx\n", 6 }, { "\n", 1 },
		{ "250-a\r\n250 b\r\n", 7 }, { "a\rb\n", 4 }, { "abc", 0 },
		{ "", 0 }, { "\xff\n", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span  in = span_of(cases[i].in);
		struct reply reply = reply_new();
		size_t       used = 0;

		for (size_t len = 0; len <= in.len && used == 0; len++)
			used = proto_tcp.parse(span_sub(in, 0, len), &plain,
			    &reply);
		assert_int_equal(used, cases[i].used);
		assert_int_equal(reply.code, -1);
		assert_int_equal(reply.flaws, 0);
		assert_int_equal(proto_tcp.tone(&reply), TONE_POSITIVE);
		reply = reply_new();
		assert_int_equal(proto_tcp.parse(in, &plain, &reply), used);
	}
}

static void
tcp_lines_end_somewhere(void **state)
{
	static char  text[MIB];
	struct span  in = { text, sizeof text };
	struct reply reply = reply_new();

	(void)state;
	memset(text, 'x', sizeof text);
	assert_int_equal(proto_tcp.parse(in, &plain, &reply),
	    LIMIT_REPLY_LINE);
	assert_int_equal(reply.flaws, FLAW_BIT(FLAW_TOO_LONG));
	assert_int_equal(reply.lines, 1);
}

/* So `offers` and `lacks` cannot be judged: an error, never a pass. */
static void
nothing_is_awaited_or_offered(void **state)
{
	(void)state;
	assert_false(proto_tcp.greets);
	assert_false(proto_tcp.awaits);
	assert_null(proto_tcp.offers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_reads_lines),
		cmocka_unit_test(tcp_lines_end_somewhere),
		cmocka_unit_test(nothing_is_awaited_or_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
