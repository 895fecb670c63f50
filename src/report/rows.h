/* REPORTER(name): one reporter, the file name.c with reporter_name. */
REPORTER(human)
REPORTER(tap)
REPORTER(junit)
REPORTER(json)
REPORTER(jsonl)
REPORTER(github)
REPORTER(quiet)
