/*
 * What the files of load/ share among themselves.
 *
 * loader: one for a run. unit: one file. maker: the expansion of one scenario
 * into a program; a copy of it is kept wherever something is built late.
 */
#ifndef QUOTH_LOAD_LOADER_H
#define QUOTH_LOAD_LOADER_H

#include "base/limits.h"
#include "base/map.h"
#include "load/load.h"
#include "model/build.h"
#include "model/script.h"
#include "model/verb.h"

struct given {
	struct given   *next;
	struct span     name, value;
	const struct node *list;        /* a list of a file, or NULL */
	enum given_from from;
};

struct unit {
	struct file        file;
	const char        *folder;      /* with its "/", or "" */
	const struct node *root;        /* NULL: does not load */
	const struct node *pack;        /* params of pack.yaml, or NULL */
	bool               is_scenario; /* has the key `quoth` */
	struct script     *script;      /* of a Lua file; else NULL */
	const struct diag *why;         /* it did not load; or NULL */
	uint32_t           why_errors;
	bool               added;       /* as a file of the run */
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
	struct map          files;      /* contents, by path */
	const char         *pack_folder;        /* looked at last, and what */
	const struct node  *pack;               /* was there */
	struct conns       *lost;       /* of the file that is expanded */
	struct scope        builtins;
	bool                full;       /* LIMIT_SCENARIOS was said */
	uint32_t            failed;     /* scripts that did not load, each a */
	uint32_t            failed_errors;      /* scenario; their errors */
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
	struct scope    params, scope;
};

struct computed;

struct program {
	struct computed    *computed;   /* of a script's `run`; else NULL */
	struct items       steps, always;
	struct assignment *first, *last;        /* in the order of evaluation */
	struct visited    *visited;
	const struct scope   *params;   /* its own file's */
	const struct missing *missing;  /* of all files */
};

struct conns {
	struct conns      *next;        /* of loader->lost */
	struct span        names[LIMIT_CONNECTIONS];
	const struct node *foreign[LIMIT_CONNECTIONS];  /* the URL in the file
	                                 * that it was opened to, when that
	                                 * is not the target; or NULL */
	bool               opened[LIMIT_CONNECTIONS];   /* by a step so far */
	struct loc         lost;        /* the first step that has none; and */
	struct span        lost_on;     /* its name */
	bool               unsure;      /* steps are missing: a value that
	                                 * decides is not known */
	uint32_t           count;
};

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
	uint32_t           *rounds;     /* of loop, and every use */
	struct frame       *frame;
	const struct scope *names;      /* the scenario's, but for captures */
	const struct scope *base;       /* the file's names, under a dialogue */
	const struct node  *defines[2]; /* the scenario's, the file's */
	uint32_t            depth;      /* of use and loop */
	uint32_t            flaws;      /* default of expectations */
	uint32_t            timeout_ms; /* of the pipeline around, or 0 */
	uint8_t             level, conn;        /* of the pipeline around */
	bool                secret;     /* of the pipeline around */
	bool                flaws_given, go_on, always, grouped, polling;
};

/* file.c */
struct unit *unit_open(struct loader *loader, const char *path, bool named);
/* The same with the text in memory; nothing beside it is read. */
struct unit *unit_given(struct loader *loader, const char *path,
    struct span text);
/* Another file of the folder, for `use`. NULL after a diagnostic. */
struct unit *unit_beneath(struct build *build, struct unit *from,
    const struct node *at, struct span path);
/* A script's module: a file below its folder, read anew each time. */
const struct file *unit_module(struct loader *loader, const char *folder,
    const char *path, struct fault *fault);
bool unit_read_file(struct build *build, const struct node *at,
    struct span path, struct span *bytes);
/* params.c */
/* NAME in capitals, `-` and `.` as `_`, behind the prefix. */
const char *params_variable(struct loader *loader, const char *prefix,
    struct span name);
/* `from`: where it was given, NULL for a default; `list`: of a file. */
struct value {
	struct span        text;
	const char        *from;
	bool               given, secret;
	const struct node *list;
};

/* params_given.c; `env`: a variable of its own, or empty. */
struct value params_secret(struct loader *loader, struct span name,
    struct span env);
struct value params_plain(struct loader *loader, struct span name,
    struct span env);
bool params_read(struct loader *loader, const struct node *params,
    struct scope *scope, const struct missing **missing);
/* A value for a parameter of that name that comes from a row. */
bool param_fits(struct loader *loader, const struct node *param,
    struct span value, const struct node *at);
const struct given *given_find(struct loader *loader, struct span name,
    enum given_from from);

/* names.c */
bool vars_read(struct maker *maker, const struct node *node,
    struct scope *scope);
bool name_declare(struct build *build, const struct node *at,
    struct span name, uint32_t *slot);
/* Letters, digits, _ and -. `what` is "a variable", for the message. */
bool name_check(struct diags *diags, struct loc at, struct span name,
    const char *what);
/* Names that every scenario has, also those that are made for each. */
bool name_built_in(const struct loader *loader, struct span name);

/* each.c: calls `row` once for each row, or once without. */
struct row { struct scope *scope; struct span id; struct loc loc; };
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
/* One more round of a loop, or use of a dialogue: bounded as steps are. */
bool round_count(struct maker *maker, const struct node *at);
/* step.c: does the act connect to a host that the file names itself, and not
 * the target or a parameter? */
const struct node *step_foreign(const struct build *build,
    const struct node *act);
/* One step with an act of its own, or a pipeline. */
bool step_build(struct maker *maker, const struct node *node,
    struct step *out);
/* pipeline.c: `node` is the step, `act` its list of steps. */
bool pipeline_build(struct maker *maker, const struct node *node,
    const struct node *act, struct step *step);
/* step_modifiers.c: `map` is the whole step; step->verb is known. */
bool step_modifiers(struct maker *maker, const struct node *map,
    struct step *step);
/* Keeps the first step on a connection that no `connect` before it opens. */
void conn_check(struct maker *maker, struct loc at, const struct step *step);
/* Warns of what was kept, in a file without errors. */
void conns_warn(struct loader *loader);
/* use.c */
bool use_expand(struct maker *maker, const struct node *node,
    struct items *out);

/* expect.c */
/* A key that a step does not have; maybe it is one of expect's. */
void expect_stray(struct build *build, const struct node *child,
    const char *const *words, size_t count);
bool expect_build(struct maker *maker, const struct node *node,
    const struct verb *verb, struct expect *out);
bool flaws_read(struct build *build, const struct node *node, uint32_t *out);
bool codes_read(struct build *build, const struct node *node,
    const struct accept **out, uint16_t *count);

/* source.c */
bool program_open(const struct scenario *scenario, struct vars *vars,
    struct source **source, struct fault *fault);
/* The variables of an attempt; every open() begins with them. */
bool program_begin(const struct program *program, struct vars *vars,
    struct fault *fault);
/* For a script: the steps of `always`, their numbers behind `base` (NULL: there
 * are none), and items of its own making in the arena that it takes over. */
struct source *program_always(const struct scenario *scenario,
    struct vars *vars, uint32_t base);
struct source *program_dialogue(const struct scenario *scenario,
    const struct items *items, struct vars *vars, struct arena *home);

/* computed_failed.c: a script whose file did not load, for `diag` and what comes
 * behind it: a scenario that is an error. */
void computed_failed(struct loader *loader, const struct unit *unit,
    const struct diag *diag);
/* scenario.c: another one of the run. False after a diagnostic. */
bool scenario_keep(struct loader *loader, struct scenario *scenario,
    struct loc at);
/* computed.c: the scenario's `run`, a function of the unit's script. */
bool computed_make(struct maker *maker, const struct node *run,
    struct scenario *out);
/* script_file.c */
bool path_is_script(const char *name);
bool script_read(struct loader *loader, struct unit *unit);

#endif
