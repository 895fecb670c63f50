/* Values of Lua to octets and back, and the maps that steps are made of.
 * Shared by bridge_*.c alone. */
#ifndef QUOTH_SCRIPT_BRIDGE_STEP_H
#define QUOTH_SCRIPT_BRIDGE_STEP_H

#include "script/bridge/data.h"

/* value.c */
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
/* encode.c */
/* At `at`, or nothing given; raises "send: ..." when it cannot be. */
struct cut value_encode(lua_State *L, struct bridge *b, struct buf *out,
    int at, const char *what, uint32_t depth);
void modifiers_encode(lua_State *L, struct bridge *b, struct buf *out, int at,
    const char *what, struct modifiers *modifiers);
void value_put_text(struct buf *out, struct span text);
void value_put_none(struct buf *out);

/* take.c */
/* Pushes the value at the front of `in`. False: it does not parse, and
 * nothing is pushed. */
bool take_push(struct bridge *b, lua_State *L, struct span *in,
    uint32_t depth);
bool take_skip(struct span *in, uint32_t depth);
/* Pushes START's values as a string; nil: they do not parse. */
void take_values(struct bridge *b, lua_State *L, struct span values);
bool take_find(struct span map, const char *key, struct span *text);

/* step.c */
void act_record(lua_State *L, struct bridge *b, struct run *run,
    const struct verb *verb, struct conn *conn, int arg, int modifiers);
void act_flush(lua_State *L, struct bridge *b, struct run *run);
void act_clear(struct act *act);
struct expected {
	const char  *key;               /* "expect", "expect_each"; or NULL */
	struct cut   value;             /* in b->scratch */
	struct place place;
	const struct modifiers *modifiers;      /* in b->scratch */
	const struct memo_asked *asked; /* or NULL: it may be kept */
};
/* The pending act, if it is of `conn`, and what is expected, as one step. */
uint32_t step_send(lua_State *L, struct bridge *b, struct run *run,
    struct conn *conn, const struct expected *expected, uint32_t flags);
bool owed_take(struct conn *conn, struct owed *owed);

/* The same, of a held act: as it was encoded before. */
uint32_t step_again(lua_State *L, struct bridge *b, struct run *run,
    const struct memo *memo, uint32_t flags);
/* A held act becomes what all others are. */
void act_settle(const struct run *run, struct act *act);

/* form.c. A map under way: entries in order. */
struct form {
	struct { struct span key, value; struct place place; }
	             list[2 * MODIFIERS_MAX + 6];
	uint32_t     count;
	struct place place;
	const struct memo_asked *asked; /* or NULL: the step may be kept */
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
/* A STEP as it was encoded before. */
uint32_t form_send_again(lua_State *L, struct bridge *b, struct run *run,
    struct span encoded, uint32_t flags);

#endif
