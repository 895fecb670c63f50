/* A sort that makes no system call gives what qsort() gives. */
#include "base/sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 500 };
struct item { uint32_t key; char tail[20]; };

static int
item_order(const void *a, const void *b)
{
	const struct item *one = a, *other = b;

	return one->key < other->key ? -1 : one->key > other->key;
}

static void
same_as_qsort(size_t count, uint32_t kinds, uint32_t seed)
{
	static struct item ours[MAX], theirs[MAX];

	for (size_t i = 0; i < count; i++) {
		seed = seed * 1664525U + 1013904223U;
		ours[i] = (struct item){ .key = (seed >> 8) % kinds };
		ours[i].tail[0] = (char)ours[i].key;
	}
	memcpy(theirs, ours, sizeof ours);
	sort_heap(ours, count, sizeof *ours, item_order);
	qsort(theirs, count, sizeof *theirs, item_order);
	assert_memory_equal(ours, theirs, count * sizeof *ours);
}

static void
sorts(void **state)
{
	(void)state;
	for (size_t count = 0; count < 40; count++)
		for (uint32_t kinds = 1; kinds < 50; kinds += 7)
			same_as_qsort(count, kinds, (uint32_t)count + kinds);
	same_as_qsort(MAX, 1, 1);
	same_as_qsort(MAX, 3, 2);
	same_as_qsort(MAX, UINT32_MAX, 3);
}

static void
keeps_sorted(void **state)
{
	uint32_t numbers[100];

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		for (uint32_t i = 0; i < 100; i++)
			numbers[i] = turn == 0 ? i : 99 - i;
		sort_heap(numbers, 100, sizeof *numbers, item_order);
		for (uint32_t i = 0; i < 100; i++)
			assert_int_equal(numbers[i], i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts),
		cmocka_unit_test(keeps_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
