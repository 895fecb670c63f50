/* A worker's whole life: frames in, frames out. */
#ifndef QUOTH_SCRIPT_WORKER_H
#define QUOTH_SCRIPT_WORKER_H

#include "script/jail/nursery.h"

enum {
	WORKER_OVER = 0,        /* its pipe was closed */
	WORKER_MEMORY = 1,      /* no state could be made */
	WORKER_BROKEN = 3       /* it got what is no frame, or lost its pipe */
};

/* A worker_main: both pipes blocking. `pulse` may be NULL. */
int worker_run(int in, int out, struct pulse *pulse);

#endif
