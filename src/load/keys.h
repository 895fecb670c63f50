/*
 * The keys of one map, to find duplicates: a short map is searched as it is,
 * a long one through a hash table (20,000 keys must not cost 20,000 squared).
 */
#ifndef QUOTH_LOAD_KEYS_H
#define QUOTH_LOAD_KEYS_H

#include "model/node.h"

struct key_slot { const struct node *node; uint32_t hash; };

/* All zero at birth. */
struct keys {
	struct key_slot *slots;
	uint32_t         cap;           /* a power of two, or 0 */
	bool             live;          /* the table holds the map's keys */
};

/* The child of `map` with that key, or NULL. */
const struct node *keys_find(const struct keys *keys, const struct node *map,
    struct span key);

/* After `child` was appended to `map`. */
void keys_add(struct keys *keys, const struct node *map,
    const struct node *child);

/* For another map. Keeps its memory. */
void keys_clear(struct keys *keys);
void keys_free(struct keys *keys);

#endif
