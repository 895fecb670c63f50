/*
 * How many replies an act has: one; or as many as expect_each has; or, where
 * the protocol counts them (LMTP behind a message), as many as it counts. Then
 * `expect` holds for every one, and expect_each has to have just that number.
 */
#include "run/session_own.h"

#include "base/mem.h"

/* Nothing will come, so nothing can be judged: that is never a pass. */
static void
none_due(struct session *s)
{
	const struct expect *e = judged_expect(s);

	(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
	    "no reply is due here: it would be one for each %s, and there is "
	    "none", s->scenario->proto->each);
	verdict(s, &(struct ruling){ .result = RESULT_FAIL,
	    .cause = CAUSE_MATCH, .expect = e,
	    .loc = e == NULL ? judged_step(s)->loc : e->loc });
}

bool
count_none(const struct session *s)
{
	const struct proto *proto = s->scenario->proto;
	uint32_t count = 1;

	return proto->replies != NULL && proto->replies(
	    &s->conns[s->step->conn].talk, &s->ask, &count) && count == 0;
}

void
count_begin(struct session *s)
{
	const struct step   *step = judged_step(s);
	const struct ask    *ask = judged_ask(s);
	const struct expect *e = judged_expect(s);
	const struct proto  *proto = s->scenario->proto;
	bool                 rounds = rounds_has(s);

	s->due = step->each && !rounds ? step->expect_count : 1;
	/* What came before the act answers all of it. And a silence is one. */
	s->counted = proto->replies != NULL && !s->early &&
	    (e == NULL || !e->silence) &&
	    proto->replies(&conn_of(s)->talk, ask, &s->due);
	/* How many rounds are to come, only a list says. */
	s->total = !rounds || ask->before > 0 ? ask->before + s->due :
	    step->each ? step->expect_count : s->counted ?
	    s->which + s->due : 0;
	s->first = ask->before == 0;
	/* How many the last round has is known behind those before it. */
	s->due = ask->before > 0 ? ask->before + 1 : s->due;
	s->sized = true;
	if (!rounds_exceed(s) && s->due == 0)
		none_due(s);
}

/* The first of several replies that are counted: it may be the only one. */
static void
first_seen(struct session *s, const struct ask *ask, const struct reply *reply)
{
	const struct proto *proto = s->scenario->proto;

	s->first = false;
	if (!s->counted || proto->refuses == NULL || !proto->refuses(ask, reply))
		return;
	s->due = 0;
	s->total = s->which + 1;
}

/* The rounds of a pipeline's act have one reply each but the last, and when
 * that one's are due, the protocol knows what became of the others. */
void
count_seen(struct session *s, const struct reply *reply)
{
	const struct proto *proto = s->scenario->proto;
	struct ask         *ask = s->step->group_count > 0 && !s->early ?
	    &s->asks[s->inner] : &s->ask;

	if (proto->seen != NULL)
		proto->seen(&conn_of(s)->talk, ask, reply);
	s->due--;
	if (ask->before == 0 && s->first)
		first_seen(s, ask, reply);
	if (ask->before == 0 || --ask->before > 0)
		return;
	s->first = true;
	s->counted = proto->replies != NULL &&
	    proto->replies(&conn_of(s)->talk, ask, &s->due);
	s->total = s->which + 1 + s->due;
}

/* More than expect_each lists, as the last round turns out. */
static bool
too_many(struct session *s, struct ruling *ruling)
{
	const struct step *step = judged_step(s);

	if (!rounds_has(s) || !step->each ||
	    s->which + 1 + s->due <= step->expect_count)
		return false;
	rounds_many(s, ruling);
	return true;
}

static void
wrong_number(struct session *s, struct ruling *ruling)
{
	const struct step *step = judged_step(s);

	(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "%u repl%s due, one "
	    "for each %s, and expect_each has %u", s->total,
	    s->total == 1 ? "y is" : "ies are", s->scenario->proto->each,
	    step->expect_count);
	ruling->result = RESULT_FAIL;
	ruling->cause = CAUSE_MATCH;
}

void
count_number(struct session *s)
{
	struct fault whole = s->shard->fault;

	if (s->total < 2)
		return;
	(void)fault_set(&s->shard->fault, whole.class, "reply %u of %u: %.200s",
	    s->which + 1, s->total, whole.text);
	s->shard->fault.loc = whole.loc;
}

/* A warning does not keep the replies behind it from being judged, nor the next
 * round from being sent. */
static void
warning_keep(struct session *s, struct ruling *ruling)
{
	if (ruling->result != RESULT_WARN)
		return;
	if (s->warned == NULL) {
		count_number(s);
		s->warned = mem_alloc(sizeof *s->warned);
		*s->warned = s->shard->fault;
	}
	if (s->due > 0 || rounds_open(s))
		ruling->result = RESULT_PASS;
}

bool
count_settle(struct session *s, struct ruling *ruling)
{
	bool told = s->warned != NULL && (ruling->result == RESULT_PASS ||
	    ruling->result == RESULT_WARN);

	if (told) {
		s->shard->fault = *s->warned;
		ruling->result = RESULT_WARN;
		ruling->cause = CAUSE_FLAW;
	}
	mem_free(s->warned);
	s->warned = NULL;
	return told;
}

/* One too many is told at that reply, whatever it says, because no entry is
 * its; one too few at the last. */
void
count_rule(struct session *s, struct ruling *ruling)
{
	const struct step *step = judged_step(s);
	bool fine = ruling->result == RESULT_PASS ||
	    ruling->result == RESULT_WARN;
	bool listed = s->counted && step->each && !rounds_has(s) &&
	    !ruling->ends;

	if (listed && (fine || ruling->cause == CAUSE_CODE) &&
	    s->which >= step->expect_count)
		wrong_number(s, ruling);
	else if (listed && fine && s->due == 0 &&
	    s->total < step->expect_count)
		wrong_number(s, ruling);
	else if (!fine || ruling->ends || !too_many(s, ruling))
		warning_keep(s, ruling);
}
