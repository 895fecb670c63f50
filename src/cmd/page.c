/* Wrapped text, entries in two columns, and the help of a command. */
#include "cmd/page.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

void
page_wrap(struct buf *out, const char *text, size_t at, size_t indent)
{
	struct span rest = span_of(text), word;
	bool        first = true;

	while (span_word(&rest, " ", &word)) {
		if (!first && at + 1 + word.len > PAGE_COLUMNS) {
			buf_add_octet(out, '\n');
			buf_add_fill(out, ' ', indent);
			at = indent;
		} else if (!first) {
			buf_add_octet(out, ' ');
			at++;
		}
		buf_add(out, word);
		at += word.len;
		first = false;
	}
	buf_add_octet(out, '\n');
}

void
page_entry(struct buf *out, const char *head, size_t indent, const char *text)
{
	size_t at = 2 + strlen(head);

	buf_addf(out, "  %s", head);
	if (at + 2 > indent) {
		buf_add_octet(out, '\n');
		at = 0;
	}
	buf_add_fill(out, ' ', indent - at);
	page_wrap(out, text, indent, indent);
}

int
page_print(const struct buf *page)
{
	if (page->full) {
		say("the output is longer than %zu octets", page->max);
		return EXIT_INTERNAL;
	}
	if (write_all(STDOUT_FILENO, buf_span(page)) || errno == EPIPE)
		return EXIT_PASSED;
	say("cannot write to stdout: %s", strerror(errno));
	return EXIT_ENVIRONMENT;
}

static void
option_head(const struct option_row *row, char *head, size_t size)
{
	const char *gap = row->value == NULL ? "" : " ";
	const char *value = row->value == NULL ? "" : row->value;

	if (row->letter != 0)
		(void)snprintf(head, size, "-%c, %s%s%s", row->letter,
		    row->name, gap, value);
	else
		(void)snprintf(head, size, "    %s%s%s", row->name, gap, value);
}

/* As wide as the longest head, but for single ones far beyond the others. */
static size_t
option_indent(const struct option_row *rows)
{
	enum { LEAST = 16, MOST = 30 };
	size_t indent = LEAST;

	for (size_t i = 0; rows != NULL && rows[i].name != NULL; i++) {
		char   head[PAGE_COLUMNS];
		size_t width;

		option_head(&rows[i], head, sizeof head);
		width = strlen(head) + 4;
		if (width > indent && width <= MOST)
			indent = width;
	}
	return indent;
}

/* "runs scenarios" as "Runs scenarios." */
static void
about_add(const char *about, struct buf *out)
{
	struct buf text = buf_new(PAGE_MAX);

	(void)buf_add_octet(&text, (char)(about[0] >= 'a' && about[0] <= 'z' ?
	    about[0] - 'a' + 'A' : about[0]));
	(void)buf_add_text(&text, about + 1);
	if (!span_ends(buf_span(&text), SPAN(".")))
		(void)buf_add_octet(&text, '.');
	(void)buf_add_octet(&text, '\0');
	page_wrap(out, text.ptr, 0, 0);
	buf_free(&text);
}

void
page_help(const struct command *command, struct buf *out)
{
	const struct option_row *rows = command->options;
	size_t indent = option_indent(rows);
	bool   any = rows != NULL && rows[0].name != NULL;

	buf_addf(out, "usage: quoth %s%s\n\n", command->usage,
	    any ? " [OPTION...]" : "");
	about_add(command->about, out);
	buf_add_octet(out, '\n');
	for (size_t i = 0; rows != NULL && rows[i].name != NULL; i++) {
		char head[PAGE_COLUMNS];

		option_head(&rows[i], head, sizeof head);
		page_entry(out, head, indent, rows[i].help);
	}
	page_entry(out, "-h, --help", indent, "show this text");
	if (!any)
		return;
	buf_add_octet(out, '\n');
	page_wrap(out, "Each option can also come from the environment: "
	    "QUOTH_OPT_ and its name in capitals, such as QUOTH_OPT_TARGET for "
	    "--target. The command line wins.", 0, 0);
}

const char *
page_hint(struct span word, const char *const *words, size_t count,
    char room[PAGE_HINT])
{
	const char *near = span_nearest(word, words, count);

	room[0] = '\0';
	if (near != NULL)
		(void)snprintf(room, PAGE_HINT, "; did you mean '%s'?", near);
	return room;
}
