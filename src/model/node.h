/*
 * What a file becomes before anybody knows what it means: scalars, lists and
 * maps, each with its place. YAML and Lua both end here, and one builder
 * reads it. Nodes are immutable once built and live as long as the program.
 */
#ifndef QUOTH_MODEL_NODE_H
#define QUOTH_MODEL_NODE_H

#include "base/arena.h"
#include "base/loc.h"

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP,
	NODE_FUNCTION };        /* of a script; text is its number */

/* How a scalar was written; messages and a few rules depend on it. */
enum node_style { STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_LITERAL,
	STYLE_FOLDED,
	STYLE_SCRIPT };         /* a value of a script: no text of a file */

struct node {
	uint8_t         kind, style;
	bool            absent;         /* plain and empty: no value was given */
	bool            flow;           /* stands inside [ ] or { } */
	bool            literal;        /* final octets: no ${x}, no escapes */
	bool            secret;         /* its text was made of a secret */
	uint32_t        count;          /* children */
	uint32_t        offset, end;    /* octets in the file: first, behind */
	struct loc      loc;
	struct span     text;           /* scalar */
	struct span     key;            /* child of a map */
	struct loc      key_loc;
	const struct node *first, *next;
};

/* The child of that key, or NULL; also NULL when `map` is no map. */
const struct node *node_get(const struct node *map, const char *key);

/* Nothing behind `key:`. A script's table cannot say so: there an empty text or
 * table means it. */
bool node_is_nothing(const struct node *node);

/* A map, or the empty table of a script, which may mean one as well. */
bool node_is_map(const struct node *node);

/* "a scalar", "a list", "a map" for messages. */
const char *node_kind_name(const struct node *node);

/* The place of octet `at` of a scalar's text, as exact as the style allows. */
struct loc node_loc_at(const struct node *scalar, size_t at);

/* Appends; used by the two builders of trees. */
void node_append(struct node *parent, struct node **last, struct node *child);

#endif
