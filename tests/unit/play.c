#include "play.h"

#include "base/limits.h"
#include "base/mem.h"
#include "load/load.h"
#include "model/regex.h"
#include "model/sasl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char header[] = "quoth: 1\nname: t\n";

struct stage_of_play {
	struct bus      bus;            /* first */
	struct play    *play;
	const struct flow *flow;
	struct shard    shard;
	struct actor   *actor;
	struct want     want;           /* outstanding */
	bool            written;        /* a lazy one is done, and not told */
	uint64_t        due_us;
	uint32_t        item;           /* of the script */
	struct span     rest;           /* octets of it that have not come */
	uint8_t         rest_conn;
	struct facts    facts, secured;
	struct tls_facts tls;
	bool            open[LIMIT_CONNECTIONS];        /* may be heard */
	uint32_t        begun, ended;   /* steps */
	bool            exchanged, exchange_over;
	bool            scenario_over;
	struct loader  *loader;
};

static void
must(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "play: %s\n", what);
	abort();
}

static void
log_add(struct play *play, const char *text)
{
	(void)buf_addf(&play->log, "%s%s", play->log.len > 0 ? " / " : "",
	    text);
}

static void
log_bytes(struct play *play, struct span bytes)
{
	(void)buf_add_text(&play->log, play->log.len > 0 ? " / >" : ">");
	for (size_t i = 0; i < bytes.len && i < 60; i++)
		if (bytes.ptr[i] == '\n')
			(void)buf_add_octet(&play->log, '$');
		else if (bytes.ptr[i] != '\r')
			(void)buf_add_octet(&play->log, bytes.ptr[i]);
}

/* ---- events ----------------------------------------------------------------- */

static void
step_ended(struct stage_of_play *on, const struct event *event)
{
	const struct outcome *outcome = event->outcome;
	struct play *play = on->play;

	must(outcome != NULL && event->step != NULL, "a step without outcome");
	must(outcome->step == event->step, "outcome of another step");
	must(outcome->took_us < UINT64_MAX / 2, "a step took forever");
	(void)buf_addf(&play->log, "%s%u %s", play->log.len > 0 ? " / " : "",
	    event->step->number, result_names[outcome->result]);
	if (outcome->result != RESULT_PASS &&
	    outcome->result != RESULT_NOT_RUN) {
		(void)buf_addf(&play->log, " %s", cause_names[outcome->cause]);
		must(outcome->fault != NULL && outcome->fault->text[0] != '\0',
		    "a failure without a reason");
		(void)buf_addf(&play->said, "%s\n", outcome->fault->text);
		must(outcome->loc.line > 0, "a failure without a place");
	}
	if (outcome->reply != NULL)
		must(outcome->reply->raw.len < 100 * MIB, "a wild reply");
}

static void
scenario_ended(struct stage_of_play *on, const struct event *event)
{
	struct play *play = on->play;
	enum result  result = event->outcome->result;

	on->scenario_over = true;
	(void)buf_addf(&play->log, " / end %s", result_names[result]);
	if (result != RESULT_PASS)
		(void)buf_addf(&play->log, " %s",
		    cause_names[event->outcome->cause]);
	if (result == RESULT_SKIP)
		must(event->outcome->fault != NULL, "an end without a reason");
	if (event->outcome->fault != NULL)
		(void)buf_addf(&play->said, "%s\n",
		    event->outcome->fault->text);
}

static void
emit(struct bus *bus, const struct event *event)
{
	struct stage_of_play *on = (struct stage_of_play *)bus;

	must(!on->scenario_over, "an event after the scenario's end");
	must(event->at_us >= on->play->ended_us, "time went back");
	on->play->ended_us = event->at_us;
	switch ((enum event_kind)event->kind) {
	case EVENT_SCENARIO_BEGIN:
	case EVENT_SENT:
	case EVENT_RECEIVED:
		break;
	case EVENT_STEP_BEGIN:
		on->begun++;
		break;
	case EVENT_NOTE: case EVENT_SAID:
		log_add(on->play, "note");
		(void)buf_add(&on->play->said, event->bytes);
		(void)buf_add_octet(&on->play->said, '\n');
		break;
	case EVENT_STEP_END:
		on->ended++;
		on->exchange_over = on->exchanged;
		step_ended(on, event);
		break;
	case EVENT_SCENARIO_END:
		scenario_ended(on, event);
		break;
	}
}

/* "sasl PLAIN", "sasl mute LOGIN", "sasl <challenge", "sasl proof" */
static void
log_sasl(struct play *play, const struct want *want)
{
	struct buf text = buf_new(KIB);

	if (want->sasl != NULL)
		(void)buf_addf(&text, "sasl %s%s", want->sasl->first ? "" :
		    "mute ", want->sasl->mechanism->name);
	else if (want->bytes.ptr == NULL)
		(void)buf_add_text(&text, "sasl proof");
	else
		(void)buf_addf(&text, "sasl <%.*s", SPAN_ARG(span_sub(want->bytes, 0, 12)));
	(void)buf_add_octet(&text, '\0');
	log_add(play, text.ptr);
	buf_free(&text);
}

/* ---- wants ------------------------------------------------------------------ */

static void
want_log(struct play *play, const struct want *want)
{
	char text[40];

	switch ((enum want_kind)want->kind) {
	case WANT_CONNECT:
		log_add(play, "connect");
		break;
	case WANT_WRITE:
		log_bytes(play, want->bytes);
		break;
	case WANT_TIMER:
		(void)snprintf(text, sizeof text, "timer %u", want->ms);
		log_add(play, text);
		break;
	case WANT_TLS:
		log_add(play, "tls");
		break;
	case WANT_SASL:
		log_sasl(play, want);
		break;
	case WANT_CLOSE:
		log_add(play, "close");
		break;
	case WANT_HALF_CLOSE:
		log_add(play, "half");
		break;
	case WANT_ABORT:
		log_add(play, "abort");
		break;
	case WANT_NOTHING: case WANT_STEP: case WANT_LOOK: case WANT_REPLY:
	case WANT_OVER:
		break;
	}
}

/* What a password was used for goes with its step. */
static void
spent_check(struct stage_of_play *on, const struct want *want)
{
	must(want->spent == (on->exchange_over && on->exchanged),
	    "an exchange is not wiped with its step, or too early");
	if (on->exchange_over)
		on->exchanged = on->exchange_over = false;
	on->exchanged |= want->kind == WANT_SASL;
}

static void
want_take(struct stage_of_play *on, struct want want)
{
	must(!on->play->over, "a want after the end");
	if (want.kind != WANT_OVER)
		spent_check(on, &want);
	/* Something came before it was done: not at once. */
	on->want.lazy = false;
	if (want.kind == WANT_NOTHING)
		return;
	must(want.kind == WANT_OVER || want.conn < LIMIT_CONNECTIONS,
	    "a want of no connection");
	if (want.kind == WANT_REPLY)
		must(want.due_us > 0, "a reply awaited for ever");
	if (want.kind == WANT_WRITE && want.bytes.len > 0)
		must(want.bytes.ptr != NULL, "a write of nothing");
	want_log(on->play, &want);
	/* No input of that connection any more, or of the one before. */
	if (want.kind == WANT_CLOSE || want.kind == WANT_ABORT ||
	    want.kind == WANT_CONNECT)
		on->open[want.conn] = false;
	on->want = want;
	on->due_us = want.due_us;
	on->play->over = want.kind == WANT_OVER;
}

static void
tell(struct stage_of_play *on, struct input input)
{
	struct play *play = on->play;

	play->inputs++;
	if (play->cancel_at == play->inputs)
		input = (struct input){ .kind = INPUT_CANCEL };
	input.at_us = play->now_us;
	input.written = on->written;
	on->written = false;
	want_take(on, on->actor->input(on->actor, &input));
	if (input.kind == INPUT_CANCEL)
		must(play->over, "a cancel did not end it");
	must(play->inputs < 2000000, "it does not end");
}

static void
tell_bytes(struct stage_of_play *on, uint8_t conn, struct span bytes)
{
	/* Where nobody may look at it later, the sanitizer sees it. */
	char *copy;

	if (!on->open[conn % LIMIT_CONNECTIONS])
		return;
	copy = mem_alloc(bytes.len);
	memcpy(copy, bytes.ptr, bytes.len);
	tell(on, (struct input){ .kind = INPUT_BYTES, .conn = conn,
	    .bytes = { copy, bytes.len } });
	mem_free(copy);
}

/* ---- script ----------------------------------------------------------------- */

static const char *const want_words[] = {
	[WANT_NOTHING] = "nothing", [WANT_STEP] = "step",
	[WANT_CONNECT] = "connect", [WANT_TLS] = "tls", [WANT_SASL] = "sasl", [WANT_LOOK] = "look",
	[WANT_WRITE] = "write", [WANT_REPLY] = "reply",
	[WANT_TIMER] = "timer", [WANT_CLOSE] = "close",
	[WANT_HALF_CLOSE] = "half", [WANT_ABORT] = "abort",
	[WANT_OVER] = "over" };

/* The item that is due at the want that is outstanding, or empty. */
static struct span
item_due(const struct stage_of_play *on, uint8_t *conn)
{
	const char *text = on->item < PLAY_ITEMS ?
	    on->flow->script[on->item] : NULL;
	const char *word = want_words[on->want.kind];
	struct span item;

	*conn = 0;
	if (text == NULL)
		return (struct span){ NULL, 0 };
	item = span_of(text);
	if (item.len > 2 && item.ptr[1] == '>') {
		*conn = (uint8_t)(item.ptr[0] - '0');
		item = span_from(item, 2);
	}
	if (item.ptr[0] != '@')
		return on->want.kind == WANT_REPLY ? item :
		    (struct span){ NULL, 0 };
	item = span_from(item, 1);
	if (!span_starts(item, span_of(word)) ||
	    item.ptr[strlen(word)] != ':')
		return (struct span){ NULL, 0 };
	return span_from(item, strlen(word) + 1);
}

static void
tell_fail(struct stage_of_play *on, struct span text)
{
	struct fault fault;

	(void)fault_set(&fault, on->want.kind == WANT_SASL ? FAULT_SASL :
	    on->want.kind == WANT_TLS && !span_starts(text, SPAN("none ")) ?
	    FAULT_TLS : FAULT_CONNECT, "%.*s", SPAN_ARG(text));
	if (on->want.kind != WANT_SASL)
		on->open[on->want.conn] = false;
	tell(on, (struct input){ .kind = INPUT_FAILED, .conn = on->want.conn,
	    .fault = &fault });
}

static void
item_do(struct stage_of_play *on, struct span item, uint8_t conn)
{
	struct input input = { .conn = conn };

	on->item++;
	if (item.len == 0 || item.ptr[0] != '!') {
		on->rest = item;
		on->rest_conn = conn;
		return;
	}
	if (span_starts(item, SPAN("!wait "))) {
		uint64_t ms;

		must(span_u64(span_from(item, 6), &ms), "!wait MS");
		on->play->now_us += ms * 1000;
		return;
	}
	if (span_starts(item, SPAN("!done "))) {
		on->want.kind = WANT_NOTHING;
		tell(on, (struct input){ .kind = INPUT_DONE,
		    .conn = on->want.conn, .bytes = span_from(item, 6) });
		return;
	}
	if (span_starts(item, SPAN("!fail "))) {
		tell_fail(on, span_from(item, 6));
		return;
	}
	if (span_is(item, "!timeout")) {
		must(on->due_us > 0, "a timeout without a deadline");
		on->play->now_us = on->due_us > on->play->now_us ?
		    on->due_us : on->play->now_us;
	}
	input.kind = span_is(item, "!timeout") ? INPUT_TIMEOUT :
	    span_is(item, "!cancel") ? INPUT_CANCEL : INPUT_CLOSED;
	must(input.kind != INPUT_CLOSED || span_is(item, "!close") ||
	    span_is(item, "!rst") || span_is(item, "!notify") ||
	    span_is(item, "!cut"), "an unknown item");
	input.closing = span_is(item, "!rst") ? CLOSING_RST :
	    span_is(item, "!notify") ? CLOSING_NOTIFY :
	    span_is(item, "!cut") ? CLOSING_TLS_CUT : CLOSING_FIN;
	if (input.kind == INPUT_CLOSED) {
		if (!on->open[conn % LIMIT_CONNECTIONS])
			return;
		on->open[conn] = false;
	}
	tell(on, input);
}

/* What happens where the script says nothing. */
static void
want_done(struct stage_of_play *on)
{
	struct want   want = on->want;
	struct input  input = { .kind = INPUT_DONE, .conn = want.conn };

	if (on->play->lazy && want.lazy && want.kind == WANT_WRITE) {
		on->want.kind = WANT_REPLY;
		on->written = true;
		return;
	}
	if (want.kind == WANT_REPLY || want.kind == WANT_STEP) {
		input.kind = INPUT_TIMEOUT;
		if (on->due_us > on->play->now_us)
			on->play->now_us = on->due_us;
	} else {
		on->want.kind = WANT_NOTHING;
		on->due_us = 0;
	}
	if (want.kind == WANT_TIMER && want.due_us > on->play->now_us)
		on->play->now_us = want.due_us;
	if (want.kind == WANT_TLS)
		input.facts = &on->secured;
	if (want.kind == WANT_CONNECT) {
		input.facts = &on->facts;
		on->open[want.conn] = true;
	}
	tell(on, input);
}

static void
play_on(struct stage_of_play *on)
{
	uint8_t     conn;
	struct span item;

	while (!on->play->over) {
		if (on->rest.len > 0) {
			size_t len = on->play->octets ? 1 : on->rest.len;
			struct span bytes = span_sub(on->rest, 0, len);

			on->rest = span_from(on->rest, len);
			tell_bytes(on, on->rest_conn, bytes);
			continue;
		}
		item = item_due(on, &conn);
		if (item.ptr != NULL)
			item_do(on, item, conn);
		else
			want_done(on);
	}
}

/* ---- whole plays ------------------------------------------------------------ */

static void
gone(void *who, struct session *session, const struct session_end *end)
{
	struct play *play = who;

	(void)session;
	play->gone = true;
	play->result = end->result;
	play->cause = end->cause;
	play->code = end->code;
	must(end->ended_us >= end->began_us, "it ended before it began");
	if (end->result == RESULT_SKIP)
		must(end->fault != NULL, "an end without a reason");
	if (end->code >= 0 && end->result >= RESULT_FAIL)
		(void)buf_addf(&play->log, " %d", end->code);
}

static const struct scenario *
scenario_load(struct stage_of_play *on, char *text, size_t size)
{
	/* Without a scheme: a flow may be of any protocol. */
	static struct endpoint target = { .host = "192.0.2.1", .port = 25,
	    .url = { "192.0.2.1:25", 12 } };
	struct load_options options = { .target = &target, .client = "me",
	    .seed = 1, .scenarios_max = LIMIT_SCENARIOS };
	const struct scenario *const *list;
	struct diags *diags;
	uint32_t      count;

	(void)snprintf(text, size, "%s%s", header, on->flow->yaml);
	on->loader = loader_new(&options);
	loader_add_text(on->loader, "t.yaml", span_of(text));
	diags = loader_diags(on->loader);
	for (const struct diag *diag = diags->first; diag != NULL &&
	    diags->errors > 0; diag = diag->next)
		(void)fprintf(stderr, "%s: t.yaml:%u:%u: %s\n", on->flow->name,
		    diag->loc.line, diag->loc.column, diag->text);
	list = loader_scenarios(on->loader, &count);
	must(diags->errors == 0 && count == 1, "the scenario does not load");
	return list[0];
}

/* A source whose steps are never plain nor usual. */
struct long_source {
	struct source  source;  /* first */
	struct source *from;
	struct step    step;
};

static enum next
long_next(struct source *source, const struct outcome *last,
    const struct step **out, struct fault *fault)
{
	struct long_source *on = (struct long_source *)source;
	enum next           next;

	on->from->now_us = source->now_us;
	next = on->from->next(on->from, last, out, fault);
	if (*out == NULL)
		return next;
	on->step = **out;
	on->step.plain = on->step.usual = false;
	*out = &on->step;
	return next;
}

static void
long_stop(struct source *source)
{
	struct long_source *on = (struct long_source *)source;

	on->from->stop(on->from);
}

static void
session_run(struct stage_of_play *on, const struct scenario *scenario,
    struct vars *vars)
{
	struct play    *play = on->play;
	struct source  *source;
	struct long_source on_long = { .source = { .next = long_next,
	    .stop = long_stop } };
	struct session *session;
	struct fault    fault;

	must(scenario->open(scenario, vars, &source, &fault), fault.text);
	on_long.from = source;
	session = session_new(&on->shard, scenario, play->long_way ?
	    &on_long.source : source, vars, 1, 1, gone, play);
	on->actor = session_actor(session);
	tell(on, (struct input){ .kind = INPUT_START });
	play_on(on);
	on->actor->gone(on->actor);
	must(play->gone, "nobody heard of the end");
	must(on->scenario_over, "an end without an event");
	session_free(session);
	source->close(source);
}

void
play_run(struct play *play, const struct flow *flow)
{
	struct stage_of_play on = { .bus = { .wants = UINT32_MAX,
	    .emit = emit }, .play = play, .flow = flow };
	const struct scenario *scenario;
	struct vars vars;
	size_t      size = strlen(flow->yaml) + sizeof header;
	char       *text = mem_alloc(size);

	play->log = buf_new(MIB);
	play->said = buf_new(MIB);
	play->now_us = 1000000;
	on.shard = (struct shard){ .bus = &on.bus, .out = buf_new(2 * MIB),
	    .look = !flow->load };
	(void)snprintf(on.facts.peer, sizeof on.facts.peer, "192.0.2.1:25");
	(void)snprintf(on.facts.local, sizeof on.facts.local,
	    "192.0.2.9:4711");
	on.tls = (struct tls_facts){ .version = "TLSv1.3",
	    .cipher = "TLS_AES_128_GCM_SHA256", .verified = true,
	    .has_cert = true, .days_left = 30, .name_count = 1,
	    .names = (const char *const[]){ "mx.test" }, .why = "",
	    .subject = "CN=mx.test", .issuer = "CN=Test CA", .end = "" };
	on.secured = on.facts;
	on.secured.tls = &on.tls;
	scenario = scenario_load(&on, text, size);
	vars_init(&vars, scenario->slot_count, 1, scenario->id);
	session_run(&on, scenario, &vars);
	vars_free(&vars);
	buf_free(&on.shard.out);
	loader_free(on.loader);
	mem_free(text);
}

void
play_free(struct play *play)
{
	buf_free(&play->log);
	buf_free(&play->said);
}
