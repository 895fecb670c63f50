/*
 * lua_dump's octets to a tree of functions: ldump.c of Lua 5.4, backwards.
 *
 *   dump     = header octet function
 *   function = source line last_line parameters vararg stack
 *              code constants upvalues functions debug
 *
 * Our own compiler wrote it, so what does not parse is another Lua's and not
 * an attack; every length is checked all the same.
 */
#include "script/vm/bytecode_own.h"

#include <limits.h>

struct reader {
	struct span   in;
	struct arena *arena;
	bool          bad;
};

/* The next octets as they stand; bad and empty when there are not so many. */
static struct span
take(struct reader *reader, size_t len)
{
	struct span octets = span_sub(reader->in, 0, len);

	if (octets.len < len) {
		reader->bad = true;
		reader->in.len = 0;
		return (struct span){ "", 0 };
	}
	reader->in = span_from(reader->in, len);
	return octets;
}

static uint8_t
take_octet(struct reader *reader)
{
	struct span octet = take(reader, 1);

	return octet.len == 0 ? 0 : (uint8_t)*octet.ptr;
}

/* Seven bits an octet, the highest first; the last has bit 7. */
static size_t
take_size(struct reader *reader)
{
	size_t size = 0;

	for (int i = 0; i < 10 && !reader->bad; i++) {
		uint8_t octet = take_octet(reader);

		if (size > SIZE_MAX >> 7)
			break;
		size = size << 7 | (octet & 0x7f);
		if (octet & 0x80)
			return size;
	}
	reader->bad = true;
	return 0;
}

/* How many of something follow that takes `unit` octets at least. */
static uint32_t
take_count(struct reader *reader, size_t unit)
{
	size_t count = take_size(reader);

	if (count > INT_MAX || count > reader->in.len / unit)
		reader->bad = true;
	return reader->bad ? 0 : (uint32_t)count;
}

static uint32_t
take_int(struct reader *reader)
{
	size_t number = take_size(reader);

	if (number > INT_MAX)
		reader->bad = true;
	return reader->bad ? 0 : (uint32_t)number;
}

/* ptr NULL: there is none. */
static struct span
take_string(struct reader *reader)
{
	size_t size = take_size(reader);

	return size == 0 ? (struct span){ NULL, 0 } : take(reader, size - 1);
}

static void
take_code(struct reader *reader, struct proto *proto)
{
	proto->code_count = take_count(reader, sizeof(uint32_t));
	proto->code = take(reader, proto->code_count * sizeof(uint32_t)).ptr;
}

static void
take_constants(struct reader *reader, struct proto *proto)
{
	proto->constant_count = take_count(reader, 1);
	proto->constants = arena_alloc(reader->arena,
	    proto->constant_count * sizeof *proto->constants);
	for (uint32_t i = 0; i < proto->constant_count && !reader->bad; i++) {
		switch (take_octet(reader)) {
		case 0x00: case 0x01: case 0x11:        /* nil, false, true */
			break;
		case 0x03:
			(void)take(reader, sizeof(lua_Integer));
			break;
		case 0x13:
			(void)take(reader, sizeof(lua_Number));
			break;
		case 0x04: case 0x14:                   /* short, long */
			proto->constants[i] = take_string(reader);
			break;
		default:
			reader->bad = true;
		}
	}
}

static void
take_upvalues(struct reader *reader, struct proto *proto)
{
	proto->upvalue_count = take_count(reader, 3);
	if (proto->upvalue_count > BYTECODE_REGISTERS)
		reader->bad = true;
	if (reader->bad)
		return;
	proto->upvalues = arena_alloc(reader->arena,
	    proto->upvalue_count * sizeof *proto->upvalues);
	for (uint32_t i = 0; i < proto->upvalue_count; i++) {
		proto->upvalues[i].in_stack = take_octet(reader) != 0;
		proto->upvalues[i].index = take_octet(reader);
		(void)take_octet(reader);               /* its kind */
	}
}

static void
take_lines(struct reader *reader, struct proto *proto)
{
	proto->line_steps = take(reader, take_count(reader, 1));
	proto->line_count = take_count(reader, 2);
	proto->lines = arena_alloc(reader->arena,
	    proto->line_count * sizeof *proto->lines);
	for (uint32_t i = 0; i < proto->line_count; i++) {
		proto->lines[i].at = take_int(reader);
		proto->lines[i].line = take_int(reader);
	}
	if (proto->line_steps.len != proto->code_count)
		reader->bad = true;
}

static void
take_debug(struct reader *reader, struct proto *proto)
{
	uint32_t names;

	take_lines(reader, proto);
	proto->local_count = take_count(reader, 3);
	proto->locals = arena_alloc(reader->arena,
	    proto->local_count * sizeof *proto->locals);
	for (uint32_t i = 0; i < proto->local_count; i++) {
		(void)take_string(reader);
		proto->locals[i].start = take_int(reader);
		proto->locals[i].end = take_int(reader);
	}
	names = take_count(reader, 1);
	if (names != proto->upvalue_count)
		reader->bad = true;
	for (uint32_t i = 0; i < names && !reader->bad; i++)
		proto->upvalues[i].name = take_string(reader);
}

static void
take_function(struct reader *reader, struct proto *proto, int depth)
{
	(void)take_string(reader);                      /* its file */
	proto->line = take_int(reader);
	(void)take_int(reader);
	(void)take(reader, 3);
	take_code(reader, proto);
	take_constants(reader, proto);
	take_upvalues(reader, proto);
	proto->proto_count = take_count(reader, 1);
	if (depth >= BYTECODE_DEPTH)
		reader->bad = true;
	if (reader->bad)
		return;
	proto->protos = arena_alloc(reader->arena,
	    proto->proto_count * sizeof *proto->protos);
	for (uint32_t i = 0; i < proto->proto_count && !reader->bad; i++)
		take_function(reader, &proto->protos[i], depth + 1);
	take_debug(reader, proto);
}

/* Version, format, a text that line ends and bit 7 would break, the sizes,
 * and a number of each kind. */
static void
take_header(struct reader *reader)
{
	static const char head[] = LUA_SIGNATURE "\x54\0\x19\x93\r\n\x1a\n"
	    "\4\x8\x8";
	lua_Integer integer = 0;
	lua_Number  number = 0;
	struct span octets;

	if (!span_eq(take(reader, sizeof head - 1),
	    (struct span){ head, sizeof head - 1 }))
		reader->bad = true;
	octets = take(reader, sizeof integer);
	if (octets.len == sizeof integer)
		memcpy(&integer, octets.ptr, sizeof integer);
	octets = take(reader, sizeof number);
	if (octets.len == sizeof number)
		memcpy(&number, octets.ptr, sizeof number);
	if (integer != 0x5678 || number < 370.5 || number > 370.5)
		reader->bad = true;
}

struct proto *
bytecode_parse(struct span dump, struct arena *arena)
{
	struct reader reader = { .in = dump, .arena = arena };
	struct proto *proto = arena_alloc(arena, sizeof *proto);
	uint8_t       upvalues;

	take_header(&reader);
	upvalues = take_octet(&reader);
	if (reader.bad)
		return NULL;
	take_function(&reader, proto, 0);
	if (upvalues != proto->upvalue_count || reader.in.len > 0)
		reader.bad = true;
	return reader.bad ? NULL : proto;
}
