/*
 * Inside of the bus: one running scenario's records, and how they are made.
 *
 *   bus.c     order, delivery, snapshots, totals
 *   record.c  events to step records, their memory
 *   wires.c   what was sent and received, its bounds, its secrets
 *   notes.c   the words of a step record: want, note, remark, message
 *   notes_tls.c  its handshake
 *   brief.c   events that need no record
 */
#ifndef QUOTH_RUN_RECORD_H
#define QUOTH_RUN_RECORD_H

#include "base/arena.h"
#include "run/bus.h"

/* Rounds of `eventually` that did not hold are dropped whole. */
struct round {
	struct round *below;
	struct arena  arena;
};

/* A step while it runs. */
struct open_step {
	struct open_step   *next;
	const struct step  *step;       /* only compared, never read */
	struct step_record *record;
	struct step_record *before;     /* the record that it stands behind */
	struct wire_record *last;
	size_t              logged;     /* octets kept of its wires */
	struct redactor    *own;        /* what a secret step sent; or NULL */
	size_t              learnt;     /* octets of that, up to LEARN_MAX */
};

struct running {
	struct arena          arena;
	struct round         *rounds;   /* the newest first */
	struct scenario_record record;
	struct step_record   *first, *last;
	struct step_record   *before_round;     /* what the round's steps follow */
	uint32_t              round;    /* of `eventually`; 0: outside */
	uint16_t              attempt;
	struct open_step     *open;
	struct wire_record   *said;     /* the newest behind `last` */
	uint32_t              passed;   /* steps that brief.c only counted */
	size_t                logged;   /* of LIMIT_LOG_RUN, by the last round */
	bool                  began, ended;
	uint64_t              began_us;
};

struct recorder {
	const struct run_bus_options *options;
	bool        brief;              /* all reporters are */
	size_t      logged;             /* octets kept in the whole run */
	struct buf  scratch, mask;
	/* Tells the journals; `step` without wires, or one of its wires. */
	void (*journal)(struct recorder *, enum journal_kind,
	    struct running *, const struct step_record *,
	    const struct wire_record *, uint64_t at_us);
};

/* Microseconds since the run began; never wraps. */
static inline uint64_t
record_since(const struct run_bus_options *options, uint64_t at_us)
{
	return at_us > options->began_us ? at_us - options->began_us : 0;
}

/* Of `eventually`; 0: outside. */
static inline uint32_t
record_round(const struct event *event)
{
	return event->round > 0 || event->step == NULL ? event->round :
	    event->step->round;
}

void running_start(struct running *running, const struct run_bus_options *,
    uint32_t number);
void running_free(struct running *running);

void record_event(struct recorder *recorder, struct running *running,
    const struct event *event);

/* Ends what is still open, as "not run" or cancelled. */
void record_close(struct recorder *recorder, struct running *running,
    uint64_t at_us);

/* Redacted, at most `max` octets, in `arena`. `own`: one more set, or NULL. */
struct span record_text(struct recorder *recorder, struct arena *arena,
    struct span text, size_t max, const struct redactor *own);

/* Where records of now are to live; an open step, or NULL; a connection's
 * name. */
struct arena *record_arena(struct running *running);
struct open_step *record_open(struct running *running,
    const struct step *step);
void record_unlink(struct running *running, struct open_step *gone);
const char *record_conn(struct recorder *recorder, struct running *running,
    const struct event *event, uint8_t conn);

/* True: nothing of the event has to be kept. Only with `brief`, and then it
 * is enough when these events are made. */
#define BRIEF_WANTS (EVENT_BIT(EVENT_SCENARIO_BEGIN) | EVENT_SENT_MADE | \
	EVENT_STEP_BAD | EVENT_BIT(EVENT_SCENARIO_END))
bool brief_event(struct recorder *recorder, struct running *running,
    const struct event *event);

void wire_event(struct recorder *recorder, struct running *running,
    const struct event *event);
/* These steps go: what the script said behind them stays, behind the last
 * one that does. */
void wires_keep(struct running *running, const struct step_record *gone);
/* All octets of the step are here: redacted, and told to the journal. */
void wires_end(struct recorder *recorder, struct running *running,
    struct open_step *open);
/* What the act wrote, in one piece: record->sent. */
void wires_sent(struct arena *arena, struct step_record *record);

/* want, message, note, reply, got, place of a step that ended. */
void notes_fill(struct recorder *recorder, struct arena *arena,
    struct step_record *record, const struct event *event,
    const struct redactor *own);

/* The handshake of a step that made one. notes_tls.c */
const struct tls_record *notes_tls(struct recorder *recorder,
    struct arena *arena, const struct tls_facts *facts);

/* ---- masks.c ---- */
/* Secret lines, each with what its protocol shows of it and
 * <redacted, N bytes>. */
void mask_lines(const struct event *event, struct span bytes, bool received,
    struct buf *out);

/* What of it is secret by itself: its words, but not what is shown of them; of
 * an exchange also what their base64 says. */
void mask_learn(const struct event *event, struct span bytes,
    struct redactor *own);

#endif
