/* What the bridge keeps: runs, connections, acts and replies, most of them
 * inside of Lua's userdata. Shared by bridge_*.c alone. */
#ifndef QUOTH_SCRIPT_BRIDGE_DATA_H
#define QUOTH_SCRIPT_BRIDGE_DATA_H

#include "model/verb.h"
#include "script/bridge/bridge.h"
#include "script/vm/vm.h"

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
	MEMO_SLOTS = 256,       /* power of two */
	MEMO_MAX = 4096,        /* octets */
	HEARD_SLOTS = 64,       /* power of two */
	HEARD_MAX = 96,         /* octets */
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
	bool               held;        /* not yet encoded or judged: what it
	                                 * says is in `plain`, and nothing of
	                                 * all that follows `place` is set */
	struct span        plain;       /* of a string that conn's user value 3
	                                 * holds; or nothing was given */
};

/* A step of one plain text and one thing expected, by what it is made of.
 * Compared by its octets: cleared before it is filled in. */
struct memo_key {
	const struct verb  *verb;
	const struct proto *proto;
	struct place        act, expect;
	uint64_t            text_len;   /* UINT64_MAX: none was given */
	uint64_t            expected_len;       /* UINT64_MAX: it is `code` */
	int64_t             code;
};
struct memo {
	struct memo_key key;
	bool            quits, offers, closes;
	uint32_t        at, len;        /* the step, in octets */
	char            octets[];       /* text, what was expected, the step */
};
struct memo_slot {
	uint64_t     hash;              /* who asked last */
	struct memo *memo;              /* or NULL */
};
/* A reply that came twice: the registry has it as a string. */
struct heard {
	uint64_t hash;                  /* of what came last */
	uint32_t len;
	int      ref;                   /* 0: nothing is there yet */
	char     octets[HEARD_MAX];
};
struct memo_asked {
	struct memo_key   key;
	struct span       text, expected;
	struct memo_slot *slot;         /* out: it is to be kept there */
};

/* A reply that an act left behind, to be expected later. */
struct owed {
	struct place place;
	char         label[LABEL_MAX + 1];
	bool         quits, offers;
};

struct conn {                           /* a userdata; 1: name, 2: next,
					 * 3: what its act says */
	uint32_t     kind, run;         /* run's number */
	struct conn *next;
	struct span  name;
	uint32_t     opened, closed;    /* the steps that did; 0: none */
	bool         unnamed;           /* the name is ours, not the script's */
	bool         is_main;           /* its name is that of YAML's */
	bool         lost;              /* connecting failed for good, or
	                                 * the handshake that had to */
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
 * of them; 3: replies under way, by ring, but the first of it; 4: first
 * connection; 5: the replies of the pipeline that is recorded; 6: what was
 * copied for it (clone.h); 7 and on: the first replies of the ring. */
enum {
	RUN_CO = 1, RUN_VALUES, RUN_REPLIES, RUN_CONNS, RUN_GROUP, RUN_COPIES,
	RUN_NEAR, NEAR_COUNT = 8, RUN_USER_VALUES = RUN_NEAR + NEAR_COUNT - 1
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
	bool            unheld;         /* a check of this round failed */
	bool            stop_goes_on;   /* the scenario's on_fail: continue */
	bool            keep_trace;
	bool            settling;       /* a pcall waits to begin */
	bool            silent;         /* its protocol awaits no replies */
	bool            greets;
	uint32_t        sent, done;     /* steps */
	uint32_t        heard;          /* the last with an outcome */
	uint32_t        base;           /* ring slots count from here */
	bool            raised;         /* the script has seen that it stopped */
	uint64_t        told;           /* hash of the error whose verdict was
	                                 * given before its <close>; 0: none */
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
	struct place    seen;           /* of the author's last act */
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
	struct vm            vm;        /* first: see bridge_of() */
	struct bridge_pipes *pipes;
	struct pulse        *pulse;
	struct buf           in, out;
	size_t               at;        /* in `in`: frames so far handled */
	bool                 broken, loaded, opened;
	bool                 returned;  /* the file did: it is a module */
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
	struct buf           values;    /* START's that are sound, seen last */
	int                  values_ref;        /* the same as a string */
	const struct proto  *values_proto;      /* what they name */
	struct memo_slot    *memos;     /* or NULL */
	struct heard        *heard;     /* or NULL: HEARD_SLOTS */
	struct registered   *functions;
	uint32_t             function_count;
	uint32_t             unfinished;        /* quoth.scenario "x" alone */
	struct place         unfinished_place;
	uint32_t             prints;
	struct vm_slice      load_slice;
	char                *load_trace;
	struct place         load_place;
};

#endif
