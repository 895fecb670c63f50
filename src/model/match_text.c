/*
 * Matchers of the reply's text: `text`, `lines` and `capture`. Patterns run
 * over octets; a text of one line is never copied.
 */
#include "model/match.h"

#include "base/limits.h"
#include "model/build.h"
#include "model/pattern.h"
#include "model/vars.h"

/* What `text` looks at: all lines without codes, joined by LF. One line is
 * not copied. */
static struct span
reply_text(const struct seen *seen, struct buf *joined)
{
	struct span line;
	size_t      at = 0;

	if (seen->reply == NULL)
		return seen->bytes;
	if (seen->reply->lines == 1 && reply_line(seen->bytes, &at, &line))
		return seen->proto->words == NULL && seen->reply->code >= 0 ?
		    reply_line_text(line) : line;
	while (reply_line(seen->bytes, &at, &line)) {
		if (joined->len > 0 || joined->full)
			(void)buf_add_octet(joined, '\n');
		(void)buf_add(joined, seen->reply->code >= 0 ?
		    reply_line_text(line) : line);
	}
	return buf_span(joined);
}

static bool
text_parse(struct build *build, const struct node *node, const void **args)
{
	struct pattern *pattern = arena_alloc(build->arena, sizeof *pattern);

	*args = pattern;
	return pattern_parse(build, node, pattern);
}

static enum verdict
text_test(const void *args, const struct seen *seen, struct vars *vars,
    struct fault *why)
{
	struct buf   joined = buf_new(LIMIT_REPLY);
	struct span  group;
	enum verdict verdict;

	(void)vars;
	verdict = pattern_match(args, reply_text(seen, &joined), &group);
	buf_free(&joined);
	if (verdict != VERDICT_YES)
		(void)fault_set(why, FAULT_SCENARIO, verdict == VERDICT_NO ?
		    "the text does not match" : "the pattern gave up after "
		    "%d steps", LIMIT_REGEX_STEPS);
	return verdict;
}

static void
text_describe(const void *args, struct buf *out)
{
	(void)buf_add_text(out, "text ");
	pattern_describe(args, out);
}

const struct matcher matcher_text = {
	.name = "text", .usage = "text: TEXT or /regex/flags",
	.parse = text_parse, .test = text_test, .describe = text_describe
};

struct lines_args {
	struct pattern *has, *lacks;
	uint32_t        has_count, lacks_count, count;
	bool            counted;
};

static bool
patterns_parse(struct build *build, const struct node *node,
    struct pattern **out, uint32_t *count)
{
	const struct node *list = build_resolve(build, node);
	const struct node *child = list->first;
	bool fine = true;

	if (list->kind == NODE_MAP || (list->kind == NODE_LIST &&
	    list->count == 0)) {
		build_error(build, list, list->kind == NODE_MAP ?
		    DIAG_ID_wrong_type : DIAG_ID_bad_value,
		    list->kind == NODE_MAP ?
		    "want a list of texts or /regex/flags" :
		    "an empty list checks nothing");
		return false;
	}
	*count = list->kind == NODE_LIST ? list->count : 1;
	*out = arena_alloc(build->arena, *count * sizeof **out);
	if (list->kind == NODE_SCALAR)
		return pattern_parse(build, list, *out);
	for (uint32_t i = 0; i < *count; i++, child = child->next)
		fine = pattern_parse(build, child, &(*out)[i]) && fine;
	return fine;
}

static bool
lines_parse(struct build *build, const struct node *node, const void **args)
{
	static const struct field fields[] = { { "has", false },
		{ "lacks", false }, { "count", false }, { NULL, false } };
	struct lines_args *lines = arena_alloc(build->arena, sizeof *lines);
	const struct node *key;
	bool fine = build_keys(build, node, fields, "lines");

	*args = lines;
	if (!fine)
		return false;
	if (node->count == 0) {
		build_error(build, node, DIAG_ID_bad_value,
		    "lines needs has, lacks or count");
		return false;
	}
	if ((key = node_get(node, "has")) != NULL)
		fine = patterns_parse(build, key, &lines->has,
		    &lines->has_count) && fine;
	if ((key = node_get(node, "lacks")) != NULL)
		fine = patterns_parse(build, key, &lines->lacks,
		    &lines->lacks_count) && fine;
	if ((key = node_get(node, "count")) != NULL) {
		lines->counted = true;
		fine = build_u32(build, key, 0, LIMIT_REPLY_LINES,
		    &lines->count) && fine;
	}
	return fine;
}

/* Does any line of the reply match? */
static enum verdict
any_line(const struct pattern *pattern, const struct seen *seen)
{
	struct span  line, group;
	size_t       at = 0;
	enum verdict verdict;

	while (reply_line(seen->bytes, &at, &line)) {
		if (seen->reply != NULL && seen->reply->code >= 0)
			line = reply_line_text(line);
		verdict = pattern_match(pattern, line, &group);
		if (verdict != VERDICT_NO)
			return verdict;
	}
	return VERDICT_NO;
}

static enum verdict
lines_say(struct fault *why, enum verdict verdict, const char *what,
    const struct pattern *pattern)
{
	struct buf text = buf_new(200);

	pattern_describe(pattern, &text);
	(void)fault_set(why, FAULT_SCENARIO, "%s %.*s", what,
	    SPAN_ARG(buf_span(&text)));
	buf_free(&text);
	return verdict;
}

static enum verdict
lines_test(const void *args, const struct seen *seen, struct vars *vars,
    struct fault *why)
{
	const struct lines_args *lines = args;
	uint32_t have = seen->reply == NULL ? 0 : seen->reply->lines;
	enum verdict verdict;

	(void)vars;
	for (uint32_t i = 0; i < lines->has_count; i++) {
		verdict = any_line(&lines->has[i], seen);
		if (verdict != VERDICT_YES)
			return lines_say(why, verdict, "no line has",
			    &lines->has[i]);
	}
	for (uint32_t i = 0; i < lines->lacks_count; i++) {
		verdict = any_line(&lines->lacks[i], seen);
		if (verdict != VERDICT_NO)
			return lines_say(why, verdict == VERDICT_YES ?
			    VERDICT_NO : verdict, "a line has",
			    &lines->lacks[i]);
	}
	if (lines->counted && have != lines->count) {
		(void)fault_set(why, FAULT_SCENARIO,
		    "the reply has %u lines, not %u", have, lines->count);
		return VERDICT_NO;
	}
	return VERDICT_YES;
}

static void
lines_describe(const void *args, struct buf *out)
{
	const struct lines_args *lines = args;

	(void)buf_add_text(out, "lines");
	for (uint32_t i = 0; i < lines->has_count; i++) {
		(void)buf_add_text(out, " has ");
		pattern_describe(&lines->has[i], out);
	}
	for (uint32_t i = 0; i < lines->lacks_count; i++) {
		(void)buf_add_text(out, " lacks ");
		pattern_describe(&lines->lacks[i], out);
	}
	if (lines->counted)
		(void)buf_addf(out, " count %u", lines->count);
}

const struct matcher matcher_lines = {
	.name = "lines", .usage = "lines: { has: [], lacks: [], count: N }",
	.parse = lines_parse, .test = lines_test, .describe = lines_describe
};

struct capture { struct pattern pattern; struct span name; uint32_t slot; };
struct capture_args { struct capture *list; uint32_t count; };

static bool
capture_one(struct build *build, const struct node *node,
    struct capture *capture)
{
	capture->name = node->key;
	if (!pattern_parse(build, node, &capture->pattern))
		return false;
	if (!capture->pattern.is_regex) {
		build_error(build, node, DIAG_ID_bad_value,
		    "a capture needs a regular expression with a group");
		diag_hint(build->diags, "/queued as (\\S+)/");
		return false;
	}
	return build->declare(build, node, node->key, &capture->slot);
}

static bool
capture_parse(struct build *build, const struct node *node, const void **args)
{
	struct capture_args *captures = arena_alloc(build->arena,
	    sizeof *captures);
	bool fine = true;

	*args = captures;
	if (!node_is_map(node)) {
		build_error(build, node, DIAG_ID_wrong_type,
		    "capture must be a map of names and /regex/, not %s",
		    node_kind_name(node));
		return false;
	}
	if (node->count == 0) {
		build_error(build, node, DIAG_ID_bad_value,
		    "an empty capture takes nothing");
		return false;
	}
	captures->list = arena_alloc(build->arena,
	    node->count * sizeof *captures->list);
	for (const struct node *child = node->first; child != NULL;
	    child = child->next)
		fine = capture_one(build, child,
		    &captures->list[captures->count++]) && fine;
	return fine;
}

static enum verdict
capture_test(const void *args, const struct seen *seen, struct vars *vars,
    struct fault *why)
{
	const struct capture_args *captures = args;
	struct buf   joined = buf_new(LIMIT_REPLY);
	struct span  text = reply_text(seen, &joined), group;
	enum verdict verdict = VERDICT_YES;

	for (uint32_t i = 0; i < captures->count; i++) {
		const struct capture *capture = &captures->list[i];

		verdict = pattern_match(&capture->pattern, text, &group);
		if (verdict == VERDICT_YES &&
		    vars_set(vars, capture->slot, group))
			continue;
		(void)fault_set(why, FAULT_SCENARIO,
		    verdict == VERDICT_YES ? "what was captured for '%.*s' is "
		    "too long" : verdict == VERDICT_NO ?
		    "nothing to capture for '%.*s'" :
		    "the pattern for '%.*s' gave up",
		    SPAN_ARG(capture->name));
		verdict = verdict == VERDICT_NO ? verdict : VERDICT_UNKNOWN;
		break;
	}
	buf_free(&joined);
	return verdict;
}

static void
capture_describe(const void *args, struct buf *out)
{
	const struct capture_args *captures = args;

	(void)buf_add_text(out, "capture");
	for (uint32_t i = 0; i < captures->count; i++) {
		(void)buf_addf(out, " %.*s ", SPAN_ARG(captures->list[i].name));
		pattern_describe(&captures->list[i].pattern, out);
	}
}

const struct matcher matcher_capture = {
	.name = "capture", .usage = "capture: { NAME: /re(gex)/ }",
	.parse = capture_parse, .test = capture_test,
	.describe = capture_describe
};
