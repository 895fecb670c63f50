/*
 * Any octets to a tree: every node and every place lies inside the file, what
 * is no tree has an error, and everything prints.
 */
#include "../unit/yaml_tree.h"

#include "base/limits.h"
#include "cmd/complain.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Octet of a place, or abort. */
static void
place_check(const struct file *file, struct loc loc)
{
	struct span line = loc_line(file, loc.line);

	require(loc.file == file && loc.line > 0 && loc.column > 0);
	require(loc.column <= line.len + 3);
	require(loc.width <= line.len + 3);
}

static void
node_check(const struct file *file, const struct node *node)
{
	require(node->offset <= node->end && node->end <= file->text.len);
	place_check(file, node->loc);
	if (node->offset > 0 || node->kind == NODE_SCALAR) {
		struct loc again = loc_at(file, node->offset);

		require(again.line == node->loc.line &&
		    again.column == node->loc.column);
	}
	if (node->kind != NODE_SCALAR)
		return;
	for (size_t at = 0; at <= node->text.len;
	    at += 1 + node->text.len / 16)
		place_check(file, node_loc_at(node, at));
}

static void
tree_walk(const struct file *file, const struct node *node, int depth)
{
	require(depth <= LIMIT_YAML_DEPTH);
	for (; node != NULL; node = node->next) {
		node_check(file, node);
		if (node->key_loc.file != NULL)
			place_check(file, node->key_loc);
		tree_walk(file, node->first, depth + 1);
	}
}

static void
print_all(struct diags *diags)
{
	for (int format = COMPLAIN_HUMAN; format <= COMPLAIN_GITLAB; format++) {
		struct buf out = buf_new(4 * (size_t)MIB);

		complain(diags, (enum complain_format)format, format == 0,
		    &out);
		require(!out.full);
		buf_free(&out);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree tree;

	tree_read(&tree, "fuzz.yaml", (struct span){ (const char *)data, size });
	require(tree.root != NULL || tree.diags.errors > 0);
	tree_walk(&tree.file, tree.root, 0);
	tree_check(tree.root, &tree.diags);
	for (const struct diag *diag = tree.diags.first; diag != NULL;
	    diag = diag->next)
		if (diag->loc.line > 0)
			place_check(&tree.file, diag->loc);
	print_all(&tree.diags);
	tree_free(&tree);
	return 0;
}
