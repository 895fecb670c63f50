/*
 * `tls: { version, cipher, verified, days_left, name, issuer, resumed,
 * close_notify }`: what is known of the connection's TLS. After a handshake
 * all of it but close_notify, which only a close can tell.
 */
#include "model/match.h"

#include "base/limits.h"
#include "model/build.h"
#include "model/pattern.h"
#include "model/tls.h"

enum flag { FLAG_UNSET, FLAG_NO, FLAG_YES };

struct tls_args {
	uint32_t       versions;        /* set of 1 << enum tls_version */
	bool           ciphers, names, issuers, days;
	struct pattern cipher, name, issuer;
	uint8_t        verified, resumed, notify;       /* enum flag */
	uint32_t       days_left;
};

enum { DAYS_MAX = 36500, VERSIONS_MAX = 8 };

static bool
flag_read(struct build *build, const struct node *node, uint8_t *out)
{
	bool value = false;

	if (node == NULL)
		return true;
	if (!build_bool(build, node, &value))
		return false;
	*out = value ? FLAG_YES : FLAG_NO;
	return true;
}

static bool
version_read(struct build *build, const struct node *node, uint32_t *out)
{
	uint8_t version;

	if (!build_tls_version(build, node, &version))
		return false;
	if (version != TLS_UNSET)
		*out |= 1U << version;
	return true;
}

static bool
versions_read(struct build *build, const struct node *node, uint32_t *out)
{
	const struct node *list, *child;
	bool fine = true;

	if (node == NULL)
		return true;
	list = build_resolve(build, node);
	if (list->kind == NODE_SCALAR)
		return version_read(build, list, out);
	if (list->kind == NODE_MAP || list->count == 0 ||
	    list->count > VERSIONS_MAX) {
		build_error(build, list, DIAG_ID_wrong_type,
		    "want a TLS version or a list of them");
		return false;
	}
	for (child = list->first; child != NULL; child = child->next)
		fine = version_read(build, child, out) && fine;
	return fine;
}

static bool
pattern_read(struct build *build, const struct node *node,
    struct pattern *out, bool *given)
{
	*given = node != NULL;
	return node == NULL || pattern_parse(build, node, out);
}

static bool
tls_parse(struct build *build, const struct node *node, const void **args)
{
	static const struct field fields[] = { { "version", false },
		{ "cipher", false }, { "verified", false },
		{ "days_left", false }, { "name", false }, { "issuer", false },
		{ "resumed", false }, { "close_notify", false },
		{ NULL, false } };
	struct tls_args   *tls = arena_alloc(build->arena, sizeof *tls);
	const struct node *days;
	bool fine;

	*args = tls;
	if (node->kind == NODE_MAP && node->count == 0) {
		build_error(build, node, DIAG_ID_bad_value,
		    "an empty map checks nothing");
		return false;
	}
	if (!build_keys(build, node, fields, "tls"))
		return false;
	fine = versions_read(build, node_get(node, "version"), &tls->versions);
	fine = pattern_read(build, node_get(node, "cipher"), &tls->cipher,
	    &tls->ciphers) && fine;
	fine = pattern_read(build, node_get(node, "name"), &tls->name,
	    &tls->names) && fine;
	fine = pattern_read(build, node_get(node, "issuer"), &tls->issuer,
	    &tls->issuers) && fine;
	fine = flag_read(build, node_get(node, "verified"), &tls->verified) &&
	    fine;
	fine = flag_read(build, node_get(node, "resumed"), &tls->resumed) &&
	    fine;
	fine = flag_read(build, node_get(node, "close_notify"),
	    &tls->notify) && fine;
	days = node_get(node, "days_left");
	tls->days = days != NULL;
	return (days == NULL || build_u32(build, days, 0, DAYS_MAX,
	    &tls->days_left)) && fine;
}

/* ---- the test --------------------------------------------------------------- */

static bool
flag_fits(uint8_t want, bool have)
{
	return want == FLAG_UNSET || (want == FLAG_YES) == have;
}

/* NO or UNKNOWN, with `what` in the sentence. */
static enum verdict
text_test(const struct pattern *pattern, const char *what, const char *have,
    struct fault *why)
{
	struct span  group;
	enum verdict verdict = pattern_match(pattern, span_of(have), &group);

	if (verdict == VERDICT_NO)
		(void)fault_set(why, FAULT_TLS, "the %s is %s", what,
		    have[0] == '\0' ? "unknown" : have);
	else if (verdict == VERDICT_UNKNOWN)
		(void)fault_set(why, FAULT_TLS, "the pattern gave up after %d "
		    "steps", LIMIT_REGEX_STEPS);
	return verdict;
}

/* One of the certificate's names; without any, its subject. */
static enum verdict
name_test(const struct tls_args *want, const struct tls_facts *have,
    struct fault *why)
{
	uint32_t     count = have->name_count < TLS_NAMES_MAX ?
	    have->name_count : TLS_NAMES_MAX;
	struct span  group;
	enum verdict verdict = VERDICT_NO;

	if (count == 0)
		return text_test(&want->name, "certificate's subject",
		    have->subject, why);
	for (uint32_t i = 0; i < count && verdict == VERDICT_NO; i++)
		verdict = pattern_match(&want->name, span_of(have->names[i]),
		    &group);
	if (verdict == VERDICT_NO)
		(void)fault_set(why, FAULT_TLS, "the certificate is for %s%s%s"
		    "%s", have->names[0], count > 1 ? ", " : "",
		    count > 1 ? have->names[1] : "",
		    have->name_count > 2 ? ", ..." : "");
	else if (verdict == VERDICT_UNKNOWN)
		(void)fault_set(why, FAULT_TLS, "the pattern gave up after %d "
		    "steps", LIMIT_REGEX_STEPS);
	return verdict;
}

static enum verdict
texts_test(const struct tls_args *want, const struct tls_facts *have,
    struct fault *why)
{
	enum verdict verdict = VERDICT_YES;

	if (want->ciphers)
		verdict = text_test(&want->cipher, "cipher", have->cipher,
		    why);
	if (verdict == VERDICT_YES && want->names)
		verdict = name_test(want, have, why);
	if (verdict == VERDICT_YES && want->issuers)
		verdict = text_test(&want->issuer, "certificate's issuer",
		    have->issuer, why);
	return verdict;
}

static enum verdict
close_test(const struct tls_args *want, const struct seen *seen,
    struct fault *why)
{
	if (want->notify == FLAG_UNSET)
		return VERDICT_YES;
	if (!seen->closed) {
		(void)fault_set(why, FAULT_TLS, "close_notify is known when "
		    "the server closes, and it has not: expect closed");
		return VERDICT_UNKNOWN;
	}
	if (flag_fits(want->notify, seen->notified))
		return VERDICT_YES;
	(void)fault_set(why, FAULT_TLS, seen->notified ?
	    "the server said close_notify before it closed" :
	    "the server closed without close_notify");
	return VERDICT_NO;
}

/* False: it fails. */
static bool
days_test(const struct tls_args *want, const struct tls_facts *have,
    struct fault *why)
{
	if (!want->days)
		return true;
	if (!have->has_cert)
		return fault_set(why, FAULT_TLS, "there is no certificate");
	if (have->days_left >= (int32_t)want->days_left)
		return true;
	if (have->days_left < 0)
		return fault_set(why, FAULT_TLS, "the certificate expired %d "
		    "day%s ago", -have->days_left, have->days_left == -1 ?
		    "" : "s");
	return fault_set(why, FAULT_TLS, "the certificate has %d day%s left",
	    have->days_left, have->days_left == 1 ? "" : "s");
}

static enum verdict
tls_test(const void *args, const struct seen *seen, struct vars *vars,
    struct fault *why)
{
	const struct tls_args  *want = args;
	const struct tls_facts *have = seen->tls;
	enum verdict verdict;

	(void)vars;
	if (have == NULL) {
		(void)fault_set(why, FAULT_TLS, "the connection has no TLS");
		return VERDICT_NO;
	}
	if (want->versions != 0 && (want->versions &
	    1U << tls_version_find(span_of(have->version))) == 0) {
		(void)fault_set(why, FAULT_TLS, "the version is %s",
		    have->version);
		return VERDICT_NO;
	}
	if (!flag_fits(want->verified, have->verified)) {
		(void)fault_set(why, FAULT_TLS, have->verified ?
		    "the certificate was verified" :
		    "the certificate was not verified: %s", have->why);
		return VERDICT_NO;
	}
	if (!flag_fits(want->resumed, have->resumed)) {
		(void)fault_set(why, FAULT_TLS, have->resumed ? "the session "
		    "was resumed" : "the session was not resumed");
		return VERDICT_NO;
	}
	if (!days_test(want, have, why))
		return VERDICT_NO;
	verdict = texts_test(want, have, why);
	return verdict == VERDICT_YES ? close_test(want, seen, why) : verdict;
}

/* ---- its words -------------------------------------------------------------- */

static void
part(struct buf *out, size_t start, const char *text)
{
	(void)buf_addf(out, "%s%s", out->len > start ? ", " : "", text);
}

static void
flag_describe(struct buf *out, size_t start, uint8_t flag, const char *yes,
    const char *no)
{
	if (flag != FLAG_UNSET)
		part(out, start, flag == FLAG_YES ? yes : no);
}

static void
tls_args_describe(const void *args, struct buf *out)
{
	const struct tls_args *want = args;
	size_t start;

	(void)buf_add_text(out, "tls ");
	start = out->len;
	for (int i = TLS_UNSET + 1; i < TLS_VERSIONS; i++)
		if ((want->versions & 1U << i) != 0)
			part(out, start, tls_version_names[i]);
	if (want->ciphers) {
		part(out, start, "cipher ");
		pattern_describe(&want->cipher, out);
	}
	flag_describe(out, start, want->verified, "verified", "not verified");
	flag_describe(out, start, want->resumed, "resumed", "not resumed");
	if (want->days) {
		part(out, start, "at least ");
		(void)buf_addf(out, "%u days left", want->days_left);
	}
	if (want->names) {
		part(out, start, "name ");
		pattern_describe(&want->name, out);
	}
	if (want->issuers) {
		part(out, start, "issuer ");
		pattern_describe(&want->issuer, out);
	}
	flag_describe(out, start, want->notify, "close_notify",
	    "no close_notify");
}

const struct matcher matcher_tls = {
	.name = "tls", .usage = "tls: { version, cipher, verified, days_left, "
	    "name, issuer, resumed, close_notify } or tls: failed",
	.when = MATCH_TLS, .parse = tls_parse, .test = tls_test,
	.describe = tls_args_describe
};
