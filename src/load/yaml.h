/*
 * From the octets of a file to a tree of nodes. YAML, strictly: what two
 * readers could understand in two ways is an error with its place, not a
 * guess. yaml.c is the only file that knows libyaml.
 */
#ifndef QUOTH_LOAD_YAML_H
#define QUOTH_LOAD_YAML_H

#include "model/diag.h"
#include "model/node.h"

/* The root, or NULL when the file is no tree that could be judged further;
 * errors are in `diags` either way, as many as one pass finds. Of duplicate
 * keys the first stays in the tree. Scalars may point into the file's text,
 * which lives as long as the tree. */
const struct node *yaml_read(const struct file *file, struct arena *arena,
    struct diags *diags);

#endif
