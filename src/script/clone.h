/*
 * No state leaks from one run to another: what a file made while it loaded
 * (tables, functions and their upvalues) is the same for every run at its
 * start. Functions that reach nothing mutable are shared; of all others each
 * run gets a copy of its own.
 */
#ifndef QUOTH_SCRIPT_CLONE_H
#define QUOTH_SCRIPT_CLONE_H

#include "script/vm.h"

/* Does the function at `at` reach anything that a run could change? */
bool clone_needed(struct vm *vm, lua_State *L, int at);

/* Pushes a copy of the function at `at` with everything mutable that it
 * reaches; shared frozen things (the environment's own functions, shipped
 * modules) stay shared. Raises for what cannot be copied (a coroutine made
 * while loading). */
void clone_push(struct vm *vm, lua_State *L, int at);

#endif
