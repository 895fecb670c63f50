/*
 * What a judgement means: for the step (or the inner one of a group), for the
 * scenario's result, and for what may still follow.
 */
#include "run/session_own.h"

#include "base/mem.h"

static void
source_stop(struct session *s)
{
	if (s->stopped)
		return;
	s->stopped = true;
	s->source->stop(s->source);
}

/* The result as the step's own settings see it. When nothing can follow, it
 * is no warning: what comes behind is not run, and that is never green. */
static void
soften(const struct session *s, const struct step *step,
    struct ruling *ruling)
{
	if ((ruling->result != RESULT_FAIL && ruling->result != RESULT_ERROR) ||
	    ruling->fatal)
		return;
	if (s->now_us < s->step->again_us && ruling->cause != CAUSE_PLAN)
		ruling->result = RESULT_AGAIN;
	else if (step->level == LEVEL_SHOULD && ruling->result == RESULT_FAIL)
		ruling->result = RESULT_WARN;
}

/* The worst decides. `always` makes a passed scenario fail, and changes
 * nothing about any other. */
static void
scenario_worse(struct session *s, const struct ruling *ruling)
{
	if (ruling->result == RESULT_AGAIN || ruling->result <= s->worst ||
	    (s->step->always && s->worst >= RESULT_SKIP))
		return;
	s->worst = ruling->result;
	s->cause = ruling->cause;
	s->code = ruling->reply == NULL ? -1 : ruling->reply->code;
	mem_free(s->fault);
	s->fault = NULL;
	/* What a step failed of is told with the step. */
	if (ruling->result != RESULT_SKIP)
		return;
	s->fault = mem_alloc(sizeof *s->fault);
	*s->fault = s->shard->fault;
}

/* Does the dialogue go on after this? */
static void
dialogue_decide(struct session *s, const struct step *step,
    const struct ruling *ruling)
{
	struct conn *conn = conn_of(s);
	bool failed = ruling->result == RESULT_FAIL ||
	    ruling->result == RESULT_ERROR;

	if (ruling->fatal)
		conn->desynced = true;
	if (ruling->result == RESULT_SKIP)
		s->skipped = true;
	if (ruling->ends || s->skipped || (ruling->fatal && failed))
		s->dropped = true;
	if (ruling->ends || s->skipped || ruling->fatal ||
	    (failed && !step->go_on))
		source_stop(s);
	/* Replies of a pipeline that nobody will read. */
	if (s->dropped && s->step->group_count > 0 && s->state == STATE_REPLY)
		conn->desynced = true;
}

/* The source hears of the worst of a pipeline's steps, and of each where it
 * asks. */
static void
outcome_keep(struct session *s, const struct outcome *outcome)
{
	if (s->source->told != NULL)
		s->source->told(s->source, outcome, s->inner);
	if (s->last.step == NULL || outcome->result > s->last.result)
		s->last = *outcome;
}

static void
step_end(struct session *s)
{
	s->step_over = true;
	s->state = STATE_ACT;
}

void
verdict_not_run(struct session *s, const struct step *step, uint32_t from,
    uint32_t to)
{
	struct outcome outcome = { .result = RESULT_NOT_RUN,
	    .began_us = s->now_us };

	for (uint32_t i = from; i < to || (i == 0 && step->group_count == 0);
	    i++) {
		outcome.step = step->group_count > 0 ? &step->group[i] : step;
		outcome.loc = outcome.step->loc;
		say_ends(s, outcome.step, &outcome);
	}
}

void
verdict_silent(struct session *s)
{
	const struct step *group = s->step->group;
	struct outcome     outcome = { .began_us = s->step_us,
	    .took_us = s->now_us - s->step_us };

	for (; s->inner < s->step->group_count &&
	    !step_awaits(s, &group[s->inner]); s->inner++) {
		outcome.step = &group[s->inner];
		outcome.loc = outcome.step->loc;
		outcome.result = s->early ? RESULT_NOT_RUN : RESULT_PASS;
		say_ends(s, outcome.step, &outcome);
		if (!s->early)
			outcome_keep(s, &outcome);
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
	s->which = s->total = 0;
	s->answered = s->early;
	if (s->dropped || (s->early && s->stopped)) {
		verdict_not_run(s, s->step, s->inner, s->step->group_count);
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

/* A step that was softened stands, but not the scenario. */
void
verdict_owed(struct session *s)
{
	struct ruling ruling = { .result = RESULT_FAIL,
	    .cause = conn_of(s)->peer_closed ? CAUSE_CLOSED : CAUSE_TIMEOUT,
	    .fatal = true };
	bool ended = s->last.result == RESULT_PASS;

	conn_of(s)->desynced = true;
	s->dropped = true;
	source_stop(s);
	if (!ended) {
		(void)fault_set(&s->shard->fault, FAULT_CONNECT, "%u more "
		    "replies were due and did not come", s->due);
		say_note(s, s->step->conn);
		scenario_worse(s, &ruling);
	}
	verdict_drained(s);
}

void
verdict(struct session *s, struct ruling *ruling)
{
	const struct step *step = judged_step(s);
	struct outcome     outcome;
	bool               settled = count_settle(s, ruling);
	bool               fine = ruling->result == RESULT_PASS;

	if (!fine && !settled && s->state == STATE_REPLY &&
	    ruling->cause != CAUSE_PLAN)
		count_number(s);
	/* Inside of DATA or AUTH the server takes commands for content. */
	if (ruling->result >= RESULT_FAIL && conn_of(s)->midway)
		ruling->fatal = true;
	soften(s, step, ruling);
	outcome = (struct outcome){ .step = step, .result = ruling->result,
	    .cause = ruling->cause, .loc = ruling->loc,
	    .which = (uint16_t)s->which, .total = s->total, .expect = ruling->expect,
	    .reply = ruling->reply, .fatal = ruling->fatal,
	    .fault = fine ? NULL : &s->shard->fault, .tls = s->secured,
	    .trace = s->source->trace,
	    .aside = fine ? (struct span){ NULL, 0 } : buf_span(&s->aside),
	    .began_us = s->step_us, .took_us = s->now_us - s->step_us };
	outcome_keep(s, &outcome);
	scenario_worse(s, ruling);
	say_ends(s, step, &outcome);
	dialogue_decide(s, step, ruling);
	if (!s->draining)
		judged_over(s);
}

void
verdict_plain(struct session *s)
{
	const struct step *step = s->step;

	s->last = (struct outcome){ .step = step, .result = RESULT_PASS,
	    .total = s->total, .loc = step->expect_count == 0 ? step->loc :
	    step->expects->loc, .expect = step->expect_count == 0 ? NULL :
	    step->expects, .reply = &s->reply, .tls = s->secured,
	    .trace = s->source->trace, .began_us = s->step_us,
	    .took_us = s->now_us - s->step_us };
	if (s->source->told != NULL)
		s->source->told(s->source, &s->last, 0);
	say_ends(s, step, &s->last);
	step_end(s);
}

struct want
verdict_fail(struct session *s, enum result result, enum cause cause,
    bool fatal)
{
	const struct step *step = judged_step(s);
	struct loc loc = s->shard->fault.loc.line > 0 ? s->shard->fault.loc :
	    step->loc;
	struct ruling ruling = { .result = result, .cause = cause,
	    .fatal = fatal, .loc = loc, .expect = judged_expect(s) };

	/* When the act of a group fails, none of its others was done. */
	s->dropped = true;
	verdict(s, &ruling);
	return (struct want){ .kind = WANT_NOTHING };
}

struct want
verdict_pass(struct session *s)
{
	verdict(s, &(struct ruling){ .result = RESULT_PASS,
	    .loc = s->step->loc });
	return (struct want){ .kind = WANT_NOTHING };
}
