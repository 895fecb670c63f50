/*
 * Steps. An act is encoded at its call, by value, into a buffer of the run,
 * and waits there for what is expected of it; then both become one frame. An
 * act that nobody has expected anything of when the next one comes is sent
 * alone and owes its reply.
 *
 * A step is a map in the order of its keys' octets, so its few entries are
 * sorted as they are added.
 */
#include "script/bridge_own.h"

#include "base/mem.h"
#include "base/text.h"

enum { KEEP_MAX = 4096 };       /* octets of a buffer that an idle run holds */

static int
key_order(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int    order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	if (order == 0)
		order = a.len < b.len ? -1 : a.len > b.len;
	return order;
}

static bool
form_insert(struct form *form, struct span key, struct span value,
    struct place place)
{
	uint32_t at = form->count;
	int      order;

	while (at > 0) {
		order = key_order(form->list[at - 1].key, key);
		if (order == 0)
			return false;
		if (order < 0)
			break;
		at--;
	}
	memmove(&form->list[at + 1], &form->list[at],
	    (form->count - at) * sizeof *form->list);
	form->list[at].key = key;
	form->list[at].value = value;
	form->list[at].place = place;
	form->count++;
	return true;
}

bool
form_add(struct form *form, const char *key, struct span value,
    struct place place)
{
	return form_insert(form, span_of(key), value, place);
}

const char *
form_modifiers(struct form *form, const struct buf *bytes,
    const struct modifiers *modifiers, char room[32])
{
	for (uint32_t i = 0; i < modifiers->count; i++) {
		const struct modifier *one = &modifiers->list[i];
		struct span key = span_sub(buf_span(bytes), one->key.at,
		    one->key.len);

		if (form_insert(form, key, span_sub(buf_span(bytes),
		    one->value.at, one->value.len), (struct place){ 0, 0 }))
			continue;
		memset(room, 0, 32);
		memcpy(room, key.ptr, key.len < 31 ? key.len : 31);
		return room;
	}
	return NULL;
}

static void
put_place(struct buf *out, struct place place)
{
	(void)buf_add_octet(out, VALUE_AT);
	put_number(out, place.file);
	put_number(out, place.line);
}

void
form_put(const struct form *form, struct buf *out)
{
	if (form->place.line > 0)
		put_place(out, form->place);
	(void)buf_add_octet(out, VALUE_MAP);
	put_number(out, form->count);
	for (uint32_t i = 0; i < form->count; i++) {
		struct place place = form->list[i].place;

		put_bytes(out, form->list[i].key);
		if (place.line > 0 && (place.line != form->place.line ||
		    place.file != form->place.file))
			put_place(out, place);
		(void)buf_add(out, form->list[i].value);
	}
}

/* The pause stands before the first step of a round but the first. */
static uint32_t
pause_take(struct run *run)
{
	bool first = run->polling && run->round > 1 &&
	    run->steps_round != run->round;

	if (run->polling)
		run->steps_round = run->round;
	return first ? run->every_ms : 0;
}

uint32_t
form_send(lua_State *L, struct bridge *b, struct run *run,
    const struct form *form, enum frame_kind kind, uint32_t flags,
    bool go_on)
{
	uint32_t seq = run->sent + 1, slot;
	size_t   mark;

	if (run->sent == run->done)
		run->base = run->sent;
	slot = ring_slot(run, seq);
	if (run->polling)
		flags |= STEP_POLL;
	mark = frame_begin(&b->out, kind, run->id);
	put_number(&b->out, seq);
	put_number(&b->out, flags);
	put_number(&b->out, run->polling ? run->round : 0);
	put_number(&b->out, pause_take(run));
	form_put(form, &b->out);
	bridge_sent(b, mark);
	if (b->out.full) {
		b->out.full = false;
		(void)bridge_raise(L, "the step is too long: at most 16 MiB");
	}
	run->sent = seq;
	run->go_on &= ~(UINT64_C(1) << slot);
	run->checks &= ~(UINT64_C(1) << slot);
	run->go_on |= (uint64_t)(go_on || run->stop_goes_on) << slot;
	run->checks |= (uint64_t)((flags & STEP_CHECK) != 0) << slot;
	return seq;
}

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

static void
act_judge(lua_State *L, const struct run *run, struct act *act, int arg)
{
	const struct verb *verb = act->verb;
	struct span text = { NULL, 0 };

	act->text = (struct cut){ 0, 0 };
	act->awaits = verb->awaits && !run->silent &&
	    (!verb->opens || run->greets) && !field_is(L, arg, "dot", false);
	act->quits = act->offers = false;
	act->closes = (strcmp(verb->name, "close") == 0 &&
	    !field_is(L, arg, "half", true)) ||
	    strcmp(verb->name, "abort") == 0;
	if (lua_type(L, arg) != LUA_TSTRING)
		return;
	text = bridge_span(L, arg);
	act->text = (struct cut){
		(uint32_t)(act->value.at + act->value.len - text.len),
		(uint32_t)text.len };
	if (strcmp(verb->name, "send") != 0)
		return;
	act->quits = word_is(text, "QUIT");
	act->offers = line_offers(run, text);
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
	act->value = value_encode(L, b, &act->bytes, arg, verb->name, 2);
	modifiers_encode(L, b, &act->bytes, modifiers, verb->name,
	    &act->modifiers);
	act->verb = verb;
	act->conn = conn;
	act->place = place_here(b, L);
	act_judge(L, run, act, arg);
	if (run->group != NULL)
		group_act(L, run);
}

void
act_clear(struct act *act)
{
	act->verb = NULL;
	act->conn = NULL;
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
	seq = form_send(L, b, run, &form, FRAME_STEP, flags, go_on);
	if (act->verb != NULL && conn != NULL)
		conn_after(conn, act, seq);
	act_clear(act);
	return seq;
}

void
act_flush(lua_State *L, struct bridge *b, struct run *run)
{
	const struct expected nothing = { NULL, { 0, 0 }, { 0, 0 }, NULL };
	struct act *act = &run->act;
	/* An act of several rounds needs its reply to go on. */
	bool        owes = act->verb != NULL && act->awaits &&
	    !act->verb->rounds;

	if (act->verb == NULL)
		return;
	if (owes)
		owed_add(L, act->conn, act);
	buf_clear(&b->scratch);
	(void)step_send(L, b, run, act->conn, &nothing, owes ? STEP_OWES : 0);
}
