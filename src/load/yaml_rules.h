/*
 * The strictness that libyaml's events do not show: what stands in the file
 * between them and around them. Used by yaml.c alone; knows no libyaml.
 */
#ifndef QUOTH_LOAD_YAML_RULES_H
#define QUOTH_LOAD_YAML_RULES_H

#include "model/diag.h"
#include "model/node.h"

struct rules {
	const struct file *file;
	struct diags      *diags;
	bool               tabs;        /* the file holds tabs at all */
	uint32_t           tab_line, alias_line; /* complained of already */
	size_t             passed;      /* octets up to here are read */
	size_t             scalar_at, scalar_end;
};

/* A collection that begins with [ or {. */
bool rules_is_flow(const struct rules *rules, const struct node *node);

/* Characters of the node on its first line. */
uint32_t rules_width(const struct rules *rules, const struct node *node);

/* What stands before a node: tabs; and `? `, when it is a key. */
void rules_gap(struct rules *rules, const struct node *node);

/* True when a key is one that no value may have: `? key` and `<<`. */
bool rules_key(struct rules *rules, const struct node *key);

/* Anchor and tag before a node, either may be NULL; the node's place moves
 * behind them. True when they change what the node means. */
bool rules_properties(struct rules *rules, struct node *node,
    const char *anchor, const char *tag);

void rules_alias(struct rules *rules, const struct node *alias);

/* All directives from octet `at` on. */
void rules_directives(struct rules *rules, struct loc loc, size_t at);

/* The node, or its first octet or its last, lies behind. */
void rules_passed(struct rules *rules, const struct node *scalar);
void rules_opened(struct rules *rules, const struct node *node);
void rules_closed(struct rules *rules, const struct node *node);

#endif
