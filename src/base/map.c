/* A hash table with linear probing, at most half full. */
#include "base/map.h"

#include "base/mem.h"

/* Keys may be long (a step with its message): eight octets at a time. Not for
 * anything that lasts longer than the process. */
uint64_t
map_hash(struct span key)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t       hash = key.len * odd, word;
	size_t         at = 0;

	for (; key.len - at >= sizeof word; at += sizeof word) {
		memcpy(&word, key.ptr + at, sizeof word);
		hash = (hash ^ word) * odd;
		hash ^= hash >> 29;
	}
	word = 0;
	if (at < key.len)
		memcpy(&word, key.ptr + at, key.len - at);
	hash = (hash ^ word) * odd;
	return hash ^ hash >> 32;
}

static struct map_slot *
slot_of(struct map_slot *slots, size_t cap, struct span key)
{
	size_t at = (size_t)map_hash(key) & (cap - 1);

	while (slots[at].value != NULL && !span_eq(slots[at].key, key))
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

void *
map_get(const struct map *map, struct span key)
{
	return map->cap == 0 ? NULL :
	    slot_of(map->slots, map->cap, key)->value;
}

static void
grow(struct map *map)
{
	size_t cap = map->cap == 0 ? 64 : map->cap * 2;
	struct map_slot *slots = mem_alloc(cap * sizeof *slots);

	for (size_t i = 0; i < map->cap; i++)
		if (map->slots[i].value != NULL)
			*slot_of(slots, cap, map->slots[i].key) =
			    map->slots[i];
	mem_free(map->slots);
	map->slots = slots;
	map->cap = cap;
}

bool
map_add(struct map *map, struct span key, void *value)
{
	struct map_slot *slot;

	if (map->count * 2 >= map->cap)
		grow(map);
	slot = slot_of(map->slots, map->cap, key);
	if (slot->value != NULL)
		return false;
	*slot = (struct map_slot){ key, value };
	map->count++;
	return true;
}

void
map_free(struct map *map)
{
	mem_free(map->slots);
	*map = (struct map){ 0 };
}
