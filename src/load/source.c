/*
 * A program as a source of steps: a straight line, with `eventually` as the
 * only thing to go round, then `always`. One for each attempt; late steps are
 * built here when they are reached, in an arena of the source's own.
 */
#include "load/loader.h"

#include "base/limits.h"
#include "base/mem.h"

enum phase { PHASE_MAIN, PHASE_ALWAYS, PHASE_DONE };

struct program_source {
	struct source         source;   /* first */
	const struct scenario *scenario;
	const struct program  *program;
	struct vars           *vars;
	struct arena           arena;   /* of the late step */
	struct arena           home;    /* of the items, when they are its own */
	uint32_t               base;    /* added to the steps' numbers */
	struct diags           diags;
	enum phase             phase;
	bool                   stopped;
	const struct item     *item;    /* next to give */
	const struct item     *poll;    /* the `eventually` around it, or NULL */
	uint64_t               poll_until_us;
	uint32_t               round;
	uint32_t               pause_ms;        /* before the next step */
	struct step           *step;    /* given last: late, or of a round;
	                                 * NULL: there was none */
};

/* After stop() the rest is only reported; `always` is still done. */
static bool
dropped(const struct program_source *s)
{
	return s->stopped && s->phase == PHASE_MAIN;
}

/* Most programs never need one of their own. */
static struct step *
own_step(struct program_source *s)
{
	if (s->step == NULL)
		s->step = mem_alloc(sizeof *s->step);
	return s->step;
}

static enum next
give(struct program_source *s, const struct step *step,
    const struct step **out)
{
	struct step *own;

	*out = step;
	if (s->base > 0) {
		own = own_step(s);
		*own = *step;
		own->number += s->base;
		*out = step = own;
	}
	if (s->poll != NULL) {
		own = own_step(s);
		*own = *step;
		own->pause_ms = s->pause_ms;
		own->round = s->round;
		own->again_us = dropped(s) ? 0 : s->poll_until_us;
		*out = own;
		s->pause_ms = 0;
	}
	return dropped(s) ? NEXT_NOT_RUN : NEXT_STEP;
}

static enum next
give_late(struct program_source *s, const struct item *item,
    const struct step **out, struct fault *fault)
{
	struct maker maker = *item->maker;
	struct diag *diag;
	uint32_t     steps = item->step.number - (item->step.group != NULL);
	uint32_t     rounds = 0;

	if (dropped(s))
		return give(s, &item->step, out);
	arena_free(&s->arena);
	diags_free(&s->diags);
	maker.build.arena = &s->arena;
	maker.build.diags = &s->diags;
	maker.build.vars = s->vars;
	maker.steps = &steps;
	maker.rounds = &rounds;
	if (step_build(&maker, item->node, own_step(s))) {
		s->step->number = item->step.number;
		return give(s, s->step, out);
	}
	diag = s->diags.first;
	(void)fault_set(fault, FAULT_SCENARIO, "%s", diag == NULL ?
	    "the step could not be made" : diag->text);
	fault->loc = diag == NULL ? item->step.loc : diag->loc;
	*s->step = item->step;
	*out = s->step;
	return NEXT_FAULT;
}

/* Behind the last item of the list that s->item ran through. */
static bool
list_leave(struct program_source *s)
{
	if (s->poll != NULL) {
		s->item = s->poll->next;
		s->poll = NULL;
		return true;
	}
	if (s->phase == PHASE_MAIN) {
		s->phase = PHASE_ALWAYS;
		s->item = s->program->always.first;
		return true;
	}
	s->phase = PHASE_DONE;
	return false;
}

/* A failure that leaves no room for one more round is final. */
static uint64_t
poll_until(const struct item *item, uint64_t now_us)
{
	uint64_t within = (uint64_t)item->within_ms * 1000;
	uint64_t every = (uint64_t)item->every_ms * 1000;

	return within > every ? now_us + within - every : 1;
}

static void
poll_enter(struct program_source *s, const struct item *item, uint64_t now_us)
{
	s->poll = item;
	s->round = 1;
	s->poll_until_us = poll_until(item, now_us);
	s->item = item->inner.first;
}

static void
poll_again(struct program_source *s)
{
	s->item = s->poll->inner.first;
	s->pause_ms = s->poll->every_ms;
	s->round++;
}

static enum next
program_next(struct source *source, const struct outcome *last,
    const struct step **out, struct fault *fault)
{
	struct program_source *s = (struct program_source *)source;

	if (last != NULL && last->result == RESULT_AGAIN && s->poll != NULL &&
	    !dropped(s))
		poll_again(s);
	for (;;) {
		const struct item *item = s->item;

		if (s->phase == PHASE_DONE)
			return NEXT_END;
		if (item == NULL) {
			if (!list_leave(s))
				return NEXT_END;
			continue;
		}
		if (item->kind == ITEM_EVENTUALLY) {
			poll_enter(s, item, source->now_us);
			continue;
		}
		s->item = item->next;
		if (item->kind == ITEM_LATE)
			return give_late(s, item, out, fault);
		return give(s, &item->step, out);
	}
}

static void
program_stop(struct source *source)
{
	((struct program_source *)source)->stopped = true;
}

static void
program_close(struct source *source)
{
	struct program_source *s = (struct program_source *)source;

	arena_free(&s->arena);
	arena_free(&s->home);
	diags_free(&s->diags);
	mem_free(s->step);
	mem_free(s);
}

static bool
assigned(const struct program *program, uint32_t slot)
{
	for (const struct assignment *a = program->first; a != NULL;
	    a = a->next)
		if (a->slot == slot)
			return true;
	return false;
}

/* `vars` are evaluated once and kept over all attempts; the rest is new. */
bool
program_begin(const struct program *program, struct vars *vars,
    struct fault *fault)
{
	struct buf  value = buf_new(LIMIT_EXPANDED);
	struct span there;
	bool        fine = true;

	for (uint32_t i = SLOT_REPLY_CODE; vars->slots != NULL &&
	    i < vars->count; i++)
		if (!assigned(program, i))
			vars->slots[i].set = false;
	for (const struct assignment *a = program->first; fine && a != NULL;
	    a = a->next) {
		if (vars_get(vars, a->slot, &there))
			continue;
		buf_clear(&value);
		fine = template_expand(&a->value, vars, &value, fault) &&
		    (vars_set(vars, a->slot, buf_span(&value)) ||
		    fault_set(fault, FAULT_LIMIT,
		    "a variable is longer than %d KiB", LIMIT_EXPANDED / KIB));
		if (!fine)
			fault->loc = a->value.loc;
	}
	buf_free(&value);
	return fine;
}

static struct program_source *
source_new(const struct scenario *scenario, const struct program *program,
    struct vars *vars)
{
	struct program_source *s = mem_alloc(sizeof *s);

	*s = (struct program_source){ .source = { .next = program_next,
	    .stop = program_stop, .close = program_close },
	    .scenario = scenario, .program = program, .vars = vars,
	    .item = program->steps.first };
	return s;
}

bool
program_open(const struct scenario *scenario, struct vars *vars,
    struct source **source, struct fault *fault)
{
	const struct program *program = scenario->program;

	if (!program_begin(program, vars, fault))
		return false;
	*source = &source_new(scenario, program, vars)->source;
	return true;
}

struct source *
program_always(const struct scenario *scenario, struct vars *vars,
    uint32_t base)
{
	const struct program  *program = scenario->program;
	struct program_source *s;

	if (program->always.first == NULL)
		return NULL;
	s = source_new(scenario, program, vars);
	s->phase = PHASE_ALWAYS;
	s->item = program->always.first;
	s->base = base;
	return &s->source;
}

struct source *
program_dialogue(const struct scenario *scenario, const struct items *items,
    struct vars *vars, struct arena *home)
{
	static const struct program nothing = { .params = NULL };
	struct program_source *s = source_new(scenario, &nothing, vars);

	s->item = items->first;
	s->home = *home;
	return &s->source;
}
