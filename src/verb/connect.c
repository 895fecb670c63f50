/*
 * connect: opens the connection. Empty: the scenario's target; a target URL;
 * or { to, from, timeout, proxy, tls }. The URL alone decides whether TLS begins
 * at once; `tls` says how.
 */
#include "base/limits.h"
#include "model/verb.h"
#include "verb/proxy.h"
#include "verb/secure.h"

#include <arpa/inet.h>

struct connect_args {
	struct endpoint  to;
	struct proxy_ask proxy;
	struct tls_ask   tls;
};

/* The literal decides the family; the loop binds it. */
static bool
from_read(struct build *build, const struct node *node, struct endpoint *to)
{
	struct span   text;
	unsigned char address[16];
	bool          late;

	if (!build_text(build, node, &text, &late))
		return false;
	if (late)
		return true;
	to->from = arena_cstr(build->arena, text);
	if (strlen(to->from) == text.len &&
	    (inet_pton(AF_INET, to->from, address) == 1 ||
	    inet_pton(AF_INET6, to->from, address) == 1))
		return true;
	build_error(build, node, DIAG_ID_bad_value, "'%s' is no address of "
	    "this machine: want an IPv4 or IPv6 literal",
	    diag_word(build->diags, text));
	return false;
}

static bool
to_read(struct build *build, const struct node *node, struct endpoint *to)
{
	struct fault fault;
	struct span  url;
	bool         late;

	if (!build_text(build, node, &url, &late))
		return false;
	if (late)
		return true;
	if (!endpoint_parse(url, build->arena, to, &fault)) {
		build_error(build, node, DIAG_ID_bad_target, "%s", fault.text);
		return false;
	}
	if (!to->embedded)
		return true;
	if (build->target == NULL || !build->target->embedded) {
		build_error(build, node, DIAG_ID_bad_target, "the embedded "
		    "server runs only when it is the target (-t embedded)");
		return false;
	}
	*to = *build->target;
	return true;
}

/* Without a target the scenario loads; only a run needs one. */
static void
default_read(struct build *build, struct endpoint *to)
{
	if (build->target != NULL)
		*to = *build->target;
	else if (build->wants_target != NULL)
		*build->wants_target = true;
}

/* Green, and nothing was verified: whoever wrote `verify: true` has to hear. */
static void
clear_warn(struct build *build, const struct node *key,
    const struct endpoint *to)
{
	if (to->tls)
		return;
	diag_warn(build->diags, DIAG_ID_unused, key->key_loc, "nothing begins "
	    "with TLS here: the target is %.*s", SPAN_ARG(to->url));
	diag_hint(build->diags, "smtps:// and tls:// do; behind a greeting in "
	    "the clear it is 'starttls' that has these keys");
}

static bool
connect_parse(struct build *build, const struct node *node, const void **args)
{
	static const struct field fields[] = { { "to", false },
		{ "from", false }, { "timeout", false }, { "proxy", false },
		{ "tls", false },
		{ NULL, false } };
	struct connect_args *connect = arena_alloc(build->arena,
	    sizeof *connect);
	const struct node *to = node, *key;
	bool fine = true;

	*args = connect;
	connect->proxy.version = build->proxy;
	connect->tls.verify = !build->insecure;
	if (node->kind != NODE_SCALAR) {
		if (!build_keys(build, node, fields, "connect"))
			return false;
		to = node_get(node, "to");
	}
	if (to == NULL || node_is_nothing(to))
		default_read(build, &connect->to);
	else
		fine = to_read(build, to, &connect->to);
	if ((key = node_get(node, "from")) != NULL)
		fine = from_read(build, key, &connect->to) && fine;
	if ((key = node_get(node, "timeout")) != NULL)
		fine = build_span_ms(build, key, &connect->to.connect_ms) &&
		    fine;
	if ((key = node_get(node, "proxy")) != NULL)
		fine = proxy_read(build, key, &connect->proxy) && fine;
	if ((key = node_get(node, "tls")) != NULL)
		fine = secure_read(build, key, &connect->tls) && fine;
	if (key != NULL && fine && connect->to.host != NULL)
		clear_warn(build, key, &connect->to);
	connect->to.wants_local = connect->proxy.version != 0;
	/* The built-in server listens where it likes. */
	if (build->family != FAMILY_ANY && !connect->to.embedded)
		connect->to.family = build->family;
	return fine;
}

static bool
connect_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	const struct connect_args *connect = args;

	(void)plan, (void)fault;
	*want = (struct want){ .kind = WANT_CONNECT, .to = &connect->to,
	    .then = connect->proxy.version != 0 || connect->to.tls ?
	    THEN_FOLLOW : THEN_JUDGE };
	return true;
}

/* The header comes before anything else, and the greeting behind implicit
 * TLS. */
static bool
connect_follow(const void *args, struct plan *plan, const struct input *input,
    const struct reply *reply, struct want *want, struct fault *fault)
{
	const struct connect_args *connect = args;

	bool header = connect->proxy.version != 0 && plan->at == 0;

	(void)reply;
	plan->at = 1;
	if (!header) {
		*want = (struct want){ .kind = WANT_TLS,
		    .tls = &connect->tls };
		return true;
	}
	buf_clear(plan->out);
	if (!proxy_header(&connect->proxy, input->facts, plan->out, fault))
		return false;
	*want = (struct want){ .kind = WANT_WRITE, .made = true,
	    .then = connect->to.tls ? THEN_FOLLOW : THEN_JUDGE,
	    .bytes = buf_span(plan->out) };
	return true;
}

const struct verb verb_connect = {
	.name = "connect",
	.usage = "connect: [URL] or connect: { to, from, timeout, proxy, tls }",
	.awaits = true, .settles = true, .opens = true, .secures = true,
	.parse = connect_parse, .plan = connect_plan,
	.follow = connect_follow
};
