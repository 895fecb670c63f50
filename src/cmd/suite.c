/* Loading for the commands that take paths. */
#include "cmd/suite.h"

#include "base/limits.h"
#include "base/mem.h"
#include "cmd/page.h"
#include "cmd/progress.h"
#include "net/loop.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

bool
number_read(const struct args *args, const char *name, uint64_t min,
    uint64_t max, uint64_t *out)
{
	const char *text = args_value(args, name);

	if (text == NULL)
		return true;
	if (span_u64(span_of(text), out) && *out >= min && *out <= max)
		return true;
	say("%s wants a number from %llu to %llu, not '%s'", name,
	    (unsigned long long)min, (unsigned long long)max, text);
	return false;
}

static uint8_t
family_of(const struct args *args)
{
	return args_flag(args, "--ipv4") ? FAMILY_IPV4 :
	    args_flag(args, "--ipv6") ? FAMILY_IPV6 : FAMILY_ANY;
}

static int
target_read(const struct args *args, struct suite *suite)
{
	const char  *url = args_value(args, "--target");
	struct fault fault;

	if (url == NULL)
		return EXIT_PASSED;
	suite->target = arena_alloc(&suite->arena, sizeof *suite->target);
	if (endpoint_parse(span_of(url), &suite->arena, suite->target,
	    &fault)) {
		suite->target->family = family_of(args);
		return EXIT_PASSED;
	}
	say("--target: %s", fault.text);
	return EXIT_USAGE;
}

int
suite_options(const struct args *args, struct suite *suite)
{
	*suite = (struct suite){ 0 };
	if (getrandom(&suite->seed, sizeof suite->seed, GRND_NONBLOCK) < 0)
		suite->seed = (uint64_t)time(NULL);
	/* Short enough to be typed again. */
	suite->seed %= 1000000000;
	if (!number_read(args, "--seed", 0, UINT64_MAX, &suite->seed))
		return EXIT_USAGE;
	if (args_flag(args, "--ipv4") && args_flag(args, "--ipv6")) {
		say("--ipv4 and --ipv6 together leave no address");
		return EXIT_USAGE;
	}
	return exit_worse(target_read(args, suite),
	    suite_scripts(args, suite));
}

static int
given_read(const struct args *args, struct suite *suite)
{
	const char *text;
	size_t      at = 0;

	while ((text = args_each(args, "--define", &at)) != NULL)
		if (!loader_give(suite->loader, GIVEN_DEFINE, text)) {
			say("-D wants NAME=VALUE, not '%s'", text);
			return EXIT_USAGE;
		}
	at = 0;
	while ((text = args_each(args, "--vars", &at)) != NULL)
		loader_give_file(suite->loader, GIVEN_VARS, text);
	at = 0;
	while ((text = args_each(args, "--secrets", &at)) != NULL)
		loader_give_file(suite->loader, GIVEN_SECRETS, text);
	return EXIT_PASSED;
}

static int
loader_make(const struct args *args, bool checking, struct suite *suite)
{
	const char *client = args_value(args, "--client");
	uint64_t    proxy = 0;
	uint64_t    most = LIMIT_SCENARIOS;
	struct load_options options = { .target = suite->target,
	    .client = client == NULL ? CLIENT_NAME : client,
	    .seed = suite->seed, .checking = checking,
	    .embedded = suite->embedded, .hosts = suite->hosts, .who = suite->who,
	    .family = family_of(args), .today = time(NULL) / 86400,
	    .tls_check = loop_tls_check, .insecure = !checking &&
	    args_flag(args, "--insecure") };

	if (!number_read(args, "--max-scenarios", 1, 10000000, &most) ||
	    !number_read(args, "--proxy-protocol", 1, 2, &proxy))
		return EXIT_USAGE;
	options.proxy = (uint8_t)proxy;
	options.scenarios_max = (uint32_t)most;
	options.scripts = suite->scripts;
	options.redactor = suite->redactor = redactor_new();
	suite->loader = loader_new(&options);
	return given_read(args, suite);
}

/* All diagnostics so far on stderr, once. */
static void
complain_print(struct suite *suite)
{
	struct diags *diags = loader_diags(suite->loader);
	struct buf    text = buf_new(4 * MIB), shown = buf_new(8 * MIB);
	bool          colours = false;

	if (diags->errors + diags->warnings == 0)
		return;
	(void)progress_colours(NULL, STDERR_FILENO, &colours);
	complain(diags, COMPLAIN_HUMAN, colours, &text);
	redact(suite->redactor, buf_span(&text), &shown);
	(void)write_all(STDERR_FILENO, buf_span(&shown));
	buf_free(&text);
	buf_free(&shown);
}

int
suite_print(const struct suite *suite, const struct buf *text)
{
	struct buf shown = buf_new(2 * text->max);
	int        status;

	if (redactor_empty(suite->redactor) || text->full)
		return page_print(text);
	redact(suite->redactor, buf_span(text), &shown);
	status = page_print(&shown);
	buf_free(&shown);
	return status;
}

static int
paths_load(const struct args *args, struct suite *suite)
{
	if (args->word_count == 0) {
		say("%s: name a scenario file or a folder of them",
		    args->command->name);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < args->word_count; i++) {
		uint32_t files = 0;

		loader_add(suite->loader, args->words[i], &files);
		suite->files += files;
	}
	return EXIT_PASSED;
}

static int
nothing_selected(const struct args *args, const struct suite *suite)
{
	uint32_t all;

	if (suite->selection.count > 0 || args_flag(args, "--allow-empty"))
		return EXIT_PASSED;
	(void)loader_scenarios(suite->loader, &all);
	if (all == 0)
		say("no scenario found in %s%s: scenario files are .yaml and "
		    "begin with 'quoth: 1', or .lua", args->words[0],
		    args->word_count > 1 ? " and the others" : "");
	else
		say("none of the %u scenarios was selected", all);
	return EXIT_NOTHING;
}

/* There is no silent default. */
static int
target_check(const struct suite *suite)
{
	for (uint32_t i = 0; i < suite->selection.count; i++)
		if (suite->selection.list[i]->wants_target) {
			say("no target: say where to connect with -t: %s",
			    endpoint_choices);
			return EXIT_USAGE;
		}
	return EXIT_PASSED;
}

int
suite_load(const struct args *args, bool checking, bool quiet,
    struct suite *suite)
{
	const struct scenario *const *all;
	uint32_t count, apart;
	int      status = loader_make(args, checking, suite);

	if (status == EXIT_PASSED)
		status = paths_load(args, suite);
	if (status != EXIT_PASSED)
		return status;
	all = loader_scenarios(suite->loader, &count);
	status = select_scenarios(args, all, count, &suite->selection);
	if (status != EXIT_PASSED)
		return status;
	apart = loader_errors_apart(suite->loader);
	if (loader_diags(suite->loader)->errors == apart) {
		loader_check_given(suite->loader, suite->selection.list,
		    suite->selection.count);
		if (loader_diags(suite->loader)->errors > apart)
			status = EXIT_USAGE;
		if (!checking)
			loader_check_missing(suite->loader,
			    suite->selection.list, suite->selection.count);
	}
	if (!quiet)
		complain_print(suite);
	if (loader_diags(suite->loader)->errors > apart)
		return status == EXIT_PASSED ? EXIT_LOAD : status;
	suite->load_status = apart > 0 ? EXIT_LOAD : EXIT_PASSED;
	status = checking ? EXIT_PASSED : target_check(suite);
	return status == EXIT_PASSED ? nothing_selected(args, suite) : status;
}

void
suite_free(struct suite *suite)
{
	suite_scripts_free(suite);
	if (suite->loader != NULL)
		loader_free(suite->loader);
	if (suite->redactor != NULL)
		redactor_free(suite->redactor);
	select_free(&suite->selection);
	arena_free(&suite->arena);
}

int
suite_each(const struct command *command, int argc, char **argv,
    void (*show)(const struct scenario *, struct buf *))
{
	struct suite suite = { 0 };
	struct args  args;
	struct buf   text = buf_new(256 * (size_t)MIB);
	int          status;

	if (!args_read(command, argc, argv, &args, &status)) {
		args_free(&args);
		return status;
	}
	status = suite_options(&args, &suite);
	if (status == EXIT_PASSED)
		status = suite_load(&args, true, false, &suite);
	for (uint32_t i = 0; status == EXIT_PASSED &&
	    i < suite.selection.count; i++)
		show(suite.selection.list[i], &text);
	status = exit_worse(status, suite_print(&suite, &text));
	buf_free(&text);
	suite_free(&suite);
	args_free(&args);
	return status;
}
