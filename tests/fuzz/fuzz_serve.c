/*
 * The embedded server against any octets. The first one says how the rest is
 * cut. Whatever comes: the replies are the same for every way to cut it, each
 * is a line with a code, and the server ends without a leak. With a small
 * output (an odd first octet) it may only drop the client.
 */
#include "base/limits.h"
#include "sasl/sasl.h"
#include "serve/serve.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good)
{
	if (!good)
		abort();
}

const char *__lsan_default_suppressions(void);

/* It loses some octets where a client's message is wrong. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libgsasl\n";
}

/* No nonces: two talks are compared. */
static struct sasl *
no_nonces(const struct sasl_host *host, struct fault *fault)
{
	bool plain = (host->mechanism->traits & (SASL_FIRST | SASL_AUTHZID |
	    SASL_MAY_FIRST)) != 0 && strncmp(host->mechanism->name, "SCRAM",
	    5) != 0;

	return plain ? sasl_gsasl.server(host, fault) : NULL;
}

static enum service_next
talk(struct span in, bool lmtp, size_t piece, struct buf *out)
{
	struct sasl_engine engine = sasl_gsasl;
	const struct serve_options options = { .size_max = 200,
		.lmtp = lmtp, .sasl = &engine };
	struct fault      fault;
	struct service   *service = serve_new(&options, &fault);
	void             *client;
	enum service_next next = SERVICE_GO_ON;

	must(service != NULL);
	engine.server = no_nonces;
	client = service->open(service, "127.0.0.1:1", out);
	for (size_t at = 0; at < in.len && next == SERVICE_GO_ON; at += piece)
		next = service->bytes(service, client, span_sub(in, at, piece),
		    out);
	if (next == SERVICE_GO_ON && in.len % 2 == 1)
		next = service->idle(service, client, out);
	service->close(service, client);
	serve_free(service);
	return next;
}

static void
check_lines(struct span out)
{
	while (out.len > 0) {
		size_t   lf = span_chr(out, '\n');
		uint64_t code;

		must(lf != SIZE_MAX && lf >= 5 && out.ptr[lf - 1] == '\r');
		must(span_u64(span_sub(out, 0, 3), &code) && code >= 200 &&
		    code <= 599);
		must(out.ptr[3] == ' ' || out.ptr[3] == '-');
		for (size_t i = 4; i + 1 < lf; i++)
			must(out.ptr[i] >= ' ' && out.ptr[i] <= '~');
		out = span_from(out, lf + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = { (const char *)data + 1, size - 1 };
	struct buf  whole = buf_new(16 * MIB), cut = buf_new(16 * MIB);
	struct buf  small = buf_new(300);
	bool        lmtp = size > 0 && data[0] >= 0x80;

	if (size < 2)
		return 0;
	must(talk(in, lmtp, in.len, &whole) == talk(in, lmtp, 1 + data[0] / 2, &cut));
	must(span_eq(buf_span(&whole), buf_span(&cut)));
	check_lines(buf_span(&whole));
	if (data[0] % 2 == 1)
		(void)talk(in, lmtp, 1 + data[0] / 2, &small);
	buf_free(&whole);
	buf_free(&cut);
	buf_free(&small);
	return 0;
}
