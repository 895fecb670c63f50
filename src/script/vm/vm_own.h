/* Shared by vm*.c and the functions of env_*.c that call Lua back. */
#ifndef QUOTH_SCRIPT_VM_OWN_H
#define QUOTH_SCRIPT_VM_OWN_H

#include "script/vm/vm.h"

/* Instructions between two looks of the hook. */
enum { VM_COUNT = 1000 };

/* The allocator, a lua_Alloc: octets are counted as malloc takes them. */
void *vm_allocate(void *vm, void *old, size_t old_size, size_t size);
/* From now on its instructions are counted, and those of its coroutines. */
void vm_watch(lua_State *L);

#endif
