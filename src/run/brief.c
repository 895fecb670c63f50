/*
 * Where every reporter is brief (looks at failed steps alone), a step that
 * passes leaves nothing but a count: no record, no copy of an octet. A step
 * gets its record when it fails; before that only where something would be
 * missing from it then - octets that are secret, a line that is not its
 * label, a round of `eventually` - and it goes again when the step passes.
 */
#include "run/record.h"

#include "model/verb.h"

/* Would the record of this step, if it fails, miss what is sent here? */
static bool
says_more(const struct event *event)
{
	const struct step *step = event->step;
	struct span        line = event->bytes;
	size_t             len = step->label.len;

	if (event->secret || step->secret)
		return true;
	if (step->titled || step->verb == NULL || !step->verb->speaks)
		return false;
	return !span_starts(line, step->label) || line.len == len ||
	    (line.ptr[len] != '\r' && line.ptr[len] != '\n');
}

/* Forgets a step that passed, and all memory when nothing else is kept. */
static void
drop(struct recorder *recorder, struct running *running,
    struct open_step *open)
{
	if (running->last == open->record) {
		running->last = open->before;
		if (open->before == NULL)
			running->first = NULL;
		else
			open->before->next = NULL;
	}
	record_unlink(running, open);
	if (running->first != NULL || running->open != NULL)
		return;
	arena_free(&running->arena);
	recorder->logged -= running->logged;
	running->logged = 0;
}

/* Steps of rounds are dropped with their round (record.c). */
static bool
in_round(const struct running *running, const struct event *event)
{
	return running->round != 0 || record_round(event) != 0;
}

static bool
step_passed(struct recorder *recorder, struct running *running,
    const struct event *event)
{
	struct open_step *open;

	if (in_round(running, event) || event->outcome == NULL ||
	    event->outcome->result >= RESULT_FAIL)
		return false;
	open = running->open == NULL ? NULL :
	    record_open(running, event->step);
	/* Only the newest one leaves the list without a gap. */
	if (open != NULL && running->last != open->record &&
	    event->step->number > 0)
		return false;
	running->passed += event->step->number > 0;
	if (open != NULL)
		drop(recorder, running, open);
	return true;
}

bool
brief_event(struct recorder *recorder, struct running *running,
    const struct event *event)
{
	switch ((enum event_kind)event->kind) {
	case EVENT_SENT:
		return !in_round(running, event) && !says_more(event);
	case EVENT_STEP_END:
		return step_passed(recorder, running, event);
	case EVENT_STEP_BEGIN: case EVENT_RECEIVED: case EVENT_NOTE:
	case EVENT_SAID:
		return true;
	case EVENT_SCENARIO_END:
		running->passed += event->passed;
		break;
	case EVENT_SCENARIO_BEGIN:
		break;
	}
	return false;
}
