/* The table of mailboxes and the grammar of recipients that ask for a reply. */
#include "serve/mailbox.h"

const char mailbox_domain[] = "example.test";
static const char *const names[] = { "alice", "bob", "postmaster" };

static bool
take_digits(struct span *in, size_t max)
{
	size_t len = 0;

	while (len < in->len && len < max && in->ptr[len] >= '0' &&
	    in->ptr[len] <= '9')
		len++;
	*in = span_from(*in, len);
	return len > 0;
}

static bool
take_octet(struct span *in, char octet)
{
	if (in->len == 0 || in->ptr[0] != octet)
		return false;
	*in = span_from(*in, 1);
	return true;
}

/* status-code of RFC 3463 2. That its class fits the reply's is the author's
 * business: a mismatch is worth a test. */
static bool
is_enhanced(struct span in)
{
	if (in.len == 0 || strchr("245", in.ptr[0]) == NULL)
		return false;
	return take_digits(&in, 1) && take_octet(&in, '.') &&
	    take_digits(&in, 3) && take_octet(&in, '.') &&
	    take_digits(&in, 3) && in.len == 0;
}

/* ( "reply-" / "after-" ) 3DIGIT [ "-" status-code ] */
static bool
is_asked(struct span local, struct mailbox *out)
{
	struct span rest = span_from(local, 9);
	struct span word = span_sub(local, 0, 6);
	uint64_t    code;

	out->kind = span_eq_nocase(word, SPAN("after-")) ? MAILBOX_AFTER :
	    MAILBOX_ASKED;
	if ((out->kind == MAILBOX_ASKED &&
	    !span_eq_nocase(word, SPAN("reply-"))) ||
	    !span_u64(span_sub(local, 6, 3), &code) || code < 200 || code > 599)
		return false;
	if (take_octet(&rest, '-')) {
		if (!is_enhanced(rest))
			return false;
		memcpy(out->enhanced, rest.ptr, rest.len);
		out->enhanced_len = (uint8_t)rest.len;
	} else if (rest.len > 0) {
		return false;
	}
	out->code = (uint16_t)code;
	return true;
}

static const char *
known(struct span local)
{
	size_t i;

	local = span_sub(local, 0, span_chr(local, '+'));
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (span_eq_nocase(local, span_of(names[i])))
			return names[i];
	return NULL;
}

void
mailbox_find(const struct mailpath *address, struct mailbox *out)
{
	char        room[MAILPATH_LOCAL_MAX];
	struct span local = mailpath_unquote(address->local, room);

	out->enhanced_len = 0;
	if (address->domain.len > 0 &&
	    !span_eq_nocase(address->domain, span_of(mailbox_domain))) {
		out->kind = MAILBOX_FOREIGN;
		return;
	}
	out->name = known(local);
	if (out->name != NULL)
		out->kind = MAILBOX_KNOWN;
	else if (!is_asked(local, out))
		out->kind = MAILBOX_UNKNOWN;
}
