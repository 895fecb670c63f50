/*
 * XCLIENT and XFORWARD, as Postfix has them: a proxy tells whose connection it
 * passes on. Every client of this server may: it relays nothing and trusts
 * nobody. The address that XCLIENT names stands in Received from then on, and
 * the talk begins anew (220, EHLO); XFORWARD is checked and forgotten.
 *
 *   command   = ( "XCLIENT" / "XFORWARD" ) 1*( SP name "=" value )
 *   value     = xtext                                      ; RFC 3461 4
 */
#include "base/mem.h"
#include "serve/auth.h"

#include <arpa/inet.h>

enum { VALUE_MAX = 255, OF_XCLIENT = 1, OF_XFORWARD = 2 };
enum value { VALUE_TEXT, VALUE_ADDRESS, VALUE_PORT, VALUE_PROTO, VALUE_SOURCE };

static const struct attribute {
	const char *name;
	uint8_t     of, value;
} attributes[] = {
	{ "NAME", OF_XCLIENT | OF_XFORWARD, VALUE_TEXT },
	{ "ADDR", OF_XCLIENT | OF_XFORWARD, VALUE_ADDRESS },
	{ "PORT", OF_XCLIENT | OF_XFORWARD, VALUE_PORT },
	{ "PROTO", OF_XCLIENT | OF_XFORWARD, VALUE_PROTO },
	{ "HELO", OF_XCLIENT | OF_XFORWARD, VALUE_TEXT },
	{ "LOGIN", OF_XCLIENT, VALUE_TEXT },
	{ "DESTADDR", OF_XCLIENT, VALUE_ADDRESS },
	{ "DESTPORT", OF_XCLIENT, VALUE_PORT },
	{ "IDENT", OF_XFORWARD, VALUE_TEXT },
	{ "SOURCE", OF_XFORWARD, VALUE_SOURCE },
};
enum { ATTRIBUTES = sizeof attributes / sizeof attributes[0] };

/* "+2B" is one octet; a "+" alone, a blank and a control are no xtext. */
static bool
xtext_decode(struct span in, char out[VALUE_MAX + 1])
{
	size_t len = 0;

	if (in.len == 0 || in.len > VALUE_MAX)
		return false;
	for (size_t i = 0; i < in.len; i++) {
		int high, low;

		if (in.ptr[i] <= ' ' || in.ptr[i] == '=' || in.ptr[i] == 127)
			return false;
		out[len] = in.ptr[i];
		if (in.ptr[i] == '+') {
			high = i + 2 < in.len ? span_hex(in.ptr[i + 1]) : -1;
			low = i + 2 < in.len ? span_hex(in.ptr[i + 2]) : -1;
			if (high < 0 || low < 0 || (high == 0 && low == 0))
				return false;
			out[len] = (char)(high << 4 | low);
			i += 2;
		}
		len++;
	}
	out[len] = '\0';
	return true;
}

static bool
is_address(const char *text)
{
	unsigned char room[16];

	if (span_eq_nocase(span_sub(span_of(text), 0, 5), SPAN("IPV6:")))
		return inet_pton(AF_INET6, text + 5, room) == 1;
	return inet_pton(AF_INET, text, room) == 1;
}

static bool
value_fits(enum value kind, const char *text)
{
	struct span word = span_of(text);
	uint64_t    port;

	if (span_eq_nocase(word, SPAN("[UNAVAILABLE]")) ||
	    (kind == VALUE_TEXT && span_eq_nocase(word, SPAN("[TEMPUNAVAIL]"))))
		return true;
	switch (kind) {
	case VALUE_TEXT:
		return true;
	case VALUE_ADDRESS:
		return is_address(text);
	case VALUE_PORT:
		return span_u64(word, &port) && port <= UINT16_MAX;
	case VALUE_PROTO:
		return span_eq_nocase(word, SPAN("SMTP")) ||
		    span_eq_nocase(word, SPAN("ESMTP")) ||
		    span_eq_nocase(word, SPAN("LMTP"));
	case VALUE_SOURCE:
		return span_eq_nocase(word, SPAN("LOCAL")) ||
		    span_eq_nocase(word, SPAN("REMOTE"));
	}
	return false;
}

static const struct attribute *
attribute_find(struct span name, uint8_t of)
{
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if ((attributes[i].of & of) != 0 &&
		    span_eq_nocase(name, span_of(attributes[i].name)))
			return &attributes[i];
	return NULL;
}

/* NULL, or the reply that refuses. `client`: what ADDR said, or empty. */
static const char *
read_all(struct span arg, uint8_t of, char client[VALUE_MAX + 1])
{
	struct span word;

	while (span_word(&arg, " ", &word)) {
		size_t at = span_chr(word, '=');
		char   value[VALUE_MAX + 1];
		const struct attribute *row;

		if (word.len == 0)
			continue;
		row = at == SIZE_MAX ? NULL :
		    attribute_find(span_sub(word, 0, at), of);
		if (row == NULL)
			return "501 5.5.4 No such attribute";
		if (!xtext_decode(span_from(word, at + 1), value) ||
		    !value_fits((enum value)row->value, value))
			return "501 5.5.4 Bad value of an attribute";
		if (strcmp(row->name, "ADDR") == 0)
			memcpy(client, value, strlen(value) + 1);
	}
	return NULL;
}

enum service_next
xclient_run(struct guest *guest, struct span arg, struct buf *out)
{
	char        client[VALUE_MAX + 1] = "";
	const char *refusal = read_all(arg, OF_XCLIENT, client);

	if (guest->phase > PHASE_READY)
		refusal = "503 5.5.1 A transaction is under way";
	if (refusal != NULL)
		return guest_answer(guest, out, refusal);
	if (guest->server->keeps && client[0] != '\0') {
		mem_free(guest->client);
		guest->client = mem_alloc(strlen(client) + 1);
		memcpy(guest->client, client, strlen(client) + 1);
	}
	guest_reset(guest);
	auth_forget(guest);
	guest->phase = PHASE_NEW;
	buf_add(out, buf_span(&guest->server->banner));
	return SERVICE_GO_ON;
}

enum service_next
xclient_forward(struct guest *guest, struct span arg, struct buf *out)
{
	char        client[VALUE_MAX + 1] = "";
	const char *refusal = read_all(arg, OF_XFORWARD, client);

	if (guest->phase > PHASE_READY)
		refusal = "503 5.5.1 A transaction is under way";
	return guest_answer(guest, out, refusal != NULL ? refusal :
	    "250 2.0.0 OK");
}
