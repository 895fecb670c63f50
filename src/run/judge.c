/*
 * Judging: the octets of a connection are parsed into replies, each reply is
 * held against the expectation that is due, and closes, timeouts and silences
 * are judged the same way.
 */
#include "run/session_own.h"

#include <stdio.h>

void
judge_begin(struct session *s)
{
	s->state = STATE_REPLY;
	s->sized = s->plain;
	s->parsed = s->draining = false;
	s->total = s->due = s->plain;   /* else count_begin() says it */
	reply_begin(&s->reply);
	if (s->step->group_count > 0)
		verdict_silent(s);
}

static void
reply_remember(struct session *s, const struct reply *reply)
{
	uint32_t    mentions = s->scenario->mentions;
	char        number[32];
	struct buf  text = buf_new(LIMIT_EXPANDED);
	struct span line;
	size_t      at = 0;
	int         len;

	if (mentions & 1U << SLOT_REPLY_CODE) {
		len = reply->code < 0 ? 0 : snprintf(number, sizeof number,
		    "%d", reply->code);
		(void)vars_set(s->vars, SLOT_REPLY_CODE,
		    (struct span){ number, (size_t)len });
	}
	if (mentions & 1U << SLOT_REPLY_ENHANCED) {
		len = reply->enhanced == 0 ? 0 : snprintf(number,
		    sizeof number, "%u.%u.%u", ENHANCED_CLASS(reply->enhanced),
		    ENHANCED_SUBJECT(reply->enhanced),
		    ENHANCED_DETAIL(reply->enhanced));
		(void)vars_set(s->vars, SLOT_REPLY_ENHANCED,
		    (struct span){ number, (size_t)len });
	}
	if ((mentions & 1U << SLOT_REPLY_TEXT) == 0)
		return;
	while (reply_line(reply->raw, &at, &line)) {
		(void)(text.len > 0 && buf_add_octet(&text, '\n'));
		(void)buf_add(&text, reply->code >= 0 ?
		    reply_line_text(line) : line);
	}
	/* What is too long for a variable has no value: its use is an error. */
	if (text.full)
		vars_unset(s->vars, SLOT_REPLY_TEXT);
	else
		(void)vars_set(s->vars, SLOT_REPLY_TEXT, buf_span(&text));
	buf_free(&text);
}

static bool
judging(const struct session *s)
{
	return s->state == STATE_REPLY && !s->step_over && !s->turns;
}

void
judge_told(struct session *s, const struct ruling *ruling)
{
	struct outcome outcome = { .step = judged_step(s),
	    .result = RESULT_PASS, .which = (uint16_t)s->which,
	    .loc = ruling->loc, .expect = ruling->expect,
	    .reply = &s->reply, .more = true, .began_us = s->step_us,
	    .took_us = s->now_us - s->step_us };

	if (s->source->told != NULL)
		s->source->told(s->source, &outcome, s->inner);
}

/* The short way: of all that is done about a reply, and of all rules
 * (rule.c), a plain step has the code alone. */
static bool
passes_plainly(const struct session *s, enum tone tone)
{
	const struct step *step = s->step;

	if (!s->plain || s->early || s->reply.flaws != 0)
		return false;
	return step->expect_count == 0 ? rule_yes(s, tone) :
	    accept_code(step->expects->accepts, step->expects->accept_count,
	    s->reply.code);
}

/* Behind a yes to STARTTLS the server awaits a handshake, and nothing else. */
static bool
begins_tls(const struct session *s)
{
	const struct verb *verb = judged_step(s)->verb;

	return verb != NULL && verb->secures && verb->rounds;
}

static void
take_reply(struct session *s)
{
	const struct proto *proto = s->scenario->proto;
	enum tone     tone = proto->tone(&s->reply);
	struct ruling ruling;

	if (proto->farewell != NULL && proto->farewell(&s->reply))
		conn_of(s)->leaving = true;
	conn_of(s)->midway = tone == TONE_CONTINUE ||
	    ((s->midway || begins_tls(s)) && tone == TONE_POSITIVE);
	if (passes_plainly(s, tone)) {
		if (proto->seen != NULL)
			proto->seen(&conn_of(s)->talk, &s->ask, &s->reply);
		verdict_plain(s);
		return;
	}
	count_seen(s, &s->reply);
	if (s->scenario->mentions != 0)
		reply_remember(s, &s->reply);
	sasl_seen(s, tone);
	if (tone == TONE_CONTINUE && rounds_continue(s))
		rule_round(s, &s->reply, &ruling);
	else
		rule_reply(s, &s->reply, &ruling);
	if (s->total > 1 || s->counted || rounds_has(s))
		count_rule(s, &ruling);
	/* Of several replies the first that does not pass decides; all are
	 * read. */
	if (ruling.result == RESULT_PASS && s->due > 0 && !ruling.ends) {
		judge_told(s, &ruling);
		s->which++;
		return;
	}
	if (rounds_next(s, &s->reply, &ruling))
		return;
	s->draining = s->due > 0 && !ruling.fatal && !s->early;
	verdict(s, &ruling);
	if (s->draining)
		s->which++;
}

static void
drain_reply(struct session *s)
{
	count_seen(s, &s->reply);
	s->which++;
	if (s->due == 0)
		verdict_drained(s);
}

/* Only closed is expected, and `text` judges what comes before it. */
static bool
waits_for_close(const struct expect *e)
{
	if (e == NULL || !e->closed || e->match_count == e->tls_count)
		return false;
	for (uint16_t i = 0; i < e->accept_count; i++)
		if (e->accepts[i].kind != ACCEPT_CLOSED)
			return false;
	return e->end_count == 0;
}

/* Replies off the front of `in` while they are due: octets taken. */
static size_t
judge_all(struct session *s, struct span in)
{
	size_t used = 0;

	while (judging(s) && !s->answered) {
		size_t len;

		if (!s->sized) {
			count_begin(s);
			continue;
		}
		if (used == in.len ||
		    (!s->plain && waits_for_close(judged_expect(s))))
			break;
		if (s->parsed)
			reply_begin(&s->reply);
		len = s->scenario->proto->parse(span_from(in, used),
		    judged_ask(s), &s->reply);
		s->parsed = len > 0;
		if (len == 0)
			break;
		used += len;
		if (s->draining)
			drain_reply(s);
		else
			take_reply(s);
	}
	return used;
}

static void
closed_fault(struct session *s, const struct expect *e, size_t partial)
{
	const struct tls_facts *tls = rule_tls(s);
	const char *how = conn_of(s)->closing == CLOSING_RST ? "reset" :
	    "closed";

	if (tls != NULL && tls->end[0] != '\0')
		(void)fault_set(&s->shard->fault, FAULT_TLS,
		    "TLS ended with %s%s", tls->end, s->early ?
		    "; this was not sent" : "");
	else if (s->early)
		(void)fault_set(&s->shard->fault, FAULT_CONNECT,
		    "the server %s the connection without a reply; this was "
		    "not sent", how);
	else if (secure_mistaken(s, inbox(conn_of(s))))
		return;
	else if (partial > 0)
		(void)fault_set(&s->shard->fault, FAULT_CONNECT, "the server "
		    "%s the connection in the middle of a reply, after %zu "
		    "octets", how, partial);
	else
		(void)fault_set(&s->shard->fault, FAULT_CONNECT, e != NULL &&
		    e->silence ? "the server %s the connection where there "
		    "should be silence" :
		    "the server %s the connection without a reply", how);
}

/* What came of a reply that will never be whole, for reports. */
static const struct reply *
reply_cut(struct session *s)
{
	struct span rest = inbox(conn_of(s));

	s->reply = reply_new();
	s->parsed = true;
	s->reply.raw = rest;
	s->reply.len = (uint32_t)rest.len;
	reply_flaw(&s->reply, FLAW_CUT, rest.len);
	return rest.len > 0 ? &s->reply : NULL;
}

static void
closed_rule(struct session *s, const struct expect *e, struct span rest,
    struct ruling *ruling)
{
	struct seen seen = { .proto = s->scenario->proto, .bytes = rest,
	    .ask = judged_ask(s), .wait_us = s->now_us - s->acted_us,
	    .tls = rule_tls(s), .closed = true,
	    .notified = conn_of(s)->closing == CLOSING_NOTIFY };
	bool matched = e != NULL && e->match_count > e->tls_count;
	bool strict;

	if (e == NULL || !e->closed || (rest.len > 0 && !matched &&
	    (rule_tolerated(s, e, &strict) & FLAW_BIT(FLAW_CUT)) == 0)) {
		closed_fault(s, e, rest.len);
		ruling->result = RESULT_FAIL;
		ruling->cause = CAUSE_CLOSED;
	} else if (accept_has(e->ends, e->end_count, ACCEPT_CLOSED)) {
		ruling->ends = true;
	} else if (e->match_count == 0 || rule_all(s, e, &seen, ruling)) {
		(void)rule_time(s, e, "close", ruling);
	}
	ruling->fatal = ruling->result != RESULT_PASS;
}

static void
judge_closed(struct session *s)
{
	const struct expect *e = judged_expect(s);
	struct span   rest = inbox(conn_of(s));
	struct ruling ruling = { .result = RESULT_PASS, .expect = e,
	    .loc = e == NULL ? judged_step(s)->loc : e->code_loc };

	if (s->draining) {
		verdict_owed(s);
		inbox_eat(conn_of(s), rest.len);
		return;
	}
	ruling.reply = reply_cut(s);
	closed_rule(s, e, rest, &ruling);
	/* Of several replies the close was one. */
	if (ruling.result == RESULT_PASS && !ruling.ends && s->sized &&
	    s->due > 1) {
		s->due--;
		s->which++;
	} else {
		rounds_end(s, &ruling);
		verdict(s, &ruling);
	}
	inbox_eat(conn_of(s), rest.len);
}

static void
judge_flooded(struct session *s)
{
	const struct expect *e = judged_expect(s);

	(void)fault_set(&s->shard->fault, FAULT_LIMIT, "more than %d KiB came "
	    "that no step had read", LIMIT_REPLY / KIB);
	verdict(s, &(struct ruling){ .result = RESULT_FAIL,
	    .cause = CAUSE_FLAW, .fatal = true, .expect = e,
	    .loc = judged_step(s)->loc });
}

/* `direct` came just now and is not in the inbox yet. */
struct want
judge_bytes(struct session *s, struct span direct)
{
	struct conn *conn = conn_of(s);
	size_t       used;

	if (judging(s) && inbox(conn).len == 0 && !s->early) {
		used = judge_all(s, direct);
		if (used < direct.len)
			inbox_add(conn, span_from(direct, used));
	} else {
		if (direct.len > 0)
			inbox_add(conn, direct);
		if (judging(s) && s->early && !s->answering)
			early_check(s);
		if (judging(s) && s->early == s->answering)
			inbox_eat(conn, judge_all(s, inbox(conn)));
	}
	if (judging(s) && s->answered)
		early_rest(s);
	if (judging(s) && conn->flooded)
		judge_flooded(s);
	/* A close may answer several steps of a group. */
	while (judging(s) && conn->peer_closed)
		judge_closed(s);
	if (s->turns)
		return rounds_turn(s);
	return judging(s) ? session_await(s) :
	    (struct want){ .kind = WANT_NOTHING };
}

static void
timeout_fault(struct session *s, const struct expect *e, size_t came)
{
	const struct verb *verb = judged_step(s)->verb;
	struct fault *fault = &s->shard->fault;
	char          waited[24];

	(void)say_ms(s->wait_ms, waited);
	if (e != NULL && e->silence)
		(void)fault_set(fault, FAULT_SCENARIO, "%zu octets came where "
		    "there should be silence", came);
	else if (waits_for_close(e) || (e != NULL && e->closed &&
	    e->accept_count == 1 && came == 0))
		(void)fault_set(fault, FAULT_CONNECT, "the server did not "
		    "close the connection within %s", waited);
	else if (secure_mistaken(s, inbox(conn_of(s))))
		return;
	else if (came > 0)
		(void)fault_set(fault, FAULT_CONNECT, "no whole reply within "
		    "%s: %zu octets came", waited, came);
	else
		(void)fault_set(fault, FAULT_CONNECT, verb == NULL ||
		    !verb->opens ? "no reply within %s" : rule_tls(s) != NULL ?
		    "connected, but no greeting within %s" :
		    "connected, but no greeting within %s; a port where TLS "
		    "begins at once (smtps://) waits for ours", waited);
}

struct want
judge_timeout(struct session *s)
{
	const struct expect *e = judged_expect(s);
	size_t        came = inbox(conn_of(s)).len;
	bool          late = s->now_us >= s->due_us;
	struct ruling ruling = { .result = RESULT_FAIL,
	    .cause = CAUSE_TIMEOUT, .fatal = true, .expect = e,
	    .loc = e == NULL ? judged_step(s)->loc : e->code_loc };

	/* No octet came: how many replies there should be was not asked yet. */
	if (!s->sized && !s->draining && !s->early) {
		count_begin(s);
		if (!judging(s))
			return judge_bytes(s, (struct span){ 0 });
	}
	if (s->draining) {
		verdict_owed(s);
	} else if (s->early && !s->answering) {
		early_noise(s);
	} else if (e != NULL && e->silence && came == 0 && late) {
		ruling = (struct ruling){ .result = RESULT_PASS, .expect = e,
		    .loc = e->loc };
		if (!rounds_next(s, NULL, &ruling))
			verdict(s, &ruling);
	} else {
		ruling.reply = reply_cut(s);
		if (late)
			timeout_fault(s, e, came);
		else
			(void)session_past_limit(s);
		ruling.cause = !late ? CAUSE_LIMIT : e != NULL && e->silence ?
		    CAUSE_CODE : CAUSE_TIMEOUT;
		verdict(s, &ruling);
	}
	return judge_bytes(s, (struct span){ 0 });
}
