/*
 * Lua files: read here, run by script/ (model/script.h), and from then on like
 * a YAML file with a list of scenarios. What they require is looked for below
 * their own folder.
 */
#include "load/loader.h"

struct shelf {
	struct library library;         /* first */
	struct loader *loader;
	struct unit   *unit;
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
		file = unit_module(shelf->loader, shelf->unit->folder,
		    path.ptr, fault);
	buf_free(&path);
	return file;
}

bool
script_read(struct loader *loader, struct unit *unit)
{
	struct scripts *scripts = loader->options.scripts;
	struct shelf   *shelf;

	if (scripts == NULL) {
		diag_error(&loader->diags, DIAG_ID_read,
		    (struct loc){ .file = &unit->file },
		    "%s: Lua files cannot be run here", unit->file.name);
		return false;
	}
	shelf = arena_alloc(&loader->arena, sizeof *shelf);
	*shelf = (struct shelf){ .library = { .module = shelf_module },
	    .loader = loader, .unit = unit };
	return scripts->load(scripts, &unit->file, &shelf->library,
	    &loader->arena, &loader->diags, &unit->script, &unit->root);
}
