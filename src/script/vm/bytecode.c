/*
 * The walk over a compiled function and all within, in the order of the code:
 * a function is walked where it is made (OP_CLOSURE). What is looked for:
 * uses of globals, assignments to variables from outside, and, in
 * bytecode_wrong.c, code that is wrong.
 *
 * A global is a field of the upvalue _ENV of the outermost function. Mostly
 * one instruction names both; where the name is too far down in the constants
 * the table and the name are loaded into registers first, so the walk knows
 * which registers, of those that are no variables, hold them.
 */
#include "script/vm/bytecode_own.h"

#include "base/mem.h"

/* What an upvalue is. */
enum { UP_OWN, UP_OUTER, UP_ENV };
/* What a register holds; a name's constant is counted from the last on. */
enum { HOLDS_ANY, HOLDS_ENV, HOLDS_NAME };

struct walk {
	struct bytecode_findings *findings;
	struct proto *proto;
	uint8_t       upvalues[BYTECODE_REGISTERS];
	uint32_t      holds[BYTECODE_REGISTERS];
	uint32_t     *lines;            /* for each instruction */
	uint8_t      *locals;           /* the same: variables in scope */
	uint32_t      at;
};

static bool function_walk(struct bytecode_findings *findings,
    struct proto *proto, const struct walk *around);

static void
upvalues_find(struct walk *walk, const struct walk *around)
{
	for (uint32_t i = 0; i < walk->proto->upvalue_count; i++) {
		const struct proto_upvalue *upvalue = &walk->proto->upvalues[i];

		walk->upvalues[i] = around == NULL ?
		    span_is(upvalue->name, "_ENV") ? UP_ENV : UP_OUTER :
		    upvalue->in_stack ? UP_OWN :
		    around->upvalues[upvalue->index];
	}
}

static void
lines_find(struct walk *walk)
{
	const struct proto *proto = walk->proto;
	uint32_t line = proto->line, next = 0;

	walk->lines = mem_alloc(proto->code_count * sizeof *walk->lines);
	for (uint32_t at = 0; at < proto->code_count; at++) {
		int8_t step = (int8_t)proto->line_steps.ptr[at];

		if (step != -128)
			line = (uint32_t)((int64_t)line + step);
		else if (next < proto->line_count)
			line = proto->lines[next++].line;
		walk->lines[at] = line;
	}
}

/* Lua keeps a function below 256 registers, so an octet may wrap on the way
 * and holds all sums. */
static void
locals_find(struct walk *walk)
{
	const struct proto *proto = walk->proto;

	walk->locals = mem_alloc((size_t)proto->code_count + 1);
	for (uint32_t i = 0; i < proto->local_count; i++) {
		const struct proto_range *range = &proto->locals[i];

		if (range->start > range->end || range->end > proto->code_count)
			continue;
		walk->locals[range->start]++;
		walk->locals[range->end]--;
	}
	for (uint32_t at = 1; at < proto->code_count; at++)
		walk->locals[at] = (uint8_t)(walk->locals[at] +
		    walk->locals[at - 1]);
}

static struct span
constant_at(const struct walk *walk, uint32_t at)
{
	return at < walk->proto->constant_count ? walk->proto->constants[at] :
	    (struct span){ NULL, 0 };
}

static void
global_found(struct walk *walk, struct span name, bool sets)
{
	struct global_use use = { name, walk->lines[walk->at], sets };

	if (name.ptr != NULL && walk->findings->global != NULL)
		walk->findings->global(walk->findings->who, &use);
}

/* A field of the register `table`, whose name is in the register `key`. */
static void
indexed(struct walk *walk, uint32_t table, uint32_t key, bool sets)
{
	if (walk->holds[table] == HOLDS_ENV && walk->holds[key] >= HOLDS_NAME)
		global_found(walk, constant_at(walk, walk->holds[key] -
		    HOLDS_NAME), sets);
}

static void
field(struct walk *walk, uint32_t table, uint32_t constant, bool sets)
{
	if (walk->holds[table] == HOLDS_ENV)
		global_found(walk, constant_at(walk, constant), sets);
}

static void
uses_find(struct walk *walk, uint32_t code)
{
	uint32_t a = code_a(code), b = code_b(code), c = code_c(code);

	switch (code_op(code)) {
	case CODE_GETTABUP:
		if (walk->upvalues[b] == UP_ENV)
			global_found(walk, constant_at(walk, c), false);
		break;
	case CODE_SETTABUP:
		if (walk->upvalues[a] == UP_ENV)
			global_found(walk, constant_at(walk, b), true);
		break;
	case CODE_GETTABLE:
		indexed(walk, b, c, false);
		break;
	case CODE_SETTABLE:
		indexed(walk, a, b, true);
		break;
	case CODE_GETFIELD:
		field(walk, b, c, false);
		break;
	case CODE_SELF:
		if (code_k(code))
			field(walk, b, c, false);
		else
			indexed(walk, b, c, false);
		break;
	case CODE_SETFIELD:
		field(walk, a, b, true);
		break;
	case CODE_SETUPVAL:
		if (walk->upvalues[b] != UP_OWN)
			walk->findings->assigns = true;
		break;
	}
}

/* How many registers from A on an instruction sets. */
static uint32_t
sets_count(uint32_t code)
{
	uint32_t op = code_op(code);

	if (op == CODE_LOADNIL)
		return code_b(code) + 1;
	if (op == CODE_SELF || op == CODE_CALL || op == CODE_TAILCALL ||
	    op == CODE_VARARG || (op >= CODE_FORLOOP && op <= CODE_TFORLOOP))
		return BYTECODE_REGISTERS;
	return code_sets(op) ? 1 : 0;
}

/* What R[A] holds behind the instruction; of a variable nobody knows. */
static uint32_t
holds_find(const struct walk *walk, uint32_t code)
{
	uint32_t b = code_b(code), next = walk->at + 1;

	if (next >= walk->proto->code_count ||
	    code_a(code) < walk->locals[next])
		return HOLDS_ANY;
	switch (code_op(code)) {
	case CODE_GETUPVAL:
		return walk->upvalues[b] == UP_ENV ? HOLDS_ENV : HOLDS_ANY;
	case CODE_GETTABUP:
		return walk->upvalues[b] == UP_ENV &&
		    span_eq(constant_at(walk, code_c(code)), SPAN("_G")) ?
		    HOLDS_ENV : HOLDS_ANY;
	case CODE_LOADK:
		return HOLDS_NAME + code_bx(code);
	case CODE_LOADKX:
		return HOLDS_NAME + code_ax(code_at(walk->proto, next));
	}
	return HOLDS_ANY;
}

static void
holds_update(struct walk *walk, uint32_t code)
{
	uint32_t a = code_a(code), count = sets_count(code);

	for (uint32_t i = a; i < a + count && i < BYTECODE_REGISTERS; i++)
		walk->holds[i] = HOLDS_ANY;
	if (count == 1)
		walk->holds[a] = holds_find(walk, code);
}

static bool
closure_walk(struct walk *walk, uint32_t index)
{
	struct proto *proto;

	if (index >= walk->proto->proto_count)
		return false;
	proto = &walk->proto->protos[index];
	for (uint32_t i = 0; i < proto->upvalue_count; i++)
		if (!proto->upvalues[i].in_stack &&
		    proto->upvalues[i].index >= walk->proto->upvalue_count)
			return false;
	if (proto->walked)
		return true;
	proto->walked = true;
	return function_walk(walk->findings, proto, walk);
}

static bool
code_walk(struct walk *walk)
{
	for (walk->at = 0; walk->at < walk->proto->code_count; walk->at++) {
		uint32_t code = code_at(walk->proto, walk->at);

		uses_find(walk, code);
		holds_update(walk, code);
		if (code_op(code) == CODE_CLOSURE &&
		    !closure_walk(walk, code_bx(code)))
			return false;
	}
	return true;
}

/* As deep as functions stand in each other; the parser's limit is ours. */
static bool
function_walk(struct bytecode_findings *findings, struct proto *proto,
    const struct walk *around)
{
	struct walk walk = { .findings = findings, .proto = proto };
	bool fine;

	upvalues_find(&walk, around);
	lines_find(&walk);
	locals_find(&walk);
	fine = code_walk(&walk);
	if (fine && findings->miscompiled != NULL)
		bytecode_wrong(proto, walk.lines, walk.locals, findings);
	mem_free(walk.lines);
	mem_free(walk.locals);
	return fine;
}

bool
bytecode_read(lua_State *L, struct bytecode_findings *findings)
{
	struct arena  arena = { 0 };
	struct buf    dump;
	struct proto *proto;
	bool          fine = false;

	findings->assigns = false;
	if (!bytecode_probe(L))
		return false;
	if (bytecode_dump(L, &dump)) {
		proto = bytecode_parse(buf_span(&dump), &arena);
		fine = proto != NULL && function_walk(findings, proto, NULL);
	}
	buf_free(&dump);
	arena_free(&arena);
	return fine;
}
