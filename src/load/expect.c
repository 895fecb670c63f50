/*
 * Expectations from nodes: a code, a list of codes, or a map of keys that
 * must all hold (quoth-scenario(5), EXPECTATIONS).
 */
#include "load/loader.h"

#include "base/limits.h"
#include "load/text_check.h"

static bool
flaw_read(struct build *build, const struct node *node, uint32_t *out)
{
	struct span text;
	bool        late;
	const char *words[FLAW_COUNT];

	if (!build_text(build, node, &text, &late))
		return false;
	if (late)
		return true;
	if (flaw_of(text) != FLAW_NONE) {
		*out |= FLAW_BIT(flaw_of(text));
		return true;
	}
	for (int i = 1; i < FLAW_COUNT; i++)
		words[i - 1] = flaw_rows[i].word;
	build_error(build, node, DIAG_ID_bad_value, "unknown flaw '%s'",
	    diag_word(build->diags, text));
	diag_hint(build->diags, "bare-lf, bare-cr, bad-code ...: the manual "
	    "has the list");
	diag_hint_nearest(build->diags, text, words, FLAW_COUNT - 1);
	return false;
}

bool
flaws_read(struct build *build, const struct node *node, uint32_t *out)
{
	const struct node *list = build_resolve(build, node);
	bool fine = true;

	*out = 0;
	if (list->kind == NODE_MAP) {
		build_error(build, list, DIAG_ID_wrong_type,
		    "want a list of flaws, such as [bare-lf]");
		return false;
	}
	if (list->kind == NODE_SCALAR)
		return flaw_read(build, list, out);
	for (const struct node *child = list->first; child != NULL;
	    child = child->next)
		fine = flaw_read(build, child, out) && fine;
	return fine;
}

enum { NEEDS_MAX = 1000 };      /* counted in 16 bits */

static bool
needs_read(struct build *build, const struct node *node, struct expect *out)
{
	const struct node *list = build_resolve(build, node);
	const struct node *child = list->kind == NODE_LIST ? list->first : list;
	uint32_t count = list->kind == NODE_LIST ? list->count : 1;
	struct span *words = arena_alloc(build->arena, count * sizeof *words);
	struct loc  *locs = arena_alloc(build->arena, count * sizeof *locs);
	bool late, fine = true;

	if (list->kind == NODE_MAP || count == 0 || count > NEEDS_MAX) {
		build_error(build, list, DIAG_ID_wrong_type, count > NEEDS_MAX ?
		    "more than 1000 capability keywords" :
		    "want a list of capability keywords");
		return false;
	}
	for (uint32_t i = 0; i < count; i++, child = child->next) {
		locs[i] = child->loc;
		if (child->kind == NODE_SCALAR && child->text.len == 0) {
			build_error(build, child, DIAG_ID_missing_value,
			    "a capability keyword must not be empty");
			fine = false;
			continue;
		}
		fine = build_text(build, child, &words[i], &late) &&
		    (late || build_capability(build, child, span_from(words[i],
		    span_starts(words[i], SPAN("no ")) ? 3 : 0))) && fine;
	}
	if (build->vars == NULL)
		fine = yaml_check_commas(list, build->diags) && fine;
	out->needs = words;
	out->need_locs = locs;
	out->need_count = (uint16_t)count;
	return fine;
}

/* Where authors write /regex/ or text, YAML has its own ideas of both. */
static bool
matcher_check(struct build *build, const struct node *node)
{
	bool fine = true;

	if (node->kind == NODE_SCALAR)
		return yaml_check_text(node, TEXT_LINE, build->diags) &&
		    yaml_check_backslash(node, build->diags);
	for (const struct node *child = node->first; child != NULL;
	    child = child->next)
		fine = matcher_check(build, child) && fine;
	if (node->kind == NODE_LIST)
		fine = yaml_check_commas(node, build->diags) && fine;
	return fine;
}

static bool
matcher_read(struct build *build, const struct node *child,
    const struct matcher *row, struct expect *out, struct match *matches)
{
	struct match *match = &matches[out->match_count];

	if (build->vars == NULL && !matcher_check(build, child))
		return false;
	if (!row->parse(build, child, &match->args))
		return false;
	match->row = row;
	match->loc = child->loc;
	if (row->when == MATCH_TLS)
		out->tls_count++;
	out->matches = matches;
	out->match_count++;
	return true;
}

static const struct matcher *
matcher_find(struct span name)
{
	for (size_t i = 0; matcher_rows[i] != NULL; i++)
		if (span_is(name, matcher_rows[i]->name))
			return matcher_rows[i];
	return NULL;
}

enum { MATCHERS_MAX = 16 };

/* What is no code can never come, or always does. */
static bool
codes_only(struct build *build, const struct node *node,
    const struct accept *list, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		if (list[i].kind != ACCEPT_CODES && list[i].loc.file != NULL) {
			diag_error(build->diags, DIAG_ID_bad_value,
			    list[i].loc, "'%.*s' cannot stand under '%.*s': "
			    "want codes", SPAN_ARG(list[i].text),
			    SPAN_ARG(node->key));
			return false;
		}
	return true;
}

/* `tls: failed`; a map is a matcher's. */
static bool
tls_read(struct build *build, const struct node *node, struct expect *out)
{
	struct span text;
	bool        late;

	if (!build_text(build, node, &text, &late))
		return false;
	out->tls_failed = true;
	if (late || span_is(text, "failed"))
		return true;
	build_error(build, node, DIAG_ID_bad_value,
	    "tls is 'failed' or a map, not '%s'",
	    diag_word(build->diags, text));
	diag_hint(build->diags, "such as tls: { version: TLSv1.3, "
	    "verified: true }");
	return false;
}

static bool
key_read(struct build *build, const struct node *child, struct expect *out,
    struct match *matches)
{
	const struct matcher *row = matcher_find(child->key);

	if (row != NULL && row->when == MATCH_TLS &&
	    child->kind == NODE_SCALAR)
		return tls_read(build, child, out);
	if (row != NULL)
		return matcher_read(build, child, row, out, matches);
	if (span_is(child->key, "code")) {
		out->code_loc = child->loc;
		return codes_read(build, child, &out->accepts,
		    &out->accept_count);
	}
	if (span_is(child->key, "never"))
		return codes_read(build, child, &out->nevers,
		    &out->never_count) && codes_only(build, child,
		    out->nevers, out->never_count);
	if (span_is(child->key, "ends"))
		return codes_read(build, child, &out->ends, &out->end_count);
	if (span_is(child->key, "within")) {
		out->within_loc = child->loc;
		return build_span_ms(build, child, &out->within_ms);
	}
	if (span_is(child->key, "after")) {
		out->after_loc = child->loc;
		return build_span_ms(build, child, &out->after_ms);
	}
	if (span_is(child->key, "needs"))
		return needs_read(build, child, out);
	out->flaws_given = true;
	return flaws_read(build, child, &out->flaws);
}

static const struct field expect_fields[] = { { "code", false },
	{ "never", false }, { "ends", false }, { "enhanced", false },
	{ "text", false }, { "lines", false }, { "offers", false },
	{ "lacks", false }, { "within", false }, { "after", false },
	{ "flaws", false }, { "needs", false }, { "capture", false },
	{ "tls", false }, { NULL, false } };

void
expect_stray(struct build *build, const struct node *child,
    const char *const *words, size_t count)
{
	build_unknown_key(build, child, "a step", words, count);
	for (const struct field *field = expect_fields; field->name != NULL;
	    field++)
		if (span_is(child->key, field->name))
			diag_hint(build->diags, "it stands inside of expect: "
			    "expect: { %s: ... }", field->name);
}

static bool
map_read(struct build *build, const struct node *node, struct expect *out)
{
	struct match *matches = arena_alloc(build->arena,
	    MATCHERS_MAX * sizeof *matches);
	bool fine;

	fine = build_keys(build, node, expect_fields, "an expectation");

	if (node->count == 0) {
		build_error(build, node, DIAG_ID_bad_value,
		    "an empty expectation checks nothing");
		return false;
	}
	for (const struct node *child = node->first; fine && child != NULL;
	    child = child->next) {
		if (child->kind == NODE_SCALAR && child->absent) {
			build_error(build, child, DIAG_ID_missing_value,
			    "'%.*s' needs a value", SPAN_ARG(child->key));
			fine = false;
			continue;
		}
		fine = key_read(build, child, out, matches) && fine;
	}
	return fine;
}

static bool
has(const struct expect *expect, enum accept_kind kind)
{
	return accept_has(expect->accepts, expect->accept_count, kind) ||
	    accept_has(expect->ends, expect->end_count, kind);
}

/* Is there nothing but codes that ask for more? */
static bool
only_more(const struct build *build, const struct expect *expect)
{
	struct reply low = { 0 }, high = { 0 };

	for (uint16_t i = 0; i < expect->accept_count; i++) {
		const struct accept *accept = &expect->accepts[i];

		low.code = accept->low;
		high.code = accept->high;
		if (accept->kind != ACCEPT_CODES ||
		    build->proto->tone(&low) != TONE_CONTINUE ||
		    build->proto->tone(&high) != TONE_CONTINUE)
			return false;
	}
	return expect->accept_count > 0;
}

/* What cannot be true together is an error now, not a riddle later. */
static bool
expect_check(struct build *build, const struct node *node,
    const struct verb *verb, const struct expect *expect)
{
	if (has(expect, ACCEPT_REFUSED) && (verb == NULL || !verb->opens)) {
		build_error(build, node, DIAG_ID_bad_value,
		    "only a connect can be refused");
		return false;
	}
	if (expect->tls_failed && (verb == NULL || !verb->secures)) {
		build_error(build, node_get(node, "tls"), DIAG_ID_bad_value,
		    "only connect, starttls and tls make a handshake");
		return false;
	}
	if (verb != NULL && verb->continues && only_more(build, expect)) {
		build_error(build, node, DIAG_ID_bad_value,
		    "%s answers what asks for more by itself: its expect is "
		    "for the last reply", verb->name);
		return false;
	}
	if (accept_has(expect->ends, expect->end_count, ACCEPT_SILENCE)) {
		build_error(build, node_get(node, "ends"), DIAG_ID_bad_value,
		    "a dialogue cannot end with silence: want codes or "
		    "closed");
		return false;
	}
	if (expect->silence && expect->accept_count > 1) {
		build_error(build, node, DIAG_ID_bad_value,
		    "silence stands alone: nothing else can be accepted with "
		    "it");
		return false;
	}
	if (expect->within_ms > 0 && expect->after_ms > expect->within_ms) {
		build_error(build, node, DIAG_ID_bad_value,
		    "no reply can come after %u ms and within %u ms",
		    expect->after_ms, expect->within_ms);
		return false;
	}
	return true;
}

bool
expect_build(struct maker *maker, const struct node *node,
    const struct verb *verb, struct expect *out)
{
	struct build *build = &maker->build;
	const struct node *value = build_resolve(build, node);
	bool fine;

	*out = (struct expect){ .loc = node->loc, .code_loc = node->loc,
	    .flaws = maker->flaws, .flaws_given = maker->flaws_given };
	if (value->kind == NODE_LIST && value->first != NULL &&
	    value->first->kind == NODE_MAP) {
		build_error(build, value, DIAG_ID_bad_value,
		    "[code: 250, text: x] is a list of maps to YAML");
		diag_hint(build->diags, "write { code: 250, text: x }; for "
		    "several replies in order use expect_each");
		return false;
	}
	fine = value->kind == NODE_MAP ? map_read(build, value, out) :
	    codes_read(build, value, &out->accepts, &out->accept_count);
	if (!fine)
		return false;
	out->silence = has(out, ACCEPT_SILENCE);
	out->closed = has(out, ACCEPT_CLOSED);
	out->settles = verb != NULL && verb->settles;
	out->shakes = verb != NULL && verb->secures && !verb->awaits;
	return expect_check(build, value, verb, out);
}
