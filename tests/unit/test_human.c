/* The report for people: narrow and wide, with colours and without. */
#include "golden.h"

#include "base/text.h"

extern const struct reporter reporter_human;

/* No line is wider than the terminal, and none begins with what a server or
 * an author wrote. */
static void
check_lines(struct span out, size_t columns)
{
	static const char *const begins[] = { "ok ", "FAIL ", "ERROR ",
		"skip ", "warn ", "- ", "  ", "2 passed" };
	struct span line;

	while (span_word(&out, "\n", &line)) {
		bool fine = line.len == 0;

		for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
			fine = fine || span_starts(line, span_of(begins[i]));
		if (!fine || (text_width(line) > columns &&
		    !span_starts(line, SPAN("        again "))))
			fail_msg("%zu columns: %.*s", text_width(line),
			    SPAN_ARG(line));
	}
}

static void
render(const char *name, uint16_t columns, bool colours, uint8_t transcript)
{
	struct buf out = buf_new(1 << 24);

	golden_run.columns = columns;
	golden_run.colours = colours;
	golden_run.transcript = transcript;
	golden_render(&reporter_human, &out);
	if (!colours) {
		golden_clean(buf_span(&out), false);
		if (transcript == TRANSCRIPT_AUTO)
			check_lines(buf_span(&out), columns);
	}
	golden_check(name, buf_span(&out));
	buf_free(&out);
}

static void
test_widths(void **unused)
{
	(void)unused;
	render("human-80", 80, false, TRANSCRIPT_AUTO);
	render("human-120", 120, false, TRANSCRIPT_AUTO);
	render("human-60", 60, false, TRANSCRIPT_AUTO);
}

static void
test_colours(void **unused)
{
	(void)unused;
	render("human-colours", 80, true, TRANSCRIPT_AUTO);
}

static void
test_transcript(void **unused)
{
	(void)unused;
	render("human-transcript", 80, false, TRANSCRIPT_ALWAYS);
}

static struct scenario_record plain = {
	.number = 1, .attempts = 1, .id = LIT("a.yaml#A"), .name = LIT("A"),
	.file = "a.yaml", .took_us = 5000, .steps = golden_relay,
};

static bool
shows_steps(uint32_t selected, bool verbose, uint8_t result)
{
	struct run_record run = { .selected = selected, .verbose = verbose };
	struct buf out = buf_new(1 << 20);
	bool state[8] = { false }, shows;

	plain.result = result;
	reporter_human.scenario(state, &run, &plain, &out);
	shows = span_find(buf_span(&out), SPAN("EHLO")) != SIZE_MAX;
	buf_free(&out);
	return shows;
}

static void
test_brief(void **unused)
{
	(void)unused;
	assert_true(shows_steps(20, false, RESULT_PASS));
	assert_false(shows_steps(21, false, RESULT_PASS));
	assert_true(shows_steps(21, true, RESULT_PASS));
	assert_true(shows_steps(21, false, RESULT_FAIL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths), cmocka_unit_test(test_colours),
		cmocka_unit_test(test_transcript),
		cmocka_unit_test(test_brief),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
