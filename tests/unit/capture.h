/* Runs a command inside of a test and keeps what it writes. */
#ifndef QUOTH_TESTS_CAPTURE_H
#define QUOTH_TESTS_CAPTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct capture {
	int   status;
	char  out[65536], err[4096];
};

static int
capture_file(int fd, int *kept)
{
	FILE *file = tmpfile();
	int   own;

	if (file == NULL)
		abort();
	own = dup(fileno(file));
	(void)fclose(file);
	*kept = dup(fd);
	if (own < 0 || *kept < 0 || dup2(own, fd) != fd)
		abort();
	return own;
}

static void
capture_end(int fd, int own, int kept, char *text, size_t size)
{
	ssize_t len;

	if (dup2(kept, fd) != fd)
		abort();
	len = pread(own, text, size - 1, 0);
	if (len < 0)
		abort();
	text[len] = '\0';
	(void)close(own);
	(void)close(kept);
}

/* `words` is ended by NULL and starts with the command's name. */
static void
capture_run(int (*run)(int, char **), const char *const *words,
    struct capture *got)
{
	char *argv[64];
	int   argc = 0, out_kept, err_kept, out_own, err_own;

	for (; words[argc] != NULL; argc++)
		argv[argc] = strdup(words[argc]);
	argv[argc] = NULL;
	(void)fflush(NULL);
	out_own = capture_file(STDOUT_FILENO, &out_kept);
	err_own = capture_file(STDERR_FILENO, &err_kept);
	got->status = run(argc, argv);
	capture_end(STDOUT_FILENO, out_own, out_kept, got->out,
	    sizeof got->out);
	capture_end(STDERR_FILENO, err_own, err_kept, got->err,
	    sizeof got->err);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
}

#endif
