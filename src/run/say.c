/* Events of a session, built only where the bus wants them. */
#include "run/session_own.h"

#include <stdio.h>

static struct event
event_of(const struct session *s, enum event_kind kind,
    const struct step *step)
{
	struct event event = { .kind = (uint8_t)kind, .attempt = s->attempt,
	    .session = s->number, .at_us = s->now_us,
	    .scenario = s->scenario, .step = step };

	if (step == NULL)
		return event;
	event.conn = step->conn;
	event.secret = step->secret;
	if (step->conn < s->conn_count)
		event.facts = s->conns[step->conn].facts;
	event.round = s->step == NULL ? step->round : s->step->round;
	return event;
}

/* Its label is the line of a command that is secret (AUTH), or of an exchange
 * that such a command began: the talk is asked, and goes on as it was. What
 * follows on a step that is an exchange by itself belongs to none. */
static bool
line_is_secret(const struct session *s, const struct step *step)
{
	const struct proto *proto = s->scenario->proto;
	struct talk talk = { 0 };

	if (step->titled || step->label.len == 0 || proto->ask == NULL ||
	    step->verb == NULL || !step->verb->speaks)
		return false;
	if (step->conn < s->conn_count && !s->conns[step->conn].exchanged)
		talk = s->conns[step->conn].talk;
	return proto->ask(&talk, step->label).secret;
}

static void
say(struct session *s, const struct event *event)
{
	s->shard->bus->emit(s->shard->bus, event);
}

void
say_scenario(struct session *s, enum event_kind kind,
    const struct outcome *outcome)
{
	struct event event;

	if (!said(s, kind))
		return;
	event = event_of(s, kind, NULL);
	event.passed = s->passed;
	event.outcome = outcome;
	say(s, &event);
}

/* Of a pipeline each inner step is reported, and the pipeline is not. */
void
say_begins(struct session *s, const struct step *step)
{
	uint32_t     count = step->group_count == 0 ? 1 : step->group_count;
	struct event event;

	for (uint32_t i = 0; i < count; i++) {
		event = event_of(s, EVENT_STEP_BEGIN,
		    step->group_count == 0 ? step : &step->group[i]);
		event.secret = event.secret || line_is_secret(s, event.step);
		say(s, &event);
	}
}

/* Where only bad ends count, those that are told, and the others counted. */
static bool
end_said(struct session *s, const struct step *step,
    const struct outcome *outcome)
{
	if (said(s, EVENT_STEP_END))
		return true;
	if ((s->shard->bus->wants & EVENT_STEP_BAD) == 0)
		return false;
	if (s->told || s->rounds || outcome->result >= RESULT_FAIL)
		return true;
	s->passed += step->number > 0;
	return false;
}

void
say_ends(struct session *s, const struct step *step,
    const struct outcome *outcome)
{
	struct event event;

	if (!end_said(s, step, outcome))
		return;
	event = event_of(s, EVENT_STEP_END, step);
	event.secret = event.secret || (s->step != NULL && s->secret) ||
	    (outcome->result == RESULT_NOT_RUN && line_is_secret(s, step));
	event.outcome = outcome;
	say(s, &event);
}

/* Where the label tells what was sent, the bus may want no more. */
static bool
sent_said(const struct session *s, const struct step *step, bool special)
{
	return said(s, EVENT_SENT) ||
	    ((s->shard->bus->wants & EVENT_SENT_MADE) != 0 &&
	    (special || step->label.len == 0));
}

void
say_sent(struct session *s, const struct step *step, struct span bytes,
    bool secret, bool made)
{
	struct event event;

	if (!sent_said(s, step, secret || step->secret || made))
		return;
	s->told = true;
	event = event_of(s, EVENT_SENT, step);
	event.secret = event.secret || secret;
	event.bytes = bytes;
	say(s, &event);
}

void
say_received(struct session *s, uint8_t conn, struct span bytes)
{
	const struct step *step = s->step;
	struct event event;

	if (!said(s, EVENT_RECEIVED))
		return;
	if (step != NULL && step->group_count > 0)
		step = judged_step(s);
	event = event_of(s, EVENT_RECEIVED, step);
	event.secret = step != NULL && step->conn == conn && s->secret;
	event.conn = conn;
	event.bytes = bytes;
	say(s, &event);
}

void
say_note(struct session *s, uint8_t conn)
{
	say_text(s, EVENT_NOTE, conn, span_of(s->shard->fault.text));
}

void
say_text(struct session *s, enum event_kind kind, uint8_t conn,
    struct span text)
{
	const struct step *step = s->step == NULL ? NULL : judged_step(s);
	struct event event;

	if (!said(s, kind))
		return;
	event = event_of(s, kind, step);
	event.secret = false;
	event.conn = conn;
	event.bytes = text;
	say(s, &event);
}

const char *
say_ms(uint64_t ms, char text[24])
{
	if (ms < 1000)
		(void)snprintf(text, 24, "%u ms", (unsigned)ms);
	else if (ms % 1000 == 0)
		(void)snprintf(text, 24, "%llu s",
		    (unsigned long long)ms / 1000);
	else
		(void)snprintf(text, 24, "%llu.%u s",
		    (unsigned long long)ms / 1000,
		    (unsigned)(ms % 1000 / 100));
	return text;
}
