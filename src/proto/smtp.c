/*
 * SMTP (RFC 5321): what its commands call for and how its replies are meant.
 * Reading replies is smtp_reply.c, explaining them smtp_codes.c and the files
 * beside it.
 */
#include "proto/smtp.h"

/* Four letters as one number, in lower case. */
#define VERB4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | \
	(uint32_t)(c) << 8 | (uint32_t)(d))

/* All commands that matter here have four letters; 0 for the others. */
static uint32_t
verb_of(struct span line)
{
	uint32_t verb = 0;

	if (line.len < 4 || (line.len > 4 && line.ptr[4] != ' '))
		return 0;
	for (size_t i = 0; i < 4; i++)
		verb = verb << 8 | ((unsigned char)line.ptr[i] | 0x20U);
	return verb;
}

/* With this word at MAIL the replies of the transaction may be UTF-8, and with
 * it at VRFY and EXPN theirs (RFC 6531 3.4, 3.7.4). */
static bool
says_utf8(struct span line)
{
	size_t at;

	while ((at = span_chr(line, ' ')) != SIZE_MAX) {
		line = span_from(line, at + 1);
		if ((line.len == 8 || (line.len > 8 && line.ptr[8] == ' ')) &&
		    span_eq_nocase(span_sub(line, 0, 8), SPAN("SMTPUTF8")))
			return true;
	}
	return false;
}

struct ask
smtp_ask(struct talk *talk, struct span line)
{
	/* Between AUTH and its last reply every line is part of it. */
	struct ask ask = { .shape = SHAPE_OTHER,
	    .secret = (talk->flags & TALK_AUTH) != 0 };

	switch (verb_of(line)) {
	case VERB4('e', 'h', 'l', 'o'):
	case VERB4('l', 'h', 'l', 'o'):
		ask.offers = true;
		ask.shape = SHAPE_START;
		talk->wide = false;
		break;
	case VERB4('h', 'e', 'l', 'o'):
	case VERB4('r', 's', 'e', 't'):
		ask.shape = SHAPE_START;
		talk->wide = false;
		break;
	case VERB4('m', 'a', 'i', 'l'):
		ask.shape = SHAPE_START;
		talk->wide = says_utf8(line);
		break;
	case VERB4('v', 'r', 'f', 'y'):
	case VERB4('e', 'x', 'p', 'n'):
		ask.wide = says_utf8(line);
		break;
	case VERB4('r', 'c', 'p', 't'):
		ask.shape = SHAPE_RECIPIENT;
		break;
	case VERB4('a', 'u', 't', 'h'):
		ask.secret = true;
		break;
	default:
		/* The session begins anew behind it (Postfix XCLIENT_README). */
		if (span_eq_nocase(span_sub(line, 0, 8), SPAN("XCLIENT ")))
			ask.shape = SHAPE_START;
		break;
	}
	ask.wide = ask.wide || talk->wide;
	return ask;
}

enum tone
smtp_tone(const struct reply *reply)
{
	if (reply->code >= 200 && reply->code <= 299)
		return TONE_POSITIVE;
	if (reply->code >= 300 && reply->code <= 399)
		return TONE_CONTINUE;
	return TONE_NEGATIVE;
}

/* RFC 5321 3.8: a server that must shut down may say so at any time. */
bool
smtp_any_time(const struct reply *reply)
{
	return reply->code == 421;
}

/* RFC 5321 4.2.3: both say "closing transmission channel". */
bool
smtp_farewell(const struct reply *reply)
{
	return reply->code == 221 || reply->code == 421;
}

/* Counts the accepted recipients of a transaction: LMTP owes one reply for
 * each of them after the body. */
void
smtp_seen(struct talk *talk, const struct ask *ask, const struct reply *reply)
{
	if (smtp_tone(reply) != TONE_CONTINUE)
		talk->flags &= (uint16_t)~TALK_AUTH;
	else if (ask != NULL && ask->secret)
		talk->flags |= TALK_AUTH;
	if (ask == NULL || smtp_tone(reply) != TONE_POSITIVE)
		return;
	if (ask->shape == SHAPE_START)
		talk->accepted = 0;
	else if (ask->shape == SHAPE_RECIPIENT)
		talk->accepted++;
}

const struct proto proto_smtp = {
	.name = "smtp", .usage = "SMTP and ESMTP, RFC 5321",
	.greets = true, .awaits = true, .forgets = true,
	.starttls = "STARTTLS", .command_max = SMTP_COMMAND_MAX,
	.ask = smtp_ask, .parse = smtp_reply_parse, .tone = smtp_tone,
	.any_time = smtp_any_time, .farewell = smtp_farewell,
	.offers = smtp_reply_offers, .seen = smtp_seen,
	.explain_code = smtp_explain_code,
	.shown = smtp_shown,
	.sasl_read = smtp_sasl_read, .sasl_write = smtp_sasl_write,
	.sasl_list = smtp_sasl_list, .sasl_asked = "EHLO",
	.explain_enhanced = smtp_explain_enhanced, .glossary = smtp_words,
};
