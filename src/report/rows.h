/* REPORTER(name): one reporter, the file name.c with reporter_name. */
