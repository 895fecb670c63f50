/* Command lines, the environment behind them, help, and exit codes. */
#include "cmd/cmd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "capture.h"

static const struct option_row rows[] = {
	{ .name = "--target", .letter = 't', .value = "URL",
		.help = "where to connect" },
	{ .name = "--define", .letter = 'D', .value = "NAME=VALUE",
		.help = "sets a parameter", .many = true },
	{ .name = "--verbose", .letter = 'v', .help = "says more" },
	{ .name = "--fail-fast", .letter = 'x', .help = "stops at the first" },
	{ .name = "--color", .value = "WHEN",
		.help = "auto, always or never; a help text that is long "
		"enough to be wrapped at the end of the line" },
	{ .name = NULL },
};

static int seen_main(int argc, char **argv);

static const struct command command_probe = {
	.name = "probe", .usage = "probe PATH...", .about = "Is a probe.",
	.options = rows, .main = seen_main,
};

/* What args_read understood, as text: "t=x v ; word word". */
static char seen[1024];

static int
seen_main(int argc, char **argv)
{
	struct args args;
	int         status;

	seen[0] = '\0';
	if (args_read(&command_probe, argc, argv, &args, &status)) {
		for (size_t i = 0; i < args.given_count; i++) {
			strcat(seen, args.given[i].row->name + 2);
			strcat(seen, "=");
			strcat(seen, args.given[i].value);
			strcat(seen, " ");
		}
		for (size_t i = 0; i < args.word_count; i++) {
			strcat(seen, "[");
			strcat(seen, args.words[i]);
			strcat(seen, "]");
		}
	}
	args_free(&args);
	return status;
}

static const struct {
	const char *words[8];
	const char *seen;
} good[] = {
	{ { NULL }, "" },
	{ { "a", "b" }, "[a][b]" },
	{ { "--target", "x" }, "target=x " },
	{ { "--target=x" }, "target=x " },
	{ { "--target=" }, "target= " },
	{ { "--target", "" }, "target= " },
	{ { "--target=a=b" }, "target=a=b " },
	{ { "-t", "x" }, "target=x " },
	{ { "-tx" }, "target=x " },
	{ { "-t=x" }, "target==x " },
	{ { "-t", "-v" }, "target=-v " },
	{ { "--target", "--" }, "target=-- " },
	{ { "-vx" }, "verbose= fail-fast= " },
	{ { "-vxtx" }, "verbose= fail-fast= target=x " },
	{ { "-vxt", "x" }, "verbose= fail-fast= target=x " },
	{ { "-D", "a=1", "p", "-Db=2" }, "define=a=1 define=b=2 [p]" },
	{ { "p", "-v", "q" }, "verbose= [p][q]" },
	{ { "--", "-v", "--", "p" }, "[-v][--][p]" },
	{ { "-v", "--", "--target" }, "verbose= [--target]" },
	{ { "-", "" }, "[-][]" },
};

static void
good_command_lines(void **state)
{
	static struct capture got;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		const char *words[10] = { "probe" };

		memcpy(&words[1], good[i].words, sizeof good[i].words);
		capture_run(seen_main, words, &got);
		assert_int_equal(got.status, EXIT_PASSED);
		assert_string_equal(got.err, "");
		assert_string_equal(got.out, "");
		assert_string_equal(seen, good[i].seen);
	}
}

static const struct {
	const char *words[4];
	const char *err;
} bad[] = {
	{ { "--taget", "x" },
		"quoth: probe has no option '--taget'; did you mean "
		"'--target'?\n" },
	{ { "--zzzzzzzzz" }, "quoth: probe has no option '--zzzzzzzzz'\n" },
	{ { "--tar=x" }, "quoth: probe has no option '--tar'" },
	{ { "--hepl" }, "did you mean '--help'?" },
	{ { "--help=x" }, "probe has no option '--help'" },
	{ { "-q" }, "probe has no option '-q'" },
	{ { "-vq" }, "probe has no option '-q'" },
	{ { "-verbose" }, "did you mean '--verbose'?" },
	{ { "-5" }, "probe has no option '-5'" },
	{ { "--target" },
		"quoth: --target needs a value: --target URL\n" },
	{ { "-t" }, "--target needs a value" },
	{ { "-vt" }, "--target needs a value" },
	{ { "--verbose=yes" }, "quoth: --verbose takes no value\n" },
	{ { "--=x" }, "probe has no option '--'" },
	{ { "--\x1b]0;x\x07" }, "'--\\x1b]0;x\\x07'" },
	{ { "--a\nquoth: ok" }, "'--a\\nquoth: ok'" },
};

static void
bad_command_lines(void **state)
{
	static struct capture got;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *words[6] = { "probe" };
		const char *line;

		memcpy(&words[1], bad[i].words, sizeof bad[i].words);
		capture_run(seen_main, words, &got);
		assert_int_equal(got.status, EXIT_USAGE);
		assert_string_equal(got.out, "");
		assert_non_null(strstr(got.err, bad[i].err));
		line = strchr(got.err, '\n');
		assert_true(line != NULL && line[1] == '\0');
	}
}

static void
help_comes_of_the_rows(void **state)
{
	static struct capture got;
	static const char *const words[][4] = {
		{ "probe", "--help", NULL }, { "probe", "-h", NULL },
		{ "probe", "-vh", "x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct span rest, line;

		capture_run(seen_main, words[i], &got);
		assert_int_equal(got.status, EXIT_PASSED);
		assert_string_equal(got.err, "");
		assert_non_null(strstr(got.out,
		    "usage: quoth probe PATH... [OPTION...]\n"));
		assert_non_null(strstr(got.out,
		    "\n  -t, --target URL         where to connect\n"));
		assert_non_null(strstr(got.out, "\n      --color WHEN"));
		assert_non_null(strstr(got.out, "QUOTH_OPT_TARGET"));
		rest = span_of(got.out);
		while (span_word(&rest, "\n", &line))
			assert_true(line.len <= 80);
	}
}

/* Reads `words` and leaves the result in `args`. */
static void
read_words(struct args *args, const char *const *words)
{
	static char *argv[8];
	int          argc = 0, status;

	for (; words[argc] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	assert_true(args_read(&command_probe, argc, argv, args, &status));
}

static void
the_command_line_beats_the_environment(void **state)
{
	static const char *const none[] = { "probe", NULL };
	static const char *const some[] = { "probe", "-tone", "-ttwo",
		"-Da=1", "-Db=2", "-v", NULL };
	struct args args;
	size_t      at = 0;

	(void)state;
	assert_int_equal(setenv("QUOTH_OPT_TARGET", "env", 1), 0);
	assert_int_equal(setenv("QUOTH_OPT_DEFINE", "c=3", 1), 0);
	assert_int_equal(setenv("QUOTH_OPT_FAIL_FAST", "1", 1), 0);
	assert_int_equal(setenv("QUOTH_OPT_VERBOSE", "No", 1), 0);
	assert_int_equal(setenv("QUOTH_OPT_COLOR", "", 1), 0);
	read_words(&args, some);
	assert_string_equal(args_value(&args, "--target"), "two");
	assert_string_equal(args_each(&args, "--define", &at), "a=1");
	assert_string_equal(args_each(&args, "--define", &at), "b=2");
	assert_null(args_each(&args, "--define", &at));
	assert_true(args_flag(&args, "--verbose"));
	args_free(&args);
	read_words(&args, none);
	at = 0;
	assert_string_equal(args_value(&args, "--target"), "env");
	assert_string_equal(args_each(&args, "--define", &at), "c=3");
	assert_null(args_each(&args, "--define", &at));
	assert_true(args_flag(&args, "--fail-fast"));
	assert_string_equal(args_value(&args, "--fail-fast"), "");
	assert_false(args_flag(&args, "--verbose"));
	assert_null(args_value(&args, "--color"));
	args_free(&args);
	assert_int_equal(unsetenv("QUOTH_OPT_TARGET"), 0);
	assert_int_equal(unsetenv("QUOTH_OPT_DEFINE"), 0);
	assert_int_equal(unsetenv("QUOTH_OPT_FAIL_FAST"), 0);
	read_words(&args, none);
	at = 0;
	assert_null(args_value(&args, "--target"));
	assert_null(args_each(&args, "--define", &at));
	assert_false(args_flag(&args, "--fail-fast"));
	args_free(&args);
}

static void
the_worse_exit_code_wins(void **state)
{
	static const int order[] = { 70, 143, 130, 6, 3, 2, 1, 4, 5, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		for (size_t j = i; j < sizeof order / sizeof order[0]; j++) {
			assert_int_equal(exit_worse(order[i], order[j]),
			    order[i]);
			assert_int_equal(exit_worse(order[j], order[i]),
			    order[i]);
		}
	assert_int_equal(exit_worse(0, 99), EXIT_INTERNAL);
}

static int
say_much(int argc, char **argv)
{
	(void)argc;
	say("%s", argv[1]);
	return 0;
}

static void
what_is_said_is_one_line(void **state)
{
	static struct capture got;
	static char huge[20000];
	const char *words[] = { "x", "a\r\nb \x1b[2J ::error::x %s%n", NULL };

	(void)state;
	capture_run(say_much, words, &got);
	assert_true(strncmp(got.err, "quoth: a\\r\\nb \\x1b[2J ", 22) == 0);
	assert_null(strstr(got.err, "::error"));
	assert_non_null(strstr(got.err, "%s%n\n"));
	memset(huge, 'y', sizeof huge - 1);
	words[1] = huge;
	capture_run(say_much, words, &got);
	assert_non_null(strstr(got.err, "too long to show"));
}

static void
writing_goes_through(void **state)
{
	(void)state;
	assert_true(write_all(-1, SPAN("")));
	assert_false(write_all(-1, SPAN("x")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_command_lines),
		cmocka_unit_test(bad_command_lines),
		cmocka_unit_test(help_comes_of_the_rows),
		cmocka_unit_test(the_command_line_beats_the_environment),
		cmocka_unit_test(the_worse_exit_code_wins),
		cmocka_unit_test(what_is_said_is_one_line),
		cmocka_unit_test(writing_goes_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
