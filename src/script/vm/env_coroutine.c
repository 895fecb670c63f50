/*
 * Coroutines of the author's. Each runs its function inside a pcall of its
 * own, so that it ends by returning "false, error" and what it had to <close>
 * is closed by then, with acts allowed. What it yields goes to who resumed it;
 * but the yield of an act (vm->acting) is for the bridge: the resumer yields on
 * and, when it is resumed with the outcome, resumes with that.
 *
 * A coroutine costs VM_COUNT instructions, since the hook counts each from
 * zero: a script cannot cut its work into pieces that are too small to count.
 * There is no coroutine.close: a chain of them overflows the C stack of 5.4.4.
 */
#include "script/vm/env.h"
#include "script/vm/vm_own.h"

enum { RESUME_STEPS = 20 };

static const char *const status_names[] = {
	"suspended", "running", "normal", "dead"
};
enum status { SUSPENDED, RUNNING, NORMAL, DEAD };

/* Is it a coroutine that the author made? */
static bool
is_coroutine(lua_State *L)
{
	uintptr_t extra;

	memcpy(&extra, lua_getextraspace(L), sizeof extra);
	return (extra & 1) != 0;
}

bool
vm_can_act(lua_State *L)
{
	return lua_isyieldable(L) && vm_of(L)->barred == 0;
}

static lua_State *
checked(lua_State *L, int at)
{
	lua_State *thread = lua_tothread(L, at);

	luaL_argexpected(L, thread != NULL, at, "coroutine");
	return thread;
}

static enum status
status_of(lua_State *L, lua_State *thread)
{
	lua_Debug ar;
	int       status = lua_status(thread);

	if (L == thread)
		return RUNNING;
	if (status == LUA_YIELD)
		return is_coroutine(thread) ? SUSPENDED : NORMAL;
	if (status != LUA_OK)
		return DEAD;
	if (lua_getstack(thread, 0, &ar))
		return NORMAL;
	return lua_gettop(thread) == 0 ? DEAD : SUSPENDED;
}

/* true, results; or false, the error */
static int
body_end(lua_State *L, int status, lua_KContext context)
{
	(void)context;
	if (status == LUA_OK || status == LUA_YIELD)
		return lua_gettop(L);
	vm_heard(vm_of(L), status);
	lua_pushboolean(L, 0);
	lua_insert(L, -2);
	return 2;
}

static int
body(lua_State *L)
{
	int args = lua_gettop(L) - 1;

	lua_pushboolean(L, 1);
	lua_insert(L, 1);
	return body_end(L, lua_pcallk(L, args, LUA_MULTRET, 0, 0, body_end), 0);
}

static int
coroutine_create(lua_State *L)
{
	struct vm *vm = vm_of(L);
	lua_State *thread;
	uintptr_t  extra = (uintptr_t)vm | 1;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	vm_spend(L, VM_COUNT);
	thread = lua_newthread(L);
	memcpy(lua_getextraspace(thread), &extra, sizeof extra);
	vm_watch(thread);
	lua_pushcfunction(thread, body);
	lua_pushvalue(L, 1);
	lua_xmove(L, thread, 1);
	vm->coroutines++;
	return 1;
}

/* lua_resume() of what `L` has on top; false pushes an error. A coroutine that
 * is resumed where L cannot yield has nobody to pass its acts on. */
static int
run(lua_State *L, lua_State *thread, int args, int *results)
{
	struct vm *vm = vm_of(L);
	int        status, first = lua_status(thread) == LUA_OK;
	bool       barred = !lua_isyieldable(L);

	vm->barred += barred;
	status = vm_resume(vm, thread, L, args + first, results);
	vm->barred -= barred;
	return status;
}

/* Its results to L: their number, or -1 with the error alone. */
static int
results_move(lua_State *L, lua_State *thread, int status, int count)
{
	bool fine;

	if (status != LUA_OK && status != LUA_YIELD) {
		lua_xmove(thread, L, 1);
		if (lua_status(thread) == LUA_OK)
			lua_settop(thread, 0);  /* never began: is dead */
		return -1;
	}
	if (!lua_checkstack(L, count + 1)) {
		lua_pop(thread, count);
		lua_pushliteral(L, "too many results to resume");
		return -1;
	}
	lua_xmove(thread, L, count);
	if (status == LUA_YIELD)
		return count;
	fine = lua_toboolean(L, -count);
	lua_remove(L, -count);
	return fine ? count - 1 : -1;
}

static bool
args_move(lua_State *L, lua_State *thread, int args)
{
	enum status status = status_of(L, thread);

	if (status != SUSPENDED || !is_coroutine(thread)) {
		lua_pushfstring(L, "cannot resume %s coroutine",
		    status == DEAD ? "dead" : "non-suspended");
		return false;
	}
	if (!lua_checkstack(thread, args + 1)) {
		lua_pushliteral(L, "too many arguments to resume");
		return false;
	}
	lua_xmove(L, thread, args);
	return true;
}

/*
 * With `args` values on top of L for it. Returns as results_move(), or -2
 * when the caller has to yield the act that it got.
 */
static int
resume(lua_State *L, lua_State *thread, int args, int *yielded)
{
	struct vm *vm = vm_of(L);
	int        status, count;

	vm_spend(L, RESUME_STEPS);
	if (!args_move(L, thread, args))
		return -1;
	status = run(L, thread, args, yielded);
	vm_check(L);
	count = results_move(L, thread, status, *yielded);
	return status == LUA_YIELD && vm->acting && count >= 0 ? -2 : count;
}

enum kind { RESUME, WRAP };

static int
finish(lua_State *L, enum kind kind, int count)
{
	if (kind == WRAP)
		return count < 0 ? lua_error(L) : count;
	lua_pushboolean(L, count >= 0);
	lua_insert(L, -1 - (count < 0 ? 1 : count));
	return (count < 0 ? 1 : count) + 1;
}

/* `kind` is how it began; the thread is at 1 and nothing else below the
 * values. */
static int
resumed(lua_State *L, int status, lua_KContext kind)
{
	int yielded, count = resume(L, lua_tothread(L, 1), lua_gettop(L) - 1,
	    &yielded);

	(void)status;
	if (count == -2)
		return lua_yieldk(L, yielded, kind, resumed);
	return finish(L, (enum kind)kind, count);
}

static int
coroutine_resume(lua_State *L)
{
	(void)checked(L, 1);
	return resumed(L, LUA_OK, RESUME);
}

static int
wrapped(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	return resumed(L, LUA_OK, WRAP);
}

static int
coroutine_wrap(lua_State *L)
{
	(void)coroutine_create(L);
	lua_pushcclosure(L, wrapped, 1);
	return 1;
}

static int
coroutine_yield(lua_State *L)
{
	vm_check(L);
	if (!is_coroutine(L))
		return luaL_error(L,
		    "attempt to yield from outside a coroutine");
	return lua_yield(L, lua_gettop(L));
}

static int
coroutine_status(lua_State *L)
{
	lua_pushstring(L, status_names[status_of(L, checked(L, 1))]);
	return 1;
}

static int
coroutine_isyieldable(lua_State *L)
{
	lua_State *thread = lua_isnone(L, 1) ? L : checked(L, 1);

	lua_pushboolean(L, is_coroutine(thread) && lua_isyieldable(thread));
	return 1;
}

static int
coroutine_running(lua_State *L)
{
	(void)lua_pushthread(L);
	lua_pushboolean(L, !is_coroutine(L));
	return 2;
}

static const luaL_Reg functions[] = {
	{ "create", coroutine_create },
	{ "isyieldable", coroutine_isyieldable },
	{ "resume", coroutine_resume },
	{ "running", coroutine_running },
	{ "status", coroutine_status },
	{ "wrap", coroutine_wrap },
	{ "yield", coroutine_yield },
	{ NULL, NULL },
};

const struct library env_coroutine = {
	.name = "coroutine", .ours = functions
};
