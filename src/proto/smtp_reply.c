/*
 * Reads SMTP replies. Nothing is rejected: every flaw is noted with its offset
 * and reading goes on as the clients of this world do it.
 *
 *   reply = *( code "-" text CRLF ) code [ SP text ] CRLF      RFC 5321 4.2
 *   code  = %x32-35 %x30-35 %x30-39
 *
 * A line ends at LF and nowhere else. The reply ends at the first line with a
 * code that no hyphen follows, even if it is another code than before (flaw
 * mixed-codes; the first code counts): waiting for the same code again, as FTP
 * does, would swallow the replies behind it. A line without a code ends the
 * reply when it is the first one; behind a hyphen, and when it is empty, it
 * is passed over, because something else must follow.
 *
 * Lines are looked at once, when they are whole. So the result depends on the
 * octets alone, not on how they arrived.
 */
#include "proto/smtp.h"

#include "base/limits.h"

enum { LINE_MAX_SMTP = 512 };   /* RFC 5321 4.5.3.1.5, with its CRLF */

#define EACH(octet) (UINT64_C(0x0101010101010101) * (octet))

/* Do eight octets need a second look: is one of them above 127 or, as NUL and
 * CR are, below 14? A borrow comes only out of an octet that is. */
static inline bool
eight_odd(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return ((word | (word - EACH(14))) & EACH(0x80)) != 0;
}

static void
octets_note(struct span line, size_t start, bool wide, struct reply *reply)
{
	size_t used;

	for (size_t i = 0; i < line.len; i += used) {
		unsigned char octet = (unsigned char)line.ptr[i];

		used = wide && octet > 127 ?
		    span_utf8(span_from(line, i), NULL) : 0;
		if (used > 0)
			continue;
		used = 1;
		if (octet == '\0')
			reply_flaw(reply, FLAW_NUL, start + i);
		else if (octet == '\r')
			reply_flaw(reply, FLAW_BARE_CR, start + i);
		else if (octet > 127)
			reply_flaw(reply, FLAW_NON_ASCII, start + i);
	}
}

/* The same for four to seven octets: two fours that overlap. */
static inline bool
some_odd(struct span line)
{
	char eight[8];

	memcpy(eight, line.ptr, 4);
	memcpy(eight + 4, line.ptr + line.len - 4, 4);
	return eight_odd(eight);
}

/* `line` is without its line end: a CR in it is a bare one. Eight at a time,
 * the last eight overlap. */
static inline void
octets_check(struct span line, size_t start, const struct ask *ask,
    struct reply *reply)
{
	size_t at = 0;

	if (line.len >= 8) {
		size_t last = line.len - 8;

		while (at < last && !eight_odd(line.ptr + at))
			at += 8;
		if (at >= last && !eight_odd(line.ptr + last))
			return;
	} else if (line.len >= 4 && !some_odd(line)) {
		return;
	}
	octets_note(line, start, ask != NULL && ask->wide, reply);
}

static inline unsigned
digit(char octet)
{
	return (unsigned)(unsigned char)octet - (unsigned)'0';
}

/* Exactly three digits at the front; -1 otherwise. */
static inline int32_t
code_read(struct span line)
{
	unsigned a, b, c;

	if (line.len < 3)
		return -1;
	a = digit(line.ptr[0]);
	b = digit(line.ptr[1]);
	c = digit(line.ptr[2]);
	if (a > 9 || b > 9 || c > 9 || (line.len > 3 && digit(line.ptr[3]) <= 9))
		return -1;
	return (int32_t)(a * 100 + b * 10 + c);
}

static inline bool
code_in_range(int32_t code)
{
	return code >= 200 && code <= 559 && code % 100 <= 59;
}

/* The enhanced code at the front of `text`, which has a dot behind its first
 * octet; 0: none. Nearly all have one digit in each part. */
static inline uint32_t
enhanced_front(struct span text)
{
	const char *c = text.ptr;
	size_t      end = 5;

	if (c[3] == '.' && (text.len == 5 || c[5] == ' ')) {
		unsigned class = digit(c[0]), subject = digit(c[2]);
		unsigned detail = digit(c[4]);

		return (class == 2 || class == 4 || class == 5) &&
		    subject <= 9 && detail <= 9 ?
		    ENHANCED(class, subject, detail) : 0;
	}
	while (end < text.len && end < sizeof "5.999.999" && c[end] != ' ')
		end++;
	return enhanced_parse(span_sub(text, 0, end));
}

/* RFC 2034 4: a line's text may begin with an enhanced code. */
static inline void
enhanced_read(struct span line, size_t start, int32_t code,
    struct reply *reply)
{
	uint32_t enhanced;

	if (line.len < 9 || line.ptr[5] != '.')
		return;
	enhanced = enhanced_front(span_from(line, 4));
	if (enhanced == 0)
		return;
	if (reply->enhanced == 0)
		reply->enhanced = enhanced;
	if (ENHANCED_CLASS(enhanced) != (uint32_t)code / 100)
		reply_flaw(reply, FLAW_ENHANCED_CLASS, start + 4);
}

/* A line with a code. True: another one follows. */
static inline bool
code_line(struct span line, size_t start, int32_t code, const struct ask *ask,
    struct reply *reply)
{
	if (reply->code < 0) {
		reply->code = code;
		if (!code_in_range(code))
			reply_flaw(reply, FLAW_CODE_RANGE, start);
	} else if (code != reply->code) {
		reply_flaw(reply, FLAW_MIXED_CODES, start);
	}
	if (line.len == 3)
		return false;
	if (line.ptr[3] != ' ' && line.ptr[3] != '-') {
		reply_flaw(reply, FLAW_BAD_SEPARATOR, start + 3);
		return false;
	}
	/* Names and keywords of an EHLO reply are no enhanced codes. */
	if (ask == NULL || !ask->offers || code < 200 || code > 299)
		enhanced_read(line, start, code, reply);
	return line.ptr[3] == '-';
}

/* One line without its line end. True: another one follows. */
static inline bool
line_take(struct span line, size_t start, const struct ask *ask,
    struct reply *reply)
{
	int32_t code = code_read(line);

	reply->last_at = (uint32_t)start;
	reply->lines++;
	octets_check(line, start, ask, reply);
	if (code >= 0)
		return code_line(line, start, code, ask, reply);
	reply_flaw(reply, FLAW_BAD_CODE, start);
	return reply->code >= 0 || line.len == 0;
}

/* As long as the mechanism makes it (RFC 4954 4). */
static bool
is_challenge(struct span line, const struct ask *ask)
{
	return ask != NULL && ask->secret && span_starts(line, SPAN("334"));
}

/* The line from reply->len to `end`, which is behind its LF; or the limit that
 * cut it: then its last CR may have had its LF. */
static inline bool
line_whole(struct span in, size_t end, bool cut, const struct ask *ask,
    struct reply *reply)
{
	size_t      start = reply->len;
	struct span line = { in.ptr + start, end - start - !cut };
	bool        more;

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	else if (!cut)
		reply_flaw(reply, FLAW_BARE_LF, end - 1);
	if (end - start > LINE_MAX_SMTP && !cut && !is_challenge(line, ask))
		reply_flaw(reply, FLAW_LONG_LINE, start + LINE_MAX_SMTP);
	more = line_take(line, start, ask, reply);
	reply->len = reply->scanned = (uint32_t)end;
	if (more && reply->lines >= LIMIT_REPLY_LINES && !cut) {
		reply_flaw(reply, FLAW_TOO_MANY_LINES, end);
		return false;
	}
	return more;
}

size_t
smtp_reply_parse(struct span in, const struct ask *ask, struct reply *reply)
{
	bool more;

	do {
		size_t from = reply->scanned;
		size_t bound = (size_t)reply->len + LIMIT_REPLY_LINE;
		size_t have, hit, end;
		bool   cut;

		if (bound > LIMIT_REPLY)
			bound = LIMIT_REPLY;
		have = in.len < bound ? in.len : bound;
		hit = have > from ?
		    span_chr(span_sub(in, from, have - from), '\n') : SIZE_MAX;
		cut = hit == SIZE_MAX;
		if (cut && have < bound) {
			reply->scanned = (uint32_t)(have > from ? have : from);
			return 0;
		}
		end = cut ? bound : from + hit + 1;
		more = end > reply->len &&
		    line_whole(in, end, cut, ask, reply);
		if (cut)        /* what is there is the reply */
			reply_flaw(reply, FLAW_TOO_LONG, end);
		more = more && !cut;
	} while (more);
	reply->raw = (struct span){ in.ptr, reply->len };
	return reply->len;
}

/* Is `word` ("AUTH" or "AUTH PLAIN") what this keyword line says? */
static bool
keyword_offers(struct span text, struct span word)
{
	struct span want = { NULL, 0 }, said = { NULL, 0 }, param;
	struct span rest = text, wanted = word;
	bool        old;

	(void)span_word(&wanted, " ", &want);
	(void)span_word(&rest, " ", &said);
	/* Before RFC 2554 it was AUTH=LOGIN; old servers give both lines. */
	old = said.len > 5 && span_eq_nocase(span_sub(said, 0, 5),
	    SPAN("AUTH="));
	if (old) {
		rest = span_from(text, 5);
		said.len = 4;
	}
	if (!span_eq_nocase(said, want))
		return false;
	wanted = span_trim(wanted);
	if (wanted.len == 0)
		return true;
	while (span_word(&rest, " ", &param))
		if (span_eq_nocase(param, wanted))
			return true;
	return false;
}

/* The first line of an EHLO reply names the host; the others are keywords. */
bool
smtp_reply_offers(const struct reply *reply, struct span word)
{
	struct span line;
	size_t      at = 0;
	bool        named = false;

	word = span_trim(word);
	if (reply->code < 200 || reply->code > 299 || word.len == 0)
		return false;
	while (reply_line(reply->raw, &at, &line)) {
		if (code_read(line) < 0)
			continue;
		if (named && keyword_offers(span_trim(reply_line_text(line)),
		    word))
			return true;
		named = true;
	}
	return false;
}
