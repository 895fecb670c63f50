/*
 * The redactor. Every secret gives some needles: itself, its base64 (without
 * the characters that its neighbours have a part in) and its hex. All needles
 * of all secrets are one Aho-Corasick automaton, so a search is linear in the
 * text (secret_search.c). Escapes have too many spellings to be needles: the
 * text is decoded instead (secret_decode.c) and searched once more.
 */
#include "base/secret.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/secret_own.h"

enum {
	NEEDLE_MAX = 3 * LIMIT_EXPANDED,
	SPELLING_MAX = 12       /* octets for one: &#x000041; and a folded line */
};

struct redactor *
redactor_new(void)
{
	return mem_alloc(sizeof(struct redactor));
}

void
secret_wipe(void *ptr, size_t size)
{
	volatile unsigned char *at = ptr;

	while (size-- > 0)
		*at++ = 0;
}

void
redactor_free(struct redactor *redactor)
{
	if (redactor == NULL)
		return;
	for (size_t i = 0; i < redactor->secrets; i++)
		mem_free((void *)(uintptr_t)redactor->names[i].ptr);
	mem_free(redactor->names);
	secret_wipe(redactor->nodes, redactor->room * sizeof *redactor->nodes);
	mem_free(redactor->nodes);
	mem_free(redactor);
}

bool
redactor_empty(const struct redactor *redactor)
{
	return redactor == NULL || redactor->secrets == 0;
}

size_t
redactor_reach(const struct redactor *redactor)
{
	return redactor_empty(redactor) ? 0 : redactor->longest * SPELLING_MAX;
}

/* ---- the automaton -------------------------------------------------------- */

static uint32_t
node_new(struct redactor *redactor, unsigned char octet)
{
	if (redactor->count == redactor->room) {
		uint32_t room = redactor->room == 0 ? 256 : redactor->room * 2;
		struct node *nodes = mem_alloc(room * sizeof *nodes);

		if (redactor->nodes != NULL) {
			memcpy(nodes, redactor->nodes,
			    redactor->count * sizeof *nodes);
			secret_wipe(redactor->nodes,
			    redactor->count * sizeof *nodes);
			mem_free(redactor->nodes);
		}
		redactor->nodes = nodes;
		redactor->room = room;
	}
	redactor->nodes[redactor->count] = (struct node){ .octet = octet };
	return redactor->count++;
}

static uint32_t
node_child(const struct redactor *redactor, uint32_t at, unsigned char octet)
{
	uint32_t child;

	if (at == 0)
		return redactor->roots[octet];
	child = redactor->nodes[at].child;
	while (child != 0 && redactor->nodes[child].octet != octet)
		child = redactor->nodes[child].sibling;
	return child;
}

static void
needle_add(struct redactor *redactor, struct span needle, uint8_t edges)
{
	uint32_t at = 0;

	if (needle.len < LIMIT_SECRET_MIN)
		return;
	for (size_t i = 0; i < needle.len; i++) {
		unsigned char octet = (unsigned char)needle.ptr[i];
		uint32_t next = node_child(redactor, at, octet);

		if (next == 0) {
			next = node_new(redactor, octet);
			redactor->nodes[next].sibling =
			    redactor->nodes[at].child;
			redactor->nodes[at].child = next;
			if (at == 0)
				redactor->roots[octet] = next;
		}
		at = next;
	}
	redactor->nodes[at].own = (struct hit){ (uint32_t)needle.len,
		(uint16_t)(redactor->secrets - 1),
		redactor->nodes[at].own.edges | edges };
}

bool
redactor_has(const struct redactor *redactor, struct span value)
{
	uint32_t at = 0;

	if (redactor->count == 0 || value.len == 0)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		at = node_child(redactor, at, (unsigned char)value.ptr[i]);
		if (at == 0)
			return false;
	}
	return redactor->nodes[at].own.len > 0;
}

uint32_t
secret_step(const struct redactor *redactor, uint32_t at, unsigned char octet)
{
	uint32_t next = node_child(redactor, at, octet);

	while (next == 0 && at != 0) {
		at = redactor->nodes[at].fail;
		next = node_child(redactor, at, octet);
	}
	return next;
}

/* Breadth first, so that a node's shorter suffixes are done before it. A
 * needle's own hit is the longest one that ends there; else its suffix's. */
void
secret_build(const struct redactor *redactor)
{
	uint32_t *queue;
	uint32_t  head = 0, tail = 1;

	if (!redactor->nodes[0].stale)
		return;
	redactor->nodes[0].stale = false;
	queue = mem_alloc(redactor->count * sizeof *queue);
	while (head < tail) {
		uint32_t at = queue[head++];

		for (uint32_t child = redactor->nodes[at].child; child != 0;
		    child = redactor->nodes[child].sibling) {
			struct node *node = &redactor->nodes[child];
			const struct node *fail;

			node->fail = at == 0 ? 0 : secret_step(redactor,
			    redactor->nodes[at].fail, node->octet);
			fail = &redactor->nodes[node->fail];
			node->best = node->own.len > 0 ? node->own :
			    fail->best;
			queue[tail++] = child;
		}
	}
	mem_free(queue);
}

/* ---- needles of a secret --------------------------------------------------- */

/* The characters of base64 that `value` alone decides when `shift` octets
 * stand before it in their group of three. */
static void
base64_needle(struct span value, size_t shift, bool url, struct buf *out)
{
	const char *signs = url ? "-_" : "+/";
	size_t first = (shift * 8 + 5) / 6, last = (shift + value.len) * 8 / 6;

	for (size_t i = first; i < last; i++) {
		unsigned six = 0;

		for (size_t bit = i * 6; bit < i * 6 + 6; bit++) {
			size_t at = bit / 8 - shift;
			unsigned octet = (unsigned char)value.ptr[at];

			six = six << 1 | ((unsigned)octet >> (7 - bit % 8) & 1U);
		}
		(void)buf_add_octet(out, (char)(six < 26 ? 'A' + six :
		    six < 52 ? 'a' + (six - 26) : six < 62 ? '0' + (six - 52) :
		    (unsigned)signs[six - 62]));
	}
}

static void
base64_add(struct redactor *redactor, struct span value, struct buf *scratch)
{
	for (size_t shift = 0; shift < 3; shift++) {
		int edges = (shift > 0 ? EDGE_BEFORE : 0) |
		    ((shift + value.len) % 3 != 0 ? EDGE_BEHIND : 0);

		for (int url = 0; url < 2; url++) {
			buf_clear(scratch);
			base64_needle(value, shift, url == 1, scratch);
			needle_add(redactor, buf_span(scratch), (uint8_t)edges);
		}
	}
}

static void
hex_add(struct redactor *redactor, struct span value, const char *digits,
    struct buf *scratch)
{
	buf_clear(scratch);
	for (size_t i = 0; i < value.len; i++) {
		unsigned char octet = (unsigned char)value.ptr[i];

		(void)buf_add_octet(scratch, digits[octet >> 4]);
		(void)buf_add_octet(scratch, digits[octet & 15]);
	}
	needle_add(redactor, buf_span(scratch), 0);
}

static void
name_add(struct redactor *redactor, struct span name)
{
	char *copy = mem_alloc(name.len + 1);

	memcpy(copy, name.len == 0 ? "" : name.ptr, name.len);
	redactor->names = mem_resize(redactor->names,
	    (redactor->secrets + 1) * sizeof *redactor->names);
	redactor->names[redactor->secrets++] =
	    (struct span){ copy, name.len };
}

bool
redactor_add(struct redactor *redactor, struct span name, struct span value)
{
	struct buf scratch = buf_new(NEEDLE_MAX);

	if (value.len < LIMIT_SECRET_MIN || value.len > LIMIT_EXPANDED ||
	    redactor->secrets == UINT16_MAX)
		return false;
	if (redactor->count == 0)
		(void)node_new(redactor, 0);
	name_add(redactor, name);
	if (value.len > redactor->longest)
		redactor->longest = value.len;
	needle_add(redactor, value, 0);
	base64_add(redactor, value, &scratch);
	hex_add(redactor, value, "0123456789abcdef", &scratch);
	hex_add(redactor, value, "0123456789ABCDEF", &scratch);
	redactor->nodes[0].stale = true;
	if (scratch.ptr != NULL)
		secret_wipe(scratch.ptr, scratch.cap);
	buf_free(&scratch);
	return true;
}
