/* The scripts of a run: loading each file, starting and ending their workers. */
#include "script/host.h"

#include "base/mem.h"
#include "script/places/places.h"

#include <errno.h>
#include <lua.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static bool scripts_load(struct scripts *scripts, const struct file *file,
    struct library *library, struct arena *arena, struct diags *diags,
    struct script **out, const struct node **root);

struct scripts *
scripts_new(const struct scripts_options *options)
{
	struct all_scripts *all = mem_alloc(sizeof *all);

	all->scripts = (struct scripts){ .load = scripts_load,
	    .literals = places_literals, .open = run_open };
	all->options = *options;
	all->weak = jail_words();
	for (int i = 0; i <= SCRIPT_VAR; i++)
		all->values[i] = buf_new(MESSAGE_MAX / 4);
	if (getrandom(&all->salt, sizeof all->salt, GRND_NONBLOCK) < 0)
		all->salt = (uint64_t)time(NULL);
	return &all->scripts;
}

void
scripts_free(struct scripts *scripts)
{
	struct all_scripts *all = (struct all_scripts *)scripts;
	struct script *script, *next;

	if (all == NULL)
		return;
	for (script = all->first; script != NULL; script = next) {
		next = script->next;
		host_end(script, "the run is over");
		buf_free(&script->in);
		buf_free(&script->out);
		buf_free(&script->spare);
		map_free(&script->modules);
		mem_free(script->files);
		mem_free(script->runs);
		mem_free(script);
	}
	steps_forget(all);
	for (int i = 0; i <= SCRIPT_VAR; i++)
		buf_free(&all->values[i]);
	mem_free(all);
}

/* The loop hears of a worker from its next start on, or from now. */
static bool
watch_begin(struct script *script)
{
	struct stage *stage = script->all->stage;

	script->watch = stage->watch(stage, script->process.out, host_ready,
	    script);
	if (script->watch == NULL)
		return false;
	script->watch_out = stage->watch(stage, script->process.in,
	    host_ready, script);
	return script->watch_out != NULL;
}

static void
watch_end(struct script *script)
{
	struct stage *stage = script->all->stage;

	if (script->watch != NULL)
		stage->unwatch(stage, script->watch);
	if (script->watch_out != NULL)
		stage->unwatch(stage, script->watch_out);
	script->watch = script->watch_out = NULL;
}

void
scripts_attach(struct scripts *scripts, struct stage *stage)
{
	struct all_scripts *all = (struct all_scripts *)scripts;

	for (struct script *s = all->first; s != NULL; s = s->next)
		watch_end(s);
	all->stage = stage;
	for (struct script *s = all->first; stage != NULL && s != NULL;
	    s = s->next)
		if (s->alive && !watch_begin(s))
			host_end(s, "cannot be heard: the kernel refused it");
}

/* One that has nothing to do may come again. */
static void
make_room(struct all_scripts *all)
{
	for (struct script *s = all->first; s != NULL &&
	    all->alive >= LIMIT_LUA_WORKERS; s = s->next)
		if (s->alive && s->run_count == 0 && s->loaded)
			host_end(s, NULL);
}

bool
host_start(struct script *script, struct fault *fault)
{
	size_t mark;

	if (script->alive)
		return true;
	if (script->death.text[0] != '\0') {
		*fault = script->death;
		return false;
	}
	make_room(script->all);
	if (!nursery_worker(script->all->options.nursery, &script->process,
	    fault))
		return false;
	script->alive = true;
	script->loaded = false;
	script->all->alive++;
	script->places.count = 1;
	script->beats_us = script->began_us = 0;
	script->said = 0;
	buf_clear(&script->in);
	buf_clear(&script->out);
	script->out_at = 0;
	mark = frame_begin(&script->out, FRAME_LOAD, 0);
	put_bytes(&script->out, span_of(script->file->name));
	put_bytes(&script->out, script->file->text);
	frame_end(&script->out, mark);
	if (script->all->stage == NULL || watch_begin(script))
		return true;
	host_end(script, "cannot be heard: the kernel refused it");
	*fault = script->death;
	return false;
}

static void
worker_bury(struct script *script, const char *why)
{
	char words[160];

	script->alive = false;
	script->all->alive--;
	watch_end(script);
	/* One whose pipe ended is dying: of what, it can still tell. */
	worker_end(&script->process, why == NULL || *why != '\0', words);
	if (why != NULL)
		(void)fault_set(&script->death, FAULT_SCRIPT, "the worker "
		    "process of %.80s %s", script->file->name,
		    *why == '\0' ? words : why);
}

void
host_end(struct script *script, const char *why)
{
	if (!script->alive)
		return;
	worker_bury(script, why);
	for (uint32_t i = 0; why != NULL && i < script->run_room; i++)
		if (script->runs[i] != NULL)
			run_lost(script->runs[i], &script->death);
}

void
host_lose(struct script *script, const char *why)
{
	uint32_t     culprit = atomic_load(&script->process.pulse->run);
	struct fault death, fault;
	bool         again;

	if (!script->loaded || script->all->stage == NULL ||
	    script->losses == LIMIT_LUA_LOSSES) {
		host_end(script, why);
		return;
	}
	script->losses++;
	worker_bury(script, why);
	death = script->death;
	script->death.text[0] = '\0';
	again = script->run_count > 0 && host_start(script, &fault);
	for (uint32_t i = 0; i < script->run_room; i++)
		if (script->runs[i] != NULL && !(again &&
		    run_begin_again(script->runs[i], culprit)))
			run_lost(script->runs[i], &death);
	host_flush_soon(script);
}

/* ---- loading ---------------------------------------------------------------- */

static struct script *
script_new(struct all_scripts *all, const struct file *file,
    struct library *library)
{
	struct script *script = mem_alloc(sizeof *script);

	script->next = all->first;
	all->first = script;
	script->all = all;
	script->file = file;
	script->library = library;
	script->in = buf_new(MESSAGE_MAX + 128 * KIB);
	script->out = buf_new(MESSAGE_MAX);
	script->files = mem_alloc(LIMIT_LUA_MODULES * sizeof *script->files);
	script->files[0] = file;
	script->places = (struct places){ script->files, 1 };
	return script;
}

/* There is no loop yet: wait for this one worker alone. */
static void
wait_loaded(struct script *script)
{
	bool (*gives_up)(void) = script->all->options.gives_up;

	while (script->alive && !script->loaded && !script->refused) {
		struct pollfd polls[2] = { { .fd = script->process.out,
		    .events = POLLIN }, { .fd = script->process.in,
		    .events = POLLOUT } };
		bool writes = script->out_at < script->out.len;

		(void)poll(polls, writes ? 2 : 1, 100);
		if (gives_up != NULL && gives_up())
			host_end(script, "was ended: interrupted");
		host_turn(script);
		host_watch(script);
	}
}

static bool
scripts_load(struct scripts *scripts, const struct file *file,
    struct library *library, struct arena *arena, struct diags *diags,
    struct script **out, const struct node **root)
{
	struct all_scripts *all = (struct all_scripts *)scripts;
	struct script *script = script_new(all, file, library);
	struct loc     loc = { .file = file };
	struct fault   fault;
	/* Without a loop nobody took care of this. */
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);

	script->arena = arena;
	script->diags = diags;
	if (!host_start(script, &fault))
		diag_error(diags, DIAG_ID_script, loc, "%s", fault.text);
	wait_loaded(script);
	if (!script->alive && !script->refused &&
	    script->death.text[0] != '\0')
		diag_error(diags, DIAG_ID_script, loc, "%s",
		    script->death.text);
	if (script->refused)
		host_end(script, "refused its file");
	if (before != SIG_ERR)
		(void)signal(SIGPIPE, before);
	script->diags = NULL;
	*out = script;
	*root = script->root;
	return script->loaded && script->root != NULL;
}

const char *
script_version(void)
{
	return LUA_RELEASE;
}
