/*
 * One attempt of a computed scenario as a source of steps. The worker's frames
 * wait here until the session asks for the next step; then one becomes a step
 * (or was made before: keep.c), and what it came to goes back as an outcome.
 *
 *   next(): frame -> node -> workshop -> step        told(): outcome -> frame
 *
 * The worker runs ahead: several steps may wait here. When the session stops
 * the dialogue, whatever was ahead is void, up to the frame that says that the
 * worker has heard of it.
 */
#include "script/run.h"

#include "base/mem.h"
#include "model/verb.h"

/* ---- to the worker ---------------------------------------------------------- */

static void
tell(struct run *run, const struct told *told)
{
	struct buf *out = &run->script->out;
	size_t      mark;

	if (!run->script->alive || run->ended)
		return;
	mark = frame_begin(out, FRAME_OUTCOME, run->id);
	put_told(out, told);
	for (uint32_t i = 0; told->set_count > 0 && i < run->made.set_count;
	    i++) {
		struct span value = { "", 0 };

		(void)vars_get(run->vars, run->made.sets[i].slot, &value);
		put_bytes(out, run->made.sets[i].name);
		put_bytes(out, value);
	}
	frame_end(out, mark);
}

static void
tell_bare(struct run *run, enum frame_kind kind)
{
	if (run->script->alive)
		frame_end(&run->script->out, frame_begin(&run->script->out,
		    kind, run->id));
}

/* A step came to its end, or one inside a pipeline. */
static void
run_told(struct source *source, const struct outcome *outcome,
    uint32_t inner)
{
	struct run  *run = (struct run *)source;
	bool         group = run->step.group_count > 0;
	struct told  told = { .seq = run->seq, .inner = inner,
	    .result = (uint8_t)outcome->result, .fatal = outcome->fatal,
	    .last = !group, .ms = (uint32_t)(outcome->took_us / 1000) };

	if (outcome->result > run->worst)
		run->worst = outcome->result;
	if (run->inner != NULL || !run->under_way)
		return;
	if (outcome->reply != NULL) {
		told.has_reply = true;
		told.code = outcome->reply->code;
		told.enhanced = outcome->reply->enhanced;
		told.flaws = outcome->reply->flaws;
		told.raw = outcome->reply->raw;
	}
	if (!group) {
		told.set_count = run->made.set_count;
		run->under_way = false;
	}
	tell(run, &told);
}

/* The end of what no single outcome ended: a pipeline, a dialogue, a step that
 * was passed over. */
static void
tell_over(struct run *run)
{
	struct told told = { .seq = run->seq, .last = true,
	    .inner = run->step.group_count, .result = (uint8_t)run->worst,
	    .fatal = run->stopped,
	    .set_count = run->made.set_count };

	run->under_way = false;
	tell(run, &told);
}

/* ---- from the worker -------------------------------------------------------- */

static bool
broken(struct run *run, struct fault *fault)
{
	host_end(run->script, "broke the protocol");
	*fault = run->script->death;
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
		return broken(run, fault);
	run->step.loc = node->loc;
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

static enum next
give_fault(struct run *run, enum next next, const char *label,
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
	struct asked asked;
	struct loc   loc;

	run->step = (struct step){ .number = 0 };
	if (!asked_take(&body, &asked) || !step_make(run, body, fault) ||
	    !secret_stays(run, fault)) {
		loc = fault->loc.line > 0 ? fault->loc : run->step.loc;
		fault->loc = loc;
		return give_fault(run, NEXT_FAULT, "step", out, loc);
	}
	run->seq = (uint32_t)asked.seq;
	renumber(run);
	if (run->number > LIMIT_STEPS_UNROLLED) {
		(void)fault_set(fault, FAULT_LIMIT, "more than %d steps in "
		    "one scenario", LIMIT_STEPS_UNROLLED);
		return give_fault(run, NEXT_FAULT, "step", out,
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
		(void)broken(run, fault);
		return give_fault(run, NEXT_FAULT, "use", out, loc);
	}
	run->seq = (uint32_t)asked.seq;
	if (!run->shop->dialogue(run->shop, node, run->vars, &run->number,
	    &run->inner, &run->made, fault)) {
		fault->loc = fault->loc.line > 0 ? fault->loc : node->loc;
		return give_fault(run, NEXT_FAULT, "use", out, fault->loc);
	}
	run->step.group_count = 0;
	run->under_way = true;
	run->worst = RESULT_PASS;
	return NEXT_STEP;
}

/* The script's own verdict: it skips, fails, or raised an error. The author's
 * frames are told first, as a note; then the frame is taken once more. */
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
		(void)broken(run, fault);
		return give_fault(run, NEXT_FAULT, "run", out, loc);
	}
	if (c.traceback.len > 0 && !run->traced) {
		run->traced = true;
		run->source.note = c.traceback;
		return NEXT_NOTE;
	}
	if (c.file > 0 && c.file <= run->script->places.count)
		loc = (struct loc){ .file =
		    run->script->places.files[c.file - 1], .line = c.line };
	run->ended = true;
	(void)fault_set(fault, c.kind == COMPLAINT_LIMIT ? FAULT_LIMIT :
	    FAULT_SCRIPT, "%.*s", SPAN_ARG(c.text));
	fault->loc = loc;
	return give_fault(run, frame->kind == FRAME_SKIP ? NEXT_SKIP :
	    frame->kind == FRAME_FAIL ? NEXT_FAIL : NEXT_FAULT, label, out,
	    loc);
}

/* One frame of the run; NEXT_LATER: it gave nothing for the session. */
static enum next
take_frame(struct run *run, const struct frame *frame,
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
		if (!take_bytes(&body, &run->source.note))
			break;
		return NEXT_NOTE;
	case FRAME_POLL:
		if (!take_number(&body, INT32_MAX, &within) ||
		    !take_number(&body, INT32_MAX, &every))
			break;
		run->poll_within_ms = (uint32_t)within;
		run->poll_every_ms = (uint32_t)every;
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
		break;
	}
	(void)broken(run, fault);
	return give_fault(run, NEXT_FAULT, "run", out,
	    run->shop->scenario->loc);
}

/* ---- the session's side ------------------------------------------------------ */

/* False: there is none. A complaint that was only noted so far stays. */
static bool
frame_next(struct run *run, struct frame *frame, size_t *used)
{
	*used = frame_cut(span_from(buf_span(&run->in), run->in_at), frame);
	return *used > 0;
}

static void
frame_used(struct run *run, size_t used)
{
	run->in_at += used;
}

static enum next
inner_next(struct run *run, const struct outcome *last,
    const struct step **out, struct fault *fault)
{
	enum next next;

	run->inner->now_us = run->source.now_us;
	next = run->inner->next(run->inner, last, out, fault);
	if (next != NEXT_END)
		return next;
	run->inner->close(run->inner);
	run->inner = NULL;
	return NEXT_END;
}

/* The function has returned, or never will: the steps of `always`. */
static enum next
after_all(struct run *run, const struct step **out, struct fault *fault)
{
	if (run->closing)
		return NEXT_END;
	run->closing = true;
	run->inner = run->shop->always(run->shop, run->vars, run->number);
	return run->inner == NULL ? NEXT_END :
	    inner_next(run, NULL, out, fault);
}

static enum next
worker_died(struct run *run, const struct step **out, struct fault *fault)
{
	run->ended = true;
	*fault = run->script->death;
	fault->loc = run->shop->scenario->loc;
	return give_fault(run, NEXT_FAULT, "run", out, fault->loc);
}

/* Void: it was ahead when the dialogue stopped. Behind that only the acts of
 * <close> count. */
static bool
is_void(struct run *run, const struct frame *frame)
{
	if (frame->kind == FRAME_STOPPED)
		run->voiding = false;
	return run->voiding || frame->kind == FRAME_STOPPED;
}

static enum next
run_next(struct source *source, const struct outcome *last,
    const struct step **out, struct fault *fault)
{
	struct run  *run = (struct run *)source;
	struct frame frame;
	size_t       used;
	enum next    next;

	if (run->inner != NULL) {
		next = inner_next(run, last, out, fault);
		if (next != NEXT_END || run->closing)
			return next;
	}
	if (run->under_way)
		tell_over(run);
	while (!run->ended) {
		if (!frame_next(run, &frame, &used)) {
			if (!run->script->alive)
				return worker_died(run, out, fault);
			run->later = true;
			host_flush_soon(run->script);
			return NEXT_LATER;
		}
		next = NEXT_LATER;
		if (!is_void(run, &frame))
			next = take_frame(run, &frame, out, fault);
		if (!run->traced || next != NEXT_NOTE)
			frame_used(run, used);
		if (next == NEXT_STEP && run->inner != NULL)
			return run_next(source, NULL, out, fault);
		if (next != NEXT_LATER)
			return next;
	}
	return after_all(run, out, fault);
}

static void
run_stop(struct source *source)
{
	struct run *run = (struct run *)source;

	run->stopped = true;
	if (run->inner != NULL)
		run->inner->stop(run->inner);
	if (run->ended)
		return;
	run->voiding = true;
	tell_bare(run, FRAME_STOP);
}

static void
run_close(struct source *source)
{
	struct run    *run = (struct run *)source;
	struct script *script = run->script;

	if (run->inner != NULL)
		run->inner->close(run->inner);
	tell_bare(run, FRAME_DROP);
	script->runs[run->id & 0xffff] = NULL;
	script->run_count--;
	arena_free(&run->arena);
	buf_free(&run->in);
	mem_free(run->group);
	mem_free(run);
}

void
run_source(struct run *run)
{
	run->source = (struct source){ .next = run_next, .stop = run_stop,
	    .close = run_close, .told = run_told };
}

const struct scenario *
run_scenario(const struct run *run)
{
	return run->shop->scenario;
}

static void
frame_keep(struct run *run, const struct frame *frame)
{
	size_t mark;

	buf_eat(&run->in, run->in_at);
	run->in_at = 0;
	mark = frame_begin(&run->in, frame->kind, frame->run);
	(void)buf_add(&run->in, frame->body);
	frame_end(&run->in, mark);
}

void
run_hear(struct run *run, const struct frame *frame)
{
	if (frame != NULL && frame->run != run->id)
		return;                 /* of one that had its place before */
	if (frame != NULL) {
		frame_keep(run, frame);
		if (run->in.full)
			host_end(run->script, "sent too much at once");
	}
	if (!run->later)
		return;
	run->later = false;
	run->source.wake(run->source.who);
}
