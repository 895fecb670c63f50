/*
 * A walk over tables, functions and the cells of their upvalues, without
 * recursion: authors nest as deeply as they like. Tables can be changed, and
 * so can a cell that some function sets; whatever reaches one of them is dirty
 * as well. Each node is walked once and becomes dirty once, so the work is
 * linear however many functions are looked at.
 *
 * All memory is Lua's, in its own accounts. An error in the middle (no memory)
 * leaves a graph that the next look goes on with.
 */
#include "script/vm/reach.h"

#include "script/vm/bytecode.h"

#include <lauxlib.h>

enum { FIRST = 64 };            /* room for nodes and for edges */

enum {                          /* user values of the graph */
	HAS_NUMBERS = 1, HAS_VALUES, HAS_NODES, HAS_EDGES, HAS_COUNT = HAS_EDGES
};

struct walk {
	lua_State    *L;
	struct reach *reach;
	int           box, numbers, values;     /* places on the stack */
	bool          freeze;
};

static const char reach_key;

static struct reach *
graph_new(lua_State *L)
{
	struct reach *reach = lua_newuserdatauv(L, sizeof *reach, HAS_COUNT);

	*reach = (struct reach){ .node_room = FIRST, .edge_room = FIRST };
	lua_newtable(L);
	lua_setiuservalue(L, -2, HAS_NUMBERS);
	lua_newtable(L);
	lua_setiuservalue(L, -2, HAS_VALUES);
	reach->nodes = lua_newuserdatauv(L, FIRST * sizeof *reach->nodes, 0);
	lua_setiuservalue(L, -2, HAS_NODES);
	reach->edges = lua_newuserdatauv(L, FIRST * sizeof *reach->edges, 0);
	lua_setiuservalue(L, -2, HAS_EDGES);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &reach_key);
	return reach;
}

static struct reach *
graph_push(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &reach_key) == LUA_TUSERDATA)
		return lua_touserdata(L, -1);
	lua_pop(L, 1);
	return graph_new(L);
}

const struct reach *
reach_open(lua_State *L)
{
	const struct reach *reach = graph_push(L);

	(void)lua_getiuservalue(L, -1, HAS_NUMBERS);
	lua_remove(L, -2);
	return reach;
}

/* An array with twice the room, kept in the place of the old one. */
static void *
grown(struct walk *w, const void *old, uint32_t *room, size_t unit, int kept)
{
	void *larger = lua_newuserdatauv(w->L, 2 * *room * unit, 0);

	memcpy(larger, old, *room * unit);
	lua_setiuservalue(w->L, w->box, kept);
	*room *= 2;
	return larger;
}

/* Everything that reaches it is dirty as well. Those whose own edges are still
 * to be followed wait in a list through themselves. */
static void
dirty_set(struct reach *reach, uint32_t number)
{
	struct reach_node *nodes = reach->nodes;
	uint32_t first;

	if (nodes[number].dirty || nodes[number].frozen)
		return;
	nodes[number].dirty = true;
	nodes[number].next = 0;
	for (first = number; first != 0;) {
		uint32_t edge = nodes[first].edges;

		first = nodes[first].next;
		for (; edge != 0; edge = reach->edges[edge].next) {
			uint32_t from = reach->edges[edge].from;

			if (nodes[from].dirty || nodes[from].frozen)
				continue;
			nodes[from].dirty = true;
			nodes[from].next = first;
			first = from;
		}
	}
}

static void
edge_add(struct walk *w, uint32_t from, uint32_t to)
{
	struct reach *reach = w->reach;

	if (from == 0)
		return;
	if (reach->edge_count + 1 >= reach->edge_room)
		reach->edges = grown(w, reach->edges, &reach->edge_room,
		    sizeof *reach->edges, HAS_EDGES);
	reach->edges[++reach->edge_count] = (struct reach_edge){ from,
		reach->nodes[to].edges };
	reach->nodes[to].edges = reach->edge_count;
	if (reach->nodes[to].dirty)
		dirty_set(reach, from);
}

/* The key on top of the stack, which is popped. It counts only once both
 * tables have it. */
static uint32_t
node_add(struct walk *w)
{
	struct reach *reach = w->reach;
	uint32_t number = reach->node_count + 1;

	if (number >= reach->node_room)
		reach->nodes = grown(w, reach->nodes, &reach->node_room,
		    sizeof *reach->nodes, HAS_NODES);
	reach->nodes[number] = (struct reach_node){ .frozen = w->freeze };
	lua_pushvalue(w->L, -1);
	lua_rawseti(w->L, w->values, number);
	lua_pushinteger(w->L, number);
	lua_rawset(w->L, w->numbers);
	return reach->node_count = number;
}

/* Nothing that could ever change: no node is needed. */
static bool
is_plain(lua_State *L, int at)
{
	switch (lua_type(L, at)) {
	case LUA_TTABLE:
	case LUA_TFUNCTION:
		return vm_frozen(L, at);
	case LUA_TTHREAD:
		return false;
	case LUA_TUSERDATA:
		/* Those of quoth have a metatable and no state of a run; the
		 * others are iterators of the standard library. */
		if (!lua_getmetatable(L, at))
			return false;
		lua_pop(L, 1);
		return true;
	}
	return true;
}

/* The node of the key on top of the stack, which is popped. */
static uint32_t
node_of(struct walk *w, uint32_t from, bool *fresh)
{
	uint32_t number;

	lua_pushvalue(w->L, -1);
	*fresh = lua_rawget(w->L, w->numbers) != LUA_TNUMBER;
	number = (uint32_t)lua_tointeger(w->L, -1);
	lua_pop(w->L, 1);
	if (*fresh)
		number = node_add(w);
	else
		lua_pop(w->L, 1);
	edge_add(w, from, number);
	return number;
}

/* An environment holds what the author makes, whatever else reaches it. */
static bool
is_left_out(struct walk *w)
{
	if (!w->freeze || !vm_env_globals(w->L, -1))
		return false;
	lua_pop(w->L, 1);
	return true;
}

/* The value on top, which is popped, is reached from that node. */
static void
meet(struct walk *w, uint32_t from)
{
	bool fresh;

	if (is_plain(w->L, -1) || is_left_out(w))
		lua_pop(w->L, 1);
	else
		(void)node_of(w, from, &fresh);
}

/* Keys and values of the table on top. */
static void
pairs_walk(struct walk *w, uint32_t from)
{
	lua_State *L = w->L;
	int        table = lua_gettop(L);

	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		meet(w, from);
		lua_pushvalue(L, -1);
		meet(w, from);
	}
}

/* Nobody changes an environment inside of a run: vm sees to it. */
static void
table_walk(struct walk *w, uint32_t from)
{
	if (vm_env_globals(w->L, -1)) {
		pairs_walk(w, from);
		lua_pop(w->L, 1);
		return;
	}
	dirty_set(w->reach, from);
	pairs_walk(w, from);
	if (lua_getmetatable(w->L, -1))
		meet(w, from);
}

/* Upvalue `n` of the function on top. Which of its upvalues a function sets
 * is not known, so all of them count; but not the environment, of which each
 * copy has a cell of its own. */
static void
cell_walk(struct walk *w, uint32_t from, int n, bool assigned)
{
	lua_State *L = w->L;
	uint32_t   number;
	bool       fresh;

	lua_pushlightuserdata(L, lua_upvalueid(L, -1, n));
	number = node_of(w, from, &fresh);
	(void)lua_getupvalue(L, -1, n);
	if (vm_env_globals(L, -1))
		lua_pop(L, 1);
	else if (assigned)
		dirty_set(w->reach, number);
	if (fresh)
		meet(w, number);
	else
		lua_pop(L, 1);
}

/* Does the function on top set an upvalue? Also "nobody can tell". */
static bool
assigns(lua_State *L)
{
	struct bytecode_findings findings = { 0 };

	return !bytecode_read(L, &findings) || findings.assigns;
}

static void
function_walk(struct walk *w, uint32_t from)
{
	lua_State *L = w->L;
	bool       native = lua_iscfunction(L, -1);
	bool       assigned = !native && !w->freeze && assigns(L);

	if (assigned)
		dirty_set(w->reach, from);
	for (int n = 1; lua_getupvalue(L, -1, n) != NULL; n++) {
		if (native) {
			meet(w, from);
			continue;
		}
		lua_pop(L, 1);
		cell_walk(w, from, n, assigned);
	}
}

static void
node_walk(struct walk *w, uint32_t number)
{
	lua_rawgeti(w->L, w->values, number);
	switch (lua_type(w->L, -1)) {
	case LUA_TTABLE:
		table_walk(w, number);
		break;
	case LUA_TFUNCTION:
		function_walk(w, number);
		break;
	case LUA_TTHREAD:
	case LUA_TUSERDATA:             /* whoever copies it will refuse */
		dirty_set(w->reach, number);
		break;
	}
	lua_pop(w->L, 1);
}

static void
look(struct walk *w, int at)
{
	lua_State *L = w->L;
	int        top = lua_gettop(L);

	luaL_checkstack(L, 24, "reach");
	lua_pushvalue(L, at);
	w->reach = graph_push(L);
	w->box = top + 2;
	(void)lua_getiuservalue(L, w->box, HAS_NUMBERS);
	w->numbers = top + 3;
	(void)lua_getiuservalue(L, w->box, HAS_VALUES);
	w->values = top + 4;
	lua_pushvalue(L, top + 1);
	meet(w, 0);
	for (; w->reach->walked < w->reach->node_count; w->reach->walked++)
		node_walk(w, w->reach->walked + 1);
	lua_settop(L, top);
}

void
reach_look(lua_State *L, int at)
{
	struct walk w = { .L = L };

	look(&w, at);
}

void
reach_freeze(lua_State *L, int at)
{
	struct walk w = { .L = L, .freeze = true };

	look(&w, at);
}

bool
reach_is_dirty(const struct reach *reach, lua_State *L, int numbers)
{
	bool dirty;

	lua_pushvalue(L, -1);
	dirty = lua_rawget(L, numbers) == LUA_TNUMBER &&
	    reach->nodes[lua_tointeger(L, -1)].dirty;
	lua_pop(L, 1);
	return dirty;
}
