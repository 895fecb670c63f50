/* A process that ends a started server's group after our sudden death. */
#ifndef QUOTH_NET_WATCHDOG_H
#define QUOTH_NET_WATCHDOG_H

#include <stdbool.h>
#include <sys/types.h>

enum { CHILD_END_MS = 3000 };   /* between SIGTERM and SIGKILL */

struct watchdog {
	pid_t pid;              /* 0: none */
	int   fd;               /* ours; its close is our end */
};

/* False: errno. */
bool watchdog_start(struct watchdog *dog, pid_t group);
/* The group is gone, or is ended by us. */
void watchdog_end(struct watchdog *dog);

#endif
