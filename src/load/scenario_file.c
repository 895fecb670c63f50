/*
 * A file to its scenarios: one, or a list of them with the file's keys as
 * their defaults; or a file of dialogues alone.
 */
#include "load/draft.h"

#include "base/limits.h"

const struct field scenario_fields[] = { { "quoth", false },
	{ "name", false }, { "about", false }, { "tags", false },
	{ "protocol", false }, { "target", false }, { "params", false },
	{ "vars", false }, { "needs", false }, { "timeout", false },
	{ "each", false }, { "retry", false }, { "on_fail", false },
	{ "steps", false }, { "run", false }, { "always", false }, { "define", false },
	{ "scenarios", false }, { "serial", false }, { "lock", false },
	{ "only", false }, { "skip", false }, { "xfail", false },
	{ "flaws", false }, { NULL, false } };

/* Its rows. */
static void
rows_expand(struct draft *draft)
{
	struct maker maker = { .loader = draft->loader, .unit = draft->unit };
	const struct node *each = key_find(draft->from, "each");

	if (each == NULL) {
		(void)scenario_make(draft, NULL);
		return;
	}
	maker.build = draft_build(draft, draft->scope);
	(void)each_expand(&maker, each, scenario_make, draft);
}

/* One scenario of the file, or the file itself (`map` NULL). */
static void
draft_expand(struct loader *loader, struct unit *unit, const struct node *map)
{
	struct draft draft = { .loader = loader, .unit = unit,
	    .from = { map, unit->root } };
	const struct endpoint *hosts;
	uint32_t count = 0;

	if (!draft_read(&draft))
		return;
	if (draft.target != NULL && draft.target->mx &&
	    loader->options.hosts != NULL)
		count = loader->options.hosts(loader->options.who,
		    draft.target, &loader->arena, &hosts);
	for (uint32_t i = 0; i < count; i++) {
		struct draft one = draft_for(&draft, &hosts[i]);

		rows_expand(&one);
	}
	if (count == 0)
		rows_expand(&draft);
}

static bool
version_check(struct loader *loader, const struct unit *unit)
{
	const struct node *version = node_get(unit->root, "quoth");

	if (version->kind != NODE_SCALAR || !span_is(version->text, "1")) {
		diag_error(&loader->diags, DIAG_ID_bad_value, version->loc,
		    "this version of quoth reads format 1: want 'quoth: 1'");
		return false;
	}
	if (!span_is(unit->root->first->key, "quoth")) {
		diag_error(&loader->diags, DIAG_ID_key_form, version->key_loc,
		    "'quoth: 1' must be the first key of the file");
		return false;
	}
	return true;
}

/* define: NAME: [steps]. */
static bool
defines_check(struct loader *loader, const struct node *map)
{
	const struct node *define = node_get(map, "define");
	bool fine = true;

	if (define == NULL)
		return true;
	if (!node_is_map(define)) {
		diag_error(&loader->diags, DIAG_ID_wrong_type, define->loc,
		    "define must be a map of names and lists of steps, not %s",
		    node_kind_name(define));
		return false;
	}
	for (const struct node *child = define->first; child != NULL;
	    child = child->next) {
		fine = name_check(&loader->diags, child->key_loc, child->key,
		    "a dialogue") && fine;
		if (child->kind == NODE_LIST && child->count > 0)
			continue;
		diag_error(&loader->diags, child->kind == NODE_LIST ?
		    DIAG_ID_no_steps : DIAG_ID_wrong_type, child->loc,
		    "the dialogue '%s' must be a list of steps",
		    diag_word(&loader->diags, child->key));
		fine = false;
	}
	return fine;
}

static void
list_expand(struct loader *loader, struct unit *unit,
    const struct node *list)
{
	struct build build = { .arena = &loader->arena,
	    .diags = &loader->diags, .scope = &loader->builtins };

	if (list->kind != NODE_LIST) {
		diag_error(&loader->diags, DIAG_ID_wrong_type, list->loc,
		    "scenarios must be a list of scenarios");
		return;
	}
	if (list->count == 0)
		diag_error(&loader->diags, DIAG_ID_no_steps, list->loc,
		    "an empty list of scenarios checks nothing");
	if (node_get(unit->root, "steps") != NULL)
		diag_error(&loader->diags, DIAG_ID_bad_value, list->key_loc,
		    "a file has steps or scenarios, not both");
	for (const struct node *map = list->first; map != NULL;
	    map = map->next) {
		/* Behind `quoth`, which only a file has. */
		if (build_keys(&build, map, scenario_fields + 1,
		    "a scenario") && defines_check(loader, map))
			draft_expand(loader, unit, map);
		if (loader->diags.errors > LIMIT_DIAGS || loader->full)
			return;
	}
}

void
unit_scenarios(struct loader *loader, struct unit *unit)
{
	struct build build = { .arena = &loader->arena,
	    .diags = &loader->diags, .scope = &loader->builtins };
	const struct node *list = node_get(unit->root, "scenarios");

	if (!version_check(loader, unit))
		return;
	/* What else is wrong is said in the same go. */
	(void)build_keys(&build, unit->root, scenario_fields, "the file");
	if (!defines_check(loader, unit->root))
		return;
	if (list != NULL)
		list_expand(loader, unit, list);
	else if (node_get(unit->root, "steps") != NULL ||
	    node_get(unit->root, "define") == NULL)
		draft_expand(loader, unit, NULL);
	conns_warn(loader);
}
