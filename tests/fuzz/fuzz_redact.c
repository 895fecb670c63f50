/*
 * The first octets are secrets, the rest is text. Nothing of a secret may
 * stay, in whatever pieces the text comes, and text without one stays whole.
 */
#include "base/limits.h"
#include "base/secret.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* `out` without the names that stand for secrets. */
static void
check(struct span secret, struct span in, struct span out)
{
	bool found = span_find(in, secret) != SIZE_MAX;

	/* A name's own octets may make a secret up: no test of those. */
	if (span_find(SPAN("<redacted s><redacted s>"), secret) == SIZE_MAX &&
	    span_find(out, SPAN("<redacted s>")) == SIZE_MAX)
		must(span_find(out, secret) == SIZE_MAX);
	if (found)
		must(span_find(out, SPAN("<redacted s>")) != SIZE_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = { (const char *)data, size }, secret;
	struct redactor *redactor = redactor_new();
	struct buf  out = buf_new(64 * size + 64), outs[3];
	struct span parts[3];
	size_t      len = size == 0 ? 0 : data[0] % 24, cut;

	in = span_from(in, 1);
	secret = span_sub(in, 0, len);
	in = span_from(in, len);
	if (!redactor_add(redactor, SPAN("s"), secret)) {
		must(secret.len < LIMIT_SECRET_MIN);
		redact(redactor, in, &out);
		must(span_eq(in, buf_span(&out)));
	} else {
		redact(redactor, in, &out);
		check(secret, in, buf_span(&out));
		cut = in.len == 0 ? 0 : (unsigned char)in.ptr[0] % in.len;
		parts[0] = span_sub(in, 0, cut);
		parts[1] = span_sub(in, cut, 3);
		parts[2] = span_from(in, cut + parts[1].len);
		for (int i = 0; i < 3; i++)
			outs[i] = buf_new(64 * size + 64);
		redact_parts(redactor, NULL, parts, outs, 3, 0);
		(void)buf_add(&outs[0], buf_span(&outs[1]));
		(void)buf_add(&outs[0], buf_span(&outs[2]));
		must(span_eq(buf_span(&out), buf_span(&outs[0])));
		for (int i = 0; i < 3; i++)
			buf_free(&outs[i]);
	}
	must(!out.full);
	redactor_free(redactor);
	buf_free(&out);
	return 0;
}
