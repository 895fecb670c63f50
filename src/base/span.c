/* Borrowed bytes: compare, search, cut, count. Nothing here allocates. */
#include "base/span.h"

static inline unsigned char
lower(char octet)
{
	unsigned char c = (unsigned char)octet;

	return (c >= 'A' && c <= 'Z') ? (unsigned char)(c | 0x20) : c;
}

bool
span_eq_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

size_t
span_find(struct span in, struct span what)
{
	if (what.len == 0)
		return 0;
	for (size_t at = 0; at + what.len <= in.len; at++) {
		size_t hop = span_chr(span_from(in, at), what.ptr[0]);

		if (hop == SIZE_MAX)
			return SIZE_MAX;
		at += hop;
		if (span_starts(span_from(in, at), what))
			return at;
	}
	return SIZE_MAX;
}

struct span
span_trim(struct span in)
{
	while (in.len > 0 && (in.ptr[0] == ' ' || in.ptr[0] == '\t'))
		in = span_from(in, 1);
	while (in.len > 0 &&
	    (in.ptr[in.len - 1] == ' ' || in.ptr[in.len - 1] == '\t'))
		in.len--;
	return in;
}

/* Most words end at one octet only, which memchr() finds faster. */
static size_t
word_end(struct span rest, const char *seps)
{
	size_t at = 0;

	if (seps[0] != '\0' && seps[1] == '\0') {
		at = span_chr(rest, seps[0]);
		return at == SIZE_MAX ? rest.len : at;
	}
	while (at < rest.len && (rest.ptr[at] == '\0' ||
	    strchr(seps, rest.ptr[at]) == NULL))
		at++;
	return at;
}

bool
span_word(struct span *rest, const char *seps, struct span *word)
{
	size_t at;

	if (rest->ptr == NULL)
		return false;
	at = word_end(*rest, seps);
	*word = (struct span){ rest->ptr, at };
	if (at < rest->len)
		*rest = span_from(*rest, at + 1);
	else
		*rest = (struct span){ NULL, 0 };
	return true;
}

bool
span_lists(struct span list, struct span word)
{
	struct span each;

	while (list.len > 0 && span_word(&list, " ", &each))
		if (span_eq_nocase(each, word))
			return true;
	return false;
}

bool
span_u64(struct span in, uint64_t *out)
{
	uint64_t value = 0;

	if (in.len == 0)
		return false;
	for (size_t i = 0; i < in.len; i++) {
		unsigned digit = (unsigned char)in.ptr[i] - (unsigned)'0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

static bool
utf8_continues(struct span in, size_t count)
{
	for (size_t i = 1; i <= count; i++)
		if (i >= in.len || ((unsigned char)in.ptr[i] & 0xc0) != 0x80)
			return false;
	return true;
}

size_t
span_utf8(struct span in, uint32_t *point)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c;
	size_t   len;
	uint32_t value;

	if (in.len == 0)
		return 0;
	c = (unsigned char)in.ptr[0];
	len = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 :
	    c < 0xf5 ? 4 : 0;
	if (len == 0 || !utf8_continues(in, len - 1))
		return 0;
	value = len == 1 ? c : c & (0x7fU >> len);
	for (size_t i = 1; i < len; i++)
		value = value << 6 | ((unsigned char)in.ptr[i] & 0x3f);
	if (value < least[len] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	if (point != NULL)
		*point = value;
	return len;
}

/* Damerau-Levenshtein (adjacent swaps count one), bounded to short words. */
static size_t
distance(struct span a, struct span b)
{
	enum { MAX = 40 };
	size_t row[3][MAX + 1];

	if (a.len > MAX || b.len > MAX)
		return MAX;
	for (size_t j = 0; j <= b.len; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *now = row[i % 3], *up = row[(i - 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool   same = lower(a.ptr[i - 1]) == lower(b.ptr[j - 1]);
			size_t best = up[j - 1] + (same ? 0 : 1);

			best = up[j] + 1 < best ? up[j] + 1 : best;
			best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
			if (i > 1 && j > 1 &&
			    lower(a.ptr[i - 1]) == lower(b.ptr[j - 2]) &&
			    lower(a.ptr[i - 2]) == lower(b.ptr[j - 1]) &&
			    row[(i - 2) % 3][j - 2] + 1 < best)
				best = row[(i - 2) % 3][j - 2] + 1;
			now[j] = best;
		}
	}
	return row[a.len % 3][b.len];
}

const char *
span_nearest(struct span word, const char *const *words, size_t count)
{
	const char *best = NULL;
	size_t      least = word.len < 4 ? 2 : word.len < 8 ? 3 : 4;

	for (size_t i = 0; i < count; i++) {
		size_t far = distance(word, span_of(words[i]));

		if (far < least) {
			least = far;
			best = words[i];
		}
	}
	return best;
}

uint64_t
span_hash(struct span in)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < in.len; i++)
		hash = (hash ^ (unsigned char)in.ptr[i]) *
		    UINT64_C(1099511628211);
	return hash;
}
