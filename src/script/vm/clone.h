/*
 * No state leaks from one run to another: what a file made while it loaded
 * (tables, functions and their upvalues) is the same for every run at its
 * start. Functions that reach nothing mutable are shared; of all others each
 * run gets a copy of its own.
 *
 * All of it is asked for when the file has loaded, not before: what is found
 * is remembered. Values are functions most of the time, but may be any.
 */
#ifndef QUOTH_SCRIPT_CLONE_H
#define QUOTH_SCRIPT_CLONE_H

#include "script/vm/vm.h"

/* Does the function at `at` reach anything that a run could change? May become
 * true when another function is asked about, never false again. */
bool clone_needed(struct vm *vm, lua_State *L, int at);

/* Pushes a copy of the function at `at` with everything mutable that it
 * reaches; shared frozen things (the environment's own functions, shipped
 * modules) stay shared. Raises for what cannot be copied (a coroutine made
 * while loading). */
void clone_push(struct vm *vm, lua_State *L, int at);

/* The same for one run that needs several values (its function; modules that
 * it requires): `run` is a table of the run's, empty at first, that remembers
 * what was copied. */
void clone_push_for(struct vm *vm, lua_State *L, int at, int run);

/* The value at `at` and what it reaches are shared by all runs: a shipped
 * module, once it has loaded, and before anything that reaches it is asked
 * about. Environments are left out. */
void clone_share(struct vm *vm, lua_State *L, int at);

#endif
