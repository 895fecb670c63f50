/*
 * From nodes, as they come, to a tree: what yaml.c does that needs no libyaml.
 *
 * A file with tags, aliases or the like is read to its end, so that all of
 * them are shown at once, but gives no tree (`poisoned`): what stands in their
 * place would only cause errors that are none.
 */
#ifndef QUOTH_LOAD_YAML_BUILD_H
#define QUOTH_LOAD_YAML_BUILD_H

#include "load/keys.h"
#include "load/yaml_rules.h"

struct frame {
	struct node *node, *last;       /* last: child */
	struct keys  keys;
	struct span  key;
	struct loc   key_loc;
	uint32_t     keys_seen;
	bool         have_key;
	bool         drop;              /* the value of a refused key */
	bool         is_key;            /* the collection stands as a key */
	bool         paired;            /* [key: value] was complained of */
	bool         flow;              /* children stand inside [ ] or { } */
};

struct builder {
	struct arena      *arena;
	struct diags      *diags;
	struct rules       rules;
	const struct node *root;
	struct frame      *stack;       /* LIMIT_YAML_DEPTH, set up as used */
	uint32_t           depth, deepest, nodes;
	bool               poisoned;
	bool               stop;        /* a limit: reading makes no sense */
};

/* What YAML adds to a node; anchor and tag may be NULL. */
struct property {
	const char *anchor, *tag;
	bool        one_line;           /* scalar */
	uint32_t    end_column;         /* behind it, if one_line */
};

/* Nodes come with kind, style, offset, end, place and `flow`. */
void build_scalar(struct builder *build, struct node *node, struct span value,
    const struct property *property);
void build_alias(struct builder *build, struct node *node, struct span name);
void build_open(struct builder *build, const struct node *begun,
    const struct property *property);
void build_close(struct builder *build, size_t end);

/* The next node stands inside [ ] or { }. */
bool build_in_flow(const struct builder *build);

void build_free(struct builder *build);

#endif
