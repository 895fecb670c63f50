/* What targets need while files are loaded: the embedded server, and the hosts
 * of a mail domain. */
#include "cmd/engine.h"

#include "sasl/sasl.h"
#include "serve/serve.h"

#include <time.h>

static int64_t
wall_clock(void)
{
	return (int64_t)time(NULL);
}

/* Once for each protocol, for every scenario whose target it is. */
bool
engine_embedded(void *who, struct endpoint *target, struct fault *fault)
{
	struct engine *engine = who;
	bool lmtp = target->proto != NULL && strcmp(target->proto, "lmtp") == 0;
	struct embedded *one = &engine->embedded[lmtp];
	struct serve_options options = { .maildir = args_value(engine->args,
	    "--maildir"), .seed = engine->suite->seed, .now = wall_clock,
	    .tls = true, .lmtp = lmtp, .sasl = &sasl_gsasl,
	    .faults = engine->faults,
	    .fault_count = engine->fault_count };
	struct fault why;

	if (one->server == NULL) {
		one->server = serve_new(&options, &why);
		if (one->server == NULL || !loop_listen(engine->loop,
		    one->server, "127.0.0.1", 0, &one->port, &why))
			return fault_set(fault, FAULT_CONNECT, "the embedded "
			    "server cannot start: %s", why.text);
	}
	target->host = "127.0.0.1";
	target->port = one->port;
	target->family = FAMILY_ANY;
	return true;
}

bool
engine_has_embedded(const struct engine *engine)
{
	return engine->embedded[0].server != NULL ||
	    engine->embedded[1].server != NULL;
}

/* Asked while loading; a domain that has none fails where it is connected
 * to, with the reason. */
static uint32_t
mail_hosts(void *who, const struct endpoint *target, struct arena *arena,
    const struct endpoint **hosts)
{
	struct engine *engine = who;

	return loop_mail_hosts(engine->loop, target, arena, hosts);
}

void
engine_targets(struct engine *engine)
{
	engine->suite->embedded = engine_embedded;
	if (args_flag(engine->args, "--each-mx"))
		engine->suite->hosts = mail_hosts;
	engine->suite->who = engine;
}
