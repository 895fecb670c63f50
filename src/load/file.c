/*
 * Scenario files and what they reach: read whole, bounded, below their own
 * folder. A file is read once however often it is named or used.
 */
#include "load/loader.h"

#include "base/limits.h"
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

static bool
text_read(struct loader *loader, const char *path, struct span *text)
{
	struct buf bytes = buf_new(LIMIT_FILE + 8192);
	int        fd = open_again(path, O_RDONLY | O_NONBLOCK);
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
	const char  *path = arena_printf(&loader->arena, "%spack.yaml",
	    unit->folder);
	struct unit *pack;

	if (access(path, F_OK) != 0)
		return NULL;
	pack = unit_open(loader, path, false);
	return pack == NULL ? NULL : node_get(pack->root, "params");
}

static struct unit *
unit_new(struct loader *loader, const char *path)
{
	struct unit *unit = arena_alloc(&loader->arena, sizeof *unit);

	unit->file.name = arena_cstr(&loader->arena, span_of(path));
	unit->folder = folder_of(&loader->arena, path);
	(void)map_add(&loader->units, span_of(unit->file.name), unit);
	return unit;
}

static void
unit_parse(struct loader *loader, struct unit *unit, bool named)
{
	unit->root = yaml_read(&unit->file, &loader->arena, &loader->diags);
	unit->is_scenario = node_get(unit->root, "quoth") != NULL;
	if ((named || unit->is_scenario) && unit->root != NULL)
		unit->pack = pack_params(loader, unit);
}

struct unit *
unit_open(struct loader *loader, const char *path, bool named)
{
	struct unit *unit = map_get(&loader->units, span_of(path));

	if (unit != NULL)
		return unit;
	unit = unit_new(loader, path);
	if (text_read(loader, unit->file.name, &unit->file.text))
		unit_parse(loader, unit, named);
	return unit;
}

struct unit *
unit_of_text(struct loader *loader, const char *path, struct span text)
{
	struct unit *unit = unit_new(loader, path);

	unit->file.text = text;
	unit_parse(loader, unit, true);
	return unit;
}

bool
unit_path(struct build *build, struct unit *unit, const struct node *at,
    struct span path, const char **joined)
{
	struct span rest = path, word;

	if (span_starts(path, SPAN("/"))) {
		build_error(build, at, DIAG_ID_outside,
		    "'%.*s' is an absolute path", SPAN_ARG(path));
		diag_hint(build->diags, "files are named relative to the "
		    "scenario's folder");
		return false;
	}
	while (span_word(&rest, "/", &word))
		if (span_is(word, "..") ||
		    memchr(word.ptr, '\0', word.len) != NULL) {
			build_error(build, at, DIAG_ID_outside,
			    "'%.*s' leads out of the scenario's folder",
			    SPAN_ARG(path));
			return false;
		}
	*joined = arena_printf(build->arena, "%s%.*s", unit->folder,
	    SPAN_ARG(path));
	return true;
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

bool
unit_read_file(struct build *build, const struct node *at, struct span path,
    struct span *bytes)
{
	struct maker *maker = (struct maker *)build;
	struct buf    whole = buf_new(LIMIT_BODY + 8192);
	const char   *joined;
	int           fd, failed;

	if (!unit_path(build, maker->unit, at, path, &joined))
		return false;
	fd = open_beneath(maker->unit->folder,
	    joined + strlen(maker->unit->folder));
	failed = fd < 0 ? -1 : read_whole(fd, LIMIT_BODY, &whole);
	if (failed == 0)
		*bytes = arena_copy(build->arena, buf_span(&whole));
	else
		build_error(build, at, DIAG_ID_read, errno == EFBIG ?
		    "'%s' is larger than 64 MiB%s" : errno == EXDEV ?
		    "'%s' leads out of the scenario's folder%s" :
		    "'%s' cannot be read: %s", joined,
		    errno == EFBIG || errno == EXDEV ? "" : strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	buf_free(&whole);
	return failed == 0;
}
