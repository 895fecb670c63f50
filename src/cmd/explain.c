/*
 * quoth explain WORD...: what a reply code, a flaw, a command of the protocol,
 * a key of the format or a step verb means, offline. Every kind of words is a
 * row of `lookups`; a word that belongs to several is explained by each.
 */
#include "cmd/explain.h"

#include "base/text.h"
#include "model/proto.h"
#include "model/verb.h"

enum { INDENT = 4, LABEL = 8 };

void
explain_head(struct buf *out, struct span name, const char *summary)
{
	size_t start = out->len, width;

	text_plain(name, out);
	width = text_width((struct span){ out->ptr + start, out->len - start });
	buf_add_text(out, " - ");
	page_wrap(out, summary, width + 3, INDENT);
}

void
explain_part(struct buf *out, const char *label, const char *text)
{
	size_t width = strlen(label);

	buf_add_fill(out, ' ', INDENT);
	buf_add_text(out, label);
	if (width < LABEL)
		buf_add_fill(out, ' ', LABEL - width);
	page_wrap(out, text, INDENT + LABEL, INDENT + LABEL);
}

static bool
flaw_show(struct span word, struct buf *out)
{
	enum flaw flaw = flaw_of(word);

	if (flaw == FLAW_NONE)
		return false;
	explain_head(out, word, flaw_rows[flaw].text);
	explain_part(out, "is", (FLAWS_MILD & FLAW_BIT(flaw)) != 0 ?
	    "a flaw of a reply; reported as a warning" :
	    "a flaw of a reply; it fails the step");
	explain_part(out, "source", flaw_rows[flaw].source);
	explain_part(out, "accept", "`flaws: [...]` in a step, a scenario or a "
	    "file names exactly the flaws that are tolerated there.");
	return true;
}

static const char *
flaw_name(size_t at)
{
	return at + 1 < FLAW_COUNT ? flaw_rows[at + 1].word : NULL;
}

static void
word_write(const struct word_row *row, struct buf *out)
{
	explain_head(out, span_of(row->word), row->kind);
	explain_part(out, "syntax", row->syntax);
	explain_part(out, "source", row->source);
	explain_part(out, "does", row->about);
	explain_part(out, "replies", row->replies);
}

/* Row number `at` of all glossaries; several protocols may share one. */
static const struct word_row *
glossary_row(size_t at)
{
	for (size_t i = 0; proto_rows[i] != NULL; i++) {
		const struct word_row *rows = proto_rows[i]->glossary;

		for (size_t j = 0; j < i; j++)
			if (proto_rows[j]->glossary == rows)
				rows = NULL;
		for (; rows != NULL && rows->word != NULL; rows++)
			if (at-- == 0)
				return rows;
	}
	return NULL;
}

static bool
glossary_show(struct span word, struct buf *out)
{
	const struct word_row *row;
	bool any = false;

	for (size_t at = 0; (row = glossary_row(at)) != NULL; at++)
		if (span_eq_nocase(word, span_of(row->word))) {
			word_write(row, out);
			any = true;
		}
	return any;
}

static const char *
glossary_name(size_t at)
{
	const struct word_row *row = glossary_row(at);

	return row == NULL ? NULL : row->word;
}

/* Verbs that the table of keys knows are told there, with their usage. */
static bool
verb_show(struct span word, struct buf *out)
{
	const struct verb *verb = verb_find(word);

	for (size_t at = 0; verb != NULL && explain_key_name(at) != NULL; at++)
		if (span_is(word, explain_key_name(at)))
			return false;
	if (verb == NULL)
		return false;
	explain_head(out, word, "an act of a step");
	explain_part(out, "syntax", verb->usage);
	return true;
}

static const char *
verb_name(size_t at)
{
	return verb_rows[at] == NULL ? NULL : verb_rows[at]->name;
}

static const struct lookup lookups[] = {
	{ explain_code, NULL },
	{ explain_class, NULL },
	{ explain_range, NULL },
	{ explain_enhanced, NULL },
	{ flaw_show, flaw_name },
	{ glossary_show, glossary_name },
	{ explain_key, explain_key_name },
	{ verb_show, verb_name },
	{ explain_small, explain_small_name },
	{ explain_mechanisms, NULL },
	{ explain_mechanism, explain_mechanism_name },
	{ explain_matcher, explain_matcher_name },
	{ explain_type, explain_type_name },
	{ explain_filter, explain_filter_name },
	{ explain_diag, explain_diag_name },
};
enum { LOOKUPS = sizeof lookups / sizeof lookups[0] };

static bool
explain_word(struct span word, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < LOOKUPS; i++)
		any |= lookups[i].show(word, out);
	return any;
}

static void
refuse(struct span word)
{
	enum { MAX = 512 };
	const char *names[MAX], *name;
	size_t      count = 0;
	char        hint[PAGE_HINT];

	for (size_t i = 0; i < LOOKUPS; i++)
		for (size_t at = 0; lookups[i].name != NULL && count < MAX &&
		    (name = lookups[i].name(at)) != NULL; at++)
			names[count++] = name;
	say("nothing is known about '%.*s'%s", SPAN_ARG(word),
	    page_hint(word, names, count, hint));
}

/* One word: its page goes out at once. `any`: one went before. */
static int
explain_one(struct span word, bool *any)
{
	struct buf page = buf_new(PAGE_MAX);
	int        status = EXIT_USAGE;

	if (*any)
		buf_add_octet(&page, '\n');
	if (explain_word(word, &page)) {
		status = page_print(&page);
		*any = true;
	} else {
		refuse(word);
	}
	buf_free(&page);
	return status;
}

/* A reply as it was pasted: "550 5.7.1 Relay access denied", "550-5.7.1 x". */
static bool
is_reply(struct span text)
{
	uint64_t code;

	return text.len > 4 && span_u64(span_sub(text, 0, 3), &code) &&
	    (text.ptr[3] == ' ' || text.ptr[3] == '-');
}

/* Its text is the server's and means nothing more. */
static int
explain_reply(struct span text, bool *any)
{
	struct span rest = reply_line_text(text), word;
	int         status = explain_one(span_sub(text, 0, 3), any);

	if (span_word(&rest, " ", &word) && enhanced_parse(word) != 0)
		status = exit_worse(status, explain_one(word, any));
	return status;
}

static int
explain_argument(const char *argument, bool *any)
{
	struct span rest = span_of(argument), word;
	int         status = EXIT_PASSED;
	bool        empty = true;

	if (is_reply(rest))
		return explain_reply(rest, any);
	while (span_word(&rest, " \t\r\n", &word)) {
		if (word.len == 0)
			continue;
		empty = false;
		status = exit_worse(status, explain_one(word, any));
	}
	if (!empty)
		return status;
	say("explain needs a word, not an empty one");
	return EXIT_USAGE;
}

static int
explain_all(void)
{
	struct buf page = buf_new(PAGE_MAX);
	int        status;

	explain_table(&page);
	status = page_print(&page);
	buf_free(&page);
	return status;
}

static int
explain_main(int argc, char **argv)
{
	struct args args;
	int         status;
	bool        any = false;

	if (args_read(&command_explain, argc, argv, &args, &status)) {
		if (args.word_count == 0)
			status = explain_all();
		for (size_t i = 0; i < args.word_count; i++)
			status = exit_worse(status,
			    explain_argument(args.words[i], &any));
	}
	args_free(&args);
	return status;
}

static const struct option_row explain_options[] = {
	{ .name = NULL },
};

const struct command command_explain = {
	.name = "explain", .usage = "explain [WORD...]",
	.about = "says what a reply code, a flaw, a command, a key or a step "
	    "means; without a word, lists the codes",
	.options = explain_options, .main = explain_main,
};
