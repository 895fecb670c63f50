/*
 * What the files of the bridge share; nobody else includes it.
 *
 *   bridge.c           frames in, runs by their number, coroutines
 *   bridge_run.c       a run from START to END, and why it ended
 *   bridge_load.c      LOAD: the module quoth, registration
 *   bridge_require.c   modules
 *   bridge_check.c     what is wrong with code before it runs
 *   bridge_place.c     files, lines, tracebacks
 *   bridge_value.c     Lua values to octets       bridge_take.c: and back
 *   bridge_step.c      pending acts, and steps made of them
 *   bridge_act.c       the verbs as methods; wait, set, use
 *   bridge_expect.c    expect, check, expect_each
 *   bridge_outcome.c   OUTCOME: replies filled in, who waits is woken
 *   bridge_reply.c     the fields of a reply
 *   bridge_conn.c      connections: connect, <close>
 *   bridge_group.c     t:pipeline                 bridge_poll.c: eventually
 *   bridge_names.c     t's fields: params, vars, built-ins
 *   bridge_tools.c     note, skip, random, uuid, date, base64, hmac
 *   bridge_secret.c    handles of secrets
 *
 * Lua errors are longjmps: nothing that must be freed lives in C locals while
 * a function of Lua's that can raise is called. Encoding goes to buffers of
 * the bridge or of the run first, so that a frame is never left half written.
 */
#ifndef QUOTH_SCRIPT_BRIDGE_OWN_H
#define QUOTH_SCRIPT_BRIDGE_OWN_H

#include "model/verb.h"
#include "script/bridge.h"
#include "script/vm.h"

#include <lauxlib.h>

enum {
	AHEAD_MAX = 32,         /* steps of a run without an outcome */
	RING = 64,              /* above AHEAD_MAX and what one act adds */
	MODIFIERS_MAX = 6,
	NOTE_MAX = 4096,        /* octets */
	NOTES_MAX = 10000,
	OWED_MAX = 10000,
	TRACE_LINES = 20,
	LABEL_MAX = 60,
	RUNS_HASH = 1024,       /* power of two */
	POOL_MAX = 256,         /* coroutines kept */
	OUT_FLUSH = 256 * 1024,
	OUT_MAX = MESSAGE_MAX + OUT_FLUSH + 4096,
	IN_MAX = 2 * MESSAGE_MAX
};

/* Every userdata of ours starts with this, so that a check of its type is no
 * search in the registry. */
enum box_kind {
	BOX_QUOTH = 0x71750001, BOX_RUN, BOX_CONN, BOX_REPLY, BOX_SECRET,
	BOX_NAMES, BOX_END
};
enum { BOX_COUNT = BOX_END - BOX_QUOTH };

struct place { uint32_t file, line; };

/* Octets that stand somewhere in a buffer that may still grow. */
struct cut { uint32_t at, len; };

struct modifier { struct cut key, value; };
struct modifiers {
	struct modifier list[MODIFIERS_MAX];
	uint32_t        count;
	bool            go_on;          /* on_fail: continue */
};

/* An act that waits for what is expected of it. */
struct act {
	const struct verb *verb;        /* NULL: there is none */
	struct conn       *conn;        /* NULL: wireless */
	struct place       place;
	struct buf         bytes;       /* value and modifiers, encoded */
	struct cut         value;
	struct modifiers   modifiers;
	struct cut         text;        /* of value, where it is a text */
	bool               awaits;
	bool               quits, offers;
	bool               closes;      /* close or abort, not half */
};

/* A reply that an act left behind, to be expected later. */
struct owed {
	struct place place;
	char         label[LABEL_MAX + 1];
	bool         quits, offers;
};

struct conn {                           /* a userdata; 1: name, 2: next */
	uint32_t     kind, run;         /* run's number */
	struct conn *next;
	struct span  name;
	uint32_t     opened, closed;    /* the steps that did; 0: none */
	bool         lost;              /* connecting failed for good */
	bool         quit_last;         /* QUIT was the last command */
	bool         quit_seen;         /* and was answered */
	struct owed *owed;
	uint32_t     owed_count, owed_cap;
};

struct reply_box {                      /* a userdata; 1: raw */
	uint32_t     kind, run;
	uint32_t     seq, inner;
	struct conn *conn;              /* while it is not known */
	struct place place;
	bool         known, quits, offers, has_reply, grouped;
	uint8_t      result;
	int32_t      code;
	uint32_t     enhanced, flaws, ms;
};

struct names_box {                      /* a userdata; 1: the table */
	uint32_t kind, run;
	bool     vars;
};

struct secret_box {                     /* a userdata */
	uint32_t kind;
	uint32_t count, depth;          /* parts; how they nest */
	uint32_t len;
	char     parts[];
};

/* Inside of t:pipeline. */
struct item {
	const struct verb *verb;        /* NULL: expects only */
	struct place       place, expect_place;
	struct cut         value, expect, label;
	struct modifiers   modifiers;
	const char        *expect_key;  /* NULL: not yet */
	bool               awaits, check, quits, offers, closes;
};
struct group {
	struct conn *conn;
	struct buf   bytes;
	struct item *items;
	uint32_t     count, cap;
	uint32_t     replies;           /* given out so far */
	struct place place;
};

enum run_state { RUN_SUSPENDED, RUN_RUNNING, RUN_OVER };
enum run_ending { ENDING_NONE, ENDING_SKIP, ENDING_FAIL };

/* The userdata `t`. 1: its coroutine; 2: START's values, octets, then a table
 * of them; 3: replies under way, by ring; 4: first connection; 5: the replies
 * of the pipeline that is recorded; 6: what was copied for it (clone.h). */
enum {
	RUN_CO = 1, RUN_VALUES, RUN_REPLIES, RUN_CONNS, RUN_GROUP, RUN_COPIES
};

struct run {
	uint32_t        kind, id;
	struct run     *next;           /* of the same hash */
	lua_State      *co;
	int             ref;            /* in the registry */
	uint8_t         state, ending;
	bool            stopped;        /* heard STOP */
	bool            held;           /* STOP follows: nothing goes on before */
	bool            polling, again;
	bool            stop_goes_on;   /* the scenario's on_fail: continue */
	bool            keep_trace;
	bool            settling;       /* a pcall waits to begin */
	bool            silent;         /* its protocol awaits no replies */
	bool            greets;
	uint32_t        sent, done;     /* steps */
	uint32_t        heard;          /* the last with an outcome */
	uint32_t        base;           /* ring slots count from here */
	uint32_t        wait;           /* outcome that it waits for */
	uint32_t        steps_round, round, every_ms;
	uint32_t        notes, conns, unnamed;
	uint64_t        go_on, checks;  /* of the steps under way, by ring */
	struct vm_slice slice;
	struct conn    *first;
	const struct proto *proto;      /* or NULL */
	struct act      act;
	struct group   *group;
	uint64_t        attempt, seed, salt, uuids;
	uint64_t        random;         /* generator of t:random */
	char           *trace;          /* of the error that unwinds */
	char           *why;            /* it stopped, or skip, or fail */
	struct place    trace_place, why_place;
};

struct source_file {
	uint32_t    number;
	struct span chunk;              /* "@x.lua" */
	struct span label;              /* as Lua shortens it */
};

struct registered {
	int  ref;                       /* the function */
	bool clone, go_on;
};

struct bridge {
	struct vm            vm;
	struct bridge_pipes *pipes;
	struct pulse        *pulse;
	struct buf           in, out;
	size_t               at;        /* in `in`: frames so far handled */
	bool                 broken, loaded, opened;
	struct run          *runs[RUNS_HASH];
	struct run          *current;
	uint32_t             beats;
	int                  meta[BOX_COUNT];
	int                  pool, pooled, quoth;
	struct buf           scratch;   /* what one call encodes */
	struct buf           keys;      /* sorted keys of the maps around */
	struct buf           text;      /* replies, traces, labels */
	struct source_file  *files;
	uint32_t             file_count;
	struct buf           list;      /* registered scenarios, encoded */
	uint32_t             list_count;
	struct registered   *functions;
	uint32_t             function_count;
	uint32_t             unfinished;        /* quoth.scenario "x" alone */
	struct place         unfinished_place;
	uint32_t             prints;
	struct vm_slice      load_slice;
	char                *load_trace;
	struct place         load_place;
};

/* bridge.c */
struct run *bridge_run_of(struct bridge *b, uint32_t id);
void bridge_resume(struct bridge *b, struct run *run, int args);
void bridge_sent(struct bridge *b, size_t mark);        /* ends a frame */
void bridge_meta(struct bridge *b, lua_State *L, enum box_kind kind);
/* The bridge of a C closure of ours. */
struct bridge *bridge_of(lua_State *L);
/* Registers `name` in the table on top. */
void bridge_method(struct bridge *b, lua_State *L, const char *name,
    lua_CFunction function);
/* Raises with the author's place in front. */
int bridge_raise(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct span bridge_span(lua_State *L, int at);  /* of a string there */
bool bridge_is(lua_State *L, int at, enum box_kind kind);

/* bridge_run.c */
/* Pushes the value at `at` as the run's own: a copy, where it needs one. */
void run_own(struct bridge *b, lua_State *L, const struct run *run, int at);
void run_start(struct bridge *b, lua_State *L, const struct frame *frame);
void run_stop(struct bridge *b, struct run *run);
void run_drop(struct bridge *b, struct run *run);
/* It ended without our run_main: a coroutine that broke. */
void run_broke(struct bridge *b, struct run *run, lua_State *L, bool yielded);
/* t or a connection of the run that runs now; else raises. */
struct run *run_check(lua_State *L, struct bridge *b, const char *method);
struct run *run_of_conn(lua_State *L, struct bridge *b, const char *method);
/* Raises what ended the dialogue, if something did. */
void run_ready(lua_State *L, struct run *run);
/* Suspends until the outcome of `seq` is there, then calls `k`. */
int run_wait(lua_State *L, struct bridge *b, struct run *run, uint32_t seq,
    lua_KFunction k, lua_KContext context);
/* Before an act: raises, or waits while too many steps are ahead (and comes
 * back through `k`). */
void run_pace(lua_State *L, struct bridge *b, struct run *run,
    lua_KFunction k);
bool run_waits(lua_State *L, const struct run *run);
void run_complain(struct bridge *b, uint32_t id, enum frame_kind kind,
    const struct complaint *complaint);
/* Frees what it holds outside of Lua. */
void run_clear(struct run *run);

/* bridge_load.c */
void load_open(struct bridge *b, lua_State *L);
int load_require(struct vm *vm, lua_State *L, struct span name);
bool load_frame(struct bridge *b, lua_State *L, const struct frame *frame);

/* The environment's require gives each run values of its own. */
void load_require_guard(struct bridge *b, lua_State *L);

/* bridge_check.c: of the function on top of L */
void check_globals(struct bridge *b, lua_State *L, uint32_t file);
/* NULL, or why it must not be run, and where. */
const char *check_compiled(lua_State *L, struct span source, uint32_t *line);

/* bridge_place.c */
void place_add_file(struct bridge *b, uint32_t number, struct span path);
struct place place_here(struct bridge *b, lua_State *L);
void place_text(struct bridge *b, struct place place, struct buf *out);
/* "x.lua:12: text": cuts the place off the front. */
struct place place_cut(struct bridge *b, struct span *text);
int place_handler(lua_State *L);        /* of pcalls: upvalue 1 the bridge */
char *place_keep(struct span text);     /* a C string; mem_free() it */

/* bridge_value.c */
struct encoder {
	struct bridge *b;
	struct buf    *out;
	uint32_t       depth;           /* levels around what is encoded */
	uint32_t       nodes;
	bool           run;             /* a function may stand under `run` */
	int            function;        /* out: its place on the stack, 0 none */
	const void    *above[MESSAGE_DEPTH];
	struct { struct span key; uint64_t index; } path[MESSAGE_DEPTH];
	uint32_t       steps;           /* of path */
	char           why[240];
};
/* False: why not, with the path, in `why`. */
bool value_put(struct encoder *e, lua_State *L, int at);
/* A map with one key more: `extra` and its encoded value. */
bool value_put_map(struct encoder *e, lua_State *L, int at,
    const char *extra, struct span extra_value);
/* At `at`, or nothing given; raises "send: ..." when it cannot be. */
struct cut value_encode(lua_State *L, struct bridge *b, struct buf *out,
    int at, const char *what, uint32_t depth);
void modifiers_encode(lua_State *L, struct bridge *b, struct buf *out, int at,
    const char *what, struct modifiers *modifiers);
void value_put_text(struct buf *out, struct span text);
void value_put_none(struct buf *out);

/* bridge_take.c */
/* Pushes the value at the front of `in`. False: it does not parse, and
 * nothing is pushed. */
bool take_push(struct bridge *b, lua_State *L, struct span *in,
    uint32_t depth);
bool take_skip(struct span *in, uint32_t depth);
bool take_find(struct span map, const char *key, struct span *text);

/* bridge_step.c */
void act_record(lua_State *L, struct bridge *b, struct run *run,
    const struct verb *verb, struct conn *conn, int arg, int modifiers);
void act_flush(lua_State *L, struct bridge *b, struct run *run);
void act_clear(struct act *act);
struct expected {
	const char  *key;               /* "expect", "expect_each"; or NULL */
	struct cut   value;             /* in b->scratch */
	struct place place;
	const struct modifiers *modifiers;      /* in b->scratch */
};
/* The pending act, if it is of `conn`, and what is expected, as one step. */
uint32_t step_send(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, const struct expected *expected, uint32_t flags);
void owed_add(lua_State *L, struct conn *conn, const struct act *act);
bool owed_take(struct conn *conn, struct owed *owed);

/* A map under way: entries in order. */
struct form {
	struct { struct span key, value; struct place place; }
	             list[2 * MODIFIERS_MAX + 6];
	uint32_t     count;
	struct place place;
};
bool form_add(struct form *form, const char *key, struct span value,
    struct place place);
/* NULL, or the modifier that stands there already. */
const char *form_modifiers(struct form *form, const struct buf *bytes,
    const struct modifiers *modifiers, char room[32]);
void form_put(const struct form *form, struct buf *out);
uint32_t form_send(lua_State *L, struct bridge *b, struct run *run,
    const struct form *form, enum frame_kind kind, uint32_t flags,
    bool go_on);

/* bridge_act.c */
void act_methods(struct bridge *b, lua_State *L, bool wireless);
int act_use(lua_State *L);

/* bridge_expect.c */
void expect_methods(struct bridge *b, lua_State *L);

/* bridge_outcome.c */
bool outcome_frame(struct bridge *b, lua_State *L, const struct frame *frame,
    struct run *run);
/* What is on top of L is filled in by the outcomes of `seq`. Pops nothing. */
void outcome_await(lua_State *L, struct bridge *b, struct run *run,
    uint32_t seq);
uint32_t ring_slot(const struct run *run, uint32_t seq);

/* bridge_reply.c */
struct reply_box *reply_push(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, uint32_t seq, uint32_t inner);
int reply_index(lua_State *L);
bool reply_passed(const struct reply_box *reply);

/* bridge_conn.c */
int bridge_conn_connect(lua_State *L);
int bridge_conn_close(lua_State *L);
struct conn *bridge_conn_find(struct run *run, struct span name);

/* bridge_group.c */
int group_pipeline(lua_State *L);
void group_act(lua_State *L, struct run *run);
int group_expect(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, const char *key, bool check);
void group_free(struct run *run);

/* bridge_poll.c */
int poll_eventually(lua_State *L);
bool poll_unsettled(struct vm *vm, lua_State *L);
int poll_raise(lua_State *L);

/* bridge_names.c */
int names_t(lua_State *L);
int names_index(lua_State *L);
int names_pairs(lua_State *L);
void names_set(struct bridge *b, lua_State *L, struct run *run,
    struct span name, struct span value);

/* bridge_tools.c */
void tools_methods(struct bridge *b, lua_State *L);
void tools_print(struct vm *vm, struct span text);

/* bridge_secret.c */
void secret_open(struct bridge *b, lua_State *L);
void secret_push(struct bridge *b, lua_State *L, uint32_t count,
    uint32_t depth, struct span parts);
/* base64 and hmac of handles; the arguments stand at 2 and on. */
int secret_base64(lua_State *L, struct bridge *b);
int secret_hmac(lua_State *L, struct bridge *b, struct span digest,
    bool raw);

#endif
