/* What goes to stdout, and the command line that repeats a scenario. */
#include "cmd/engine.h"

#include "base/limits.h"
#include "base/text.h"
#include "cmd/page.h"

#include <stdlib.h>
#include <unistd.h>

static bool
transcript_read(struct engine *engine)
{
	static const struct { const char *word; uint8_t value; } rows[] = {
		{ "always", TRANSCRIPT_ALWAYS }, { "fail", TRANSCRIPT_FAIL },
		{ "never", TRANSCRIPT_NEVER } };
	const char *word = args_value(engine->args, "--transcript");

	if (word == NULL)
		return true;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(word, rows[i].word) == 0) {
			engine->run.transcript = rows[i].value;
			return true;
		}
	say("--transcript wants always, fail or never, not '%s'", word);
	return false;
}

static const struct reporter *
format_find(const char *word)
{
	const char *words[32];
	size_t      count = 0;
	char        room[PAGE_HINT];
	const struct reporter *found = reporter_find(span_of(word));

	if (found != NULL)
		return found;
	while (reporter_rows[count] != NULL && count < 32) {
		words[count] = reporter_rows[count]->name;
		count++;
	}
	say("unknown --format '%s'%s", word, page_hint(span_of(word), words,
	    count, room));
	return NULL;
}

const struct reporter *
engine_format(struct engine *engine)
{
	const char *word = args_value(engine->args, "--format");
	bool        harness = getenv("HARNESS_ACTIVE") != NULL;

	if (!transcript_read(engine))
		return NULL;
	engine->run.verbose = args_flag(engine->args, "--verbose");
	engine->run.columns = progress_columns(STDOUT_FILENO);
	engine->run.tap13 = harness;
	if (!progress_colours(args_value(engine->args, "--color"),
	    STDOUT_FILENO, &engine->run.colours))
		engine->run.colours = false;
	if (word != NULL && strcmp(word, "auto") != 0)
		return format_find(word);
	return reporter_find(getenv("GITHUB_ACTIONS") != NULL ?
	    SPAN("github") : harness ? SPAN("tap") : SPAN("human"));
}

static void
word_add(struct buf *out, const char *lead, struct span word)
{
	(void)buf_add_text(out, lead);
	text_shell(word, out);
}

struct span
engine_again(struct engine *engine, const struct scenario *scenario)
{
	struct buf *out = &engine->again;
	const char *value;
	size_t      at = 0, fault = 0;

	if (out->max == 0)
		*out = buf_new(64 * KIB);
	buf_clear(out);
	(void)buf_add_text(out, "quoth run ");
	text_shell(span_of(scenario->path), out);
	word_add(out, " --only ", scenario->title);
	if ((value = args_value(engine->args, "--target")) != NULL)
		word_add(out, " -t ", span_of(value));
	if (args_flag(engine->args, "--each-mx") && scenario->target != NULL &&
	    scenario->target->resolver != NULL)
		(void)buf_add_text(out, " --each-mx");
	while ((value = args_each(engine->args, "--fault", &fault)) != NULL)
		word_add(out, " --fault ", span_of(value));
	if ((value = args_value(engine->args, "--proxy-protocol")) != NULL)
		word_add(out, " --proxy-protocol ", span_of(value));
	while ((value = args_each(engine->args, "--define", &at)) != NULL)
		word_add(out, " -D ", span_of(value));
	if ((value = args_value(engine->args, "--ca")) != NULL)
		word_add(out, " --ca ", span_of(value));
	if ((value = args_value(engine->args, "--cert")) != NULL)
		word_add(out, " --cert ", span_of(value));
	if ((value = args_value(engine->args, "--key")) != NULL)
		word_add(out, " --key ", span_of(value));
	if (args_flag(engine->args, "--insecure"))
		(void)buf_add_text(out, " --insecure");
	at = 0;
	while ((value = args_each(engine->args, "--vars", &at)) != NULL)
		word_add(out, " --vars ", span_of(value));
	at = 0;
	while ((value = args_each(engine->args, "--secrets", &at)) != NULL)
		word_add(out, " --secrets ", span_of(value));
	if (scenario->mentions != 0 || args_value(engine->args, "--seed"))
		(void)buf_addf(out, " --seed %llu",
		    (unsigned long long)engine->suite->seed);
	return buf_span(out);
}
