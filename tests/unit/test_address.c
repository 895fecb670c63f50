/* Socket addresses as texts: to them, and apart again. */
#include "check.h"

#include "net/address.h"

/* `literal` NULL: the text is of no address. */
static const struct {
	const char *literal, *text, *host;
	uint16_t    port;
} rows[] = {
	{ "127.0.0.1", "127.0.0.1:25", "127.0.0.1", 25 },
	{ "::1", "[::1]:65535", "::1", 65535 },
	{ "2001:db8::1", "[2001:db8::1]:587", "2001:db8::1", 587 },
	{ NULL, "unix:/run/a:25", "", 0 },
	{ NULL, "unix:", "", 0 },
	{ NULL, "", "", 0 },
	{ NULL, "127.0.0.1", "", 0 },
	{ NULL, "127.0.0.1:65536", "127.0.0.1", 0 },
	{ NULL, "127.0.0.1:", "127.0.0.1", 0 },
	{ NULL, "[]:1", "", 1 },
};

static void
texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address address;
		uint16_t       port = 1;
		char           text[128];

		if (rows[i].literal != NULL) {
			assert_true(address_parse(rows[i].literal,
			    rows[i].port, &address));
			address_text(&address, text, sizeof text);
			assert_string_equal(text, rows[i].text);
		}
		assert_true(span_is(address_split(rows[i].text, &port),
		    rows[i].host));
		assert_int_equal(port, rows[i].port);
	}
}

static void
local(void **state)
{
	struct address address;
	char           text[128], path[200];

	(void)state;
	assert_true(address_local("/run/s", &address));
	address_text(&address, text, sizeof text);
	assert_string_equal(text, "unix:/run/s");
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_false(address_local(path, &address));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
