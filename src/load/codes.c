/*
 * Reply codes as authors write them: 250, 2xx, 25x, 550..554, a protocol's
 * words, and any, closed, silence, refused; one or a list.
 */
#include "load/loader.h"

#include "load/text_check.h"

static const char code_hint[] = "a code such as 250, a class 2xx or 25x, a "
    "range 550..554, or any, closed, silence, refused";

/* "2xx", "25x": low and high of the class. */
static bool
class_parse(struct span text, struct accept *out)
{
	int32_t low = 0, high = 0;

	if (text.len != 3 || text.ptr[0] < '1' || text.ptr[0] > '5')
		return false;
	for (size_t i = 0; i < 3; i++) {
		char c = text.ptr[i];
		bool any = i > 0 && (c == 'x' || c == 'X');

		if (!any && (c < '0' || c > '9' ||
		    (i > 0 && (text.ptr[i - 1] | 0x20) == 'x')))
			return false;
		low = low * 10 + (any ? 0 : c - '0');
		high = high * 10 + (any ? 9 : c - '0');
	}
	out->low = low;
	out->high = high;
	return true;
}

static bool
code_parse(struct span text, const struct proto *proto, struct accept *out)
{
	static const struct { const char *word; enum accept_kind kind; }
	words[] = { { "any", ACCEPT_ANY }, { "closed", ACCEPT_CLOSED },
		{ "silence", ACCEPT_SILENCE }, { "refused", ACCEPT_REFUSED } };
	size_t dots = span_find(text, SPAN(".."));
	struct accept high;

	*out = (struct accept){ .kind = ACCEPT_CODES, .text = text };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_is(text, words[i].word)) {
			out->kind = words[i].kind;
			return true;
		}
	for (int32_t i = 0; proto->words != NULL && proto->words[i] != NULL;
	    i++)
		if (span_eq_nocase(text, span_of(proto->words[i]))) {
			out->low = out->high = i;
			return true;
		}
	if (dots == SIZE_MAX)
		return class_parse(text, out);
	if (!class_parse(span_sub(text, 0, dots), out) ||
	    !class_parse(span_from(text, dots + 2), &high) ||
	    out->low != out->high || high.low != high.high ||
	    high.low < out->low)
		return false;
	out->high = high.low;
	return true;
}

/* What was most likely meant. */
static void
code_mend(struct build *build, struct span text)
{
	static const char *const words[] = { "any", "closed", "silence",
		"refused" };
	struct span low = span_sub(text, 0, 3), high = span_from(text, 4);
	struct accept accept;

	if (text.len > 3 && class_parse(low, &accept) &&
	    (text.ptr[3] == '-' || text.ptr[3] == ' ')) {
		if (high.len == 3 && class_parse(high, &accept))
			diag_hint(build->diags, "a range is written %.*s..%.*s",
			    SPAN_ARG(low), SPAN_ARG(high));
		else
			diag_hint(build->diags, "the code alone: { code: %.*s, "
			    "text: ... } looks at the text", SPAN_ARG(low));
		return;
	}
	diag_hint_nearest(build->diags, text, words,
	    sizeof words / sizeof *words);
}

/* What no reply could ever meet would fail without a reason that anybody sees:
 * the line itself may well begin with that number. */
static bool
code_possible(struct build *build, const struct node *node, struct span text)
{
	const struct proto *proto = build->proto;

	if (proto->explain_code != NULL || proto->words != NULL)
		return true;
	build_error(build, node, DIAG_ID_bad_code, "a reply of protocol %s is "
	    "a line without a code, and never %s", proto->name,
	    diag_word(build->diags, text));
	diag_hint(build->diags, "protocol: smtp, or a target such as smtp:// "
	    "or smtps://, has codes; here { code: any, text: ... } looks at "
	    "the line");
	return false;
}

static bool
code_read(struct build *build, const struct node *node, struct accept *out)
{
	struct span text;
	bool        late;

	if (node->kind == NODE_SCALAR && node->absent) {
		build_error(build, node, DIAG_ID_missing_value,
		    "a reply code is missing here");
		diag_hint(build->diags, "%s", code_hint);
		return false;
	}
	if (!build_text(build, node, &text, &late))
		return false;
	if (late) {
		*out = (struct accept){ .kind = ACCEPT_ANY };
		return true;
	}
	if (!code_parse(text, build->proto, out)) {
		build_error(build, node, DIAG_ID_bad_code,
		    "'%s' is no reply code", diag_word(build->diags, text));
		diag_hint(build->diags, "%s", code_hint);
		code_mend(build, text);
		return false;
	}
	out->loc = node->loc;
	return out->kind != ACCEPT_CODES || code_possible(build, node, text);
}

bool
codes_read(struct build *build, const struct node *node,
    const struct accept **out, uint16_t *count)
{
	const struct node *list = build_resolve(build, node);
	const struct node *child = list->kind == NODE_LIST ? list->first : list;
	uint32_t want = list->kind == NODE_LIST ? list->count : 1;
	struct accept *accepts;
	bool fine = true;

	if (list->kind == NODE_MAP || want == 0 || want > 1000) {
		build_error(build, list, DIAG_ID_bad_value,
		    "want a reply code or a list of them");
		diag_hint(build->diags, "%s", code_hint);
		return false;
	}
	accepts = arena_alloc(build->arena, want * sizeof *accepts);
	for (uint32_t i = 0; i < want; i++, child = child->next)
		fine = code_read(build, child, &accepts[i]) && fine;
	if (list->kind == NODE_LIST)
		fine = yaml_check_commas(list, build->diags) && fine;
	*out = accepts;
	*count = (uint16_t)want;
	return fine;
}
