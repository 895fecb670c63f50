/*
 * Scenarios loaded from text, for tests: no file is read. And what a source
 * of steps gives, written down in one line a step.
 */
#ifndef QUOTH_TESTS_SCENARIO_LOAD_H
#define QUOTH_TESTS_SCENARIO_LOAD_H

#include "check.h"

#include "base/limits.h"
#include "cmd/complain.h"
#include "load/load.h"
#include "model/step.h"
#include "model/vars.h"
#include "model/verb.h"

static inline struct loader *
loader_made(void)
{
	return loader_new(&(struct load_options){ .client = "client.test",
	    .seed = 7, .checking = true, .scenarios_max = LIMIT_SCENARIOS,
	    .today = 20000 });
}

/* `quoth: 1` and the text. */
static inline struct loader *
loader_of(const char *text)
{
	struct loader *loader = loader_made();
	static struct buf whole;

	buf_free(&whole);
	whole = buf_new(4 * (size_t)MIB);
	assert_true(buf_addf(&whole, "quoth: 1\n%s", text));
	loader_add_text(loader, "t.yaml", buf_span(&whole));
	return loader;
}

/* What `quoth check` would print. */
static inline void
loader_print(struct loader *loader, struct buf *out)
{
	*out = buf_new(8 * (size_t)MIB);
	complain(loader_diags(loader), COMPLAIN_HUMAN, false, out);
}

static inline const struct scenario *
scenario_at(struct loader *loader, uint32_t index)
{
	const struct scenario *const *all;
	struct buf text;
	uint32_t   count;

	all = loader_scenarios(loader, &count);
	if (index < count && loader_diags(loader)->errors == 0)
		return all[index];
	loader_print(loader, &text);
	fail_msg("%u scenarios:\n%.*s", count, SPAN_ARG(buf_span(&text)));
	return NULL;
}

/* The first error, "line:column text"; static storage. */
static inline const char *
first_error(struct loader *loader)
{
	static char line[800];
	struct diags *diags = loader_diags(loader);

	diags_sort(diags);
	for (const struct diag *d = diags->first; d != NULL; d = d->next)
		if (d->severity == SEVERITY_ERROR) {
			(void)snprintf(line, sizeof line, "%u:%u %s",
			    d->loc.line, d->loc.column, d->text);
			return line;
		}
	return "no error";
}

/* A step as one line: number, act, label, octets of its act as C would write
 * them. */
static inline void
step_write(const struct scenario *scenario, const struct step *step,
    struct vars *vars, struct buf *out)
{
	struct talk  talk = { 0 };
	struct buf   bytes = buf_new(2 * (size_t)MIB);
	struct plan  plan = { .vars = vars, .proto = scenario->proto,
		.talk = &talk, .out = &bytes };
	struct want  want = { 0 };
	struct fault fault;

	if (step->group_count > 0) {
		(void)buf_add_text(out, "[");
		for (uint32_t i = 0; i < step->group_count; i++)
			step_write(scenario, &step->group[i], vars, out);
		(void)buf_add_text(out, "]");
		return;
	}
	(void)buf_addf(out, "%u", step->number);
	if (step->conn > 0)
		(void)buf_addf(out, "@%.*s", SPAN_ARG(
		    scenario->conns[step->conn]));
	(void)buf_add_text(out, "=");
	if (step->verb == NULL)
		(void)buf_add_text(out, "expect");
	else if (!step->verb->plan(step->args, &plan, &want, &fault))
		(void)buf_addf(out, "!%s", fault.text);
	else if (want.kind == WANT_WRITE)
		for (size_t i = 0; i < want.bytes.len; i++)
			if (want.bytes.ptr[i] != '\r')
				(void)buf_add_octet(out,
				    want.bytes.ptr[i] == '\n' ? '/' :
				    want.bytes.ptr[i]);
	if (want.kind != WANT_WRITE && step->verb != NULL)
		(void)buf_addf(out, "%s", step->verb->name);
	(void)buf_add_text(out, " ");
	buf_free(&bytes);
}

/* All steps as the source gives them; stopped behind step `stop` (0: never).
 * What is not run has a `-` in front. */
static inline const char *
steps_given(const struct scenario *scenario, uint32_t stop)
{
	static char  text[16384];
	struct buf   out = buf_new(sizeof text);
	struct vars  vars;
	struct fault fault = { 0 };
	struct source *source;
	struct outcome outcome;
	const struct outcome *last = NULL;
	const struct step *step;
	enum next    next = NEXT_STEP;

	vars_init(&vars, scenario->slot_count, 7, scenario->id);
	if (!scenario->open(scenario, &vars, &source, &fault))
		fail_msg("open: %s", fault.text);
	for (uint32_t i = SLOT_ATTEMPT; i < vars.count; i++) {
		struct span there;

		if (!vars_get(&vars, i, &there))
			(void)vars_set(&vars, i, SPAN("250"));
	}
	for (uint32_t i = 1; i < 1000; i++) {
		next = source->next(source, last, &step, &fault);
		if (next == NEXT_FAULT)
			(void)buf_addf(&out, "!%s ", fault.text);
		if (next > NEXT_NOT_RUN)
			break;
		(void)buf_add_text(&out, next == NEXT_NOT_RUN ? "-" : "");
		step_write(scenario, step, &vars, &out);
		outcome = (struct outcome){ .step = step,
		    .result = RESULT_PASS, .began_us = i * 1000 };
		last = &outcome;
		if (i == stop)
			source->stop(source);
	}
	source->close(source);
	vars_free(&vars);
	(void)snprintf(text, sizeof text, "%.*s", SPAN_ARG(buf_span(&out)));
	buf_free(&out);
	return text;
}

#endif
