/*
 * What a compiled function will do, read from its own dump (lua_dump) before
 * it runs: for warnings of `check`, for what Lua 5.4.4 is known to compile
 * wrongly, and for whether two runs may share it. Dumps come from our own
 * compiler and never from a file.
 */
#ifndef QUOTH_SCRIPT_BYTECODE_H
#define QUOTH_SCRIPT_BYTECODE_H

#include "script/vm/vm.h"

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

/* For `check`: reads of globals that neither `known` says yes to nor the
 * same code sets anywhere. */
struct global_check {
	bool (*known)(void *who, struct span name);
	void (*unknown)(void *who, const struct global_use *);
	void *who;
};

/* As bytecode_read(). */
bool bytecode_globals(lua_State *L, struct global_check *check);

/* Lua up to 5.4.4, where no distribution mended it, compiles globals below a
 * `local _ENV <const> = 1` to reads of any memory, which a dump does not
 * show. Does this Lua do so, and does `source` have one? Then its line. */
bool bytecode_env_const(lua_State *L, struct span source, uint32_t *line);
#define BYTECODE_ENV_CONST_WORDS "this Lua compiles names below `local _ENV " \
    "<const>` wrongly; leave <const> away"

#endif
