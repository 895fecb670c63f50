/*
 * Any options and any octets: lines up to an empty one are faults, what follows
 * is what a client says, its first octet how it is cut. Whatever is refused is
 * refused with a sentence; what is not gives a server whose paces name only
 * octets that are there, and which ends without a leak.
 */
#include "base/limits.h"
#include "serve/serve.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SPECS = 4, SPEC = 700 };

static void
must(bool good)
{
	if (!good)
		abort();
}

/* False: the client is gone. */
static bool
paced(const struct service_pace *pace, size_t in, struct buf *out)
{
	must(pace->then != SERVICE_PACE);
	must(pace->held <= out->len && pace->unread <= in);
	must(pace->wait_ms <= LIMIT_SERVE_FAULT_MS * SPECS);
	must(pace->piece == 0 || pace->pause_ms > 0);
	buf_clear(out);
	return pace->then == SERVICE_GO_ON;
}

static void
talk(struct service *service, struct span in, size_t piece)
{
	struct buf        out = buf_new(MIB);
	void             *client = service->open(service, "127.0.0.1:1", &out);
	enum service_next next = SERVICE_GO_ON;
	bool              on;

	if (service->opened != NULL)
		next = service->opened(service, client, &out);
	on = next == SERVICE_GO_ON || (next == SERVICE_PACE &&
	    paced(&service->pace, 0, &out));
	while (on && in.len > 0) {
		struct span part = span_sub(in, 0, piece);

		next = service->bytes(service, client, part, &out);
		in = span_from(in, part.len -
		    (next == SERVICE_PACE ? service->pace.unread : 0));
		on = next == SERVICE_GO_ON || (next == SERVICE_PACE &&
		    paced(&service->pace, part.len, &out));
	}
	if (service->shaken != NULL && service->shaken(service, client,
	    &out) == SERVICE_PACE)
		(void)paced(&service->pace, 0, &out);
	service->close(service, client);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char                 texts[SPECS][SPEC];
	const char          *specs[SPECS];
	struct serve_options options = { .tls = true, .faults = specs };
	struct span          rest = { (const char *)data, size }, line;
	struct fault         fault = { .text = "" };
	struct service      *service;

	while (span_word(&rest, "\n", &line) && line.len > 0 &&
	    line.len < SPEC && options.fault_count < SPECS) {
		char *text = texts[options.fault_count];

		memcpy(text, line.ptr, line.len);
		text[line.len] = '\0';
		specs[options.fault_count++] = text;
	}
	service = serve_new(&options, &fault);
	if (service == NULL) {
		must(fault.text[0] != '\0' && fault.class == FAULT_USAGE);
		return 0;
	}
	if (rest.len > 1)
		talk(service, span_from(rest, 1),
		    1 + (unsigned char)rest.ptr[0]);
	serve_free(service);
	return 0;
}
