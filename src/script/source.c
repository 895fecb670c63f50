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
#include "base/secret.h"

enum {
	SPARE_MAX = 4096,       /* octets of a buffer that the next run gets */
	SMALL_MAX = 512         /* of one that is soon made again */
};

/* ---- to the worker ---------------------------------------------------------- */

/* What a server sends back of a secret is as secret: a script that got it raw
 * could spell it in a way that no report would mask. */
static struct span
masked(const struct run *run, struct span text, struct buf *room)
{
	const struct redactor *redactor = run->shop->redactor;

	if (text.len == 0 || redactor_empty(redactor))
		return text;
	buf_clear(room);
	redact(redactor, text, room);
	return buf_span(room);
}

static void
tell(struct run *run, const struct told *told)
{
	struct buf *out = &run->script->out, room = buf_new(MESSAGE_MAX);
	struct told shown = *told;
	size_t      mark;

	if (run->death != NULL || run->ended)
		return;
	shown.raw = masked(run, told->raw, &room);
	mark = frame_begin(out, FRAME_OUTCOME, run->id);
	put_told(out, &shown);
	for (uint32_t i = 0; told->set_count > 0 && i < run->made.set_count;
	    i++) {
		struct span value = { "", 0 };

		(void)vars_get(run->vars, run->made.sets[i].slot, &value);
		put_bytes(out, run->made.sets[i].name);
		put_bytes(out, masked(run, value, &room));
	}
	frame_end(out, mark);
	buf_free(&room);
	/* It would wait for ever for what did not fit. */
	if (out->full)
		host_end(run->script, "does not take what it is told");
}

static void
tell_bare(struct run *run, enum frame_kind kind)
{
	if (run->death == NULL && run->script->alive)
		frame_end(&run->script->out, frame_begin(&run->script->out,
		    kind, run->id));
}

/* A step came to its end, or one inside a pipeline. */
static void
run_told(struct source *source, const struct outcome *outcome,
    uint32_t inner)
{
	struct run  *run = (struct run *)source;
	bool         over = run->step.group_count == 0 && !outcome->more;
	struct told  told = { .seq = run->seq, .inner = inner,
	    .result = (uint8_t)outcome->result, .fatal = outcome->fatal,
	    .last = over, .ms = (uint32_t)(outcome->took_us / 1000) };

	if (outcome->result > run->worst)
		run->worst = outcome->result;
	if (run->inner != NULL && outcome->result == RESULT_AGAIN)
		run->again = true;
	if (run->inner != NULL || !run->under_way)
		return;
	told.lost = outcome->result == RESULT_PASS && outcome->expect != NULL &&
	    outcome->expect->tls_failed;
	if (outcome->reply != NULL) {
		told.has_reply = true;
		told.code = outcome->reply->code;
		told.enhanced = outcome->reply->enhanced;
		told.flaws = outcome->reply->flaws;
		told.raw = outcome->reply->raw;
	}
	if (over) {
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
	    .inner = run->step.group_count, .result = run->again &&
	    run->worst < RESULT_FAIL ? RESULT_AGAIN : (uint8_t)run->worst,
	    .fatal = run->stopped,
	    .set_count = run->made.set_count };

	run->under_way = false;
	tell(run, &told);
}

/* ---- the session's side ------------------------------------------------------ */

/* False: there is none. */
static bool
frame_next(struct run *run, struct frame *frame, size_t *used)
{
	*used = frame_cut(span_from(buf_span(&run->in), run->in_at), frame);
	return *used > 0;
}

static void
frame_used(struct run *run, size_t used)
{
	size_t before = run->script->ahead;

	run->in_at += used;
	run->script->ahead -= used;
	if (before >= LIMIT_LUA_AHEAD && run->script->ahead < LIMIT_LUA_AHEAD)
		host_flush_soon(run->script);   /* reads on */
}

static enum next
inner_next(struct run *run, const struct outcome *last,
    const struct step **out, struct fault *fault)
{
	enum next next;

	run->inner->now_us = run->source.now_us;
	/* A round that does not hold ends here. */
	next = run->again ? NEXT_END :
	    run->inner->next(run->inner, last, out, fault);
	if (next == NEXT_STEP && run->polls && !run->closing && !run->stopped)
		run_poll(run, out);
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
	*fault = *run->death;
	fault->loc = run->shop->scenario->loc;
	return run_fault(run, NEXT_FAULT, "run", out, fault->loc);
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

/* A wall that is not whole is told in every report. */
static bool
weak_noted(struct run *run)
{
	bool told = run->told_weak;

	run->told_weak = true;
	run->source.note = span_of(run->script->all->weak);
	return !told && run->source.note.len > 0;
}

/* Who waits with nothing taken may wait for long. */
static void
idle_trim(struct run *run)
{
	if (run->in_at == run->in.len && run->in.cap <= SMALL_MAX) {
		buf_free(&run->in);
		run->in_at = 0;
	}
}

static enum next
run_next(struct source *source, const struct outcome *last,
    const struct step **out, struct fault *fault)
{
	struct run  *run = (struct run *)source;
	struct frame frame;
	size_t       used;
	enum next    next;

	if (weak_noted(run))
		return NEXT_NOTE;
	if (run->inner != NULL) {
		next = inner_next(run, last, out, fault);
		if (next != NEXT_END || run->closing)
			return next;
	}
	if (run->under_way)
		tell_over(run);
	while (!run->ended) {
		if (!frame_next(run, &frame, &used)) {
			if (run->death != NULL)
				return worker_died(run, out, fault);
			run->later = true;
			idle_trim(run);
			if (run->script->waiting++ == 0)
				run->script->beats_us = 0;      /* anew */
			host_flush_soon(run->script);
			return NEXT_LATER;
		}
		next = NEXT_LATER;
		if (!is_void(run, &frame))
			next = run_take(run, &frame, out, fault);
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
later_over(struct run *run)
{
	if (run->later)
		run->script->waiting--;
	run->later = false;
}

void
run_forget(struct run *run)
{
	frame_used(run, run->in.len - run->in_at);
	buf_clear(&run->in);
	run->in_at = 0;
}

static void
run_close(struct source *source)
{
	struct run    *run = (struct run *)source;
	struct script *script = run->script;

	later_over(run);
	if (run->inner != NULL)
		run->inner->close(run->inner);
	tell_bare(run, FRAME_DROP);
	run_forget(run);
	script->runs[run->id & 0xffff] = NULL;
	script->run_count--;
	arena_free(&run->arena);
	if (script->spare.cap == 0 && run->in.cap <= SPARE_MAX) {
		script->spare = run->in;
		buf_clear(&script->spare);
	} else {
		buf_free(&run->in);
	}
	mem_free(run->group);
	mem_free(run->death);
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

/* What was taken goes when that is much, or all, or in the way. */
static void
frame_keep(struct run *run, struct span frame)
{
	if (run->in_at > 0 && (run->in_at * 2 >= run->in.len ||
	    frame.len > run->in.max - run->in.len)) {
		buf_eat(&run->in, run->in_at);
		run->in_at = 0;
	}
	if (buf_add(&run->in, frame))
		run->script->ahead += frame.len;
}

static void
wake(struct run *run)
{
	if (!run->later)
		return;
	later_over(run);
	run->source.wake(run->source.who);
}

void
run_hear(struct run *run, uint32_t id, struct span frame)
{
	if (id != run->id)
		return;                 /* of one that had its place before */
	frame_keep(run, frame);
	if (run->in.full)
		host_end(run->script, "sent too much at once");
	wake(run);
}

void
run_lost(struct run *run, const struct fault *why)
{
	if (run->death == NULL) {
		run->death = mem_alloc(sizeof *run->death);
		*run->death = *why;
	}
	wake(run);
}
