/*
 * What the environment of author's code is made of: each file gives the
 * functions of one library, in place of or beside Lua's own.
 */
#ifndef QUOTH_SCRIPT_ENV_H
#define QUOTH_SCRIPT_ENV_H

#include "script/vm/vm.h"

#include <lauxlib.h>

/* A function of Lua's own whose time in C follows the length of its texts:
 * arguments 1 and 2 cost an instruction for each `octets` of them. */
struct charged {
	const char *name;
	int         octets;
};

struct library {
	const char           *name;
	lua_CFunction         open;     /* Lua's, or NULL */
	const char *const    *kept;     /* names of Lua's that stay as they are */
	const struct charged *charged;
	const luaL_Reg       *ours;
};

extern const luaL_Reg env_base_functions[], env_call_functions[];
extern const struct library env_string, env_utf8, env_table, env_math, env_os,
    env_coroutine;

/* Keys of the registry: the metatable of all globals tables (and the mark of
 * an environment), the standard names, the functions that runs share. */
extern const char env_mark_key, env_standard_key, env_shared_key;

/* All of it, into the registry; raises when there is no memory. */
void env_open(struct vm *vm, lua_State *L);

/* The tables of an environment or a frozen view, for raw access: replaces a
 * view at `at` by what stands behind it. False: it was no view. */
bool env_behind(lua_State *L, int at);

/* lua_CFunctions: next() that looks behind views; __index of the standard
 * names, for a name that is none. */
int env_next(lua_State *L);
int env_unknown(lua_State *L);

/* As luaL_error(), with the place of the innermost function that is the
 * author's, whatever of ours stands between. */
int env_raise(lua_State *L, const char *format, ...);

/* Sets a global of environment `at`: key and value on top, popped; raises when
 * globals are read-only. */
void env_set(lua_State *L, int at);

/* Seconds since 1970 of a UTC date, whose fields may lie outside of their
 * ranges; and back. Not of libc, which opens files for the time zone. */
struct date {
	int64_t year;
	int     month, day, hour, min, sec;     /* from 1, 1, 0, 0, 0 */
	int     wday, yday;                     /* 0: Sunday; 0: January 1 */
};
bool date_seconds(const struct date *date, int64_t *seconds);
bool date_of(int64_t seconds, struct date *date);
/* One strftime conversion of the C locale; false: there is no such letter. */
bool date_format(const struct date *date, char letter, luaL_Buffer *out);

#endif
