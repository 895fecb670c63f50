/* The server under test, where the run starts it: --start and --ready. */
#include "cmd/engine.h"

enum { READY_MS = 30 * 1000 };

static void
child_say(struct engine *engine)
{
	struct span tail = child_tail(engine->child, 20);

	if (tail.len > 0)
		say("its last words:");
	for (struct span line; span_word(&tail, "\n", &line);)
		if (line.len > 0)
			say("  %.*s", SPAN_ARG(line));
}

int
engine_start(struct engine *engine)
{
	const char *command = args_value(engine->args, "--start");
	const char *url = args_value(engine->args, "--ready");
	struct endpoint *ready = engine->suite->target, given;
	struct fault fault;

	if (command == NULL && url != NULL) {
		say("--ready is for a server that --start starts");
		return EXIT_USAGE;
	}
	if (command == NULL)
		return EXIT_PASSED;
	if (url != NULL) {
		if (!endpoint_parse(span_of(url), &engine->suite->arena,
		    &given, &fault)) {
			say("--ready: %s", fault.text);
			return EXIT_USAGE;
		}
		ready = &given;
	}
	if (ready == NULL || ready->embedded) {
		say("--start needs --ready URL: where the server answers");
		return EXIT_USAGE;
	}
	engine->child = child_start(engine->loop, command, -1, &fault);
	if (engine->child != NULL && child_ready(engine->child, ready,
	    READY_MS, &fault))
		return EXIT_PASSED;
	say("--start: %s", fault.text);
	if (engine->child != NULL)
		child_say(engine);
	return EXIT_ENVIRONMENT;
}
