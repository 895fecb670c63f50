/*
 * The fields of t. What START gave stays a string of octets until somebody
 * asks for more than a text of it, then it becomes tables. params and vars are
 * read-only; vars wait until all that could set one is known.
 */
#include "script/bridge/bridge_own.h"

/* The table of values; each is made when it is asked for first. */
enum {
	OCTETS = 1, BUILT_INS, PARAMS, VARS, PARAMS_BOX, VARS_BOX, TARGET
};

static const char *const fields[] = { "params", "vars", "client", "scenario",
	"row", "attempt", "seed", "target", "connect", "note", "skip", "fail",
	"pipeline", "eventually", "use", "random", "uuid", "date", "base64",
	"unbase64", "hmac", "wait", "set" };

/* Pushes one of the three maps that START gave. */
static void
map_push(struct bridge *b, lua_State *L, int table, int which)
{
	struct span in;
	bool        fine = true;

	if (lua_rawgeti(L, table, which) != LUA_TNIL)
		return;
	lua_pop(L, 1);
	(void)lua_rawgeti(L, table, OCTETS);
	in = bridge_span(L, -1);
	for (int i = BUILT_INS; fine && i < which; i++)
		fine = take_skip(&in, 0);
	if (!fine || !take_push(b, L, &in, 0)) {
		b->broken = true;
		(void)bridge_raise(L, "the run was started with broken "
		    "values");
	}
	lua_remove(L, -2);
	lua_pushvalue(L, -1);
	lua_rawseti(L, table, which);
}

static void
box_add(struct bridge *b, lua_State *L, const struct run *run, int table,
    int at, bool vars)
{
	struct names_box *box = lua_newuserdatauv(L, sizeof *box, 1);

	*box = (struct names_box){ BOX_NAMES, run->id, vars };
	bridge_meta(b, L, BOX_NAMES);
	map_push(b, L, table, vars ? VARS : PARAMS);
	(void)lua_setiuservalue(L, -2, 1);
	lua_rawseti(L, table, at);
}

static void
target_add(struct bridge *b, lua_State *L, int table)
{
	static const char *const names[] = { "target.host", "host",
		"target.port", "port" };

	lua_newtable(L);
	map_push(b, L, table, BUILT_INS);
	for (size_t i = 0; i < 4; i += 2) {
		(void)lua_pushstring(L, names[i + 1]);
		(void)lua_pushstring(L, names[i]);
		(void)lua_rawget(L, -3);
		lua_rawset(L, -4);
	}
	lua_pop(L, 1);
	vm_freeze(L, "t.target");
	lua_rawseti(L, table, TARGET);
}

/* Pushes the table of values. */
static void
values_push(lua_State *L, const struct run *run)
{
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	if (lua_getiuservalue(L, -1, RUN_VALUES) == LUA_TSTRING) {
		lua_newtable(L);
		lua_insert(L, -2);
		lua_rawseti(L, -2, OCTETS);
		lua_pushvalue(L, -1);
		(void)lua_setiuservalue(L, -3, RUN_VALUES);
	}
	lua_remove(L, -2);
}

void
names_set(struct bridge *b, lua_State *L, struct run *run, struct span name,
    struct span value)
{
	values_push(L, run);
	map_push(b, L, lua_gettop(L), VARS);
	(void)lua_pushlstring(L, name.ptr, name.len);
	(void)lua_pushlstring(L, value.ptr, value.len);
	lua_rawset(L, -3);
	lua_pop(L, 2);
}

/* An object of the values, made when it is asked for first. */
static int
value_push(struct bridge *b, lua_State *L, const struct run *run, int at)
{
	int table;

	values_push(L, run);
	table = lua_gettop(L);
	if (lua_rawgeti(L, table, at) != LUA_TNIL)
		return 1;
	if (at == TARGET)
		target_add(b, L, table);
	else
		box_add(b, L, run, table, at, at == VARS_BOX);
	(void)lua_rawgeti(L, table, at);
	return 1;
}

/* A text straight off the octets. */
static int
built_in_push(struct bridge *b, lua_State *L, const struct run *run)
{
	struct span text;

	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	if (lua_getiuservalue(L, -1, RUN_VALUES) == LUA_TTABLE)
		(void)lua_rawgeti(L, -1, OCTETS);
	if (lua_type(L, -1) == LUA_TSTRING && take_find(bridge_span(L, -1),
	    lua_tostring(L, 2), &text)) {
		(void)lua_pushlstring(L, text.ptr, text.len);
		return 1;
	}
	values_push(L, run);
	map_push(b, L, lua_gettop(L), BUILT_INS);
	lua_pushvalue(L, 2);
	(void)lua_rawget(L, -2);
	return 1;
}

bool
names_of_t(struct span key)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (key.ptr != NULL && span_is(key, fields[i]))
			return true;
	return false;
}

/* A method of connections, taken for one of t. */
static bool
is_act(struct span key)
{
	const struct verb *verb = key.ptr == NULL ? NULL : verb_find(key);

	return (verb != NULL && !verb->wireless) || (key.ptr != NULL &&
	    (span_is(key, "expect") || span_is(key, "check") ||
	    span_is(key, "expect_each")));
}

static int
unknown_raise(lua_State *L, struct span key)
{
	const char *near = span_nearest(key, fields,
	    sizeof fields / sizeof *fields);

	if (is_act(key))
		return bridge_raise(L, "t has no '%s'; a connection has: "
		    "c:%s(...)", key.ptr, key.ptr);
	return bridge_raise(L, "t has no '%.40s'%s%s%s",
	    key.ptr == NULL ? luaL_typename(L, 2) : key.ptr,
	    near == NULL ? "" : "; did you mean '",
	    near == NULL ? "" : near, near == NULL ? "" : "'?");
}

static int
vars_known(lua_State *L, int status, lua_KContext context)
{
	struct run *run = (struct run *)context;

	(void)status;
	if (!run->stopped)
		run_ready(L, run);
	return value_push(bridge_of(L), L, run, VARS_BOX);
}

/* The one of --seed, as a number; run->seed is made of it and the scenario. */
static int
seed_push(struct bridge *b, lua_State *L, struct run *run)
{
	(void)built_in_push(b, L, run);
	if (lua_type(L, -1) == LUA_TSTRING)
		(void)lua_stringtonumber(L, lua_tostring(L, -1));
	return 1;
}

/* __index of t; upvalue 2 holds its methods. */
int
names_t(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct run    *run;
	struct span    key = { NULL, 0 };

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL)
		return 1;
	run = run_check(L, b, "?");
	if (lua_type(L, 2) == LUA_TSTRING)
		key = bridge_span(L, 2);
	if (span_is(key, "params"))
		return value_push(b, L, run, PARAMS_BOX);
	if (span_is(key, "vars")) {
		if (run->group != NULL)
			return value_push(b, L, run, VARS_BOX);
		return run_wait(L, b, run, run->sent, vars_known,
		    (lua_KContext)run);
	}
	if (span_is(key, "target"))
		return value_push(b, L, run, TARGET);
	if (span_is(key, "attempt"))
		lua_pushinteger(L, (lua_Integer)run->attempt);
	else if (span_is(key, "seed"))
		return seed_push(b, L, run);
	else if (span_is(key, "client") || span_is(key, "scenario") ||
	    span_is(key, "row"))
		return built_in_push(b, L, run);
	else
		return unknown_raise(L, key);
	return 1;
}

/* A parameter that is not there is a slip; a variable may come later. */
static int
param_unknown(lua_State *L)
{
	const char *words[64], *near;
	struct span key = { NULL, 0 };
	size_t      count = 0;

	if (lua_type(L, 2) == LUA_TSTRING)
		key = bridge_span(L, 2);
	lua_settop(L, 3);
	lua_pushnil(L);
	while (lua_next(L, 3) != 0 && count < 64) {
		lua_pop(L, 1);
		words[count++] = lua_tostring(L, -1);
		lua_pushvalue(L, -1);
	}
	near = span_nearest(key, words, count);
	return bridge_raise(L, "there is no parameter '%.40s'%s%s%s",
	    key.ptr == NULL ? luaL_typename(L, 2) : key.ptr,
	    near == NULL ? "" : "; did you mean '",
	    near == NULL ? "" : near, near == NULL ? "" : "'?");
}

static int
index_over(lua_State *L, int status, lua_KContext context)
{
	const struct names_box *box = lua_touserdata(L, 1);

	(void)status, (void)context;
	lua_settop(L, 2);
	(void)lua_getiuservalue(L, 1, 1);
	lua_pushvalue(L, 2);
	if (lua_rawget(L, 3) == LUA_TNIL && !box->vars) {
		lua_pop(L, 1);
		return param_unknown(L);
	}
	return 1;
}

static const struct names_box *
box_check(lua_State *L, const struct bridge *b)
{
	const struct names_box *box = lua_touserdata(L, 1);

	if (!bridge_is(L, 1, BOX_NAMES) || b->current == NULL ||
	    box->run != b->current->id)
		(void)bridge_raise(L, "these values are of another run");
	return box;
}

int
names_index(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	const struct names_box *box = box_check(L, b);

	if (!box->vars || b->current->group != NULL)
		return index_over(L, LUA_OK, 0);
	return run_wait(L, b, b->current, b->current->sent, index_over, 0);
}

static int
pairs_next(lua_State *L)
{
	lua_settop(L, 2);
	if (lua_next(L, lua_upvalueindex(2)) != 0)
		return 2;
	lua_pushnil(L);
	return 1;
}

int
names_pairs(lua_State *L)
{
	struct bridge *b = bridge_of(L);

	(void)box_check(L, b);
	lua_pushlightuserdata(L, b);
	(void)lua_getiuservalue(L, 1, 1);
	lua_pushcclosure(L, pairs_next, 2);
	return 1;
}
