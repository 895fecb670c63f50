/*
 * expect, check, expect_each: the pending act and what is expected of it
 * become one step. Where something is owed on the connection, the oldest of it
 * is judged instead. Outside of pcall and the like, expect does not wait: the
 * reply fills itself in when somebody looks.
 */
#include "script/bridge/bridge_own.h"

enum { EACH_MAX = 1000 };

enum { KEY_EXPECT, KEY_CHECK, KEY_EACH };
static const char *const keys[] = { "expect", "expect", "expect_each" };
static const char *const methods[] = { "expect", "check", "expect_each" };

static int
which(lua_State *L)
{
	return (int)lua_tointeger(L, lua_upvalueindex(2));
}

static int expect(lua_State *L);

static int
expect_again(lua_State *L, int status, lua_KContext context)
{
	(void)status, (void)context;
	return expect(L);
}

/* The replies stand from `context` on. */
static int
expect_over(lua_State *L, int status, lua_KContext context)
{
	struct bridge *b = bridge_of(L);
	int            count = lua_gettop(L) - (int)context + 1;

	(void)status;
	run_ready(L, b->current);
	if (which(L) != KEY_CHECK)
		return count;
	lua_pushboolean(L, reply_passed(lua_touserdata(L, (int)context)));
	return count + 1;
}

/* Gives the replies of step `seq`, one for each thing expected. */
static int
replies_push(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, uint32_t seq, int key, const struct owed *judged)
{
	uint32_t count = key == KEY_EACH && lua_istable(L, 2) ?
	    (uint32_t)lua_rawlen(L, 2) : 1;
	struct reply_box *reply;

	if (count > 1)
		lua_createtable(L, (int)count, 0);
	for (uint32_t i = 0; i < count; i++) {
		reply = reply_push(L, b, run, conn, seq, 0);
		reply->quits = judged->quits;
		reply->offers = judged->offers;
		reply->place = judged->place;
		if (count == 1) {
			outcome_await(L, b, run, seq);
			return 1;
		}
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	if (count == 0)
		return 0;
	outcome_await(L, b, run, seq);
	for (uint32_t i = 0; i < count; i++)
		(void)lua_rawgeti(L, 4, (lua_Integer)i + 1);
	lua_remove(L, 4);
	return (int)count;
}

/* What the step judges: its own act, or the oldest that is owed. */
static struct owed
judged_of(struct run *run, struct conn *conn, struct place place)
{
	struct owed owed = { .place = place };

	if (run->act.verb != NULL) {
		owed.quits = run->act.quits;
		owed.offers = run->act.offers;
	} else if (owed_take(conn, &owed)) {
		owed.place = place;
	}
	return owed;
}

/* Is it of the kind that may have been encoded before? */
static bool
memo_ask(lua_State *L, const struct run *run, const struct conn *conn,
    struct place place, int which, struct memo_asked *asked)
{
	const struct act *act = &run->act;
	struct memo_key  *key = &asked->key;

	if (act->verb == NULL || !act->held || act->conn != conn ||
	    conn->owed_count > 0 || which == KEY_EACH ||
	    lua_type(L, 3) != LUA_TNIL)
		return false;
	memset(asked, 0, sizeof *asked);
	key->verb = act->verb;
	key->proto = run->proto;
	key->act = act->place;
	key->expect = place;
	asked->text = act->plain;
	key->text_len = act->plain.ptr == NULL ? UINT64_MAX : act->plain.len;
	key->expected_len = UINT64_MAX;
	if (lua_isinteger(L, 2)) {
		key->code = lua_tointeger(L, 2);
		return true;
	}
	if (lua_type(L, 2) != LUA_TSTRING)
		return false;
	asked->expected = bridge_span(L, 2);
	key->expected_len = asked->expected.len;
	return asked->expected.len <= MEMO_MAX;
}

/* Encodes what is expected, and sends it with what it is expected of. */
static uint32_t
expect_send(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, struct expected *expected, int key,
    uint32_t flags, struct owed *judged)
{
	struct modifiers modifiers;

	if (run->act.conn != conn || conn->owed_count > 0)
		act_flush(L, b, run);
	act_settle(run, &run->act);
	buf_clear(&b->scratch);
	expected->key = keys[key];
	expected->modifiers = &modifiers;
	expected->value = value_encode(L, b, &b->scratch, 2, methods[key], 3);
	modifiers_encode(L, b, &b->scratch, 3, methods[key], &modifiers);
	*judged = judged_of(run, conn, expected->place);
	return step_send(L, b, run, conn, expected, flags);
}

static int
expect(lua_State *L)
{
	struct bridge   *b = bridge_of(L);
	int              key = which(L);
	struct conn     *conn = run_conn(L, b, methods[key]);
	struct run      *run = b->current;
	struct memo_asked asked;
	const struct memo *memo = NULL;
	struct expected  expected = { .key = NULL };
	struct owed      judged;
	bool             waits = key == KEY_CHECK || run_waits(L, run);
	uint32_t         seq, flags = (key == KEY_CHECK ? STEP_CHECK : 0u) |
	    (waits ? STEP_WAITED : 0u);

	lua_settop(L, 3);
	run_pace(L, b, run, expect_again);
	if (run->group != NULL)
		return group_expect(L, b, run, conn, keys[key],
		    key == KEY_CHECK);
	if (key == KEY_EACH && lua_istable(L, 2) &&
	    lua_rawlen(L, 2) > EACH_MAX)
		return bridge_raise(L, "expect_each: more than %d replies",
		    EACH_MAX);
	expected.place = place_here(b, L);
	if (memo_ask(L, run, conn, expected.place, key, &asked)) {
		expected.asked = &asked;
		memo = memo_find(b, &asked);
	}
	if (memo == NULL) {
		seq = expect_send(L, b, run, conn, &expected, key, flags,
		    &judged);
	} else {
		judged.quits = memo->quits;
		judged.offers = memo->offers;
		judged.place = expected.place;
		seq = step_again(L, b, run, memo, flags);
	}
	if (!waits)
		return replies_push(L, b, run, conn, seq, key, &judged);
	(void)replies_push(L, b, run, conn, seq, key, &judged);
	return run_wait(L, b, run, seq, expect_over, 4);
}

void
expect_methods(struct bridge *b, lua_State *L)
{
	for (int i = KEY_EXPECT; i <= KEY_EACH; i++) {
		(void)lua_pushstring(L, methods[i]);
		lua_pushlightuserdata(L, b);
		lua_pushinteger(L, i);
		lua_pushcclosure(L, expect, 2);
		lua_rawset(L, -3);
	}
}
