/* COMMAND(name): one subcommand, the file name.c with command_name. */
<<<<<<< HEAD
COMMAND(explain)
=======
COMMAND(serve)
>>>>>>> serve
