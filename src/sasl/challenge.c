/*
 * CRAM-MD5 (RFC 2195) and DIGEST-MD5 (RFC 2831), where the server speaks first
 * and the password is hashed with what it said. A challenge of CRAM-MD5 may
 * be any octets; it ought to look like a message id, but need not.
 */
#include "sasl/sasl_own.h"

/* The start, or a challenge that says nothing: `*step` is the answer. */
static bool
says_nothing(const struct sasl *sasl, struct span in, enum sasl_step *step,
    struct fault *fault)
{
	*step = SASL_STEP_SILENT;
	if (in.ptr == NULL)
		return true;
	if (in.len > 0)
		return false;
	*step = sasl_failed(fault_set(fault, FAULT_SASL,
	    "the server's %s challenge is empty", sasl->mechanism->name));
	return true;
}

enum sasl_step
cram_step(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	enum sasl_step step;
	int            rc;

	if (sasl->over)
		return sasl_asks_on(sasl, fault);
	if (says_nothing(sasl, in, &step, fault))
		return step;
	rc = gsasl_run(sasl, in, out);
	if (rc != GSASL_OK)
		return gsasl_failed(sasl, rc, fault);
	sasl->over = sasl->proven = true;
	return SASL_STEP_SEND;
}

/* What stands before the next comma that is not between quotes. */
static bool
directive_next(struct span *rest, struct span *out)
{
	bool   quoted = false;
	size_t len = 0;

	if (rest->len == 0)
		return false;
	for (; len < rest->len && (quoted || rest->ptr[len] != ','); len++) {
		if (rest->ptr[len] == '"')
			quoted = !quoted;
		else if (quoted && rest->ptr[len] == '\\' &&
		    len + 1 < rest->len)
			len++;
	}
	*out = span_trim(span_sub(*rest, 0, len));
	*rest = span_from(*rest, len < rest->len ? len + 1 : len);
	return true;
}

/* RFC 2831 2.1.2: what is chosen is one of those offered. libgsasl says "auth"
 * whatever they are, and mail has no use for the others. */
static bool
offers_auth(struct span in)
{
	struct span directive, word;

	while (directive_next(&in, &directive)) {
		if (!span_eq_nocase(span_sub(directive, 0, 4), SPAN("qop=")))
			continue;
		directive = span_from(directive, 4);
		while (span_word(&directive, "\", \t", &word))
			if (span_eq_nocase(word, SPAN("auth")))
				return true;
		return false;
	}
	return true;
}

static enum sasl_step
digest_failed(const struct sasl *sasl, int rc, struct fault *fault)
{
	if (rc != GSASL_MECHANISM_PARSE_ERROR &&
	    rc != GSASL_AUTHENTICATION_ERROR)
		return gsasl_failed(sasl, rc, fault);
	if (sasl->round == 0)
		return sasl_failed(fault_set(fault, FAULT_SASL, "the server's "
		    "challenge is not one of DIGEST-MD5 (RFC 2831 2.1.1)"));
	if (rc == GSASL_MECHANISM_PARSE_ERROR)
		return sasl_failed(fault_set(fault, FAULT_SASL, "the server's "
		    "last DIGEST-MD5 challenge has no rspauth (RFC 2831 "
		    "2.1.3)"));
	return sasl_failed(fault_set(fault, FAULT_SASL, "the server did not "
	    "prove that it knows the password: its rspauth is wrong"));
}

enum sasl_step
digest_step(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	enum sasl_step step;
	int            rc;

	if (sasl->over)
		return sasl_asks_on(sasl, fault);
	if (says_nothing(sasl, in, &step, fault))
		return step;
	if (span_chr(in, '\0') != SIZE_MAX)
		return sasl_failed(fault_set(fault, FAULT_SASL,
		    "the server's DIGEST-MD5 challenge has a NUL"));
	if (sasl->round == 0 && !offers_auth(in))
		return sasl_failed(fault_set(fault, FAULT_SASL, "the server's "
		    "DIGEST-MD5 challenge offers no qop \"auth\" "
		    "(RFC 2831 2.1.1)"));
	rc = gsasl_run(sasl, in, out);
	if (rc != (sasl->round == 0 ? GSASL_NEEDS_MORE : GSASL_OK))
		return digest_failed(sasl, rc, fault);
	sasl->over = sasl->proven = sasl->round == 1;
	sasl->round++;
	return SASL_STEP_SEND;
}
