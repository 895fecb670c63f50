/* Waiting for a started server: an actor that dials until somebody answers. */
#include "net/child_own.h"

enum { RETRY_US = 50000, SILENCE_US = 500000, DIAL_MS = 1000 };

struct prober {
	struct actor    actor;
	struct loop    *loop;
	struct endpoint to;
	uint64_t        due_us;
	bool            ready, late, gone;
	struct fault    fault;          /* the last one */
};

static struct want
probe_again(struct prober *prober, uint64_t now_us)
{
	if (now_us + RETRY_US < prober->due_us)
		return (struct want){ .kind = WANT_TIMER,
			.due_us = now_us + RETRY_US };
	prober->late = true;
	return (struct want){ .kind = WANT_OVER };
}

static struct want
probe_dial(struct prober *prober, uint64_t now_us)
{
	uint64_t left_ms = now_us < prober->due_us
	    ? (prober->due_us - now_us) / 1000 + 1 : 1;

	prober->to.connect_ms = left_ms < DIAL_MS ? (uint32_t)left_ms : DIAL_MS;
	return (struct want){ .kind = WANT_CONNECT, .to = &prober->to };
}

static struct want
probe_ready(struct prober *prober)
{
	prober->ready = true;
	return (struct want){ .kind = WANT_OVER };
}

static struct want
probe_input(struct actor *actor, const struct input *in)
{
	struct prober *prober = (struct prober *)actor;

	switch ((enum input_kind)in->kind) {
	case INPUT_START:
		prober->due_us += in->at_us;
		return probe_dial(prober, in->at_us);
	case INPUT_DONE:
		if (in->facts == NULL)
			return probe_dial(prober, in->at_us);
		if (prober->to.tls)
			return probe_ready(prober);
		return (struct want){ .kind = WANT_REPLY,
			.due_us = in->at_us + SILENCE_US };
	case INPUT_BYTES:
	case INPUT_TIMEOUT:
		return probe_ready(prober);
	case INPUT_FAILED:
		prober->fault = *in->fault;
		return probe_again(prober, in->at_us);
	case INPUT_CLOSED:
		(void)fault_set(&prober->fault, FAULT_CONNECT,
		    "%s closed the connection at once", prober->to.host);
		return probe_again(prober, in->at_us);
	case INPUT_CANCEL:
		return (struct want){ .kind = WANT_OVER };
	case INPUT_STEP:
		break;
	}
	return (struct want){ .kind = WANT_NOTHING };
}

static void
probe_gone(struct actor *actor)
{
	struct prober *prober = (struct prober *)actor;

	prober->gone = true;
	loop_stop(prober->loop);
}

static bool
not_ready(const struct child *child, const struct prober *prober,
    uint32_t within_ms, struct fault *fault)
{
	char status[64];

	if (child_ended(child, status, sizeof status))
		return fault_set(fault, FAULT_CONNECT, "the started server "
		    "ended with %s before it answered", status);
	if (prober->late)
		return fault_set(fault, FAULT_CONNECT, "the started server did "
		    "not answer within %g s: %.150s", within_ms / 1000.0,
		    prober->fault.text);
	return fault_set(fault, FAULT_CONNECT,
	    "interrupted while the started server was awaited");
}

bool
child_ready(struct child *child, const struct endpoint *to,
    uint32_t within_ms, struct fault *fault)
{
	struct stage *stage = loop_stage(child->loop);
	struct prober prober = { .actor = { .input = probe_input,
		.gone = probe_gone }, .loop = child->loop, .to = *to,
		.due_us = (uint64_t)within_ms * 1000 };

	if (!child->ended) {
		child->prober = &prober.actor;
		stage->host(stage, &prober.actor);
		loop_run(child->loop);
		if (!prober.gone) {     /* somebody stopped the loop */
			stage->cancel(stage, &prober.actor);
			while (!prober.gone)
				loop_run(child->loop);
		}
		child->prober = NULL;
	}
	return (prober.ready && !child->ended) ||
	    not_ready(child, &prober, within_ms, fault);
}
