/*
 * The states of a session. Every input comes through session_input(); each
 * state has one function that says what the input means there.
 */
#include "run/session_own.h"

#include "base/mem.h"

static struct want session_input(struct actor *actor,
    const struct input *input);

void
inbox_add(struct conn *conn, struct span bytes)
{
	if (conn->inbox_at > 0) {
		buf_eat(&conn->inbox, conn->inbox_at);
		conn->inbox_at = 0;
	}
	(void)buf_add(&conn->inbox, bytes);
}

/* The octets stay where they are until the next inbox_add(). */
void
inbox_eat(struct conn *conn, size_t count)
{
	conn->inbox_at += count;
	if (conn->inbox_at >= conn->inbox.len) {
		conn->inbox_at = 0;
		buf_clear(&conn->inbox);
	}
}

static void
gone(struct actor *actor)
{
	struct session *s = (struct session *)actor;
	struct session_end end = { .result = s->worst, .cause = s->cause,
	    .code = s->code, .began_us = s->began_us, .ended_us = s->now_us,
	    .fault = s->fault.text[0] == '\0' ? NULL : &s->fault };

	s->over(s->who, s, &end);
}

struct session *
session_new(struct shard *shard, const struct scenario *scenario,
    struct source *source, struct vars *vars, uint32_t number,
    uint16_t attempt,
    void (*over)(void *, struct session *, const struct session_end *),
    void *who)
{
	struct session *s = mem_alloc(sizeof *s +
	    scenario->conn_count * sizeof *s->conns);

	s->actor = (struct actor){ .input = session_input, .gone = gone };
	s->shard = shard;
	s->scenario = scenario;
	s->source = source;
	s->vars = vars;
	s->over = over;
	s->who = who;
	s->number = number;
	s->attempt = attempt;
	s->code = -1;
	for (uint32_t i = 0; i < scenario->conn_count; i++)
		s->conns[i].inbox = buf_new(LIMIT_REPLY + LIMIT_REPLY_LINE);
	return s;
}

struct actor *
session_actor(struct session *session)
{
	return &session->actor;
}

void
session_free(struct session *s)
{
	for (uint32_t i = 0; i < s->scenario->conn_count; i++)
		buf_free(&s->conns[i].inbox);
	mem_free(s->asks);
	mem_free(s);
}

static struct want
finish(struct session *s)
{
	struct outcome outcome = { .result = s->worst, .cause = s->cause,
	    .fault = s->fault.text[0] == '\0' ? NULL : &s->fault,
	    .began_us = s->began_us, .took_us = s->now_us - s->began_us };

	s->state = STATE_OVER;
	s->last = outcome;
	s->step = NULL;
	emit(s, EVENT_SCENARIO_END, NULL, (struct span){ 0 }, false);
	return (struct want){ .kind = WANT_OVER, .conn = CONN_ALL };
}

static void
worse(struct session *s, enum result result, enum cause cause)
{
	if (result <= s->worst)
		return;
	s->worst = result;
	s->cause = cause;
	s->fault = s->shard->fault;
}

/* What no step was asked about: octets nobody read, needs nobody judged. */
static struct want
last_judgement(struct session *s)
{
	for (uint32_t i = 0; i < s->scenario->conn_count; i++) {
		struct conn *conn = &s->conns[i];
		struct span  rest = inbox(conn);

		if (rest.len == 0 || conn->desynced || s->skipped ||
		    s->scenario->proto->chatters)
			continue;
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "%zu unread octets were left at the end", rest.len);
		worse(s, RESULT_FAIL, CAUSE_NOISE);
		emit(s, EVENT_NOTE, NULL, span_of(s->shard->fault.text),
		    false);
	}
	if (s->scenario->need_count > 0 && !s->needs_judged &&
	    s->worst < RESULT_FAIL) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "its needs "
		    "could not be judged: no reply listed capabilities");
		worse(s, RESULT_ERROR, CAUSE_NEEDS);
	}
	return finish(s);
}

/* Octets may be under way behind the last reply: look once at each open
 * connection. */
static struct want
last_look(struct session *s)
{
	s->state = STATE_LAST_LOOK;
	while (s->look_at < s->scenario->conn_count) {
		uint8_t      at = s->look_at++;
		struct conn *conn = &s->conns[at];

		if (conn->open && !conn->peer_closed && !conn->desynced &&
		    s->shard->look && s->empty != at)
			return (struct want){ .kind = WANT_LOOK, .conn = at };
	}
	return last_judgement(s);
}

static struct want
source_failed(struct session *s)
{
	s->step = NULL;
	worse(s, RESULT_ERROR, CAUSE_SOURCE);
	return finish(s);
}

/* Of a pipeline each inner step is reported, and the pipeline is not. */
static void
step_begins(struct session *s, const struct step *step)
{
	const struct span none = { 0 };

	if (step->group_count == 0)
		emit(s, EVENT_STEP_BEGIN, step, none, false);
	for (uint32_t i = 0; i < step->group_count; i++)
		emit(s, EVENT_STEP_BEGIN, &step->group[i], none, false);
}

/* Asks the source, and begins the step or says why not. */
static struct want
session_advance(struct session *s)
{
	const struct outcome *last = s->last.step == NULL ? NULL : &s->last;

	for (;;) {
		const struct step *step;
		enum next next = s->source->next(s->source, last, &step,
		    &s->shard->fault);

		last = NULL;
		switch (next) {
		case NEXT_NOT_RUN:
			verdict_not_run(s, step);
			continue;
		case NEXT_LATER:
			s->state = STATE_SOURCE;
			return (struct want){ .kind = WANT_STEP,
			    .due_us = s->limit_us };
		case NEXT_END:
			return last_look(s);
		case NEXT_FAULT:
			s->step = step;
			if (step == NULL)
				return source_failed(s);
			s->step_us = s->now_us;
			emit(s, EVENT_STEP_BEGIN, step, (struct span){ 0 },
			    false);
			return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN,
			    false);
		case NEXT_STEP:
			break;
		}
		s->step = step;
		s->step_us = s->now_us;
		step_begins(s, step);
		if (step->pause_ms > 0) {
			s->state = STATE_PAUSE;
			s->limit_us += (uint64_t)step->pause_ms * 1000;
			return (struct want){ .kind = WANT_TIMER,
			    .ms = step->pause_ms, .due_us = s->now_us +
			    (uint64_t)step->pause_ms * 1000 };
		}
		s->state = STATE_ACT;
		return act_begin(s);
	}
}

static uint32_t
wait_ms(const struct session *s, const struct step *step)
{
	const struct expect *e = s->which < step->expect_count ?
	    &step->expects[s->which] : NULL;
	uint32_t ms = step->timeout_ms > 0 ? step->timeout_ms :
	    s->scenario->timeout_ms;

	if (e != NULL && e->silence)
		return e->within_ms > 0 ? e->within_ms : 1000;
	return e != NULL && e->within_ms > ms ? e->within_ms : ms;
}

/* Waits for octets of the reply that is judged now. */
struct want
session_await(struct session *s)
{
	const struct step   *step = judged_step(s);
	const struct expect *e = s->which < step->expect_count ?
	    &step->expects[s->which] : NULL;
	uint64_t due = s->acted_us + (uint64_t)wait_ms(s, step) * 1000;

	/* Explicit waits extend the scenario's limit. */
	if (e != NULL && (e->silence || e->within_ms > 0) &&
	    s->due_us != due && s->limit_us < UINT64_MAX / 2)
		s->limit_us += (uint64_t)wait_ms(s, step) * 1000;
	s->state = STATE_REPLY;
	s->due_us = due;
	return (struct want){ .kind = WANT_REPLY, .conn = s->step->conn,
	    .due_us = due < s->limit_us ? due : s->limit_us };
}

static void
opened(struct session *s, const struct input *input)
{
	struct conn *conn = conn_of(s);

	conn->open = true;
	conn->peer_closed = conn->desynced = false;
	conn->facts = input->facts;
	conn->talk = (struct talk){ 0 };
	conn->inbox_at = 0;
	buf_clear(&conn->inbox);
}

static struct want
nothing(void)
{
	return (struct want){ .kind = WANT_NOTHING };
}

static struct want
on_bytes(struct session *s, const struct input *input)
{
	struct conn *conn = &s->conns[input->conn];

	emit_received(s, input->conn, input->bytes);
	if (s->state == STATE_REPLY && s->step->conn == input->conn)
		return judge_bytes(s, input->bytes);
	inbox_add(conn, input->bytes);
	return nothing();
}

static struct want
on_closed(struct session *s, const struct input *input)
{
	struct conn *conn = &s->conns[input->conn];

	conn->peer_closed = true;
	conn->closing = input->closing;
	if (s->state == STATE_REPLY && s->step->conn == input->conn)
		return judge_bytes(s, (struct span){ 0 });
	return nothing();
}

static struct want
on_done(struct session *s, const struct input *input)
{
	switch ((enum state)s->state) {
	case STATE_PAUSE:
		s->state = STATE_ACT;
		return act_begin(s);
	case STATE_LOOK: {
		struct want want;

		s->state = STATE_ACT;
		return judge_unsolicited(s, &want) ? act_plan(s) : want;
	}
	case STATE_ACT:
		if (input->facts != NULL)
			opened(s, input);
		return act_follow(s, input, NULL);
	case STATE_LAST_LOOK:
		return last_look(s);
	case STATE_NEW: case STATE_SOURCE: case STATE_REPLY: case STATE_OVER:
		break;
	}
	return nothing();
}

static bool
past_limit(struct session *s)
{
	if (s->now_us < s->limit_us)
		return false;
	(void)fault_set(&s->shard->fault, FAULT_LIMIT, "the scenario took "
	    "longer than its limit of %u s", s->scenario->limit_ms / 1000);
	return true;
}

static struct want
on_timeout(struct session *s)
{
	switch ((enum state)s->state) {
	case STATE_REPLY:
		return judge_timeout(s);
	case STATE_SOURCE:
		s->step = NULL;
		(void)past_limit(s);
		return source_failed(s);
	case STATE_ACT:
		if (!past_limit(s))
			(void)fault_set(&s->shard->fault, FAULT_CONNECT,
			    "the server did not take the octets within "
			    "%u.%u s", wait_ms(s, judged_step(s)) / 1000,
			    wait_ms(s, judged_step(s)) % 1000 / 100);
		return verdict_fail(s, RESULT_FAIL, CAUSE_TIMEOUT, true);
	case STATE_NEW: case STATE_PAUSE: case STATE_LOOK:
	case STATE_LAST_LOOK: case STATE_OVER:
		break;
	}
	return nothing();
}

static bool
accepts_refusal(const struct step *step)
{
	return step->verb != NULL && step->verb->opens &&
	    step->expect_count > 0 && (accept_has(step->expects[0].accepts,
	    step->expects[0].accept_count, ACCEPT_REFUSED) ||
	    accept_has(step->expects[0].ends, step->expects[0].end_count,
	    ACCEPT_REFUSED));
}

/* An early reply beats the broken write: the loop gave it before. A broken
 * write is also how a close shows that the author expects. */
static struct want
on_failed(struct session *s, const struct input *input)
{
	const struct step   *step = judged_step(s);
	const struct expect *e = judged_expect(s);
	bool opens = step->verb != NULL && step->verb->opens;
	struct conn *conn = conn_of(s);

	s->shard->fault = *input->fault;
	if (accepts_refusal(step)) {
		verdict(s, &(struct ruling){ .result = RESULT_PASS,
		    .expect = &step->expects[0], .loc = step->loc });
		return nothing();
	}
	if (!opens) {
		conn->peer_closed = true;
		conn->closing = CLOSING_RST;
		if ((inbox(conn).len > 0 || (e != NULL && e->closed)) &&
		    step_awaits(s, step)) {
			s->acted_us = s->now_us;
			judge_begin(s);
			return judge_bytes(s, (struct span){ 0 });
		}
	}
	return verdict_fail(s, opens ? RESULT_ERROR : RESULT_FAIL,
	    opens ? CAUSE_CONNECT : CAUSE_CLOSED, true);
}

static struct want
cancel(struct session *s)
{
	(void)fault_set(&s->shard->fault, FAULT_LIMIT, "interrupted");
	worse(s, RESULT_ERROR, CAUSE_CANCEL);
	if (s->step != NULL && s->state != STATE_LAST_LOOK &&
	    s->state != STATE_SOURCE) {
		struct ruling ruling = { .result = RESULT_ERROR,
		    .cause = CAUSE_CANCEL, .fatal = true,
		    .loc = s->step->loc };

		verdict(s, &ruling);
	}
	s->worst = RESULT_ERROR;
	s->cause = CAUSE_CANCEL;
	return finish(s);
}

static struct want
start(struct session *s)
{
	s->began_us = s->now_us;
	s->limit_us = s->now_us + (uint64_t)s->scenario->limit_ms * 1000;
	emit(s, EVENT_SCENARIO_BEGIN, NULL, (struct span){ 0 }, false);
	s->step_over = true;
	return nothing();
}

static struct want
dispatch(struct session *s, const struct input *input)
{
	switch ((enum input_kind)input->kind) {
	case INPUT_START:
		return start(s);
	case INPUT_STEP:
		s->step_over = s->state == STATE_SOURCE;
		return nothing();
	case INPUT_DONE:
		return on_done(s, input);
	case INPUT_BYTES:
		return on_bytes(s, input);
	case INPUT_CLOSED:
		return on_closed(s, input);
	case INPUT_TIMEOUT:
		return on_timeout(s);
	case INPUT_FAILED:
		return on_failed(s, input);
	case INPUT_CANCEL:
		return cancel(s);
	}
	return nothing();
}

/* A step that is over is followed by the next one here and nowhere deeper, so
 * that ten thousand steps without a wait cost no stack. */
static struct want
session_input(struct actor *actor, const struct input *input)
{
	struct session *s = (struct session *)actor;
	struct want     want;

	s->now_us = input->at_us;
	s->empty = input->all ? input->conn : CONN_ALL;
	if (s->state == STATE_OVER)
		return nothing();
	want = dispatch(s, input);
	while (s->step_over && s->state != STATE_OVER) {
		s->step_over = false;
		want = session_advance(s);
	}
	return want;
}
