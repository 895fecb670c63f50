/*
 * Between Lua and the pipes: frames come in, become calls of Lua, and what Lua
 * does becomes frames. One for each worker. Who reads and writes the pipes is
 * the worker's business; the bridge sees octets.
 */
#ifndef QUOTH_SCRIPT_BRIDGE_H
#define QUOTH_SCRIPT_BRIDGE_H

#include "script/message.h"
#include "script/jail/nursery.h"

struct bridge;

/* What the bridge asks of who owns the pipes. */
struct bridge_pipes {
	/* Writes all of `out` and clears it. False: the pipe is gone. */
	bool (*flush)(struct bridge_pipes *, struct buf *out);
	/* Flushes, then reads more octets onto the end of `in`. False: there
	 * will be none. */
	bool (*more)(struct bridge_pipes *, struct buf *out, struct buf *in);
};

/* NULL: no memory. `pulse` may be NULL. */
struct bridge *bridge_new(struct bridge_pipes *pipes, struct pulse *pulse);
void bridge_free(struct bridge *bridge);

/* Reads once, handles every whole frame, and leaves the answers in the buffer
 * for the next call to write. */
enum bridge_turn { BRIDGE_ON, BRIDGE_OVER, BRIDGE_BROKEN };
enum bridge_turn bridge_turn(struct bridge *bridge);

#endif
