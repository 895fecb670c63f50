/* The filters. Pure functions over bytes; all that they make is bounded by
 * the buffer's maximum. */
#include "model/filter.h"

#include "model/digest.h"
#include "model/idna.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char too_long[] = "makes a value that is too long";

bool
base64_encode(struct span in, struct buf *out)
{
	for (size_t i = 0; i < in.len; i += 3) {
		const unsigned char *p = (const unsigned char *)in.ptr + i;
		size_t   left = in.len - i;
		uint32_t bits = (uint32_t)p[0] << 16 |
		    (left > 1 ? (uint32_t)p[1] << 8 : 0) |
		    (left > 2 ? (uint32_t)p[2] : 0);
		char     quad[4] = {
			alphabet[bits >> 18], alphabet[bits >> 12 & 63],
			left > 1 ? alphabet[bits >> 6 & 63] : '=',
			left > 2 ? alphabet[bits & 63] : '=' };

		if (!buf_add(out, (struct span){ quad, 4 }))
			return false;
	}
	return true;
}

static int
sextet(char octet)
{
	const char *at = octet == '\0' ? NULL : strchr(alphabet, octet);

	return at == NULL ? -1 : (int)(at - alphabet);
}

bool
base64_decode(struct span in, struct buf *out)
{
	size_t pad = span_ends(in, SPAN("==")) ? 2 : span_ends(in, SPAN("="));

	if (in.len % 4 != 0)
		return false;
	for (size_t i = 0; i < in.len; i += 4) {
		bool     last = i + 4 == in.len;
		uint32_t bits = 0;
		char     three[3];

		for (size_t j = 0; j < 4; j++) {
			bool padding = last && j >= 4 - pad;
			int  value = padding ? 0 : sextet(in.ptr[i + j]);

			if (value < 0)
				return false;
			bits = bits << 6 | (uint32_t)value;
		}
		three[0] = (char)(bits >> 16);
		three[1] = (char)(bits >> 8);
		three[2] = (char)bits;
		if (!buf_add(out, (struct span){ three, last ? 3 - pad : 3 }))
			return false;
	}
	return true;
}

static bool
base64(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	*why = too_long;
	return base64_encode(in, out);
}

static bool
unbase64(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	*why = "gets what is no base64";
	return base64_decode(in, out);
}

static bool
hex(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	*why = too_long;
	return digest_hex(in, out);
}

static bool
upper(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	*why = too_long;
	for (size_t i = 0; i < in.len; i++) {
		bool small = in.ptr[i] >= 'a' && in.ptr[i] <= 'z';

		if (!buf_add_octet(out, (char)(in.ptr[i] - (small ? 32 : 0))))
			return false;
	}
	return true;
}

static bool
lower(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	*why = too_long;
	for (size_t i = 0; i < in.len; i++) {
		bool large = in.ptr[i] >= 'A' && in.ptr[i] <= 'Z';

		if (!buf_add_octet(out, (char)(in.ptr[i] + (large ? 32 : 0))))
			return false;
	}
	return true;
}

static bool
repeat(struct span in, uint32_t count, struct buf *out, const char **why)
{
	*why = too_long;
	for (uint32_t i = 0; i < count && in.len > 0; i++)
		if (!buf_add(out, in))
			return false;
	return true;
}

static bool
length(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	*why = too_long;
	return buf_addf(out, "%zu", in.len);
}

static bool
add_digest(struct span name, struct span in, struct buf *out)
{
	struct buf octets = buf_new(DIGEST_MAX);
	bool       fine = digest_make(name, in, &octets) &&
	    digest_hex(buf_span(&octets), out);

	buf_free(&octets);
	return fine;
}

static bool
sha256(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	*why = too_long;
	return add_digest(SPAN("sha256"), in, out);
}

static bool
md5(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	*why = too_long;
	return add_digest(SPAN("md5"), in, out);
}

/* Of an address the domain. */
static bool
idna(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	return idna_mailbox(in, out, why);
}

static bool
blank(char octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

static bool
trim(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)count;
	*why = too_long;
	while (in.len > 0 && blank(in.ptr[0]))
		in = span_from(in, 1);
	while (in.len > 0 && blank(in.ptr[in.len - 1]))
		in.len--;
	return buf_add(out, in);
}

/* One escape at the front: octets used, or 0. */
static size_t
escape_decode(struct span in, char *octet)
{
	static const char names[] = "rnt0\\";
	static const char octets[] = "\r\n\t\0\\";
	const char *at;

	if (in.len < 2)
		return 0;
	if (in.ptr[1] == 'x') {
		if (in.len < 4 || span_hex(in.ptr[2]) < 0 || span_hex(in.ptr[3]) < 0)
			return 0;
		*octet = (char)(span_hex(in.ptr[2]) << 4 | span_hex(in.ptr[3]));
		return 4;
	}
	at = in.ptr[1] == '\0' ? NULL : strchr(names, in.ptr[1]);
	if (at == NULL)
		return 0;
	*octet = octets[at - names];
	return 2;
}

bool
escapes_decode(struct span in, struct buf *out, size_t *bad_at)
{
	size_t at = 0;

	while (at < in.len) {
		char   octet = in.ptr[at];
		size_t used = octet == '\\' ?
		    escape_decode(span_from(in, at), &octet) : 1;

		if (used == 0 || !buf_add_octet(out, octet)) {
			*bad_at = at;
			return false;
		}
		at += used;
	}
	return true;
}

static bool
unescape(struct span in, uint32_t count, struct buf *out, const char **why)
{
	size_t bad_at;

	(void)count;
	*why = "gets an unknown escape";
	return escapes_decode(in, out, &bad_at);
}

/* Only `${x|split}` alone makes a list, and never comes here. */
static bool
split(struct span in, uint32_t count, struct buf *out, const char **why)
{
	(void)in, (void)count, (void)out;
	*why = "makes a list, which can only stand alone";
	return false;
}

const struct filter filter_rows[] = {
	{ "base64", "base64 of the value", false, base64 },
	{ "hex", "two hexadecimal digits an octet", false, hex },
	{ "idna", "the domain, or that of an address, as A-labels", false,
	    idna },
	{ "length", "how many octets", false, length },
	{ "lower", "ASCII letters in lower case", false, lower },
	{ "md5", "MD5 digest in hexadecimal", false, md5 },
	{ "repeat", "repeat N: the value N times", true, repeat },
	{ "sha256", "SHA-256 digest in hexadecimal", false, sha256 },
	{ "split", "a list, cut at blanks", false, split },
	{ "trim", "without white space at both ends", false, trim },
	{ "unbase64", "the octets that base64 stands for", false, unbase64 },
	{ "unescape", "\\r \\n \\t \\0 \\\\ \\xNN decoded", false, unescape },
	{ "upper", "ASCII letters in upper case", false, upper },
	{ NULL, NULL, false, NULL }
};

const struct filter *
filter_find(struct span name)
{
	for (const struct filter *row = filter_rows; row->name != NULL; row++)
		if (span_is(name, row->name))
			return row;
	return NULL;
}
