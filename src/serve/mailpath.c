/*
 * A cursor over borrowed bytes; each function takes one production of the
 * grammar in mailpath.h off its front, or returns false. No backtracking, so
 * the time is linear in a path that is at most a command line long.
 */
#include "serve/mailpath.h"

#include <arpa/inet.h>

struct cursor {
	struct span in;
	size_t      at;
	bool        utf8;
};

static int
peek(const struct cursor *cursor)
{
	return cursor->at < cursor->in.len ?
	    (unsigned char)cursor->in.ptr[cursor->at] : -1;
}

static bool
take(struct cursor *cursor, char octet)
{
	if (peek(cursor) != (unsigned char)octet)
		return false;
	cursor->at++;
	return true;
}

/* One character that is not ASCII. */
static bool
take_utf8(struct cursor *cursor)
{
	size_t len;

	if (peek(cursor) < 0x80)
		return false;
	len = span_utf8(span_from(cursor->in, cursor->at), NULL);
	cursor->at += len;
	cursor->utf8 = cursor->utf8 || len > 0;
	return len > 0;
}

static bool
is_alnum(int octet)
{
	return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
	    (octet >= 'A' && octet <= 'Z');
}

/* atext of RFC 5322 3.2.3. */
static bool
is_atext(int octet)
{
	return is_alnum(octet) || (octet > 0 && octet < 0x80 &&
	    strchr("!#$%&'*+-/=?^_`{|}~", octet) != NULL);
}

static bool
take_atom(struct cursor *cursor)
{
	size_t from = cursor->at;

	for (;;) {
		if (is_atext(peek(cursor)))
			cursor->at++;
		else if (!take_utf8(cursor))
			return cursor->at > from;
	}
}

static bool
take_dot_string(struct cursor *cursor)
{
	do {
		if (!take_atom(cursor))
			return false;
	} while (take(cursor, '.'));
	return true;
}

static bool
take_quoted(struct cursor *cursor)
{
	if (!take(cursor, '"'))
		return false;
	while (!take(cursor, '"')) {
		bool pair = take(cursor, '\\');
		int  octet = peek(cursor);

		if (octet >= ' ' && octet <= '~')
			cursor->at++;
		else if (pair || !take_utf8(cursor))
			return false;
	}
	return true;
}

static bool
take_local(struct cursor *cursor, struct span *local)
{
	size_t from = cursor->at;
	bool   good = peek(cursor) == '"' ? take_quoted(cursor) :
	    take_dot_string(cursor);

	*local = span_sub(cursor->in, from, cursor->at - from);
	return good && local->len <= MAILPATH_LOCAL_MAX;
}

/* sub-domain = Let-dig [Ldh-str] / U-label: hyphens inside only. */
static bool
take_label(struct cursor *cursor)
{
	size_t from = cursor->at;

	if (peek(cursor) == '-')
		return false;
	for (;;) {
		if (is_alnum(peek(cursor)) || peek(cursor) == '-')
			cursor->at++;
		else if (!take_utf8(cursor))
			break;
	}
	return cursor->at > from && cursor->at - from <= MAILPATH_LABEL_MAX &&
	    cursor->in.ptr[cursor->at - 1] != '-';
}

static bool
take_domain(struct cursor *cursor)
{
	size_t from = cursor->at;

	do {
		if (!take_label(cursor))
			return false;
	} while (take(cursor, '.'));
	return cursor->at - from <= MAILPATH_DOMAIN_MAX;
}

static bool
is_ip(int family, struct span text)
{
	char          zero[INET6_ADDRSTRLEN];
	unsigned char octets[16];

	if (text.len >= sizeof zero || span_chr(text, '\0') != SIZE_MAX)
		return false;
	memcpy(zero, text.ptr, text.len);
	zero[text.len] = '\0';
	return inet_pton(family, zero, octets) == 1;
}

/* Standardized-tag ":" 1*dcontent */
static bool
is_general(struct span text)
{
	size_t colon = span_chr(text, ':');
	size_t i;

	if (colon == SIZE_MAX || colon == 0 || colon + 1 == text.len)
		return false;
	for (i = 0; i < colon; i++)
		if (!is_alnum((unsigned char)text.ptr[i]) &&
		    (text.ptr[i] != '-' || i + 1 == colon))
			return false;
	for (i = colon + 1; i < text.len; i++)
		if (text.ptr[i] < '!' || text.ptr[i] > '~' ||
		    text.ptr[i] == '[' || text.ptr[i] == '\\')
			return false;
	return true;
}

static bool
take_literal(struct cursor *cursor)
{
	struct span text = span_from(cursor->in, cursor->at);
	size_t      end = span_chr(text, ']');

	if (peek(cursor) != '[' || end == SIZE_MAX || end > MAILPATH_DOMAIN_MAX)
		return false;
	cursor->at += end + 1;
	text = span_sub(text, 1, end - 1);
	if (text.len > 5 && span_eq_nocase(span_sub(text, 0, 5), SPAN("IPv6:")))
		return is_ip(AF_INET6, span_from(text, 5));
	return is_ip(AF_INET, text) || is_general(text);
}

static bool
take_mailbox(struct cursor *cursor, struct mailpath *out)
{
	size_t from;

	if (!take_local(cursor, &out->local) || !take(cursor, '@'))
		return false;
	from = cursor->at;
	if (peek(cursor) == '[' ? !take_literal(cursor) : !take_domain(cursor))
		return false;
	out->domain = span_sub(cursor->in, from, cursor->at - from);
	return true;
}

/* A source route: checked, then forgotten (RFC 5321 appendix C). */
static bool
take_route(struct cursor *cursor)
{
	do {
		if (!take(cursor, '@') || !take_domain(cursor))
			return false;
	} while (take(cursor, ','));
	return take(cursor, ':');
}

static bool
take_inner(struct cursor *cursor, enum mailpath_kind kind, struct mailpath *out)
{
	struct span next = span_sub(cursor->in, cursor->at, 11);

	if (kind == MAILPATH_REVERSE && peek(cursor) == '>')
		return true;
	if (kind == MAILPATH_FORWARD &&
	    span_eq_nocase(next, SPAN("postmaster>"))) {
		out->local = span_sub(next, 0, 10);
		cursor->at += out->local.len;
		return true;
	}
	if (peek(cursor) == '@' && !take_route(cursor))
		return false;
	return take_mailbox(cursor, out);
}

size_t
mailpath_read(struct span in, enum mailpath_kind kind, struct mailpath *out)
{
	struct cursor cursor = { .in = in };

	*out = (struct mailpath){ .local = { in.ptr, 0 },
		.domain = { in.ptr, 0 } };
	if (!take(&cursor, '<') || !take_inner(&cursor, kind, out) ||
	    !take(&cursor, '>') || cursor.at > MAILPATH_PATH_MAX)
		return 0;
	out->path = span_sub(in, 0, cursor.at);
	out->utf8 = cursor.utf8;
	return cursor.at;
}

bool
mailpath_mailbox(struct span in, struct mailpath *out)
{
	struct cursor cursor = { .in = in };

	*out = (struct mailpath){ .path = in };
	if (!take_mailbox(&cursor, out) || cursor.at != in.len ||
	    in.len > MAILPATH_PATH_MAX - 2)
		return false;
	out->utf8 = cursor.utf8;
	return true;
}

bool
mailpath_domain(struct span in)
{
	struct cursor cursor = { .in = in };

	return take_domain(&cursor) && cursor.at == in.len;
}

struct span
mailpath_unquote(struct span local, char *room)
{
	size_t i, len = 0;

	if (local.len < 2 || local.ptr[0] != '"')
		return local;
	for (i = 1; i + 1 < local.len && len < MAILPATH_LOCAL_MAX; i++) {
		if (local.ptr[i] == '\\')
			i++;
		room[len++] = local.ptr[i];
	}
	return (struct span){ room, len };
}
