/* Nodes: look up, names, and the place of each octet of a scalar. */
#include "yaml_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* The scalar of `source` (the value of "a:"): octet `at` of its text is the
 * character at line:column of the file. */
static const struct place_case {
	const char *source, *text;
	size_t      at;
	uint32_t    line, column;
} place_cases[] = {
	{ "a: plain text", "plain text", 0, 1, 4 },
	{ "a: plain text", "plain text", 6, 1, 10 },
	{ "a: plain text", "plain text", 10, 1, 14 },
	{ "a: plain text", "plain text", 99, 1, 14 },
	{ "a: \xc3\xa4\xe2\x82\xac x", "\xc3\xa4\xe2\x82\xac x", 6, 1, 7 },
	{ "a: one\n  two  \n\n  three", "one two\nthree", 3, 1, 7 },
	{ "a: one\n  two  \n\n  three", "one two\nthree", 4, 2, 3 },
	{ "a: one\n  two  \n\n  three", "one two\nthree", 8, 4, 3 },
	{ "a: one\r\n  two", "one two", 4, 2, 3 },
	{ "a: 'it''s x'", "it's x", 0, 1, 5 },
	{ "a: 'it''s x'", "it's x", 2, 1, 7 },
	{ "a: 'it''s x'", "it's x", 3, 1, 9 },
	{ "a: 'it''s x'", "it's x", 5, 1, 11 },
	{ "a: 'x'", "x", 1, 1, 6 },
	{ "a: 'x\n  y'", "x y", 2, 2, 3 },
	{ "a: \"abc\"", "abc", 2, 1, 7 },
	{ "a: \"\\x41\\u00e4\\U0001F600b\"", "A\xc3\xa4\xf0\x9f\x98\x80" "b", 1,
	    1, 9 },
	{ "a: \"\\x41\\u00e4\\U0001F600b\"", "A\xc3\xa4\xf0\x9f\x98\x80" "b", 3,
	    1, 15 },
	{ "a: \"\\x41\\u00e4\\U0001F600b\"", "A\xc3\xa4\xf0\x9f\x98\x80" "b", 7,
	    1, 25 },
	{ "a: \"\\t\\\"\\L\\_\\Nz\"", NULL, 9, 1, 15 },
	{ "a: \"x \\\n   y\"", "x y", 2, 2, 4 },
	{ "a: \"x\n\n   y\"", "x\ny", 2, 3, 4 },
	{ "a: \"  x\"", "  x", 2, 1, 7 },
	{ "a: |\n  one\n  two\n", "one\ntwo\n", 0, 2, 3 },
	{ "a: |\n  one\n  two\n", "one\ntwo\n", 3, 2, 6 },
	{ "a: |\n  one\n  two\n", "one\ntwo\n", 4, 3, 3 },
	{ "a: |\r\n  one\r\n  two\r\n", "one\ntwo\n", 5, 3, 4 },
	{ "a: |  # note\n\n\n  one\n\n  two\n", "\n\none\n\ntwo\n", 2, 4, 3 },
	{ "a: |  # note\n\n\n  one\n\n  two\n", "\n\none\n\ntwo\n", 7, 6, 3 },
	{ "a: |2\n    one\n  two\n", "  one\ntwo\n", 2, 2, 5 },
	{ "a: |2\n    one\n  two\n", "  one\ntwo\n", 6, 3, 3 },
	{ "a: |\n  one\n    two\n", "one\n  two\n", 6, 3, 5 },
	{ "a: >\n  one\n  two\n", "one two\n", 4, 3, 3 },
	{ "a: >\n  one\n\n  two\n\n\n  six\n", "one\ntwo\n\nsix\n", 4, 4, 3 },
	{ "a: >\n  one\n\n  two\n\n\n  six\n", "one\ntwo\n\nsix\n", 9, 7, 3 },
	{ "a: >\n  one\n    two\n  six\n", "one\n  two\nsix\n", 6, 3, 5 },
	{ "a: >\n  one\n    two\n  six\n", "one\n  two\nsix\n", 10, 4, 3 },
	{ "a: >\n  one\n\n    two\n\n  six\n", "one\n\n  two\n\nsix\n", 12, 6,
	    3 },
	{ "a: [x, 'y z']", NULL, 0, 1, 4 },
};

static void
test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof place_cases / sizeof *place_cases; i++) {
		const struct place_case *now = &place_cases[i];
		const struct node *node;
		struct tree tree;
		struct loc  loc;

		tree_read(&tree, "t.yaml", span_of(now->source));
		if (tree.root == NULL)
			fail_msg("%s: %s", now->source,
			    tree.diags.first->text);
		node = tree.root->first;
		if (now->text != NULL && !span_is(node->text, now->text))
			fail_msg("%s: %.*s", now->source,
			    SPAN_ARG(node->text));
		loc = node_loc_at(node, now->at);
		if (loc.line != now->line || loc.column != now->column)
			fail_msg("%s at %zu: %u:%u", now->source, now->at,
			    loc.line, loc.column);
		tree_free(&tree);
	}
}

/* Nodes that no file was read for (Lua) keep the place they have. */
static void
test_no_file(void **state)
{
	const struct node node = { .text = SPAN("abc"), .loc = { NULL, 7, 1,
		1 } };
	const struct file file = { "x.lua", SPAN("abc") };
	struct node with = node;

	(void)state;
	assert_int_equal(node_loc_at(&node, 2).line, 7);
	with.loc.file = &file;
	with.end = 100;
	assert_int_equal(node_loc_at(&with, 2).line, 7);
}

static void
test_tree(void **state)
{
	struct node list = { .kind = NODE_LIST }, map = { .kind = NODE_MAP };
	struct node one = { .key = SPAN("one") }, two = { .key = SPAN("two") };
	struct node *last = NULL;

	(void)state;
	node_append(&map, &last, &one);
	node_append(&map, &last, &two);
	assert_int_equal(map.count, 2);
	assert_ptr_equal(node_get(&map, "one"), &one);
	assert_ptr_equal(node_get(&map, "two"), &two);
	assert_null(node_get(&map, "on"));
	assert_null(node_get(&list, "one"));
	assert_null(node_get(NULL, "one"));
	assert_string_equal(node_kind_name(&one), "a scalar");
	assert_string_equal(node_kind_name(&list), "a list");
	assert_string_equal(node_kind_name(&map), "a map");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
