/*
 * Replies. The octets are kept as they came; every field is made of them when
 * somebody asks, and asking waits until they are there.
 */
#include "script/bridge/bridge_own.h"

#include "model/result.h"

enum field {
	FIELD_CODE, FIELD_ENHANCED, FIELD_TEXT, FIELD_LINES, FIELD_RAW,
	FIELD_FLAWS, FIELD_OFFERS, FIELD_MS, FIELD_PASSED, FIELD_COUNT
};
static const char *const fields[FIELD_COUNT] = { "code", "enhanced", "text",
	"lines", "raw", "flaws", "offers", "ms", "passed" };

struct reply_box *
reply_push(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, uint32_t seq, uint32_t inner)
{
	struct reply_box *reply = lua_newuserdatauv(L, sizeof *reply, 1);

	*reply = (struct reply_box){ .kind = BOX_REPLY, .run = run->id,
	    .seq = seq, .inner = inner, .conn = conn, .code = -1 };
	bridge_meta(b, L, BOX_REPLY);
	return reply;
}

bool
reply_passed(const struct reply_box *reply)
{
	return reply->known && (reply->result == RESULT_PASS ||
	    reply->result == RESULT_WARN);
}

static struct span
raw_of(lua_State *L)
{
	struct span raw = { NULL, 0 };

	if (lua_getiuservalue(L, 1, 1) == LUA_TSTRING)
		raw = bridge_span(L, -1);
	return raw;
}

/* The octets stay anchored in the reply. */
static bool
line_next(const struct reply_box *reply, struct span raw, size_t *at,
    struct span *line)
{
	if (!reply_line(raw, at, line))
		return false;
	if (reply->code >= 0)
		*line = reply_line_text(*line);
	return true;
}

static void
text_push(lua_State *L, struct bridge *b, const struct reply_box *reply)
{
	struct span raw = raw_of(L), line;
	size_t      at = 0;
	bool        first = true;

	buf_clear(&b->text);
	for (; line_next(reply, raw, &at, &line); first = false) {
		if (!first)
			(void)buf_add_octet(&b->text, '\n');
		(void)buf_add(&b->text, line);
	}
	(void)lua_pushlstring(L, b->text.ptr, b->text.len);
}

static void
lines_push(lua_State *L, const struct reply_box *reply)
{
	struct span raw = raw_of(L), line;
	size_t      at = 0;
	lua_Integer count = 0;

	lua_newtable(L);
	while (line_next(reply, raw, &at, &line)) {
		(void)lua_pushlstring(L, line.ptr, line.len);
		lua_rawseti(L, -2, ++count);
	}
}

static void
flaws_push(lua_State *L, const struct reply_box *reply)
{
	lua_Integer count = 0;

	lua_newtable(L);
	for (enum flaw flaw = FLAW_NONE + 1; flaw < FLAW_COUNT; flaw++)
		if ((reply->flaws & FLAW_BIT(flaw)) != 0) {
			(void)lua_pushstring(L, flaw_rows[flaw].word);
			lua_rawseti(L, -2, ++count);
		}
}

/* "SIZE 1000" and "AUTH=LOGIN" alike: keyword in capitals, then the rest. */
static void
offer_add(lua_State *L, struct span line)
{
	char   word[64];
	size_t len = 0;

	line = span_trim(line);
	while (len < line.len && len < sizeof word && line.ptr[len] != ' ' &&
	    line.ptr[len] != '=' && line.ptr[len] != '\t') {
		char c = line.ptr[len];

		word[len++] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
	}
	if (len == 0 || len == sizeof word)
		return;
	(void)lua_pushlstring(L, word, len);
	lua_pushvalue(L, -1);
	line = span_trim(span_from(line, len + (len < line.len)));
	/* AUTH PLAIN and AUTH=LOGIN may both be there: the first with a blank
	 * stands. */
	if (lua_rawget(L, -3) != LUA_TNIL) {
		lua_pop(L, 2);
		return;
	}
	lua_pop(L, 1);
	(void)lua_pushlstring(L, line.ptr, line.len);
	lua_rawset(L, -3);
}

static void
offers_push(lua_State *L, const struct reply_box *reply)
{
	struct span raw = raw_of(L), line;
	size_t      at = 0;
	bool        first = true;

	if (!reply->offers || reply->code / 100 != 2) {
		lua_pushnil(L);
		return;
	}
	lua_newtable(L);
	for (; line_next(reply, raw, &at, &line); first = false)
		if (!first)
			offer_add(L, line);
}

static void
code_push(lua_State *L, struct bridge *b, const struct reply_box *reply)
{
	const struct run *run = bridge_run_of(b, reply->run);
	const char *const *words = run == NULL || run->proto == NULL ? NULL :
	    run->proto->words;
	int32_t code = 0;

	if (reply->code < 0) {
		lua_pushnil(L);
		return;
	}
	if (words == NULL) {
		lua_pushinteger(L, reply->code);
		return;
	}
	while (words[code] != NULL && code < reply->code)
		code++;
	(void)lua_pushstring(L, words[code]);
}

static void
enhanced_push(lua_State *L, const struct reply_box *reply)
{
	uint32_t e = reply->enhanced;

	if (e == 0)
		lua_pushnil(L);
	else
		(void)lua_pushfstring(L, "%d.%d.%d", (int)ENHANCED_CLASS(e),
		    (int)ENHANCED_SUBJECT(e), (int)ENHANCED_DETAIL(e));
}

static int
field_push(lua_State *L, struct bridge *b, enum field field)
{
	const struct reply_box *reply = lua_touserdata(L, 1);

	switch (field) {
	case FIELD_CODE:
		code_push(L, b, reply);
		return 1;
	case FIELD_ENHANCED:
		enhanced_push(L, reply);
		return 1;
	case FIELD_TEXT:
		text_push(L, b, reply);
		return 1;
	case FIELD_LINES:
		lines_push(L, reply);
		return 1;
	case FIELD_RAW:
		if (lua_getiuservalue(L, 1, 1) != LUA_TSTRING)
			(void)lua_pushliteral(L, "");
		return 1;
	case FIELD_FLAWS:
		flaws_push(L, reply);
		return 1;
	case FIELD_OFFERS:
		offers_push(L, reply);
		return 1;
	case FIELD_MS:
		lua_pushinteger(L, reply->ms);
		return 1;
	case FIELD_PASSED:
		lua_pushboolean(L, reply_passed(reply));
		return 1;
	case FIELD_COUNT:
		break;
	}
	return 0;
}

static enum field
field_of(lua_State *L)
{
	struct span key = lua_type(L, 2) == LUA_TSTRING ? bridge_span(L, 2) :
	    SPAN("");
	const char *near;

	for (enum field field = 0; field < FIELD_COUNT; field++)
		if (span_is(key, fields[field]))
			return field;
	if (lua_type(L, 2) == LUA_TNUMBER)
		(void)bridge_raise(L, "a reply is no list: expect_each returns "
		    "them one by one, and { ... } around it makes one");
	near = span_nearest(key, fields, FIELD_COUNT);
	(void)bridge_raise(L, "a reply has no '%.40s'%s%s%s",
	    key.len > 0 ? key.ptr : luaL_typename(L, 2),
	    near == NULL ? "" : "; did you mean '",
	    near == NULL ? "" : near, near == NULL ? "" : "'?");
	return FIELD_COUNT;
}

static int
index_over(lua_State *L, int status, lua_KContext context)
{
	struct bridge          *b = bridge_of(L);
	const struct reply_box *reply = lua_touserdata(L, 1);

	(void)status;
	/* The expectation itself would have raised, had it waited. */
	if (!reply->known || !b->current->raised)
		run_ready(L, b->current);
	if (!reply->known)
		return bridge_raise(L, "this reply never came");
	return field_push(L, b, (enum field)context);
}

int
reply_index(lua_State *L)
{
	struct bridge          *b = bridge_of(L);
	const struct reply_box *reply = lua_touserdata(L, 1);
	enum field              field;

	if (!bridge_is(L, 1, BOX_REPLY))
		return bridge_raise(L, "this is no reply");
	field = field_of(L);
	if (reply->known)
		return field_push(L, b, field);
	if (b->current == NULL || reply->run != b->current->id)
		return bridge_raise(L, "this reply is of another run");
	if (reply->seq == 0)
		return bridge_raise(L, "this reply is known only behind "
		    "t:pipeline");
	return run_wait(L, b, b->current, reply->seq, index_over,
	    (lua_KContext)field);
}
