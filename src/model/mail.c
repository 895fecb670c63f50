/* MIME parts and the sink of a message; header fields are mail_field.c's. */
#include "model/mail.h"

#include <stdio.h>

const char *const mail_coding_words[MAIL_CODINGS] = {
	[MAIL_BASE64] = "base64", [MAIL_8BIT] = "8bit",
	[MAIL_BINARY] = "binary"
};

enum { BASE64_LINE = 57 };      /* octets of 76 columns */

/* ---- the sink --------------------------------------------------------------- */

struct mail_sink
mail_sink(char *to, bool stuffs)
{
	return (struct mail_sink){ .to = to, .stuffs = stuffs, .last = '\n' };
}

bool
mail_at_line(const struct mail_sink *sink)
{
	return sink->last == '\n';
}

static void
put(struct mail_sink *sink, struct span bytes)
{
	if (bytes.len == 0)
		return;
	if (sink->to != NULL)
		memcpy(sink->to + sink->len, bytes.ptr, bytes.len);
	sink->len += bytes.len;
	sink->plain += bytes.len;
	sink->last = bytes.ptr[bytes.len - 1];
}

/* Octets of one line, or the rest of it. */
static void
put_line(struct mail_sink *sink, struct span line)
{
	if (sink->stuffs && mail_at_line(sink) &&
	    span_starts(line, SPAN("."))) {
		put(sink, SPAN("."));
		sink->plain--;
	}
	put(sink, line);
}

void
mail_bytes(struct mail_sink *sink, struct span bytes)
{
	if (!sink->stuffs) {
		put(sink, bytes);
		return;
	}
	while (bytes.len > 0) {
		size_t at = span_chr(bytes, '\n');
		size_t len = at == SIZE_MAX ? bytes.len : at + 1;

		put_line(sink, span_sub(bytes, 0, len));
		bytes = span_from(bytes, len);
	}
}

void
mail_lines(struct mail_sink *sink, struct span text)
{
	while (text.len > 0) {
		size_t at = span_chr(text, '\n');
		struct span line = span_sub(text, 0, at);

		put_line(sink, line);
		put(sink, span_ends(line, SPAN("\r")) ? SPAN("\n") :
		    SPAN("\r\n"));
		text = span_from(text, at == SIZE_MAX ? text.len : at + 1);
	}
}

/* ---- base64 ----------------------------------------------------------------- */

/* Of at most three octets. */
static void
quad(struct span in, char out[4])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;

	for (size_t i = 0; i < 3; i++)
		bits = bits << 8 | (i < in.len ? (unsigned char)in.ptr[i] : 0U);
	for (size_t i = 0; i < 4; i++)
		out[i] = i > in.len ? '=' : digits[bits >> (18 - 6 * i) & 63];
}

void
mail_base64(struct mail_sink *sink, struct span bytes)
{
	char line[BASE64_LINE / 3 * 4 + 2];

	while (bytes.len > 0) {
		struct span part = span_sub(bytes, 0, BASE64_LINE);
		size_t      len = 0;

		for (size_t at = 0; at < part.len; at += 3, len += 4)
			quad(span_sub(part, at, 3), line + len);
		line[len++] = '\r';
		line[len++] = '\n';
		put(sink, (struct span){ line, len });
		bytes = span_from(bytes, part.len);
	}
}

/* ---- parts ------------------------------------------------------------------ */

/* The last CRLF belongs to the boundary (RFC 2046 5.1.1). */
void
mail_part_body(struct mail_sink *sink, const struct mail_part *part)
{
	switch (part->coding) {
	case MAIL_BASE64:
		mail_base64(sink, part->bytes);
		return;
	case MAIL_8BIT:
		mail_lines(sink, part->bytes);
		if (span_ends(part->bytes, SPAN("\n")))
			put(sink, SPAN("\r\n"));
		return;
	case MAIL_BINARY:
		mail_bytes(sink, part->bytes);
		put(sink, SPAN("\r\n"));
		return;
	case MAIL_CODINGS:
		return;
	}
}

/* base64 has no underscore: only what stands there as it is can hold one. */
void
mail_boundary(struct span text, const struct mail_part *parts, size_t count,
    char out[MAIL_BOUNDARY + 1])
{
	uint64_t seed = span_hash(text);
	bool     taken = true;

	for (size_t i = 0; i < count; i++)
		seed = seed * 31 + span_hash(parts[i].bytes);
	for (; taken; seed++) {
		struct span mark = { out, MAIL_BOUNDARY };

		(void)snprintf(out, MAIL_BOUNDARY + 1, "=_quoth_%08x%08x%08x",
		    (unsigned)(seed >> 32), (unsigned)(seed & UINT32_MAX),
		    (unsigned)(text.len & UINT32_MAX));
		taken = span_find(text, mark) != SIZE_MAX;
		for (size_t i = 0; i < count; i++)
			taken = taken || (parts[i].coding != MAIL_BASE64 &&
			    span_find(parts[i].bytes, mark) != SIZE_MAX);
	}
}

bool
mail_multipart(const char *boundary, struct buf *out)
{
	return buf_addf(out, "MIME-Version: 1.0\r\nContent-Type: "
	    "multipart/mixed;\r\n\tboundary=\"%s\"\r\n", boundary);
}

static bool
is_ascii(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] >= 0x80)
			return false;
	return true;
}

static bool
is_utf8(struct span text)
{
	for (size_t at = 0, len; at < text.len; at += len)
		if ((len = span_utf8(span_from(text, at), NULL)) == 0)
			return false;
	return true;
}

bool
mail_text_head(struct span text, const char *boundary, struct buf *out)
{
	bool ascii = is_ascii(text);

	return buf_addf(out, "--%s\r\nContent-Type: text/plain; charset=%s\r\n"
	    "%s\r\n", boundary, ascii ? "us-ascii" : is_utf8(text) ? "utf-8" :
	    "unknown-8bit", ascii ? "" :
	    "Content-Transfer-Encoding: 8bit\r\n");
}

/* RFC 2183 2.3, and RFC 2231 4 where it is not ASCII. */
static bool
filename_add(struct span name, enum mail_text how, struct buf *out)
{
	bool extended = how == MAIL_ASCII && !is_ascii(name);
	bool fine = buf_add_text(out, extended ? ";\r\n\tfilename*=utf-8''" :
	    ";\r\n\tfilename=\"");

	for (size_t i = 0; i < name.len; i++) {
		unsigned char octet = (unsigned char)name.ptr[i];
		bool word = (octet >= '0' && octet <= '9') ||
		    ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'z') ||
		    octet == '.' || octet == '-' || octet == '_';

		if (extended && !word) {
			fine = buf_addf(out, "%%%02X", octet) && fine;
			continue;
		}
		if (!extended && (octet == '"' || octet == '\\'))
			fine = buf_add_octet(out, '\\') && fine;
		fine = buf_add_octet(out, (char)octet) && fine;
	}
	return (extended || buf_add_octet(out, '"')) && fine;
}

bool
mail_part_head(const struct mail_part *part, enum mail_text how,
    const char *boundary, struct buf *out)
{
	return buf_addf(out, "--%s\r\nContent-Type: %.*s\r\n"
	    "Content-Transfer-Encoding: %s\r\n"
	    "Content-Disposition: attachment", boundary, SPAN_ARG(part->type),
	    mail_coding_words[part->coding]) &&
	    (part->name.len == 0 || filename_add(part->name, how, out)) &&
	    buf_add_text(out, "\r\n\r\n");
}
