/*
 * yaml_read(): nodes of good files, places of errors in bad ones, files made
 * to be slow, and a golden for every diagnostic (tests/golden/yaml: NAME.yaml
 * and what is printed of it, NAME.expected; QUOTH_UPDATE_GOLDEN=1 rewrites).
 */
#include "cmd/complain.h"
#include "base/limits.h"
#include "yaml_tree.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define GOLDEN TESTS_DIR "/golden/yaml/"

static void
file_load(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	char  chunk[4096];
	size_t len;

	*out = buf_new(8 * (size_t)MIB);
	if (file == NULL)
		return;
	while ((len = fread(chunk, 1, sizeof chunk, file)) > 0)
		assert_true(buf_add(out, (struct span){ chunk, len }));
	(void)fclose(file);
}

static void
file_save(const char *path, struct span text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

static int
is_yaml(const struct dirent *entry)
{
	return span_ends(span_of(entry->d_name), SPAN(".yaml"));
}

/* True when the file prints as expected. */
static bool
golden_check(const char *name)
{
	char path[512], expected[512];
	struct buf source, want, got = buf_new(8 * (size_t)MIB);
	struct tree tree;
	bool fine;

	(void)snprintf(path, sizeof path, GOLDEN "%s", name);
	(void)snprintf(expected, sizeof expected, GOLDEN "%.*s.expected",
	    (int)(strlen(name) - strlen(".yaml")), name);
	file_load(path, &source);
	tree_read(&tree, name, source.ptr == NULL ? SPAN("") :
	    buf_span(&source));
	tree_check(tree.root, &tree.diags);
	complain(&tree.diags, COMPLAIN_HUMAN, false, &got);
	if (getenv("QUOTH_UPDATE_GOLDEN") != NULL)
		file_save(expected, buf_span(&got));
	file_load(expected, &want);
	fine = want.len > 0 && span_eq(buf_span(&got), buf_span(&want));
	if (!fine)
		print_error("%s differs; now it prints:\n%.*s\n", name,
		    (int)got.len, got.ptr == NULL ? "" : got.ptr);
	tree_free(&tree);
	buf_free(&source);
	buf_free(&want);
	buf_free(&got);
	return fine;
}

static void
test_golden(void **state)
{
	struct dirent **list;
	int count = scandir(GOLDEN, &list, is_yaml, alphasort), bad = 0;

	(void)state;
	assert_true(count >= 70);
	for (int i = 0; i < count; i++) {
		bad += !golden_check(list[i]->d_name);
		free(list[i]);
	}
	free(list);
	assert_int_equal(bad, 0);
}

static const struct bad_case {
	struct span   text;
	enum diag_id  id;
	uint32_t      line, column, width;
} bad_cases[] = {
#define BAD(id, line, column, width, text) \
	{ { text, sizeof text - 1 }, DIAG_ID_##id, line, column, width }
	BAD(encoding, 1, 1, 1, "\xfe\xff\0n\0a"),
	BAD(encoding, 1, 1, 1, "\0\0\xfe\xff\0\0\0n"),
	BAD(encoding, 2, 1, 1, "name: t\n\xef\xbb\xbftarget: x\n"),
	BAD(encoding, 1, 7, 1, "name: \xed\xa0\x80\n"),
	BAD(encoding, 1, 10, 1, "name: caf\xe9\n"),
	BAD(encoding, 1, 8, 1, "name: a\001b\n"),
	BAD(bare_cr, 2, 19, 1, "name: t\n# harmless comment\rtarget: x\r\n"),
	BAD(encoding, 2, 19, 1, "name: t\n# harmless comment\xc2\x85target: x"),
	BAD(anchor, 3, 6, 2, "name: t\nvars:\n  a: &a [*a]\n"),
	BAD(anchor, 3, 6, 6, "name: t\nvars:\n  a: *later\n"),
	BAD(documents, 2, 1, 3, "vars: {a: y}\n---\nname: t\n"),
	BAD(anchor, 2, 9, 2, "name: t\nm: {u: {<<: [a]}}\nx: &y z\n"),
	BAD(duplicate_key, 5, 5, 4,
	    "name: t\nsteps:\n  - send: NOOP\n    expect: 250\n    send: Q\n"),
	BAD(duplicate_key, 3, 1, 11, "name: t\ntarget: a\n\"\\x74arget\": b\n"),
	BAD(key_form, 2, 3, 6, "name: t\n? {a: b}\n: x\n"),
	BAD(key_form, 2, 1, 1, "name: t\n? a\n: x\n"),
	BAD(nul, 2, 1, 14, "name: t\n\"ste\\0ps\\e[2J\": []\n"),
	BAD(nul, 1, 7, 12, "name: \"safe\\0evil\"\n"),
	BAD(tag, 3, 6, 10, "name: t\nvars:\n  a: !ruby/obj: {i: x}\n"),
	BAD(tag, 2, 7, 5, "name: t\nvars: !!str {a: b}\n"),
	BAD(directive, 1, 1, 4, "%TAG ! tag:e,2000:\n---\nname: t\n"),
	BAD(syntax, 3, 8, 1, "name: t\nvars:\n  a: !<%zz> y\n"),
	BAD(syntax, 2, 1, 1, "%YAML 1.1\n%YAML 1.1\n---\nname: t\n"),
	BAD(syntax, 6, 1, 1, "a: t\nb:\n  - c: N\n    d: 250\n...\nname: e\n"),
	BAD(empty, 1, 1, 1, "# nothing\n"),
	BAD(syntax, 1, 10, 1, "name: \"\\uD800\"\n"),
	BAD(syntax, 2, 7, 1, "name: t\ntags: [a, b\nsteps:\n  - send: N\n"),
	BAD(syntax, 4, 4, 6, "name: t\nsteps:\n  - send: N\n   expect: 250\n"),
	BAD(syntax, 1, 7, 1, "name: @x\n"),
	BAD(syntax, 2, 3, 1, "name: t\n%x: y\n"),
	BAD(syntax, 1, 9, 1, "name: |10\n  x\n"),
	BAD(syntax, 2, 9, 1, "name: t\ntags: [a}\n"),
	BAD(syntax, 2, 6, 1, "name t\nsteps:\n  - send: NOOP\n"),
	BAD(syntax, 4, 5, 3, "name: t\nsteps:\n  - send: NOOP\n    exp"),
	BAD(conflict, 2, 1, 7, "name: t\n<<<<<<< HEAD\na: b\n=======\n"),
	BAD(tab, 3, 1, 1, "steps:\n  - send: NOOP\n\texpect: 250\n"),
	BAD(pair, 1, 10, 1, "expect: [code: 250, text: x]\n"),
	BAD(syntax, 2, 9, 1, "a: \xc3\xa9\n\xc3\xa9\xc3\xa9: \"a\" b\n"),
#undef BAD
};

static void
bad_check(const struct bad_case *bad)
{
	struct tree tree;
	const struct diag *first;

	tree_read(&tree, "t.yaml", bad->text);
	diags_sort(&tree.diags);
	first = tree.diags.first;
	if (first == NULL || first->id != bad->id ||
	    first->loc.line != bad->line ||
	    first->loc.column != bad->column || first->loc.width != bad->width)
		fail_msg("%.*s: %u:%u+%u %s", SPAN_ARG(bad->text),
		    first == NULL ? 0 : first->loc.line,
		    first == NULL ? 0 : first->loc.column,
		    first == NULL ? 0 : first->loc.width,
		    first == NULL ? "no error" : diag_rows[first->id].word);
	assert_true(tree.diags.errors > 0);
	tree_free(&tree);
}

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++)
		bad_check(&bad_cases[i]);
}

static void
node_is(const struct node *node, const char *text, uint32_t line,
    uint32_t column, uint32_t width)
{
	assert_non_null(node);
	assert_true(span_is(node->text, text));
	assert_int_equal(node->loc.line, line);
	assert_int_equal(node->loc.column, column);
	assert_int_equal(node->loc.width, width);
}

static void
test_nodes(void **state)
{
	static const char text[] =
	    "\xef\xbb\xbfname: caf\xc3\xa9\r\n"
	    "\"\xc3\xa4\": 'it''s'\r\n"
	    "steps:\r\n"
	    "  - send: EHLO ${client}   \r\n"
	    "    expect: { code: 250, offers: [A, \"B\\x42\"] }\r\n"
	    "  - connect:\r\n"
	    "  - body: |-\r\n"
	    "      a\r\n"
	    "      b\r\n";
	struct tree tree;
	const struct node *step, *expect, *offers;

	(void)state;
	tree_read(&tree, "t.yaml", SPAN(text));
	assert_int_equal(tree.diags.errors, 0);
	assert_int_equal(tree.root->count, 3);
	node_is(node_get(tree.root, "name"), "caf\xc3\xa9", 1, 7, 4);
	assert_int_equal(node_get(tree.root, "name")->offset, 9);
	assert_int_equal(node_get(tree.root, "name")->end, 14);
	node_is(node_get(tree.root, "\xc3\xa4"), "it's", 2, 6, 7);
	assert_int_equal(node_get(tree.root, "\xc3\xa4")->key_loc.width, 3);
	step = node_get(tree.root, "steps")->first;
	node_is(node_get(step, "send"), "EHLO ${client}", 4, 11, 14);
	expect = node_get(step, "expect");
	node_is(expect, "", 5, 13, 35);
	assert_false(expect->flow);
	assert_true(node_get(expect, "code")->flow);
	offers = node_get(expect, "offers");
	assert_int_equal(offers->count, 2);
	node_is(offers->first->next, "BB", 5, 38, 7);
	assert_int_equal(offers->first->next->style, STYLE_DOUBLE);
	step = step->next;
	assert_true(node_get(step, "connect")->absent);
	assert_int_equal(step->loc.column, 5);
	node_is(node_get(step->next, "body"), "a\nb", 7, 11, 2);
	assert_int_equal(node_get(step->next, "body")->style, STYLE_LITERAL);
	assert_null(node_get(tree.root, "nothing"));
	assert_null(node_get(offers, "x"));
	tree_free(&tree);
}

/* The tree goes on after errors that leave it whole. */
static void
test_tree_and_errors(void **state)
{
	struct tree tree;

	(void)state;
	tree_read(&tree, "t.yaml", SPAN("a: 1\na: 2\n{b: c}: d\ne: f\n"));
	assert_int_equal(tree.diags.errors, 2);
	assert_non_null(tree.root);
	assert_int_equal(tree.root->count, 2);
	assert_true(span_is(node_get(tree.root, "a")->text, "1"));
	assert_true(span_is(node_get(tree.root, "e")->text, "f"));
	tree_free(&tree);
}

static void
repeat(struct buf *out, const char *text, int count)
{
	for (int i = 0; i < count; i++)
		assert_true(buf_add_text(out, text));
}

/* head, then `count` times `part` (with a running number for %d), tail. */
static const struct big_case {
	const char *head, *part, *tail;
	int         count;
	int         id;                 /* -1: a tree without error */
	uint32_t    line, column;
} big_cases[] = {
	{ "vars:\n", "  - &a%d x\n", "", 30000, DIAG_ID_anchor, 2, 5 },
	{ "steps: ", "{", "", 10000, DIAG_ID_limit, 1, 71 },
	{ "steps: ", "{\"\":[", "", 5000, DIAG_ID_limit, 1, 167 },
	{ "", "? ", "x\n", 10000, DIAG_ID_limit, 1, 129 },
	{ "", "- ", "x\n", 10000, DIAG_ID_limit, 1, 129 },
	{ "name: t\nvars:\n", "  k%d: v\n", "", 20000, DIAG_ID_limit, 1003, 3 },
	{ "name: t\nsteps:\n", "  - {send: NOOP, expect: 250}\n", "", 20000,
	    DIAG_ID_limit, 20002, 5 },
	{ "name: \"", "\\x41", "\"\n", 75000, -1, 0, 0 },
	{ "name: ", "x", "\n", 300000, DIAG_ID_limit, 1, 7 },
	{ "name: t\nvars:\n  ", "k", ": v\n", 100000, DIAG_ID_syntax, 3,
	    100003 },
	{ "name: t\n", "k", ": v\n", 100000, DIAG_ID_syntax, 2, 1 },
	{ "#", "c", "\nname: t\n", 500000, -1, 0, 0 },
	{ "name: t\nvars:\n", " ", "a: b\n", 100000, -1, 0, 0 },
	{ "", "--- a\n", "", 20000, DIAG_ID_documents, 2, 1 },
	{ "name: t\nvars:\n  a: !", "%41", " x\n", 33000, DIAG_ID_tag, 3, 6 },
	{ "x: [", "\xc3\xa9, ", "]\n", 90000, -1, 0, 0 },
	{ "x: [", "!a b, ", "]\n", 90000, DIAG_ID_tag, 1, 5 },
	{ "x:\n", "  - *a\n", "", 90000, DIAG_ID_anchor, 2, 5 },
	{ "x: [", "\tb,\n", "]\n", 50000, DIAG_ID_tab, 1, 5 },
	{ "x:\n", "  - {a: 1, a: 2}\n", "", 19000, DIAG_ID_duplicate_key, 2,
	    12 },
	{ "x: '", "a\n", "", 300000, DIAG_ID_syntax, 1, 4 },
	{ "x: [", "\"a\\x41\",\n", "]\n", 50000, -1, 0, 0 },
	{ "a: b\n", "\xc3", "", 300000, DIAG_ID_encoding, 2, 1 },
	{ "", "x", "", 1048577, DIAG_ID_limit, 0, 0 },
};

static void
big_make(const struct big_case *big, struct buf *out)
{
	char part[64];

	repeat(out, big->head, 1);
	for (int i = 0; i < big->count; i++) {
		const char *number = strchr(big->part, '%');

		if (number != NULL && number[1] == 'd') {
			(void)snprintf(part, sizeof part, "%.*s%d%s",
			    (int)(number - big->part), big->part, i,
			    number + 2);
			repeat(out, part, 1);
		} else {
			repeat(out, big->part, 1);
		}
	}
	repeat(out, big->tail, 1);
}

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
big_check(const struct big_case *big)
{
	struct buf text = buf_new(4 * (size_t)MIB);
	struct buf out = buf_new(4 * (size_t)MIB);
	struct tree tree;
	double began;

	big_make(big, &text);
	began = seconds();
	tree_read(&tree, "big.yaml", buf_span(&text));
	complain(&tree.diags, COMPLAIN_HUMAN, false, &out);
	/* 0.2 s without sanitizers; this only catches the quadratic. */
	assert_true(seconds() - began < 2.0);
	if (big->id < 0) {
		assert_null(tree.diags.first);
		assert_non_null(tree.root);
	} else {
		assert_non_null(tree.diags.first);
		assert_int_equal(tree.diags.first->id, big->id);
		assert_int_equal(tree.diags.first->loc.line, big->line);
		assert_int_equal(tree.diags.first->loc.column, big->column);
	}
	assert_false(out.full);
	tree_free(&tree);
	buf_free(&text);
	buf_free(&out);
}

static void
test_big(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof big_cases / sizeof *big_cases; i++)
		big_check(&big_cases[i]);
}

/* Cut anywhere, a file never crashes and never is silent about an error. */
static void
test_cut(void **state)
{
	static const char text[] = "a: [b, 'c', \"d\\x41\"]\ne: { f: |\n"
	    "    x\n  }\n? g\n: &h !i *j\n--- %k\n";
	struct tree tree;

	(void)state;
	for (size_t len = 0; len < sizeof text; len++) {
		tree_read(&tree, "cut.yaml", (struct span){ text, len });
		assert_true(tree.root != NULL || tree.diags.errors > 0);
		tree_free(&tree);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_tree_and_errors),
		cmocka_unit_test(test_big),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
