/*
 * SASL exchanges with a hostile other side. The first octet is the mechanism,
 * the second the side: the rest are the lines that we hear, one a step; "%n"
 * in one is our nonce. An exchange comes to an end, and no fault has a secret.
 */
#include "base/mem.h"
#include "sasl/sasl.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* It loses some octets where a client's message is wrong. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libgsasl\n";
}

static const struct sasl_engine *const engine = &sasl_gsasl;

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static struct span
password_of(void *who, struct span user)
{
	(void)who;
	return span_is(user, "alice") ? SPAN("secret-a") : SPAN("");
}

static struct sasl *
begin(const struct sasl_mechanism *mechanism, int side,
    struct sasl_host *host)
{
	struct sasl_ask ask = {
		.mechanism = mechanism, .first = (side & 2) != 0,
		.user = SPAN("alice"), .password = SPAN("secret-a"),
		.token = SPAN("secret-a"), .service = SPAN("smtp"),
		.host = SPAN("mx.example.test"), .port = 25,
		.binding = SPAN("tls-exporter"), .bound = SPAN("\0\1\2\3")
	};
	struct fault fault;

	if ((side & 1) == 0 || (mechanism->traits & SASL_SERVER) == 0)
		return engine->client(&ask, &fault);
	*host = (struct sasl_host){
		.mechanism = mechanism, .name = "mx.example.test",
		.password = password_of, .binding = ask.binding,
		.bound = ask.bound
	};
	return engine->server(host, &fault);
}

/* `line` with our nonce in it, in a place of its very length. */
static struct span
fill(struct span line, struct span nonce)
{
	size_t      at = span_find(line, SPAN("%n"));
	struct span rest = span_from(line, at + 2);
	char       *out = mem_alloc(line.len + nonce.len + 1);
	size_t      len = 0;

	if (line.len > 0)
		memcpy(out, line.ptr, at == SIZE_MAX ? line.len : at);
	if (at == SIZE_MAX)
		return (struct span){ out, line.len };
	len = at;
	if (nonce.len > 0)
		memcpy(out + len, nonce.ptr, nonce.len);
	len += nonce.len;
	if (rest.len > 0)
		memcpy(out + len, rest.ptr, rest.len);
	return (struct span){ out, len + rest.len };
}

static bool
go_on(struct sasl *sasl, struct span in, struct buf *out)
{
	struct fault   fault = { 0 };
	enum sasl_step step = SASL_STEP_FAILED;

	if (!engine->slow(sasl, in))
		step = engine->step(sasl, in, out, &fault);
	else
		return false;
	must(step != SASL_STEP_FAILED || fault.text[0] != '\0');
	must(memchr(fault.text, 0, sizeof fault.text) != NULL);
	/* A word of the server's own may be shown. */
	must(strstr(fault.text, "secret") == NULL ||
	    span_find(in, SPAN("secret")) != SIZE_MAX);
	return step == SASL_STEP_SEND || step == SASL_STEP_SILENT;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span      in = { (const char *)data, size }, line;
	struct buf       out = buf_new(1 << 16), nonce = buf_new(64);
	struct sasl_host host;
	struct sasl     *sasl;
	struct fault     fault;
	size_t           count = 0, at;
	bool             on;

	while (sasl_mechanisms[count].name != NULL)
		count++;
	if (size < 2)
		return 0;
	sasl = begin(&sasl_mechanisms[data[0] % count], data[1], &host);
	must(sasl != NULL);
	in = span_from(in, 2);
	on = (data[1] & 4) != 0 || go_on(sasl, (struct span){ NULL, 0 }, &out);
	while (on && span_word(&in, "\n", &line)) {
		struct span filled;

		at = span_find(buf_span(&out), SPAN("r="));
		if (nonce.len == 0 && at != SIZE_MAX)
			(void)buf_add(&nonce, span_sub(buf_span(&out), at + 2,
			    24));
		buf_clear(&out);
		filled = fill(line, buf_span(&nonce));
		on = go_on(sasl, filled, &out);
		mem_free((void *)(uintptr_t)filled.ptr);
	}
	(void)engine->proven(sasl, &fault);
	engine->end(sasl);
	buf_free(&out);
	buf_free(&nonce);
	return 0;
}
