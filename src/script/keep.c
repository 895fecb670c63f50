/*
 * Steps that were made before. Most scripts say the same things in each run,
 * retry and round; building a step (regexes, expectations) costs far more than
 * finding it again by the octets that asked for it. A step is kept when it is
 * asked for the second time, so that ten thousand different recipients are not.
 */
#include "script/host.h"

#include "base/map.h"
#include "base/mem.h"

enum {
	KEPT_MAX = 4096,
	KEPT_OCTETS = 4 * MIB,          /* of one scenario */
	KEPT_ALL = 64 * MIB,            /* of all of them */
	ONCE = 64
};

struct kept {
	struct kept *next;              /* of all scripts */
	struct map   steps;
	struct arena arena;
	size_t       counted;           /* of it, in all->kept_octets */
	uint64_t     once[ONCE];        /* hashes that were asked for once */
};

static struct kept *
kept_of(struct all_scripts *all, struct workshop *shop)
{
	struct kept *kept = shop->kept;

	if (kept != NULL)
		return kept;
	kept = shop->kept = mem_alloc(sizeof *kept);
	kept->next = all->kept;
	all->kept = kept;
	return kept;
}

const struct kept_step *
steps_find(struct all_scripts *all, struct workshop *shop,
    struct span asked, struct arena **keep)
{
	struct kept *kept = kept_of(all, shop);
	const struct kept_step *found = map_get(&kept->steps, asked);
	uint64_t     hash;

	*keep = NULL;
	if (found != NULL)
		return found;
	hash = map_hash(asked);
	all->kept_octets += kept->arena.used - kept->counted;
	kept->counted = kept->arena.used;
	if (kept->once[hash % ONCE] == hash && kept->steps.count < KEPT_MAX &&
	    kept->arena.used < KEPT_OCTETS && all->kept_octets < KEPT_ALL)
		*keep = &kept->arena;
	kept->once[hash % ONCE] = hash;
	return NULL;
}

const struct kept_step *
steps_keep(struct workshop *shop, struct span asked, const struct step *step,
    const struct made *made)
{
	struct kept      *kept = shop->kept;
	struct kept_step *copy = arena_alloc(&kept->arena, sizeof *copy);

	*copy = (struct kept_step){ *step, *made };
	(void)map_add(&kept->steps, arena_copy(&kept->arena, asked), copy);
	return copy;
}

void
steps_forget(struct all_scripts *all)
{
	struct kept *next;

	for (struct kept *kept = all->kept; kept != NULL; kept = next) {
		next = kept->next;
		map_free(&kept->steps);
		arena_free(&kept->arena);
		mem_free(kept);
	}
}
