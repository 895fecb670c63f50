/* The server under test, where the run starts it: --start and --ready. */
#include "cmd/engine.h"

#include "base/limits.h"

enum { READY_MS = 30 * 1000 };

/* Its words may hold a secret: it has our environment. */
static void
child_say(struct engine *engine)
{
	struct span tail = child_tail(engine->child, 20);
	struct buf  words = buf_new(4 * MIB);

	redact(engine->suite->redactor, tail, &words);
	tail = buf_span(&words);
	if (tail.len > 0)
		say("its last words:");
	for (struct span line; span_word(&tail, "\n", &line);)
		if (line.len > 0)
			say("  %.*s", SPAN_ARG(line));
	buf_free(&words);
}

int
engine_ready(struct engine *engine)
{
	const char *command = args_value(engine->args, "--start");
	const char *url = args_value(engine->args, "--ready");
	struct endpoint *given;
	struct fault fault;

	engine->ready = engine->suite->target;
	if (command == NULL && url != NULL) {
		say("--ready is for a server that --start starts");
		return EXIT_USAGE;
	}
	if (url != NULL) {
		given = arena_alloc(&engine->suite->arena, sizeof *given);
		if (!endpoint_parse(span_of(url), &engine->suite->arena,
		    given, &fault)) {
			say("--ready: %s", fault.text);
			return EXIT_USAGE;
		}
		engine->ready = given;
	}
	if (command != NULL && (engine->ready == NULL ||
	    engine->ready->embedded)) {
		say("--start needs --ready URL: where the server answers");
		return EXIT_USAGE;
	}
	return EXIT_PASSED;
}

int
engine_start(struct engine *engine)
{
	const char  *command = args_value(engine->args, "--start");
	struct fault fault;

	if (command == NULL)
		return EXIT_PASSED;
	engine->child = child_start(engine->loop, command, -1, &fault);
	if (engine->child != NULL && child_ready(engine->child,
	    engine->ready, READY_MS, &fault))
		return EXIT_PASSED;
	say("--start: %s", fault.text);
	if (engine->child != NULL)
		child_say(engine);
	return EXIT_ENVIRONMENT;
}
