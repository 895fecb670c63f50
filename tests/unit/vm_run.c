#include "vm_run.h"
#include "check.h"

#include <lauxlib.h>

static int
act_done(lua_State *L, int status, lua_KContext context)
{
	struct vm_run *run = vm_of(L)->who;

	(void)status;
	(void)context;
	if (run->act_fails == run->acts)
		return luaL_error(L, "act %d failed", run->acts);
	return lua_gettop(L);
}

static int
act(lua_State *L)
{
	struct vm *vm = vm_of(L);

	vm_check(L);
	if (!vm_can_act(L))
		return luaL_error(L, "no act can be here");
	lua_settop(L, 0);
	vm->acting = true;
	return lua_yieldk(L, 0, 0, act_done);
}

static void
said(struct vm *vm, struct span text)
{
	struct vm_run *run = vm->who;
	size_t         len = strlen(run->said);

	(void)snprintf(run->said + len, sizeof run->said - len, "%.*s\n",
	    SPAN_ARG(text));
}

static bool
unsettled(struct vm *vm, lua_State *L)
{
	struct vm_run *run = vm->who;

	(void)L;
	return run->unsettled-- > 0;
}

static int
required(struct vm *vm, lua_State *L, struct span name)
{
	(void)vm;
	if (span_is(name, "again"))
		return luaL_loadstring(L, "return require 'again'"),
		    lua_call(L, 0, 1), 1;
	if (!span_is(name, "there"))
		return luaL_error(L, "no file '%s'", name.ptr);
	lua_newtable(L);
	return 1;
}

void
vm_run_open(struct vm_run *run)
{
	run->vm.who = run;
	run->vm.print = said;
	run->vm.require = required;
	run->vm.unsettled = unsettled;
	assert_true(vm_open(&run->vm));
	lua_rawgetp(run->vm.state, LUA_REGISTRYINDEX, &vm_env_key);
	assert_true(vm_env_globals(run->vm.state, -1));
	lua_pushcfunction(run->vm.state, act);
	lua_setfield(run->vm.state, -2, "act");
	lua_settop(run->vm.state, 0);
}

void
vm_run_close(struct vm_run *run)
{
	vm_close(&run->vm);
}

static const char *
say(struct vm_run *run, const char *word, struct span text)
{
	(void)snprintf(run->text, sizeof run->text, "%s %.*s", word,
	    SPAN_ARG(text));
	return run->text;
}

/* Resumes as long as acts are yielded. */
static int
play(struct vm_run *run, int *results)
{
	int status = vm_resume(&run->vm, run->thread, NULL, 0, results);

	while (status == LUA_YIELD) {
		assert_true(run->vm.acting);
		lua_pop(run->thread, *results);
		run->acts++;
		vm_begin(&run->vm, &run->slice);
		lua_pushfstring(run->thread, "reply %d", run->acts);
		status = vm_resume(&run->vm, run->thread, NULL, 1, results);
	}
	return status;
}

const char *
vm_run(struct vm_run *run, const char *source)
{
	char room[2048], words[160];
	int  results, status;

	lua_settop(run->vm.state, 0);
	run->thread = lua_newthread(run->vm.state);
	run->slice = (struct vm_slice){ 0 };
	run->acts = 0;
	vm_begin(&run->vm, &run->slice);
	if (!vm_compile(&run->vm, run->thread, span_of(source), "@x.lua"))
		return say(run, "syntax", vm_error_text(&run->vm,
		    run->thread, -1, room, sizeof room));
	status = play(run, &results);
	if (run->slice.hit != VM_FINE) {
		vm_limit_words(&run->vm, run->slice.hit, words);
		return say(run, "limit", span_of(words));
	}
	if (status != LUA_OK)
		return say(run, "error", vm_error_text(&run->vm, run->thread,
		    -1, room, sizeof room));
	return results == 0 ? say(run, "ok", SPAN("")) : say(run, "ok",
	    vm_error_text(&run->vm, run->thread, -1, room, sizeof room));
}

void
vm_cases(const struct vm_case *cases, size_t count)
{
	bool bad = false;

	for (size_t i = 0; i < count; i++) {
		struct vm_run *run = calloc(1, sizeof *run);
		const char    *got;

		vm_run_open(run);
		got = vm_run(run, cases[i].source);
		if (strncmp(got, cases[i].want, strlen(cases[i].want)) != 0) {
			print_message("%s\n  gives %s\n  wanted %s\n",
			    cases[i].source, got, cases[i].want);
			bad = true;
		}
		vm_run_close(run);
		free(run);
	}
	assert_false(bad);
}
