/*
 * A heap sort. glibc's qsort() asks the system how much memory there is when
 * it sorts more than a kilobyte, and the sandbox of Lua files forbids that
 * call; besides it allocates. This one does neither, and no order of the items
 * makes it slow.
 */
#include "base/sort.h"

struct heap {
	char  *items;
	size_t size;
	int  (*order)(const void *, const void *);
};

static void
swap(const struct heap *heap, size_t a, size_t b)
{
	char *one = heap->items + a * heap->size;
	char *other = heap->items + b * heap->size;

	for (size_t i = 0; i < heap->size; i++) {
		char kept = one[i];

		one[i] = other[i];
		other[i] = kept;
	}
}

static int
compare(const struct heap *heap, size_t a, size_t b)
{
	return heap->order(heap->items + a * heap->size,
	    heap->items + b * heap->size);
}

/* The item at `at` goes down to where no child is larger. */
static void
sink(const struct heap *heap, size_t at, size_t count)
{
	size_t child;

	while ((child = 2 * at + 1) < count) {
		if (child + 1 < count && compare(heap, child, child + 1) < 0)
			child++;
		if (compare(heap, at, child) >= 0)
			return;
		swap(heap, at, child);
		at = child;
	}
}

void
sort_heap(void *items, size_t count, size_t size,
    int (*order)(const void *, const void *))
{
	const struct heap heap = { items, size, order };

	for (size_t at = count / 2; at > 0; at--)
		sink(&heap, at - 1, count);
	for (size_t left = count; left > 1; left--) {
		swap(&heap, 0, left - 1);
		sink(&heap, 0, left - 1);
	}
}
