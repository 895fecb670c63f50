/*
 * Where secrets are in a text, and the text without them. Found places are
 * marked in an array over the text (one end for each start), which merges
 * overlaps without sorting; the first of several names the whole, and of those
 * that start in one place the longest.
 */
#include "base/mem.h"
#include "base/secret_own.h"

static bool
base64_sign(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '-' ||
	    c == '_';
}

static void
mark(struct marks *marks, size_t from, size_t end, uint16_t secret)
{
	if (marks->rows == NULL)
		marks->rows = mem_alloc(marks->len * sizeof *marks->rows);
	if (marks->rows[from].end < end)
		marks->rows[from] = (struct mark){ end, secret };
}

void
secret_search(const struct redactor *redactor, struct span text,
    const struct origin *origins, struct marks *marks)
{
	uint32_t at = 0;

	for (size_t i = 0; i < text.len; i++) {
		const struct hit *hit;
		size_t from, end = i + 1;

		at = secret_step(redactor, at, (unsigned char)text.ptr[i]);
		hit = &redactor->nodes[at].best;
		if (hit->len == 0)
			continue;
		from = end - hit->len;
		if ((hit->edges & EDGE_BEFORE) != 0 && from > 0 &&
		    base64_sign(text.ptr[from - 1]))
			from--;
		if ((hit->edges & EDGE_BEHIND) != 0 && end < text.len &&
		    base64_sign(text.ptr[end]))
			end++;
		mark(marks, origins == NULL ? from : origins[from].from,
		    origins == NULL ? end : origins[end - 1].end,
		    hit->secret);
	}
}

static void
put_name(const struct redactor *redactor, uint16_t secret, struct buf *out)
{
	(void)buf_add(out, SPAN("<redacted "));
	(void)buf_add(out, redactor->names[secret]);
	(void)buf_add_octet(out, '>');
}

/* What two sets found in one text. */
struct found {
	const struct redactor *redactor;        /* NULL or empty: nothing */
	struct marks           marks;
};

static void
find(struct found *found, struct span whole)
{
	found->marks = (struct marks){ .len = whole.len };
	if (redactor_empty(found->redactor))
		return;
	secret_build(found->redactor);
	secret_search(found->redactor, whole, NULL, &found->marks);
	secret_decoded(found->redactor, whole, &found->marks);
}

/* The longer of both finds that start there; end 0: none. */
static struct mark
longest(const struct found found[2], size_t at,
    const struct redactor **redactor)
{
	struct mark best = { 0 };

	for (int i = 0; i < 2; i++) {
		const struct mark *rows = found[i].marks.rows;

		if (rows != NULL && rows[at].end > best.end) {
			best = rows[at];
			*redactor = found[i].redactor;
		}
	}
	return best;
}

/* Puts the parts' text out up to octet `stop` of the whole, each run of
 * overlapping marks once, where it starts. */
static void
replace(const struct found found[2], const struct span *parts,
    struct buf *outs, size_t count, size_t stop)
{
	const struct redactor *redactor = NULL;
	size_t end = 0, base = 0;

	for (size_t part = 0; part < count; base += parts[part++].len)
		for (size_t i = 0; i < parts[part].len; i++) {
			struct mark row = longest(found, base + i, &redactor);

			if (base + i >= stop)
				return;
			if (row.end > 0 && base + i >= end)
				put_name(redactor, row.secret, &outs[part]);
			end = row.end > end ? row.end : end;
			if (base + i >= end)
				(void)buf_add_octet(&outs[part],
				    parts[part].ptr[i]);
		}
}

static void
copy(const struct span *parts, struct buf *outs, size_t count, size_t stop)
{
	for (size_t i = 0; i < count; i++) {
		size_t fits = parts[i].len < stop ? parts[i].len : stop;

		(void)buf_add(&outs[i], span_sub(parts[i], 0, fits));
		stop -= fits;
	}
}

static void
redact_whole(const struct redactor *one, const struct redactor *other,
    struct span whole, const struct span *parts, struct buf *outs,
    size_t count, size_t stop)
{
	struct found found[2] = { { .redactor = one }, { .redactor = other } };

	find(&found[0], whole);
	find(&found[1], whole);
	if (found[0].marks.rows == NULL && found[1].marks.rows == NULL)
		copy(parts, outs, count, stop);
	else
		replace(found, parts, outs, count, stop);
	mem_free(found[0].marks.rows);
	mem_free(found[1].marks.rows);
}

void
redact_parts(const struct redactor *one, const struct redactor *other,
    const struct span *parts, struct buf *outs, size_t count, size_t lost)
{
	struct buf whole = buf_new(SIZE_MAX / 2);
	size_t     len = 0;

	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	lost = lost > len ? len : lost;
	if (redactor_empty(one) && redactor_empty(other)) {
		copy(parts, outs, count, len - lost);
		return;
	}
	for (size_t i = 0; i < count; i++)
		(void)buf_add(&whole, parts[i]);
	redact_whole(one, other, buf_span(&whole), parts, outs, count,
	    len - lost);
	if (whole.ptr != NULL)
		secret_wipe(whole.ptr, whole.cap);
	buf_free(&whole);
}

void
redact(const struct redactor *redactor, struct span in, struct buf *out)
{
	redact_both(redactor, NULL, in, out);
}

void
redact_both(const struct redactor *one, const struct redactor *other,
    struct span in, struct buf *out)
{
	if ((redactor_empty(one) && redactor_empty(other)) || in.len == 0)
		(void)buf_add(out, in);
	else
		redact_whole(one, other, in, &in, out, 1, in.len);
}

void
redact_stars(const struct redactor *redactor, struct span in, struct buf *out)
{
	struct found found = { .redactor = redactor };
	size_t       end = 0;

	find(&found, in);
	for (size_t i = 0; i < in.len; i++) {
		if (found.marks.rows != NULL && found.marks.rows[i].end > end)
			end = found.marks.rows[i].end;
		(void)buf_add_octet(out, i < end ? '*' : in.ptr[i]);
	}
	mem_free(found.marks.rows);
}
