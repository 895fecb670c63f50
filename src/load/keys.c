/*
 * Open addressing, at most half full. Slots keep the hash, so that keys made
 * to collide cost an integer comparison each; LIMIT_YAML_KEYS bounds them.
 */
#include "load/keys.h"

#include "base/mem.h"

enum { KEYS_SHORT = 8, KEYS_FIRST = 64 };

static uint32_t
key_hash(struct span key)
{
	uint64_t hash = span_hash(key);

	return (uint32_t)(hash ^ hash >> 32);
}

static void
slot_put(struct keys *keys, const struct node *node, uint32_t hash)
{
	uint32_t at = hash & (keys->cap - 1);

	while (keys->slots[at].node != NULL)
		at = (at + 1) & (keys->cap - 1);
	keys->slots[at] = (struct key_slot){ node, hash };
}

static void
table_fill(struct keys *keys, const struct node *map)
{
	for (const struct node *at = map->first; at != NULL; at = at->next)
		slot_put(keys, at, key_hash(at->key));
	keys->live = true;
}

const struct node *
keys_find(const struct keys *keys, const struct node *map, struct span key)
{
	uint32_t hash;

	if (!keys->live) {
		const struct node *at = map->first;

		while (at != NULL && !span_eq(at->key, key))
			at = at->next;
		return at;
	}
	hash = key_hash(key);
	for (uint32_t at = hash & (keys->cap - 1);
	    keys->slots[at].node != NULL; at = (at + 1) & (keys->cap - 1))
		if (keys->slots[at].hash == hash &&
		    span_eq(keys->slots[at].node->key, key))
			return keys->slots[at].node;
	return NULL;
}

void
keys_add(struct keys *keys, const struct node *map, const struct node *child)
{
	uint32_t cap = keys->cap == 0 ? KEYS_FIRST : keys->cap;

	if (map->count <= KEYS_SHORT)
		return;
	while (cap < map->count * 2)
		cap *= 2;
	if (cap == keys->cap && keys->live) {
		slot_put(keys, child, key_hash(child->key));
		return;
	}
	if (cap != keys->cap) {
		mem_free(keys->slots);
		keys->slots = mem_alloc(cap * sizeof *keys->slots);
		keys->cap = cap;
	}
	table_fill(keys, map);
}

void
keys_clear(struct keys *keys)
{
	if (keys->live)
		memset(keys->slots, 0, keys->cap * sizeof *keys->slots);
	keys->live = false;
}

void
keys_free(struct keys *keys)
{
	mem_free(keys->slots);
	*keys = (struct keys){ 0 };
}
