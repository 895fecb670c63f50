/*
 * pcall and xpcall: what they catch is never a limit, and before they begin
 * they wait for outcomes that are under way, so that a failure of an earlier
 * step is not caught by them. Both may be yielded through. The handler of
 * xpcall runs after unwinding, as an ordinary function under the same limits;
 * an error of its own takes the place of the first.
 */
#include "script/vm/env.h"
#include "script/vm/vm_own.h"

/* One call under way less. */
static void
unguard(struct vm *vm)
{
	if (vm->slice != NULL && vm->slice->guards > 0)
		vm->slice->guards--;
}

/* Its end, in every way: false when it raised something that may be caught. */
static bool
call_heard(lua_State *L, int status)
{
	struct vm *vm = vm_of(L);

	unguard(vm);
	if (status != LUA_OK && status != LUA_YIELD)
		vm_heard(vm, status);
	vm_check(L);
	return status == LUA_OK || status == LUA_YIELD;
}

static void
guard(lua_State *L)
{
	struct vm *vm = vm_of(L);

	vm_check(L);
	if (vm->slice != NULL)
		vm->slice->guards++;
}

/* Must the caller yield before it may go on? */
static bool
must_wait(lua_State *L)
{
	struct vm *vm = vm_of(L);

	if (vm->unsettled == NULL || !vm->unsettled(vm, L) || !vm_can_act(L))
		return false;
	vm->acting = true;
	return true;
}

/* true, results of the function */
static int
pcall_end(lua_State *L, int status, lua_KContext context)
{
	(void)context;
	if (call_heard(L, status))
		return lua_gettop(L);
	lua_pushboolean(L, 0);
	lua_insert(L, -2);
	return 2;
}

/* `top`: with the arguments; a wait adds what it was resumed with. */
static int
pcall_begin(lua_State *L, int status, lua_KContext top)
{
	(void)status;
	lua_settop(L, (int)top);
	if (must_wait(L))
		return lua_yieldk(L, 0, top, pcall_begin);
	guard(L);
	lua_pushboolean(L, 1);
	lua_insert(L, 1);
	return pcall_end(L, lua_pcallk(L, (int)top - 1, LUA_MULTRET, 0, 0,
	    pcall_end), 0);
}

static int
call_pcall(lua_State *L)
{
	luaL_checkany(L, 1);
	return pcall_begin(L, LUA_OK, lua_gettop(L));
}

/* false, what the handler returned or raised */
static int
handler_end(lua_State *L, int status, lua_KContext context)
{
	(void)context;
	(void)call_heard(L, status);
	lua_pushboolean(L, 0);
	lua_insert(L, -2);
	return 2;
}

/* handler, true, results; or handler, true, the error */
static int
xpcall_end(lua_State *L, int status, lua_KContext context)
{
	(void)context;
	if (call_heard(L, status))
		return lua_gettop(L) - 1;
	guard(L);
	lua_pushvalue(L, 1);
	lua_insert(L, -2);
	return handler_end(L, lua_pcallk(L, 1, 1, 0, 0, handler_end), 0);
}

/* function, handler, arguments */
static int
xpcall_begin(lua_State *L, int status, lua_KContext top)
{
	(void)status;
	lua_settop(L, (int)top);
	if (must_wait(L))
		return lua_yieldk(L, 0, top, xpcall_begin);
	guard(L);
	lua_pushvalue(L, 2);
	lua_pushboolean(L, 1);
	lua_rotate(L, 1, 2);                    /* handler, true, f, handler */
	lua_remove(L, 4);
	return xpcall_end(L, lua_pcallk(L, (int)top - 2, LUA_MULTRET, 0, 0,
	    xpcall_end), 0);
}

static int
call_xpcall(lua_State *L)
{
	luaL_checkany(L, 1);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	return xpcall_begin(L, LUA_OK, lua_gettop(L));
}

const luaL_Reg env_call_functions[] = {
	{ "pcall", call_pcall },
	{ "xpcall", call_xpcall },
	{ NULL, NULL },
};
