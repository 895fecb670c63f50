/*
 * Borrowed bytes. A span never owns what it points at; NUL is data like any
 * other octet. Whoever returns a span says how long its bytes live.
 */
#ifndef QUOTH_BASE_SPAN_H
#define QUOTH_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *ptr;
	size_t      len;
};

/* A span over a string literal. */
#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })
/* For printf's "%.*s". */
#define SPAN_ARG(span) (int)(span).len, (span).ptr

static inline struct span
span_of(const char *text)
{
	return (struct span){ text, text == NULL ? 0 : strlen(text) };
}

/* The rest of `in` from octet `at` on; empty when `at` lies behind the end. */
static inline struct span
span_from(struct span in, size_t at)
{
	if (at >= in.len)       /* NULL + 0 is undefined in C */
		return (struct span){ in.len == 0 ? in.ptr : in.ptr + in.len,
			0 };
	return (struct span){ in.ptr + at, in.len - at };
}

/* At most `len` octets of `in` from `at` on. */
static inline struct span
span_sub(struct span in, size_t at, size_t len)
{
	struct span rest = span_from(in, at);

	return (struct span){ rest.ptr, len < rest.len ? len : rest.len };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
span_is(struct span a, const char *text)
{
	return span_eq(a, span_of(text));
}

static inline bool
span_starts(struct span in, struct span with)
{
	return in.len >= with.len && (with.len == 0 ||
	    memcmp(in.ptr, with.ptr, with.len) == 0);
}

static inline bool
span_ends(struct span in, struct span with)
{
	return in.len >= with.len && (with.len == 0 ||
	    memcmp(in.ptr + in.len - with.len, with.ptr, with.len) == 0);
}

/* Offset of the first `octet`, or SIZE_MAX. */
static inline size_t
span_chr(struct span in, char octet)
{
	const char *hit = in.len == 0 ? NULL : memchr(in.ptr, octet, in.len);

	return hit == NULL ? SIZE_MAX : (size_t)(hit - in.ptr);
}

/* Value of a hexadecimal digit, or -1. */
static inline int
span_hex(char octet)
{
	return octet >= '0' && octet <= '9' ? octet - '0' :
	    octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 :
	    octet >= 'A' && octet <= 'F' ? octet - 'A' + 10 : -1;
}

bool span_eq_nocase(struct span a, struct span b);      /* ASCII only */
size_t span_find(struct span in, struct span what);     /* SIZE_MAX: no */
struct span span_trim(struct span in);                  /* blanks and tabs */

/* The first word of `*rest`, cut at any of `seps`; `*rest` moves behind the
 * separator. Empty words are kept. False at the end. */
bool span_word(struct span *rest, const char *seps, struct span *word);

/* Is `word` one of the words of `list`, between blanks, in any case? */
bool span_lists(struct span list, struct span word);

/* Strict decimal, no sign, no blank, no overflow. */
bool span_u64(struct span in, uint64_t *out);

/* Length of the UTF-8 character at the front: 1 to 4, or 0 when it is not
 * valid (overlong, surrogate, cut, above U+10FFFF). `*point` may be NULL. */
size_t span_utf8(struct span in, uint32_t *point);

/* Of `count` words the one that the author most likely meant, or NULL. */
const char *span_nearest(struct span word, const char *const *words,
    size_t count);

/* FNV-1a, for hash tables and seeds; not for anything hostile. */
uint64_t span_hash(struct span in);

#endif
