/*
 * The limits of a Lua state. Instructions are counted by a hook that fires
 * each VM_COUNT of them; C functions pay for their work with vm_spend(). A
 * limit is a mark on the slice: from then on the hook raises at the next
 * instruction, and whatever could catch an error calls vm_check().
 *
 * Memory has two limits. Above the soft one the hook collects garbage, and
 * what is still too much is the script's end; up to the hard one the allocator
 * serves, so that this is told in an orderly way. A refused allocation costs a
 * collection of all of the heap and is the script's end as well.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "script/vm/vm_own.h"

#include <stdio.h>
#include <time.h>

/* The clock of the thread is a system call; this one is not. */
enum { LOOK_MS = 10 };
/* Calls below calls that no scenario needs. */
enum { DEEP = 100000 };

static void count_hook(lua_State *L, lua_Debug *ar);

/* Octets that malloc takes for it, nearly. */
static size_t
weight(size_t size)
{
	return size == 0 ? 0 : (size + 8 + 15) & ~(size_t)15;
}

/* Of whoever computes: its next instruction looks at the memory. lua_sethook
 * may be called at any time, even in the middle of an allocation. */
static void
ask(struct vm *vm)
{
	if (vm->asked || vm->thread == NULL)
		return;
	vm->asked = true;
	lua_sethook(vm->thread, count_hook, LUA_MASKCOUNT, 1);
}

void *
vm_allocate(void *who, void *old, size_t old_size, size_t size)
{
	struct vm *vm = who;
	size_t     had = old == NULL ? 0 : weight(old_size);
	size_t     wanted = weight(size);
	void      *block;

	if (size == 0) {
		vm->used -= had;
		mem_free(old);
		return NULL;
	}
	if (wanted > had && (wanted > vm->hard ||
	    vm->used - had > vm->hard - wanted))
		return NULL;
	block = mem_try_resize(old, size);
	if (block == NULL)
		return NULL;
	vm->used += wanted - had;
	if (vm->used > vm->soft)
		ask(vm);
	return block;
}

static uint64_t
clock_us(clockid_t id)
{
	struct timespec now = { 0 };

	(void)clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* CPU time so far, not older than LOOK_MS. */
static uint64_t
cpu_look(struct vm *vm)
{
	uint64_t now_ms = clock_us(CLOCK_MONOTONIC_COARSE) / 1000;

	vm->unlooked = 0;
	if (now_ms - vm->wall_ms >= LOOK_MS) {
		vm->wall_ms = now_ms;
		vm->cpu_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
	}
	return vm->cpu_us;
}

void
vm_begin(struct vm *vm, struct vm_slice *slice)
{
	vm->slice = slice;
	vm->asked = false;
	if (slice == NULL)
		return;
	slice->steps = 0;
	slice->cpu_us = cpu_look(vm);
}

/* "100,000,000" */
static const char *
grouped(uint64_t number, char room[32])
{
	char  *at = room + 31;
	size_t digits = 0;

	for (*at = '\0'; digits == 0 || number != 0; number /= 10) {
		if (digits != 0 && digits % 3 == 0)
			*--at = ',';
		*--at = (char)('0' + number % 10);
		digits++;
	}
	return at;
}

void
vm_limit_words(const struct vm *vm, enum vm_limit hit, char out[160])
{
	char room[32];

	out[0] = '\0';
	switch (hit) {
	case VM_FINE:
		break;
	case VM_MEMORY:
		(void)snprintf(out, 160, "more than %zu MiB of memory in use, "
		    "the limit of a Lua file", vm->soft / MIB);
		break;
	case VM_STEPS:
		(void)snprintf(out, 160, "more than %s instructions without "
		    "an act, the limit", grouped(vm->steps_max, room));
		break;
	case VM_CPU:
		(void)snprintf(out, 160, "more than %s ms of computing "
		    "without an act, the limit", grouped(vm->cpu_ms, room));
		break;
	case VM_DEPTH:
		(void)snprintf(out, 160, "calls nested more than %s deep, "
		    "the limit", grouped(DEEP, room));
		break;
	}
}

void
vm_check(lua_State *L)
{
	struct vm *vm = vm_of(L);
	char       words[160];

	if (vm->slice == NULL || vm->slice->hit == VM_FINE)
		return;
	/* What runs while this unwinds (__close) is stopped at once. */
	lua_sethook(L, count_hook, LUA_MASKCOUNT, 1);
	vm_limit_words(vm, vm->slice->hit, words);
	lua_pushstring(L, words);
	(void)lua_error(L);
}

void
vm_spend(lua_State *L, uint64_t steps)
{
	struct vm       *vm = vm_of(L);
	struct vm_slice *slice = vm->slice;

	if (slice == NULL)
		return;
	if (slice->hit == VM_FINE) {
		slice->steps = steps > UINT64_MAX - slice->steps ? UINT64_MAX :
		    slice->steps + steps;
		vm->unlooked += steps < VM_COUNT ? steps : VM_COUNT;
		if (slice->steps > vm->steps_max)
			slice->hit = VM_STEPS;
		else if (vm->unlooked >= VM_COUNT && cpu_look(vm) -
		    slice->cpu_us > (uint64_t)vm->cpu_ms * 1000)
			slice->hit = VM_CPU;
	}
	vm_check(L);
}

/* What takes so much memory: calls that never return, or data? */
static enum vm_limit
memory_reason(lua_State *L)
{
	lua_Debug ar;

	return lua_getstack(L, DEEP, &ar) ? VM_DEPTH : VM_MEMORY;
}

static void
memory_look(struct vm *vm, lua_State *L)
{
	if (vm->used <= vm->soft || vm->slice == NULL)
		return;
	if (vm->slice->hit == VM_FINE) {
		lua_gc(L, LUA_GCCOLLECT);
		if (vm->used > vm->soft)
			vm->slice->hit = memory_reason(L);
	}
	vm_check(L);
}

static void
count_hook(lua_State *L, lua_Debug *ar)
{
	struct vm *vm = vm_of(L);
	int        count = lua_gethookcount(L);

	(void)ar;
	vm_check(L);
	if (count != VM_COUNT)
		vm_watch(L);
	vm->asked = false;
	memory_look(vm, L);
	vm_spend(L, (uint64_t)count);
}

void
vm_watch(lua_State *L)
{
	lua_sethook(L, count_hook, LUA_MASKCOUNT, VM_COUNT);
}

void
vm_heard(struct vm *vm, int status)
{
	if (vm->slice == NULL || vm->slice->hit != VM_FINE)
		return;
	if (status == LUA_ERRMEM)
		vm->slice->hit = VM_MEMORY;
	else if (status == LUA_ERRERR)
		vm->slice->hit = VM_DEPTH;
}
