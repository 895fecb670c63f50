/*
 * The rules: one whole reply against the expectation that is due, in a fixed
 * order: needs, flaws, code, matchers, time. The first that says no decides,
 * and shard->fault has its sentence.
 */
#include "run/session_own.h"

static bool
rule(struct ruling *ruling, enum result result, enum cause cause,
    struct loc loc)
{
	ruling->result = result;
	ruling->cause = cause;
	ruling->loc = loc;
	return false;
}

/* Flaws of the reply that the author does not tolerate. */
static bool
rule_flaws(struct session *s, const struct expect *e,
    const struct reply *reply, struct ruling *ruling)
{
	uint32_t tolerated = e == NULL ? 0 : e->flaws;
	uint32_t bad = reply->flaws & ~tolerated;
	bool     strict = e != NULL && e->flaws_given;
	int      flaw = FLAW_NONE;

	if (bad == 0)
		return true;
	if (!strict && (bad & ~FLAWS_MILD) != 0)
		bad &= ~FLAWS_MILD;
	for (int i = FLAW_NONE + 1; i < FLAW_COUNT; i++)
		if ((bad & FLAW_BIT(i)) != 0 && (flaw == FLAW_NONE ||
		    reply->flaw_ats[i] < reply->flaw_ats[flaw]))
			flaw = i;
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
	    "flawed reply: %s, at octet %u", flaw_rows[flaw].text,
	    reply->flaw_ats[flaw]);
	if (!strict && (bad & FLAWS_MILD) != 0)
		return rule(ruling, RESULT_WARN, CAUSE_FLAW, ruling->loc);
	ruling->fatal = (bad & ~FLAWS_MILD) != 0;
	return rule(ruling, RESULT_FAIL, CAUSE_FLAW, ruling->loc);
}

static bool
rule_code(struct session *s, const struct expect *e,
    const struct reply *reply, struct ruling *ruling)
{
	if (e != NULL && e->end_count > 0 &&
	    accept_code(e->ends, e->end_count, reply->code)) {
		ruling->ends = true;
		return true;
	}
	if (e != NULL && e->silence) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "a reply came where there should be silence");
		return rule(ruling, RESULT_FAIL, CAUSE_CODE, e->code_loc);
	}
	if (e != NULL && e->never_count > 0 &&
	    accept_code(e->nevers, e->never_count, reply->code)) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "this reply must never come here");
		return rule(ruling, RESULT_FAIL, CAUSE_CODE, e->loc);
	}
	if (e != NULL && (e->accept_count > 0 || e->never_count > 0)) {
		if (e->accept_count == 0 || accept_code(e->accepts,
		    e->accept_count, reply->code))
			return true;
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "another reply than expected");
		return rule(ruling, RESULT_FAIL, CAUSE_CODE, e->code_loc);
	}
	if (s->scenario->proto->tone(reply) != TONE_NEGATIVE)
		return true;
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
	    "the reply is not positive");
	return rule(ruling, RESULT_FAIL, CAUSE_CODE, ruling->loc);
}

bool
rule_time(struct session *s, const struct expect *e, struct ruling *ruling)
{
	uint64_t waited = s->now_us - s->acted_us;

	if (e->within_ms > 0 && !e->silence &&
	    waited > (uint64_t)e->within_ms * 1000) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "the reply came after %llu ms, not within %u ms",
		    (unsigned long long)waited / 1000, e->within_ms);
		return rule(ruling, RESULT_FAIL, CAUSE_LATE, e->within_loc);
	}
	if (waited >= (uint64_t)e->after_ms * 1000)
		return true;
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
	    "the reply came after %llu ms, sooner than %u ms",
	    (unsigned long long)waited / 1000, e->after_ms);
	return rule(ruling, RESULT_FAIL, CAUSE_EARLY, e->after_loc);
}

/* Every matcher must say yes; UNKNOWN is an error, never a pass. */
bool
rule_matches(struct session *s, const struct expect *e,
    const struct seen *seen, struct ruling *ruling)
{
	for (uint16_t i = 0; i < e->match_count; i++) {
		const struct match *match = &e->matches[i];
		enum verdict verdict = match->row->test(match->args, seen,
		    s->vars, &s->shard->fault);

		if (verdict != VERDICT_YES)
			return rule(ruling, verdict == VERDICT_NO ?
			    RESULT_FAIL : RESULT_ERROR, CAUSE_MATCH,
			    match->loc);
	}
	return true;
}

static bool
need_fails(struct session *s, const struct reply *reply, struct span word,
    bool absent)
{
	if (s->scenario->proto->offers(reply, word) != absent)
		return false;
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO, absent ?
	    "the server offers %.*s" : "the server does not offer %.*s",
	    SPAN_ARG(word));
	return true;
}

/* "no SIZE" as "SIZE". */
static struct span
need_word(struct span need)
{
	return span_starts(need, SPAN("no ")) ? span_trim(span_from(need, 3)) :
	    need;
}

/* needs: of the scenario at its first capability reply, of the expectation at
 * its own. An unmet one skips the scenario. */
static bool
rule_needs(struct session *s, const struct expect *e,
    const struct reply *reply, struct ruling *ruling)
{
	const struct scenario *scenario = s->scenario;

	if (judged_ask(s)->offers && !s->needs_judged &&
	    scenario->proto->tone(reply) == TONE_POSITIVE) {
		s->needs_judged = true;
		for (uint32_t i = 0; i < scenario->need_count; i++)
			if (need_fails(s, reply, scenario->needs[i].word,
			    scenario->needs[i].absent))
				return rule(ruling, RESULT_SKIP, CAUSE_NEEDS,
				    scenario->needs[i].loc);
	}
	for (uint16_t i = 0; e != NULL && i < e->need_count; i++)
		if (need_fails(s, reply, need_word(e->needs[i]),
		    span_starts(e->needs[i], SPAN("no "))))
			return rule(ruling, RESULT_SKIP, CAUSE_NEEDS,
			    e->need_locs[i]);
	return true;
}

/* Matchers and time, of a reply whose code fits. */
static bool
rule_rest(struct session *s, const struct expect *e,
    const struct reply *reply, struct ruling *ruling)
{
	struct seen seen;

	if (e->match_count > 0) {
		seen = (struct seen){ .reply = reply, .ask = judged_ask(s),
		    .proto = s->scenario->proto, .bytes = reply->raw,
		    .wait_us = s->now_us - s->acted_us };
		if (!rule_matches(s, e, &seen, ruling))
			return false;
	}
	return rule_time(s, e, ruling);
}

/* One whole reply against what is due. A warning waits for the rules behind
 * it: they may say worse. */
static void
rule_all(struct session *s, const struct reply *reply, struct ruling *ruling)
{
	const struct expect *e = judged_expect(s);
	struct ruling        mild;
	bool                 flawed;

	*ruling = (struct ruling){ .result = RESULT_PASS, .expect = e,
	    .reply = reply, .loc = e == NULL ? judged_step(s)->loc : e->loc };
	if (!rule_needs(s, e, reply, ruling))
		return;
	flawed = reply->flaws != 0;
	if (flawed) {
		mild = *ruling;
		if (!rule_flaws(s, e, reply, &mild) &&
		    mild.result != RESULT_WARN) {
			*ruling = mild;
			return;
		}
	}
	if (!rule_code(s, e, reply, ruling) || ruling->ends ||
	    (e != NULL && !rule_rest(s, e, reply, ruling)))
		return;
	if (flawed)
		*ruling = mild;
}

/* A failed step leaves the server in the middle of something? Then nothing
 * that follows could be judged. */
static void
rule_desync(struct session *s, const struct reply *reply,
    struct ruling *ruling)
{
	if (ruling->result >= RESULT_FAIL &&
	    s->scenario->proto->tone(reply) == TONE_CONTINUE)
		ruling->fatal = true;
}

void
rule_reply(struct session *s, const struct reply *reply,
    struct ruling *ruling)
{
	rule_all(s, reply, ruling);
	rule_desync(s, reply, ruling);
}
