/*
 * What every family does with libgsasl: set properties, make a step, end. Its
 * memory is malloc's, and it wipes none of it: what we can reach, we do.
 */
#include "base/mem.h"
#include "sasl/sasl_own.h"

#include <stdlib.h>

int
gsasl_run(struct sasl *sasl, struct span in, struct buf *out)
{
	/* Somewhere in it texts are taken to end with NUL. */
	char  *text = mem_alloc(in.len + 1);
	char  *said = NULL;
	size_t len = 0;
	int    rc;

	if (in.len > 0)
		memcpy(text, in.ptr, in.len);
	rc = gsasl_step(sasl->session, text, in.len, &said, &len);
	explicit_bzero(text, in.len);
	mem_free(text);
	if ((rc != GSASL_OK && rc != GSASL_NEEDS_MORE) || said == NULL)
		return rc;
	if (!buf_add(out, (struct span){ said, len }))
		rc = GSASL_MALLOC_ERROR;
	explicit_bzero(said, len);
	gsasl_free(said);
	return rc;
}

bool
gsasl_set(struct sasl *sasl, Gsasl_property property, struct span value,
    struct fault *fault)
{
	int rc = value.len == 0 ? GSASL_OK : gsasl_property_set_raw(
	    sasl->session, property, value.ptr, value.len);

	return rc == GSASL_OK || (gsasl_failed(sasl, rc, fault), false);
}

bool
gsasl_bind(struct sasl *sasl, struct span binding, struct span bound,
    struct fault *fault)
{
	char  *text = NULL;
	size_t len = 0;
	int    rc;
	bool   fine;

	if (bound.len == 0)
		return true;
	rc = gsasl_base64_to(bound.ptr, bound.len, &text, &len);
	if (rc != GSASL_OK)
		return gsasl_failed(sasl, rc, fault), false;
	fine = gsasl_set(sasl, span_is(binding, "tls-unique") ?
	    GSASL_CB_TLS_UNIQUE : GSASL_CB_TLS_EXPORTER,
	    (struct span){ text, len }, fault);
	gsasl_free(text);
	return fine;
}

enum sasl_step
gsasl_failed(const struct sasl *sasl, int rc, struct fault *fault)
{
	switch (rc) {
	case GSASL_MALLOC_ERROR:
		return sasl_failed(fault_set(fault, FAULT_SASL,
		    "a response of %s would be too long",
		    sasl->mechanism->name));
	case GSASL_UNKNOWN_MECHANISM:
	case GSASL_NO_CLIENT_CODE:
	case GSASL_NO_SERVER_CODE:
		return sasl_failed(fault_set(fault, FAULT_SASL,
		    "this machine's GNU SASL was built without %s",
		    sasl->mechanism->name));
	}
	return sasl_failed(fault_set(fault, FAULT_SASL, "%s: %.150s",
	    sasl->mechanism->name, gsasl_strerror(rc)));
}

void
gsasl_end(Gsasl_session *session)
{
	static const Gsasl_property secrets[] = {
		GSASL_PASSWORD, GSASL_SCRAM_SALTED_PASSWORD,
		GSASL_SCRAM_SERVERKEY, GSASL_SCRAM_STOREDKEY,
		GSASL_ANONYMOUS_TOKEN, GSASL_AUTHID
	};

	if (session == NULL)
		return;
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		const char *value = gsasl_property_fast(session, secrets[i]);

		/* Const to callers, but malloc's. */
		if (value != NULL)
			explicit_bzero((void *)(uintptr_t)value,
			    strlen(value));
	}
	gsasl_finish(session);
}
