/*
 * starttls: the protocol's command, its reply, then the handshake. `code`
 * judges the reply, and after any other there is no handshake; `tls` judges
 * the handshake.
 */
#include "model/proto.h"
#include "model/verb.h"
#include "verb/secure.h"

static bool
starttls_parse(struct build *build, const struct node *node,
    const void **args)
{
	struct tls_ask *ask = arena_alloc(build->arena, sizeof *ask);

	*args = ask;
	if (build->proto->starttls != NULL)
		return secure_read(build, node, ask);
	build_error(build, node, DIAG_ID_bad_value,
	    "%s has no command that starts TLS", build->proto->name);
	diag_hint(build->diags, "'tls:' makes the handshake alone");
	return false;
}

static bool
starttls_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	(void)args;
	if (!plan_line(plan, span_of(plan->proto->starttls), want, fault))
		return false;
	want->then = THEN_ROUND;
	return true;
}

static bool
starttls_follow(const void *args, struct plan *plan,
    const struct input *input, const struct reply *reply, struct want *want,
    struct fault *fault)
{
	enum tone tone = reply == NULL ? TONE_CONTINUE :
	    plan->proto->tone(reply);

	(void)input;
	/* `expect: 454` is met by a refusal, and then there is none. */
	*want = (struct want){ .kind = tone == TONE_NEGATIVE ? WANT_NOTHING :
	    WANT_TLS, .tls = args, .then = THEN_END };
	return tone != TONE_CONTINUE || fault_set(fault, FAULT_TLS,
	    "the reply asks for more: that is no go-ahead for TLS");
}

const struct verb verb_starttls = {
	.name = "starttls",
	.usage = "starttls: or starttls: { verify, ca, cert, key, name, min, "
	    "max, resume }",
	.awaits = true, .settles = true, .groups = true, .rounds = true,
	.secures = true,
	.parse = starttls_parse, .plan = starttls_plan,
	.follow = starttls_follow
};
