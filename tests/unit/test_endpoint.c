/* Target URLs: what they mean, and what is none. */
#include "check.h"

#include "model/endpoint.h"

static const struct good_case {
	const char *url, *host;
	uint16_t    port;
	const char *proto;
	bool        local, embedded, mx;
	const char *resolver;
	bool        tls;
} good[] = {
	{ "smtp://mx.example.test", "mx.example.test", 25, "smtp" },
	{ "smtp://mx.example.test/", "mx.example.test", 25, "smtp" },
	{ "SMTP://MX:2525", "MX", 2525, "smtp" },
	{ "submission://h", "h", 587, "smtp" },
	{ "smtp://127.0.0.1:1", "127.0.0.1", 1, "smtp" },
	{ "smtp://[::1]:65535", "::1", 65535, "smtp" },
	{ "smtp://[::1]", "::1", 25, "smtp" },
	{ "smtp://[fe80::1%eth0]", "fe80::1%eth0", 25, "smtp" },
	{ "[::1]:25", "::1", 25, NULL }, { "h:25", "h", 25, NULL },
	{ "a_b.example.:25", "a_b.example.", 25, NULL },
	{ "tcp://h:7", "h", 7, "tcp" },
	{ "smtp+unix:/run/lmtp", "/run/lmtp", 0, "smtp", true },
	{ "lmtp://h", "h", 24, "lmtp" }, { "lmtp://[::1]:2424", "::1", 2424, "lmtp" },
	{ "lmtp+unix:/run/lmtp", "/run/lmtp", 0, "lmtp", true },
	{ "smtps://h", "h", 465, "smtp", .tls = true },
	{ "smtps://[::1]:4650", "::1", 4650, "smtp", .tls = true },
	{ "tls://h:7", "h", 7, "tcp", .tls = true },
	{ "embedded", NULL, 0, "smtp", false, true },
	{ "mx://example.test", "example.test", 25, "smtp", false, false, true },
	{ "smtp://caf\xc3\xa9", "xn--caf-dma", 25, "smtp" },
	{ "B\xc3\xbc" "cher.test:25", "xn--bcher-kva.test", 25, NULL },
	{ "mx://b\xc3\xbc" "cher.test/?resolver=127.0.0.1", "xn--bcher-kva.test",
	    25, "smtp", false, false, true, "127.0.0.1" },
	{ "mx://example.test/", "example.test", 25, "smtp", false, false, true },
	{ "mx://example.test:2525?resolver=127.0.0.1:5353", "example.test", 2525,
	    "smtp", false, false, true, "127.0.0.1:5353" },
	{ "mx://a.test/?resolver=[::1]:53,192.0.2.1", "a.test", 25, "smtp", false,
	    false, true, "[::1]:53,192.0.2.1" },
};

static const char *const bad[] = { "", ":", ":25", "h", "h:", "h:0", "h:65536",
	"h:025", "h:2 5", "h:-1", "smtp:", "smtp://", "smtp://:25", "smtp://h:",
	"smtp://-x", "smtp://h/path", "smtp://u@h", "smtp://h h", "smtp://a..b",
	"smtp://.a", "smtp://exa\xe2\x80\x8bmple", "smtp://caf\xe9", "smtp://\xc3\x9f b",
	"smtp://-\xc3\xa9", "mx://\xe2\x98\x83.test", "\xc3\xa9", "::1",
	"::1:25", "[::1]", "[::1", "[::1]25", "[]:25", "[zz]:25", "[1.2.3.4]:25",
	"[fe80::1%]:25", "1.2.3:25", "1.2.3.4.5:25", "1.2.3.256:25", "999:25",
	"tcp://h", "tls://h", "imap://h", "smpt://h", "http://h",
	"unix:/path", "unix:path", "smtps+unix:/path",
	"mx://", "mx://127.0.0.1",
	"mx://[::1]", "mx://a.test?", "mx://a.test?resolver=",
	"mx://a.test?resolver=localhost", "mx://a.test?resolver=127.0.0.1:",
	"mx://a.test?resolver=127.0.0.1:0", "mx://a.test?resolver=[::1",
	"mx://a.test?resolver=::1", "mx://a.test?resolver=127.0.0.1,",
	"mx://a.test?server=127.0.0.1", "mx://a.test?resolver=1.2.3.4 ",
	"smtp://a.test?resolver=127.0.0.1", "smtp+unix:run", "smtp+unix:",
	"lmtp+unix:run/lmtp", "lmtp+unix:", "lmtp://", "lmtps://h", "Embedded", "-oProxy=x:25",
	"smtp://h\n:25", "smtp://h#x" };

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct arena    arena = { 0 };
		struct endpoint to;
		struct fault    fault;

		if (!endpoint_parse(span_of(good[i].url), &arena, &to, &fault))
			fail_msg("%s: %s", good[i].url, fault.text);
		assert_true(span_is(to.url, good[i].url));
		if (good[i].host != NULL)
			assert_string_equal(to.host, good[i].host);
		assert_int_equal(to.port, good[i].port);
		assert_true((to.proto == NULL) == (good[i].proto == NULL));
		if (to.proto != NULL)
			assert_string_equal(to.proto, good[i].proto);
		assert_int_equal(to.local, good[i].local);
		assert_int_equal(to.embedded, good[i].embedded);
		assert_int_equal(to.tls, good[i].tls);
		assert_int_equal(to.mx, good[i].mx);
		assert_true((to.resolver == NULL) ==
		    (good[i].resolver == NULL));
		if (to.resolver != NULL)
			assert_string_equal(to.resolver, good[i].resolver);
		arena_free(&arena);
	}
}

static void
test_bad(void **state)
{
	struct arena    arena = { 0 };
	struct endpoint to;
	struct fault    fault;
	char            path[200] = "smtp+unix:/";

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		fault.text[0] = '\0';
		if (endpoint_parse(span_of(bad[i]), &arena, &to, &fault))
			fail_msg("'%s' is a target", bad[i]);
		if (strlen(fault.text) + 1 == sizeof fault.text)
			fail_msg("'%s': cut: %s", bad[i], fault.text);
		assert_true(strlen(fault.text) > 10);
	}
	assert_false(endpoint_parse(SPAN("h\0x:25"), &arena, &to, &fault));
	memset(path + 11, 'x', 107);
	assert_false(endpoint_parse(span_of(path), &arena, &to, &fault));
	path[11 + 106] = '\0';
	assert_true(endpoint_parse(span_of(path), &arena, &to, &fault));
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
