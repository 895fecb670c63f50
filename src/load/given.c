/*
 * After loading: values given to nobody, and parameters that nobody gave a
 * value. Both are about the scenarios that were selected.
 */
#include "load/loader.h"

enum { WORDS_MAX = 256 };
struct words { const char *list[WORDS_MAX]; size_t count; };

/* Does the scope declare it? Else its names may be what was meant. */
static bool
scope_declares(struct loader *loader, const struct scope *scope,
    struct span name, struct words *words)
{
	for (const struct name *n = scope == NULL ? NULL : scope->first;
	    n != NULL; n = n->next) {
		if (span_eq(n->name, name))
			return true;
		if (words->count < WORDS_MAX)
			words->list[words->count++] = arena_cstr(
			    &loader->arena, n->name);
	}
	return false;
}

static bool
is_declared(struct loader *loader, const struct scenario *scenario,
    struct span name, struct words *words)
{
	const struct program *program = scenario->program;

	if (scope_declares(loader, program->params, name, words))
		return true;
	for (const struct visited *v = program->visited; v != NULL;
	    v = v->next)
		if (scope_declares(loader, &v->params, name, words))
			return true;
	return false;
}

void
loader_check_given(struct loader *loader,
    const struct scenario *const *selected, uint32_t count)
{
	for (struct given *given = loader->givens; given != NULL;
	    given = given->next) {
		struct words words = { .count = 0 };
		bool         found = given->from != GIVEN_DEFINE;

		for (uint32_t i = 0; i < count && !found; i++)
			found = is_declared(loader, selected[i], given->name,
			    &words);
		if (found)
			continue;
		diag_error(&loader->diags, DIAG_ID_parameter, (struct loc){
		    .file = NULL }, "-D %.*s: no selected scenario has a "
		    "parameter of that name", SPAN_ARG(given->name));
		diag_hint_nearest(&loader->diags, given->name, words.list,
		    words.count);
	}
}

void
loader_check_missing(struct loader *loader,
    const struct scenario *const *selected, uint32_t count)
{
	struct map  said = { 0 };

	for (uint32_t i = 0; i < count; i++)
		for (const struct missing *m = selected[i]->missing;
		    m != NULL; m = m->next) {
			const char *key = arena_printf(&loader->arena,
			    "%s:%u:%u", m->loc.file->name, m->loc.line,
			    m->loc.column);

			if (!map_add(&said, span_of(key), (void *)&said))
				continue;
			diag_error(&loader->diags, DIAG_ID_parameter, m->loc,
			    "the %s '%s' has no value%s%.*s",
			    m->secret ? "secret" : "parameter",
			    diag_word(&loader->diags, m->name),
			    m->about.len > 0 ? ": " : "", SPAN_ARG(m->about));
			if (m->secret)
				diag_hint(&loader->diags, "set %s in the "
				    "environment, or --secrets FILE",
				    params_variable(loader, "QUOTH_SECRET_",
				    m->name));
			else
				diag_hint(&loader->diags, "-D %.*s=VALUE",
				    SPAN_ARG(m->name));
		}
	map_free(&said);
}
