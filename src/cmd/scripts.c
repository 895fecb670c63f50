/*
 * Lua for the commands that take paths. Its nursery is forked only where a Lua
 * file may be met, and before anything secret is read.
 */
#include "cmd/suite.h"

#include "base/text.h"
#include "net/loop.h"
#include "script/bridge/worker.h"

#include <dirent.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 32 };

static bool folder_has(const char *path, int depth);

static bool
is_script(const char *name)
{
	return span_ends(span_of(name), SPAN(".lua"));
}

/* Whatever cannot be read is the loader's to tell. */
static bool
entry_has(const char *folder, const struct dirent *entry, int depth)
{
	struct buf  path = buf_new(4096);
	struct stat st;
	bool        has = is_script(entry->d_name), is_folder;

	if (has || *entry->d_name == '.' || entry->d_type == DT_REG)
		return has && *entry->d_name != '.';
	(void)buf_addf(&path, "%s/%s", folder, entry->d_name);
	is_folder = !path.full && buf_add_octet(&path, '\0') &&
	    (entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN &&
	    lstat(path.ptr, &st) == 0 && S_ISDIR(st.st_mode)));
	has = is_folder && folder_has(path.ptr, depth + 1);
	buf_free(&path);
	return has;
}

static bool
folder_has(const char *path, int depth)
{
	DIR *folder = depth > DEPTH_MAX ? NULL : opendir(path);
	const struct dirent *entry;
	bool has = false;

	while (folder != NULL && !has && (entry = readdir(folder)) != NULL)
		has = entry_has(path, entry, depth);
	if (folder != NULL)
		(void)closedir(folder);
	return has;
}

static bool
wanted(const struct args *args)
{
	for (size_t i = 0; i < args->word_count; i++) {
		struct span word = span_of(args->words[i]);

		if (is_script(args->words[i]) ||
		    (!span_ends(word, SPAN(".yaml")) &&
		    !span_ends(word, SPAN(".yml")) &&
		    folder_has(args->words[i], 0)))
			return true;
	}
	return false;
}

/* print() while a file loads. */
static void
printed(void *who, const struct file *file, struct span text)
{
	(void)who;
	say("%s prints: %.*s", file->name, SPAN_ARG(text));
}

int
suite_scripts(const struct args *args, struct suite *suite)
{
	struct scripts_options options = { .print = printed,
	    .gives_up = loop_signalled };
	static const struct jail jail = { .memory = LIMIT_LUA_MEMORY_HARD +
		16 * MIB, .cpu_s = LIMIT_RUN_MS / 1000 };
	struct fault fault;

	if (!wanted(args))
		return EXIT_PASSED;
	options.nursery = suite->nursery = nursery_new(worker_run, &jail,
	    &fault);
	if (suite->nursery == NULL) {
		say("%s", fault.text);
		return EXIT_ENVIRONMENT;
	}
	suite->scripts = scripts_new(&options);
	return EXIT_PASSED;
}

void
suite_scripts_free(struct suite *suite)
{
	if (suite->scripts != NULL)
		scripts_free(suite->scripts);
	if (suite->nursery != NULL)
		nursery_free(suite->nursery);
}
