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
 * again until it is over. Loading the file is a slice of its own. */
struct vm_slice {
	enum vm_limit hit;
	uint64_t      steps;            /* VM instructions since vm_begin() */
	uint64_t      cpu_us;           /* the thread's clock at vm_begin() */
	bool          stopped;          /* acts raise: the dialogue is over */
};

struct vm {
	lua_State       *state;
	struct vm_slice *slice;         /* of who runs now; or NULL */
	size_t           used, soft, hard;      /* octets */
	uint64_t         steps_max;     /* between two yields */
	uint32_t         cpu_ms;        /* the same */
	uint32_t         coroutines;
	bool             acting;        /* the yield under way is an act: a
	                                 * coroutine of the author's passes it
	                                 * on to who resumed it */
	bool             running;       /* not the file any more: globals are
	                                 * read-only */
	/* Given by the bridge. */
	void (*print)(struct vm *, struct span text);
	/* require of a name that is not loaded: pushes the module's value, or
	 * raises. */
	int  (*require)(struct vm *, lua_State *, struct span name);
	void *who;
};

/* A state with its environment. False: no memory. */
bool vm_open(struct vm *vm);
void vm_close(struct vm *vm);
struct vm *vm_of(lua_State *L);

/* A new slice of computing: counters start anew, `hit` stays. */
void vm_begin(struct vm *vm, struct vm_slice *slice);
/* What the slice has hit, as a sentence: "more than 64 MiB of memory ...". */
void vm_limit_words(const struct vm *vm, enum vm_limit hit, char out[160]);
/* To be called wherever control comes back to C: raises again what was hit. */
void vm_check(lua_State *L);

/* Compiles `text` with the environment `env` (registry: the author's) and
 * pushes the function; else pushes a message and returns false. */
bool vm_compile(struct vm *vm, lua_State *L, struct span text,
    const char *chunk_name);

/* What an error value says: a string as it is; anything else by its type
 * and, where safe, its __tostring. Never raises, never shows an address. */
struct span vm_error_text(struct vm *vm, lua_State *L, int at, char *room,
    size_t size);

/* The environment table of author's code is at this key of the registry. */
extern const char vm_env_key;

#endif
