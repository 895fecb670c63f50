/*
 * For tests only (meson option `backdoor`; never in a release): system calls
 * that a hostile script would make if it had taken over the VM.
 */
#ifndef QUOTH_SCRIPT_BACKDOOR_H
#define QUOTH_SCRIPT_BACKDOOR_H

#include <stdbool.h>

struct backdoor {
	const char *name;
	bool        tame;       /* a sanitizer needs it, so it is not killed
	                         * in a build with one */
	void      (*call)(void);
};
extern const struct backdoor backdoor_rows[];   /* ended by name NULL */

/* Tries it, and comes back if nothing stopped it. */
void backdoor_try(const char *what);

#endif
