/* Selection: tags, names, shards. */
#include "cmd/select.h"

#include "base/arena.h"
#include "base/mem.h"
#include "model/filter.h"

#include <stdlib.h>

/*
 * expression = term *( "or" term ); term = factor *( "and" factor )
 * factor = "not" factor / "(" expression ")" / tag
 */
struct tags {
	struct span        rest;
	const struct span *tags;
	uint32_t           count, depth;
	bool               broken;
};

static struct span
word_peek(const struct tags *t)
{
	struct span rest = t->rest;
	size_t      len = 0;

	while (rest.len > 0 && strchr(" \t", rest.ptr[0]) != NULL)
		rest = span_from(rest, 1);
	if (rest.len > 0 && (rest.ptr[0] == '(' || rest.ptr[0] == ')'))
		return span_sub(rest, 0, 1);
	while (len < rest.len && strchr(" \t()", rest.ptr[len]) == NULL)
		len++;
	return span_sub(rest, 0, len);
}

static void
word_take(struct tags *t, struct span word)
{
	size_t end = (size_t)(word.ptr + word.len - t->rest.ptr);

	t->rest = span_from(t->rest, end);
}

static bool expression(struct tags *t);

static bool
has_tag(const struct tags *t, struct span word)
{
	for (uint32_t i = 0; i < t->count; i++)
		if (span_eq(t->tags[i], word))
			return true;
	return false;
}

static bool
factor(struct tags *t)
{
	struct span word = word_peek(t);
	bool        value;

	if (word.len == 0 || span_is(word, ")") || span_is(word, "and") ||
	    span_is(word, "or") || ++t->depth > 1000) {
		t->broken = true;
		return false;
	}
	word_take(t, word);
	if (span_is(word, "not"))
		return !factor(t);
	if (!span_is(word, "("))
		return has_tag(t, word);
	value = expression(t);
	word = word_peek(t);
	t->broken = t->broken || !span_is(word, ")");
	word_take(t, word);
	return value;
}

static bool
term(struct tags *t)
{
	bool value = factor(t);

	while (!t->broken && span_is(word_peek(t), "and")) {
		word_take(t, word_peek(t));
		value = factor(t) && value;
	}
	return value;
}

static bool
expression(struct tags *t)
{
	bool value = term(t);

	while (!t->broken && span_is(word_peek(t), "or")) {
		word_take(t, word_peek(t));
		value = term(t) || value;
	}
	return value;
}

/* "smoke and not (slow or net)". False: not well-formed. */
static bool
tags_match(struct span text, const struct span *tags, uint32_t count,
    bool *match)
{
	struct tags t = { text, tags, count, 0, false };

	*match = expression(&t);
	return !t.broken && word_peek(&t).len == 0;
}

static bool
is_called(const struct scenario *scenario, const char *name)
{
	return span_is(scenario->id, name) || span_is(scenario->title, name) ||
	    span_is(scenario->name, name);
}

static bool
named(const struct args *args, const struct scenario *scenario)
{
	const char *name;
	size_t      at = 0;
	bool        any = false;

	while ((name = args_each(args, "--only", &at)) != NULL) {
		any = true;
		if (is_called(scenario, name))
			return true;
	}
	return !any;
}

static void
say_unknown(const char *name, const struct scenario *const *all,
    uint32_t count)
{
	struct arena arena = { 0 };
	const char **words = arena_alloc(&arena,
	    (2 * (size_t)count + 1) * sizeof *words);
	const char  *near;

	for (uint32_t i = 0; i < count; i++) {
		words[2 * i] = arena_cstr(&arena, all[i]->name);
		words[2 * i + 1] = arena_cstr(&arena, all[i]->title);
	}
	near = span_nearest(span_of(name), words, 2 * (size_t)count);
	say("no scenario is called '%s'%s%s%s", name,
	    near == NULL ? "" : "; did you mean '", near == NULL ? "" : near,
	    near == NULL ? "" : "'?");
	arena_free(&arena);
}

/* A name that nobody has is a typo: less would run than was asked for. */
static bool
names_known(const struct args *args, const struct scenario *const *all,
    uint32_t count)
{
	const char *name;
	size_t      at = 0;
	bool        fine = true;

	while ((name = args_each(args, "--only", &at)) != NULL) {
		uint32_t i = 0;

		while (i < count && !is_called(all[i], name))
			i++;
		if (i == count && count > 0) {
			say_unknown(name, all, count);
			fine = false;
		}
	}
	return fine;
}

static int
shard_read(const struct args *args, struct selection *out)
{
	const char *text = args_value(args, "--shard");
	struct span in = span_of(text);
	size_t      slash = span_chr(in, '/');
	uint64_t    shard, shards;

	if (text == NULL)
		return EXIT_PASSED;
	if (slash == SIZE_MAX || !span_u64(span_sub(in, 0, slash), &shard) ||
	    !span_u64(span_from(in, slash + 1), &shards) || shard < 1 ||
	    shard > shards || shards > 100000) {
		say("--shard wants i/n, such as 1/4, not '%s'", text);
		return EXIT_USAGE;
	}
	out->shard = (uint32_t)shard;
	out->shards = (uint32_t)shards;
	return EXIT_PASSED;
}

struct ranked { const struct scenario *scenario; uint32_t place; };

static int
by_id(const void *a, const void *b)
{
	struct span x = (*(const struct ranked *)a).scenario->id;
	struct span y = (*(const struct ranked *)b).scenario->id;
	int order = memcmp(x.ptr, y.ptr, x.len < y.len ? x.len : y.len);

	return order != 0 ? order : x.len < y.len ? -1 : x.len > y.len;
}

static void
digest_make(const struct ranked *ranked, struct selection *out)
{
	struct buf  ids = buf_new(SIZE_MAX / 2), hex = buf_new(65);
	const char *why;

	for (uint32_t i = 0; i < out->count; i++) {
		(void)buf_add(&ids, ranked[i].scenario->id);
		(void)buf_add_octet(&ids, '\n');
	}
	(void)filter_find(SPAN("sha256"))->apply(buf_span(&ids), 0, &hex,
	    &why);
	memcpy(out->digest, hex.ptr, 64);
	buf_free(&ids);
	buf_free(&hex);
}

/* Every n-th of the sorted ids, in the order of the files. */
static void
shard_keep(struct selection *out)
{
	struct ranked *ranked = mem_alloc((out->count + 1) * sizeof *ranked);
	uint8_t       *keep = mem_alloc(out->count + 1);
	uint32_t       kept = 0;

	for (uint32_t i = 0; i < out->count; i++)
		ranked[i] = (struct ranked){ out->list[i], i };
	qsort(ranked, out->count, sizeof *ranked, by_id);
	digest_make(ranked, out);
	for (uint32_t i = 0; i < out->count; i++)
		keep[ranked[i].place] = out->shards == 0 ||
		    i % out->shards == out->shard - 1;
	for (uint32_t i = 0; i < out->count; i++)
		if (keep[i])
			out->list[kept++] = out->list[i];
	out->count = kept;
	mem_free(ranked);
	mem_free(keep);
}

static bool
any_marked(const struct scenario *const *all, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (all[i]->only)
			return true;
	return false;
}

int
select_scenarios(const struct args *args, const struct scenario *const *all,
    uint32_t count, struct selection *out)
{
	const char *tags = args_value(args, "--tag");
	int         status;

	*out = (struct selection){ .marked = any_marked(all, count) };
	status = shard_read(args, out);
	if (status != EXIT_PASSED)
		return status;
	out->list = mem_alloc((count + 1) * sizeof *out->list);
	for (uint32_t i = 0; i < count; i++) {
		bool match = true;

		if (tags != NULL && !tags_match(span_of(tags), all[i]->tags,
		    all[i]->tag_count, &match)) {
			say("--tag wants an expression such as 'smoke and not "
			    "slow', not '%s'", tags);
			return EXIT_USAGE;
		}
		if (match && named(args, all[i]) &&
		    (!out->marked || all[i]->only))
			out->list[out->count++] = all[i];
	}
	if (!args_flag(args, "--allow-empty") &&
	    !names_known(args, all, count) && out->count > 0)
		return EXIT_USAGE;
	shard_keep(out);
	return EXIT_PASSED;
}

void
select_free(struct selection *selection)
{
	mem_free(selection->list);
	selection->list = NULL;
}
