/*
 * Exact times: a binary heap of timers, the earliest on top. Deadlines of
 * replies are not here (seat.c sweeps them): these are set and unset far too
 * often for a heap.
 */
#include "net/inside.h"

static void
put(struct loop *loop, size_t place, struct timer *timer)
{
	loop->heap[place] = timer;
	timer->place = place;
}

static void
rise(struct loop *loop, size_t place, struct timer *timer)
{
	while (place > 0) {
		size_t above = (place - 1) / 2;

		if (loop->heap[above]->at_us <= timer->at_us)
			break;
		put(loop, place, loop->heap[above]);
		place = above;
	}
	put(loop, place, timer);
}

static void
sink(struct loop *loop, size_t place, struct timer *timer)
{
	for (;;) {
		size_t below = place * 2 + 1;

		if (below >= loop->heap_count)
			break;
		if (below + 1 < loop->heap_count &&
		    loop->heap[below + 1]->at_us < loop->heap[below]->at_us)
			below++;
		if (timer->at_us <= loop->heap[below]->at_us)
			break;
		put(loop, place, loop->heap[below]);
		place = below;
	}
	put(loop, place, timer);
}

void
timer_unset(struct loop *loop, struct timer *timer)
{
	size_t        place = timer->place;
	struct timer *last;

	if (place == SIZE_MAX)
		return;
	timer->place = SIZE_MAX;
	last = loop->heap[--loop->heap_count];
	if (last == timer)
		return;
	/* The last one takes the free place, then finds its own. */
	sink(loop, place, last);
	rise(loop, last->place, last);
}

void
timer_set(struct loop *loop, struct timer *timer, uint64_t at_us)
{
	timer_unset(loop, timer);
	timer->at_us = at_us;
	if (loop->heap_count == loop->heap_room) {
		loop->heap_room = loop->heap_room == 0 ? 16 : loop->heap_room * 2;
		loop->heap = mem_resize(loop->heap,
		    loop->heap_room * sizeof *loop->heap);
	}
	rise(loop, loop->heap_count++, timer);
}

/* A timer that a call sets for now comes in the next turn: a call that sets
 * itself again cannot keep the sockets waiting. */
void
timers_run(struct loop *loop)
{
	size_t most = loop->heap_count;

	while (most-- > 0 && loop->heap_count > 0 &&
	    loop->heap[0]->at_us <= loop->now_us) {
		struct timer *timer = loop->heap[0];

		timer_unset(loop, timer);
		timer->call(timer->who);
	}
}

struct after {
	struct timer timer;
	struct loop *loop;
	void (*call)(void *);
	void        *who;
};

static void
after_call(void *who)
{
	struct after after = *(struct after *)who;

	mem_free(who);
	after.loop->afters--;
	after.call(after.who);
}

void
stage_after(struct stage *stage, uint32_t ms, void (*call)(void *), void *who)
{
	struct loop  *loop = (struct loop *)stage;
	struct after *after = mem_alloc(sizeof *after);

	*after = (struct after){ .loop = loop, .call = call, .who = who,
		.timer = { .place = SIZE_MAX, .call = after_call, .who = after,
		    .counts = true } };
	loop->afters++;
	loop_tick(loop);
	timer_set(loop, &after->timer, loop->now_us + (uint64_t)ms * 1000);
}

/* Only those of after() are the heap's own; the others' owners are gone. */
void
timers_free(struct loop *loop)
{
	for (size_t i = 0; i < loop->heap_count; i++)
		if (loop->heap[i]->counts)
			mem_free(loop->heap[i]->who);
	mem_free(loop->heap);
}
