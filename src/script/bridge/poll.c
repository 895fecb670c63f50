/*
 * t:eventually: rounds of a function until all its steps pass. A step that did
 * not hold yet raises, and what it raises unwinds to here, where the next
 * round begins. And pcall, as far as it concerns acts: inside of it every step
 * is waited for, so that what it catches is caught where it belongs.
 */
#include "script/bridge/bridge_own.h"

#include "model/build.h"

enum { FUNCTION = 4, HANDLER = 5, NEXT_ROUND = -1 };

static int rounds(lua_State *L, struct run *run);

int
poll_raise(lua_State *L)
{
	(void)lua_pushliteral(L, "not yet: t:eventually tries again");
	return lua_error(L);
}

/* The function returned, and every step of it is known. */
static int
round_known(lua_State *L, struct run *run)
{
	if (run->again || (run->unheld && !run->stopped))
		return NEXT_ROUND;
	run->polling = false;
	run_ready(L, run);
	return lua_gettop(L) - HANDLER;
}

static int
round_wait_over(lua_State *L, int status, lua_KContext context)
{
	struct run *run = (struct run *)context;
	int         count = round_known(L, run);

	(void)status;
	return count == NEXT_ROUND ? rounds(L, run) : count;
}

static int
round_judge(lua_State *L, struct run *run, int status)
{
	struct bridge *b = bridge_of(L);

	vm_check(L);
	if (status == LUA_OK || status == LUA_YIELD) {
		if (!run->again)
			act_flush(L, b, run);
		if (run->done < run->sent)
			return run_wait(L, b, run, run->sent,
			    round_wait_over, (lua_KContext)run);
		return round_known(L, run);
	}
	if (run->again && !run->stopped)
		return NEXT_ROUND;
	run->polling = false;
	run->keep_trace = !run->stopped;
	return lua_error(L);
}

static int
round_over(lua_State *L, int status, lua_KContext context)
{
	struct run *run = (struct run *)context;
	int         count = round_judge(L, run, status);

	return count == NEXT_ROUND ? rounds(L, run) : count;
}

static int
rounds(lua_State *L, struct run *run)
{
	int count = NEXT_ROUND, status;

	while (count == NEXT_ROUND) {
		act_clear(&run->act);
		run->again = run->unheld = false;
		run->round++;
		lua_settop(L, HANDLER);
		lua_pushvalue(L, FUNCTION);
		status = lua_pcallk(L, 0, LUA_MULTRET, HANDLER,
		    (lua_KContext)run, round_over);
		count = round_judge(L, run, status);
	}
	return count;
}

static uint32_t
duration_take(lua_State *L, int at, const char *what)
{
	uint32_t ms;

	if (lua_type(L, at) != LUA_TSTRING ||
	    !duration_parse(bridge_span(L, at), &ms))
		(void)bridge_raise(L, "eventually: '%s' is a duration, such "
		    "as \"30s\" or \"250ms\"", what);
	else
		return ms;
	return 0;
}

static int
poll_begin(lua_State *L, int status, lua_KContext context)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = (struct run *)context;
	uint32_t       within_ms;
	size_t         mark;

	(void)status;
	run_ready(L, run);
	/* Both may raise: before the frame begins. */
	within_ms = duration_take(L, 2, "within");
	run->every_ms = duration_take(L, 3, "every");
	mark = frame_begin(&b->out, FRAME_POLL, run->id);
	put_number(&b->out, within_ms);
	put_number(&b->out, run->every_ms);
	bridge_sent(b, mark);
	run->polling = true;
	run->round = run->steps_round = 0;
	lua_pushcfunction(L, place_handler);
	return rounds(L, run);
}

int
poll_eventually(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = run_check(L, b, "eventually");

	lua_settop(L, FUNCTION);
	run_ready(L, run);
	if (run->polling || run->group != NULL)
		return bridge_raise(L, "t:eventually cannot stand in %s",
		    run->polling ? "another one" : "a pipeline");
	(void)duration_take(L, 2, "within");
	(void)duration_take(L, 3, "every");
	if (lua_type(L, FUNCTION) != LUA_TFUNCTION)
		return bridge_raise(L, "eventually takes a function: "
		    "t:eventually(\"30s\", \"1s\", function() ... end)");
	act_flush(L, b, run);
	return run_wait(L, b, run, run->sent, poll_begin, (lua_KContext)run);
}

/* Before pcall and xpcall: a failure of an earlier step is not theirs. */
bool
poll_unsettled(struct vm *vm, lua_State *L)
{
	struct bridge *b = vm->who;
	struct run    *run = b->current;
	bool           waited;

	if (run == NULL)
		return false;
	waited = run->settling;
	run->settling = false;
	if (waited)
		run_ready(L, run);
	if (run->sent == run->done || !vm_can_act(L))
		return false;
	run->settling = true;
	run->wait = run->sent;
	return true;
}
