/* Escapes of every sink against hostile replies, and their exact forms. */
#include "check.h"

#include "base/text.h"
#include "hostile.h"

static struct span
render(void (*sink)(struct span, struct buf *), struct span in, struct buf *out)
{
	buf_clear(out);
	sink(in, out);
	assert_false(out->full);
	return buf_span(out);
}

static bool
contains(struct span in, const char *what)
{
	return span_find(in, span_of(what)) != SIZE_MAX;
}

/* Valid UTF-8, no hidden character but those of `allowed`, no CI command. */
static void
check_clean(const char *id, struct span out, const char *allowed)
{
	for (size_t at = 0; at < out.len;) {
		uint32_t point = 0;
		size_t   len = span_utf8(span_from(out, at), &point);

		if (len == 0 || (text_hidden(point) && (point >= 0x80 ||
		    strchr(allowed, (int)point) == NULL || point == 0)))
			fail_msg("%s: octet %zu of %.*s", id, at,
			    SPAN_ARG(out));
		at += len;
	}
	if (contains(out, "##[") || contains(out, "##vso[") ||
	    contains(out, "##teamcity[") || contains(out, "::error") ||
	    contains(out, "::add-mask"))
		fail_msg("%s: a command in %.*s", id, SPAN_ARG(out));
}

static void
json_shown(struct span in, struct buf *out)
{
	text_json(in, JSON_SHOWN, out);
}

static void
json_lossless(struct span in, struct buf *out)
{
	text_json(in, JSON_LOSSLESS, out);
}

static void
test_hostile(void **unused)
{
	static const struct {
		void (*sink)(struct span, struct buf *);
		const char *allowed;
	} sinks[] = {
		{ text_plain, "" }, { text_tap, "" }, { text_yaml, "" },
		{ text_xml, "\n\t" }, { json_shown, "" }, { json_lossless, "" },
		{ text_github, "" }, { text_github_property, "" },
	};
	struct buf out = buf_new(1 << 20);

	(void)unused;
	for (size_t i = 0; i < HOSTILE_COUNT; i++)
		for (size_t s = 0; s < sizeof sinks / sizeof *sinks; s++)
			check_clean(hostile_rows[i].id, render(sinks[s].sink,
			    hostile_rows[i].reply, &out), sinks[s].allowed);
	buf_free(&out);
}

static void
test_plain(void **unused)
{
	struct buf out = buf_new(1 << 20);

	(void)unused;
	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		struct span got = render(text_plain, hostile_rows[i].reply,
		    &out);

		if (!span_is(got, hostile_rows[i].plain))
			fail_msg("%s: %.*s", hostile_rows[i].id,
			    SPAN_ARG(got));
	}
	buf_free(&out);
}

struct form {
	void (*sink)(struct span, struct buf *);
	struct span in;
	const char *out;
};
#define F(sink, in, out) { sink, { in, sizeof(in) - 1 }, out }

static void
test_forms(void **unused)
{
	static const struct form rows[] = {
		F(text_plain, "", ""),
		F(text_plain, "smtp://[::1]:25", "smtp://[::1]:25"),
		F(text_plain, "a\r\n", "a\\r\\n"),
		F(text_plain, "gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x98\x80",
		    "gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x98\x80"),
		F(text_plain, "\x7f", "\\x7f"),
		F(text_plain, "::", "::"),
		F(text_plain, "####[x", "####\\x5bx"),
		F(text_plain, "\xe2\x80", "\\xe2\\x80"),
		F(text_tap, "250 # SKIP fine", "250 \\# SKIP fine"),
		F(text_tap, "250 \\# SKIP", "250 \\\\\\# SKIP"),
		F(text_tap, "a\nok 2", "a\\\\nok 2"),
		F(text_tap, "\xff#", "\\\\xff\\#"),
		F(text_yaml, "a\"\\\r\n\x1b\xff", "\"a\\\"\\\\\\r\\n\\x1b\\\\xff\""),
		F(text_yaml, "\xe2\x80\xae", "\"\\u202e\""),
		F(text_yaml, "::error", "\":\\x3aerror\""),
		F(text_xml, "<a b=\"c\">&'", "&lt;a b=&quot;c&quot;&gt;&amp;&#39;"),
		F(text_xml, "]]>", "]]&gt;"),
		F(text_xml, "a\r\nb\t", "a&#13;\nb\t"),
		F(text_xml, "\x00\x1b\xef\xbf\xbe\xff",
		    "\\x00\\x1b\\u{fffe}\\xff"),
		F(text_xml, "##[x", "##&#91;x"),
		F(json_shown, "\x9b\"\\\n</", "\"\\\\x9b\\\"\\\\\\n\\u003c/\""),
		F(json_lossless, "\x9b", "\"\\udc9b\""),
		F(json_lossless, "\xed\xa0\x80", "\"\\udced\\udca0\\udc80\""),
		F(json_shown, "\xe2\x80\xa8\x7f", "\"\\u2028\\u007f\""),
		F(json_shown, "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""),
		F(json_shown, "\xf3\xa0\x80\x81", "\"\\udb40\\udc01\""),
		F(text_github, "50%\n%0A::error::x",
		    "50%25%0A%250A:\\x3aerror:\\x3ax"),
		F(text_github_property, "a:b,c%", "a%3Ab%2Cc%25"),
		F(text_shell, "smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525"),
		F(text_shell, "", "''"),
		F(text_shell, "it's", "'it'\\''s'"),
		F(text_shell, "'", "''\\'''"),
		F(text_shell, "$(touch x) `id` ; rm",
		    "'$(touch x) `id` ; rm'"),
		F(text_shell, "=ls", "'=ls'"),
	};
	struct buf out = buf_new(1 << 20);

	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct span got = render(rows[i].sink, rows[i].in, &out);

		if (!span_is(got, rows[i].out))
			fail_msg("row %zu: %.*s, not %s", i, SPAN_ARG(got),
			    rows[i].out);
	}
	buf_free(&out);
}

static void
test_fit(void **unused)
{
	static const struct { const char *in; size_t columns; const char *out; }
	rows[] = {
		{ "abc", 3, "abc" }, { "abcd", 3, "ab\xe2\x80\xa6" },
		{ "abcd", 1, "\xe2\x80\xa6" }, { "abcd", 0, "" },
		{ "", 0, "" },
		{ "\xe4\xb8\xad\xe6\x96\x87", 4, "\xe4\xb8\xad\xe6\x96\x87" },
		{ "\xe4\xb8\xad\xe6\x96\x87", 3,
		    "\xe4\xb8\xad\xe2\x80\xa6" },
		{ "\xe4\xb8\xad\xe6\x96\x87", 2, "\xe2\x80\xa6" },
		{ "e\xcc\x81x", 2, "e\xcc\x81x" },
	};
	struct buf out = buf_new(1 << 20);

	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_clear(&out);
		text_fit(span_of(rows[i].in), rows[i].columns, &out);
		if (!span_is(buf_span(&out), rows[i].out))
			fail_msg("row %zu: %.*s", i, SPAN_ARG(buf_span(&out)));
		assert_true(text_width(buf_span(&out)) <= rows[i].columns);
	}
	buf_free(&out);
}

/* r58: 100,000 wide characters, and never half of one. */
static void
test_wide(void **unused)
{
	struct buf in = buf_new(1 << 20), out = buf_new(1 << 20);

	(void)unused;
	(void)buf_add(&in, SPAN("250 "));
	for (int i = 0; i < 100000; i++)
		(void)buf_add(&in, SPAN("\xf0\x9f\x98\x80"));
	assert_int_equal(text_width(buf_span(&in)), 200004);
	for (size_t columns = 0; columns < 40; columns++) {
		buf_clear(&out);
		text_fit(buf_span(&in), columns, &out);
		check_clean("r58", buf_span(&out), "");
		assert_true(text_width(buf_span(&out)) <= columns);
		assert_true(text_width(buf_span(&out)) + 2 > columns);
	}
	buf_clear(&out);
	text_plain(buf_span(&in), &out);
	assert_true(span_eq(buf_span(&in), buf_span(&out)));
	buf_free(&in);
	buf_free(&out);
}

static void
test_head(void **unused)
{
	static const char text[] = "a\xf0\x9f\x98\x80" "b\xc3\xa9\xff\xff";
	static const size_t heads[] = { 0, 1, 1, 1, 1, 5, 6, 6, 8, 9, 10, 10 };

	(void)unused;
	for (size_t max = 0; max < sizeof heads / sizeof *heads; max++)
		assert_int_equal(text_head(SPAN(text), max).len, heads[max]);
}

/* Refused, not overrun. */
static void
test_full(void **unused)
{
	struct buf out = buf_new(8);

	(void)unused;
	text_xml(SPAN("<<<<<<<<<<<<<<<<"), &out);
	assert_true(out.full);
	assert_true(out.len <= 8);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_plain),
		cmocka_unit_test(test_forms), cmocka_unit_test(test_fit),
		cmocka_unit_test(test_wide), cmocka_unit_test(test_full),
		cmocka_unit_test(test_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
