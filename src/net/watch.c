/* Descriptors of others in our epoll set: a wire that is not closed here. */
#include "net/inside.h"

#include <sys/epoll.h>

struct watch {
	struct wire  wire;      /* first */
	struct timer timer;     /* of remind() */
	void       (*ready)(void *who);
	void        *who;
};

static void
watch_ready(struct loop *loop, struct wire *wire, uint32_t events)
{
	struct watch *watch = (struct watch *)wire;

	(void)loop, (void)events;
	watch->ready(watch->who);
}

static void
watch_reminded(void *who)
{
	struct watch *watch = who;

	watch->ready(watch->who);
}

struct watch *
stage_watch(struct stage *stage, int fd, void (*ready)(void *), void *who)
{
	struct watch *watch = mem_alloc(sizeof *watch);

	*watch = (struct watch){ .wire = { .ready = watch_ready, .fd = fd },
	    .timer = { .call = watch_reminded, .who = watch,
	    .place = SIZE_MAX }, .ready = ready, .who = who };
	if (wire_add((struct loop *)stage, &watch->wire))
		return watch;
	mem_free(watch);
	return NULL;
}

void
stage_again(struct stage *stage, struct watch *watch)
{
	wire_again((struct loop *)stage, &watch->wire);
}

void
stage_remind(struct stage *stage, struct watch *watch, uint32_t ms)
{
	struct loop *loop = (struct loop *)stage;

	if (ms == 0)
		timer_unset(loop, &watch->timer);
	else
		timer_set(loop, &watch->timer,
		    loop->now_us + (uint64_t)ms * 1000);
}

/* Not wire_bury(): the descriptor goes on without us. */
void
stage_unwatch(struct stage *stage, struct watch *watch)
{
	struct loop *loop = (struct loop *)stage;

	timer_unset(loop, &watch->timer);
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->wire.fd, NULL);
	watch->wire.fd = -1;
	watch->wire.buried = loop->dead;
	loop->dead = &watch->wire;
}
