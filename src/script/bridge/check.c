/*
 * What is wrong with code that has not run yet: names that nobody sets, told
 * as findings; and what this Lua compiles wrongly, which is never run.
 */
#include "script/bridge/bridge_own.h"

#include "script/vm/bytecode.h"
#include "script/vm/env.h"

enum { NAMES_MAX = 128, FINDINGS_MAX = 100 };

struct check {
	struct bridge *b;
	lua_State     *L;
	uint32_t       file, found;
	const char    *words;           /* miscompiled: why */
	uint32_t       line;
};

static bool
listed(const char *const *names, struct span name)
{
	for (; *names != NULL; names++)
		if (span_is(name, *names))
			return true;
	return false;
}

/* Of the environment, or set by what has run so far. */
static bool
global_known(void *who, struct span name)
{
	struct check *check = who;
	lua_State    *L = check->L;
	bool          set;

	if (listed(vm_names, name) || listed(vm_absent, name))
		return true;
	(void)lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_env_key);
	if (vm_env_globals(L, -1))
		lua_remove(L, -2);
	(void)lua_pushlstring(L, name.ptr, name.len);
	set = lua_rawget(L, -2) != LUA_TNIL;
	lua_pop(L, 2);
	return set;
}

/* In the words of the error that reading it would raise. */
static void
global_unknown(void *who, const struct global_use *use)
{
	struct check    *check = who;
	struct complaint complaint = { .kind = COMPLAINT_GLOBAL,
	    .file = check->file, .line = use->line,
	    .traceback = use->name };
	const char *names[NAMES_MAX], *near;
	size_t      count = 0;

	if (check->found++ >= FINDINGS_MAX)
		return;
	while (vm_names[count] != NULL && count < NAMES_MAX) {
		names[count] = vm_names[count];
		count++;
	}
	near = span_nearest(use->name, names, count);
	buf_clear(&check->b->text);
	(void)buf_addf(&check->b->text, "unknown global '%.*s'",
	    use->name.len > 60 ? 60 : (int)use->name.len, use->name.ptr);
	if (near != NULL)
		(void)buf_addf(&check->b->text, "; did you mean '%s'?", near);
	complaint.text = buf_span(&check->b->text);
	run_complain(check->b, 0, FRAME_FINDING, &complaint);
}

void
check_globals(struct bridge *b, lua_State *L, uint32_t file)
{
	struct check check = { .b = b, .L = L, .file = file };
	struct global_check globals = { .known = global_known,
	    .unknown = global_unknown, .who = &check };

	(void)bytecode_globals(L, &globals);
}

static void
global_used(void *who, const struct global_use *use)
{
	(void)who, (void)use;
}

static void
miscompiled(void *who, uint32_t line, const char *words)
{
	struct check *check = who;

	if (check->words == NULL) {
		check->words = words;
		check->line = line;
	}
}

const char *
check_compiled(lua_State *L, struct span source, uint32_t *line)
{
	struct check check = { .words = NULL };
	struct bytecode_findings findings = { .global = global_used,
	    .miscompiled = miscompiled, .who = &check };

	if (bytecode_env_const(L, source, line))
		return BYTECODE_ENV_CONST_WORDS;
	(void)bytecode_read(L, &findings);
	*line = check.line;
	return check.words;
}
