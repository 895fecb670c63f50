/*
 * Code that Lua is known to compile wrongly, found by the one shape that only
 * the wrong code has.
 *
 * Up to 5.4.4 (lua/lua c764ca71): `5 | (a or b)` where 5 is not among the
 * first 256 constants. The load of 5 stands between the code of `a` and of
 * `b`, so the jump behind `a` skips it:
 *
 *	TESTSET b a; JMP end; LOADI a 5; <b>; end: BOR x a b
 *
 * Jumps of the left operand may pass over its last load, too, but these set
 * the operand's own register and end right behind the load.
 *
 * Up to 5.4.7 (lua/lua 782ef85b): `t[a < b]` where t is a variable of a
 * function around. Its load stands between the comparison's jump and what
 * the jump ends at. In right code a JMP is before each LFALSESKIP:
 *
 *	LT a b; JMP yes; GETUPVAL x t; LFALSESKIP y; yes: LOADTRUE y
 */
#include "script/vm/bytecode_own.h"

#include "base/mem.h"

/* Constants that an instruction can name; others are loaded first. */
enum { NEAR_CONSTANTS = 256 };
/* Instructions from the load of the left operand to the operation, when it
 * stands in the wrong place: two to load, two more to load the right one, a
 * jump and two for its being true or false. */
enum { LOAD_REACH = 7 };

#define BITWISE_WORDS "this Lua compiles a number on the left of &, | or ~ " \
    "wrongly where the right side is an `and`, `or` or comparison and the " \
    "function has more than 255 constants; write the right side as a local " \
    "of its own first: local right = a or b"
#define INDEX_WORDS "this Lua compiles a comparison as the index of a " \
    "variable from outside of the function wrongly; write the comparison " \
    "as a local of its own first: local key = a < b"

/* The JMPs that end at an instruction: `first` by where they end, `next` by
 * where they stand; 0 is none, else one more. */
struct jumps { uint32_t *first, *next; };

static struct jumps
jumps_find(const struct proto *proto)
{
	struct jumps jumps = {
		mem_alloc(proto->code_count * sizeof(uint32_t)),
		mem_alloc(proto->code_count * sizeof(uint32_t)),
	};

	for (uint32_t at = 0; at < proto->code_count; at++) {
		uint32_t code = code_at(proto, at);
		int64_t  target = code_target(code, at);

		if (code_op(code) != CODE_JMP || target <= (int64_t)at ||
		    target >= (int64_t)proto->code_count)
			continue;
		jumps.next[at] = jumps.first[target];
		jumps.first[target] = at + 1;
	}
	return jumps;
}

/* Where the constant was loaded into `operand` that the instruction at `at`
 * finds there; 0: it is no constant, or too far away to be a wrong one. */
static uint32_t
load_find(const struct proto *proto, uint32_t at, uint32_t operand)
{
	for (uint32_t back = 1; back <= LOAD_REACH && back < at; back++) {
		uint32_t code = code_at(proto, at - back);
		uint32_t op = code_op(code);

		if (!code_sets(op) || code_a(code) != operand)
			continue;
		return op == CODE_LOADI || op == CODE_LOADK ||
		    op == CODE_LOADKX ? at - back : 0;
	}
	return 0;
}

/* Does the JMP at `jump` belong to the operand that is loaded at `load`? */
static bool
jump_own(const struct proto *proto, uint32_t jump, uint32_t target,
    uint32_t load, uint32_t operand)
{
	uint32_t test = jump == 0 ? 0 : code_at(proto, jump - 1);
	uint32_t behind = code_op(code_at(proto, load)) == CODE_LOADKX ?
	    load + 2 : load + 1;

	return (code_op(test) == CODE_TEST || code_op(test) == CODE_TESTSET) &&
	    code_a(test) == operand && target == behind;
}

static bool
bitwise_wrong(const struct proto *proto, const struct jumps *jumps,
    uint32_t at, uint8_t locals)
{
	uint32_t operand = code_b(code_at(proto, at));
	uint32_t load = operand < locals ? 0 : load_find(proto, at, operand);

	if (load == 0)
		return false;
	for (uint32_t to = load + 1; to <= at; to++)
		for (uint32_t from = jumps->first[to]; from != 0;
		    from = jumps->next[from - 1])
			if (from - 1 < load && !jump_own(proto, from - 1, to,
			    load, operand))
				return true;
	return false;
}

static void
bitwise_find(const struct proto *proto, const uint32_t *lines,
    const uint8_t *locals, struct bytecode_findings *findings)
{
	struct jumps jumps;

	if (proto->constant_count <= NEAR_CONSTANTS)
		return;
	jumps = jumps_find(proto);
	for (uint32_t at = 0; at < proto->code_count; at++) {
		uint32_t op = code_op(code_at(proto, at));

		if (op >= CODE_BAND && op <= CODE_BXOR &&
		    bitwise_wrong(proto, &jumps, at, locals[at]))
			findings->miscompiled(findings->who, lines[at],
			    BITWISE_WORDS);
	}
	mem_free(jumps.first);
	mem_free(jumps.next);
}

void
bytecode_wrong(const struct proto *proto, const uint32_t *lines,
    const uint8_t *locals, struct bytecode_findings *findings)
{
	for (uint32_t at = 1; at < proto->code_count; at++)
		if (code_op(code_at(proto, at)) == CODE_LFALSESKIP &&
		    code_op(code_at(proto, at - 1)) == CODE_GETUPVAL)
			findings->miscompiled(findings->who, lines[at],
			    INDEX_WORDS);
	bitwise_find(proto, lines, locals, findings);
}
