/* Slots of a running scenario, and values that are new at each use. */
#include "check.h"

#include "base/limits.h"
#include "model/vars.h"

static void
test_slots(void **state)
{
	struct vars vars;
	struct span value;
	static char big[LIMIT_EXPANDED + 1];

	(void)state;
	vars_init(&vars, SLOT_OWN + 2, 1, SPAN("id"));
	assert_false(vars_get(&vars, SLOT_OWN, &value));
	assert_true(vars_set(&vars, SLOT_OWN, SPAN("a\0b")));
	assert_true(vars_get(&vars, SLOT_OWN, &value));
	assert_true(span_eq(value, SPAN("a\0b")));
	assert_false(vars_get(&vars, SLOT_OWN + 1, &value));
	/* Shorter, empty, and of itself. */
	assert_true(vars_set(&vars, SLOT_OWN, span_from(value, 1)));
	assert_true(vars_get(&vars, SLOT_OWN, &value));
	assert_true(vars_set(&vars, SLOT_OWN + 1, SPAN("")));
	assert_true(vars_get(&vars, SLOT_OWN + 1, &value));
	assert_int_equal(value.len, 0);
	assert_true(vars_set(&vars, SLOT_OWN, (struct span){ big,
	    LIMIT_EXPANDED }));
	assert_false(vars_set(&vars, SLOT_OWN, (struct span){ big,
	    LIMIT_EXPANDED + 1 }));
	/* A script names more of them while it runs. */
	assert_true(vars_set(&vars, SLOT_OWN + 2, SPAN("x")));
	assert_false(vars_set(&vars, LIMIT_SLOTS, SPAN("x")));
	assert_false(vars_get(&vars, 1000, &value));
	vars_unset(&vars, SLOT_OWN + 1);
	assert_true(vars_get(&vars, SLOT_OWN, &value));
	assert_false(vars_get(&vars, SLOT_OWN + 1, &value));
	vars_free(&vars);
	vars_free(&vars);
}

static void
fresh(struct vars *vars, enum fresh what, char text[64])
{
	struct buf out = buf_new(64);

	assert_true(vars_fresh(vars, what, &out));
	(void)snprintf(text, 64, "%.*s", SPAN_ARG(buf_span(&out)));
	buf_free(&out);
}

/* The same seed and id: the same numbers. Anything else: others. */
static void
test_random(void **state)
{
	static const struct { uint64_t seed; const char *id; } rows[] = {
		{ 1, "a" }, { 1, "a" }, { 2, "a" }, { 1, "b" } };
	char first[4][64], second[64];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct vars vars;

		vars_init(&vars, SLOT_OWN, rows[i].seed, span_of(rows[i].id));
		fresh(&vars, FRESH_RANDOM, first[i]);
		fresh(&vars, FRESH_RANDOM, second);
		assert_string_not_equal(first[i], second);
		vars_free(&vars);
	}
	assert_string_equal(first[0], first[1]);
	assert_string_not_equal(first[0], first[2]);
	assert_string_not_equal(first[0], first[3]);
}

static void
test_fresh(void **state)
{
	struct vars vars;
	char one[64], other[64];

	(void)state;
	vars_init(&vars, SLOT_OWN, 1, SPAN("id"));
	fresh(&vars, FRESH_UUID, one);
	fresh(&vars, FRESH_UUID, other);
	assert_string_not_equal(one, other);
	assert_int_equal(strlen(one), 36);
	assert_int_equal(one[14], '4');
	assert_non_null(strchr("89ab", one[19]));
	assert_int_equal(strspn(one, "0123456789abcdef-"), 36);
	/* Sun, 22 Nov 2026 00:11:17 +0000 */
	(void)setenv("LC_ALL", "de_DE.UTF-8", 1);
	fresh(&vars, FRESH_DATE, one);
	assert_true(strlen(one) >= 30 && one[3] == ',' && one[4] == ' ');
	assert_non_null(strstr("SunMonTueWedThuFriSat", "Sun"));
	assert_non_null(strchr("+-", one[strlen(one) - 5]));
	fresh(&vars, FRESH_TIMESTAMP, one);
	assert_int_equal(strspn(one, "0123456789"), strlen(one));
	vars_free(&vars);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots), cmocka_unit_test(test_random),
		cmocka_unit_test(test_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
