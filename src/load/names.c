/*
 * Names that get their value while a scenario runs: `vars`, captures and
 * `set`. Each gets a slot; a name that is there already is an error, because
 * readers of the file would take one for the other.
 */
#include "load/loader.h"

#include "base/limits.h"

static bool
slot_take(struct maker *maker, const struct node *at, uint32_t *slot)
{
	if (*maker->slots >= LIMIT_SLOTS) {
		build_error(&maker->build, at, DIAG_ID_limit,
		    "more than %d variables in one scenario", LIMIT_SLOTS);
		return false;
	}
	*slot = (*maker->slots)++;
	return true;
}

static bool
word_check(struct build *build, const struct node *at, struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    c == '_' || (i > 0 && ((c >= '0' && c <= '9') || c == '-'));

		if (!word || name.len > 64) {
			diag_error(build->diags, DIAG_ID_key_form,
			    at->key_loc, "'%.*s' is no name for a variable",
			    SPAN_ARG(name));
			diag_hint(build->diags, "letters, digits, _ and -, "
			    "at most 64, a letter first");
			return false;
		}
	}
	return name.len > 0;
}

static bool
taken(struct build *build, const struct node *at, struct span name,
    const char *by)
{
	diag_error(build->diags, DIAG_ID_redefined, at->key_loc,
	    "'%.*s' is the name of %s already", SPAN_ARG(name), by);
	return false;
}

static struct name *
name_in(struct scope *scope, struct span name)
{
	for (struct name *n = scope->first; n != NULL; n = n->next)
		if (span_eq(n->name, name))
			return n;
	return NULL;
}

/* A loop comes by the same `use` again: it sets the same slots again. */
static const struct name *
same_site(const struct frame *frame, struct span name)
{
	for (; frame->up != NULL; frame = frame->up) {
		const struct name *n = name_in(frame->up->captures, name);

		if (n != NULL && n->by == frame->site)
			return n;
	}
	return NULL;
}

static bool
hand_out(struct maker *maker, const struct node *at, struct span name,
    uint32_t slot)
{
	for (const struct frame *f = maker->frame; f->up != NULL; f = f->up) {
		struct scope *outer = f->up->captures;
		const struct name *there = scope_find(outer, name);
		struct name *added;

		if (there != NULL && there->by == f->site)
			continue;
		if (there != NULL)
			return taken(&maker->build, at, name,
			    "something in the dialogue that uses this one");
		added = scope_add(outer, maker->build.arena, name, NAME_SLOT);
		added->slot = slot;
		added->by = f->site;
	}
	return true;
}

bool
name_declare(struct build *build, const struct node *at, struct span name,
    uint32_t *slot)
{
	struct maker *maker = (struct maker *)build;
	const struct name *there = name_in(maker->frame->captures, name);
	struct name *added;

	if (there != NULL) {
		*slot = there->slot;
		return true;
	}
	if (!word_check(build, at, name))
		return false;
	if (scope_find(build->scope, name) != NULL)
		return taken(build, at, name,
		    "a parameter, variable or built-in");
	there = same_site(maker->frame, name);
	if (there != NULL)
		*slot = there->slot;
	else if (!slot_take(maker, at, slot))
		return false;
	added = scope_add(maker->frame->captures, build->arena, name,
	    NAME_SLOT);
	added->slot = *slot;
	added->by = at;
	return hand_out(maker, at, name, *slot);
}

static bool
var_read(struct maker *maker, const struct node *child, struct scope *scope)
{
	struct build reader = maker->build;
	struct template value;
	struct assignment *assignment;
	struct name *name;

	reader.scope = scope;
	if (child->kind != NODE_SCALAR) {
		const struct node *list = child;

		if (list->kind != NODE_LIST && list->kind != NODE_MAP)
			return false;
		name = scope_add(scope, maker->build.arena, child->key,
		    NAME_STATIC);
		name->list = child;
		return true;
	}
	if (!template_parse(&reader, child, TEMPLATE_TEXT, &value))
		return false;
	if (template_constant(&value)) {
		if (template_bytes(&value).len > LIMIT_EXPANDED) {
			build_error(&maker->build, child, DIAG_ID_limit,
			    "the value of '%.*s' is longer than %d KiB",
			    SPAN_ARG(child->key), LIMIT_EXPANDED / KIB);
			return false;
		}
		scope_add(scope, maker->build.arena, child->key,
		    NAME_STATIC)->text = template_bytes(&value);
		return true;
	}
	if (value.pending) {
		scope_add(scope, maker->build.arena, child->key, NAME_PENDING);
		return true;
	}
	assignment = arena_alloc(maker->build.arena, sizeof *assignment);
	assignment->value = value;
	if (!slot_take(maker, child, &assignment->slot))
		return false;
	name = scope_add(scope, maker->build.arena, child->key, NAME_SLOT);
	name->slot = assignment->slot;
	if (maker->program->last == NULL)
		maker->program->first = assignment;
	else
		maker->program->last->next = assignment;
	maker->program->last = assignment;
	return true;
}

bool
vars_read(struct maker *maker, const struct node *node, struct scope *scope)
{
	bool fine = true;

	if (node->kind != NODE_MAP) {
		build_error(&maker->build, node, DIAG_ID_wrong_type,
		    "vars must be a map of names and values, not %s",
		    node_kind_name(node));
		return false;
	}
	for (const struct node *child = node->first; child != NULL;
	    child = child->next) {
		if (!word_check(&maker->build, child, child->key))
			fine = false;
		else if (scope_find(scope, child->key) != NULL)
			fine = taken(&maker->build, child, child->key,
			    "a parameter, variable or built-in");
		else
			fine = var_read(maker, child, scope) && fine;
	}
	return fine;
}
