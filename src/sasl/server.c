/*
 * The server's side, for the embedded server: PLAIN, LOGIN, CRAM-MD5 and
 * SCRAM-SHA-256 of libgsasl, which asks for the password of whom the client
 * names. Nobody acts for another: an authzid that is not the user fails.
 */
#include "sasl/sasl_own.h"

#include "base/limits.h"
#include "base/mem.h"
#include "model/filter.h"

#include <sys/random.h>

enum { SALT_LEN = 12, ITERATIONS = 4096 };      /* RFC 7677 4 */
#define ITERATIONS_TEXT "4096"

/* Of this process: so that what was computed for one client does for all. */
static const char *
server_salt(void)
{
	static char *text;
	char         octets[SALT_LEN];
	size_t       len;

	if (text == NULL && getrandom(octets, sizeof octets, 0) ==
	    sizeof octets && gsasl_base64_to(octets, sizeof octets, &text,
	    &len) != GSASL_OK)
		text = NULL;
	return text;
}

static bool
key_set(Gsasl_session *session, Gsasl_property property, const char *key,
    size_t len)
{
	char  *text = NULL;
	size_t size = 0;
	int    rc = gsasl_base64_to(key, len, &text, &size);

	if (rc != GSASL_OK)
		return false;
	rc = gsasl_property_set_raw(session, property, text, size);
	explicit_bzero(text, size);
	gsasl_free(text);
	return rc == GSASL_OK;
}

/* Both keys of SCRAM; libgsasl would compute them anew for each client. */
static int
give_keys(const struct sasl *sasl, Gsasl_session *session,
    struct span password)
{
	const char    *text = gsasl_property_fast(session, GSASL_SCRAM_SALT);
	struct buf     salt = buf_new(LIMIT_SASL);
	struct keys    keys;
	struct keys_of of = { .hash = scram_hash(sasl->mechanism),
	    .iterations = ITERATIONS, .password = password };
	int            rc = GSASL_NO_CALLBACK;

	if (text != NULL && base64_decode(span_of(text), &salt)) {
		of.salt = buf_span(&salt);
		rc = keys_make(&of, &keys);
		if (rc == GSASL_OK && (!key_set(session, GSASL_SCRAM_SERVERKEY,
		    keys.server, keys.len) || !key_set(session,
		    GSASL_SCRAM_STOREDKEY, keys.stored, keys.len)))
			rc = GSASL_MALLOC_ERROR;
		explicit_bzero(&keys, sizeof keys);
	}
	buf_free(&salt);
	return rc;
}

int
server_callback(Gsasl *context, Gsasl_session *session,
    Gsasl_property property)
{
	const struct sasl *sasl = gsasl_session_hook_get(session);
	struct span        user, password;

	(void)context;
	if (sasl == NULL || (property != GSASL_PASSWORD &&
	    property != GSASL_SCRAM_SERVERKEY))
		return GSASL_NO_CALLBACK;
	user = server_user(sasl);
	password = sasl->host->password(sasl->host->who, user);
	if (password.len == 0)
		return GSASL_NO_PASSWORD;
	if (property == GSASL_SCRAM_SERVERKEY)
		return give_keys(sasl, session, password);
	return gsasl_property_set_raw(session, GSASL_PASSWORD, password.ptr,
	    password.len);
}

struct span
server_user(const struct sasl *sasl)
{
	const char *user = gsasl_property_fast(sasl->session, GSASL_AUTHID);

	return user == NULL ? SPAN("") : span_of(user);
}

static bool
is_login(const struct sasl *sasl)
{
	return (sasl->mechanism->traits & SASL_MAY_FIRST) != 0;
}

static enum sasl_step
server_failed(const struct sasl *sasl, int rc, struct fault *fault)
{
	switch (rc) {
	case GSASL_AUTHENTICATION_ERROR:
	case GSASL_NO_PASSWORD:
	case GSASL_SASLPREP_ERROR:
		return sasl_failed(fault_set(fault, FAULT_SASL,
		    "wrong credentials"));
	case GSASL_NEEDS_MORE:
	case GSASL_MECHANISM_PARSE_ERROR:
	case GSASL_BASE64_ERROR:
	case GSASL_NO_CB_TLS_EXPORTER:
	case GSASL_NO_CB_TLS_UNIQUE:
		return sasl_failed(fault_set(fault, FAULT_SCENARIO,
		    "not a response of %s", sasl->mechanism->name));
	}
	(void)gsasl_failed(sasl, rc, fault);
	fault->class = FAULT_INTERNAL;
	return SASL_STEP_FAILED;
}

static bool
acts_for_himself(const struct sasl *sasl)
{
	const char *other = gsasl_property_fast(sasl->session, GSASL_AUTHZID);

	return other == NULL || other[0] == '\0' ||
	    span_is(server_user(sasl), other);
}

/* What the server says before anything came. libgsasl's LOGIN asks for a
 * "User Name"; clients know the words of the servers around them. */
static enum sasl_step
ask_first(struct sasl *sasl, struct buf *out, struct fault *fault)
{
	size_t from = out->len;
	int    rc;

	if ((sasl->mechanism->traits & SASL_FIRST) != 0)
		return SASL_STEP_SILENT;
	sasl->round = 1;
	rc = gsasl_run(sasl, SPAN(""), out);
	if (rc != GSASL_NEEDS_MORE)
		return server_failed(sasl, rc, fault);
	if (is_login(sasl)) {
		out->len = from;
		buf_add(out, SPAN("Username:"));
	}
	return SASL_STEP_SEND;
}

/* Before libgsasl sees it: an empty response would be no error to it, and
 * behind a NUL it would see nothing. */
static bool
may_be_response(const struct sasl *sasl, struct span in, struct fault *fault)
{
	bool plain = strcmp(sasl->mechanism->name, "PLAIN") == 0;

	if (in.len == 0 && is_login(sasl))
		return server_failed(sasl, GSASL_NO_PASSWORD, fault), false;
	if (in.len > 0 && (plain || span_chr(in, '\0') == SIZE_MAX))
		return true;
	return server_failed(sasl, GSASL_NEEDS_MORE, fault), false;
}

static enum sasl_step
server_step(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	struct buf     room = buf_new(out->max);
	size_t         from = out->len;
	enum sasl_step step;
	int            rc;

	if (sasl->over)
		return server_failed(sasl, GSASL_NEEDS_MORE, fault);
	if (in.ptr == NULL)
		return ask_first(sasl, out, fault);
	/* An initial response to LOGIN's question for the user. */
	step = sasl->round == 0 ? ask_first(sasl, &room, fault) :
	    SASL_STEP_SEND;
	buf_free(&room);
	if (step == SASL_STEP_FAILED || !may_be_response(sasl, in, fault))
		return SASL_STEP_FAILED;
	rc = gsasl_run(sasl, in, out);
	if (rc == GSASL_NEEDS_MORE && out->len > from) {
		if (is_login(sasl)) {
			out->len = from;
			buf_add(out, SPAN("Password:"));
		}
		return SASL_STEP_SEND;
	}
	if (rc == GSASL_OK && !acts_for_himself(sasl))
		rc = GSASL_AUTHENTICATION_ERROR;
	if (rc != GSASL_OK)
		return server_failed(sasl, rc, fault);
	sasl->over = true;
	return SASL_STEP_OVER;
}

struct sasl *
server_new(const struct sasl_host *host, struct fault *fault)
{
	Gsasl       *context = gsasl_load(fault);
	struct sasl *sasl;
	int          rc;

	if (context == NULL)
		return NULL;
	sasl = mem_alloc(sizeof *sasl);
	sasl->mechanism = host->mechanism;
	sasl->host = host;
	sasl->step = server_step;
	rc = gsasl_server_start(context, host->mechanism->name,
	    &sasl->session);
	if (rc != GSASL_OK) {
		sasl->session = NULL;
		(void)gsasl_failed(sasl, rc, fault);
	} else {
		gsasl_session_hook_set(sasl->session, sasl);
		(void)gsasl_set(sasl, GSASL_SCRAM_SALT,
		    span_of(server_salt()), fault);
		(void)gsasl_set(sasl, GSASL_SCRAM_ITER,
		    SPAN(ITERATIONS_TEXT), fault);
		if (gsasl_bind(sasl, host->binding, host->bound, fault))
			return sasl;
	}
	sasl_gsasl.end(sasl);
	return NULL;
}
