/*
 * Subcommands: the only code that prints or decides an exit code, and the only
 * place where tables meet the engine. One file each; rows.h lists them.
 */
#ifndef QUOTH_CMD_CMD_H
#define QUOTH_CMD_CMD_H

#include "base/fault.h"

enum exit_code {
	EXIT_PASSED = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_LOAD = 3,
	EXIT_ENVIRONMENT = 4, EXIT_NOTHING = 5, EXIT_TRUST = 6,
	EXIT_INTERNAL = 70, EXIT_INTERRUPTED = 130, EXIT_TERMINATED = 143
};

/* Of several, the one that wins: 70, 143, 130, 6, 3, 2, 1, 4, 5, 0. */
int exit_worse(int a, int b);

/* One option of a command: help, man page and completion come of these rows.
 * `value` NULL: a switch. `env` is QUOTH_OPT_ + the name in capitals. */
struct option_row {
	const char *name;       /* "--target" */
	char        letter;     /* 't', or 0 */
	const char *value;      /* "URL" */
	const char *help;       /* one line */
	bool        many;       /* may stand several times */
};

struct command {
	const char              *name, *usage;  /* "run", "run PATH..." */
	const char              *about;         /* one line */
	const struct option_row *options;       /* ended by name NULL */
	int (*main)(int argc, char **argv);     /* argv[0] is its name */
};
extern const struct command *const command_rows[];      /* NULL-ended */

/* What the command line said. Values in order of their appearance. */
struct args {
	const struct command *command;
	struct { const struct option_row *row; const char *value; } *given;
	size_t       given_count;
	const char **words;             /* everything that is no option */
	size_t       word_count;
};

/* False after one clear sentence on stderr (exit code 2), or when --help was
 * given (`*status` 0, help is on stdout). */
bool args_read(const struct command *command, int argc, char **argv,
    struct args *args, int *status);
void args_free(struct args *args);

/* The last value given, else the environment's, else NULL. A switch: "". */
const char *args_value(const struct args *args, const char *name);
bool args_flag(const struct args *args, const char *name);
/* The next value of an option that may stand several times; `*at` from 0. */
const char *args_each(const struct args *args, const char *name, size_t *at);

/* Every --fault for the embedded server, checked; false after one sentence.
 * faults.c. */
bool args_faults(const struct args *args, const char ***specs, size_t *count);

/* One sentence on stderr: "quoth: ...". Untrusted text is escaped. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What was said last, without "quoth: ", for reports; never NULL. */
const char *said(void);
/* Everything to a descriptor (report_write() of cmd/report_file.h); false on an
 * error (errno). */
bool write_all(int fd, struct span bytes);

#endif
