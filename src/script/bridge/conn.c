/*
 * Connections: t:connect, their names, and <close>, which says goodbye: with
 * QUIT when the dialogue stopped, with a plain close when it went well, and
 * with nothing after a QUIT of the script's own.
 */
#include "script/bridge/bridge_own.h"

#include "base/limits.h"
#include "base/mem.h"

#include <stdio.h>

enum { NAME_MAX_LEN = 64, NAMES_MAX = 64 };

static struct conn *
conn_find(struct run *run, struct span name)
{
	struct conn *conn = run->first;

	while (conn != NULL && !span_eq(conn->name, name))
		conn = conn->next;
	return conn;
}

/* The connections hang on t in a chain; pushes that one. */
static void
conn_push(lua_State *L, const struct run *run, const struct conn *conn)
{
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	(void)lua_getiuservalue(L, -1, RUN_CONNS);
	lua_remove(L, -2);
	while (lua_touserdata(L, -1) != conn) {
		(void)lua_getiuservalue(L, -1, 2);
		lua_remove(L, -2);
	}
}

/* The name is on top of the stack, and becomes the connection. */
static struct conn *
conn_new(lua_State *L, struct bridge *b, struct run *run)
{
	struct span  name = bridge_span(L, -1);
	struct conn *conn;

	if (run->conns == LIMIT_CONNECTIONS)
		(void)bridge_raise(L, "connect: more than %d connections in "
		    "one scenario", LIMIT_CONNECTIONS);
	conn = lua_newuserdatauv(L, sizeof *conn, 3);
	*conn = (struct conn){ .kind = BOX_CONN, .run = run->id,
	    .next = run->first, .name = name,
	    .is_main = span_is(name, "main") };
	bridge_meta(b, L, BOX_CONN);
	lua_insert(L, -2);
	(void)lua_setiuservalue(L, -2, 1);
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	(void)lua_getiuservalue(L, -1, RUN_CONNS);
	(void)lua_setiuservalue(L, -3, 2);
	lua_pushvalue(L, -2);
	(void)lua_setiuservalue(L, -2, RUN_CONNS);
	lua_pop(L, 1);
	run->first = conn;
	run->conns++;
	return conn;
}

/* A copy of the argument without `on`, in its place. */
static void
on_remove(lua_State *L)
{
	bool any = false;
	int  copy;

	lua_newtable(L);
	copy = lua_gettop(L);
	lua_pushnil(L);
	while (lua_next(L, 2) != 0) {
		if (lua_type(L, -2) == LUA_TSTRING &&
		    span_is(bridge_span(L, -2), "on")) {
			lua_pop(L, 1);
			continue;
		}
		any = true;
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, copy);
	}
	if (!any) {
		lua_pop(L, 1);
		lua_pushnil(L);
	}
	lua_replace(L, 2);
}

/* Closed by an act or by <close>, or after a QUIT that was answered. */
static bool
is_over(const struct conn *conn)
{
	return conn->closed != 0 || conn->lost ||
	    (conn->quit_last && conn->quit_seen);
}

/* The oldest that we named ourselves and that is over: its name is free. */
static const struct conn *
unnamed_over(const struct run *run)
{
	const struct conn *found = NULL;

	for (const struct conn *c = run->first; c != NULL; c = c->next)
		if (c->unnamed && is_over(c))
			found = c;
	return found;
}

/* Is a QUIT that was expected under way? Which name is free must not depend on how far ahead of
 * its outcomes the script is. */
static bool
quits_unheard(const struct run *run)
{
	if (run->group != NULL || run->sent == run->done)
		return false;
	for (const struct conn *c = run->first; c != NULL; c = c->next)
		if (c->unnamed && c->quit_last && !is_over(c))
			return true;
	return false;
}

/* Pushes the name: as given, or of one that is over, or main, 2, 3 and so
 * on. True: it was not given. */
static bool
name_push(lua_State *L, struct run *run)
{
	const struct conn *over;

	if (lua_istable(L, 2)) {
		(void)lua_pushliteral(L, "on");
		if (lua_rawget(L, 2) == LUA_TSTRING &&
		    lua_rawlen(L, -1) > 0 &&
		    lua_rawlen(L, -1) <= NAME_MAX_LEN) {
			on_remove(L);
			return false;
		}
		if (!lua_isnil(L, -1))
			(void)bridge_raise(L, "connect: 'on' is the name of "
			    "the connection, a short text");
		lua_pop(L, 1);
	}
	over = unnamed_over(run);
	if (over != NULL)
		(void)lua_pushlstring(L, over->name.ptr, over->name.len);
	else if (run->unnamed++ == 0)
		(void)lua_pushliteral(L, "main");
	else
		(void)lua_pushfstring(L, "%d", (int)run->unnamed);
	return true;
}

static int
connect_again(lua_State *L, int status, lua_KContext context)
{
	(void)status, (void)context;
	return bridge_conn_connect(L);
}

int
bridge_conn_connect(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = run_check(L, b, "connect");
	struct conn   *conn;
	bool           unnamed;

	lua_settop(L, 3);
	run_pace(L, b, run, connect_again);
	if (quits_unheard(run))
		return run_wait(L, b, run, run->sent, connect_again, 0);
	/* It may be the close that frees a name. */
	if (run->group == NULL)
		act_flush(L, b, run);
	unnamed = name_push(L, run);
	conn = conn_find(run, bridge_span(L, 4));
	if (conn == NULL) {
		conn = conn_new(L, b, run);
		conn->unnamed = unnamed;
	} else {
		lua_pop(L, 1);
		conn_push(L, run, conn);
	}
	act_record(L, b, run, verb_find(SPAN("connect")), conn, 2, 3);
	return 1;
}

/* QUIT, whatever the answer. */
static void
quit_send(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn)
{
	struct expected expected = { .key = "expect",
	    .place = place_here(b, L) };
	struct act     *act = &run->act;

	if (run->silent || !run->greets)
		return;
	act_clear(act);
	value_put_text(&act->bytes, SPAN("QUIT"));
	act->value = (struct cut){ 0, (uint32_t)act->bytes.len };
	act->text = (struct cut){ 0, 0 };
	act->modifiers.count = 0;
	act->modifiers.go_on = true;
	act->verb = verb_find(SPAN("send"));
	act->conn = conn;
	act->place = expected.place;
	act->quits = true;
	buf_clear(&b->scratch);
	value_put_text(&b->scratch, SPAN("any"));
	expected.value = (struct cut){ 0, (uint32_t)b->scratch.len };
	(void)step_send(L, b, run, conn, &expected, STEP_CLOSING);
}

static void
close_send(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn)
{
	lua_settop(L, 1);
	lua_pushnil(L);
	act_record(L, b, run, verb_find(SPAN("close")), conn, 2, 2);
	act_flush(L, b, run);
}

static int
close_over(lua_State *L, int status, lua_KContext context)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = b->current;
	struct conn   *conn = lua_touserdata(L, 1);
	bool           open;

	(void)status, (void)context;
	/* Nothing of the author's will catch this error: its verdict comes
	 * first, then the goodbye. */
	if (!run->stopped && !lua_isnil(L, 2) && run_fails(L, run) &&
	    vm_can_act(L)) {
		lua_settop(L, 2);
		run_tell(b, L, run);
		run->wait = UINT32_MAX;         /* for STOP */
		b->vm.acting = true;
		return lua_yieldk(L, 0, 0, close_over);
	}
	if (!run->stopped) {
		/* What is owed is told at the end of the run; a close would
		 * meet its octets first. */
		open = conn->opened != 0 && conn->closed == 0 &&
		    !conn->lost && conn->owed_count == 0;
		if (open && !(conn->quit_last && conn->quit_seen))
			close_send(L, b, run, conn);
		return 0;
	}
	/* What was sent ahead of the step that failed never happened. */
	open = conn->opened != 0 && conn->opened <= run->heard &&
	    !conn->lost && (conn->closed == 0 || conn->closed > run->heard);
	/* A reply that is owed would be taken for QUIT's. */
	if (open && !conn->quit_seen && conn->owed_count == 0)
		quit_send(L, b, run, conn);
	return 0;
}

int
bridge_conn_close(lua_State *L)
{
	struct bridge     *b = bridge_of(L);
	struct run        *run = b->current;
	const struct conn *conn = lua_touserdata(L, 1);

	lua_settop(L, 2);
	if (!bridge_is(L, 1, BOX_CONN) || run == NULL ||
	    conn->run != run->id || run->group != NULL ||
	    run->slice.hit != VM_FINE)
		return 0;
	/* An error came between an act and what is expected of it: it was
	 * not done. */
	if (!lua_isnil(L, 2) && run->act.conn == conn)
		act_clear(&run->act);
	if (!run->stopped && run->ending == ENDING_NONE)
		act_flush(L, b, run);
	if (!vm_can_act(L))
		return close_over(L, LUA_OK, 0);
	return run_wait(L, b, run, run->sent, close_over, 0);
}

/* c:sned(): __index of the table of methods. */
static int
conn_unknown(lua_State *L)
{
	const char *words[NAMES_MAX] = { "expect", "check", "expect_each" };
	const char *near;
	struct span key = { NULL, 0 };
	size_t      count = 3;

	if (lua_type(L, 2) == LUA_TSTRING)
		key = bridge_span(L, 2);
	for (size_t i = 0; verb_rows[i] != NULL && count < NAMES_MAX; i++)
		if (!verb_rows[i]->opens && !verb_rows[i]->wireless)
			words[count++] = verb_rows[i]->name;
	if (names_of_t(key))
		return bridge_raise(L, "a connection has no '%s'; t has: "
		    "t:%s(...)", key.ptr, key.ptr);
	near = span_nearest(key, words, count);
	return bridge_raise(L, "a connection has no '%.40s'%s%s%s",
	    key.ptr == NULL ? luaL_typename(L, 2) : key.ptr,
	    near == NULL ? "" : "; did you mean '",
	    near == NULL ? "" : near, near == NULL ? "" : "'?");
}

void
bridge_conn_unknown(struct bridge *b, lua_State *L)
{
	lua_newtable(L);
	bridge_method(b, L, "__index", conn_unknown);
	(void)lua_setmetatable(L, -2);
}
