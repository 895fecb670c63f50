/*
 * auth: one SASL exchange (RFC 4422), one step of several rounds: a sum, a
 * line, its reply, a sum, a line ... The loop computes (WANT_SASL), the
 * protocol knows the lines; here is their order.
 *
 *   plan      the exchange begins -> its initial response, or none
 *   DONE      the first line, or the next -> its reply
 *   334       the challenge -> a response
 *   235       did the server prove what it has to?
 *
 * Without `initial`, an initial response is sent where the mechanism has one,
 * but not in a command that would be too long for it (RFC 4954 4): then the
 * exchange begins anew and waits for an empty challenge.
 */
#include "base/limits.h"
#include "base/secret.h"
#include "model/build.h"
#include "model/proto.h"
#include "model/sasl.h"
#include "model/verb.h"

enum initial { INITIAL_FITS, INITIAL_YES, INITIAL_NO };

/* Of plan->at: lines that were sent, and what is known of the first one. */
enum { AT_LINES = 0xff, AT_WITHHELD = 0x100, AT_SPOKEN = 0x200 };

struct auth_args {
	struct sasl_ask ask;
	struct sasl_ask mute;           /* the same, but it says nothing first */
	uint8_t         initial;        /* enum initial */
};

/* ---- reading ---------------------------------------------------------------- */

struct auth_key {
	const char *name;
	uint16_t    needs, may; /* traits; both 0: of every mechanism */
	bool        secret;
};
static const struct auth_key keys[] = {
	{ "user", SASL_USER, SASL_MAY_USER, false },
	{ "password", SASL_PASSWORD, 0, true },
	{ "token", SASL_TOKEN, 0, true },
	{ "authzid", 0, SASL_AUTHZID, false },
};
enum { KEYS = sizeof keys / sizeof *keys };

static bool
mechanism_read(struct build *build, const struct node *node,
    const struct sasl_mechanism **out)
{
	const char *names[32], *near;
	size_t      count = 0;
	struct span text;
	bool        late;

	*out = NULL;
	if (node->kind == NODE_SCALAR && node->absent) {
		build_error(build, node, DIAG_ID_missing_value,
		    "'mechanism' needs a value");
		return false;
	}
	if (!build_text(build, node, &text, &late))
		return false;
	if (late || build->pending)
		return true;
	*out = sasl_find(text);
	if (*out != NULL)
		return true;
	for (; sasl_mechanisms[count].name != NULL && count < 32; count++)
		names[count] = sasl_mechanisms[count].name;
	near = span_nearest(text, names, count);
	build_error(build, node, DIAG_ID_bad_value, "'%s' is no mechanism that "
	    "quoth computes", diag_word(build->diags, text));
	if (near != NULL)
		diag_hint(build->diags, "did you mean %s?", near);
	else
		diag_hint(build->diags, "others are written with send, line "
		    "by line; 'quoth explain auth' lists those it knows");
	return false;
}

/* Whatever it comes from: no report may show it. What is too short to be found
 * in a text is masked as part of its line all the same. */
static void
value_hide(struct build *build, const char *name, struct span value)
{
	if (build->redactor != NULL && !redactor_has(build->redactor, value))
		(void)redactor_add(build->redactor, span_of(name), value);
}

/* As it is written between quotes: each of `what` with `before` before it. */
static void
spelling_hide(struct build *build, const char *name, struct span value,
    const char *what, const char *before)
{
	struct buf spelled = buf_new(4 * LIMIT_EXPANDED);

	for (size_t i = 0; i < value.len; i++) {
		if (span_chr(span_of(what), value.ptr[i]) != SIZE_MAX)
			(void)buf_add_text(&spelled, before);
		(void)buf_add_octet(&spelled, value.ptr[i]);
	}
	if (spelled.len > value.len)
		value_hide(build, name, buf_span(&spelled));
	buf_free(&spelled);
}

static bool
is_literal(const struct node *node)
{
	return node->kind == NODE_SCALAR &&
	    (node->literal || span_chr(node->text, '$') == SIZE_MAX);
}

static void
literal_hide(struct build *build, const char *name, struct span value)
{
	value_hide(build, name, value);
	spelling_hide(build, name, value, "'", "'");
	/* A hint puts a map between quotes, and those in it are doubled. */
	spelling_hide(build, name, value, "'", "'''");
	spelling_hide(build, name, value, "\"\\", "\\");
}

/* A map or list where a text belongs is an error, whose line is shown. */
static void
all_hide(struct build *build, const char *name, const struct node *node)
{
	if (is_literal(node))
		literal_hide(build, name, node->text);
	if (node->kind == NODE_SCALAR)
		return;
	for (const struct node *child = node->first; child != NULL;
	    child = child->next)
		all_hide(build, name, child);
}

/* All that stands there literally, but for what is no secret: also behind a key
 * that is mistyped, or behind none. */
static void
auth_hide(struct build *build, const struct node *node)
{
	static const char *const open[] = { "mechanism", "user", "authzid",
		"initial" };

	if (node->kind != NODE_MAP) {
		all_hide(build, "password", node);
		return;
	}
	for (const struct node *child = node->first; child != NULL;
	    child = child->next) {
		bool hides = true;

		for (size_t i = 0; i < sizeof open / sizeof *open; i++)
			hides = hides && !span_is(child->key, open[i]);
		if (hides)
			all_hide(build, span_is(child->key, "token") ? "token" :
			    "password", child);
	}
}

static bool
value_read(struct build *build, const struct node *node,
    const struct auth_key *key, struct span *out)
{
	bool late;

	if (node->kind == NODE_SCALAR && node->absent) {
		build_error(build, node, DIAG_ID_missing_value,
		    "'%s' needs a value", key->name);
		diag_hint(build->diags, "an empty one is \"\"");
		return false;
	}
	if (!build_text(build, node, out, &late))
		return false;
	if (out->ptr == NULL)
		*out = (struct span){ "", 0 };
	if (!late && key->secret)
		value_hide(build, key->name, *out);
	return true;
}

/* Is the key there where the mechanism needs it, and only where it has a
 * use? */
static bool
key_check(struct build *build, const struct node *map,
    const struct auth_key *key, const struct sasl_mechanism *mechanism)
{
	const struct node *node = node_get(map, key->name);

	if (mechanism == NULL)
		return true;
	if (node == NULL && (mechanism->traits & key->needs) != 0) {
		build_error(build, map, DIAG_ID_missing_key, "%s needs '%s'",
		    mechanism->name, key->name);
		return false;
	}
	if (node == NULL || (mechanism->traits & (key->needs | key->may)) != 0)
		return true;
	diag_error(build->diags, DIAG_ID_unknown_key, node->key_loc,
	    "%s has no '%s'", mechanism->name, key->name);
	return false;
}

static bool
initial_read(struct build *build, const struct node *node,
    struct auth_args *auth)
{
	const struct sasl_mechanism *mechanism = auth->ask.mechanism;
	bool yes, late_before = build->late;
	bool pending = build->pending, known;

	build->late = build->pending = false;
	if (!build_bool(build, node, &yes))
		return false;
	known = !build->late && !build->pending;
	build->late |= late_before;
	build->pending |= pending;
	auth->initial = yes ? INITIAL_YES : INITIAL_NO;
	if (!known || !yes || mechanism == NULL ||
	    (mechanism->traits & (SASL_FIRST | SASL_MAY_FIRST)) != 0)
		return true;
	build_error(build, node, DIAG_ID_bad_value, "%s has no initial "
	    "response: the server speaks first", mechanism->name);
	return false;
}

static bool
auth_read(struct build *build, const struct node *node,
    struct auth_args *auth)
{
	struct span *const values[KEYS] = { &auth->ask.user,
	    &auth->ask.password, &auth->ask.token, &auth->ask.authzid };
	const struct node *initial = node_get(node, "initial");
	bool fine = mechanism_read(build, node_get(node, "mechanism"),
	    &auth->ask.mechanism);

	/* All are read: each may be a secret, whatever else is wrong. */
	for (size_t i = 0; i < KEYS; i++) {
		const struct node *value = node_get(node, keys[i].name);

		if (value != NULL)
			fine = value_read(build, value, &keys[i], values[i]) &&
			    fine;
	}
	for (size_t i = 0; fine && i < KEYS; i++)
		fine = key_check(build, node, &keys[i], auth->ask.mechanism);
	return fine && (initial == NULL || initial_read(build, initial, auth));
}

static bool
auth_parse(struct build *build, const struct node *node, const void **args)
{
	static const struct field fields[] = { { "mechanism", true },
		{ "user", false }, { "password", false }, { "token", false },
		{ "authzid", false }, { "initial", false }, { NULL, false } };
	struct auth_args *auth = arena_alloc(build->arena, sizeof *auth);
	uint16_t traits;

	*args = auth;
	if (build->proto->sasl_write == NULL) {
		build_error(build, node, DIAG_ID_bad_value,
		    "%s has no command for SASL", build->proto->name);
		return false;
	}
	if (build->exchanges != NULL)
		*build->exchanges = true;
	if (!build_keys(build, node, fields, "auth") ||
	    !auth_read(build, node, auth))
		return false;
	auth->ask.service = span_of(build->proto->name);
	traits = auth->ask.mechanism == NULL ? 0 : auth->ask.mechanism->traits;
	auth->mute = auth->ask;
	auth->ask.first = auth->initial != INITIAL_NO &&
	    ((traits & SASL_FIRST) != 0 || ((traits & SASL_MAY_FIRST) != 0 &&
	    auth->initial == INITIAL_YES));
	return true;
}

/* ---- doing ------------------------------------------------------------------ */

static bool
auth_plan(const void *args, struct plan *plan, struct want *want,
    struct fault *fault)
{
	const struct auth_args *auth = args;

	(void)fault;
	plan->ask = (struct ask){ .secret = true };
	*want = (struct want){ .kind = WANT_SASL, .sasl = &auth->ask,
	    .then = THEN_FOLLOW };
	return true;
}

static bool
challenge(struct plan *plan, const struct reply *reply, struct want *want,
    struct fault *fault)
{
	size_t start = plan->out->len;

	if ((plan->at & AT_LINES) > LIMIT_ROUNDS)
		return fault_set(fault, FAULT_SASL, "the server still asks "
		    "for more after %d answers", LIMIT_ROUNDS);
	if (!plan->proto->sasl_read(reply, plan->out, fault))
		return false;
	*want = (struct want){ .kind = WANT_SASL, .then = THEN_FOLLOW,
	    .bytes = span_from(buf_span(plan->out), start) };
	if (want->bytes.ptr == NULL)
		want->bytes = (struct span){ "", 0 };
	return true;
}

/* 235 before anything was said of who we are can be no mechanism's end. */
static bool
accepted(const struct plan *plan, struct want *want, struct fault *fault)
{
	if ((plan->at & AT_SPOKEN) == 0)
		return fault_set(fault, FAULT_SASL, "the server said yes "
		    "before it had heard any credentials");
	*want = (struct want){ .kind = WANT_SASL, .then = THEN_END };
	return true;
}

static bool
too_long(struct fault *fault)
{
	return fault_set(fault, FAULT_LIMIT, "a line of the exchange would be "
	    "longer than %d KiB", LIMIT_COMMAND / KIB);
}

/* RFC 4954 4: an initial response stands in a command that any server takes. */
static bool
has_room(const struct proto *proto, size_t octets)
{
	return proto->command_max == 0 || octets <= proto->command_max;
}

/* The first line, or the next; its reply is a round. */
static bool
line(const struct auth_args *auth, struct plan *plan, struct span response,
    struct want *want, struct fault *fault)
{
	bool        first = (plan->at & AT_LINES) == 0;
	size_t      start = plan->out->len, len;
	struct span name = first ? span_of(auth->ask.mechanism->name) :
	    (struct span){ "", 0 };

	if (!plan->proto->sasl_write(name, response, plan->out))
		return too_long(fault);
	len = plan->out->len - start;
	if (len > LIMIT_COMMAND)
		return too_long(fault);
	if (first && response.ptr != NULL && auth->initial == INITIAL_FITS &&
	    !has_room(plan->proto, len)) {
		plan->out->len = start;
		*want = (struct want){ .kind = WANT_SASL, .sasl = &auth->mute,
		    .then = THEN_FOLLOW };
		return true;
	}
	plan->at++;
	if (response.ptr != NULL)
		plan->at |= AT_SPOKEN;
	plan->ask = (struct ask){ .secret = true };
	*want = (struct want){ .kind = WANT_WRITE, .then = THEN_ROUND,
	    .made = true, .secret = true,
	    .bytes = span_from(buf_span(plan->out), start) };
	return true;
}

static bool
auth_follow(const void *args, struct plan *plan, const struct input *input,
    const struct reply *reply, struct want *want, struct fault *fault)
{
	if (reply == NULL)
		return line(args, plan, input->bytes, want, fault);
	if (plan->proto->tone(reply) == TONE_CONTINUE)
		return challenge(plan, reply, want, fault);
	return accepted(plan, want, fault);
}

const struct verb verb_auth = {
	.name = "auth",
	.usage = "auth: { mechanism, user, password, token, authzid, initial }",
	.awaits = true, .settles = true, .rounds = true, .continues = true,
	.hide = auth_hide, .parse = auth_parse, .plan = auth_plan,
	.follow = auth_follow
};
