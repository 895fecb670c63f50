/*
 * The process wall: what a worker gives up before it sees a line of a script.
 * rlimits, no_new_privs, a seccomp allow list.
 */
#ifndef QUOTH_SCRIPT_JAIL_H
#define QUOTH_SCRIPT_JAIL_H

#include "base/fault.h"

#include <stdbool.h>
#include <stddef.h>

struct jail {
	size_t   memory;        /* RLIMIT_AS above what is mapped now, octets */
	uint32_t cpu_s;         /* RLIMIT_CPU of the worker's whole life */
};

/* What holds here; a sanitizer needs more calls, an old kernel has none. */
enum jail_state { JAIL_FULL, JAIL_WIDE, JAIL_NO_SECCOMP };

/* Of this process, for good. False with a fault when a wall that should be
 * there could not be built: then nothing may be run. */
bool jail_enter(const struct jail *jail, struct fault *fault);

enum jail_state jail_state(void);
/* "", or a sentence for reports. */
const char *jail_words(void);

#endif
