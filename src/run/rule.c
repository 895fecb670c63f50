/*
 * The rules: one whole reply against the expectation that is due, in a fixed
 * order: flaws, code, needs, matchers, time. The first that says no decides,
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

uint32_t
rule_tolerated(const struct session *s, const struct expect *e, bool *strict)
{
	*strict = e == NULL ? s->scenario->flaws_given : e->flaws_given;
	return e == NULL ? s->scenario->flaws : e->flaws;
}

/* Flaws of the reply that the author does not tolerate. */
static bool
rule_flaws(struct session *s, const struct expect *e,
    const struct reply *reply, struct ruling *ruling)
{
	bool     strict;
	uint32_t bad = reply->flaws & ~rule_tolerated(s, e, &strict);
	int      flaw = FLAW_NONE;

	if (bad == 0)
		return true;
	if ((bad & ~FLAWS_MILD) != 0)
		bad &= ~FLAWS_MILD;
	for (int i = FLAW_NONE + 1; i < FLAW_COUNT; i++)
		if ((bad & FLAW_BIT(i)) != 0 && (flaw == FLAW_NONE ||
		    reply->flaw_ats[i] < reply->flaw_ats[flaw]))
			flaw = i;
	if ((bad & FLAW_BIT(FLAW_BAD_CODE)) == 0 ||
	    !secure_mistaken(s, reply->raw))
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "flawed reply: %s, at octet %u", flaw_rows[flaw].text,
		    reply->flaw_ats[flaw]);
	ruling->fatal = (bad & ~FLAWS_MILD) != 0;
	return rule(ruling, ruling->fatal || strict ? RESULT_FAIL :
	    RESULT_WARN, CAUSE_FLAW, ruling->loc);
}

/* Of a connect: does it accept that? ANY: whatever it accepts. */
static bool
opens(const struct session *s, enum accept_kind kind)
{
	const struct step *step = judged_step(s);

	return step->verb != NULL && step->verb->opens &&
	    (kind == ACCEPT_ANY || (step->expect_count > 0 &&
	    accept_has(step->expects[0].accepts,
	    step->expects[0].accept_count, kind)));
}

/* What passes where no code is asked for. More is asked for by a reply to a
 * command (DATA), never by one to a connection or to a whole message. */
bool
rule_yes(const struct session *s, enum tone tone)
{
	const struct verb *verb = judged_step(s)->verb;

	return tone == TONE_POSITIVE || (tone == TONE_CONTINUE &&
	    (verb == NULL || !verb->settles));
}

static bool
rule_code(struct session *s, const struct expect *e,
    const struct reply *reply, struct ruling *ruling)
{
	if (e != NULL && e->end_count > 0 && accept_code(e->ends, e->end_count, reply->code)) {
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
		    "a %03d reply must not come here", (int)reply->code);
		return rule(ruling, RESULT_FAIL, CAUSE_CODE, e->loc);
	}
	if (e != NULL && (e->accept_count > 0 || e->never_count > 0)) {
		if (e->accept_count == 0 || accept_code(e->accepts,
		    e->accept_count, reply->code))
			return true;
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    opens(s, ACCEPT_REFUSED) ? "the server accepted the "
		    "connection" : "another reply than expected");
		return rule(ruling, RESULT_FAIL, CAUSE_CODE, e->code_loc);
	}
	if (rule_yes(s, s->scenario->proto->tone(reply)))
		return true;
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO, opens(s, ACCEPT_ANY) ?
	    "the greeting is not positive" :
	    s->scenario->proto->tone(reply) == TONE_CONTINUE ?
	    "the reply asks for more, which is no yes to what is complete" :
	    "the reply is not positive, as it must be without an expect");
	return rule(ruling, RESULT_FAIL, CAUSE_CODE, ruling->loc);
}

bool
rule_time(struct session *s, const struct expect *e, const char *what,
    struct ruling *ruling)
{
	uint64_t waited = s->now_us - s->acted_us;
	unsigned long long ms = waited / 1000;

	if (e->within_ms > 0 && !e->silence &&
	    waited > (uint64_t)e->within_ms * 1000) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "the %s "
		    "came after %llu ms, later than %u ms", what, ms,
		    e->within_ms);
		return rule(ruling, RESULT_FAIL, CAUSE_LATE, e->within_loc);
	}
	if (waited >= (uint64_t)e->after_ms * 1000)
		return true;
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO, "the %s came after "
	    "%llu ms, sooner than %u ms", what, ms, e->after_ms);
	return rule(ruling, RESULT_FAIL, CAUSE_EARLY, e->after_loc);
}

/* Every matcher must say yes; UNKNOWN is an error, never a pass. */
bool
rule_matches(struct session *s, const struct expect *e,
    enum match_when when, const struct seen *seen, struct ruling *ruling)
{
	for (uint16_t i = 0; i < e->match_count; i++) {
		const struct match *match = &e->matches[i];
		enum verdict verdict;

		if (match->row->when != when)
			continue;
		verdict = match->row->test(match->args, seen, s->vars,
		    &s->shard->fault);
		if (verdict != VERDICT_YES)
			return rule(ruling, verdict == VERDICT_NO ?
			    RESULT_FAIL : RESULT_ERROR, CAUSE_MATCH,
			    match->loc);
	}
	return true;
}

bool
rule_all(struct session *s, const struct expect *e, const struct seen *seen,
    struct ruling *ruling)
{
	const struct verb *verb = judged_step(s)->verb;
	bool later = verb != NULL && verb->secures && verb->rounds;

	return rule_matches(s, e, MATCH_REPLY, seen, ruling) &&
	    (later || s->secured != NULL || e->tls_count == 0 ||
	    rule_matches(s, e, MATCH_TLS, seen, ruling));
}

/* `no X` is met by a server without X. */
static bool
need_fails(struct session *s, const struct reply *reply, struct span word,
    bool absent)
{
	if (span_starts(word, SPAN("no "))) {
		word = span_trim(span_from(word, 3));
		absent = true;
	}
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
	const struct proto    *proto = scenario->proto;
	bool first = judged_ask(s)->offers && !s->needs_judged &&
	    proto->tone(reply) == TONE_POSITIVE;

	if (e != NULL && e->need_count > 0 && proto->offers == NULL) {
		(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
		    "there are no capabilities in %s", proto->name);
		return rule(ruling, RESULT_ERROR, CAUSE_NEEDS, e->loc);
	}
	s->needs_judged = s->needs_judged || first;
	for (uint32_t i = 0; first && i < scenario->need_count; i++)
		if (need_fails(s, reply, scenario->needs[i].word,
		    scenario->needs[i].absent))
			return rule(ruling, RESULT_SKIP, CAUSE_NEEDS,
			    scenario->needs[i].loc);
	for (uint16_t i = 0; e != NULL && i < e->need_count; i++)
		if (need_fails(s, reply, need_word(e->needs[i]),
		    span_starts(e->needs[i], SPAN("no "))))
			return rule(ruling, RESULT_SKIP, CAUSE_NEEDS,
			    e->need_locs[i]);
	return true;
}

const struct tls_facts *
rule_tls(struct session *s)
{
	const struct facts *facts = conn_of(s)->facts;

	return facts == NULL ? NULL : facts->tls;
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
		    .wait_us = s->now_us - s->acted_us,
		    .tls = rule_tls(s) };
		if (!rule_all(s, e, &seen, ruling))
			return false;
	}
	if (e->tls_failed && !rounds_open(s)) {
		(void)fault_set(&s->shard->fault, FAULT_TLS,
		    "there was no TLS handshake that could fail");
		return rule(ruling, RESULT_FAIL, CAUSE_TLS, e->loc);
	}
	return rule_time(s, e, "reply", ruling);
}

void
rule_round(struct session *s, const struct reply *reply,
    struct ruling *ruling)
{
	const struct expect *e = judged_expect(s);

	*ruling = (struct ruling){ .result = RESULT_PASS, .expect = e,
	    .reply = reply, .loc = judged_step(s)->loc };
	if (reply->flaws != 0)
		(void)rule_flaws(s, e, reply, ruling);
}

/* One whole reply against what is due. Needs come behind the code, so that a
 * server that fails is never only skipped. A warning waits for the rules
 * behind it: they may say worse. */
void
rule_reply(struct session *s, const struct reply *reply,
    struct ruling *ruling)
{
	const struct expect *e = judged_expect(s);
	bool flawed = reply->flaws != 0;

	*ruling = (struct ruling){ .result = RESULT_PASS, .expect = e,
	    .reply = reply, .loc = e == NULL ? judged_step(s)->loc : e->loc };
	if (flawed && !rule_flaws(s, e, reply, ruling) &&
	    ruling->result != RESULT_WARN)
		return;
	ruling->result = RESULT_PASS;
	ruling->cause = CAUSE_NONE;
	if (!rule_code(s, e, reply, ruling) || ruling->ends ||
	    !rule_needs(s, e, reply, ruling) ||
	    (e != NULL && !rule_rest(s, e, reply, ruling)))
		return;
	if (flawed)
		(void)rule_flaws(s, e, reply, ruling);
}
