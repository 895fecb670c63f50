/*
 * Between the files of bytecode: a dump as a tree of functions, and the few
 * instructions that they look at. Everything borrows from the dump and lives
 * in one arena.
 */
#ifndef QUOTH_SCRIPT_BYTECODE_OWN_H
#define QUOTH_SCRIPT_BYTECODE_OWN_H

#include "base/arena.h"
#include "base/buf.h"
#include "script/vm/bytecode.h"

/* Lua 5.4's lopcodes.h, which no package installs; bytecode.c compiles probes
 * before it believes them. */
enum opcode {
	CODE_LOADI = 1, CODE_LOADK = 3, CODE_LOADKX = 4, CODE_LFALSESKIP = 6,
	CODE_LOADTRUE = 7, CODE_LOADNIL = 8, CODE_GETUPVAL = 9,
	CODE_SETUPVAL = 10, CODE_GETTABUP = 11, CODE_GETTABLE = 12,
	CODE_GETFIELD = 14, CODE_SETTABUP = 15, CODE_SETTABLE = 16,
	CODE_SETFIELD = 18, CODE_NEWTABLE = 19, CODE_SELF = 20,
	CODE_BAND = 41, CODE_BOR = 42, CODE_BXOR = 43, CODE_SHR = 45,
	CODE_UNM = 49, CODE_CONCAT = 53, CODE_JMP = 56, CODE_EQ = 57,
	CODE_TEST = 66, CODE_TESTSET = 67, CODE_CALL = 68, CODE_TAILCALL = 69,
	CODE_RETURN = 70, CODE_RETURN1 = 72, CODE_FORLOOP = 73,
	CODE_TFORCALL = 76, CODE_TFORLOOP = 77, CODE_CLOSURE = 79,
	CODE_VARARG = 80, CODE_VARARGPREP = 81, CODE_EXTRAARG = 82
};

enum { BYTECODE_REGISTERS = 256, BYTECODE_DEPTH = 250 };

struct proto_upvalue {
	bool        in_stack;           /* of the function around */
	uint8_t     index;
	struct span name;
};

struct proto_range { uint32_t start, end; };    /* of a local, in the code */
struct proto_line  { uint32_t at, line; };

struct proto {
	uint32_t              line;
	const char           *code;     /* not aligned */
	uint32_t              code_count;
	struct span          *constants;        /* ptr NULL: no string */
	uint32_t              constant_count;
	struct proto_upvalue *upvalues;
	uint32_t              upvalue_count;
	struct proto         *protos;
	uint32_t              proto_count;
	struct span           line_steps;
	struct proto_line    *lines;
	uint32_t              line_count;
	struct proto_range   *locals;
	uint32_t              local_count;
	bool                  walked;
};

/* The dump of the function on top of the stack. False: no room for it. */
bool bytecode_dump(lua_State *L, struct buf *dump);

/* A whole dump. NULL: it is not of the layout of Lua 5.4. */
struct proto *bytecode_parse(struct span dump, struct arena *arena);

/* Reports code of this one function that is known to be wrong. `lines` and
 * `locals` have an entry for each instruction: its line, and how many
 * registers are variables there. */
void bytecode_wrong(const struct proto *proto, const uint32_t *lines,
    const uint8_t *locals, struct bytecode_findings *findings);

/* Do these texts compile to the instructions that this file believes in?
 * Asked once a process. */
bool bytecode_probe(lua_State *L);

/* The line of the first `_ENV <const>` in a text. */
bool bytecode_env_const_find(struct span source, uint32_t *line);

static inline uint32_t
code_at(const struct proto *proto, uint32_t at)
{
	uint32_t code;

	memcpy(&code, proto->code + (size_t)at * sizeof code, sizeof code);
	return code;
}

static inline uint32_t code_op(uint32_t code) { return code & 0x7f; }
static inline uint32_t code_a(uint32_t code) { return code >> 7 & 0xff; }
static inline bool code_k(uint32_t code) { return (code & 0x8000) != 0; }
static inline uint32_t code_b(uint32_t code) { return code >> 16 & 0xff; }
static inline uint32_t code_c(uint32_t code) { return code >> 24; }
static inline uint32_t code_bx(uint32_t code) { return code >> 15; }
static inline uint32_t code_ax(uint32_t code) { return code >> 7; }

/* Where a JMP at `at` goes. */
static inline int64_t
code_target(uint32_t code, uint32_t at)
{
	return (int64_t)at + 1 + (int64_t)(code >> 7) - 0xffffff;
}

/* Does it set R[A]? */
static inline bool
code_sets(uint32_t op)
{
	return op <= CODE_GETFIELD ? op != CODE_SETUPVAL :
	    (op >= CODE_NEWTABLE && op <= CODE_SHR) ||
	    (op >= CODE_UNM && op <= CODE_CONCAT) ||
	    (op >= CODE_TESTSET && op <= CODE_TAILCALL) ||
	    (op >= CODE_FORLOOP && op <= CODE_TFORLOOP) ||
	    op == CODE_CLOSURE || op == CODE_VARARG;
}

#endif
