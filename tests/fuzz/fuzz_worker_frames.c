/*
 * A worker that was taken over: any octets as its output, into everything of
 * the parent that hears it (pipe.c, frames.c, source.c, take.c, open.c,
 * keep.c, parts.c, and the builders of load/). No process is forked: the
 * nursery of this file gives out a pipe.
 *
 * The first octet says what the rest is:
 *
 *   bit 7 clear: the file is loading, and these are frames it may send
 *   bit 7 set:   it has registered honestly; two runs are under way
 *   bit 6 set:   raw octets; clear: records of a kind, a run and a body, so
 *                that most of what comes parses as a frame
 *
 * It must end by itself, with every run told that the worker is dead; a source
 * is never woken from inside of itself; no memory is left.
 */
#include "load/load.h"

#include "base/limits.h"
#include "base/secret.h"
#include "model/script.h"
#include "model/verb.h"
#include "model/vars.h"
#include "script/message.h"
#include "script/jail/nursery.h"
#include "script/script.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RUNS = 2, FEED = 512 };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* ---- a worker without a process ------------------------------------------- */

static int          worker_out = -1;    /* the end that it writes */
static struct pulse pulse;
static struct buf   before;             /* what it says while loading */
static bool         stays;              /* and then it lives on */
static bool         gone;               /* no other takes its place */

static void
worker_closes(void)
{
	if (worker_out >= 0)
		(void)close(worker_out);
	worker_out = -1;
}

bool
nursery_worker(struct nursery *nursery, struct worker_process *process,
    struct fault *fault)
{
	int pipes[2];

	(void)nursery;
	/* A second worker is one too many: it dies at once. */
	if (worker_out >= 0 || gone)
		return fault_set(fault, FAULT_INTERNAL, "no second worker");
	require(pipe2(pipes, O_CLOEXEC | O_NONBLOCK) == 0);
	(void)fcntl(pipes[1], F_SETPIPE_SZ, 1 << 20);
	require(before.len == 0 || write(pipes[1], before.ptr,
	    before.len) > 0);
	worker_out = pipes[1];
	gone = true;
	if (!stays)
		worker_closes();
	*process = (struct worker_process){ .pid = 1, .out = pipes[0],
		.in = open("/dev/null", O_WRONLY | O_CLOEXEC),
		.pulse = &pulse };
	return true;
}

void
worker_end(struct worker_process *process, bool kill, char why[160])
{
	(void)kill;
	(void)close(process->in);
	(void)close(process->out);
	strcpy(why, "has ended");
}

uint64_t
worker_cpu_us(const struct worker_process *process)
{
	(void)process;
	return 0;
}

/* ---- a loop without descriptors -------------------------------------------- */

struct watch { void (*ready)(void *); void *who; };

struct ring {
	struct stage stage;             /* first */
	struct watch watches[2];
	uint32_t     count;
	uint64_t     now_us;
};

static struct watch *
ring_watch(struct stage *stage, int fd, void (*ready)(void *), void *who)
{
	struct ring *ring = (struct ring *)stage;

	(void)fd;
	ring->watches[0] = (struct watch){ ready, who };
	return &ring->watches[ring->count++ % 2];
}

static void
ring_again(struct stage *stage, struct watch *watch)
{
	(void)stage;
	require(watch != NULL);
}

static void
ring_unwatch(struct stage *stage, struct watch *watch)
{
	((struct ring *)stage)->watches[0].ready = NULL;
	require(watch != NULL);
}

static void
ring_remind(struct stage *stage, struct watch *watch, uint32_t ms)
{
	(void)stage;
	(void)ms;
	require(watch != NULL);
}

static uint64_t
ring_now(struct stage *stage)
{
	return ((struct ring *)stage)->now_us += 1000;
}

/* ---- what it says ------------------------------------------------------------ */

static void
text_put(struct buf *out, const char *text)
{
	(void)buf_add_octet(out, VALUE_TEXT);
	put_bytes(out, span_of(text));
}

static void
map_put(struct buf *out, uint32_t count)
{
	(void)buf_add_octet(out, VALUE_MAP);
	put_number(out, count);
}

static void
key_put(struct buf *out, const char *key)
{
	put_bytes(out, span_of(key));
}

/* Keys in the order of their octets. */
static void
registered_put(struct buf *out)
{
	size_t mark = frame_begin(out, FRAME_REGISTERED, 0);

	(void)buf_add_octet(out, VALUE_LIST);
	put_number(out, 1);
	map_put(out, 4);
	key_put(out, "define");
	map_put(out, 1);
	key_put(out, "d");
	(void)buf_add_octet(out, VALUE_LIST);
	put_number(out, 1);
	map_put(out, 1);
	key_put(out, "send");
	text_put(out, "NOOP ${word}");
	key_put(out, "name");
	text_put(out, "n");
	key_put(out, "params");
	map_put(out, 2);
	key_put(out, "pw");
	map_put(out, 1);
	key_put(out, "secret");
	(void)buf_add_octet(out, VALUE_BOOL);
	(void)buf_add_octet(out, 1);
	key_put(out, "word");
	map_put(out, 1);
	key_put(out, "default");
	text_put(out, "w");
	key_put(out, "run");
	(void)buf_add_octet(out, VALUE_FUNCTION);
	put_number(out, 1);
	put_number(out, 0);             /* and returned no value */
	frame_end(out, mark);
}

/* Bodies of maps that make steps, by the low bits of an octet. */
static void
step_put(struct buf *out, uint8_t which, struct span rest)
{
	static const char *const acts[] = { "send", "connect", "expect",
		"body", "write", "wait", "use", "set" };
	const char *act = acts[which % 8];

	map_put(out, 1 + (which & 8 && *act > 'e'));
	if (which & 8 && *act > 'e') {
		key_put(out, "expect");
		map_put(out, 2);
		key_put(out, "capture");
		map_put(out, 1);
		put_bytes(out, span_sub(rest, 0, 3));
		text_put(out, "/(.*)/");
		key_put(out, "code");
		text_put(out, "2xx");
	}
	key_put(out, act);
	if (which & 16) {               /* octets as they are */
		(void)buf_add(out, rest);
		return;
	}
	if (which & 32) {
		(void)buf_add_octet(out, VALUE_PARTS);
		put_number(out, 2);
		(void)buf_add_octet(out, PARTS_SECRET);
		put_bytes(out, SPAN("pw"));
		(void)buf_add(out, rest);
		return;
	}
	if (*act == 'u') {
		text_put(out, "d");
		return;
	}
	(void)buf_add_octet(out, VALUE_TEXT);
	put_bytes(out, rest);
}

static void
body_put(struct buf *out, enum frame_kind kind, uint8_t which,
    struct span rest)
{
	if (which & 0x80) {
		(void)buf_add(out, rest);
		return;
	}
	if (kind == FRAME_STEP || kind == FRAME_DIALOGUE) {
		put_number(out, which & 7);             /* seq */
		put_number(out, which >> 2 & 0x1f);
		put_number(out, which & 1);
		put_number(out, which & 2);
		step_put(out, which, rest);
	} else if (kind == FRAME_POLL) {
		put_number(out, 1000U * which);
		put_number(out, which);
	} else if (kind == FRAME_NOTE || kind == FRAME_PRINT ||
	    kind == FRAME_REQUIRE) {
		put_bytes(out, rest);
	} else if (kind != FRAME_END && kind != FRAME_STOPPED) {
		put_complaint(out, &(struct complaint){ .kind = which % 7,
		    .file = which % 3, .line = which, .text = rest,
		    .traceback = span_sub(rest, 0, which % 5) });
	}
}

/* Record: kind, run, which, length, body. */
static size_t
record_put(struct buf *out, struct span in, const uint32_t ids[RUNS])
{
	static const uint8_t kinds[] = { FRAME_STEP, FRAME_STEP, FRAME_STEP,
		FRAME_DIALOGUE, FRAME_NOTE, FRAME_POLL, FRAME_STOPPED,
		FRAME_END, FRAME_SKIP, FRAME_FAIL, FRAME_ERROR, FRAME_PRINT,
		FRAME_FINDING, FRAME_REQUIRE, FRAME_REGISTERED, FRAME_REFUSED,
		FRAME_START, FRAME_STEP };
	uint8_t octets[4] = { 0 };
	size_t  len, mark;
	enum frame_kind kind;

	memcpy(octets, in.ptr, in.len < 4 ? in.len : 4);
	in = span_from(in, in.len < 4 ? in.len : 4);
	len = octets[3] < in.len ? octets[3] : in.len;
	kind = (enum frame_kind)kinds[octets[0] % sizeof kinds];
	mark = frame_begin(out, kind, octets[1] < 250 ?
	    ids[octets[1] % RUNS] : octets[1] - 250U);
	body_put(out, kind, octets[2], span_sub(in, 0, len));
	frame_end(out, mark);
	return 4 + len;
}

/* ---- who hears it ----------------------------------------------------------- */

struct heard {
	struct vars    vars;
	struct source *source;
	bool           over, stopped;
	bool           inside;          /* of the source's own functions */
	uint32_t       steps;
};

static void
woken(void *who)
{
	struct heard *heard = who;

	require(!heard->inside);
}

static void
told(struct heard *heard, const struct step *step)
{
	struct reply reply = { .code = 250, .len = 8, .raw =
		SPAN("250 ok\r\n") };
	struct outcome outcome = { .step = step, .reply = &reply,
		.result = heard->steps % 7 == 6 ? RESULT_FAIL : RESULT_PASS,
		.took_us = 10 };

	for (uint32_t i = 0; i < step->group_count; i++) {
		outcome.step = &step->group[i];
		heard->source->told(heard->source, &outcome, i);
	}
	if (step->group_count > 0)
		return;
	heard->source->told(heard->source, &outcome, 0);
	if (outcome.result != RESULT_FAIL || heard->stopped)
		return;
	heard->stopped = true;
	heard->source->stop(heard->source);
}

static void
step_look(const struct scenario *scenario, const struct step *step)
{
	require(step->conn < scenario->conn_count);
	require(step->number <= LIMIT_STEPS_UNROLLED + 1);
	for (uint32_t i = 0; i < step->group_count; i++)
		step_look(scenario, &step->group[i]);
}

/* Until it waits. */
static void
source_drain(const struct scenario *scenario, struct heard *heard)
{
	const struct step *step;
	struct fault fault;
	enum next    next;

	while (!heard->over) {
		heard->source->now_us += 1000;
		heard->inside = true;
		next = heard->source->next(heard->source, NULL, &step,
		    &fault);
		if (next == NEXT_STEP) {
			heard->steps++;
			step_look(scenario, step);
			told(heard, step);
		}
		heard->inside = false;
		if (next == NEXT_LATER)
			return;
		if (next == NEXT_NOTE)
			require(heard->source->note.len <= LIMIT_LUA_AHEAD);
		heard->over = next >= NEXT_END;
	}
}

static void
loop_turn(struct ring *ring)
{
	if (ring->watches[0].ready != NULL)
		ring->watches[0].ready(ring->watches[0].who);
}

static void
feed(struct ring *ring, const struct scenario *scenario,
    struct heard heard[RUNS], struct span out)
{
	while (out.len > 0 && worker_out >= 0) {
		ssize_t sent = write(worker_out, out.ptr,
		    out.len < FEED ? out.len : FEED);

		if (sent <= 0)
			break;          /* nobody reads any more */
		out = span_from(out, (size_t)sent);
		loop_turn(ring);
		for (int i = 0; i < RUNS; i++)
			if (heard[i].source != NULL)
				source_drain(scenario, &heard[i]);
	}
	worker_closes();
	loop_turn(ring);
	for (int i = 0; i < RUNS; i++)
		if (heard[i].source != NULL) {
			source_drain(scenario, &heard[i]);
			require(heard[i].over);
		}
}

static void
said_put(struct buf *out, struct span in)
{
	static const uint32_t ids[RUNS] = { 1 << 16, 2 << 16 | 1 };
	bool raw = (*in.ptr & 0x40) != 0;

	in = span_from(in, 1);
	if (raw)
		(void)buf_add(out, in);
	while (!raw && in.len > 0)
		in = span_from(in, record_put(out, in, ids));
}

static void
runs_play(struct ring *ring, const struct scenario *scenario,
    struct span said)
{
	struct heard heard[RUNS] = { { .over = false } };
	struct fault fault;

	for (uint32_t i = 0; i < RUNS; i++) {
		vars_init(&heard[i].vars, scenario->slot_count, i,
		    scenario->id);
		if (scenario->open(scenario, &heard[i].vars,
		    &heard[i].source, &fault)) {
			heard[i].source->wake = woken;
			heard[i].source->who = &heard[i];
		} else {
			heard[i].source = NULL;
		}
		if (heard[i].source != NULL)
			source_drain(scenario, &heard[i]);
	}
	feed(ring, scenario, heard, said);
	for (int i = 0; i < RUNS; i++) {
		if (heard[i].source != NULL)
			heard[i].source->close(heard[i].source);
		vars_free(&heard[i].vars);
	}
}

static void
printed(void *who, const struct file *file, struct span text)
{
	(void)who;
	require(file != NULL && text.len <= MESSAGE_MAX);
}

static void
program_play(struct scripts *scripts, struct loader *loader, struct span said)
{
	struct ring ring = { .stage = { .watch = ring_watch, .again =
		ring_again, .unwatch = ring_unwatch, .remind = ring_remind,
		.now_us = ring_now } };
	const struct scenario *const *all;
	uint32_t count;

	loader_add_text(loader, "x.lua", SPAN("-- a script\n-- of two\n"));
	all = loader_scenarios(loader, &count);
	if (stays) {
		require(count == 1 && all[0]->computed);
		scripts_attach(scripts, &ring.stage);
		runs_play(&ring, all[0], said);
		scripts_attach(scripts, NULL);
	}
	worker_closes();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct redactor *redactor = redactor_new();
	struct scripts_options given = { .print = printed };
	struct scripts *scripts = scripts_new(&given);
	struct load_options options = { .client = "client.test", .seed = 1,
		.scenarios_max = 1000, .redactor = redactor,
		.scripts = scripts };
	struct loader *loader = loader_new(&options);
	struct buf said = buf_new(8 * MIB);

	(void)signal(SIGPIPE, SIG_IGN);         /* as everywhere in quoth */
	if (size > 0)
		said_put(&said, (struct span){ (const char *)data, size });
	gone = false;
	stays = size > 0 && (*data & 0x80) != 0;
	before = buf_new(8 * MIB);
	if (stays)
		registered_put(&before);
	else
		(void)buf_add(&before, buf_span(&said));
	(void)loader_give(loader, GIVEN_SECRETS, "pw=geheim");
	program_play(scripts, loader, buf_span(&said));
	scripts_free(scripts);
	loader_free(loader);
	redactor_free(redactor);
	buf_free(&said);
	buf_free(&before);
	return 0;
}
