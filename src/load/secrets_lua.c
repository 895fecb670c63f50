/*
 * What a script gives to `auth` literally, found in its text before it runs.
 * The step itself hides its password, but not what comes ahead of it: a note,
 * an error on the same line, a call in a form that never becomes a step. No
 * script is understood here: a text directly behind a key, or alone between
 * two commas, is taken; one that is computed, or comes by a variable, is not.
 * Unlike a guess it is made of files that load, so it hides nothing that is
 * no secret in a call that is right. The same of quoth.smtp's auth.plain() and
 * its like, whose fourth argument it is.
 */
#include "load/secrets.h"

#include "base/limits.h"
#include "model/sasl.h"

enum { CALL_MAX = 4096, BROKEN_MAX = 100, COMMENT_MAX = 1000 };

struct call {
	struct span      text;          /* from the word `auth` on */
	struct redactor *redactor;
	size_t           at;
	uint32_t         depth;         /* brackets that are open */
	uint32_t         table;         /* depth inside of the table of keys; 0:
	                                 * none yet, or it is over */
	bool             had_table;
	uint32_t         index;         /* of the argument, or the item */
	struct span      key;           /* of the item; empty: none */
	bool             fresh;         /* the item's value begins here */
	struct span      last;          /* text in the last position; or empty */
	bool             module;        /* auth.plain(c, t, user, password) */
};

static bool
is_letter(char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= 'A' &&
	    octet <= 'Z') || (octet >= '0' && octet <= '9') || octet == '_';
}

static char
octet_at(const struct call *call, size_t at)
{
	return at < call->text.len ? call->text.ptr[at] : '\0';
}

static size_t
blanks(const struct call *call, size_t at)
{
	while (octet_at(call, at) != '\0' &&
	    strchr(" \t\r\n", octet_at(call, at)) != NULL)
		at++;
	return at;
}

/* With its key where it is too short to be looked for alone. */
static void
literal_hide(struct call *call, struct span value)
{
	const char *from = call->key.len > 0 ? call->key.ptr : call->text.ptr;

	if (value.len == 0)
		return;
	if (value.len < LIMIT_SECRET_MIN)
		value = (struct span){ from,
			(size_t)(value.ptr + value.len - from) };
	if (!redactor_has(call->redactor, value))
		(void)redactor_add(call->redactor, span_is(call->key,
		    "token") ? SPAN("token") : SPAN("password"), value);
}

static bool
key_is_open(struct span key)
{
	static const char *const open[] = { "mechanism", "user", "authzid",
		"initial", "title", "timeout", "level", "on_fail", "secret" };

	for (size_t i = 0; i < sizeof open / sizeof *open; i++)
		if (span_is(key, open[i]))
			return true;
	return false;
}

/* Where the text that begins here ends; its inside. SIZE_MAX: nowhere. */
static size_t
text_end(const struct call *call, struct span *inside)
{
	struct span rest = span_from(call->text, call->at);
	char        close[CALL_MAX];
	size_t      level = 1, end;

	if (rest.ptr[0] != '[') {
		for (end = 1; end < rest.len && rest.ptr[end] != rest.ptr[0];
		    end++)
			end += rest.ptr[end] == '\\';
		if (end >= rest.len)
			return SIZE_MAX;
		*inside = span_sub(rest, 1, end - 1);
		return call->at + end + 1;
	}
	while (level < rest.len && rest.ptr[level] == '=')
		level++;
	if (level >= rest.len || rest.ptr[level] != '[')
		return SIZE_MAX;
	memset(close, '=', level + 1);
	close[0] = close[level] = ']';
	end = span_find(span_from(rest, level + 1),
	    (struct span){ close, level + 1 });
	if (end == SIZE_MAX)
		return SIZE_MAX;
	*inside = span_sub(rest, level + 1, end);
	return call->at + level + 1 + end + level + 1;
}

/* A text alone, or the first piece of several. */
static bool
ends_item(const struct call *call, size_t at)
{
	at = blanks(call, at);
	return at >= call->text.len || strchr(",;})", octet_at(call, at)) !=
	    NULL || (octet_at(call, at) == '.' &&
	    octet_at(call, at + 1) == '.');
}

static void
text_take(struct call *call, struct span inside)
{
	bool in_table = call->depth == call->table;

	if (call->key.len > 0) {
		if (in_table && !key_is_open(call->key))
			literal_hide(call, inside);
	} else if (call->module) {
		if (call->depth == 1 && call->index == 3)
			literal_hide(call, inside);
	} else if (in_table || (!call->had_table && call->depth == 1)) {
		if (call->index > 1)
			literal_hide(call, inside);
		call->last = inside;
	}
}

/* key =, ["key"] = and [1] =; false: it is none. */
static bool
key_take(struct call *call)
{
	bool   bracket = octet_at(call, call->at) == '[';
	size_t from = call->at + bracket, end, behind;

	from += bracket && octet_at(call, from) != '\0' &&
	    strchr("'\"", octet_at(call, from)) != NULL;
	for (end = from; is_letter(octet_at(call, end)); end++)
		;
	behind = end;
	while (bracket && octet_at(call, behind) != '\0' &&
	    strchr("'\"]", octet_at(call, behind)) != NULL)
		behind++;
	behind = blanks(call, behind);
	if (end == from || octet_at(call, behind) != '=' ||
	    octet_at(call, behind + 1) == '=')
		return false;
	call->key = span_sub(call->text, from, end - from);
	call->at = behind + 1;
	return true;
}

static void
bracket_open(struct call *call, char octet)
{
	call->depth++;
	if (octet == '{' && !call->had_table && call->index == 0 &&
	    call->fresh) {
		call->table = call->depth;
		call->had_table = true;
	} else if (call->depth > 1) {
		call->fresh = false;    /* the first one is the call's */
	}
}

static void
bracket_close(struct call *call)
{
	if (call->depth == call->table)
		call->table = 0;
	call->depth--;
	call->fresh = false;
}

static void
item_next(struct call *call)
{
	if (call->depth != 1 && call->depth != call->table)
		return;
	call->index++;
	call->key.len = 0;
	call->fresh = true;
}

/* One word, text or octet; false: the call is over, or is none. */
static bool
call_go(struct call *call)
{
	struct span inside;
	char        octet;
	size_t      end;

	call->at = blanks(call, call->at);
	octet = octet_at(call, call->at);
	if (call->at >= call->text.len)
		return false;
	if (octet == '"' || octet == '\'' || (octet == '[' &&
	    text_end(call, &inside) != SIZE_MAX)) {
		end = text_end(call, &inside);
		if (end == SIZE_MAX)
			return false;
		if (call->fresh && ends_item(call, end))
			text_take(call, inside);
		call->fresh = false;
		call->at = end;
		return call->depth > 0;
	}
	if (call->fresh && call->key.len == 0 && key_take(call))
		return true;
	call->at++;
	if (octet == '(' || octet == '{' || octet == '[') {
		bracket_open(call, octet);
	} else if (octet == ')' || octet == '}' || octet == ']') {
		bracket_close(call);
	} else if (octet == ',' || octet == ';') {
		item_next(call);
	} else if (octet == '-' && octet_at(call, call->at) == '-') {
		while (call->at < call->text.len && octet_at(call, call->at) !=
		    '\n')
			call->at++;
	} else {
		call->fresh = false;
	}
	return call->depth > 0;
}

/* Behind the word: c:auth { ... }, c:auth(...). The octets up to its end; 0: it
 * has none. */
static size_t
call_read(struct span text, size_t behind, bool module,
    struct redactor *redactor)
{
	struct call call = { .text = text, .redactor = redactor,
		.at = behind, .fresh = true, .module = module };

	if (call.text.len > CALL_MAX)
		call.text.len = CALL_MAX;
	behind = blanks(&call, behind);
	if (octet_at(&call, behind) != '(' && (module ||
	    octet_at(&call, behind) != '{'))
		return call.at;
	while (call_go(&call))
		;
	call.key.len = 0;
	if (call.last.len > 0 && sasl_find(call.last) == NULL)
		literal_hide(&call, call.last);
	return call.depth == 0 ? call.at : 0;
}

static bool
in_comment(struct span text, size_t at)
{
	size_t line = at;

	while (line > 0 && at - line < COMMENT_MAX && text.ptr[line - 1] != '\n')
		line--;
	return span_find(span_sub(text, line, at - line), SPAN("--")) !=
	    SIZE_MAX;
}

/* Octets of the name that begins here; 0: it is another one. */
static size_t
name_len(struct span text, size_t at, bool *module)
{
	static const char *const names[] = { "auth.plain", "auth.login",
		"auth.cram_md5", "auth" };
	struct span rest = span_from(text, at), name;
	char        before = at == 0 ? '\0' : text.ptr[at - 1];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		name = span_of(names[i]);
		*module = i < 3;
		if (span_starts(rest, name) && (rest.len == name.len ||
		    !is_letter(rest.ptr[name.len])))
			return before == ':' || before == '.' || (*module &&
			    !is_letter(before)) ? name.len : 0;
	}
	return 0;
}

void
secrets_literals(const struct file *file, struct redactor *redactor)
{
	struct span text = file->text;
	size_t      at = 0, hit, len, read;
	uint32_t    broken = 0;         /* each is read again from its middle */
	bool        module;

	while (broken < BROKEN_MAX && (hit = span_find(span_from(text, at),
	    SPAN("auth"))) != SIZE_MAX) {
		hit += at;
		len = name_len(text, hit, &module);
		at = hit + (len > 0 ? len : 1);
		if (len == 0 || in_comment(text, hit))
			continue;
		read = call_read(span_from(text, hit), len, module, redactor);
		broken += read == 0;
		if (read > len)
			at = hit + read;
	}
}
