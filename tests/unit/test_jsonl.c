/* The journal of the fixed records, octet by octet. */
#include "golden.h"

extern const struct reporter reporter_jsonl;

static void
put(struct buf *out, struct journal_entry entry)
{
	entry.run = &golden_run;
	reporter_jsonl.entry(NULL, &entry, out);
}

static void
step(struct buf *out, const struct scenario_record *scenario,
    const struct step_record *now)
{
	put(out, (struct journal_entry){ .kind = JOURNAL_STEP_BEGIN,
	    .at_us = now->began_us, .scenario = scenario, .step = now });
	for (const struct wire_record *wire = now->wires; wire != NULL;
	    wire = wire->next)
		put(out, (struct journal_entry){ .kind = JOURNAL_WIRE,
		    .scenario = scenario, .step = now, .wire = wire });
	put(out, (struct journal_entry){ .kind = JOURNAL_STEP_END,
	    .at_us = now->began_us + now->took_us, .scenario = scenario,
	    .step = now });
}

static void
test_golden(void **unused)
{
	struct buf out = buf_new(1 << 24);

	(void)unused;
	golden_setup();
	put(&out, (struct journal_entry){ .kind = JOURNAL_RUN_BEGIN });
	for (size_t i = 0; i < GOLDEN_COUNT; i++) {
		const struct scenario_record *now = &golden_scenarios[i];

		put(&out, (struct journal_entry){
		    .kind = JOURNAL_SCENARIO_BEGIN, .scenario = now });
		for (const struct step_record *at = now->steps; at != NULL;
		    at = at->next)
			step(&out, now, at);
		put(&out, (struct journal_entry){
		    .kind = JOURNAL_SCENARIO_END, .scenario = now });
	}
	put(&out, (struct journal_entry){ .kind = JOURNAL_RUN_END,
	    .at_us = golden_totals.took_us, .totals = &golden_totals });
	golden_clean(buf_span(&out), false);
	golden_check("jsonl", buf_span(&out));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_golden) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
