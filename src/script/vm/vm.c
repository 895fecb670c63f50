/*
 * A Lua state for scripts of strangers: its birth and end, compiling, resuming
 * and what an error says. The limits are in vm_limit.c, what a script finds in
 * env.c and its neighbours.
 *
 * The vm is reached from any thread of its state by the pointer that each one
 * carries in its extra space; coroutines of the author's own have a mark in
 * the lowest bit of theirs, which env_coroutine.c reads and sets.
 */
#include "base/limits.h"
#include "script/vm/env.h"
#include "script/vm/vm_own.h"

#include <stdio.h>
#include <sys/auxv.h>

/* Weak tables are looked up by the very string object that Lua made for
 * "__mode" when the state was born. Lua 5.4.4 frees twice when an allocation
 * is refused while there are some; setmetatable() cannot see a __mode that is
 * set afterwards, and a string can be made in a hundred ways. So the octets of
 * that object are changed to some that no script can know: whatever a script
 * calls "__mode" is then another string, and means nothing. */
static void
weak_tables_end(lua_State *L)
{
	struct span random = { NULL, 16 };
	uint64_t    octets;
	char       *name;
	const char *shared = lua_pushstring(L, "__mode");
	unsigned long at = getauxval(AT_RANDOM);

	memcpy(&random.ptr, &at, sizeof at);
	octets = at == 0 ? (uint64_t)(uintptr_t)shared : span_hash(random);
	memcpy(&name, &shared, sizeof name);
	memcpy(name, &octets, 6);
	lua_pop(L, 1);
}

static int
build(lua_State *L)
{
	struct vm *vm = vm_of(L);

	env_open(vm, L);
	return 0;
}

static void
limits_set(struct vm *vm)
{
	if (vm->soft == 0)
		vm->soft = LIMIT_LUA_MEMORY;
	if (vm->hard < vm->soft)
		vm->hard = vm->soft + (LIMIT_LUA_MEMORY_HARD - LIMIT_LUA_MEMORY);
	if (vm->steps_max == 0)
		vm->steps_max = LIMIT_LUA_STEPS;
	if (vm->cpu_ms == 0)
		vm->cpu_ms = LIMIT_LUA_CPU_MS;
}

bool
vm_open(struct vm *vm)
{
	limits_set(vm);
	vm->state = lua_newstate(vm_allocate, vm);
	if (vm->state == NULL)
		return false;
	memcpy(lua_getextraspace(vm->state), &vm, sizeof vm);
	weak_tables_end(vm->state);
	lua_gc(vm->state, LUA_GCSTOP);
	lua_pushcfunction(vm->state, build);
	if (lua_pcall(vm->state, 0, 0, 0) != LUA_OK) {
		vm_close(vm);
		return false;
	}
	lua_gc(vm->state, LUA_GCRESTART);
	vm_watch(vm->state);
	return true;
}

void
vm_close(struct vm *vm)
{
	if (vm->state != NULL)
		lua_close(vm->state);
	vm->state = NULL;
}

int
vm_resume(struct vm *vm, lua_State *thread, lua_State *from, int args,
    int *results)
{
	lua_State *before = vm->thread;
	int        status;

	vm->thread = thread;
	vm->acting = false;
	status = lua_resume(thread, from, args, results);
	vm->thread = before;
	vm_heard(vm, status);
	return status;
}

struct source_text {
	struct span rest;
};

static const char *
text_read(lua_State *L, void *who, size_t *size)
{
	struct source_text *text = who;
	struct span         all = text->rest;

	(void)L;
	text->rest.len = 0;
	*size = all.len;
	return all.ptr;
}

/* A first line "#!..." is the shell's; its end stays, so that lines count. */
static struct span
without_shebang(struct span text)
{
	size_t at = 0;

	if (!span_starts(text, SPAN("#!")))
		return text;
	while (at < text.len && text.ptr[at] != '\n')
		at++;
	return span_from(text, at);
}

bool
vm_compile(struct vm *vm, lua_State *L, struct span text,
    const char *chunk_name)
{
	struct source_text reader = { without_shebang(text) };
	int                status;

	if (span_starts(text, SPAN("\xef\xbb\xbf"))) {
		lua_pushfstring(L, "%s:1: begins with a byte order mark",
		    chunk_name + (chunk_name[0] == '@' ||
		    chunk_name[0] == '='));
		return false;
	}
	status = lua_load(L, text_read, &reader, chunk_name, "t");
	vm_heard(vm, status);
	return status == LUA_OK;
}

static struct span
copied(struct span text, char *room, size_t size)
{
	size_t len = text.len < size ? text.len : size;

	if (len != 0)
		memcpy(room, text.ptr, len);
	return (struct span){ room, len };
}

/* By the main thread: the one that failed must not call anything any more. */
static int
text_of_object(lua_State *L)
{
	if (lua_istable(L, 1) &&
	    luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL &&
	    luaL_getmetafield(L, 1, "__name") == LUA_TNIL)
		return 0;
	(void)vm_tostring(L, 1);
	return 1;
}

static struct span
object_text(struct vm *vm, lua_State *L, int at, char *room, size_t size)
{
	struct span text = { NULL, 0 };
	lua_State  *main = vm->state;
	lua_State  *before = vm->thread;
	int         top, status;

	if (!lua_checkstack(L, 1) || !lua_checkstack(main, 4) ||
	    (vm->slice != NULL && vm->slice->hit != VM_FINE))
		return text;
	top = lua_gettop(main);
	lua_pushcfunction(main, text_of_object);
	lua_pushvalue(L, at);
	if (L != main)
		lua_xmove(L, main, 1);
	vm->thread = main;
	status = lua_pcall(main, 1, 1, 0);
	vm->thread = before;
	vm_heard(vm, status);
	if (status == LUA_OK) {
		text.ptr = lua_tolstring(main, -1, &text.len);
		text = text.ptr == NULL ? text : copied(text, room,
		    size);
	}
	lua_settop(main, top);
	vm_watch(main);
	return text;
}

struct span
vm_error_text(struct vm *vm, lua_State *L, int at, char *room, size_t size)
{
	struct span text;
	int         len;

	at = lua_absindex(L, at);
	switch (lua_type(L, at)) {
	case LUA_TSTRING:
		text.ptr = lua_tolstring(L, at, &text.len);
		return text;
	case LUA_TNUMBER:
		len = lua_isinteger(L, at) ?
		    snprintf(room, size, LUA_INTEGER_FMT,
		    lua_tointeger(L, at)) :
		    snprintf(room, size, LUA_NUMBER_FMT, lua_tonumber(L, at));
		return (struct span){ room, (size_t)len };
	case LUA_TBOOLEAN:
		return lua_toboolean(L, at) ? SPAN("true") : SPAN("false");
	case LUA_TTABLE:
	case LUA_TUSERDATA:
		text = object_text(vm, L, at, room, size);
		if (text.ptr != NULL)
			return text;
		break;
	default:
		break;
	}
	len = snprintf(room, size, "(error object is a %s value)",
	    luaL_typename(L, at));
	return (struct span){ room, (size_t)len };
}
