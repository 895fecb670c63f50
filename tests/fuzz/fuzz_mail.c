/*
 * Any octets as a header field and as an attachment: what is counted is what is
 * written, a field is lines of its own and never ends the header, and no part
 * holds its boundary. The first octets choose.
 */
#include "model/mail.h"

#include "base/limits.h"
#include "base/mem.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Octets of the value are in it, but for the CRLF of its folds. */
static void
field(struct span value, enum mail_text how)
{
	struct buf  out = buf_new(MIB);
	struct span rest, line;
	bool        plain = span_chr(value, '\r') == SIZE_MAX &&
	    span_chr(value, '\n') == SIZE_MAX;
	bool        blank = true;

	if (!plain || mail_field_wrong(SPAN("To"), value, how) != NULL) {
		(void)mail_field(SPAN("To"), value, how, &out);
		buf_free(&out);
		return;
	}
	must(mail_field(SPAN("To"), value, how, &out));
	must(span_ends(buf_span(&out), SPAN("\r\n")));
	rest = span_sub(buf_span(&out), 0, out.len - 2);
	for (int i = 0; span_word(&rest, "\n", &line); i++) {
		bool last = rest.ptr == NULL || rest.len == 0;

		must(last || span_ends(line, SPAN("\r")));
		must(i == 0 || line.ptr[0] == ' ' || line.ptr[0] == '\t');
		blank = span_trim(span_sub(line, 0, line.len -
		    span_ends(line, SPAN("\r")))).len == 0;
		must(!blank);
		for (size_t at = 0; how == MAIL_ASCII && at < line.len; at++)
			must((unsigned char)line.ptr[at] < 0x80);
		if (last)
			break;
	}
	buf_free(&out);
}

static void
whole(struct mail_sink *sink, struct span text, const struct mail_part *part,
    struct span head)
{
	mail_lines(sink, text);
	mail_bytes(sink, head);
	mail_part_body(sink, part);
}

static void
part(struct span text, struct span bytes, enum mail_coding coding, bool stuffs)
{
	struct mail_part part = { .name = span_sub(bytes, 0, 40),
	    .type = SPAN("a/b"), .bytes = bytes, .coding = coding };
	struct mail_sink count = mail_sink(NULL, stuffs), sink;
	struct buf head = buf_new(MIB);
	char boundary[MAIL_BOUNDARY + 1], *to;
	struct span made;

	mail_boundary(text, &part, 1, boundary);
	must(span_find(text, span_of(boundary)) == SIZE_MAX);
	must(mail_part_head(&part, MAIL_ASCII, boundary, &head));
	whole(&count, text, &part, buf_span(&head));
	to = mem_alloc((size_t)count.len + 1);
	sink = mail_sink(to, stuffs);
	whole(&sink, text, &part, buf_span(&head));
	must(sink.len == count.len && sink.plain == count.plain);
	must(count.plain <= count.len && (stuffs || count.plain == count.len));
	made = (struct span){ to, (size_t)count.len };
	must(!stuffs || span_find(made, SPAN("\n.\r\n")) == SIZE_MAX);
	made = span_from(made, span_find(made, span_of(boundary)) +
	    MAIL_BOUNDARY);
	must(span_find(made, span_of(boundary)) == SIZE_MAX);
	mem_free(to);
	buf_free(&head);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = { (const char *)data, size };
	size_t      cut;

	if (size < 2 || size > 64 * KIB)
		return 0;
	in = span_from(in, 2);
	field(in, (enum mail_text)(data[0] % 3));
	cut = in.len * data[1] / 255;
	part(span_sub(in, 0, cut), span_from(in, cut),
	    (enum mail_coding)(data[0] / 3 % MAIL_CODINGS), data[0] >= 128);
	return 0;
}
