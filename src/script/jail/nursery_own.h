/* Shared by nursery*.c and their test only. */
#ifndef QUOTH_SCRIPT_NURSERY_OWN_H
#define QUOTH_SCRIPT_NURSERY_OWN_H

#include "script/jail/nursery.h"

struct nursery {
	pid_t pid;              /* 0: it was reaped */
	int   socket;           /* -1: it is gone, or has lost the thread */
	int   status;           /* where it was reaped early: of waitpid() */
};

/* What one side knows and the other inherits. */
struct birth {
	pid_t              parent;
	int                socket;      /* the nursery's end */
	worker_main       *main;
	const struct jail *jail;
};

/* The page that a worker shares with its parent. */
struct page {
	struct pulse pulse;
	char         words[sizeof ((struct fault *)0)->text];
	                        /* with EXIT_UNJAILED: why */
};

enum { EXIT_UNJAILED = 121 };

/* Over the socket (SOCK_SEQPACKET): one octet and these descriptors, the
 * worker's ends, go; a struct born comes back. */
enum { GIVEN_IN, GIVEN_OUT, GIVEN_PAGE, GIVEN_COUNT };

struct born {
	int32_t pid;            /* -1: it cannot fork */
	int32_t error;          /* errno of that */
};

/* The nursery's whole life. */
_Noreturn void nursery_live(const struct birth *birth);

#endif
