/* A context for the readers of model/: names, slots, diagnostics. */
#ifndef QUOTH_TESTS_BUILD_FAKE_H
#define QUOTH_TESTS_BUILD_FAKE_H

#include "check.h"

#include "base/limits.h"
#include "load/yaml.h"
#include "model/build.h"
#include "model/regex.h"
#include "model/vars.h"

extern const struct proto proto_smtp, proto_tcp;

struct fake {
	struct build build;     /* first */
	struct arena arena;
	struct diags diags;
	struct scope scope;
	struct vars  vars;
	struct file  file;
	uint32_t     slots;
};

static inline bool
fake_declare(struct build *build, const struct node *at, struct span name,
    uint32_t *slot)
{
	struct fake *fake = (struct fake *)build;

	(void)at;
	*slot = fake->slots++;
	scope_add(&fake->scope, &fake->arena, name, NAME_SLOT)->slot = *slot;
	return true;
}

/* Known: text "t", words "a b", list [x, y]; a slot "slot" with "v.1". */
static inline void
fake_open(struct fake *fake)
{
	*fake = (struct fake){ .slots = SLOT_OWN + 1 };
	fake->build = (struct build){ .arena = &fake->arena,
		.diags = &fake->diags, .scope = &fake->scope,
		.proto = &proto_smtp, .regexes = regex_set_new(),
		.declare = fake_declare };
	scope_add_text(&fake->scope, &fake->arena, "text", SPAN("t"));
	scope_add_text(&fake->scope, &fake->arena, "words", SPAN("a b"));
	scope_add_text(&fake->scope, &fake->arena, "odd", SPAN("a.b|$\n\\"));
	scope_add(&fake->scope, &fake->arena, SPAN("slot"), NAME_SLOT)->slot =
	    SLOT_OWN;
	(void)scope_add(&fake->scope, &fake->arena, SPAN("none"),
	    NAME_PENDING);
	scope_add(&fake->scope, &fake->arena, SPAN("fresh"),
	    NAME_FRESH)->fresh = FRESH_RANDOM;
	vars_init(&fake->vars, 100, 1, SPAN("id"));
	assert_true(vars_set(&fake->vars, SLOT_OWN, SPAN("v.1")));
}

static inline void
fake_close(struct fake *fake)
{
	vars_free(&fake->vars);
	regex_set_free(fake->build.regexes);
	diags_free(&fake->diags);
	arena_free(&fake->arena);
}

/* The value of "k: " and the text. */
static inline const struct node *
fake_node(struct fake *fake, const char *text)
{
	const struct node *root;

	fake->file = (struct file){ "f.yaml", span_of(arena_printf(
	    &fake->arena, "k: %s\n", text)) };
	root = yaml_read(&fake->file, &fake->arena, &fake->diags);
	if (root == NULL)
		fail_msg("no YAML: %s", text);
	return node_get(root, "k");
}

#endif
