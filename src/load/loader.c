/*
 * The loader: values given from outside, files and folders, and the checks
 * that need all of them.
 */
#include "load/loader.h"

#include "base/limits.h"
#include "base/mem.h"
#include "load/secrets.h"
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
	loader->diags.redactor = options->redactor;
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
	map_free(&loader->files);
	diags_free(&loader->diags);
	arena_free(&loader->arena);
	mem_free(loader);
}

static void
give(struct loader *loader, enum given_from from, struct span name,
    struct span value, const struct node *list)
{
	struct given *given = arena_alloc(&loader->arena, sizeof *given);

	*given = (struct given){ loader->givens, name, value, list, from };
	loader->givens = given;
}

bool
loader_give(struct loader *loader, enum given_from from, const char *pair)
{
	struct span text = span_of(pair);
	size_t      at = span_chr(text, '=');

	if (at == SIZE_MAX || at == 0)
		return false;
	give(loader, from, span_sub(text, 0, at), span_from(text, at + 1),
	    NULL);
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
		if (child->kind == NODE_MAP)
			diag_error(&loader->diags, DIAG_ID_wrong_type,
			    child->loc, "want one value for '%s', not a map",
			    diag_word(&loader->diags, child->key));
		else
			give(loader, from, child->key, child->text,
			    child->kind == NODE_LIST ? child : NULL);
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

/* Nothing is wrong with the script. A module is there for others: a walk
 * passes it over without a word. */
static void
no_scenarios(struct loader *loader, const struct unit *unit, bool named)
{
	struct loc loc = { .file = &unit->file };
	bool module = node_get(unit->root, "module") != NULL;

	if (module && !named)
		return;
	diag_warn(&loader->diags, DIAG_ID_no_steps, loc, named ?
	    "this file registers no scenario" :
	    "passed over: this file registers no scenario");
	diag_hint(&loader->diags, module ? "it returns a value, as a module "
	    "does that others require" : "quoth.scenario \"name\" { run = "
	    "function(t) ... end } registers one");
}

static void
not_a_scenario(struct loader *loader, const struct unit *unit, bool named)
{
	struct loc loc = unit->root->loc;

	if (unit->script != NULL) {
		no_scenarios(loader, unit, named);
		return;
	}
	loc.line = loc.column = loc.width = 1;
	if (unit->root->kind != NODE_MAP && named)
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
	if (unit->added)
		return;
	unit->added = true;
	++*files;
	if (unit->root == NULL) {
		if (unit->why != NULL && !loader->options.checking)
			computed_failed(loader, unit, unit->why);
		return;
	}
	if (unit->is_scenario) {
		unit_scenarios(loader, unit);
		return;
	}
	--*files;
	not_a_scenario(loader, unit, named);
}

/* An error may have come before a step was read whose literals are secrets, and
 * its line may show one. */
static void
guess(struct loader *loader, uint32_t errors)
{
	const struct file *last = NULL;

	if (loader->diags.errors == errors || loader->options.redactor == NULL)
		return;
	for (const struct diag *diag = loader->diags.first; diag != NULL;
	    diag = diag->next) {
		if (diag->loc.file == NULL || diag->loc.file == last)
			continue;
		last = diag->loc.file;
		(void)secrets_guess(last, loader->options.redactor);
	}
}

void
loader_add_text(struct loader *loader, const char *path, struct span text)
{
	uint32_t files = 0, errors = loader->diags.errors;

	unit_add(loader, unit_given(loader, path, text), true, &files);
	guess(loader, errors);
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

static void folder_add(struct loader *loader, const char *path,
    uint32_t *files, uint32_t depth);

/* A symbolic link to a folder is not followed: it could lead back. */
static void
entry_add(struct loader *loader, const char *folder,
    const struct dirent *entry, uint32_t *files, uint32_t depth)
{
	const char *name = entry->d_name;
	bool        ours = (is_yaml(name) && strcmp(name, "pack.yaml") != 0 &&
	    strcmp(name, "quoth.yaml") != 0) || path_is_script(name);
	bool        known = entry->d_type == DT_REG || entry->d_type == DT_DIR;
	struct stat st = { 0 };
	const char *path;
	bool        deeper;

	if (!ours && entry->d_type == DT_REG)
		return;
	path = arena_printf(&loader->arena, "%s%s%s", folder,
	    span_ends(span_of(folder), SPAN("/")) || *folder == '\0' ? "" :
	    "/", name);
	deeper = known ? entry->d_type == DT_DIR :
	    lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
	if (deeper)
		folder_add(loader, path, files, depth + 1);
	else if (ours && !(!known && is_folder(path)))
		unit_add(loader, unit_open(loader, path, false), false, files);
}

static void
folder_add(struct loader *loader, const char *path, uint32_t *files,
    uint32_t depth)
{
	struct dirent **entries;
	int count = depth > FOLDER_DEPTH_MAX ? -1 : scandir(*path == '\0' ?
	    "." : path, &entries, wanted, by_octets);

	if (count < 0) {
		folder_unreadable(loader, path, depth > FOLDER_DEPTH_MAX ?
		    "folders are nested too deep" : strerror(errno));
		return;
	}
	for (int i = 0; i < count; i++) {
		entry_add(loader, path, entries[i], files, depth);
		free(entries[i]);
	}
	free(entries);
}

/* One spelling for one file: no "./" in front, no "//". */
static const char *
path_plain(struct loader *loader, const char *path)
{
	struct buf plain = buf_new(4096);
	struct span rest = span_of(path), word;
	const char *copy;

	if (*path == '/')
		(void)buf_add_octet(&plain, '/');
	while (span_word(&rest, "/", &word)) {
		if (word.len == 0 || span_is(word, "."))
			continue;
		(void)buf_add(&plain, word);
		(void)buf_add_text(&plain, rest.ptr == NULL ? "" : "/");
	}
	copy = plain.full || *path == '\0' ? path : plain.len == 0 ? "." :
	    arena_cstr(&loader->arena, buf_span(&plain));
	buf_free(&plain);
	return copy;
}

void
loader_add(struct loader *loader, const char *path, uint32_t *files)
{
	bool     folder = is_folder(path);
	uint32_t errors = loader->diags.errors;

	path = path_plain(loader, path);
	if (folder)
		folder_add(loader, strcmp(path, ".") == 0 ? "" : path, files,
		    0);
	else
		unit_add(loader, unit_open(loader, path, true), true, files);
	guess(loader, errors);
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

uint32_t
loader_errors_apart(const struct loader *loader)
{
	return loader->count > loader->failed ? loader->failed_errors : 0;
}
