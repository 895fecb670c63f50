/*
 * What of a secret line is shown: what its protocol says of it (proto->shown),
 * and the length of the rest. What such a line is made of is a secret by
 * itself, wherever else it turns up in the step.
 */
#include "run/record.h"

#include "base/limits.h"
#include "base/secret.h"
#include "model/filter.h"
#include "model/verb.h"

enum { LEARN_MIN = 16 };        /* of a digest: all have more */

static size_t
shown_of(struct span line, const struct event *event, enum mask mask)
{
	const struct proto *proto = event->scenario->proto;

	return proto == NULL || proto->shown == NULL ? 0 :
	    proto->shown(line, mask);
}

/* Of a step of several rounds what asks for more is masked alone; of a step
 * that its author calls secret every reply. */
static enum mask
mask_of(const struct event *event, bool received)
{
	const struct step *step = event->step;

	if (!received)
		return MASK_SENT;
	return step != NULL && !step->secret && step->verb != NULL &&
	    step->verb->continues ? MASK_CHALLENGES : MASK_RECEIVED;
}

void
mask_lines(const struct event *event, struct span bytes, bool received,
    struct buf *out)
{
	enum mask   mask = mask_of(event, received);
	struct span rest = bytes;

	while (rest.len > 0) {
		size_t end = span_chr(rest, '\n');
		size_t used = end == SIZE_MAX ? rest.len : end + 1;
		struct span line = span_sub(rest, 0,
		    end == SIZE_MAX ? rest.len : end);
		size_t keep;

		if (end != SIZE_MAX && span_ends(line, SPAN("\r")))
			line.len--;
		keep = shown_of(line, event, mask);
		(void)buf_add(out, span_sub(line, 0, keep));
		if (line.len > keep)
			(void)buf_addf(out, "<redacted, %zu bytes>",
			    line.len - keep);
		(void)buf_add(out, span_sub(rest, line.len, used - line.len));
		rest = span_from(rest, used);
	}
}

/* What a mechanism made of the credentials: proofs and digests, which a peer
 * could send back in another form. User names are shorter. */
static void
decoded_learn(struct span word, struct redactor *own)
{
	struct buf  plain = buf_new(LIMIT_COMMAND);
	struct span rest, part;
	size_t      equal;

	if (base64_decode(word, &plain)) {
		rest = buf_span(&plain);
		(void)redactor_add(own, SPAN("secret"), rest);
		while (rest.len > 0 && span_word(&rest, " ,\1", &part)) {
			equal = span_chr(part, '=');
			if (equal < part.len / 2)
				part = span_from(part, equal + 1);
			if (part.len >= LEARN_MIN)
				(void)redactor_add(own, SPAN("secret"), part);
		}
	}
	buf_wipe(&plain);
}

void
mask_learn(const struct event *event, struct span bytes, struct redactor *own)
{
	const struct step *step = event->step;
	bool base64 = step != NULL && step->verb != NULL &&
	    step->verb->continues;
	struct span line, word;

	while (bytes.len > 0 && span_word(&bytes, "\r\n", &line)) {
		line = span_from(line, shown_of(line, event, MASK_SENT));
		(void)redactor_add(own, SPAN("secret"), line);
		while (line.len > 0 && span_word(&line, " \t", &word)) {
			(void)redactor_add(own, SPAN("secret"), word);
			if (base64)
				decoded_learn(word, own);
		}
	}
}
