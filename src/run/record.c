/*
 * Events to records. A step's record is made at its begin and filled at its
 * end, in the arena of its scenario; the rounds of `eventually` that did not
 * hold are dropped, each with an arena of its own.
 */
#include "run/record.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/verb.h"

struct span
record_text(struct recorder *recorder, struct arena *arena, struct span text,
    size_t max, const struct redactor *own)
{
	struct buf *scratch = &recorder->scratch;

	if (text.len == 0)
		return (struct span){ "", 0 };
	if (!redactor_empty(own) ||
	    !redactor_empty(recorder->options->redactor)) {
		buf_clear(scratch);
		redact_both(own, recorder->options->redactor, text, scratch);
		text = buf_span(scratch);
	}
	return arena_copy(arena, text_head(text, max));
}

void
running_start(struct running *running, const struct run_bus_options *options,
    uint32_t number)
{
	const struct scenario *scenario = options->scenarios[number - 1];

	*running = (struct running){ .attempt = 1 };
	running->record = (struct scenario_record){
		.number = number,
		.attempts = 1,
		.id = scenario->id,
		.name = scenario->title,
		.about = scenario->about,
		.file = scenario->path,
		.line = scenario->loc.line,
		.tags = scenario->tags,
		.tag_count = scenario->tag_count,
	};
}

static void
open_free(struct open_step *open)
{
	redactor_free(open->own);
	mem_free(open);
}

void
running_free(struct running *running)
{
	while (running->open != NULL) {
		struct open_step *next = running->open->next;

		open_free(running->open);
		running->open = next;
	}
	while (running->rounds != NULL) {
		struct round *below = running->rounds->below;

		arena_free(&running->rounds->arena);
		mem_free(running->rounds);
		running->rounds = below;
	}
	arena_free(&running->arena);
}

/* ---- rounds of `eventually` ------------------------------------------------ */

struct arena *
record_arena(struct running *running)
{
	return running->round == 0 || running->rounds == NULL ?
	    &running->arena : &running->rounds->arena;
}

static void
round_push(struct running *running)
{
	struct round *round = mem_alloc(sizeof *round);

	round->below = running->rounds;
	running->rounds = round;
	running->before_round = running->last;
	running->logged = 0;
}

static struct step_record *
step_behind(struct running *running, const struct step_record *before)
{
	/* The list is our own: nothing in it is const at its birth. */
	return before == NULL ? running->first :
	    (struct step_record *)(uintptr_t)before->next;
}

/* Unlinks the steps of the round before, from the number on that comes now;
 * their memory goes when nothing else of that round stays. */
static void
round_drop(struct recorder *recorder, struct running *running,
    uint32_t number)
{
	struct step_record *keep = running->before_round, *at;

	for (at = step_behind(running, keep); at != NULL && at->number < number;
	    at = step_behind(running, keep))
		keep = at;
	if (keep == NULL)
		running->first = NULL;
	else
		keep->next = NULL;
	running->last = keep;
	wires_keep(running, at);
	if (keep != running->before_round || running->open != NULL)
		return;
	arena_free(&running->rounds->arena);
	recorder->logged -= running->logged;
	running->logged = 0;
}

static void
round_turn(struct recorder *recorder, struct running *running,
    const struct event *event)
{
	uint32_t round = record_round(event);

	if (round == running->round)
		return;
	if (round > 1 && running->round != 0) {
		round_drop(recorder, running, event->step->number);
		if (running->last != running->before_round)
			round_push(running);
	} else if (round != 0) {
		round_push(running);
	}
	running->round = round;
}

/* ---- steps ----------------------------------------------------------------- */

const char *
record_conn(struct recorder *recorder, struct running *running,
    const struct event *event, uint8_t conn)
{
	const struct scenario *scenario = event->scenario;

	if (scenario == NULL || conn >= scenario->conn_count ||
	    scenario->conns[conn].len == 0)
		return "main";
	if (conn == 0 && span_is(scenario->conns[0], "main"))
		return "main";
	return record_text(recorder, record_arena(running), scenario->conns[conn],
	    LIMIT_SHOWN, NULL).ptr;
}

static void
step_link(struct running *running, struct step_record *record)
{
	if (running->last == NULL)
		running->first = record;
	else
		running->last->next = record;
	running->last = record;
}

/* Of a secret line no more than of its octets on the wire. */
static struct span
label_of(struct recorder *recorder, struct arena *arena,
    const struct event *event)
{
	const struct step *step = event->step;
	struct buf  shown = buf_new(LIMIT_SHOWN);
	struct span label = step->label;

	if (event->secret && !step->titled && step->verb != NULL &&
	    step->verb->speaks) {
		mask_lines(event, label, false, &shown);
		label = buf_span(&shown);
	}
	label = record_text(recorder, arena, label, LIMIT_SHOWN, NULL);
	buf_free(&shown);
	return label;
}

static struct open_step *
step_open(struct recorder *recorder, struct running *running,
    const struct event *event)
{
	const struct step  *step = event->step;
	struct open_step   *open = mem_alloc(sizeof *open), **end;
	struct step_record *record;
	struct arena       *arena;

	round_turn(recorder, running, event);
	running->said = NULL;
	arena = record_arena(running);
	record = arena_alloc(arena, sizeof *record);
	*record = (struct step_record){
		.number = step->number,
		.round = record_round(event),
		.attempt = running->attempt,
		.result = RESULT_NOT_RUN,
		.always = step->always,
		.titled = step->titled,
		.act = step->verb == NULL ? "expect" : step->verb->name,
		.conn = record_conn(recorder, running, event, step->conn),
		.label = label_of(recorder, arena, event),
		.began_us = record_since(recorder->options, event->at_us),
	};
	open->step = step;
	open->record = record;
	open->before = running->last;
	for (end = &running->open; *end != NULL; end = &(*end)->next)
		continue;
	*end = open;
	if (step->number > 0) {
		step_link(running, record);
		recorder->journal(recorder, JOURNAL_STEP_BEGIN, running, record,
		    NULL, event->at_us);
	}
	return open;
}

struct open_step *
record_open(struct running *running, const struct step *step)
{
	struct open_step *open = running->open;

	while (open != NULL && open->step != step)
		open = open->next;
	return open;
}

void
record_unlink(struct running *running, struct open_step *gone)
{
	struct open_step **at = &running->open;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	open_free(gone);
}

/* ---- ends ------------------------------------------------------------------ */

/* An author who gave no title sees what really was sent. */
static void
label_sent(struct step_record *record)
{
	struct span rest = record->sent, line;

	if (record->titled || record->sent.len == 0 ||
	    strcmp(record->act, "send") != 0 ||
	    !span_word(&rest, "\r\n", &line) || line.len == 0)
		return;
	record->label = text_head(line, LIMIT_SHOWN);
}

static void
step_end(struct recorder *recorder, struct running *running,
    const struct event *event)
{
	struct open_step     *open = record_open(running, event->step);
	const struct outcome *outcome = event->outcome;
	struct step_record   *record;

	if (open == NULL)
		open = step_open(recorder, running, event);
	record = open->record;
	if (outcome != NULL) {
		record->result = (uint8_t)outcome->result;
		record->cause = (uint8_t)outcome->cause;
		record->took_us = outcome->took_us;
		if (outcome->began_us >= recorder->options->began_us &&
		    outcome->began_us > 0)
			record->began_us = outcome->began_us -
			    recorder->options->began_us;
	}
	wires_end(recorder, running, open);
	wires_sent(record_arena(running), record);
	label_sent(record);
	notes_fill(recorder, record_arena(running), record, event, open->own);
	if (record->number == 0 && record->result >= RESULT_FAIL)
		step_link(running, record);     /* unseen, but for trouble */
	if (record->number > 0 || record->result >= RESULT_FAIL)
		recorder->journal(recorder, JOURNAL_STEP_END, running, record,
		    NULL, event->at_us);
	record_unlink(running, open);
}

void
record_close(struct recorder *recorder, struct running *running,
    uint64_t at_us)
{
	while (running->open != NULL) {
		struct open_step   *open = running->open;
		struct step_record *record = open->record;
		uint64_t            now = record_since(recorder->options,
		    at_us);

		record->took_us = now > record->began_us ?
		    now - record->began_us : 0;
		record->cause = CAUSE_CANCEL;
		if (record->wires != NULL)
			record->result = RESULT_ERROR;
		record->message = SPAN("it had not ended");
		wires_end(recorder, running, open);
		wires_sent(record_arena(running), record);
		label_sent(record);
		recorder->journal(recorder, JOURNAL_STEP_END, running, record,
		    NULL, at_us);
		record_unlink(running, open);
	}
}

void
record_event(struct recorder *recorder, struct running *running,
    const struct event *event)
{
	switch ((enum event_kind)event->kind) {
	case EVENT_SCENARIO_BEGIN:
		running->attempt = event->attempt;
		running->record.attempts = event->attempt;
		running->round = 0;
		break;
	case EVENT_STEP_BEGIN:
		(void)step_open(recorder, running, event);
		break;
	case EVENT_SENT:
		/* With `brief` nothing told of the step's begin. */
		if (recorder->brief &&
		    record_open(running, event->step) == NULL)
			(void)step_open(recorder, running, event);
		wire_event(recorder, running, event);
		break;
	case EVENT_RECEIVED:
	case EVENT_NOTE:
	case EVENT_SAID:
		wire_event(recorder, running, event);
		break;
	case EVENT_STEP_END:
		step_end(recorder, running, event);
		break;
	case EVENT_SCENARIO_END:
		record_close(recorder, running, event->at_us);
		break;
	}
}
