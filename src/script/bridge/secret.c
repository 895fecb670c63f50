/*
 * Handles of secrets. The worker never has a secret: a handle says of which
 * parts the parent makes the text. It can be put together with others, and
 * sent; nothing else can be learned from it.
 */
#include "script/bridge/bridge_own.h"

enum { SECRET_MAX = 64 * 1024, PARTS_MAX = 1000, NEST_MAX = 7 };

void
secret_push(struct bridge *b, lua_State *L, uint32_t count, uint32_t depth,
    struct span parts)
{
	struct secret_box *secret = lua_newuserdatauv(L,
	    sizeof *secret + parts.len, 0);

	*secret = (struct secret_box){ .kind = BOX_SECRET, .count = count,
	    .depth = depth, .len = (uint32_t)parts.len };
	if (parts.len > 0)
		memcpy(secret->parts, parts.ptr, parts.len);
	bridge_meta(b, L, BOX_SECRET);
}

/* The parts of a handle or of a text, onto `out`. */
static void
parts_add(lua_State *L, int at, struct buf *out, uint32_t *count,
    uint32_t *depth)
{
	const struct secret_box *secret;

	if (bridge_is(L, at, BOX_SECRET)) {
		secret = lua_touserdata(L, at);
		(void)buf_add(out, (struct span){ secret->parts,
		    secret->len });
		*count += secret->count;
		if (secret->depth > *depth)
			*depth = secret->depth;
		return;
	}
	if (lua_type(L, at) != LUA_TSTRING && lua_type(L, at) != LUA_TNUMBER)
		(void)bridge_raise(L, "a secret goes together with texts, "
		    "not with a %s", luaL_typename(L, at));
	lua_pushvalue(L, at);   /* a number stays one for the caller */
	(void)buf_add_octet(out, PARTS_BYTES);
	put_bytes(out, bridge_span(L, -1));
	lua_pop(L, 1);
	*count += 1;
}

static int
made_push(struct bridge *b, lua_State *L, uint32_t count, uint32_t depth)
{
	if (b->scratch.len > SECRET_MAX || count > PARTS_MAX ||
	    depth > NEST_MAX)
		return bridge_raise(L, "too much is made of secrets: at most "
		    "64 KiB, 1,000 parts and 7 levels");
	secret_push(b, L, count, depth, buf_span(&b->scratch));
	return 1;
}

static int
secret_concat(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	uint32_t       count = 0, depth = 1;

	buf_clear(&b->scratch);
	parts_add(L, 1, &b->scratch, &count, &depth);
	parts_add(L, 2, &b->scratch, &count, &depth);
	return made_push(b, L, count, depth);
}

/* Number and parts of what stands there; the number comes first, so they are
 * made aside. */
static void
nested_add(lua_State *L, struct bridge *b, int at, uint32_t *depth)
{
	uint32_t count = 0, inner = 1;

	buf_clear(&b->text);
	parts_add(L, at, &b->text, &count, &inner);
	put_number(&b->scratch, count);
	(void)buf_add(&b->scratch, buf_span(&b->text));
	if (inner + 1 > *depth)
		*depth = inner + 1;
}

int
secret_base64(lua_State *L, struct bridge *b)
{
	uint32_t depth = 1;

	buf_clear(&b->scratch);
	(void)buf_add_octet(&b->scratch, PARTS_BASE64);
	nested_add(L, b, 2, &depth);
	return made_push(b, L, 1, depth);
}

int
secret_hmac(lua_State *L, struct bridge *b, struct span digest, bool raw)
{
	uint32_t depth = 1;

	buf_clear(&b->scratch);
	(void)buf_add_octet(&b->scratch, PARTS_HMAC);
	put_number(&b->scratch, digest.len + (raw ? 4 : 0));
	(void)buf_add(&b->scratch, digest);
	(void)buf_add_text(&b->scratch, raw ? " raw" : "");
	nested_add(L, b, 3, &depth);
	nested_add(L, b, 4, &depth);
	return made_push(b, L, 1, depth);
}

static int
secret_tostring(lua_State *L)
{
	(void)lua_pushliteral(L, "<secret>");
	return 1;
}

static int
secret_format(lua_State *L)
{
	return bridge_raise(L, "string.format() cannot put a secret in: join "
	    "it with .., such as \"AUTH PLAIN \" .. secret");
}

static int
secret_refuse(lua_State *L)
{
	return bridge_raise(L, "a secret has no length, no order, no equal "
	    "and no methods: it can be joined with .. and sent");
}

void
secret_open(struct bridge *b, lua_State *L)
{
	static const char *const refused[] = { "__len", "__eq", "__lt",
		"__le", "__index", "__newindex", "__call" };

	bridge_method(b, L, "__concat", secret_concat);
	bridge_method(b, L, "__tostring", secret_tostring);
	bridge_method(b, L, "__format", secret_format);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		bridge_method(b, L, refused[i], secret_refuse);
}
