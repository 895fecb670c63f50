/*
 * Inside of the session, by concern:
 *
 *   session.c  birth and end, and what follows a step that is over
 *   hear.c     what each input means in each state
 *   begin.c    may an act begin?
 *   act.c      planning: a step, a group, the octets to write
 *   early.c    which acts await a reply; what comes before one of them
 *   judge.c    octets to replies; closes, timeouts, silences
 *   rounds.c   acts of several rounds
 *   count.c    how many replies there are to one act
 *   secure.c   handshakes
 *   sasl.c     SASL exchanges
 *   rule.c     one reply against one expectation
 *   verdict.c  what a judgement means for the step and for the dialogue
 *   say.c      the events, built only where the bus wants them
 */
#ifndef QUOTH_RUN_SESSION_OWN_H
#define QUOTH_RUN_SESSION_OWN_H

#include "run/session.h"

#include "base/limits.h"
#include "model/proto.h"
#include "model/verb.h"

enum state {
	STATE_NEW,
	STATE_SOURCE,           /* the source said LATER */
	STATE_PAUSE,            /* before a step's act */
	STATE_LOOK,             /* for unsolicited octets, before an act */
	STATE_TLS_LOOK,         /* for plaintext, before a handshake */
	STATE_ACT,
	STATE_REPLY,
	STATE_LAST_LOOK,        /* for unread octets, before the end */
	STATE_OVER
};

struct conn {
	struct talk   talk;
	struct buf    inbox;    /* octets not yet taken by an expectation */
	size_t        inbox_at; /* where they begin */
	const struct facts *facts;
	uint32_t      round;    /* of `eventually`, when it was opened */
	bool          open;     /* between connect and close or abort */
	bool          peer_closed;
	bool          leaving;  /* the server said that it closes */
	bool          desynced; /* nothing can be judged on it any more */
	bool          midway;   /* between a 3yz and the reply that ends it */
	bool          exchanged;        /* its last act was an exchange (auth) */
	bool          flooded;  /* octets did not fit into the inbox */
	uint8_t       closing;
	bool          listed;   /* a reply listed what the server offers: */
	struct buf    offers;   /* mechanisms, with blanks between */
	uint16_t      owed_count;
	struct ask   *owed;     /* of acts whose replies later steps expect;
	                         * the oldest first */
};

struct session {
	struct actor           actor;   /* first */
	struct shard          *shard;
	const struct scenario *scenario;
	struct source         *source;
	struct vars           *vars;
	void (*over)(void *, struct session *, const struct session_end *);
	void                  *who;
	uint32_t               number;
	uint16_t               attempt;
	uint8_t                state, look_at;
	uint8_t                empty;   /* a connection that was read to its end
	                                 * just now; or CONN_ALL: none */
	bool                   stopped, skipped, needs_judged;
	bool                   step_over;       /* ask the source */
	bool                   grace;   /* the limit was moved for `always` */
	bool                   rounds;  /* there was one of `eventually` */
	bool                   simple;  /* nothing but its step looks at a reply */
	uint32_t               passed;  /* steps whose end was not told */

	uint64_t               now_us, began_us, limit_us;
	enum result            worst;
	enum cause             cause;
	int32_t                code;
	struct fault          *fault;   /* what no step tells; or NULL */
	struct fault          *warned;  /* of one of several replies; or NULL */

	/* The step under way. */
	const struct step     *step;    /* NULL between steps */
	uint64_t               step_us, acted_us, due_us;
	uint64_t               at;      /* plan->at */
	uint32_t               round;
	uint32_t               wait_ms; /* of the wait that `due_us` ends */
	struct ask             ask;     /* of a single step */
	struct ask            *asks;    /* of a group's steps */
	uint32_t               inner;   /* of a group: the one being judged */
	uint32_t               due;     /* replies still awaited by it */
	uint32_t               total;   /* of how many; 0: not known yet */
	uint32_t               which;   /* of its expectations */
	uint8_t                then, kind;      /* of the want under way */
	bool                   plain;   /* the step, in a simple session */
	bool                   secret;  /* what comes now is to be masked */
	bool                   looked;  /* before a close, too */
	bool                   waited;  /* the limit was moved for its wait */
	bool                   midway;  /* of the want under way */
	bool                   rounding;        /* an act's first round is over */
	bool                   turns;   /* and its next one begins */
	bool                   sized;   /* `due` is known */
	bool                   first;   /* of what is due, none came yet */
	bool                   counted; /* by the protocol */
	bool                   parsed;  /* `reply` is a whole one */
	bool                   draining;        /* judged; replies are owed */
	bool                   told;    /* what it sent */
	bool                   group_more;      /* its connect goes on */
	bool                   dropped; /* the rest of the group is not run */
	/* Something was there before the act, so it is not sent: */
	bool                   early;
	bool                   answering;       /* it is its reply: 421 */
	bool                   answered;        /* and was judged as such */
	struct buf             kept;    /* octets of the reply before a handshake */
	const struct sasl_ask *sasl;    /* of the exchange that goes on */
	struct buf             said;    /* by the server, in it, of us */
	struct buf             aside;   /* what else explains a failure */
	bool                   begins;  /* its first sum is under way */
	bool                   ended;   /* its yes is met by `ends` */
	const struct tls_ask  *tls;     /* of the handshake that begins */
	const struct tls_facts *secured;        /* this step made it; or NULL */
	struct reply           reply;   /* being parsed, or judged last */
	struct outcome         last;    /* the step's worst, for the source */

	struct conn           *conns;   /* `own`, until a script names more */
	uint32_t               conn_count;
	struct conn            own[];
};

struct ruling;          /* below */

/* ---- session.c ---- */
/* Waits for octets of the reply that is judged now, until session_due(). */
struct want session_await(struct session *s);
uint64_t session_due(struct session *s);
struct want session_finish(struct session *s);
struct want session_last_look(struct session *s);
/* The scenario's own trouble; shard->fault says why. */
void session_worse(struct session *s, enum result result, enum cause cause);
bool session_past_limit(struct session *s);

/* ---- hear.c ---- */
struct want hear_input(struct session *s, const struct input *input);
/* Lines that tell how a connect or a handshake went. */
void hear_notes(struct session *s, struct span notes);

/* ---- begin.c ---- */
struct want act_begin(struct session *s);

/* ---- act.c ---- */
/* Octets may wait to be read. */
bool act_looks(struct session *s);
/* What nobody read goes with the connection: shard->fault says so. */
bool act_unread_lost(struct session *s);
struct want act_plan(struct session *s);
/* Its first octets, or those of its next round. */
struct want act_go(struct session *s);
/* A deadline, and what the session knows of a want. */
struct want act_bound(struct session *s, struct want want);
struct plan act_plan_of(struct session *s);
struct want act_send(struct session *s, const struct step *step,
    struct want *want, bool secret);
/* What comes after a want is done. */
struct want act_follow(struct session *s, const struct input *input);
/* The lazy write was done when it was planned. */
void act_written(struct session *s);
/* The act is over: what it awaits is judged from now on. */
struct want act_judge(struct session *s);

/* ---- secure.c ---- */
/* WANT_TLS, but what waits in plaintext comes first. */
struct want secure_begin(struct session *s, const struct want *want);
struct want secure_looked(struct session *s);
struct want secure_done(struct session *s, const struct input *input);
/* shard->fault says why. */
struct want secure_failed(struct session *s);
/* The act was to make a handshake, and made none: what `tls` expects decides. */
void secure_none(struct session *s, struct ruling *ruling);
/* Is what a server greets with in the clear a TLS record, as ports that speak
 * TLS from the start answer whoever does not? Then the fault says so. */
bool secure_mistaken(struct session *s, struct span greeting);

/* ---- sasl.c ---- */
struct want sasl_begin(struct session *s, struct want want);
struct want sasl_done(struct session *s, const struct input *input);
/* shard->fault says why. */
struct want sasl_failed(struct session *s);
struct want sasl_late(struct session *s, const char *waited);
/* Did the step that is over now have an exchange? Forgets it: the want that
 * comes next tells the loop. */
bool sasl_spent(struct session *s);
/* A reply that was parsed just now: what it offers, or that it refuses. */
void sasl_seen(struct session *s, enum tone tone);

/* ---- early.c ---- */
bool step_awaits(const struct session *s, const struct step *step);
/* Does anything of the step under way await a reply? */
bool act_awaits(const struct session *s);
/* Octets or a close are there that stand in the way of what is sent now. */
bool early_blocks(struct session *s);
struct want early_judge(struct session *s);
/* Is what waits an answer at all? Else the step is over. */
void early_check(struct session *s);
void early_noise(struct session *s);
/* The next step of a group, whose first was answered without being sent. */
void early_rest(struct session *s);

/* ---- judge.c ---- */
void judge_begin(struct session *s);
/* One of several replies passed; the end of the step is told by verdict(). */
void judge_told(struct session *s, const struct ruling *ruling);
struct want judge_bytes(struct session *s, struct span direct);
struct want judge_timeout(struct session *s);

/* ---- count.c ---- */
/* How many replies the step awaits is known from now on; none is a verdict. */
void count_begin(struct session *s);
/* One of them is here: the protocol sees it. */
void count_seen(struct session *s, const struct reply *reply);
/* Of a single step: no reply is due to what is written now. */
bool count_none(const struct session *s);
/* The reply is fine, or a warning: is its number? A warning waits for the
 * replies behind it: they may be worse. */
void count_rule(struct session *s, struct ruling *ruling);
/* "reply 2 of 3: ..." */
void count_number(struct session *s);
/* The verdict is due: true, the warning that waited is all of it. */
bool count_settle(struct session *s, struct ruling *ruling);

/* A judgement in the making; shard->fault has its sentence. */
struct ruling {
	enum result          result;
	enum cause           cause;
	bool                 fatal;
	bool                 ends;      /* the dialogue is over, and well */
	struct loc           loc;
	const struct expect *expect;
	const struct reply  *reply;
};
/* ---- rounds.c ---- */
/* Is this one of several rounds, each with replies of its own? */
bool rounds_has(const struct session *s);
/* Are replies that ask for more held against nothing? */
bool rounds_continue(const struct session *s);
/* Of the round before, whose octets are gone by now; or NULL. */
const struct reply *rounds_reply(struct session *s);
/* Does the act go on behind the replies that are judged now? */
bool rounds_open(const struct session *s);
/* All replies of a round (NULL: silence) were judged: is there another one? */
bool rounds_next(struct session *s, const struct reply *reply,
    struct ruling *ruling);
void rounds_end(struct session *s, struct ruling *ruling);
/* More replies than expect_each lists: the step is over. */
bool rounds_exceed(struct session *s);
void rounds_many(struct session *s, struct ruling *ruling);
/* The next round, where nothing is in its way. */
struct want rounds_turn(struct session *s);
/* There was none any more; the last reply stands. */
struct want rounds_over(struct session *s);
/* Which of the later replies would be whose? */
struct want rounds_owed(struct session *s);

/* ---- rule.c ---- */
void rule_reply(struct session *s, const struct reply *reply,
    struct ruling *ruling);
/* A reply that only asks for more: its flaws. */
void rule_round(struct session *s, const struct reply *reply,
    struct ruling *ruling);
/* The matchers of that kind. */
bool rule_matches(struct session *s, const struct expect *e,
    enum match_when when, const struct seen *seen, struct ruling *ruling);
/* All of them, but `tls` where a handshake of this step has been or will be
 * held against it. */
bool rule_all(struct session *s, const struct expect *e,
    const struct seen *seen, struct ruling *ruling);
/* Of the connection; NULL: in the clear. */
const struct tls_facts *rule_tls(struct session *s);
bool rule_yes(const struct session *s, enum tone tone);
bool rule_time(struct session *s, const struct expect *e, const char *what,
    struct ruling *ruling);
/* The flaws that are tolerated now; *strict: and no other, not even mild. */
uint32_t rule_tolerated(const struct session *s, const struct expect *e,
    bool *strict);

/* ---- verdict.c ---- */
/* Ends the step, or the inner one of a group. shard->fault has the sentence.
 * The step's settings may soften the ruling. */
void verdict(struct session *s, struct ruling *ruling);
/* Ends the whole step with the fault of the act in shard->fault. */
struct want verdict_fail(struct session *s, enum result result,
    enum cause cause, bool fatal);
struct want verdict_pass(struct session *s);
/* The reply of a plain step passed: what verdict() would do then. */
void verdict_plain(struct session *s);
void verdict_not_run(struct session *s, const struct step *step,
    uint32_t from, uint32_t to);
/* The replies that a failed judgement left have been read. */
void verdict_drained(struct session *s);
/* They never come: nothing more can be judged on the connection. */
void verdict_owed(struct session *s);
/* Steps of a group that await nothing have passed with the write. */
void verdict_silent(struct session *s);

/* ---- say.c ---- */
void say_scenario(struct session *s, enum event_kind kind,
    const struct outcome *outcome);
/* Where the bus wants it. */
void say_begins(struct session *s, const struct step *step);
void say_ends(struct session *s, const struct step *step,
    const struct outcome *outcome);
/* `made`: the octets are no constant of the program. */
void say_sent(struct session *s, const struct step *step, struct span bytes,
    bool secret, bool made);
void say_received(struct session *s, uint8_t conn, struct span bytes);
/* A note of the text of shard->fault, or of one of the source's. */
void say_text(struct session *s, enum event_kind kind, uint8_t conn,
    struct span text);
void say_note(struct session *s, uint8_t conn);
/* "10 s", "500 ms", "1.5 s". */
const char *say_ms(uint64_t ms, char text[24]);

static inline bool
said(const struct session *s, enum event_kind kind)
{
	return (s->shard->bus->wants & EVENT_BIT(kind)) != 0;
}

/* The step whose reply is due: of a group, the inner one. */
static inline const struct step *
judged_step(const struct session *s)
{
	return s->step->group_count > 0 && s->inner < s->step->group_count ?
	    &s->step->group[s->inner] : s->step;
}

/* What was not sent asks for nothing. */
static inline const struct ask *
judged_ask(const struct session *s)
{
	return s->step->group_count > 0 && !s->early ? &s->asks[s->inner] :
	    &s->ask;
}

static inline const struct expect *
judged_expect(const struct session *s)
{
	const struct step *step = judged_step(s);

	if (step->expect_count == 0)
		return NULL;
	/* One expectation holds for every reply of an act. */
	return &step->expects[step->expect_count == 1 ? 0 :
	    s->which < step->expect_count ? s->which : step->expect_count - 1];
}

static inline struct conn *
conn_of(struct session *s)
{
	return &s->conns[s->step->conn];
}

static inline struct span
inbox(const struct conn *conn)
{
	return span_from(buf_span(&conn->inbox), conn->inbox_at);
}

void inbox_add(struct conn *conn, struct span bytes);
void inbox_eat(struct conn *conn, size_t count);

#endif
