/* Headers of the PROXY protocol, octet by octet, and connects that send one. */
#include "flows.h"

#include "base/buf.h"
#include "verb/proxy.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4(a, b, c, d, p) { 4, { a, b, c, d }, p }
#define HEADER(text) text, sizeof(text) - 1

static const struct header_case {
	struct proxy_ask ask;
	const char      *local, *peer, *header;
	size_t           len;
} headers[] = {
	{ { 1 }, "127.0.0.1:4711", "127.0.0.2:25",
	    HEADER("PROXY TCP4 127.0.0.1 127.0.0.2 4711 25\r\n") },
	{ { 1 }, "[::1]:65535", "[2001:db8::25]:25",
	    HEADER("PROXY TCP6 ::1 2001:db8::25 65535 25\r\n") },
	{ { 1 }, "unix:", "unix:/run/x", HEADER("PROXY UNKNOWN\r\n") },
	{ { 1, true }, "127.0.0.1:4711", "127.0.0.2:25",
	    HEADER("PROXY UNKNOWN\r\n") },
	{ { 1, false, V4(192, 0, 2, 1, 1), V4(192, 0, 2, 2, 0) }, "unix:",
	    "unix:/x", HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 1 0\r\n") },
	{ { 1, false, V4(192, 0, 2, 1, 1) }, "127.0.0.1:4711", "127.0.0.2:25",
	    HEADER("PROXY TCP4 192.0.2.1 127.0.0.2 1 25\r\n") },
	{ { 2 }, "127.0.0.1:4711", "127.0.0.2:25", HEADER(SIGNATURE
	    "\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x02\x12\x67\0\x19") },
	{ { 2 }, "[::1]:1", "[::2]:258", HEADER(SIGNATURE "\x21\x21\0\x24"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\x01\x01\x02") },
	{ { 2, true }, "127.0.0.1:4711", "127.0.0.2:25", HEADER(SIGNATURE
	    "\x20\0\0\0") },
};

static void
test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		const struct header_case *row = &headers[i];
		struct facts facts = { 0 };
		struct fault fault;
		struct buf   out = buf_new(300);

		(void)snprintf(facts.local, sizeof facts.local, "%s",
		    row->local);
		(void)snprintf(facts.peer, sizeof facts.peer, "%s", row->peer);
		assert_true(proxy_header(&row->ask, &facts, &out, &fault));
		if (out.len != row->len ||
		    memcmp(out.ptr, row->header, row->len) != 0)
			fail_msg("header %zu: %.*s", i, (int)out.len, out.ptr);
		buf_free(&out);
	}
}

static void
test_unix(void **state)
{
	struct proxy_ask ask = { 2 };
	struct facts     facts = { .peer = "unix:/run/lmtp",
		.local = "unix:" };
	struct fault     fault;
	struct buf       out = buf_new(300);

	(void)state;
	assert_true(proxy_header(&ask, &facts, &out, &fault));
	assert_int_equal(out.len, 16 + 216);
	assert_memory_equal(out.ptr + 12, "\x21\x31\0\xd8\0", 5);
	assert_memory_equal(out.ptr + 16 + 108, "/run/lmtp\0\0", 11);
	buf_free(&out);
}

/* One family on each side. */
static void
test_mixed(void **state)
{
	static const struct proxy_ask asks[] = {
		{ 1, false, V4(192, 0, 2, 1, 1) }, { 2, false, { 0 },
		    V4(192, 0, 2, 1, 1) },
	};
	static const char *const ends[] = { "[::1]:25", "unix:/x", "" };
	struct fault fault;
	struct buf   out = buf_new(300);

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 3; j++) {
			struct facts facts = { 0 };

			(void)snprintf(facts.peer, 20, "%s", ends[j]);
			(void)snprintf(facts.local, 20, "%s", ends[j]);
			assert_false(proxy_header(&asks[i], &facts, &out,
			    &fault));
			assert_non_null(strstr(fault.text, "two families"));
		}
	assert_int_equal(out.len, 0);
}

#define HI "220 hi\r\n"
#define LINE ">PROXY TCP4 192.0.2.9 192.0.2.1 4711 25$ / "

static const struct flow flows[] = {
	{ "before the greeting", "steps:\n- connect: { proxy: 1 }\n- send: A\n",
	    { HI, "250 a\r\n" },
	    "connect / " LINE "1 pass / >A$ / 2 pass / end pass" },
	{ "before a pipeline", "steps:\n- pipeline:\n  - connect: { proxy: 1 }\n"
	    "  - send: A\n", { HI, "250 a\r\n" },
	    "connect / " LINE ">A$ / 1 pass / 2 pass / end pass" },
	{ "none", "steps:\n- connect: { proxy: none }\n", { HI },
	    "connect / 1 pass / end pass" },
	{ "of nobody", "steps:\n- connect: { proxy: { version: 1, local: true"
	    " } }\n", { HI }, "connect / >PROXY UNKNOWN$ / 1 pass / end pass" },
	{ "of somebody", "steps:\n- connect: { proxy: { version: 1, from: "
	    "'192.0.2.7:1', to: '192.0.2.8:2' } }\n", { HI },
	    "connect / >PROXY TCP4 192.0.2.7 192.0.2.8 1 2$ / 1 pass / "
	    "end pass" },
	{ "of two families", "steps:\n- connect: { proxy: { version: 1, from: "
	    "'[::1]:1' } }\n- send: A\n", { HI },
	    "connect / 1 error plan / 2 not-run / end error plan",
	    "two families" },
	{ "of two families, in a pipeline", "steps:\n- pipeline:\n  - connect: "
	    "{ proxy: { version: 1, from: '[::1]:1' } }\n  - send: A\n", { HI },
	    "connect / 1 error plan / 2 not-run / end error plan",
	    "two families" },
	{ "the header is refused", "steps:\n- connect: { proxy: 1 }\n"
	    "  expect: closed\n", { "!close" },
	    "connect / " LINE "1 pass / end pass" },
	{ "refused before it is written", "steps:\n- connect: { proxy: 1 }\n",
	    { "@write:!fail reset" },
	    "connect / " LINE "1 fail closed / end fail closed" },
};

static void
test_flows(void **state)
{
	(void)state;
	FLOWS_RUN(flows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers), cmocka_unit_test(test_unix),
		cmocka_unit_test(test_mixed), cmocka_unit_test(test_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
