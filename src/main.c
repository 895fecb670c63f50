/*
 * Finds the subcommand's row and calls it. Before that: descriptors 0 to 2
 * are open (else the first socket would be stdout), SIGPIPE and SIGXFSZ
 * are errors of write() only, and running out of memory has its own exit
 * code.
 */
#include "cmd/page.h"

#include "base/mem.h"
#include "base/text.h"
#include "script/jail/jail.h"
#include "script/script.h"

#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void
out_of_memory(void)
{
	static const char text[] = "quoth: out of memory\n";

	(void)write_all(STDERR_FILENO, SPAN(text));
	_exit(EXIT_INTERNAL);
}

static void
descriptors_open(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null", O_RDWR) != fd)
			_exit(EXIT_INTERNAL);
}

static const struct command *
command_find(const char *name)
{
	for (size_t i = 0; command_rows[i] != NULL; i++)
		if (strcmp(command_rows[i]->name, name) == 0)
			return command_rows[i];
	return NULL;
}

static int
refuse_command(const char *name)
{
	enum { MAX = 64 };
	const char *names[MAX];
	size_t      count = 0;
	char        hint[PAGE_HINT];

	if (access(name, F_OK) == 0) {
		say("there is no command '%s'; a file or folder of that name "
		    "is run by: quoth run %s", name, name);
		return EXIT_USAGE;
	}
	names[count++] = "help";
	for (size_t i = 0; command_rows[i] != NULL && count < MAX; i++)
		names[count++] = command_rows[i]->name;
	say("there is no command '%s'%s (quoth --help lists them)", name,
	    page_hint(span_of(name), names, count, hint));
	return EXIT_USAGE;
}

static void
overview(struct buf *page)
{
	enum { INDENT = 24 };

	buf_add_text(page, "usage: quoth COMMAND [OPTION...] [WORD...]\n\n"
	    "Runs scenarios against mail servers: what to send, what to "
	    "expect.\n\n");
	for (size_t i = 0; command_rows[i] != NULL; i++)
		page_entry(page, command_rows[i]->usage, INDENT,
		    command_rows[i]->about);
	page_entry(page, "help [COMMAND]", INDENT,
	    "this text, or a command's options");
	page_entry(page, "--version", INDENT,
	    "the version, and the libraries in use");
}

/* One library of this process, by the file's full name: libuv.so.1.0.0. The
 * kernel's own page has no file. */
static int
library(struct dl_phdr_info *info, size_t size, void *page)
{
	char        real[PATH_MAX];
	const char *name;

	(void)size;
	if (info->dlpi_name == NULL || info->dlpi_name[0] != '/' ||
	    realpath(info->dlpi_name, real) == NULL)
		return 0;
	name = strrchr(real, '/');
	buf_add_text(page, "  ");
	text_plain(span_of(name == NULL ? real : name + 1), page);
	buf_add_octet(page, '\n');
	return 0;
}

static int
version(void)
{
	struct buf page = buf_new(PAGE_MAX);
	int        status;

	buf_add_text(&page, "quoth " QUOTH_VERSION "\n");
	(void)buf_addf(&page, "%s%s%s\n", script_version(),
	    *jail_words() == '\0' ? "" : "; ", jail_words());
	(void)dl_iterate_phdr(library, &page);
	status = page_print(&page);
	buf_free(&page);
	return status;
}

static int
completion(const char *shell)
{
	struct buf page = buf_new(PAGE_MAX);
	int        status;

	if (shell == NULL || strcmp(shell, "bash") != 0) {
		say("--completion wants the name of a shell: bash");
		return EXIT_USAGE;
	}
	page_completion(&page);
	status = page_print(&page);
	buf_free(&page);
	return status;
}

static int
help(const char *name)
{
	struct buf page = buf_new(PAGE_MAX);
	int        status;
	const struct command *command = NULL;

	if (name != NULL && strcmp(name, "help") != 0) {
		command = command_find(name);
		if (command == NULL)
			return refuse_command(name);
	}
	if (command != NULL)
		page_help(command, &page);
	else
		overview(&page);
	status = page_print(&page);
	buf_free(&page);
	return status;
}

static bool
is_one_of(const char *word, const char *a, const char *b)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

int
main(int argc, char **argv)
{
	const struct command *command;

	descriptors_open();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* EFBIG instead */
	mem_on_failure(out_of_memory);
	if (argc < 2) {
		say("no command given (quoth --help lists them)");
		return EXIT_USAGE;
	}
	if (is_one_of(argv[1], "--version", "-V"))
		return version();
	if (is_one_of(argv[1], "--help", "-h"))
		return help(NULL);
	if (strcmp(argv[1], "help") == 0 && argc > 2 &&
	    strcmp(argv[2], "--completion") == 0)
		return completion(argc > 3 ? argv[3] : NULL);
	if (strcmp(argv[1], "help") == 0)
		return help(argc > 2 ? argv[2] : NULL);
	command = command_find(argv[1]);
	if (command == NULL)
		return refuse_command(argv[1]);
	return command->main(argc - 1, argv + 1);
}
