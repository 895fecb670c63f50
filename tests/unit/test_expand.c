/*
 * From the text of a file to the steps that its source gives: use, loop,
 * pipelines, always, late steps, and what is not run after a stop.
 */
#include "scenario_load.h"

static const struct steps_case {
	const char *text, *want;
	uint32_t    stop;
} steps_cases[] = {
	{ "steps:\n  - connect:\n  - send: NOOP\n  - expect: 250\n",
	    "1=connect 2=NOOP/ 3=expect ", 0 },
	{ "steps:\n  - send: A\n  - send: B\nalways:\n  - send: Q\n",
	    "1=A/ 2=B/ 3=Q/ ", 0 },
	{ "steps:\n  - send: A\n  - send: B\nalways:\n  - send: Q\n",
	    "1=A/ -2=B/ 3=Q/ ", 1 },
	{ "steps:\n  - loop: { times: 3, as: i, steps: [{ send: 'A ${i}' }] }\n",
	    "1=A 1/ 2=A 2/ 3=A 3/ ", 0 },
	{ "steps:\n  - loop: { times: 0, steps: [{ send: A }] }\n  - send: B\n",
	    "1=B/ ", 0 },
	{ "steps:\n  - loop:\n      times: 2\n      as: i\n      steps:\n"
	    "        - loop:\n            times: 2\n            as: j\n"
	    "            steps: [{ send: '${i}${j}' }]\n",
	    "1=11/ 2=12/ 3=21/ 4=22/ ", 0 },
	{ "params: { n: { type: int, default: 2 } }\nsteps:\n"
	    "  - loop: { times: '${n}', steps: [{ send: A }] }\n",
	    "1=A/ 2=A/ ", 0 },
	/* Rounds that say the same, alone and around others. */
	{ "steps:\n  - send: X\n  - loop: { times: 2, as: i, steps: "
	    "[{ send: A }, { loop: { times: 2, steps: [{ send: B }] } }] }\n"
	    "  - send: C\n",
	    "1=X/ 2=A/ 3=B/ 4=B/ 5=A/ 6=B/ 7=B/ 8=C/ ", 0 },
	{ "steps:\n  - loop: { times: 2, as: i, steps: [{ send: A }, "
	    "{ loop: { times: 2, steps: [{ send: '${i}' }] } }] }\n",
	    "1=A/ 2=1/ 3=1/ 4=A/ 5=2/ 6=2/ ", 0 },
	{ "steps:\n  - loop: { times: 2, steps: [{ pipeline: "
	    "[{ send: A }, { send: B }] }, { send: C }] }\n",
	    "[1=A/ 2=B/ ]3=C/ [4=A/ 5=B/ ]6=C/ ", 0 },
	{ "steps:\n  - pipeline:\n      - send: A\n      - send: B\n  - send: C\n",
	    "[1=A/ 2=B/ ]3=C/ ", 0 },
	{ "steps:\n  - pipeline:\n      - loop: { times: 2, steps: "
	    "[{ send: A }] }\n      - send: B\n",
	    "[1=A/ 2=A/ 3=B/ ]", 0 },
	/* A late step inside makes the whole group late, numbers stay. */
	{ "steps:\n  - send: A\n    expect: { capture: { n: /(.)/ } }\n"
	    "  - pipeline:\n      - send: B ${n}\n        expect: "
	    "{ code: '${n}' }\n      - send: C\n  - send: D\n",
	    "1=A/ [2=B 250/ 3=C/ ]4=D/ ", 0 },
	{ "steps:\n  - send: A\n    expect: { capture: { n: /(.)/ } }\n"
	    "  - send: B\n    timeout: ${n}ms\n  - send: C\n",
	    "1=A/ 2=B/ 3=C/ ", 0 },
	{ "steps:\n  - send: A\n    expect: { capture: { n: /(.)/ } }\n"
	    "  - send: B\n    timeout: ${n}\n",
	    "1=A/ !bad duration '250' ", 0 },
	{ "steps:\n  - send: A\n    expect: { capture: { n: /(.)/ } }\n"
	    "  - send: B\n    timeout: ${n}\n  - send: C\n",
	    "1=A/ -2=B/ -3=C/ ", 1 },
	{ "steps:\n  - eventually: { within: 1s, steps: [{ send: A }, "
	    "{ send: B }] }\n  - send: C\n", "1=A/ 2=B/ 3=C/ ", 0 },
	{ "steps:\n  - connect:\n  - connect:\n    on: b\n  - send: A\n    on: b\n"
	    "always:\n  - send: Q\n    on: b\n",
	    "1=connect 2@b=connect 3@b=A/ 4@b=Q/ ", 0 },
	{ "steps:\n  - pipeline:\n      - connect:\n      - send: A\n    on: b\n",
	    "[1@b=connect 2@b=A/ ]", 0 },
	{ "vars: { a: x, b: '${a}y', c: '${b|upper}' }\nsteps:\n"
	    "  - send: ${c}\n", "1=XY/ ", 0 },
	{ "vars: { list: [{ send: A }, { send: B }] }\nsteps: ${list}\n",
	    "1=A/ 2=B/ ", 0 },
	{ "vars: { words: a  b c }\nsteps:\n  - send: A\n"
	    "    expect: { offers: '${words|upper|split}' }\n", "1=A/ ", 0 },
	{ "vars: { answer: [250, 251] }\nsteps:\n  - send: A\n"
	    "    expect: ${answer}\n", "1=A/ ", 0 },
	{ "vars: { answer: { code: 250, text: ok } }\nsteps:\n  - send: A\n"
	    "    expect: ${answer}\n", "1=A/ ", 0 },
	{ "steps:\n  - set: { a: x }\n  - send: B ${a}\n",
	    "1=set 2=B x/ ", 0 },
	{ "steps:\n  - send: A\n    expect: { capture: { u: /(.)/ } }\n"
	    "  - connect: { to: 'smtp://127.0.0.1:${u}' }\n    on: b\n",
	    "1=A/ 2@b=connect ", 0 },
	{ "steps:\n  - send: $${x} $y $$ ${'a'|repeat 3}\n",
	    "1=${x} $y $ aaa/ ", 0 },
	{ "steps:\n  - body: |\n      .a\n      b\n", "1=..a/b/./ ", 0 },
};

static void
test_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof steps_cases / sizeof *steps_cases; i++) {
		struct loader *loader = loader_of(steps_cases[i].text);

		print_message("%zu\n", i);
		assert_string_equal(steps_given(scenario_at(loader, 0),
		    steps_cases[i].stop), steps_cases[i].want);
		loader_free(loader);
	}
}

/* A round again until the time is over, also when nothing came before. */
static void
test_eventually(void **state)
{
	struct loader *loader = loader_of("steps:\n  - eventually: { within: "
	    "1s, every: 100ms, steps: [{ connect: }, { send: A }] }\n"
	    "  - send: B\n");
	const struct scenario *scenario = scenario_at(loader, 0);
	struct vars    vars;
	struct source *source;
	struct fault   fault;
	const struct step *step;
	struct outcome outcome = { .result = RESULT_AGAIN };

	(void)state;
	vars_init(&vars, scenario->slot_count, 7, scenario->id);
	assert_true(scenario->open(scenario, &vars, &source, &fault));
	source->now_us = 5000000;
	assert_int_equal(source->next(source, NULL, &step, &fault), NEXT_STEP);
	assert_int_equal(step->round, 1);
	assert_int_equal(step->pause_ms, 0);
	assert_int_equal(step->again_us, 5900000);
	outcome.began_us = 5000000;
	outcome.took_us = 10;
	assert_int_equal(source->next(source, &outcome, &step, &fault),
	    NEXT_STEP);
	assert_int_equal(step->round, 2);
	assert_int_equal(step->pause_ms, 100);
	assert_string_equal(step->verb->name, "connect");
	assert_int_equal(step->again_us, 5900000);
	outcome.result = RESULT_PASS;
	assert_int_equal(source->next(source, &outcome, &step, &fault),
	    NEXT_STEP);
	assert_string_equal(step->verb->name, "send");
	assert_int_equal(step->round, 2);
	assert_int_equal(step->pause_ms, 0);
	assert_int_equal(source->next(source, &outcome, &step, &fault),
	    NEXT_STEP);
	assert_int_equal(step->round, 0);
	assert_int_equal(source->next(source, &outcome, &step, &fault),
	    NEXT_END);
	source->close(source);
	vars_free(&vars);
	loader_free(loader);
}

/* What stands beside a pipeline holds inside, unless a step says better. */
static void
test_pipeline_modifiers(void **state)
{
	struct loader *loader = loader_of("steps:\n  - pipeline:\n"
	    "      - send: A\n      - send: B\n        timeout: 3s\n"
	    "        level: must\n    timeout: 9s\n    level: should\n"
	    "    on_fail: continue\n    secret: true\n");
	const struct scenario *scenario = scenario_at(loader, 0);
	struct vars    vars;
	struct source *source;
	struct fault   fault;
	const struct step *step;

	(void)state;
	vars_init(&vars, scenario->slot_count, 7, scenario->id);
	assert_true(scenario->open(scenario, &vars, &source, &fault));
	assert_int_equal(source->next(source, NULL, &step, &fault), NEXT_STEP);
	assert_int_equal(step->group_count, 2);
	assert_int_equal(step->group[0].timeout_ms, 9000);
	assert_int_equal(step->group[0].level, LEVEL_SHOULD);
	assert_true(step->group[0].go_on && step->group[0].secret);
	assert_int_equal(step->group[1].timeout_ms, 3000);
	assert_int_equal(step->group[1].level, LEVEL_MUST);
	source->close(source);
	vars_free(&vars);
	loader_free(loader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_eventually),
		cmocka_unit_test(test_pipeline_modifiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
