/* Shared by jail*.c and nursery*.c only. */
#ifndef QUOTH_SCRIPT_JAIL_OWN_H
#define QUOTH_SCRIPT_JAIL_OWN_H

#include "script/jail/jail.h"

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define JAIL_SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define JAIL_SANITIZED 1
#endif
#endif
#ifndef JAIL_SANITIZED
#define JAIL_SANITIZED 0
#endif

/* The worker's only descriptors. Not 0 to 2, so that whatever writes to a
 * standard stream by mistake does not write into a frame. */
enum { JAIL_IN = 3, JAIL_OUT = 4 };

/* What is the same for every worker, once in the process that forks them. */
bool jail_prepare(struct fault *fault);

/* Is there seccomp, and a table for this processor? */
bool filter_exists(void);
/* Of this process, for good. */
bool filter_enter(struct fault *fault);

#endif
