/*
 * Acts. One of a plain text is held as it is at its call; any other is encoded
 * by value into a buffer of the run. It waits there for what is expected of
 * it; then both become one step (form.c), or the one of the last time
 * (memo.c). An act that nobody has expected anything of when the next
 * one comes is sent alone and owes its reply.
 */
#include "script/bridge/bridge_own.h"

#include "base/mem.h"
#include "base/text.h"

enum {
	KEEP_MAX = 4096,        /* octets of a buffer that an idle run holds */
	HELD_MAX = 1536         /* of a text that is encoded when it must be */
};

static bool
word_is(struct span text, const char *word)
{
	struct span rest = text, first = { NULL, 0 };

	if (text.len > 0 && (text.ptr[0] & 0x5f) != *word &&
	    text.ptr[0] != ' ')
		return false;
	(void)span_word(&rest, " ", &first);
	return span_eq_nocase(first, span_of(word));
}

/* body { dot = false } awaits nothing: raw access, as everywhere. */
static bool
field_is(lua_State *L, int at, const char *key, bool value)
{
	bool is = false;

	if (lua_istable(L, at)) {
		(void)lua_pushstring(L, key);
		(void)lua_rawget(L, at);
		is = lua_isboolean(L, -1) &&
		    (lua_toboolean(L, -1) != 0) == value;
		lua_pop(L, 1);
	}
	return is;
}

static bool
line_offers(const struct run *run, struct span line)
{
	const struct proto *proto = run->proto;
	struct talk talk = { 0 };

	return proto != NULL && proto->ask != NULL &&
	    proto->ask(&talk, line).offers;
}

/* `text` is what was encoded last, or nothing. */
static void
act_judge(const struct run *run, struct act *act, struct span text)
{
	const struct verb *verb = act->verb;

	act->text = (struct cut){ 0, 0 };
	act->awaits = verb->awaits && !run->silent &&
	    (!verb->opens || run->greets);
	act->quits = act->offers = false;
	act->closes = strcmp(verb->name, "close") == 0 ||
	    strcmp(verb->name, "abort") == 0;
	if (text.ptr == NULL)
		return;
	act->text = (struct cut){
		(uint32_t)(act->value.at + act->value.len - text.len),
		(uint32_t)text.len };
	if (strcmp(verb->name, "send") != 0)
		return;
	act->quits = word_is(text, "QUIT");
	act->offers = line_offers(run, text);
}

void
act_settle(const struct run *run, struct act *act)
{
	if (act->verb == NULL || !act->held)
		return;
	act->held = false;
	if (act->plain.ptr == NULL)
		value_put_none(&act->bytes);
	else
		value_put_text(&act->bytes, act->plain);
	act->value = (struct cut){ 0, (uint32_t)act->bytes.len };
	act->modifiers.count = 0;
	act->modifiers.go_on = false;
	act_judge(run, act, act->plain);
}

/* A short text for a connection, or nothing, and no modifiers: it stays as it
 * is, for then its step may be one that was encoded before. */
static bool
act_hold(lua_State *L, const struct run *run, struct act *act,
    const struct conn *conn, int arg, int modifiers)
{
	int type = lua_type(L, arg);

	if (conn == NULL || !conn->is_main || run->group != NULL ||
	    lua_type(L, modifiers) != LUA_TNIL)
		return false;
	act->plain = (struct span){ NULL, 0 };
	if (type == LUA_TSTRING && lua_touserdata(L, 1) == conn) {
		act->plain = bridge_span(L, arg);
		if (act->plain.len > HELD_MAX)
			return false;
		lua_pushvalue(L, arg);
		(void)lua_setiuservalue(L, 1, 3);
	} else if (type != LUA_TNIL) {
		return false;
	}
	act->held = true;
	return true;
}

static void
act_encode(lua_State *L, struct bridge *b, const struct run *run,
    struct act *act, const struct verb *verb, int arg, int modifiers)
{
	struct span text = { NULL, 0 };

	act->value = value_encode(L, b, &act->bytes, arg, verb->name, 2);
	modifiers_encode(L, b, &act->bytes, modifiers, verb->name,
	    &act->modifiers);
	act->verb = verb;
	if (lua_type(L, arg) == LUA_TSTRING)
		text = bridge_span(L, arg);
	act_judge(run, act, text);
	act->awaits = act->awaits && !field_is(L, arg, "dot", false);
	if (strcmp(verb->name, "close") == 0)
		act->closes = !field_is(L, arg, "half", true);
}

/* c:auth("PLAIN", "alice", "secret"): to hear of modifiers would not help. */
static void
refuse_list(lua_State *L, const struct verb *verb, int arg, int modifiers)
{
	const char *keys = verb->usage + strlen(verb->name);

	if (lua_isstring(L, arg) && lua_isstring(L, modifiers) &&
	    strncmp(keys, ": {", 3) == 0)
		(void)bridge_raise(L, "%s takes one table with names, %s, "
		    "and not one value behind the other", verb->name,
		    keys + 2);
}

/* On the stack: the act's value and its modifiers. Raises before anything of
 * the run has changed but what was pending, which is sent. */
void
act_record(lua_State *L, struct bridge *b, struct run *run,
    const struct verb *verb, struct conn *conn, int arg, int modifiers)
{
	struct act *act = &run->act;

	act_flush(L, b, run);
	act_clear(act);
	/* c:close(true), as in a table of steps. */
	if (lua_isboolean(L, arg) && lua_toboolean(L, arg)) {
		lua_pushnil(L);
		lua_replace(L, arg);
	}
	refuse_list(L, verb, arg, modifiers);
	if (!act_hold(L, run, act, conn, arg, modifiers))
		act_encode(L, b, run, act, verb, arg, modifiers);
	act->verb = verb;
	act->conn = conn;
	act->place = place_here(b, L);
	if (run->group != NULL)
		group_act(L, run);
}

void
act_clear(struct act *act)
{
	act->verb = NULL;
	act->conn = NULL;
	act->held = false;
	if (act->bytes.max == 0)
		act->bytes = buf_new(MESSAGE_MAX);
	if (act->bytes.cap > KEEP_MAX)
		buf_free(&act->bytes);
	buf_clear(&act->bytes);
}

/* "NOOP" of send, else "body". */
static void
label_make(const struct act *act, char label[LABEL_MAX + 1])
{
	struct span text = span_of(act->verb->name);

	if (act->text.len > 0 && strcmp(act->verb->name, "send") == 0)
		text = text_head(span_sub(buf_span(&act->bytes),
		    act->text.at, act->text.len), LABEL_MAX);
	memset(label, 0, LABEL_MAX + 1);
	memcpy(label, text.ptr, text.len < LABEL_MAX ? text.len : LABEL_MAX);
}

static void
owed_add(lua_State *L, struct conn *conn, const struct act *act)
{
	struct owed *owed;

	if (conn->owed_count == OWED_MAX)
		(void)bridge_raise(L, "more than 10,000 replies on one "
		    "connection that nobody expected");
	if (conn->owed_count == conn->owed_cap) {
		conn->owed_cap = conn->owed_cap == 0 ? 2 :
		    conn->owed_cap * 2;
		conn->owed = mem_resize(conn->owed,
		    conn->owed_cap * sizeof *conn->owed);
	}
	owed = &conn->owed[conn->owed_count++];
	owed->place = act->place;
	owed->quits = act->quits;
	owed->offers = act->offers;
	label_make(act, owed->label);
}

bool
owed_take(struct conn *conn, struct owed *owed)
{
	if (conn->owed_count == 0)
		return false;
	*owed = conn->owed[0];
	memmove(conn->owed, conn->owed + 1,
	    --conn->owed_count * sizeof *conn->owed);
	return true;
}

/* What the connection went through, as far as its author can know. */
static void
conn_after(struct conn *conn, const struct act *act, uint32_t seq)
{
	if (act->verb->opens) {
		conn->opened = seq;
		conn->closed = 0;
		conn->lost = conn->quit_last = conn->quit_seen = false;
	} else if (act->closes) {
		conn->closed = seq;
	} else {
		conn->quit_last = act->quits;
		conn->quit_seen = false;
	}
}

static void
form_fill(lua_State *L, struct bridge *b, struct form *form,
    const struct act *act, const struct expected *expected,
    struct conn *conn)
{
	const struct place nowhere = { 0, 0 };
	const char *twice = NULL;
	char        room[32];
	struct span bytes = buf_span(&act->bytes);

	if (act->verb != NULL) {
		(void)form_add(form, act->verb->name,
		    span_sub(bytes, act->value.at, act->value.len), nowhere);
		twice = form_modifiers(form, &act->bytes, &act->modifiers,
		    room);
	}
	if (conn != NULL && !span_is(conn->name, "main")) {
		size_t mark = b->scratch.len;

		value_put_text(&b->scratch, conn->name);
		(void)form_add(form, "on",
		    span_from(buf_span(&b->scratch), mark), nowhere);
	}
	if (expected->key != NULL)
		(void)form_add(form, expected->key,
		    span_sub(buf_span(&b->scratch), expected->value.at,
		    expected->value.len), expected->place);
	if (twice == NULL && expected->modifiers != NULL)
		twice = form_modifiers(form, &b->scratch,
		    expected->modifiers, room);
	if (twice != NULL)
		(void)bridge_raise(L, "'%s' is given twice", twice);
}

uint32_t
step_send(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, const struct expected *expected, uint32_t flags)
{
	struct act *act = &run->act;
	struct form form;
	uint32_t    seq;
	bool        go_on;

	form.count = 0;
	form.place = act->verb != NULL ? act->place : expected->place;
	/* The name of the connection goes there: it must not move what
	 * entries point at. */
	(void)buf_room(&b->scratch, conn == NULL ? 0 : conn->name.len + 16);
	form_fill(L, b, &form, act, expected, conn);
	go_on = (act->verb != NULL && act->modifiers.go_on) ||
	    (expected->modifiers != NULL && expected->modifiers->go_on);
	form.asked = expected->asked;
	seq = form_send(L, b, run, &form, FRAME_STEP, flags, go_on);
	if (act->verb != NULL && conn != NULL)
		conn_after(conn, act, seq);
	act_clear(act);
	return seq;
}

uint32_t
step_again(lua_State *L, struct bridge *b, struct run *run,
    const struct memo *memo, uint32_t flags)
{
	struct act *act = &run->act;
	uint32_t    seq = form_send_again(L, b, run, (struct span){
	    memo->octets + memo->at, memo->len }, flags);

	act->quits = memo->quits;
	act->offers = memo->offers;
	act->closes = memo->closes;
	conn_after(act->conn, act, seq);
	act_clear(act);
	return seq;
}

void
act_flush(lua_State *L, struct bridge *b, struct run *run)
{
	const struct expected nothing = { .key = NULL };
	struct act *act = &run->act;
	bool        owes;

	if (act->verb == NULL)
		return;
	act_settle(run, act);
	/* An act of several rounds needs its reply to go on. */
	owes = act->awaits && !act->verb->rounds;
	if (owes)
		owed_add(L, act->conn, act);
	buf_clear(&b->scratch);
	(void)step_send(L, b, run, act->conn, &nothing, owes ? STEP_OWES : 0);
}
