/*
 * Lua files in worker processes. This folder alone knows Lua (lua.h); what
 * leaves it are nodes and steps.
 *
 *   parent: nursery (forks) - host (one worker: pipes, watchdog) - source
 *   worker: jail (rlimits, seccomp) - worker (frames) - vm (limits) - bridge
 *
 * A worker can read and write its two pipes and nothing else: it yields steps
 * as messages and gets outcomes back (message.h). The parent does all I/O,
 * owns the deadlines and kills.
 */
#ifndef QUOTH_SCRIPT_SCRIPT_H
#define QUOTH_SCRIPT_SCRIPT_H

#include "model/actor.h"
#include "model/script.h"

struct nursery;

struct scripts_options {
	struct nursery *nursery;        /* outlives the scripts */
	/* What print() says while a file loads; escaped by who shows it. */
	void (*print)(void *who, const struct file *, struct span text);
	void  *who;
	/* Asked while a file loads: somebody wants us to end. NULL: never. */
	bool (*gives_up)(void);
};

struct scripts *scripts_new(const struct scripts_options *options);
/* From now on workers are heard by the loop, not waited for. NULL: the loop
 * goes, and nothing is heard any more. */
void scripts_attach(struct scripts *scripts, struct stage *stage);
/* Ends every worker. Its sources are closed. */
void scripts_free(struct scripts *scripts);

/* "Lua 5.4.4", and whether the jail holds here: for --version and reports. */
const char *script_version(void);

#endif
