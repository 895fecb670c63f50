/*
 * One write for each change of the region. Its lines are cut to the terminal,
 * so that none wraps and the cursor's way back is known. Errors of stderr are
 * nobody's business.
 */
#include "cmd/progress.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/report_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	REDRAW_US = 100000,
	HEARTBEAT_US = 30 * 1000000,
	BAR_COLUMNS = 30,
	NAMES_MAX = 8,
	COLUMNS_DEFAULT = 80
};

struct progress {
	int      fd;
	bool     live, colours, drawn;
	uint64_t next_us;       /* not before this; 0: at once */
	struct buf out, text;
};

/* It knows more than line ends. */
static bool
term_is_able(void)
{
	const char *term = getenv("TERM");

	return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

bool
progress_region(int fd)
{
	return progress_columns(fd) > 0 && term_is_able() &&
	    getenv("CI") == NULL;
}

bool
progress_colours(const char *choice, int fd, bool *colours)
{
	const char *no = getenv("NO_COLOR");

	*colours = false;
	if (choice == NULL || strcmp(choice, "auto") == 0) {
		*colours = (no == NULL || no[0] == '\0') && term_is_able() &&
		    isatty(fd) == 1;
		return true;
	}
	*colours = strcmp(choice, "always") == 0;
	return *colours || strcmp(choice, "never") == 0;
}

uint16_t
progress_columns(int fd)
{
	struct winsize size = { 0 };

	if (ioctl(fd, TIOCGWINSZ, &size) == 0)
		return size.ws_col == 0 ? COLUMNS_DEFAULT : size.ws_col;
	return 0;
}

struct progress *
progress_new(int fd, bool live, bool colours)
{
	struct progress *progress = mem_alloc(sizeof *progress);

	*progress = (struct progress){
		.fd = fd, .live = live, .colours = colours,
		.out = buf_new(64 * KIB), .text = buf_new(64 * KIB),
	};
	return progress;
}

void
progress_free(struct progress *progress)
{
	if (progress == NULL)
		return;
	progress_erase(progress);
	buf_free(&progress->out);
	buf_free(&progress->text);
	mem_free(progress);
}

static void
put(struct progress *progress)
{
	(void)report_write(progress->fd, buf_span(&progress->out));
	buf_clear(&progress->out);
}

/* From the end of the second line to the start of the first. */
static void
erase(struct progress *progress)
{
	if (progress->drawn)
		(void)buf_add_text(&progress->out, "\r\x1b[1A\x1b[J");
	progress->drawn = false;
}

void
progress_erase(struct progress *progress)
{
	if (!progress->drawn)
		return;
	erase(progress);
	put(progress);
}

static uint32_t
done(const struct totals *totals)
{
	return totals->scenarios - totals->not_run;
}

static void
paint(struct progress *progress, const char *code)
{
	if (progress->colours)
		(void)buf_add_text(&progress->out, code);
}

static void
bar(struct progress *progress, const struct totals *totals)
{
	size_t full = totals->scenarios == 0 ? BAR_COLUMNS :
	    (size_t)((uint64_t)done(totals) * BAR_COLUMNS / totals->scenarios);
	bool   bad = totals->failed + totals->errors > 0;

	paint(progress, bad ? "\x1b[31m" : "\x1b[32m");
	for (size_t i = 0; i < BAR_COLUMNS; i++) {
		if (i == full)
			paint(progress, "\x1b[0m\x1b[2m");
		/* Without colours the rest must look different. */
		(void)buf_add_text(&progress->out, i < full ? "\xe2\x94\x81" :
		    progress->colours ? "\xe2\x94\x81" : "\xe2\x94\x84");
	}
	paint(progress, "\x1b[0m");
}

static void
counts(const struct totals *totals, struct buf *out)
{
	(void)buf_addf(out, " %" PRIu32 "/%" PRIu32, done(totals),
	    totals->scenarios);
	if (totals->failed + totals->errors > 0)
		(void)buf_addf(out, "  %" PRIu32 " failed",
		    totals->failed + totals->errors);
	if (totals->skipped > 0)
		(void)buf_addf(out, "  %" PRIu32 " skipped", totals->skipped);
	(void)buf_addf(out, "  %" PRIu64 ":%02" PRIu64,
	    totals->took_us / 60000000, totals->took_us / 1000000 % 60);
}

static void
names(const struct span *running, size_t count, struct buf *out)
{
	for (size_t i = 0; i < count && i < NAMES_MAX; i++) {
		(void)buf_add_text(out, i == 0 ? "  " : ", ");
		text_plain(text_head(running[i], 200), out);
	}
	if (count > NAMES_MAX)
		(void)buf_addf(out, " and %zu more", count - NAMES_MAX);
}

static void
draw(struct progress *progress, const struct totals *totals,
    const struct span *running, size_t count)
{
	size_t columns = progress_columns(progress->fd);

	columns = columns == 0 ? COLUMNS_DEFAULT : columns;
	erase(progress);
	if (columns > BAR_COLUMNS + 8)
		bar(progress, totals);
	else
		columns += BAR_COLUMNS;
	buf_clear(&progress->text);
	counts(totals, &progress->text);
	text_fit(buf_span(&progress->text), columns - BAR_COLUMNS - 1,
	    &progress->out);
	(void)buf_add_octet(&progress->out, '\n');
	buf_clear(&progress->text);
	names(running, count, &progress->text);
	paint(progress, "\x1b[2m");
	columns = progress_columns(progress->fd);
	text_fit(buf_span(&progress->text), columns == 0 ?
	    COLUMNS_DEFAULT - 1 : columns - 1U, &progress->out);
	paint(progress, "\x1b[0m");
	progress->drawn = true;
	put(progress);
}

static void
heartbeat(struct progress *progress, const struct totals *totals)
{
	(void)buf_addf(&progress->out, "quoth: %" PRIu32 " of %" PRIu32
	    " scenarios done, %" PRIu32 " failed, after %" PRIu64 " s\n",
	    done(totals), totals->scenarios, totals->failed + totals->errors,
	    totals->took_us / 1000000);
	put(progress);
}

void
progress_show(struct progress *progress, const struct totals *totals,
    const struct span *running, size_t count, uint64_t now_us)
{
	if (!progress->live && progress->next_us == 0)
		progress->next_us = now_us + HEARTBEAT_US;
	if (now_us < progress->next_us)
		return;
	progress->next_us = now_us + (progress->live ? REDRAW_US :
	    HEARTBEAT_US);
	if (progress->live)
		draw(progress, totals, running, count);
	else
		heartbeat(progress, totals);
}
