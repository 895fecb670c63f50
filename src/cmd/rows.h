/* COMMAND(name): one subcommand, the file name.c with command_name. */
COMMAND(explain)
COMMAND(serve)
