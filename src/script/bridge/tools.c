/*
 * Methods of t that are no acts: notes, ends, and what scripts compute with.
 * Nothing here is random but by the seed that START gave.
 */
#include "script/bridge/bridge_own.h"

#include "base/mem.h"
#include "base/text.h"
#include "model/digest.h"
#include "model/filter.h"

#include <inttypes.h>
#include <time.h>

static void
note_send(struct bridge *b, enum frame_kind kind, uint32_t id,
    struct span text)
{
	size_t mark = frame_begin(&b->out, kind, id);

	put_bytes(&b->out, text_head(text, NOTE_MAX));
	bridge_sent(b, mark);
}

/* Of a run or of the file; too many are an error of the script. */
static void
note_count(lua_State *L, uint32_t *count)
{
	if ((*count)++ >= NOTES_MAX)
		(void)bridge_raise(L, "more than 10,000 notes");
}

void
tools_print(struct vm *vm, struct span text)
{
	struct bridge *b = vm->who;
	struct run    *run = b->current;
	uint32_t      *count = run == NULL ? &b->prints : &run->notes;

	if (*count >= NOTES_MAX)
		return;
	if (++*count == NOTES_MAX)
		text = SPAN("print: more is not shown");
	note_send(b, run == NULL ? FRAME_PRINT : FRAME_NOTE,
	    run == NULL ? 0 : run->id, text);
}

/* Arguments from 2 on, joined by blanks, as one text at 2, the top. */
static struct span
joined(lua_State *L)
{
	int count = lua_gettop(L);

	luaL_checkstack(L, count + 8, NULL);
	for (int i = 2; i <= count; i++) {
		(void)vm_tostring(L, i);
		lua_replace(L, i);
	}
	if (count < 2)
		(void)lua_pushliteral(L, "");
	for (int i = count - 1; i >= 2; i--) {
		/* What would be cut is not joined. */
		if (lua_rawlen(L, i) > NOTE_MAX) {
			lua_settop(L, i);
			continue;
		}
		(void)lua_pushliteral(L, " ");
		lua_insert(L, -2);
		lua_concat(L, 3);
	}
	return bridge_span(L, -1);
}

static int
tool_note(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = run_check(L, b, "note");

	/* Who tidies up may say so. */
	if (!run->raised || run->ending != ENDING_NONE)
		run_ready(L, run);
	note_count(L, &run->notes);
	note_send(b, FRAME_NOTE, run->id, joined(L));
	return 0;
}

static int
ending_over(lua_State *L, int status, lua_KContext context)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = b->current;

	(void)status;
	run_ready(L, run);
	run->ending = (uint8_t)context;
	mem_free(run->why);
	run->why = place_keep(text_head(bridge_span(L, 2), NOTE_MAX));
	run->why_place = place_here(b, L);
	run_ready(L, run);
	return 0;
}

static int
end(lua_State *L, const char *method, enum run_ending ending)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = run_check(L, b, method);

	run_ready(L, run);
	if (run->group != NULL)
		return bridge_raise(L, "t:%s cannot stand in a pipeline",
		    method);
	if (lua_type(L, 2) != LUA_TSTRING && lua_type(L, 2) != LUA_TNUMBER)
		return bridge_raise(L, "t:%s takes a reason: t:%s(\"why\")",
		    method, method);
	(void)joined(L);
	act_flush(L, b, run);
	return run_wait(L, b, run, run->sent, ending_over,
	    (lua_KContext)ending);
}

static int
tool_skip(lua_State *L)
{
	return end(L, "skip", ENDING_SKIP);
}

static int
tool_fail(lua_State *L)
{
	return end(L, "fail", ENDING_FAIL);
}

/* SplitMix64, as ${random}. */
static uint64_t
draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 to `top`, each as likely: draws again above it. */
static uint64_t
draw_below(uint64_t *state, uint64_t top)
{
	uint64_t mask = top, number;

	for (unsigned shift = 1; shift < 64; shift *= 2)
		mask |= mask >> shift;
	do {
		number = draw(state) & mask;
	} while (number > top);
	return number;
}

static lua_Integer
integer_at(lua_State *L, int at)
{
	int         fine;
	lua_Integer number = lua_tointegerx(L, at, &fine);

	if (!fine || lua_type(L, at) != LUA_TNUMBER)
		(void)bridge_raise(L, "random takes integers");
	return number;
}

static int
tool_random(lua_State *L)
{
	struct run *run = run_check(L, bridge_of(L), "random");
	lua_Integer low = 1, high;

	if (lua_gettop(L) < 2) {
		lua_pushnumber(L, (double)(draw(&run->random) >> 11) *
		    0x1p-53);
		return 1;
	}
	high = integer_at(L, 2);
	if (lua_gettop(L) > 2) {
		low = high;
		high = integer_at(L, 3);
	} else if (high == 0) {
		lua_pushinteger(L, (lua_Integer)draw(&run->random));
		return 1;
	}
	if (low > high)
		return bridge_raise(L, "random: there is nothing from %"
		    PRId64 " to %" PRId64, (int64_t)low, (int64_t)high);
	lua_pushinteger(L, (lua_Integer)((uint64_t)low +
	    draw_below(&run->random, (uint64_t)high - (uint64_t)low)));
	return 1;
}

/* RFC 9562 5.4; `salt` is what two runs differ in. */
static int
tool_uuid(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = run_check(L, b, "uuid");
	uint64_t state = run->salt ^ ++run->uuids *
	    UINT64_C(0xd1342543de82ef95), high, low;

	high = (draw(&state) & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
	low = (draw(&state) & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
	buf_clear(&b->text);
	(void)buf_addf(&b->text, "%08x-%04x-%04x-%04x-%012" PRIx64,
	    (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff),
	    (unsigned)(high & 0xffff), (unsigned)(low >> 48),
	    low & UINT64_C(0xffffffffffff));
	(void)lua_pushlstring(L, b->text.ptr, b->text.len);
	return 1;
}

/* RFC 5322 3.3, in UTC: the time zone is in files that a worker cannot
 * read. */
static int
tool_date(lua_State *L)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct bridge *b = bridge_of(L);
	lua_Number     epoch = 0;
	time_t         at = time(NULL);
	struct tm      tm;

	(void)run_check(L, b, "date");
	if (!lua_isnoneornil(L, 2)) {
		epoch = lua_tonumber(L, 2);
		if (lua_type(L, 2) != LUA_TNUMBER || !(epoch > -1e11) ||
		    !(epoch < 1e11))
			return bridge_raise(L, "date takes seconds since "
			    "1970, as of os.time()");
		at = (time_t)epoch;
	}
	if (gmtime_r(&at, &tm) == NULL)
		return bridge_raise(L, "date: there is no such day");
	buf_clear(&b->text);
	(void)buf_addf(&b->text, "%.3s, %d %.3s %d %02d:%02d:%02d +0000",
	    days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	(void)lua_pushlstring(L, b->text.ptr, b->text.len);
	return 1;
}

static struct span
text_at(lua_State *L, int at, const char *method)
{
	if (lua_type(L, at) != LUA_TSTRING && lua_type(L, at) != LUA_TNUMBER)
		(void)bridge_raise(L, "%s takes a text, not %s", method,
		    luaL_typename(L, at));
	return bridge_span(L, at);
}

static int
filtered(lua_State *L, struct bridge *b, const char *name, struct span in)
{
	const char *why = "";

	buf_clear(&b->text);
	if (!filter_find(span_of(name))->apply(in, 0, &b->text, &why))
		return bridge_raise(L, "%s %s", name, why);
	(void)lua_pushlstring(L, b->text.ptr, b->text.len);
	return 1;
}

static int
tool_base64(lua_State *L)
{
	struct bridge *b = bridge_of(L);

	(void)run_check(L, b, "base64");
	if (bridge_is(L, 2, BOX_SECRET))
		return secret_base64(L, b);
	return filtered(L, b, "base64", text_at(L, 2, "base64"));
}

static int
tool_unbase64(lua_State *L)
{
	struct bridge *b = bridge_of(L);

	(void)run_check(L, b, "unbase64");
	return filtered(L, b, "unbase64", text_at(L, 2, "unbase64"));
}

/* t:hmac(digest, key, data), in hexadecimal; "raw" for octets. */
static int
tool_hmac(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct span    digest;
	bool           raw;

	(void)run_check(L, b, "hmac");
	digest = text_at(L, 2, "hmac");
	if (!digest_known(digest))
		return bridge_raise(L, "hmac: the digest is %s, not '%.40s'",
		    digest_names, digest.ptr);
	raw = lua_type(L, 5) == LUA_TSTRING &&
	    span_is(bridge_span(L, 5), "raw");
	if (!raw && !lua_isnoneornil(L, 5))
		return bridge_raise(L, "hmac: behind the data stands \"raw\" "
		    "or nothing");
	if (bridge_is(L, 3, BOX_SECRET) || bridge_is(L, 4, BOX_SECRET))
		return secret_hmac(L, b, digest, raw);
	buf_clear(&b->text);
	buf_clear(&b->scratch);
	(void)digest_hmac(digest, text_at(L, 3, "hmac"),
	    text_at(L, 4, "hmac"), &b->text);
	if (!raw)
		(void)digest_hex(buf_span(&b->text), &b->scratch);
	(void)lua_pushlstring(L, raw ? b->text.ptr : b->scratch.ptr,
	    raw ? b->text.len : b->scratch.len);
	return 1;
}

void
tools_methods(struct bridge *b, lua_State *L)
{
	bridge_method(b, L, "note", tool_note);
	bridge_method(b, L, "skip", tool_skip);
	bridge_method(b, L, "fail", tool_fail);
	bridge_method(b, L, "random", tool_random);
	bridge_method(b, L, "uuid", tool_uuid);
	bridge_method(b, L, "date", tool_date);
	bridge_method(b, L, "base64", tool_base64);
	bridge_method(b, L, "unbase64", tool_unbase64);
	bridge_method(b, L, "hmac", tool_hmac);
}
