/*
 * LOAD: the file is compiled and runs once; what it registers is encoded as it
 * comes. And what the state is given before: the module quoth and the
 * metatables of our objects.
 */
#include "script/bridge/bridge_own.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "script/vm/clone.h"
#ifdef QUOTH_BACKDOOR
#include "script/jail/backdoor.h"
#endif

enum { TABLE = 3, TEXT_MAX = 4096 };

static int
refuse_set(lua_State *L)
{
	return bridge_raise(L, "this is read-only");
}

static void
function_keep(lua_State *L, struct bridge *b, int table)
{
	struct registered *one;

	b->functions = mem_resize(b->functions,
	    (b->function_count + 1) * sizeof *b->functions);
	one = &b->functions[b->function_count];
	*one = (struct registered){ .ref = LUA_NOREF };
	(void)lua_pushliteral(L, "on_fail");
	if (lua_rawget(L, table) == LUA_TSTRING)
		one->go_on = span_is(bridge_span(L, -1), "continue");
	lua_pop(L, 1);
	lua_pushvalue(L, 1);
	one->ref = luaL_ref(L, LUA_REGISTRYINDEX);
	b->function_count++;
}

/* On the stack: room for the function, the name or nil, the table. */
static void
scenario_add(lua_State *L, struct bridge *b, struct place place)
{
	struct encoder e;
	size_t mark = b->list.len;
	bool   fine;

	e.b = b;
	e.out = &b->list;
	e.depth = 2;
	e.nodes = e.steps = 0;
	e.run = true;
	e.function = 0;
	e.above[0] = e.above[1] = NULL;
	b->keys.len = 0;
	if (b->list_count == LIMIT_SCENARIOS)
		(void)bridge_raise(L, "more than %d scenarios in one file",
		    LIMIT_SCENARIOS);
	(void)buf_add_octet(&b->list, VALUE_AT);
	put_number(&b->list, place.file);
	put_number(&b->list, place.line);
	buf_clear(&b->text);
	if (!lua_isnil(L, 2))
		value_put_text(&b->text, bridge_span(L, 2));
	fine = value_put_map(&e, L, TABLE, lua_isnil(L, 2) ? NULL : "name",
	    buf_span(&b->text));
	if (!fine) {
		b->list.len = mark;
		b->list.full = false;
		(void)bridge_raise(L, "scenario: %s", e.why);
	}
	if (e.function != 0)
		function_keep(L, b, TABLE);
	b->list_count++;
}

static void
table_check(lua_State *L, int at)
{
	if (!lua_istable(L, at))
		(void)bridge_raise(L, "a scenario is a table: quoth.scenario "
		    "\"name\" { run = function(t) ... end }");
}

static void
loading_check(lua_State *L, const struct bridge *b)
{
	if (b->loaded)
		(void)bridge_raise(L, "quoth.scenario: scenarios are "
		    "registered while the file loads, not while one runs");
}

/* Of quoth.scenario "name", waiting for its table. Upvalues: bridge, name,
 * file, line, used. */
static int
scenario_table(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct place   place = {
	    (uint32_t)lua_tointeger(L, lua_upvalueindex(3)),
	    (uint32_t)lua_tointeger(L, lua_upvalueindex(4)) };

	loading_check(L, b);
	table_check(L, 1);
	if (lua_toboolean(L, lua_upvalueindex(5)))
		return bridge_raise(L, "this scenario has its table already");
	lua_pushboolean(L, 1);
	lua_replace(L, lua_upvalueindex(5));
	b->unfinished--;
	lua_settop(L, 1);
	lua_pushnil(L);
	lua_pushvalue(L, lua_upvalueindex(2));
	lua_pushvalue(L, 1);
	lua_remove(L, 1);
	scenario_add(L, b, place);
	return 0;
}

static int
scenario_wait(lua_State *L, struct bridge *b, struct place place)
{
	if (b->unfinished++ == 0)
		b->unfinished_place = place;
	lua_pushlightuserdata(L, b);
	lua_pushvalue(L, 1);
	lua_pushinteger(L, place.file);
	lua_pushinteger(L, place.line);
	lua_pushboolean(L, 0);
	lua_pushcclosure(L, scenario_table, 5);
	return 1;
}

static int
quoth_scenario(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct place   place = place_here(b, L);

	loading_check(L, b);
	if (lua_type(L, 1) == LUA_TSTRING && lua_gettop(L) == 1)
		return scenario_wait(L, b, place);
	if (lua_gettop(L) == 1) {
		table_check(L, 1);
		lua_pushnil(L);
		lua_insert(L, 1);
	}
	lua_settop(L, 2);
	if (!lua_isnil(L, 1) && lua_type(L, 1) != LUA_TSTRING)
		return bridge_raise(L, "the name of a scenario is a text");
	table_check(L, 2);
	lua_pushnil(L);
	lua_insert(L, 1);
	scenario_add(L, b, place);
	return 0;
}

/* quoth.scenrio(): __index of the table. */
static int
quoth_unknown(lua_State *L)
{
	static const char *const words[] = { "scenario", "version", "lua" };
	struct span key = { NULL, 0 };
	const char *near;

	if (lua_type(L, 2) == LUA_TSTRING)
		key = bridge_span(L, 2);
	near = span_nearest(key, words, 3);
	return bridge_raise(L, "quoth has no '%.40s'%s%s%s",
	    key.ptr == NULL ? luaL_typename(L, 2) : key.ptr,
	    near == NULL ? "" : "; did you mean '",
	    near == NULL ? "" : near, near == NULL ? "" : "'?");
}

/* A new metatable for objects of that kind, left on top. */
static void
meta_open(struct bridge *b, lua_State *L, enum box_kind kind,
    const char *name)
{
	lua_newtable(L);
	lua_pushvalue(L, -1);
	b->meta[kind - BOX_QUOTH] = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	(void)lua_pushstring(L, name);
	lua_setfield(L, -2, "__name");
	bridge_method(b, L, "__newindex", refuse_set);
}

static void
run_meta(struct bridge *b, lua_State *L)
{
	meta_open(b, L, BOX_RUN, "t");
	(void)lua_pushliteral(L, "__index");
	lua_pushlightuserdata(L, b);
	lua_newtable(L);
	act_methods(b, L, true);
	tools_methods(b, L);
	bridge_method(b, L, "connect", bridge_conn_connect);
	bridge_method(b, L, "pipeline", group_pipeline);
	bridge_method(b, L, "eventually", poll_eventually);
	bridge_method(b, L, "use", act_use);
	lua_pushcclosure(L, names_t, 2);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

static void
metas_open(struct bridge *b, lua_State *L)
{
	run_meta(b, L);
	meta_open(b, L, BOX_CONN, "connection");
	(void)lua_pushliteral(L, "__index");
	lua_newtable(L);
	act_methods(b, L, false);
	expect_methods(b, L);
	bridge_conn_unknown(b, L);
	lua_rawset(L, -3);
	bridge_method(b, L, "__close", bridge_conn_close);
	meta_open(b, L, BOX_REPLY, "reply");
	bridge_method(b, L, "__index", reply_index);
	meta_open(b, L, BOX_NAMES, "values");
	bridge_method(b, L, "__index", names_index);
	bridge_method(b, L, "__pairs", names_pairs);
	meta_open(b, L, BOX_SECRET, "secret");
	secret_open(b, L);
	lua_pop(L, 4);
}

#ifdef QUOTH_BACKDOOR
/* As if a script had taken over the VM: quoth.backdoor "openat". */
static int
quoth_backdoor(lua_State *L)
{
	backdoor_try(luaL_checkstring(L, 1));
	return 0;
}
#endif

void
load_open(struct bridge *b, lua_State *L)
{
	b->vm.who = b;
	b->vm.print = tools_print;
	b->vm.require = load_require;
	b->vm.unsettled = poll_unsettled;
	load_require_guard(b, L);
	metas_open(b, L);
	lua_newtable(L);
	b->pool = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_newtable(L);
	bridge_method(b, L, "scenario", quoth_scenario);
#ifdef QUOTH_BACKDOOR
	bridge_method(b, L, "backdoor", quoth_backdoor);
#endif
	(void)lua_pushliteral(L, QUOTH_VERSION);
	lua_setfield(L, -2, "version");
	(void)lua_pushliteral(L, LUA_RELEASE);
	lua_setfield(L, -2, "lua");
	lua_newtable(L);
	bridge_method(b, L, "__index", quoth_unknown);
	(void)lua_setmetatable(L, -2);
	vm_freeze(L, "quoth");
	b->quoth = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* The file does not load; what it said is on top. */
static void
load_refuse(struct bridge *b, lua_State *L, enum complaint_kind kind)
{
	struct complaint complaint = { .kind = (uint8_t)kind,
	    .traceback = span_of(b->load_trace) };
	char         room[TEXT_MAX];
	struct place place;

	if (b->load_slice.hit != VM_FINE) {
		vm_limit_words(&b->vm, b->load_slice.hit, room);
		complaint.kind = COMPLAINT_LIMIT;
		complaint.text = span_of(room);
		if (b->pulse != NULL)
			atomic_store(&b->pulse->hit,
			    (uint8_t)b->load_slice.hit);
	} else {
		complaint.text = vm_error_text(&b->vm, L, -1, room,
		    sizeof room);
	}
	place = place_cut(b, &complaint.text);
	if (place.line == 0)
		place = b->load_place;
	complaint.file = place.file;
	complaint.line = place.line;
	complaint.text = text_head(complaint.text, TEXT_MAX);
	run_complain(b, 0, FRAME_REFUSED, &complaint);
}

static void
unfinished_refuse(struct bridge *b)
{
	const struct complaint complaint = { .kind = COMPLAINT_SCRIPT,
	    .file = b->unfinished_place.file,
	    .line = b->unfinished_place.line,
	    .text = SPAN("this scenario has a name and no table: "
	    "quoth.scenario \"name\" { run = function(t) ... end }") };

	run_complain(b, 0, FRAME_REFUSED, &complaint);
}

/* Not before the end of the file: a local may get its value below the
 * function that uses it. */
static void
clones_ask(struct bridge *b, lua_State *L)
{
	for (uint32_t i = 0; i < b->function_count; i++) {
		(void)lua_rawgeti(L, LUA_REGISTRYINDEX, b->functions[i].ref);
		b->functions[i].clone = clone_needed(&b->vm, L,
		    lua_gettop(L));
		lua_pop(L, 1);
	}
}

static void
registered_send(struct bridge *b)
{
	size_t mark = frame_begin(&b->out, FRAME_REGISTERED, 0);

	(void)buf_add_octet(&b->out, VALUE_LIST);
	put_number(&b->out, b->list_count);
	(void)buf_add(&b->out, buf_span(&b->list));
	put_number(&b->out, b->returned);
	bridge_sent(b, mark);
	buf_free(&b->list);
	b->loaded = true;
	b->vm.running = true;
}

/* Compiled, but not to what it says. */
static bool
compiled_refuse(struct bridge *b, lua_State *L, struct span source)
{
	struct complaint complaint = { .kind = COMPLAINT_SCRIPT, .file = 1 };
	const char *words = check_compiled(L, source, &complaint.line);

	if (words == NULL)
		return false;
	complaint.text = span_of(words);
	run_complain(b, 0, FRAME_REFUSED, &complaint);
	return true;
}

static bool
chunk_run(struct bridge *b, lua_State *L, struct span source)
{
	int status;

	lua_pushcfunction(L, place_handler);
	if (!vm_compile(&b->vm, L, source, b->files[0].chunk.ptr)) {
		load_refuse(b, L, COMPLAINT_SYNTAX);
		return false;
	}
	if (compiled_refuse(b, L, source))
		return false;
	lua_pushvalue(L, -1);
	status = lua_pcall(L, 0, 1, -3);
	vm_heard(&b->vm, status);
	if (status != LUA_OK || b->load_slice.hit != VM_FINE) {
		load_refuse(b, L, COMPLAINT_SCRIPT);
		return false;
	}
	b->returned = !lua_isnil(L, -1);
	lua_pop(L, 1);
	check_globals(b, L, 1);
	return true;
}

bool
load_frame(struct bridge *b, lua_State *L, const struct frame *frame)
{
	struct span in = frame->body, path, source;

	if (b->file_count > 0 || !take_bytes(&in, &path) ||
	    !take_bytes(&in, &source) || in.len > 0)
		return false;
	place_add_file(b, 1, path);
	if (b->pulse != NULL)
		atomic_store(&b->pulse->beats, ++b->beats);
	vm_begin(&b->vm, &b->load_slice);
	if (chunk_run(b, L, source)) {
		clones_ask(b, L);
		if (b->unfinished > 0)
			unfinished_refuse(b);
		else
			registered_send(b);
	}
	vm_begin(&b->vm, NULL);
	mem_free(b->load_trace);
	b->load_trace = NULL;
	return true;
}
