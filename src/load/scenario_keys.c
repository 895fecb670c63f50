/*
 * The keys of a scenario that say how it is run: tags, needs, timeout, retry,
 * only, skip, xfail, serial, lock. A key of the scenario wins over its file's.
 */
#include "load/loader.h"
#include "load/text_check.h"

#include "base/limits.h"

#include <stdio.h>

const struct node *
key_find(const struct node *const from[2], const char *name)
{
	const struct node *found = from[0] == NULL ? NULL :
	    node_get(from[0], name);

	return found != NULL ? found : node_get(from[1], name);
}

static bool
words_read(struct build *build, const struct node *node, const char *what,
    const struct span **out, uint32_t *count)
{
	const struct node *list = build_resolve(build, node);
	const struct node *child = list->kind == NODE_LIST ? list->first : list;
	uint32_t want = list->kind == NODE_LIST ? list->count : 1;
	struct span *words = arena_alloc(build->arena, want * sizeof *words);
	bool fine = true;

	if (list->kind == NODE_MAP) {
		build_error(build, list, DIAG_ID_wrong_type,
		    "%s must be a list of words", what);
		return false;
	}
	for (uint32_t i = 0; i < want; i++, child = child->next)
		fine = build_word(build, child, what, &words[i]) && fine;
	fine = yaml_check_commas(list, build->diags) && fine;
	*out = words;
	*count = want;
	return fine;
}

static bool
tags_read(struct build *build, const struct node *node, struct scenario *out)
{
	if (!words_read(build, node, "tags", &out->tags, &out->tag_count))
		return false;
	for (uint32_t i = 0; i < out->tag_count; i++)
		for (size_t j = 0; j < out->tags[i].len; j++)
			if (strchr(" \t\r\n()", out->tags[i].ptr[j]) != NULL) {
				build_error(build, node, DIAG_ID_bad_value,
				    "'%s' is no tag: a tag is one word",
				    diag_word(build->diags, out->tags[i]));
				return false;
			}
	return true;
}

static bool
needs_read(struct build *build, const struct node *node, struct scenario *out)
{
	const struct node *list = build_resolve(build, node), *child;
	const struct span *words;
	struct need *needs;
	uint32_t     count;
	bool         fine = true;

	if (!words_read(build, node, "needs", &words, &count))
		return false;
	needs = arena_alloc(build->arena, count * sizeof *needs);
	child = list->kind == NODE_LIST ? list->first : list;
	for (uint32_t i = 0; i < count; i++, child = child->next) {
		needs[i] = (struct need){ .word = words[i], .loc = child->loc };
		if (span_starts(words[i], SPAN("no "))) {
			needs[i].absent = true;
			needs[i].word = span_trim(span_from(words[i], 3));
		}
		fine = build_capability(build, child, needs[i].word) && fine;
	}
	out->needs = needs;
	out->need_count = count;
	return fine;
}

/* A code of retry.on, or one of its words. */
static bool
retry_event(struct span word, uint32_t *causes)
{
	static const struct { const char *word; uint32_t causes; } rows[] = {
		{ "connect", 1U << CAUSE_CONNECT },
		{ "closed", 1U << CAUSE_CLOSED },
		{ "timeout", 1U << CAUSE_TIMEOUT | 1U << CAUSE_LATE },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(word, rows[i].word)) {
			*causes |= rows[i].causes;
			return true;
		}
	return false;
}

static bool
retry_on(struct build *build, const struct node *node, struct retry *retry)
{
	const struct node *list = build_resolve(build, node);
	struct node  codes = { .kind = NODE_LIST, .loc = list->loc };
	struct node *last = NULL;
	const struct node *child = list->kind == NODE_LIST ? list->first : list;

	if (list->kind == NODE_MAP) {
		build_error(build, list, DIAG_ID_wrong_type,
		    "want a list such as [4xx, connect, closed, timeout]");
		return false;
	}
	for (; child != NULL; child = list->kind == NODE_LIST ? child->next :
	    NULL) {
		struct node *copy;

		if (child->kind == NODE_SCALAR &&
		    retry_event(child->text, &retry->causes))
			continue;
		copy = arena_alloc(build->arena, sizeof *copy);
		*copy = *child;
		copy->next = NULL;
		node_append(&codes, &last, copy);
	}
	if (codes.count == 0)
		return true;
	if (!codes_read(build, &codes, &retry->codes, &retry->code_count))
		return false;
	for (uint16_t i = 0; i < retry->code_count; i++)
		if (retry->codes[i].kind != ACCEPT_CODES &&
		    retry->codes[i].loc.file != NULL) {
			diag_error(build->diags, DIAG_ID_bad_value,
			    retry->codes[i].loc, "want codes, connect, closed "
			    "or timeout here");
			return false;
		}
	return true;
}

static bool
retry_read(struct build *build, const struct node *node, struct scenario *out)
{
	static const struct field fields[] = { { "times", true },
		{ "every", false }, { "on", false }, { NULL, false } };
	struct retry *retry = arena_alloc(build->arena, sizeof *retry);
	const struct node *key;

	*retry = (struct retry){ .times = 1, .every_ms = 1000 };
	if (!build_keys(build, node, fields, "retry") ||
	    !build_u32(build, node_get(node, "times"), 1, 1000, &retry->times))
		return false;
	if ((key = node_get(node, "every")) != NULL &&
	    !build_ms(build, key, &retry->every_ms))
		return false;
	if ((key = node_get(node, "on")) != NULL) {
		if (!retry_on(build, key, retry))
			return false;
	} else {
		struct accept *codes = arena_alloc(build->arena,
		    sizeof *codes);

		*codes = (struct accept){ .kind = ACCEPT_CODES, .low = 400,
		    .high = 499, .text = SPAN("4xx") };
		retry->codes = codes;
		retry->code_count = 1;
		retry->causes = 1U << CAUSE_CONNECT | 1U << CAUSE_CLOSED |
		    1U << CAUSE_TIMEOUT;
	}
	out->retry = retry;
	return true;
}

/* Days since 1970-01-01 of YYYY-MM-DD (proleptic Gregorian). */
static bool
date_read(struct span text, int64_t *days)
{
	static const int month_days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };
	uint64_t year, month, day;
	int64_t  y;

	if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
	    !span_u64(span_sub(text, 0, 4), &year) ||
	    !span_u64(span_sub(text, 5, 2), &month) ||
	    !span_u64(span_sub(text, 8, 2), &day) || year < 1970 ||
	    month < 1 || month > 12 || day < 1 ||
	    day > (uint64_t)month_days[month - 1] || (month == 2 && day == 29 &&
	    (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0))))
		return false;
	y = (int64_t)year - (month <= 2 ? 1 : 0);
	*days = y * 365 + y / 4 - y / 100 + y / 400 +
	    (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 +
	    (int64_t)day - 1 - 719468;
	return true;
}

static bool
xfail_read(struct maker *maker, const struct node *node, struct scenario *out)
{
	static const struct field fields[] = { { "because", true },
		{ "expires", true }, { NULL, false } };
	struct build *build = &maker->build;
	struct span   date;
	int64_t       days;

	if (!build_keys(build, node, fields, "xfail") ||
	    !build_word(build, node_get(node, "because"), "the reason",
	    &out->xfail) || !build_word(build, node_get(node, "expires"),
	    "the date", &date))
		return false;
	if (!date_read(date, &days)) {
		build_error(build, node_get(node, "expires"),
		    DIAG_ID_bad_value, "'%s' is no date such as 2026-12-31",
		    diag_word(build->diags, date));
		return false;
	}
	out->xfail_expired = days < maker->loader->options.today;
	return true;
}

/* `serial: true` keeps a file's scenarios apart: they share its lock. */
static bool
locks_read(struct maker *maker, const struct node *const from[2],
    struct scenario *out)
{
	struct build *build = &maker->build;
	const struct node *serial = key_find(from, "serial");
	const struct node *lock = key_find(from, "lock");
	const struct span *words = NULL;
	struct span  *all;
	uint32_t      count = 0;
	bool          is_serial = false;

	if ((serial != NULL && !build_bool(build, serial, &is_serial)) ||
	    (lock != NULL && !words_read(build, lock, "lock", &words, &count)))
		return false;
	all = arena_alloc(build->arena, (count + 1) * sizeof *all);
	for (uint32_t i = 0; i < count; i++)
		all[out->lock_count++] = words[i];
	if (is_serial)
		all[out->lock_count++] = span_of(arena_printf(build->arena,
		    "serial:%s", maker->unit->file.name));
	out->locks = all;
	return true;
}

static bool
about_read(struct build *build, const struct node *node, struct scenario *out)
{
	bool late;

	return build_text(build, node, &out->about, &late);
}

bool
keys_read(struct maker *maker, const struct node *const from[2],
    struct scenario *out)
{
	struct build *build = &maker->build;
	const struct node *key;
	bool fine = true;

	build->late = false;
	if ((key = key_find(from, "about")) != NULL)
		fine = about_read(build, key, out);
	if ((key = key_find(from, "tags")) != NULL)
		fine = tags_read(build, key, out) && fine;
	if ((key = key_find(from, "needs")) != NULL)
		fine = needs_read(build, key, out) && fine;
	if ((key = key_find(from, "timeout")) != NULL)
		fine = build_span_ms(build, key, &out->timeout_ms) && fine;
	if ((key = key_find(from, "retry")) != NULL)
		fine = retry_read(build, key, out) && fine;
	if ((key = key_find(from, "only")) != NULL)
		fine = build_bool(build, key, &out->only) && fine;
	if ((key = key_find(from, "skip")) != NULL)
		fine = build_word(build, key, "the reason to skip",
		    &out->skip) && fine;
	if ((key = key_find(from, "xfail")) != NULL)
		fine = xfail_read(maker, key, out) && fine;
	fine = locks_read(maker, from, out) && fine;
	if (fine && build->late) {
		build_error(build, from[0] == NULL ? from[1] : from[0],
		    DIAG_ID_bad_value, "timeout, retry, only and serial must "
		    "be known before the dialogue starts");
		fine = false;
	}
	build->late = false;
	return fine;
}
