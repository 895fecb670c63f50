/*
 * Steps that this worker has encoded before. Most scripts say the same things
 * on the same lines in each run and round: an act of a plain text with one
 * code or one text expected of it is then found by its lines and compared with
 * the octets of the last time, and neither encoded nor judged again.
 *
 * A place is taken by the last two who wanted it: what was never asked for
 * leaves its hash, and is kept when it comes again. At most MEMO_SLOTS steps
 * of MEMO_MAX octets. Nothing of a run is in them but what its step says.
 */
#include "script/bridge/bridge_own.h"

#include "base/mem.h"

enum { ENDS = 8 };              /* octets of a text that are hashed */

static uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

/* What differs from round to round does so at its ends, mostly. */
static uint64_t
mix_ends(uint64_t hash, struct span text)
{
	uint64_t first = 0, last = 0;
	size_t   len = text.len < ENDS ? text.len : ENDS;

	if (len > 0) {
		memcpy(&first, text.ptr, len);
		memcpy(&last, text.ptr + text.len - len, len);
	}
	return mix(mix(mix(hash, text.len), first), last);
}

static uint64_t
hash_of(const struct memo_key *key, struct span text, struct span expected)
{
	uint64_t hash = mix((uint64_t)key->act.line << 32 | key->expect.line,
	    (uint64_t)key->act.file << 32 | key->expect.file);

	hash = mix(hash, (uint64_t)(uintptr_t)key->verb);
	hash = mix(hash, (uint64_t)key->code);
	return mix_ends(mix_ends(hash, text), expected);
}

static bool
is_same(const struct memo *memo, const struct memo_key *key,
    struct span text, struct span expected)
{
	return memcmp(&memo->key, key, sizeof *key) == 0 &&
	    (text.len == 0 || memcmp(memo->octets, text.ptr, text.len) == 0) &&
	    (expected.len == 0 || memcmp(memo->octets + text.len,
	    expected.ptr, expected.len) == 0);
}

const struct memo *
memo_find(struct bridge *b, struct memo_asked *asked)
{
	struct memo_slot *slot;
	uint64_t hash;

	if (b->memos == NULL)
		b->memos = mem_alloc(MEMO_SLOTS * sizeof *b->memos);
	hash = hash_of(&asked->key, asked->text, asked->expected);
	slot = &b->memos[(hash >> 32) & (MEMO_SLOTS - 1)];
	if (slot->memo != NULL && is_same(slot->memo, &asked->key,
	    asked->text, asked->expected))
		return slot->memo;
	asked->slot = slot->hash == hash ? slot : NULL;
	slot->hash = hash;
	return NULL;
}

void
memo_keep(const struct memo_asked *asked, const struct act *act,
    struct span encoded)
{
	struct span  text = asked->text, expected = asked->expected;
	size_t       len = text.len + expected.len + encoded.len;
	struct memo *memo;

	if (asked->slot == NULL || len > MEMO_MAX)
		return;
	memo = mem_alloc(sizeof *memo + len);
	memo->key = asked->key;
	memo->quits = act->quits;
	memo->offers = act->offers;
	memo->closes = act->closes;
	memo->at = (uint32_t)(text.len + expected.len);
	memo->len = (uint32_t)encoded.len;
	if (text.len > 0)
		memcpy(memo->octets, text.ptr, text.len);
	if (expected.len > 0)
		memcpy(memo->octets + text.len, expected.ptr, expected.len);
	memcpy(memo->octets + memo->at, encoded.ptr, encoded.len);
	mem_free(asked->slot->memo);
	asked->slot->memo = memo;
}

/* Servers say the same, too: to find a string costs Lua a look at each of its
 * octets. */
void
memo_push(struct bridge *b, lua_State *L, struct span raw)
{
	uint64_t      hash = mix_ends(0, raw);
	struct heard *heard;

	if (b->heard == NULL)
		b->heard = mem_alloc(HEARD_SLOTS * sizeof *b->heard);
	heard = &b->heard[(hash >> 32) & (HEARD_SLOTS - 1)];
	if (heard->len == raw.len && heard->ref != 0 &&
	    memcmp(heard->octets, raw.ptr, raw.len) == 0) {
		(void)lua_rawgeti(L, LUA_REGISTRYINDEX, heard->ref);
		return;
	}
	(void)lua_pushlstring(L, raw.ptr, raw.len);
	if (heard->hash == hash && raw.len <= HEARD_MAX) {
		lua_pushvalue(L, -1);
		if (heard->ref == 0)
			heard->ref = luaL_ref(L, LUA_REGISTRYINDEX);
		else
			lua_rawseti(L, LUA_REGISTRYINDEX, heard->ref);
		memcpy(heard->octets, raw.ptr, raw.len);
		heard->len = (uint32_t)raw.len;
	}
	heard->hash = hash;
}

void
memo_free(struct bridge *b)
{
	mem_free(b->heard);
	for (size_t i = 0; b->memos != NULL && i < MEMO_SLOTS; i++)
		mem_free(b->memos[i].memo);
	mem_free(b->memos);
}
