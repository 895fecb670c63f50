/*
 * Looks at the octets between two events: blanks, commas, dashes, comments,
 * and the `?` of an explicit key. Gaps are short; each is read once, most of
 * them not at all.
 */
#include "load/yaml_rules.h"

static bool
is_blank(char octet)
{
	return octet == ' ' || octet == '\t';
}

static bool
is_space(char octet)
{
	return is_blank(octet) || octet == '\n' || octet == '\r';
}

bool
rules_is_flow(const struct rules *rules, const struct node *node)
{
	struct span text = rules->file->text;

	return node->kind != NODE_SCALAR && node->offset < text.len &&
	    text.ptr[node->offset] == (node->kind == NODE_LIST ? '[' : '{');
}

static uint32_t
chars(struct span text)
{
	uint32_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return count;
}

uint32_t
rules_width(const struct rules *rules, const struct node *node)
{
	struct span all = span_sub(rules->file->text, node->offset,
	    node->end - node->offset);
	struct span line = span_sub(all, 0, span_chr(all, '\n'));

	if (node->kind == NODE_SCALAR && node->style >= STYLE_LITERAL) {
		size_t len = 0;

		while (len < line.len && !is_space(line.ptr[len]))
			len++;
		return chars(span_sub(line, 0, len));
	}
	while (line.len > 0 && is_space(line.ptr[line.len - 1]))
		line.len--;
	return chars(line);
}

/* The place of octet `at`, a little before `node`; never a walk through the
 * whole file, because a hostile one makes us ask for many places. */
static struct loc
place_before(const struct node *node, struct span text, size_t at)
{
	struct span gap = span_sub(text, at, node->offset - at);
	struct loc  loc = node->loc;
	size_t      start = at, bom = span_starts(text,
	    SPAN("\xef\xbb\xbf")) ? 3 : 0;

	loc.width = 1;
	if (span_chr(gap, '\n') == SIZE_MAX) {
		loc.column -= chars(gap);
		return loc;
	}
	for (size_t i = 0; i < gap.len; i++)
		loc.line -= gap.ptr[i] == '\n';
	while (start > bom && text.ptr[start - 1] != '\n')
		start--;
	loc.column = 1 + chars(span_sub(text, start, at - start));
	return loc;
}

/* `loc` moved forward over `over`. */
static struct loc
place_behind(struct loc loc, struct span over)
{
	for (size_t end; (end = span_chr(over, '\n')) != SIZE_MAX; ) {
		loc.line++;
		loc.column = 1;
		over = span_from(over, end + 1);
	}
	loc.column += chars(over);
	return loc;
}

static void
tab_check(struct rules *rules, const struct node *node)
{
	struct span text = rules->file->text;
	size_t at = node->offset, tab = SIZE_MAX;

	while (at > 0 && is_blank(text.ptr[at - 1]))
		if (text.ptr[--at] == '\t')
			tab = at;
	if (tab == SIZE_MAX || rules->tab_line == node->loc.line)
		return;
	rules->tab_line = node->loc.line;
	diag_error(rules->diags, DIAG_ID_tab, place_before(node, text, tab),
	    at == 0 || text.ptr[at - 1] == '\n' ?
	    "a tab in the indentation" : "a tab between words of YAML");
	diag_hint(rules->diags, "use spaces; tabs are fine inside of quotes and "
	    "in the text below a '|'");
}

void
rules_gap(struct rules *rules, const struct node *node)
{
	if (rules->tabs && !node->absent)
		tab_check(rules, node);
}

/* Offset of a `?` between `from` and `to` outside of comments. */
static size_t
question_find(struct span text, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++) {
		if (text.ptr[at] == '?')
			return at;
		if (text.ptr[at] != '#')
			continue;
		while (at < to && text.ptr[at] != '\n')
			at++;
	}
	return SIZE_MAX;
}

bool
rules_key(struct rules *rules, const struct node *key)
{
	struct span text = rules->file->text;
	size_t at = key->offset > rules->passed ?
	    question_find(text, rules->passed, key->offset) : SIZE_MAX;

	if (at != SIZE_MAX) {
		diag_error(rules->diags, DIAG_ID_key_form,
		    place_before(key, text, at), "a key written with '?'");
		diag_hint(rules->diags, "write it as %s: VALUE; if it is "
		    "text, put it in single quotes",
		    key->absent ? "KEY" : diag_word(rules->diags, key->text));
		return true;
	}
	if (key->style != STYLE_PLAIN || !span_is(key->text, "<<"))
		return false;
	diag_error(rules->diags, DIAG_ID_anchor, key->loc,
	    "'<<' is a merge key of YAML; scenarios have none");
	diag_hint(rules->diags, "write the keys out; to say something once, use "
	    "'define' or 'each'");
	return true;
}

static size_t
word_len(struct span text, size_t at)
{
	size_t len = 0;

	while (at + len < text.len && !is_space(text.ptr[at + len]) &&
	    (len == 0 || strchr(",[]{}", text.ptr[at + len]) == NULL ||
	    (text.ptr[at] == '!' && text.ptr[at + 1] == '<')))
		len++;
	return len;
}

static void
anchor_found(struct rules *rules, struct loc loc, struct span word)
{
	diag_error(rules->diags, DIAG_ID_anchor, loc,
	    "'%s' is an anchor of YAML; scenarios have none",
	    diag_word(rules->diags, word));
	diag_hint(rules->diags, "to say something once, use 'define' or 'each'; "
	    "text that begins with '&' needs quotes");
}

static void
tag_found(struct rules *rules, struct loc loc, struct span word)
{
	diag_error(rules->diags, DIAG_ID_tag, loc,
	    "'%s' is a tag of YAML; scenarios have none",
	    diag_word(rules->diags, word));
	diag_hint(rules->diags, "remove it: the key decides the type; text "
	    "that begins with '!' needs quotes");
}

/* Blanks, line ends and comments behind a property. */
static size_t
property_gap(struct span text, size_t at)
{
	while (at < text.len && (is_space(text.ptr[at]) ||
	    text.ptr[at] == '#')) {
		if (text.ptr[at] == '#')
			while (at < text.len && text.ptr[at] != '\n')
				at++;
		else
			at++;
	}
	return at;
}

bool
rules_properties(struct rules *rules, struct node *node, const char *anchor,
    const char *tag)
{
	struct span text = rules->file->text;
	size_t      at = node->offset, next;
	struct loc  loc = node->loc;

	for (int left = (anchor != NULL) + (tag != NULL); left > 0; left--) {
		struct span word = span_sub(text, at, word_len(text, at));

		loc.width = chars(word);
		if (span_starts(word, SPAN("&")))
			anchor_found(rules, loc, word);
		else
			tag_found(rules, loc, word);
		next = property_gap(text, at + word.len);
		if (node->kind == NODE_SCALAR && next > node->end)
			next = node->end;
		loc = place_behind(loc, span_sub(text, at, next - at));
		at = next;
	}
	loc.width = 1;
	node->loc = loc;
	node->offset = (uint32_t)at;
	node->end = node->end < node->offset ? node->offset : node->end;
	return tag != NULL && !span_starts(span_of(tag),
	    SPAN("tag:yaml.org,2002:"));
}

/* One a line is enough: a line of aliases is one slip. */
void
rules_alias(struct rules *rules, const struct node *alias)
{
	if (rules->alias_line == alias->loc.line)
		return;
	rules->alias_line = alias->loc.line;
	diag_error(rules->diags, DIAG_ID_anchor, alias->loc,
	    "'*%s' is an alias of YAML; scenarios have none",
	    diag_word(rules->diags, alias->text));
	diag_hint(rules->diags, "to say something once, use 'define' or 'each'; "
	    "text that begins with '*' needs quotes");
}

void
rules_directives(struct rules *rules, struct loc loc, size_t at)
{
	struct span rest = span_from(rules->file->text, at), line;

	for (; span_word(&rest, "\n", &line) &&
	    !span_starts(line, SPAN("---")); loc.line++) {
		if (!span_starts(line, SPAN("%")))
			continue;
		line = span_sub(line, 0, word_len(line, 0));
		loc.column = 1;
		loc.width = chars(line);
		diag_error(rules->diags, DIAG_ID_directive, loc,
		    "'%s' is a directive of YAML; scenarios have none",
		    diag_word(rules->diags, line));
		diag_hint(rules->diags, "remove the line");
	}
}

void
rules_passed(struct rules *rules, const struct node *scalar)
{
	rules->passed = scalar->end;
	rules->scalar_at = scalar->offset;
	rules->scalar_end = scalar->end;
}

void
rules_opened(struct rules *rules, const struct node *node)
{
	rules->passed = node->offset + rules_is_flow(rules, node);
}

void
rules_closed(struct rules *rules, const struct node *node)
{
	if (rules_is_flow(rules, node))
		rules->passed = node->end;
}
