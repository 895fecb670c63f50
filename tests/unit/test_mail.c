/* The octets of header fields and of MIME parts: what goes in, what comes
 * out. ($ is CRLF in the tables.) */
#include "check.h"

#include "base/limits.h"
#include "model/filter.h"
#include "model/mail.h"

#define S(literal) { (literal), sizeof(literal) - 1 }
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* CRLF as $, a NUL behind it. */
static void
show(struct span in, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < in.len; i++)
		if (in.ptr[i] == '\r' && i + 1 < in.len &&
		    in.ptr[i + 1] == '\n')
			(void)buf_add_octet(out, '$'), i++;
		else
			(void)buf_add_octet(out, in.ptr[i]);
	(void)buf_add_octet(out, '\0');
}

static const struct field_case {
	const char    *name, *value, *out;
	enum mail_text how;
} fields[] = {
	{ "Subject", "hi", "Subject: hi$", MAIL_ASCII },
	{ "Subject", "", "Subject: $", MAIL_ASCII },
	{ "X", " a  b\t", "X:  a  b\t$", MAIL_ASCII },
	/* 78 columns are a line, 79 are two; blanks stay. */
	{ "S", X50 " 123456789 123456789 1234", "S: " X50
	    " 123456789 123456789 1234$", MAIL_ASCII },
	{ "S", X50 " 123456789 123456789 12345", "S: " X50
	    " 123456789 123456789$ 12345$", MAIL_ASCII },
	{ "S", X50 "   " X50 "\t" X50, "S: " X50 "$   " X50 "$\t" X50 "$",
	    MAIL_ASCII },
	{ "S", X50 X50 X50, "S: " X50 X50 X50 "$", MAIL_ASCII },
	{ "S", "a " X50 X50 " b", "S: a$ " X50 X50 "$ b$", MAIL_ASCII },
	/* A line of nothing but blanks would end the header for some. */
	{ "S", X50 X50 " ", "S: " X50 X50 " $", MAIL_ASCII },
	{ "S", X50 " " X50, "S: " X50 " " X50 "$", MAIL_RAW },
	/* Encoded words. */
	{ "Subject", "Gr\xc3\xbc\xc3\x9f" "e", "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=$",
	    MAIL_ASCII },
	{ "Subject", "a caf\xc3\xa9 b", "Subject: a =?UTF-8?Q?caf=C3=A9?= b$",
	    MAIL_ASCII },
	{ "Subject", "Na\xc3\xafve, a caf\xc3\xa9!", "Subject: "
	    "=?UTF-8?Q?Na=C3=AFve=2C_a_caf=C3=A9!?=$", MAIL_ASCII },
	{ "Subject", "\xe2\x82\xac_\x01", "Subject: =?UTF-8?B?4oKsXwE=?=$",
	    MAIL_ASCII },
	/* What looks like one and is ASCII was meant. */
	{ "Subject", "=?UTF-8?Q?x?= y", "Subject: =?UTF-8?Q?x?= y$",
	    MAIL_ASCII },
	{ "Subject", "caf\xc3\xa9", "Subject: caf\xc3\xa9$", MAIL_UTF8 },
	{ "Subject", "caf\xc3\xa9 \xff", "Subject: caf\xc3\xa9 \xff$",
	    MAIL_RAW },
	/* Addresses: a name is encoded, an address never. */
	{ "From", "J\xc3\xbcrgen M <j@b.test>",
	    "From: =?UTF-8?Q?J=C3=BCrgen?= M <j@b.test>$", MAIL_ASCII },
	{ "From", "\"M, J\xc3\xbcrgen\" <j@b.test>",
	    "From: =?UTF-8?Q?M=2C_J=C3=BCrgen?= <j@b.test>$", MAIL_ASCII },
	{ "from", "\"a \\\" \xc3\xbc\" <j@b.test>",
	    "from: =?UTF-8?Q?a_=22_=C3=BC?= <j@b.test>$", MAIL_ASCII },
	{ "To", "\"a, b\" <a@b.test>, caf\xc3\xa9 <c@d.test>, e@f.test",
	    "To: \"a, b\" <a@b.test>, =?UTF-8?Q?caf=C3=A9?= <c@d.test>, "
	    "e@f.test$", MAIL_ASCII },
	{ "Resent-Cc", "caf\xc3\xa9s: a@b.test;",
	    "Resent-Cc: =?UTF-8?Q?caf=C3=A9s?= : a@b.test;$", MAIL_ASCII },
	/* White space around each (RFC 2047 5, rule 3). */
	{ "To", "\xc3\xbc<a@b.test>,\xc3\xbc <c@d.test>",
	    "To: =?UTF-8?Q?=C3=BC?= <a@b.test>, =?UTF-8?Q?=C3=BC?= <c@d.test>$",
	    MAIL_ASCII },
	{ "To", "\"a\"\"\xc3\xbc\"<a@b.test>",
	    "To: \"a\" =?UTF-8?Q?=C3=BC?= <a@b.test>$", MAIL_ASCII },
	{ "To", "\"a\"<a@b.test>,b<c@d.test>,\xc3\xbc:;",
	    "To: \"a\"<a@b.test>,b<c@d.test>, =?UTF-8?Q?=C3=BC?= :;$",
	    MAIL_ASCII },
	{ "To", "\"\xc3\xbc", "To: =?UTF-8?Q?=C3=BC?=$", MAIL_ASCII },
};

static void
test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const struct field_case *c = &fields[i];
		struct buf out = buf_new(64 * KIB), shown = buf_new(64 * KIB);

		assert_true(mail_field(span_of(c->name), span_of(c->value),
		    c->how, &out));
		show(buf_span(&out), &shown);
		if (strcmp(shown.ptr, c->out) != 0)
			fail_msg("%s: %s\n  want %s\n  got  %s", c->name,
			    c->value, c->out, shown.ptr);
		buf_free(&out);
		buf_free(&shown);
	}
}

static const struct wrong_case {
	const char    *name, *value, *why;
	enum mail_text how;
} wrong[] = {
	{ "Subject", "\xff", "is not UTF-8", MAIL_ASCII },
	{ "Subject", "a\xc3", "is not UTF-8", MAIL_UTF8 },
	{ "Subject", "\xff", NULL, MAIL_RAW },
	{ "From", "<\xc3\xbc@b.test>", "address beyond ASCII", MAIL_ASCII },
	{ "From", "x, \xc3\xbc@b.test", "address beyond ASCII", MAIL_ASCII },
	{ "From", "a@b\xc3\xbc.test", "address beyond ASCII", MAIL_ASCII },
	{ "From", "<\xc3\xbc@b.test>", NULL, MAIL_UTF8 },
	{ "From", "\"\xc3\xbc@b\" <a@b.test>", NULL, MAIL_ASCII },
	{ "Subject", "<\xc3\xbc@b.test>", NULL, MAIL_ASCII },
	{ "message-id", "<\xc3\xbc@b>", "no encoded words", MAIL_ASCII },
	{ "Content-Type", "a/b; name=\xc3\xbc", "no encoded words", MAIL_ASCII },
	{ "Content-Type", "a/b; name=\xc3\xbc", NULL, MAIL_UTF8 },
	{ "Content-Description", "\xc3\xbc", NULL, MAIL_ASCII },
};

static void
test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const struct wrong_case *c = &wrong[i];
		const char *why = mail_field_wrong(span_of(c->name),
		    span_of(c->value), c->how);

		if ((why == NULL) != (c->why == NULL) ||
		    (why != NULL && strstr(why, c->why) == NULL))
			fail_msg("%s: %s: %s", c->name, c->value,
			    why == NULL ? "nothing" : why);
	}
}

/* Every line of a long value fits, no word is above 75, and the words say what
 * the value said, no character split between two of them. */
static void
test_long_words(void **state)
{
	struct buf  value = buf_new(KIB), out = buf_new(64 * KIB),
	    back = buf_new(KIB);
	struct span rest, line, word;
	uint32_t    words = 0;

	(void)state;
	for (int i = 0; i < 60; i++)
		(void)buf_add_text(&value, i % 7 == 0 ? "\xf0\x9f\x93\xa7 " :
		    "\xe2\x82\xac");
	assert_true(mail_field(SPAN("Subject"), buf_span(&value), MAIL_ASCII,
	    &out));
	rest = buf_span(&out);
	while (span_word(&rest, "\n", &line)) {
		assert_true(line.len <= MAIL_COLUMNS + 1);
		while (span_word(&line, " \r", &word)) {
			if (!span_starts(word, SPAN("=?UTF-8?B?")))
				continue;
			assert_true(word.len <= 75);
			assert_true(base64_decode(span_sub(word, 10,
			    word.len - 12), &back));
			words++;
			for (size_t at = 0, len; at < back.len; at += len) {
				len = span_utf8(span_from(buf_span(&back), at),
				    NULL);
				assert_true(len > 0);
			}
		}
	}
	assert_true(words > 3);
	assert_memory_equal(value.ptr, back.ptr, back.len);
	assert_int_equal(value.len, back.len);
	buf_free(&value);
	buf_free(&out);
	buf_free(&back);
}

static void
test_full(void **state)
{
	struct buf out;

	(void)state;
	for (size_t max = 0; max < 60; max++) {
		out = buf_new(max);
		assert_false(mail_field(SPAN("From"), SPAN("\"\xc3\xbc\" <a@b>, "
		    X50), MAIL_ASCII, &out));
		buf_free(&out);
	}
}

static void
lines(struct mail_sink *sink, struct span in)
{
	mail_lines(sink, in);
}

static const struct sink_case {
	void      (*put)(struct mail_sink *, struct span);
	struct span in;
	const char *out;
	bool        stuffs;
	uint64_t    plain;
} sinks[] = {
	{ lines, S("a\nb"), "a$b$", true, 6 },
	{ lines, S("a\r\nb\r\n"), "a$b$", true, 6 },
	{ lines, S(".a\n\n..\n"), "..a$$...$", true, 10 },
	{ lines, S(".a\n.\n"), ".a$.$", false, 7 },
	{ lines, S("a\rb\n"), "a\rb$", true, 5 },
	{ lines, S(""), "", true, 0 },
	{ mail_bytes, S(".a\n.b\r\n."), "..a\n..b$..", true, 8 },
	{ mail_bytes, S(".a\n.b"), ".a\n.b", false, 5 },
	{ mail_base64, S(""), "", false, 0 },
	{ mail_base64, S("a"), "YQ==$", false, 6 },
	{ mail_base64, S("ab"), "YWI=$", false, 6 },
	{ mail_base64, S("abc"), "YWJj$", true, 6 },
	{ mail_base64, S(X50 "1234567"), "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4e"
	    "Hh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHgxMjM0NTY3$", false, 78 },
	{ mail_base64, S(X50 "12345678"), "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4e"
	    "Hh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHgxMjM0NTY3$OA==$", false, 84 },
};

static void
test_sinks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sinks / sizeof *sinks; i++) {
		const struct sink_case *c = &sinks[i];
		char room[200];
		struct mail_sink count = mail_sink(NULL, c->stuffs);
		struct mail_sink sink = mail_sink(room, c->stuffs);
		struct buf shown = buf_new(KIB);

		c->put(&count, c->in);
		assert_true(count.len <= sizeof room);
		c->put(&sink, c->in);
		assert_int_equal(sink.len, count.len);
		assert_int_equal(sink.plain, c->plain);
		show((struct span){ room, (size_t)sink.len }, &shown);
		if (strcmp(shown.ptr, c->out) != 0)
			fail_msg("%zu: want %s, got %s", i, c->out, shown.ptr);
		buf_free(&shown);
	}
}

/* The mark is in no part, the same in every run, and another one for another
 * text. */
static void
test_boundary(void **state)
{
	struct mail_part part = { .bytes = SPAN("x"), .coding = MAIL_8BIT };
	char first[MAIL_BOUNDARY + 1], second[MAIL_BOUNDARY + 1];

	(void)state;
	mail_boundary(SPAN("text"), &part, 1, first);
	mail_boundary(SPAN("text"), &part, 1, second);
	assert_string_equal(first, second);
	assert_int_equal(strlen(first), MAIL_BOUNDARY);
	mail_boundary(SPAN("texT"), &part, 1, second);
	assert_string_not_equal(first, second);
}

static void
test_parts(void **state)
{
	static const struct { struct mail_part part; enum mail_text how;
	    const char *out; } rows[] = {
		{ { .type = S("text/x"), .bytes = S("a\n") },
		    MAIL_ASCII, "--B$Content-Type: text/x$"
		    "Content-Transfer-Encoding: base64$"
		    "Content-Disposition: attachment$$YQo=$" },
		{ { .name = S("a \"b\\.txt"), .type = S("text/x"),
		    .bytes = S(".a\nb"), .coding = MAIL_8BIT }, MAIL_ASCII,
		    "--B$Content-Type: text/x$Content-Transfer-Encoding: 8bit$"
		    "Content-Disposition: attachment;$\tfilename=\"a \\\"b\\\\"
		    ".txt\"$$..a$b$" },
		{ { .name = S("gr\xc3\xbc n.txt"), .type = S("a/b"),
		    .bytes = S("\n"), .coding = MAIL_BINARY }, MAIL_ASCII,
		    "--B$Content-Type: a/b$Content-Transfer-Encoding: binary$"
		    "Content-Disposition: attachment;$\tfilename*=utf-8''"
		    "gr%C3%BC%20n.txt$$\n$" },
		{ { .name = S("\xc3\xbc"), .type = S("a/b") }, MAIL_UTF8,
		    "--B$Content-Type: a/b$Content-Transfer-Encoding: base64$"
		    "Content-Disposition: attachment;$\tfilename=\"\xc3\xbc\"$"
		    "$" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char room[300];
		struct mail_sink sink = mail_sink(room, true);
		struct buf head = buf_new(KIB), shown = buf_new(KIB);

		assert_true(mail_part_head(&rows[i].part, rows[i].how, "B",
		    &head));
		mail_bytes(&sink, buf_span(&head));
		mail_part_body(&sink, &rows[i].part);
		show((struct span){ room, (size_t)sink.len }, &shown);
		assert_string_equal(shown.ptr, rows[i].out);
		buf_free(&head);
		buf_free(&shown);
	}
}

static void
test_text_head(void **state)
{
	static const struct { struct span text; const char *has; } rows[] = {
		{ S("a"), "charset=us-ascii$$" },
		{ S("\xc3\xbc"),
		    "charset=utf-8$Content-Transfer-Encoding: 8bit$$" },
		{ S("\xff"), "charset=unknown-8bit$" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = buf_new(KIB), shown = buf_new(KIB);

		assert_true(mail_text_head(rows[i].text, "B", &out));
		show(buf_span(&out), &shown);
		assert_non_null(strstr(shown.ptr, rows[i].has));
		buf_free(&out);
		buf_free(&shown);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_sinks),
		cmocka_unit_test(test_boundary),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_text_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
