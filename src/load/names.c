/*
 * Names that get their value while a scenario runs: `vars`, captures and
 * `set`. Each gets a slot; a name that is there already is an error, because
 * readers of the file would take one for the other.
 */
#include "load/loader.h"
#include "load/look.h"

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

bool
name_check(struct diags *diags, struct loc at, struct span name,
    const char *what)
{
	bool   fine = name.len > 0 && name.len <= 64;
	size_t len = 1;

	for (size_t i = 0; i < name.len && fine; i += len) {
		uint32_t c;

		len = span_utf8(span_from(name, i), &c);
		fine = len > 0 && ((c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || c == '_' || (i > 0 &&
		    ((c >= '0' && c <= '9') || c == '-')) || (c >= 0xc0 &&
		    !look_unseen(c)));
	}
	if (fine)
		return true;
	diag_error(diags, DIAG_ID_key_form, at, "'%s' is no name for %s",
	    diag_word(diags, name), what);
	diag_hint(diags, "letters, digits, _ and -, at most 64, a letter or _ "
	    "first");
	return false;
}

bool
name_built_in(const struct loader *loader, struct span name)
{
	static const char *const made[] = { "scenario", "row", "target.host",
		"target.port" };

	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		if (span_is(name, made[i]))
			return true;
	return scope_find(&loader->builtins, name) != NULL;
}

static bool
taken(struct build *build, const struct node *at, struct span name,
    const char *by)
{
	diag_error(build->diags, DIAG_ID_redefined, at->key_loc,
	    "'%s' is the name of %s already", diag_word(build->diags, name),
	    by);
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
		added->secret = maker->build.secret;
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
	if (!name_check(build->diags, at->key_loc, name, "a variable"))
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
	added->secret = build->secret;
	return hand_out(maker, at, name, *slot);
}

/* Evaluated once, when the scenario begins. */
static bool
var_running(struct maker *maker, const struct node *child, struct name *name,
    const struct template *value)
{
	struct assignment *assignment = arena_alloc(maker->build.arena,
	    sizeof *assignment);

	assignment->value = *value;
	if (!slot_take(maker, child, &assignment->slot))
		return false;
	name->kind = NAME_SLOT;
	name->slot = assignment->slot;
	if (maker->program->last == NULL)
		maker->program->first = assignment;
	else
		maker->program->last->next = assignment;
	maker->program->last = assignment;
	return true;
}

/* A reference to a variable that is too long makes one that is too long: the
 * step that uses it is where the error belongs. */
static bool
names_too_long(const struct scope *scope, struct span text)
{
	size_t at;

	while ((at = span_find(text, SPAN("${"))) != SIZE_MAX) {
		struct span word;
		const struct name *name;

		text = span_from(text, at + 2);
		word = span_sub(text, 0, span_chr(text, '}'));
		word = span_trim(span_sub(word, 0, span_chr(word, '|')));
		name = scope_find(scope, word);
		if (name != NULL && name->kind == NAME_TOO_LONG)
			return true;
	}
	return false;
}

static bool
var_read(struct maker *maker, const struct node *child, struct scope *scope)
{
	struct build reader = maker->build;
	struct template value = { 0 };
	struct name *name;
	bool fine = true;

	reader.scope = scope;
	reader.secret = false;
	if (child->kind != NODE_SCALAR) {
		scope_add(scope, reader.arena, child->key,
		    NAME_STATIC)->list = child;
		return true;
	}
	if (names_too_long(scope, child->text)) {
		(void)scope_add(scope, reader.arena, child->key, NAME_TOO_LONG);
		return true;
	}
	fine = template_parse(&reader, child, TEMPLATE_TEXT, &value);
	/* A name with an error is still a name: one error, not many. */
	name = scope_add(scope, reader.arena, child->key, NAME_PENDING);
	name->secret = reader.secret;
	if (!fine || value.pending)
		return fine;
	if (!template_constant(&value))
		return var_running(maker, child, name, &value);
	name->kind = template_bytes(&value).len > LIMIT_EXPANDED ?
	    NAME_TOO_LONG : NAME_STATIC;
	name->text = template_bytes(&value);
	return true;
}

bool
vars_read(struct maker *maker, const struct node *node, struct scope *scope)
{
	bool fine = true;

	if (!node_is_map(node)) {
		build_error(&maker->build, node, DIAG_ID_wrong_type,
		    "vars must be a map of names and values, not %s",
		    node_kind_name(node));
		return false;
	}
	for (const struct node *child = node->first; child != NULL;
	    child = child->next) {
		if (!name_check(maker->build.diags, child->key_loc, child->key,
		    "a variable"))
			fine = false;
		else if (scope_find(scope, child->key) != NULL)
			fine = taken(&maker->build, child, child->key,
			    "a parameter, variable or built-in");
		else
			fine = var_read(maker, child, scope) && fine;
	}
	return fine;
}
