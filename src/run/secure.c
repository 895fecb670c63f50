/*
 * Handshakes. What was not read when TLS starts came in plaintext: it is never
 * taken for what TLS protects, but is the flaw `injection` (RFC 3207 4.2).
 * After the handshake the protocol forgets what it knew of the connection, and
 * `tls` of the expectation is judged.
 */
#include "run/session_own.h"

/* What came in plaintext, as if it were a reply. */
static struct want
injected(struct session *s)
{
	struct conn  *conn = conn_of(s);
	struct span   rest = inbox(conn);
	struct ruling ruling = { .result = RESULT_FAIL, .cause = CAUSE_FLAW,
	    .fatal = true, .expect = judged_expect(s), .reply = &s->reply,
	    .loc = judged_step(s)->loc };

	s->reply = reply_new();
	s->reply.raw = rest;
	s->reply.len = (uint32_t)rest.len;
	reply_flaw(&s->reply, FLAW_INJECTED, 0);
	(void)fault_set(&s->shard->fault, FAULT_TLS, "%zu octet%s came in "
	    "plaintext before TLS: an injection, no handshake was made",
	    rest.len, rest.len == 1 ? "" : "s");
	s->dropped = true;
	verdict(s, &ruling);
	inbox_eat(conn, rest.len);
	return (struct want){ .kind = WANT_NOTHING };
}

static struct want
handshake_lost(struct session *s)
{
	(void)fault_set(&s->shard->fault, FAULT_TLS, "the server %s the "
	    "connection before the TLS handshake",
	    conn_of(s)->closing == CLOSING_RST ? "reset" : "closed");
	return secure_failed(s);
}

/* Nothing waits any more, or it is the flaw. */
static struct want
handshake_start(struct session *s)
{
	struct conn *conn = conn_of(s);
	const struct expect *e = judged_expect(s);
	bool         strict;

	if (inbox(conn).len > 0 && (rule_tolerated(s, judged_expect(s),
	    &strict) & FLAW_BIT(FLAW_INJECTED)) == 0)
		return injected(s);
	if (inbox(conn).len > 0) {
		(void)fault_set(&s->shard->fault, FAULT_TLS, "%zu octets that "
		    "came in plaintext before TLS were dropped",
		    inbox(conn).len);
		say_note(s, s->step->conn);
		inbox_eat(conn, inbox(conn).len);
	}
	if (conn->peer_closed)
		return handshake_lost(s);
	s->state = STATE_ACT;
	return act_bound(s, (struct want){ .kind = WANT_TLS,
	    .tls = s->tls, .then = s->then,
	    .patient = e != NULL && e->tls_failed });
}

/* Also where the server says that it will: nobody shakes hands inside of TLS,
 * and that there was a handshake must not be taken for this one. */
static struct want
secure_twice(struct session *s)
{
	(void)fault_set(&s->shard->fault, FAULT_TLS, "the connection has TLS "
	    "already: there is no handshake inside of it");
	return verdict_fail(s, RESULT_ERROR, CAUSE_PLAN, true);
}

struct want
secure_begin(struct session *s, const struct want *want)
{
	s->tls = want->tls;
	s->then = want->then;
	s->kind = WANT_TLS;
	if (rule_tls(s) != NULL)
		return secure_twice(s);
	/* What a peer says before our hello is no TLS: the handshake tells. */
	if (!s->shard->look || conn_of(s)->peer_closed ||
	    (s->inner == 0 && judged_step(s)->verb->opens))
		return handshake_start(s);
	s->state = STATE_TLS_LOOK;
	return (struct want){ .kind = WANT_LOOK, .conn = s->step->conn };
}

struct want
secure_looked(struct session *s)
{
	return handshake_start(s);
}

/* Its facts against `tls` of the expectation. */
static bool
handshake_fits(struct session *s, struct ruling *ruling)
{
	const struct expect    *e = ruling->expect;
	const struct tls_facts *tls = conn_of(s)->facts->tls;
	struct seen seen = { .proto = s->scenario->proto, .tls = tls };

	if (e == NULL)
		return true;
	if (e->tls_failed) {
		ruling->result = RESULT_FAIL;
		ruling->cause = CAUSE_TLS;
		ruling->loc = e->loc;
		return fault_set(&s->shard->fault, FAULT_TLS, "the TLS "
		    "handshake did not fail: %s, %s", tls->version,
		    tls->cipher);
	}
	return rule_matches(s, e, MATCH_TLS, &seen, ruling);
}

struct want
secure_done(struct session *s, const struct input *input)
{
	struct conn  *conn = conn_of(s);
	struct ruling ruling = { .result = RESULT_PASS,
	    .expect = judged_expect(s), .reply = rounds_reply(s),
	    .loc = judged_step(s)->loc };

	conn->facts = input->facts;
	s->secured = conn->facts->tls;
	hear_notes(s, input->notes);
	if (s->scenario->proto->forgets) {
		conn->talk = (struct talk){ 0 };
		conn->listed = false;
	}
	conn->midway = false;
	if (handshake_fits(s, &ruling) && s->then != THEN_END)
		return act_follow(s, input);
	/* A greeting that nobody reads now would be the next reply. */
	ruling.fatal = s->then != THEN_END && act_awaits(s);
	rounds_end(s, &ruling);
	verdict(s, &ruling);
	return (struct want){ .kind = WANT_NOTHING };
}

struct want
secure_failed(struct session *s)
{
	const struct expect *e = judged_expect(s);
	const struct verb   *verb = judged_step(s)->verb;
	struct conn         *conn = conn_of(s);
	/* A connect is where the test begins; else TLS is what is tested. */
	bool tested = !verb->opens || (e != NULL && e->tls_count > 0);
	/* Where none was begun the server has no part in it: no CAs on this
	 * machine are no certificate that is refused. */
	bool begun = s->shard->fault.class == FAULT_TLS;
	struct ruling ruling = { .result = tested && begun ? RESULT_FAIL :
	    RESULT_ERROR, .cause = CAUSE_TLS, .fatal = true, .expect = e,
	    .reply = rounds_reply(s), .loc = judged_step(s)->loc };

	conn->open = conn->midway = false;
	conn->facts = NULL;
	inbox_eat(conn, inbox(conn).len);
	if (e != NULL && e->tls_failed && begun) {
		say_note(s, s->step->conn);
		ruling.result = RESULT_PASS;
		ruling.cause = CAUSE_NONE;
		ruling.fatal = false;
	}
	s->dropped = true;
	verdict(s, &ruling);
	return (struct want){ .kind = WANT_NOTHING };
}

void
secure_none(struct session *s, struct ruling *ruling)
{
	const struct expect *e = ruling->expect;
	struct seen seen = { .proto = s->scenario->proto,
	    .tls = rule_tls(s) };

	if (e != NULL && e->tls_failed) {
		(void)fault_set(&s->shard->fault, FAULT_TLS,
		    "there was no TLS handshake that could fail");
		ruling->result = RESULT_FAIL;
		ruling->cause = CAUSE_TLS;
		ruling->loc = e->loc;
	} else if (e != NULL) {
		(void)rule_matches(s, e, MATCH_TLS, &seen, ruling);
	}
}

/* Its type, and versions up to TLS 1.3's (RFC 8446 5.1): no text begins so. */
bool
secure_mistaken(struct session *s, struct span greeting)
{
	const char        *proto = s->scenario->proto->name;
	const char        *scheme = endpoint_tls_scheme(proto);
	const struct verb *verb = judged_step(s)->verb;

	if (verb == NULL || !verb->opens || rule_tls(s) != NULL ||
	    greeting.len < 3 || greeting.ptr[0] < 0x14 ||
	    greeting.ptr[0] > 0x17 || greeting.ptr[1] != 3 ||
	    (unsigned char)greeting.ptr[2] > 4)
		return false;
	(void)fault_set(&s->shard->fault, FAULT_TLS, scheme == NULL ?
	    "the server speaks TLS here from the start, and not %s" :
	    "the server speaks TLS here from the start: use %s://",
	    scheme == NULL ? proto : scheme);
	return true;
}
