/*
 * Any protocol of lines, without codes: a reply is one line, every reply is
 * fine, nothing is awaited unless the author says so. Line ends may be LF or
 * CRLF; octets are the author's business, so the only flaw is a line without
 * an end.
 */
#include "model/proto.h"

#include "base/limits.h"

static size_t
tcp_parse(struct span in, const struct ask *ask, struct reply *reply)
{
	size_t have = in.len < LIMIT_REPLY_LINE ? in.len : LIMIT_REPLY_LINE;
	size_t from = reply->scanned;
	size_t hit = have > from ?
	    span_chr(span_sub(in, from, have - from), '\n') : SIZE_MAX;
	size_t end = hit == SIZE_MAX ? have : from + hit + 1;

	(void)ask;
	reply->scanned = (uint32_t)end;
	if (hit == SIZE_MAX && have < LIMIT_REPLY_LINE)
		return 0;
	if (hit == SIZE_MAX)
		reply_flaw(reply, FLAW_TOO_LONG, end);
	reply->lines = 1;
	reply->len = (uint32_t)end;
	reply->raw = (struct span){ in.ptr, end };
	return end;
}

static enum tone
tcp_tone(const struct reply *reply)
{
	(void)reply;
	return TONE_POSITIVE;
}

static void
tcp_seen(struct talk *talk, const struct ask *ask, const struct reply *reply)
{
	(void)talk;
	(void)ask;
	(void)reply;
}

const struct proto proto_tcp = {
	.name = "tcp", .usage = "lines over TCP, without codes",
	.parse = tcp_parse, .tone = tcp_tone,
	.seen = tcp_seen,
};
