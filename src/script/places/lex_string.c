/* What is between the quotes: Lua 5.4's manual, 3.1, piece by piece, as most
 * who ask only compare. No piece is longer than its source. */
#include "script/places/lex.h"

enum { PIECE_MAX = 8 };

struct string {
	struct span in;                 /* without quotes and brackets */
	size_t      at;
	bool        raw;                /* long brackets */
};

static struct string
string_new(struct span source)
{
	struct string string = { .raw = *source.ptr == '[' };
	size_t        edge = 1;

	if (string.raw)
		edge += span_chr(span_from(source, 1), '[') + 1;
	string.in = source.len < 2 * edge ? (struct span){ "", 0 } :
	    span_sub(source, edge, source.len - 2 * edge);
	return string;
}

static char
string_octet(const struct string *string, size_t ahead)
{
	return string->at + ahead < string->in.len ?
	    string->in.ptr[string->at + ahead] : '\0';
}

/* Over one line end; Lua makes a LF of all kinds. */
static void
string_break(struct string *string)
{
	char octet = string_octet(string, 0), next = string_octet(string, 1);

	string->at += (next == '\n' || next == '\r') && next != octet ? 2 : 1;
}

static size_t
utf8_put(uint64_t point, char piece[PIECE_MAX])
{
	size_t   len = 1;
	uint64_t first = 0x3f;          /* what fits into the first octet */
	char     back[PIECE_MAX];

	if (point < 0x80) {
		piece[0] = (char)point;
		return 1;
	}
	do {
		back[PIECE_MAX - len++] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
		first >>= 1;
	} while (point > first && len < 6);
	back[PIECE_MAX - len] = (char)(~first << 1 | point);
	memcpy(piece, back + PIECE_MAX - len, len);
	return len;
}

/* At the `u` of \u{XXX}. */
static size_t
string_point(struct string *string, char piece[PIECE_MAX])
{
	uint64_t point = 0;
	int      digit;

	string->at += 2;
	while ((digit = span_hex(string_octet(string, 0))) >= 0) {
		point = (point << 4 | (uint64_t)digit) & 0x7fffffff;
		string->at++;
	}
	string->at++;
	return utf8_put(point, piece);
}

static size_t
string_decimal(struct string *string, char piece[PIECE_MAX])
{
	int value = 0;

	for (int i = 0; i < 3; i++) {
		char octet = string_octet(string, 0);

		if (octet < '0' || octet > '9')
			break;
		value = value * 10 + octet - '0';
		string->at++;
	}
	piece[0] = (char)value;
	return 1;
}

/* Behind a backslash. */
static size_t
string_escape(struct string *string, char piece[PIECE_MAX])
{
	static const char letters[] = "abfnrtv", means[] = "\a\b\f\n\r\t\v";
	char octet = string_octet(string, 0);
	const char *letter = strchr(letters, octet);

	if (octet >= '0' && octet <= '9')
		return string_decimal(string, piece);
	if (octet == 'u')
		return string_point(string, piece);
	if (octet == 'x') {
		piece[0] = (char)(span_hex(string_octet(string, 1)) * 16 +
		    span_hex(string_octet(string, 2)));
		string->at += 3;
		return 1;
	}
	if (octet == 'z') {
		do
			string->at++;
		while (string_octet(string, 0) != '\0' &&
		    strchr(" \t\n\v\f\r", string_octet(string, 0)) != NULL);
		return 0;
	}
	piece[0] = octet;
	if (octet == '\n' || octet == '\r') {
		string_break(string);
		piece[0] = '\n';
		return 1;
	}
	if (octet != '\0' && letter != NULL)
		piece[0] = means[letter - letters];
	string->at++;
	return 1;
}

/* The next octets of the string, maybe none. False at its end. */
static bool
string_next(struct string *string, char piece[PIECE_MAX], size_t *len)
{
	char octet = string_octet(string, 0);
	bool first = string->at == 0;

	if (string->at >= string->in.len)
		return false;
	*len = 1;
	if (octet == '\\' && !string->raw) {
		string->at++;
		*len = string_escape(string, piece);
	} else if (octet == '\n' || octet == '\r') {
		string_break(string);
		piece[0] = '\n';
		*len = first && string->raw ? 0 : 1;
	} else {
		piece[0] = octet;
		string->at++;
	}
	return true;
}

bool
lex_string_is(struct span source, struct span text)
{
	struct string string = string_new(source);
	char   piece[PIECE_MAX];
	size_t len;

	if (text.len > source.len)
		return false;
	while (string_next(&string, piece, &len)) {
		if (!span_starts(text, (struct span){ piece, len }))
			return false;
		text = span_from(text, len);
	}
	return text.len == 0;
}

struct span
lex_string(struct span source, struct arena *arena)
{
	struct string string = string_new(source);
	char   piece[PIECE_MAX], *out;
	size_t len, made = 0;

	if (!string.raw && span_chr(string.in, '\\') == SIZE_MAX)
		return string.in;
	out = arena_alloc(arena, string.in.len + PIECE_MAX);
	while (string_next(&string, piece, &len)) {
		memcpy(out + made, piece, len);
		made += len;
	}
	return (struct span){ out, made };
}
