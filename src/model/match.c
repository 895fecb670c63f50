/*
 * Codes that are accepted, and the table of matchers (match_text.c and
 * match_code.c). A matcher looks at the reply as the protocol parsed it and
 * never changes anything but captures.
 */
#include "model/match.h"

#define MATCHER(name) extern const struct matcher matcher_##name;
#include "model/matchers.h"
#undef MATCHER

const struct matcher *const matcher_rows[] = {
#define MATCHER(name) &matcher_##name,
#include "model/matchers.h"
#undef MATCHER
	NULL
};

bool
accept_code(const struct accept *accepts, uint16_t count, int32_t code)
{
	for (uint16_t i = 0; i < count; i++) {
		if (accepts[i].kind == ACCEPT_ANY)
			return true;
		if (accepts[i].kind == ACCEPT_CODES &&
		    code >= accepts[i].low && code <= accepts[i].high)
			return true;
	}
	return false;
}

bool
accept_has(const struct accept *accepts, uint16_t count, enum accept_kind kind)
{
	for (uint16_t i = 0; i < count; i++)
		if (accepts[i].kind == kind)
			return true;
	return false;
}

static void
list_describe(const char *lead, const struct accept *list, uint16_t count,
    struct buf *out)
{
	for (uint16_t i = 0; i < count; i++) {
		(void)buf_add_text(out, i > 0 ? ", " : out->len > 0 ? "; " : "");
		(void)buf_add_text(out, i == 0 ? lead : "");
		(void)buf_add(out, list[i].text);
	}
}

/* Then no reply is awaited that could be positive. */
static bool
only_shakes(const struct expect *expect)
{
	return expect->shakes && expect->match_count == expect->tls_count &&
	    (expect->tls_count > 0 || expect->tls_failed) &&
	    expect->end_count == 0 && expect->need_count == 0 &&
	    expect->within_ms == 0 && expect->after_ms == 0;
}

void
expect_describe(const struct expect *expect, const struct proto *proto,
    struct buf *out)
{
	(void)proto;
	if (expect->accept_count > 0)
		list_describe("", expect->accepts, expect->accept_count, out);
	else if (expect->never_count == 0 && !only_shakes(expect))
		(void)buf_add_text(out, expect->settles ?
		    "a positive reply (2xx)" : "a positive reply (2xx or 3xx)");
	list_describe("or, as an end, ", expect->ends, expect->end_count, out);
	list_describe("never ", expect->nevers, expect->never_count, out);
	for (uint16_t i = 0; i < expect->match_count; i++) {
		(void)buf_add_text(out, out->len > 0 ? "; " : "");
		expect->matches[i].row->describe(expect->matches[i].args, out);
	}
	if (expect->tls_failed)
		(void)buf_add_text(out, out->len > 0 ? "; a TLS handshake "
		    "that fails" : "a TLS handshake that fails");
	if (expect->within_ms > 0 && !expect->silence)
		(void)buf_addf(out, "; within %u ms", expect->within_ms);
	if (expect->after_ms > 0)
		(void)buf_addf(out, "; not before %u ms", expect->after_ms);
}
