/*
 * The second wall: a Lua state that survives its authors. Text chunks only,
 * an environment made from an allow list, limits that pcall cannot swallow.
 * Only the worker has one.
 */
#ifndef QUOTH_SCRIPT_VM_H
#define QUOTH_SCRIPT_VM_H

#include "base/span.h"

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

enum vm_limit { VM_FINE, VM_MEMORY, VM_STEPS, VM_CPU, VM_DEPTH };

/* One run's share, sticky: once hit, every pcall, resume and wrap of it raises
 * again until it is over. Loading the file is a slice of its own. Zeroed at
 * birth; vm_seed() where math.random should differ. */
struct vm_slice {
	enum vm_limit hit;
	bool          stopped;          /* acts raise: the dialogue is over */
	uint32_t      guards;           /* pcall and xpcall under way */
	uint64_t      steps;            /* VM instructions since vm_begin(), and
	                                 * what C functions cost in their place */
	uint64_t      cpu_us;           /* the thread's clock at vm_begin() */
	uint64_t      random[4];        /* of math.random; zero: not seeded */
};

/* What of Lua's own library is called from ours. */
enum vm_lua {
	VM_LUA_FIND, VM_LUA_FORMAT, VM_LUA_CONCAT, VM_LUA_SORT, VM_LUA_UNPACK,
	VM_LUA_COUNT
};

struct vm {
	lua_State       *state;
	struct vm_slice *slice;         /* of who runs now; or NULL */
	size_t           used, soft, hard;      /* octets, with malloc's own */
	uint64_t         steps_max;     /* between two yields */
	uint32_t         cpu_ms;        /* the same */
	uint32_t         coroutines;    /* of the author's, made so far */
	uint32_t         barred;        /* see vm_can_act() */
	bool             acting;        /* the yield under way is an act: a
	                                 * coroutine of the author's passes it
	                                 * on to who resumed it. Set right
	                                 * before the yield; vm_resume() clears
	                                 * it */
	bool             running;       /* not the file any more: globals are
	                                 * read-only */
	/* Given by the bridge. */
	void (*print)(struct vm *, struct span text);
	/* require of a name that is not loaded: pushes the module's value, or
	 * raises. */
	int  (*require)(struct vm *, lua_State *, struct span name);
	/* Before pcall and xpcall: are outcomes under way that the script has
	 * to wait for? Then the bridge notes that it waits, and pcall yields
	 * an act and asks again. May raise. NULL: never. */
	bool (*unsettled)(struct vm *, lua_State *);
	void *who;

	/* vm's own. */
	lua_State       *thread;        /* whom vm_resume() runs; or NULL */
	bool             asked;         /* its hook will look at the memory */
	uint64_t         unlooked;      /* steps since the clock was read */
	uint64_t         wall_ms, cpu_us;       /* then */
	lua_CFunction    lua[VM_LUA_COUNT];
};

/* A state with its environment, and limits of base/limits.h where the vm has
 * zero. False: no memory. */
bool vm_open(struct vm *vm);
void vm_close(struct vm *vm);
/* Of this thread or any other of its state. */
static inline struct vm *
vm_of(lua_State *L)
{
	uintptr_t vm;

	memcpy(&vm, lua_getextraspace(L), sizeof vm);
	return (struct vm *)(vm & ~(uintptr_t)1);       /* 1: a coroutine */
}

/* A new slice of computing: counters start anew, `hit` stays. */
void vm_begin(struct vm *vm, struct vm_slice *slice);
/* What the slice has hit, as a sentence: "more than 64 MiB of memory ...". */
void vm_limit_words(const struct vm *vm, enum vm_limit hit, char out[160]);
/* To be called wherever control comes back to C: raises again what was hit. */
void vm_check(lua_State *L);
/* A C function's work, as so many instructions (one is about 10 ns); may
 * raise. */
void vm_spend(lua_State *L, uint64_t steps);

/* lua_resume(), and the only way to it: memory is watched while it runs, and
 * `hit` tells of a limit that ended it. */
int vm_resume(struct vm *vm, lua_State *thread, lua_State *from, int args,
    int *results);
/* A call into Lua came back with `status`: what it hit is noted. */
void vm_heard(struct vm *vm, int status);
/* Would an act that L yields now reach the bridge? Not through sort, gsub and
 * others that call Lua from C. */
bool vm_can_act(lua_State *L);

/* math.random of a slice. */
void vm_seed(struct vm_slice *slice, uint64_t seed);
uint64_t vm_random(struct vm_slice *slice);

/* Compiles `text` with the environment `env` (registry: the author's) and
 * pushes the function; else pushes a message and returns false. */
bool vm_compile(struct vm *vm, lua_State *L, struct span text,
    const char *chunk_name);

/* What an error value says: a string as it is; anything else by its type
 * and, where safe, its __tostring. Never raises, never shows an address. */
struct span vm_error_text(struct vm *vm, lua_State *L, int at, char *room,
    size_t size);

/* The environment table of author's code is at this key of the registry. It is
 * empty itself: what the author sets is in a table behind it. */
extern const char vm_env_key;

/* Is the value at `at` of the environment: a table that nobody can change, or
 * a function of quoth's? Every run may share it. */
bool vm_frozen(lua_State *L, int at);
/* Pushes a frozen view of the table on top of the stack, in its place. `name`
 * is for the message of who tries: "table 'string' is read-only". */
void vm_freeze(lua_State *L, const char *name);
/* An environment at `at` (a table that vm_env_new() made): pushes the table of
 * the author's globals, and is true. */
bool vm_env_globals(lua_State *L, int at);
/* Pushes an environment that has no globals of the author's yet. */
void vm_env_new(struct vm *vm, lua_State *L);

/* Ended by NULL: what author's code finds in its environment, and what of
 * Lua's own is nil there (so that scripts may ask for it) though every other
 * unknown name is an error. */
extern const char *const vm_names[], *const vm_absent[];

/* Pushes what tostring() says of the value at `at`: no addresses. May raise
 * what a __tostring raises. */
struct span vm_tostring(lua_State *L, int at);

#endif
