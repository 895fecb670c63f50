/*
 * Acts of several rounds (verb->rounds): octets, their replies, octets again.
 * One expectation holds for every round; expect_each has one for each reply.
 * Each round begins as an act does: what nobody had asked for, or a close, is
 * judged before anything more is sent (early.c).
 */
#include "run/session_own.h"

bool
rounds_has(const struct session *s)
{
	const struct verb *verb = judged_step(s)->verb;

	return verb != NULL && verb->rounds;
}

static bool
handshakes(const struct session *s)
{
	return rounds_has(s) && judged_step(s)->verb->secures;
}

bool
rounds_continue(const struct session *s)
{
	return rounds_has(s) && judged_step(s)->verb->continues;
}

/* Of a pipeline only the last step can make a handshake. */
bool
rounds_open(const struct session *s)
{
	if (s->early)
		return false;
	return s->step->group_count == 0 ? s->then == THEN_ROUND :
	    handshakes(s) && s->inner + 1 == s->step->group_count;
}

/* What expect_each lists must come. */
void
rounds_end(struct session *s, struct ruling *ruling)
{
	uint32_t count = judged_step(s)->expect_count;

	if (!rounds_has(s) || ruling->result != RESULT_PASS || ruling->ends ||
	    s->which + 1 >= count)
		return;
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "expect_each lists "
	    "%u replies, and there were only %u", count, s->which + 1);
	ruling->result = RESULT_ERROR;
	ruling->cause = CAUSE_PLAN;
	ruling->loc = judged_step(s)->loc;
}

/* After a refusal nothing more is sent, unless expect_each says what comes
 * then. Behind the reply to STARTTLS the verb itself knows. */
bool
rounds_next(struct session *s, const struct reply *reply,
    struct ruling *ruling)
{
	bool listed = s->which + 1 < judged_step(s)->expect_count;

	if (ruling->result != RESULT_PASS || s->early)
		return false;
	if (rounds_continue(s)) {
		s->ended = ruling->ends;
		s->turns = reply != NULL &&
		    s->scenario->proto->tone(reply) != TONE_NEGATIVE;
		return s->turns;
	}
	s->turns = rounds_open(s) && !ruling->ends && (handshakes(s) ?
	    reply != NULL : listed || reply == NULL ||
	    s->scenario->proto->tone(reply) != TONE_NEGATIVE);
	if (s->turns && !handshakes(s)) {
		if (reply != NULL && judged_step(s)->each)
			judge_told(s, ruling);
		s->which++;
	} else if (!s->turns) {
		rounds_end(s, ruling);
	}
	return s->turns;
}

void
rounds_many(struct session *s, struct ruling *ruling)
{
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "expect_each lists "
	    "%u replies, and there are more", judged_step(s)->expect_count);
	ruling->result = RESULT_ERROR;
	ruling->cause = CAUSE_PLAN;
	ruling->loc = judged_step(s)->loc;
}

bool
rounds_exceed(struct session *s)
{
	struct ruling ruling = { .fatal = true };

	if (!rounds_has(s) || !judged_step(s)->each ||
	    s->which + s->due <= judged_step(s)->expect_count)
		return false;
	rounds_many(s, &ruling);
	verdict(s, &ruling);
	return true;
}

struct want
rounds_turn(struct session *s)
{
	s->turns = s->waited = false;
	s->rounding = true;
	if (!handshakes(s) && !rounds_continue(s))
		return early_judge(s);
	buf_clear(&s->kept);
	(void)buf_add(&s->kept, s->reply.raw);
	s->reply.raw = buf_span(&s->kept);
	/* What waits in plaintext is an injection: secure.c. */
	return handshakes(s) ? act_go(s) : early_judge(s);
}

const struct reply *
rounds_reply(struct session *s)
{
	if (s->kept.len == 0)
		return NULL;
	s->reply.raw = buf_span(&s->kept);
	return &s->reply;
}

struct want
rounds_over(struct session *s)
{
	struct ruling ruling = { .result = RESULT_PASS, .reply = &s->reply,
	    .expect = judged_expect(s), .loc = judged_step(s)->loc };

	if (handshakes(s))
		secure_none(s, &ruling);
	rounds_end(s, &ruling);
	verdict(s, &ruling);
	return (struct want){ .kind = WANT_NOTHING };
}

struct want
rounds_owed(struct session *s)
{
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "%s is answered in "
	    "several rounds: its expect must come right behind it",
	    s->step->verb->name);
	return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, true);
}
