/*
 * Acts: a verb plans, and here its want gets what the session alone knows:
 * the connection, the deadline, the pipeline's octets in one write.
 */
#include "run/session_own.h"

#include "base/mem.h"

struct plan
act_plan_of(struct session *s)
{
	return (struct plan){ .vars = s->vars, .proto = s->scenario->proto,
	    .talk = &conn_of(s)->talk,
	    .ask = { .wide = conn_of(s)->talk.wide }, .out = &s->shard->out, .at = s->at,
	    .round = s->round };
}

static void
plan_keep(struct session *s, const struct plan *plan)
{
	s->at = plan->at;
	s->round = plan->round;
}

/* No want but a pause outlasts the scenario. */
static struct want
want_bound(struct session *s, struct want want, uint32_t ms)
{
	s->then = want.then;
	s->kind = want.kind;
	s->midway = want.midway;
	s->wait_ms = ms;
	want.conn = s->step->conn;
	want.due_us = s->now_us + (uint64_t)ms * 1000;
	if (want.due_us > s->limit_us)
		want.due_us = s->limit_us;
	return want;
}

static uint32_t
timeout_of(const struct session *s, const struct step *step)
{
	return step->timeout_ms > 0 ? step->timeout_ms :
	    s->scenario->timeout_ms;
}

/* Is there nothing to do at the write's end but to wait for octets of the
 * reply, as long as for the write? */
static bool
is_lazy(struct session *s, const struct step *step, const struct want *want)
{
	const struct conn *conn = conn_of(s);

	if (want->then == THEN_FOLLOW || want->then == THEN_END ||
	    conn->inbox.len > 0 || conn->peer_closed || conn->flooded ||
	    count_none(s))
		return false;
	return step->usual || (step->group_count == 0 &&
	    step_awaits(s, step) && (step->expect_count == 0 ||
	    (!step->expects->silence && step->expects->within_ms == 0)));
}

struct want
act_bound(struct session *s, struct want want)
{
	return want_bound(s, want, timeout_of(s, judged_step(s)));
}

/* Fills in what the session knows, and tells the journal. */
struct want
act_send(struct session *s, const struct step *step, struct want *want,
    bool secret)
{
	want->secret = s->secret = s->secret || secret || step->secret;
	if (want->kind == WANT_WRITE) {
		say_sent(s, step, want->bytes, want->secret, want->made);
		if (!is_lazy(s, step, want))
			return want_bound(s, *want, timeout_of(s, step));
		want->lazy = true;
		want->conn = step->conn;
		s->then = want->then;
		s->kind = want->kind;
		s->midway = want->midway;
		s->acted_us = s->now_us;
		want->due_us = session_due(s);
		return *want;
	}
	if (want->kind == WANT_TLS)
		return secure_begin(s, want);
	if (want->kind == WANT_SASL)
		return sasl_begin(s, *want);
	want->conn = s->step->conn;
	want->due_us = 0;       /* the loop has its own for names, addresses */
	s->then = want->then;
	s->kind = want->kind;
	s->midway = want->midway;
	if (want->kind == WANT_TIMER) {
		want->due_us = s->now_us + (uint64_t)want->ms * 1000;
		s->limit_us += (uint64_t)want->ms * 1000;
	}
	if (want->kind == WANT_CONNECT)
		conn_of(s)->facts = NULL;
	return *want;
}

/* Octets that nobody read are never dropped without a word: here they would
 * go with the connection. */
bool
act_unread_lost(struct session *s)
{
	struct conn *conn = conn_of(s);
	size_t       unread = inbox(conn).len;

	if (conn->desynced || s->scenario->proto->chatters || unread == 0)
		return false;
	inbox_eat(conn, unread);
	return !fault_set(&s->shard->fault, FAULT_SCENARIO, "the server had "
	    "sent %zu octets that no step had awaited", unread);
}

/* Octets may wait to be read, unless that was found out just now. */
bool
act_looks(struct session *s)
{
	return s->shard->look && s->empty != s->step->conn &&
	    !conn_of(s)->peer_closed;
}

/* ---- pipelines -------------------------------------------------------------- */

/* Did the verb put them there itself? */
static bool
is_tail(struct span bytes, const struct buf *out)
{
	return bytes.len > 0 && bytes.len <= out->len &&
	    bytes.ptr == out->ptr + (out->len - bytes.len);
}

/* One step's octets behind those of the steps before it. All of its rounds
 * leave at once, but a handshake comes behind its reply. */
static bool
group_add(struct session *s, const struct step *step, struct ask *ask,
    struct fault *fault)
{
	struct plan plan = act_plan_of(s);
	struct want want;
	uint32_t    rounds = 0;
	bool        fine = step->verb->plan(step->args, &plan, &want, fault);

	while (fine) {
		*ask = plan.ask;
		ask->before = rounds;
		if (want.kind != WANT_WRITE)
			return fault_set(fault, FAULT_SCENARIO,
			    "'%s' cannot be part of one write",
			    step->verb->name);
		if (!is_tail(want.bytes, plan.out) &&
		    !buf_add(plan.out, want.bytes))
			return fault_set(fault, FAULT_LIMIT, "the pipeline is "
			    "longer than %zu KiB", plan.out->max / KIB);
		if (step->verb->secures ||
		    (want.then != THEN_FOLLOW && want.then != THEN_ROUND))
			return true;
		rounds += want.then == THEN_ROUND;
		fine = step->verb->follow(step->args, &plan, NULL, NULL, &want,
		    fault);
	}
	return false;
}

/* The inner step `at` could not be made: nothing of the pipeline was sent. */
static struct want
group_fails(struct session *s, uint32_t at)
{
	verdict_not_run(s, s->step, 0, at);
	s->inner = at;
	s->dropped = true;
	return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, s->round > 0);
}

static struct want
group_connect(struct session *s)
{
	const struct step *first = &s->step->group[0];
	struct plan plan = act_plan_of(s);
	struct want want;

	s->round = 1;
	(void)first->verb->plan(first->args, &plan, &want, &s->shard->fault);
	s->group_more = want.then == THEN_FOLLOW;
	want.then = THEN_FOLLOW;
	return act_send(s, first, &want, false);
}

/* What belongs to the connect comes before the octets of the others. */
static struct want
group_goes_on(struct session *s, const struct input *input)
{
	const struct step *first = &s->step->group[0];
	struct plan plan = act_plan_of(s);
	struct want want;

	buf_clear(&s->shard->out);
	if (!first->verb->follow(first->args, &plan, input, NULL, &want,
	    &s->shard->fault))
		return group_fails(s, 0);
	plan_keep(s, &plan);
	s->group_more = want.then == THEN_FOLLOW;
	want.then = THEN_FOLLOW;
	return act_send(s, first, &want, false);
}

static struct want
group_plan(struct session *s)
{
	const struct step *group = s->step->group;
	uint32_t     count = s->step->group_count;
	uint32_t     from = group[0].verb != NULL && group[0].verb->opens;
	struct buf  *out = &s->shard->out;
	struct want  want = { .kind = WANT_WRITE, .then = THEN_JUDGE };

	if (from == 1 && s->round == 0)
		return group_connect(s);
	s->asks = mem_resize(s->asks, count * sizeof *s->asks);
	memset(s->asks, 0, count * sizeof *s->asks);
	buf_clear(out);
	for (uint32_t i = from; i < count; i++) {
		size_t before = out->len;

		s->at = 0;
		if (group[i].verb == NULL)
			continue;
		if (!group_add(s, &group[i], &s->asks[i], &s->shard->fault))
			return group_fails(s, i);
		want.secret = want.secret || s->asks[i].secret ||
		    group[i].secret;
		say_sent(s, &group[i], span_from(buf_span(out), before),
		    s->asks[i].secret, true);
	}
	s->secret = s->secret || want.secret;
	want.bytes = buf_span(out);
	return want_bound(s, want, timeout_of(s, s->step));
}

/* ---- single acts ------------------------------------------------------------ */

struct want
act_judge(struct session *s)
{
	s->acted_us = s->now_us;
	judge_begin(s);
	return judge_bytes(s, (struct span){ 0 });
}

void
act_written(struct session *s)
{
	judge_begin(s);
}

/* A later step expects its reply. */
static void
owed_keep(struct session *s)
{
	struct conn *conn = conn_of(s);

	conn->owed = mem_resize(conn->owed,
	    (conn->owed_count + 1U) * sizeof *conn->owed);
	conn->owed[conn->owed_count++] = s->ask;
}

/* Done without a reply, unless the author wrote that he awaits one. */
static struct want
act_done(struct session *s)
{
	if (s->step->owes)
		owed_keep(s);
	return act_awaits(s) ? act_judge(s) : verdict_pass(s);
}

struct want
act_plan(struct session *s)
{
	const struct step *step = s->step;
	struct plan plan = act_plan_of(s);
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
		return act_done(s);
	if ((want.kind == WANT_CLOSE || (want.kind == WANT_CONNECT &&
	    conn_of(s)->open)) && !s->looked && act_looks(s)) {
		s->looked = true;
		s->at = 0;
		s->state = STATE_LOOK;
		return (struct want){ .kind = WANT_LOOK, .conn = step->conn };
	}
	if (want.kind == WANT_CONNECT && s->looked && act_unread_lost(s))
		return verdict_fail(s, RESULT_FAIL, CAUSE_NOISE, false);
	return act_send(s, step, &want, s->ask.secret);
}

/* We closed it: what nobody read is lost, and that fails the step. */
static struct want
conn_over(struct session *s)
{
	struct conn *conn = conn_of(s);
	bool         lost = s->kind == WANT_CLOSE && act_unread_lost(s);

	conn->open = conn->flooded = conn->midway = false;
	conn->facts = NULL;
	inbox_eat(conn, conn->inbox.len);
	if (s->step->expect_count > 0) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "nothing can come after we closed the connection");
		return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, false);
	}
	return lost ? verdict_fail(s, RESULT_FAIL, CAUSE_NOISE, false) :
	    verdict_pass(s);
}

/* The next chunk, the next pause, the next round. */
static struct want
act_goes_on(struct session *s, const struct input *input,
    const struct reply *reply)
{
	const struct step *step = judged_step(s);
	struct plan plan = act_plan_of(s);
	struct want want;

	s->round++;
	plan.round = s->round;
	buf_clear(&s->shard->out);
	if (s->round > LIMIT_CHUNKS) {
		(void)fault_set(&s->shard->fault, FAULT_LIMIT,
		    "the act takes more than %d writes", LIMIT_CHUNKS);
		return verdict_fail(s, RESULT_ERROR, CAUSE_LIMIT, true);
	}
	plan.ask = s->ask;
	if (!step->verb->follow(step->args, &plan, input, reply, &want,
	    &s->shard->fault))
		return step->verb->continues ? sasl_failed(s) :
		    verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, true);
	plan_keep(s, &plan);
	s->ask = plan.ask;
	if (want.kind == WANT_NOTHING)
		return reply == NULL ? act_done(s) : rounds_over(s);
	return act_send(s, step, &want, s->ask.secret);
}

struct want
act_go(struct session *s)
{
	if (!s->rounding)
		return act_plan(s);
	s->state = STATE_ACT;
	return act_goes_on(s, NULL, &s->reply);
}

struct want
act_follow(struct session *s, const struct input *input)
{
	if (s->step->group_count > 0 && s->then == THEN_FOLLOW)
		return s->group_more ? group_goes_on(s, input) : group_plan(s);
	if (s->step->group_count > 0)
		return act_judge(s);
	/* Sending goes on until the peer closes. */
	if (s->then == THEN_FOLLOW && conn_of(s)->peer_closed && act_awaits(s))
		return act_judge(s);
	if (s->then == THEN_ROUND && s->step->owes)
		return rounds_owed(s);
	if (s->then == THEN_FOLLOW || (s->then == THEN_ROUND && !act_awaits(s)))
		return act_goes_on(s, input, NULL);
	if (s->kind == WANT_CLOSE || s->kind == WANT_ABORT)
		return conn_over(s);
	return s->then == THEN_END ? verdict_pass(s) : act_done(s);
}
