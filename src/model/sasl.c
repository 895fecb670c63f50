/* The mechanisms that scenarios may name, from plain to bound. */
#include "model/sasl.h"

enum {
	WITH_PASSWORD = SASL_USER | SASL_PASSWORD,
	SCRAM = WITH_PASSWORD | SASL_AUTHZID | SASL_FIRST
};

const struct sasl_mechanism sasl_mechanisms[] = {
	{ "PLAIN", "RFC 4616", WITH_PASSWORD | SASL_AUTHZID | SASL_FIRST |
	    SASL_SERVER },
	{ "LOGIN", "draft-murchison-sasl-login", WITH_PASSWORD |
	    SASL_MAY_FIRST | SASL_SERVER },
	{ "CRAM-MD5", "RFC 2195", WITH_PASSWORD | SASL_SERVER },
	{ "DIGEST-MD5", "RFC 2831", WITH_PASSWORD | SASL_AUTHZID },
	{ "SCRAM-SHA-1", "RFC 5802", SCRAM },
	{ "SCRAM-SHA-1-PLUS", "RFC 5802", SCRAM | SASL_BINDING },
	{ "SCRAM-SHA-256", "RFC 7677", SCRAM | SASL_SERVER },
	{ "SCRAM-SHA-256-PLUS", "RFC 7677", SCRAM | SASL_BINDING |
	    SASL_SERVER },
	{ "EXTERNAL", "RFC 4422 A", SASL_AUTHZID | SASL_FIRST },
	{ "ANONYMOUS", "RFC 4505", SASL_TOKEN | SASL_FIRST },
	{ "XOAUTH2", "developers.google.com/gmail/imap/xoauth2-protocol",
	    SASL_USER | SASL_TOKEN | SASL_FIRST },
	{ "OAUTHBEARER", "RFC 7628", SASL_MAY_USER | SASL_TOKEN |
	    SASL_FIRST },
	{ NULL, NULL, 0 }
};

const struct sasl_mechanism *
sasl_find(struct span name)
{
	const struct sasl_mechanism *row = sasl_mechanisms;

	while (row->name != NULL && !span_eq_nocase(span_of(row->name), name))
		row++;
	return row->name == NULL ? NULL : row;
}
