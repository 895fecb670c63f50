/*
 * What functions reach, and what of it a run could change: a graph that grows
 * with each value that is looked at, kept in the registry. What was made while
 * the file loaded is not changed later, for runs only touch their copies; so
 * what is known of it stays true.
 */
#ifndef QUOTH_SCRIPT_REACH_H
#define QUOTH_SCRIPT_REACH_H

#include "script/vm/vm.h"

struct reach_node {
	bool     dirty;                 /* a run could change it, or what it
	                                 * reaches: each needs its own */
	bool     frozen;                /* never dirty */
	uint32_t edges;                 /* the first that leads here, or 0 */
	uint32_t next;                  /* of those to be spread */
};
struct reach_edge { uint32_t from, next; };

/* Nodes and edges are counted from 1. */
struct reach {
	struct reach_node *nodes;
	struct reach_edge *edges;
	uint32_t           node_count, edge_count, node_room, edge_room;
	uint32_t           walked;      /* nodes whose edges are known */
};

/* Pushes the table of numbers: value -> its node. The cell of an upvalue is
 * known by lua_upvalueid(). What is not in it is shared. */
const struct reach *reach_open(lua_State *L);

/* Adds the value at `at` and everything that it reaches. */
void reach_look(lua_State *L, int at);

/* What it reaches is shared from now on, whoever could change it. */
void reach_freeze(lua_State *L, int at);

/* Must the value on top of the stack be copied, numbers being at `numbers`? */
bool reach_is_dirty(const struct reach *reach, lua_State *L, int numbers);

#endif
