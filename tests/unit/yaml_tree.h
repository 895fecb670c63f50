/* A file read into a tree, for tests and the fuzzer. */
#ifndef QUOTH_TESTS_YAML_TREE_H
#define QUOTH_TESTS_YAML_TREE_H

#include "load/text_check.h"
#include "load/yaml.h"

#include <assert.h>

struct tree {
	struct file        file;
	struct arena       arena;
	struct diags       diags;
	const struct node *root;
};

static inline void
tree_read(struct tree *tree, const char *name, struct span text)
{
	*tree = (struct tree){ .file = { name, text } };
	tree->root = yaml_read(&tree->file, &tree->arena, &tree->diags);
}

static inline void
tree_free(struct tree *tree)
{
	arena_free(&tree->arena);
	diags_free(&tree->diags);
}

/* What the builder of scenarios asks of its free-text fields. */
static inline void
tree_check_node(const struct node *node, struct diags *diags)
{
	static const char *const texts[] = { "send", "name", "text" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (span_is(node->key, texts[i]))
			(void)yaml_check_text(node, TEXT_LINE, diags);
	if (span_is(node->key, "text") && node->kind != NODE_SCALAR) {
		diag_error(diags, DIAG_ID_wrong_type, node->loc,
		    "%s where text is expected", node_kind_name(node));
		yaml_hint_quote(node, diags);
	}
	if (span_is(node->key, "body"))
		(void)yaml_check_text(node, TEXT_BODY, diags);
	if (span_is(node->key, "write"))
		(void)yaml_check_backslash(node, diags);
	if (node->kind == NODE_LIST)
		(void)yaml_check_commas(node, diags);
}

static inline void
tree_check(const struct node *node, struct diags *diags)
{
	for (; node != NULL; node = node->next) {
		tree_check_node(node, diags);
		tree_check(node->first, diags);
	}
}

#endif
