/*
 * Mechanisms without a computation: PLAIN (RFC 4616), EXTERNAL (RFC 4422 A)
 * and ANONYMOUS (RFC 4505) say one thing, LOGIN says two. LOGIN's challenges
 * are prompts for people, which nobody ever agreed upon: their words are not
 * looked at.
 */
#include "sasl/sasl_own.h"

enum sasl_step
plain_step(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	enum sasl_step step;
	int            rc;

	if (sasl->over)
		return sasl_asks_on(sasl, fault);
	if (!sasl_begins(sasl, in, &step, fault))
		return step;
	rc = gsasl_run(sasl, SPAN(""), out);
	if (rc != GSASL_OK)
		return gsasl_failed(sasl, rc, fault);
	sasl->over = sasl->proven = true;
	return SASL_STEP_SEND;
}

enum sasl_step
login_step(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	int rc;

	if (sasl->over)
		return sasl_asks_on(sasl, fault);
	if (in.ptr == NULL && !sasl->first)
		return SASL_STEP_SILENT;
	rc = gsasl_run(sasl, in, out);
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
		return gsasl_failed(sasl, rc, fault);
	sasl->over = sasl->proven = rc == GSASL_OK;
	return SASL_STEP_SEND;
}
