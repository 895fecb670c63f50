/*
 * What is said after a message. SMTP says one thing; LMTP one for each accepted
 * recipient, in the order of the RCPT commands, duplicates too (RFC 2033 4.2).
 * Until then a line for each is kept: "PATH", or "NNN X.Y.Z PATH" for one that
 * asked for a code (after-NNN). SMTP keeps only those, and the first of them
 * answers for all.
 */
#include "base/limits.h"
#include "serve/guest.h"
#include "serve/mailpath.h"

enum { RESULT_MAX = MAILPATH_PATH_MAX + MAILPATH_LOCAL_MAX + 8 };

bool
results_add(struct guest *guest, struct span path, unsigned code,
    struct span enhanced)
{
	struct buf line = buf_new(RESULT_MAX);
	size_t     before = guest->results.len;
	unsigned   class = code / 100;
	bool       fine;

	if (guest->results.max == 0)
		guest->results = buf_new((size_t)LIMIT_SERVE_RECIPIENTS *
		    RESULT_MAX);
	if (code != 0 && enhanced.len > 0)
		(void)buf_addf(&line, "%u %.*s ", code, SPAN_ARG(enhanced));
	else if (code != 0 && class != 3)
		(void)buf_addf(&line, "%u %u.0.0 ", code, class);
	else if (code != 0)
		(void)buf_addf(&line, "%u ", code);
	(void)buf_add(&line, path);
	(void)buf_add_octet(&line, '\n');
	fine = !line.full && guest_hold(guest, &guest->results,
	    buf_span(&line));
	if (!fine)
		guest->results.len = before;
	buf_free(&line);
	return fine;
}

static bool
is_asked(struct span line)
{
	return !span_starts(line, SPAN("<"));
}

/* Some ask for a code that is no refusal. */
bool
results_wait(const struct guest *guest)
{
	struct span rest = buf_span(&guest->results), line;

	if (!guest->server->lmtp)
		return rest.len == 0 || rest.ptr[0] == '2';
	while (span_word(&rest, "\n", &line))
		if (line.len > 0 && (!is_asked(line) || line.ptr[0] == '2'))
			return true;
	return false;
}

static enum service_next
tell_asked(struct span line, struct buf *out)
{
	buf_add(out, line);
	buf_add(out, SPAN(" asked for this\r\n"));
	return span_starts(line, SPAN("421 ")) ? SERVICE_CLOSE : SERVICE_GO_ON;
}

static enum service_next
tell_each(struct guest *guest, const char *refused, const char *id,
    struct buf *out)
{
	struct span rest = buf_span(&guest->results), line;
	enum service_next next = SERVICE_GO_ON;

	while (span_word(&rest, "\n", &line) && next == SERVICE_GO_ON) {
		if (line.len == 0)
			continue;
		if (refused != NULL)
			next = guest_answer(guest, out, refused);
		else if (is_asked(line))
			next = tell_asked(line, out);
		else
			buf_addf(out, "250 2.0.0 %.*s queued as %s\r\n",
			    SPAN_ARG(line), id);
	}
	return next;
}

enum service_next
results_tell(struct guest *guest, const char *refused, const char *id,
    struct buf *out)
{
	struct span all = buf_span(&guest->results);

	if (guest->server->lmtp)
		return tell_each(guest, refused, id, out);
	if (refused != NULL)
		return guest_answer(guest, out, refused);
	if (all.len > 0)
		return tell_asked(span_sub(all, 0, span_chr(all, '\n')), out);
	buf_addf(out, "250 2.0.0 queued as %s\r\n", id);
	return SERVICE_GO_ON;
}
