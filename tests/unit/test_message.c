/* Frames and values between us and a worker: round trips, and what must not
 * parse. */
#include "script/message.h"

#include "base/limits.h"
#include "model/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* SPAN() for a table: a constant. */
#define OCTETS(text) { (text), sizeof(text) - 1 }
#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct file script = { "x.lua", { "one\ntwo\n", 8 } };
static const struct file module = { "lib/m.lua", { "", 0 } };
static const struct file *const files[] = { &script, &module };
static const struct places places = { files, 2 };

/* ---- numbers ------------------------------------------------------------ */

static const struct number_case {
	struct span octets;
	uint64_t    number;
} number_good[] = {
	{ { "\0", 1 }, 0 },
	{ { "\x01", 1 }, 1 },
	{ { "\x7f", 1 }, 127 },
	{ { "\x80\x01", 2 }, 128 },
	{ { "\xff\x7f", 2 }, 16383 },
	{ { "\xff\xff\xff\xff\x0f", 5 }, UINT32_MAX },
	{ { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10 }, UINT64_MAX },
};

static const struct span number_bad[] = {
	{ "", 0 },
	{ "\x80", 1 },                          /* cut */
	{ "\xff\xff\xff", 3 },
	{ "\x80\x00", 2 },                      /* a second form of 0 */
	{ "\x81\x80\x00", 3 },
	{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10 },     /* 2^64 */
	{ "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11 },
};

static void
numbers(void **state)
{
	struct buf out = buf_new(64);

	(void)state;
	for (size_t i = 0; i < COUNT(number_good); i++) {
		struct span in = number_good[i].octets;
		uint64_t    number = 42;

		buf_clear(&out);
		put_number(&out, number_good[i].number);
		assert_true(span_eq(buf_span(&out), in));
		assert_true(take_number(&in, UINT64_MAX, &number));
		assert_true(number == number_good[i].number);
		assert_int_equal(in.len, 0);
		in = number_good[i].octets;
		assert_true(number == 0 ||
		    !take_number(&in, number - 1, &number));
		assert_true(number == 0 || in.len > 0);
	}
	for (size_t i = 0; i < COUNT(number_bad); i++) {
		struct span in = number_bad[i];
		uint64_t    number;

		assert_false(take_number(&in, UINT64_MAX, &number));
		assert_int_equal(in.len, number_bad[i].len);
	}
	buf_free(&out);
}

static void
bytes_taken(void **state)
{
	struct span in = SPAN("\x03" "a\0b" "\x00" "\x02" "x");
	struct span bytes;

	(void)state;
	assert_true(take_bytes(&in, &bytes));
	assert_true(span_eq(bytes, SPAN("a\0b")));
	assert_true(take_bytes(&in, &bytes));
	assert_int_equal(bytes.len, 0);
	assert_false(take_bytes(&in, &bytes));
	assert_int_equal(in.len, 2);
	in = SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	assert_false(take_bytes(&in, &bytes));
}

/* ---- frames ------------------------------------------------------------- */

static void
frames(void **state)
{
	struct buf   out = buf_new(1024);
	struct frame frame;
	struct span  in;
	size_t       mark, used;

	(void)state;
	mark = frame_begin(&out, FRAME_NOTE, 300);
	put_bytes(&out, SPAN("hello"));
	frame_end(&out, mark);
	mark = frame_begin(&out, FRAME_STOPPED, 0);
	frame_end(&out, mark);
	assert_false(out.full);
	in = buf_span(&out);
	assert_true(span_starts(in, SPAN("\x09\0\0\0\x45\xac\x02\x05hello")));
	for (size_t len = 0; len < 13; len++)
		assert_int_equal(frame_cut(span_sub(in, 0, len), &frame), 0);
	used = frame_cut(in, &frame);
	assert_int_equal(used, 13);
	assert_int_equal(frame.kind, FRAME_NOTE);
	assert_int_equal(frame.run, 300);
	assert_true(span_eq(frame.body, SPAN("\x05hello")));
	in = span_from(in, used);
	assert_int_equal(frame_cut(in, &frame), in.len);
	assert_int_equal(frame.kind, FRAME_STOPPED);
	assert_int_equal(frame.run, 0);
	assert_int_equal(frame.body.len, 0);
	buf_free(&out);
}

static const struct span frame_bad[] = {
	{ "\0\0\0\0", 4 },
	{ "\x01\0\0\0\x01", 5 },
	{ "\x01\0\0\x01", 4 },                  /* MESSAGE_MAX + 1 */
	{ "\xff\xff\xff\xff", 4 },
	{ "\x02\0\0\0\0\x01", 6 },              /* kinds */
	{ "\x02\0\0\0\x07\x01", 6 },
	{ "\x02\0\0\0\x3f\x01", 6 },
	{ "\x02\0\0\0\x4e\x01", 6 },
	{ "\x02\0\0\0\xff\x01", 6 },
	{ "\x02\0\0\0\x40\x80", 6 },            /* runs */
	{ "\x03\0\0\0\x40\x80\0", 7 },
	{ "\x06\0\0\0\x40\xff\xff\xff\xff\x10", 10 },
};

static void
frames_bad(void **state)
{
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < COUNT(frame_bad); i++)
		assert_true(frame_cut(frame_bad[i], &frame) == SIZE_MAX);
}

/* What does not fit leaves nothing behind. */
static void
frames_full(void **state)
{
	struct buf out = buf_new(24);
	struct buf big = buf_new(2 * (size_t)MESSAGE_MAX);
	size_t     mark;

	(void)state;
	mark = frame_begin(&out, FRAME_PRINT, 1);
	put_bytes(&out, SPAN("123456789"));
	frame_end(&out, mark);
	assert_false(out.full);
	assert_int_equal(out.len, 16);
	mark = frame_begin(&out, FRAME_PRINT, 1);
	put_bytes(&out, SPAN("123456789"));
	frame_end(&out, mark);
	assert_true(out.full);
	assert_int_equal(out.len, 16);
	buf_free(&out);

	mark = frame_begin(&big, FRAME_PRINT, 1);
	(void)buf_add_fill(&big, 'x', MESSAGE_MAX - 2);
	frame_end(&big, mark);
	assert_false(big.full);
	mark = frame_begin(&big, FRAME_PRINT, 1);
	(void)buf_add_fill(&big, 'x', MESSAGE_MAX - 1);
	frame_end(&big, mark);
	assert_true(big.full);
	assert_int_equal(big.len, MESSAGE_MAX + 4);
	buf_free(&big);
}

/* ---- outcomes and complaints -------------------------------------------- */

static const struct told told_good[] = {
	{ .seq = 1, .lost = true },
	{ .seq = 7, .inner = 3, .result = RESULT_FAIL, .fatal = true,
	    .has_reply = true, .code = 550, .enhanced = 0x050101, .flaws = 6,
	    .ms = 12, .raw = { "550 no\r\n", 8 } },
	{ .seq = UINT32_MAX, .result = RESULT_ERROR, .last = true, .code = -1,
	    .flaws = UINT32_MAX, .ms = UINT32_MAX },
	{ .code = INT32_MIN },
	{ .code = INT32_MAX },
};

static void
outcomes(void **state)
{
	struct buf out = buf_new(256);

	(void)state;
	for (size_t i = 0; i < COUNT(told_good); i++) {
		const struct told *want = &told_good[i];
		struct told        told;
		struct span        in;

		buf_clear(&out);
		put_told(&out, want);
		in = buf_span(&out);
		assert_true(take_told(&in, &told));
		assert_int_equal(in.len, 0);
		assert_int_equal(told.seq, want->seq);
		assert_int_equal(told.inner, want->inner);
		assert_int_equal(told.result, want->result);
		assert_int_equal(told.fatal, want->fatal);
		assert_int_equal(told.last, want->last);
		assert_int_equal(told.has_reply, want->has_reply);
		assert_int_equal(told.lost, want->lost);
		assert_int_equal(told.code, want->code);
		assert_int_equal(told.enhanced, want->enhanced);
		assert_int_equal(told.flaws, want->flaws);
		assert_int_equal(told.ms, want->ms);
		assert_true(span_eq(told.raw, want->raw));
		for (size_t len = 0; len < out.len; len++) {
			in = span_sub(buf_span(&out), 0, len);
			assert_false(take_told(&in, &told));
		}
	}
	buf_free(&out);
}

static const struct span told_bad[] = {
	OCTETS("\1\0\7\0\0\0\0\0\0\0"),           /* a result */
	OCTETS("\1\0\0\x10\0\0\0\0\0\0"),         /* flags */
	OCTETS("\1\0\0\0\0\0\0\0\0\1"),           /* a set that is not there */
	OCTETS("\1\0\0\0\0\0\0\0\0\2\1a"),
};

static void
outcomes_bad(void **state)
{
	struct span in = SPAN("\1\0\0\0\0\0\0\0\0\1\1a\1b");
	struct told told;

	(void)state;
	assert_true(take_told(&in, &told));
	assert_int_equal(told.set_count, 1);
	assert_int_equal(in.len, 4);
	for (size_t i = 0; i < COUNT(told_bad); i++) {
		in = told_bad[i];
		assert_false(take_told(&in, &told));
	}
}

static void
complaints(void **state)
{
	const struct complaint want = { COMPLAINT_LIMIT, 2, 12,
		{ "too much", 8 }, { "x.lua:12: in function 'f'", 25 } };
	struct complaint got;
	struct buf  out = buf_new(256);
	struct span in;

	(void)state;
	put_complaint(&out, &want);
	in = buf_span(&out);
	assert_true(take_complaint(&in, &got));
	assert_int_equal(in.len, 0);
	assert_int_equal(got.kind, want.kind);
	assert_int_equal(got.file, want.file);
	assert_int_equal(got.line, want.line);
	assert_true(span_eq(got.text, want.text));
	assert_true(span_eq(got.traceback, want.traceback));
	for (size_t len = 0; len < out.len; len++) {
		in = span_sub(buf_span(&out), 0, len);
		assert_false(take_complaint(&in, &got));
	}
	in = SPAN("\6\0\0\0\0");
	assert_false(take_complaint(&in, &got));
	buf_free(&out);
}

/* ---- values ------------------------------------------------------------- */

/* A tree in one line: text in quotes, + for literal, ! for secret, @line. */
static void
show(const struct node *node, struct buf *out)
{
	assert_int_equal(node->style, STYLE_SCRIPT);
	assert_false(node->absent);
	if (node->loc.line > 0)
		(void)buf_addf(out, "@%s:%u:%u ", node->loc.file->name,
		    node->loc.line, node->loc.column);
	if (node->kind == NODE_SCALAR || node->kind == NODE_FUNCTION) {
		(void)buf_addf(out, "%s'%.*s'%s%s",
		    node->kind == NODE_FUNCTION ? "f" : "",
		    SPAN_ARG(node->text), node->literal ? "+" : "",
		    node->secret ? "!" : "");
		return;
	}
	(void)buf_addf(out, "%s%u", node->kind == NODE_MAP ? "{" : "[",
	    node->count);
	for (const struct node *at = node->first; at != NULL; at = at->next) {
		(void)buf_add_text(out, " ");
		if (node->kind == NODE_MAP) {
			assert_int_equal(at->key_loc.line, at->loc.line);
			(void)buf_addf(out, "%.*s=", SPAN_ARG(at->key));
		}
		show(at, out);
	}
	(void)buf_add_text(out, node->kind == NODE_MAP ? "}" : "]");
}

static const struct value_case {
	struct span octets;
	bool        literal;
	const char *tree;
} value_good[] = {
	{ OCTETS("\1\0"), true, "''+" },
	{ OCTETS("\1\0"), false, "''" },
	{ OCTETS("\1\4${x}"), false, "'${x}'" },
	{ OCTETS("\1\4${x}"), true, "'${x}'+" },
	{ OCTETS("\2\3" "250"), false, "'250'+" },
	{ OCTETS("\2\6-1e+99"), false, "'-1e+99'+" },
	{ OCTETS("\2\4-nan"), true, "'-nan'+" },
	{ OCTETS("\3\0"), false, "'false'+" },
	{ OCTETS("\3\1"), false, "'true'+" },
	{ OCTETS("\4\0"), false, "[0]" },
	{ OCTETS("\4\2\1\1a\4\1\3\1"), false, "[2 'a' [1 'true'+]]" },
	{ OCTETS("\5\0"), false, "{0}" },
	{ OCTETS("\5\3\1a\1\1x\2aa\4\0\1b\5\0"), true,
	    "{3 a='x'+ aa=[0] b={0}}" },
	{ OCTETS("\5\2\1a\1\0\1\xff\1\0"), true, "{2 a=''+ \xff=''+}" },
	{ OCTETS("\6\0"), false, "f'0'" },
	{ OCTETS("\6\xff\xff\xff\xff\x0f"), false, "f'4294967295'" },
	{ OCTETS("\7\0"), false, "''+!" },
	{ OCTETS("\7\1\1\2hi"), false, "'1:(hi)'+!" },
	{ OCTETS("\7\3\1\1a\2\2pw\3\1\2\2pw"), true,
	    "'3:(a)$pw(b1$pw)'+!" },
	{ OCTETS("\7\1\4\3md5\1\2\1k\0"), true, "'1:(h1$k0)'+!" },
	{ OCTETS("\x08\1\2\1\1a"), false, "@x.lua:2:0 'a'" },
	{ OCTETS("\x08\2\7\4\2\1\1a\x08\1\2\1\1b"), false,
	    "@lib/m.lua:7:0 [2 @lib/m.lua:7:0 'a' @x.lua:2:0 'b']" },
	{ OCTETS("\4\3\x08\1\2\3\1\3\0\x08\1\3\3\1"), false,
	    "[3 @x.lua:2:0 'true'+ 'false'+ @x.lua:3:0 'true'+]" },
	{ OCTETS("\x08\1\2\x08\0\0\3\1"), false, "@x.lua:2:0 'true'+" },
	{ OCTETS("\x08\1\2\5\1\1a\x08\1\4\1\0"), false,
	    "@x.lua:2:0 {1 a=@x.lua:4:0 ''}" },
};

static const struct span value_bad[] = {
	{ "", 0 },
	OCTETS("\0"), OCTETS("\x0a\0"), OCTETS("\xff"),
	OCTETS("\1"), OCTETS("\1\1"), OCTETS("\1\x80\0"),
	OCTETS("\2\0"), OCTETS("\2\1 "), OCTETS("\2\1$"), OCTETS("\2\3" "1,0"),
	OCTETS("\2\3" "1\n0"), OCTETS("\2\x41" "11111111111111111111111111111111"
	    "111111111111111111111111111111111"),
	OCTETS("\3"), OCTETS("\3\2"), OCTETS("\3\xff"),
	OCTETS("\4"), OCTETS("\4\1"), OCTETS("\4\2\3\1"),
	OCTETS("\4\xff\xff\xff\xff\x0f"),
	OCTETS("\5"), OCTETS("\5\1"), OCTETS("\5\1\1a"), OCTETS("\5\1\1a\3"),
	OCTETS("\5\2\1a\3\1\1a\3\1"),             /* a key twice */
	OCTETS("\5\2\0\3\1\0\3\1"),
	OCTETS("\5\2\1b\3\1\1a\3\1"),             /* not in order */
	OCTETS("\5\2\2ab\3\1\1a\3\1"),
	OCTETS("\5\2\1\xff\3\1\1a\3\1"),
	OCTETS("\5\xe9\x07"),                     /* 1001 keys */
	OCTETS("\6"), OCTETS("\6\xff\xff\xff\xff\x10"),
	OCTETS("\7"), OCTETS("\7\1"), OCTETS("\7\1\0"), OCTETS("\7\1\5\0"),
	OCTETS("\7\1\1"), OCTETS("\7\1\2\3pw"), OCTETS("\7\1\3"), OCTETS("\7\1\3\1"),
	OCTETS("\7\1\4\3md5\0"), OCTETS("\7\1\4\3md5\0\1"),
	OCTETS("\7\1\2\2no"),                     /* no such secret */
	OCTETS("\x08"), OCTETS("\x08\1"), OCTETS("\x08\1\1"), OCTETS("\x08\3\1\3\1"),
	OCTETS("\x08\1\xff\xff\xff\xff\x10\3\1"),
};

/* Makes "count:" and the parts in signs; knows no secret "no". */
static bool
sign(struct span *parts, uint64_t count, struct buf *out)
{
	struct span word;
	uint64_t    number;

	for (; count > 0; count--) {
		char type = *parts->ptr;

		*parts = span_from(*parts, 1);
		if (type == PARTS_BYTES || type == PARTS_SECRET) {
			assert_true(take_bytes(parts, &word));
			if (span_is(word, "no"))
				return false;
			(void)buf_addf(out, type == PARTS_SECRET ? "$%.*s" :
			    "(%.*s)", SPAN_ARG(word));
			continue;
		}
		(void)buf_add_text(out, type == PARTS_HMAC ? "(h" : "(b");
		if (type == PARTS_HMAC)
			assert_true(take_bytes(parts, &word));
		for (int i = type == PARTS_HMAC ? 0 : 1; i < 2; i++) {
			assert_true(take_number(parts, 99, &number));
			(void)buf_addf(out, "%u", (unsigned)number);
			if (!sign(parts, number, out))
				return false;
		}
		(void)buf_add_text(out, ")");
	}
	return true;
}

static bool
make(struct parts_maker *maker, struct span parts, uint32_t count,
    struct arena *arena, struct span *text)
{
	struct buf out = buf_new(1024);
	bool       fine;

	(void)maker;
	if (count > 0)
		(void)buf_addf(&out, "%u:", count);
	fine = sign(&parts, count, &out);
	assert_true(!fine || parts.len == 0);
	*text = arena_copy(arena, buf_span(&out));
	buf_free(&out);
	return fine;
}

static struct parts_maker maker = { make };

static void
values(void **state)
{
	struct arena arena = { 0 };
	struct buf   out = buf_new(1024);

	(void)state;
	for (size_t i = 0; i < COUNT(value_good); i++) {
		const struct value_case *row = &value_good[i];
		/* Of its own, so that a sanitizer sees each step too far. */
		struct buf  copy = buf_new(256);
		struct span in;
		const struct node *node;

		(void)buf_add(&copy, row->octets);
		(void)buf_add_text(&copy, "more");
		in = buf_span(&copy);
		node = value_node(&in, &places, row->literal, &maker, &arena);
		if (node == NULL)
			fail_msg("%zu: does not parse", i);
		assert_true(span_is(in, "more"));
		memset(copy.ptr, '?', copy.len);        /* frames are reused */
		buf_clear(&out);
		show(node, &out);
		if (!span_is(buf_span(&out), row->tree))
			fail_msg("%zu: %.*s", i, SPAN_ARG(out));
		buf_free(&copy);
	}
	buf_free(&out);
	arena_free(&arena);
}

/* NUL is data, in keys as well. */
static void
values_nul(void **state)
{
	struct arena arena = { 0 };
	struct span  in = SPAN("\5\3\0\1\1x\1\0\1\3a\0b\2\0\0\1\0");
	const struct node *node;

	(void)state;
	node = value_node(&in, &places, false, NULL, &arena);
	assert_non_null(node);
	assert_int_equal(node->count, 3);
	assert_int_equal(node->first->key.len, 0);
	assert_true(span_eq(node->first->next->key, SPAN("\0")));
	assert_true(span_eq(node->first->next->text, SPAN("a\0b")));
	arena_free(&arena);
}

static void
values_bad(void **state)
{
	struct arena arena = { 0 };
	struct span  in;

	(void)state;
	for (size_t i = 0; i < COUNT(value_bad); i++) {
		in = value_bad[i];
		if (value_node(&in, &places, false, &maker, &arena) != NULL)
			fail_msg("bad value %zu is taken", i);
		assert_int_equal(in.len, value_bad[i].len);
	}
	for (size_t i = 0; i < COUNT(value_good); i++)
		for (size_t len = 0; len < value_good[i].octets.len; len++) {
			in = span_sub(value_good[i].octets, 0, len);
			assert_null(value_node(&in, &places, false, &maker,
			    &arena));
		}
	in = SPAN("\7\0");
	assert_null(value_node(&in, &places, false, NULL, &arena));
	arena_free(&arena);
}

/* Without files: no place but that of nothing. */
static void
values_nowhere(void **state)
{
	const struct places none = { NULL, 0 };
	struct arena arena = { 0 };
	struct span  in = SPAN("\x08\0\0\3\1");
	const struct node *node;

	(void)state;
	node = value_node(&in, &none, true, NULL, &arena);
	assert_non_null(node);
	assert_null(node->loc.file);
	assert_int_equal(node->loc.line, 0);
	in = SPAN("\x08\1\1\3\1");
	assert_null(value_node(&in, &none, true, NULL, &arena));
	arena_free(&arena);
}

/* `count` times `step`, then `end`. */
static bool
nested(const char *step, size_t count, struct span end)
{
	struct arena arena = { 0 };
	struct buf   out = buf_new(1 * MIB);
	struct span  in;
	bool         fine;

	for (size_t i = 0; i < count; i++)
		(void)buf_add_text(&out, step);
	(void)buf_add(&out, end);
	in = buf_span(&out);
	fine = value_node(&in, &places, false, &maker, &arena) != NULL;
	assert_false(fine && in.len > 0);
	buf_free(&out);
	arena_free(&arena);
	return fine;
}

static void
values_deep(void **state)
{
	(void)state;
	assert_true(nested("\4\1", MESSAGE_DEPTH, SPAN("\3\1")));
	assert_false(nested("\4\1", MESSAGE_DEPTH + 1, SPAN("\3\1")));
	assert_true(nested("\5\1\1a", MESSAGE_DEPTH, SPAN("\3\1")));
	assert_false(nested("\5\1\1a", MESSAGE_DEPTH + 1, SPAN("\3\1")));
	assert_true(nested("\x08\1\1", MESSAGE_DEPTH, SPAN("\3\1")));
	assert_false(nested("\x08\1\1", MESSAGE_DEPTH + 1, SPAN("\3\1")));
	assert_false(nested("\x08\1\1", 100000, SPAN("\3\1")));
	/* Parts: the value itself is one level. */
	assert_false(nested("\7\1", 1, SPAN("\3\1")));
	assert_true(nested("\4\1", MESSAGE_DEPTH - 2, SPAN("\7\1\3\0")));
	assert_false(nested("\4\1", MESSAGE_DEPTH - 1, SPAN("\7\1\3\0")));
}

static bool
many(size_t count, const char *each)
{
	struct arena arena = { 0 };
	struct buf   out = buf_new(4 * (size_t)MIB);
	struct span  in;
	bool         fine;

	(void)buf_add_octet(&out, VALUE_LIST);
	put_number(&out, count);
	for (size_t i = 0; i < count; i++)
		(void)buf_add_text(&out, each);
	in = buf_span(&out);
	fine = value_node(&in, &places, false, &maker, &arena) != NULL;
	buf_free(&out);
	arena_free(&arena);
	return fine;
}

static void
values_many(void **state)
{
	(void)state;
	assert_true(many(MESSAGE_NODES - 1, "\3\1"));
	assert_false(many(MESSAGE_NODES, "\3\1"));
	assert_false(many(MESSAGE_NODES / 2, "\7\1\1\1x"));
}

static void
keys_many(void **state)
{
	struct arena arena = { 0 };
	struct buf   out = buf_new(1 * MIB);

	(void)state;
	for (size_t count = LIMIT_YAML_KEYS; count <= LIMIT_YAML_KEYS + 1;
	    count++) {
		struct span in;

		buf_clear(&out);
		(void)buf_add_octet(&out, VALUE_MAP);
		put_number(&out, count);
		for (size_t i = 0; i < count; i++)
			(void)buf_addf(&out, "\4%04zu\3\1", i);
		in = buf_span(&out);
		assert_int_equal(value_node(&in, &places, false, NULL,
		    &arena) != NULL, count == LIMIT_YAML_KEYS);
	}
	buf_free(&out);
	arena_free(&arena);
}

/* An empty table of a script is a list to the pipe, and whatever its reader
 * asks for. */
static void
empty_tables(void **state)
{
	struct node node = { .kind = NODE_LIST, .style = STYLE_SCRIPT };

	(void)state;
	assert_true(node_is_map(&node));
	node.style = STYLE_PLAIN;
	assert_false(node_is_map(&node));
	node.style = STYLE_SCRIPT;
	node.count = 1;
	assert_false(node_is_map(&node));
	node.kind = NODE_MAP;
	assert_true(node_is_map(&node));
	node.style = STYLE_PLAIN;
	assert_true(node_is_map(&node));
	node.kind = NODE_SCALAR;
	assert_false(node_is_map(&node));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(bytes_taken),
		cmocka_unit_test(frames),
		cmocka_unit_test(frames_bad),
		cmocka_unit_test(frames_full),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(outcomes_bad),
		cmocka_unit_test(complaints),
		cmocka_unit_test(values),
		cmocka_unit_test(values_nul),
		cmocka_unit_test(values_bad),
		cmocka_unit_test(values_nowhere),
		cmocka_unit_test(values_deep),
		cmocka_unit_test(values_many),
		cmocka_unit_test(keys_many),
		cmocka_unit_test(empty_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
