/*
 * A client for the tests of the embedded server: feeds octets in pieces and
 * gathers what comes back. One server at a time.
 */
#ifndef QUOTH_TESTS_SERVE_TALK_H
#define QUOTH_TESTS_SERVE_TALK_H

#include "serve/serve.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

struct serve_talk {
	struct service   *service;
	void             *client;
	struct buf        out;
	enum service_next next;
};

static inline void
serve_talk_begin(struct serve_talk *talk, const struct serve_options *options)
{
	struct fault fault;

	*talk = (struct serve_talk){ .out = buf_new(16 * 1024 * 1024) };
	talk->service = serve_new(options, &fault);
	if (talk->service == NULL)
		fail_msg("%s", fault.text);
	talk->client = talk->service->open(talk->service, "127.0.0.1:4711",
	    &talk->out);
	assert_non_null(talk->client);
}

static inline void
serve_talk_end(struct serve_talk *talk)
{
	talk->service->close(talk->service, talk->client);
	serve_free(talk->service);
	buf_free(&talk->out);
}

/* What the server answers to `in`, cut into pieces of `size` octets, each in
 * memory of its own so that a read beyond it is seen. */
static inline struct span
serve_talk_say(struct serve_talk *talk, struct span in, size_t size)
{
	struct buf piece = buf_new(in.len);

	buf_clear(&talk->out);
	talk->next = SERVICE_GO_ON;
	for (size_t at = 0; at < in.len && talk->next == SERVICE_GO_ON;
	    at += size) {
		buf_free(&piece);
		buf_add(&piece, span_sub(in, at, size));
		talk->next = talk->service->bytes(talk->service, talk->client,
		    buf_span(&piece), &talk->out);
	}
	buf_free(&piece);
	return buf_span(&talk->out);
}

static inline struct span
serve_talk_send(struct serve_talk *talk, const char *text)
{
	return serve_talk_say(talk, span_of(text), SIZE_MAX / 2);
}

#endif
