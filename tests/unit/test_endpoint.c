/* Target URLs: what they mean, and what is none. */
#include "check.h"

#include "model/endpoint.h"

static const struct good_case {
	const char *url, *host;
	uint16_t    port;
	const char *proto;
	bool        local, embedded, tls;
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
	{ "smtps://h", "h", 465, "smtp", .tls = true },
	{ "smtps://[::1]:4650", "::1", 4650, "smtp", .tls = true },
	{ "tls://h:7", "h", 7, "tcp", .tls = true },
	{ "embedded", NULL, 0, "smtp", false, true },
};

static const char *const bad[] = { "", ":", ":25", "h", "h:", "h:0", "h:65536",
	"h:025", "h:2 5", "h:-1", "smtp:", "smtp://", "smtp://:25", "smtp://h:",
	"smtp://-x", "smtp://h/path", "smtp://u@h", "smtp://h h", "smtp://a..b",
	"smtp://.a", "smtp://exa\xe2\x80\x8bmple", "smtp://caf\xc3\xa9", "::1",
	"::1:25", "[::1]", "[::1", "[::1]25", "[]:25", "[zz]:25", "[1.2.3.4]:25",
	"[fe80::1%]:25", "1.2.3:25", "1.2.3.4.5:25", "1.2.3.256:25", "999:25",
	"tcp://h", "tls://h", "imap://h", "mx://h", "smpt://h", "http://h",
	"smtp+unix:run", "smtp+unix:", "Embedded", "-oProxy=x:25",
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
