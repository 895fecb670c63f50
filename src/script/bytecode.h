/*
 * What a compiled function will do, read from its own dump (lua_dump) before
 * it runs: for warnings of `check`, for what Lua 5.4.4 is known to compile
 * wrongly, and for whether two runs may share it. Dumps come from our own
 * compiler and never from a file.
 */
#ifndef QUOTH_SCRIPT_BYTECODE_H
#define QUOTH_SCRIPT_BYTECODE_H

#include "script/vm.h"

/* A name that the code reads or sets in its environment. */
struct global_use {
	struct span name;               /* for the call */
	uint32_t    line;
	bool        sets;
};

struct bytecode_findings {
	/* Each use of a global, in the order of the code. */
	void (*global)(void *who, const struct global_use *);
	/* Code that this Lua is known to have compiled wrongly: why, and what
	 * to write in its place. */
	void (*miscompiled)(void *who, uint32_t line, const char *words);
	void *who;
	bool  assigns;                  /* out: some function sets an upvalue
	                                 * that is not its own local */
};

/* The Lua function on top of the stack of L, with everything nested in it.
 * False: the dump is not of the layout that this file knows. */
bool bytecode_read(lua_State *L, struct bytecode_findings *findings);

#endif
