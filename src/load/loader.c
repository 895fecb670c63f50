/*
 * The loader: values given from outside, files and folders, and the checks
 * that need all of them.
 */
#include "load/loader.h"

#include "base/limits.h"
#include "base/mem.h"
#include "load/yaml.h"
#include "model/regex.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FOLDER_DEPTH_MAX = 32 };

static void
builtins_add(struct loader *loader)
{
	static const struct { const char *name; enum fresh fresh; } fresh[] = {
		{ "uuid", FRESH_UUID }, { "date", FRESH_DATE },
		{ "timestamp", FRESH_TIMESTAMP }, { "random", FRESH_RANDOM } };
	static const struct { const char *name; enum slot slot; } slots[] = {
		{ "attempt", SLOT_ATTEMPT }, { "reply.code", SLOT_REPLY_CODE },
		{ "reply.enhanced", SLOT_REPLY_ENHANCED },
		{ "reply.text", SLOT_REPLY_TEXT } };
	struct scope *scope = &loader->builtins;
	struct arena *arena = &loader->arena;

	for (size_t i = 0; i < sizeof fresh / sizeof *fresh; i++)
		scope_add(scope, arena, span_of(fresh[i].name),
		    NAME_FRESH)->fresh = fresh[i].fresh;
	for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
		scope_add(scope, arena, span_of(slots[i].name),
		    NAME_SLOT)->slot = slots[i].slot;
	scope_add(scope, arena, SPAN("client"), NAME_STATIC)->text =
	    span_of(loader->options.client);
	scope_add(scope, arena, SPAN("seed"), NAME_STATIC)->text =
	    span_of(arena_printf(arena, "%llu",
	    (unsigned long long)loader->options.seed));
}

struct loader *
loader_new(const struct load_options *options)
{
	struct loader *loader = mem_alloc(sizeof *loader);

	loader->options = *options;
	loader->regexes = regex_set_new();
	builtins_add(loader);
	return loader;
}

void
loader_free(struct loader *loader)
{
	regex_set_free(loader->regexes);
	map_free(&loader->units);
	map_free(&loader->ids);
	diags_free(&loader->diags);
	arena_free(&loader->arena);
	mem_free(loader);
}

static void
give(struct loader *loader, enum given_from from, struct span name,
    struct span value)
{
	struct given *given = arena_alloc(&loader->arena, sizeof *given);

	*given = (struct given){ loader->givens, name, value, from, false };
	loader->givens = given;
}

bool
loader_give(struct loader *loader, enum given_from from, const char *pair)
{
	struct span text = span_of(pair);
	size_t      at = span_chr(text, '=');

	if (at == SIZE_MAX || at == 0)
		return false;
	give(loader, from, span_sub(text, 0, at), span_from(text, at + 1));
	return true;
}

static void
values_give(struct loader *loader, enum given_from from,
    const struct unit *unit)
{
	if (unit->root->kind != NODE_MAP) {
		diag_error(&loader->diags, DIAG_ID_wrong_type,
		    unit->root->loc, "want a map of names and values");
		return;
	}
	for (const struct node *child = unit->root->first; child != NULL;
	    child = child->next)
		if (child->kind != NODE_SCALAR)
			diag_error(&loader->diags, DIAG_ID_wrong_type,
			    child->loc, "want one value for '%.*s', not %s",
			    SPAN_ARG(child->key), node_kind_name(child));
		else
			give(loader, from, child->key, child->text);
}

/* What is wrong with a file of secrets is told without a word of it. */
static void
unit_hide(struct loader *loader, struct unit *unit)
{
	for (struct diag *diag = loader->diags.first; diag != NULL;
	    diag = diag->next)
		if (diag->loc.file == &unit->file &&
		    diag->id != DIAG_ID_read) {
			diag->text = diag_rows[diag->id].about;
			diag->hint = NULL;
		}
	unit->file.text = (struct span){ 0 };
}

void
loader_give_file(struct loader *loader, enum given_from from,
    const char *path)
{
	struct unit *unit = unit_open(loader, path, false);

	if (unit->root != NULL)
		values_give(loader, from, unit);
	if (from == GIVEN_SECRETS)
		unit_hide(loader, unit);
}

static bool
is_yaml(const char *name)
{
	return span_ends(span_of(name), SPAN(".yaml")) ||
	    span_ends(span_of(name), SPAN(".yml"));
}

static void
not_a_scenario(struct loader *loader, const struct unit *unit, bool named)
{
	struct loc loc = unit->root->loc;

	loc.line = loc.column = loc.width = 1;
	if (unit->root->kind != NODE_MAP)
		diag_error(&loader->diags, DIAG_ID_wrong_type, loc,
		    "a scenario file must be a map of keys, not %s",
		    node_kind_name(unit->root));
	else if (named)
		diag_error(&loader->diags, DIAG_ID_missing_key, loc,
		    "this is no scenario file: its first key must be "
		    "'quoth: 1'");
	else
		diag_warn(&loader->diags, DIAG_ID_missing_key, loc,
		    "passed over: a scenario file begins with 'quoth: 1'");
}

static void
unit_add(struct loader *loader, struct unit *unit, bool named,
    uint32_t *files)
{
	if (unit->checked)
		return;
	unit->checked = true;
	++*files;
	if (unit->root == NULL)
		return;
	if (unit->is_scenario) {
		unit_scenarios(loader, unit);
		return;
	}
	--*files;
	not_a_scenario(loader, unit, named);
}

static void
file_add(struct loader *loader, const char *path, bool named, uint32_t *files)
{
	unit_add(loader, unit_open(loader, path, named), named, files);
}

void
loader_add_text(struct loader *loader, const char *name, struct span text)
{
	uint32_t files = 0;

	unit_add(loader, unit_of_text(loader, name, text), true, &files);
}

static int
wanted(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int
by_octets(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
folder_unreadable(struct loader *loader, const char *path, const char *why)
{
	struct loc loc = { .file = NULL };

	diag_error(&loader->diags, DIAG_ID_read, loc, "%s: cannot be read: %s",
	    path, why);
}

static bool
is_folder(const char *path)
{
	struct stat st;

	errno = 0;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
folder_add(struct loader *loader, const char *path, uint32_t *files,
    uint32_t depth)
{
	struct dirent **entries;
	size_t          len = strlen(path);
	bool            here = strcmp(path, ".") == 0;
	const char     *slash = here || (len > 0 && path[len - 1] == '/') ?
	    "" : "/";
	int             count;

	if (depth > FOLDER_DEPTH_MAX) {
		folder_unreadable(loader, path, "folders are nested too deep");
		return;
	}
	count = scandir(path, &entries, wanted, by_octets);
	if (count < 0) {
		folder_unreadable(loader, path, strerror(errno));
		return;
	}
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		const char *child = arena_printf(&loader->arena, "%s%s%s",
		    here ? "" : path, slash, name);

		if (is_folder(child))
			folder_add(loader, child, files, depth + 1);
		else if (is_yaml(name) && strcmp(name, "pack.yaml") != 0 &&
		    strcmp(name, "quoth.yaml") != 0)
			file_add(loader, child, false, files);
		/* It may be a folder of scenarios; a link to nowhere not. */
		else if (errno != 0 && errno != ENOENT)
			folder_unreadable(loader, child, strerror(errno));
		free(entries[i]);
	}
	free(entries);
}

/* One file has one name, and one id, however it was reached: no "./". */
static const char *
plain_path(const char *path)
{
	while (path[0] == '.' && path[1] == '/' && path[2] != '\0')
		for (path += 2; path[0] == '/' && path[1] != '\0';)
			path++;
	return strcmp(path, "./") == 0 ? "." : path;
}

void
loader_add(struct loader *loader, const char *path, uint32_t *files)
{
	path = plain_path(path);
	if (is_folder(path))
		folder_add(loader, path, files, 0);
	else
		file_add(loader, path, true, files);
}

struct diags *
loader_diags(struct loader *loader)
{
	return &loader->diags;
}

const struct scenario *const *
loader_scenarios(const struct loader *loader, uint32_t *count)
{
	*count = loader->count;
	return loader->scenarios;
}

void
loader_check_given(struct loader *loader)
{
	const char *words[256];
	size_t      count = 0;

	for (const struct name *n = loader->declared; n != NULL && count < 256;
	    n = n->next)
		words[count++] = arena_cstr(&loader->arena, n->name);
	for (const struct given *given = loader->givens; given != NULL;
	    given = given->next) {
		struct loc loc = { .file = NULL };

		if (given->used || given->from != GIVEN_DEFINE)
			continue;
		diag_error(&loader->diags, DIAG_ID_parameter, loc,
		    "-D %.*s: no selected scenario has a parameter of that "
		    "name", SPAN_ARG(given->name));
		diag_hint_nearest(&loader->diags, given->name, words, count);
	}
}

void
loader_check_missing(struct loader *loader,
    const struct scenario *const *selected, uint32_t count)
{
	struct map  said = { 0 };

	for (uint32_t i = 0; i < count; i++)
		for (const struct missing *m = selected[i]->missing;
		    m != NULL; m = m->next) {
			const char *key = arena_printf(&loader->arena,
			    "%s:%u:%u", m->loc.file->name, m->loc.line,
			    m->loc.column);

			if (!map_add(&said, span_of(key), (void *)&said))
				continue;
			diag_error(&loader->diags, DIAG_ID_parameter, m->loc,
			    "the %s '%.*s' has no value%s%.*s",
			    m->secret ? "secret" : "parameter",
			    SPAN_ARG(m->name), m->about.len > 0 ? ": " : "",
			    SPAN_ARG(m->about));
			if (m->secret)
				diag_hint(&loader->diags, "set %s in the "
				    "environment, or --secrets FILE",
				    params_variable(loader, "QUOTH_SECRET_",
				    m->name));
			else
				diag_hint(&loader->diags, "-D %.*s=VALUE",
				    SPAN_ARG(m->name));
		}
	map_free(&said);
}
