/*
 * Values before they go into an exchange. What hashes a password first brings
 * it into one form (SASLprep, RFC 4013), which not every text has; PLAIN and
 * LOGIN take any octets but NUL, so that a server can be tried with them.
 */
#include "base/mem.h"
#include "sasl/sasl_own.h"

#include <stdlib.h>

static bool
has_nul(const struct sasl_ask *ask, struct fault *fault)
{
	const struct { const char *name; struct span value; } rows[] = {
		{ "user", ask->user }, { "password", ask->password },
		{ "token", ask->token }, { "authzid", ask->authzid },
		{ "host", ask->host }
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_chr(rows[i].value, '\0') != SIZE_MAX)
			return !fault_set(fault, FAULT_SCENARIO, "%s of %s has "
			    "a NUL, which no mechanism can carry", rows[i].name,
			    ask->mechanism->name);
	return false;
}

static bool
is_utf8(struct span in)
{
	while (in.len > 0) {
		size_t len = span_utf8(in, NULL);

		if (len == 0)
			return false;
		in = span_from(in, len);
	}
	return true;
}

static bool
is_ascii(struct span in)
{
	for (size_t i = 0; i < in.len; i++)
		if (in.ptr[i] < ' ' || in.ptr[i] > '~')
			return false;
	return true;
}

/* libidn's numbers: enum Stringprep_rc. */
static const char *
prep_why(int rc)
{
	switch (rc) {
	case 2:
		return "it has a character that is prohibited";
	case 3:
	case 4:
	case 5:
		return "it mixes directions of writing";
	}
	return "it has no such form";
}

/* `empty`: may nothing be left of it? */
static bool
prepares(struct span value, const char *name, const char *mechanism,
    bool empty, struct fault *fault)
{
	char *text, *form = NULL;
	int   why = 0, rc;
	bool  gone;

	if (is_ascii(value))
		return value.len > 0 || empty || fault_set(fault,
		    FAULT_SCENARIO, "%s is empty, which %s does not allow",
		    name, mechanism);
	if (!is_utf8(value))
		return fault_set(fault, FAULT_SCENARIO, "%s is not UTF-8, "
		    "which %s wants", name, mechanism);
	text = mem_alloc(value.len + 1);
	memcpy(text, value.ptr, value.len);
	rc = gsasl_saslprep(text, GSASL_ALLOW_UNASSIGNED, &form, &why);
	explicit_bzero(text, value.len);
	mem_free(text);
	if (rc != GSASL_OK)
		return fault_set(fault, FAULT_SCENARIO, "%s cannot be "
		    "prepared for %s (SASLprep, RFC 4013): %s", name,
		    mechanism, prep_why(why));
	gone = form[0] == '\0';
	explicit_bzero(form, strlen(form));
	gsasl_free(form);
	return !gone || empty || fault_set(fault, FAULT_SCENARIO, "nothing is "
	    "left of %s when it is prepared for %s (SASLprep, RFC 4013)",
	    name, mechanism);
}

bool
prep_check(const struct sasl_ask *ask, struct fault *fault)
{
	const char *name = ask->mechanism->name;
	bool        scram = strncmp(name, "SCRAM-", 6) == 0;

	if (has_nul(ask, fault))
		return false;
	if (strcmp(name, "DIGEST-MD5") == 0)
		return (is_utf8(ask->user) && is_utf8(ask->password)) ||
		    fault_set(fault, FAULT_SCENARIO, "user or password is not "
		    "UTF-8, which DIGEST-MD5 wants");
	if (!scram && strcmp(name, "CRAM-MD5") != 0)
		return true;
	return prepares(ask->user, "user", name, !scram, fault) &&
	    prepares(ask->password, "password", name, true, fault);
}
