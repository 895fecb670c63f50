/*
 * Frames in: each is handled under a pcall, because even the bookkeeping of a
 * run allocates in a state with a memory limit. Runs are found by their number
 * in a small hash table; coroutines of runs that ended well are used again.
 */
#include "script/bridge/bridge_own.h"

#include "base/mem.h"

struct span
bridge_span(lua_State *L, int at)
{
	struct span text;

	text.ptr = lua_tolstring(L, at, &text.len);
	return text;
}

void *
bridge_box(lua_State *L, int at, enum box_kind kind)
{
	uint32_t *box;

	/* There is no userdata of anybody else's, and none is smaller. */
	if (lua_type(L, at) != LUA_TUSERDATA)
		return NULL;
	box = lua_touserdata(L, at);
	return *box == (uint32_t)kind ? box : NULL;
}

bool
bridge_is(lua_State *L, int at, enum box_kind kind)
{
	return bridge_box(L, at, kind) != NULL;
}

void
bridge_meta(struct bridge *b, lua_State *L, enum box_kind kind)
{
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, b->meta[kind - BOX_QUOTH]);
	(void)lua_setmetatable(L, -2);
}

void
bridge_method(struct bridge *b, lua_State *L, const char *name,
    lua_CFunction function)
{
	(void)lua_pushstring(L, name);
	lua_pushlightuserdata(L, b);
	lua_pushcclosure(L, function, 1);
	lua_rawset(L, -3);
}

/* The place is the author's, also below a module of quoth's own. */
int
bridge_raise(lua_State *L, const char *format, ...)
{
	struct bridge *b = bridge_of(L);
	va_list args;

	buf_clear(&b->text);
	place_text(b, place_here(b, L), &b->text);
	(void)buf_add_text(&b->text, ": ");
	va_start(args, format);
	(void)buf_addv(&b->text, format, args);
	va_end(args);
	(void)lua_pushlstring(L, b->text.ptr, b->text.len);
	return lua_error(L);
}

void
bridge_sent(struct bridge *b, size_t mark)
{
	frame_end(&b->out, mark);
	if (b->out.len < OUT_FLUSH || b->out.full)
		return;
	if (!b->pipes->flush(b->pipes, &b->out))
		b->broken = true;
}

static struct run **
run_slot(struct bridge *b, uint32_t id)
{
	struct run **at = &b->runs[id & (RUNS_HASH - 1)];

	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

struct run *
bridge_run_of(struct bridge *b, uint32_t id)
{
	return *run_slot(b, id);
}

/* The coroutine of a run that ended well serves the next one. */
static void
coroutine_keep(struct bridge *b, lua_State *L, struct run *run)
{
	lua_settop(run->co, 0);
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	if (b->pooled < POOL_MAX) {
		(void)lua_rawgeti(L, LUA_REGISTRYINDEX, b->pool);
		(void)lua_getiuservalue(L, -2, RUN_CO);
		lua_rawseti(L, -2, ++b->pooled);
		lua_pop(L, 1);
	}
	for (int i = RUN_CO; i <= RUN_COPIES; i++) {
		lua_pushnil(L);
		(void)lua_setiuservalue(L, -2, i);
	}
	lua_pop(L, 1);
	run->co = NULL;
}

static void
pulse_run(struct bridge *b, uint32_t id)
{
	if (b->pulse == NULL)
		return;
	atomic_store_explicit(&b->pulse->run, id, memory_order_relaxed);
	atomic_store_explicit(&b->pulse->beats, ++b->beats,
	    memory_order_release);
}

void
bridge_resume(struct bridge *b, struct run *run, int args)
{
	lua_State *L = b->vm.state;
	int        results = 0, status;

	b->current = run;
	run->state = RUN_RUNNING;
	run->slice.stopped = run->stopped;
	b->vm.acting = false;
	pulse_run(b, run->id);
	vm_begin(&b->vm, &run->slice);
	status = vm_resume(&b->vm, run->co, L, args, &results);
	vm_begin(&b->vm, NULL);
	if (b->pulse != NULL && run->slice.hit != VM_FINE)
		atomic_store(&b->pulse->hit, (uint8_t)run->slice.hit);
	if (status == LUA_YIELD && b->vm.acting)
		run->state = RUN_SUSPENDED;
	else if (status == LUA_OK && run->state == RUN_OVER)
		coroutine_keep(b, L, run);
	else
		run_broke(b, run, run->co, status == LUA_YIELD);
	b->vm.acting = false;
	b->current = NULL;
}

/* One that lives; all but START are about a run that was started. */
static bool
run_frame(struct bridge *b, lua_State *L, const struct frame *frame)
{
	struct run *run = bridge_run_of(b, frame->run);

	if (run == NULL)
		return false;
	if (frame->kind == FRAME_OUTCOME)
		return outcome_frame(b, L, frame, run);
	if (frame->body.len > 0)
		return false;
	if (frame->kind == FRAME_STOP) {
		run_stop(b, run);
		return true;
	}
	*run_slot(b, run->id) = run->next;
	run_drop(b, run);
	return true;
}

static bool
frame_handle(struct bridge *b, lua_State *L, const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_LOAD:
		return frame->run == 0 && load_frame(b, L, frame);
	case FRAME_START:
		if (!b->loaded || frame->run == 0 ||
		    bridge_run_of(b, frame->run) != NULL)
			return false;
		run_start(b, L, frame);
		return true;
	case FRAME_OUTCOME:
	case FRAME_STOP:
	case FRAME_DROP:
		return run_frame(b, L, frame);
	case FRAME_MODULE:
	case FRAME_REGISTERED:
	case FRAME_REFUSED:
	case FRAME_REQUIRE:
	case FRAME_STEP:
	case FRAME_DIALOGUE:
	case FRAME_NOTE:
	case FRAME_POLL:
	case FRAME_STOPPED:
	case FRAME_END:
	case FRAME_SKIP:
	case FRAME_FAIL:
	case FRAME_ERROR:
	case FRAME_PRINT:
	case FRAME_FINDING:
		break;
	}
	return false;
}

struct work {
	struct bridge *b;
	struct frame   frame;           /* under way */
	bool           over;            /* no whole frame is left */
};

/* All that are there: what protects them costs as much as an outcome. */
static int
frames_protected(lua_State *L)
{
	struct work   *work = lua_touserdata(L, 1);
	struct bridge *b = work->b;
	size_t         used;

	while (!b->broken && (used = frame_cut(span_from(buf_span(&b->in),
	    b->at), &work->frame)) > 0) {
		if (used == SIZE_MAX) {
			b->broken = true;
			break;
		}
		b->at += used;
		if (!frame_handle(b, L, &work->frame))
			b->broken = true;
		lua_settop(L, 1);
	}
	work->over = true;
	return 0;
}

/* The bookkeeping itself met the memory limit: the run is over. */
static void
frame_failed(struct bridge *b, enum frame_kind kind, uint32_t id)
{
	struct run *run = bridge_run_of(b, id);
	struct complaint complaint = { .kind = COMPLAINT_LIMIT,
	    .text = SPAN("no memory is left for this run") };

	b->current = NULL;
	b->vm.slice = NULL;
	if (run != NULL && run->state == RUN_OVER)
		return;
	if (run != NULL)
		run_clear(run);
	run_complain(b, id, kind == FRAME_LOAD ? FRAME_REFUSED : FRAME_ERROR,
	    &complaint);
}

static void
frames_run(struct bridge *b)
{
	struct work work = { .b = b };
	lua_State  *L = b->vm.state;

	while (!work.over) {
		lua_pushcfunction(L, frames_protected);
		lua_pushlightuserdata(L, &work);
		if (lua_pcall(L, 1, 0, 0) != LUA_OK)
			frame_failed(b, work.frame.kind, work.frame.run);
		lua_settop(L, 0);
	}
}

enum bridge_turn
bridge_turn(struct bridge *b)
{
	if (!b->pipes->more(b->pipes, &b->out, &b->in))
		return b->in.len > 0 ? BRIDGE_BROKEN : BRIDGE_OVER;
	frames_run(b);
	buf_eat(&b->in, b->at);
	b->at = 0;
	return b->broken ? BRIDGE_BROKEN : BRIDGE_ON;
}

static int
open_protected(lua_State *L)
{
	load_open(lua_touserdata(L, 1), L);
	return 0;
}

struct bridge *
bridge_new(struct bridge_pipes *pipes, struct pulse *pulse)
{
	struct bridge *b = mem_alloc(sizeof *b);

	b->pipes = pipes;
	b->pulse = pulse;
	b->in = buf_new(IN_MAX);
	b->out = buf_new(OUT_MAX);
	b->scratch = buf_new(MESSAGE_MAX);
	b->keys = buf_new(MESSAGE_MAX);
	b->text = buf_new(MESSAGE_MAX);
	b->list = buf_new(MESSAGE_MAX);
	b->values = buf_new(MESSAGE_MAX);
	b->opened = vm_open(&b->vm);
	if (b->opened) {
		lua_pushcfunction(b->vm.state, open_protected);
		lua_pushlightuserdata(b->vm.state, b);
	}
	if (!b->opened || lua_pcall(b->vm.state, 1, 0, 0) != LUA_OK) {
		bridge_free(b);
		return NULL;
	}
	return b;
}

void
bridge_free(struct bridge *b)
{
	for (size_t i = 0; i < RUNS_HASH; i++)
		for (struct run *run = b->runs[i]; run != NULL;
		    run = run->next)
			run_clear(run);
	if (b->opened)
		vm_close(&b->vm);
	for (uint32_t i = 0; i < b->file_count; i++) {
		mem_free((char *)(uintptr_t)b->files[i].chunk.ptr);
		mem_free((char *)(uintptr_t)b->files[i].label.ptr);
	}
	memo_free(b);
	mem_free(b->files);
	mem_free(b->functions);
	mem_free(b->load_trace);
	buf_free(&b->in);
	buf_free(&b->out);
	buf_free(&b->scratch);
	buf_free(&b->keys);
	buf_free(&b->text);
	buf_free(&b->list);
	buf_free(&b->values);
	mem_free(b);
}
