/*
 * Inside of the session, by concern:
 *
 *   session.c  the states: one function each, and the only writer of `state`
 *   act.c      planning: a step, a group, the octets to write
 *   judge.c    octets to replies; closes, timeouts, silences
 *   rule.c     one reply against one expectation
 *   verdict.c  what a judgement means for the step and for the dialogue
 */
#ifndef QUOTH_RUN_SESSION_OWN_H
#define QUOTH_RUN_SESSION_OWN_H

#include "run/session.h"

#include "base/limits.h"
#include "model/verb.h"

enum state {
	STATE_NEW,
	STATE_SOURCE,           /* the source said LATER */
	STATE_PAUSE,            /* before a step's act */
	STATE_LOOK,             /* for unsolicited octets, before an act */
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
	bool          open;     /* between connect and close or abort */
	bool          peer_closed;
	bool          desynced; /* nothing can be judged on it any more */
	uint8_t       closing;
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

	uint64_t               now_us, began_us, limit_us;
	enum result            worst;
	enum cause             cause;
	int32_t                code;
	struct fault           fault;   /* of the worst; for the end */

	/* The step under way. */
	const struct step     *step;
	uint64_t               step_us, acted_us, due_us;
	uint64_t               at;      /* plan->at */
	uint32_t               round;
	struct ask             ask;     /* of a single step */
	struct ask            *asks;    /* of a group's steps */
	uint32_t               inner;   /* of a group: the one being judged */
	uint32_t               due;     /* replies still awaited by it */
	uint32_t               which;   /* of its expectations */
	uint8_t                then, kind;      /* of the want under way */
	bool                   sized;   /* `due` is known */
	bool                   draining;        /* judged; replies are owed */
	struct reply           reply;   /* being parsed */
	struct outcome         last;    /* for the source */

	struct conn            conns[];
};

/* ---- session.c ---- */
struct want session_await(struct session *s);

/* ---- act.c ---- */
bool step_awaits(const struct session *s, const struct step *step);
struct want act_begin(struct session *s);
struct want act_plan(struct session *s);
struct want act_follow(struct session *s, const struct input *input,
    const struct reply *reply);

/* ---- judge.c ---- */
void judge_begin(struct session *s);
struct want judge_bytes(struct session *s, struct span direct);
struct want judge_timeout(struct session *s);
/* Unread octets where an act that awaits a reply begins. False: the step is
 * over, and `*want` says what comes next. */
bool judge_unsolicited(struct session *s, struct want *want);

/* A judgement in the making; `text` is one sentence. */
struct ruling {
	enum result          result;
	enum cause           cause;
	bool                 fatal;
	bool                 ends;      /* the dialogue is over, and well */
	struct loc           loc;
	const struct expect *expect;
	const struct reply  *reply;
};
/* ---- rule.c ---- */
void rule_reply(struct session *s, const struct reply *reply,
    struct ruling *ruling);
bool rule_matches(struct session *s, const struct expect *e,
    const struct seen *seen, struct ruling *ruling);
bool rule_time(struct session *s, const struct expect *e,
    struct ruling *ruling);

/* ---- verdict.c ---- */
/* Ends the step, or the inner one of a group. shard->fault has the sentence.
 * The step's settings may soften the ruling. */
void verdict(struct session *s, struct ruling *ruling);
/* Ends the whole step with the fault of the act in shard->fault. */
struct want verdict_fail(struct session *s, enum result result,
    enum cause cause, bool fatal);
void verdict_not_run(struct session *s, const struct step *step);
/* The replies that a failed judgement left have been read, or never come. */
void verdict_drained(struct session *s);
/* Steps of a group that await nothing have passed with the write. */
void verdict_silent(struct session *s);
void emit_event(struct session *s, enum event_kind kind,
    const struct step *step, struct span bytes, bool secret);
void emit_received(struct session *s, uint8_t conn, struct span bytes);

static inline void
emit(struct session *s, enum event_kind kind, const struct step *step,
    struct span bytes, bool secret)
{
	if ((s->shard->bus->wants & EVENT_BIT(kind)) != 0)
		emit_event(s, kind, step, bytes, secret);
}

/* The step whose reply is due: of a group, the inner one. */
static inline const struct step *
judged_step(const struct session *s)
{
	return s->step->group_count > 0 && s->inner < s->step->group_count ?
	    &s->step->group[s->inner] : s->step;
}

static inline const struct ask *
judged_ask(const struct session *s)
{
	return s->step->group_count > 0 ? &s->asks[s->inner] : &s->ask;
}

static inline const struct expect *
judged_expect(const struct session *s)
{
	const struct step *step = judged_step(s);

	if (step->expect_count == 0)
		return NULL;
	/* One expectation holds for every reply of an act. */
	return &step->expects[step->expect_count == 1 ? 0 : s->which];
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
