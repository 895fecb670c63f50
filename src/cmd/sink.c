/*
 * The list of reports of a run, and when they are written. How is in
 * report_file.c. Nothing here looks at what a report says.
 */
#include "cmd/sink.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/progress.h"
#include "cmd/report_file.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

enum {
	SINKS_MAX = 24,
	INTERVAL_US = 1000000,
	INTERVAL_FACTOR = 20,           /* snapshots take 5 % of the time */
	DOCUMENT_MAX = 512 * MIB
};

struct sink {
	struct outlet          outlet;  /* first */
	struct sinks          *sinks;
	const struct reporter *reporter;
	const char            *path;    /* NULL: stdout */
	struct report_file     file;
	size_t                 handle;  /* of the bus */
	bool                   broken;
};

struct sinks {
	struct sink      rows[SINKS_MAX];
	size_t           count;
	struct arena     arena;
	struct progress *progress;
	struct run_bus  *bus;
	void           (*tell)(const char *);
	uint64_t         next_us, changes;
	bool             failed;
};

struct sinks *
sinks_new(void (*tell)(const char *sentence))
{
	struct sinks *sinks = mem_alloc(sizeof *sinks);

	sinks->tell = tell;
	return sinks;
}

void
sinks_free(struct sinks *sinks)
{
	for (size_t i = 0; i < sinks->count; i++)
		report_file_close(&sinks->rows[i].file);
	arena_free(&sinks->arena);
	mem_free(sinks);
}

static void
break_off(struct sink *sink, const char *why)
{
	struct buf words = buf_new(16 * KIB);

	if (sink->broken)
		return;
	sink->broken = true;
	sink->sinks->failed = true;
	(void)buf_add_text(&words, "the report ");
	text_plain(span_of(sink->reporter->name), &words);
	(void)buf_add_octet(&words, '=');
	text_plain(span_of(sink->path == NULL ? "-" : sink->path), &words);
	(void)buf_addf(&words, " cannot be written: %s", why);
	(void)buf_add_octet(&words, '\0');
	if (sink->sinks->progress != NULL)
		progress_erase(sink->sinks->progress);
	sink->sinks->tell(words.ptr);
	buf_free(&words);
}

/* ---- what the bus writes to ------------------------------------------------ */

static bool
stdout_put(struct outlet *outlet, struct span bytes)
{
	struct sink *sink = (struct sink *)(void *)outlet;
	int          error;

	if (sink->sinks->progress != NULL)
		progress_erase(sink->sinks->progress);
	error = report_write(STDOUT_FILENO, bytes);
	/* A reader that has gone has seen enough: no verdict changes. Nor for
	 * one that does not read when the run is interrupted. */
	if (error != 0 && error != EPIPE && error != EBADF &&
	    error != ETIMEDOUT)
		break_off(sink, strerror(error));
	return error == 0;
}

static bool
journal_put(struct outlet *outlet, struct span bytes)
{
	struct sink *sink = (struct sink *)(void *)outlet;
	int error = report_file_append(&sink->file, bytes);

	if (error != 0)
		break_off(sink, strerror(error));
	return error == 0;
}

/* ---- the command line ------------------------------------------------------ */

static bool
name_unknown(struct span name, struct fault *fault)
{
	const char *names[64];
	const char *near;
	struct buf  list = buf_new(1024), shown = buf_new(1024);
	size_t      count = 0;

	for (; reporter_rows[count] != NULL && count < 64; count++) {
		names[count] = reporter_rows[count]->name;
		(void)buf_addf(&list, "%s%s", count == 0 ? "" : ", ",
		    names[count]);
	}
	near = span_nearest(name, names, count);
	text_plain(text_head(name, 40), &shown);
	(void)fault_set(fault, FAULT_USAGE, "there is no report '%.*s'; %s%s%s"
	    "the reports are %.*s", SPAN_ARG(buf_span(&shown)),
	    near == NULL ? "" : "did you mean '", near == NULL ? "" : near,
	    near == NULL ? "" : "'? ", SPAN_ARG(buf_span(&list)));
	buf_free(&list);
	buf_free(&shown);
	return false;
}

static struct sink *
sink_new(struct sinks *sinks, const struct reporter *reporter,
    const char *path, struct fault *fault)
{
	struct sink *sink = &sinks->rows[sinks->count];

	for (size_t i = 0; i < sinks->count; i++) {
		const char *other = sinks->rows[i].path;

		if (path == NULL ? other == NULL : other != NULL &&
		    strcmp(path, other) == 0) {
			(void)fault_set(fault, FAULT_USAGE, path == NULL ?
			    "two reports cannot both go to stdout" :
			    "two reports cannot both go to one file");
			return NULL;
		}
	}
	if (sinks->count == SINKS_MAX) {
		(void)fault_set(fault, FAULT_USAGE,
		    "at most %d reports can be written", SINKS_MAX);
		return NULL;
	}
	sinks->count++;
	*sink = (struct sink){ .sinks = sinks, .reporter = reporter,
		.path = path, .file = { .fd = -1 } };
	sink->outlet.put = path == NULL ? stdout_put : journal_put;
	return sink;
}

bool
sinks_add(struct sinks *sinks, const char *spec, struct fault *fault)
{
	struct span rest = span_of(spec);
	size_t      cut = span_chr(rest, '=');
	const struct reporter *reporter;

	if (cut == SIZE_MAX || cut == 0 || cut + 1 == rest.len)
		return fault_set(fault, FAULT_USAGE,
		    "a report is NAME=FILE, such as junit=report.xml");
	reporter = reporter_find(span_sub(rest, 0, cut));
	if (reporter == NULL)
		return name_unknown(span_sub(rest, 0, cut), fault);
	rest = span_from(rest, cut + 1);
	return sink_new(sinks, reporter, span_is(rest, "-") ? NULL :
	    arena_cstr(&sinks->arena, rest), fault) != NULL;
}

bool
sinks_have_stdout(const struct sinks *sinks)
{
	for (size_t i = 0; i < sinks->count; i++)
		if (sinks->rows[i].path == NULL)
			return true;
	return false;
}

bool
sinks_stdout(struct sinks *sinks, const struct reporter *reporter,
    struct progress *progress, struct fault *fault)
{
	sinks->progress = progress;     /* also when a --report is there */
	return sink_new(sinks, reporter, NULL, fault) != NULL;
}

void
sinks_quiet(struct sinks *sinks)
{
	size_t kept = 0;

	for (size_t i = 0; i < sinks->count; i++) {
		struct span name = span_of(sinks->rows[i].reporter->name);

		if (sinks->rows[i].path == NULL && (span_is(name, "human") ||
		    span_is(name, "quiet")))
			continue;
		if (kept != i)
			sinks->rows[kept] = sinks->rows[i];
		kept++;
	}
	sinks->count = kept;
}

/* ---- writing --------------------------------------------------------------- */

static uint64_t
clock_us(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool
is_document(const struct sink *sink)
{
	return sink->path != NULL && sink->reporter->entry == NULL;
}

static void
document_write(struct sink *sink, uint64_t now_us, bool last)
{
	struct buf whole = buf_new(DOCUMENT_MAX);
	int        error;

	if (!run_bus_snapshot(sink->sinks->bus, sink->handle, now_us, &whole)) {
		break_off(sink, "it is too large");
	} else {
		error = report_file_replace(&sink->file, buf_span(&whole),
		    last);
		if (error != 0)
			break_off(sink, strerror(error));
	}
	buf_free(&whole);
}

static void
documents_write(struct sinks *sinks, uint64_t now_us, bool last)
{
	uint64_t began = clock_us(), cost;

	for (size_t i = 0; i < sinks->count; i++)
		if (is_document(&sinks->rows[i]) && !sinks->rows[i].broken)
			document_write(&sinks->rows[i], now_us, last);
	cost = clock_us() - began;
	sinks->changes = run_bus_changes(sinks->bus);
	sinks->next_us = now_us + (cost * INTERVAL_FACTOR > INTERVAL_US ?
	    cost * INTERVAL_FACTOR : INTERVAL_US);
}

void
sinks_prepare(struct sinks *sinks)
{
	for (size_t i = 0; i < sinks->count; i++) {
		struct sink *sink = &sinks->rows[i];
		int error = sink->path == NULL ? 0 : report_file_open(
		    &sink->file, sink->path, !is_document(sink),
		    &sinks->arena);

		if (error != 0)
			break_off(sink, strerror(error));
	}
}

void
sinks_open(struct sinks *sinks, struct run_bus *bus, uint64_t now_us)
{
	sinks->bus = bus;
	for (size_t i = 0; i < sinks->count; i++) {
		struct sink *sink = &sinks->rows[i];

		if (!sink->broken)
			sink->handle = run_bus_add(bus, sink->reporter,
			    is_document(sink) ? NULL : &sink->outlet);
	}
	documents_write(sinks, now_us, false);
}

void
sinks_tick(struct sinks *sinks, uint64_t now_us)
{
	if (now_us < sinks->next_us)
		return;
	run_bus_flush(sinks->bus);
	if (run_bus_changes(sinks->bus) != sinks->changes)
		documents_write(sinks, now_us, false);
	else
		sinks->next_us = now_us + INTERVAL_US;
}

bool
sinks_finish(struct sinks *sinks, uint64_t now_us)
{
	documents_write(sinks, now_us, true);
	for (size_t i = 0; i < sinks->count; i++) {
		struct sink *sink = &sinks->rows[i];
		int error = report_file_close(&sink->file);

		if (error != 0)
			break_off(sink, strerror(error));
	}
	return !sinks->failed;
}
