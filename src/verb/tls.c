/*
 * tls: the handshake alone, on a connection that is open. Of a reply it
 * awaits only what the author expects.
 */
#include "model/verb.h"
#include "verb/secure.h"

static bool
tls_parse(struct build *build, const struct node *node, const void **args)
{
	struct tls_ask *ask = arena_alloc(build->arena, sizeof *ask);

	*args = ask;
	return secure_read(build, node, ask);
}

static bool
tls_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	(void)plan, (void)fault;
	*want = (struct want){ .kind = WANT_TLS, .tls = args };
	return true;
}

const struct verb verb_tls = {
	.name = "tls",
	.usage = "tls: or tls: { verify, ca, cert, key, name, min, max, "
	    "resume }",
	.secures = true, .parse = tls_parse, .plan = tls_plan
};
