/*
 * Acts: a verb plans, and here its want gets what the session alone knows:
 * the connection, the deadline, the pipeline's octets in one write.
 */
#include "run/session_own.h"

#include "base/mem.h"

bool
step_awaits(const struct session *s, const struct step *step)
{
	const struct verb  *verb = step->verb;
	const struct proto *proto = s->scenario->proto;

	if (step->expect_count > 0 || verb == NULL)
		return true;
	if (step->owes || !verb->awaits)
		return false;
	if (verb->awaits_of != NULL && !verb->awaits_of(step->args))
		return false;
	return verb->opens ? proto->greets : proto->awaits;
}

static struct plan
plan_of(struct session *s)
{
	return (struct plan){ .vars = s->vars, .proto = s->scenario->proto,
	    .talk = &conn_of(s)->talk, .out = &s->shard->out, .at = s->at,
	    .round = s->round };
}

static void
plan_keep(struct session *s, const struct plan *plan)
{
	s->at = plan->at;
	s->round = plan->round;
}

static void
emit_sent(struct session *s, const struct step *step, struct span bytes,
    bool secret, bool made)
{
	uint32_t wants = s->shard->bus->wants;

	if ((wants & EVENT_BIT(EVENT_SENT)) != 0 ||
	    ((wants & EVENT_SENT_MADE) != 0 && (made || secret ||
	    step->label.len == 0)))
		emit_event(s, EVENT_SENT, step, bytes, secret);
}

/* Fills in what the session knows, and tells the journal. */
static struct want
want_send(struct session *s, const struct step *step, struct want want,
    bool secret)
{
	uint32_t ms = step->timeout_ms > 0 ? step->timeout_ms :
	    s->scenario->timeout_ms;

	want.conn = s->step->conn;
	want.secret = secret || step->secret;
	s->then = want.then;
	s->kind = want.kind;
	switch ((enum want_kind)want.kind) {
	case WANT_TIMER:
		want.due_us = s->now_us + (uint64_t)want.ms * 1000;
		s->limit_us += (uint64_t)want.ms * 1000;
		break;
	case WANT_WRITE:
		emit_sent(s, step, want.bytes, want.secret, want.made);
		want.due_us = s->now_us + (uint64_t)ms * 1000;
		break;
	case WANT_CONNECT:
		/* The loop has its own deadlines for names and addresses. */
		want.due_us = 0;
		break;
	case WANT_NOTHING: case WANT_STEP: case WANT_LOOK: case WANT_REPLY:
	case WANT_CLOSE: case WANT_HALF_CLOSE: case WANT_ABORT:
	case WANT_OVER:
		break;
	}
	if (want.due_us > s->limit_us && want.kind != WANT_TIMER)
		want.due_us = s->limit_us;
	return want;
}

static struct want
step_passes(struct session *s, const struct step *step)
{
	verdict(s, &(struct ruling){ .result = RESULT_PASS,
	    .loc = step->loc });
	return (struct want){ .kind = WANT_NOTHING };
}

/* Is there a connection to act on? */
static bool
conn_check(struct session *s, const struct step *step)
{
	const struct verb *verb = step->verb;
	struct conn       *conn = conn_of(s);

	if (verb != NULL && verb->wireless)
		return true;
	if (verb != NULL && verb->opens)
		return !conn->open || conn->peer_closed ||
		    fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "the connection '%.*s' is open already",
		    SPAN_ARG(s->scenario->conns[step->conn]));
	if (!conn->open)
		return fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "the connection '%.*s' is not open",
		    SPAN_ARG(s->scenario->conns[step->conn]));
	return true;
}

/* `always` needs a connection that can still be judged. */
static bool
always_skips(struct session *s, const struct step *step)
{
	const struct conn *conn = conn_of(s);
	const struct verb *verb = step->verb;

	if (!step->always || (verb != NULL && (verb->wireless ||
	    verb->opens)))
		return false;
	return !conn->open || conn->desynced || conn->peer_closed;
}

/* An act on a connection that the server has closed, with nothing to read. */
static bool
closed_before(struct session *s, const struct step *first)
{
	struct conn *conn = conn_of(s);

	if (!conn->peer_closed || first->verb == NULL ||
	    first->verb->wireless || first->verb->opens ||
	    !step_awaits(s, first) || inbox(conn).len > 0)
		return false;
	return !fault_set(&s->shard->fault, FAULT_CONNECT,
	    "the server has closed the connection before this act");
}

struct want
act_begin(struct session *s)
{
	const struct step *step = s->step;
	const struct step *first = step->group_count > 0 ? &step->group[0] :
	    step;

	s->at = s->round = 0;
	s->inner = s->which = 0;
	s->sized = s->draining = false;
	s->ask = (struct ask){ 0 };
	if (always_skips(s, first)) {
		verdict_not_run(s, step);
		s->step_over = true;
		return (struct want){ .kind = WANT_NOTHING };
	}
	if (!conn_check(s, first))
		return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, false);
	if (closed_before(s, first))
		return verdict_fail(s, RESULT_FAIL, CAUSE_CLOSED, true);
	if (step->verb == NULL && step->group_count == 0) {
		/* Octets may be here already: they are what it awaits. */
		s->acted_us = s->now_us;
		judge_begin(s);
		return judge_bytes(s, (struct span){ 0 });
	}
	if (s->shard->look && s->empty != step->conn && !first->verb->opens &&
	    !first->verb->wireless && step_awaits(s, first) &&
	    !conn_of(s)->peer_closed) {
		s->state = STATE_LOOK;
		return (struct want){ .kind = WANT_LOOK, .conn = step->conn };
	}
	if (!first->verb->opens && !first->verb->wireless &&
	    step_awaits(s, first)) {
		struct want want;

		if (!judge_unsolicited(s, &want))
			return want;
	}
	return act_plan(s);
}

/* One step's octets behind those of the steps before it. */
static bool
group_add(struct session *s, const struct step *step, struct ask *ask,
    struct fault *fault)
{
	struct plan plan = plan_of(s);
	struct want want;
	bool        fine = step->verb->plan(step->args, &plan, &want, fault);

	*ask = plan.ask;
	while (fine) {
		const char *end = plan.out->ptr + plan.out->len;

		if (want.kind != WANT_WRITE)
			return fault_set(fault, FAULT_SCENARIO,
			    "'%s' cannot be part of one write",
			    step->verb->name);
		if (want.bytes.ptr + want.bytes.len != end &&
		    !buf_add(plan.out, want.bytes))
			return fault_set(fault, FAULT_LIMIT, "the pipeline is "
			    "longer than %zu KiB", plan.out->max / KIB);
		if (want.then != THEN_FOLLOW)
			return true;
		fine = step->verb->follow(step->args, &plan, NULL, NULL, &want,
		    fault);
	}
	return false;
}

static struct want
group_plan(struct session *s)
{
	const struct step *group = s->step->group;
	uint32_t     count = s->step->group_count;
	uint32_t     from = group[0].verb->opens ? 1 : 0;
	struct want  want = { .kind = WANT_WRITE };

	if (from == 1 && s->round == 0) {
		struct plan plan = plan_of(s);

		s->round = 1;
		(void)group[0].verb->plan(group[0].args, &plan, &want,
		    &s->shard->fault);
		want.then = THEN_FOLLOW;
		return want_send(s, &group[0], want, false);
	}
	s->asks = mem_resize(s->asks, count * sizeof *s->asks);
	memset(s->asks, 0, count * sizeof *s->asks);
	buf_clear(&s->shard->out);
	for (uint32_t i = from; i < count; i++) {
		size_t before = s->shard->out.len;

		s->at = 0;
		if (group[i].verb != NULL && !group_add(s, &group[i],
		    &s->asks[i], &s->shard->fault))
			return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN,
			    false);
		emit_sent(s, &group[i], span_from(buf_span(&s->shard->out),
		    before), s->asks[i].secret || group[i].secret, true);
	}
	want.bytes = buf_span(&s->shard->out);
	want.conn = s->step->conn;
	want.then = THEN_JUDGE;
	want.due_us = s->now_us + (uint64_t)s->scenario->timeout_ms * 1000;
	s->then = THEN_JUDGE;
	s->kind = WANT_WRITE;
	return want;
}

struct want
act_plan(struct session *s)
{
	const struct step *step = s->step;
	struct plan plan = plan_of(s);
	struct want want;

	s->state = STATE_ACT;
	if (step->group_count > 0)
		return group_plan(s);
	buf_clear(&s->shard->out);
	if (!step->verb->plan(step->args, &plan, &want, &s->shard->fault))
		return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, false);
	plan_keep(s, &plan);
	s->ask = plan.ask;
	if (want.kind == WANT_NOTHING)
		return step_passes(s, step);
	return want_send(s, step, want, s->ask.secret);
}

/* We closed it: what nobody read is lost, and that fails the step. */
static struct want
conn_over(struct session *s)
{
	const struct step *step = s->step;
	struct conn *conn = conn_of(s);
	size_t       unread = s->kind == WANT_CLOSE ? inbox(conn).len : 0;

	conn->open = false;
	inbox_eat(conn, conn->inbox.len);
	if (step->expect_count > 0) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "nothing can come after we closed the connection");
		return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, false);
	}
	if (unread > 0) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "%zu unread "
		    "octets were left when the connection was closed", unread);
		return verdict_fail(s, RESULT_FAIL, CAUSE_NOISE, false);
	}
	return step_passes(s, step);
}

/* What comes after a want is done, or (reply given) after a round's reply. */
struct want
act_follow(struct session *s, const struct input *input,
    const struct reply *reply)
{
	const struct step *step = s->step;
	struct plan plan;
	struct want want;

	if (step->group_count > 0) {
		if (s->then == THEN_FOLLOW)
			return group_plan(s);
		s->acted_us = s->now_us;
		judge_begin(s);
		return judge_bytes(s, (struct span){ 0 });
	}
	if (reply != NULL || s->then == THEN_FOLLOW) {
		s->state = STATE_ACT;
		s->round++;
		plan = plan_of(s);
		buf_clear(&s->shard->out);
		if (s->round > LIMIT_CHUNKS || !step->verb->follow(step->args,
		    &plan, input, reply, &want, &s->shard->fault))
			return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, true);
		plan_keep(s, &plan);
		return want.kind == WANT_NOTHING ? step_passes(s, step) :
		    want_send(s, step, want, s->ask.secret);
	}
	if (s->kind == WANT_CLOSE || s->kind == WANT_ABORT)
		return conn_over(s);
	if (!step_awaits(s, step) || s->then == THEN_END)
		return step_passes(s, step);
	s->acted_us = s->now_us;
	judge_begin(s);
	return judge_bytes(s, (struct span){ 0 });
}
