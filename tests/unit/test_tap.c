/* The tap report of the fixed records, octet by octet. */
#include "golden.h"

extern const struct reporter reporter_tap;

static void
test_golden(void **unused)
{
	struct buf out = buf_new(1 << 24);

	(void)unused;
	golden_render(&reporter_tap, &out);
	golden_clean(buf_span(&out), true);
	golden_check("tap", buf_span(&out));
	buf_free(&out);
}

/* Perl's harness before 3.49 takes `version 14` for an error. */
static void
test_harness(void **unused)
{
	struct run_record run = { .selected = 3, .tap13 = true };
	struct buf out = buf_new(1000);

	(void)unused;
	reporter_tap.begin(NULL, &run, &golden_totals, &out);
	assert_true(span_is(buf_span(&out), "TAP version 13\n1..3\n"));
	run = (struct run_record){ .selected = 0 };
	buf_clear(&out);
	reporter_tap.begin(NULL, &run, &golden_totals, &out);
	assert_true(span_is(buf_span(&out),
	    "TAP version 14\n1..0 # SKIP nothing was selected\n"));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden), cmocka_unit_test(test_harness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
