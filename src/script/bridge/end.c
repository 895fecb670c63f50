/*
 * How a run ends: what its function left behind decides the last frame, END,
 * SKIP, FAIL or ERROR, with the place and the author's own frames.
 */
#include "script/bridge/bridge_own.h"

#include "base/text.h"

enum { TEXT_MAX = 4096 };

void
run_complain(struct bridge *b, uint32_t id, enum frame_kind kind,
    const struct complaint *complaint)
{
	size_t mark = frame_begin(&b->out, kind, id);

	put_complaint(&b->out, complaint);
	bridge_sent(b, mark);
}

void
run_say(struct bridge *b, uint32_t id, enum frame_kind kind)
{
	bridge_sent(b, frame_begin(&b->out, kind, id));
}

static struct span
trace_of(const struct run *run)
{
	return span_of(run->trace == NULL ? "" : run->trace);
}

/* "nobody expected the reply to 'NOOP' (x.lua:12)" */
static bool
owed_complain(struct bridge *b, const struct run *run)
{
	struct complaint complaint = { .kind = COMPLAINT_SCRIPT };
	const struct owed *first = NULL;

	for (const struct conn *conn = run->first; conn != NULL;
	    conn = conn->next)
		if (conn->owed_count > 0 && (first == NULL ||
		    conn->owed[0].place.line < first->place.line))
			first = &conn->owed[0];
	if (first == NULL)
		return false;
	buf_clear(&b->text);
	(void)buf_addf(&b->text, "nobody expected the reply to '%s' (",
	    first->label);
	place_text(b, first->place, &b->text);
	(void)buf_add_text(&b->text, ")");
	complaint.file = first->place.file;
	complaint.line = first->place.line;
	complaint.text = buf_span(&b->text);
	run_complain(b, run->id, FRAME_ERROR, &complaint);
	return true;
}

static void
error_complain(struct bridge *b, lua_State *L, struct run *run)
{
	struct complaint complaint = { .kind = COMPLAINT_SCRIPT,
	    .traceback = trace_of(run) };
	char         room[TEXT_MAX];
	struct place place;

	if (run->slice.hit != VM_FINE) {
		vm_limit_words(&b->vm, run->slice.hit, room);
		complaint.kind = COMPLAINT_LIMIT;
		complaint.text = span_of(room);
	} else {
		complaint.text = vm_error_text(&b->vm, L, -1, room,
		    sizeof room);
		run->told = span_hash(complaint.text) | 1;
	}
	place = place_cut(b, &complaint.text);
	if (place.line == 0)
		place = run->trace_place;
	complaint.text = text_head(complaint.text, TEXT_MAX);
	complaint.file = place.file;
	complaint.line = place.line;
	run_complain(b, run->id, FRAME_ERROR, &complaint);
}

/* What went wrong while an author tidied up changes no verdict, but is not
 * hidden. */
static void
late_note(struct bridge *b, lua_State *L, const struct run *run)
{
	char        room[TEXT_MAX];
	struct span text = vm_error_text(&b->vm, L, -1, room, sizeof room);
	size_t      mark;

	/* Raised ahead of what stopped the dialogue, it never happened. */
	if ((run->trace != NULL && run->told == 0) ||
	    (run->why != NULL && span_is(text, run->why)) ||
	    (span_hash(text) | 1) == run->told)
		return;
	buf_clear(&b->text);
	(void)buf_add_text(&b->text, "after the dialogue stopped: ");
	(void)buf_add(&b->text, text_head(text, NOTE_MAX - 64));
	mark = frame_begin(&b->out, FRAME_NOTE, run->id);
	put_bytes(&b->out, buf_span(&b->text));
	bridge_sent(b, mark);
}

static void
ending_send(struct bridge *b, const struct run *run)
{
	struct complaint complaint = {
	    .kind = run->ending == ENDING_SKIP ? COMPLAINT_SKIP :
	    COMPLAINT_FAIL, .file = run->why_place.file,
	    .line = run->why_place.line,
	    .text = span_of(run->why == NULL ? "" : run->why) };

	run_complain(b, run->id, run->ending == ENDING_SKIP ? FRAME_SKIP :
	    FRAME_FAIL, &complaint);
}

bool
run_fails(lua_State *L, const struct run *run)
{
	return L == run->co && run->slice.guards == 0 && !run->polling &&
	    !run->again && run->group == NULL;
}

void
run_tell(struct bridge *b, lua_State *L, struct run *run)
{
	char room[TEXT_MAX];

	run->raised = true;
	if (run->ending == ENDING_NONE) {
		error_complain(b, L, run);
		return;
	}
	run->told = span_hash(vm_error_text(&b->vm, L, -1, room,
	    sizeof room)) | 1;
	ending_send(b, run);
}

void
run_end(struct bridge *b, lua_State *L, struct run *run, bool error)
{
	bool limit = run->slice.hit != VM_FINE;

	if (error && (limit || (!run->stopped &&
	    run->ending == ENDING_NONE))) {
		error_complain(b, L, run);
	} else if (run->stopped) {
		if (error)
			late_note(b, L, run);
		run_say(b, run->id, FRAME_END);
	} else if (run->ending != ENDING_NONE) {
		ending_send(b, run);
	} else {
		act_flush(L, b, run);
		if (!owed_complain(b, run))
			run_say(b, run->id, FRAME_END);
	}
	run_clear(run);
}

void
run_broke(struct bridge *b, struct run *run, lua_State *L, bool yielded)
{
	struct complaint complaint = { .kind = COMPLAINT_SCRIPT,
	    .text = SPAN("coroutine.yield() outside of a coroutine of the "
	    "script's own") };

	if (run->state == RUN_OVER)
		return;
	if (yielded) {
		struct place place = place_here(b, L);

		complaint.file = place.file;
		complaint.line = place.line;
		run_complain(b, run->id, FRAME_ERROR, &complaint);
	} else {
		error_complain(b, L, run);
	}
	run_clear(run);
}
