/*
 * The seam between load/, which reads files and builds steps, and script/,
 * which runs the files that compute theirs in a worker process of their own.
 * Neither knows the other: cmd/ gives the loader `struct scripts`, and the
 * loader gives each scenario's source its `struct workshop`.
 *
 *   file -> scripts->load() -> tree of nodes -> scenarios (as from YAML)
 *   scenario->open() -> scripts->open() -> source -> workshop->step() -> steps
 */
#ifndef QUOTH_MODEL_SCRIPT_H
#define QUOTH_MODEL_SCRIPT_H

#include "base/arena.h"
#include "model/diag.h"
#include "model/node.h"
#include "model/scope.h"
#include "model/source.h"
#include "model/vars.h"

struct redactor;

/* Of script/: one file, and whatever worker runs it now. */
struct script;

/* Where `require` looks: a file below the one that asks. */
struct library {
	/* The file of that dotted name; program lifetime. NULL with a fault,
	 * whose sentence the author sees. */
	const struct file *(*module)(struct library *, struct span name,
	    struct fault *);
};

/* What else is known of a step that was made. */
struct set_name {
	struct span name;
	uint32_t    slot;
};
struct made {
	/* What it sets when it passes, for the script to read. */
	const struct set_name *sets;
	uint32_t               set_count;
	bool                   secret;  /* part of it was made of a secret */
	bool                   foreign; /* connects to a host that neither the
	                                 * target nor a parameter names */
};

enum script_kind { SCRIPT_BUILT_IN, SCRIPT_PARAM, SCRIPT_VAR };
enum script_type {
	SCRIPT_TEXT, SCRIPT_NUMBER, SCRIPT_BOOL, SCRIPT_SECRET, SCRIPT_LIST
};
struct script_value {
	enum script_kind   kind;
	enum script_type   type;
	struct span        name, text;
	const struct node *list;
};

/*
 * Makes the steps of one scenario from what its script asks for; immutable but
 * for names and connections, which are added as they are met. Faults carry the
 * place, and the sentence is the one that YAML gets.
 */
struct workshop {
	/* One step (an act, an expectation, a pipeline) into `out`, what it
	 * needs into `arena`. It is number 1; those of a pipeline count on. */
	bool (*step)(struct workshop *, const struct node *map, struct vars *,
	    struct arena *, struct step *out, struct made *, struct fault *);
	/* A map that stands for several steps (`use`): a source of its own,
	 * whose steps count on from `*number`. */
	bool (*dialogue)(struct workshop *, const struct node *map,
	    struct vars *, uint32_t *number, struct source **,
	    struct made *, struct fault *);
	/* The steps of `always`, behind `number`; NULL: there are none. */
	struct source *(*always)(struct workshop *, struct vars *,
	    uint32_t number);
	/* The value of a secret parameter, for a handle of the script. False:
	 * no secret of that name. */
	bool (*secret)(struct workshop *, struct span name,
	    struct span *value);
	/* What the script may know of before it starts: calls `put` for each
	 * parameter, variable and built-in; a secret's text is empty. */
	void (*values)(struct workshop *, struct vars *,
	    void (*put)(void *who, const struct script_value *), void *who);
	/* Hides what was made of a secret from every report. */
	void (*hide)(struct workshop *, struct span value);

	/* What no script may read, however a server spells it; or NULL. */
	const struct redactor *redactor;
	const struct scenario *scenario;
	uint64_t               seed;    /* of the run */
	void                  *kept;    /* script/'s own; NULL at first */
};

struct scripts {
	/*
	 * Runs the file once, to its end. `*root` becomes what a YAML file
	 * would be: a map with `quoth` and a list `scenarios`, where `run` is
	 * a NODE_FUNCTION. False after a diagnostic. `file` and `library` live
	 * as long as the program.
	 */
	bool (*load)(struct scripts *, const struct file *, struct library *,
	    struct arena *, struct diags *, struct script **,
	    const struct node **root);
	/* Hides what a file gives to `auth` literally, before it is run. */
	void (*literals)(const struct file *, struct redactor *);
	/* One attempt of a scenario: calls its function in the worker. */
	bool (*open)(struct script *, uint32_t function, struct workshop *,
	    struct vars *, struct source **, struct fault *);
};

#endif
