/*
 * A file that cannot be read has no schema yet: nobody knows which of its
 * values are secrets, and the lines under its errors would show them. So its
 * text is guessed at, word by word: what stands behind a key that sounds like
 * a secret (password, passwd, pwd, api_token, my_secret, also mistyped), and
 * behind each `default` of a file that has a `secret` anywhere. YAML's colons
 * and Lua's equal signs are the same to it.
 *
 * A guess hides too much rather than too little: it is made for the diagnostics
 * of a file that does not load, and no file that loads asks for one. What it
 * cannot find is a secret behind a key of any other name.
 */
#include "load/secrets.h"

#include "base/limits.h"

struct guess {
	struct span      text;
	struct redactor *redactor;
	bool             defaults;      /* `default` is a key to look for */
	bool             any;
};

/* One key, and the line that it stands on. */
struct found {
	size_t key, value;              /* octets of the text; value: behind the
	                                 * separator and its blanks */
	size_t end;                     /* of the line */
	size_t indent;                  /* of the line */
	bool   equals;                  /* '=' and not ':' */
};

static bool
is_word(char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= 'A' &&
	    octet <= 'Z') || (octet >= '0' && octet <= '9') ||
	    octet == '_' || octet == '-' || octet == '.' ||
	    ((unsigned char)octet & 0x80) != 0;
}

static bool
has_nocase(struct span in, struct span what)
{
	for (size_t i = 0; i + what.len <= in.len; i++)
		if (span_eq_nocase(span_sub(in, i, what.len), what))
			return true;
	return false;
}

static bool
sounds_secret(const struct guess *guess, struct span key)
{
	static const char *const parts[] = { "pass", "pasw", "pwd", "tok",
		"secret" };
	static const char *const whole[] = { "password" };

	if (span_is(key, "default"))
		return guess->defaults;
	if (span_is(key, "auth"))       /* a list or a text, where a map belongs */
		return true;
	if (span_is(key, "secret") || key.len < 3 || key.len > 100)
		return false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (has_nocase(key, span_of(parts[i])))
			return true;
	return span_nearest(key, whole, 1) != NULL;
}

/* With its key where it is too short to be looked for alone. */
static void
hide(struct guess *guess, const struct found *found, struct span value)
{
	static const char *const plain[] = { "true", "false", "null", "${" };

	value = span_trim(value);
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (span_is(value, plain[i]))
			return;
	if (value.len == 0)
		return;
	guess->any = true;
	if (value.len < LIMIT_SECRET_MIN) {
		const char *from = guess->text.ptr + found->key;

		value = (struct span){ from,
			(size_t)(value.ptr + value.len - from) };
	}
	(void)redactor_add(guess->redactor, SPAN("password"), value);
}

/* What a message may quote of it alone. */
static void
hide_pieces(struct guess *guess, const struct found *found,
    struct span value)
{
	struct span rest = value, piece;

	hide(guess, found, value);
	while (span_word(&rest, " \t,:#&*!%@`|>'\"{}[]", &piece))
		if (piece.len >= LIMIT_SECRET_MIN)
			hide(guess, found, piece);
}

/* The closing quote, or SIZE_MAX. */
static size_t
quote_end(struct span in)
{
	for (size_t i = 1; i < in.len; i++) {
		if (in.ptr[0] == '"' && in.ptr[i] == '\\')
			i++;
		else if (in.ptr[i] != in.ptr[0])
			continue;
		else if (in.ptr[0] == '\'' && i + 1 < in.len &&
		    in.ptr[i + 1] == '\'')
			i++;
		else
			return i;
	}
	return SIZE_MAX;
}

/* Is `in` a comma, and a key with its separator, or the end? */
static bool
is_next_key(struct span in, bool equals)
{
	size_t at = 1;

	if (in.len == 0 || in.ptr[0] != ',')
		return false;
	while (at < in.len && (in.ptr[at] == ' ' || in.ptr[at] == '\t'))
		at++;
	if (at == in.len)
		return true;
	while (at < in.len && is_word(in.ptr[at]))
		at++;
	while (equals && at < in.len && in.ptr[at] == ' ')
		at++;
	return at > 1 && at < in.len && in.ptr[at] == (equals ? '=' : ':');
}

/* A value without quotes, in or out of { }. */
static struct span
plain_value(struct span rest, bool equals)
{
	size_t len = 0;

	while (len < rest.len && !is_next_key(span_from(rest, len), equals))
		len++;
	rest = span_trim(span_sub(rest, 0, len));
	while (rest.len > 0 && strchr("}],", rest.ptr[rest.len - 1]) != NULL)
		rest = span_trim(span_sub(rest, 0, rest.len - 1));
	return rest;
}

static bool
is_reference(struct span value)
{
	return span_starts(value, SPAN("${")) &&
	    span_chr(value, '}') + 1 == value.len;
}

/* The lines below that stand deeper: of a block, or of a text that goes on. */
static void
hide_below(struct guess *guess, const struct found *found, bool block)
{
	struct span rest = span_from(guess->text, found->end), line;

	(void)span_word(&rest, "\n", &line);
	while (span_word(&rest, "\n", &line)) {
		struct span text = line;
		size_t      indent;

		if (span_ends(text, SPAN("\r")))
			text.len--;
		text = span_trim(text);
		indent = (size_t)(text.ptr - line.ptr);
		if (text.len == 0)
			continue;
		if (indent <= found->indent)
			return;
		if (block || span_find(text, SPAN(": ")) == SIZE_MAX)
			hide(guess, found, text);
	}
}

static void
hide_quoted(struct guess *guess, const struct found *found, struct span rest)
{
	size_t      end = quote_end(rest);
	struct span behind;

	if (end == SIZE_MAX) {
		hide_pieces(guess, found, span_from(rest, 1));
		hide_below(guess, found, true);
		return;
	}
	hide(guess, found, span_sub(rest, 1, end - 1));
	behind = span_trim(span_from(rest, end + 1));
	/* A quote too many: where the value ends nobody knows. */
	if (behind.len > 0 && strchr(",}]#);", behind.ptr[0]) == NULL)
		hide_pieces(guess, found, span_from(rest, 1));
}

static void
value_hide(struct guess *guess, const struct found *found)
{
	struct span rest = span_sub(guess->text, found->value,
	    found->end - found->value), value;

	if (rest.len == 0 || rest.ptr[0] == '|' || rest.ptr[0] == '>') {
		hide_below(guess, found, rest.len > 0);
		return;
	}
	if (rest.ptr[0] == '"' || rest.ptr[0] == '\'') {
		hide_quoted(guess, found, rest);
		return;
	}
	/* A map, whose keys come next; in Lua, a name. */
	if (rest.ptr[0] == '{' || (found->equals && rest.ptr[0] != '['))
		return;
	value = plain_value(rest, found->equals);
	if (is_reference(value))
		return;
	hide_pieces(guess, found, value);
	hide_below(guess, found, false);
}

/* Behind the word that ends at `at`: quotes, blanks, a separator, blanks. */
static bool
separator(const struct guess *guess, size_t at, struct found *found)
{
	struct span text = guess->text;
	bool quoted = at < text.len && (text.ptr[at] == '"' ||
	    text.ptr[at] == '\'');

	at += quoted;
	if (at < text.len && text.ptr[at] == ']')       /* ["password"] */
		at++;
	while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
		at++;
	if (at >= text.len || (text.ptr[at] != ':' && text.ptr[at] != '='))
		return false;
	found->equals = text.ptr[at] == '=';
	if (found->equals && at + 1 < text.len && text.ptr[at + 1] == '=')
		at++;
	found->end = at + 1 + span_chr(span_from(text, at + 1), '\n');
	if (found->end < at + 1 || found->end > text.len)
		found->end = text.len;
	if (found->end > at + 1 && text.ptr[found->end - 1] == '\r')
		found->end--;
	for (at++; at < found->end && (text.ptr[at] == ' ' ||
	    text.ptr[at] == '\t'); at++)
		;
	found->value = at;
	return true;
}

bool
secrets_guess(const struct file *file, struct redactor *redactor)
{
	struct guess guess = { .text = file->text, .redactor = redactor,
		.defaults = span_find(file->text, SPAN("secret")) != SIZE_MAX };
	size_t line = 0, at = 0, start;

	while (at < guess.text.len) {
		struct found found = { 0 };

		if (guess.text.ptr[at] == '\n')
			line = at + 1;
		if (!is_word(guess.text.ptr[at])) {
			at++;
			continue;
		}
		for (start = at; at < guess.text.len &&
		    is_word(guess.text.ptr[at]); at++)
			;
		if (!sounds_secret(&guess, (struct span){
		    guess.text.ptr + start, at - start }) ||
		    !separator(&guess, at, &found))
			continue;
		found.key = start;
		while (line + found.indent < start &&
		    guess.text.ptr[line + found.indent] == ' ')
			found.indent++;
		value_hide(&guess, &found);
	}
	return guess.any;
}
