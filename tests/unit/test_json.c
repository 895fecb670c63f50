/* The json report of the fixed records, octet by octet. */
#include "golden.h"

extern const struct reporter reporter_json;

static void
test_golden(void **unused)
{
	struct buf out = buf_new(1 << 24);

	(void)unused;
	golden_render(&reporter_json, &out);
	golden_clean(buf_span(&out), true);
	golden_check("json", buf_span(&out));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_golden) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
