/*
 * Files to scenarios. Everything is read, expanded and checked before the
 * first byte is sent; what it makes is immutable and lives as long as the
 * loader.
 */
#ifndef QUOTH_LOAD_LOAD_H
#define QUOTH_LOAD_LOAD_H

#include "model/diag.h"
#include "model/endpoint.h"
#include "model/source.h"

struct loader;
struct redactor;
struct scripts;
struct tls_ask;

/* A value given from outside: -D, the environment, --vars, --secrets. */
enum given_from { GIVEN_DEFINE, GIVEN_VARS, GIVEN_SECRETS };

struct load_options {
	const struct endpoint *target;  /* of the command line, or NULL */
	const char      *client;        /* the name to say in EHLO */
	uint64_t         seed;
	bool             checking;      /* `check`: values may be missing */
	uint8_t          family;
	uint8_t          proxy;         /* version of the PROXY protocol, or 0 */
	bool             insecure;      /* as in struct build */
	bool           (*tls_check)(const struct tls_ask *, uint8_t *part,
	                   struct fault *fault);
	uint32_t         scenarios_max; /* LIMIT_SCENARIOS unless asked */
	struct redactor *redactor;      /* gets the secrets' values; or NULL */
	/* Starts the embedded server of target->proto when the first scenario
	 * needs it, and gives the target its address. NULL: nothing will be
	 * run. */
	bool           (*embedded)(void *who, struct endpoint *target,
	                   struct fault *fault);
	void            *who;
	/* The hosts of a mail domain, to run every scenario once for each; NULL:
	 * the first that takes a connection is enough. 0 hosts: none is known,
	 * which the run will find out as well. They live as long as `arena`. */
	uint32_t       (*hosts)(void *who, const struct endpoint *target,
	                   struct arena *arena, const struct endpoint **hosts);
	int64_t          today;         /* days since 1970, for xfail */
	struct scripts  *scripts;       /* runs Lua files; NULL: they are errors */
};

struct loader *loader_new(const struct load_options *options);
void loader_free(struct loader *loader);

/* "NAME=VALUE". False: no '='. Both must outlive the loader. */
bool loader_give(struct loader *loader, enum given_from from,
    const char *pair);
/* A YAML map of names and values (--vars, --secrets). */
void loader_give_file(struct loader *loader, enum given_from from,
    const char *path);

/* A file, or every *.yaml, *.yml and *.lua below a folder in sorted order. What is
 * wrong goes to the diagnostics; `*files` counts the scenario files. */
void loader_add(struct loader *loader, const char *path, uint32_t *files);
/* The same of a text in memory, as if the file `name` held it; it outlives the
 * loader. No file is read: what it names is an error. */
void loader_add_text(struct loader *loader, const char *name,
    struct span text);

struct diags *loader_diags(struct loader *loader);
const struct scenario *const *loader_scenarios(const struct loader *loader,
    uint32_t *count);

/* Errors that stop nobody else: of scripts that did not load, each of which is
 * a scenario that is an error. 0 where there is no other scenario. */
uint32_t loader_errors_apart(const struct loader *loader);

/* After loading: a -D that no selected scenario declares, `missing` of the
 * scenarios that were selected. */
void loader_check_given(struct loader *loader,
    const struct scenario *const *selected, uint32_t count);
void loader_check_missing(struct loader *loader,
    const struct scenario *const *selected, uint32_t count);

#endif
