/*
 * Acts that await a reply, and the octets and closes that are there before one.
 * Then the act is not sent. RFC 5321 3.8: a 421 answers the command that would
 * have come; a close is judged as if it came behind it, because nobody can tell
 * which was first; anything else fails the step.
 */
#include "run/session_own.h"

/* Does the expectation look at the handshake and at nothing behind it? */
static bool
only_tls(const struct step *step)
{
	const struct expect *e = step->expects;

	return step->verb != NULL && step->verb->secures &&
	    step->expect_count == 1 && (e->tls_count > 0 || e->tls_failed) &&
	    e->match_count == e->tls_count && e->accept_count == 0 &&
	    e->never_count == 0 && e->end_count == 0 && e->need_count == 0 &&
	    e->within_ms == 0 && e->after_ms == 0;
}

bool
step_awaits(const struct session *s, const struct step *step)
{
	const struct verb  *verb = step->verb;
	const struct proto *proto = s->scenario->proto;

	if ((step->expect_count > 0 || verb == NULL) && !only_tls(step))
		return true;
	if (step->owes || !verb->awaits)
		return false;
	if (verb->awaits_of != NULL && !verb->awaits_of(step->args))
		return false;
	return verb->opens ? proto->greets : proto->awaits;
}

bool
act_awaits(const struct session *s)
{
	const struct step *step = s->step;

	for (uint32_t i = 0; i < step->group_count; i++)
		if (step_awaits(s, &step->group[i]))
			return true;
	return step->group_count == 0 && step_awaits(s, step);
}

/* The expectation that the reply would be held against first. */
static const struct expect *
first_expect(const struct session *s)
{
	const struct step *step = s->step;

	for (uint32_t i = 0; i < step->group_count; i++)
		if (step_awaits(s, &step->group[i]))
			return step->group[i].expect_count == 0 ? NULL :
			    step->group[i].expects;
	return step->expect_count == 0 ? NULL : step->expects;
}

bool
early_blocks(struct session *s)
{
	struct conn *conn = conn_of(s);
	size_t       waiting = inbox(conn).len;
	bool         strict;

	if (waiting > 0 && (s->scenario->proto->chatters ||
	    conn->owed_count > 0))
		return false;
	if (waiting > 0 && (rule_tolerated(s, first_expect(s), &strict) &
	    FLAW_BIT(FLAW_UNSOLICITED)) != 0) {
		inbox_eat(conn, waiting);
		waiting = 0;
	}
	return waiting > 0 || conn->peer_closed;
}

struct want
early_judge(struct session *s)
{
	if (!early_blocks(s))
		return act_go(s);
	s->early = true;
	s->acted_us = s->now_us;
	judge_begin(s);
	return judge_bytes(s, (struct span){ 0 });
}

void
early_noise(struct session *s)
{
	struct conn  *conn = conn_of(s);
	struct span   waiting = inbox(conn);
	struct ruling ruling = { .result = RESULT_FAIL, .cause = CAUSE_NOISE,
	    .fatal = true, .expect = judged_expect(s), .reply = &s->reply,
	    .loc = judged_step(s)->loc };

	if (s->reply.raw.ptr == NULL)
		s->reply.raw = waiting;
	s->parsed = true;
	reply_flaw(&s->reply, FLAW_UNSOLICITED, 0);
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "not sent: %zu "
	    "octets came that nobody had asked for", waiting.len);
	verdict(s, &ruling);
	inbox_eat(conn, waiting.len);
}

void
early_check(struct session *s)
{
	const struct proto *proto = s->scenario->proto;
	struct conn *conn = conn_of(s);
	struct span  waiting = inbox(conn);
	size_t       len;

	if (waiting.len == 0)
		return;
	len = proto->parse(waiting, judged_ask(s), &s->reply);
	if (len == 0 && !conn->peer_closed)
		return;         /* it may become a 421 */
	if (len == 0 || proto->any_time == NULL || !proto->any_time(&s->reply)) {
		early_noise(s);
		return;
	}
	s->answering = true;
	s->reply = reply_new();
	(void)fault_set(&s->shard->fault, FAULT_CONNECT, "not sent: the "
	    "server had announced its end already");
	say_note(s, s->step->conn);
}

void
early_rest(struct session *s)
{
	(void)fault_set(&s->shard->fault, FAULT_CONNECT, "not sent: the "
	    "server had ended the dialogue before this pipeline");
	verdict(s, &(struct ruling){ .result = RESULT_FAIL,
	    .cause = CAUSE_CLOSED, .fatal = true,
	    .expect = judged_expect(s), .loc = judged_step(s)->loc });
}
