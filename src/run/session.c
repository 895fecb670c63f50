/*
 * Birth and end of a session, and what follows a step that is over. Every
 * input comes through session_input(); hear.c says what it means.
 */
#include "run/session_own.h"

#include "base/mem.h"

enum { OFFERS_MAX = 16 * KIB }; /* mechanisms: what is more is not told */

static struct want session_input(struct actor *actor,
    const struct input *input);

void
inbox_add(struct conn *conn, struct span bytes)
{
	if (conn->inbox_at > 0) {
		buf_eat(&conn->inbox, conn->inbox_at);
		conn->inbox_at = 0;
	}
	if (!buf_add(&conn->inbox, bytes))
		conn->flooded = true;
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
	    .fault = s->fault };

	s->over(s->who, s, &end);
}

static void
conns_begin(struct session *s, uint32_t from)
{
	for (uint32_t i = from; i < s->conn_count; i++) {
		s->conns[i].inbox = buf_new(LIMIT_REPLY + LIMIT_REPLY_LINE);
		s->conns[i].offers = buf_new(OFFERS_MAX);
	}
}

/* A script names its connections as it comes to them. */
static void
conns_grow(struct session *s, uint32_t count)
{
	struct conn *more = mem_alloc(count * sizeof *more);
	uint32_t     from = s->conn_count;

	memcpy(more, s->conns, from * sizeof *more);
	if (s->conns != s->own)
		mem_free(s->conns);
	s->conns = more;
	s->conn_count = count;
	conns_begin(s, from);
}

struct session *
session_new(struct shard *shard, const struct scenario *scenario,
    struct source *source, struct vars *vars, uint32_t number,
    uint16_t attempt,
    void (*over)(void *, struct session *, const struct session_end *),
    void *who)
{
	struct session *s = mem_alloc(sizeof *s +
	    scenario->conn_count * sizeof *s->own);

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
	s->simple = scenario->mentions == 0 && scenario->need_count == 0 &&
	    !scenario->exchanges && scenario->proto->replies == NULL;
	s->conns = s->own;
	s->conn_count = scenario->conn_count;
	s->kept = buf_new(LIMIT_REPLY + LIMIT_REPLY_LINE);
	s->aside = buf_new(2 * OFFERS_MAX);
	s->said = buf_new(LIMIT_SHOWN);
	conns_begin(s, 0);
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
	for (uint32_t i = 0; i < s->conn_count; i++) {
		buf_free(&s->conns[i].inbox);
		buf_free(&s->conns[i].offers);
		mem_free(s->conns[i].owed);
	}
	if (s->conns != s->own)
		mem_free(s->conns);
	mem_free(s->asks);
	buf_free(&s->kept);
	buf_free(&s->aside);
	buf_free(&s->said);
	mem_free(s->fault);
	mem_free(s->warned);
	mem_free(s);
}

/* ---- the end ---------------------------------------------------------------- */

struct want
session_finish(struct session *s)
{
	struct outcome outcome = { .result = s->worst, .cause = s->cause,
	    .fault = s->fault, .began_us = s->began_us,
	    .took_us = s->now_us - s->began_us };

	s->state = STATE_OVER;
	s->step = NULL;
	say_scenario(s, EVENT_SCENARIO_END, &outcome);
	return (struct want){ .kind = WANT_OVER, .conn = CONN_ALL };
}

void
session_worse(struct session *s, enum result result, enum cause cause)
{
	if (result <= s->worst)
		return;
	s->worst = result;
	s->cause = cause;
	s->code = -1;
	if (s->fault == NULL)
		s->fault = mem_alloc(sizeof *s->fault);
	*s->fault = s->shard->fault;
}

/* What no step was asked about: octets nobody read, needs nobody judged. */
static struct want
last_judgement(struct session *s)
{
	for (uint8_t i = 0; i < s->conn_count; i++) {
		struct conn *conn = &s->conns[i];
		struct span  rest = inbox(conn);

		if (rest.len == 0 || conn->desynced || s->skipped ||
		    s->scenario->proto->chatters)
			continue;
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "the server sent %zu octets that no step had awaited",
		    rest.len);
		say_note(s, i);
		session_worse(s, RESULT_FAIL, CAUSE_NOISE);
	}
	if (s->scenario->need_count > 0 && !s->needs_judged &&
	    s->worst < RESULT_SKIP) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "its needs "
		    "could not be judged: no reply listed capabilities");
		session_worse(s, RESULT_ERROR, CAUSE_NEEDS);
	}
	return session_finish(s);
}

/* Octets may be under way behind the last reply: look once at each open
 * connection. */
struct want
session_last_look(struct session *s)
{
	s->state = STATE_LAST_LOOK;
	while (s->look_at < s->conn_count) {
		uint8_t      at = s->look_at++;
		struct conn *conn = &s->conns[at];

		if (conn->open && !conn->peer_closed && !conn->desynced &&
		    s->shard->look && s->empty != at)
			return (struct want){ .kind = WANT_LOOK, .conn = at };
	}
	return last_judgement(s);
}

bool
session_past_limit(struct session *s)
{
	char took[24];

	if (s->now_us < s->limit_us)
		return false;
	(void)fault_set(&s->shard->fault, FAULT_LIMIT, "the scenario took "
	    "longer than its limit of %s", say_ms(s->scenario->limit_ms,
	    took));
	return true;
}

/* ---- from step to step ------------------------------------------------------ */

static void
step_take(struct session *s, const struct step *step)
{
	s->step = step;
	if (step->conn >= s->conn_count)
		conns_grow(s, step->conn + 1U);
	s->step_us = s->now_us;
	s->at = s->round = 0;
	s->inner = s->which = s->total = 0;
	s->sized = s->parsed = s->draining = s->dropped = false;
	s->early = s->answering = s->answered = false;
	s->looked = s->waited = s->told = false;
	s->rounding = s->turns = s->midway = false;
	s->then = THEN_JUDGE;
	s->secured = NULL;
	s->ended = false;
	buf_clear(&s->aside);
	buf_clear(&s->kept);
	s->plain = step->plain && s->simple;
	if (step->round > 0)
		s->rounds = true;
	s->secret = step->secret;
	s->ask = (struct ask){ 0 };
	s->last.step = NULL;
	s->last.result = RESULT_PASS;
	if (said(s, EVENT_STEP_BEGIN))
		say_begins(s, step);
	if (step->verb != NULL)
		s->conns[step->conn].exchanged = step->verb->continues;
	/* Whatever took so long, the end gets its time. */
	if (step->always && !s->grace && s->now_us >= s->limit_us) {
		s->grace = true;
		s->limit_us = s->now_us + LIMIT_REPLY_MS * UINT64_C(1000);
	}
}

static struct want
step_begin(struct session *s, const struct step *step)
{
	uint64_t pause_us = (uint64_t)step->pause_ms * 1000;

	step_take(s, step);
	s->state = STATE_ACT;
	if (pause_us == 0)
		return act_begin(s);
	s->state = STATE_PAUSE;
	s->limit_us += pause_us;
	return (struct want){ .kind = WANT_TIMER, .ms = step->pause_ms,
	    .due_us = s->now_us + pause_us };
}

/* The source could not make its next step, or judges for itself. */
static struct want
source_verdict(struct session *s, const struct step *step, enum next next)
{
	enum result result = next == NEXT_SKIP ? RESULT_SKIP :
	    next == NEXT_FAIL ? RESULT_FAIL : RESULT_ERROR;
	enum cause  cause = next == NEXT_SKIP ? CAUSE_NEEDS :
	    next == NEXT_FAIL ? CAUSE_MATCH : CAUSE_PLAN;

	if (step == NULL) {
		session_worse(s, result, next == NEXT_FAULT ? CAUSE_SOURCE :
		    cause);
		return session_finish(s);
	}
	step_take(s, step);
	(void)verdict_fail(s, result, cause, false);
	s->source->trace = (struct span){ NULL, 0 };
	return (struct want){ .kind = WANT_NOTHING };
}

static struct want
session_advance(struct session *s)
{
	const struct outcome *last = s->last.step == NULL ? NULL : &s->last;

	s->source->now_us = s->now_us;
	s->step = NULL;
	for (;;) {
		const struct step *step = NULL;
		enum next next = s->source->next(s->source, last, &step,
		    &s->shard->fault);

		last = NULL;
		switch (next) {
		case NEXT_NOT_RUN:
			verdict_not_run(s, step, 0, step->group_count);
			continue;
		case NEXT_LATER:
			s->last.step = NULL;
			s->state = STATE_SOURCE;
			return (struct want){ .kind = WANT_STEP,
			    .due_us = s->limit_us };
		case NEXT_END:
			return session_last_look(s);
		case NEXT_NOTE:
			say_text(s, EVENT_SAID, 0, s->source->note);
			continue;
		case NEXT_SKIP: case NEXT_FAIL: case NEXT_FAULT:
			return source_verdict(s, step, next);
		case NEXT_STEP:
			return step_begin(s, step);
		}
	}
}

static uint32_t
wait_ms(const struct session *s, const struct step *step,
    const struct expect *e)
{
	uint32_t ms = step->timeout_ms > 0 ? step->timeout_ms :
	    s->scenario->timeout_ms;

	if (e != NULL && e->silence)
		return e->within_ms > 0 ? e->within_ms : 1000;
	return e != NULL && e->within_ms > ms ? e->within_ms : ms;
}

/* Waits that the author wrote down do not count for the scenario's limit. What
 * a plain step expects says nothing of time. */
uint64_t
session_due(struct session *s)
{
	const struct step   *step = s->plain ? s->step : judged_step(s);
	const struct expect *e = s->plain ? NULL : judged_expect(s);

	s->wait_ms = wait_ms(s, step, e);
	if (!s->waited && (step->timeout_ms > 0 || (e != NULL &&
	    (e->silence || e->within_ms > 0)) ||
	    s->scenario->timeout_ms > LIMIT_REPLY_MS)) {
		s->waited = true;
		s->limit_us += (uint64_t)s->wait_ms * 1000;
	}
	s->due_us = s->acted_us + (uint64_t)s->wait_ms * 1000;
	return s->due_us < s->limit_us ? s->due_us : s->limit_us;
}

struct want
session_await(struct session *s)
{
	s->state = STATE_REPLY;
	return (struct want){ .kind = WANT_REPLY, .conn = s->step->conn,
	    .due_us = session_due(s) };
}

/* A step that is over is followed by the next one here and nowhere deeper, so
 * that ten thousand steps without a wait cost no stack. */
static struct want
session_go_on(struct session *s)
{
	bool spent = sasl_spent(s);

	for (;;) {
		struct want want;

		s->step_over = false;
		want = session_advance(s);
		if (!s->step_over || s->state == STATE_OVER) {
			want.spent = spent;
			return want;
		}
	}
}

static struct want
session_input(struct actor *actor, const struct input *input)
{
	struct session *s = (struct session *)actor;
	struct want     want;

	if (s->state == STATE_OVER)
		return (struct want){ .kind = WANT_NOTHING };
	s->now_us = input->at_us;
	s->empty = input->all ? input->conn : CONN_ALL;
	if (input->written)
		act_written(s);
	want = hear_input(s, input);
	return s->step_over && s->state != STATE_OVER ? session_go_on(s) :
	    want;
}
