/*
 * Runs a piece of Lua in a fresh vm and says in one text what came of it:
 * "ok ...", "error ...", "limit ...", "syntax ...". Plays the bridge: a global
 * act(...) yields as an act does and returns what it is resumed with, "reply
 * 1" and so on.
 */
#ifndef QUOTH_TESTS_VM_RUN_H
#define QUOTH_TESTS_VM_RUN_H

#include "script/vm/vm.h"

struct vm_run {
	struct vm       vm;
	struct vm_slice slice;
	lua_State      *thread;
	int             acts;           /* so far */
	int             act_fails;      /* this one raises; from 1 */
	int             unsettled;      /* outcomes to wait for */
	char            said[1024];     /* by print, cut at "\n" each */
	char            text[4096];
};

/* Limits in run->vm may be set before. */
void vm_run_open(struct vm_run *run);
void vm_run_close(struct vm_run *run);
const char *vm_run(struct vm_run *run, const char *source);

/* One row of a table: a fresh vm, and the text begins with `want`. */
struct vm_case { const char *source, *want; };
void vm_cases(const struct vm_case *cases, size_t count);

#endif
