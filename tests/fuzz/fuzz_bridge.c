/*
 * What a worker hears, as any octets: a script that uses all of the bridge is
 * loaded, then come frames. With an even first octet the rest is read as
 * orders (which frame, of which run, with what), so that the depth is reached;
 * with an odd one it is frames as they are. The worker may call them broken;
 * it must not crash, and what it writes must be frames.
 */
#include "script/bridge/bridge.h"

#include "model/result.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char script[] =
    "local quoth = require 'quoth'\n"
    "local n = 0\n"
    "quoth.scenario 'a' { run = function(t)\n"
    "  local c <close> = t:connect()\n"
    "  c:expect(220)\n"
    "  local r = c:send('EHLO ' .. tostring(t.client)):expect(250)\n"
    "  t:note(r.code, r.text, r.lines[1], r.raw, #r.flaws, r.enhanced)\n"
    "  if r.offers then for k, v in pairs(r.offers) do t:note(k, v) end end\n"
    "  for k, v in pairs(t.params) do t:note(k, v) c:send(v):expect(1) end\n"
    "  c:send('A') c:send('B') print(c:expect(1).code, c:expect(2).ms)\n"
    "  print(c:check(3)) print(t.vars.x, t.target.host, t.row)\n"
    "  print(pcall(function() c:send('C'):expect(4) end))\n"
    "  local a, b = t:pipeline(function()\n"
    "    return c:send('D'):expect(5), c:send('E'):expect_each { 6, 7 } end)\n"
    "  n = n + 1\n"
    "  t:eventually('1s', '1ms', function() c:send('F'):expect(8) end)\n"
    "  print(a.text, b.passed) t:use('d') t:set { x = 1 }\n"
    "  local co = coroutine.wrap(function() c:send('G'):expect(9) end) co()\n"
    "  local d <close> = t:connect { on = 'd' } d:expect(1)\n"
    "  if n > 3 then t:skip('n') end\n"
    "  require 'm'\n"
    "end }\n"
    "quoth.scenario 'b' { on_fail = 'continue', run = function(t)\n"
    "  local c = t:connect() for i = 1, 50 do c:send('N'):expect(1) end\n"
    "  error({}) end }\n";

struct hand {
	struct bridge_pipes pipes;
	struct span         in;
	bool                orders, loaded;
};

static bool
hand_flush(struct bridge_pipes *pipes, struct buf *out)
{
	struct span  rest = buf_span(out);
	struct frame frame;
	size_t       used;

	(void)pipes;
	while (rest.len > 0) {
		used = frame_cut(rest, &frame);
		if (used == 0 || used == SIZE_MAX)
			abort();
		rest = span_from(rest, used);
	}
	buf_clear(out);
	return true;
}

static uint32_t
octet(struct hand *hand)
{
	uint8_t value;

	if (hand->in.len == 0)
		return 0;
	value = (uint8_t)hand->in.ptr[0];
	hand->in = span_from(hand->in, 1);
	return value;
}

static struct span
some(struct hand *hand)
{
	struct span text = span_sub(hand->in, 0, octet(hand));

	hand->in = span_from(hand->in, text.len);
	return text;
}

static void
put_start(struct hand *hand, struct buf *in)
{
	put_number(in, octet(hand) % 3);
	put_number(in, 1);
	put_number(in, octet(hand));
	put_number(in, octet(hand));
	for (int i = 0; i < 3; i++) {
		(void)buf_add_octet(in, VALUE_MAP);
		put_number(in, 1);
		put_bytes(in, SPAN("client"));
		if (octet(hand) % 2 == 0) {
			(void)buf_add_octet(in, VALUE_TEXT);
			put_bytes(in, some(hand));
		} else {
			(void)buf_add(in, some(hand));
		}
	}
}

static void
put_outcome(struct hand *hand, struct buf *in)
{
	uint32_t flags = octet(hand);
	struct told told = { .seq = octet(hand), .inner = flags >> 6,
	    .result = (uint8_t)(octet(hand) % RESULT_COUNT),
	    .last = (flags & 1) != 0, .fatal = (flags & 2) != 0,
	    .has_reply = (flags & 4) != 0, .code = (int32_t)octet(hand) * 3,
	    .flaws = octet(hand), .enhanced = octet(hand) << 18,
	    .raw = some(hand), .set_count = (flags & 8) != 0 };

	put_told(in, &told);
	if (told.set_count > 0) {
		put_bytes(in, SPAN("x"));
		put_bytes(in, some(hand));
	}
}

static void
order(struct hand *hand, struct buf *in)
{
	static const enum frame_kind kinds[] = { FRAME_START, FRAME_OUTCOME,
		FRAME_OUTCOME, FRAME_OUTCOME, FRAME_STOP, FRAME_DROP,
		FRAME_MODULE, FRAME_START };
	uint32_t which = octet(hand);
	enum frame_kind kind = kinds[which % 8];
	size_t mark = frame_begin(in, kind, kind == FRAME_MODULE ? 0 :
	    1 + which / 8 % 3);

	if (kind == FRAME_START)
		put_start(hand, in);
	if (kind == FRAME_OUTCOME)
		put_outcome(hand, in);
	if (kind == FRAME_MODULE) {
		put_number(in, octet(hand) % 3);
		put_bytes(in, SPAN("m"));
		put_bytes(in, some(hand));
	}
	frame_end(in, mark);
}

static bool
hand_more(struct bridge_pipes *pipes, struct buf *out, struct buf *in)
{
	struct hand *hand = (struct hand *)pipes;
	size_t       mark;

	(void)hand_flush(pipes, out);
	if (!hand->loaded) {
		mark = frame_begin(in, FRAME_LOAD, 0);
		put_bytes(in, SPAN("x.lua"));
		put_bytes(in, SPAN(script));
		frame_end(in, mark);
		hand->loaded = true;
		return true;
	}
	if (hand->in.len == 0)
		return false;
	if (hand->orders) {
		order(hand, in);
		return true;
	}
	(void)buf_add(in, hand->in);
	hand->in.len = 0;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hand hand = { { hand_flush, hand_more },
	    { (const char *)data, size }, false, false };
	struct bridge *bridge = bridge_new(&hand.pipes, NULL);

	if (bridge == NULL)
		abort();
	hand.orders = octet(&hand) % 2 == 0;
	while (bridge_turn(bridge) == BRIDGE_ON)
		;
	bridge_free(bridge);
	return 0;
}
