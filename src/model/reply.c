/*
 * Replies: the flaws and their names, lines cut out of a whole reply, and
 * enhanced codes. What is common to all protocols; how a reply is found in a
 * stream is the protocol's own (src/proto/).
 */
#include "model/reply.h"

const struct flaw_row flaw_rows[FLAW_COUNT] = {
	[FLAW_NONE] = { "none", "no flaw", "RFC 5321 4.2" },
	[FLAW_BARE_LF] = { "bare-lf", "a line ends in LF without CR",
		"RFC 5321 2.3.8" },
	[FLAW_BARE_CR] = { "bare-cr", "a CR without LF behind it",
		"RFC 5321 2.3.8" },
	[FLAW_BAD_CODE] = { "bad-code",
		"a line does not start with a three-digit code", "RFC 5321 4.2" },
	[FLAW_CODE_RANGE] = { "code-range",
		"the code is outside of 200 to 559, or its second digit is "
		"above 5", "RFC 5321 4.2" },
	[FLAW_MIXED_CODES] = { "mixed-codes",
		"the lines of one reply carry different codes",
		"RFC 5321 4.2.1" },
	[FLAW_BAD_SEPARATOR] = { "bad-separator",
		"neither a space nor a hyphen follows the code",
		"RFC 5321 4.2" },
	[FLAW_LONG_LINE] = { "long-line", "a line is longer than 512 octets",
		"RFC 5321 4.5.3.1.5" },
	[FLAW_NUL] = { "nul", "a NUL octet inside a line", "RFC 5321 4.2" },
	[FLAW_NON_ASCII] = { "non-ascii", "an octet above 127 in a reply",
		"RFC 5321 4.2, RFC 6531 3.7.4" },
	[FLAW_TOO_MANY_LINES] = { "too-many-lines",
		"more lines than one reply may have here (10,000)",
		"quoth's own limit" },
	[FLAW_UNSOLICITED] = { "unsolicited",
		"octets that no command asked for", "RFC 5321 4.2" },
	[FLAW_INJECTED] = { "injection",
		"plaintext octets were left when TLS started",
		"RFC 3207 4.2, CVE-2011-0411" },
	[FLAW_ENHANCED_CLASS] = { "enhanced-class",
		"the class of the enhanced code is not the first digit of the "
		"code", "RFC 2034 4" },
	[FLAW_CUT] = { "cut", "the connection ended in the middle of a reply",
		"RFC 5321 3.8" },
	[FLAW_TOO_LONG] = { "too-long",
		"a line above 64 KiB, or a reply above 1 MiB",
		"quoth's own limit" },
};

_Static_assert(sizeof flaw_rows / sizeof flaw_rows[0] == FLAW_COUNT,
    "one row for each flaw");

enum flaw
flaw_of(struct span word)
{
	for (enum flaw flaw = FLAW_NONE + 1; flaw < FLAW_COUNT; flaw++)
		if (span_is(word, flaw_rows[flaw].word))
			return flaw;
	return FLAW_NONE;
}

static bool
is_mild(enum flaw flaw)
{
	return (FLAWS_MILD & FLAW_BIT(flaw)) != 0;
}

/* Of two in one place, one that fails a step goes before one that warns. */
void
reply_flaw(struct reply *reply, enum flaw flaw, size_t at)
{
	uint32_t where = (uint32_t)at;

	if ((reply->flaws & FLAW_BIT(flaw)) != 0 || flaw == FLAW_NONE)
		return;
	reply->flaw_ats[flaw] = where;
	if (reply->flaws == 0 || where < reply->flaw_at ||
	    (where == reply->flaw_at && is_mild(reply->flaw) &&
	    !is_mild(flaw))) {
		reply->flaw = flaw;
		reply->flaw_at = where;
	}
	reply->flaws |= FLAW_BIT(flaw);
}

bool
reply_line(struct span raw, size_t *at, struct span *line)
{
	struct span rest = span_from(raw, *at);
	size_t      end;

	if (rest.len == 0)
		return false;
	end = span_chr(rest, '\n');
	if (end == SIZE_MAX) {
		*line = rest;
		*at = raw.len;
		return true;
	}
	*at += end + 1;
	if (end > 0 && rest.ptr[end - 1] == '\r')
		end--;
	*line = (struct span){ rest.ptr, end };
	return true;
}

static bool
is_digit(char octet)
{
	return octet >= '0' && octet <= '9';
}

/* A line without a code is all text. Behind a code without a separator the
 * text starts at once: nothing of what the server said gets lost. */
struct span
reply_line_text(struct span line)
{
	if (line.len < 3 || !is_digit(line.ptr[0]) || !is_digit(line.ptr[1]) ||
	    !is_digit(line.ptr[2]))
		return line;
	if (line.len == 3)
		return span_from(line, 3);
	if (is_digit(line.ptr[3]))
		return line;
	if (line.ptr[3] == ' ' || line.ptr[3] == '-' || line.ptr[3] == '\t')
		return span_from(line, 4);
	return span_from(line, 3);
}

/* One to three digits without a leading zero; the octets used, or 0. */
static size_t
enhanced_part(struct span in, uint32_t *value)
{
	size_t used = 0;

	*value = 0;
	while (used < in.len && used < 3 && is_digit(in.ptr[used])) {
		*value = *value * 10 + (uint32_t)(in.ptr[used] - '0');
		used++;
	}
	return used > 1 && in.ptr[0] == '0' ? 0 : used;
}

/*
 * status-code = class "." subject "." detail
 * class = "2" / "4" / "5";  subject, detail = 1*3digit     RFC 3463 2
 */
uint32_t
enhanced_parse(struct span text)
{
	uint32_t subject, detail;
	size_t   used, at;

	if (text.len < 5 || text.ptr[1] != '.' || (text.ptr[0] != '2' &&
	    text.ptr[0] != '4' && text.ptr[0] != '5'))
		return 0;
	used = enhanced_part(span_from(text, 2), &subject);
	at = 2 + used;
	if (used == 0 || at >= text.len || text.ptr[at] != '.')
		return 0;
	used = enhanced_part(span_from(text, at + 1), &detail);
	if (used == 0 || at + 1 + used != text.len)
		return 0;
	return ENHANCED((uint32_t)(text.ptr[0] - '0'), subject, detail);
}
