/*
 * t:pipeline: what is done inside is recorded, and leaves as one step whose
 * inner steps are the acts, each with what is expected of it. The replies that
 * are given out are known behind it.
 */
#include "script/bridge/bridge_own.h"

#include "base/mem.h"
#include "base/text.h"

enum { ITEMS_MAX = 10000 };

void
group_free(struct run *run)
{
	if (run->group == NULL)
		return;
	buf_free(&run->group->bytes);
	mem_free(run->group->items);
	mem_free(run->group);
	run->group = NULL;
}

static struct item *
item_add(lua_State *L, struct group *group)
{
	if (group->count == ITEMS_MAX)
		(void)bridge_raise(L, "pipeline: more than %d steps",
		    ITEMS_MAX);
	if (group->count == group->cap) {
		group->cap = group->cap == 0 ? 8 : group->cap * 2;
		group->items = mem_resize(group->items,
		    group->cap * sizeof *group->items);
	}
	group->items[group->count] = (struct item){ 0 };
	return &group->items[group->count++];
}

static void
conn_same(lua_State *L, struct group *group, struct conn *conn)
{
	if (group->conn == NULL)
		group->conn = conn;
	if (group->conn != conn)
		(void)bridge_raise(L, "pipeline: all of it is of one "
		    "connection");
}

static struct cut
shifted(struct cut cut, uint32_t by)
{
	return (struct cut){ cut.at + by, cut.len };
}

/* The act that was just recorded becomes an item. */
void
group_act(lua_State *L, struct run *run)
{
	struct group *group = run->group;
	struct act   *act = &run->act;
	uint32_t      mark = (uint32_t)group->bytes.len;
	struct item  *item;

	conn_same(L, group, act->conn);
	if (!buf_add(&group->bytes, buf_span(&act->bytes))) {
		group->bytes.full = false;
		(void)bridge_raise(L, "pipeline: at most 16 MiB in one step");
	}
	item = item_add(L, group);
	item->verb = act->verb;
	item->place = act->place;
	item->value = shifted(act->value, mark);
	item->modifiers = act->modifiers;
	for (uint32_t i = 0; i < act->modifiers.count; i++) {
		item->modifiers.list[i].key =
		    shifted(act->modifiers.list[i].key, mark);
		item->modifiers.list[i].value =
		    shifted(act->modifiers.list[i].value, mark);
	}
	item->label = shifted(act->text, mark);
	item->awaits = act->awaits;
	item->quits = act->quits;
	item->offers = act->offers;
	item->closes = act->closes;
	act_clear(act);
}

/* The oldest that awaits a reply, else the last act, else one of its own. */
static struct item *
item_judged(lua_State *L, struct group *group)
{
	struct item *last = group->count == 0 ? NULL :
	    &group->items[group->count - 1];

	for (uint32_t i = 0; i < group->count; i++)
		if (group->items[i].awaits &&
		    group->items[i].expect_key == NULL)
			return &group->items[i];
	return last != NULL && last->expect_key == NULL ? last :
	    item_add(L, group);
}

static void
modifiers_join(lua_State *L, struct item *item,
    const struct modifiers *more)
{
	struct modifiers *list = &item->modifiers;

	for (uint32_t i = 0; i < more->count; i++) {
		if (list->count == MODIFIERS_MAX)
			(void)bridge_raise(L, "pipeline: too many modifiers");
		list->list[list->count++] = more->list[i];
	}
	list->go_on |= more->go_on;
}

int
group_expect(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, const char *key, bool check)
{
	struct group    *group = run->group;
	struct modifiers modifiers;
	struct item     *item;
	struct cut       value;
	lua_Integer      replies = 1;

	conn_same(L, group, conn);
	value = value_encode(L, b, &group->bytes, 2, key, 6);
	modifiers_encode(L, b, &group->bytes, 3, key, &modifiers);
	item = item_judged(L, group);
	item->expect_key = key;
	item->expect_place = place_here(b, L);
	item->expect = value;
	item->check = check;
	modifiers_join(L, item, &modifiers);
	if (strcmp(key, "expect_each") == 0 && lua_istable(L, 2))
		replies = (lua_Integer)lua_rawlen(L, 2);
	if (replies > 1000 || !lua_checkstack(L, (int)replies + 8))
		return bridge_raise(L, "expect_each: more than 1000 replies");
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	(void)lua_getiuservalue(L, -1, RUN_GROUP);
	lua_replace(L, 1);
	lua_settop(L, 1);
	for (lua_Integer i = 0; i < replies; i++) {
		struct reply_box *reply = reply_push(L, b, run, conn, 0,
		    (uint32_t)(item - group->items));

		reply->grouped = true;
		reply->quits = item->quits;
		reply->offers = item->offers;
		reply->place = item->expect_place;
		lua_pushvalue(L, -1);
		lua_rawseti(L, 1, ++group->replies);
	}
	return (int)replies;
}

static void
items_check(lua_State *L, struct bridge *b, const struct group *group)
{
	for (uint32_t i = 0; i < group->count; i++) {
		const struct item *item = &group->items[i];
		struct span label = span_sub(buf_span(&group->bytes),
		    item->label.at, item->label.len);
		char        text[LABEL_MAX + 1] = "";

		if (item->expect_key != NULL || !item->awaits)
			continue;
		if (label.len == 0)
			label = span_of(item->verb->name);
		label = text_head(label, LABEL_MAX);
		memcpy(text, label.ptr, label.len);
		buf_clear(&b->scratch);
		place_text(b, item->place, &b->scratch);
		(void)buf_add_octet(&b->scratch, '\0');
		(void)bridge_raise(L, "pipeline: nobody expects the reply to "
		    "'%s' (%s)", text, b->scratch.ptr);
	}
}

static void
item_put(lua_State *L, struct bridge *b, const struct group *group,
    const struct item *item)
{
	static const char go_on[] = { VALUE_TEXT, 8, 'c', 'o', 'n', 't', 'i',
		'n', 'u', 'e' };
	const struct place nowhere = { 0, 0 };
	struct span bytes = buf_span(&group->bytes);
	struct form form;
	const char *twice;
	char        room[32];

	form.count = 0;
	form.asked = NULL;
	form.place = item->verb != NULL ? item->place : item->expect_place;
	if (item->verb != NULL)
		(void)form_add(&form, item->verb->name, span_sub(bytes,
		    item->value.at, item->value.len), nowhere);
	if (item->expect_key != NULL)
		(void)form_add(&form, item->expect_key, span_sub(bytes,
		    item->expect.at, item->expect.len), item->expect_place);
	twice = form_modifiers(&form, &group->bytes, &item->modifiers, room);
	if (twice != NULL)
		(void)bridge_raise(L, "'%s' is given twice", twice);
	if (item->check)
		(void)form_add(&form, "on_fail", (struct span){ go_on,
		    sizeof go_on }, nowhere);
	form_put(&form, &b->scratch);
}

/* What the connection went through; the step was sent. */
static void
conn_after(struct run *run, uint32_t seq)
{
	struct group *group = run->group;
	struct conn  *conn = group->conn;

	for (uint32_t i = 0; i < group->count; i++) {
		const struct item *item = &group->items[i];

		if (item->verb == NULL)
			continue;
		if (item->verb->opens) {
			conn->opened = seq;
			conn->closed = 0;
			conn->lost = false;
		}
		if (item->closes)
			conn->closed = seq;
		conn->quit_last = item->quits;
		conn->quit_seen = false;
	}
}

/* The list of replies goes under the step's number. */
static void
replies_bind(lua_State *L, struct bridge *b, struct run *run, uint32_t seq)
{
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	(void)lua_getiuservalue(L, -1, RUN_GROUP);
	for (uint32_t i = 1; i <= run->group->replies; i++) {
		struct reply_box *reply;

		(void)lua_rawgeti(L, -1, i);
		reply = lua_touserdata(L, -1);
		reply->seq = seq;
		lua_pop(L, 1);
	}
	outcome_await(L, b, run, seq);
	lua_pushnil(L);
	(void)lua_setiuservalue(L, -3, RUN_GROUP);
	lua_pop(L, 2);
}

static uint32_t
group_send(lua_State *L, struct bridge *b, struct run *run)
{
	const struct place nowhere = { 0, 0 };
	struct group *group = run->group;
	struct form   form;
	size_t        name, list;
	uint32_t      seq;
	bool          go_on = false;

	buf_clear(&b->scratch);
	value_put_text(&b->scratch, group->conn->name);
	name = b->scratch.len;
	(void)buf_add_octet(&b->scratch, VALUE_LIST);
	put_number(&b->scratch, group->count);
	for (uint32_t i = 0; i < group->count; i++) {
		item_put(L, b, group, &group->items[i]);
		go_on |= group->items[i].check ||
		    group->items[i].modifiers.go_on;
	}
	list = b->scratch.len - name;
	if (b->scratch.full)
		(void)bridge_raise(L, "pipeline: at most 16 MiB in one step");
	form.count = 0;
	form.asked = NULL;
	form.place = group->place;
	(void)form_add(&form, "pipeline", span_sub(buf_span(&b->scratch),
	    name, list), nowhere);
	if (!span_is(group->conn->name, "main"))
		(void)form_add(&form, "on", span_sub(buf_span(&b->scratch), 0,
		    name), nowhere);
	seq = form_send(L, b, run, &form, FRAME_STEP, 0, go_on);
	conn_after(run, seq);
	replies_bind(L, b, run, seq);
	return seq;
}

/* Results stand from 3 on. */
static int
pipeline_known(lua_State *L, int status, lua_KContext context)
{
	(void)status;
	run_ready(L, (struct run *)context);
	return lua_gettop(L) - 2;
}

static int
pipeline_over(lua_State *L, int status, lua_KContext context)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = (struct run *)context;

	if (status != LUA_OK && status != LUA_YIELD) {
		group_free(run);
		vm_check(L);
		run->keep_trace = true;
		return lua_error(L);
	}
	if (run->group == NULL)
		return lua_gettop(L) - 2;
	items_check(L, b, run->group);
	if (run->group->count > 0)
		(void)group_send(L, b, run);
	group_free(run);
	if (!run_waits(L, run))
		return lua_gettop(L) - 2;
	return run_wait(L, b, run, run->sent, pipeline_known, context);
}

static int
pipeline_again(lua_State *L, int status, lua_KContext context)
{
	(void)status, (void)context;
	return group_pipeline(L);
}

int
group_pipeline(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = run_check(L, b, "pipeline");
	lua_KContext   context = (lua_KContext)run;

	lua_settop(L, 2);
	run_pace(L, b, run, pipeline_again);
	if (run->group != NULL)
		return bridge_raise(L, "a pipeline in a pipeline");
	if (lua_type(L, 2) != LUA_TFUNCTION)
		return bridge_raise(L, "pipeline takes a function: "
		    "t:pipeline(function() ... end)");
	act_flush(L, b, run);
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	lua_newtable(L);
	(void)lua_setiuservalue(L, -2, RUN_GROUP);
	lua_settop(L, 2);
	lua_pushcfunction(L, place_handler);
	lua_insert(L, 2);
	run->group = mem_alloc(sizeof *run->group);
	run->group->bytes = buf_new(MESSAGE_MAX);
	run->group->place = place_here(b, L);
	return pipeline_over(L, lua_pcallk(L, 0, LUA_MULTRET, 2, context,
	    pipeline_over), context);
}
