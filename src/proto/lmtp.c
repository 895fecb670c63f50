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

/* "BDAT 86 LAST", in any case. */
static bool
is_last_chunk(struct span line)
{
	struct span word;

	return span_word(&line, " ", &word) &&
	    span_eq_nocase(word, SPAN("BDAT")) && span_word(&line, " ", &word) &&
	    span_eq_nocase(span_trim(line), SPAN("LAST"));
}

static struct ask
lmtp_ask(struct talk *talk, struct span line)
{
	struct ask ask = smtp_ask(talk, line);

	/* EHLO must be refused here: it lists nothing. */
	if (ask.offers && (line.ptr[0] | 0x20) != 'l')
		ask.offers = false;
	if (span_eq_nocase(span_trim(line), SPAN("DATA")))
		ask.shape = SHAPE_DATA;
	else if (is_last_chunk(line))
		ask.shape = SHAPE_LAST;
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

/* With the first reply the transaction is over: whoever counts has counted. */
static void
lmtp_seen(struct talk *talk, const struct ask *ask, const struct reply *reply)
{
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
	.port = 24,
	.greets = true, .awaits = true, .forgets = true,
	.each = "accepted recipient", .starttls = "STARTTLS",
	.ask = lmtp_ask, .parse = smtp_reply_parse, .replies = lmtp_replies,
	.tone = smtp_tone, .any_time = smtp_any_time,
	.offers = smtp_reply_offers, .seen = lmtp_seen,
	.explain_code = smtp_explain_code,
	.sasl_read = smtp_sasl_read, .sasl_write = smtp_sasl_write,
	.sasl_list = smtp_sasl_list,
	.explain_enhanced = smtp_explain_enhanced, .glossary = smtp_words,
};
