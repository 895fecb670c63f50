/*
 * What the files of load/ share among themselves.
 *
 * loader: one for a run. unit: one file. maker: the expansion of one scenario
 * into a program; a copy of it is kept wherever something is built late.
 */
#ifndef QUOTH_LOAD_LOADER_H
#define QUOTH_LOAD_LOADER_H

#include "base/map.h"
#include "load/load.h"
#include "model/build.h"
#include "model/verb.h"

struct given {
	struct given   *next;
	struct span     name, value;
	enum given_from from;
	bool            used;
};

struct unit {
	struct file        file;
	const char        *folder;      /* with its "/", or "" */
	const struct node *root;        /* NULL: does not load */
	const struct node *pack;        /* params of pack.yaml, or NULL */
	bool               is_scenario; /* has the key `quoth` */
	bool               checked;     /* its own keys were */
};

struct loader {
	struct load_options options;
	struct arena        arena;
	struct diags        diags;
	struct regex_set   *regexes;
	struct given       *givens;
	struct map          units;      /* by path */
	const struct scenario **scenarios;
	uint32_t            count, cap;
	struct map          ids;        /* of scenarios */
	struct scope        builtins;
	struct name        *declared;   /* every parameter's name, for -D */
};

enum item_kind { ITEM_STEP, ITEM_LATE, ITEM_EVENTUALLY };

struct items { struct item *first, *last; };

struct item {
	struct item       *next;
	enum item_kind     kind;
	struct step        step;        /* LATE: what is known of it */
	const struct node *node;        /* LATE */
	struct maker      *maker;       /* LATE: as it was there */
	uint32_t           within_ms, every_ms;         /* EVENTUALLY */
	struct items       inner;
};

/* A `vars:` entry that could not be a constant. */
struct assignment {
	struct assignment *next;
	uint32_t           slot;
	struct template    value;
};

/* The parameters and vars of another file, once for each scenario. */
struct visited {
	struct visited *next;
	struct unit    *unit;
	struct scope    scope;
};

struct program {
	struct items       steps, always;
	struct assignment *first, *last;        /* in the order of evaluation */
	struct visited    *visited;
};

struct conns { struct span names[16]; uint32_t count; uint32_t opened; };

/* Where a `use` stands: names come out of it into the frame around. */
struct frame {
	struct frame      *up;
	const struct node *define;      /* NULL: the scenario itself */
	const struct node *site;        /* the `use` */
	struct scope      *captures;
};

struct maker {
	struct build        build;      /* first: build_of() relies on it */
	struct loader      *loader;
	struct unit        *unit;
	struct program     *program;
	struct conns       *conns;
	uint32_t           *slots;      /* taken so far */
	uint32_t           *steps;      /* expanded so far */
	struct frame       *frame;
	const struct scope *base;       /* the file's names, under a dialogue */
	const struct node  *defines[2]; /* the scenario's, the file's */
	uint32_t            depth;      /* of use and loop */
	uint32_t            flaws;      /* default of expectations */
	bool                flaws_given, go_on, always, grouped, polling;
	bool                failed;     /* an error stands in the diagnostics */
};

/* file.c */
struct unit *unit_open(struct loader *loader, const char *path, bool named);
struct unit *unit_of_text(struct loader *loader, const char *path,
    struct span text);
bool unit_read_file(struct build *build, const struct node *at,
    struct span path, struct span *bytes);
/* `path` is relative to the unit's folder and stays below it. */
bool unit_path(struct build *build, struct unit *unit, const struct node *at,
    struct span path, const char **joined);

/* params.c */
/* NAME in capitals, `-` and `.` as `_`, behind the prefix. */
const char *params_variable(struct loader *loader, const char *prefix,
    struct span name);
bool params_read(struct loader *loader, const struct node *params,
    struct scope *scope, const struct missing **missing);
const struct given *given_find(struct loader *loader, struct span name,
    enum given_from from);

/* names.c */
bool vars_read(struct maker *maker, const struct node *node,
    struct scope *scope);
bool name_declare(struct build *build, const struct node *at,
    struct span name, uint32_t *slot);

/* each.c: calls `row` once for each row, or once without. */
struct row { struct scope *scope; struct span id; };
bool each_expand(struct maker *maker, const struct node *each,
    bool (*call)(void *who, const struct row *row), void *who);

/* scenario.c */
void unit_scenarios(struct loader *loader, struct unit *unit);
extern const struct field scenario_fields[];

/* scenario_keys.c: the keys that say how to run it, from `from`. */
const struct node *key_find(const struct node *const from[2],
    const char *name);
bool keys_read(struct maker *maker, const struct node *const from[2],
    struct scenario *out);

/* steps.c: expands a list of steps into items. */
bool steps_expand(struct maker *maker, const struct node *list,
    struct items *out);
/* step.c: one step with an act of its own, or a pipeline. */
bool step_build(struct maker *maker, const struct node *node,
    struct step *out);
bool step_kind_words(const char **words, size_t max, size_t *count);
/* use.c */
bool use_expand(struct maker *maker, const struct node *node,
    struct items *out);

/* expect.c */
bool expect_build(struct maker *maker, const struct node *node,
    const struct verb *verb, struct expect *out);
bool flaws_read(struct build *build, const struct node *node, uint32_t *out);
bool codes_read(struct build *build, const struct node *node,
    const struct accept **out, uint16_t *count);

/* source.c */
bool program_open(const struct scenario *scenario, struct vars *vars,
    struct source **source, struct fault *fault);

#endif
