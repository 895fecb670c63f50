/*
 * Scenario files and what they reach: read whole, bounded, below their own
 * folder. A file is read once however often it is named or used.
 */
#include "load/loader.h"

#include "base/limits.h"
#include "load/secrets.h"
#include "load/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Everything of a regular file; -1 and errno, or EFBIG above the limit. */
static int
read_whole(int fd, size_t max, struct buf *out)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	for (;;) {
		char    *room = buf_room(out, 4096);
		ssize_t  got;

		if (room == NULL || out->len > max) {
			errno = EFBIG;
			return -1;
		}
		got = read(fd, room, 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		out->len += (size_t)got;
	}
}

static const char *
folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? "" : arena_cstr(arena,
	    (struct span){ path, (size_t)(slash - path) + 1 });
}

static void
unreadable(struct loader *loader, const char *path)
{
	struct file *file = arena_alloc(&loader->arena, sizeof *file);
	struct loc   loc = { .file = file };
	bool         big = errno == EFBIG;

	*file = (struct file){ path, { "", 0 } };
	diag_error(&loader->diags, big ? DIAG_ID_limit : DIAG_ID_read, loc,
	    big ? "%s: larger than the limit of 1 MiB for a file%s" :
	    "%s: cannot be read: %s", path, big ? "" : strerror(errno));
}

static int
open_again(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* `fd` -1: errno says why. */
static bool
text_read(struct loader *loader, const char *path, int fd, struct span *text)
{
	struct buf bytes = buf_new(LIMIT_FILE + 8192);
	int        failed = fd < 0 ? -1 : read_whole(fd, LIMIT_FILE, &bytes);

	if (failed != 0)
		unreadable(loader, path);
	else
		*text = arena_copy(&loader->arena, buf_span(&bytes));
	if (fd >= 0)
		(void)close(fd);
	buf_free(&bytes);
	return failed == 0;
}

/* params of the pack.yaml beside the file, if there is one. */
static const struct node *
pack_params(struct loader *loader, const struct unit *unit)
{
	const char  *path;

	if (loader->pack_folder != NULL &&
	    strcmp(loader->pack_folder, unit->folder) == 0)
		return loader->pack;
	loader->pack_folder = unit->folder;
	loader->pack = NULL;
	path = arena_printf(&loader->arena, "%spack.yaml", unit->folder);
	if (access(path, F_OK) == 0)
		loader->pack = node_get(unit_open(loader, path, false)->root,
		    "params");
	return loader->pack;
}

static struct unit *
unit_new(struct loader *loader, const char *path)
{
	struct unit *unit = arena_alloc(&loader->arena, sizeof *unit);

	unit->file.name = arena_cstr(&loader->arena, span_of(path));
	unit->folder = folder_of(&loader->arena, unit->file.name);
	(void)map_add(&loader->units, span_of(unit->file.name), unit);
	return unit;
}

static void
unit_parse(struct loader *loader, struct unit *unit)
{
	const struct diags before = loader->diags;

	if (path_is_script(unit->file.name)) {
		unit->is_scenario = script_read(loader, unit);
		return;
	}
	unit->root = yaml_read(&unit->file, &loader->arena, &loader->diags);
	if (unit->root == NULL && loader->options.redactor != NULL &&
	    secrets_guess(&unit->file, loader->options.redactor)) {
		/* Words were cut to be quoted before it was known what to
		 * hide, and half a secret is found by nobody. */
		diags_back(&loader->diags, &before);
		(void)yaml_read(&unit->file, &loader->arena, &loader->diags);
	}
	unit->is_scenario = node_get(unit->root, "quoth") != NULL;
}

struct unit *
unit_open(struct loader *loader, const char *path, bool named)
{
	struct unit *unit = map_get(&loader->units, span_of(path));

	if (unit != NULL)
		return unit;
	unit = unit_new(loader, path);
	if (!text_read(loader, unit->file.name, open_again(path, O_RDONLY |
	    O_NONBLOCK), &unit->file.text))
		return unit;
	unit_parse(loader, unit);
	if ((named || unit->is_scenario) && unit->root != NULL)
		unit->pack = pack_params(loader, unit);
	return unit;
}

struct unit *
unit_given(struct loader *loader, const char *path, struct span text)
{
	struct unit *unit = unit_new(loader, path);

	unit->file.text = text;
	unit->folder = NULL;
	unit_parse(loader, unit);
	return unit;
}

/* `path` from the folder `folder`, without what means nothing; it stays below
 * the folder as far as its words go. */
static bool
path_join(struct build *build, const char *folder, const struct node *at,
    struct span path, const char **joined)
{
	struct buf  whole = buf_new(4096);
	struct span rest = path, word;
	bool        fine = true;

	if (folder == NULL || span_starts(path, SPAN("/"))) {
		build_error(build, at, DIAG_ID_outside, folder == NULL ?
		    "'%s' cannot be read from here" :
		    "'%s' is an absolute path", diag_word(build->diags, path));
		diag_hint(build->diags, "files are named relative to the "
		    "scenario's folder");
		return false;
	}
	(void)buf_add_text(&whole, folder);
	while (fine && span_word(&rest, "/", &word)) {
		fine = !span_is(word, "..") &&
		    memchr(word.ptr, '\0', word.len) == NULL;
		if (word.len == 0 || span_is(word, "."))
			continue;
		(void)buf_add(&whole, word);
		(void)buf_add_text(&whole, rest.ptr == NULL ? "" : "/");
	}
	if (!fine || whole.full)
		build_error(build, at, DIAG_ID_outside, whole.full ?
		    "'%s' is too long for a path" :
		    "'%s' leads out of the scenario's folder",
		    diag_word(build->diags, path));
	else
		*joined = arena_cstr(build->arena, buf_span(&whole));
	fine = fine && !whole.full;
	buf_free(&whole);
	return fine;
}

/* Below the folder, also when a symbolic link says otherwise. */
static int
open_beneath(const char *folder, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int dir = open_again(*folder == '\0' ? "." : folder,
	    O_PATH | O_DIRECTORY);
	int fd;

	if (dir < 0)
		return -1;
	do
		fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
	while (fd < 0 && errno == EINTR);
	if (fd < 0 && errno == ENOSYS)
		fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
		    O_NOFOLLOW);
	(void)close(dir);
	return fd;
}

static void
unreadable_beneath(struct build *build, const struct node *at,
    struct span path)
{
	const char *word = diag_word(build->diags, path);

	if (errno == EFBIG)
		build_error(build, at, DIAG_ID_limit,
		    "'%s' is larger than the limit of 64 MiB", word);
	else if (errno == EXDEV || errno == ELOOP)
		build_error(build, at, DIAG_ID_outside,
		    "'%s' leads out of the scenario's folder", word);
	else
		build_error(build, at, DIAG_ID_read, "'%s' cannot be read: %s",
		    word, errno == EINVAL ? "it is no file" : strerror(errno));
}

const struct file *
unit_module(struct loader *loader, const char *folder, const char *path,
    struct fault *fault)
{
	struct buf   bytes = buf_new(LIMIT_FILE + 8192);
	int          fd = open_beneath(folder, path);
	int          failed = fd < 0 ? -1 : read_whole(fd, LIMIT_FILE, &bytes);
	struct file *file = NULL;

	if (failed != 0) {
		(void)fault_set(fault, FAULT_SCRIPT, errno == ENOENT ?
		    "no file %.150s" : errno == EFBIG ?
		    "%.150s is larger than the limit of 1 MiB" :
		    errno == EXDEV || errno == ELOOP ?
		    "%.150s leads out of the script's folder" :
		    "%.150s cannot be read", arena_printf(&loader->arena,
		    "%s%s", folder, path));
	} else {
		file = arena_alloc(&loader->arena, sizeof *file);
		file->name = arena_printf(&loader->arena, "%s%s", folder,
		    path);
		file->text = arena_copy(&loader->arena, buf_span(&bytes));
	}
	if (fd >= 0)
		(void)close(fd);
	buf_free(&bytes);
	return file;
}

struct unit *
unit_beneath(struct build *build, struct unit *from, const struct node *at,
    struct span path)
{
	struct maker *maker = (struct maker *)build;
	struct loader *loader = maker->loader;
	const char  *joined;
	struct unit *unit;
	int          fd;

	if (!path_join(build, from->folder, at, path, &joined))
		return NULL;
	unit = map_get(&loader->units, span_of(joined));
	if (unit != NULL)
		return unit;
	fd = open_beneath(from->folder, joined + strlen(from->folder));
	if (fd < 0) {
		unreadable_beneath(build, at, path);
		return NULL;
	}
	unit = unit_new(loader, joined);
	if (!text_read(loader, unit->file.name, fd, &unit->file.text))
		return unit;
	unit_parse(loader, unit);
	if (unit->root != NULL)
		unit->pack = pack_params(loader, unit);
	return unit;
}

/* Contents are read once, however many rows and attempts want them. */
static bool
contents_read(struct build *build, const struct node *at, struct span path,
    const char *joined, struct span **out)
{
	struct maker *maker = (struct maker *)build;
	struct arena *arena = &maker->loader->arena;
	const char   *folder = maker->unit->folder;
	struct buf    whole = buf_new(LIMIT_BODY + 8192);
	int           fd = open_beneath(folder, joined + strlen(folder));
	int           failed = fd < 0 ? -1 : read_whole(fd, LIMIT_BODY, &whole);

	if (failed != 0) {
		unreadable_beneath(build, at, path);
	} else {
		*out = arena_alloc(arena, sizeof **out);
		**out = arena_copy(arena, buf_span(&whole));
		(void)map_add(&maker->loader->files, span_of(arena_cstr(arena,
		    span_of(joined))), *out);
	}
	if (fd >= 0)
		(void)close(fd);
	buf_free(&whole);
	return failed == 0;
}

bool
unit_read_file(struct build *build, const struct node *at, struct span path,
    struct span *bytes)
{
	struct maker *maker = (struct maker *)build;
	struct span  *there;
	const char   *joined;

	/* Which file depends on a value that is not given. */
	*bytes = (struct span){ "", 0 };
	if (build->pending)
		return true;
	if (!path_join(build, maker->unit->folder, at, path, &joined))
		return false;
	there = map_get(&maker->loader->files, span_of(joined));
	if (there == NULL && !contents_read(build, at, path, joined, &there))
		return false;
	*bytes = *there;
	return true;
}
