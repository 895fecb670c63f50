/* Frames of a worker that are for no run: what its file registered, why it
 * does not load, what it requires, what it prints. */
#include "script/host.h"

#include "script/places/places.h"

static struct node *
scalar_new(struct arena *arena, const char *key, const char *text,
    struct loc loc)
{
	struct node *node = arena_alloc(arena, sizeof *node);

	*node = (struct node){ .kind = NODE_SCALAR, .style = STYLE_SCRIPT,
	    .loc = loc, .key_loc = loc, .key = span_of(key),
	    .text = span_of(text) };
	return node;
}

/* Lua knows the line of the call that registered a table; the text knows
 * where each key of it stands. The nodes are still ours alone. */
static void
places_give(const struct file *file, const struct node *list)
{
	struct outline *outline = places_open(file);

	for (const struct node *map = list->first; map != NULL;
	    map = map->next)
		if (map->loc.file == file)
			(void)places_find(outline, map->loc.line,
			    (struct node *)map);
	places_close(outline);
}

static bool
registers(const struct file *file, const struct node *list)
{
	const struct node *map = list->first;

	while (map != NULL && map->loc.file != file)
		map = map->next;
	return map != NULL;
}

/* What a YAML file with a list of scenarios would be; without any, a map of
 * none of these keys. */
static const struct node *
root_make(struct script *script, const struct node *list, bool module)
{
	struct arena *arena = script->arena;
	struct loc    loc = { .file = script->file, .line = 1 };
	struct node  *root = arena_alloc(arena, sizeof *root);
	struct node  *scenarios = arena_alloc(arena, sizeof *scenarios);
	struct node  *last = NULL;

	*root = (struct node){ .kind = NODE_MAP, .style = STYLE_SCRIPT,
	    .loc = loc };
	*scenarios = *list;
	scenarios->key = SPAN("scenarios");
	scenarios->key_loc = scenarios->loc = loc;
	if (list->count == 0) {
		if (module)
			node_append(root, &last, scalar_new(arena, "module",
			    "true", loc));
		return root;
	}
	node_append(root, &last, scalar_new(arena, "quoth", "1", loc));
	node_append(root, &last, scenarios);
	return root;
}

static void
registered(struct script *script, struct span body)
{
	uint64_t hash = span_hash(body);
	const struct node *list;
	uint64_t module;

	script->loaded = true;
	/* Its file ran again: is it what the scenarios were made of? */
	if (script->diags == NULL) {
		if (hash != script->registered)
			host_end(script, "was started again, and its file "
			    "registered other scenarios than before");
		return;
	}
	script->registered = hash;
	list = value_node(&body, &script->places, false, NULL, script->arena);
	if (list == NULL || list->kind != NODE_LIST ||
	    !take_number(&body, 1, &module) || body.len > 0) {
		host_end(script, "registered what cannot be read");
		return;
	}
	for (uint32_t i = 0; i < script->places.count; i++)
		if (registers(script->files[i], list))
			places_give(script->files[i], list);
	script->root = root_make(script, list, module == 1);
}

/* The word on its line, for the caret; else the whole line. */
static struct loc
word_place(struct loc loc, struct span word)
{
	struct span line = loc_line(loc.file, loc.line);
	size_t      at = word.len == 0 ? SIZE_MAX : span_find(line, word);

	if (at == SIZE_MAX)
		return loc;
	loc = loc_at(loc.file, (size_t)(line.ptr - loc.file->text.ptr) + at);
	loc.width = (uint32_t)word.len;
	return loc;
}

static struct loc
complaint_place(const struct script *script, const struct complaint *c)
{
	struct loc loc = { .file = script->file };

	if (c->file == 0 || c->file > script->places.count)
		return loc;
	loc.file = script->places.files[c->file - 1];
	loc.line = c->line;
	return loc;
}

static void
found(struct script *script, struct span body)
{
	struct complaint complaint;

	if (!take_complaint(&body, &complaint))
		host_end(script, "broke the protocol");
	else if (script->diags != NULL)
		diag_error(script->diags, complaint.kind == COMPLAINT_GLOBAL ?
		    DIAG_ID_global : DIAG_ID_script, word_place(
		    complaint_place(script, &complaint), complaint.traceback),
		    "%.*s", SPAN_ARG(complaint.text));
}

/* "unknown global 'x'": of the word. */
static struct span
global_of(struct span text)
{
	struct span word = span_from(text, SPAN("unknown global '").len);

	if (!span_starts(text, SPAN("unknown global '")))
		return (struct span){ NULL, 0 };
	return span_sub(word, 0, span_chr(word, '\''));
}

static void
refused(struct script *script, struct span body)
{
	struct complaint complaint;
	struct span      global;

	if (!take_complaint(&body, &complaint)) {
		host_end(script, "broke the protocol");
		return;
	}
	script->refused = true;
	if (script->diags == NULL) {
		host_end(script, "was started again, and its file failed");
		return;
	}
	global = global_of(complaint.text);
	diag_error(script->diags, complaint.kind == COMPLAINT_LIMIT ?
	    DIAG_ID_limit : complaint.kind == COMPLAINT_SYNTAX ?
	    DIAG_ID_lua_syntax : global.len > 0 ? DIAG_ID_global :
	    DIAG_ID_script, word_place(complaint_place(script, &complaint),
	    global), "%.*s", SPAN_ARG(complaint.text));
	if (span_chr(complaint.traceback, '\n') != SIZE_MAX ||
	    complaint.file > 1)
		diag_hint(script->diags, "called from:\n%.*s",
		    SPAN_ARG(complaint.traceback));
}

/* A module is read again for each worker; its place in the list is the same
 * when it is known already. */
static uint32_t
module_place(struct script *script, const struct file *file)
{
	for (uint32_t i = 0; i < script->places.count; i++)
		if (strcmp(script->files[i]->name, file->name) == 0)
			return i + 1;
	if (script->places.count == LIMIT_LUA_MODULES)
		return 0;
	script->files[script->places.count++] = file;
	return script->places.count;
}

/* Read once, also where its worker is started again or asks and asks. */
static const struct file *
module_read(struct script *script, struct span name, struct fault *fault)
{
	const struct file *file = map_get(&script->modules, name);

	if (file != NULL)
		return file;
	file = script->library->module(script->library, name, fault);
	if (file != NULL)
		(void)map_add(&script->modules, arena_copy(script->arena,
		    name), (void *)(uintptr_t)file);
	return file;
}

static void
required(struct script *script, const struct frame *frame)
{
	struct span        body = frame->body, name;
	struct fault       fault = { .text = "" };
	const struct file *file;
	uint32_t           place = 0;
	size_t             mark;

	if (!take_bytes(&body, &name)) {
		host_end(script, "broke the protocol");
		return;
	}
	file = module_read(script, name, &fault);
	if (file != NULL && (place = module_place(script, file)) == 0)
		(void)fault_set(&fault, FAULT_LIMIT,
		    "more than %d modules", LIMIT_LUA_MODULES - 1);
	mark = frame_begin(&script->out, FRAME_MODULE, frame->run);
	put_number(&script->out, place);
	put_bytes(&script->out, place == 0 ? name : span_of(file->name));
	put_bytes(&script->out, place == 0 ? span_of(fault.text) :
	    file->text);
	frame_end(&script->out, mark);
	host_flush_soon(script);
}

/* Each costs us something that nobody gives back before the end. */
static bool
says_more(struct script *script)
{
	if (++script->said > SAID_MAX)
		host_end(script, "said too much");
	return script->alive;
}

void
host_frame(struct script *script, const struct frame *frame)
{
	struct span body = frame->body, text;

	switch (frame->kind) {
	case FRAME_REGISTERED:
		registered(script, body);
		return;
	case FRAME_REFUSED:
		refused(script, body);
		return;
	case FRAME_REQUIRE:
		if (says_more(script))
			required(script, frame);
		return;
	case FRAME_FINDING:
		if (says_more(script))
			found(script, body);
		return;
	case FRAME_PRINT:
		if (!says_more(script))
			return;
		/* Said once, however often the file is run. */
		if (script->diags != NULL && take_bytes(&body, &text) &&
		    script->all->options.print != NULL)
			script->all->options.print(script->all->options.who,
			    script->file, text);
		return;
	case FRAME_STEP: case FRAME_DIALOGUE: case FRAME_NOTE: case FRAME_POLL:
	case FRAME_STOPPED: case FRAME_END: case FRAME_SKIP: case FRAME_FAIL:
	case FRAME_ERROR:
		return;         /* of a run that was dropped */
	case FRAME_LOAD: case FRAME_MODULE: case FRAME_START:
	case FRAME_OUTCOME: case FRAME_STOP: case FRAME_DROP:
		break;
	}
	host_end(script, "broke the protocol");
}
