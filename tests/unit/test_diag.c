/* Diagnostics: the list and its limit, and the forms they are printed in. */
#include "base/limits.h"
#include "cmd/complain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char text[] = "one: 1\n\ttwo: \xe6\x97\xa5\xe6\x9c\xac x\n";
static const struct file file = { "dir/a b\033.yaml",
	{ text, sizeof text - 1 } };
static const struct file other = { "b.yaml", { "x", 1 } };

static struct loc
at(uint32_t line, uint32_t column, uint32_t width)
{
	return (struct loc){ &file, line, column, width };
}

static void
test_rows(void **state)
{
	(void)state;
	for (int i = 0; i < DIAG_ID_COUNT; i++) {
		assert_non_null(diag_rows[i].word);
		assert_true(strlen(diag_rows[i].about) > 10);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(diag_rows[i].word,
			    diag_rows[j].word);
	}
}

static void
test_limit(void **state)
{
	struct diags diags = { 0 };
	uint32_t listed = 0;

	(void)state;
	diag_hint(&diags, "nobody to hint at");
	for (int i = 0; i < LIMIT_DIAGS + 5; i++) {
		diag_error(&diags, DIAG_ID_tag, at(1, 1, 1), "number %d", i);
		diag_hint(&diags, "hint %d", i);
	}
	assert_string_equal(diags.last->hint, "hint 99");
	diag_warn(&diags, DIAG_ID_unused, at(1, 1, 1), "kept");
	diag_hint_nearest(&diags, SPAN("expct"),
	    (const char *const[]){ "send", "expect" }, 2);
	assert_string_equal(diags.last->hint, "did you mean 'expect'?");
	for (struct diag *diag = diags.first; diag != NULL; diag = diag->next)
		listed++;
	assert_int_equal(diags.errors, LIMIT_DIAGS + 5);
	assert_int_equal(diags.warnings, 1);
	assert_int_equal(listed, LIMIT_DIAGS + 1);
	diags_free(&diags);
	assert_null(diags.first);
}

static void
test_sort(void **state)
{
	struct diags diags = { 0 };
	const struct diag *diag;

	(void)state;
	diags_sort(&diags);
	diag_error(&diags, DIAG_ID_tag, at(2, 5, 1), "d");
	diag_error(&diags, DIAG_ID_tag, (struct loc){ &other, 1, 1, 1 }, "a");
	diag_warn(&diags, DIAG_ID_tag, at(2, 4, 1), "b");
	diag_error(&diags, DIAG_ID_tag, at(2, 4, 1), "c");
	diags_sort(&diags);
	diag = diags.first;
	for (const char *want = "abcd"; *want != '\0'; want++) {
		assert_int_equal(diag->text[0], *want);
		diag = diag->next;
	}
	assert_null(diag);
	assert_string_equal(diags.last->text, "d");
	diags_free(&diags);
}

static void
test_word(void **state)
{
	struct diags diags = { 0 };

	(void)state;
	assert_string_equal(diag_word(&diags, SPAN("")), "");
	assert_string_equal(diag_word(&diags, SPAN("a\0b")), "a\\0b");
	assert_string_equal(diag_word(&diags,
	    SPAN("0123456789012345678901234567890123456789")),
	    "0123456789012345678901234567890123456789");
	assert_string_equal(diag_word(&diags,
	    SPAN("\xc3\xa4" "12345678901234567890123456789012345678\xc3\xa4x")),
	    "\xc3\xa4" "12345678901234567890123456789012345678\xc3\xa4...");
	diags_free(&diags);
}

static void
prints(enum complain_format format, const char *want)
{
	struct diags diags = { 0 };
	struct buf   out = buf_new(64 * (size_t)KIB);

	diag_warn(&diags, DIAG_ID_unused, at(0, 0, 0), "whole");
	diag_error(&diags, DIAG_ID_tag, at(2, 7, 2), "bad \"\033[m\" %%, ::x");
	diag_hint(&diags, "mend\nit");
	complain(&diags, format, false, &out);
	assert_true(buf_add_octet(&out, '\0'));
	if (strstr(out.ptr, want) == NULL)
		fail_msg("%s", out.ptr);
	buf_free(&out);
	diags_free(&diags);
}

static void
test_forms(void **state)
{
	(void)state;
	prints(COMPLAIN_HUMAN,
	    "warning: whole [unused]\n"
	    " --> dir/a b\\x1b.yaml\n"
	    "\n"
	    "error: bad \"\\x1b[m\" %, :\\x3ax [tag]\n"
	    " --> dir/a b\\x1b.yaml:2:7\n"
	    "  |\n"
	    "2 |     two: \xe6\x97\xa5\xe6\x9c\xac x\n"
	    "  |          ^^^^\n"
	    "  = hint: mend\\nit\n"
	    "\n"
	    "1 error, 1 warning in dir/a b\\x1b.yaml\n");
	prints(COMPLAIN_JSON, "{\"errors\":1,\"warnings\":1,\"diagnostics\":[");
	prints(COMPLAIN_JSON, "\"line\":2,\"column\":7,\"width\":2,");
	prints(COMPLAIN_SARIF, "{\"uri\":\"dir/a%20b%1B.yaml\"}");
	prints(COMPLAIN_SARIF,
	    "\"startLine\":2,\"startColumn\":7,\"endColumn\":9}");
	prints(COMPLAIN_GITHUB, "::error file=dir/a b\\x1b.yaml,line=2,col=7,"
	    "endColumn=9,title=tag::bad \"\\x1b[m\" %25, :\\x3ax%0Ahint: mend%0A"
	    "it\n");
	prints(COMPLAIN_GITLAB, "\"check_name\":\"tag\",\"fingerprint\":\"");
}

/* Of a script only the line is known. */
static void
test_whole_line(void **state)
{
	static const struct { enum complain_format format; const char *want; }
	cases[] = {
		{ COMPLAIN_HUMAN, "error: bad [tag]\n"
		    " --> dir/a b\\x1b.yaml:2\n"
		    "  |\n"
		    "2 |     two: \xe6\x97\xa5\xe6\x9c\xac x\n"
		    "  = hint: mend it\n" },
		{ COMPLAIN_JSON, "\"line\":2,\"column\":0,\"width\":0," },
		{ COMPLAIN_SARIF, "\"region\":{\"startLine\":2}}" },
		{ COMPLAIN_GITHUB, ",line=2,title=tag::bad" },
		{ COMPLAIN_GITLAB, "\"lines\":{\"begin\":2}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct diags diags = { 0 };
		struct buf   out = buf_new(64 * (size_t)KIB);

		diag_error(&diags, DIAG_ID_tag, at(2, 0, 0), "bad");
		diag_hint(&diags, "mend it");
		complain(&diags, cases[i].format, false, &out);
		assert_true(buf_add_octet(&out, '\0'));
		if (strstr(out.ptr, cases[i].want) == NULL)
			fail_msg("%s", out.ptr);
		buf_free(&out);
		diags_free(&diags);
	}
}

static void
test_format_find(void **state)
{
	enum complain_format format;

	(void)state;
	assert_true(complain_format_find(SPAN("sarif"), &format));
	assert_int_equal(format, COMPLAIN_SARIF);
	assert_false(complain_format_find(SPAN("Sarif"), &format));
	assert_false(complain_format_find(SPAN(""), &format));
}

/* Long lines: the carets stand below what they mean, within the screen. */
static void
test_window(void **state)
{
	char line[1200];
	struct file wide = { "w", { line, sizeof line } };

	(void)state;
	for (uint32_t column = 1; column <= sizeof line + 1; column++) {
		struct diag diag = { .id = DIAG_ID_tag, .text = "t",
			.loc = { &wide, 1, column, 3 } };
		struct buf  out = buf_new(8 * (size_t)KIB);
		const char *shown, *mark;

		memset(line, '.', sizeof line);
		if (column <= sizeof line)
			line[column - 1] = 'X';
		complain_one(&diag, false, &out);
		assert_true(buf_add_octet(&out, '\0'));
		shown = strstr(out.ptr, "1 | ") + 4;
		mark = strstr(out.ptr, "\n  | ") + 5;
		/* U+2026 is one column and three octets. */
		if (strncmp(shown, "\xe2\x80\xa6", 3) == 0)
			shown += 2;
		assert_true(strcspn(shown, "\n") <= 80);
		if (column <= sizeof line &&
		    shown[strspn(mark, " ")] != 'X')
			fail_msg("%u\n%s", column, out.ptr);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_word),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_whole_line),
		cmocka_unit_test(test_format_find),
		cmocka_unit_test(test_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
