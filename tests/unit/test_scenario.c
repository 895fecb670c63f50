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

/* ids of all scenarios, each behind a blank; or the first error. */
static const char *
ids(struct loader *loader)
{
	static char text[2000];
	const struct scenario *const *all;
	uint32_t count;
	size_t   len = 0;

	text[0] = '\0';
	if (loader_diags(loader)->errors > 0)
		return first_error(loader);
	all = loader_scenarios(loader, &count);
	for (uint32_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
		    "%s%.*s", i == 0 ? "" : " ", SPAN_ARG(all[i]->id));
	return text;
}

static const struct id_case { const char *text, *want; } id_cases[] = {
	{ "steps: [{ send: A }]\n", "t.yaml#t" },
	{ "name: My name\nsteps: [{ send: A }]\n", "t.yaml#My name" },
	{ "scenarios:\n  - name: a\n    steps: [{ send: A }]\n  - name: b\n"
	    "    steps: [{ send: A }]\n", "t.yaml#a t.yaml#b" },
	{ "each: [{ a: x, b: 1 }, { a: y, b: 1 }]\nsteps: [{ send: '${b}' }]\n",
	    "t.yaml#t [x] t.yaml#t [y]" },
	{ "each: { a: [x, y], b: [1, 2] }\nsteps: [{ send: '${a}${b}' }]\n",
	    "t.yaml#t [x, 1] t.yaml#t [x, 2] t.yaml#t [y, 1] t.yaml#t [y, 2]" },
	{ "vars: { v: q }\nparams: { p: { default: z } }\n"
	    "each: [{ a: '${p}!', b: 1 }]\nsteps: [{ send: '${a}' }]\n",
	    "t.yaml#t [z!]" },
	{ "each: [{ a: [x, y] }]\nsteps: [{ send: A, expect: { offers: '${a}' "
	    "} }]\n", "t.yaml#t [x y]" },
	{ "define: { a: [{ send: A }] }\n", "" },
	{ "scenarios:\n  - name: a\n    each: [{ q: 1 }]\n    steps: "
	    "[{ send: '${q}' }]\n  - name: b\n    steps: [{ send: A }]\n",
	    "t.yaml#a [1] t.yaml#b" },
	/* A dialogue of the file below every scenario of the list. */
	{ "vars: { a: x, b: y }\nalways: [{ send: Q }]\nscenarios:\n"
	    "  - name: n\n    vars: { b: z, c: '${a}${b}' }\n"
	    "    steps: [{ send: '${a}${b}${c}' }]\n", "t.yaml#n" },
	{ "each: [{ code: 250 }, { code: 999 }]\nsteps:\n  - send: A\n"
	    "    expect: ${code}\n", "5:13 '999' is no reply code" },
	{ "each: { file: cases.csv }\nsteps: [{ send: A }]\n",
	    "2:15 'cases.csv' cannot be read from here" },
};

static void
test_ids(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof id_cases / sizeof *id_cases; i++) {
		struct loader *loader = loader_of(id_cases[i].text);

		print_message("%zu\n", i);
		assert_string_equal(ids(loader), id_cases[i].want);
		loader_free(loader);
	}
}

/* The first step's command with these values given. */
static const char *
sent(const char *text, const char *define, const char *vars)
{
	struct loader *loader = loader_made();
	static char    copy[1000];
	struct buf     whole = buf_new(8 * (size_t)KIB);

	if (define != NULL)
		assert_true(loader_give(loader, GIVEN_DEFINE, define));
	if (vars != NULL)
		assert_true(loader_give(loader, GIVEN_VARS, vars));
	assert_true(buf_addf(&whole, "quoth: 1\n%s", text));
	loader_add_text(loader, "t.yaml", buf_span(&whole));
	(void)snprintf(copy, sizeof copy, "%.900s", loader_diags(loader)->errors >
	    0 ? first_error(loader) : steps_given(scenario_at(loader, 0), 0));
	loader_free(loader);
	buf_free(&whole);
	return copy;
}

/* -D, then QUOTH_VAR_NAME, then --vars, then the default. */
static void
test_order(void **state)
{
	const char *text = "params: { my-name: { default: d } }\n"
	    "steps: [{ send: '${my-name}' }]\n";

	(void)state;
	assert_string_equal(sent(text, NULL, NULL), "1=d/ ");
	assert_string_equal(sent(text, NULL, "my-name=v"), "1=v/ ");
	assert_int_equal(setenv("QUOTH_VAR_MY_NAME", "e", 1), 0);
	assert_string_equal(sent(text, NULL, "my-name=v"), "1=e/ ");
	assert_string_equal(sent(text, "my-name=D", "my-name=v"), "1=D/ ");
	assert_int_equal(unsetenv("QUOTH_VAR_MY_NAME"), 0);
	/* What comes in is never read again. */
	assert_string_equal(sent(text, "my-name=${uuid}$$", NULL),
	    "1=${uuid}$$/ ");
	assert_string_equal(sent(text, "my-name=a\r\nb", NULL),
	    "3:17 a variable puts a line break into the command");
	assert_string_equal(sent("params: { a: { default: x }, b: { default: "
	    "'${a}y' } }\nsteps: [{ send: '${b}' }]\n", "a=z", NULL),
	    "1=zy/ ");
	/* A row alone sets its column. */
	assert_string_equal(sent("params: { a: { type: email } }\neach: "
	    "[{ a: r@x.test }]\nsteps: [{ send: '${a}' }]\n", "a=d@x.test",
	    NULL), "1=r@x.test/ ");
	assert_string_equal(sent("params: { n: { type: int } }\n"
	    "steps: [{ send: '${n}' }]\n", "n=x", NULL),
	    "2:11 parameter 'n' from -D: 'x' is not a whole number");
	assert_string_equal(sent("params: { k: { secret: true } }\n"
	    "steps: [{ send: '${k}' }]\n", "k=x", NULL), "2:11 the secret 'k' "
	    "cannot come from -D: every user of the machine can read command "
	    "lines");
}

static void
test_missing(void **state)
{
	struct loader *loader = loader_of("params:\n  a: { about: whom }\n"
	    "  b: {}\n  c: { default: x }\n  d: { default: x, required: true }\n"
	    "each: [{ b: x }]\nsteps: [{ send: '${a}${b}${c}${d}' }]\n");
	const struct scenario *one = scenario_at(loader, 0);
	uint32_t count = 0;

	(void)state;
	for (const struct missing *m = one->missing; m != NULL; m = m->next) {
		assert_true(span_is(m->name, "a") || span_is(m->name, "d"));
		count++;
	}
	assert_int_equal(count, 2);
	loader_check_missing(loader, &one, 1);
	loader_check_missing(loader, &one, 1);
	assert_int_equal(loader_diags(loader)->errors, 2);
	loader_free(loader);
}

static void
test_given(void **state)
{
	struct loader *loader = loader_made();
	const struct scenario *const *all;
	uint32_t count;

	(void)state;
	(void)loader_give(loader, GIVEN_DEFINE, "recipient=a");
	(void)loader_give(loader, GIVEN_DEFINE, "recipient=b");
	(void)loader_give(loader, GIVEN_DEFINE, "recipent=c");
	(void)loader_give(loader, GIVEN_VARS, "other=d");
	assert_false(loader_give(loader, GIVEN_DEFINE, "recipient"));
	assert_false(loader_give(loader, GIVEN_DEFINE, "=x"));
	loader_add_text(loader, "t.yaml", SPAN("quoth: 1\nparams:\n"
	    "  recipient: { default: x }\nsteps: [{ send: '${recipient}' }]\n"));
	all = loader_scenarios(loader, &count);
	assert_string_equal(steps_given(all[0], 0), "1=b/ ");
	loader_check_given(loader, all, count);
	assert_int_equal(loader_diags(loader)->errors, 1);
	assert_string_equal(loader_diags(loader)->last->hint,
	    "did you mean 'recipient'?");
	/* Of a scenario that was not selected. */
	loader_check_given(loader, all, 0);
	assert_int_equal(loader_diags(loader)->errors, 2);
	loader_free(loader);
}

static void
test_keys(void **state)
{
	struct loader *loader = loader_of("about: prose\ntags: one\n"
	    "needs: [SIZE, no STARTTLS]\ntimeout: 3s\nserial: true\n"
	    "lock: [x, y]\nretry: { times: 5, every: 2s, on: [4xx, closed] }\n"
	    "xfail: { because: ticket, expires: 2020-01-01 }\nscenarios:\n"
	    "  - name: a\n    steps: [{ send: A }]\n  - name: b\n"
	    "    tags: [two, three]\n    only: true\n    skip: not now\n"
	    "    timeout: 1m\n    steps: [{ send: A }]\n");
	const struct scenario *a = scenario_at(loader, 0);
	const struct scenario *b = scenario_at(loader, 1);

	(void)state;
	assert_true(span_is(a->about, "prose"));
	assert_int_equal(a->tag_count, 1);
	assert_int_equal(b->tag_count, 2);
	assert_int_equal(a->need_count, 2);
	assert_false(a->needs[0].absent);
	assert_true(a->needs[1].absent && span_is(a->needs[1].word,
	    "STARTTLS"));
	assert_int_equal(a->needs[1].loc.column, 15);
	assert_int_equal(a->timeout_ms, 3000);
	assert_int_equal(b->timeout_ms, 60000);
	assert_int_equal(a->lock_count, 3);
	assert_int_equal(a->retry->times, 5);
	assert_int_equal(a->retry->every_ms, 2000);
	assert_int_equal(a->retry->code_count, 1);
	assert_int_equal(a->retry->causes, 1U << CAUSE_CLOSED);
	assert_true(span_is(a->xfail, "ticket") && a->xfail_expired);
	assert_true(b->only && !a->only && span_is(b->skip, "not now"));
	assert_null(a->skip.ptr);
	loader_free(loader);
}

static void
file_write(const char *folder, const char *name, const char *text)
{
	char path[300];

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	file_save(path, span_of(text));
}

/* One file has one spelling; links lead nowhere; pack.yaml's parameters. */
static void
test_folder(void **state)
{
	char folder[] = "/tmp/quoth-scenario-XXXXXX", path[300];
	static const char *const names[] = { "b.yaml", "a.yml", "pack.yaml",
		"data.yaml", "list.yaml", "lib.yaml", "x.csv", "loop" };
	struct loader *loader = loader_made();
	uint32_t files = 0, count;

	(void)state;
	assert_non_null(mkdtemp(folder));
	file_write(folder, "b.yaml", "quoth: 1\nname: b\neach: { file: x.csv }\n"
	    "steps:\n  - use: ./lib.yaml#say\n    with: { w: '${a},${b}' }\n");
	file_write(folder, "a.yml", "quoth: 1\nname: a\n"
	    "steps: [{ send: '${shared}' }]\n");
	file_write(folder, "lib.yaml", "quoth: 1\nparams: { own: { default: "
	    "o } }\ndefine: { say: [{ send: '${w} ${own} ${row}' }] }\n");
	file_write(folder, "pack.yaml", "params: { shared: { default: s } }\n");
	file_write(folder, "data.yaml", "some: data\n");
	file_write(folder, "list.yaml", "- some\n- data\n");
	file_write(folder, "x.csv", "\xef\xbb\xbf" "a,b\r\n\"1,\"\"x\",2\r\n\r\n"
	    "3,\"4;5\"\r\n");
	(void)snprintf(path, sizeof path, "%s/loop", folder);
	assert_int_equal(symlink(".", path), 0);
	loader_add(loader, folder, &files);
	assert_int_equal(files, 3);
	(void)snprintf(path, sizeof path, "%s/.//b.yaml", folder);
	loader_add(loader, path, &files);
	(void)loader_scenarios(loader, &count);
	if (loader_diags(loader)->errors > 0)
		fail_msg("%s", first_error(loader));
	assert_int_equal(count, 3);
	loader_free(loader);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden), cmocka_unit_test(test_ids),
		cmocka_unit_test(test_order), cmocka_unit_test(test_missing),
		cmocka_unit_test(test_given), cmocka_unit_test(test_keys),
		cmocka_unit_test(test_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
