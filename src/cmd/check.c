/* quoth check: loads everything, sends nothing, finds what can be found. */
#include "cmd/suite.h"

#include "base/limits.h"
#include "cmd/progress.h"

#include <unistd.h>

extern const struct command command_check;

static int
findings_print(const struct args *args, struct suite *suite)
{
	const char   *word = args_value(args, "--format");
	struct diags *diags = loader_diags(suite->loader);
	enum complain_format format = COMPLAIN_HUMAN;
	struct buf    text = buf_new(8 * MIB);
	bool          colours = false;
	uint32_t      count;
	int           status;

	if (word != NULL && !complain_format_find(span_of(word), &format)) {
		say("--format wants human, json, sarif, github or gitlab, not "
		    "'%s'", word);
		return EXIT_USAGE;
	}
	(void)loader_scenarios(suite->loader, &count);
	(void)progress_colours(NULL, STDOUT_FILENO, &colours);
	complain(diags, format, colours, &text);
	if (format == COMPLAIN_HUMAN) {
		(void)buf_addf(&text, "%u scenario%s in %u file%s checked\n",
		    count, count == 1 ? "" : "s", suite->files,
		    suite->files == 1 ? "" : "s");
	}
	status = suite_print(suite, &text);
	buf_free(&text);
	return status;
}

static int
check(int argc, char **argv)
{
	struct suite suite = { 0 };
	struct args  args;
	int          status, printed = EXIT_PASSED;

	if (!args_read(&command_check, argc, argv, &args, &status)) {
		args_free(&args);
		return status;
	}
	status = suite_options(&args, &suite);
	if (status == EXIT_PASSED) {
		status = suite_load(&args, true, true, &suite);
		if (suite.loader != NULL && args.word_count > 0)
			printed = findings_print(&args, &suite);
	}
	suite_free(&suite);
	args_free(&args);
	return exit_worse(status, printed);
}

static const struct option_row check_options[] = {
	{ .name = "--format", .value = "NAME",
	    .help = "print them as human, json, sarif, github or gitlab" },
	SUITE_OPTIONS,
	{ .name = NULL },
};

const struct command command_check = {
	.name = "check", .usage = "check PATH...",
	.about = "loads scenarios, sends nothing, and shows every error and "
	    "warning with its place",
	.options = check_options, .main = check,
};
