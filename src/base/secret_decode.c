/*
 * Escapes undone for the redactor: percent (RFC 3986), a blank as plus (forms),
 * xtext (RFC 3461 4), backslashes (JSON, C, our own \xNN and \u{NNNN}), XML
 * entities, quoted-printable (RFC 2045 6.7), base64 folded over lines. A decoder
 * gives the octets of one escape or says that there is none; every octet keeps
 * its place in the text.
 */
#include "base/mem.h"
#include "base/secret_own.h"

enum { UTF8_MAX = 4 };

/* Octets of the escape at the front of `in` (0: none); what it stands for in
 * `out`, `*len` octets. */
typedef size_t decoder(struct span in, char out[UTF8_MAX], size_t *len);

/* At most `max` digits; their number. */
static size_t
number(struct span in, unsigned base, size_t max, uint32_t *value)
{
	size_t at = 0;

	*value = 0;
	while (at < max && at < in.len) {
		int digit = span_hex(in.ptr[at]);

		if (digit < 0 || (unsigned)digit >= base)
			break;
		*value = *value * base + (unsigned)digit;
		at++;
	}
	return at;
}

static size_t
utf8_put(uint32_t point, char out[UTF8_MAX])
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 :
	    point < 0x10000 ? 3 : 4;

	if (point > 0x10ffff)
		return 0;
	for (size_t i = len; i > 1; i--) {
		out[i - 1] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	out[0] = (char)(len == 1 ? point : lead[len] | point);
	return len;
}

static size_t
octet_hex(struct span in, size_t at, char out[UTF8_MAX], size_t *len)
{
	uint32_t value;

	if (number(span_from(in, at), 16, 2, &value) != 2)
		return 0;
	out[0] = (char)value;
	*len = 1;
	return at + 2;
}

static size_t
percent(struct span in, char out[UTF8_MAX], size_t *len)
{
	return in.ptr[0] == '%' ? octet_hex(in, 1, out, len) : 0;
}

/* application/x-www-form-urlencoded */
static size_t
form(struct span in, char out[UTF8_MAX], size_t *len)
{
	if (in.ptr[0] != '+')
		return percent(in, out, len);
	out[0] = ' ';
	*len = 1;
	return 1;
}

/* RFC 3461 4: parameters of MAIL and RCPT, XCLIENT. */
static size_t
xtext(struct span in, char out[UTF8_MAX], size_t *len)
{
	return in.ptr[0] == '+' ? octet_hex(in, 1, out, len) : 0;
}

static size_t
printable(struct span in, char out[UTF8_MAX], size_t *len)
{
	if (in.ptr[0] != '=')
		return 0;
	*len = 0;
	if (span_starts(in, SPAN("=\r\n")))
		return 3;
	if (span_starts(in, SPAN("=\n")))
		return 2;
	return octet_hex(in, 1, out, len);
}

static size_t
unicode(struct span in, char out[UTF8_MAX], size_t *len)
{
	uint32_t point, low;
	size_t   used;

	if (in.len > 2 && in.ptr[2] == '{') {
		used = 3 + number(span_from(in, 3), 16, 6, &point);
		if (used == 3 || used >= in.len || in.ptr[used] != '}')
			return 0;
		*len = utf8_put(point, out);
		return used + 1;
	}
	if (number(span_from(in, 2), 16, 4, &point) != 4)
		return 0;
	used = 6;
	if (point >= 0xd800 && point < 0xdc00 && span_starts(span_from(in, 6),
	    SPAN("\\u")) && number(span_from(in, 8), 16, 4, &low) == 4 &&
	    low >= 0xdc00 && low < 0xe000) {
		point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
		used = 12;
	} else if (point >= 0xdc80 && point <= 0xdcff) {
		out[0] = (char)(point - 0xdc00);        /* JSON_LOSSLESS */
		*len = 1;
		return used;
	}
	*len = utf8_put(point, out);
	return used;
}

static size_t
backslash(struct span in, char out[UTF8_MAX], size_t *len)
{
	static const char signs[] = "nrtbf0", means[] = "\n\r\t\b\f\0";
	const char *sign;

	if (in.ptr[0] != '\\' || in.len < 2)
		return 0;
	if (in.ptr[1] == 'u')
		return unicode(in, out, len);
	if (in.ptr[1] == 'x')
		return octet_hex(in, 2, out, len);
	sign = memchr(signs, in.ptr[1], sizeof signs - 1);
	out[0] = sign == NULL ? in.ptr[1] : means[sign - signs];
	*len = 1;
	return 2;
}

static size_t
entity_number(struct span in, char out[UTF8_MAX], size_t *len)
{
	bool     hex = in.len > 2 && (in.ptr[2] | 0x20) == 'x';
	size_t   at = hex ? 3 : 2;
	uint32_t point;
	size_t   digits = number(span_from(in, at), hex ? 16 : 10, 7, &point);

	if (digits == 0)
		return 0;
	*len = utf8_put(point, out);
	at += digits;
	return at < in.len && in.ptr[at] == ';' ? at + 1 : 0;
}

static size_t
entity(struct span in, char out[UTF8_MAX], size_t *len)
{
	static const struct { const char *name; char octet; } rows[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&apos;", '\'' },
	};

	if (in.ptr[0] != '&')
		return 0;
	if (span_starts(in, SPAN("&#")))
		return entity_number(in, out, len);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_starts(in, span_of(rows[i].name))) {
			out[0] = rows[i].octet;
			*len = 1;
			return strlen(rows[i].name);
		}
	return 0;
}

/* Blanks at a line's end and begin: base64 and hex that were folded. */
static size_t
folded(struct span in, char out[UTF8_MAX], size_t *len)
{
	size_t used = 0;

	(void)out;
	*len = 0;
	while (used < in.len && (in.ptr[used] == '\r' || in.ptr[used] == '\n' ||
	    in.ptr[used] == ' ' || in.ptr[used] == '\t'))
		used++;
	return used;
}

static void
decode(const struct redactor *redactor, struct span text, decoder *undo,
    struct marks *marks)
{
	char   *plain = mem_alloc(text.len);
	size_t  count = 0;
	struct origin *origins = mem_alloc(text.len * sizeof *origins);

	for (size_t at = 0; at < text.len;) {
		char   octets[UTF8_MAX] = { 0 };
		size_t len = 0;
		size_t used = undo(span_from(text, at), octets, &len);

		if (used == 0) {
			octets[0] = text.ptr[at];
			used = len = 1;
		}
		for (size_t i = 0; i < len; i++) {
			origins[count] = (struct origin){ at, at + used };
			plain[count++] = octets[i];
		}
		at += used;
	}
	secret_search(redactor, (struct span){ plain, count }, origins,
	    marks);
	secret_wipe(plain, text.len);
	mem_free(plain);
	mem_free(origins);
}

void
secret_decoded(const struct redactor *redactor, struct span text,
    struct marks *marks)
{
	static const struct { char sign; decoder *undo; } rows[] = {
		{ '%', percent }, { '\\', backslash }, { '&', entity },
		{ '=', printable }, { '\n', folded }, { '+', form }, { '+', xtext },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (span_chr(text, rows[i].sign) != SIZE_MAX)
			decode(redactor, text, rows[i].undo, marks);
	}
}
