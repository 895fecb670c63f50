/*
 * The engine: begins exchanges, keeps to the limits, says at the end whether a
 * server proved what it has to. What happens between is of the families.
 */
#include "sasl/sasl_own.h"

#include "base/limits.h"
#include "base/mem.h"

static const struct family {
	const char     *name;
	sasl_step_call *step;
} families[] = {
	{ "PLAIN", plain_step },
	{ "LOGIN", login_step },
	{ "CRAM-MD5", cram_step },
	{ "DIGEST-MD5", digest_step },
	{ "SCRAM-SHA-1", scram_step },
	{ "SCRAM-SHA-1-PLUS", scram_step },
	{ "SCRAM-SHA-256", scram_step },
	{ "SCRAM-SHA-256-PLUS", scram_step },
	{ "EXTERNAL", plain_step },
	{ "ANONYMOUS", plain_step },
	{ "XOAUTH2", oauth_step },
	{ "OAUTHBEARER", oauth_step },
};

static sasl_step_call *
family_find(const char *name)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (strcmp(families[i].name, name) == 0)
			return families[i].step;
	return NULL;
}

bool
sasl_begins(const struct sasl *sasl, struct span in, enum sasl_step *step,
    struct fault *fault)
{
	*step = SASL_STEP_SILENT;
	if (in.ptr == NULL)
		return sasl->first;
	if (in.len == 0)
		return true;
	*step = sasl_failed(fault_set(fault, FAULT_SASL, "the server's first "
	    "challenge is not empty, though %s's client speaks first "
	    "(RFC 4954 4)", sasl->mechanism->name));
	return false;
}

enum sasl_step
sasl_asks_on(const struct sasl *sasl, struct fault *fault)
{
	return sasl_failed(fault_set(fault, FAULT_SASL, "the server sends one "
	    "more challenge, though %s is over", sasl->mechanism->name));
}

/* A session of libgsasl with all that the mechanism may ask for. */
static bool
gsasl_begin(struct sasl *sasl, const struct sasl_ask *ask,
    struct fault *fault)
{
	struct span host = ask->host.len > 0 ? ask->host : SPAN("localhost");
	Gsasl      *context = gsasl_load(fault);
	int         rc;

	if (context == NULL || !prep_check(ask, fault))
		return false;
	rc = gsasl_client_start(context, sasl->mechanism->name,
	    &sasl->session);
	if (rc != GSASL_OK) {
		sasl->session = NULL;
		return gsasl_failed(sasl, rc, fault), false;
	}
	/* libgsasl asks a callback for what is not set: empty is a value. */
	rc = gsasl_property_set_raw(sasl->session, GSASL_AUTHID,
	    ask->user.len > 0 ? ask->user.ptr : "", ask->user.len);
	if (rc == GSASL_OK)
		rc = gsasl_property_set_raw(sasl->session, GSASL_PASSWORD,
		    ask->password.len > 0 ? ask->password.ptr : "",
		    ask->password.len);
	if (rc == GSASL_OK)
		rc = gsasl_property_set_raw(sasl->session,
		    GSASL_ANONYMOUS_TOKEN, ask->token.len > 0 ?
		    ask->token.ptr : "", ask->token.len);
	if (rc != GSASL_OK)
		return gsasl_failed(sasl, rc, fault), false;
	return gsasl_set(sasl, GSASL_AUTHZID, ask->authzid, fault) &&
	    gsasl_set(sasl, GSASL_SERVICE, ask->service, fault) &&
	    gsasl_set(sasl, GSASL_HOSTNAME, host, fault) &&
	    ((sasl->mechanism->traits & SASL_BINDING) == 0 ||
	    gsasl_bind(sasl, ask->binding, ask->bound, fault));
}

static void
end(struct sasl *sasl)
{
	if (sasl == NULL)
		return;
	gsasl_end(sasl->session);
	buf_wipe(&sasl->response);
	mem_free(sasl);
}

static struct sasl *
client(const struct sasl_ask *ask, struct fault *fault)
{
	struct sasl *sasl;
	bool         fine;

	if ((ask->mechanism->traits & SASL_BINDING) != 0 &&
	    ask->bound.len == 0) {
		(void)fault_set(fault, FAULT_SCENARIO, "%s binds to the TLS of "
		    "its connection, and there is none to bind to",
		    ask->mechanism->name);
		return NULL;
	}
	sasl = mem_alloc(sizeof *sasl);
	sasl->mechanism = ask->mechanism;
	sasl->step = family_find(ask->mechanism->name);
	sasl->first = ask->first;
	if (sasl->step == NULL)
		fine = fault_set(fault, FAULT_INTERNAL, "nobody computes %s",
		    ask->mechanism->name);
	else
		fine = sasl->step == oauth_step ? prep_check(ask, fault) &&
		    oauth_begin(sasl, ask, fault) :
		    gsasl_begin(sasl, ask, fault);
	if (fine)
		return sasl;
	end(sasl);
	return NULL;
}

static bool
slow(const struct sasl *sasl, struct span in)
{
	return sasl->step == scram_step && scram_slow(sasl, in);
}

static enum sasl_step
step(struct sasl *sasl, struct span in, struct buf *out, struct fault *fault)
{
	if (in.ptr == NULL && sasl->begun)
		in = SPAN("");
	sasl->begun = true;
	if (in.len > LIMIT_SASL)
		return sasl_failed(fault_set(fault, sasl->host == NULL ?
		    FAULT_SASL : FAULT_SCENARIO, "%zu octets of %s are more "
		    "than the limit of %d (LIMIT_SASL)", in.len,
		    sasl->mechanism->name, (int)LIMIT_SASL));
	return sasl->step(sasl, in, out, fault);
}

static bool
proven(const struct sasl *sasl, struct fault *fault)
{
	if (sasl->refused)
		return fault_set(fault, FAULT_SASL, "the server refused the "
		    "token, and then let us in");
	if (sasl->proven)
		return true;
	if (sasl->step == scram_step || sasl->step == digest_step)
		return fault_set(fault, FAULT_SASL, "the server let us in, "
		    "but did not prove that it knows the password");
	return fault_set(fault, FAULT_SASL, "the server let us in before %s "
	    "was over", sasl->mechanism->name);
}

const struct sasl_engine sasl_gsasl = {
	.client = client, .server = server_new, .slow = slow, .step = step,
	.proven = proven, .user = server_user, .end = end
};
