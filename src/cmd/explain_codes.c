/*
 * Reply codes, enhanced codes and their classes, out of the tables of every
 * protocol. A code that no table has is still read by its digits, as a client
 * would do (RFC 5321 4.2.1); a number that cannot be a code is not explained.
 */
#include "cmd/explain.h"

#include "base/text.h"
#include "model/proto.h"

static const char *const first_digits[] = {
	[2] = "2yz: done. The command did what it was asked to.",
	[3] = "3yz: go on. The server waits for more lines of this command.",
	[4] = "4yz: not now. The same command may succeed later.",
	[5] = "5yz: no. The same command will fail again.",
};

static const char *const second_digits[] = {
	[0] = "x0z: syntax of commands, or commands that are not there.",
	[1] = "x1z: information, such as help.",
	[2] = "x2z: the connection.",
	[3] = "x3z: not specified; used for authentication.",
	[4] = "x4z: not specified.",
	[5] = "x5z: the mail system and its mailboxes.",
};

static const char *const classes[] = {
	[2] = "2.y.z: done.",
	[4] = "4.y.z: not now. The same may succeed later.",
	[5] = "5.y.z: no. Something must change before another try.",
};

static const char *const subjects[] = {
	"x.0.z: other.", "x.1.z: addresses.", "x.2.z: the mailbox.",
	"x.3.z: the mail system of the destination.",
	"x.4.z: network and routing.", "x.5.z: the dialogue itself.",
	"x.6.z: the content or its encoding.", "x.7.z: security and policy.",
};

#define COUNT(rows) (sizeof rows / sizeof rows[0])

static bool
is_digit(char octet)
{
	return octet >= '0' && octet <= '9';
}

static bool
is_any(char octet)
{
	return octet == 'x' || octet == 'X';
}

static void
row_write(struct span name, const struct code_row *row, struct buf *out)
{
	explain_head(out, name, row->summary);
	explain_part(out, "source", row->source);
	explain_part(out, "causes", row->causes);
	explain_part(out, "try", row->advice);
}

static const struct code_row *
code_of_proto(const struct proto *proto, int32_t code)
{
	return proto->explain_code == NULL ? NULL : proto->explain_code(code);
}

/* Row number `at` of those that the protocols have for this code; protocols
 * that share a table count once. */
static const struct code_row *
code_row(int32_t code, size_t at)
{
	for (size_t i = 0; proto_rows[i] != NULL; i++) {
		const struct code_row *row = code_of_proto(proto_rows[i], code);

		for (size_t j = 0; j < i && row != NULL; j++)
			if (code_of_proto(proto_rows[j], code) == row)
				row = NULL;
		if (row != NULL && at-- == 0)
			return row;
	}
	return NULL;
}

static const struct code_row *
enhanced_row(uint32_t enhanced)
{
	const struct code_row *row = NULL;

	for (size_t i = 0; proto_rows[i] != NULL && row == NULL; i++)
		if (proto_rows[i]->explain_enhanced != NULL)
			row = proto_rows[i]->explain_enhanced(enhanced);
	return row;
}

static void
by_digits(struct span word, struct buf *out)
{
	size_t a = (size_t)(word.ptr[0] - '0'), b = (size_t)(word.ptr[1] - '0');

	explain_head(out, word, "no document and no server that is known here "
	    "defines this code");
	explain_part(out, "source", "RFC 5321 4.2.1");
	explain_part(out, "class", first_digits[a]);
	if (b < COUNT(second_digits))
		explain_part(out, "digits", second_digits[b]);
}

/* "550" */
bool
explain_code(struct span word, struct buf *out)
{
	const struct code_row *row;
	uint64_t code;
	size_t   at = 0;

	if (word.len != 3 || !span_u64(word, &code))
		return false;
	for (; (row = code_row((int32_t)code, at)) != NULL; at++)
		row_write(word, row, out);
	if (at > 0)
		return true;
	if (code < 200 || code > 599)
		return false;
	by_digits(word, out);
	return true;
}

static void
list_code(int32_t code, struct buf *out)
{
	const struct code_row *row;

	for (size_t at = 0; (row = code_row(code, at)) != NULL; at++)
		page_entry(out, row->code, 12, row->summary);
}

/* "5xx", "55x" */
static bool
class_of_code(struct span word, struct buf *out)
{
	int32_t low, high;
	size_t  a;

	if (word.len != 3 || word.ptr[0] < '2' || word.ptr[0] > '5' ||
	    !is_any(word.ptr[2]) ||
	    (!is_any(word.ptr[1]) && !is_digit(word.ptr[1])))
		return false;
	a = (size_t)(word.ptr[0] - '0');
	low = (int32_t)a * 100;
	high = low + 99;
	if (is_digit(word.ptr[1])) {
		low += (word.ptr[1] - '0') * 10;
		high = low + 9;
	}
	explain_head(out, word, "a class of reply codes (RFC 5321 4.2.1)");
	explain_part(out, "class", first_digits[a]);
	if (is_digit(word.ptr[1]) && word.ptr[1] <= '5')
		explain_part(out, "digits", second_digits[word.ptr[1] - '0']);
	for (int32_t code = low; code <= high; code++)
		list_code(code, out);
	return true;
}

/* One number of an enhanced code: digits, or x. */
struct part { uint32_t value; bool any; };

/* "5.7.x" into its three parts. */
static bool
parts_read(struct span word, struct part parts[3])
{
	struct span rest = word, text;
	size_t      count = 0;

	while (span_word(&rest, ".", &text)) {
		uint64_t value = 0;
		bool     any = text.len == 1 && is_any(text.ptr[0]);

		if (count == 3 || (!any && (text.len > 3 ||
		    !span_u64(text, &value))))
			return false;
		parts[count++] = (struct part){ (uint32_t)value, any };
	}
	return count == 3;
}

static void
list_enhanced(uint32_t class, uint32_t subject, struct buf *out)
{
	for (uint32_t detail = 0; detail <= 999; detail++) {
		const struct code_row *row =
		    enhanced_row(ENHANCED(class, subject, detail));

		if (row != NULL)
			page_entry(out, row->code, 12, row->summary);
	}
}

/* "5.7.x", "5.x.x", "x.7.x": what is common, then the codes of the subject */
static bool
class_of_enhanced(struct span word, struct buf *out)
{
	struct part part[3];
	uint32_t    class;

	if (!parts_read(word, part) || !part[2].any ||
	    (part[1].any && part[0].any) ||
	    (!part[1].any && part[1].value >= COUNT(subjects)))
		return false;
	class = part[0].any ? 5 : part[0].value;
	if (class >= COUNT(classes) || classes[class] == NULL)
		return false;
	explain_head(out, word, "a class of enhanced codes (RFC 3463 2)");
	if (!part[0].any)
		explain_part(out, "class", classes[class]);
	if (!part[1].any) {
		explain_part(out, "subject", subjects[part[1].value]);
		list_enhanced(class, part[1].value, out);
		return true;
	}
	for (size_t i = 0; i < COUNT(subjects); i++)
		explain_part(out, "subject", subjects[i]);
	return true;
}

bool
explain_class(struct span word, struct buf *out)
{
	return class_of_code(word, out) || class_of_enhanced(word, out);
}

/* "5.7.1", "x.7.1" */
bool
explain_enhanced(struct span word, struct buf *out)
{
	struct part part[3];
	uint32_t    enhanced;
	const struct code_row *row;

	if (!parts_read(word, part) || part[1].any || part[2].any)
		return false;
	enhanced = part[0].any ?
	    ENHANCED(5, part[1].value, part[2].value) : enhanced_parse(word);
	if (enhanced == 0)
		return false;
	row = enhanced_row(enhanced);
	if (row != NULL)
		row_write(word, row, out);
	else if (part[1].value < COUNT(subjects))
		explain_head(out, word, "not in the registry of enhanced "
		    "codes; read as far as it is known");
	else
		return false;
	if (!part[0].any)
		explain_part(out, "class", classes[ENHANCED_CLASS(enhanced)]);
	explain_part(out, "subject", subjects[part[1].value]);
	return true;
}

void
explain_table(struct buf *out)
{
	buf_add_text(out, "Reply codes\n");
	for (int32_t code = 0; code <= 999; code++)
		list_code(code, out);
	buf_add_text(out, "\nEnhanced codes\n");
	for (uint32_t subject = 0; subject < COUNT(subjects); subject++)
		list_enhanced(5, subject, out);
	buf_add_text(out, "\nFlaws of a reply\n");
	for (enum flaw flaw = FLAW_NONE + 1; flaw < FLAW_COUNT; flaw++)
		page_entry(out, flaw_rows[flaw].word, 20, flaw_rows[flaw].text);
	buf_add_octet(out, '\n');
	page_wrap(out, "quoth explain WORD tells more about each of them, and "
	    "about SMTP commands, EHLO keywords and the keys of scenarios.",
	    0, 0);
}
