/* Text matchers. A regex is compiled while loading; a literal is memmem. */
#include "model/pattern.h"

#include "base/limits.h"
#include "model/build.h"

/* "/pattern/flags" to its two parts. */
static bool
slashes_cut(struct span text, struct span *pattern, struct span *flags)
{
	size_t end = text.len;

	while (end > 1 && text.ptr[end - 1] != '/')
		end--;
	if (end < 2)
		return false;
	*pattern = span_sub(text, 1, end - 2);
	*flags = span_from(text, end);
	for (size_t i = 0; i < flags->len; i++)
		if (flags->ptr[i] < 'a' || flags->ptr[i] > 'z')
			return false;
	return true;
}

static bool
regex_parse(struct build *build, const struct node *scalar, struct span text,
    struct pattern *out)
{
	struct span pattern, flags;
	struct loc  loc = scalar->loc;
	char        why[128];
	size_t      at;

	if (!slashes_cut(text, &pattern, &flags)) {
		build_error(build, scalar, DIAG_ID_bad_regex,
		    "a matcher that starts with / is a regular expression and "
		    "must end with / or /flags");
		diag_hint(build->diags, "flags are i s x u; for text that "
		    "starts with a slash write /\\/.../");
		return false;
	}
	if (pattern.len > LIMIT_REGEX) {
		build_error(build, scalar, DIAG_ID_limit,
		    "a regular expression is at most %d octets long",
		    LIMIT_REGEX);
		return false;
	}
	out->regex = regex_compile(build->regexes, pattern, flags, why, &at);
	if (out->regex != NULL)
		return true;
	if (at != SIZE_MAX && span_eq(text, scalar->text)) {
		loc = node_loc_at(scalar, 1 + at);
		loc.width = 1;
	}
	diag_error(build->diags, DIAG_ID_bad_regex, loc,
	    "this regular expression does not compile: %s", why);
	return false;
}

bool
pattern_parse(struct build *build, const struct node *scalar,
    struct pattern *out)
{
	struct template template;
	struct buf      buf = buf_new(LIMIT_SCALAR);
	struct fault    fault;
	bool            fine = true;

	if (scalar->kind != NODE_SCALAR) {
		build_error(build, scalar, DIAG_ID_wrong_type,
		    "want a text or /regex/flags, not %s",
		    node_kind_name(scalar));
		if (build->quote != NULL)
			build->quote(scalar, build->diags);
		return false;
	}
	out->is_regex = span_starts(scalar->text, SPAN("/"));
	if (!template_parse(build, scalar, out->is_regex ? TEMPLATE_REGEX :
	    TEMPLATE_TEXT, &template))
		return false;
	if (!template_constant(&template)) {
		if (template.pending) {
			build->pending = true;
			return true;
		}
		if (build->vars == NULL) {
			build->late = true;
			return true;
		}
		fine = template_expand(&template, build->vars, &buf, &fault);
		out->text = arena_copy(build->arena, buf_span(&buf));
		buf_free(&buf);
		if (!fine) {
			build_error(build, scalar, DIAG_ID_template, "%s",
			    fault.text);
			return false;
		}
	} else {
		out->text = template_bytes(&template);
	}
	if (out->is_regex)
		return regex_parse(build, scalar, out->text, out);
	if (out->text.len == 0) {
		build_error(build, scalar, DIAG_ID_missing_value,
		    "an empty text is found everywhere and checks nothing");
		return false;
	}
	return true;
}

enum verdict
pattern_match(const struct pattern *pattern, struct span in,
    struct span *group)
{
	size_t at;

	if (pattern->is_regex)
		return regex_match(pattern->regex, in, group);
	at = span_find(in, pattern->text);
	if (at == SIZE_MAX)
		return VERDICT_NO;
	*group = pattern->text;
	return VERDICT_YES;
}

void
pattern_describe(const struct pattern *pattern, struct buf *out)
{
	if (pattern->is_regex)
		(void)buf_add(out, pattern->text);
	else
		(void)buf_addf(out, "'%.*s'", SPAN_ARG(pattern->text));
}
