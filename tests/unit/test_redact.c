/*
 * Random secrets in every spelling, alone and overlapping, whole and in
 * pieces: nothing of them may be left, and nothing else may be gone.
 */
#include "check.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/secret.h"

static uint32_t seed = 20;

static unsigned
dice(unsigned sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static void
base64(struct span in, bool url, struct buf *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
	    "qrstuvwxyz0123456789+/", other[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *signs = url ? other : plain;

	for (size_t i = 0; i < in.len; i += 3) {
		uint32_t three = 0;
		size_t   have = in.len - i < 3 ? in.len - i : 3;

		for (size_t k = 0; k < 3; k++)
			three = three << 8 |
			    (k < have ? (unsigned char)in.ptr[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			(void)buf_add_octet(out, k > have ? '=' :
			    signs[three >> (18 - 6 * k) & 63]);
	}
}

enum spelling { RAW, BASE64_0, BASE64_1, BASE64_2, URL64_0, URL64_1, URL64_2,
	HEX_LOW, HEX_UP, PERCENT, PERCENT_SOME, JSON_U, JSON_SHORT, XML_DEC,
	XML_HEX, XML_NAMED, QP, QP_FOLDED, BASE64_FOLDED, OURS, XTEXT, GITHUB,
	FORM, SPELLINGS };

static void
shifted(struct span secret, size_t shift, bool url, struct buf *out)
{
	struct buf whole = buf_new(4096);

	(void)buf_add(&whole, span_sub(SPAN("ab"), 0, shift));
	(void)buf_add(&whole, secret);
	base64(buf_span(&whole), url, out);
	buf_free(&whole);
}

static void
spell_octet(unsigned char c, enum spelling how, struct buf *out)
{
	bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

	if (how == HEX_LOW || how == OURS)
		(void)buf_addf(out, how == OURS ? "\\x%02x" : "%02x", c);
	else if (how == HEX_UP)
		(void)buf_addf(out, "%02X", c);
	else if (how == XTEXT && (c <= ' ' || c == '+' || c == '='))
		(void)buf_addf(out, "+%02X", c);
	else if (how == FORM && c == ' ')
		(void)buf_add_octet(out, '+');
	else if (how == PERCENT || (how == GITHUB && c == '%') ||
	    ((how == PERCENT_SOME || how == FORM) && !word))
		(void)buf_addf(out, dice(2) ? "%%%02X" : "%%%02x", c);
	else if (how == JSON_U)
		(void)buf_addf(out, "\\u%04x", c);
	else if (how == JSON_SHORT && (c == '"' || c == '\\' || c == '/'))
		(void)buf_addf(out, "\\%c", c);
	else if (how == XML_DEC)
		(void)buf_addf(out, "&#%u;", c);
	else if (how == XML_HEX)
		(void)buf_addf(out, "&#x%X;", c);
	else if (how == XML_NAMED && strchr("&<>\"", c) != NULL)
		(void)buf_add_text(out, c == '&' ? "&amp;" : c == '<' ? "&lt;" :
		    c == '>' ? "&gt;" : "&quot;");
	else if (how == QP || (how == QP_FOLDED && c == '='))
		(void)buf_addf(out, "=%02X", c);
	else
		(void)buf_add_octet(out, (char)c);
	if (how == QP_FOLDED && dice(3) == 0)
		(void)buf_add_text(out, "=\r\n");
}

static void
spell(struct span secret, enum spelling how, struct buf *out)
{
	struct buf plain = buf_new(4096);

	if (how >= BASE64_0 && how <= URL64_2) {
		shifted(secret, (size_t)(how - BASE64_0) % 3, how >= URL64_0,
		    out);
	} else if (how == BASE64_FOLDED) {
		shifted(secret, 1, false, &plain);
		for (size_t i = 0; i < plain.len; i++) {
			(void)buf_add_octet(out, plain.ptr[i]);
			if (i % 8 == 7)
				(void)buf_add_text(out, "\r\n");
		}
	} else {
		for (size_t i = 0; i < secret.len; i++)
			spell_octet((unsigned char)secret.ptr[i], how, out);
	}
	buf_free(&plain);
}

/* ASCII, so that every spelling is one of its characters. */
static void
secret_make(char *out, size_t len)
{
	static const char signs[] =
	    "abcdefghijklmnopqrstuvwxyz0123456789ABCXYZ&<>\"\\/%=+ !$";

	for (size_t i = 0; i < len; i++)
		out[i] = signs[dice(sizeof signs - 1)];
	out[0] = 'q';
	out[len - 1] = 'z';             /* no blanks at the ends */
}

static void
test_spellings(void **unused)
{
	struct buf text = buf_new(1 << 16), out = buf_new(1 << 16);

	(void)unused;
	for (int round = 0; round < 2000; round++) {
		struct redactor *redactor = redactor_new();
		char   bytes[48];
		struct span secret = { bytes, 8 + dice(40) };
		enum spelling how = (enum spelling)(round % SPELLINGS);

		secret_make(bytes, secret.len);
		assert_true(redactor_add(redactor, SPAN("pw"), secret));
		buf_clear(&text);
		(void)buf_add(&text, SPAN("250 start ("));
		spell(secret, how, &text);
		(void)buf_add(&text, SPAN(") the end"));
		buf_clear(&out);
		redact(redactor, buf_span(&text), &out);
		if (!span_starts(buf_span(&out), SPAN("250 start (")) ||
		    !span_ends(buf_span(&out), SPAN(") the end")) ||
		    span_find(buf_span(&out), SPAN("<redacted pw>")) ==
		    SIZE_MAX || out.len > 11 + 9 + 13 + 8)
			fail_msg("spelling %d of %.*s: %.*s gives %.*s", how,
			    SPAN_ARG(secret), SPAN_ARG(buf_span(&text)),
			    SPAN_ARG(buf_span(&out)));
		redactor_free(redactor);
	}
	buf_free(&text);
	buf_free(&out);
}

static void
test_overlaps(void **unused)
{
	static const struct { const char *in, *out; } rows[] = {
		{ "xabcdefghix", "x<redacted long>x" },
		{ "abcdefgabcdefghi", "<redacted short><redacted long>" },
		{ "abcdefg", "<redacted short>" },
		{ "abcdefghijklm", "<redacted long>" },
		{ "ijklm", "<redacted tail>" },
		{ "abcdef", "abcdef" },
		{ "", "" },
		{ "ababababab", "<redacted ab>" },
		{ "sss", "sss" },
	};
	struct redactor *redactor = redactor_new();
	struct buf out = buf_new(4096);

	(void)unused;
	assert_true(redactor_empty(redactor));
	assert_true(redactor_add(redactor, SPAN("short"), SPAN("abcdefg")));
	assert_true(redactor_add(redactor, SPAN("long"), SPAN("abcdefghi")));
	assert_true(redactor_add(redactor, SPAN("tail"), SPAN("ijklm")));
	assert_true(redactor_add(redactor, SPAN("ab"), SPAN("abab")));
	assert_false(redactor_add(redactor, SPAN("no"), SPAN("sss")));
	assert_false(redactor_empty(redactor));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		buf_clear(&out);
		redact(redactor, span_of(rows[i].in), &out);
		if (!span_is(buf_span(&out), rows[i].out))
			fail_msg("%s: %.*s", rows[i].in,
			    SPAN_ARG(buf_span(&out)));
	}
	redactor_free(redactor);
	buf_free(&out);
}

/* A secret that is added later is found inside of the begin of an older one. */
static void
test_later(void **unused)
{
	struct redactor *redactor = redactor_new();
	struct buf out = buf_new(4096);

	(void)unused;
	assert_true(redactor_add(redactor, SPAN("a"), SPAN("qxijklmzzzz")));
	assert_true(redactor_add(redactor, SPAN("b"), SPAN("jklm")));
	assert_true(redactor_add(redactor, SPAN("c"), SPAN("xijklm")));
	redact(redactor, SPAN("qxijklm!"), &out);
	assert_true(span_is(buf_span(&out), "q<redacted c>!"));
	redactor_free(redactor);
	buf_free(&out);
}

/* Many secrets of two letters against a search without any wit. */
static void
test_many(void **unused)
{
	struct buf out = buf_new(1 << 16), want = buf_new(1 << 16);

	(void)unused;
	for (int round = 0; round < 3000; round++) {
		struct redactor *redactor = redactor_new();
		char   secrets[5][8], text[60];
		size_t lens[5];
		bool   gone[60] = { false };

		for (size_t i = 0; i < sizeof text; i++)
			text[i] = (char)('x' + dice(2));
		for (size_t s = 0; s < 5; s++) {
			lens[s] = 4 + dice(5);
			for (size_t i = 0; i < lens[s]; i++)
				secrets[s][i] = (char)('x' + dice(2));
			assert_true(redactor_add(redactor, SPAN("s"),
			    (struct span){ secrets[s], lens[s] }));
			for (size_t at = 0; at + lens[s] <= sizeof text; at++)
				if (memcmp(text + at, secrets[s], lens[s]) == 0)
					memset(gone + at, 1, lens[s]);
		}
		buf_clear(&want);
		for (size_t i = 0; i < sizeof text; i++)
			if (!gone[i])
				(void)buf_add_octet(&want, text[i]);
		buf_clear(&out);
		redact(redactor, (struct span){ text, sizeof text }, &out);
		/* Without the names: what no secret has a part in. */
		for (size_t at; (at = span_find(buf_span(&out),
		    SPAN("<redacted s>"))) != SIZE_MAX;) {
			memmove(out.ptr + at, out.ptr + at + 12,
			    out.len - at - 12);
			out.len -= 12;
		}
		assert_true(span_eq(buf_span(&out), buf_span(&want)));
		redactor_free(redactor);
	}
	buf_free(&out);
	buf_free(&want);
}

/* Cut at every place: each part keeps what is its own. */
static void
test_parts(void **unused)
{
	static const char text[] = "250 it is s3cr3t-w0rd.\r\n";
	struct redactor *redactor = redactor_new();

	(void)unused;
	assert_true(redactor_add(redactor, SPAN("w"), SPAN("s3cr3t-w0rd")));
	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct span parts[2] = { span_sub(SPAN(text), 0, cut),
			span_from(SPAN(text), cut) };
		struct buf outs[2] = { buf_new(99), buf_new(99) };

		redact_parts(redactor, NULL, parts, outs, 2, 0);
		(void)buf_add(&outs[0], buf_span(&outs[1]));
		assert_true(span_is(buf_span(&outs[0]),
		    "250 it is <redacted w>.\r\n"));
		buf_free(&outs[0]);
		buf_free(&outs[1]);
	}
	redactor_free(redactor);
}

/* What one set holds may lie across what the other does. */
static void
test_two_sets(void **unused)
{
	static const struct { const char *one, *other, *text, *shown; } rows[] = {
		{ "=tail-of-it", "head=tail-of-it", "a head=tail-of-it b",
		    "a <redacted other> b" },
		{ "head=tail-of-it", "=tail-of-it", "a head=tail-of-it b",
		    "a <redacted one> b" },
		{ "head-mid", "mid-tail", "a head-mid-tail b",
		    "a <redacted one> b" },
		{ "first", "second", "first, second",
		    "<redacted one>, <redacted other>" },
		{ "first", "second", "aGVhZCBzZWNvbmQ=",
		    "aGVhZC<redacted other>=" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct redactor *one = redactor_new(), *other = redactor_new();
		struct buf out = buf_new(4096);

		assert_true(redactor_add(one, SPAN("one"),
		    span_of(rows[i].one)));
		assert_true(redactor_add(other, SPAN("other"),
		    span_of(rows[i].other)));
		redact_both(one, other, span_of(rows[i].text), &out);
		if (!span_is(buf_span(&out), rows[i].shown))
			(void)fprintf(stderr, "%.*s\n",
			    SPAN_ARG(buf_span(&out)));
		assert_true(span_is(buf_span(&out), rows[i].shown));
		assert_true(redactor_has(one, span_of(rows[i].one)));
		assert_false(redactor_has(one, span_of("fir")));
		assert_false(redactor_has(one, span_of("first of")));
		redactor_free(one);
		redactor_free(other);
		buf_free(&out);
	}
}

static void
test_stars(void **unused)
{
	struct redactor *redactor = redactor_new();
	struct buf out = buf_new(4096);

	(void)unused;
	redact_stars(NULL, SPAN("a word"), &out);
	redact_stars(redactor, SPAN(", a word"), &out);
	assert_true(redactor_add(redactor, SPAN("pw"), SPAN("word")));
	redact_stars(redactor, SPAN(", a word; d29yZA=="), &out);
	assert_true(span_is(buf_span(&out),
	    "a word, a word, a ****; ******=="));
	redactor_free(redactor);
	buf_free(&out);
}

/* r40: AHVzZXIAczNjcjN0 is NUL user NUL s3cr3t. */
static void
test_corpus(void **unused)
{
	struct redactor *redactor = redactor_new();
	struct buf out = buf_new(4096);

	(void)unused;
	assert_true(redactor_add(redactor, SPAN("password"), SPAN("s3cr3t")));
	redact(redactor, SPAN("250 AUTH PLAIN AHVzZXIAczNjcjN0"), &out);
	assert_true(span_is(buf_span(&out),
	    "250 AUTH PLAIN AHVzZXIA<redacted password>"));
	buf_clear(&out);
	redact(redactor, SPAN("535 wrong password s3cr3t for user"), &out);
	assert_true(span_is(buf_span(&out),
	    "535 wrong password <redacted password> for user"));
	redactor_free(redactor);
	buf_free(&out);
}

/* A secret of one octet repeated in a text of the same: linear, or the test
 * would not end. */
static void
test_linear(void **unused)
{
	struct redactor *redactor = redactor_new();
	struct buf secret = buf_new(1 << 16), text = buf_new(1 << 20),
	    out = buf_new(1 << 22);

	(void)unused;
	(void)buf_add_fill(&secret, 'a', 60000);
	(void)buf_add_fill(&text, 'a', 59999);
	assert_true(redactor_add(redactor, SPAN("a"), buf_span(&secret)));
	redact(redactor, buf_span(&text), &out);
	assert_int_equal(out.len, 59999);
	(void)buf_add_fill(&text, 'a', 500000);
	buf_clear(&out);
	redact(redactor, buf_span(&text), &out);
	assert_true(span_is(buf_span(&out), "<redacted a>"));
	redactor_free(redactor);
	buf_free(&secret);
	buf_free(&text);
	buf_free(&out);
}

/* Thousands of words of one secret body: nothing is done for each of them
 * that takes as long as all of them, or the test would not end. */
static void
test_words(void **unused)
{
	struct redactor *redactor = redactor_new();
	struct buf word = buf_new(64), out = buf_new(4096);

	(void)unused;
	for (unsigned i = 0; i < 8000; i++) {
		buf_clear(&word);
		(void)buf_addf(&word, "w%06uxq", i * 7919 % 1000000);
		assert_true(redactor_add(redactor, SPAN("s"),
		    buf_span(&word)));
	}
	buf_clear(&word);
	(void)buf_addf(&word, "550 w%06uxq?", 4711 * 7919 % 1000000);
	redact(redactor, buf_span(&word), &out);
	assert_true(span_is(buf_span(&out), "550 <redacted s>?"));
	redactor_free(redactor);
	buf_free(&word);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_overlaps), cmocka_unit_test(test_later),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_two_sets),
		cmocka_unit_test(test_stars),
		cmocka_unit_test(test_corpus), cmocka_unit_test(test_linear),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
