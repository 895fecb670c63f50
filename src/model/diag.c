/*
 * Diagnostics as a list in an arena of its own. What passes LIMIT_DIAGS is
 * counted but not formatted: a file with a hundred thousand errors costs no
 * more than one with a hundred. Errors and warnings are bounded apart, so that
 * warnings never push an error out of sight.
 */
#include "model/diag.h"

#include "base/limits.h"
#include "base/secret.h"

enum { WORD_MAX_CHARS = 40, TEXT_MAX = 600 };

const struct diag_row diag_rows[DIAG_ID_COUNT] = {
#define DIAG(name, class, word, about) \
	[DIAG_ID_##name] = { word, class, about },
#include "model/diag_rows.h"
#undef DIAG
};

/* A sentence quotes what an author wrote, which may be long. */
static const char *
text_make(struct arena *arena, const char *format, va_list args)
{
	const char *text = arena_vprintf(arena, format, args);
	size_t      len = strlen(text), cut = TEXT_MAX;

	if (len <= TEXT_MAX)
		return text;
	while (cut > 0 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	return arena_printf(arena, "%.*s...", (int)cut, text);
}

/* A dialogue that is used twice, or a row more, says the same again. */
static bool
is_listed(const struct diags *diags, const struct diag *found,
    const char *text)
{
	for (const struct diag *d = diags->first; d != NULL; d = d->next)
		if (d->id == found->id && d->severity == found->severity &&
		    d->loc.file == found->loc.file &&
		    d->loc.line == found->loc.line &&
		    d->loc.column == found->loc.column &&
		    strcmp(d->text, text) == 0)
			return true;
	return false;
}

static void
diag_add(struct diags *diags, const struct diag *found, const char *format,
    va_list args)
{
	uint32_t *count = found->severity == SEVERITY_ERROR ? &diags->errors :
	    &diags->warnings;
	struct diag *diag;
	const char  *text = NULL;

	diags->dropped = *count >= LIMIT_DIAGS;
	if (!diags->dropped) {
		text = text_make(&diags->arena, format, args);
		diags->dropped = is_listed(diags, found, text);
		if (diags->dropped)
			return;
	}
	if (*count < UINT32_MAX)
		(*count)++;
	if (diags->dropped)
		return;
	diag = arena_alloc(&diags->arena, sizeof *diag);
	*diag = *found;
	diag->text = text;
	if (diags->last == NULL)
		diags->first = diag;
	else
		diags->last->next = diag;
	diags->last = diag;
}

void
diag_error(struct diags *diags, enum diag_id id, struct loc loc,
    const char *format, ...)
{
	const struct diag found = { .id = id, .severity = SEVERITY_ERROR,
		.loc = loc };
	va_list args;

	va_start(args, format);
	diag_add(diags, &found, format, args);
	va_end(args);
}

void
diag_warn(struct diags *diags, enum diag_id id, struct loc loc,
    const char *format, ...)
{
	const struct diag found = { .id = id, .severity = SEVERITY_WARNING,
		.loc = loc };
	va_list args;

	va_start(args, format);
	diag_add(diags, &found, format, args);
	va_end(args);
}

void
diag_hint(struct diags *diags, const char *format, ...)
{
	va_list args;

	if (diags->last == NULL || diags->dropped)
		return;
	va_start(args, format);
	diags->last->hint = arena_vprintf(&diags->arena, format, args);
	va_end(args);
}

void
diag_hint_nearest(struct diags *diags, struct span word,
    const char *const *words, size_t count)
{
	const char *nearest;

	if (diags->last == NULL || diags->dropped)
		return;
	nearest = span_nearest(word, words, count);
	if (nearest != NULL)
		diag_hint(diags, "did you mean '%s'?", nearest);
}

/* Octets of `text` that make at most `most` characters. */
static size_t
chars_len(struct span text, size_t most)
{
	size_t at = 0;

	for (size_t i = 0; i < most && at < text.len; i++) {
		size_t len = span_utf8(span_from(text, at), NULL);

		at += len == 0 ? 1 : len;
	}
	return at;
}

const char *
diag_word(struct diags *diags, struct span text)
{
	size_t len = chars_len(text, WORD_MAX_CHARS);
	bool   cut = len < text.len;
	struct buf masked = buf_new(LIMIT_FILE);
	char  *word, *to;

	/* Before it is cut: half a secret is found by nobody. */
	if (!redactor_empty(diags->redactor)) {
		redact_stars(diags->redactor, span_sub(text, 0, len +
		    redactor_reach(diags->redactor)), &masked);
		text = buf_span(&masked);
	}

	/* Every octet may be a NUL, which is shown as two. */
	word = to = arena_alloc(&diags->arena, 2 * len + sizeof "...");
	for (size_t i = 0; i < len; i++) {
		if (text.ptr[i] == '\0')
			*to++ = '\\';
		*to++ = text.ptr[i] == '\0' ? '0' : text.ptr[i];
	}
	if (cut)
		memcpy(to, "...", sizeof "...");
	buf_free(&masked);
	return word;
}

void
diags_back(struct diags *diags, const struct diags *before)
{
	diags->first = before->first;
	diags->last = before->last;
	if (diags->last != NULL)
		diags->last->next = NULL;
	diags->errors = before->errors;
	diags->warnings = before->warnings;
	diags->dropped = before->dropped;
}

static int
loc_compare(const struct loc *a, const struct loc *b)
{
	if (a->file != b->file) {
		if (a->file == NULL || b->file == NULL)
			return a->file == NULL ? -1 : 1;
		return strcmp(a->file->name, b->file->name);
	}
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

/* Insertion from the back: the list is short and nearly sorted already. */
static void
sort_insert(struct diag **list, size_t count, struct diag *diag)
{
	while (count > 0 && loc_compare(&list[count - 1]->loc, &diag->loc) > 0) {
		list[count] = list[count - 1];
		count--;
	}
	list[count] = diag;
}

void
diags_sort(struct diags *diags)
{
	struct diag *list[2 * LIMIT_DIAGS];
	size_t count = 0;

	for (struct diag *diag = diags->first; diag != NULL; diag = diag->next)
		sort_insert(list, count++, diag);
	if (count == 0)
		return;
	for (size_t i = 0; i + 1 < count; i++)
		list[i]->next = list[i + 1];
	list[count - 1]->next = NULL;
	diags->first = list[0];
	diags->last = list[count - 1];
}

void
diags_free(struct diags *diags)
{
	arena_free(&diags->arena);
	*diags = (struct diags){ 0 };
}
