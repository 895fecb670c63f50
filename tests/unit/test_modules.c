/* The Lua modules that are built in: each file of lua/quoth, to the octet. */
#include "check.h"

#include "script/bridge/modules.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define FOLDER TESTS_DIR "/../lua/quoth"

static const struct lua_module *
find(const char *name)
{
	const struct lua_module *module = lua_modules;

	while (module->name != NULL && strcmp(module->name, name) != 0)
		module++;
	return module->name == NULL ? NULL : module;
}

static void
same_as_file(const struct lua_module *module, const char *path)
{
	static char text[256 * 1024];
	FILE *file = fopen(path, "rb");
	size_t len;

	assert_non_null(file);
	len = fread(text, 1, sizeof text, file);
	(void)fclose(file);
	assert_int_equal(len, module->text.len);
	assert_memory_equal(text, module->text.ptr, len);
}

static void
each_file(void **state)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;
	size_t files = 0, rows = 0;

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		char   name[300], path[1200];
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 4, ".lua") != 0)
			continue;
		(void)snprintf(name, sizeof name, "quoth.%.*s",
		    (int)(len - 4), entry->d_name);
		(void)snprintf(path, sizeof path, "%s/%s", FOLDER,
		    entry->d_name);
		assert_non_null(find(name));
		same_as_file(find(name), path);
		files++;
	}
	(void)closedir(folder);
	while (lua_modules[rows].name != NULL)
		rows++;
	assert_true(files >= 4);
	assert_int_equal(rows, files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_file) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
