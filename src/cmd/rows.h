/* COMMAND(name): one subcommand, the file name.c with command_name. */
COMMAND(run)
COMMAND(check)
COMMAND(list)
COMMAND(show)
COMMAND(explain)
COMMAND(serve)
