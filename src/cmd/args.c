/*
 * Reads a command line by the rows of its command:
 *
 *   --name VALUE   --name=VALUE   -n VALUE   -nVALUE   -abc   --
 *
 * Options and words may be mixed; names are never abbreviated. An option that
 * is not given may come from the environment. Values point into argv.
 */
#include "cmd/page.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

struct reader {
	struct args *args;
	char       **argv;
	int          argc, at;
	int         *status;
};

static const struct option_row *
row_of_name(const struct command *command, struct span name)
{
	const struct option_row *row = command->options;

	for (; row != NULL && row->name != NULL; row++)
		if (span_is(name, row->name))
			return row;
	return NULL;
}

static const struct option_row *
row_of_letter(const struct command *command, char letter)
{
	const struct option_row *row = command->options;

	for (; row != NULL && row->name != NULL; row++)
		if (row->letter == letter && letter != 0)
			return row;
	return NULL;
}

static void
keep(struct args *args, const struct option_row *row, const char *value)
{
	size_t count = args->given_count;

	args->given = mem_resize(args->given,
	    (count + 1) * sizeof *args->given);
	args->given[count].row = row;
	args->given[count].value = value;
	args->given_count++;
}

static void
keep_word(struct args *args, const char *word)
{
	args->words = mem_resize(args->words,
	    (args->word_count + 1) * sizeof *args->words);
	args->words[args->word_count++] = word;
}

static bool
refuse_unknown(struct reader *in, struct span name)
{
	enum { MAX = 128 };
	const struct option_row *row = in->args->command->options;
	const char *names[MAX];
	size_t      count = 0;
	char        hint[PAGE_HINT];

	names[count++] = "--help";
	for (; row != NULL && row->name != NULL && count < MAX; row++)
		names[count++] = row->name;
	say("%s has no option '%.*s'%s", in->args->command->name,
	    SPAN_ARG(name), page_hint(name, names, count, hint));
	*in->status = EXIT_USAGE;
	return false;
}

/* The value of `row`: `inner` if it stands in the same word, else the next. */
static bool
take_value(struct reader *in, const struct option_row *row, const char *inner)
{
	if (inner == NULL && in->at + 1 < in->argc)
		inner = in->argv[++in->at];
	if (inner == NULL) {
		say("%s needs a value: %s %s", row->name, row->name,
		    row->value);
		*in->status = EXIT_USAGE;
		return false;
	}
	keep(in->args, row, inner);
	return true;
}

static bool
give_help(struct reader *in)
{
	struct buf page = buf_new(PAGE_MAX);

	page_help(in->args->command, &page);
	*in->status = page_print(&page);
	buf_free(&page);
	return false;
}

/* "--name", "--name=value" */
static bool
read_long(struct reader *in, const char *word)
{
	struct span name = span_of(word);
	size_t      cut = span_chr(name, '=');
	const char *inner = cut == SIZE_MAX ? NULL : word + cut + 1;
	const struct option_row *row;

	if (inner != NULL)
		name.len = cut;
	row = row_of_name(in->args->command, name);
	if (row == NULL && span_is(name, "--help") && inner == NULL)
		return give_help(in);
	if (row == NULL)
		return refuse_unknown(in, name);
	if (row->value != NULL)
		return take_value(in, row, inner);
	if (inner != NULL) {
		say("%s takes no value", row->name);
		*in->status = EXIT_USAGE;
		return false;
	}
	keep(in->args, row, "");
	return true;
}

/* "-n", "-nvalue", "-abc": switches, and one option with a value at the end.
 * "-target" is meant as "--target", not as "-t arget". */
static bool
read_letters(struct reader *in, const char *word)
{
	for (const struct option_row *row = in->args->command->options;
	    row != NULL && row->name != NULL; row++)
		if (word[2] != '\0' && strcmp(word, row->name + 1) == 0)
			return refuse_unknown(in, span_of(word));
	for (const char *at = word + 1; *at != '\0'; at++) {
		const struct option_row *row =
		    row_of_letter(in->args->command, *at);
		char name[2] = { '-', *at };

		if (row == NULL && *at == 'h')
			return give_help(in);
		if (row == NULL)
			return refuse_unknown(in, at == word + 1 ?
			    span_of(word) : (struct span){ name, 2 });
		if (row->value != NULL)
			return take_value(in, row,
			    at[1] == '\0' ? NULL : at + 1);
		keep(in->args, row, "");
	}
	return true;
}

bool
args_read(const struct command *command, int argc, char **argv,
    struct args *args, int *status)
{
	struct reader in = { .args = args, .argv = argv, .argc = argc,
		.at = 1, .status = status };
	bool words = false;

	*args = (struct args){ .command = command };
	*status = EXIT_PASSED;
	for (; in.at < argc; in.at++) {
		const char *word = argv[in.at];

		if (words || word[0] != '-' || word[1] == '\0')
			keep_word(args, word);
		else if (strcmp(word, "--") == 0)
			words = true;
		else if (!(word[1] == '-' ? read_long(&in, word) :
		    read_letters(&in, word)))
			return false;
	}
	return true;
}

void
args_free(struct args *args)
{
	mem_free(args->given);
	mem_free(args->words);
	*args = (struct args){ .command = args->command };
}

/* QUOTH_OPT_DRY_RUN of "--dry-run"; NULL also when it is empty. */
static const char *
environment(const char *name)
{
	char        key[128] = "QUOTH_OPT_";
	size_t      at = strlen(key);
	const char *value;

	for (name += strspn(name, "-"); *name != '\0' && at < sizeof key - 1;
	    name++)
		key[at++] = *name == '-' ? '_' : *name >= 'a' && *name <= 'z' ?
		    (char)(*name - 'a' + 'A') : *name;
	key[at] = '\0';
	value = getenv(key);
	return value == NULL || value[0] == '\0' ? NULL : value;
}

static bool
is_no(const char *value)
{
	struct span word = span_of(value);

	return span_is(word, "0") || span_eq_nocase(word, SPAN("no")) ||
	    span_eq_nocase(word, SPAN("false")) ||
	    span_eq_nocase(word, SPAN("off"));
}

const char *
args_value(const struct args *args, const char *name)
{
	const struct option_row *row;
	const char *value;

	for (size_t i = args->given_count; i > 0; i--)
		if (strcmp(args->given[i - 1].row->name, name) == 0)
			return args->given[i - 1].value;
	row = row_of_name(args->command, span_of(name));
	value = environment(name);
	if (value == NULL || row == NULL || row->value != NULL)
		return value;
	return is_no(value) ? NULL : "";
}

bool
args_flag(const struct args *args, const char *name)
{
	return args_value(args, name) != NULL;
}

/* The environment has one value, and only where the command line has none. */
const char *
args_each(const struct args *args, const char *name, size_t *at)
{
	bool any = false;

	for (size_t i = 0; i < args->given_count; i++) {
		if (strcmp(args->given[i].row->name, name) != 0)
			continue;
		any = true;
		if (i >= *at) {
			*at = i + 1;
			return args->given[i].value;
		}
	}
	if (any || *at > 0)
		return NULL;
	*at = 1;
	return environment(name);
}
