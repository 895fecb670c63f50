/*
 * Matchers of what the reply means: enhanced status code (RFC 3463) and
 * capability keywords (`offers`, `lacks`).
 */
#include "model/match.h"

#include "model/build.h"

/* `5.7.x` or `4.x.x`: 0x3ff stands for x. */
struct enhanced_args { struct span text; uint32_t class, subject, detail; };
enum { ENHANCED_ANY = 0x3ff };

static bool
enhanced_pattern(struct span text, struct enhanced_args *out)
{
	uint32_t   *parts[3] = { &out->class, &out->subject, &out->detail };
	struct span rest = text, word;
	uint64_t    value;
	size_t      count = 0;

	if (span_is(text, "any")) {
		out->class = out->subject = out->detail = ENHANCED_ANY;
		return true;
	}
	while (span_word(&rest, ".", &word)) {
		if (count == 3)
			return false;
		if (span_eq_nocase(word, SPAN("x")))
			value = ENHANCED_ANY;
		else if (!span_u64(word, &value) || word.len > 3)
			return false;
		*parts[count++] = (uint32_t)value;
	}
	return count == 3 && (out->class == 2 || out->class == 4 ||
	    out->class == 5 || out->class == ENHANCED_ANY);
}

static bool
enhanced_parse_args(struct build *build, const struct node *node,
    const void **args)
{
	struct enhanced_args *want = arena_alloc(build->arena, sizeof *want);
	bool late;

	*args = want;
	if (!build_text(build, node, &want->text, &late))
		return false;
	if (late || enhanced_pattern(want->text, want))
		return true;
	build_error(build, node, DIAG_ID_bad_code,
	    "'%s' is no enhanced status code",
	    diag_word(build->diags, want->text));
	diag_hint(build->diags, "such as 2.1.5, 5.7.x or any (RFC 3463)");
	return false;
}

static bool
part_fits(uint32_t want, uint32_t have)
{
	return want == ENHANCED_ANY || want == have;
}

static enum verdict
enhanced_test(const void *args, const struct seen *seen, struct vars *vars,
    struct fault *why)
{
	const struct enhanced_args *want = args;
	uint32_t have = seen->reply == NULL ? 0 : seen->reply->enhanced;

	(void)vars;
	if (have != 0 && part_fits(want->class, ENHANCED_CLASS(have)) &&
	    part_fits(want->subject, ENHANCED_SUBJECT(have)) &&
	    part_fits(want->detail, ENHANCED_DETAIL(have)))
		return VERDICT_YES;
	if (have == 0)
		(void)fault_set(why, FAULT_SCENARIO,
		    "the reply has no enhanced status code");
	else
		(void)fault_set(why, FAULT_SCENARIO,
		    "the enhanced status code is %u.%u.%u",
		    ENHANCED_CLASS(have), ENHANCED_SUBJECT(have),
		    ENHANCED_DETAIL(have));
	return VERDICT_NO;
}

static void
enhanced_describe(const void *args, struct buf *out)
{
	const struct enhanced_args *want = args;

	(void)buf_addf(out, "enhanced %.*s", SPAN_ARG(want->text));
}

const struct matcher matcher_enhanced = {
	.name = "enhanced", .usage = "enhanced: 5.7.1 or 5.7.x",
	.parse = enhanced_parse_args, .test = enhanced_test,
	.describe = enhanced_describe
};

struct words_args { struct span *words; uint32_t count; };

static bool
words_parse(struct build *build, const struct node *node, const void **args)
{
	const struct node *list = build_resolve(build, node), *child;
	struct words_args *words = arena_alloc(build->arena, sizeof *words);
	bool fine = true, late;

	*args = words;
	if (list->kind == NODE_MAP) {
		build_error(build, list, DIAG_ID_wrong_type,
		    "want a keyword or a list of keywords, not a map");
		return false;
	}
	words->count = list->kind == NODE_LIST ? list->count : 1;
	words->words = arena_alloc(build->arena,
	    words->count * sizeof *words->words);
	child = list->kind == NODE_LIST ? list->first : list;
	for (uint32_t i = 0; i < words->count; i++, child = child->next) {
		fine = build_text(build, child, &words->words[i], &late) &&
		    fine;
		if (fine && !late && words->words[i].len == 0) {
			build_error(build, child, DIAG_ID_missing_value,
			    "a capability keyword must not be empty");
			fine = false;
		}
		fine = fine && (late || build_capability(build, child,
		    words->words[i]));
	}
	if (words->count == 0) {
		build_error(build, list, DIAG_ID_bad_value,
		    "an empty list checks nothing");
		return false;
	}
	return fine;
}

static enum verdict
words_test(const struct words_args *words, const struct seen *seen,
    bool offered, struct fault *why)
{
	if (seen->reply == NULL || seen->proto->offers == NULL) {
		(void)fault_set(why, FAULT_SCENARIO,
		    "there is no reply with capabilities");
		return VERDICT_UNKNOWN;
	}
	for (uint32_t i = 0; i < words->count; i++)
		if (seen->proto->offers(seen->reply, words->words[i]) !=
		    offered) {
			(void)fault_set(why, FAULT_SCENARIO, offered ?
			    "the server does not offer %.*s" :
			    "the server offers %.*s",
			    SPAN_ARG(words->words[i]));
			return VERDICT_NO;
		}
	return VERDICT_YES;
}

static void
words_describe(const char *lead, const struct words_args *words,
    struct buf *out)
{
	(void)buf_add_text(out, lead);
	for (uint32_t i = 0; i < words->count; i++)
		(void)buf_addf(out, "%s%.*s", i == 0 ? " " : ", ",
		    SPAN_ARG(words->words[i]));
}

static enum verdict
offers_test(const void *args, const struct seen *seen, struct vars *vars,
    struct fault *why)
{
	(void)vars;
	return words_test(args, seen, true, why);
}

static void
offers_describe(const void *args, struct buf *out)
{
	words_describe("offers", args, out);
}

const struct matcher matcher_offers = {
	.name = "offers", .usage = "offers: [KEYWORD, ...]",
	.parse = words_parse, .test = offers_test, .describe = offers_describe
};

static enum verdict
lacks_test(const void *args, const struct seen *seen, struct vars *vars,
    struct fault *why)
{
	(void)vars;
	return words_test(args, seen, false, why);
}

static void
lacks_describe(const void *args, struct buf *out)
{
	words_describe("lacks", args, out);
}

const struct matcher matcher_lacks = {
	.name = "lacks", .usage = "lacks: [KEYWORD, ...]",
	.parse = words_parse, .test = lacks_test, .describe = lacks_describe
};
