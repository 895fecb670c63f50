/* What child.c, which starts and ends, and child_ready.c share. */
#ifndef QUOTH_NET_CHILD_OWN_H
#define QUOTH_NET_CHILD_OWN_H

#include "net/child.h"
#include "net/inside.h"
#include "net/watchdog.h"

struct child {
	struct loop *loop;
	struct tap  *exit, *out;        /* NULL: done with it */
	struct buf   output;
	pid_t        pid;
	int          status;
	bool         ended;
	struct watchdog watchdog;
	struct actor *prober;           /* while child_ready() runs */
};

#endif
