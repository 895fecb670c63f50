/*
 * SASL exchanges, as an act of several rounds: a sum of the loop's (WANT_SASL),
 * a line, its reply. A reply that asks for more is a round; what ends the
 * exchange is judged as any reply is, and after a yes the loop is asked whether
 * the server proved what the mechanism wants it to prove (RFC 5802 5.1).
 */
#include "run/session_own.h"

#include "model/sasl.h"

struct want
sasl_begin(struct session *s, struct want want)
{
	s->begins = want.sasl != NULL;
	if (want.sasl != NULL) {
		s->sasl = want.sasl;
		buf_clear(&s->said);
	}
	return act_bound(s, want);
}

/* The server's yes stands, and so does what was said of it. */
static struct want
proven(struct session *s)
{
	struct ruling ruling = { .result = RESULT_PASS,
	    .expect = judged_expect(s), .reply = rounds_reply(s),
	    .ends = s->ended };

	ruling.loc = ruling.expect == NULL ? judged_step(s)->loc :
	    ruling.expect->loc;
	verdict(s, &ruling);
	return (struct want){ .kind = WANT_NOTHING };
}

/* What came while the sum was made stands in the way of the next line, as it
 * does before any act. */
struct want
sasl_done(struct session *s, const struct input *input)
{
	s->begins = false;
	if (s->then == THEN_END)
		return proven(s);
	buf_clear(&s->said);
	if (input->fault != NULL)
		(void)buf_add_text(&s->said, input->fault->text);
	if (!early_blocks(s))
		return act_follow(s, input);
	s->early = true;
	s->acted_us = s->now_us;
	judge_begin(s);
	return judge_bytes(s, (struct span){ 0 });
}

/* The server's doing, or our own trouble? What cannot even begin is this
 * machine's. */
struct want
sasl_failed(struct session *s)
{
	enum fault_class class = s->shard->fault.class;
	struct ruling ruling = { .result = class == FAULT_SASL && !s->begins ?
	    RESULT_FAIL : RESULT_ERROR, .cause = class == FAULT_SASL ?
	    CAUSE_SASL : class == FAULT_LIMIT ? CAUSE_LIMIT : CAUSE_PLAN,
	    .expect = judged_expect(s), .reply = rounds_reply(s),
	    .loc = judged_step(s)->loc };

	verdict(s, &ruling);
	return (struct want){ .kind = WANT_NOTHING };
}

struct want
sasl_late(struct session *s, const char *waited)
{
	(void)fault_set(&s->shard->fault, FAULT_SASL, "what %s has to answer "
	    "was not computed within %s: the server asks for too much work",
	    s->sasl->mechanism->name, waited);
	return verdict_fail(s, RESULT_FAIL, CAUSE_TIMEOUT, true);
}

/* Whatever ended it: nothing of a password waits for the next act. */
bool
sasl_spent(struct session *s)
{
	bool spent = s->sasl != NULL;

	s->sasl = NULL;
	return spent;
}

/* ---- what the server offers ------------------------------------------------- */

static void
refused(struct session *s)
{
	struct conn *conn = conn_of(s);
	const char  *name = s->sasl == NULL ? NULL : s->sasl->mechanism->name;

	buf_clear(&s->aside);
	if (name == NULL || s->early || conn->offers.full)
		return;
	if (s->said.len > 0)
		(void)buf_addf(&s->aside, "In the exchange %.*s.",
		    SPAN_ARG(buf_span(&s->said)));
	else if (!conn->listed)
		(void)buf_addf(&s->aside, "No reply on this connection had "
		    "listed what the server offers: AUTH comes behind %s.",
		    s->scenario->proto->sasl_asked);
	else if (conn->offers.len == 0)
		(void)buf_addf(&s->aside, "The server's list of what it offers "
		    "here has no AUTH.");
	else if (!span_lists(buf_span(&conn->offers), span_of(name)))
		(void)buf_addf(&s->aside, "The server offers AUTH %.*s, not "
		    "%s.", SPAN_ARG(buf_span(&conn->offers)), name);
}

void
sasl_seen(struct session *s, enum tone tone)
{
	const struct proto *proto = s->scenario->proto;
	struct conn        *conn = conn_of(s);

	if (rounds_continue(s) && tone == TONE_NEGATIVE)
		refused(s);
	if (!s->scenario->exchanges || !judged_ask(s)->offers ||
	    tone != TONE_POSITIVE || proto->sasl_list == NULL)
		return;
	conn->listed = true;
	buf_clear(&conn->offers);
	proto->sasl_list(&s->reply, &conn->offers);
}
