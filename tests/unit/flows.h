/*
 * Runs a table of flows: each whole and octet by octet with the same log, with
 * the short way of plain steps and without, and cancelled at every single
 * input.
 */
#ifndef QUOTH_TESTS_FLOWS_H
#define QUOTH_TESTS_FLOWS_H

#include "check.h"
#include "play.h"

/* strndup() would look for the end that a buffer does not have. */
static char *
flow_text(const struct buf *text)
{
	char *copy = calloc(1, text->len + 1);

	if (text->len > 0)
		memcpy(copy, text->ptr, text->len);
	return copy;
}

static bool
buf_same(const struct buf *a, const struct buf *b)
{
	return span_eq(buf_span(a), buf_span(b));
}

static bool
flow_fits(const struct flow *flow, const struct play *play, const char *how)
{
	char *log = flow_text(&play->log);
	char *said = flow_text(&play->said);
	bool  fits = strcmp(log, flow->log) == 0 && (flow->say == NULL ||
	    strstr(said, flow->say) != NULL);

	if (!fits)
		(void)fprintf(stderr, "%s (%s)\n  want %s\n  got  %s\n"
		    "  said %s\n", flow->name, how, flow->log, log, said);
	free(log);
	free(said);
	return fits;
}

static uint32_t
flow_run(const struct flow *flow, bool octets, bool lazy, uint32_t *inputs)
{
	struct play play = { .octets = octets, .lazy = lazy };
	struct play other = { .octets = octets, .lazy = lazy,
	    .long_way = true };
	bool        fits;

	play_run(&other, flow);
	fits = flow_fits(flow, &other, "the long way");
	play_run(&play, flow);
	fits = flow_fits(flow, &play, octets ? "by octets" : lazy ? "lazily" :
	    "whole") && fits && buf_same(&play.said, &other.said);
	play_free(&other);
	*inputs = play.inputs;
	play_free(&play);
	return fits ? 0 : 1;
}

static void
flow_cancel(const struct flow *flow, bool lazy, uint32_t inputs)
{
	for (uint32_t i = 1; i <= inputs; i++) {
		struct play play = { .cancel_at = i, .lazy = lazy };

		play_run(&play, flow);
		assert_int_equal(play.result, RESULT_ERROR);
		assert_int_equal(play.cause, CAUSE_CANCEL);
		play_free(&play);
	}
}

static void
flows_run(const struct flow *flows, size_t count)
{
	uint32_t wrong = 0, inputs;

	for (size_t i = 0; i < count; i++) {
		if (!flows[i].split)
			wrong += flow_run(&flows[i], true, true, &inputs);
		for (int lazy = 0; lazy < 2; lazy++) {
			wrong += flow_run(&flows[i], false, lazy, &inputs);
			flow_cancel(&flows[i], lazy, inputs);
		}
	}
	assert_int_equal(wrong, 0);
}
#define FLOWS_RUN(flows) flows_run(flows, sizeof flows / sizeof *flows)

#endif
