/*
 * Outcomes: a reply that the script holds (or has dropped) is filled in, what
 * a step set becomes a variable, and who waits is woken. After an outcome that
 * ends the dialogue a STOP follows, and until then nothing goes on: what the
 * script would do now would be void.
 */
#include "script/bridge/bridge_own.h"

#include "base/mem.h"
#include "base/text.h"
#include "model/result.h"

uint32_t
ring_slot(const struct run *run, uint32_t seq)
{
	return (seq - run->base - 1) % RING;
}

/* Of the ring of t: most runs are never far ahead, and need no table. What
 * lies below the value is the caller's to drop as well. */
static int
slot_push(lua_State *L, int t, uint32_t slot)
{
	int type;

	if (slot < NEAR_COUNT)
		return lua_getiuservalue(L, t, RUN_NEAR + (int)slot);
	type = lua_getiuservalue(L, t, RUN_REPLIES);
	return type != LUA_TTABLE ? type :
	    lua_rawgeti(L, -1, (lua_Integer)(slot - NEAR_COUNT) + 1);
}

/* Pops the value. */
static void
slot_set(lua_State *L, int t, uint32_t slot)
{
	if (slot < NEAR_COUNT) {
		(void)lua_setiuservalue(L, t, RUN_NEAR + (int)slot);
		return;
	}
	if (lua_getiuservalue(L, t, RUN_REPLIES) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_createtable(L, NEAR_COUNT, 0);
		lua_pushvalue(L, -1);
		(void)lua_setiuservalue(L, t, RUN_REPLIES);
	}
	lua_pushvalue(L, -2);
	lua_rawseti(L, -2, (lua_Integer)(slot - NEAR_COUNT) + 1);
	lua_pop(L, 2);
}

/* On top of L: a reply, or a list of them. */
void
outcome_await(lua_State *L, struct bridge *b, struct run *run, uint32_t seq)
{
	(void)b;
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	lua_pushvalue(L, -2);
	slot_set(L, lua_gettop(L) - 1, ring_slot(run, seq));
	lua_pop(L, 1);
}

static void
why_set(struct bridge *b, struct run *run, const struct reply_box *reply,
    const struct told *told)
{
	struct span line = { NULL, 0 };
	size_t      at = 0;

	buf_clear(&b->text);
	if (reply != NULL && reply->place.line > 0) {
		place_text(b, reply->place, &b->text);
		(void)buf_add_text(&b->text, ": ");
	}
	(void)buf_add_text(&b->text, "the dialogue has stopped");
	if (told->has_reply && reply_line(told->raw, &at, &line)) {
		(void)buf_add_text(&b->text, " with ");
		text_plain(text_head(line, 120), &b->text);
	}
	mem_free(run->why);
	run->why = place_keep(buf_span(&b->text));
}

/* The reply on top of L; the run's words for a stop. */
static struct reply_box *
reply_fill(lua_State *L, struct bridge *b, const struct told *told)
{
	struct reply_box *reply = lua_touserdata(L, -1);

	reply->known = true;
	reply->has_reply = told->has_reply;
	reply->result = told->result;
	reply->code = told->has_reply ? told->code : -1;
	reply->enhanced = told->enhanced;
	reply->flaws = told->flaws;
	reply->ms = told->ms;
	if (reply->conn != NULL && reply->quits && told->has_reply)
		reply->conn->quit_seen = true;
	if (reply->conn != NULL && told->lost)
		reply->conn->lost = true;
	reply->conn = NULL;
	if (told->has_reply && told->raw.len > 0) {
		memo_push(b, L, told->raw);
		(void)lua_setiuservalue(L, -2, 1);
	}
	return reply;
}

/* A list of replies is on top: the first that is open, of that inner step.
 * When the whole step is over, no other is. */
static const struct reply_box *
list_fill(lua_State *L, struct bridge *b, const struct told *told)
{
	lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
	const struct reply_box *first = NULL;
	struct told nothing = { .seq = told->seq, .result = told->result,
	    .code = -1 };

	for (lua_Integer i = 1; i <= count && (first == NULL || told->last);
	    i++) {
		struct reply_box *reply;

		(void)lua_rawgeti(L, -1, i);
		reply = lua_touserdata(L, -1);
		if (!reply->known && first == NULL &&
		    (!reply->grouped || reply->inner == told->inner))
			first = reply_fill(L, b, told);
		else if (!reply->known && told->last)
			(void)reply_fill(L, b, &nothing);
		lua_pop(L, 1);
	}
	return first;
}

static void
replies_fill(struct bridge *b, lua_State *L, struct run *run,
    const struct told *told, bool stops)
{
	const struct reply_box *reply = NULL;
	uint32_t    slot = ring_slot(run, told->seq);
	int         top = lua_gettop(L), type;

	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, run->ref);
	type = slot_push(L, top + 1, slot);
	if (type == LUA_TTABLE) {
		reply = list_fill(L, b, told);
	} else if (type == LUA_TUSERDATA) {
		reply = lua_touserdata(L, -1);
		if (reply->seq == told->seq && !reply->known)
			(void)reply_fill(L, b, told);
	}
	if (stops)
		why_set(b, run, reply, told);
	if (told->last && type != LUA_TNIL) {
		lua_pushboolean(L, false);
		slot_set(L, top + 1, slot);
	}
	lua_settop(L, top);
}

/* A connect that failed leaves nothing to say goodbye to. */
static void
conns_hear(struct run *run, const struct told *told)
{
	for (struct conn *conn = run->first; conn != NULL; conn = conn->next)
		if (conn->opened == told->seq && !told->has_reply &&
		    (told->result != RESULT_PASS || run->greets))
			conn->lost = true;
}

static bool
sets_take(struct bridge *b, lua_State *L, struct run *run, struct span in,
    uint32_t count)
{
	struct span name, value;

	for (uint32_t i = 0; i < count; i++) {
		if (!take_bytes(&in, &name) || !take_bytes(&in, &value))
			return false;
		if (run->state != RUN_OVER)
			names_set(b, L, run, name, value);
	}
	return in.len == 0;
}

/* As the engine decides it: does the dialogue end here? */
static bool
is_stop(const struct run *run, const struct told *told)
{
	uint64_t bit = UINT64_C(1) << ring_slot(run, told->seq);

	if (told->fatal || told->result == RESULT_SKIP)
		return true;
	return (told->result == RESULT_FAIL || told->result == RESULT_ERROR) &&
	    ((run->go_on | run->checks) & bit) == 0;
}

/* The round ends here; or, after a check, where the function does. */
static void
again_hear(struct run *run, const struct told *told)
{
	if ((run->checks & UINT64_C(1) << ring_slot(run, told->seq)) == 0)
		run->again = true;
	else
		run->unheld = true;
}

bool
outcome_frame(struct bridge *b, lua_State *L, const struct frame *frame,
    struct run *run)
{
	struct span in = frame->body;
	struct told told;
	bool        late, stops;

	if (!take_told(&in, &told) || told.seq == 0 || told.seq > run->sent)
		return false;
	late = told.seq <= run->done;
	stops = !late && is_stop(run, &told);
	if (run->state != RUN_OVER && told.seq > run->base) {
		replies_fill(b, L, run, &told, stops && !run->stopped);
		conns_hear(run, &told);
	}
	if (!sets_take(b, L, run, in, told.set_count))
		return false;
	if (told.seq > run->heard)
		run->heard = told.seq;
	if (late || run->state == RUN_OVER) {
		if (told.last && !late)
			run->done = told.seq;
		return true;
	}
	if (told.result == RESULT_AGAIN && run->polling)
		again_hear(run, &told);
	run->held |= stops && !run->stopped;
	if (!told.last)
		return true;
	run->done = told.seq;
	if (!run->held && run->state == RUN_SUSPENDED &&
	    run->done >= run->wait)
		bridge_resume(b, run, 0);
	return true;
}
