/*
 * What the files of the bridge (bridge_*.c) share; nobody else includes it.
 * Each part below names the file that has it.
 *
 * Lua errors are longjmps: nothing that must be freed lives in C locals while
 * a function of Lua's that can raise is called. Encoding goes to buffers of
 * the bridge or of the run first, so that a frame is never left half written.
 */
#ifndef QUOTH_SCRIPT_BRIDGE_OWN_H
#define QUOTH_SCRIPT_BRIDGE_OWN_H

#include "script/bridge/data.h"
#include "script/bridge/step.h"

/* bridge.c */
struct run *bridge_run_of(struct bridge *b, uint32_t id);
void bridge_resume(struct bridge *b, struct run *run, int args);
void bridge_sent(struct bridge *b, size_t mark);        /* ends a frame */
void bridge_meta(struct bridge *b, lua_State *L, enum box_kind kind);
/* Of any thread of its state: the vm is what a bridge begins with. */
static inline struct bridge *
bridge_of(lua_State *L)
{
	return (struct bridge *)vm_of(L);
}
/* Registers `name` in the table on top. */
void bridge_method(struct bridge *b, lua_State *L, const char *name,
    lua_CFunction function);
/* Raises with the author's place in front. */
int bridge_raise(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct span bridge_span(lua_State *L, int at);  /* of a string there */
/* NULL: it is none of that kind. */
void *bridge_box(lua_State *L, int at, enum box_kind kind);
bool bridge_is(lua_State *L, int at, enum box_kind kind);

/* run.c */
/* Pushes the value at `at` as the run's own: a copy, where it needs one. */
void run_own(struct bridge *b, lua_State *L, const struct run *run, int at);
void run_start(struct bridge *b, lua_State *L, const struct frame *frame);
void run_stop(struct bridge *b, struct run *run);
void run_drop(struct bridge *b, struct run *run);
/* It ended without our run_main: a coroutine that broke. */
void run_broke(struct bridge *b, struct run *run, lua_State *L, bool yielded);
/* t or a connection of the run that runs now; else raises. */
struct run *run_check(lua_State *L, struct bridge *b, const char *method);
struct conn *run_conn(lua_State *L, struct bridge *b, const char *method);
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
/* Does an error that passes here end the run? Then its verdict may be given
 * at once: the error is on top. STOP follows. */
bool run_fails(lua_State *L, const struct run *run);
void run_tell(struct bridge *b, lua_State *L, struct run *run);
void run_complain(struct bridge *b, uint32_t id, enum frame_kind kind,
    const struct complaint *complaint);
/* end.c: the function returned, or an error is on top. */
void run_end(struct bridge *b, lua_State *L, struct run *run, bool error);
/* A frame without a body. */
void run_say(struct bridge *b, uint32_t id, enum frame_kind kind);
/* Frees what it holds outside of Lua. */
void run_clear(struct run *run);

/* load.c */
void load_open(struct bridge *b, lua_State *L);
int load_require(struct vm *vm, lua_State *L, struct span name);
bool load_frame(struct bridge *b, lua_State *L, const struct frame *frame);

/* The environment's require gives each run values of its own. */
void load_require_guard(struct bridge *b, lua_State *L);

/* check.c: of the function on top of L */
void check_globals(struct bridge *b, lua_State *L, uint32_t file);
/* NULL, or why it must not be run, and where. */
const char *check_compiled(lua_State *L, struct span source, uint32_t *line);

/* place.c */
void place_add_file(struct bridge *b, uint32_t number, struct span path);
struct place place_here(struct bridge *b, lua_State *L);
void place_text(struct bridge *b, struct place place, struct buf *out);
/* "x.lua:12: text": cuts the place off the front. */
struct place place_cut(struct bridge *b, struct span *text);
int place_handler(lua_State *L);        /* of pcalls */
char *place_keep(struct span text);     /* a C string; mem_free() it */

/* act.c */
void act_methods(struct bridge *b, lua_State *L, bool wireless);
int act_use(lua_State *L);

/* memo.c */
/* NULL: not there. Then `asked->slot` says whether it is to be kept. */
const struct memo *memo_find(struct bridge *b, struct memo_asked *asked);
void memo_keep(const struct memo_asked *asked, const struct act *act,
    struct span encoded);
/* Pushes the octets of a reply as a string. */
void memo_push(struct bridge *b, lua_State *L, struct span raw);
void memo_free(struct bridge *b);

/* expect.c */
void expect_methods(struct bridge *b, lua_State *L);

/* outcome.c */
bool outcome_frame(struct bridge *b, lua_State *L, const struct frame *frame,
    struct run *run);
/* What is on top of L is filled in by the outcomes of `seq`. Pops nothing. */
void outcome_await(lua_State *L, struct bridge *b, struct run *run,
    uint32_t seq);
uint32_t ring_slot(const struct run *run, uint32_t seq);

/* reply.c */
struct reply_box *reply_push(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, uint32_t seq, uint32_t inner);
int reply_index(lua_State *L);
bool reply_passed(const struct reply_box *reply);

/* conn.c */
int bridge_conn_connect(lua_State *L);
int bridge_conn_close(lua_State *L);
/* Of the table of methods on top: an unknown one raises. */
void bridge_conn_unknown(struct bridge *b, lua_State *L);

/* group.c */
int group_pipeline(lua_State *L);
void group_act(lua_State *L, struct run *run);
int group_expect(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, const char *key, bool check);
void group_free(struct run *run);

/* poll.c */
int poll_eventually(lua_State *L);
bool poll_unsettled(struct vm *vm, lua_State *L);
int poll_raise(lua_State *L);

/* names.c */
int names_t(lua_State *L);
bool names_of_t(struct span key);       /* t has such a field */
int names_index(lua_State *L);
int names_pairs(lua_State *L);
void names_set(struct bridge *b, lua_State *L, struct run *run,
    struct span name, struct span value);

/* tools.c */
void tools_methods(struct bridge *b, lua_State *L);
void tools_print(struct vm *vm, struct span text);

/* secret.c */
void secret_open(struct bridge *b, lua_State *L);
void secret_push(struct bridge *b, lua_State *L, uint32_t count,
    uint32_t depth, struct span parts);
/* base64 and hmac of handles; the arguments stand at 2 and on. */
int secret_base64(lua_State *L, struct bridge *b);
int secret_hmac(lua_State *L, struct bridge *b, struct span digest,
    bool raw);

#endif
