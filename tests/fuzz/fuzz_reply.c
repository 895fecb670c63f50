/*
 * Any octets as a server's side: every protocol reads the same replies out of
 * them however they are chunked, notes offsets inside of the reply, and ends.
 * The first octet chooses the protocol, the command and the size of chunks.
 */
#include "model/proto.h"

#include "base/limits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* The reply at the front of `in`, of which `step` octets more come each time.
 * What did not come yet is not ours: it lies behind the span. */
static size_t
feed(const struct proto *proto, const struct ask *ask, struct span in,
    size_t step, struct reply *reply)
{
	size_t used = 0, len = 0;

	*reply = reply_new();
	while (used == 0 && len < in.len) {
		len = step < in.len - len ? len + step : in.len;
		used = proto->parse((struct span){ in.ptr, len }, ask, reply);
		must(used <= len);
	}
	return used;
}

static void
same(const struct reply *a, const struct reply *b)
{
	must(a->code == b->code && a->len == b->len && a->lines == b->lines &&
	    a->last_at == b->last_at && a->enhanced == b->enhanced &&
	    a->flaws == b->flaws && a->flaw == b->flaw &&
	    a->flaw_at == b->flaw_at);
	must(memcmp(a->flaw_ats, b->flaw_ats, sizeof a->flaw_ats) == 0);
}

/* A challenge or a fault, never both; and no text of it in the fault. */
static void
auth_read(const struct proto *proto, const struct reply *reply)
{
	struct buf   challenge = buf_new(LIMIT_REPLY), list = buf_new(KIB);
	struct fault fault = { .text = "" };
	bool         fine = proto->sasl_read(reply, &challenge, &fault);

	must(fine == (fault.text[0] == '\0'));
	must(challenge.len <= reply->raw.len);
	for (const char *at = fault.text; *at != '\0'; at++)
		must(*at >= ' ' && *at <= '~');
	proto->sasl_list(reply, &list);
	must(list.len <= KIB && list.len <= reply->raw.len);
	buf_free(&challenge);
	buf_free(&list);
}

static void
look(const struct proto *proto, const struct reply *reply, size_t used)
{
	struct span line;
	size_t      at = 0, lines = 0, text = 0;

	must(reply->len == used && reply->raw.len == used);
	must(used <= LIMIT_REPLY && reply->lines <= LIMIT_REPLY_LINES);
	must(reply->code >= -1 && reply->code <= 999);
	must(reply->last_at <= used && reply->flaw_at <= used);
	for (enum flaw flaw = FLAW_NONE; flaw < FLAW_COUNT; flaw++)
		if ((reply->flaws & FLAW_BIT(flaw)) != 0)
			must(reply->flaw_ats[flaw] <= used &&
			    reply->flaw_ats[flaw] >= reply->flaw_at);
	while (reply_line(reply->raw, &at, &line)) {
		lines++;
		text += reply_line_text(line).len;
	}
	must(lines == reply->lines && at == used && text <= used);
	(void)proto->tone(reply);
	if (proto->offers != NULL) {
		(void)proto->offers(reply, SPAN("SIZE"));
		(void)proto->offers(reply, SPAN("AUTH PLAIN"));
		/* A word of the reply itself, to reach the comparison. */
		(void)proto->offers(reply, span_sub(reply->raw, used / 2, 8));
	}
	if (proto->sasl_read != NULL)
		auth_read(proto, reply);
	if (proto->explain_code != NULL)
		(void)proto->explain_code(reply->code);
	if (proto->explain_enhanced != NULL)
		(void)proto->explain_enhanced(reply->enhanced);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = { (const char *)data + 1, size - 1 };
	const struct proto *proto;
	struct ask  ask = { 0 };
	size_t      step;

	if (size == 0)
		return 0;
	proto = (data[0] & 1) != 0 ? proto_find(SPAN("tcp")) :
	    proto_find(SPAN("smtp"));
	ask.offers = (data[0] & 2) != 0;
	step = 2 + (data[0] >> 2) % 61;
	while (in.len > 0) {
		struct reply whole, drip, chunks;
		size_t used = feed(proto, &ask, in, in.len, &whole);

		/* By the octet; of a long one by a few, to try many. */
		must(feed(proto, &ask, in, 1 + in.len / 2048, &drip) == used);
		must(feed(proto, &ask, in, step, &chunks) == used);
		if (used == 0)
			break;
		same(&whole, &drip);
		same(&whole, &chunks);
		look(proto, &whole, used);
		in = span_from(in, used);
	}
	return 0;
}
