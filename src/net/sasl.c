/*
 * WANT_SASL: what an engine (model/sasl.h) computes for a seat. An exchange
 * lives from its begin to the end of its step (want.spent), its failure, or its
 * connection's end, and is wiped then. What only the loop knows comes from here:
 * host and port, and of TLS what -PLUS binds to. Slow steps are sasl_thread.c's.
 */
#include "net/sasl_own.h"
#include "net/tls.h"

void
sasl_free(struct exchange *exchange)
{
	exchange->engine->end(exchange->sasl);
	buf_wipe(&exchange->in);
	buf_wipe(&exchange->out);
	mem_free(exchange);
}

void
sasl_compute(struct exchange *exchange)
{
	struct span in = buf_span(&exchange->in);

	if (exchange->begins)
		in = (struct span){ NULL, 0 };
	else if (in.ptr == NULL)
		in = (struct span){ "", 0 };
	exchange->fault.text[0] = '\0';
	exchange->step = (uint8_t)exchange->engine->step(exchange->sasl, in,
	    &exchange->out, &exchange->fault);
}

/* ---- an exchange ------------------------------------------------------------ */

void
sasl_forget(struct seat *seat)
{
	struct exchange *exchange = seat->sasl;

	seat->sasl = NULL;
	if (exchange == NULL)
		return;
	exchange->seat = NULL;
	if (!exchange->busy)
		sasl_free(exchange);
}

void
sasl_forget_conn(const struct conn *conn)
{
	if (conn->seat->sasl != NULL &&
	    conn->seat->sasl->conn == conn->number)
		sasl_forget(conn->seat);
}

void
sasl_drop(struct seat *seat)
{
	if (seat->sasl != NULL && seat->sasl->busy)
		sasl_forget(seat);
}

void
loop_sasl(struct loop *loop, const struct sasl_engine *engine)
{
	loop->sasl = engine;
}

static bool
bind_tls(struct conn *conn, struct exchange *exchange, struct sasl_ask *ask,
    struct fault *fault)
{
	if (conn->tls == NULL)
		return fault_set(fault, FAULT_SCENARIO, "%s binds to the TLS "
		    "connection, and this one is in the clear",
		    ask->mechanism->name);
	ask->bound.len = tls_binding(conn->tls, &ask->binding,
	    exchange->bound, sizeof exchange->bound);
	ask->bound.ptr = exchange->bound;
	return ask->bound.len > 0 || fault_set(fault, FAULT_TLS, "%s gives "
	    "nothing that %s could bind to", conn->tls->facts.version,
	    ask->mechanism->name);
}

static bool
exchange_begin(struct seat *seat, struct conn *conn,
    const struct sasl_ask *asked)
{
	struct exchange *exchange = mem_alloc(sizeof *exchange);
	struct fault    *fault = &seat->loop->fault;
	struct sasl_ask  ask = *asked;

	exchange->engine = seat->loop->sasl;
	exchange->in = buf_new(LIMIT_REPLY);
	exchange->out = buf_new(LIMIT_REPLY);
	exchange->conn = conn->number;
	exchange->begins = true;
	ask.host = address_split(conn->facts.peer, &ask.port);
	if (conn->host != NULL)
		ask.host = span_of(conn->host);
	else if (ask.host.len == 0)     /* a unix socket */
		ask.host = SPAN("localhost");
	if ((ask.mechanism->traits & SASL_BINDING) == 0 ||
	    bind_tls(conn, exchange, &ask, fault))
		exchange->sasl = exchange->engine->client(&ask, fault);
	if (exchange->sasl == NULL) {
		mem_free(exchange);
		return false;
	}
	exchange->seat = seat;
	seat->sasl = exchange;
	return true;
}

static bool
none(struct seat *seat, const char *why)
{
	seat->sasl_failed = true;
	return fault_set(&seat->loop->fault, FAULT_INTERNAL, "%s", why);
}

void
sasl_start(struct seat *seat, const struct want *want)
{
	struct conn     *conn = seat->conns[want->conn];
	struct exchange *exchange;

	seat->sasl_failed = false;
	if (want->sasl != NULL)
		sasl_forget(seat);
	if (conn == NULL || seat->loop->sasl == NULL) {
		(void)none(seat, conn == NULL ? "there is no connection for "
		    "SASL" : "nobody computes SASL here");
		return;
	}
	if (want->sasl != NULL && !exchange_begin(seat, conn, want->sasl)) {
		seat->sasl_failed = true;
		return;
	}
	exchange = seat->sasl;
	if (exchange == NULL || exchange->busy) {
		(void)none(seat, "no SASL exchange is under way");
		return;
	}
	seat->sasl_proves = want->sasl == NULL && want->bytes.ptr == NULL;
	if (seat->sasl_proves)
		return;
	exchange->begins = want->sasl != NULL;
	buf_clear(&exchange->in);
	buf_clear(&exchange->out);
	(void)buf_add(&exchange->in, want->bytes);
	if (!exchange->engine->slow(exchange->sasl, exchange->begins ?
	    (struct span){ NULL, 0 } : buf_span(&exchange->in)))
		sasl_compute(exchange);
	else if (!sasl_thread(exchange))
		(void)none(seat, "no thread is left for what SASL computes");
}

static bool
result_failed(struct seat *seat, struct input *in)
{
	*in = (struct input){ .kind = INPUT_FAILED, .conn = seat->conn,
		.fault = &seat->loop->fault };
	sasl_forget(seat);
	return true;
}

bool
sasl_result(struct seat *seat, struct input *in)
{
	struct exchange *exchange = seat->sasl;

	if (seat->sasl_failed || exchange == NULL)
		return result_failed(seat, in);
	if (exchange->busy)
		return false;
	*in = (struct input){ .kind = INPUT_DONE, .conn = seat->conn };
	if (seat->sasl_proves) {
		if (!exchange->engine->proven(exchange->sasl,
		    &seat->loop->fault))
			return result_failed(seat, in);
		sasl_forget(seat);
		return true;
	}
	if (exchange->step == SASL_STEP_FAILED) {
		seat->loop->fault = exchange->fault;
		return result_failed(seat, in);
	}
	if (exchange->step == SASL_STEP_SILENT && !exchange->begins) {
		/* A challenge has to be answered. */
		(void)fault_set(&seat->loop->fault, FAULT_SASL,
		    "the server asks for more, and there is nothing to say");
		return result_failed(seat, in);
	}
	if (exchange->fault.text[0] != '\0')
		in->fault = &exchange->fault;
	if (exchange->step != SASL_STEP_SILENT) {
		in->bytes = buf_span(&exchange->out);
		if (in->bytes.ptr == NULL)
			in->bytes = (struct span){ "", 0 };
	}
	return true;
}
