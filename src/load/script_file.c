/*
 * Lua files: read here, run by script/ (model/script.h), and from then on like
 * a YAML file with a list of scenarios. What they require is looked for below
 * their own folder, and below the folder of the pack that they belong to.
 */
#include "load/loader.h"

#include <unistd.h>

enum { FOLDERS_UP = 32 };

struct shelf {
	struct library library;         /* first */
	struct loader *loader;
	struct unit   *unit;
	const char    *pack;            /* where else; NULL: nowhere */
	bool           looked;
};

bool
path_is_script(const char *name)
{
	return span_ends(span_of(name), SPAN(".lua"));
}

/* "mail.parts" is mail/parts.lua; a word is letters, digits, _ and -. */
static bool
module_path(struct span name, struct buf *path)
{
	bool empty = true;

	for (size_t i = 0; i < name.len; i++) {
		char octet = name.ptr[i];
		bool word = (octet >= '0' && octet <= '9') || octet == '_' ||
		    octet == '-' || (octet >= 'a' && octet <= 'z') ||
		    (octet >= 'A' && octet <= 'Z');

		if (!word && (octet != '.' || empty))
			return false;
		empty = octet == '.';
		(void)buf_add_octet(path, empty ? '/' : octet);
	}
	return !empty && buf_add_text(path, ".lua") &&
	    buf_add_octet(path, '\0');
}

static bool
there(struct arena *arena, const char *folder, const char *path)
{
	return access(arena_printf(arena, "%s%s", folder, path), F_OK) == 0;
}

/* The folder around it: what its words say, then by "..". */
static const char *
folder_up(struct arena *arena, const char *folder)
{
	size_t len = strlen(folder);
	struct span rest, above = { folder, 0 };

	if (span_is((struct span){ folder, len }, "/"))
		return NULL;
	if (len == 0 || span_ends((struct span){ folder, len }, SPAN("../")))
		return arena_printf(arena, "%s../", folder);
	for (rest = (struct span){ folder, len - 1 }; rest.len > 0; rest.len--)
		if (rest.ptr[rest.len - 1] == '/') {
			above = rest;
			break;
		}
	return arena_cstr(arena, above);
}

/* Of the pack that the script belongs to: the nearest one with a pack.yaml.
 * NULL: there is none. */
static const char *
pack_folder(struct arena *arena, const char *folder)
{
	for (int i = 0; folder != NULL && i < FOLDERS_UP; i++) {
		if (there(arena, folder, "pack.yaml"))
			return folder;
		folder = folder_up(arena, folder);
	}
	return NULL;
}

static void
literals_hide(struct loader *loader, const struct file *file)
{
	struct scripts *scripts = loader->options.scripts;

	if (file != NULL && loader->options.redactor != NULL)
		scripts->literals(file, loader->options.redactor);
}

/* Beside the script; else below its pack. */
static const struct file *
shelf_find(struct shelf *shelf, const char *path, struct fault *fault)
{
	struct arena *arena = &shelf->loader->arena;
	const char   *folder = shelf->unit->folder;
	const struct file *file;

	if (!there(arena, folder, path)) {
		if (!shelf->looked)
			shelf->pack = pack_folder(arena, folder);
		shelf->looked = true;
		if (shelf->pack != NULL && there(arena, shelf->pack, path))
			folder = shelf->pack;
	}
	file = unit_module(shelf->loader, folder, path, fault);
	literals_hide(shelf->loader, file);
	return file;
}

static const struct file *
shelf_module(struct library *library, struct span name, struct fault *fault)
{
	struct shelf      *shelf = (struct shelf *)library;
	struct buf         path = buf_new(256);
	const struct file *file = NULL;

	if (!module_path(name, &path))
		(void)fault_set(fault, FAULT_SCRIPT, "a module's name is "
		    "words with dots between them, such as mail.parts");
	else if (shelf->unit->folder == NULL)
		(void)fault_set(fault, FAULT_SCRIPT,
		    "no file can be read from here");
	else
		file = shelf_find(shelf, path.ptr, fault);
	buf_free(&path);
	return file;
}

bool
script_read(struct loader *loader, struct unit *unit)
{
	struct scripts *scripts = loader->options.scripts;
	struct shelf   *shelf;
	struct diag    *before = loader->diags.last;
	uint32_t        errors = loader->diags.errors;

	if (scripts == NULL) {
		diag_error(&loader->diags, DIAG_ID_read,
		    (struct loc){ .file = &unit->file },
		    "%s: Lua files cannot be run here", unit->file.name);
		return false;
	}
	shelf = arena_alloc(&loader->arena, sizeof *shelf);
	*shelf = (struct shelf){ .library = { .module = shelf_module },
	    .loader = loader, .unit = unit };
	literals_hide(loader, &unit->file);
	if (scripts->load(scripts, &unit->file, &shelf->library,
	    &loader->arena, &loader->diags, &unit->script, &unit->root) &&
	    /* `check` says what else is wrong in the same go. */
	    (loader->options.checking || loader->diags.errors == errors))
		return node_get(unit->root, "scenarios") != NULL;
	unit->root = NULL;
	unit->why = before == NULL ? loader->diags.first : before->next;
	unit->why_errors = loader->diags.errors - errors;
	return false;
}
