/*
 * Files to scenarios, and a golden for every diagnostic of the format
 * (tests/golden/scenario: NAME.yaml and what `quoth check` says of it,
 * NAME.expected; QUOTH_UPDATE_GOLDEN=1 rewrites).
 */
#include "scenario_load.h"

#include <dirent.h>
#include <unistd.h>

#define GOLDEN TESTS_DIR "/golden/scenario/"

static int
is_case(const struct dirent *entry)
{
	return span_ends(span_of(entry->d_name), SPAN(".yaml"));
}

static void
file_load(const char *path, struct buf *out)
{
	FILE  *file = fopen(path, "rb");
	char   chunk[4096];
	size_t len;

	*out = buf_new(8 * (size_t)MIB);
	if (file == NULL)
		return;
	while ((len = fread(chunk, 1, sizeof chunk, file)) > 0)
		assert_true(buf_add(out, (struct span){ chunk, len }));
	(void)fclose(file);
}

static void
file_save(const char *path, struct span text)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

/* True when the file prints as expected. */
static bool
golden_check(const char *name)
{
	struct loader *loader = loader_made();
	const struct scenario *const *all;
	char     expected[300];
	uint32_t files = 0, count;
	struct buf want, got;
	bool     fine;

	loader_add(loader, name, &files);
	all = loader_scenarios(loader, &count);
	if (strstr(name, "-missing-") != NULL)
		loader_check_missing(loader, all, count);
	loader_print(loader, &got);
	(void)snprintf(expected, sizeof expected, "%.*s.expected",
	    (int)(strlen(name) - strlen(".yaml")), name);
	if (getenv("QUOTH_UPDATE_GOLDEN") != NULL)
		file_save(expected, buf_span(&got));
	file_load(expected, &want);
	fine = want.len > 0 && span_eq(buf_span(&got), buf_span(&want));
	if (!fine)
		print_error("%s differs; now it prints:\n%.*s\n", name,
		    (int)got.len, got.ptr == NULL ? "" : got.ptr);
	buf_free(&got);
	buf_free(&want);
	loader_free(loader);
	return fine;
}

static void
test_golden(void **state)
{
	struct dirent **list;
	int count, bad = 0;
	char here[4096];

	(void)state;
	/* Paths in diagnostics are as given: short ones. */
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(GOLDEN), 0);
	count = scandir(".", &list, is_case, alphasort);
	assert_true(count >= 90);
	for (int i = 0; i < count; i++) {
		bad += !golden_check(list[i]->d_name);
		free(list[i]);
	}
	free(list);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
