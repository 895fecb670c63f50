/*
 * A run: one call of a registered function in a coroutine of its own, under a
 * pcall inside of it, so that <close> may still act while an error unwinds.
 * A run that is over is kept, small, until DROP: outcomes of steps that
 * it ran ahead of still come.
 */
#include "script/bridge/bridge_own.h"

#include "base/mem.h"
#include "script/vm/clone.h"

void
run_clear(struct run *run)
{
	run->state = RUN_OVER;
	group_free(run);
	for (struct conn *conn = run->first; conn != NULL;
	    conn = conn->next) {
		mem_free(conn->owed);
		conn->owed = NULL;
		conn->owed_count = conn->owed_cap = 0;
		conn->run = 0;
	}
	run->first = NULL;
	run->act.verb = NULL;
	buf_free(&run->act.bytes);
	mem_free(run->trace);
	mem_free(run->why);
	run->trace = run->why = NULL;
}

static int
run_over(lua_State *L, int status, lua_KContext context)
{
	struct run    *run = (struct run *)context;
	struct bridge *b = bridge_of(L);

	vm_heard(&b->vm, status);
	run_end(b, L, run, status != LUA_OK && status != LUA_YIELD);
	return 0;
}

/* In the coroutine: function, t. */
static int
run_main(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	lua_KContext   context = (lua_KContext)b->current;

	lua_pushcfunction(L, place_handler);
	lua_insert(L, 1);
	return run_over(L, lua_pcallk(L, 1, 0, 1, context, run_over),
	    context);
}

/* Pushes the thread that it runs in. */
static void
coroutine_push(struct bridge *b, lua_State *L, struct run *run)
{
	if (b->pooled == 0) {
		run->co = lua_newthread(L);
		return;
	}
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, b->pool);
	(void)lua_rawgeti(L, -1, b->pooled);
	lua_pushnil(L);
	lua_rawseti(L, -3, b->pooled--);
	lua_remove(L, -2);
	run->co = lua_tothread(L, -1);
}

/* What the run needs to know of its protocol before any Lua does. */
static void
run_protocol(struct bridge *b, struct run *run, struct span built_ins)
{
	struct span name = SPAN("smtp");

	if (b->values.len == 0 || !span_eq(buf_span(&b->values), built_ins)) {
		(void)take_find(built_ins, "protocol", &name);
		b->values_proto = proto_find(name);
	}
	run->proto = b->values_proto;
	run->silent = run->proto != NULL && !run->proto->awaits;
	run->greets = run->proto == NULL || run->proto->greets;
}

static bool
start_take(struct bridge *b, const struct frame *frame, struct run *run,
    uint32_t *function, struct span *values)
{
	struct span in = frame->body;
	uint64_t    number;

	if (!take_number(&in, b->function_count, &number) || number == 0 ||
	    !take_number(&in, UINT32_MAX, &run->attempt) ||
	    !take_number(&in, UINT64_MAX, &run->seed) ||
	    !take_number(&in, UINT64_MAX, &run->salt))
		return false;
	*function = (uint32_t)number;
	*values = in;
	run->id = frame->run;
	run->random = run->seed;
	vm_seed(&run->slice, run->seed);
	run_protocol(b, run, in);
	return true;
}

/* Pushes t: its coroutine, values and replies hang on it. NULL: the values do
 * not parse. */
static struct run *
run_push(struct bridge *b, lua_State *L, const struct run *given,
    struct span values)
{
	struct run *run = lua_newuserdatauv(L, sizeof *run,
	    RUN_USER_VALUES);

	*run = *given;
	run->kind = BOX_RUN;
	run->state = RUN_OVER;
	run->ref = LUA_NOREF;
	bridge_meta(b, L, BOX_RUN);
	coroutine_push(b, L, run);
	(void)lua_setiuservalue(L, -2, RUN_CO);
	take_values(b, L, values);
	if (lua_isnil(L, -1))
		return NULL;
	(void)lua_setiuservalue(L, -2, RUN_VALUES);
	lua_pushvalue(L, -1);
	run->ref = luaL_ref(L, LUA_REGISTRYINDEX);
	return run;
}

void
run_own(struct bridge *b, lua_State *L, const struct run *run, int at)
{
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	if (lua_getiuservalue(L, -1, RUN_COPIES) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		(void)lua_setiuservalue(L, -3, RUN_COPIES);
	}
	clone_push_for(&b->vm, L, at, lua_gettop(L));
	lua_remove(L, -2);
	lua_remove(L, -2);
}

void
run_start(struct bridge *b, lua_State *L, const struct frame *frame)
{
	struct run  given = { 0 }, *run;
	struct span values;
	uint32_t    function;

	if (!start_take(b, frame, &given, &function, &values)) {
		b->broken = true;
		return;
	}
	run = run_push(b, L, &given, values);
	if (run == NULL) {
		b->broken = true;
		return;
	}
	run->next = b->runs[run->id & (RUNS_HASH - 1)];
	b->runs[run->id & (RUNS_HASH - 1)] = run;
	run->stop_goes_on = b->functions[function - 1].go_on;
	run->state = RUN_SUSPENDED;
	lua_pushcfunction(L, run_main);
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX,
	    b->functions[function - 1].ref);
	if (b->functions[function - 1].clone) {
		b->vm.slice = &run->slice;
		run_own(b, L, run, lua_gettop(L));
		lua_remove(L, -2);
	}
	lua_pushvalue(L, -3);
	lua_xmove(L, run->co, 3);
	bridge_resume(b, run, 2);
}

/* Everything sent and not told of is void. */
void
run_stop(struct bridge *b, struct run *run)
{
	run_say(b, run->id, FRAME_STOPPED);
	if (run->state == RUN_OVER) {
		run_say(b, run->id, FRAME_END);
		return;
	}
	run->stopped = true;
	run->held = run->again = run->polling = false;
	run->done = run->sent;
	act_clear(&run->act);
	if (run->why == NULL || run->ending != ENDING_NONE) {
		mem_free(run->why);
		run->why = place_keep(SPAN("the dialogue has stopped"));
	}
	run->ending = ENDING_NONE;
	bridge_resume(b, run, 0);
}

void
run_drop(struct bridge *b, struct run *run)
{
	lua_State *L = b->vm.state;
	int        ref = run->ref;

	run_clear(run);
	run->id = 0;
	luaL_unref(L, LUA_REGISTRYINDEX, ref);
}

struct run *
run_check(lua_State *L, struct bridge *b, const char *method)
{
	struct run *run = bridge_box(L, 1, BOX_RUN);

	if (run == NULL)
		(void)bridge_raise(L, "t:%s() needs t in front: write a "
		    "colon, not a dot", method);
	if (run != b->current)
		(void)bridge_raise(L, "this t is of another run");
	return run;
}

struct conn *
run_conn(lua_State *L, struct bridge *b, const char *method)
{
	struct conn *conn = bridge_box(L, 1, BOX_CONN);

	if (conn == NULL)
		(void)bridge_raise(L, "%s() needs its connection in front: "
		    "c:%s(...), with a colon", method, method);
	else if (b->current == NULL || conn->run != b->current->id)
		(void)bridge_raise(L, "this connection is of another run");
	return conn;
}

void
run_ready(lua_State *L, struct run *run)
{
	if (run->again) {
		(void)poll_raise(L);
	} else if (run->stopped || run->ending != ENDING_NONE) {
		run->raised = true;
		(void)lua_pushstring(L, run->why == NULL ? "" : run->why);
		(void)lua_error(L);
	}
}

int
run_wait(lua_State *L, struct bridge *b, struct run *run, uint32_t seq,
    lua_KFunction k, lua_KContext context)
{
	if (run->done >= seq)
		return k(L, LUA_OK, context);
	if (!vm_can_act(L))
		return bridge_raise(L, "quoth cannot wait here: not inside of "
		    "a function that sort, gsub or the like calls");
	run->wait = seq;
	/* It may be long: who waits holds little. */
	if (run->act.verb == NULL)
		buf_free(&run->act.bytes);
	b->vm.acting = true;
	return lua_yieldk(L, 0, context, k);
}

void
run_pace(lua_State *L, struct bridge *b, struct run *run, lua_KFunction k)
{
	run_ready(L, run);
	if (run->sent - run->done < AHEAD_MAX)
		return;
	(void)run_wait(L, b, run, run->sent - AHEAD_MAX / 2, k, 0);
}

bool
run_waits(lua_State *L, const struct run *run)
{
	return run->slice.guards > 0 || run->polling || L != run->co;
}
