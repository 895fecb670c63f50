/*
 * One header field: folded (RFC 5322 2.2.3), and what is beyond ASCII as
 * encoded words (RFC 2047). In a field of addresses a display name becomes
 * encoded words, also one in quotes, and an address never does.
 */
#include "model/mail.h"

/* RFC 2047 2 allows 75; the name of the field stands on the same line. */
enum { WORD_MAX = 60, WORD_FRAME = 12 /* what is around the text of one */ };

static bool
is_blank(char octet)
{
	return octet == ' ' || octet == '\t';
}

static bool
is_wide(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] >= 0x80)
			return true;
	return false;
}

static bool
is_among(struct span name, const char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_eq_nocase(name, span_of(names[i])))
			return true;
	return false;
}

/* Fields without text and phrases, where an encoded word means nothing (RFC
 * 2047 5). */
static bool
has_no_words(struct span name)
{
	static const char *const names[] = { "Message-ID", "In-Reply-To",
		"References", "Content-ID", "Content-Type",
		"Content-Transfer-Encoding", "Content-Disposition",
		"MIME-Version", "Return-Path", "Resent-Message-ID" };

	return is_among(name, names, sizeof names / sizeof *names);
}

/* Fields whose value is a list of addresses (RFC 5322 3.6). */
static bool
has_addresses(struct span name)
{
	static const char *const names[] = { "From", "Sender", "Reply-To",
		"To", "Cc", "Bcc", "Disposition-Notification-To" };
	static const char resent[] = "Resent-";
	struct span tail = name.len > sizeof resent - 1 && span_eq_nocase(
	    span_sub(name, 0, sizeof resent - 1), SPAN(resent)) ?
	    span_from(name, sizeof resent - 1) : name;

	return is_among(tail, names, sizeof names / sizeof *names);
}

/* ---- encoded words ---------------------------------------------------------- */

/* Strict enough for a phrase as well (RFC 2047 5, rule 3). */
static bool
q_plain(unsigned char octet)
{
	return (octet >= '0' && octet <= '9') || (octet < 0x80 &&
	    ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'z')) ||
	    (octet != '\0' && strchr("!*+-/", octet) != NULL);
}

static size_t
q_width(struct span text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.len; i++)
		width += q_plain((unsigned char)text.ptr[i]) ||
		    text.ptr[i] == ' ' ? 1 : 3;
	return width;
}

static size_t
b_width(struct span text)
{
	return (text.len + 2) / 3 * 4;
}

/* Q as long as a reader can make something of it. */
static bool
q_fits(struct span text)
{
	return 2 * q_width(text) <= 3 * b_width(text);
}

static bool
word_add(struct span text, struct buf *out)
{
	struct mail_sink sink;
	char             room[WORD_MAX + 4];    /* and CRLF */

	if (!q_fits(text)) {
		sink = mail_sink(room, false);
		mail_base64(&sink, text);       /* one line, and its CRLF */
		return buf_add_text(out, "=?UTF-8?B?") &&
		    buf_add(out, (struct span){ room, (size_t)sink.len - 2 }) &&
		    buf_add_text(out, "?=");
	}
	if (!buf_add_text(out, "=?UTF-8?Q?"))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char octet = (unsigned char)text.ptr[i];

		if (octet != ' ' && !q_plain(octet))
			(void)buf_addf(out, "=%02X", octet);
		else
			(void)buf_add_octet(out, octet == ' ' ? '_' :
			    (char)octet);
	}
	return buf_add_text(out, "?=") && !out->full;
}

static size_t
word_width(struct span text)
{
	return WORD_FRAME + (q_fits(text) ? q_width(text) : b_width(text));
}

/* As many as it takes; none splits a character. */
static bool
words_add(struct span text, struct buf *out)
{
	bool fine = true;

	while (fine && text.len > 0) {
		size_t len = 0, next;

		while (len < text.len) {
			next = len + span_utf8(span_from(text, len), NULL);
			if (next == len ||
			    word_width(span_sub(text, 0, next)) > WORD_MAX)
				break;
			len = next;
		}
		if (len == 0)
			len = 1;        /* no UTF-8: refused before */
		fine = word_add(span_sub(text, 0, len), out);
		text = span_from(text, len);
		if (text.len > 0)
			fine = buf_add_octet(out, ' ') && fine;
	}
	return fine;
}

/* From the first word that needs it to the last: blanks between two encoded
 * words do not count (RFC 2047 6.2), so they are encoded with them. */
static bool
text_encode(struct span value, struct buf *out)
{
	size_t first = value.len, last = 0;

	for (size_t at = 0, end; at < value.len; at = end) {
		struct span word;

		for (end = at; end < value.len && !is_blank(value.ptr[end]);)
			end++;
		word = span_sub(value, at, end - at);
		if (is_wide(word) || span_find(word, SPAN("=?")) != SIZE_MAX) {
			first = at < first ? at : first;
			last = end;
		}
		end += end == at;
	}
	if (last == 0 || !is_wide(value))
		return buf_add(out, value);
	return buf_add(out, span_sub(value, 0, first)) &&
	    words_add(span_sub(value, first, last - first), out) &&
	    buf_add(out, span_from(value, last));
}

/* ---- addresses -------------------------------------------------------------- */

/* Octets of what starts at the front: a quoted string, an address in
 * brackets, a separator, or a run of anything else. */
static size_t
token_cut(struct span in)
{
	char   open = in.ptr[0], close = open == '"' ? '"' : '>';
	size_t at = 1;

	if (open == ',' || open == ';' || open == ':')
		return 1;
	if (open != '"' && open != '<') {
		while (at < in.len && strchr("\"<,;:", in.ptr[at]) == NULL)
			at++;
		return at;
	}
	while (at < in.len && in.ptr[at] != close)
		at += open == '"' && in.ptr[at] == '\\' ? 2 : 1;
	return at < in.len ? at + 1 : in.len;
}

static bool
quoted_encode(struct span token, struct buf *out)
{
	struct buf plain = buf_new(token.len);
	size_t     end = token.len - span_ends(token, SPAN("\""));
	bool       fine;

	for (size_t i = 1; i < end; i++) {
		i += token.ptr[i] == '\\' && i + 1 < end;
		(void)buf_add_octet(&plain, token.ptr[i]);
	}
	fine = words_add(buf_span(&plain), out);
	buf_free(&plain);
	return fine;
}

/* White space stands between an encoded word and what is no other one, also
 * the bracket or the colon behind a name (RFC 2047 5, rule 3). */
static bool
gap_add(struct span before, struct span behind, struct buf *out)
{
	return before.len == 0 || behind.len == 0 ||
	    is_blank(before.ptr[before.len - 1]) || is_blank(behind.ptr[0]) ||
	    buf_add_octet(out, ' ');
}

static bool
addresses_encode(struct span value, struct buf *out)
{
	struct span done = { NULL, 0 };
	bool        fine = true, coded = false;

	while (fine && value.len > 0) {
		struct span token = span_sub(value, 0, token_cut(value));
		bool        codes = is_wide(token) && token.ptr[0] != '<';

		if (codes || coded)
			fine = gap_add(done, token, out);
		fine = (!codes ? buf_add(out, token) : token.ptr[0] == '"' ?
		    quoted_encode(token, out) : text_encode(token, out)) &&
		    fine;
		value = span_from(value, token.len);
		done = token;
		coded = codes;
	}
	return fine;
}

/* A run of anything that holds an address without brackets. */
static bool
address_wide(struct span value)
{
	while (value.len > 0) {
		struct span token = span_sub(value, 0, token_cut(value));

		if (token.ptr[0] != '"' && is_wide(token) &&
		    (token.ptr[0] == '<' ||
		    span_chr(token, '@') != SIZE_MAX))
			return true;
		value = span_from(value, token.len);
	}
	return false;
}

/* ---- the field -------------------------------------------------------------- */

const char *
mail_field_wrong(struct span name, struct span value, enum mail_text how)
{
	if (how == MAIL_RAW || !is_wide(value))
		return NULL;
	for (size_t at = 0, len; at < value.len; at += len)
		if ((len = span_utf8(span_from(value, at), NULL)) == 0)
			return "is not UTF-8";
	if (how == MAIL_ASCII && has_no_words(name))
		return "is not ASCII, and takes no encoded words";
	if (how == MAIL_ASCII && has_addresses(name) && address_wide(value))
		return "has an address beyond ASCII, which cannot be encoded";
	return NULL;
}

/* A line is broken in front of the white space that begins the next one. */
static bool
fold(size_t column, struct span value, struct buf *out)
{
	size_t start = column;
	bool   fine = true;

	while (fine && value.len > 0) {
		size_t len = 0;

		while (len < value.len && is_blank(value.ptr[len]))
			len++;
		while (len < value.len && !is_blank(value.ptr[len]))
			len++;
		/* A line of blanks alone would end the header for some. */
		if (column + len > MAIL_COLUMNS && column > start &&
		    is_blank(value.ptr[0]) && !is_blank(value.ptr[len - 1])) {
			fine = buf_add_text(out, "\r\n");
			column = start = 0;
		}
		fine = buf_add(out, span_sub(value, 0, len)) && fine;
		column += len;
		value = span_from(value, len);
	}
	return fine;
}

bool
mail_field(struct span name, struct span value, enum mail_text how,
    struct buf *out)
{
	struct buf coded = buf_new(out->max);
	bool       fine = true;

	if (how == MAIL_ASCII && is_wide(value)) {
		fine = has_addresses(name) ? addresses_encode(value, &coded) :
		    text_encode(value, &coded);
		value = buf_span(&coded);
	}
	fine = fine && buf_add(out, name) && buf_add_text(out, ": ") &&
	    (how == MAIL_RAW ? buf_add(out, value) :
	    fold(name.len + 2, value, out)) && buf_add_text(out, "\r\n");
	buf_free(&coded);
	return fine;
}
