/*
 * The verbs as methods: of a connection, or of t where they touch none. Their
 * argument is what the YAML key takes; the builder checks it, so that its
 * messages are the same. And t:use, which stands for many steps.
 */
#include "script/bridge/bridge_own.h"

static const struct verb *
verb_of(lua_State *L)
{
	return lua_touserdata(L, lua_upvalueindex(2));
}

static int conn_verb(lua_State *L);

static int
conn_verb_again(lua_State *L, int status, lua_KContext context)
{
	(void)status, (void)context;
	return conn_verb(L);
}

/* c:VERB(argument, modifiers): kept until something is expected of it. */
static int
conn_verb(lua_State *L)
{
	struct bridge     *b = bridge_of(L);
	const struct verb *verb = verb_of(L);
	struct conn       *conn = run_conn(L, b, verb->name);

	lua_settop(L, 3);
	run_pace(L, b, b->current, conn_verb_again);
	act_record(L, b, b->current, verb, conn, 2, 3);
	lua_settop(L, 1);
	return 1;
}

static int run_verb(lua_State *L);

static int
run_verb_again(lua_State *L, int status, lua_KContext context)
{
	(void)status, (void)context;
	return run_verb(L);
}

static int
run_verb_over(lua_State *L, int status, lua_KContext context)
{
	struct run *run = (struct run *)context;

	(void)status;
	run_ready(L, run);
	return 0;
}

/* t:wait(...), t:set(...): a step at once. */
static int
run_verb(lua_State *L)
{
	struct bridge     *b = bridge_of(L);
	const struct verb *verb = verb_of(L);
	struct run        *run = run_check(L, b, verb->name);

	lua_settop(L, 3);
	run_pace(L, b, run, run_verb_again);
	if (run->group != NULL)
		return bridge_raise(L, "t:%s cannot stand in a pipeline",
		    verb->name);
	act_record(L, b, run, verb, NULL, 2, 3);
	act_flush(L, b, run);
	if (!run_waits(L, run))
		return 0;
	return run_wait(L, b, run, run->sent, run_verb_over,
	    (lua_KContext)run);
}

void
act_methods(struct bridge *b, lua_State *L, bool wireless)
{
	for (size_t i = 0; verb_rows[i] != NULL; i++) {
		const struct verb *verb = verb_rows[i];

		if (verb->opens || verb->wireless != wireless)
			continue;
		(void)lua_pushstring(L, verb->name);
		lua_pushlightuserdata(L, b);
		lua_pushlightuserdata(L, (void *)(uintptr_t)verb);
		lua_pushcclosure(L, wireless ? run_verb : conn_verb, 2);
		lua_rawset(L, -3);
	}
}

static int
use_again(lua_State *L, int status, lua_KContext context)
{
	(void)status, (void)context;
	return act_use(L);
}

/* t:use(name, with, modifiers): what it sets must be known behind it. */
int
act_use(lua_State *L)
{
	const struct place nowhere = { 0, 0 };
	struct bridge   *b = bridge_of(L);
	struct run      *run = run_check(L, b, "use");
	struct modifiers modifiers;
	struct cut       name, with;
	struct form      form;
	char             room[32];

	lua_settop(L, 4);
	run_pace(L, b, run, use_again);
	if (run->group != NULL)
		return bridge_raise(L, "t:use cannot stand in a pipeline");
	act_flush(L, b, run);
	buf_clear(&b->scratch);
	name = value_encode(L, b, &b->scratch, 2, "use", 2);
	with = value_encode(L, b, &b->scratch, 3, "use", 2);
	modifiers_encode(L, b, &b->scratch, 4, "use", &modifiers);
	form.count = 0;
	form.asked = NULL;
	form.place = place_here(b, L);
	(void)form_add(&form, "use", span_sub(buf_span(&b->scratch), name.at,
	    name.len), nowhere);
	if (!lua_isnil(L, 3))
		(void)form_add(&form, "with", span_sub(
		    buf_span(&b->scratch), with.at, with.len), nowhere);
	(void)form_modifiers(&form, &b->scratch, &modifiers, room);
	(void)form_send(L, b, run, &form, FRAME_DIALOGUE, STEP_WAITED,
	    modifiers.go_on);
	return run_wait(L, b, run, run->sent, run_verb_over,
	    (lua_KContext)run);
}
