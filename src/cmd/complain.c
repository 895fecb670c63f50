/*
 * Diagnostics for people:
 *
 *	error: unknown key 'expct' in a step [unknown-key]
 *	  --> relay.yaml:14:5
 *	   |
 *	14 |     expct: 550
 *	   |     ^^^^^
 *	   = hint: did you mean 'expect'?
 *
 * The form is stable; editors and tests read it.
 */
#include "cmd/complain.h"
#include "cmd/complain_view.h"

#include "base/limits.h"
#include "base/text.h"

enum { SCREEN = 80 };

#define BOLD    "\033[1m"
#define RED     "\033[1;31m"
#define YELLOW  "\033[1;33m"
#define BLUE    "\033[1;34m"
#define PLAIN   "\033[0m"

struct pen {
	struct buf *out;
	bool        colour;
	size_t      digits;
	const struct redactor *redactor;        /* or NULL */
};

static void
paint(const struct pen *pen, const char *colour, const char *text)
{
	if (pen->colour)
		(void)buf_add_text(pen->out, colour);
	(void)buf_add_text(pen->out, text);
	if (pen->colour)
		(void)buf_add_text(pen->out, PLAIN);
}

/* At most LIMIT_SHOWN octets, escaped. */
static void
show(const struct pen *pen, const char *text)
{
	text_plain(span_sub(span_of(text), 0, LIMIT_SHOWN), pen->out);
}

static void
gutter(const struct pen *pen, const char *sign)
{
	(void)buf_add_fill(pen->out, ' ', pen->digits + 1);
	paint(pen, BLUE, sign);
}

static void
carets(const struct pen *pen, const struct diag *diag, const struct view *view)
{
	gutter(pen, "|");
	(void)buf_add_fill(pen->out, ' ', view->lead + 1);
	if (pen->colour)
		(void)buf_add_text(pen->out,
		    diag->severity == SEVERITY_ERROR ? RED : YELLOW);
	(void)buf_add_fill(pen->out, '^', view->mark);
	if (pen->colour)
		(void)buf_add_text(pen->out, PLAIN);
	(void)buf_add_text(pen->out, "\n");
}

static void
excerpt(const struct pen *pen, const struct diag *diag)
{
	struct view view;
	size_t      used = pen->digits + 3;

	complain_view(&diag->loc, pen->redactor, SCREEN - used, &view);
	gutter(pen, "|");
	(void)buf_add_text(pen->out, "\n");
	if (pen->colour)
		(void)buf_add_text(pen->out, BLUE);
	(void)buf_addf(pen->out, "%*u |", (int)pen->digits, diag->loc.line);
	if (pen->colour)
		(void)buf_add_text(pen->out, PLAIN);
	if (view.text.len > 0)
		(void)buf_add_octet(pen->out, ' ');
	if (view.cut_before)
		(void)buf_add_text(pen->out, "\xe2\x80\xa6");
	(void)buf_add(pen->out, span_sub(buf_span(&view.text), view.from,
	    view.to - view.from));
	if (view.cut_behind)
		(void)buf_add_text(pen->out, "\xe2\x80\xa6");
	(void)buf_add_text(pen->out, "\n");
	if (diag->loc.column > 0)
		carets(pen, diag, &view);
	buf_free(&view.text);
}

static size_t
digits_of(uint32_t number)
{
	size_t digits = 1;

	while (number >= 10) {
		number /= 10;
		digits++;
	}
	return digits;
}

static void
place(const struct pen *pen, const struct loc *loc)
{
	(void)buf_add_fill(pen->out, ' ', pen->digits);
	paint(pen, BLUE, "-->");
	(void)buf_add_octet(pen->out, ' ');
	show(pen, loc->file->name);
	if (loc->line > 0)
		(void)buf_addf(pen->out, ":%u", loc->line);
	if (loc->line > 0 && loc->column > 0)
		(void)buf_addf(pen->out, ":%u", loc->column);
	(void)buf_add_text(pen->out, "\n");
}

/* One line, but for the frames of a script. */
static void
hint_lines(const struct pen *pen, const char *hint)
{
	struct span rest = span_of(hint), line;

	gutter(pen, "=");
	(void)buf_add_text(pen->out, " hint: ");
	if (!span_starts(rest, SPAN("called from:\n"))) {
		show(pen, hint);
		(void)buf_add_octet(pen->out, '\n');
		return;
	}
	for (bool first = true; span_word(&rest, "\n", &line);
	    first = false) {
		if (!first)
			(void)buf_add_fill(pen->out, ' ', pen->digits + 9);
		text_plain(line, pen->out);
		(void)buf_add_octet(pen->out, '\n');
	}
}

static void
one(const struct diag *diag, const struct redactor *redactor, bool colour,
    struct buf *out)
{
	const struct pen pen = { out, colour, digits_of(diag->loc.line),
		redactor };
	bool error = diag->severity == SEVERITY_ERROR;

	paint(&pen, error ? RED : YELLOW, error ? "error" : "warning");
	(void)buf_add_text(out, ": ");
	if (colour)
		(void)buf_add_text(out, BOLD);
	show(&pen, diag->text);
	if (colour)
		(void)buf_add_text(out, PLAIN);
	(void)buf_addf(out, " [%s]\n", diag_rows[diag->id].word);
	if (diag->loc.file != NULL)
		place(&pen, &diag->loc);
	if (diag->loc.file != NULL && diag->loc.line > 0)
		excerpt(&pen, diag);
	if (diag->hint == NULL)
		return;
	hint_lines(&pen, diag->hint);
}

void
complain_one(const struct diag *diag, bool colour, struct buf *out)
{
	one(diag, NULL, colour, out);
}

static void
human(const struct diags *diags, bool colour, struct buf *out)
{
	for (const struct diag *diag = diags->first; diag != NULL;
	    diag = diag->next) {
		one(diag, diags->redactor, colour, out);
		(void)buf_add_text(out, "\n");
	}
	complain_summary(diags, out);
}

static void
count(uint32_t number, const char *word, struct buf *out)
{
	(void)buf_addf(out, "%u %s%s", number, word, number == 1 ? "" : "s");
}

/* The only file complained of, or NULL; `*files` counts changes of file. */
static const struct file *
files_count(const struct diags *diags, uint32_t *files)
{
	const struct file *now = NULL;

	*files = 0;
	for (const struct diag *diag = diags->first; diag != NULL;
	    diag = diag->next) {
		if (diag->loc.file == NULL || diag->loc.file == now)
			continue;
		now = diag->loc.file;
		(*files)++;
	}
	return *files == 1 ? now : NULL;
}

void
complain_summary(const struct diags *diags, struct buf *out)
{
	uint32_t files, listed = 0;
	const struct file *only = files_count(diags, &files);

	if (diags->errors == 0 && diags->warnings == 0)
		return;
	if (diags->errors > 0)
		count(diags->errors, "error", out);
	if (diags->errors > 0 && diags->warnings > 0)
		(void)buf_add_text(out, ", ");
	if (diags->warnings > 0)
		count(diags->warnings, "warning", out);
	(void)buf_add_text(out, files == 0 ? "" : " in ");
	if (only != NULL)
		text_plain(span_of(only->name), out);
	else if (files > 1)
		count(files, "file", out);
	for (const struct diag *diag = diags->first; diag != NULL;
	    diag = diag->next)
		listed++;
	if (listed < diags->errors + diags->warnings)
		(void)buf_addf(out, " (the first %u are shown)", listed);
	(void)buf_add_text(out, "\n");
}

bool
complain_format_find(struct span name, enum complain_format *out)
{
	static const char *const names[] = {
		[COMPLAIN_HUMAN] = "human", [COMPLAIN_JSON] = "json",
		[COMPLAIN_SARIF] = "sarif", [COMPLAIN_GITHUB] = "github",
		[COMPLAIN_GITLAB] = "gitlab" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_is(name, names[i])) {
			*out = (enum complain_format)i;
			return true;
		}
	return false;
}

void
complain(struct diags *diags, enum complain_format format, bool colour,
    struct buf *out)
{
	diags_sort(diags);
	switch (format) {
	case COMPLAIN_HUMAN:
		human(diags, colour, out);
		return;
	case COMPLAIN_JSON:
		complain_json(diags, out);
		return;
	case COMPLAIN_SARIF:
		complain_sarif(diags, out);
		return;
	case COMPLAIN_GITHUB:
		complain_github(diags, out);
		return;
	case COMPLAIN_GITLAB:
		complain_gitlab(diags, out);
		return;
	}
}
