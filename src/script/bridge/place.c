/*
 * Where something stands in the author's files: of an act, of an error. Only
 * chunks named "@..." are the author's; quoth's own modules ("=quoth.smtp")
 * and C functions are passed over, so that the place is the line that called
 * them.
 */
#include "script/bridge/bridge_own.h"

#include "base/mem.h"
#include "base/text.h"

enum { LABEL_LUA = LUA_IDSIZE - 1, LEVELS = 200 };

char *
place_keep(struct span text)
{
	char *copy = mem_alloc(text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

/* As luaO_chunkid() shortens it: messages of Lua start with this. */
static char *
label_make(struct span path)
{
	struct span tail;
	char       *label;

	if (path.len <= LABEL_LUA)
		return place_keep(path);
	tail = span_from(path, path.len - (LABEL_LUA - 3));
	label = mem_alloc(LABEL_LUA + 1);
	memcpy(label, "...", 3);
	memcpy(label + 3, tail.ptr, tail.len);
	return label;
}

void
place_add_file(struct bridge *b, uint32_t number, struct span path)
{
	struct source_file *file;
	char *chunk = mem_alloc(path.len + 2);

	chunk[0] = '@';
	if (path.len > 0)
		memcpy(chunk + 1, path.ptr, path.len);
	b->files = mem_resize(b->files,
	    (b->file_count + 1) * sizeof *b->files);
	file = &b->files[b->file_count++];
	file->number = number;
	file->chunk = span_of(chunk);
	file->label = span_of(label_make(span_from(file->chunk, 1)));
}

static const struct source_file *
file_of(const struct bridge *b, const lua_Debug *ar)
{
	struct span source = { ar->source, ar->srclen };

	if (source.len == 0 || source.ptr[0] != '@')
		return NULL;
	for (uint32_t i = 0; i < b->file_count; i++)
		if (span_eq(b->files[i].chunk, source))
			return &b->files[i];
	return NULL;
}

static struct place
place_seen(struct bridge *b, struct place place)
{
	if (b->current != NULL)
		b->current->seen = place;
	return place;
}

struct place
place_here(struct bridge *b, lua_State *L)
{
	const struct source_file *file;
	lua_Debug ar;

	for (int level = 1; level < LEVELS && lua_getstack(L, level, &ar) != 0;
	    level++) {
		(void)lua_getinfo(L, "Sl", &ar);
		file = file_of(b, &ar);
		if (file != NULL && ar.currentline > 0)
			return place_seen(b, (struct place){ file->number,
				(uint32_t)ar.currentline });
	}
	/* A coroutine whose function is C: what resumed it. */
	if (b->current == NULL)
		return (struct place){ 0, 0 };
	if (b->current->co != L && b->current->co != NULL)
		return place_here(b, b->current->co);
	/* <close> after an error: the author's frames are gone. */
	return b->current->trace != NULL && b->current->trace_place.line > 0 ?
	    b->current->trace_place : b->current->seen;
}

void
place_text(struct bridge *b, struct place place, struct buf *out)
{
	for (uint32_t i = 0; i < b->file_count; i++)
		if (b->files[i].number == place.file && place.file != 0) {
			(void)buf_add(out, b->files[i].label);
			(void)buf_addf(out, ":%u", (unsigned)place.line);
			return;
		}
	(void)buf_add_text(out, "?");
}

struct place
place_cut(struct bridge *b, struct span *text)
{
	for (uint32_t i = 0; i < b->file_count; i++) {
		struct span label = b->files[i].label, digits;
		struct span rest = span_from(*text, label.len + 1);
		size_t      colon = span_chr(rest, ':');
		uint64_t    line;

		if (!span_starts(*text, label) || text->len <= label.len ||
		    text->ptr[label.len] != ':' || colon == SIZE_MAX)
			continue;
		digits = span_sub(rest, 0, colon);
		if (!span_u64(digits, &line) || line > UINT32_MAX)
			continue;
		*text = span_from(rest, colon + 1);
		if (span_starts(*text, SPAN(" ")))
			*text = span_from(*text, 1);
		return (struct place){ b->files[i].number, (uint32_t)line };
	}
	return (struct place){ 0, 0 };
}

/* The scenario's own function: nothing but run_main() called it. */
static bool
is_run(const struct bridge *b, lua_State *L, int level)
{
	lua_Debug ar;

	return b->current != NULL && b->current->co == L &&
	    lua_getstack(L, level + 1, &ar) != 0 &&
	    lua_getstack(L, level + 2, &ar) == 0;
}

static void
trace_name(const struct bridge *b, lua_State *L, int level,
    const lua_Debug *ar, struct buf *out)
{
	if (!ar->istailcall && is_run(b, L, level))
		(void)buf_add_text(out, ": in run");
	else if (ar->namewhat[0] != '\0' && ar->name != NULL)
		(void)buf_addf(out, ": in %s '%.60s'", ar->namewhat, ar->name);
	else if (strcmp(ar->what, "main") == 0)
		(void)buf_add_text(out, ": in the file");
	else
		(void)buf_addf(out, ": in the function at line %d",
		    ar->linedefined);
	if (ar->istailcall)
		(void)buf_add_text(out, ", by a tail call");
}

/* The author's frames, innermost first. */
static void
trace_make(struct bridge *b, lua_State *L, struct buf *out,
    struct place *place)
{
	const struct source_file *file;
	lua_Debug ar;
	int       lines = 0;

	for (int level = 1; level < LEVELS && lines < TRACE_LINES &&
	    lua_getstack(L, level, &ar) != 0; level++) {
		(void)lua_getinfo(L, "Sl", &ar);
		file = file_of(b, &ar);
		if (file == NULL || ar.currentline <= 0)
			continue;
		(void)lua_getinfo(L, "nt", &ar);
		if (lines++ == 0)
			*place = (struct place){ file->number,
				(uint32_t)ar.currentline };
		else
			(void)buf_add_octet(out, '\n');
		(void)buf_add(out, span_from(file->chunk, 1));
		(void)buf_addf(out, ":%d", ar.currentline);
		trace_name(b, L, level, &ar, out);
	}
}

/* Runs where the error was raised, on the stack that will unwind; makes no
 * Lua value and calls no Lua. Gives the error as it is. */
int
place_handler(lua_State *L)
{
	struct bridge *b = bridge_of(L);
	struct run    *run = b->current;
	char         **trace = run != NULL ? &run->trace : &b->load_trace;
	struct place  *place = run != NULL ? &run->trace_place :
	    &b->load_place;

	if (run != NULL && (run->stopped || run->again || run->keep_trace)) {
		run->keep_trace = false;
		return 1;
	}
	buf_clear(&b->text);
	*place = (struct place){ 0, 0 };
	trace_make(b, L, &b->text, place);
	mem_free(*trace);
	*trace = place_keep(buf_span(&b->text));
	return 1;
}
