/* The rows of rows.h as a table. */
#include "cmd/cmd.h"

#define COMMAND(name) extern const struct command command_##name;
#include "cmd/rows.h"
#undef COMMAND

const struct command *const command_rows[] = {
#define COMMAND(name) &command_##name,
#include "cmd/rows.h"
#undef COMMAND
	NULL
};
