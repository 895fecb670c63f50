/* What each input means in each state. */
#include "run/session_own.h"

static struct want
nothing(void)
{
	return (struct want){ .kind = WANT_NOTHING };
}

static void
opened(struct session *s, const struct input *input)
{
	struct conn *conn = conn_of(s);

	conn->open = true;
	conn->peer_closed = conn->desynced = false;
	conn->midway = conn->flooded = conn->leaving = false;
	conn->round = s->step->round;
	conn->facts = input->facts;
	conn->talk = (struct talk){ 0 };
	conn->listed = false;
	conn->owed_count = 0;
	inbox_eat(conn, conn->inbox.len);
}

void
hear_notes(struct session *s, struct span notes)
{
	struct span line;

	while (notes.len > 0 && span_word(&notes, "\n", &line))
		if (line.len > 0)
			say_text(s, EVENT_NOTE, s->step->conn,
			    line);
}

static struct want
hear_bytes(struct session *s, const struct input *input)
{
	say_received(s, input->conn, input->bytes);
	if (s->state == STATE_REPLY && s->step->conn == input->conn)
		return judge_bytes(s, input->bytes);
	inbox_add(&s->conns[input->conn], input->bytes);
	return nothing();
}

/* Reported, and no failure: many servers never say it. */
static void
cut_note(struct session *s, uint8_t conn)
{
	const struct facts *facts = s->conns[conn].facts;
	const char *end = facts == NULL || facts->tls == NULL ? "" :
	    facts->tls->end;

	(void)fault_set(&s->shard->fault, FAULT_TLS, end[0] != '\0' ?
	    "TLS ended with %s" : "the server closed without close_notify%s",
	    end);
	say_note(s, conn);
}

/* No reply can come any more, so nothing more is sent for one. */
static struct want
hear_closed(struct session *s, const struct input *input)
{
	struct conn *conn = &s->conns[input->conn];
	bool         mine = s->step != NULL && s->step->conn == input->conn;

	conn->peer_closed = true;
	conn->closing = input->closing;
	if (input->closing == CLOSING_TLS_CUT)
		cut_note(s, input->conn);
	if (mine && s->state == STATE_REPLY)
		return judge_bytes(s, (struct span){ 0 });
	if (mine && s->state == STATE_ACT && s->kind == WANT_WRITE &&
	    act_awaits(s))
		return act_judge(s);
	return nothing();
}

static struct want
hear_done(struct session *s, const struct input *input)
{
	switch ((enum state)s->state) {
	case STATE_PAUSE:
		s->state = STATE_ACT;
		s->step_us = s->now_us;
		return act_begin(s);
	case STATE_LOOK:
		s->state = STATE_ACT;
		return s->looked ? act_plan(s) : early_judge(s);
	case STATE_TLS_LOOK:
		return secure_looked(s);
	case STATE_ACT:
		if (s->kind == WANT_TLS)
			return secure_done(s, input);
		if (s->kind == WANT_SASL)
			return sasl_done(s, input);
		if (s->kind == WANT_CONNECT) {
			opened(s, input);
			hear_notes(s, input->notes);
		}
		return act_follow(s, input);
	case STATE_LAST_LOOK:
		return session_last_look(s);
	case STATE_NEW: case STATE_SOURCE: case STATE_REPLY: case STATE_OVER:
		break;
	}
	return nothing();
}

static struct want
hear_timeout(struct session *s, const struct input *input)
{
	char waited[24];

	switch ((enum state)s->state) {
	case STATE_REPLY:
		return judge_timeout(s);
	case STATE_SOURCE:
		(void)session_past_limit(s);
		session_worse(s, RESULT_ERROR, CAUSE_LIMIT);
		return session_finish(s);
	case STATE_ACT:
		if (session_past_limit(s))
			return verdict_fail(s, RESULT_FAIL, CAUSE_LIMIT, true);
		(void)say_ms(s->wait_ms, waited);
		if (s->kind == WANT_TLS)
			(void)fault_set(&s->shard->fault, FAULT_TLS,
			    "the TLS handshake was not over within %s%s%s",
			    waited, input->fault == NULL ? "" : ": ",
			    input->fault == NULL ? "" : input->fault->text);
		else if (s->kind == WANT_SASL)
			return sasl_late(s, waited);
		else
			(void)fault_set(&s->shard->fault, FAULT_CONNECT,
			    "the server did not take the octets within %s",
			    waited);
		if (s->kind == WANT_TLS)
			conn_of(s)->open = false;
		return verdict_fail(s, RESULT_FAIL, CAUSE_TIMEOUT, true);
	case STATE_NEW: case STATE_PAUSE: case STATE_LOOK: case STATE_TLS_LOOK:
	case STATE_LAST_LOOK: case STATE_OVER:
		break;
	}
	return nothing();
}

/* `refused` may be what is expected: 2 and that ends the dialogue. */
static int
accepts_refusal(const struct expect *e)
{
	if (e == NULL)
		return 0;
	if (accept_has(e->ends, e->end_count, ACCEPT_REFUSED))
		return 2;
	return accept_has(e->accepts, e->accept_count, ACCEPT_REFUSED);
}

static struct want
connect_failed(struct session *s)
{
	const struct expect *e = judged_expect(s);
	int accepted = accepts_refusal(e);

	if (accepted == 0)
		return verdict_fail(s, RESULT_ERROR, CAUSE_CONNECT, false);
	s->dropped = true;      /* the others of a pipeline */
	verdict(s, &(struct ruling){ .result = RESULT_PASS, .expect = e,
	    .ends = accepted == 2, .loc = judged_step(s)->loc });
	return nothing();
}

/* An early reply beats the broken write: the loop gave it before. */
static struct want
hear_failed(struct session *s, const struct input *input)
{
	struct conn *conn = conn_of(s);
	const struct expect *e = judged_expect(s);

	s->shard->fault = *input->fault;
	if (s->kind == WANT_CONNECT) {
		hear_notes(s, input->notes);
		return connect_failed(s);
	}
	if (s->kind == WANT_TLS)
		return secure_failed(s);
	if (s->kind == WANT_SASL)
		return sasl_failed(s);
	if (!conn->peer_closed)
		conn->closing = CLOSING_RST;
	conn->peer_closed = true;
	if (act_awaits(s) && (inbox(conn).len > 0 || (e != NULL && e->closed)))
		return act_judge(s);
	return verdict_fail(s, RESULT_FAIL, CAUSE_CLOSED, true);
}

static struct want
hear_start(struct session *s)
{
	s->began_us = s->now_us;
	s->limit_us = s->now_us + (uint64_t)s->scenario->limit_ms * 1000;
	say_scenario(s, EVENT_SCENARIO_BEGIN, NULL);
	s->step_over = true;
	return nothing();
}

/* What the source has left is reported as not run: also `always`, for the run
 * has no time for it. */
static void
rest_not_run(struct session *s)
{
	const struct step *step;
	struct fault       fault;
	enum next          next;

	if (!s->stopped)
		s->source->stop(s->source);
	s->stopped = true;
	s->step = NULL;
	for (;;) {
		step = NULL;
		next = s->source->next(s->source, NULL, &step, &fault);
		if (step == NULL || next == NEXT_LATER || next == NEXT_END)
			return;
		if (next != NEXT_NOT_RUN && said(s, EVENT_STEP_BEGIN))
			say_begins(s, step);
		verdict_not_run(s, step, 0, step->group_count);
	}
}

static struct want
hear_cancel(struct session *s)
{
	bool begun = s->step != NULL && !s->draining;

	if (s->state == STATE_NEW)
		(void)hear_start(s);
	(void)fault_set(&s->shard->fault, FAULT_LIMIT, "%s",
	    s->shard->stopped == NULL ? "interrupted" : s->shard->stopped);
	if (s->worst == RESULT_ERROR)
		s->worst = RESULT_FAIL;
	session_worse(s, RESULT_ERROR, CAUSE_CANCEL);
	s->dropped = true;
	if (begun)
		verdict(s, &(struct ruling){ .result = RESULT_ERROR,
		    .cause = CAUSE_CANCEL, .fatal = true,
		    .loc = s->step->loc });
	else if (s->draining)
		verdict_drained(s);
	rest_not_run(s);
	return session_finish(s);
}

struct want
hear_input(struct session *s, const struct input *input)
{
	switch ((enum input_kind)input->kind) {
	case INPUT_START:
		return s->state == STATE_NEW ? hear_start(s) : nothing();
	case INPUT_STEP:
		s->step_over = s->state == STATE_SOURCE;
		return nothing();
	case INPUT_DONE:
		return hear_done(s, input);
	case INPUT_BYTES:
		return hear_bytes(s, input);
	case INPUT_CLOSED:
		return hear_closed(s, input);
	case INPUT_TIMEOUT:
		return hear_timeout(s, input);
	case INPUT_FAILED:
		return hear_failed(s, input);
	case INPUT_CANCEL:
		return hear_cancel(s);
	}
	return nothing();
}
