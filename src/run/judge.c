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
	s->sized = false;
	s->which = 0;
	s->draining = false;
	s->reply = reply_new();
	if (s->step->group_count == 0)
		return;
	/* Steps of a group that await nothing have passed with the write. */
	verdict_silent(s);
}

static uint32_t
replies_due(struct session *s)
{
	const struct step  *step = judged_step(s);
	const struct proto *proto = s->scenario->proto;

	if (step->expect_count > 1)
		return step->expect_count;
	return proto->replies == NULL ? 1 :
	    proto->replies(&conn_of(s)->talk, judged_ask(s));
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
		len = snprintf(number, sizeof number, "%d", reply->code);
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
	(void)vars_set(s->vars, SLOT_REPLY_TEXT, buf_span(&text));
	buf_free(&text);
}

static void
take_reply(struct session *s, const struct reply *reply)
{
	const struct proto *proto = s->scenario->proto;
	struct ruling ruling;

	if (proto->seen != NULL)
		proto->seen(&conn_of(s)->talk, judged_ask(s), reply);
	if (s->scenario->mentions != 0)
		reply_remember(s, reply);
	rule_reply(s, reply, &ruling);
	s->which++;
	s->due--;
	/* Of several replies the first that fails decides; all are read. */
	if (ruling.result <= RESULT_WARN && s->due > 0 && !ruling.ends)
		return;
	s->draining = s->due > 0 && !ruling.fatal;
	verdict(s, &ruling);
}

static bool
judging(const struct session *s)
{
	return s->state == STATE_REPLY && !s->step_over;
}

/* Only closed is expected, and `text` judges what comes before it. */
static bool
waits_for_close(const struct expect *e)
{
	if (e == NULL || !e->closed || e->match_count == 0)
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
	const struct proto *proto = s->scenario->proto;
	size_t used = 0;

	while (judging(s) && used < in.len &&
	    !waits_for_close(judged_expect(s))) {
		size_t len;

		if (!s->sized) {
			s->due = replies_due(s);
			s->sized = true;
		}
		if (s->due == 0) {
			verdict(s, &(struct ruling){ .result = RESULT_PASS,
			    .loc = judged_step(s)->loc });
			continue;
		}
		len = proto->parse(span_from(in, used), judged_ask(s),
		    &s->reply);
		if (len == 0)
			break;
		used += len;
		if (!s->draining)
			take_reply(s, &s->reply);
		else if (--s->due == 0)
			verdict_drained(s);
		/* The source may still look at the last one of a step. */
		if (judging(s))
			s->reply = reply_new();
	}
	return used;
}

static void
closed_fault(struct session *s, size_t partial)
{
	const struct conn *conn = conn_of(s);
	const char *how = conn->closing == CLOSING_RST ? "reset" : "closed";

	if (partial > 0)
		(void)fault_set(&s->shard->fault, FAULT_CONNECT, "the server "
		    "%s the connection in the middle of a reply, after %zu "
		    "octets", how, partial);
	else
		(void)fault_set(&s->shard->fault, FAULT_CONNECT,
		    "the server %s the connection without a reply", how);
}

/* A reply that a close cut short, for reports. */
static struct reply
cut_reply(struct span rest)
{
	struct reply reply = reply_new();

	reply.raw = rest;
	reply.len = (uint32_t)rest.len;
	reply_flaw(&reply, FLAW_CUT, rest.len);
	return reply;
}

static bool
has_text_match(const struct expect *e)
{
	return e != NULL && e->match_count > 0;
}

static void
judge_closed(struct session *s)
{
	const struct step   *step = judged_step(s);
	const struct expect *e = judged_expect(s);
	struct span   rest = inbox(conn_of(s));
	struct reply  cut = cut_reply(rest);
	struct ruling ruling = { .result = RESULT_PASS, .expect = e,
	    .reply = rest.len > 0 ? &cut : NULL,
	    .loc = e == NULL ? step->loc : e->code_loc };
	struct seen   seen = { .proto = s->scenario->proto, .bytes = rest,
	    .ask = judged_ask(s), .wait_us = s->now_us - s->acted_us };
	bool accepted = e != NULL && e->closed && (rest.len == 0 ||
	    has_text_match(e) || (e->flaws & FLAW_BIT(FLAW_CUT)) != 0);

	if (!accepted) {
		closed_fault(s, rest.len);
		ruling.result = RESULT_FAIL;
		ruling.cause = CAUSE_CLOSED;
		ruling.fatal = true;
	} else if (accept_has(e->ends, e->end_count, ACCEPT_CLOSED)) {
		ruling.ends = true;
	} else if (has_text_match(e) && !rule_matches(s, e, &seen, &ruling)) {
		ruling.fatal = true;
	} else if (!rule_time(s, e, &ruling)) {
		ruling.fatal = true;
	}
	inbox_eat(conn_of(s), rest.len);
	if (s->draining)
		verdict_drained(s);
	else
		verdict(s, &ruling);
}

/* `direct` came just now and is not in the inbox yet. */
struct want
judge_bytes(struct session *s, struct span direct)
{
	struct conn *conn = conn_of(s);
	struct span  waiting = inbox(conn);
	size_t       used;

	if (!judging(s))
		return (struct want){ .kind = WANT_NOTHING };
	if (waiting.len == 0 && direct.len > 0) {
		used = judge_all(s, direct);
		if (used < direct.len)
			inbox_add(conn, span_from(direct, used));
	} else if (waiting.len > 0) {
		if (direct.len > 0)
			inbox_add(conn, direct);
		used = judge_all(s, inbox(conn));
		inbox_eat(conn, used);
	}
	/* A close may answer several steps of a group. */
	while (judging(s) && conn->peer_closed)
		judge_closed(s);
	return judging(s) ? session_await(s) :
	    (struct want){ .kind = WANT_NOTHING };
}

struct want
judge_timeout(struct session *s)
{
	const struct step   *step = judged_step(s);
	const struct expect *e = judged_expect(s);
	struct span   rest = inbox(conn_of(s));
	struct reply  cut = cut_reply(rest);
	struct ruling ruling = { .result = RESULT_FAIL,
	    .cause = CAUSE_TIMEOUT, .fatal = true, .expect = e,
	    .reply = rest.len > 0 ? &cut : NULL,
	    .loc = e == NULL ? step->loc : e->code_loc };
	unsigned ms = (unsigned)((s->due_us - s->acted_us) / 1000);

	if (s->draining) {
		conn_of(s)->desynced = true;
		verdict_drained(s);
		return judge_bytes(s, (struct span){ 0 });
	}
	if (e != NULL && e->silence && rest.len == 0 &&
	    s->now_us >= s->due_us) {
		verdict(s, &(struct ruling){ .result = RESULT_PASS,
		    .expect = e, .loc = e->loc });
		return judge_bytes(s, (struct span){ 0 });
	}
	if (s->now_us < s->due_us && s->now_us >= s->limit_us)
		(void)fault_set(&s->shard->fault, FAULT_LIMIT, "the scenario "
		    "took longer than its limit of %u s",
		    s->scenario->limit_ms / 1000);
	else if (rest.len > 0)
		(void)fault_set(&s->shard->fault, FAULT_CONNECT, "no whole "
		    "reply within %u.%u s: %zu octets came", ms / 1000,
		    ms / 100 % 10, rest.len);
	else
		(void)fault_set(&s->shard->fault, FAULT_CONNECT, step->verb !=
		    NULL && step->verb->opens ? "connected, but no greeting "
		    "within %u.%u s" : "no reply within %u.%u s", ms / 1000,
		    ms / 100 % 10);
	verdict(s, &ruling);
	return judge_bytes(s, (struct span){ 0 });
}

static bool
judge_waiting(struct session *s, struct span waiting, struct want *want)
{
	struct conn  *conn = conn_of(s);
	const struct proto  *proto = s->scenario->proto;
	const struct expect *e = judged_expect(s);
	struct reply  reply = reply_new();
	struct ruling ruling = { .result = RESULT_FAIL, .cause = CAUSE_NOISE,
	    .fatal = true, .expect = e, .reply = &reply,
	    .loc = s->step->loc };
	size_t        len;

	len = proto->parse(waiting, &s->ask, &reply);
	if (len > 0 && proto->any_time != NULL && proto->any_time(&reply)) {
		/* RFC 5321 3.8: 421 answers the command that comes next. */
		s->acted_us = s->now_us;
		emit(s, EVENT_NOTE, s->step, SPAN("not sent: the server had "
		    "announced its end already"), false);
		if (s->step->group_count > 0)
			ruling.reply = &reply;
		else {
			judge_begin(s);
			*want = judge_bytes(s, (struct span){ 0 });
			return false;
		}
	}
	if (e != NULL && (e->flaws & FLAW_BIT(FLAW_UNSOLICITED)) != 0) {
		inbox_eat(conn, waiting.len);
		return true;
	}
	if (len == 0)
		reply.raw = waiting;
	reply_flaw(&reply, FLAW_UNSOLICITED, 0);
	(void)fault_set(&s->shard->fault, FAULT_SCENARIO,
	    "not sent: %zu octets came that nobody had asked for",
	    waiting.len);
	verdict(s, &ruling);
	inbox_eat(conn, waiting.len);
	return false;
}

bool
judge_unsolicited(struct session *s, struct want *want)
{
	struct span waiting = inbox(conn_of(s));

	*want = (struct want){ .kind = WANT_NOTHING };
	return waiting.len == 0 || s->scenario->proto->chatters ||
	    judge_waiting(s, waiting, want);
}
