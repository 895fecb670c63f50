/*
 * What a judgement means: for the step (or the inner one of a group), for the
 * scenario's result, and for what may still follow.
 */
#include "run/session_own.h"

void
emit_event(struct session *s, enum event_kind kind, const struct step *step,
    struct span bytes, bool secret)
{
	struct event event = { .kind = (uint8_t)kind, .secret = secret ||
	    (step != NULL && step->secret), .attempt = s->attempt,
	    .session = s->number, .at_us = s->now_us,
	    .scenario = s->scenario, .step = step, .bytes = bytes,
	    .outcome = &s->last };

	if (s->step != NULL) {
		event.conn = s->step->conn;
		event.facts = conn_of(s)->facts;
	}
	s->shard->bus->emit(s->shard->bus, &event);
}

void
emit_received(struct session *s, uint8_t conn, struct span bytes)
{
	struct event event;

	if ((s->shard->bus->wants & EVENT_BIT(EVENT_RECEIVED)) == 0)
		return;
	event = (struct event){ .kind = EVENT_RECEIVED, .conn = conn,
	    .attempt = s->attempt, .session = s->number, .at_us = s->now_us,
	    .scenario = s->scenario, .step = s->step, .bytes = bytes,
	    .secret = s->step != NULL && s->step->conn == conn &&
	    (s->ask.secret || s->step->secret) };
	s->shard->bus->emit(s->shard->bus, &event);
}

static void
source_stop(struct session *s)
{
	if (s->stopped)
		return;
	s->stopped = true;
	s->source->stop(s->source);
}

/* The result as the step's own settings see it. */
static void
soften(const struct session *s, const struct step *step,
    struct ruling *ruling)
{
	if (ruling->result != RESULT_FAIL && ruling->result != RESULT_ERROR)
		return;
	if (step->again_us != 0 && s->now_us < step->again_us &&
	    !ruling->fatal && ruling->cause != CAUSE_PLAN)
		ruling->result = RESULT_AGAIN;
	else if (step->level == LEVEL_SHOULD && ruling->result == RESULT_FAIL)
		ruling->result = RESULT_WARN;
}

static void
scenario_worse(struct session *s, const struct ruling *ruling)
{
	if (ruling->result == RESULT_AGAIN || ruling->result <= s->worst ||
	    ruling->result == RESULT_PASS)
		return;
	s->worst = ruling->result;
	s->cause = ruling->cause;
	s->code = ruling->reply == NULL ? -1 : ruling->reply->code;
	/* What a step failed of is told with the step. */
	s->fault.text[0] = '\0';
	if (ruling->result == RESULT_SKIP)
		s->fault = s->shard->fault;
}

/* Does the dialogue go on after this? */
static void
dialogue_decide(struct session *s, const struct step *step,
    const struct ruling *ruling)
{
	bool failed = ruling->result == RESULT_FAIL ||
	    ruling->result == RESULT_ERROR;

	if (ruling->fatal && ruling->result != RESULT_AGAIN)
		conn_of(s)->desynced = true;
	if (ruling->result == RESULT_SKIP)
		s->skipped = true;
	if (ruling->fatal || ruling->ends || ruling->result == RESULT_SKIP ||
	    (failed && !step->go_on))
		source_stop(s);
}

static void
outcome_keep(struct session *s, const struct step *step,
    const struct ruling *ruling)
{
	bool fine = ruling->result == RESULT_PASS;

	s->last = (struct outcome){ .step = step, .result = ruling->result,
	    .cause = ruling->cause, .loc = ruling->loc,
	    .which = (uint16_t)s->which, .expect = ruling->expect,
	    .reply = ruling->reply, .fatal = ruling->fatal,
	    .fault = fine ? NULL : &s->shard->fault,
	    .began_us = s->step_us, .took_us = s->now_us - s->step_us };
}

static void
step_end(struct session *s)
{
	s->step_over = true;
	s->state = STATE_ACT;
}

void
verdict_not_run(struct session *s, const struct step *step)
{
	uint32_t count = step->group_count > 0 ? step->group_count : 1;

	for (uint32_t i = s->step == step ? s->inner : 0; i < count; i++) {
		const struct step *one = step->group_count > 0 ?
		    &step->group[i] : step;

		s->last = (struct outcome){ .step = one, .loc = one->loc,
		    .result = RESULT_NOT_RUN, .began_us = s->now_us };
		emit(s, EVENT_STEP_END, one, (struct span){ 0 }, false);
	}
}

void
verdict_silent(struct session *s)
{
	const struct step *group = s->step->group;

	for (; s->inner < s->step->group_count &&
	    !step_awaits(s, &group[s->inner]); s->inner++) {
		s->last = (struct outcome){ .step = &group[s->inner],
		    .loc = group[s->inner].loc, .began_us = s->step_us,
		    .took_us = s->now_us - s->step_us };
		emit(s, EVENT_STEP_END, &group[s->inner], (struct span){ 0 },
		    false);
	}
	if (s->inner == s->step->group_count)
		step_end(s);
}

/* An inner step is judged: the next one of the group, or the group is over. */
static void
group_next(struct session *s)
{
	s->inner++;
	s->sized = false;
	s->which = 0;
	if (conn_of(s)->desynced || s->skipped) {
		struct outcome last = s->last;

		verdict_not_run(s, s->step);
		s->last = last;
		s->inner = s->step->group_count;
	}
	verdict_silent(s);
}

static void
judged_over(struct session *s)
{
	if (s->step->group_count > 0)
		group_next(s);
	else
		step_end(s);
}

void
verdict_drained(struct session *s)
{
	s->draining = false;
	judged_over(s);
}

void
verdict(struct session *s, struct ruling *ruling)
{
	const struct step *step = judged_step(s);

	soften(s, step, ruling);
	outcome_keep(s, step, ruling);
	scenario_worse(s, ruling);
	emit(s, EVENT_STEP_END, step, (struct span){ 0 }, false);
	dialogue_decide(s, step, ruling);
	if (!s->draining)
		judged_over(s);
}

struct want
verdict_fail(struct session *s, enum result result, enum cause cause,
    bool fatal)
{
	const struct step *step = judged_step(s);
	struct loc loc = s->shard->fault.loc.line > 0 ? s->shard->fault.loc :
	    step->loc;
	struct ruling ruling = { .result = result, .cause = cause,
	    .fatal = fatal, .loc = loc,
	    .expect = step->expect_count > 0 ? &step->expects[0] : NULL };

	/* A group whose write failed fails at its first step; the others
	 * were not run. */
	if (s->step->group_count > 0 && !conn_of(s)->desynced)
		ruling.fatal = true;
	verdict(s, &ruling);
	return (struct want){ .kind = WANT_NOTHING };
}
