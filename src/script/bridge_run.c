/*
 * A run: one call of a registered function in a coroutine of its own, under a
 * pcall inside of it, so that <close> may still act while an error unwinds.
 * What the function left behind decides the last frame: END, SKIP, FAIL or
 * ERROR. A run that is over is kept, small, until DROP: outcomes of steps that
 * it ran ahead of still come.
 */
#include "script/bridge_own.h"

#include "base/mem.h"
#include "base/text.h"
#include "script/clone.h"

enum { TEXT_MAX = 4096 };

void
run_complain(struct bridge *b, uint32_t id, enum frame_kind kind,
    const struct complaint *complaint)
{
	size_t mark = frame_begin(&b->out, kind, id);

	put_complaint(&b->out, complaint);
	bridge_sent(b, mark);
}

static void
send_bare(struct bridge *b, uint32_t id, enum frame_kind kind)
{
	bridge_sent(b, frame_begin(&b->out, kind, id));
}

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

static struct span
trace_of(const struct run *run)
{
	return span_of(run->trace == NULL ? "" : run->trace);
}

/* "nobody expected the reply to 'NOOP' (x.lua:12)" */
static bool
owed_complain(struct bridge *b, const struct run *run)
{
	struct complaint complaint = { .kind = COMPLAINT_SCRIPT };
	const struct owed *first = NULL;

	for (const struct conn *conn = run->first; conn != NULL;
	    conn = conn->next)
		if (conn->owed_count > 0 && (first == NULL ||
		    conn->owed[0].place.line < first->place.line))
			first = &conn->owed[0];
	if (first == NULL)
		return false;
	buf_clear(&b->text);
	(void)buf_addf(&b->text, "nobody expected the reply to '%s' (",
	    first->label);
	place_text(b, first->place, &b->text);
	(void)buf_add_text(&b->text, ")");
	complaint.file = first->place.file;
	complaint.line = first->place.line;
	complaint.text = buf_span(&b->text);
	run_complain(b, run->id, FRAME_ERROR, &complaint);
	return true;
}

static void
error_complain(struct bridge *b, lua_State *L, const struct run *run)
{
	struct complaint complaint = { .kind = COMPLAINT_SCRIPT,
	    .traceback = trace_of(run) };
	char         room[TEXT_MAX];
	struct place place;

	if (run->slice.hit != VM_FINE) {
		vm_limit_words(&b->vm, run->slice.hit, room);
		complaint.kind = COMPLAINT_LIMIT;
		complaint.text = span_of(room);
	} else {
		complaint.text = vm_error_text(&b->vm, L, -1, room,
		    sizeof room);
	}
	place = place_cut(b, &complaint.text);
	if (place.line == 0)
		place = run->trace_place;
	complaint.text = text_head(complaint.text, TEXT_MAX);
	complaint.file = place.file;
	complaint.line = place.line;
	run_complain(b, run->id, FRAME_ERROR, &complaint);
}

/* What went wrong while an author tidied up changes no verdict, but is not
 * hidden. */
static void
late_note(struct bridge *b, lua_State *L, const struct run *run)
{
	char        room[TEXT_MAX];
	struct span text = vm_error_text(&b->vm, L, -1, room, sizeof room);
	size_t      mark;

	if (run->why != NULL && span_is(text, run->why))
		return;
	buf_clear(&b->text);
	(void)buf_add_text(&b->text, "after the dialogue stopped: ");
	(void)buf_add(&b->text, text_head(text, NOTE_MAX - 64));
	mark = frame_begin(&b->out, FRAME_NOTE, run->id);
	put_bytes(&b->out, buf_span(&b->text));
	bridge_sent(b, mark);
}

static void
ending_send(struct bridge *b, const struct run *run)
{
	struct complaint complaint = {
	    .kind = run->ending == ENDING_SKIP ? COMPLAINT_SKIP :
	    COMPLAINT_FAIL, .file = run->why_place.file,
	    .line = run->why_place.line,
	    .text = span_of(run->why == NULL ? "" : run->why) };

	run_complain(b, run->id, run->ending == ENDING_SKIP ? FRAME_SKIP :
	    FRAME_FAIL, &complaint);
}

/* The function returned, or an error is on top. */
static void
run_end(struct bridge *b, lua_State *L, struct run *run, bool error)
{
	bool limit = run->slice.hit != VM_FINE;

	if (error && (limit || (!run->stopped &&
	    run->ending == ENDING_NONE))) {
		error_complain(b, L, run);
	} else if (run->stopped) {
		if (error)
			late_note(b, L, run);
		send_bare(b, run->id, FRAME_END);
	} else if (run->ending != ENDING_NONE) {
		ending_send(b, run);
	} else {
		act_flush(L, b, run);
		if (!owed_complain(b, run))
			send_bare(b, run->id, FRAME_END);
	}
	run_clear(run);
}

static int
run_over(lua_State *L, int status, lua_KContext context)
{
	struct run    *run = (struct run *)context;
	struct bridge *b = bridge_of(L);

	run_end(b, L, run, status != LUA_OK && status != LUA_YIELD);
	return 0;
}

/* In the coroutine: function, t. Upvalue 1 the bridge. */
static int
run_main(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	lua_KContext   context = (lua_KContext)b->current;

	lua_pushlightuserdata(L, b);
	lua_pushcclosure(L, place_handler, 1);
	lua_insert(L, 1);
	return run_over(L, lua_pcallk(L, 1, 0, 1, context, run_over),
	    context);
}

void
run_broke(struct bridge *b, struct run *run, lua_State *L, bool yielded)
{
	struct complaint complaint = { .kind = COMPLAINT_SCRIPT,
	    .text = SPAN("coroutine.yield() outside of a coroutine of the "
	    "script's own") };

	if (run->state == RUN_OVER)
		return;
	if (yielded) {
		struct place place = place_here(b, L);

		complaint.file = place.file;
		complaint.line = place.line;
		run_complain(b, run->id, FRAME_ERROR, &complaint);
	} else {
		error_complain(b, L, run);
	}
	run_clear(run);
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
run_protocol(struct run *run, struct span built_ins)
{
	struct span name = SPAN("smtp");

	(void)take_find(built_ins, "protocol", &name);
	run->proto = proto_find(name);
	run->silent = run->proto != NULL && !run->proto->awaits;
	run->greets = run->proto == NULL || run->proto->greets;
}

static bool
start_take(struct bridge *b, const struct frame *frame, struct run *run,
    uint32_t *function, struct span *values)
{
	struct span in = frame->body, rest;
	uint64_t    number;

	if (!take_number(&in, b->function_count, &number) || number == 0 ||
	    !take_number(&in, UINT32_MAX, &run->attempt) ||
	    !take_number(&in, UINT64_MAX, &run->seed) ||
	    !take_number(&in, UINT64_MAX, &run->salt))
		return false;
	*function = (uint32_t)number;
	*values = rest = in;
	run->id = frame->run;
	run->random = run->seed;
	vm_seed(&run->slice, run->seed);
	run_protocol(run, in);
	for (int i = 0; i < 3; i++)
		if (rest.len == 0 || rest.ptr[0] != VALUE_MAP ||
		    !take_skip(&rest, 0))
			return false;
	return rest.len == 0;
}

/* Pushes t: its coroutine, values and replies hang on it. */
static struct run *
run_push(struct bridge *b, lua_State *L, const struct run *given,
    struct span values)
{
	struct run *run = lua_newuserdatauv(L, sizeof *run, RUN_COPIES);

	*run = *given;
	run->kind = BOX_RUN;
	run->state = RUN_OVER;
	run->ref = LUA_NOREF;
	bridge_meta(b, L, BOX_RUN);
	coroutine_push(b, L, run);
	(void)lua_setiuservalue(L, -2, RUN_CO);
	(void)lua_pushlstring(L, values.ptr, values.len);
	(void)lua_setiuservalue(L, -2, RUN_VALUES);
	lua_createtable(L, 4, 0);
	(void)lua_setiuservalue(L, -2, RUN_REPLIES);
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
	run->next = b->runs[run->id & (RUNS_HASH - 1)];
	b->runs[run->id & (RUNS_HASH - 1)] = run;
	run->stop_goes_on = b->functions[function - 1].go_on;
	run->state = RUN_SUSPENDED;
	lua_pushlightuserdata(L, b);
	lua_pushcclosure(L, run_main, 1);
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
	send_bare(b, run->id, FRAME_STOPPED);
	if (run->state == RUN_OVER) {
		send_bare(b, run->id, FRAME_END);
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
	struct run *run;

	if (!bridge_is(L, 1, BOX_RUN))
		(void)bridge_raise(L, "t:%s() needs t in front: write a "
		    "colon, not a dot", method);
	run = lua_touserdata(L, 1);
	if (run != b->current)
		(void)bridge_raise(L, "this t is of another run");
	return run;
}

struct run *
run_of_conn(lua_State *L, struct bridge *b, const char *method)
{
	const struct conn *conn;

	if (!bridge_is(L, 1, BOX_CONN))
		(void)bridge_raise(L, "%s() needs its connection in front: "
		    "c:%s(...), with a colon", method, method);
	conn = lua_touserdata(L, 1);
	if (b->current == NULL || conn->run != b->current->id)
		(void)bridge_raise(L, "this connection is of another run");
	return b->current;
}

void
run_ready(lua_State *L, struct run *run)
{
	if (run->again) {
		(void)poll_raise(L);
	} else if (run->stopped || run->ending != ENDING_NONE) {
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
