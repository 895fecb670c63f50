/*
 * What a frame of a run becomes: a step (built, or kept from before), a
 * dialogue, a note, a verdict of the script's own.
 */
#include "script/run.h"

#include "base/mem.h"
#include "model/verb.h"

bool
run_broken(struct run *run, struct fault *fault)
{
	host_end(run->script, "broke the protocol");
	*fault = run->death == NULL ? run->script->death : *run->death;
	return false;
}

/* The step's own number in the scenario; kept steps are shared, so what is
 * changed is a copy. */
static void
renumber(struct run *run)
{
	uint32_t count = run->step.group_count;

	run->step.number += run->number;
	if (count == 0) {
		run->number++;
		return;
	}
	run->group = mem_resize(run->group, count * sizeof *run->group);
	memcpy(run->group, run->step.group, count * sizeof *run->group);
	for (uint32_t i = 0; i < count; i++)
		run->group[i].number += run->number;
	run->step.group = run->group;
	run->number += count;
}

/* A secret goes only where the target or a parameter points. */
static bool
secret_stays(struct run *run, struct fault *fault)
{
	uint32_t bit = 1U << run->step.conn;

	if (run->step.verb != NULL && run->step.verb->opens)
		run->foreign = run->made.foreign ? run->foreign | bit :
		    run->foreign & ~bit;
	if (!run->made.secret || (run->foreign & bit) == 0)
		return true;
	(void)fault_set(fault, FAULT_TRUST, "a secret would go to a host that "
	    "only this file names: give the host with -t, or as a parameter");
	fault->loc = run->step.loc;
	return false;
}

static const struct node *
node_of(struct run *run, struct span body, struct arena *arena)
{
	const struct node *node = value_node(&body, &run->script->places,
	    true, &run->parts.maker, arena);

	return node != NULL && node->kind == NODE_MAP && body.len == 0 ?
	    node : NULL;
}

/* From what was kept, or made now. */
static bool
step_make(struct run *run, struct span value, struct fault *fault)
{
	struct arena *arena;
	const struct kept_step *kept = steps_find(run->script->all, run->shop,
	    value, &arena);
	const struct node *node;
	bool keep = arena != NULL;

	if (kept != NULL) {
		run->step = kept->step;
		run->made = kept->made;
		return true;
	}
	if (!keep) {
		arena = &run->arena;
		arena_free(arena);
	}
	node = node_of(run, value, arena);
	if (node == NULL)
		return run_broken(run, fault);
	run->step = (struct step){ .loc = node->loc };
	if (!run->shop->step(run->shop, node, run->vars, arena, &run->step,
	    &run->made, fault))
		return false;
	if (keep)
		(void)steps_keep(run->shop, value, &run->step, &run->made);
	return true;
}

struct asked { uint64_t seq, flags, round, pause_ms; };

static bool
asked_take(struct span *body, struct asked *asked)
{
	return take_number(body, UINT32_MAX, &asked->seq) &&
	    take_number(body, UINT32_MAX, &asked->flags) &&
	    take_number(body, UINT32_MAX, &asked->round) &&
	    take_number(body, INT32_MAX, &asked->pause_ms);
}

/* As source.c of load/ does for YAML: the last round is one that cannot be
 * followed by another in time. */
static void
poll_apply(struct run *run, const struct asked *asked)
{
	uint64_t within_us = (uint64_t)run->poll_within_ms * 1000;
	uint64_t every_us = (uint64_t)run->poll_every_ms * 1000;

	if (run->poll_until_us == 0)
		run->poll_until_us = within_us > every_us ?
		    run->source.now_us + within_us - every_us : 1;
	run->step.round = (uint32_t)asked->round;
	run->step.pause_ms = (uint32_t)asked->pause_ms;
	run->step.again_us = run->poll_until_us;
}

/* Rounds count their steps anew: a report shows the last one. */
static void
round_turn(struct run *run, const struct asked *asked)
{
	if ((asked->flags & STEP_POLL) == 0 || asked->round == run->poll_round)
		return;
	run->poll_round = (uint32_t)asked->round;
	run->number = run->poll_number;
}

void
run_poll(struct run *run, const struct step **out)
{
	struct asked asked = { .flags = STEP_POLL, .round = run->poll_round,
	    .pause_ms = run->poll_pause_ms };

	run->step = **out;
	poll_apply(run, &asked);
	run->poll_pause_ms = 0;
	*out = &run->step;
}

enum next
run_fault(struct run *run, enum next next, const char *label,
    const struct step **out, struct loc loc)
{
	run->step = (struct step){ .label = span_of(label), .loc = loc,
	    .number = ++run->number, .always = run->stopped };
	*out = &run->step;
	return next;
}

static enum next
give_step(struct run *run, struct span body, const struct step **out,
    struct fault *fault)
{
	static const struct loc nowhere = { .file = NULL };
	struct asked asked;
	struct loc   loc;

	run->step.loc = nowhere;        /* and all of it by step_make() */
	if (!asked_take(&body, &asked) || !step_make(run, body, fault) ||
	    !secret_stays(run, fault)) {
		loc = fault->loc.line > 0 ? fault->loc : run->step.loc;
		fault->loc = loc;
		return run_fault(run, NEXT_FAULT, "step", out, loc);
	}
	run->seq = (uint32_t)asked.seq;
	round_turn(run, &asked);
	renumber(run);
	if (run->number > LIMIT_STEPS_UNROLLED) {
		(void)fault_set(fault, FAULT_LIMIT, "more than %d steps in "
		    "one scenario", LIMIT_STEPS_UNROLLED);
		return run_fault(run, NEXT_FAULT, "step", out,
		    run->step.loc);
	}
	run->step.owes = (asked.flags & STEP_OWES) != 0;
	run->step.always = (asked.flags & STEP_CLOSING) != 0;
	run->step.go_on = run->step.go_on || (asked.flags & STEP_CHECK) != 0;
	if (asked.flags & STEP_POLL)
		poll_apply(run, &asked);
	else
		run->poll_until_us = 0;
	run->under_way = true;
	run->worst = RESULT_PASS;
	*out = &run->step;
	return NEXT_STEP;
}

/* What it sets is told behind its end, when its own memory is gone. */
static void
sets_keep(struct run *run)
{
	size_t size = run->made.set_count * sizeof *run->made.sets;
	struct set_name *sets;

	if (size == 0)
		return;
	sets = arena_alloc(&run->arena, size);
	memcpy(sets, run->made.sets, size);
	run->made.sets = sets;
}

static enum next
give_dialogue(struct run *run, struct span body, const struct step **out,
    struct fault *fault)
{
	struct asked       asked;
	const struct node *node;
	struct loc         loc = { .file = NULL };

	arena_free(&run->arena);
	if (!asked_take(&body, &asked) ||
	    (node = node_of(run, body, &run->arena)) == NULL) {
		(void)run_broken(run, fault);
		return run_fault(run, NEXT_FAULT, "use", out, loc);
	}
	run->seq = (uint32_t)asked.seq;
	round_turn(run, &asked);
	run->polls = (asked.flags & STEP_POLL) != 0;
	run->again = false;
	run->poll_pause_ms = (uint32_t)asked.pause_ms;
	if (!run->polls)
		run->poll_until_us = 0;
	if (!run->shop->dialogue(run->shop, node, run->vars, &run->number,
	    &run->inner, &run->made, fault)) {
		fault->loc = fault->loc.line > 0 ? fault->loc : node->loc;
		return run_fault(run, NEXT_FAULT, "use", out, fault->loc);
	}
	sets_keep(run);
	run->step.group_count = 0;
	run->under_way = true;
	run->worst = RESULT_PASS;
	return NEXT_STEP;
}

/* The script's own verdict: it skips, fails, or raised an error. */
static enum next
give_verdict(struct run *run, const struct frame *frame,
    const struct step **out, struct fault *fault)
{
	struct span      body = frame->body;
	struct complaint c;
	struct loc       loc = run->shop->scenario->loc;
	const char      *label = frame->kind == FRAME_SKIP ? "skip" :
	    frame->kind == FRAME_FAIL ? "fail" : "run";

	if (!take_complaint(&body, &c)) {
		(void)run_broken(run, fault);
		return run_fault(run, NEXT_FAULT, "run", out, loc);
	}
	if (c.file > 0 && c.file <= run->script->places.count)
		loc = (struct loc){ .file =
		    run->script->places.files[c.file - 1], .line = c.line };
	/* What is told before its <close> is followed by them, behind STOP. */
	run->ended = run->stopped;
	run->source.trace = c.traceback;
	(void)fault_set(fault, c.kind == COMPLAINT_LIMIT ? FAULT_LIMIT :
	    FAULT_SCRIPT, "%.*s", SPAN_ARG(c.text));
	fault->loc = loc;
	return run_fault(run, frame->kind == FRAME_SKIP ? NEXT_SKIP :
	    frame->kind == FRAME_FAIL ? NEXT_FAIL : NEXT_FAULT, label, out,
	    loc);
}

enum next
run_take(struct run *run, const struct frame *frame,
    const struct step **out, struct fault *fault)
{
	struct span body = frame->body;
	uint64_t    within, every;

	switch (frame->kind) {
	case FRAME_STEP:
		return give_step(run, body, out, fault);
	case FRAME_DIALOGUE:
		return give_dialogue(run, body, out, fault);
	case FRAME_NOTE: case FRAME_PRINT:
		if (!take_bytes(&body, &run->source.note) ||
		    ++run->notes > NOTES_SAID_MAX)
			break;
		return NEXT_NOTE;
	case FRAME_POLL:
		if (!take_number(&body, INT32_MAX, &within) ||
		    !take_number(&body, INT32_MAX, &every))
			break;
		run->poll_within_ms = (uint32_t)within;
		run->poll_every_ms = (uint32_t)every;
		run->poll_round = 0;
		run->poll_number = run->number;
		run->poll_until_us = 0;
		return NEXT_LATER;
	case FRAME_END:
		run->ended = true;
		return NEXT_LATER;
	case FRAME_SKIP: case FRAME_FAIL: case FRAME_ERROR:
		return give_verdict(run, frame, out, fault);
	case FRAME_STOPPED:
		return NEXT_LATER;
	case FRAME_LOAD: case FRAME_MODULE: case FRAME_START:
	case FRAME_OUTCOME: case FRAME_STOP: case FRAME_DROP:
	case FRAME_REGISTERED: case FRAME_REFUSED: case FRAME_REQUIRE:
	case FRAME_FINDING:
		break;
	}
	(void)run_broken(run, fault);
	return run_fault(run, NEXT_FAULT, "run", out,
	    run->shop->scenario->loc);
}
