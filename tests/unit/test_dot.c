/* serve/dot: what a message keeps and where it ends, for every way to cut it. */
#include "base/buf.h"
#include "serve/dot.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#define S(literal) { (literal), sizeof(literal) - 1 }

static const struct row {
	struct span in, kept;
	size_t      rest;       /* octets behind the end; SIZE_MAX: no end */
} rows[] = {
	/* Ends. */
	{ S(".\r\n"), S(""), 0 },
	{ S("a\r\n.\r\n"), S("a\r\n"), 0 },
	{ S("\r\n.\r\nQUIT\r\n"), S("\r\n"), 6 },
	{ S("a\r\n.\r\n.\r\n"), S("a\r\n"), 3 },
	/* Dots. */
	{ S("..\r\n.\r\n"), S(".\r\n"), 0 },
	{ S("...\r\n.\r\n"), S("..\r\n"), 0 },
	{ S(".a\r\n.\r\n"), S("a\r\n"), 0 },
	{ S("a.\r\n.\r\n"), S("a.\r\n"), 0 },
	{ S("a\r\n..b\r\n..\r\n.\r\n"), S("a\r\n.b\r\n.\r\n"), 0 },
	{ S("a\r\n.\r"), S("a\r\n"), SIZE_MAX },
	{ S("a\r\n."), S("a\r\n"), SIZE_MAX },
	/* What must not end a message. */
	{ S("a\n.\nb\r\n.\r\n"), S("a\n.\nb\r\n"), 0 },
	{ S("a\n.\r\nb\r\n.\r\n"), S("a\n.\r\nb\r\n"), 0 },
	{ S("a\r\n.\nb\r\n.\r\n"), S("a\r\n\nb\r\n"), 0 },
	{ S("a\r.\rb\r\n.\r\n"), S("a\r.\rb\r\n"), 0 },
	{ S("a\r.\r\nb\r\n.\r\n"), S("a\r.\r\nb\r\n"), 0 },
	{ S("a\r\n.\rb\r\n.\r\n"), S("a\r\n\rb\r\n"), 0 },
	{ S("a\r\n.\r\r\nb\r\n.\r\n"), S("a\r\n\r\r\nb\r\n"), 0 },
	{ S("a\r\n.\r.\r\n.\r\n"), S("a\r\n\r.\r\n"), 0 },
	{ S("a\r\n\0.\r\nb\r\n.\r\n"), S("a\r\n\0.\r\nb\r\n"), 0 },
	{ S("a\r\r\n.\r\n"), S("a\r\r\n"), 0 },
	{ S("a\n\r\n.\r\n"), S("a\n\r\n"), 0 },
	{ S("a\r\n.\r\0\n.\r\n\r\n.\r\n"), S("a\r\n\r\0\n.\r\n\r\n"), 0 },
	{ S("a\n\n.\r\n"), S("a\n\n.\r\n"), SIZE_MAX },
};

/* Feeds pieces of `size` octets; how many octets were the message's. */
static size_t
feed(struct span in, size_t size, enum dot_state *state, struct buf *kept)
{
	size_t at = 0;

	while (at < in.len && *state != DOT_END) {
		struct span piece = span_sub(in, at, size);
		struct span text;
		size_t      used = dot_take(state, piece, &text);

		assert_true(used > 0 || text.len > 0);
		buf_add(kept, text);
		at += used;
	}
	return at;
}

static void
check(const struct row *row, size_t size)
{
	enum dot_state state = DOT_START;
	struct buf     kept = buf_new(1000);
	size_t         used = feed(row->in, size, &state, &kept);

	assert_int_equal(state == DOT_END, row->rest != SIZE_MAX);
	assert_int_equal(used, row->in.len -
	    (row->rest == SIZE_MAX ? 0 : row->rest));
	assert_int_equal(kept.len, row->kept.len);
	if (kept.len > 0)
		assert_memory_equal(kept.ptr, row->kept.ptr, kept.len);
	buf_free(&kept);
}

static void
keeps_text_in_pieces_of_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t size = 1; size <= rows[i].in.len; size++)
			check(&rows[i], size);
}

/* What a client stuffs comes out as it was, whatever its octets. */
static void
undoes_stuffing(void **unused)
{
	static const char octets[] = "\r\n.a";
	char        text[8], wire[32];
	enum { LEN = 6, COUNT = 4096 };

	(void)unused;
	for (unsigned n = 0; n < COUNT; n++) {
		enum dot_state state = DOT_START;
		struct buf     kept = buf_new(100);
		size_t         len = 0;

		for (unsigned i = 0; i < LEN; i++)
			text[i] = octets[n >> (2 * i) & 3];
		memcpy(text + LEN, "\r\n", 2);
		for (size_t i = 0; i < 8; i++) {
			bool start = i == 0 || (i >= 2 &&
			    memcmp(text + i - 2, "\r\n", 2) == 0);

			if (start && text[i] == '.')
				wire[len++] = '.';
			wire[len++] = text[i];
		}
		memcpy(wire + len, ".\r\n", 3);
		assert_int_equal(feed((struct span){ wire, len + 3 }, 1 + n % 5,
		    &state, &kept), len + 3);
		assert_int_equal(state, DOT_END);
		assert_int_equal(kept.len, 8);
		assert_memory_equal(kept.ptr, text, 8);
		buf_free(&kept);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_text_in_pieces_of_any_size),
		cmocka_unit_test(undoes_stuffing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
