/*
 * LMTP (RFC 2033): SMTP with LHLO in the place of EHLO, and one reply for each
 * accepted recipient when a message ends, in the order of the RCPT commands.
 * A message ends with the dot behind a 354, or with BDAT ... LAST (RFC 3030).
 *
 * The count is the server's own: how many RCPT commands it accepted in this
 * transaction. It is asked when the first of those replies is due, so it is
 * right for a pipeline as well.
 */
#include "proto/smtp.h"

/* "BDAT 86 LAST", in any case. What is no chunk has one reply, as every
 * command. */
static uint8_t
shape_of(struct span line)
{
	struct span word, size;
	uint64_t    octets;

	if (span_eq_nocase(span_trim(line), SPAN("DATA")))
		return SHAPE_DATA;
	if (!span_word(&line, " ", &word) ||
	    !span_eq_nocase(word, SPAN("BDAT")) ||
	    !span_word(&line, " ", &size) || !span_u64(size, &octets))
		return SHAPE_OTHER;
	line = span_trim(line);
	return line.len == 0 ? SHAPE_CHUNK :
	    span_eq_nocase(line, SPAN("LAST")) ? SHAPE_LAST : SHAPE_OTHER;
}

static struct ask
lmtp_ask(struct talk *talk, struct span line)
{
	struct ask ask = smtp_ask(talk, line);

	/* EHLO must be refused here: it lists nothing. */
	if (ask.offers && (line.ptr[0] | 0x20) != 'l')
		ask.offers = false;
	if (ask.shape == SHAPE_OTHER)
		ask.shape = shape_of(line);
	return ask;
}

/* A BDAT that no recipient could take is refused with one reply (RFC 3030
 * 4.2), as every command is; but behind a 354 that should not have come there
 * is nobody to answer for. */
static bool
lmtp_replies(const struct talk *talk, const struct ask *ask, uint32_t *count)
{
	bool content = (talk->flags & TALK_CONTENT) != 0;

	if (!content && (ask->shape != SHAPE_LAST || talk->accepted == 0))
		return false;
	*count = talk->accepted;
	return true;
}

/* Who does not know BDAT, or takes none here, says so once: no mailbox has such
 * a code. */
static bool
lmtp_refuses(const struct ask *ask, const struct reply *reply)
{
	return ask->shape == SHAPE_LAST && reply->code >= 500 &&
	    reply->code <= 504;
}

/* A reply to a chunk behind which more are to come: it may be that of an act of
 * several chunks that left at once. */
static bool
is_chunk(const struct ask *ask)
{
	return ask->shape == SHAPE_CHUNK ||
	    (ask->shape == SHAPE_LAST && ask->before > 0);
}

/* With the first reply the transaction is over: whoever counts has counted. So
 * it is with a refused chunk; those behind it are refused with one reply each
 * (RFC 3030 2). */
static void
lmtp_seen(struct talk *talk, const struct ask *ask, const struct reply *reply)
{
	if (ask != NULL && is_chunk(ask)) {
		if (smtp_tone(reply) == TONE_NEGATIVE)
			talk->accepted = 0;
		return;
	}
	if ((talk->flags & TALK_CONTENT) != 0 ||
	    (ask != NULL && ask->shape == SHAPE_LAST)) {
		talk->flags &= (uint16_t)~TALK_CONTENT;
		talk->accepted = 0;
		return;
	}
	smtp_seen(talk, ask, reply);
	if (ask != NULL && ask->shape == SHAPE_DATA &&
	    smtp_tone(reply) == TONE_CONTINUE)
		talk->flags |= TALK_CONTENT;
}

const struct proto proto_lmtp = {
	.name = "lmtp", .usage = "LMTP, RFC 2033",
	.greets = true, .awaits = true, .forgets = true,
	.each = "accepted recipient",
	.starttls = "STARTTLS", .command_max = SMTP_COMMAND_MAX,
	.ask = lmtp_ask, .parse = smtp_reply_parse, .replies = lmtp_replies,
	.refuses = lmtp_refuses,
	.tone = smtp_tone, .any_time = smtp_any_time, .farewell = smtp_farewell,
	.offers = smtp_reply_offers, .seen = lmtp_seen,
	.explain_code = smtp_explain_code,
	.shown = smtp_shown,
	.sasl_read = smtp_sasl_read, .sasl_write = smtp_sasl_write,
	.sasl_list = smtp_sasl_list, .sasl_asked = "LHLO",
	.explain_enhanced = smtp_explain_enhanced, .glossary = smtp_words,
};
