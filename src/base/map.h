/* From bytes to a pointer: open addressing, grows, never forgets one key.
 * Keys are borrowed and must outlive the map. */
#ifndef QUOTH_BASE_MAP_H
#define QUOTH_BASE_MAP_H

#include "base/span.h"

struct map_slot { struct span key; void *value; };
struct map {
	struct map_slot *slots;
	size_t           count, cap;
};

/* NULL: not there. */
void *map_get(const struct map *map, struct span key);
/* False when the key is there already; its value is kept. `value` not NULL. */
bool map_add(struct map *map, struct span key, void *value);
void map_free(struct map *map);
/* What it finds keys by; another one in the next version. */
uint64_t map_hash(struct span key);

#endif
