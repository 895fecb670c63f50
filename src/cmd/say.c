/* What commands say on stderr, how they write, and whose exit code wins. */
#include "cmd/cmd.h"

#include "base/text.h"
#include "cmd/report_file.h"

#include <errno.h>
#include <unistd.h>

enum { SAY_MAX = 16 * 1024, SAID_MAX = 512 };

static char last[SAID_MAX];

/* From the one that wins down to the one that always loses. */
static const int ranking[] = {
	EXIT_INTERNAL, EXIT_TERMINATED, EXIT_INTERRUPTED, EXIT_TRUST,
	EXIT_LOAD, EXIT_USAGE, EXIT_FAILED, EXIT_ENVIRONMENT, EXIT_NOTHING,
	EXIT_PASSED
};

/* A number that nobody knows is an internal error, never a success. */
static size_t
rank(int code)
{
	for (size_t i = 0; i < sizeof ranking / sizeof ranking[0]; i++)
		if (ranking[i] == code)
			return i;
	return 0;
}

int
exit_worse(int a, int b)
{
	size_t first = rank(a), second = rank(b);

	return ranking[first < second ? first : second];
}

bool
write_all(int fd, struct span bytes)
{
	int error = report_write(fd, bytes);

	if (error != 0)
		errno = error;
	return error == 0;
}

void
say(const char *format, ...)
{
	struct buf text = buf_new(SAY_MAX), line = buf_new(8 * SAY_MAX);
	va_list    args;
	int        kept = errno;

	va_start(args, format);
	if (!buf_addv(&text, format, args))
		buf_add_text(&text, "(a message that is too long to show)");
	va_end(args);
	last[0] = '\0';
	if (text.len < sizeof last) {
		memcpy(last, text.ptr, text.len);
		last[text.len] = '\0';
	}
	buf_add_text(&line, "quoth: ");
	text_plain(buf_span(&text), &line);
	buf_add_octet(&line, '\n');
	/* Where stderr is gone there is nobody left to tell. */
	(void)write_all(STDERR_FILENO, buf_span(&line));
	buf_free(&text);
	buf_free(&line);
	errno = kept;
}

const char *
said(void)
{
	return last;
}
