/*
 * Getting at code: dumps, and the question whether this Lua numbers its
 * instructions as we believe. Versions of the dump did not always change with
 * the instructions, so a small text is compiled and compared.
 */
#include "script/vm/bytecode_own.h"

#include "script/places/lex.h"

/* A source is below 1 MiB (LIMIT_FILE); an octet of it makes at most about
 * ten of the dump: an instruction, its line, a constant. */
enum { DUMP_MAX = 32 * 1024 * 1024 };

static const char probe_text[] =
    "local a, b, c = 1, 'x', ...\n"
    "function a.f() a, c = nil, b[a] return a < b end\n"
    "x = y & 3 | a ~ b & c\n"
    "a[b], a.k = c or not b, -a .. c\n"
    "for i = 1, c do b:m(i, a == b) end\n"
    "for k in b do local n = a and k; return a(...) end\n";
static const uint8_t probe_outer[] = {
	81, 1, 3, 80, 79, 18, 11, 29, 48, 41, 46, 43, 46, 42, 46, 15, 67, 56,
	51, 49, 0, 53, 18, 16, 1, 0, 1, 74, 20, 0, 57, 56, 6, 7, 68, 73, 0, 8,
	75, 67, 56, 0, 0, 80, 68, 70, 76, 77, 54, 70
};
static const uint8_t probe_inner[] = {
	8, 9, 9, 12, 10, 10, 9, 9, 58, 56, 6, 7, 72, 71
};

static int
dump_write(lua_State *L, const void *octets, size_t len, void *who)
{
	(void)L;
	return buf_add(who, (struct span){ octets, len }) ? 0 : 1;
}

bool
bytecode_dump(lua_State *L, struct buf *dump)
{
	*dump = buf_new(DUMP_MAX);
	return lua_dump(L, dump_write, dump, 0) == 0;
}

static const char *
text_read(lua_State *L, void *who, size_t *len)
{
	struct span *text = who;
	const char *ptr = text->ptr;

	(void)L;
	*len = text->len;
	*text = span_from(*text, text->len);
	return ptr;
}

/* What `text` compiles to; NULL: it does not, or not to a known dump. The
 * stack is as before. */
static struct proto *
text_compile(lua_State *L, struct span text, struct buf *dump,
    struct arena *arena)
{
	struct proto *proto = NULL;

	*dump = buf_new(0);
	if (!lua_checkstack(L, 1))
		return NULL;
	if (lua_load(L, text_read, &text, "=probe", "t") == LUA_OK &&
	    bytecode_dump(L, dump))
		proto = bytecode_parse(buf_span(dump), arena);
	lua_pop(L, 1);
	return proto;
}

static bool
codes_are(const struct proto *proto, const uint8_t *codes, size_t count)
{
	if (proto->code_count != count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (code_op(code_at(proto, i)) != codes[i])
			return false;
	return true;
}

bool
bytecode_probe(lua_State *L)
{
	static bool   fine;
	struct arena  arena = { 0 };
	struct buf    dump;
	struct proto *proto;

	if (fine)
		return true;
	proto = text_compile(L, SPAN(probe_text), &dump, &arena);
	fine = proto != NULL && proto->proto_count == 1 &&
	    codes_are(proto, probe_outer, sizeof probe_outer) &&
	    codes_are(proto->protos, probe_inner, sizeof probe_inner);
	buf_free(&dump);
	arena_free(&arena);
	return fine;
}

/* Compiling is safe everywhere, and nothing runs. Lua that does it right
 * loads the constant first. */
static bool
env_const_wrong(lua_State *L)
{
	struct arena  arena = { 0 };
	struct buf    dump;
	struct proto *proto = text_compile(L,
	    SPAN("local _ENV <const> = 1; return x"), &dump, &arena);
	bool wrong = proto != NULL && (proto->code_count < 2 ||
	    code_op(code_at(proto, 1)) != CODE_LOADI);

	buf_free(&dump);
	arena_free(&arena);
	return wrong;
}

bool
bytecode_env_const_find(struct span source, uint32_t *line)
{
	static const char *const words[] = { "_ENV", "<", "const", ">" };
	struct lex  lex = lex_new(source);
	struct token token;
	size_t      seen = 0;

	while (lex_next(&lex, &token)) {
		struct span text = lex_text(&lex, &token);

		seen = span_is(text, words[seen]) ? seen + 1 :
		    span_is(text, words[0]) ? 1 : 0;
		if (seen == 1)
			*line = token.line;
		if (seen == sizeof words / sizeof *words)
			return true;
	}
	return false;
}

bool
bytecode_env_const(lua_State *L, struct span source, uint32_t *line)
{
	return bytecode_env_const_find(source, line) && env_const_wrong(L);
}
