/* May an act begin? Is its connection open, was everything read before, and is
 * the reply that it awaits the next one to come? */
#include "run/session_own.h"

/* A round of `eventually` may connect again: it replaces what the round before
 * left open when it did not hold. */
static bool
connect_check(struct session *s, const struct step *step)
{
	struct conn *conn = conn_of(s);

	if (conn->open && !conn->peer_closed && !conn->leaving &&
	    (conn->round == 0 || conn->round >= s->step->round))
		return fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "the connection '%.*s' is open already",
		    SPAN_ARG(s->scenario->conns[step->conn]));
	return true;
}

/* Is there a connection to act on? */
static bool
conn_check(struct session *s, const struct step *step)
{
	const struct verb *verb = step->verb;

	if (verb != NULL && verb->opens)
		return connect_check(s, step);
	if (verb != NULL && verb->wireless && step->expect_count == 0)
		return true;
	return conn_of(s)->open || fault_set(&s->shard->fault, FAULT_SCENARIO,
	    "the connection '%.*s' is not open",
	    SPAN_ARG(s->scenario->conns[step->conn]));
}

/* `always` needs a connection that can still be judged. */
static bool
always_skips(struct session *s, const struct step *first)
{
	const struct conn *conn = conn_of(s);
	const struct verb *verb = first->verb;

	if (!s->step->always || (verb != NULL && (verb->wireless ||
	    verb->opens)))
		return false;
	return !conn->open || conn->desynced || conn->peer_closed ||
	    (conn->midway && s->worst >= RESULT_FAIL);
}

/* The oldest reply that is owed is the one that is judged now. */
static void
owed_take(struct session *s)
{
	struct conn *conn = conn_of(s);

	if (conn->owed_count == 0)
		return;
	s->ask = conn->owed[0];
	conn->owed_count--;
	memmove(conn->owed, conn->owed + 1,
	    conn->owed_count * sizeof *conn->owed);
}

/* Its reply would be taken for that of the act before. */
static bool
owed_fits(struct session *s, const struct verb *verb)
{
	uint32_t owed = conn_of(s)->owed_count;

	if (s->step->owes && owed >= LIMIT_OWED)
		return fault_set(&s->shard->fault, FAULT_LIMIT, "more than %d "
		    "replies are owed on one connection", LIMIT_OWED);
	if (owed == 0 || s->step->owes || (verb != NULL && verb->opens) ||
	    (!act_awaits(s) && (verb == NULL || !verb->secures)))
		return true;
	return fault_set(&s->shard->fault, FAULT_SCENARIO, "%u repl%s owed on "
	    "this connection, and nothing expected %s", owed,
	    owed == 1 ? "y is" : "ies are", owed == 1 ? "it" : "them");
}

/* Would all that act_begin() and early_judge() ask say yes? */
static bool
nothing_hinders(const struct session *s)
{
	const struct conn *conn = &s->conns[s->step->conn];

	return s->step->usual && !s->step->owes && conn->open &&
	    conn->owed_count == 0 && conn->inbox.len == 0 &&
	    !conn->peer_closed;
}

struct want
act_begin(struct session *s)
{
	const struct step *step = s->step;
	const struct step *first = step->group_count > 0 ? &step->group[0] :
	    step;
	const struct verb *verb = first->verb;

	if (nothing_hinders(s) && !act_looks(s))
		return act_plan(s);
	if (always_skips(s, first)) {
		verdict_not_run(s, step, 0, step->group_count);
		s->step_over = true;
		return (struct want){ .kind = WANT_NOTHING };
	}
	if (!conn_check(s, first))
		return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, false);
	if (verb != NULL && verb->opens && conn_of(s)->round == 0 &&
	    act_unread_lost(s))
		return verdict_fail(s, RESULT_FAIL, CAUSE_NOISE, false);
	/* Octets may be here already: they are what it awaits. */
	if (verb == NULL && step->group_count == 0) {
		owed_take(s);
		return act_judge(s);
	}
	if (!owed_fits(s, verb))
		return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, false);
	/* A handshake has a look of its own. */
	if ((verb != NULL && (verb->opens || verb->wireless ||
	    (verb->secures && !verb->rounds))) || !act_awaits(s))
		return act_plan(s);
	if (!act_looks(s))
		return early_judge(s);
	s->state = STATE_LOOK;
	return (struct want){ .kind = WANT_LOOK, .conn = step->conn };
}
