/*
 * The verbs (connect send write body close abort wait set): what each plans,
 * to the octet, over all its writes; and what each refuses to be.
 */
#include "scenario_load.h"

/* Everything that one step writes, its follow-ups included; pauses as "~". */
static void
act_run(const struct scenario *scenario, struct buf *out, enum want_kind *kind)
{
	struct vars    vars;
	struct source *source;
	struct fault   fault;
	const struct step *step;
	struct talk    talk = { 0 };
	struct buf     scratch = buf_new(2 * (size_t)MIB);
	struct plan    plan = { .vars = &vars, .proto = scenario->proto,
		.talk = &talk, .out = &scratch };
	struct input   done = { .kind = INPUT_DONE };
	struct want    want;

	vars_init(&vars, scenario->slot_count, 7, scenario->id);
	assert_true(scenario->open(scenario, &vars, &source, &fault));
	assert_int_equal(source->next(source, NULL, &step, &fault), NEXT_STEP);
	if (!step->verb->plan(step->args, &plan, &want, &fault))
		fail_msg("plan: %s", fault.text);
	*kind = (enum want_kind)want.kind;
	for (;;) {
		if (want.kind == WANT_WRITE)
			assert_true(buf_add(out, want.bytes));
		if (want.kind == WANT_TIMER && step->verb->follow != NULL)
			assert_true(buf_add_text(out, "~"));
		if (want.then != THEN_FOLLOW)
			break;
		buf_clear(&scratch);
		plan.round++;
		assert_true(step->verb->follow(step->args, &plan, &done, NULL,
		    &want, &fault));
	}
	source->close(source);
	vars_free(&vars);
	buf_free(&scratch);
}

#define S(text) { text, sizeof(text) - 1 }
static const struct bytes_case { const char *step; struct span want; }
bytes_cases[] = {
	{ "send: NOOP", S("NOOP\r\n") },
	{ "send: ''", S("\r\n") },
	{ "send: '  x '", S("  x \r\n") },
	{ "send: 'a\\\\rb'", S("a\\\\rb\r\n") },
	{ "send: 'a\\xyz'", S("a\\xyz\r\n") },
	{ "send: ${'x'|repeat 3}", S("xxx\r\n") },
	{ "write: 'a\\r\\n\\t\\0\\\\\\x00\\xff'", S("a\r\n\t\0\\\0\xff") },
	{ "write: ${'a\\n'|repeat 2}$$", S("a\na\n$") },
	{ "write: '\\x24{client}'", S("${client}") },
	{ "write: |\n      a\\r\\n\n\n      b\\x41\n      c", S("a\r\nbAc") },
	{ "write: { hex: '00 fF\t10' }", S("\0\xff\x10") },
	{ "write: { base64: AAE= }", S("\0\1") },
	{ "write: { text: 'abcdef', chunks: [1, 2] }", S("abcdef") },
	{ "write: { text: 'abcd', chunks: [1], every: 1ms }", S("a~b~c~d") },
	{ "write: { text: 'abc', every: 1ms }", S("a~b~c") },
	{ "write: { text: 'abcdef', chunks: [4, 1], every: 1ms }",
	    S("abcd~e~f") },
	{ "body: ''", S(".\r\n") },
	{ "body: a", S("a\r\n.\r\n") },
	{ "body: |\n      a\n      .\n      ..b\n\n      c", S("a\r\n..\r\n...b\r\n"
	    "\r\nc\r\n.\r\n") },
	{ "body: \"a\\r\\nb\\r\\n\"", S("a\r\nb\r\n.\r\n") },
	{ "body: { text: '.x', raw: true }", S(".x\r\n.\r\n") },
	{ "body: { text: \".x\\n\", raw: true, dot: false }", S(".x\n") },
	{ "body: { text: '.x', dot: false }", S("..x\r\n") },
	{ "body: { headers: { A: b, C: '.' }, text: .x }",
	    S("A: b\r\nC: .\r\n\r\n..x\r\n.\r\n") },
	{ "body: { headers: { A: b } }", S("A: b\r\n\r\n.\r\n") },
	{ "body: { text: 'ab', size: 4 }", S("ab\r\n.\r\n") },
	{ "body: { text: '.b', size: 8 }", S("..b\r\nab\r\n.\r\n") },
};

static struct loader *
step_loader(const char *step)
{
	static char text[400];

	(void)snprintf(text, sizeof text, "steps:\n  - %s\n", step);
	return loader_of(text);
}

static void
test_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bytes_cases / sizeof *bytes_cases; i++) {
		struct loader *loader = step_loader(bytes_cases[i].step);
		struct buf     out = buf_new(4096);
		enum want_kind kind;

		print_message("%s\n", bytes_cases[i].step);
		act_run(scenario_at(loader, 0), &out, &kind);
		assert_int_equal(kind, WANT_WRITE);
		if (!span_eq(buf_span(&out), bytes_cases[i].want))
			fail_msg("%.*s", SPAN_ARG(buf_span(&out)));
		buf_free(&out);
		loader_free(loader);
	}
}

/* Lines of at most 81 octets, each with its CRLF, the size exact. */
static void
size_check(uint64_t size)
{
	char           step[100];
	struct loader *loader;
	struct buf     out = buf_new(4 * (size_t)MIB);
	struct span    rest, line;
	enum want_kind kind;

	(void)snprintf(step, sizeof step, "body: { size: %llu }",
	    (unsigned long long)size);
	loader = step_loader(step);
	act_run(scenario_at(loader, 0), &out, &kind);
	rest = buf_span(&out);
	assert_int_equal(rest.len, size + 3);
	assert_true(span_ends(rest, SPAN(".\r\n")));
	rest.len -= 3;
	assert_true(rest.len == 0 || span_ends(rest, SPAN("\r\n")));
	while (rest.len > 0) {
		size_t at = span_chr(rest, '\n');

		line = span_sub(rest, 0, at + 1);
		assert_true(span_ends(line, SPAN("\r\n")));
		assert_int_equal(span_chr(line, '\r'), line.len - 2);
		assert_true(line.len <= 81 && *line.ptr != '.');
		rest = span_from(rest, at + 1);
	}
	buf_free(&out);
	loader_free(loader);
}

static void
test_sizes(void **state)
{
	(void)state;
	size_check(0);
	for (uint64_t size = 2; size <= 200; size++)
		size_check(size);
	for (uint64_t size = 64 * KIB - 90; size <= 64 * KIB + 90; size += 5)
		size_check(size);
	size_check(1000000);
}

static const struct kind_case { const char *step; enum want_kind kind; }
kind_cases[] = {
	{ "connect:", WANT_CONNECT }, { "connect: {}", WANT_CONNECT },
	{ "connect: smtp://127.0.0.1", WANT_CONNECT },
	{ "connect: { to: 'h:25', from: '::1', timeout: 1s }", WANT_CONNECT },
	{ "close:", WANT_CLOSE }, { "close: { half: false }", WANT_CLOSE },
	{ "close: { half: true }", WANT_HALF_CLOSE }, { "abort:", WANT_ABORT },
	{ "wait: 0s", WANT_TIMER }, { "wait: 10ms", WANT_TIMER },
	{ "set: { a: b }", WANT_NOTHING },
};

static void
test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kind_cases / sizeof *kind_cases; i++) {
		struct loader *loader = step_loader(kind_cases[i].step);
		struct buf     out = buf_new(100);
		enum want_kind kind;

		print_message("%s\n", kind_cases[i].step);
		act_run(scenario_at(loader, 0), &out, &kind);
		assert_int_equal(kind, kind_cases[i].kind);
		assert_int_equal(out.len, 0);
		buf_free(&out);
		loader_free(loader);
	}
}

static const char *const bad[] = { "send:", "send: {}", "send: 'a\\nb'",
	"send: ${'a\\n'|unescape}", "send: ${'x'|repeat 65536}y", "write:",
	"write: []", "write: '\\'", "write: { hex: 0 }", "write: { base64: a }",
	"write: { every: 1s }", "write: { text: a, chunks: [] }",
	"write: { text: a, chunks: [-1] }", "body:", "body: {}", "body: []",
	"body: { size: 1 }", "body: { size: -1 }", "body: { text: abc, size: 2 }",
	"body: { text: abc, size: 6 }", "body: { text: a, dot: no }",
	"body: { text: a, headers: { 'a b': c } }", "close: true",
	"close: { half: 1 }", "abort: {}", "wait:", "wait: 1", "wait: -1s",
	"wait: 1e3s", "wait: 25d", "wait: 9999999h", "set:", "set: a",
	"set: { uuid: a }", "connect: []", "connect: { to: [] }",
	"connect: { from: '' }", "connect: { timeout: 0s }" };

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct loader *loader = step_loader(bad[i]);

		if (loader_diags(loader)->errors == 0)
			fail_msg("'%s' loads", bad[i]);
		loader_free(loader);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes), cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_kinds), cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
