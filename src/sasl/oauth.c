/*
 * A bearer token: OAUTHBEARER (RFC 7628) and Google's XOAUTH2 before it. One
 * message of fields that end with 0x01; a server that refuses it says why in
 * JSON, which has to be answered before it may say 535.
 *
 *   OAUTHBEARER = "n," [ "a=" user ] "," %x01 [ "host=" .. %x01 ]
 *                 [ "port=" .. %x01 ] "auth=Bearer " token %x01 %x01
 *   XOAUTH2     = "user=" user %x01 "auth=Bearer " token %x01 %x01
 */
#include "base/mem.h"
#include "sasl/sasl_own.h"

enum { NAMES_MAX = 128, SEPARATOR = 1 };

static bool
is_bearer(const struct sasl *sasl)
{
	return strcmp(sasl->mechanism->name, "OAUTHBEARER") == 0;
}

/* saslname, RFC 5801 4: a comma would end it. */
static void
add_name(struct buf *buf, struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == ',')
			buf_add(buf, SPAN("=2C"));
		else if (name.ptr[i] == '=')
			buf_add(buf, SPAN("=3D"));
		else
			buf_add_octet(buf, name.ptr[i]);
	}
}

static void
add_field(struct buf *buf, const char *name, struct span value)
{
	buf_add_text(buf, name);
	buf_add(buf, value);
	buf_add_octet(buf, SEPARATOR);
}

static void
add_bearer(struct buf *buf, const struct sasl_ask *ask)
{
	buf_add(buf, SPAN("n,"));
	if (ask->user.len > 0)
		buf_add(buf, SPAN("a="));
	add_name(buf, ask->user);
	add_field(buf, ",", SPAN(""));
	if (ask->host.len > 0)
		add_field(buf, "host=", ask->host);
	if (ask->port > 0)
		buf_addf(buf, "port=%u%c", (unsigned)ask->port, SEPARATOR);
}

bool
oauth_begin(struct sasl *sasl, const struct sasl_ask *ask,
    struct fault *fault)
{
	const struct span values[] = { ask->user, ask->token, ask->host };
	struct buf       *buf = &sasl->response;
	size_t            max = NAMES_MAX;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		if (span_chr(values[i], SEPARATOR) != SIZE_MAX)
			return fault_set(fault, FAULT_SCENARIO, "a value of %s "
			    "has an octet 0x01, which ends a field",
			    sasl->mechanism->name);
		max += 3 * values[i].len;
	}
	/* All at once: nothing of a secret stays behind in an older place. */
	*buf = buf_new(max);
	(void)buf_room(buf, max);
	if (is_bearer(sasl))
		add_bearer(buf, ask);
	else
		add_field(buf, "user=", ask->user);
	add_field(buf, "auth=Bearer ", ask->token);
	buf_add_octet(buf, SEPARATOR);
	return true;
}

/* The word behind "status" of the server's JSON, whole or not at all: it may
 * be anything, and half of it half of a secret. Only people read it. */
static struct span
status_read(struct span in)
{
	size_t at = span_find(in, SPAN("\"status\""));
	size_t len = 0;

	if (at == SIZE_MAX)
		return SPAN("");
	in = span_from(in, at + sizeof "\"status\"" - 1);
	while (in.len > 0 && memchr(" \t\r\n:", in.ptr[0], 5) != NULL)
		in = span_from(in, 1);
	if (in.len == 0 || in.ptr[0] != '"')
		return SPAN("");
	in = span_from(in, 1);
	while (len < in.len && ((in.ptr[len] >= 'a' && in.ptr[len] <= 'z') ||
	    (in.ptr[len] >= '0' && in.ptr[len] <= '9') ||
	    in.ptr[len] == '_'))
		len++;
	return len < in.len && in.ptr[len] == '"' && len <= SASL_STATUS_MAX ?
	    span_sub(in, 0, len) : SPAN("");
}

static enum sasl_step
hear_error(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	struct span text = span_trim(in), status = status_read(in);

	if (text.len == 0 || text.ptr[0] != '{')
		return sasl_failed(fault_set(fault, FAULT_SASL, "the server's "
		    "challenge behind the token is no JSON (RFC 7628 3.2.2)"));
	(void)fault_set(fault, FAULT_SASL, "the server refuses the token%s%.*s",
	    status.len > 0 ? ": " : "", SPAN_ARG(status));
	sasl->refused = true;
	if (is_bearer(sasl))
		buf_add_octet(out, SEPARATOR);
	return SASL_STEP_SEND;
}

enum sasl_step
oauth_step(struct sasl *sasl, struct span in, struct buf *out,
    struct fault *fault)
{
	enum sasl_step step;

	if (sasl->over)
		return sasl->refused ? sasl_asks_on(sasl, fault) :
		    hear_error(sasl, in, out, fault);
	if (!sasl_begins(sasl, in, &step, fault))
		return step;
	if (!buf_add(out, buf_span(&sasl->response)))
		return gsasl_failed(sasl, GSASL_MALLOC_ERROR, fault);
	sasl->over = sasl->proven = true;
	return SASL_STEP_SEND;
}
