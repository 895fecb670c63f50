/*
 * An actor's place in the loop. Its input() is called from here only, never
 * from inside itself: what is known at once is told in a loop (seat_input),
 * SEAT_TURN inputs at a stretch; then others have their turn.
 */
#include "net/inside.h"

void
seat_later(struct seat *seat, uint8_t flag)
{
	struct loop *loop = seat->loop;

	if (seat->actor == NULL)
		return;
	seat->flags |= flag;
	if (seat->queued)
		return;
	seat->queued = true;
	seat->next = NULL;
	*loop->queue_end = seat;
	loop->queue_end = &seat->next;
}

void
stage_host(struct stage *stage, struct actor *actor)
{
	struct loop *loop = (struct loop *)stage;
	struct seat *seat = mem_alloc(sizeof *seat);

	if (loop->slot_count == loop->slot_room) {
		loop->slot_room = loop->slot_room == 0 ? 16 : loop->slot_room * 2;
		loop->slots = mem_resize(loop->slots,
		    loop->slot_room * sizeof *loop->slots);
	}
	seat->loop = loop;
	seat->actor = actor;
	seat->timer.place = SIZE_MAX;
	seat->slot = loop->slot_count++;
	loop->slots[seat->slot] = (struct slot){ 0, seat };
	loop->hosted = true;
	actor->seat = seat;
	seat_later(seat, SEAT_START);
}

void
stage_cancel(struct stage *stage, struct actor *actor)
{
	(void)stage;
	if (actor->seat != NULL)
		seat_later(actor->seat, SEAT_CANCEL);
}

void
stage_wake(struct stage *stage, struct actor *actor)
{
	(void)stage;
	if (actor->seat != NULL)
		seat_later(actor->seat, SEAT_STEP);
}

/* The next sweep is due when the nearest deadline is, but 50 ms after the
 * last one at the earliest. */
static void
sweep_by(struct loop *loop, uint64_t due_us)
{
	uint64_t soonest = loop->swept_us + LOOP_SWEEP_US;

	if (due_us < soonest)
		due_us = soonest;
	if (due_us < loop->sweep_us)
		loop->sweep_us = due_us;
}

void
seat_due(struct seat *seat, uint64_t due_us)
{
	seat->loop->slots[seat->slot].due_us = due_us;
	if (due_us != 0)
		sweep_by(seat->loop, due_us);
}

/* The actor may free itself in gone(): the seat is not its own any more. */
static void
leave(struct seat *seat)
{
	struct loop  *loop = seat->loop;
	struct actor *actor = seat->actor;
	struct slot   last = loop->slots[--loop->slot_count];

	want_drop(seat);
	sasl_forget(seat);
	for (size_t i = 0; i < LIMIT_CONNECTIONS; i++)
		if (seat->conns[i] != NULL)
			conn_close(seat->conns[i], false);
	last.seat->slot = seat->slot;
	loop->slots[seat->slot] = last;
	seat->actor = NULL;
	if (!seat->queued) {    /* else seats_run() does it */
		seat->next = loop->left;
		loop->left = seat;
	}
	actor->seat = NULL;
	if (actor->gone != NULL)
		actor->gone(actor);
}

void
seat_input(struct seat *seat, struct input *in)
{
	struct want want;
	bool        more;

	seat->turns = SEAT_TURN;
	do {
		in->at_us = seat->loop->now_us;
		in->written = seat->written;
		seat->written = false;
		want = seat->actor->input(seat->actor, in);
		if (seat->turns > 0)
			seat->turns--;
		if (want.kind == WANT_OVER) {
			leave(seat);
			return;
		}
		if (want.spent)
			sasl_forget(seat);
		if (want.kind != WANT_NOTHING)
			more = want_take(seat, &want, in);
		else if (seat->kind != WANT_NOTHING)
			more = want_advance(seat, in);
		else
			more = false;
	} while (more);
}

void
seat_kick(struct seat *seat)
{
	struct input in = { 0 };

	seat->turns = SEAT_TURN;
	if (seat->actor != NULL && want_advance(seat, &in))
		seat_input(seat, &in);
}

static void
tell(struct seat *seat, uint8_t kind)
{
	struct input in = { .kind = kind };

	if (seat->actor != NULL)
		seat_input(seat, &in);
}

static void
seat_run(struct seat *seat, uint8_t flags)
{
	if (flags & SEAT_CANCEL) {
		tell(seat, INPUT_CANCEL);
		return;
	}
	if (flags & SEAT_START)
		tell(seat, INPUT_START);
	if (flags & SEAT_STEP)
		tell(seat, INPUT_STEP);
	if (flags & SEAT_GO)
		seat_kick(seat);
}

static struct seat *
queue_pop(struct loop *loop)
{
	struct seat *seat = loop->queue;

	loop->queue = seat->next;
	if (loop->queue == NULL)
		loop->queue_end = &loop->queue;
	seat->queued = false;
	return seat;
}

void
seats_run(struct loop *loop)
{
	for (int i = 0; i < LOOP_QUEUE && loop->queue != NULL; i++) {
		struct seat *seat = queue_pop(loop);
		uint8_t      flags = seat->flags;

		seat->flags = 0;
		if (seat->actor != NULL) {
			seat_run(seat, flags);
		} else {
			seat->next = loop->left;
			loop->left = seat;
		}
	}
}

static void
timeout(struct seat *seat)
{
	struct input in = { .kind = INPUT_TIMEOUT, .conn = seat->conn,
		.unsent = seat->kind == WANT_WRITE,
		.fault = secure_late(seat) };

	seat_due(seat, 0);
	want_drop(seat);
	seat_input(seat, &in);
}

/* From the end: a seat that leaves is replaced by the last one, which was
 * looked at already. */
void
seats_sweep(struct loop *loop)
{
	uint64_t nearest = UINT64_MAX;

	loop->swept_us = loop->now_us;
	loop->sweep_us = UINT64_MAX;
	for (uint32_t i = loop->slot_count; i-- > 0;) {
		uint64_t due_us;

		if (i >= loop->slot_count)
			continue;
		due_us = loop->slots[i].due_us;
		if (due_us != 0 && due_us <= loop->now_us)
			timeout(loop->slots[i].seat);
		else if (due_us != 0 && due_us < nearest)
			nearest = due_us;
	}
	if (nearest != UINT64_MAX)
		sweep_by(loop, nearest);
}

/* Whoever answers CANCEL with anything but OVER is shown out all the same. */
void
seats_free(struct loop *loop)
{
	while (loop->slot_count > 0) {
		struct seat *seat = loop->slots[loop->slot_count - 1].seat;

		tell(seat, INPUT_CANCEL);
		if (seat->actor != NULL)
			leave(seat);
	}
	while (loop->queue != NULL) {
		struct seat *seat = queue_pop(loop);

		seat->next = loop->left;
		loop->left = seat;
	}
}
