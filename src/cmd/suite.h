/*
 * What run, check, list and show have in common: the command line's values,
 * the files, the selection.
 */
#ifndef QUOTH_CMD_SUITE_H
#define QUOTH_CMD_SUITE_H

#include "base/secret.h"
#include "cmd/complain.h"
#include "cmd/select.h"
#include "base/limits.h"
#include "load/load.h"
#include "script/jail/nursery.h"
#include "script/script.h"

#define CLIENT_NAME "tester.example"

/* Rows that such a command has among its own. */
#define SUITE_OPTIONS \
	{ .name = "--target", .letter = 't', .value = "URL", .help = \
	    "where to connect: smtp://HOST[:25], lmtp://HOST[:24], mx://DOMAIN, " \
	    "HOST:PORT or embedded" }, \
	{ .name = "--define", .letter = 'D', .value = "NAME=VALUE", \
	    .many = true, .help = "give a parameter its value" }, \
	{ .name = "--vars", .value = "FILE", .many = true, .help = \
	    "take parameters from a YAML file of names and values" }, \
	{ .name = "--secrets", .value = "FILE", .many = true, .help = \
	    "take secret parameters from such a file" }, \
	{ .name = "--tag", .value = "EXPR", .help = \
	    "take only scenarios with these tags: 'smoke and not slow'" }, \
	{ .name = "--only", .value = "ID", .many = true, .help = \
	    "take only the scenario of that name or id" }, \
	{ .name = "--shard", .value = "I/N", .help = \
	    "take only the I-th of N equal parts" }, \
	{ .name = "--client", .value = "NAME", .help = \
	    "the name to say in EHLO (" CLIENT_NAME ")" }, \
	{ .name = "--seed", .value = "N", .help = \
	    "the seed of ${random}; reports name the one that was used" }, \
	{ .name = "--max-scenarios", .value = "N", .help = \
	    "load at most so many scenarios (10000)" }, \
	{ .name = "--ipv4", .letter = '4', .help = \
	    "use IPv4 addresses only" }, \
	{ .name = "--ipv6", .letter = '6', .help = \
	    "use IPv6 addresses only" }, \
	{ .name = "--proxy-protocol", .value = "N", .help = \
	    "begin connections with a header of the PROXY protocol: 1 or 2" }, \
	{ .name = "--allow-empty", .help = \
	    "exit 0 when nothing was selected" }

struct suite {
	struct arena     arena;
	struct loader   *loader;
	struct redactor *redactor;
	struct endpoint *target;        /* of the command line, or NULL */
	struct selection selection;
	struct nursery  *nursery;       /* NULL: no Lua file is named */
	struct scripts  *scripts;
	uint64_t         seed;
	uint32_t         files;
	int              load_status;   /* EXIT_LOAD: a script did not load, and
	                                 * the others run */
	/* As in load_options; a run has one. */
	bool           (*embedded)(void *who, struct endpoint *target,
	                   struct fault *fault);
	uint32_t       (*hosts)(void *who, const struct endpoint *target,
	                   struct arena *arena, const struct endpoint **hosts);
	void            *who;
};

/* Reads the options; `suite->target` may be changed between the two (the
 * embedded server gets its port). An exit code. */
int suite_options(const struct args *args, struct suite *suite);
/* Loads every word as a path and selects. Diagnostics go to stderr as people
 * read them unless `quiet`. */
int suite_load(const struct args *args, bool checking, bool quiet,
    struct suite *suite);
void suite_free(struct suite *suite);

/* scripts.c: an exit code. */
int suite_scripts(const struct args *args, struct suite *suite);
void suite_scripts_free(struct suite *suite);

/* A command that shows each selected scenario and does nothing else: its whole
 * main. */
int suite_each(const struct command *command, int argc, char **argv,
    void (*show)(const struct scenario *, struct buf *out));

/* To stdout, without its secrets: an exit code. */
int suite_print(const struct suite *suite, const struct buf *text);

/* A number of an option; false after one sentence. */
bool number_read(const struct args *args, const char *name, uint64_t min,
    uint64_t max, uint64_t *out);

#endif
