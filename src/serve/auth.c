/*
 * AUTH by RFC 4954 4: the command, then lines of base64 until the exchange is
 * over. A last challenge of the server (SCRAM's signature) is sent like the
 * others and answered by an empty line, since 235 carries none here.
 *
 *   auth-command     = "AUTH" SP sasl-mech [ SP initial-response ]
 *   initial-response = base64 / "="
 *   continuation     = [ base64 ] / "*"
 */
#include "serve/auth.h"

#include "base/limits.h"
#include "base/mem.h"
#include "model/filter.h"

struct auth {
	struct sasl_host host;
	struct sasl     *sasl;
	bool             last;  /* all is said but the client's empty line */
};

static const struct {
	const char *user, *password;
} users[] = {
	{ "alice", "secret-a" }, { "alice@example.test", "secret-a" },
	{ "bob", "secret-b" }, { "bob@example.test", "secret-b" },
};

const char auth_too_long[] =
    "500 5.5.6 Authentication exchange line is too long";

static struct span
password_of(void *who, struct span user)
{
	(void)who;
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		if (span_is(user, users[i].user))
			return span_of(users[i].password);
	return SPAN("");
}

static bool
is_offered(const struct sasl_mechanism *mechanism, bool bound)
{
	return (mechanism->traits & SASL_SERVER) != 0 &&
	    (bound || (mechanism->traits & SASL_BINDING) == 0);
}

void
auth_list(const struct server *server, bool secured, bool bound,
    struct buf *out)
{
	const struct sasl_mechanism *row;

	if (server->sasl == NULL || (server->auth_tls && !secured))
		return;
	buf_add(out, SPAN("250-AUTH"));
	for (row = sasl_mechanisms; row->name != NULL; row++)
		if (is_offered(row, bound))
			buf_addf(out, " %s", row->name);
	buf_add(out, SPAN("\r\n"));
}

static void
auth_end(struct guest *guest)
{
	if (guest->auth == NULL)
		return;
	guest->server->sasl->end(guest->auth->sasl);
	mem_free(guest->auth);
	guest->auth = NULL;
	if (guest->phase == PHASE_AUTH)
		guest->phase = PHASE_READY;
}

void
auth_forget(struct guest *guest)
{
	auth_end(guest);
	guest->known = false;
}

static enum service_next
refuse(struct guest *guest, struct buf *out, const char *text)
{
	auth_end(guest);
	return guest_answer(guest, out, text);
}

static enum service_next
succeed(struct guest *guest, struct buf *out)
{
	auth_end(guest);
	guest->known = true;
	return guest_answer(guest, out, "235 2.7.0 Authentication successful");
}

static enum service_next
fail(struct guest *guest, const struct fault *fault, struct buf *out)
{
	if (fault->class == FAULT_SCENARIO)
		return refuse(guest, out,
		    "501 5.5.2 Not a response of this mechanism");
	if (fault->class != FAULT_SASL)
		return refuse(guest, out,
		    "454 4.7.0 Temporary authentication failure");
	if (++guest->auth_failures < LIMIT_SERVE_FAILURES)
		return refuse(guest, out,
		    "535 5.7.8 Authentication credentials invalid");
	auth_end(guest);
	guest_farewell(guest->server, out, "4.7.0",
	    "Too many failed authentications");
	return SERVICE_CLOSE;
}

static enum service_next
challenge(struct guest *guest, struct span text, struct buf *out)
{
	guest->phase = PHASE_AUTH;
	buf_add(out, SPAN("334 "));
	(void)base64_encode(text, out);
	buf_add(out, SPAN("\r\n"));
	return SERVICE_GO_ON;
}

/* `in` is decoded; its ptr is NULL where the client said nothing yet. */
static enum service_next
go_on(struct guest *guest, struct span in, struct buf *out)
{
	struct auth      *auth = guest->auth;
	struct buf        said = buf_new(LIMIT_SASL);
	struct fault      fault;
	enum service_next next = SERVICE_GO_ON;

	switch (guest->server->sasl->step(auth->sasl, in, &said, &fault)) {
	case SASL_STEP_SEND:
	case SASL_STEP_SILENT:
		next = challenge(guest, buf_span(&said), out);
		break;
	case SASL_STEP_OVER:
		auth->last = said.len > 0;
		next = auth->last ? challenge(guest, buf_span(&said), out) :
		    succeed(guest, out);
		break;
	case SASL_STEP_FAILED:
		next = fail(guest, &fault, out);
		break;
	}
	buf_free(&said);
	return next;
}

/* Each answer of an exchange is one of AUTH to faults on request. */
static const char *
spoilt(struct guest *guest)
{
	uint32_t at = 0;

	if (guest->faults == NULL)
		return NULL;
	while (strcmp(command_name(at), "AUTH") != 0)
		at++;
	return faults_begin(guest->faults, FAULTS_COMMANDS + at);
}

enum service_next
auth_line(struct guest *guest, struct span line, size_t octets,
    struct buf *out)
{
	struct buf        plain = buf_new(LIMIT_SASL);
	const char       *text = spoilt(guest);
	enum service_next next;

	if (text != NULL) {
		auth_end(guest);
		return guest_say(out, text);
	}
	if (octets > LIMIT_SASL)
		return refuse(guest, out, auth_too_long);
	if (span_is(line, "*"))
		return refuse(guest, out, "501 5.7.0 Authentication cancelled");
	if (!base64_decode(line, &plain))
		next = refuse(guest, out, "501 5.5.2 Not base64");
	else if (guest->auth->last)
		next = plain.len == 0 ? succeed(guest, out) : refuse(guest,
		    out, "501 5.5.2 Nothing more was to be said");
	else
		next = go_on(guest, plain.len == 0 ? SPAN("") :
		    buf_span(&plain), out);
	buf_wipe(&plain);
	return next;
}

static enum service_next
begin(struct guest *guest, const struct sasl_mechanism *mechanism,
    struct span in, struct buf *out)
{
	struct auth *auth = mem_alloc(sizeof *auth);
	struct fault fault;

	auth->host = (struct sasl_host){
		.mechanism = mechanism, .password = password_of,
		.binding = guest->binding, .bound = buf_span(&guest->bound)
	};
	auth->sasl = guest->server->sasl->server(&auth->host, &fault);
	guest->auth = auth;
	return auth->sasl != NULL ? go_on(guest, in, out) :
	    refuse(guest, out, "454 4.7.0 Temporary authentication failure");
}

/* NULL: AUTH may begin. */
static const char *
out_of_place(const struct guest *guest)
{
	const struct server *server = guest->server;

	if (server->sasl == NULL)
		return "502 5.5.1 Command not implemented";
	if (guest->phase == PHASE_NEW || !guest->extended)
		return server->lmtp ? "503 5.5.1 Send LHLO first" :
		    "503 5.5.1 Send EHLO first";
	if (guest->known)
		return "503 5.5.1 Authenticated already";
	if (guest->phase != PHASE_READY || guest->torn)
		return "503 5.5.1 No AUTH in a mail transaction";
	return server->auth_tls && !guest->secured ?
	    "538 5.7.11 Encryption is required first" : NULL;
}

enum service_next
auth_run(struct guest *guest, struct span arg, struct buf *out)
{
	size_t            blank = span_chr(arg, ' ');
	struct span       initial = span_trim(span_from(arg, blank));
	struct buf        plain = buf_new(LIMIT_SASL);
	const char       *refusal = out_of_place(guest);
	const struct sasl_mechanism *mechanism;
	enum service_next next;

	if (refusal != NULL)
		return guest_answer(guest, out, refusal);
	if (arg.len == 0 || span_chr(initial, ' ') != SIZE_MAX)
		return guest_answer(guest, out, "501 5.5.4 Syntax: AUTH "
		    "mechanism [initial-response]");
	mechanism = sasl_find(span_sub(arg, 0, blank));
	if (mechanism == NULL || !is_offered(mechanism, guest->bound.len > 0))
		return guest_answer(guest, out,
		    "504 5.5.4 No such authentication mechanism");
	if (initial.len == 0)
		return begin(guest, mechanism, (struct span){ NULL, 0 }, out);
	if ((mechanism->traits & (SASL_FIRST | SASL_MAY_FIRST)) == 0)
		return guest_answer(guest, out,
		    "501 5.7.0 The server speaks first in this mechanism");
	if (!span_is(initial, "=") && !base64_decode(initial, &plain))
		next = guest_answer(guest, out, "501 5.5.2 Not base64");
	else
		next = begin(guest, mechanism, plain.len == 0 ? SPAN("") :
		    buf_span(&plain), out);
	buf_wipe(&plain);
	return next;
}
