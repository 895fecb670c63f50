/*
 * Who waits for an answer that several share: a list whose members may leave
 * at any time, also while it is told, and which may be freed by their own
 * call. Embedded as the first member of what waits.
 */
#ifndef QUOTH_NET_WAITER_H
#define QUOTH_NET_WAITER_H

#include <stddef.h>

struct waiter {
	struct waiter  *next;
	struct waiter **here;           /* NULL: waits for nothing */
};

static inline void
waiter_join(struct waiter **list, struct waiter *waiter)
{
	waiter->next = *list;
	waiter->here = list;
	if (waiter->next != NULL)
		waiter->next->here = &waiter->next;
	*list = waiter;
}

static inline void
waiter_leave(struct waiter *waiter)
{
	if (waiter->here == NULL)
		return;
	*waiter->here = waiter->next;
	if (waiter->next != NULL)
		waiter->next->here = waiter->here;
	waiter->here = NULL;
}

/* The next to be told, who waits no longer; or NULL. */
static inline void *
waiter_take(struct waiter **list)
{
	struct waiter *waiter = *list;

	if (waiter != NULL)
		waiter_leave(waiter);
	return waiter;
}

#endif
