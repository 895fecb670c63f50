/*
 * Which scenarios run: --tag, --only, --shard, and `only: true` of the files.
 * Selection never changes their order.
 */
#ifndef QUOTH_CMD_SELECT_H
#define QUOTH_CMD_SELECT_H

#include "cmd/cmd.h"
#include "model/source.h"

struct selection {
	const struct scenario **list;   /* owned */
	uint32_t count;
	uint32_t shard, shards;         /* 0 of 0: whole */
	bool     marked;                /* `only: true` decided */
	char     digest[65];            /* sha256 of the sorted ids, hex */
};

/* EXIT_PASSED, or EXIT_USAGE after one sentence. */
int select_scenarios(const struct args *args,
    const struct scenario *const *all, uint32_t count,
    struct selection *out);
void select_free(struct selection *selection);

#endif
