/*
 * AUTH of SMTP (RFC 4954), the lines alone: what they say is the mechanism's.
 *
 *   first line  "AUTH" SP mechanism [ SP ( base64 / "=" ) ]
 *   challenge   "334" SP [ base64 ]
 *   response    [ base64 ]
 *
 * A challenge is base64 and nothing else, on one line: what is wrong with it is
 * an octet and its place, and no text of it is shown, because a challenge may
 * hold what the server knows of us.
 */
#include "proto/smtp.h"

#include "base/limits.h"
#include "model/filter.h"

static bool
is_base64(char octet)
{
	return (octet >= 'A' && octet <= 'Z') ||
	    (octet >= 'a' && octet <= 'z') ||
	    (octet >= '0' && octet <= '9') || octet == '+' || octet == '/';
}

static bool
no_base64(struct span text, struct fault *fault)
{
	size_t pad = span_ends(text, SPAN("==")) ? 2 :
	    span_ends(text, SPAN("="));

	for (size_t i = 0; i + pad < text.len; i++)
		if (!is_base64(text.ptr[i]))
			return fault_set(fault, FAULT_SASL, "the server's "
			    "challenge is no base64: octet %zu of %zu is "
			    "0x%02x", i + 1, text.len,
			    (unsigned)(unsigned char)text.ptr[i]);
	return fault_set(fault, FAULT_SASL, "the server's challenge is no "
	    "base64: %zu octets are no whole number of fours", text.len);
}

/* "334" without a blank is an empty challenge, too. */
bool
smtp_sasl_read(const struct reply *reply, struct buf *out,
    struct fault *fault)
{
	struct span line = { NULL, 0 };
	size_t      at = 0;

	if (reply->code != 334)
		return fault_set(fault, FAULT_SASL, "a %03d reply asks for "
		    "more, and in AUTH only 334 does", (int)reply->code);
	if (reply->lines != 1)
		return fault_set(fault, FAULT_SASL, "the server's challenge "
		    "has %u lines, and it can only have one", reply->lines);
	if (!reply_line(reply->raw, &at, &line))
		return true;
	line = reply_line_text(line);
	/* Haraka 3 says "334" and two blanks for an empty one. */
	if (span_trim(line).len == 0)
		return true;
	if (base64_decode(line, out))
		return true;
	if (!out->full)
		return no_base64(line, fault);
	return fault_set(fault, FAULT_LIMIT, "the server's challenge is "
	    "longer than %zu KiB", out->max / KIB);
}

bool
smtp_sasl_write(struct span mechanism, struct span response, struct buf *out)
{
	bool fine = true;

	if (mechanism.len > 0)
		fine = buf_add(out, SPAN("AUTH ")) && buf_add(out, mechanism);
	if (mechanism.len > 0 && response.ptr != NULL)
		fine = fine && buf_add_octet(out, ' ');
	if (mechanism.len > 0 && response.ptr != NULL && response.len == 0)
		fine = fine && buf_add_octet(out, '=');
	if (response.len > 0)
		fine = fine && base64_encode(response, out);
	return fine && buf_add(out, SPAN("\r\n"));
}

/* "AUTH PLAIN LOGIN"; before RFC 2554 it was "AUTH=PLAIN LOGIN", and old
 * servers give both. */
void
smtp_sasl_list(const struct reply *reply, struct buf *out)
{
	struct span line, word;
	size_t      at = 0;

	while (reply_line(reply->raw, &at, &line)) {
		line = reply_line_text(line);
		if (line.len < 5 || !span_eq_nocase(span_sub(line, 0, 4),
		    SPAN("AUTH")) || (line.ptr[4] != ' ' &&
		    line.ptr[4] != '='))
			continue;
		for (line = span_from(line, 5); span_word(&line, " ", &word);) {
			if (word.len == 0 || span_lists(buf_span(out), word))
				continue;
			if (out->len > 0)
				(void)buf_add_octet(out, ' ');
			(void)buf_add(out, word);
		}
	}
}

/* The code and a blank. */
static size_t
reply_shown(struct span line, enum mask mask)
{
	uint64_t code;

	/* A code and nothing else, as servers that have no challenge say. */
	if (line.len == 3 && span_u64(line, &code))
		return 3;
	if (line.len < 4 || line.ptr[0] < '1' || line.ptr[0] > '5' ||
	    (line.ptr[3] != ' ' && line.ptr[3] != '-'))
		return 0;
	return mask == MASK_CHALLENGES && line.ptr[0] != '3' ? line.len : 4;
}

/* "AUTH", a mechanism (RFC 4422 3.1), and a blank. */
size_t
smtp_shown(struct span line, enum mask mask)
{
	size_t at = 5, word;

	if (mask != MASK_SENT)
		return reply_shown(line, mask);
	if (!span_eq_nocase(span_sub(line, 0, 5), SPAN("AUTH ")))
		return 0;
	while (at < line.len && ((line.ptr[at] >= 'A' && line.ptr[at] <= 'Z') ||
	    (line.ptr[at] >= '0' && line.ptr[at] <= '9') ||
	    line.ptr[at] == '-' || line.ptr[at] == '_'))
		at++;
	word = at - 5;
	if (word == 0 || word > 20 || (at < line.len && line.ptr[at] != ' '))
		return 5;
	return at == line.len ? at : at + 1;
}
