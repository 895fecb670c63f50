/*
 * What goes through the pipes between us and a worker: frames, and values in
 * them. Both sides distrust the other: every length is checked, every depth
 * bounded, and what does not parse ends the worker.
 *
 *   frame  = length kind run body       length: 4 octets, little-endian, of
 *                                        what follows it; kind: 1 octet;
 *                                        run: varint
 *   number = varint, LEB128, at most 10 octets
 *   bytes  = number octets
 *   value  = type body, as of enum value_type
 *
 * Bodies, in the order of their fields, stand at the kinds. Text is bytes.
 */
#ifndef QUOTH_SCRIPT_MESSAGE_H
#define QUOTH_SCRIPT_MESSAGE_H

#include "base/buf.h"
#include "model/diag.h"
#include "model/node.h"

enum frame_kind {
	/* To the worker. `run` is ours: counts up from 1; 0: the file. */
	FRAME_LOAD = 1,         /* bytes path, bytes source */
	FRAME_MODULE,           /* number file (0: none), bytes name, bytes
	                         * source or why not */
	FRAME_START,            /* number function, number attempt, number seed
	                         * (of random), number salt (of uuid), values
	                         * built-ins, params, vars: maps; a secret is
	                         * VALUE_PARTS of its name */
	FRAME_OUTCOME,          /* see struct told */
	FRAME_STOP,             /* raise at the act under way: no act follows but
	                         * those of <close> */
	FRAME_DROP,             /* forget the run */

	/* From the worker. */
	FRAME_REGISTERED = 64,  /* value: list of maps, one a scenario */
	FRAME_REFUSED,          /* see struct complaint: the file does not load */
	FRAME_REQUIRE,          /* bytes name; it waits for MODULE */
	FRAME_STEP,             /* number seq, number flags (STEP_*), number
	                         * round, number pause_ms, value: map */
	FRAME_DIALOGUE,         /* as STEP: a map with `use` */
	FRAME_NOTE,             /* bytes text */
	FRAME_POLL,             /* number within_ms, number every_ms: STEPs with
	                         * STEP_POLL follow, until its end on */
	FRAME_STOPPED,          /* it heard STOP; what came before is void */
	FRAME_END,              /* the function returned */
	FRAME_SKIP, FRAME_FAIL, FRAME_ERROR,    /* struct complaint */
	FRAME_PRINT,            /* bytes text; run 0: while loading */
	FRAME_FINDING           /* struct complaint: what is wrong with the code
	                         * of a file before it runs, whose traceback is
	                         * the word on the line that is meant */
};

enum {
	STEP_POLL = 1,          /* inside of t:eventually */
	STEP_OWES = 2,          /* its reply is expected by a later step */
	STEP_CLOSING = 4,       /* of <close> after the dialogue stopped */
	STEP_CHECK = 8,         /* a failure does not stop it */
	STEP_WAITED = 16        /* the script does nothing before it knows */
};

enum value_type {
	VALUE_TEXT = 1,         /* bytes: final, or a template where the tree
	                         * says so */
	VALUE_NUMBER,           /* bytes: as Lua writes it */
	VALUE_BOOL,             /* 1 octet */
	VALUE_LIST,             /* number count, values */
	VALUE_MAP,              /* number count, (bytes key, value): in the order
	                         * of the keys' octets */
	VALUE_FUNCTION,         /* number */
	VALUE_PARTS,            /* number count, parts: a text with secrets */
	VALUE_AT,               /* number file, number line, value: its place */
	VALUE_NONE              /* nothing was given: c:close() */
};

/* A text that only the parent can make. */
enum part_type {
	PARTS_BYTES = 1,        /* bytes */
	PARTS_SECRET,           /* bytes name */
	PARTS_BASE64,           /* number count, parts */
	PARTS_HMAC              /* bytes digest ("sha256": hexadecimal text,
	                         * "sha256 raw": octets), number count, parts of the key,
	                         * number count, parts of the data */
};

enum {
	MESSAGE_MAX = 16 * 1024 * 1024, /* a frame: bodies are bounded below */
	MESSAGE_DEPTH = 64,
	MESSAGE_NODES = 100000 * 4
};

/* What a step came to, as the script hears of it: FRAME_OUTCOME. */
struct told {
	uint32_t    seq, inner;         /* inner: of a pipeline, 0-based */
	uint8_t     result;             /* enum result */
	bool        fatal, last;        /* last: the whole step is over */
	bool        has_reply;
	bool        lost;               /* as was expected: its connection is
	                                 * over (tls: failed) */
	int32_t     code;
	uint32_t    enhanced, flaws, ms;
	struct span raw;                /* of the reply */
	uint32_t    set_count;          /* then (bytes name, bytes value) each:
	                                 * what the step set */
};

/* Why a file or a run ended early. */
enum complaint_kind {
	COMPLAINT_SYNTAX, COMPLAINT_SCRIPT, COMPLAINT_LIMIT, COMPLAINT_SKIP,
	COMPLAINT_FAIL,
	COMPLAINT_GLOBAL        /* of a FINDING: a name that nobody sets */
};
struct complaint {
	uint8_t     kind;
	uint32_t    file, line;         /* 0: unknown; else 1-based file */
	struct span text;               /* one sentence or what error() got */
	struct span traceback;          /* the author's own frames, a line each:
	                                 * "x.lua:12: in function 'send'" */
};

struct frame {
	enum frame_kind kind;
	uint32_t        run;
	struct span     body;
};

/* One whole frame off the front of `in`: octets used, 0 for "more to come",
 * SIZE_MAX for nonsense. */
size_t frame_cut(struct span in, struct frame *frame);

/* Frames are written between these two; the mark is where it begins. Room is
 * checked by buf->full at the end. */
size_t frame_begin(struct buf *out, enum frame_kind kind, uint32_t run);
void frame_end(struct buf *out, size_t mark);

void put_number(struct buf *out, uint64_t number);
void put_bytes(struct buf *out, struct span bytes);
void put_told(struct buf *out, const struct told *told);        /* no sets */
void put_complaint(struct buf *out, const struct complaint *complaint);

/* Off the front of `*in`. False: it does not parse. */
bool take_number_long(struct span *in, uint64_t max, uint64_t *number);
/* Nearly all are of one octet. */
static inline bool
take_number(struct span *in, uint64_t max, uint64_t *number)
{
	uint64_t octet = in->len == 0 ? 0x80 : (unsigned char)*in->ptr;

	if (octet >= 0x80 || octet > max)
		return take_number_long(in, max, number);
	in->ptr++;
	in->len--;
	*number = octet;
	return true;
}
bool take_bytes(struct span *in, struct span *bytes);
bool take_told(struct span *in, struct told *told);
bool take_complaint(struct span *in, struct complaint *complaint);

/* Files by the number that VALUE_AT names, 1-based; 1 is the script. */
struct places {
	const struct file *const *files;
	uint32_t count;
};

/* Asked for each VALUE_PARTS: the text, made of secrets, into `arena`. False:
 * there is no such secret. */
struct parts_maker {
	bool (*make)(struct parts_maker *, struct span parts, uint32_t count,
	    struct arena *, struct span *text);
};

/*
 * A value to nodes. `literal`: texts are final (a running script's), else
 * templates as in YAML (a registered table). Places come from VALUE_AT and
 * hold for everything inside. NULL: it does not parse, or is above a limit.
 */
const struct node *value_node(struct span *in, const struct places *places,
    bool literal, struct parts_maker *maker, struct arena *arena);

#endif
