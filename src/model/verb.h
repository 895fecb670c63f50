/*
 * A verb only plans: it turns its arguments into a want. src/verb/ has one
 * file for each; rows.h lists them.
 */
#ifndef QUOTH_MODEL_VERB_H
#define QUOTH_MODEL_VERB_H

#include "model/match.h"
#include "model/want.h"

struct build;
struct vars;

/* What a verb may use; lives in the shard, valid for the call, except `at`
 * and `ask`. */
struct plan {
	struct vars        *vars;
	const struct proto *proto;
	struct talk        *talk;
	struct buf         *out;        /* scratch; appended to within a group */
	uint64_t            at;         /* the verb's own place: 0 at plan() */
	struct ask          ask;        /* set by plan_line() */
	uint32_t            round;      /* follow() calls so far */
};

/*
 * plan() and follow() are pure: same args, vars, at and input give the same
 * want. No file, nothing kept but in vars and `at`; what is new at each use
 * (${date}, ${uuid}, ${random}) comes of vars. follow() is called
 *   - after DONE of a want with THEN_FOLLOW, and
 *   - after the replies to one with THEN_ROUND, if they passed. After a refusal
 *     that is expected it is called only where expect_each has an entry for
 *     the next round, or where it `secures`; where it `continues`, never. In a
 *     pipeline it is called at once, without a reply; one that secures, with
 *     it, and only as the last.
 * WANT_NOTHING from follow() ends the act; from plan() it is an act of no
 * wire (set).
 */
struct verb {
	const char *name;       /* the YAML key and the Lua method */
	const char *usage;      /* one line, printed by `explain` */
	bool awaits;            /* one reply even without `expect` */
	bool groups;            /* may stand in a pipeline: plan() gives WRITE */
	bool opens;             /* needs no open connection */
	bool rounds;            /* may say THEN_ROUND: one expectation holds for
	                         * each round, expect_each lists them all */
	bool secures;           /* may make a TLS handshake */
	bool continues;         /* with `rounds`: replies that ask for more are
	                         * rounds, and no expectation is held against
	                         * them; it judges the one that does not (auth) */
	bool settles;           /* a reply that asks for more is no yes to it: it
	                         * opens a dialogue or ends what was asked for */
	bool speaks;            /* sends one line, which is its label, too */
	bool wireless;          /* touches no connection (wait, set) */
	/* Before anything is said of the step: what no output may show, also of
	 * an author's mistake. NULL: nothing. */
	void (*hide)(struct build *, const struct node *);
	bool (*parse)(struct build *, const struct node *, const void **args);
	bool (*plan)(const void *args, struct plan *, struct want *,
	    struct fault *);
	bool (*follow)(const void *args, struct plan *, const struct input *,
	    const struct reply *, struct want *, struct fault *);
	/* Does this step await a reply without `expect`? NULL: `awaits`. */
	bool (*awaits_of)(const void *args);
};
extern const struct verb *const verb_rows[];    /* NULL-ended */

const struct verb *verb_find(struct span name);

/* One command line into plan->out: checks CR, LF, NUL-free length, adds CRLF,
 * asks the protocol. `line` is without line end. */
bool plan_line(struct plan *plan, struct span line, struct want *want,
    struct fault *fault);

#endif
