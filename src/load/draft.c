/* A scenario before its rows: parameters, target, protocol, name. */
#include "load/draft.h"

#include "load/text_check.h"

struct build
draft_build(const struct draft *draft, const struct scope *scope)
{
	struct loader *loader = draft->loader;

	return (struct build){ .arena = &loader->arena,
	    .diags = &loader->diags, .scope = scope, .proto = draft->proto,
	    .regexes = loader->regexes, .target = draft->target,
	    .family = loader->options.family,
	    .proxy = loader->options.proxy,
	    .insecure = loader->options.insecure,
	    .tls_check = loader->options.tls_check, .declare = name_declare,
	    .read_file = unit_read_file, .quote = yaml_hint_quote,
	    .redactor = loader->options.redactor };
}

/* The command line's target comes first, then the scenario's. */
static bool
target_read(struct draft *draft)
{
	const struct node *node = key_find(draft->from, "target");
	const struct endpoint *given = draft->loader->options.target;
	struct build  build = draft_build(draft, draft->scope);
	struct endpoint *target;
	struct span   url;
	struct fault  fault;
	bool          late;

	if (given != NULL) {
		draft->target = arena_alloc(build.arena,
		    sizeof *draft->target);
		*draft->target = *given;
	}
	if (node == NULL)
		return true;
	if (!build_text(&build, node, &url, &late))
		return false;
	if (build.late) {
		build_error(&build, node, DIAG_ID_bad_value,
		    "the target must be known before the dialogue starts");
		return false;
	}
	if (late)
		return true;
	target = arena_alloc(build.arena, sizeof *target);
	if (!endpoint_parse(url, build.arena, target, &fault)) {
		build_error(&build, node, DIAG_ID_bad_target, "%s",
		    fault.text);
		return false;
	}
	if (given != NULL)
		return true;
	draft->target = target;
	return true;
}

/* The embedded server speaks what the scenario does. The command line's runs
 * already where it is to speak SMTP. */
static bool
embedded_place(struct draft *draft)
{
	const struct load_options *options = &draft->loader->options;
	struct endpoint *target = draft->target;
	struct fault     fault;

	if (target == NULL || !target->embedded)
		return true;
	target->proto = strcmp(draft->proto->name, "lmtp") == 0 ? "lmtp" :
	    "smtp";
	if (options->embedded == NULL ||
	    options->embedded(options->who, target, &fault))
		return true;
	diag_error(&draft->loader->diags, DIAG_ID_bad_target,
	    (draft->from[0] == NULL ? draft->from[1] : draft->from[0])->loc,
	    "%s", fault.text);
	return false;
}

/* A scenario of one protocol says nothing about a server of another. */
static void
proto_clash(struct draft *draft)
{
	const struct endpoint *target = draft->target;
	const char            *ours = draft->proto->name;

	if (target == NULL || target->proto == NULL || target->embedded ||
	    strcmp(target->proto, ours) == 0 || strcmp(ours, "tcp") == 0 ||
	    strcmp(target->proto, "tcp") == 0)
		return;
	draft->skip = span_of(arena_printf(&draft->loader->arena,
	    "the scenario speaks %s, the target %s", ours, target->proto));
}

static bool
proto_read(struct draft *draft)
{
	const struct node *node = key_find(draft->from, "protocol");
	const char  *words[16];
	size_t       count = 0;
	struct span  name = SPAN("smtp");
	struct build build = draft_build(draft, draft->scope);

	if (draft->target != NULL && draft->target->proto != NULL)
		name = span_of(draft->target->proto);
	if (node != NULL && !build_word(&build, node, "protocol", &name))
		return false;
	draft->proto = proto_find(name);
	if (draft->proto != NULL)
		return true;
	while (proto_rows[count] != NULL && count < 16) {
		words[count] = proto_rows[count]->name;
		count++;
	}
	build_error(&build, node, DIAG_ID_bad_value,
	    "the protocol '%s' is not known", diag_word(build.diags, name));
	diag_hint_nearest(&draft->loader->diags, name, words, count);
	return false;
}

static bool
name_read(struct draft *draft)
{
	const struct node *node = draft->from[0] == NULL ?
	    node_get(draft->from[1], "name") : node_get(draft->from[0], "name");
	const char  *slash = strrchr(draft->unit->file.name, '/');
	struct span  stem = span_of(slash == NULL ? draft->unit->file.name :
	    slash + 1);
	struct build build = draft_build(draft, draft->scope);

	while (stem.len > 1 && stem.ptr[stem.len - 1] != '.')
		stem.len--;
	if (stem.len > 1)
		stem.len--;
	draft->name = stem;
	if (node == NULL && draft->from[0] != NULL) {
		build_error(&build, draft->from[0], DIAG_ID_missing_key,
		    "each of several scenarios needs a name");
		return false;
	}
	if (node == NULL)
		return true;
	if (node->kind == NODE_SCALAR && !yaml_check_text(node, TEXT_LINE,
	    build.diags))
		return false;
	return build_word(&build, node, "the name", &draft->name);
}

static void
target_names(struct draft *draft)
{
	struct arena *arena = &draft->loader->arena;
	struct scope *scope = arena_alloc(arena, sizeof *scope);
	const struct endpoint *target = draft->target;

	scope->up = draft->scope;
	draft->scope = scope;
	if (target == NULL || target->host == NULL) {
		scope_add(scope, arena, SPAN("target.host"), NAME_PENDING);
		scope_add(scope, arena, SPAN("target.port"), NAME_PENDING);
		return;
	}
	scope_add_text(scope, arena, "target.host", span_of(target->host));
	scope_add_text(scope, arena, "target.port",
	    span_of(arena_printf(arena, "%u", target->port)));
}

static bool
params_of(struct draft *draft, const struct node *map)
{
	const struct node *params = map == NULL ? NULL :
	    node_get(map, "params");

	return params == NULL || params_read(draft->loader, params,
	    draft->scope, &draft->missing);
}

bool
draft_read(struct draft *draft)
{
	struct loader *loader = draft->loader;
	struct unit   *unit = draft->unit;
	bool fine;

	draft->scope = arena_alloc(&loader->arena, sizeof *draft->scope);
	draft->scope->up = &loader->builtins;
	draft->params = draft->scope;
	fine = unit->pack == NULL || params_read(loader, unit->pack,
	    draft->scope, &draft->missing);
	fine = params_of(draft, unit->root) && fine;
	fine = params_of(draft, draft->from[0]) && fine;
	fine = target_read(draft) && fine;
	if (!proto_read(draft))
		return false;
	fine = embedded_place(draft) && fine;
	proto_clash(draft);
	draft->broken = !name_read(draft) || !fine;
	draft->given = draft->scope;
	target_names(draft);
	return true;
}

struct draft
draft_for(const struct draft *draft, const struct endpoint *host)
{
	struct arena *arena = &draft->loader->arena;
	struct draft  one = *draft;

	one.target = arena_alloc(arena, sizeof *one.target);
	*one.target = *host;
	one.host = span_of(host->host);
	one.scope = one.given;
	target_names(&one);
	return one;
}
