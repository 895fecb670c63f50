/*
 * One script in the parent: its file, the worker that runs it now, the pipes,
 * the runs. Nothing outside script/ includes this.
 *
 * A worker is started when its file is loaded or one of its scenarios begins.
 * Only so many live at a time; one that has nothing to do may be ended, and is
 * started again later: the file is then run again and must register the same.
 */
#ifndef QUOTH_SCRIPT_HOST_H
#define QUOTH_SCRIPT_HOST_H

#include "base/limits.h"
#include "base/map.h"
#include "script/message.h"
#include "script/jail/nursery.h"
#include "script/script.h"

struct run;

/* More than an honest worker says (bridge_own.h: NOTES_MAX). */
enum { SAID_MAX = 20000, NOTES_SAID_MAX = 10100 };

struct all_scripts {
	struct scripts         scripts; /* first: what load/ sees */
	struct scripts_options options;
	struct stage          *stage;   /* NULL while loading */
	struct script         *first;
	struct kept           *kept;    /* keep.c */
	struct buf             values[SCRIPT_VAR + 1];  /* of START, while it
	                                 * is written */
	size_t                 kept_octets;
	uint32_t               alive;   /* workers */
	uint64_t               salt;    /* of uuids */
	const char            *weak;    /* what the jail lacks here; or empty */
};

struct script {
	struct script         *next;
	struct all_scripts    *all;
	const struct file     *file;
	struct library        *library;
	struct worker_process  process;
	bool                   alive;
	uint8_t                losses;
	bool                   loaded;  /* REGISTERED was seen, by this worker */
	struct fault           death;   /* why there is no worker any more; text
	                                 * empty: it may be started (again) */
	struct buf             in, out;
	size_t                 out_at;  /* sent up to there */
	size_t                 ahead;   /* octets of frames not yet taken */
	struct buf             spare;   /* of a run that is over */
	struct watch          *watch, *watch_out;       /* NULL while loading */
	struct places          places;  /* the script and its modules */
	const struct file    **files;   /* of places */
	struct run           **runs;    /* by slot */
	struct map             modules; /* by the name that was required */
	uint32_t               run_count, run_room, slot_next, generation;
	uint32_t               said;    /* by this worker, for no run */
	uint32_t               waiting; /* runs whose session waits for it */
	uint64_t               registered;      /* hash of what was registered */
	uint32_t               beats;   /* the pulse seen last, and since when */
	uint64_t               beats_us, cpu_us, reminded_us, began_us;

	/* While it loads. */
	struct arena          *arena;
	struct diags          *diags;
	const struct node     *root;
	bool                   refused;
};

/* script.c */
/* A worker that was told to load the file; true when there is one already. */
bool host_start(struct script *script, struct fault *fault);
/* Nobody will hear of it again; `script->death` is set to `why`, unless that
 * is NULL: then it may be started again. */
void host_end(struct script *script, const char *why);
/* The same for a worker that crashed or was stuck: the run that it was at is
 * lost, and those that were seen at work. All others get another worker, some
 * times. */
void host_lose(struct script *script, const char *why);

/* pipe.c */
/* Reads what is there, tells who it is for, writes what waits. */
void host_turn(struct script *script);
void host_ready(void *script);          /* the same, for the loop */
/* Soon; or, while there is no loop, with the next host_turn(). */
void host_flush_soon(struct script *script);
/* Is it stuck? Then it is ended. Once or more a second. */
void host_watch(struct script *script);

/* frames.c: a frame of run 0, or one that no run should see. */
void host_frame(struct script *script, const struct frame *frame);

/* open.c */
/* False: it is lost with its worker. */
bool run_begin_again(struct run *run, uint32_t culprit);
bool run_open(struct script *script, uint32_t function, struct workshop *,
    struct vars *, struct source **, struct fault *);
/* One of its frames (whole, of the run `id`) arrived. */
void run_hear(struct run *run, uint32_t id, struct span frame);
/* Its worker is gone. */
void run_lost(struct run *run, const struct fault *why);
const struct scenario *run_scenario(const struct run *run);

/* keep.c: steps that a scenario asked for before, by the octets of the asking.
 * A loop, a retry or another run of it gets the same step, made once. */
struct kept_step { struct step step; struct made made; };
/* NULL: not there. `*keep`: where to make it so that it stays (the second time
 * it is asked for), with what was made of it given to steps_keep(). */
const struct kept_step *steps_find(struct all_scripts *all,
    struct workshop *shop, struct span asked, struct arena **keep);
const struct kept_step *steps_keep(struct workshop *shop, struct span asked,
    const struct step *step, const struct made *made);
void steps_forget(struct all_scripts *all);

static inline struct run *
host_run(const struct script *script, uint32_t id)
{
	uint32_t slot = id & 0xffff;

	return slot < script->run_room ? script->runs[slot] : NULL;
}

#endif
