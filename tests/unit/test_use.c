/* use: names in and out, cycles, and bombs of dialogues. */
#include "scenario_load.h"

#define ASK "define:\n  ask:\n    - send: ASK ${who}\n" \
	"      expect: { capture: { id: /(.)/ } }\n"

static const struct use_case { const char *text, *want; } good[] = {
	{ ASK "steps:\n  - use: ask\n    with: { who: bob }\n  - send: B ${id}\n",
	    "1=ASK bob/ 2=B 250/ " },
	/* In a loop the same place captures again. */
	{ ASK "steps:\n  - loop: { times: 2, as: i, steps: [{ use: ask, with: "
	    "{ who: '${i}' } }] }\n", "1=ASK 1/ 2=ASK 2/ " },
	{ ASK "  two:\n    - use: ask\n      with: { who: '${name}!' }\n"
	    "steps:\n  - use: two\n    with: { name: eve }\n  - send: ${id}\n",
	    "1=ASK eve!/ 2=250/ " },
	{ ASK "steps:\n  - send: A\n    expect: { capture: { mine: /(.)/ } }\n"
	    "  - use: ask\n    with: { who: '${mine}' }\n",
	    "1=A/ 2=ASK 250/ " },
	{ "params: { who: { default: carol } }\n" ASK
	    "steps:\n  - use: ask\n", "1=ASK carol/ " },
	{ ASK "steps:\n  - use: ask\n    with: { who: '' }\n",
	    "1=ASK / " },
	{ "vars: { v: x }\ndefine:\n  d: [{ send: '${v} ${client}' }]\n"
	    "steps:\n  - use: d\n", "1=x client.test/ " },
	{ "define:\n  d: [{ send: A, expect: '${codes}' }]\nsteps:\n"
	    "  - use: d\n    with: { codes: [250, 251] }\n", "1=A/ " },
	{ "define:\n  a: [{ send: A }]\n  b: [{ send: B }]\n"
	    "each: { hello: [b, a] }\nsteps:\n  - use: ${hello}\n", "1=B/ " },
	{ "define:\n  d: [{ send: OUTER }]\nscenarios:\n  - name: n\n"
	    "    define: { d: [{ send: INNER }] }\n    steps: [{ use: d }]\n",
	    "1=INNER/ " },
	{ "define:\n  d: [{ send: A }, { send: B }]\nsteps:\n"
	    "  - pipeline: [{ use: d }]\n", "[1=A/ 2=B/ ]" },
};

static const struct use_case bad[] = {
	{ ASK "steps:\n  - use: ask\n", "4:19 unknown variable 'who'" },
	{ ASK "steps:\n  - send: A\n    expect: { capture: { q: /(.)/ } }\n"
	    "  - use: inner\n", "9:10 no dialogue 'inner' is defined" },
	/* Captures of the dialogue around are not seen inside. */
	{ "define:\n  d: [{ send: '${q}' }]\nsteps:\n  - send: A\n"
	    "    expect: { capture: { q: /(.)/ } }\n  - use: d\n",
	    "3:18 unknown variable 'q'" },
	{ "define:\n  d: [{ use: d }]\nsteps:\n  - use: d\n",
	    "3:14 this dialogue uses itself" },
	{ "define:\n  d: [{ use: e }]\n  e: [{ use: d }]\nsteps:\n  - use: d\n",
	    "4:14 this dialogue uses itself" },
	{ ASK "steps:\n  - set: { id: x }\n  - use: ask\n"
	    "    with: { who: x }\n", "5:28 'id' is the name of something in "
	    "the dialogue that uses this one already" },
	{ ASK "steps:\n  - use: ask\n    with: { who: x, uuid: y }\n",
	    "8:21 'uuid' is a built-in name" },
	{ "steps:\n  - use:\n", "3:9 the dialogue's name must not be empty" },
	{ "steps:\n  - use: x.yaml#y\n", "3:10 'x.yaml' cannot be read from "
	    "here" },
	/* 10^8 uses of nothing much. */
	{ "define:\n"
	    "  a: [{ loop: { times: 1000, steps: [{ use: b }] } }]\n"
	    "  b: [{ loop: { times: 1000, steps: [{ use: c }] } }]\n"
	    "  c: [{ loop: { times: 0, steps: [{ send: A }] } }]\n"
	    "steps:\n  - use: a\n",
	    "4:45 more than 100000 repetitions in one scenario" },
};

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct loader *loader = loader_of(good[i].text);

		print_message("%zu\n", i);
		assert_string_equal(steps_given(scenario_at(loader, 0), 0),
		    good[i].want);
		loader_free(loader);
	}
}

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct loader *loader = loader_of(bad[i].text);

		print_message("%zu\n", i);
		assert_string_equal(first_error(loader), bad[i].want);
		loader_free(loader);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
